r"""What the grid allows, in terms of the choice alone.

A limit on the load added at the buses (`gridplan.operation.limits`) becomes a limit on options:

    Σ_j use_j (shape_tj z_j − u_tj) ≤ room_t

with use_j = Σ_b use_b bus_mw_jb for load, and −λ of its limit for a rating; u is what a
conditional project is not served. One failing hour thus teaches all 8,760.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridplan.operation.case import Case
from gridplan.operation.limits import GridLimits, limits_of
from gridplan.operation.regions import Bounds, Solutions, at_time, solve_hours
from gridplan.operation.rows import RowPool
from gridplan.portfolio.options import Options

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Cuts:
    """C grid limits over T hours and the J + I effects of options.

    Parameters
    ----------
    use : ndarray, shape (C, J + I)
        MW of the limit used per unit of an effect's shape.
    grid : GridLimits
        The same limits on load added at the buses.
    weight : ndarray, shape (C, R)
        Weights of the R rows that each limit is made of, in the order of the row pool.
    balance : ndarray, shape (C, islands)
        Weights of the islands' balances in them.
    """

    use: Array
    grid: GridLimits
    weight: Array
    balance: Array

    def __len__(self) -> int:
        return len(self.use)

    @property
    def room_mw(self) -> Array:
        """MW that each limit leaves to all options together in every hour, shape (C, T)."""
        return self.grid.room_mw

    def excess_mw(self, shape: Array, taken: Array) -> Array:
        """MW by which effects taken in full exceed every limit in every hour, shape (C, T)."""
        return (self.use * taken) @ shape.T - self.room_mw

    def joined(self, others: Cuts) -> Cuts:
        """Return these limits and the others."""
        width = max(self.weight.shape[1], others.weight.shape[1])
        weights = [
            np.pad(part.weight, ((0, 0), (0, width - part.weight.shape[1])))
            for part in (self, others)
        ]
        return Cuts(
            np.vstack([self.use, others.use]),
            self.grid.joined(others.grid),
            np.vstack(weights),
            np.vstack([self.balance, others.balance]),
        )


def no_cuts(options: Options, islands: int) -> Cuts:
    """Start without any limit."""
    limits, buses = options.rating_pu.shape[1], options.bus_mw.shape[1]
    widths = (buses, buses, limits, len(options.profile))
    none = GridLimits(*(np.empty((0, width)) for width in widths))
    use = np.empty((0, len(options.rating_pu)))
    return Cuts(use, none, np.empty((0, 0)), np.empty((0, islands)))


def violation_mw(case: Case, rows: RowPool) -> Solutions:
    """Smallest MW v by which all rows and balances must be loosened, in every hour of a case.

    Notes
    -----
    min v, with h_r · C g − v ≤ limit_r − …, and balances loosened by v in both directions. The
    last column of the points is v.
    """
    effect = rows.sensitivity() @ case.injection.T
    injected = case.injection.sum(axis=1)
    islands = np.arange(case.grid.topology.islands)[:, None]
    balance = (case.source_island == islands) * injected
    ones = np.ones((len(balance), 1))
    matrix = np.block([[balance, ones], [balance, -ones], [effect, -np.ones((len(effect), 1))]])
    cost = np.zeros(matrix.shape[1])
    cost[-1] = 1.0
    with at_time(case.hours):
        return solve_hours(cost, matrix, _bounds(case, rows))


def _bounds(case: Case, rows: RowPool) -> Bounds:
    """Hourly bounds of the violation program."""
    hours = len(case.hours)
    demand = case.grid.topology.sum_by_island(case.load_mw)
    without_source = rows.flows_mw(case.grid.flows_mw(-case.load_mw), case.relief_mw)
    room = case.limit_mw[:, rows.limit] - without_source
    endless = np.full_like(demand, np.inf)
    return Bounds(
        lower=np.hstack([case.p_min_mw, np.zeros((hours, 1))]),
        upper=np.hstack([case.p_max_mw, np.full((hours, 1), np.inf)]),
        row_lower=np.hstack([demand, -endless, np.full_like(room, -np.inf)]),
        row_upper=np.hstack([endless, demand, room]),
    )


def cuts_of(row_dual: Array, rows: RowPool, base: Case, options: Options) -> Cuts:
    """Turn the duals of failing hours into limits that hold in all hours.

    Parameters
    ----------
    row_dual : ndarray, shape (C, 2 x islands + R)
        Row duals of `violation_mw`.
    rows : RowPool
        The R rows in the program.
    base : Case
        All T hours, limits as a plan must keep them, without options.
    options : Options
        The J options; a rating option's shape is its gain in MW.

    Returns
    -------
    Cuts
    """
    islands = base.grid.topology.islands
    balance = row_dual[:, :islands] + row_dual[:, islands : 2 * islands]
    return weighted_cuts(-row_dual[:, 2 * islands :], balance, rows, base, options)


def weighted_cuts(
    weight: Array, balance: Array, rows: RowPool, base: Case, options: Options
) -> Cuts:
    """Turn weights of rows and balances, which may come from another base case, into limits.

    Parameters
    ----------
    weight : ndarray, shape (C, R)
        Of the rows.
    balance : ndarray, shape (C, islands)
        Of the islands' balances.
    rows, base, options
        As in `cuts_of`.
    """
    limits = limits_of(weight, balance, rows, base)
    use = -limits.on_limit @ (options.rating_pu > 0).T
    count = len(options.names)
    use[:, :count] += limits.use @ options.bus_mw.T + limits.after @ options.released_mw.T
    return Cuts(use, limits, weight, balance)
