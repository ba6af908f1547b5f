"""Hourly series that are not what they seem: shapes of another scale, local time, odd loads."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridplan.plausibility.doubt import ASSUMPTION, Doubt
from gridplan.study.study import Study

HIGHEST_PU = 0.9  # assumption: a shape per unit of connected power reaches this in some hour
LOAD_FACTOR = 0.25  # at least; assumption: mean of a load per unit of its highest hour
WEEKS = 3  # on either side of a change of the clock
CLEARER = 0.02  # assumption: by so much one shift has to agree better than the other
EU_RULE = "clocks change on the last Sundays of March and October (directive 2000/84/EC)"


def hour_doubts(study: Study) -> list[Doubt]:
    """Look at the hourly shapes of projects and at the loads.

    Parameters
    ----------
    study : Study
        The input.

    Returns
    -------
    list of Doubt
    """
    load = study.network.get_switchable_as_dense("Load", "p_set")
    used = set(study.projects["profile"]) | set(study.measures["profile"])
    shapes = study.profiles[[name for name in study.profiles if name in used]]
    return [*_scale(shapes), *_factors(load), *_clock(load.sum(axis=1))]


def _scale(shapes: pd.DataFrame) -> list[Doubt]:
    """Shapes that never come near 1: the MW of a project is then not what it draws."""
    highest = shapes.max()
    doubts = []
    for name in shapes.columns[(highest < HIGHEST_PU).to_numpy()]:
        value = f"at most {highest[name]:.3g} per unit"
        usual = "1 in the highest hour"
        question = f"Is it normalised? {100:g} MW would draw at most {100 * highest[name]:.3g} MW."
        where = ("profile", "hourly series", str(name), "profile_pu")
        doubts.append(Doubt(*where, value, usual, question, ASSUMPTION))
    return doubts


def _factors(load: pd.DataFrame) -> list[Doubt]:
    """List loads that hardly run at all."""
    if len(load) < 24 * 28:
        return []  # too few hours to tell
    load = load.loc[:, load.max() > 0]
    factor = load.mean() / load.max()
    doubts = []
    for name in load.columns[factor < LOAD_FACTOR]:
        value = f"mean {load[name].mean():.3g} MW, highest hour {load[name].max():.3g} MW"
        usual = f"a mean of at least {LOAD_FACTOR:.0%} of the highest hour"
        question = "Is a single hour wrong?"
        where = ("load", "loads", str(name), "p_set")
        doubts.append(Doubt(*where, value, usual, question, ASSUMPTION))
    return doubts


def _clock(total: pd.Series) -> list[Doubt]:
    """Whether the day keeps its hours when the clocks change: then time is not UTC."""
    changes = [
        (shift, profile)
        for year in sorted(set(total.index.year))
        for shift, month in ((1, 3), (-1, 10))
        if (profile := _around(total, _last_sunday(year, month))) is not None
    ]
    if len(changes) < 2:
        return []
    stays = np.mean([_agreement(before, after, 0) for _, (before, after) in changes])
    moves = np.mean([_agreement(before, after, shift) for shift, (before, after) in changes])
    if stays < moves + CLEARER:
        return []
    value = "the load keeps its hours of the day when the clocks change"
    usual = "in UTC it moves by one hour"
    question = "Are the time stamps local? Write them in UTC, with every hour once."
    return [Doubt("time", "loads", "", "time stamps", value, usual, question, EU_RULE)]


def _last_sunday(year: int, month: int) -> pd.Timestamp:
    """Last Sunday of a month of 31 days."""
    last = dt.date(year, month, 31)
    return pd.Timestamp(last - dt.timedelta(days=(last.weekday() + 1) % 7))


def _around(
    total: pd.Series, day: pd.Timestamp
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Mean workday, by hour, before and after a day; None where hours are missing."""
    weeks = pd.Timedelta(weeks=WEEKS)
    edges = (day - weeks, day, day + pd.Timedelta(days=1), day + pd.Timedelta(days=1) + weeks)
    parts = []
    for begin, end in list(pairwise(edges))[::2]:
        part = total[(total.index >= begin) & (total.index < end)]
        part = part[part.index.dayofweek < 5]
        mean = part.groupby(part.index.hour).mean()
        if len(part) < 24 * 5 * (WEEKS - 1) or len(mean) < 24:
            return None
        parts.append(mean.to_numpy())
    return parts[0], parts[1]


def _agreement(before: NDArray[np.float64], after: NDArray[np.float64], shift: int) -> float:
    """Correlation of the steps from hour to hour, with the later day moved by `shift` hours."""
    first = np.diff(before, append=before[0])
    second = np.roll(np.diff(after, append=after[0]), shift)
    if not first.any() or not second.any():
        return 0.0  # flat: nothing to tell by
    return float(np.corrcoef(first, second)[0, 1])
