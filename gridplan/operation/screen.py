"""The N-1 screen: every hour, every outage, every branch, by LODF and in blocks of hours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridplan.grid.sensitivities import Grid

Array = NDArray[np.float64]
TIE_MW = 1e-9  # by which an outage must be worse than none to be named: on a bridge it is not
BLOCK = 128  # hours; a block of (hours, outages) then stays in the cache
PAIRS = 65_536  # pairs of branch and outage that are multiplied out at a time


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
    count, none = grid.branches, np.full_like(flow_mw, np.inf)
    highest, lowest = np.hstack([flow_mw, -none]), np.hstack([flow_mw, none])
    above, below = highest[:, count:], lowest[:, count:]  # after outages
    for outage in grid.listed:
        for start in range(0, len(flow_mw), BLOCK):
            rows = slice(start, start + BLOCK)
            after = flow_mw[rows] + outage.moved_mw(flow_mw[rows])
            np.maximum(above[rows], after, out=above[rows])
            np.minimum(below[rows], after, out=below[rows])
    for branches, lodf in grid.blocks() if len(grid.outages) else ():
        for start in range(0, len(flow_mw), BLOCK):
            rows = slice(start, start + BLOCK)
            lost = np.ascontiguousarray(flow_mw[rows, grid.outages])
            moved = np.empty_like(lost)
            for branch, factors in zip(branches, lodf, strict=True):
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
    left = flow_mw if relief_mw is None else flow_mw + relief_mw
    none = (np.empty(0),) * 5
    parts = [none]
    for branches, lodf in grid.blocks():
        for start in range(0, len(flow_mw), BLOCK):
            hours = slice(start, start + BLOCK)
            states = (flow_mw[hours], left[hours], limit_mw[hours])
            hour, *others = _Block(grid, branches, lodf, states).violations(tolerance_mw)
            parts.append((hour + start, *others))
    hour, branch, outage, sign, over = (np.concatenate(part) for part in zip(*parts, strict=True))
    order = np.lexsort((branch, -over, hour))
    return Violations(
        hour[order].astype(np.int64),
        branch[order].astype(np.int64),
        outage[order].astype(np.int64),
        sign[order],
        over[order],
    )


class _Block:
    """Some branches in some hours.

    Parameters
    ----------
    grid : Grid
        With K outages and M listed ones.
    branches : ndarray of int, shape (R,)
        Positions of the branches.
    lodf : ndarray, shape (R, K)
        Their rows.
    states : tuple of ndarray, shapes (T, L), (T, L) and (T, 2L)
        Flows without outage, those of the load that is left after one, before any branch is lost,
        and limits (MW).
    """

    def __init__(
        self,
        grid: Grid,
        branches: NDArray[np.int64],
        lodf: Array,
        states: tuple[Array, Array, Array],
    ) -> None:
        flow, left, limit = states
        self._branches, self._lodf, self._outages = branches, lodf, grid.outages
        self._flow, self._left, self._all_left = flow[:, branches], left[:, branches], left
        self._limit, self._limit_after = limit[:, branches], limit[:, grid.after[branches]]
        self._listed = [
            self._left + left[:, each.branches] @ each.lodf[branches].T for each in grid.listed
        ]

    def violations(self, tolerance_mw: float) -> tuple[Array, Array, Array, Array, Array]:
        """Find hour, branch, outage, sign and excess of every violation."""
        bound = self._limit_after + tolerance_mw
        room = (bound - np.abs(self._left)).min(axis=0)
        peak = np.abs(self._all_left[:, self._outages]).max(axis=0)
        reach = np.abs(self._lodf) * peak > room[:, None]
        exceeded = (np.abs(self._flow) > self._limit + tolerance_mw).any(axis=0)
        exceeded |= self._exceeded(bound, reach)
        for each in self._listed:
            exceeded |= (np.abs(each) > bound).any(axis=0)
        found = [
            part
            for row in np.flatnonzero(exceeded)
            for part in self._of_branch(row, np.flatnonzero(reach[row]), tolerance_mw)
        ]
        if not found:
            return (np.empty(0),) * 5
        return tuple(np.concatenate(part) for part in zip(*found, strict=True))

    def _exceeded(self, bound: Array, reach: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Tell which branches an outage that can reach them takes over their limit, shape (R,)."""
        branch, outage = np.nonzero(reach)
        exceeded = np.zeros(len(reach), dtype=bool)
        for start in range(0, len(branch), PAIRS):
            row, lost = branch[start : start + PAIRS], outage[start : start + PAIRS]
            after = self._all_left[:, self._outages[lost]] * self._lodf[row, lost]
            after += self._left[:, row]
            over = (np.abs(after) > bound[:, row]).any(axis=0)
            exceeded[row[over]] = True
        return exceeded

    def _of_branch(
        self, row: int, outages: NDArray[np.int64], tolerance_mw: float
    ) -> Iterator[tuple[Array, Array, Array, Array, Array]]:
        """Violations of one branch: without outage, then after the worst of the outages."""
        single = self._all_left[:, self._outages[outages]] * self._lodf[row, outages]
        single += self._left[:, [row]]
        after = np.column_stack([single, *(each[:, row] for each in self._listed)])
        listed = len(self._outages) + np.arange(len(self._listed))
        numbers = np.concatenate([outages, listed])
        hours = np.arange(len(self._flow))
        for sign in (1.0, -1.0):
            excess = [(sign * self._flow[:, row] - self._limit[:, row], np.full(len(hours), -1))]
            if len(numbers):
                worst = (sign * after).argmax(axis=1)
                over = sign * after[hours, worst] - self._limit_after[:, row]
                excess.append((over, numbers[worst]))
            for over, outage in excess:
                hour = np.flatnonzero(over > tolerance_mw)
                ones = np.ones(len(hour))
                branch = self._branches[row] * ones
                yield hour, branch, outage[hour], sign * ones, over[hour]
