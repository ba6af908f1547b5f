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

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridplan.operation.linear import LinearProgram, Vertex

Array = NDArray[np.float64]
TOLERANCE = 1e-7  # MW; how far a point may be outside its bounds
COST_TOLERANCE = 1e-9  # reduced cost that counts as none
SHRINK = 0.7  # share of open hours below which the arrays are cut to them


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
    open_hours = _OpenHours(cost, matrix, bounds)
    duals: list[Array] = []
    while len(open_hours):
        hour = open_hours.first()
        vertex = program.solve(
            bounds.lower[hour], bounds.upper[hour], bounds.row_lower[hour], bounds.row_upper[hour]
        )
        served = open_hours.serve(vertex, z)
        z[hour] = vertex.z
        region[[hour, *served]] = len(duals)
        duals.append(vertex.row_dual)
        open_hours.close([hour, *served])
        if progress:
            progress(1 - len(open_hours) / hours)
    return Solutions(z, region, np.array(duals).reshape(-1, len(matrix)))


class _OpenHours:
    """Hours without a solution, their bounds shifted so that every lower bound is 0.

    Arrays have the hours last and shrink now and then, so that a basis is tested by products of
    whole arrays.

    Parameters
    ----------
    cost, matrix, bounds
        As in `solve_hours`; lower bounds must be finite.
    """

    def __init__(self, cost: Array, matrix: Array, bounds: Bounds) -> None:
        self._cost, self._matrix, self._lower = cost, matrix, bounds.lower
        start = matrix @ bounds.lower.T
        self._span = np.ascontiguousarray((bounds.upper - bounds.lower).T)
        self._row_lower = bounds.row_lower.T - start
        self._row_upper = bounds.row_upper.T - start
        self._endless = ~np.isfinite(self._span).all(axis=1)
        self._bounded = [  # rows that have a bound at all, below and above
            np.isfinite(side).any(axis=1) for side in (self._row_lower, self._row_upper)
        ]
        self._hours = np.arange(len(bounds.lower))
        self._open = np.ones(len(self._hours), dtype=bool)

    def __len__(self) -> int:
        return int(self._open.sum())

    def first(self) -> int:
        """Return the earliest open hour."""
        return int(self._hours[self._open.argmax()])

    def close(self, hours: list[int]) -> None:
        """Take hours out."""
        self._open[np.searchsorted(self._hours, hours)] = False
        if len(self) < SHRINK * len(self._hours):
            keep = self._open
            self._span, self._row_lower, self._row_upper = (
                np.ascontiguousarray(side[:, keep])
                for side in (self._span, self._row_lower, self._row_upper)
            )
            self._hours, self._open = self._hours[keep], keep[keep]

    def serve(self, vertex: Vertex, z: Array) -> NDArray[np.int64]:
        """Find the open hours that a basis serves and write their points to `z`.

        None where the basis matrix is numerically singular; those hours get a program of their
        own.
        """
        basic, rows = np.flatnonzero(vertex.basic_columns), np.flatnonzero(~vertex.basic_rows)
        if len(basic) != len(rows):
            return self._hours[:0]
        reduced = self._cost - vertex.row_dual @ self._matrix
        above = ~vertex.basic_columns & _rests_above(reduced, vertex.column_at_upper)
        full = np.flatnonzero(above)  # nonbasic at the upper bound; the others rest at 0
        row_above = _rests_above(vertex.row_dual, vertex.row_at_upper)[rows]
        target = np.where(row_above[:, None], self._row_upper[rows], self._row_lower[rows])
        span = self._span[full]
        usable = self._open & np.isfinite(target).all(axis=0)
        if self._endless[full].any():
            usable &= np.isfinite(span).all(axis=0)
            span = np.where(np.isfinite(span), span, 0.0)
        target = np.where(usable, target, 0.0)
        basis = self._matrix[np.ix_(rows, basic)]
        solved = _solve(basis, target - self._matrix[np.ix_(rows, full)] @ span)
        if solved is None:
            return self._hours[:0]
        place = np.flatnonzero(usable & _within(solved, 0.0, self._span[basic]))
        columns = np.concatenate([full, basic])
        point = np.concatenate([span[:, place], solved[:, place]])
        inside = self._rows_hold(vertex.basic_rows, columns, point, place)
        hours = self._hours[place[inside]]
        z[hours] = self._lower[hours]
        z[np.ix_(hours, columns)] += point[:, inside].T
        return hours

    def _rows_hold(
        self, rows: NDArray[np.bool_], columns: NDArray[np.int64], point: Array, place: Array
    ) -> NDArray[np.bool_]:
        """Tell in which hours the given rows keep their bounds, at points of few columns."""
        holds = np.ones(len(place), dtype=bool)
        sides = ((self._row_lower, -1.0), (self._row_upper, 1.0))
        for (side, sign), bounded in zip(sides, self._bounded, strict=True):
            loose = np.flatnonzero(rows & bounded)
            activity = self._matrix[np.ix_(loose, columns)] @ point
            excess = sign * (activity - side[np.ix_(loose, place)])
            holds &= (excess <= TOLERANCE).all(axis=0)
        return holds


def _rests_above(dual: Array, solver_says: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell which nonbasic variables rest on their upper bound, by the sign of their dual.

    A dual of zero leaves the side open; then the solver's own side is kept.
    """
    return np.where(np.abs(dual) > COST_TOLERANCE, dual < 0, solver_says)


def _solve(basis: Array, wanted: Array) -> Array | None:
    """Compute the basic columns of all hours; None where the basis is nearly singular.

    The basis is small and the hours are many, so its inverse is formed once; the residual tells
    whether it was sound.
    """
    if not len(basis):
        return wanted
    try:
        solved = np.linalg.inv(basis) @ wanted
    except np.linalg.LinAlgError:
        return None
    return solved if np.abs(basis @ solved - wanted).max(initial=0.0) < TOLERANCE else None


def _within(value: Array, lower: Array, upper: Array) -> NDArray[np.bool_]:
    """Hours in which all values lie within their bounds, from arrays with the hours last."""
    return ((value >= lower - TOLERANCE) & (value <= upper + TOLERANCE)).all(axis=0)
