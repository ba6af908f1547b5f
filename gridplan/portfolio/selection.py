"""The selection MILP: which options to take, given the grid limits known so far."""

from __future__ import annotations

from dataclasses import dataclass, field

import highspy
import numpy as np
from numpy.typing import NDArray

from gridplan.base.errors import InfeasiblePlanError, SolverError
from gridplan.operation.linear import quiet_solver
from gridplan.portfolio.cuts import Cuts
from gridplan.portfolio.options import Options

Array = NDArray[np.float64]
EXCESS_MW = 1e-5  # excess over a limit that counts as none
HOURS_PER_CUT = 4  # hours of one limit that enter the MILP in a round


@dataclass
class Selection:
    """max Σ value_j z_j subject to grid limits, budget and `requires`; rows are only added.

    Parameters
    ----------
    options : Options
        What can be chosen.
    budget_mnok : float or None
        Limit on the investment.
    """

    options: Options
    budget_mnok: float | None
    rows: list[Array] = field(default_factory=list)
    limits: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.budget_mnok is not None:
            self.rows.append(self.options.investment_mnok)
            self.limits.append(self.budget_mnok)
        for option, needed in self.options.requires:
            row = np.zeros(len(self.options.names))
            row[[option, needed]] = 1.0, -1.0
            self.rows.append(row)
            self.limits.append(0.0)

    def best(self, cuts: Cuts, shape: Array) -> Array:
        """Best choice that keeps all limits in all hours, shape (J,).

        The MILP sees only the hours that some choice violated; the others are checked by one
        matrix product per limit, until none is left.

        Parameters
        ----------
        cuts : Cuts
            Limits known so far.
        shape : ndarray, shape (T, J)
            MW per unit of an option in every hour.
        """
        while True:
            taken = self._solve()
            excess = cuts.excess_mw(shape, taken)
            if not len(cuts) or excess.max() <= EXCESS_MW:
                return taken
            self._take(cuts, shape, excess)

    def _take(self, cuts: Cuts, shape: Array, excess: Array) -> None:
        """Add the most violated hours of every violated limit."""
        for cut in np.flatnonzero(excess.max(axis=1) > EXCESS_MW):
            worst = np.argsort(-excess[cut], kind="stable")[:HOURS_PER_CUT]
            for hour in worst[excess[cut, worst] > EXCESS_MW]:
                self.rows.append(cuts.use[cut] * shape[hour])
                self.limits.append(float(cuts.room_mw[cut, hour]))

    def _solve(self) -> Array:
        """Solve the MILP with the rows at hand.

        Raises
        ------
        InfeasiblePlanError
            When no choice keeps the limits.
        """
        if not len(self.options.names):
            return np.empty(0)
        solver = quiet_solver()
        solver.setOptionValue("mip_rel_gap", 0.0)
        solver.setOptionValue("mip_abs_gap", 0.0)
        solver.setOptionValue("mip_feasibility_tolerance", 1e-9)
        count = len(self.options.names)
        zero = np.zeros(count)
        solver.addVars(count, zero, self.options.units.astype(float))
        index = np.arange(count, dtype=np.int32)
        solver.changeColsCost(count, index, -self.options.value_mnok)
        kinds = np.full(count, highspy.HighsVarType.kInteger)
        solver.changeColsIntegrality(count, index, kinds)
        for row, limit in zip(self.rows, self.limits, strict=True):
            solver.addRow(-np.inf, limit, count, index, row)
        solver.run()
        status = solver.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            msg = "no choice of projects and measures keeps all grid limits"
            raise InfeasiblePlanError(msg)
        if status != highspy.HighsModelStatus.kOptimal:
            msg = f"selection ended with {solver.modelStatusToString(status)}"
            raise SolverError(msg)
        return np.round(np.array(solver.getSolution().col_value))
