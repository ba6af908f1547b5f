"""The same study under the weather of other years: inflow, wind and load.

The series file of a study may hold several years of each, all on the same hours: hydro schedules
by `inflow`, wind by `wind_year`, loads by `load_year`. A study takes one of each; here they change.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import get_args

import pandas as pd
import pypsa

from gridplan.base.errors import Problem, StudyError
from gridplan.base.quiet import quiet_pypsa
from gridplan.study.hourly import HourlyFile
from gridplan.study.islands import by_island
from gridplan.study.network_checks import network_islands
from gridplan.study.schedule import redispatch_limits, scheduled_mw
from gridplan.study.sector_load import SectorLoad, stated_gwh
from gridplan.study.settings import Settings
from gridplan.study.settings_file import revised
from gridplan.study.study import Study
from gridplan.study.weather import load_year_of, read_load, read_plants, read_sector_load

INFLOWS = get_args(Settings.model_fields["inflow"].annotation)
VARIABLES = {"inflow": "hydro_mw", "wind_year": "wind_pu", "load_year": "load_mw"}


@dataclass(frozen=True)
class WeatherYear:
    """One choice of inflow, wind and load.

    Parameters
    ----------
    inflow : str
        dry, median or wet.
    wind_year : int, optional
        Year of the wind; None where the file has only one.
    load_year : str, optional
        Year of the loads; None where the file has only one.

    Examples
    --------
    >>> WeatherYear("dry", 2014, "cold").label
    'dry, wind 2014, cold'
    >>> WeatherYear("median", 2019, "2019").label
    'median, wind 2019, load 2019'
    """

    inflow: str
    wind_year: int | None = None
    load_year: str | None = None

    @property
    def label(self) -> str:
        """Name for people and for results."""
        wind = f"wind {self.wind_year}" if self.wind_year is not None else ""
        load = self.load_year or ""
        parts = (self.inflow, wind, f"load {load}" if load.isdigit() else load)
        return ", ".join(part for part in parts if part)


def with_year(
    study: Study,
    *,
    inflow: str | None = None,
    wind_year: int | None = None,
    load_year: str | None = None,
) -> Study:
    """Return a study under other weather; what is not given stays.

    Parameters
    ----------
    study : Study
        Opened from a folder. Its network, projects, measures and hours are kept; loads (with their
        sectors), hydro and wind are read again, so changes to them made in memory are lost.
    inflow : {"dry", "median", "wet"}, optional
        Hydrological year.
    wind_year : int, optional
        Year of the wind.
    load_year : str, optional
        Year of the loads.

    Returns
    -------
    Study
        With the schedule and the limits of redispatch of that weather.

    Raises
    ------
    StudyError
        When the study has no folder, its file has no such year, or the year cannot be balanced.

    Examples
    --------
    >>> import gridplan as gp
    >>> study = gp.open_study("trondelag")  # doctest: +SKIP
    >>> gp.with_year(study, inflow="dry", load_year="cold")  # doctest: +SKIP
    """
    given = {"inflow": inflow, "wind_year": wind_year, "load_year": load_year}
    changes = {key: value for key, value in given.items() if value is not None}
    settings = revised(study.settings, **changes)
    file = _file_of(study)
    generators, hours = study.network.c.generators.static, study.network.snapshots
    load = read_load(file, study.network.c.loads.static.index, settings)
    hydro, wind = read_plants(file, generators, settings)
    if load is not None:
        file.problems += _lacking_hours(file, hours)
    if file.problems or load is None or hydro is None or wind is None:
        raise StudyError(file.problems)
    sector_load = _sectors_of(study, load_year_of(file, settings))
    load, hydro, wind = (table.loc[hours] for table in (load, hydro, wind))
    limits = redispatch_limits(generators, hydro, wind, settings.hydro_flexibility_pu)
    island = network_islands(study.network)
    island_load = by_island(load, study.network.c.loads.static["bus"], island)
    schedule = scheduled_mw(generators, hydro, wind, island_load, island)
    network = _with_series(study.network, load, *limits)
    return replace(
        study,
        network=network,
        schedule_mw=schedule,
        settings=settings,
        sector_load=sector_load,
    )


def with_hydro_flexibility(study: Study, share_pu: float) -> Study:
    """Return a study whose storage hydro may leave its plan by another share.

    Parameters
    ----------
    study : Study
        Its generators of carrier hydro follow the schedule; those with `storage` may leave it.
    share_pu : float
        As `hydro_flexibility_pu` of the settings.

    Returns
    -------
    Study
    """
    network, settings = study.network, revised(study.settings, hydro_flexibility_pu=share_pu)
    table = network.c.generators.static
    hydro = table[table["carrier"] == "hydro"]
    plan = study.schedule_mw[hydro.index] / hydro["p_nom"]
    freedom = hydro["storage"].astype(float) * share_pu
    dense = network.get_switchable_as_dense
    lowest, highest = dense("Generator", "p_min_pu"), dense("Generator", "p_max_pu")
    lowest[hydro.index] = (plan - freedom).clip(lower=0.0)
    highest[hydro.index] = (plan + freedom).clip(upper=1.0)
    load = dense("Load", "p_set")
    return replace(study, network=_with_series(network, load, lowest, highest), settings=settings)


def weather_years(study: Study) -> list[WeatherYear]:
    """List every combination of inflow, wind and load that a study's file offers.

    Parameters
    ----------
    study : Study
        Opened from a folder.

    Returns
    -------
    list of WeatherYear
        The first is the study's own.

    Raises
    ------
    StudyError
        When the study has no folder, or its file cannot be read.

    Examples
    --------
    >>> import gridplan as gp
    >>> [year.label for year in gp.weather_years(study)]  # doctest: +SKIP
    ['median, wind 2019, load 2019', 'median, wind 2019, cold', …]
    """
    offered = _offered(study)
    return [WeatherYear(*labels) for labels in product(*offered.values())]


def departures(study: Study) -> list[WeatherYear]:
    """List the study's own weather, every single departure from it, and the hardest together.

    Parameters
    ----------
    study : Study
        Opened from a folder.

    Returns
    -------
    list of WeatherYear
        The own year first; last a dry year with each other load, where the file has both.
    """
    return list(dict.fromkeys(_departures(_offered(study))))


def _departures(offered: dict[str, list]) -> Iterator[WeatherYear]:
    own = WeatherYear(*(labels[0] for labels in offered.values()))
    yield own
    for key, labels in offered.items():
        for label in labels[1:]:
            yield replace(own, **{key: label})
    if "dry" in offered["inflow"]:
        for load in offered["load_year"][1:]:
            yield replace(own, inflow="dry", load_year=load)


def _offered(study: Study) -> dict[str, list]:
    """Labels of inflow, wind and load year; the study's own first, [None] where there is one."""
    file = _file_of(study)
    if file.problems:
        raise StudyError(file.problems)
    found = {key: file.labels(variable, key) for key, variable in VARIABLES.items()}
    labels: dict[str, list] = {
        "inflow": [label for label in found["inflow"] if label in INFLOWS],
        "wind_year": [int(label) for label in found["wind_year"]],
        "load_year": found["load_year"],
    }
    for key, names in labels.items():
        own = getattr(study.settings, key)
        if own is not None or not names:
            labels[key] = [own, *(name for name in names if name != own)]
    return labels


def _file_of(study: Study) -> HourlyFile:
    """Open the file of a study's hourly series."""
    settings = study.settings
    why = ""
    if study.folder is None:
        why = "the study was not opened from a folder"
    elif settings.network_file:
        why = f"{settings.network} holds the hours of the study"
    elif not (study.folder / settings.profiles).is_file():
        why = "the study has no netCDF file of hourly series"
    if study.folder is None or why:
        message = f"{why}, so it has one year of weather only"
        remedy = "Open it with open_study; other years stand in the netCDF file of the folder."
        raise StudyError([Problem("", study.name, "", "", message, remedy)])
    return HourlyFile(study.folder / settings.profiles, settings.profiles)


def _sectors_of(study: Study, load_year: str | None) -> SectorLoad | None:
    """Read what the sectors of a study's loads draw in a load year; None where it knows none."""
    folder, file = study.folder, study.settings.sectors
    if study.sector_load is None or folder is None:
        return None
    sectors = HourlyFile(folder / file, file)
    stated = stated_gwh(study.network.c.loads.static)
    part = read_sector_load(sectors, stated, load_year)
    if part is not None:
        sectors.problems += _lacking_hours(sectors, study.network.snapshots)
    if sectors.problems:
        raise StudyError(sectors.problems)
    return None if part is None else part.at(study.network.snapshots)


def _lacking_hours(file: HourlyFile, wanted: pd.Index) -> list[Problem]:
    """Report hours of the study that the file does not have."""
    lacking = wanted if file.hours is None else wanted.difference(file.hours)
    if not len(lacking):
        return []
    found = f"{len(lacking)} hours from {lacking[0]}"
    remedy = "Give the network the hours of the file."
    return [Problem(file.file, "", "snapshot", found, "the study has other hours", remedy)]


def _with_series(
    network: pypsa.Network, load_mw: pd.DataFrame, lowest: pd.DataFrame, highest: pd.DataFrame
) -> pypsa.Network:
    """Copy a network and give it loads (MW) and limits of the generators (per unit)."""
    with quiet_pypsa():
        copy = network.copy()
        copy.c.loads.dynamic.p_set = _labelled(load_mw)
        copy.c.generators.dynamic.p_min_pu = _labelled(lowest)
        copy.c.generators.dynamic.p_max_pu = _labelled(highest)
    return copy


def _labelled(table: pd.DataFrame) -> pd.DataFrame:
    return table.rename_axis(index="snapshot", columns="name")
