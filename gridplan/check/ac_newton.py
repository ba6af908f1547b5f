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
    unknown = _unknowns(demand)
    losses = np.zeros(len(demand.reference))
    loose = np.flatnonzero(~demand.held)
    for iteration in range(ITERATIONS + 1):
        voltage = size * np.exp(1j * angle)
        current = matrix.bus @ voltage
        power = voltage * current.conj()
        wrong = np.concatenate(
            [
                power.real - demand.p_mw - demand.share * losses[demand.island],
                (power.imag - demand.q_mvar)[loose],
            ]
        )
        worst = np.abs(wrong).max(initial=0.0)
        if worst < TOLERANCE_MVA or iteration == ITERATIONS or not np.isfinite(worst):
            break
        step = _step(matrix, demand, unknown, voltage=voltage, power=power, wrong=wrong)
        if not np.isfinite(step).all():
            break
        angle -= np.where(unknown.angle >= 0, step[unknown.angle], 0.0)
        size -= np.where(unknown.size >= 0, step[unknown.size], 0.0)
        losses -= step[unknown.losses]
    sound = bool(worst < TOLERANCE_MVA) and size.min() > LOWEST_PU and size.max() < HIGHEST_PU
    return Solved(voltage, losses, sound, iteration)


@dataclass(frozen=True)
class _Unknowns:
    """Columns of the equations; −1 where a value is known.

    Parameters
    ----------
    angle, size : ndarray of int, shape (N,)
        Of the voltages.
    losses : ndarray of int, shape (K,)
        Of the islands.
    reactive : ndarray of int, shape (N,)
        Row of each bus's reactive power, −1 where it has none.
    """

    angle: Positions
    size: Positions
    losses: Positions
    reactive: Positions


def _unknowns(demand: Demand) -> _Unknowns:
    """Give the unknowns numbers: angles, voltages, losses."""
    free = np.ones(len(demand.held), dtype=bool)
    free[demand.reference] = False
    loose = ~demand.held
    angle = np.where(free, np.cumsum(free) - 1, -1)
    size = np.where(loose, free.sum() + np.cumsum(loose) - 1, -1)
    losses = free.sum() + loose.sum() + np.arange(len(demand.reference))
    reactive = np.where(loose, len(loose) + np.cumsum(loose) - 1, -1)
    return _Unknowns(angle, size, losses, reactive)


def _step(
    matrix: Admittance,
    demand: Demand,
    unknown: _Unknowns,
    *,
    voltage: Complex,
    power: Complex,
    wrong: Array,
) -> Array:
    """Newton step of all unknowns.

    dS_i/dθ_j = −j V_i conj(Y_ij V_j), and j S_i more for j = i; dS_i/d|V_j| is V_i conj(Y_ij V_j)
    by |V_j|, and S_i by |V_i| more for j = i.
    """
    every = np.arange(len(voltage))
    flow = voltage[matrix.row] * (matrix.entry * voltage[matrix.column]).conj()
    row = np.concatenate([matrix.row, every])
    column = np.concatenate([matrix.column, every])
    by_angle = np.concatenate([-1j * flow, 1j * power])
    by_size = np.concatenate([flow, power]) / np.abs(voltage)[column]
    rows, columns, values = [every], [unknown.losses[demand.island]], [-demand.share]
    for derivative, place in ((by_angle, unknown.angle), (by_size, unknown.size)):
        for part, line in ((derivative.real, every), (derivative.imag, unknown.reactive)):
            kept = (place[column] >= 0) & (line[row] >= 0)
            rows.append(line[row[kept]])
            columns.append(place[column[kept]])
            values.append(part[kept])
    place = (np.concatenate(rows), np.concatenate(columns))
    shape = (len(wrong), len(wrong))
    jacobian = sparse.csc_array((np.concatenate(values), place), shape=shape)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MatrixRankWarning)  # then no number, which is looked for
        return np.atleast_1d(spsolve(jacobian, wrong))
