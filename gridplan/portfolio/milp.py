"""One mixed-integer program in HiGHS, deterministic and quiet."""

from __future__ import annotations

from dataclasses import dataclass, replace

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from gridplan.base.errors import SolverError
from gridplan.operation.linear import quiet_solver

Array = NDArray[np.float64]
GAP = 1e-9  # relative; the costs of curtailed hours are far smaller than any project's value
INTEGRAL = 1e-9  # by how much an integer may miss


@dataclass(frozen=True)
class Program:
    """min c·x subject to A x ≤ b, lower ≤ x ≤ upper, some x integer.

    Parameters
    ----------
    cost, lower, upper : ndarray, shape (n,)
        c and the bounds.
    integer : ndarray of bool, shape (n,)
        Which columns are integer.
    matrix : scipy.sparse.csr_array, shape (m, n)
        A.
    row_upper : ndarray, shape (m,)
        b.
    """

    cost: Array
    lower: Array
    upper: Array
    integer: NDArray[np.bool_]
    matrix: sparse.csr_array
    row_upper: Array


@dataclass(frozen=True)
class Solved:
    """Optimum of a program.

    Parameters
    ----------
    x : ndarray, shape (n,)
        Best point.
    row_dual : ndarray, shape (m,)
        Change of the optimum per unit of a row's bound; of linear programs only.
    bound : float
        Lower bound of all costs: with integers and a slack, the answer may cost more.
    """

    x: Array
    row_dual: Array
    bound: float


def solve(program: Program, slack: float = 0.0, most: float = np.inf) -> Solved | None:
    """Solve a program; None where it has no solution.

    Parameters
    ----------
    program : Program
        What to minimise.
    slack : float
        How far above the minimum an answer may be, in the unit of the objective.
    most : float
        What costs more counts as no solution.

    Raises
    ------
    SolverError
        When HiGHS ends with neither an optimum nor a proof that there is none.
    """
    if not len(program.cost):
        if (program.row_upper < 0).any():
            return None
        return Solved(np.empty(0), np.empty(0), 0.0)
    if np.isfinite(most):
        program = _capped(program, most)
    solver = quiet_solver()
    solver.setOptionValue("mip_rel_gap", GAP)
    solver.setOptionValue("mip_abs_gap", slack)
    solver.setOptionValue("mip_feasibility_tolerance", INTEGRAL)
    solver.passModel(model_of(program))
    solver.run()
    status = solver.getModelStatus()
    if status == highspy.HighsModelStatus.kInfeasible:
        return None
    if status != highspy.HighsModelStatus.kOptimal:
        msg = f"selection ended with {solver.modelStatusToString(status)}"
        raise SolverError(msg)
    solution, info = solver.getSolution(), solver.getInfo()
    whole = program.integer.any()
    bound = info.mip_dual_bound if whole else info.objective_function_value
    return Solved(np.array(solution.col_value), np.array(solution.row_dual), bound)


def _capped(program: Program, most: float) -> Program:
    """Write the limit of the cost as a row: HiGHS knows no cutoff, and it prunes far better so."""
    cost = sparse.csr_array(program.cost[None, :])
    matrix = sparse.vstack([program.matrix, cost], format="csr")
    return replace(program, matrix=matrix, row_upper=np.append(program.row_upper, most))


def model_of(program: Program) -> highspy.HighsLp:
    """Build the HiGHS model."""
    rows, columns = program.matrix.shape
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = columns, rows
    model.col_cost_ = program.cost
    model.col_lower_, model.col_upper_ = program.lower, program.upper
    model.row_lower_ = np.full(rows, -np.inf)
    model.row_upper_ = program.row_upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = program.matrix.indptr.astype(np.int32)
    model.a_matrix_.index_ = program.matrix.indices.astype(np.int32)
    model.a_matrix_.value_ = program.matrix.data.astype(float)
    if program.integer.any():
        kinds = {True: highspy.HighsVarType.kInteger, False: highspy.HighsVarType.kContinuous}
        model.integrality_ = [kinds[bool(whole)] for whole in program.integer]
    return model
