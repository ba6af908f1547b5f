"""Hourly shapes that a new study begins with, from the bundled profiles of Trøndelag."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import xarray as xr

PACKAGE = Path(__file__).parents[1]
PLACES = (PACKAGE / "bundled" / "profiles", PACKAGE.parent / "profiles")  # wheel, checkout
SOURCE = (
    "Shapes of Trøndelag 2019, the sum over all stations, plants or farms of the bundled study: "
    "load derived from Elhub through NVE, hydro by rule from inflow (ENTSO-E, PECD), wind NVE "
    "(NLOD); shapes of projects and measures are assumptions. Replace them where you know better."
)


def starting_shapes() -> pd.DataFrame:
    """Return the shapes `load`, `hydro` and `wind`, and those of projects and measures.

    Returns
    -------
    pandas.DataFrame
        Snapshot x name, 8,760 hours UTC, each with a maximum of 1, to three decimals.
    """
    place = next(place for place in PLACES if place.is_dir())
    with xr.open_dataset(place / "trondelag_2019.nc", engine="netcdf4") as year:
        sums = {
            "load": year["load_mw"].isel(load_year=0).sum("load").to_series(),
            "hydro": year["hydro_mw"].sel(inflow="median").sum("hydro").to_series(),
            "wind": year["wind_pu"].isel(wind_year=0).mean("wind").to_series(),
        }
    with xr.open_dataset(place / "sectors.nc", engine="netcdf4") as sectors:
        shapes = sectors["profile_pu"].transpose("snapshot", "profile").to_pandas()
    own = pd.DataFrame({name: series / series.max() for name, series in sums.items()})
    table = pd.concat([own, shapes.drop(columns=own.columns, errors="ignore")], axis=1)
    return table.astype(float).round(3).rename_axis("snapshot")
