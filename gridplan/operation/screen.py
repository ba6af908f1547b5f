"""The N-1 screen: every hour, every outage, every branch, by LODF and in blocks of hours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gridplan.grid.factors import ROWS
from gridplan.grid.sensitivities import STRONG, Grid

Array = NDArray[np.float64]
Found = tuple[Array, Array, Array, Array, Array]  # hour, branch, outage, sign and excess
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


def likely_extremes_mw(grid: Grid, flow_mw: Array) -> tuple[Array, Array]:
    """Highest and lowest flow under each limit over the outages that move it strongly.

    As `extremes_mw`, in less time: weak outages (`Grid.strong`) are left out, so that the figures
    after outages may miss a little.
    """
    strong, listed = grid.strong, replace(grid.without_outages(), listed=grid.listed)
    highest, lowest = extremes_mw(listed, flow_mw)
    for branch, limit in enumerate(grid.after):
        own = slice(*strong.indptr[branch : branch + 2])
        lost = flow_mw[:, grid.outages[strong.indices[own]]]
        after = flow_mw[:, [branch]] + lost * strong.data[own]
        highest[:, limit] = after.max(axis=1, initial=-np.inf).clip(min=highest[:, limit])
        lowest[:, limit] = after.min(axis=1, initial=np.inf).clip(max=lowest[:, limit])
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
    overload branch l if |LODF_lk| · max |f_k| exceeds the smallest room that l has. A row of LODF
    is looked at in full only where that room is less than what its weak ones can move.
    """
    left = flow_mw if relief_mw is None else flow_mw + relief_mw
    parts = [(np.empty(0),) * 5]
    for start in range(0, len(flow_mw), BLOCK):
        hours = slice(start, start + BLOCK)
        block = _Block(grid, flow_mw[hours], left[hours], limit_mw[hours])
        for hour, *others in block.violations(tolerance_mw):
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


def raised_mw(grid: Grid, flow_mw: Array, limit_mw: Array) -> Array:
    """Limits raised to the largest flow under them where that exceeds them (MW), (T, 2L)."""
    raised = limit_mw.copy()
    found = violations(grid, flow_mw, limit_mw, 0.0)
    at = (found.hour, grid.limit(found.branch, found.outage))
    np.maximum.at(raised, at, limit_mw[at] + found.over_mw)
    return raised


@dataclass(frozen=True)
class _Pairs:
    """Branches and the outages that may overload them, sorted by branch; P of them."""

    branch: NDArray[np.int64]
    outage: NDArray[np.int64]
    lodf: Array

    def of(self, branch: int) -> slice:
        """Where the pairs of a branch stand."""
        return slice(*np.searchsorted(self.branch, [branch, branch + 1]))


class _Block:
    """Some hours of a screen.

    Parameters
    ----------
    grid : Grid
        With L branches, K outages and M listed ones.
    flow, left : ndarray, shape (T, L)
        Flows without outage, and those of the load that is left after one, before any branch is
        lost (MW).
    limit : ndarray, shape (T, 2L)
        Limits (MW).
    """

    def __init__(self, grid: Grid, flow: Array, left: Array, limit: Array) -> None:
        self._grid, self._flow, self._left = grid, flow, left
        self._limit, self._limit_after = np.hsplit(limit, 2)
        self._lost = left[:, grid.outages]
        self._listed = [left + outage.moved_mw(left) for outage in grid.listed]

    def violations(self, tolerance_mw: float) -> Iterator[Found]:
        """Find hour, branch, outage, sign and excess of every violation, branch by branch."""
        bound = self._limit_after + tolerance_mw
        room = (bound - np.abs(self._left)).min(axis=0)
        pairs = self._pairs(room)
        suspect = (np.abs(self._flow) > self._limit + tolerance_mw).any(axis=0) | (room < 0)
        for each in self._listed:
            suspect |= (np.abs(each) > bound).any(axis=0)
        suspect |= self._exceeded(bound, pairs, ~suspect)
        for branch in np.flatnonzero(suspect):
            yield from self._of_branch(branch, pairs, tolerance_mw)

    def _pairs(self, room: Array) -> _Pairs:
        """Pairs that can use up the smallest room of a branch, shape (L,), in some hour."""
        peak = np.abs(self._lost).max(axis=0, initial=0.0)
        tight = room < STRONG * peak.max(initial=0.0)
        strong = self._grid.strong
        branch = np.repeat(np.arange(len(room)), np.diff(strong.indptr))
        near = (np.abs(strong.data) * peak[strong.indices] > room[branch]) & ~tight[branch]
        parts = [(branch[near], strong.indices[near].astype(np.int64), strong.data[near])]
        whole = np.flatnonzero(tight)
        for start in range(0, len(whole), ROWS):
            some = whole[start : start + ROWS]
            rows = self._grid.lodf.rows(some)
            row, outage = np.nonzero(np.abs(rows) * peak > room[some, None])
            parts.append((some[row], outage, rows[row, outage]))
        branch, outage, lodf = (np.concatenate(part) for part in zip(*parts, strict=True))
        order = np.argsort(branch, kind="stable")
        return _Pairs(branch[order], outage[order], lodf[order])

    def _exceeded(self, bound: Array, pairs: _Pairs, asked: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Tell which of the asked branches an outage takes over their limit, both (L,)."""
        exceeded = np.zeros(len(asked), dtype=bool)
        place = np.flatnonzero(asked[pairs.branch])
        for start in range(0, len(place), PAIRS):
            some = place[start : start + PAIRS]
            branch = pairs.branch[some]
            after = self._lost[:, pairs.outage[some]] * pairs.lodf[some]
            after += self._left[:, branch]
            over = (np.abs(after) > bound[:, branch]).any(axis=0)
            exceeded[branch[over]] = True
        return exceeded

    def _of_branch(self, branch: int, pairs: _Pairs, tolerance_mw: float) -> Iterator[Found]:
        """Violations of one branch: without outage, then after the worst of the outages."""
        own = pairs.of(branch)
        single = self._lost[:, pairs.outage[own]] * pairs.lodf[own] + self._left[:, [branch]]
        after = np.column_stack([single, *(each[:, branch] for each in self._listed)])
        listed = len(self._grid.outages) + np.arange(len(self._listed))
        numbers = np.concatenate([pairs.outage[own], listed])
        hours = np.arange(len(self._flow))
        for sign in (1.0, -1.0):
            over = sign * self._flow[:, branch] - self._limit[:, branch]
            excess = [(over, np.full(len(hours), -1))]
            if len(numbers):
                worst = (sign * after).argmax(axis=1)
                over = sign * after[hours, worst] - self._limit_after[:, branch]
                excess.append((over, numbers[worst]))
            for over, outage in excess:
                hour = np.flatnonzero(over > tolerance_mw)
                ones = np.ones(len(hour))
                yield hour, branch * ones, outage[hour], sign * ones, over[hour]
