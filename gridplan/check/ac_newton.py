r"""Newton's method for the AC power flow of one case.

    P_i + λ_k(i) w_i = Re(V_i · conj(Y V)_i)    at every bus,
    Q_i              = Im(V_i · conj(Y V)_i)    at every bus whose voltage is not held,

with the angle of one bus of every island k fixed. λ_k is what the island's losses ask for beyond
the dispatch (MW); its shares w add up to 1. PyPSA's `n.pf` knows neither reactive limits nor taps
that move, and takes a second for what is done here hundreds of times; the results are held against
it (`gridplan.check.ac_confirm`).
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import MatrixRankWarning, spsolve

from gridplan.check.ac_grid import Admittance, Array, Complex, Positions

TOLERANCE_MVA = 1e-5
ITERATIONS = 25
LOWEST_PU, HIGHEST_PU = 0.2, 2.0  # a solution outside is none that a grid could be run at


@dataclass(frozen=True)
class Demand:
    """What one power flow is asked to meet, N buses and K islands.

    Parameters
    ----------
    p_mw, q_mvar : ndarray, shape (N,)
        Injections.
    held : ndarray of bool, shape (N,)
        Buses whose voltage is held.
    v_pu : ndarray, shape (N,)
        The voltage that they hold.
    island : ndarray of int, shape (N,)
        Island of every bus.
    reference : ndarray of int, shape (K,)
        Bus with angle 0 of every island; its voltage must be held.
    share : ndarray, shape (N,)
        Part of the island's losses that a bus takes up.
    """

    p_mw: Array
    q_mvar: Array
    held: NDArray[np.bool_]
    v_pu: Array
    island: Positions
    reference: Positions
    share: Array


@dataclass(frozen=True)
class Solved:
    """Voltages of one power flow.

    Parameters
    ----------
    voltage : ndarray of complex, shape (N,)
        Per unit of `v_nom`.
    losses_mw : ndarray, shape (K,)
        λ of every island.
    converged : bool
        Whether all equations are met.
    iterations : int
        Newton steps.
    """

    voltage: Complex
    losses_mw: Array
    converged: bool
    iterations: int


def newton(matrix: Admittance, demand: Demand, start: Complex) -> Solved:
    """Solve one power flow from a starting point.

    Parameters
    ----------
    matrix : Admittance
        Of the grid that is left.
    demand : Demand
        Injections and held voltages.
    start : ndarray of complex, shape (N,)
        First guess of the voltages; held ones are set.
    """
    size, angle = np.abs(start), np.angle(start)
    size[demand.held] = demand.v_pu[demand.held]
    losses = np.zeros(len(demand.reference))
    free = np.setdiff1d(np.arange(len(size)), demand.reference)
    loose = np.flatnonzero(~demand.held)
    shares = sparse.csr_array(
        (demand.share, (np.arange(len(size)), demand.island)), shape=(len(size), len(losses))
    )
    for iteration in range(ITERATIONS + 1):
        voltage = size * np.exp(1j * angle)
        current = matrix.bus @ voltage
        power = voltage * current.conj()
        wrong = np.concatenate(
            [power.real - demand.p_mw - shares @ losses, (power.imag - demand.q_mvar)[loose]]
        )
        worst = np.abs(wrong).max(initial=0.0)
        if worst < TOLERANCE_MVA or iteration == ITERATIONS or not np.isfinite(worst):
            break
        step = _step(matrix, voltage, current, free, loose, shares, wrong)
        if not np.isfinite(step).all():
            break
        angle[free] -= step[: len(free)]
        size[loose] -= step[len(free) : len(free) + len(loose)]
        losses -= step[len(free) + len(loose) :]
    sound = bool(worst < TOLERANCE_MVA) and size.min() > LOWEST_PU and size.max() < HIGHEST_PU
    return Solved(voltage, losses, sound, iteration)


def _step(
    matrix: Admittance,
    voltage: Complex,
    current: Complex,
    free: Positions,
    loose: Positions,
    shares: sparse.csr_array,
    wrong: Array,
) -> Array:
    """Newton step of angles, voltages and losses."""
    unit = voltage / np.abs(voltage)
    by_angle = 1j * sparse.diags_array(voltage) @ (
        sparse.diags_array(current) - matrix.bus @ sparse.diags_array(voltage)
    ).conj()  # fmt: skip
    by_size = sparse.diags_array(voltage) @ (
        matrix.bus @ sparse.diags_array(unit)
    ).conj() + sparse.diags_array(current.conj() * unit)
    by_angle, by_size = by_angle.tocsr(), by_size.tocsr()
    jacobian = sparse.block_array(
        [
            [by_angle.real[:, free], by_size.real[:, loose], -shares],
            [by_angle.imag[loose][:, free], by_size.imag[loose][:, loose], None],
        ],
        format="csc",
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MatrixRankWarning)  # then no number, which is looked for
        return np.atleast_1d(spsolve(jacobian, wrong))
