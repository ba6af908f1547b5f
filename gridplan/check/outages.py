r"""Bus angles and flows of every hour, and what each outage does to them.

With the susceptance b and the ends i, j of every branch, aₖ = eᵢ − eⱼ, and B the matrix of the
node balance B θ = P of an island (one reference bus left out),

* before      f_l = b_l (a_lᵀθ − φ_l), φ the phase shift
* after the outage of k the flow f_k has to find another way from i to j. Its angles w_k solve the
  node balance of the network *without* k,

      B₍₋ₖ₎ w_k = aₖ,   B₍₋ₖ₎ built from the branches that are left,

  and by superposition θ' = θ + w_k f_k is the state after the outage, for
  B₍₋ₖ₎ θ' = P − aₖ f_k + aₖ f_k = P. So f'_l = f_l + b_l a_lᵀ w_k f_k.

Where several branches S are lost at once, B₍₋S₎ W = A_S has one column per branch, and
f'_l = f_l + b_l a_lᵀ W f_S.

Where load is conditional, θ and f_k are those of the load that is left after its disconnection.

No distribution factor of the intact grid is used. B₍₋ₖ₎ differs from B by one branch, so conjugate
gradients with the factors of B as preconditioner solve it in two steps; where the residual of its
own node balance is not small then, the outage gets a factorisation of its own. Either way that
residual is kept as proof.

References
----------
Golub, Van Loan: Matrix Computations, 4th ed., 11.5 (preconditioned conjugate gradients: the steps
are as many as the preconditioned matrix has distinct eigenvalues, here two).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import splu

from gridplan.base.errors import Problem, StudyError
from gridplan.check.evidence import Array, Evidence, Positions

TOGETHER = 8  # outages that are solved at once; far faster than all of them
STEPS = 2  # of the conjugate gradients; more would only follow rounding
NEAR = 1e-9  # error of the node balance, per MW lost, that is rounding


@dataclass(frozen=True)
class Listed:
    """An outage of several branches at once.

    Parameters
    ----------
    name : str
        Of the outage.
    branches : ndarray of int, shape (S,)
        Positions of the branches that are taken out together.
    moved : ndarray, shape (L, S)
        MW that appear on each branch per MW that each of them carried.
    """

    name: str
    branches: Positions
    moved: Array


@dataclass(frozen=True)
class Flows:
    """Flows before and after the outages.

    Parameters
    ----------
    before_mw : ndarray, shape (L, T)
        Flow from bus0 to bus1 without outage (MW).
    left_mw : ndarray, shape (L, T)
        The same with conditional load disconnected, as it is after an outage (MW).
    outages : ndarray of int, shape (K,)
        Positions of the branches that are taken out, one at a time.
    moved : ndarray, shape (L, K)
        MW that appear on each branch per MW that the outaged branch carried.
    residual_mw : float
        Largest error of the node balance at any bus, in any hour, before or after any outage (MW).
    listed : tuple of Listed
        Outages of several branches; as outages they are numbered K, K + 1, ….
    """

    before_mw: Array
    left_mw: Array
    outages: Positions
    moved: Array
    residual_mw: float
    listed: tuple[Listed, ...] = ()

    @property
    def count(self) -> int:
        """Number of outages, single and listed."""
        return len(self.outages) + len(self.listed)

    def removed(self, outage: int) -> Positions:
        """Branches that an outage takes out."""
        if outage < len(self.outages):
            return self.outages[[outage]]
        return self.listed[outage - len(self.outages)].branches

    def names(self, evidence: Evidence) -> list[str]:
        """Names of all outages."""
        single = evidence.branches.index[self.outages].tolist()
        return [*single, *(each.name for each in self.listed)]

    def after_mw(self, outage: int) -> Array:
        """Flows after an outage (MW), shape (L, T)."""
        if outage >= len(self.outages):
            each = self.listed[outage - len(self.outages)]
            return self.left_mw + each.moved @ self.left_mw[each.branches]
        lost = self.left_mw[self.outages[outage]]
        return self.left_mw + self.moved[:, outage, None] * lost


def flows_of(
    evidence: Evidence, outages: Positions, listed: Mapping[str, Positions] | None = None
) -> Flows:
    """Solve the node balance of every hour and of every outage.

    Parameters
    ----------
    evidence : Evidence
        The network.
    outages : ndarray of int, shape (K,)
        Branches to take out; none of them may be a bridge.
    listed : mapping, optional
        Branches to take out together, by name of the outage; none may split the grid.

    Returns
    -------
    Flows
    """
    before, residual = _before(evidence, evidence.injection_mw)
    left = before
    if evidence.released_mw is not None:
        left, error = _before(evidence, evidence.injection_mw + evidence.released_mw)
        residual = max(residual, error)
    moved, errors = _moved_by_each(evidence, outages)
    lost = np.abs(left[outages]).max(axis=1, initial=0.0)
    residual = max(residual, float((errors * lost).max(initial=0.0)))
    several = []
    for name, branches in (listed or {}).items():
        together, error = _moved(evidence, branches)
        residual = max(residual, error * float(np.abs(left[branches]).sum(axis=0).max()))
        several.append(Listed(name, branches, together))
    return Flows(before, left, outages, moved, residual, tuple(several))


def _before(evidence: Evidence, injection_mw: Array) -> tuple[Array, float]:
    """Flows without outage (L, T) and the largest error of the node balance, both in MW."""
    shifted = -evidence.susceptance * evidence.shift_rad
    incidence = _incidence(evidence)
    wanted = injection_mw - (incidence.T @ shifted)[:, None]
    angle, residual = _solve(evidence, np.ones(len(shifted), dtype=bool), wanted)
    across = angle[evidence.from_bus] - angle[evidence.to_bus] - evidence.shift_rad[:, None]
    return evidence.susceptance[:, None] * across, residual


def _moved_by_each(evidence: Evidence, outages: Positions) -> tuple[Array, Array]:
    """MW on each branch per MW lost on one of K, (L, K), and errors of the node balances, (K,)."""
    moved, errors = np.empty((len(evidence.from_bus), len(outages))), np.empty(len(outages))
    whole = _balance(evidence, np.ones(len(evidence.from_bus), dtype=bool))
    factors = splu(whole.matrix) if len(outages) else None
    ends = _incidence(evidence)[outages][:, whole.others]
    for start in range(0, len(outages), TOGETHER):
        columns = slice(start, start + TOGETHER)
        lost, pair = outages[columns], ends[columns].T.toarray()
        angle = np.zeros((len(evidence.buses), len(lost)))
        angle[whole.others], errors[columns] = _conjugate_gradients(
            partial(_without, whole.matrix, pair, evidence.susceptance[lost]), factors.solve, pair
        )
        across = angle[evidence.from_bus] - angle[evidence.to_bus]
        moved[:, columns] = evidence.susceptance[:, None] * across
        moved[lost, start + np.arange(len(lost))] = -1.0
    for column in np.flatnonzero(~(errors <= NEAR)):
        one, errors[column] = _moved(evidence, outages[[column]])
        moved[:, column] = one[:, 0]
    return moved, errors


def _without(matrix: sparse.csc_array, pair: Array, susceptance: Array, angle: Array) -> Array:
    """Multiply each column by the node balance without its own branch, B − b a aᵀ."""
    return matrix @ angle - pair * (susceptance * (pair * angle).sum(axis=0))


def _conjugate_gradients(
    multiply: Callable[[Array], Array], precondition: Callable[[Array], Array], wanted: Array
) -> tuple[Array, Array]:
    """Solve A z = w for every column; return z and the largest error of each column.

    A column that the method cannot solve (A not definite) comes back with a large error.
    """
    solved = precondition(wanted)
    rest = wanted - multiply(solved)
    direction = prepared = precondition(rest)
    size = (rest * prepared).sum(axis=0)
    for _ in range(STEPS):
        across = (direction * multiply(direction)).sum(axis=0)
        step = np.divide(size, across, out=np.zeros_like(size), where=across > 0)
        solved = solved + step * direction
        rest = wanted - multiply(solved)
        prepared = precondition(rest)
        before, size = size, (rest * prepared).sum(axis=0)
        direction = prepared + direction * np.divide(
            size, before, out=np.zeros_like(size), where=before != 0
        )
    return solved, np.abs(rest).max(axis=0, initial=0.0)


def _moved(evidence: Evidence, branches: Positions) -> tuple[Array, float]:
    """MW on each branch per MW lost on each of S, (L, S), and the error of the node balance."""
    left = np.ones(len(evidence.susceptance), dtype=bool)
    left[branches] = False
    count = np.arange(len(branches))
    pair = np.zeros((len(evidence.buses), len(branches)))
    pair[evidence.from_bus[branches], count] += 1.0
    pair[evidence.to_bus[branches], count] -= 1.0
    try:
        angle, residual = _solve(evidence, left, pair)
    except RuntimeError as error:  # reactances that cancel, although the graph holds together
        name = " and ".join(evidence.branches.index[branches])
        message = "the network has no flow solution after the outage of this branch"
        remedy = "Check negative reactances next to it."
        raise StudyError([Problem("", f"branch {name}", "x", "", message, remedy)]) from error
    across = angle[evidence.from_bus] - angle[evidence.to_bus]
    moved = evidence.susceptance[:, None] * across
    moved[branches] = -np.eye(len(branches))  # the branches are out: they carry nothing
    return moved, residual


def _solve(evidence: Evidence, left: NDArray[np.bool_], wanted_mw: Array) -> tuple[Array, float]:
    """Angles (N, columns) for given injections, using only the branches that are left."""
    balance, angle = _balance(evidence, left), np.zeros(wanted_mw.shape)
    others = balance.others
    if not len(others):
        return angle, 0.0
    angle[others] = splu(balance.matrix).solve(wanted_mw[others])
    error = balance.matrix @ angle[others] - wanted_mw[others]
    return angle, float(np.abs(error).max())


class _Balance(NamedTuple):
    """Node balance B of the N' buses that are no reference, (N', N'), and their positions."""

    matrix: sparse.csc_array
    others: Positions


def _balance(evidence: Evidence, left: NDArray[np.bool_]) -> _Balance:
    """Write the node balance of the branches that are left."""
    incidence = _incidence(evidence)[left]
    balance = (incidence.T @ sparse.diags_array(evidence.susceptance[left]) @ incidence).tocsc()
    others = np.setdiff1d(np.arange(len(evidence.buses)), evidence.reference)
    return _Balance(balance[:, others][others, :].tocsc(), others)


def _incidence(evidence: Evidence) -> sparse.csr_array:
    """+1 at bus0 and −1 at bus1 of every branch, shape (L, N)."""
    count = len(evidence.from_bus)
    rows = np.tile(np.arange(count), 2)
    columns = np.concatenate([evidence.from_bus, evidence.to_bus])
    signs = np.repeat([1.0, -1.0], count)
    return sparse.csr_array((signs, (rows, columns)), shape=(count, len(evidence.buses)))
