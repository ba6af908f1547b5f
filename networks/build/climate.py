"""The hours of 2019 in local time, and the temperature that heating follows.

The study year is 2019 in UTC, start of hour. People live by the clock on the wall, so day types
and hours of the day are taken in Europe/Oslo, summer time included.

Heating degree of an hour (degC)::

    HDD15(t) = max(0, 15 - T24(t)),   T24 = mean of T over the last 24 hours,   T = T_Norway + 4

T_Norway is the national mean of the source. It is about 4 degC colder than Trondheim (2019: 4.1 on
average against Trondheim's daily means), and 4 is what is added everywhere in the county. The mean
over 24 hours stands for the thermal inertia of buildings.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

YEAR = 2019
LOCAL = "Europe/Oslo"
SHIFT_C = 4.0
HEATING_LIMIT_C = 15.0
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


def temperature_c(sources: Path) -> pd.Series:
    """Return the county's hourly temperature of 2019 (degC): the national mean plus 4."""
    table = pd.read_csv(sources / "hourly/weather_2019_2021.csv")
    stamps = pd.to_datetime(table["time_utc"]).dt.tz_localize(None)
    series = pd.Series(table["temp_norway_etm_C"].to_numpy(), index=stamps)
    return series.reindex(snapshots()).interpolate().add(SHIFT_C).rename("temperature_c")


def heating_degrees_c(sources: Path) -> pd.Series:
    """Return HDD15 of every hour (degC) from the mean temperature of the last 24 hours."""
    mean = temperature_c(sources).rolling(24, min_periods=1).mean()
    return (HEATING_LIMIT_C - mean).clip(lower=0).rename("hdd15_c")
