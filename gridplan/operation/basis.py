r"""A basis of a linear program: what it says of every hour, whatever the bounds.

With basic columns J and nonbasic rows R (|J| = |R|) of min c·z over A z,

    A[R, J] z_J = bound_R − A[R, N] z_N,     y_R A[R, J] = c_J,     reduced cost = c − y A

where the nonbasic columns N and rows R rest on a bound. Basic rows need no equation: their
activities follow. y and the reduced costs do not depend on the bounds, and their signs tell on
which side a nonbasic variable rests.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridplan.operation.linear import Vertex

Array = NDArray[np.float64]
COST_TOLERANCE = 1e-9  # reduced cost that counts as none, per unit of the largest cost above 1


@dataclass(frozen=True)
class Basis:
    """A basis with b basic columns, in a program of m rows.

    Parameters
    ----------
    columns : ndarray of int, shape (b,)
        Basic columns J.
    rows : ndarray of int, shape (b,)
        Nonbasic rows R.
    inverse : ndarray, shape (b, b)
        Of A[R, J].
    full : ndarray of int
        Nonbasic columns that rest on their upper bound; the others rest on their lower.
    rows_above : ndarray of bool, shape (b,)
        Whether a nonbasic row rests on its upper bound.
    row_dual : ndarray, shape (m,)
        y, the change of the optimum per unit of a row's bound; 0 for basic rows.
    weight : ndarray, shape (b,)
        What an error in a nonbasic row counts: its dual per unit of the largest cost, at least 1.
    """

    columns: NDArray[np.int64]
    rows: NDArray[np.int64]
    inverse: Array
    full: NDArray[np.int64]
    rows_above: NDArray[np.bool_]
    row_dual: Array
    weight: Array


def basis_of(vertex: Vertex, cost: Array, matrix: Array) -> Basis | None:
    """Work out a basis from what the solver calls basic.

    Parameters
    ----------
    vertex : Vertex
        Of a program with these costs and this matrix.
    cost : ndarray, shape (n,)
        c.
    matrix : ndarray, shape (m, n)
        A.

    Returns
    -------
    Basis or None
        None where A[R, J] is numerically singular: then its duals do not fit the costs.
    """
    columns, rows = np.flatnonzero(vertex.basic_columns), np.flatnonzero(~vertex.basic_rows)
    if len(columns) != len(rows):
        return None
    inverse = _inverse(matrix[np.ix_(rows, columns)])
    if inverse is None:
        return None
    dual = np.zeros(len(matrix))
    dual[rows] = cost[columns] @ inverse
    reduced = cost - dual @ matrix
    scale = np.abs(cost).max(initial=1.0)
    if np.abs(reduced[columns]).max(initial=0.0) > COST_TOLERANCE * scale:
        return None
    above = _rests_above(reduced, vertex.column_at_upper) & ~vertex.basic_columns
    return Basis(
        columns=columns,
        rows=rows,
        inverse=inverse,
        full=np.flatnonzero(above),
        rows_above=_rests_above(dual, vertex.row_at_upper)[rows],
        row_dual=dual,
        weight=np.maximum(np.abs(dual[rows]) / scale, 1.0),
    )


def _rests_above(dual: Array, solver_says: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell which nonbasic variables rest on their upper bound, by the sign of their dual.

    A dual of zero leaves the side open; then the solver's own side is kept.
    """
    return np.where(np.abs(dual) > COST_TOLERANCE, dual < 0, solver_says)


def _inverse(matrix: Array) -> Array | None:
    """Invert a small matrix; None where it is singular or its inverse too large for a number."""
    try:
        inverse = np.linalg.inv(matrix)
    except np.linalg.LinAlgError:
        return None
    return inverse if np.abs(inverse).max(initial=0.0) < 1e100 else None
