r"""Many hours of one linear program: a basis found in one hour serves every hour it fits.

All hours share cost c and matrix A; only bounds differ. In any hour the nonbasic variables of a
basis (`gridplan.operation.basis`) rest on that hour's bounds, and the basic ones follow. The basis
is optimal in every hour in which those stay within their bounds, because its duals do not depend
on the hour. One inverse and two matrix products therefore test all hours at once. The side on
which a nonbasic variable rests is taken from the sign of its dual, so an hour in which another
side binds than in the hour before is judged right.

What an hour gets is what the basis says, not what the solver printed: simplex codes update their
factors between two inversions, and HiGHS has returned points a thousand times its tolerance off.
Where a basis cannot vouch for an hour (large residuals, an infinite side, bounds that cross), the
hour gets a program of its own.

References
----------
Gal, Nedoma (1972): Multiparametric linear programming. Management Science 18(7), 406-422.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridplan.base.errors import SolverError
from gridplan.operation.basis import Basis, basis_of
from gridplan.operation.linear import FEASIBLE, LinearProgram

Array = NDArray[np.float64]
TOLERANCE = 1e-7  # MW; how far a point may be outside its bounds
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
        When an hour has no optimum: infeasible, unbounded, or bounds that are no numbers. Its
        `hour` is the position of the first such hour.
    ValueError
        When a column has no finite lower bound.

    Examples
    --------
    The cheap source serves 2 MW and then 4 MW by one program; 6 MW take a second one:

    >>> demand, none = np.array([[2.0], [4.0], [6.0]]), np.zeros((3, 2))
    >>> bounds = Bounds(none, none + [5.0, 9.0], demand, demand)
    >>> found = solve_hours(np.array([1.0, 2.0]), np.ones((1, 2)), bounds)
    >>> found.z.tolist(), found.programs
    ([[2.0, 0.0], [4.0, 0.0], [5.0, 1.0]], 2)
    """
    hours = len(bounds.lower)
    z = np.empty((hours, len(cost)))
    region = np.empty(hours, dtype=np.int64)
    program = LinearProgram(cost, matrix)
    open_hours = _OpenHours(matrix, bounds)
    duals: list[Array] = []
    while len(open_hours):
        hour = open_hours.first()
        with _in_hour(hour):
            vertex = program.solve(
                bounds.lower[hour], bounds.upper[hour],
                bounds.row_lower[hour], bounds.row_upper[hour],
            )  # fmt: skip
        basis = basis_of(vertex, cost, matrix)
        settled = open_hours.serve(basis, z) if basis else np.empty(0, dtype=np.int64)
        if basis and hour in settled:
            duals.append(basis.row_dual)
        else:  # a basis that cannot vouch for its own hour is not trusted with others
            z[hour], settled = vertex.z, np.array([hour])
            duals.append(vertex.row_dual)
        region[settled] = len(duals) - 1
        open_hours.close(settled)
        if progress:
            progress(1 - len(open_hours) / hours)
    return Solutions(z, region, np.array(duals).reshape(len(duals), len(matrix)))


@contextmanager
def _in_hour(hour: int) -> Iterator[None]:
    """Give an error the position of its hour."""
    try:
        yield
    except SolverError as error:
        raise SolverError(error.reason, hour) from error


@contextmanager
def at_time(hours: pd.DatetimeIndex) -> Iterator[None]:
    """Let errors inside tell the time of the hour without an optimum, not its position.

    Parameters
    ----------
    hours : pandas.DatetimeIndex
        Of the hours that are solved inside.

    Raises
    ------
    SolverError
        With the time in its message.

    Examples
    --------
    >>> with at_time(case.hours):  # doctest: +SKIP
    ...     solve_hours(cost, matrix, bounds)
    """
    try:
        yield
    except SolverError as error:
        if error.hour is None:
            raise
        msg = f"{hours[error.hour]}: {error.reason}"
        raise SolverError(msg) from error


class _OpenHours:
    """Hours without a solution, their bounds shifted so that every lower bound is 0.

    Arrays have the hours last and shrink now and then, so that a basis is tested by products of
    whole arrays.

    Parameters
    ----------
    matrix, bounds
        As in `solve_hours`.
    """

    def __init__(self, matrix: Array, bounds: Bounds) -> None:
        if not np.isfinite(bounds.lower).all():
            msg = "every column needs a finite lower bound in every hour"
            raise ValueError(msg)
        self._matrix, self._lower = matrix, bounds.lower
        start = matrix @ bounds.lower.T
        self._span = np.ascontiguousarray((bounds.upper - bounds.lower).T)
        self._row_lower = bounds.row_lower.T - start
        self._row_upper = bounds.row_upper.T - start
        self._bounded = [  # rows that have a bound at all, below and above
            np.isfinite(side).any(axis=1) for side in (self._row_lower, self._row_upper)
        ]
        self._hours = np.arange(len(bounds.lower))
        self._open = np.ones(len(self._hours), dtype=bool)
        with np.errstate(invalid="ignore"):  # two infinite bounds of one sign cross as well
            width = self._row_upper - self._row_lower
        self._proper = (self._span >= -FEASIBLE).all(axis=0) & (width >= -FEASIBLE).all(axis=0)

    def __len__(self) -> int:
        return int(self._open.sum())

    def first(self) -> int:
        """Return the earliest open hour."""
        return int(self._hours[self._open.argmax()])

    def close(self, hours: NDArray[np.int64]) -> None:
        """Take hours out."""
        self._open[np.searchsorted(self._hours, hours)] = False
        if len(self) < SHRINK * len(self._hours):
            keep = self._open
            self._span, self._row_lower, self._row_upper = (
                np.ascontiguousarray(side[:, keep])
                for side in (self._span, self._row_lower, self._row_upper)
            )
            self._hours, self._proper = self._hours[keep], self._proper[keep]
            self._open = keep[keep]

    def serve(self, basis: Basis, z: Array) -> NDArray[np.int64]:
        """Find the open hours that a basis serves and write their points to `z`."""
        span, endless = _finite(self._span[basis.full])
        bound = (self._row_lower[basis.rows], self._row_upper[basis.rows])
        target, open_ended = _finite(np.where(basis.rows_above[:, None], bound[1], bound[0]))
        solved, sound = self._basic_columns(basis, target, span)
        fits = sound & _within(solved, 0.0, self._span[basis.columns])
        place = np.flatnonzero(fits & self._open & self._proper & ~endless & ~open_ended)
        columns = np.concatenate([basis.full, basis.columns])
        point = np.concatenate([span[:, place], solved[:, place]])
        inside = self._rows_hold(basis, columns, point, place)
        hours = self._hours[place[inside]]
        z[hours] = self._lower[hours]
        z[np.ix_(hours, columns)] += point[:, inside].T
        return hours

    def _basic_columns(
        self, basis: Basis, target: Array, span: Array
    ) -> tuple[Array, NDArray[np.bool_]]:
        """Compute the basic columns of all hours and in which hours they can be trusted.

        The basis is small and the hours are many, so its inverse was formed once; the residual
        tells whether it is sound.
        """
        wanted = target - self._matrix[np.ix_(basis.rows, basis.full)] @ span
        solved = basis.inverse @ wanted
        residual = np.abs(self._matrix[np.ix_(basis.rows, basis.columns)] @ solved - wanted)
        return solved, (residual <= TOLERANCE / basis.weight[:, None]).all(axis=0)

    def _rows_hold(
        self, basis: Basis, columns: NDArray[np.int64], point: Array, place: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Tell in which hours the basic rows keep their bounds, at points of few columns."""
        basic = np.ones(len(self._matrix), dtype=bool)
        basic[basis.rows] = False
        holds = np.ones(len(place), dtype=bool)
        sides = ((self._row_lower, -1.0), (self._row_upper, 1.0))
        for (side, sign), bounded in zip(sides, self._bounded, strict=True):
            loose = np.flatnonzero(basic & bounded)
            activity = self._matrix[np.ix_(loose, columns)] @ point
            excess = sign * (activity - side[np.ix_(loose, place)])
            holds &= (excess <= TOLERANCE).all(axis=0)
        return holds


def _finite(value: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Put 0 where a value is not finite and tell in which hours that was, hours last."""
    finite = np.isfinite(value)
    if finite.all():
        return value, np.zeros(value.shape[1], dtype=bool)
    return np.where(finite, value, 0.0), ~finite.all(axis=0)


def _within(value: Array, lower: float, upper: Array) -> NDArray[np.bool_]:
    """Hours in which all values lie within their bounds, from arrays with the hours last."""
    return ((value >= lower - TOLERANCE) & (value <= upper + TOLERANCE)).all(axis=0)
