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

    def at(self, hours: NDArray[np.int64]) -> Bounds:
        """Keep only the given hours (positions)."""
        return Bounds(
            self.lower[hours], self.upper[hours], self.row_lower[hours], self.row_upper[hours]
        )


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
    program = LinearProgram(cost, matrix)
    duals: list[Array] = []
    pending = np.arange(hours)
    while len(pending):
        first = bounds.at(pending[:1])
        vertex = program.solve(
            first.lower[0], first.upper[0], first.row_lower[0], first.row_upper[0]
        )
        points, fits = extend(cost, matrix, vertex, bounds.at(pending))
        points[0], fits[0] = vertex.z, True
        z[pending[fits]] = points[fits]
        region[pending[fits]] = len(duals)
        duals.append(vertex.row_dual)
        pending = pending[~fits]
        if progress:
            progress(1 - len(pending) / hours)
    return Solutions(z, region, np.array(duals).reshape(-1, len(matrix)))


def extend(
    cost: Array, matrix: Array, vertex: Vertex, bounds: Bounds
) -> tuple[Array, NDArray[np.bool_]]:
    """Points that a basis gives in other hours, and whether it is optimal there.

    Parameters
    ----------
    cost, matrix
        As in `solve_hours`.
    vertex : Vertex
        Optimal basis of one hour.
    bounds : Bounds
        Bounds of T hours.

    Returns
    -------
    z : ndarray, shape (T, n)
    fits : ndarray of bool, shape (T,)
        False everywhere where the basis matrix is numerically singular.
    """
    columns, rows = vertex.basic_columns, ~vertex.basic_rows
    hours = len(bounds.lower)
    reduced = cost - vertex.row_dual @ matrix
    z = _resting(reduced, vertex.column_at_upper, bounds.lower, bounds.upper)
    z[:, columns] = 0.0
    if columns.sum() != rows.sum():
        return z, np.zeros(hours, dtype=bool)
    fits = np.isfinite(z).all(axis=1)
    target = _resting(vertex.row_dual, vertex.row_at_upper, bounds.row_lower, bounds.row_upper)
    wanted = target[:, rows]
    fits &= np.isfinite(wanted).all(axis=1)
    if columns.any():
        basis = matrix[np.ix_(rows, columns)]
        solved, sound = _solve(basis, (wanted - z @ matrix[rows].T)[fits])
        if not sound:
            return z, np.zeros(hours, dtype=bool)
        z[np.ix_(fits, columns)] = solved
    activity = z @ matrix.T
    fits &= _within(z, bounds.lower, bounds.upper)
    fits &= _within(activity, bounds.row_lower, bounds.row_upper)
    return z, fits


def _resting(dual: Array, at_upper: NDArray[np.bool_], lower: Array, upper: Array) -> Array:
    """Bound on which each nonbasic variable rests, by the sign of its dual, shape (T, ·).

    A dual of zero leaves the side open: the solver's side is kept if it is finite.
    """
    upper_side = np.where(np.abs(dual) > COST_TOLERANCE, dual < 0, at_upper)
    rest = np.where(upper_side, upper, lower)
    other = np.where(upper_side, lower, upper)
    free = np.abs(dual) <= COST_TOLERANCE
    return np.where(free & ~np.isfinite(rest), np.where(np.isfinite(other), other, 0.0), rest)


def _solve(basis: Array, wanted: Array) -> tuple[Array, bool]:
    """Compute the basic columns of all hours; unsound where the basis is nearly singular."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LinAlgWarning)
        factors = lu_factor(basis)
    diagonal = np.abs(np.diag(factors[0]))
    if diagonal.min() < 1e-11 * max(diagonal.max(), 1.0):
        return wanted, False
    return lu_solve(factors, wanted.T).T, True


def _within(value: Array, lower: Array, upper: Array) -> NDArray[np.bool_]:
    """Hours in which all values lie within their bounds, shape (T,)."""
    return ((value >= lower - TOLERANCE) & (value <= upper + TOLERANCE)).all(axis=1)
