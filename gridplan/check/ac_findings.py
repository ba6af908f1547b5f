"""What an AC check has found, as tables: currents, voltages, gaps and reactive needs."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridplan.check.ac_cases import Results
from gridplan.check.ac_control import demand_at
from gridplan.check.ac_grid import AcGrid, Array, admittance
from gridplan.check.ac_newton import newton

# What exists in the base case may be so much worse and still count as existing: one tap of 1.25 %
# more or less moves voltages and currents that far without anything being worse.
WORSE_PU = 0.01
MOST_HELD = 12  # buses held one after the other to find what reactive power is missing


def case_table(
    grid: AcGrid, pairs: pd.DataFrame, found: Results, base: Results | None
) -> pd.DataFrame:
    """One row for every hour and outage, as in `AcCheck.cases`."""
    evidence = grid.evidence
    solved = found.converged
    existing = np.zeros(len(solved), dtype=bool) if base is None else ~solved & ~base.converged
    voltage = np.where(solved[:, None], found.voltage_pu, 1.0)
    loading = np.where(np.isfinite(found.loading_pu), found.loading_pu, -1.0)
    least, most, branch = voltage.argmin(axis=1), voltage.argmax(axis=1), loading.argmax(axis=1)
    row = np.arange(len(solved))
    table = pd.DataFrame(
        {
            "snapshot": evidence.snapshots[pairs["hour"].to_numpy()],
            "outage": pairs["outage"].astype("str").to_numpy(),
            "converged": solved,
            "settled": [state.settled for state in found.states],
            "existing": existing,
            "iterations": [state.iterations for state in found.states],
            "losses_mw": found.losses_mw,
            "v_min_pu": np.where(solved, voltage[row, least], np.nan),
            "v_min_bus": np.where(solved, evidence.buses[least].astype(object), ""),
            "v_max_pu": np.where(solved, voltage[row, most], np.nan),
            "v_max_bus": np.where(solved, evidence.buses[most].astype(object), ""),
            "loading_pu": np.where(solved, loading[row, branch], np.nan),
            "branch": np.where(solved, evidence.branches.index[branch].astype(object), ""),
        }
    )
    texts = ["v_min_bus", "v_max_bus", "branch", "outage"]
    return table.astype(dict.fromkeys(texts, "str"))


def overload_table(
    grid: AcGrid, pairs: pd.DataFrame, found: Results, base: Results | None
) -> pd.DataFrame:
    """Currents above their limit, as in `AcCheck.overloads`."""
    tolerance = grid.settings.tolerance_pu
    over = np.nan_to_num(found.loading_pu) > 1.0 + tolerance
    case, branch = np.nonzero(over)
    before = _before(found.loading_pu, None if base is None else base.loading_pu)[case, branch]
    loading = found.loading_pu[case, branch]
    linear, active = found.linear_pu[case, branch], found.active_pu[case, branch]
    apparent = found.apparent_pu[case, branch]
    table = pd.DataFrame(
        {
            "branch": grid.evidence.branches.index[branch].astype("str"),
            **_place(grid, pairs, case),
            "loading_pu": loading,
            "linear_pu": linear,
            "losses_pu": active - linear,
            "reactive_pu": apparent - active,
            "voltage_pu": loading - apparent,
            "base_loading_pu": before,
            "existing": loading <= _or_nothing(before) + WORSE_PU,
        }
    )
    return _sorted(table, "loading_pu")


def voltage_table(
    grid: AcGrid, pairs: pd.DataFrame, found: Results, base: Results | None
) -> pd.DataFrame:
    """Voltages outside their limits, as in `AcCheck.voltages`."""
    lowest, highest = (limit / grid.reference_pu for limit in grid.limits_pu)
    beyond = _beyond(found.voltage_pu, lowest, highest)
    case, bus = np.nonzero(beyond > grid.settings.tolerance_pu)
    before = _before(found.voltage_pu, None if base is None else base.voltage_pu)
    before_beyond = _beyond(before, lowest, highest)[case, bus]
    voltage = found.voltage_pu[case, bus]
    table = pd.DataFrame(
        {
            "bus": grid.evidence.buses[bus].astype("str"),
            **_place(grid, pairs, case),
            "v_nom_kv": grid.v_nom[bus],
            "v_kv": voltage * grid.reference_pu[bus] * grid.v_nom[bus],
            "v_pu": voltage,
            "limit_pu": np.where(voltage < lowest[bus], lowest[bus], highest[bus]),
            "beyond_pu": beyond[case, bus],
            "base_v_pu": before[case, bus],
            "existing": (before_beyond > 0)
            & (beyond[case, bus] <= before_beyond + WORSE_PU)
            & ((before[case, bus] < 1.0) == (voltage < 1.0)),
        }
    )
    return _sorted(table, "beyond_pu")


def gap_table(grid: AcGrid, pairs: pd.DataFrame, found: Results) -> pd.DataFrame:
    """Largest differences of every branch between AC and DC, as in `AcCheck.gaps`."""
    power = np.nan_to_num(np.abs(found.gap_mw))
    more = np.nan_to_num(found.loading_pu - found.linear_pu, nan=-np.inf)
    case, row = more.argmax(axis=0), np.arange(power.shape[1])
    return pd.DataFrame(
        {
            "gap_mw": power.max(axis=0, initial=0.0),
            "gap_pu": np.where(np.isfinite(more[case, row]), more[case, row], np.nan),
            "loading_pu": found.loading_pu[case, row],
            "linear_pu": found.linear_pu[case, row],
            **_place(grid, pairs, case),
        },
        index=grid.evidence.branches.index,
    )


def source_table(grid: AcGrid, found: Results) -> pd.DataFrame:
    """Reactive power of every bus that has a source, as in `AcCheck.reactive`."""
    solved = np.flatnonzero(found.converged)
    has = np.any([case.source for case in found.cases], axis=0)
    given = np.array([found.states[c].source_mvar for c in solved]).reshape(-1, len(has))
    side = np.array([found.states[c].side for c in solved]).reshape(-1, len(has))
    low = np.array([found.cases[c].lowest_mvar for c in solved]).reshape(-1, len(has))
    high = np.array([found.cases[c].highest_mvar for c in solved]).reshape(-1, len(has))
    table = pd.DataFrame(
        {
            "least_mvar": low.min(axis=0, initial=0.0),
            "most_mvar": high.max(axis=0, initial=0.0),
            "lowest_mvar": given.min(axis=0, initial=np.inf) if len(given) else np.nan,
            "highest_mvar": given.max(axis=0, initial=-np.inf) if len(given) else np.nan,
            "cases_at_limit": np.abs(side).sum(axis=0),
        },
        index=pd.Index(grid.evidence.buses, name="bus"),
    )
    return table[has]


def need_table(grid: AcGrid, pairs: pd.DataFrame, found: Results) -> pd.DataFrame:
    """Reactive power that would bring voltages back to their limits, as in `AcCheck.needs`."""
    lowest, highest = grid.limits_pu
    rows = []
    for number, (case, state) in enumerate(zip(found.cases, found.states, strict=True)):
        if not state.converged:
            continue
        held = np.full(len(lowest), np.nan)
        matrix, voltage = admittance(grid, state.positions, case.out), state.voltage
        for _ in range(MOST_HELD):
            size = np.abs(voltage)
            beyond = np.where(np.isnan(held), _beyond(size, lowest, highest), -np.inf)
            worst = int(beyond.argmax())
            if beyond[worst] <= grid.settings.tolerance_pu:
                break
            held[worst] = lowest[worst] if size[worst] < lowest[worst] else highest[worst]
            solved = newton(matrix, demand_at(grid, case, state, held), voltage)
            if not solved.converged:
                break
            voltage = solved.voltage
        given = (voltage * (matrix.bus @ voltage).conj()).imag - case.q_mvar
        for bus in np.flatnonzero(np.isfinite(held)):
            rows.append((number, bus, given[bus] - state.source_mvar[bus]))  # noqa: PERF401
    case = np.array([row[0] for row in rows], dtype=np.int64)
    bus = np.array([row[1] for row in rows], dtype=np.int64)
    table = pd.DataFrame(
        {
            "bus": grid.evidence.buses[bus].astype("str"),
            **_place(grid, pairs, case),
            "mvar": np.array([row[2] for row in rows], dtype=float),
        }
    )
    order = table["mvar"].abs().sort_values(ascending=False, kind="stable").index
    return table.loc[order].reset_index(drop=True)


def _beyond(value: Array, lowest: Array, highest: Array) -> Array:
    """How far values are outside limits; negative or 0 inside."""
    return np.nan_to_num(np.maximum(lowest - value, value - highest), nan=-np.inf)


def _before(now: Array, base: Array | None) -> Array:
    """Values of the base case, no numbers where there is none."""
    return np.full_like(now, np.nan) if base is None else base


def _or_nothing(before: Array) -> NDArray[np.float64]:
    """Give what counts as a finding of the base case; a loading within its limit does not."""
    return np.where(np.nan_to_num(before) > 1.0, before, -np.inf)


def _place(grid: AcGrid, pairs: pd.DataFrame, case: NDArray[np.int64]) -> dict[str, object]:
    """Hour and outage of cases."""
    return {
        "snapshot": grid.evidence.snapshots[pairs["hour"].to_numpy()[case]],
        "outage": pairs["outage"].astype("str").to_numpy()[case],
    }


def _sorted(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """Put new findings first, the largest first; those equal but for rounding by their names."""
    keys = pd.DataFrame({"existing": table["existing"], "size": -table[column].round(6)})
    keys = keys.join(table[["snapshot", "outage", table.columns[0]]])
    order = keys.sort_values(list(keys.columns), kind="stable").index
    return table.loc[order].reset_index(drop=True)
