"""What a plan's map shows, as tables in km: branches, stations, projects, measures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gridplan.report.geography import Array, Geography
from gridplan.study.tables import shares_of

if TYPE_CHECKING:
    import pypsa

    from gridplan.portfolio.plan import Plan
    from gridplan.study.study import Study


@dataclass(frozen=True)
class Features:
    """Everything that is drawn over the outlines.

    Parameters
    ----------
    branches : pandas.DataFrame
        One row per drawn line (parallel circuits are one): kv, basis, loading_pu, path (km),
        planned (whether a reinforcement adds or changes it).
    stations : pandas.DataFrame
        Index station: x, y (km), kv (highest), inside, municipality, planned (whether a
        reinforcement adds or changes something in it), loading_pu of its transformers (NaN without
        any).
    projects : pandas.DataFrame
        Index name, in the order of their numbers: number, mw, chosen, x, y (km).
    savings : pandas.DataFrame
        Stations where measures reduce load: x, y (km), mw.
    ratings : pandas.DataFrame
        Middles of the lines whose rating measures raise: x, y (km).
    """

    branches: pd.DataFrame
    stations: pd.DataFrame
    projects: pd.DataFrame
    savings: pd.DataFrame
    ratings: pd.DataFrame


def features_of(plan: Plan, geography: Geography, loading_pu: pd.Series) -> Features:
    """Collect what the map shows.

    Parameters
    ----------
    plan : Plan
        The result to draw.
    geography : Geography
        Positions.
    loading_pu : pandas.Series
        Highest loading by branch (per unit).

    Returns
    -------
    Features
    """
    lines = _with_basis(plan.network.c.lines.static).assign(
        kv=lambda table: geography.buses.loc[table["bus0"], "kv"].to_numpy(),
        path=geography.paths,
    )
    lines["loading_pu"] = loading_pu.reindex(lines.index).fillna(0.0)
    planned = planned_in(plan.study)
    lines["planned"] = lines.index.isin(planned)
    return Features(
        branches=_drawn_once(lines),
        stations=_stations(plan.network, geography, loading_pu, planned),
        projects=_projects(plan.by_project, geography),
        savings=_savings(plan, geography),
        ratings=_ratings(plan.measures, lines, plan.network, geography),
    )


def planned_in(study: Study) -> pd.Index:
    """Names of the branches and buses that the reinforcements in service add or change."""
    rows = study.reinforcements[study.reinforcements.index.isin(study.in_service)]
    buses = rows.loc[rows["action"] == "add bus", "bus0"]
    branches = rows.loc[rows["action"].isin(["add line", "add transformer", "rate"]), "branch"]
    return pd.Index(pd.concat([buses, branches]))


def _with_basis(table: pd.DataFrame) -> pd.DataFrame:
    known = table["basis"] if "basis" in table else pd.Series("", index=table.index)
    return table.assign(basis=known.fillna("").astype(str))


def _drawn_once(lines: pd.DataFrame) -> pd.DataFrame:
    """Draw parallel circuits on one path as one line, in the colour of the most loaded."""
    columns = ["kv", "basis", "loading_pu", "path", "planned"]
    if lines.empty:
        return lines.reindex(columns=columns)
    course = [tuple(np.sort(path.round(1).ravel())) for path in lines["path"]]
    lines = lines.assign(course=course)
    lines["planned"] = lines.groupby(["course", "kv"])["planned"].transform("any")
    ordered = lines.sort_values("loading_pu", ascending=False, kind="stable")
    return ordered.drop_duplicates(["course", "kv"])[columns]


def _stations(
    network: pypsa.Network, geography: Geography, loading_pu: pd.Series, planned: pd.Index
) -> pd.DataFrame:
    """One row per station, with its highest voltage and the loading of its transformers."""
    buses = geography.buses.assign(municipality="", planned=geography.buses.index.isin(planned))
    if "municipality" in network.c.buses.static:
        buses["municipality"] = network.c.buses.static["municipality"].fillna("").astype(str)
    stations = buses.groupby("station", sort=True).agg(
        x=("x", "mean"),
        y=("y", "mean"),
        kv=("kv", "max"),
        inside=("inside", "any"),
        municipality=("municipality", "first"),
        planned=("planned", "any"),
    )
    transformers = network.c.transformers.static
    at = geography.buses.loc[transformers["bus0"], "station"].to_numpy()
    stations["planned"] |= stations.index.isin(at[transformers.index.isin(planned)])
    loading = loading_pu.reindex(transformers.index).fillna(0.0)
    return stations.assign(loading_pu=loading.groupby(at).max().reindex(stations.index))


def _projects(projects: pd.DataFrame, geography: Geography) -> pd.DataFrame:
    """Give the projects numbers, chosen and large ones first, and their site or bus as place."""
    order = projects.assign(name_=projects.index).sort_values(
        ["chosen", "mw", "name_"], ascending=[False, False, True]
    )
    table = order[["mw", "chosen"]].assign(number=range(1, len(order) + 1))
    table[["x", "y"]] = geography.buses.loc[order["bus"], ["x", "y"]].to_numpy()
    if geography.plane is not None and {"lon", "lat"} <= set(order):
        sited = order["lon"].notna() & order["lat"].notna()
        if sited.any():
            xy = geography.points(order.loc[sited, "lon"], order.loc[sited, "lat"])
            table.loc[sited, ["x", "y"]] = xy
    return table


def _savings(plan: Plan, geography: Geography) -> pd.DataFrame:
    """Add up the MW that measures and symbioses save at each station."""
    saved: dict[str, float] = {}
    measures = plan.measures[(plan.measures["units"] > 0) & (plan.measures["kind"] == "load")]
    symbioses = plan.symbioses[plan.symbioses["chosen"] & (plan.symbioses["mw"] > 0)]
    for measure in pd.concat([measures, symbioses.assign(units=1)]).itertuples():
        for bus, share in shares_of(measure.buses).items():
            station = geography.buses.loc[bus, "station"]
            saved[station] = saved.get(station, 0.0) + share * measure.mw * measure.units
    places = geography.buses.groupby("station")[["x", "y"]].mean().reindex(sorted(saved))
    return places.assign(mw=pd.Series(saved, dtype=float).reindex(places.index))


def _ratings(
    measures: pd.DataFrame, lines: pd.DataFrame, network: pypsa.Network, geography: Geography
) -> pd.DataFrame:
    """Middle of every branch whose rating is raised; a transformer's is its station."""
    raised = measures[(measures["units"] > 0) & (measures["kind"] == "rating")]["branch"]
    at_bus = network.c.transformers.static["bus0"]
    middles = [
        middle_of(lines.loc[branch, "path"])
        if branch in lines.index
        else geography.buses.loc[at_bus[branch], ["x", "y"]].to_numpy(float)
        for branch in sorted(set(raised))
    ]
    return pd.DataFrame(np.reshape(middles, (-1, 2)), columns=["x", "y"])


def middle_of(path: Array) -> Array:
    """Point half-way along a path of shape (n, 2)."""
    along = np.concatenate([[0.0], np.hypot(*np.diff(path, axis=0).T).cumsum()])
    return np.array([np.interp(along[-1] / 2, along, path[:, axis]) for axis in (0, 1)])


def points_along(path: Array, step: float) -> Array:
    """Points on a path at most `step` apart, shape (m, 2), in the units of the path."""
    along = np.concatenate([[0.0], np.hypot(*np.diff(path, axis=0).T).cumsum()])
    at = np.linspace(0.0, along[-1], max(2, int(np.ceil(along[-1] / step)) + 1))
    return np.column_stack([np.interp(at, along, path[:, axis]) for axis in (0, 1)])
