"""Which hours and outages an AC check looks at, and what the power flow finds in each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridplan.check.ac_control import Case, State, linear_flow_mw, settle
from gridplan.check.ac_grid import AcGrid, Array, Positions, admittance
from gridplan.check.ac_operation import Operation, case_of
from gridplan.check.certificate import Certificate
from gridplan.check.evidence import Evidence

EXTREME_OUTAGES = 3  # looked at in the hours with most and with least load, besides none


@dataclass(frozen=True)
class Results:
    """What the power flow found, C cases, N buses, L branches; no numbers where it found none.

    Parameters
    ----------
    cases : tuple of Case
        The injections.
    states : tuple of State
        The grids at rest.
    voltage_pu : ndarray, shape (C, N)
        Per unit of the reference voltage.
    loading_pu : ndarray, shape (C, L)
        Current at the end that carries more, per unit of the limit.
    linear_pu : ndarray, shape (C, L)
        Loading by the linear flow.
    active_pu, apparent_pu : ndarray, shape (C, L)
        Active and apparent power at the end of the highest current, per unit of the limit.
    gap_mw : ndarray, shape (C, L)
        Active power half way along the branch less the linear flow (MW).
    losses_mw : ndarray, shape (C,)
        Losses of all branches.
    """

    cases: tuple[Case, ...]
    states: tuple[State, ...]
    voltage_pu: Array
    loading_pu: Array
    linear_pu: Array
    active_pu: Array
    apparent_pu: Array
    gap_mw: Array
    losses_mw: Array

    @property
    def converged(self) -> NDArray[np.bool_]:
        """Whether each case has a solution, shape (C,)."""
        return np.array([state.converged for state in self.states], dtype=bool)


def pairs_of(
    certificate: Certificate, evidence: Evidence, worst: int, *, every_outage: bool = False
) -> pd.DataFrame:
    """Choose hours and outages.

    Parameters
    ----------
    certificate : Certificate
        Of the same network: its violations, and the worst of every branch.
    evidence : Evidence
        Its load decides which hours have most and least.
    worst : int
        How many pairs to take from the certificate.
    every_outage : bool
        Whether all outages count in the hours with most and least load.

    Returns
    -------
    pandas.DataFrame
        hour (position) and outage ("" for none), in this order, none twice: the worst pairs, the
        hours with most and with least load with the outages of the worst pairs, and every hour
        without outage.
    """
    columns = ["outage", "snapshot", "loading_pu"]
    found = certificate.violations.assign(
        loading_pu=certificate.violations["over_mw"]
        / certificate.violations["limit_mw"].clip(lower=1e-4)
        + 1.0
    )
    table = pd.concat([found[columns], certificate.worst[columns].reset_index(drop=True)])
    table = table.sort_values(
        ["loading_pu", "snapshot", "outage"], ascending=[False, True, True], kind="stable"
    ).drop_duplicates(["outage", "snapshot"])
    table = table.head(worst)
    hours = evidence.snapshots.get_indexer(pd.DatetimeIndex(table["snapshot"]))
    pairs = set(zip(hours.tolist(), table["outage"].astype(str), strict=True))
    load = evidence.load_mw.sum(axis=0)
    outages = [name for name in table["outage"].drop_duplicates() if name][:EXTREME_OUTAGES]
    if every_outage:
        outages = list(certificate.contingencies)
    for hour in (int(load.argmax()), int(load.argmin())):
        pairs |= {(hour, name) for name in outages}
        pairs.add((hour, ""))
    pairs |= {(hour, "") for hour, _ in pairs}
    return pd.DataFrame(sorted(pairs), columns=["hour", "outage"])


def solve_cases(
    grid: AcGrid,
    operation: Operation,
    pairs: pd.DataFrame,
    outages: Mapping[str, Positions],
    progress: Callable[[float], None] | None = None,
) -> Results:
    """Run the power flow of every pair; an outage starts from its hour without one.

    Parameters
    ----------
    grid : AcGrid
        The grid.
    operation : Operation
        Injections, at the hours of `pairs` in the order of their positions.
    pairs : pandas.DataFrame
        Of `pairs_of`.
    outages : mapping of str to ndarray
        Branches of each outage.
    progress : callable, optional
        Called with the share done.
    """
    hours = {hour: number for number, hour in enumerate(sorted(pairs["hour"].unique()))}
    nothing = np.empty(0, dtype=np.int64)
    before: dict[int, State] = {}
    rows, cases, states = [], [], []
    for done, (hour, outage) in enumerate(pairs.itertuples(index=False, name=None), 1):
        out = outages[outage] if outage else nothing
        case = case_of(grid, operation, hours[hour], out)
        state = settle(grid, case, before.get(hour))
        if not outage:
            before[hour] = state
        limit = operation.limit_mw[1 if outage else 0, hours[hour]]
        rows.append(_measured(grid, case, state, limit))
        cases.append(case)
        states.append(state)
        if progress is not None:
            progress(done / len(pairs))
    stacked = [np.array(part) for part in zip(*rows, strict=True)]
    return Results(tuple(cases), tuple(states), *stacked)


def _measured(grid: AcGrid, case: Case, state: State, limit_mw: Array) -> tuple[Array, ...]:
    """Voltages, loadings, gap and losses of one case, in the order of `Results`."""
    evidence = grid.evidence
    flow = linear_flow_mw(grid, case)
    unlimited = np.where(limit_mw > 0, limit_mw, np.nan)
    linear = np.abs(flow) / unlimited
    if not state.converged:
        none = np.full(len(flow), np.nan)
        empty = np.full(len(case.p_mw), np.nan)
        return empty, none, linear, none, none, none, np.array(np.nan)
    matrix = admittance(grid, state.positions, case.out)
    i0, i1 = matrix.currents(state.voltage)
    rated = grid.rated_pu
    s0 = state.voltage[evidence.from_bus] * i0.conj()
    s1 = state.voltage[evidence.to_bus] * i1.conj()
    at0, at1 = np.abs(i0) * rated[0], np.abs(i1) * rated[1]
    current = np.maximum(at0, at1)
    power = np.where(at0 >= at1, s0, s1)
    return (
        np.abs(state.voltage) / grid.reference_pu,
        current / unlimited,
        linear,
        np.abs(power.real) / unlimited,
        np.abs(power) / unlimited,
        0.5 * (s0.real - s1.real) - flow,
        np.array((s0 + s1).real.sum()),
    )
