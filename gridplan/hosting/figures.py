"""Yearly figures of hourly capacities: how much, what limits it, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from gridplan.grid.radial import possible_supply_mw, radial_buses
from gridplan.hosting.flexible import flexible_capacity
from gridplan.hosting.survey import CEILING_MW, HourlyCapacity, Survey
from gridplan.operation.base_case import BaseCase
from gridplan.operation.dispatch import TOLERANCE_MW

Array = NDArray[np.float64]
NOTHING_MW = 1e-3  # a smaller capacity is none
SHORT_MW = 1e-6  # by which an hour must miss the capacity to be short of it
LIMITS = {
    "branch": "a branch reaches its rating",
    "existing overload": "a branch is over its rating before anything is added",
    "sources": "generation and exchange with the neighbours give no more",
    "shortage": "the base case cannot serve the load it has",
    "no source": "nothing in the bus's island can balance it",
    "radial": "a single branch leads there, and the settings forbid that",
    "none": f"more than {CEILING_MW:,.0f} MW",
}


@dataclass(frozen=True)
class Reasons:
    """What the figures of every bus under one criterion need to say why.

    Parameters
    ----------
    survey : Survey
        The year with the limits that were kept.
    rating_mw : ndarray, shape (T, 2L)
        Limits as they are, without existing overloads (MW).
    shortage : ndarray of bool, shape (T,)
        Hours in which the base case cannot serve all load.
    balanced : ndarray of bool, shape (islands,)
        Islands with a source that can move.
    barred : ndarray of bool, shape (N,)
        Buses that get no firm capacity by the settings.
    """

    survey: Survey
    rating_mw: Array
    shortage: NDArray[np.bool_]
    balanced: NDArray[np.bool_]
    barred: NDArray[np.bool_]


def reasons_of(base: BaseCase, survey: Survey, criterion: str) -> Reasons:
    """Collect the reasons of a criterion.

    Parameters
    ----------
    base : BaseCase
        The year.
    survey : Survey
        Of the same year, under the criterion.
    criterion : {"N-1", "N-0"}
        The setting `radial` counts under N-1 only.

    Returns
    -------
    Reasons
    """
    topology = base.case.grid.topology
    movable = (survey.up_mw + survey.down_mw).max(axis=0) > TOLERANCE_MW
    forbidden = criterion == "N-1" and base.study.settings.radial == "forbid"
    barred = np.zeros(len(topology.buses), dtype=bool)
    if forbidden:
        barred = radial_buses(topology, possible_supply_mw(base.study.network, topology.buses))
    return Reasons(
        survey=survey,
        rating_mw=base.case.limit_mw,
        shortage=base.shortage_mw.to_numpy() > TOLERANCE_MW,
        balanced=np.isin(np.arange(topology.islands), survey.island[movable]),
        barred=barred,
    )


def figures(
    reasons: Reasons,
    places: Sequence[Sequence[int]],
    found: Sequence[HourlyCapacity],
    flexibility: list[float],
) -> xr.Dataset:
    """Put the figures of the given places in a dataset.

    Parameters
    ----------
    reasons : Reasons
        Of the criterion.
    places : sequence of sequence of int
        Positions of the buses of every place, mostly one.
    found : sequence of HourlyCapacity
        One per place.
    flexibility : list of float
        Shares of the energy that may be curtailed.

    Returns
    -------
    xarray.Dataset
        By place and flexibility: capacity_mw, limited_by (a key of `LIMITS`), limiting_branch,
        limiting_outage, limiting_hour, limiting_hours.
    """
    rows = [
        [_figures(reasons, list(place), capacity, share) for share in flexibility]
        for place, capacity in zip(places, found, strict=True)
    ]
    data = {
        name: (("place", "flexibility"), np.array([[row[name] for row in line] for line in rows]))
        for name in rows[0][0]
    }
    dataset = xr.Dataset(data, coords={"flexibility": flexibility})
    dataset["capacity_mw"].attrs = {"units": "MW", "long_name": "hosting capacity"}
    dataset["limiting_hours"].attrs = {"units": "h"}
    dataset["limited_by"].attrs = dict(LIMITS)
    return dataset


def _figures(
    reasons: Reasons, buses: list[int], capacity: HourlyCapacity, share: float
) -> dict[str, object]:
    """Figures of one place at one flexibility."""
    case = reasons.survey.case
    size = flexible_capacity(capacity.mw, share)
    short = np.flatnonzero(capacity.mw < size + SHORT_MW)
    worst = int(short[capacity.mw[short].argmin()])
    branch, outage = _most_frequent(capacity, short)
    told = _reason(reasons, buses, size, (branch, outage), worst)
    if reasons.barred[buses].any() and share == 0.0:
        size, told, branch, short = 0.0, "radial", -1, np.arange(len(capacity.mw))
    known = branch >= 0 and told != "none"
    return {
        "capacity_mw": size + 0.0,  # no minus zero
        "limited_by": told,
        "limiting_branch": case.grid.topology.branches.index[branch] if known else "",
        "limiting_outage": [*case.grid.outage_names(), ""][outage] if known else "",
        "limiting_hour": case.hours[worst].to_datetime64(),
        "limiting_hours": len(short),
    }


def _reason(
    reasons: Reasons, buses: list[int], size_mw: float, pair: tuple[int, int], hour: int
) -> str:
    """Name what limits a place: a key of `LIMITS`; the pair is branch (−1 for none) and outage."""
    islands = reasons.survey.case.grid.topology.island[buses]
    if size_mw >= CEILING_MW - NOTHING_MW:
        return "none"
    if pair[0] >= 0:
        limit = reasons.survey.case.grid.limit(*pair)
        allowed = reasons.survey.case.limit_mw[hour, limit]
        full = size_mw < NOTHING_MW and allowed > reasons.rating_mw[hour, limit] + TOLERANCE_MW
        return "existing overload" if full else "branch"
    if not reasons.balanced[islands].all():
        return "no source"
    return "shortage" if reasons.shortage[hour] else "sources"


def _most_frequent(capacity: HourlyCapacity, hours: NDArray[np.int64]) -> tuple[int, int]:
    """Branch and outage that limit in most of the given hours; the first of several."""
    pairs = np.column_stack([capacity.branch[hours], capacity.outage[hours]])
    found, counts = np.unique(pairs, axis=0, return_counts=True)
    branch, outage = found[counts.argmax()]
    return int(branch), int(outage)
