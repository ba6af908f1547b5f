r"""The best curtailment of what is taken, and what its prices say about any other choice.

With z given, what conditional projects are not served is a linear program:

    φ(z) = min Σ_q,t cost_q u_qt
    s.t.   Σ_q use_cq u_qt ≥ d_ct(z) = Σ_j use_cj shape_tj z_j − room_ct     (limit c in hour t)
           0 ≤ u_qt ≤ profile_qt z_q,   Σ_t u_qt ≤ most_q z_q

Its duals (y, w, v ≥ 0) stay feasible for every other z, so weak duality gives a row over z alone,
the classic cut of Benders (1962): φ(z) ≥ y · d(z) − Σ_qt w_qt profile_qt z_q − Σ_q v_q most_q z_q.
Where no curtailment keeps the limits, the duals of the smallest total excess give the same row with
0 instead of φ. The selection thus never holds an hour's curtailment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from gridplan.base.errors import SolverError
from gridplan.operation.linear import quiet_solver
from gridplan.portfolio.conditions import CURTAILED_PU
from gridplan.portfolio.cuts import Cuts
from gridplan.portfolio.milp import Program, model_of
from gridplan.portfolio.options import Options

Array = NDArray[np.float64]
Positions = NDArray[np.int64]
EXCESS_MW = 1e-5  # excess over a limit that counts as none
ROUNDING = 4e-9  # per unit; the selection cannot tell less
LEAST_PRICE = 1e-8  # MNOK per MWh, so that what costs nothing is not curtailed in vain


@dataclass(frozen=True)
class Bridged:
    """What curtailment can do for a choice.

    Parameters
    ----------
    curtailed_pu : ndarray, shape (T, Q)
        Best curtailment per unit of a project's size; of the smallest excess where `excess_mwh`.
    cost_mnok : float
        Its cost.
    excess_mwh : float
        What is left over the limits, summed over pairs of limit and hour; 0 where all hold.
    row : ndarray, shape (J,)
        Coefficients of what is taken: row · z − top is a lower bound of the cost of every choice,
        or, where there is excess, may not be positive.
    top : float
        As above.
    """

    curtailed_pu: Array
    cost_mnok: float
    excess_mwh: float
    row: Array
    top: float


def curtailable(options: Options, cuts: Cuts, pairs: Positions) -> Positions:
    """Pairs (project, hour) whose curtailment helps to keep some of the limits, shape (U, 2).

    Parameters
    ----------
    options : Options
        With Q conditional projects.
    cuts : Cuts
        Grid limits.
    pairs : ndarray of int, shape (P, 2)
        Limit and hour.
    """
    conditions = options.conditions
    if not len(conditions) or not len(pairs):
        return np.empty((0, 2), dtype=np.int64)
    useful = np.zeros((len(conditions), len(options.profile)), dtype=bool)
    cut, hour = pairs.T
    for project, place in enumerate(conditions.option):
        useful[project, hour[cuts.use[cut, place] > EXCESS_MW]] = True
    useful &= (options.profile[:, conditions.option] > 0).T
    return np.argwhere(useful & (conditions.most_pu_h > 0)[:, None])


def use_of(options: Options, cuts: Cuts, pairs: Positions, columns: Positions) -> sparse.csr_array:
    """MW of every pair's limit per unit of curtailment, shape (P, U)."""
    cut, hour = pairs.T
    project, at = columns.T
    hours = len(options.profile)
    inside = sparse.csr_array((np.ones(len(at)), (np.arange(len(at)), at)), shape=(len(at), hours))
    row, column = inside[:, hour].T.nonzero() if len(hour) else (hour, hour)
    use = cuts.use[cut[row], options.conditions.option[project[column]]]
    return sparse.csr_array((use, (row, column)), shape=(len(cut), len(at)))


def prices_mnok(options: Options) -> Array:
    """Cost of a full curtailed hour of every conditional project, never quite nothing (MNOK)."""
    conditions = options.conditions
    size = options.bus_mw[conditions.option].sum(axis=1)
    return np.maximum(conditions.cost_mnok, LEAST_PRICE * size)


def rounding(row: Array, taken: Array) -> float:
    """By how much the selection may break a row over what is taken, shape (J,), unnoticed."""
    size = np.abs(row)
    return float(ROUNDING * (size @ taken + size.max(initial=0.0)))


class Curtailment:
    """The program above over the given pairs; the basis of the last choice starts the next.

    Parameters
    ----------
    options : Options
        J options, Q of them conditional, T hours.
    shape : ndarray, shape (T, J + I)
        MW per unit of every effect in every hour.
    cuts : Cuts
        Grid limits.
    pairs : ndarray of int, shape (P, 2)
        Limit and hour of the rows.
    """

    def __init__(self, options: Options, shape: Array, cuts: Cuts, pairs: Positions) -> None:
        self._options, self._shape, self._cuts, self.pairs = options, shape, cuts, pairs
        self._columns = curtailable(options, cuts, pairs)
        project, hour = self._columns.T
        self._profile = options.profile[hour, options.conditions.option[project]]
        self._cost = np.append(prices_mnok(options)[project], np.zeros(len(pairs)))
        self._solver = quiet_solver()
        self._solver.setOptionValue("presolve", "off")  # it would forget the basis
        self._solver.passModel(model_of(self._program()))

    def _program(self) -> Program:
        """Columns u and the excess of every pair; rows of pairs, then of projects, all ≤."""
        pairs, columns, projects = (
            len(self.pairs),
            len(self._columns),
            len(self._options.conditions),
        )
        use = use_of(self._options, self._cuts, self.pairs, self._columns)
        of_project = sparse.csr_array(
            (np.ones(columns), (self._columns[:, 0], np.arange(columns))), shape=(projects, columns)
        )
        matrix = sparse.block_array(
            [
                [-use, -sparse.eye_array(pairs)],
                [of_project, sparse.csr_array((projects, pairs))],
            ],
            format="csr",
        )
        upper, integer = np.zeros(columns + pairs), np.zeros(columns + pairs, bool)
        return Program(self._cost, upper, upper, integer, matrix, np.zeros(pairs + projects))

    def best(self, taken: Array, bare_mw: Array) -> Bridged:
        """Find the cheapest curtailment of a choice, or that which leaves the least excess.

        Parameters
        ----------
        taken : ndarray, shape (J,)
            What is taken.
        bare_mw : ndarray, shape (C, T)
            Excess of every limit with nothing curtailed.
        """
        project, pairs, conditions = self._columns[:, 0], len(self.pairs), self._options.conditions
        most = taken[conditions.option]
        rows = np.append(-bare_mw[self.pairs[:, 0], self.pairs[:, 1]], conditions.most_pu_h * most)
        upper = self._profile * most[project]
        if self._optimal(np.append(upper, np.zeros(pairs)), rows, self._cost):
            return self._read(0.0)
        ones = np.append(np.zeros(len(project)), np.ones(pairs))
        if not self._optimal(np.append(upper, np.full(pairs, np.inf)), rows, ones):
            self._refuse()
        least = self._read(self._solver.getInfo().objective_function_value)
        if least.excess_mwh > EXCESS_MW + rounding(least.row, taken):
            return least
        spare = np.array(self._solver.getSolution().col_value)[len(project) :]
        if not self._optimal(np.append(upper, spare + ROUNDING), rows, self._cost):
            self._refuse()
        return self._read(0.0)

    def _optimal(self, upper: Array, rows: Array, cost: Array) -> bool:
        """Solve for one set of bounds; tell whether there is an optimum."""
        solver, columns = self._solver, np.arange(len(upper), dtype=np.int32)
        solver.changeColsBounds(len(upper), columns, np.zeros(len(upper)), upper)
        solver.changeColsCost(len(upper), columns, cost)
        places = np.arange(len(rows), dtype=np.int32)
        solver.changeRowsBounds(len(rows), places, np.full(len(rows), -np.inf), rows)
        solver.run()
        settled = (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInfeasible)
        if solver.getModelStatus() not in settled:
            solver.clearSolver()  # a stale basis can mislead the simplex: once more from scratch
            solver.run()
        return solver.getModelStatus() == highspy.HighsModelStatus.kOptimal

    def _refuse(self) -> NoReturn:
        status = self._solver.modelStatusToString(self._solver.getModelStatus())
        msg = f"curtailment ended with {status}"
        raise SolverError(msg)

    def _read(self, excess_mwh: float) -> Bridged:
        """Read the curtailment, and the row that the duals give."""
        solution = self._solver.getSolution()
        pairs, (project, hour) = len(self.pairs), self._columns.T
        options, conditions = self._options, self._options.conditions
        u = np.array(solution.col_value)[: len(project)]
        curtailed = np.zeros((len(self._shape), len(conditions)))
        curtailed[hour, project] = np.where(u > CURTAILED_PU / 100, u, 0.0)
        dual = np.minimum(np.array(solution.row_dual), 0.0)  # ≤ 0 for rows ≤ of a minimum
        weight = sparse.csr_array((-dual[:pairs], self.pairs.T), shape=self._cuts.room_mw.shape)
        row = options.by_option((self._cuts.use * (weight @ self._shape)).sum(axis=0))
        reduced = np.minimum(np.array(solution.col_dual)[: len(project)], 0.0)
        given = np.bincount(project, self._profile * reduced, minlength=len(conditions))
        row[conditions.option] += given + conditions.most_pu_h * dual[pairs:]
        top = float(weight.multiply(self._cuts.room_mw).sum())
        cost = float(self._cost[: len(project)] @ u)
        return Bridged(curtailed, cost, excess_mwh, row, top)
