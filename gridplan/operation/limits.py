r"""What the grid allows, in terms of the added load alone.

Take any weights λ ≥ 0 on the CNEC rows and μ on the islands' balance. For load a_b added at bus b,
hour t is secure only if

    Σ_b use_b a_tb ≤ room_t,      use_b = μ_island(b) − Σ_r λ_r h_rb

    room_t = Σ_r λ_r (limit_tr − offset_r) − Σ_b use_b load_tb + Σ_s max over the range of
             source s of (use at s · dispatch_s)

Conditional load is disconnected after an outage, and the balancing sources give way in their fixed
shares σ: rows after an outage see it as load at their buses, which adds Σ_r λ_r h_r (e_b − σ) over
those rows to its use.

This is the Lagrangian bound of the hour's dispatch problem. It holds for every added load and in
every hour of the same topology whatever λ and μ are, and the dual solution of an hour makes it
tight there. What one hour teaches about one bus thus bounds all buses in all 8,760 hours.

References
----------
Benders (1962): Partitioning procedures for solving mixed-variables programming problems.
Numerische Mathematik 4, 238-252.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridplan.operation.case import Case
from gridplan.operation.rows import RowPool

Array = NDArray[np.float64]
SMALL = 1e-9  # weights below this are rounding


@dataclass(frozen=True)
class GridLimits:
    """C limits over T hours, N buses and L branches.

    Parameters
    ----------
    use : ndarray, shape (C, N)
        MW of the limit used per MW of load added at a bus.
    after : ndarray, shape (C, N)
        MW of the limit that injection at a bus costs in the rows after an outage alone.
    on_limit : ndarray, shape (C, 2L)
        MW that it gains per MW by which a branch's limit (without or after an outage) rises.
    room_mw : ndarray, shape (C, T)
        MW that a limit leaves to all added load together in every hour.
    """

    use: Array
    after: Array
    on_limit: Array
    room_mw: Array

    def joined(self, others: GridLimits) -> GridLimits:
        """Return these limits and the others."""
        return GridLimits(
            np.vstack([self.use, others.use]),
            np.vstack([self.after, others.after]),
            np.vstack([self.on_limit, others.on_limit]),
            np.vstack([self.room_mw, others.room_mw]),
        )


def limits_of(weight: Array, balance: Array, rows: RowPool, case: Case) -> GridLimits:
    """Turn weights on rows and balances into limits that hold in all hours.

    Parameters
    ----------
    weight : ndarray, shape (C, R)
        λ, the weights of the rows; negative ones count as 0.
    balance : ndarray, shape (C, islands)
        μ, what a MW of load costs at an island's balance.
    rows : RowPool
        The R rows.
    case : Case
        All T hours with the limits to keep.

    Returns
    -------
    GridLimits
    """
    weight = np.where(weight < SMALL, 0.0, weight)
    sensitivity = rows.sensitivity()
    use = balance[:, case.grid.topology.island] - weight @ sensitivity
    after = np.where(rows.outage >= 0, weight, 0.0) @ sensitivity
    on_limit = np.zeros((len(weight), case.limit_mw.shape[1]))
    np.add.at(on_limit.T, rows.limit, weight.T)
    offset = rows.flows_mw(case.grid.offset_mw[None, :])[0]
    room = on_limit @ case.limit_mw.T - (weight @ offset)[:, None] - use @ case.load_mw.T
    at_source = use @ case.injection.T
    room += np.maximum(at_source, 0.0) @ case.p_max_mw.T
    room += np.minimum(at_source, 0.0) @ case.p_min_mw.T
    return GridLimits(use, after, on_limit, room)
