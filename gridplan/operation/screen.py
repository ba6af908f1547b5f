"""The N-1 screen: every hour, every outage, every branch, by LODF and in blocks of hours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridplan.grid.sensitivities import Grid

Array = NDArray[np.float64]
TIE_MW = 1e-9  # by which an outage must be worse than none to be named: on a bridge it is not
BLOCK = 128  # hours; a block of (hours, outages) then stays in the cache


@dataclass(frozen=True)
class Violations:
    """Limits that are exceeded: for each hour the worst outage of each limit in each direction.

    Parameters
    ----------
    hour, branch : ndarray of int, shape (V,)
        Positions.
    outage : ndarray of int, shape (V,)
        Position among the grid's outages, −1 for none (N-0).
    sign : ndarray, shape (V,)
        +1 where the flow exceeds the limit, −1 where it exceeds it the other way.
    over_mw : ndarray, shape (V,)
        MW above the limit.
    """

    hour: NDArray[np.int64]
    branch: NDArray[np.int64]
    outage: NDArray[np.int64]
    sign: Array
    over_mw: Array

    def __len__(self) -> int:
        return len(self.hour)

    def at(self, rows: NDArray[np.int64]) -> Violations:
        """Keep only the given ones (positions)."""
        columns = (self.hour, self.branch, self.outage, self.sign, self.over_mw)
        return Violations(*(column[rows] for column in columns))

    def told_apart(self) -> Violations:
        """Leave out outages that load a branch no more than it is overloaded without any."""
        place = self.hour * (self.branch.max(initial=0) + 1) + self.branch
        _, key = np.unique(2 * place + (self.sign > 0), return_inverse=True)
        without = np.full(len(self), -np.inf)
        none = self.outage < 0
        without[key[none]] = self.over_mw[none]
        return self.at(np.flatnonzero(none | (self.over_mw > without[key] + TIE_MW)))


def extremes_mw(grid: Grid, flow_mw: Array) -> tuple[Array, Array]:
    """Highest and lowest flow under each limit: without outage, and over all outages.

    Parameters
    ----------
    grid : Grid
        With L branches and K outages.
    flow_mw : ndarray, shape (T, L)
        Flows without outage (MW).

    Returns
    -------
    highest, lowest : ndarray, shape (T, 2L)
        MW; without any outage the limits after outages see no flow: −∞ and +∞. Work is T x L x K,
        memory T x L.
    """
    count, none = len(grid.ptdf), np.full_like(flow_mw, np.inf)
    highest, lowest = np.hstack([flow_mw, -none]), np.hstack([flow_mw, none])
    above, below = highest[:, count:], lowest[:, count:]  # after outages
    for start in range(0, len(flow_mw), BLOCK):
        rows = slice(start, start + BLOCK)
        for outage in grid.listed:
            after = flow_mw[rows] + outage.moved_mw(flow_mw[rows])
            np.maximum(above[rows], after, out=above[rows])
            np.minimum(below[rows], after, out=below[rows])
        lost = np.ascontiguousarray(flow_mw[rows, grid.outages])
        moved = np.empty_like(lost)
        for branch, factors in enumerate(grid.lodf if len(grid.outages) else ()):
            np.multiply(lost, factors, out=moved)
            base = flow_mw[rows, branch]
            above[rows, branch] = np.maximum(above[rows, branch], base + moved.max(axis=1))
            below[rows, branch] = np.minimum(below[rows, branch], base + moved.min(axis=1))
    return highest, lowest


def largest_mw(grid: Grid, flow_mw: Array) -> Array:
    """Largest flow under each limit, whatever its direction (MW), shape (T, 2L)."""
    highest, lowest = extremes_mw(grid, flow_mw)
    return np.maximum(np.maximum(highest, -lowest), 0.0)


def violations(
    grid: Grid,
    flow_mw: Array,
    limit_mw: Array,
    tolerance_mw: float,
    relief_mw: Array | None = None,
) -> Violations:
    """Screen all hours, outages and branches for flows above the limits.

    Parameters
    ----------
    grid : Grid
        With L branches and K outages.
    flow_mw : ndarray, shape (T, L)
        Flows without outage (MW).
    limit_mw : ndarray, shape (T, 2L)
        Limits (MW).
    tolerance_mw : float
        Excess that counts as none (MW).
    relief_mw : ndarray, shape (T, L), optional
        Change of the flows once conditional load is disconnected, after any outage (MW).

    Returns
    -------
    Violations
        Sorted by hour, then by excess, largest first.

    Notes
    -----
    Complete, yet most pairs are never multiplied out: within a block of hours outage k can only
    overload branch l if |LODF_lk| · max |f_k| exceeds the smallest room that l has.
    """
    parts = []
    for start in range(0, len(flow_mw), BLOCK):
        hours = slice(start, start + BLOCK)
        flow = flow_mw[hours]
        left = flow if relief_mw is None else flow + relief_mw[hours]
        hour, *others = _block_violations(grid, flow, left, limit_mw[hours], tolerance_mw)
        parts.append((hour + start, *others))
    found = [np.concatenate(part) for part in zip(*parts, strict=True)]
    hour, branch, outage, sign, over = found
    order = np.lexsort((branch, -over, hour))
    return Violations(
        hour[order].astype(np.int64),
        branch[order].astype(np.int64),
        outage[order].astype(np.int64),
        sign[order],
        over[order],
    )


def _block_violations(
    grid: Grid, flow: Array, left: Array, limit: Array, tolerance_mw: float
) -> tuple[Array, Array, Array, Array, Array]:
    """Violations of one block of hours: hour, branch, outage, sign, excess.

    `left` are the flows of the load that is left after an outage, before any branch is lost.
    """
    count = len(grid.ptdf)
    bound, bound_after = np.hsplit(limit + tolerance_mw, 2)
    room = (bound_after - np.abs(left)).min(axis=0)
    peak = np.abs(left[:, grid.outages]).max(axis=0)
    reach = np.abs(grid.lodf) * peak > room[:, None]
    exceeded = (np.abs(flow) > bound).any(axis=0)
    exceeded |= _exceeded(grid, left, bound_after, reach)
    several = [left + outage.moved_mw(left) for outage in grid.listed]
    for each in several:
        exceeded |= (np.abs(each) > bound_after).any(axis=0)
    listed = len(grid.outages) + np.arange(len(several))
    found = []
    for branch in np.flatnonzero(exceeded):
        outages = np.flatnonzero(reach[branch])
        single = left[:, grid.outages[outages]] * grid.lodf[branch, outages] + left[:, [branch]]
        after = np.column_stack([single, *(each[:, branch] for each in several)])
        numbers = np.concatenate([outages, listed])
        for sign in (1.0, -1.0):
            over = sign * flow[:, branch] - limit[:, branch]
            hours = [(over, np.full(len(flow), -1))]
            if len(numbers):
                worst = (sign * after).argmax(axis=1)
                beyond = sign * after[np.arange(len(flow)), worst] - limit[:, branch + count]
                hours.append((beyond, numbers[worst]))
            for excess, outage in hours:
                hour = np.flatnonzero(excess > tolerance_mw)
                ones = np.ones(len(hour))
                found.append((hour, branch * ones, outage[hour], sign * ones, excess[hour]))
    if not found:
        return (np.empty(0),) * 5
    return tuple(np.concatenate(part) for part in zip(*found, strict=True))


def _exceeded(grid: Grid, flow: Array, limit: Array, reach: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell which branches an outage that can reach them takes over their limit, shape (L,)."""
    branch, outage = np.nonzero(reach)
    after = flow[:, grid.outages[outage]] * grid.lodf[branch, outage]
    after += flow[:, branch]
    over = (np.abs(after) > limit[:, branch]).any(axis=0)
    exceeded = np.zeros(len(reach), dtype=bool)
    exceeded[branch[over]] = True
    return exceeded
