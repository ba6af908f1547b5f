"""The two netCDF files: hourly load, wind and hydro; shapes of projects, measures and sectors.

Wind is the hourly capacity factor of each farm as the source gives it (before a farm's first year:
NVE's model), clipped to 0..1. It is not scaled to the farms' published normal year: wind and
temperature of the same hours belong together, and the sum differs by about 2 % (see calibration).
The years 2014 and 2021 stand on the hours of 2019, hour by hour from 1 January 00:00 UTC; none of
the three is a leap year. Load has the two years of `climate`. The first year of a dimension is the
one that a study takes by default.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from networks.build.climate import COLD_MONTHS, LOAD_YEARS, cold_shift_c, snapshots
from networks.build.demand import county_load_mw, sector_mw_per_gwh
from networks.build.hydro import inflow_years, schedule_mw
from networks.build.loads import hourly_load_mw
from networks.build.plants import plants
from networks.build.sectors import DOCUMENTATION, sector_profiles

ENCODING = {"zlib": True, "complevel": 6, "shuffle": True, "dtype": "float32"}
START = "hours since 2019-01-01 00:00:00"
WIND_YEARS = (2019, 2014, 2021)
YEARS = ("inflow", "wind_year", "load_year")  # dimensions of which a study takes one label


def wind_pu(sources: Path, year: int = WIND_YEARS[0]) -> pd.DataFrame:
    """Return the availability of each farm (snapshot x generator name), 0..1, 4 decimals."""
    table = pd.read_csv(sources / f"hourly/wind_cf_trondelag_{year}.csv")
    table = table.set_index(pd.to_datetime(table.pop("time_utc")))
    hours = pd.date_range(f"{year}-01-01", periods=len(snapshots()), freq="h")
    table = table.reindex(hours).interpolate(limit_direction="both").set_axis(snapshots())
    table.columns = table.columns + " wind"
    return table.clip(0, 1).round(4).sort_index(axis=1)


def hydro_mw(sources: Path) -> dict[str, pd.DataFrame]:
    """Return the hydro schedules by inflow year (snapshot x generator name, MW)."""
    table = plants(sources)
    table = table[table["kind"] == "hydro"]
    schedules = schedule_mw(sources, table, county_load_mw(sources))
    return {
        name: frame.set_axis(frame.columns + " hydro", axis=1) for name, frame in schedules.items()
    }


def hourly(sources: Path, buses: pd.DataFrame) -> xr.Dataset:
    """Return the contents of trondelag_2019.nc.

    Parameters
    ----------
    sources : pathlib.Path
    buses : pandas.DataFrame
        buses.csv, indexed by name.

    Returns
    -------
    xarray.Dataset
        load_mw (load_year, snapshot, load), wind_pu (wind_year, snapshot, wind),
        hydro_mw (inflow, snapshot, hydro).
    """
    load = {year: hourly_load_mw(sources, buses, year) for year in LOAD_YEARS}
    wind = {year: wind_pu(sources, year) for year in WIND_YEARS}
    data = {
        "load_mw": _stacked(load, "load_year", "load", _load_attributes(sources)),
        "wind_pu": _stacked(wind, "wind_year", "wind", _wind_attributes()),
        "hydro_mw": _stacked(hydro_mw(sources), "inflow", "hydro", _hydro_attributes(sources)),
    }
    title = "Trøndelag 2019: hourly load, wind availability and hydro schedule"
    return xr.Dataset(data, attrs={"title": title, "time": "UTC, start of hour"})


def _stacked(
    tables: Mapping[str | int, pd.DataFrame], years: str, names: str, attributes: dict[str, str]
) -> xr.DataArray:
    """Put the tables of several years on top of each other."""
    values = np.stack([table.to_numpy() for table in tables.values()])
    coords = {
        years: list(tables),
        "snapshot": snapshots().to_numpy(),
        names: list(next(iter(tables.values())).columns),
    }
    return xr.DataArray(values, coords, (years, "snapshot", names), attrs=attributes)


def sectors(sources: Path) -> xr.Dataset:
    """Return the contents of sectors.nc.

    Parameters
    ----------
    sources : pathlib.Path

    Returns
    -------
    xarray.Dataset
        profile_pu (snapshot, profile), sector_mw_per_gwh (load_year, snapshot, sector).
    """
    table = sector_profiles(sources)
    basis, source = zip(*(DOCUMENTATION[name] for name in table.columns), strict=True)
    coords = {
        "snapshot": snapshots().to_numpy(),
        "profile": list(table.columns),
        "basis": ("profile", list(basis)),
        "source": ("profile", list(source)),
    }
    attributes = {
        "units": "1",
        "long_name": "power over connected power",
        "basis": "see coordinate basis",
        "source": "see coordinate source",
    }
    load = {year: sector_mw_per_gwh(sources, year) for year in LOAD_YEARS}
    data = {
        "profile_pu": (("snapshot", "profile"), table.to_numpy(), attributes),
        "sector_mw_per_gwh": _stacked(load, "load_year", "sector", _sector_attributes(sources)),
    }
    title = "Hourly shapes: projects and measures (maximum 1), consumption by sector (MW per GWh)"
    return xr.Dataset(data, coords, {"title": title, "time": "UTC, start of hour"})


def _load_attributes(sources: Path) -> dict[str, str]:
    """Return units, basis and source of the load."""
    return {
        "units": "MW",
        "long_name": "load by station",
        "basis": "derived",
        "source": "consumption 2024 by municipality and category (Elhub via NVE's ebm, MIT); "
        f"{_shapes_source(sources)}",
    }


def _sector_attributes(sources: Path) -> dict[str, str]:
    """Return units, basis and source of the sectors' shapes."""
    return {
        "units": "MW/GWh",
        "long_name": "power per energy of a year, by sector",
        "basis": "derived",
        "source": f"{_shapes_source(sources)}; heated shares by sector (assumptions, SOURCES.md). "
        "The sum over the sectors of annual_gwh_<sector> (loads.csv) times this is load_mw",
    }


def _shapes_source(sources: Path) -> str:
    """Tell where the hourly shapes of the load come from."""
    shift = f"{cold_shift_c(sources):+.1f} degC in months {', '.join(map(str, COLD_MONTHS))}"
    return (
        "weekly shapes (own normalised aggregates of Elhub NO3); temperature 2019 (Quintel "
        f"etsource, MIT); load_year cold: the same, {shift} (assumption: 1-in-10 cold winter, "
        "from January and February 2021, ERA5)"
    )


def _wind_attributes() -> dict[str, str]:
    """Return units, basis and source of wind."""
    return {
        "units": "1",
        "long_name": "availability over installed power",
        "basis": "register",
        "source": "NVE, hourly capacity factors 2014, 2019 and 2021 (NLOD), all on the hours of "
        "2019; a model before a farm's first year",
    }


def _hydro_attributes(sources: Path) -> dict[str, str]:
    """Return units, basis and source of hydro; names the years behind dry, median and wet."""
    years = ", ".join(f"{name} = {year}" for name, year in inflow_years(sources).items())
    return {
        "units": "MW",
        "long_name": "schedule by plant",
        "basis": "derived",
        "source": f"stated rule (SOURCES.md) on weekly inflow ({years}; data provided by "
        "ENTSO-E, PECD), plants of NVE (NLOD) and JRC (CC BY 4.0)",
    }


def write(dataset: xr.Dataset, path: Path) -> None:
    """Write a dataset so that the same content gives the same bytes.

    Names are stored as fixed-width characters (variable-length strings leave padding in the file),
    time as whole hours.
    """
    encoding: dict[str, dict] = {name: dict(ENCODING) for name in dataset.data_vars}
    for name, values in encoding.items():
        sizes = dict(zip(dataset[name].dims, dataset[name].shape, strict=True))
        values["chunksizes"] = tuple(
            8760 if dim == "snapshot" else (1 if dim in YEARS else min(8, size))
            for dim, size in sizes.items()
        )
    for name, coordinate in dataset.coords.items():
        if coordinate.dtype.kind in "UO":
            encoding[name] = {"dtype": "S1"}
    if "wind_year" in dataset.coords:
        encoding["wind_year"] = {"dtype": "int32"}
    encoding["snapshot"] = {"dtype": "int32", "units": START, "calendar": "proleptic_gregorian"}
    dataset.to_netcdf(path, engine="netcdf4", format="NETCDF4", encoding=encoding)
