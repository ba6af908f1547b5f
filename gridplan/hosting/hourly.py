r"""Capacity of one place in every hour: the largest constant exchange that stays secure.

For hour t and a place with load vector a (MW at each bus per MW of the place; a single bus has one
entry 1):

    max  P
    s.t. Σ_{s in island} g_s − a_island P = load_island             (balance)
         h_r · (C g − a P) ≤ limit_r + h_r · load − offset_r        (CNEC r)
         p_min ≤ g ≤ p_max,   0 ≤ P ≤ ceiling

All hours share one matrix, so a few bases serve the year (`gridplan.operation.regions`); rows are
added until the complete screen of the year is clean. The limits are those that a plan must keep:
an existing overload is the limit in its hours.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gridplan.operation.case import Case
from gridplan.operation.dispatch import ROWS_PER_HOUR, TOLERANCE_MW
from gridplan.operation.regions import Bounds, solve_hours
from gridplan.operation.rows import RowPool
from gridplan.operation.screen import violations

Array = NDArray[np.float64]
CEILING_MW = 10_000.0  # more than any single place can ask for


@dataclass(frozen=True)
class HourlyCapacity:
    """Capacity of one place.

    Parameters
    ----------
    mw : ndarray, shape (T,)
        Largest secure exchange in every hour (MW).
    row : ndarray of int, shape (T,)
        CNEC row that limits most, −1 where the sources do.
    exact : ndarray of bool, shape (T,)
        False where more than `mw` may be secure.
    programs : int
        Linear programs that were solved.
    """

    mw: Array
    row: NDArray[np.int64]
    exact: NDArray[np.bool_]
    programs: int


def hourly_capacity(
    case: Case,
    place: Array,
    rows: RowPool,
    *,
    settled: HourlyCapacity | None = None,
    ceiling_mw: float = CEILING_MW,
) -> HourlyCapacity:
    """Find the largest secure exchange of a place in every hour.

    Parameters
    ----------
    case : Case
        The year with its limits; every hour must be secure without the place.
    place : ndarray, shape (N,)
        MW of load at each bus per MW of the place; negative for generation.
    rows : RowPool
        Rows known so far; new ones are added to it.
    settled : HourlyCapacity, optional
        Result for a lower ceiling, or secure lower bounds as `at_least` gives them.
    ceiling_mw : float
        Larger capacities are of no interest; such hours get the ceiling.

    Returns
    -------
    HourlyCapacity
    """
    fixed, moving = _merged(case)
    settled = at_least(np.zeros(len(case.hours))) if settled is None else settled
    capacity, limiting = np.minimum(settled.mw, ceiling_mw), settled.row.copy()
    pending = np.flatnonzero(~settled.exact & (settled.mw < ceiling_mw))
    programs, exact = settled.programs, settled.exact.copy()
    exact[pending] = True
    while len(pending):
        part = fixed.at(pending)
        solved = solve_hours(
            *_program(part, moving, place, rows), _bounds(part, moving, pending, rows, ceiling_mw)
        )
        programs += solved.programs
        capacity[pending] = solved.z[:, -1]
        limiting[pending] = _limiting(solved.row_dual, part.grid.topology.islands)[solved.region]
        injection = solved.z[:, :-1] @ moving.injection - part.load_mw
        injection -= solved.z[:, -1:] * place
        flow = part.grid.flows_mw(injection)
        found = violations(part.grid, flow, part.limit_mw, TOLERANCE_MW)
        if not rows.add(found, ROWS_PER_HOUR):
            break
        pending = pending[np.unique(found.hour)]
    exact &= capacity < ceiling_mw - TOLERANCE_MW
    return HourlyCapacity(capacity, limiting, exact, programs)


def at_least(mw: Array) -> HourlyCapacity:
    """Start from capacities that are known to be secure but may not be the largest."""
    return HourlyCapacity(
        mw, np.full(len(mw), -1, dtype=np.int64), np.zeros(len(mw), dtype=bool), 0
    )


@dataclass(frozen=True)
class Moving:
    """Sources that can move, merged where they inject at the same place.

    Parameters
    ----------
    injection : ndarray, shape (M, N)
        MW at each bus per MW.
    lower_mw, upper_mw : ndarray, shape (T, M)
        Limits (MW).
    island : ndarray of int, shape (M,)
        Island of each.
    """

    injection: Array
    lower_mw: Array
    upper_mw: Array
    island: NDArray[np.int64]


def _merged(case: Case) -> tuple[Case, Moving]:
    """Split the sources: those that never move join the load, the others merge by place."""
    free = (case.p_max_mw - case.p_min_mw).max(axis=0) > TOLERANCE_MW
    still = case.p_min_mw[:, ~free] @ case.injection[~free]
    places, group = np.unique(case.injection[free], axis=0, return_inverse=True)
    member = (group.ravel() == np.arange(len(places))[:, None]).astype(float)
    moving = Moving(
        injection=places,
        lower_mw=case.p_min_mw[:, free] @ member.T,
        upper_mw=case.p_max_mw[:, free] @ member.T,
        island=case.grid.topology.island[np.abs(places).argmax(axis=1)],
    )
    return replace(case, load_mw=case.load_mw - still), moving


def _program(case: Case, moving: Moving, place: Array, rows: RowPool) -> tuple[Array, Array]:
    """Cost and matrix over the columns (sources, P); rows are balance, then CNECs."""
    islands = np.arange(case.grid.topology.islands)[:, None]
    injected = moving.injection.sum(axis=1)
    balance = (moving.island == islands) * injected
    drawn = np.array([place[case.grid.topology.island == i].sum() for i in islands.ravel()])
    effect = rows.sensitivity(case.grid.ptdf @ moving.injection.T)
    used = rows.sensitivity((case.grid.ptdf @ place)[:, None])
    cost = np.zeros(len(moving.injection) + 1)
    cost[-1] = -1.0
    return cost, np.block([[balance, -drawn[:, None]], [effect, -used]])


def _bounds(
    case: Case, moving: Moving, hours: NDArray[np.int64], rows: RowPool, ceiling_mw: float
) -> Bounds:
    """Hourly bounds of the program."""
    count = len(case.hours)
    demand = case.grid.topology.sum_by_island(case.load_mw)
    room = case.limit_mw[:, rows.branch] - rows.flows_mw(case.grid.flows_mw(-case.load_mw))
    return Bounds(
        lower=np.hstack([moving.lower_mw[hours], np.zeros((count, 1))]),
        upper=np.hstack([moving.upper_mw[hours], np.full((count, 1), ceiling_mw)]),
        row_lower=np.hstack([demand, np.full_like(room, -np.inf)]),
        row_upper=np.hstack([demand, room]),
    )


def _limiting(row_dual: Array, islands: int) -> NDArray[np.int64]:
    """CNEC row with the largest dual in each region, −1 where none has one."""
    weight = np.abs(row_dual[:, islands:])
    if not weight.shape[1]:
        return np.full(len(row_dual), -1, dtype=np.int64)
    return np.where(weight.max(axis=1) > 1e-7, weight.argmax(axis=1), -1)
