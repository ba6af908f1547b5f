r"""Secure dispatch of every hour: the least departure from the schedule that meets every CNEC.

For each hour, with u, d ≥ 0 the MW by which a source leaves its schedule upwards or downwards:

    min  Σ_s weight_s (u_s + d_s) + M Σ_m overload_m
    s.t. Σ_{s in island} (u_s − d_s) = imbalance of the schedule        (balance)
         h_r · C (u − d) − overload_m(r) ≤ limit_m(r) − flow_r(schedule) (CNEC r)
         p_min ≤ schedule + u − d ≤ p_max

`overload` is the last resort. There is one per limit m and hour: a branch has one without outage
and one after outages, whichever that is, so that neither makes room for the other. No finite M
makes sure that it comes last, so hours that end with an overload are solved again in order: first
the least sum of overloads, then the least departure that keeps it. Rows are added on demand: hours
whose schedule is secure need no program at all, the others only the rows that some hour violated,
until the full screen is clean.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gridplan.base.errors import SolverError
from gridplan.operation.case import LAST_RESORT_COST, Case, imbalance_mw
from gridplan.operation.regions import Bounds, at_time, solve_hours
from gridplan.operation.rows import RowPool
from gridplan.operation.screen import Violations, violations

Array = NDArray[np.float64]
Progress = Callable[[float], None]

TOLERANCE_MW = 1e-5  # excess that counts as none
OVERLOAD_COST = 1e4  # per MW, against redispatch weights of 1 to 5
SLACK_MW = 1e-6  # by which the second solve may exceed the least overload; above any rounding
ROWS_PER_HOUR = 3  # worst violations that an hour adds in a round


@dataclass(frozen=True)
class Dispatch:
    """Dispatch of T hours.

    Parameters
    ----------
    dispatch_mw : ndarray, shape (T, S)
        Output of every source (MW).
    flow_mw : ndarray, shape (T, L)
        Flows without outage (MW).
    overload_mw : ndarray, shape (T, 2L)
        MW by which a limit is exceeded, in the worst outage; 0 where the hour is secure.
    rows : RowPool
        CNECs that some hour needed.
    programs : int
        Linear programs that were solved.
    """

    dispatch_mw: Array
    flow_mw: Array
    overload_mw: Array
    rows: RowPool
    programs: int


def secure_dispatch(
    case: Case,
    rows: RowPool | None = None,
    progress: Progress | None = None,
    *,
    most_mw: Array | None = None,
) -> Dispatch:
    """Dispatch every hour securely.

    Parameters
    ----------
    case : Case
        T hours; the schedule must lie within the sources' limits.
    rows : RowPool, optional
        Rows known from a case with the same grid; new ones are added to it.
    progress : callable, optional
        Called with the share of hours that are settled.
    most_mw : ndarray, shape (T, S), optional
        What every source may give at most. An hour that asks a last resort for more, or overloads
        a branch, is left as soon as that shows: not secure, and not the least that is missing.

    Returns
    -------
    Dispatch

    Raises
    ------
    SolverError
        When an hour cannot be balanced although shortage and surplus have room, or the rows of
        an hour do not settle.
    """
    rows = RowPool(case.grid) if rows is None else rows
    dispatch = case.schedule_mw.copy()
    flow = case.grid.flows_mw(case.injections_mw(dispatch))
    overload = np.zeros_like(case.limit_mw)
    found = violations(case.grid, flow, case.limit_mw, TOLERANCE_MW, case.relief_mw)
    unbalanced = np.abs(imbalance_mw(case, dispatch)).max(axis=1) > TOLERANCE_MW
    pending = np.union1d(found.hour, np.flatnonzero(unbalanced))
    programs = 0
    while len(pending):
        new = rows.add(found, ROWS_PER_HOUR)
        _refuse_stall(found, new, programs)
        part = case.at(pending)
        most = None if most_mw is None else most_mw[pending]
        dispatch[pending], over, left, solved = _redispatch(part, rows, most)
        programs += solved
        flow[pending] = case.grid.flows_mw(part.injections_mw(dispatch[pending]))
        overload[pending] = np.where(over > TOLERANCE_MW, over, 0.0)
        pending, part, over = pending[~left], part.at(np.flatnonzero(~left)), over[~left]
        if not len(pending):
            break
        limit = part.limit_mw + over
        found = violations(case.grid, flow[pending], limit, TOLERANCE_MW, part.relief_mw)
        found = Violations(
            pending[found.hour], found.branch, found.outage, found.sign, found.over_mw
        )
        pending = np.unique(found.hour)
        if progress:
            progress(1 - len(pending) / len(flow))
    return Dispatch(dispatch, flow, overload, rows, programs)


def _refuse_stall(found: Violations, new: int, programs: int) -> None:
    """Stop when a round brought no new row although hours still violate some."""
    if programs and not new:
        worst = float(found.over_mw.max())
        msg = f"CNEC rows did not settle: {worst:.6f} MW above a limit that is already in the model"
        raise SolverError(msg)


def _redispatch(
    case: Case, rows: RowPool, most_mw: Array | None
) -> tuple[Array, Array, NDArray[np.bool_], int]:
    """Least departure from the schedule for all hours of a case.

    Returns
    -------
    dispatch : ndarray, shape (T, S)
    overload : ndarray, shape (T, 2L)
    left : ndarray of bool, shape (T,)
        Hours that overload a branch or ask for more than `most_mw`.
    programs : int
    """
    moving = np.flatnonzero((case.p_max_mw - case.p_min_mw).max(axis=0) > TOLERANCE_MW)
    watched, own = np.unique(rows.limit, return_inverse=True)
    cost, matrix = _program(case, rows, moving, len(watched), own)
    bounds = _bounds(case, rows, moving, len(watched))
    with at_time(case.hours):
        solutions = solve_hours(cost, matrix, bounds)
    point, programs = solutions.z, solutions.programs
    last = np.concatenate(
        [np.tile(case.weight[moving] >= LAST_RESORT_COST, 2), np.ones(len(watched), bool)]
    )
    dispatch, over = _read(case, point, moving)
    left = np.zeros(len(point), dtype=bool)
    if most_mw is not None:
        left = (dispatch - most_mw > TOLERANCE_MW).any(axis=1) | (over > TOLERANCE_MW).any(axis=1)
    doubtful = np.flatnonzero((point[:, last] > TOLERANCE_MW).any(axis=1) & ~left)
    if len(doubtful):
        with at_time(case.hours[doubtful]):
            point[doubtful], more = _in_order(cost, matrix, bounds.at(doubtful), last)
        programs += more
        dispatch, over = _read(case, point, moving)
    overload = np.zeros_like(case.limit_mw)
    overload[:, watched] = np.maximum(over, 0.0)
    return dispatch, overload, left, programs


def _read(case: Case, point: Array, moving: NDArray[np.int64]) -> tuple[Array, Array]:
    """Split points of the program into dispatch and overload of the watched limits."""
    up, down, over = np.split(point, [len(moving), 2 * len(moving)], axis=1)
    dispatch = case.schedule_mw.copy()
    dispatch[:, moving] += up - down
    return dispatch, over


def _in_order(
    cost: Array, matrix: Array, bounds: Bounds, last: NDArray[np.bool_]
) -> tuple[Array, int]:
    """Solve for the least use of the last resorts first, then for the least departure.

    Returns
    -------
    z : ndarray, shape (T, n)
    programs : int
    """
    least = solve_hours(np.where(last, cost / OVERLOAD_COST, 0.0), matrix, bounds)
    upper = bounds.upper.copy()
    upper[:, last] = np.minimum(upper[:, last], least.z[:, last] + SLACK_MW)
    second = solve_hours(cost, matrix, replace(bounds, upper=upper))
    return second.z, least.programs + second.programs


def _program(
    case: Case, rows: RowPool, moving: NDArray[np.int64], watched: int, own: NDArray[np.int64]
) -> tuple[Array, Array]:
    """Cost and matrix over the columns (up, down, overload); rows are balance, then CNECs."""
    order = 1 + 1e-3 * np.arange(len(moving)) / max(len(moving), 1)  # no two optima
    weight = case.weight[moving] * order
    cost = np.concatenate([weight, weight, np.full(watched, OVERLOAD_COST)])
    injected = case.injection[moving].sum(axis=1)  # +1, or −1 for surplus
    island = case.source_island[moving]
    balance = (island == np.arange(case.grid.topology.islands)[:, None]) * injected
    effect = rows.sensitivity() @ case.injection[moving].T
    relief = np.zeros((len(rows), watched))
    relief[np.arange(len(rows)), own] = -1.0
    none = np.zeros((len(balance), watched))
    return cost, np.block([[balance, -balance, none], [effect, -effect, relief]])


def _bounds(case: Case, rows: RowPool, moving: NDArray[np.int64], watched: int) -> Bounds:
    """Hourly bounds of the program."""
    hours = len(case.hours)
    schedule = case.schedule_mw[:, moving]
    upward = np.maximum(case.p_max_mw[:, moving] - schedule, 0.0)
    downward = np.maximum(schedule - case.p_min_mw[:, moving], 0.0)
    flow = case.grid.flows_mw(case.injections_mw(case.schedule_mw))
    flow = rows.flows_mw(flow, case.relief_mw)
    room = case.limit_mw[:, rows.limit] - flow
    missing = imbalance_mw(case, case.schedule_mw)
    return Bounds(
        lower=np.zeros((hours, 2 * len(moving) + watched)),
        upper=np.hstack([upward, downward, np.full((hours, watched), np.inf)]),
        row_lower=np.hstack([missing, np.full_like(room, -np.inf)]),
        row_upper=np.hstack([missing, room]),
    )
