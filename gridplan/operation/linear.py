"""One small linear program in HiGHS whose bounds change from hour to hour."""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray

from gridplan.base.errors import SolverError

Array = NDArray[np.float64]
FEASIBLE = 1e-9  # by how much HiGHS lets a point leave its bounds
SMALLEST = 1e-12  # coefficient that counts; HiGHS's own 1e-9 moves 1000 MW by 1e-6


@dataclass(frozen=True)
class Vertex:
    """An optimal basic solution.

    Parameters
    ----------
    z : ndarray, shape (n,)
        Optimal point.
    row_dual : ndarray, shape (m,)
        Change of the optimum per unit of a row's active bound.
    basic_columns, basic_rows : ndarray of bool, shapes (n,) and (m,)
        Which columns and row activities are basic.
    column_at_upper, row_at_upper : ndarray of bool
        For the nonbasic ones: whether they rest on their upper bound.
    """

    z: Array
    row_dual: Array
    basic_columns: NDArray[np.bool_]
    basic_rows: NDArray[np.bool_]
    column_at_upper: NDArray[np.bool_]
    row_at_upper: NDArray[np.bool_]


class LinearProgram:
    """min c·z subject to row_lower ≤ A z ≤ row_upper, lower ≤ z ≤ upper, warm-started.

    Parameters
    ----------
    cost : ndarray, shape (n,)
        c.
    matrix : ndarray, shape (m, n)
        A.
    """

    def __init__(self, cost: Array, matrix: Array) -> None:
        self._rows, self._columns = matrix.shape
        self._solver = quiet_solver()
        self._solver.setOptionValue("small_matrix_value", SMALLEST)
        self._solver.passModel(_model(cost, matrix))

    def solve(self, lower: Array, upper: Array, row_lower: Array, row_upper: Array) -> Vertex:
        """Solve for one set of bounds.

        Raises
        ------
        SolverError
            When HiGHS does not report an optimum, or a bound is no number.
        """
        if any(np.isnan(side).any() for side in (lower, upper, row_lower, row_upper)):
            msg = "a bound is no number"  # HiGHS would keep the bounds of the hour before
            raise SolverError(msg)
        solver = self._solver
        columns = np.arange(self._columns, dtype=np.int32)
        rows = np.arange(self._rows, dtype=np.int32)
        solver.changeColsBounds(self._columns, columns, lower, upper)
        solver.changeRowsBounds(self._rows, rows, row_lower, row_upper)
        for prepare in _ATTEMPTS:
            prepare(solver)
            solver.run()
            status = solver.getModelStatus()
            if status == highspy.HighsModelStatus.kOptimal:
                return self._vertex()
        msg = f"linear program ended with {solver.modelStatusToString(status)}"
        raise SolverError(msg)

    def _vertex(self) -> Vertex:
        """Read solution and basis."""
        solution, basis = self._solver.getSolution(), self._solver.getBasis()
        column = np.array([int(status) for status in basis.col_status])
        row = np.array([int(status) for status in basis.row_status], dtype=int)
        basic = int(highspy.HighsBasisStatus.kBasic)
        upper = int(highspy.HighsBasisStatus.kUpper)
        return Vertex(
            z=np.array(solution.col_value),
            row_dual=np.array(solution.row_dual),
            basic_columns=column == basic,
            basic_rows=row == basic,
            column_at_upper=column == upper,
            row_at_upper=row == upper,
        )


def _from_last_basis(solver: highspy.Highs) -> None:
    """Start from the basis of the hour before."""
    solver.setOptionValue("presolve", "choose")
    solver.setOptionValue("solver", "choose")


def _from_scratch(solver: highspy.Highs) -> None:
    """Forget the last basis, which can mislead the simplex when it is stale."""
    solver.clearSolver()


def _without_presolve(solver: highspy.Highs) -> None:
    """Solve the program as it stands: presolve can leave duals too large for the ratio test."""
    solver.clearSolver()
    solver.setOptionValue("presolve", "off")


def _by_interior_point(solver: highspy.Highs) -> None:
    """Let the interior point method find the vertex; slower, but it needs no ratio test."""
    solver.clearSolver()
    solver.setOptionValue("solver", "ipm")


_ATTEMPTS = (_from_last_basis, _from_scratch, _without_presolve, _by_interior_point)


def quiet_solver() -> highspy.Highs:
    """Return HiGHS with one thread and a fixed seed, so that equal input gives equal output."""
    solver = highspy.Highs()
    for option, value in (
        ("output_flag", False),
        ("threads", 1),
        ("random_seed", 0),
        ("primal_feasibility_tolerance", FEASIBLE),
        ("dual_feasibility_tolerance", 1e-9),
    ):
        solver.setOptionValue(option, value)
    return solver


def _model(cost: Array, matrix: Array) -> highspy.HighsLp:
    """Build the HiGHS model with free bounds; every solve sets its own."""
    rows, columns = matrix.shape
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = columns, rows
    model.col_cost_ = np.asarray(cost, dtype=float)
    model.col_lower_, model.col_upper_ = np.zeros(columns), np.zeros(columns)
    model.row_lower_, model.row_upper_ = np.zeros(rows), np.zeros(rows)
    nonzero = matrix != 0.0
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.concatenate([[0], np.cumsum(nonzero.sum(axis=1))]).astype(np.int32)
    model.a_matrix_.index_ = np.nonzero(nonzero)[1].astype(np.int32)
    model.a_matrix_.value_ = matrix[nonzero]
    return model
