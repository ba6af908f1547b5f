"""The N-1 screen: every hour, every outage, every branch, by LODF and in blocks of hours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridplan.grid.sensitivities import Grid

Array = NDArray[np.float64]
BLOCK = 128  # hours; a block of (hours, outages) then stays in the cache


@dataclass(frozen=True)
class Violations:
    """Branches over their limit: for each hour and branch the worst outage in each direction.

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


def extremes_mw(grid: Grid, flow_mw: Array) -> tuple[Array, Array]:
    """Highest and lowest flow of each branch over N-0 and all outages.

    Parameters
    ----------
    grid : Grid
        With L branches and K outages.
    flow_mw : ndarray, shape (T, L)
        Flows without outage (MW).

    Returns
    -------
    highest, lowest : ndarray, shape (T, L)
        MW. Work is T x L x K, memory T x L.
    """
    highest, lowest = flow_mw.copy(), flow_mw.copy()
    if not len(grid.outages):
        return highest, lowest
    for start in range(0, len(flow_mw), BLOCK):
        rows = slice(start, start + BLOCK)
        lost = np.ascontiguousarray(flow_mw[rows, grid.outages])
        moved = np.empty_like(lost)
        for branch, factors in enumerate(grid.lodf):
            np.multiply(lost, factors, out=moved)
            base = flow_mw[rows, branch]
            highest[rows, branch] = np.maximum(base, base + moved.max(axis=1))
            lowest[rows, branch] = np.minimum(base, base + moved.min(axis=1))
    return highest, lowest


def violations(grid: Grid, flow_mw: Array, limit_mw: Array, tolerance_mw: float) -> Violations:
    """Screen all hours, outages and branches.

    Parameters
    ----------
    grid : Grid
        With L branches and K outages.
    flow_mw, limit_mw : ndarray, shape (T, L)
        Flows without outage and limits (MW).
    tolerance_mw : float
        Excess that counts as none (MW).

    Returns
    -------
    Violations
        Sorted by hour, then by excess, largest first.
    """
    found = []
    for sign, extreme in zip((1.0, -1.0), extremes_mw(grid, flow_mw), strict=True):
        hour, branch = np.nonzero(sign * extreme > limit_mw + tolerance_mw)
        outage = _worst_outage(grid, flow_mw, hour, branch, sign)
        over = sign * extreme[hour, branch] - limit_mw[hour, branch]
        found.append((hour, branch, outage, np.full(len(hour), sign), over))
    hour, branch, outage, signs, over = (
        np.concatenate(parts) for parts in zip(*found, strict=True)
    )
    order = np.lexsort((branch, -over, hour))
    return Violations(hour[order], branch[order], outage[order], signs[order], over[order])


def _worst_outage(
    grid: Grid,
    flow_mw: Array,
    hour: NDArray[np.int64],
    branch: NDArray[np.int64],
    sign: float,
) -> NDArray[np.int64]:
    """Outage that gives the extreme flow, −1 where no outage is worse than none."""
    worst = np.full(len(hour), -1, dtype=np.int64)
    if not len(grid.outages):
        return worst
    for start in range(0, len(hour), 4096):
        part = slice(start, start + 4096)
        moved = sign * flow_mw[hour[part]][:, grid.outages] * grid.lodf[branch[part]]
        largest = moved.argmax(axis=1)
        gain = moved[np.arange(len(largest)), largest]
        worst[part] = np.where(gain > 0, largest, -1)
    return worst
