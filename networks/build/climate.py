"""The hours of 2019 in local time, and the temperatures that heating follows.

The study year is 2019 in UTC, start of hour. People live by the clock on the wall, so day types
and hours of the day are taken in Europe/Oslo, summer time included.

Heating degree of an hour (degC)::

    HDD15(t) = max(0, 15 - T24(t)),   T24 = mean of T over the last 24 hours,   T = T_Norway + 4

T_Norway is the national mean of the source. It is about 4 degC colder than Trondheim (2019: 4.1 on
average against Trondheim's daily means), and 4 is what is added everywhere in the county. The mean
over 24 hours stands for the thermal inertia of buildings.

There are two load years. "2019" is the weather as it was. "cold" is the same year with a 1-in-10
cold winter: every hour of November to March is colder by the difference between the means of
January and February 2021 (ERA5, Trondheim) and of the same months in the series above. January 2021
was the coldest in Norway for ten years (Meteorologisk institutt). Every hour keeps the rest of its
weather, so load and the wind of 2019 still belong together.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

YEAR = 2019
LOCAL = "Europe/Oslo"
SHIFT_C = 4.0
HEATING_LIMIT_C = 15.0
CENTRAL, COLD = "2019", "cold"
LOAD_YEARS = (CENTRAL, COLD)  # the first is the one that a study takes by default
COLD_MONTHS = (11, 12, 1, 2, 3)
COMPARED_MONTHS = (1, 2)
# Movable and fixed public holidays of 2019; they have Sunday's habits.
HOLIDAYS = (
    "2019-01-01",
    "2019-04-18",
    "2019-04-19",
    "2019-04-22",
    "2019-05-01",
    "2019-05-17",
    "2019-05-30",
    "2019-06-10",
    "2019-12-25",
    "2019-12-26",
)


def snapshots() -> pd.DatetimeIndex:
    """Return the 8,760 hours of the year, naive UTC, start of hour."""
    return pd.date_range(f"{YEAR}-01-01", periods=8760, freq="h", name="snapshot", unit="ns")


def local_clock(hours: pd.DatetimeIndex) -> pd.DataFrame:
    """Tell what clock and calendar show in Norway.

    Parameters
    ----------
    hours : pandas.DatetimeIndex
        Naive UTC.

    Returns
    -------
    pandas.DataFrame
        Index `hours`; columns `hour` (0-23), `day` (0 = Monday, holidays are 6), `month` (1-12).
    """
    local = hours.tz_localize("UTC").tz_convert(LOCAL)
    holiday = local.strftime("%Y-%m-%d").isin(HOLIDAYS)
    day = np.where(holiday, 6, local.weekday)
    return pd.DataFrame({"hour": local.hour, "day": day, "month": local.month}, index=hours)


def temperature_c(sources: Path, load_year: str = CENTRAL) -> pd.Series:
    """Return the county's hourly temperature (degC): the national mean of 2019 plus 4.

    Parameters
    ----------
    sources : pathlib.Path
        Folder of the source data.
    load_year : {"2019", "cold"}
        Weather that the load follows.
    """
    series = _measured(sources, "temp_norway_etm_C").reindex(snapshots()).interpolate() + SHIFT_C
    if load_year == COLD:
        winter = series.index.month.isin(COLD_MONTHS)
        series = series.where(~winter, series + cold_shift_c(sources))
    return series.rename("temperature_c")


def cold_shift_c(sources: Path) -> float:
    """Return how much warmer the cold winter is (degC, negative), rounded to 0.1."""
    cold = _measured(sources, "temp_trondheim_era5_C").dropna()
    central = temperature_c(sources)
    means = [s[s.index.month.isin(COMPARED_MONTHS)].mean() for s in (cold, central)]
    return round(means[0] - means[1], 1)


def _measured(sources: Path, column: str) -> pd.Series:
    """Return a column of the weather file by naive UTC hour."""
    table = pd.read_csv(sources / "hourly/weather_2019_2021.csv")
    stamps = pd.to_datetime(table["time_utc"]).dt.tz_localize(None)
    return pd.Series(table[column].to_numpy(), index=stamps)


def heating_degrees_c(sources: Path, load_year: str = CENTRAL) -> pd.Series:
    """Return HDD15 of every hour (degC) from the mean temperature of the last 24 hours."""
    mean = temperature_c(sources, load_year).rolling(24, min_periods=1).mean()
    return (HEATING_LIMIT_C - mean).clip(lower=0).rename("hdd15_c")
