"""A result as geography: stations, branches, municipalities and projects with their figures.

Everything that puts a result on a map starts from here: static maps, the page, GIS files.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from gridplan.check.certificate import Certificate
from gridplan.exports.belonging import Kind, Result, kind_of, study_of
from gridplan.exports.layer_figures import (
    USE,
    Figures,
    of_base_case,
    of_capacity,
    of_certificate,
    of_plan,
    of_reinforcements,
    of_values,
    without_n1,
)
from gridplan.exports.places import WGS84, branches_of, outlines_of, stations_of
from gridplan.portfolio.plan import Plan
from gridplan.study.relations import COMMITTED

if TYPE_CHECKING:
    from gridplan.study.study import Study

__all__ = ["Layers", "layers_of", "study_of"]

logger = logging.getLogger(__name__)

PROJECTS = [
    "municipality", "bus", "mw", "year", "status", "connection", "sector", "co2_t_per_yr", "jobs",
    "export_mnok_per_yr", "basis",
]  # fmt: skip
HIGHEST = {"capacity_mw": "highest_capacity_mw", "middle_mw": "highest_middle_mw"}
COUNTED = ("co2_t_per_yr", "jobs", "export_mnok_per_yr")


@dataclass(frozen=True)
class Layers:
    """A result as tables with places, all in EPSG:4326 (longitude, latitude).

    Parameters
    ----------
    kind : str
        What the result is, as in `gridplan.exports.belonging.kind_of`.
    study : Study
        On the grid that the result stands on.
    stations : geopandas.GeoDataFrame
        Points, index bus: station (that the bus belongs to), municipality, kv, in_county, basis,
        planned, and the figures of the result.
    branches : geopandas.GeoDataFrame
        Index branch: bus0, bus1, type ("line", a path, or "transformer", a point), kv, s_nom_mva,
        length_km, basis, planned, and the figures of the result.
    municipalities : geopandas.GeoDataFrame
        Index name: number, and sums; without rows where the study has no outlines.
    projects : geopandas.GeoDataFrame
        Points at the site, else at the bus; index name: the columns of `PROJECTS`, asked_mw (MW of
        its first row), chosen, outcome ("chosen", "conditional", "reserved", "not chosen",
        "barred"; without a plan its status: "reserved", "queue", "candidate").
    main : tuple of (str, str, str)
        Layer, column and unit of what a map colours.
    unplaced : tuple of str
        Buses without coordinates: they have no geometry.
    """

    kind: Kind
    study: Study
    stations: gpd.GeoDataFrame
    branches: gpd.GeoDataFrame
    municipalities: gpd.GeoDataFrame
    projects: gpd.GeoDataFrame
    main: tuple[str, str, str]
    unplaced: tuple[str, ...]

    def __repr__(self) -> str:
        parts = ("stations", "branches", "municipalities", "projects")
        counts = ", ".join(f"{len(getattr(self, part))} {part}" for part in parts)
        return f"<Layers of {self.kind}, {self.study.name}: {counts}>"


def layers_of(
    result: Result,
    study: Study | None = None,
    certificate: Certificate | None = None,
    *,
    criterion: str | None = None,
    flexibility: float | None = None,
) -> Layers:
    """Put a result on the map.

    Parameters
    ----------
    result : Plan, BaseCase, Certificate, MarginalValues, xarray.Dataset or pandas.DataFrame
        Of `gridplan.plan`, `base_case`, `certify`, `marginal_values`, `hosting_capacity`,
        `capacity_range`, `rank_reinforcements` or `stages`.
    study : Study, optional
        For results that carry none (`study_of`).
    certificate : Certificate, optional
        Of a plan: its loadings stand for the plan's own. It also tells what stands without N-1.
    criterion, flexibility : str and float, optional
        Which of the capacities fills `capacity_mw`; default the first of each. The others stand
        in columns of their own.

    Returns
    -------
    Layers

    Raises
    ------
    StudyError
        When the study is needed and not given, or is another one.
    TypeError
        For what is no result.
    ValueError
        For a criterion or flexibility that was not computed.

    Examples
    --------
    >>> layers = layers_of(gp.plan(study))  # doctest: +SKIP
    >>> layers.stations["chosen_mw"]  # doctest: +SKIP
    """
    kind, study = kind_of(result), study_of(result, study)
    if isinstance(result, xr.Dataset):
        figures = of_capacity(result, criterion, flexibility)
    else:
        figures = _figures(kind, result, study, certificate)
    further = result.index if kind in ("ranking", "stages") else ()
    places = stations_of(study, list(further))
    stations = _joined(places, figures.stations)
    if certificate is not None and kind != "certificate":
        stations = _joined(stations, without_n1(certificate))
    projects = _projects(result.plan if kind == "values" else result, study, stations)
    unplaced = tuple(stations.index[stations.geometry.isna()])
    if unplaced:
        logger.warning("%d buses have no coordinates: %s", len(unplaced), ", ".join(unplaced))
    return Layers(
        kind=kind,
        study=study,
        stations=stations,
        branches=_joined(branches_of(study, places, list(further)), figures.branches),
        municipalities=_sums(outlines_of(study), stations, projects),
        projects=projects,
        main=figures.main,
        unplaced=unplaced,
    )


def _figures(kind: Kind, result: Result, study: Study, certificate: Certificate | None) -> Figures:
    """Figures of a result that is no capacity."""
    if kind == "plan":
        return of_plan(result, certificate)
    if kind in ("ranking", "stages"):
        return of_reinforcements(result, study)
    of = {"base_case": of_base_case, "certificate": of_certificate, "values": of_values}
    return of[kind](result)


def _joined(places: gpd.GeoDataFrame, figures: pd.DataFrame) -> gpd.GeoDataFrame:
    """Add figures to places; texts that are not told are "", counts 0, yes or no False."""
    columns = {}
    for name, column in figures.items():
        full = column.reindex(places.index)
        if column.dtype == bool:
            full = full.eq(True)  # missing is False, whatever the dtype has become
        elif column.dtype.kind == "i" and not name.endswith("_year"):
            full = full.fillna(0).astype("int64")
        elif column.dtype.kind not in "fiM":
            full = full.fillna("").astype("str")
        columns[name] = full
    return places.assign(**columns)


def _projects(result: object, study: Study, stations: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """List the projects, each once, at its site or its bus."""
    if isinstance(result, Plan):
        table = result.by_project
        table = table[[*PROJECTS, "asked_mw", "chosen", "lon", "lat"]].assign(
            outcome=_outcome(result, table)
        )
    else:
        rows = study.candidates(study.settings.year)
        table = rows[rows["variant_of"].eq("")][[*PROJECTS, "lon", "lat"]]
        status = table["status"].where(~table["status"].isin(COMMITTED), "reserved")
        table = table.assign(asked_mw=table["mw"], chosen=False, outcome=status)
    at_bus = stations.reindex(table["bus"])
    shapes = at_bus.geometry.to_numpy()
    sited = (table["lon"].notna() & table["lat"].notna()).to_numpy()
    shapes[sited] = gpd.points_from_xy(table.loc[sited, "lon"], table.loc[sited, "lat"])
    own = table["municipality"].to_numpy()
    table["municipality"] = np.where(own == "", at_bus["municipality"].to_numpy(), own)
    table = table.drop(columns=["lon", "lat"]).rename_axis("project")
    return gpd.GeoDataFrame(table, geometry=shapes, crs=WGS84)


def _outcome(plan: Plan, projects: pd.DataFrame) -> pd.Series:
    """Say what became of every project."""
    chosen = projects["chosen"].astype(bool)
    outcome = pd.Series("not chosen", projects.index, dtype="str")
    outcome[chosen] = "chosen"
    outcome[projects["barred"].ne("")] = "barred"
    outcome[chosen & projects.index.isin(plan.curtailed_mw.columns)] = "conditional"
    outcome[projects.index.isin(plan.study.committed.index)] = "reserved"
    return outcome


def _sums(
    outlines: gpd.GeoDataFrame, stations: gpd.GeoDataFrame, projects: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Add up projects and stations by municipality.

    Capacities of buses do not add up, as they hold one bus at a time: the highest stands.
    """
    chosen = projects["chosen"].astype(bool)
    own = projects["municipality"]
    sums = {
        "projects": chosen.groupby(own).size(),
        "projects_chosen": chosen.groupby(own).sum(),
        "asked_mw": projects["asked_mw"].groupby(own).sum(),
        "chosen_mw": projects["mw"].where(chosen, 0.0).groupby(own).sum(),
    }
    for column in COUNTED:
        sums[column] = projects[column].where(chosen, 0.0).groupby(own).sum()
    at = stations["municipality"]
    for column in (name for name in USE if name in stations and name != "free_mw"):
        sums[column] = stations[column].groupby(at).sum()
    for column, highest in HIGHEST.items():
        if column in stations:
            sums[highest] = stations[column].groupby(at).max()
    columns = {
        name: values.reindex(outlines.index) if name.startswith("highest") else
        values.reindex(outlines.index, fill_value=0)
        for name, values in sums.items()
    }  # fmt: skip
    counts = {name: columns[name].astype("int64") for name in ("projects", "projects_chosen")}
    return outlines.assign(**columns | counts)
