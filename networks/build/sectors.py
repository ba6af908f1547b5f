"""The hourly shapes of projects and measures, 0..1 with maximum 1 (MW = connected MW x shape).

Measured shapes are the weekly aggregates of the source laid on the calendar of 2019; the others
are synthetic: a few stated numbers, so that a planner can disagree with them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from networks.build.climate import heating_degrees_c, local_clock, snapshots, temperature_c
from networks.build.demand import DAMPING, weekly_shapes

# What the day of a coastal harbour draws, by local hour: calls of the coastal route 06:30-10.
SHORE_DAY = {6: 0.6, 7: 1.0, 8: 1.0, 9: 1.0}
# Feeding and oxygen by month: least in the cold of late winter, most in late summer.
FISH_MONTH = (0.72, 0.70, 0.70, 0.73, 0.78, 0.85, 0.93, 1.0, 1.0, 0.95, 0.87, 0.78)
FERRY_DAY = (5, 23)

DOCUMENTATION = {
    "flat": ("assumption", "the same power every hour"),
    "data centre": (
        "synthetic",
        "0.94 + cooling, growing from 0 at 5 degC outdoors to 0.06 at 25 degC (2019)",
    ),
    "electrolysis": (
        "synthetic",
        "full power, 0.80 in hours 7-9 and 16-18 local of weekdays November-March "
        "(the operator avoids the dear hours)",
    ),
    "process industry": (
        "derived",
        "weekly shape 'secondary' (Elhub NO3, one autumn month) on the calendar of 2019",
    ),
    "aquaculture": (
        "synthetic",
        "day: 1.0 in hours 7-18 local, 0.85 at night; month: 0.70 in late winter to 1.0 in August "
        "and September (feeding and oxygen follow water temperature)",
    ),
    "shore power": (
        "synthetic",
        "calls 06:30-10 local every day (domain/projects.csv P21), 0.25 otherwise, 0.8 in hours "
        "8-17 of June-August (cruise)",
    ),
    "ferry charging": (
        "synthetic",
        "hourly mean of short pulses: 1.0 in hours 6-8 and 15-17 local, 0.7 in the other hours "
        "5-22, 0.1 at night; connected MW is the hourly mean at peak, not the pulse",
    ),
    "district heat": (
        "synthetic",
        "0.12 for hot water + 0.88 x HDD15 of 2019 over its maximum (electric boiler)",
    ),
    "EV charging": (
        "derived",
        "mean of the weekly shapes of 3.6 and 7.2 kW home chargers (Trondheim), over its maximum",
    ),
    "building heat": (
        "derived",
        "HDD15 of 2019 x the damped weekly household shape (Elhub NO3), over its maximum",
    ),
}


def sector_profiles(sources: Path) -> pd.DataFrame:
    """Return the shapes (snapshot x profile), rounded to 4 decimals, each with maximum 1."""
    weekly = weekly_shapes(sources)
    degrees = heating_degrees_c(sources)
    cooling = ((temperature_c(sources) - 5) / 20).clip(0, 1)
    heat = degrees * (1 + DAMPING * (weekly["household"] - 1))
    shapes = {
        "flat": pd.Series(1.0, index=snapshots()),
        "data centre": 0.94 + 0.06 * cooling,
        "electrolysis": _electrolysis(),
        "process industry": weekly["secondary"],
        "aquaculture": _aquaculture(),
        "shore power": _shore_power(),
        "ferry charging": _ferry_charging(),
        "district heat": 0.12 + 0.88 * degrees / degrees.max(),
        "EV charging": weekly[["ev_home_3_6kW", "ev_home_7_2kW"]].mean(axis=1),
        "building heat": heat,
    }
    table = pd.DataFrame(shapes)
    return (table / table.max()).round(4)


def _electrolysis() -> pd.Series:
    """Return full power with less in the dear hours of winter weekdays."""
    clock = local_clock(snapshots())
    winter = clock["month"].isin([11, 12, 1, 2, 3]) & (clock["day"] < 5)
    return pd.Series(1.0, index=clock.index).mask(
        winter & clock["hour"].isin([7, 8, 9, 16, 17, 18]), 0.80
    )


def _aquaculture() -> pd.Series:
    """Return day and season of fish farming."""
    clock = local_clock(snapshots())
    day = np.where(clock["hour"].between(7, 18), 1.0, 0.85)
    return pd.Series(day * np.array(FISH_MONTH)[clock["month"] - 1], index=clock.index)


def _shore_power() -> pd.Series:
    """Return the calls of a harbour: mornings all year, whole days in summer."""
    clock = local_clock(snapshots())
    calls = clock["hour"].map(SHORE_DAY).fillna(0.25)
    summer = clock["month"].isin([6, 7, 8]) & clock["hour"].between(8, 17)
    return calls.mask(summer & (calls < 0.8), 0.8)


def _ferry_charging() -> pd.Series:
    """Return the hourly mean of charging by timetable."""
    clock = local_clock(snapshots())
    first, last = FERRY_DAY
    day = clock["hour"].between(first, last - 1)
    rush = clock["hour"].isin([6, 7, 8, 15, 16, 17])
    return pd.Series(np.select([rush, day], [1.0, 0.7], 0.1), index=clock.index)
