"""The weather of a study: hourly loads, hydro and wind of the years that its settings name."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gridplan.study.hourly import MEGAWATT, MEGAWATT_PER_GWH, PER_UNIT, HourlyFile, Series
from gridplan.study.sector_load import VARIABLE, SectorLoad
from gridplan.study.settings import Settings


def read_load(file: HourlyFile, names: pd.Index, settings: Settings) -> pd.DataFrame | None:
    """Read the loads of the settings' load year.

    Parameters
    ----------
    file : HourlyFile
        Where they stand; it gathers what is wrong.
    names : pandas.Index
        Loads of the network.
    settings : Settings
        Its `load_year`.

    Returns
    -------
    pandas.DataFrame or None
        Snapshot x load (MW); None when something is wrong.
    """
    unlimited = pd.Series(np.inf, index=names)
    series = Series("load_mw", "load", MEGAWATT, unlimited, optional="load_year")
    return file.table(series, load_year=settings.load_year)


def read_sector_load(
    file: HourlyFile, annual_gwh: pd.DataFrame, load_year: str | None
) -> SectorLoad | None:
    """Read what the sectors of the loads draw.

    Parameters
    ----------
    file : HourlyFile
        Where it stands, perhaps with further sectors; it gathers what is wrong.
    annual_gwh : pandas.DataFrame
        Energy by load and sector (GWh); no columns where the loads know no sectors.
    load_year : str or None
        That of the loads (`load_year_of`).

    Returns
    -------
    SectorLoad or None
        None when there are no sectors, or something is wrong.
    """
    unlimited = pd.Series(np.inf, index=annual_gwh.columns)
    if not len(unlimited):
        return None
    series = Series(VARIABLE, "sector", MEGAWATT_PER_GWH, unlimited, "load_year", others=True)
    shape = file.table(series, load_year=load_year)
    return None if shape is None else SectorLoad(annual_gwh, shape)


def load_year_of(file: HourlyFile, settings: Settings) -> str | None:
    """Weather year of the loads in a file; None where it holds one year without a name."""
    labels = file.labels("load_mw", "load_year")
    return settings.load_year if settings.load_year or not labels else labels[0]


def read_plants(
    file: HourlyFile, generators: pd.DataFrame, settings: Settings
) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
    """Read the hydro schedule and the wind of the settings' years.

    Parameters
    ----------
    file : HourlyFile
        Where they stand; it gathers what is wrong.
    generators : pandas.DataFrame
        Indexed by name; columns carrier and p_nom (MW).
    settings : Settings
        Its `inflow` and `wind_year`.

    Returns
    -------
    hydro_mw, wind_pu : pandas.DataFrame or None
        Snapshot x hydro generator (MW), snapshot x wind generator; None when something is wrong.
    """
    limit = generators["p_nom"].fillna(np.inf)
    plants, farms = (limit[generators["carrier"] == kind] for kind in ("hydro", "wind"))
    plan = Series("hydro_mw", "hydro", MEGAWATT, plants)
    wind = Series("wind_pu", "wind", PER_UNIT, farms * 0 + 1, optional="wind_year")
    return (
        _or_none(file, plan, inflow=settings.inflow),
        _or_none(file, wind, wind_year=settings.wind_year),
    )


def _or_none(file: HourlyFile, series: Series, **at: str | int | None) -> pd.DataFrame | None:
    """Read a variable that the file need not have when no generator needs it."""
    needed = series.wanted is not None and len(series.wanted) > 0
    if needed or (file.data is not None and series.variable in file.data):
        return file.table(series, **at)
    return None if file.hours is None else pd.DataFrame(index=file.hours)
