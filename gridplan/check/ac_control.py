"""What moves in the grid until it is at rest: reactive limits first, then taps.

A source that would need more than its reactive range stays at its limit and lets the voltage go; it
takes hold again when the voltage has come back to the other side of its target. Taps step where the
voltage is more than 0.6 of a step off, higher voltage levels before lower ones. Everything is
settled in a fixed order, so that equal input gives equal results.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import spsolve

from gridplan.check.ac_grid import AcGrid, Admittance, Array, Complex, Positions, admittance
from gridplan.check.ac_newton import Demand, Solved, newton

ROUNDS = 60  # of limits and taps; a case that is still moving then is told
FLIPS = 4  # times that a source may let go of its voltage; then it stays at its limit
REACTIVE_MVAR = 1e-3
VOLTAGE_PU = 1e-5
BAND_STEPS = 0.6
MOST_STEPS = 3  # of a tap changer in one round
TURNS = 3  # times that a tap changer may turn back; then it stays
LADDER = (0.5, 0.75, 0.9)  # of all injections: lighter hours from which a heavy one is reached


@dataclass(frozen=True)
class Case:
    """One hour with an outage or none.

    Parameters
    ----------
    p_mw, q_mvar : ndarray, shape (N,)
        Injections but for the reactive sources.
    lowest_mvar, highest_mvar : ndarray, shape (N,)
        Reactive range of the sources at each bus; infinite where it is stiff, 0 where there is
        none.
    source : ndarray of bool, shape (N,)
        Where there is one.
    reference : ndarray of int, shape (K,)
        Bus of each island that is always held.
    share : ndarray, shape (N,)
        Part of the losses that a bus takes up.
    out : ndarray of int
        Branches out of service.
    """

    p_mw: Array
    q_mvar: Array
    lowest_mvar: Array
    highest_mvar: Array
    source: NDArray[np.bool_]
    reference: Positions
    share: Array
    out: Positions


@dataclass(frozen=True)
class State:
    """A grid at rest, or what was reached of it.

    Parameters
    ----------
    voltage : ndarray of complex, shape (N,)
        Per unit of `v_nom`.
    source_mvar : ndarray, shape (N,)
        What the sources of each bus give.
    side : ndarray of int, shape (N,)
        +1 and −1 where a source is at its upper and lower limit, else 0.
    positions : ndarray of int, shape (groups,)
        Taps.
    losses_mw : ndarray, shape (K,)
        What the islands take beyond the dispatch.
    converged, settled : bool
        Whether the power flow has a solution, and whether limits and taps came to rest.
    iterations : int
        Newton steps in all.
    """

    voltage: Complex
    source_mvar: Array
    side: Positions
    positions: Positions
    losses_mw: Array
    converged: bool
    settled: bool
    iterations: int


def settle(grid: AcGrid, case: Case, before: State | None = None) -> State:
    """Solve a case with its limits and taps.

    Parameters
    ----------
    grid : AcGrid
        The grid.
    case : Case
        What it has to meet.
    before : State, optional
        The same hour before the outage: where voltages and taps start.

    Notes
    -----
    A case without a solution from there is tried once more from neutral taps by way of lighter
    hours, in which the taps step up, as they do when the load of a day rises.
    """
    state = _settled(grid, case, before)
    if state.converged:
        return state
    lighter: State | None = None
    for part in LADDER:
        light = replace(case, p_mw=part * case.p_mw, q_mvar=part * case.q_mvar)
        lighter = _settled(grid, light, lighter)
        if not lighter.converged:
            return replace(state, iterations=state.iterations + lighter.iterations)
    return _settled(grid, case, lighter)


def _settled(grid: AcGrid, case: Case, before: State | None) -> State:
    """Solve a case with its limits and taps from one starting point."""
    size = len(case.p_mw)
    if before is None or not before.converged:
        positions, side = np.zeros(len(grid.groups), dtype=np.int64), np.zeros(size, np.int64)
        start = None
    else:
        positions, side, start = before.positions, before.side, before.voltage
        side = np.where(case.source, side, 0)
    flips, iterations, settled = np.zeros(size, np.int64), 0, False
    last, turns = np.zeros_like(positions), np.zeros_like(positions)
    for _ in range(ROUNDS):
        matrix = admittance(grid, positions, case.out)
        demand = _demand(grid, case, side)
        solved = _solved(grid, case, matrix, demand, start)
        iterations += solved.iterations
        source = (solved.voltage * (matrix.bus @ solved.voltage).conj()).imag - case.q_mvar
        if not solved.converged:
            break
        start = solved.voltage
        moved = _limited(grid, case, solved, source, side=side, flips=flips)
        if not np.array_equal(moved, side):
            flips += (side == 0) & (moved != 0)
            side = moved
            continue
        stepped = np.where(turns < TURNS, _stepped(grid, solved, positions), positions)
        way = np.sign(stepped - positions)
        turns += (way != 0) & (way == -last)
        last = np.where(way != 0, way, last)
        settled = np.array_equal(stepped, positions)
        if settled:
            break
        positions = stepped
    return State(
        solved.voltage, source, side, positions, solved.losses_mw, solved.converged,
        settled and solved.converged, iterations,
    )  # fmt: skip


def demand_at(grid: AcGrid, case: Case, state: State, held_pu: Array) -> Demand:
    """Demand of a case at rest with further buses held, where `held_pu` is a number."""
    demand = _demand(grid, case, state.side)
    more = np.isfinite(held_pu)
    return replace(demand, held=demand.held | more, v_pu=np.where(more, held_pu, demand.v_pu))


def _demand(grid: AcGrid, case: Case, side: Positions) -> Demand:
    """Equations of the case: sources hold their voltage or stand at a limit."""
    at_limit = np.where(side > 0, case.highest_mvar, np.where(side < 0, case.lowest_mvar, 0.0))
    held = case.source & (side == 0)
    held[case.reference] = True
    return Demand(
        p_mw=case.p_mw,
        q_mvar=case.q_mvar + np.where(case.source & (side != 0), at_limit, 0.0),
        held=held,
        v_pu=grid.target_pu,
        island=grid.evidence.island,
        reference=case.reference,
        share=case.share,
    )


def _solved(
    grid: AcGrid, case: Case, matrix: Admittance, demand: Demand, start: Complex | None
) -> Solved:
    """Solve from where it was, then from linear angles, then from a flat start."""
    solved, iterations = None, 0
    for guess in (start, linear_start(grid, case), grid.target_pu.astype(complex)):
        if guess is None:
            continue
        solved = newton(matrix, demand, guess)
        iterations += solved.iterations
        if solved.converged:
            break
    assert solved is not None
    return replace(solved, iterations=iterations)


def linear_angles(grid: AcGrid, case: Case) -> Array:
    """Angles of the linear (DC) power flow without losses (rad), shape (N,)."""
    evidence = grid.evidence
    kept = np.ones(len(evidence.branches), dtype=bool)
    kept[case.out] = False
    susceptance = np.where(kept, evidence.susceptance, 0.0)
    branches = np.arange(len(kept))
    ends = np.concatenate([evidence.from_bus, evidence.to_bus])
    sign = np.repeat([1.0, -1.0], len(kept))
    incidence = sparse.csr_array(
        (sign, (np.tile(branches, 2), ends)), shape=(len(kept), len(case.p_mw))
    )
    flow = sparse.diags_array(susceptance) @ incidence
    wanted = case.p_mw + flow.T @ evidence.shift_rad
    free = np.setdiff1d(np.arange(len(case.p_mw)), case.reference)
    angle = np.zeros(len(case.p_mw))
    if len(free):
        matrix = (incidence.T @ flow).tocsc()
        angle[free] = spsolve(matrix[free][:, free], wanted[free])
    return angle


def linear_flow_mw(grid: AcGrid, case: Case) -> Array:
    """Flows of the linear power flow, as a certificate has them (MW), shape (L,)."""
    evidence, angle = grid.evidence, linear_angles(grid, case)
    across = angle[evidence.from_bus] - angle[evidence.to_bus] - evidence.shift_rad
    flow = evidence.susceptance * across
    flow[case.out] = 0.0
    return flow


def linear_start(grid: AcGrid, case: Case) -> Complex:
    """Target voltages with the angles of the linear power flow."""
    return grid.target_pu * np.exp(1j * linear_angles(grid, case))


def _limited(
    grid: AcGrid, case: Case, solved: Solved, source: Array, *, side: Positions, flips: Positions
) -> Positions:
    """Tell which sources are at a limit after this solution: +1, −1, or 0 where they hold."""
    size = np.abs(solved.voltage)
    bound = case.source.copy()
    bound[case.reference] = False
    over = bound & (side == 0) & (source > case.highest_mvar + REACTIVE_MVAR)
    under = bound & (side == 0) & (source < case.lowest_mvar - REACTIVE_MVAR)
    may = flips < FLIPS
    back = bound & may & (side > 0) & (size > grid.target_pu + VOLTAGE_PU)
    back |= bound & may & (side < 0) & (size < grid.target_pu - VOLTAGE_PU)
    return np.where(over, 1, np.where(under, -1, np.where(back, 0, side)))


def _stepped(grid: AcGrid, solved: Solved, positions: Positions) -> Positions:
    """Taps after one round: those of the highest level that want to move do."""
    size, most, step = np.abs(solved.voltage), grid.settings.tap_steps, grid.settings.tap_step_pu
    wanted = positions.copy()
    for number, group in enumerate(grid.groups):
        missing = (grid.target_pu[group.bus] - size[group.bus]) / (
            grid.reference_pu[group.bus] * step
        )
        if abs(missing) > BAND_STEPS:
            move = int(np.clip(np.rint(missing), -MOST_STEPS, MOST_STEPS)) or int(np.sign(missing))
            wanted[number] = np.clip(positions[number] + move, -most, most)
    moving = np.flatnonzero(wanted != positions)
    if not len(moving):
        return positions
    highest = max(grid.groups[number].above_kv for number in moving)
    stepped = positions.copy()
    for number in moving:
        if grid.groups[number].above_kv == highest:
            stepped[number] = wanted[number]
    return stepped
