"""What a map shows, as tables in km: branches, stations with their marks, projects."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gridplan.exports import style
from gridplan.exports.classes import Classes, loading_classes
from gridplan.exports.geography import Array, Geography
from gridplan.study.tables import shares_of

if TYPE_CHECKING:
    import pypsa

    from gridplan.portfolio.plan import Plan
    from gridplan.study.study import Study

LOOK = ["value", "colour", "level", "top"]
PLAIN = (0.62, 0.8)  # mm, half the width of a mark without figure, on the overview and close
MARK_GAP = 2.3  # mm between the marks of two voltages of a station
SQUARE_FROM, DIAMOND_FROM = 100.0, 220.0  # kV
NEARLY_FULL = 3  # class of loading from which a branch lies on top of the others


def _points(**columns: str) -> pd.DataFrame:
    types = {"x": "float64", "y": "float64", **columns}
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in types.items()})


@dataclass(frozen=True)
class Features:
    """Everything that is drawn over the outlines.

    Parameters
    ----------
    branches : pandas.DataFrame
        One row per drawn line (parallel circuits are one): kv, basis, path (km), planned (whether a
        reinforcement adds or changes it), value (what its colour tells), colour, level (the higher
        lies over the lower) and top (lies over all voltages).
    stations : pandas.DataFrame
        Index station: x, y (km), kv (highest), inside, municipality, planned (whether a
        reinforcement adds or changes something in it), label (figures written beside it).
    marks : pandas.DataFrame
        What is drawn at the stations: station, x, y (km), shift (mm to the right), shape (dot,
        circle, square, diamond), colour, planned, value.
    projects : pandas.DataFrame
        Index name, in the order of their numbers: number, mw, chosen, x, y (km), and colour where
        it tells more than chosen or not.
    savings : pandas.DataFrame
        Stations where measures reduce load: x, y (km), mw.
    ratings : pandas.DataFrame
        Middles of the lines whose rating measures raise: x, y (km).
    badges : pandas.DataFrame
        Numbers that a list explains: number, x, y (km), colour.
    mark_mm : (float, float)
        Half the width of a mark, on the overview and in the inset.
    """

    branches: pd.DataFrame
    stations: pd.DataFrame
    marks: pd.DataFrame
    projects: pd.DataFrame = field(default_factory=lambda: _points(mw="float64", chosen="bool"))
    savings: pd.DataFrame = field(default_factory=lambda: _points(mw="float64"))
    ratings: pd.DataFrame = field(default_factory=_points)
    badges: pd.DataFrame = field(default_factory=lambda: _points(number="int64", colour="str"))
    mark_mm: tuple[float, float] = PLAIN

    @property
    def plain(self) -> bool:
        """Whether the marks of the stations carry no figures."""
        return self.mark_mm == PLAIN


def features_of(plan: Plan, geography: Geography, loading_pu: pd.Series) -> Features:
    """Collect what the map of a plan shows.

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
    grid = loading_features(plan.study, plan.network, geography, loading_pu)
    lines = plan.network.c.lines.static.assign(path=geography.paths)
    return Features(
        branches=grid.branches,
        stations=grid.stations,
        marks=grid.marks,
        projects=_projects(plan.by_project, geography),
        savings=_savings(plan, geography),
        ratings=_ratings(plan.measures, lines, plan.network, geography),
    )


def loading_features(
    study: Study, network: pypsa.Network, geography: Geography, loading_pu: pd.Series
) -> Features:
    """Lines and transformers in the colour of their loading (per unit, by branch)."""
    classes = loading_classes(study.settings)
    level = loading_pu.fillna(0.0).map(classes.position).astype(int)
    look = pd.DataFrame(
        {
            "value": loading_pu.fillna(0.0),
            "colour": level.map(dict(enumerate(classes.colours))),
            "level": level,
            "top": level >= NEARLY_FULL,
        }
    )
    stations = stations_of(study, network, geography)
    marks = _transformer_marks(stations, network, geography, loading_pu, classes)
    branches = branches_of(study, network, geography, look, classes.colours[0])
    return Features(branches, stations, marks)


def branches_of(
    study: Study, network: pypsa.Network, geography: Geography, look: pd.DataFrame,
    otherwise: str = style.NEUTRAL,
) -> pd.DataFrame:  # fmt: skip
    """Lines as `Features.branches` holds them.

    Parameters
    ----------
    study : Study
        Says which reinforcements are in service.
    network : pypsa.Network
        With the lines.
    geography : Geography
        Positions.
    look : pandas.DataFrame
        value, colour, level and top by branch.
    otherwise : str
        Colour of lines that it does not name.

    Returns
    -------
    pandas.DataFrame
    """
    lines = _with_basis(network.c.lines.static).assign(
        kv=lambda table: geography.buses.loc[table["bus0"], "kv"].to_numpy(),
        path=geography.paths,
    )
    lines[LOOK] = look.reindex(lines.index)[LOOK]
    plain = {"value": 0.0, "colour": otherwise, "level": 0, "top": False}
    lines = lines.fillna(plain).astype({"level": int, "top": bool})
    lines["planned"] = lines.index.isin(planned_in(study))
    return _drawn_once(lines)


def bus_marks(
    geography: Geography, values: pd.Series, classes: Classes, *, kv: float | None = None
) -> pd.DataFrame:
    """One mark per bus in the colour of its figure; those of a station side by side.

    Parameters
    ----------
    geography : Geography
        Positions and voltages.
    values : pandas.Series
        Figures by bus; buses without one get a small dot.
    classes : Classes
        Colours.
    kv : float, optional
        Only buses of this voltage have figures.

    Returns
    -------
    pandas.DataFrame
        As `Features.marks`, the lowest voltage of a station first.
    """
    buses = geography.buses.assign(value=values.reindex(geography.buses.index))
    if kv is not None:
        buses["value"] = buses["value"].where(buses["kv"] == kv)
    some = buses["value"].notna()
    with_figure = buses["station"].isin(buses.loc[some, "station"])
    dots = buses[~with_figure].drop_duplicates("station")
    buses = pd.concat([buses[some], dots]).sort_values(["station", "kv"], kind="stable")
    at = buses.groupby("station")
    middle = geography.buses.groupby("station")[["x", "y"]].mean().loc[buses["station"]]
    count = at["kv"].transform("size")
    known = buses["value"].notna()
    return pd.DataFrame(
        {
            "station": buses["station"],
            "x": middle["x"].to_numpy(),
            "y": middle["y"].to_numpy(),
            "shift": MARK_GAP * (at.cumcount() - (count - 1) / 2),
            "shape": buses["kv"].map(shape_of).where(known, "dot"),
            "colour": [
                classes.colour(value) if some else "white"
                for value, some in zip(buses["value"], known, strict=True)
            ],
            "planned": False,
            "value": buses["value"],
        }
    )


def shape_of(kv: float) -> str:
    """Shape of a mark by voltage.

    Examples
    --------
    >>> [shape_of(kv) for kv in (66, 132, 420)]
    ['circle', 'square', 'diamond']
    """
    if kv >= DIAMOND_FROM:
        return "diamond"
    return "square" if kv >= SQUARE_FROM else "circle"


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
    """Draw parallel circuits on one path as one line, in the colour of the highest value."""
    columns = ["kv", "basis", "path", "planned", *LOOK]
    if lines.empty:
        return lines.reindex(columns=columns)
    course = [tuple(np.sort(path.round(1).ravel())) for path in lines["path"]]
    lines = lines.assign(course=course)
    lines["planned"] = lines.groupby(["course", "kv"])["planned"].transform("any")
    ordered = lines.sort_values("value", ascending=False, kind="stable")
    return ordered.drop_duplicates(["course", "kv"])[columns]


def stations_of(study: Study, network: pypsa.Network, geography: Geography) -> pd.DataFrame:
    """One row per station, as `Features.stations` holds them, without figures."""
    planned = planned_in(study)
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
    return stations.assign(label="")


def _transformer_marks(
    stations: pd.DataFrame, network: pypsa.Network, geography: Geography, loading_pu: pd.Series,
    classes: Classes,
) -> pd.DataFrame:  # fmt: skip
    """Dots, and squares in the colour of the most loaded transformer of a station."""
    transformers = network.c.transformers.static
    at = geography.buses.loc[transformers["bus0"], "station"].to_numpy()
    loading = loading_pu.reindex(transformers.index).fillna(0.0)
    highest = loading.groupby(at).max().reindex(stations.index)
    marks = stations[["x", "y", "planned"]].assign(station=stations.index, shift=0.0, value=highest)
    marks["shape"] = np.where(highest.notna(), "square", "dot")
    colours = dict(enumerate(classes.colours))
    marks["colour"] = highest.fillna(0.0).map(classes.position).map(colours)
    marks["colour"] = marks["colour"].where(highest.notna(), "white")
    return marks.reset_index(drop=True)


def _projects(projects: pd.DataFrame, geography: Geography) -> pd.DataFrame:
    """Give the projects numbers, chosen and large ones first, and their site or bus as place."""
    order = projects.assign(name_=projects.index).sort_values(
        ["chosen", "mw", "name_"], ascending=[False, False, True]
    )
    table = order[["mw", "chosen"]].assign(number=range(1, len(order) + 1))
    return placed(table, order, geography)


def placed(table: pd.DataFrame, order: pd.DataFrame, geography: Geography) -> pd.DataFrame:
    """Add x and y (km) to a table of projects: their site, or else their bus."""
    table = table.copy()
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
