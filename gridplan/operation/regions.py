r"""Many hours of one linear program: a basis found in one hour serves every hour it fits.

All hours share cost c and matrix A; only bounds differ. Let a basis of one hour have basic columns
J and nonbasic rows R (|J| = |R|). In any other hour the nonbasic columns and rows rest on that
hour's bounds, so the basic columns follow from

    A[R, J] z_J = row bound_R − A[R, N] z_N        (slack rows are eliminated)

The basis is optimal in every hour in which z_J and the activities of the basic rows stay within
their bounds, because reduced costs do not depend on the hour. One factorisation and two matrix
products therefore test all hours at once. The side on which a nonbasic variable rests is taken
from the sign of its reduced cost, so hours whose bounds cross sides are judged right.

References
----------
Gal, Nedoma (1972): Multiparametric linear programming. Management Science 18(7), 406-422.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgWarning, lu_factor, lu_solve

from gridplan.operation.linear import LinearProgram, Vertex

Array = NDArray[np.float64]
TOLERANCE = 1e-7  # MW; how far a point may be outside its bounds
COST_TOLERANCE = 1e-9  # reduced cost that counts as none


@dataclass(frozen=True)
class Bounds:
    """Bounds of all hours: columns (T, n), rows (T, m)."""

    lower: Array
    upper: Array
    row_lower: Array
    row_upper: Array


@dataclass(frozen=True)
class Solutions:
    """Optimal points of all hours.

    Parameters
    ----------
    z : ndarray, shape (T, n)
        Optimal points.
    region : ndarray of int, shape (T,)
        Which solved program serves each hour.
    row_dual : ndarray, shape (regions, m)
        Row duals of each solved program.
    """

    z: Array
    region: NDArray[np.int64]
    row_dual: Array

    @property
    def programs(self) -> int:
        """Number of linear programs that were solved."""
        return len(self.row_dual)


def solve_hours(
    cost: Array,
    matrix: Array,
    bounds: Bounds,
    progress: Callable[[float], None] | None = None,
) -> Solutions:
    """Solve min c·z, A z within its row bounds, z within its bounds, for every hour.

    Parameters
    ----------
    cost : ndarray, shape (n,)
        c, the same in all hours.
    matrix : ndarray, shape (m, n)
        A, the same in all hours.
    bounds : Bounds
        Bounds of T hours.
    progress : callable, optional
        Called with the share of hours done.

    Returns
    -------
    Solutions

    Raises
    ------
    SolverError
        When an hour has no optimum.
    """
    hours = len(bounds.lower)
    z = np.empty((hours, len(cost)))
    region = np.empty(hours, dtype=np.int64)
    program, problem = LinearProgram(cost, matrix), _Problem.of(cost, matrix, bounds)
    duals: list[Array] = []
    pending = np.arange(hours)
    while len(pending):
        hour = pending[0]
        vertex = program.solve(
            bounds.lower[hour], bounds.upper[hour], bounds.row_lower[hour], bounds.row_upper[hour]
        )
        served = _extend(problem, vertex, pending[1:], z)
        z[hour] = vertex.z
        region[[hour, *served]] = len(duals)
        duals.append(vertex.row_dual)
        pending = np.setdiff1d(pending[1:], served, assume_unique=True)
        if progress:
            progress(1 - len(pending) / hours)
    return Solutions(z, region, np.array(duals).reshape(-1, len(matrix)))


@dataclass(frozen=True)
class _Problem:
    """The programs of all hours, bounds stored by column so that few columns are cheap to read.

    `lower`, `upper`, `row_lower` and `row_upper` have the hours last; `resting` marks columns
    whose lower bound is not 0 in all hours.
    """

    cost: Array
    matrix: Array
    lower: Array
    upper: Array
    row_lower: Array
    row_upper: Array
    resting: NDArray[np.bool_]

    @classmethod
    def of(cls, cost: Array, matrix: Array, bounds: Bounds) -> _Problem:
        """Turn the bounds over."""
        names = ("lower", "upper", "row_lower", "row_upper")
        turned = {name: np.ascontiguousarray(getattr(bounds, name).T) for name in names}
        return cls(cost, matrix, resting=(bounds.lower != 0.0).any(axis=0), **turned)


def _extend(
    problem: _Problem, vertex: Vertex, hours: NDArray[np.int64], z: Array
) -> NDArray[np.int64]:
    """Find the hours that a basis serves and write their points to `z`.

    None where the basis matrix is numerically singular; those hours get a program of their own.
    """
    columns, rows = vertex.basic_columns, np.flatnonzero(~vertex.basic_rows)
    basic = np.flatnonzero(columns)
    if len(basic) != len(rows) or not len(hours):
        return hours[:0]
    at_upper = _rests_above(problem.cost - vertex.row_dual @ problem.matrix, vertex.column_at_upper)
    carrying = np.flatnonzero(~columns & (at_upper | problem.resting))  # the others rest at 0
    side = np.where(at_upper[carrying, None], problem.upper[carrying], problem.lower[carrying])
    row_above = _rests_above(vertex.row_dual, vertex.row_at_upper)[rows]
    target = np.where(row_above[:, None], problem.row_upper[rows], problem.row_lower[rows])
    value, wanted = side[:, hours], target[:, hours]
    sound = np.isfinite(value).all(axis=0) & np.isfinite(wanted).all(axis=0)
    hours, value, wanted = hours[sound], value[:, sound], wanted[:, sound]
    solved = _solve(
        problem.matrix[np.ix_(rows, basic)],
        wanted - problem.matrix[np.ix_(rows, carrying)] @ value,
    )
    if solved is None:
        return hours[:0]
    fits = _within(solved, problem.lower[basic][:, hours], problem.upper[basic][:, hours])
    hours, value, solved = hours[fits], value[:, fits], solved[:, fits]
    loose = np.flatnonzero(vertex.basic_rows)
    activity = problem.matrix[np.ix_(loose, carrying)] @ value
    activity += problem.matrix[np.ix_(loose, basic)] @ solved
    fits = _within(activity, problem.row_lower[loose][:, hours], problem.row_upper[loose][:, hours])
    hours = hours[fits]
    z[hours] = 0.0
    z[np.ix_(hours, carrying)] = value[:, fits].T
    z[np.ix_(hours, basic)] = solved[:, fits].T
    return hours


def _rests_above(dual: Array, solver_says: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell which nonbasic variables rest on their upper bound, by the sign of their dual.

    A dual of zero leaves the side open; then the solver's own side is kept.
    """
    return np.where(np.abs(dual) > COST_TOLERANCE, dual < 0, solver_says)


def _solve(basis: Array, wanted: Array) -> Array | None:
    """Compute the basic columns of all hours; None where the basis is nearly singular."""
    if not len(basis):
        return wanted
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LinAlgWarning)
        factors = lu_factor(basis)
    diagonal = np.abs(np.diag(factors[0]))
    if diagonal.min() < 1e-11 * max(diagonal.max(), 1.0):
        return None
    return lu_solve(factors, wanted)


def _within(value: Array, lower: Array, upper: Array) -> NDArray[np.bool_]:
    """Hours in which all values lie within their bounds, from arrays with the hours last."""
    return ((value >= lower - TOLERANCE) & (value <= upper + TOLERANCE)).all(axis=0)
