"""MATPOWER cases (.m, format 2) as tables of a case.

Columns are those of MATPOWER's manual, appendix B. Not part of a power flow, and so not read:
areas, reserves, interface limits, user-defined costs and constraints.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from gridplan.base.errors import Problem, StudyError
from gridplan.importing.case import (
    BRANCH,
    BUS,
    GENERATOR,
    LOAD,
    SHUNT,
    Case,
    branch_names,
    rows_of,
    unique_names,
)
from gridplan.importing.matpower_text import MatpowerText, read_matpower
from gridplan.importing.report import Report

LEAST = {"bus": 13, "gen": 10, "branch": 11}  # columns that format 2 must have
PV, SLACK, ISOLATED = 2, 3, 4  # types of buses; 1 is PQ
UNKNOWN_KV = 100.0
POLYNOMIAL = 2  # cost model; 1 is piecewise linear


def read_matpower_case(path: Path, report: Report) -> Case:
    """Read a case.

    Parameters
    ----------
    path : pathlib.Path
        The .m file.
    report : Report
        Is told what was left out and assumed.

    Returns
    -------
    Case

    Raises
    ------
    StudyError
        With every problem in the file, each with its line.
    """
    text, problems = read_matpower(path.read_text(encoding="utf-8", errors="replace"), path.name)
    if text is not None:
        problems = _problems(text, path.name)
    if text is None or problems:
        raise StudyError(problems)
    return _case(text, path.stem, report)


def _problems(text: MatpowerText, file: str) -> list[Problem]:
    """Report matrices of a wrong shape, and rows that name no bus."""
    problems = []

    def wrong(line: int, column: str, value: object, message: str, remedy: str) -> None:
        problems.append(
            Problem(file, f"line {line}" if line else "", column, str(value), message, remedy)
        )

    base = text.scalars.get("baseMVA")
    if not isinstance(base, float) or not np.isfinite(base) or base <= 0:
        wrong(0, "baseMVA", base, "not a number above 0", "Write mpc.baseMVA = 100;")
    for name, least in LEAST.items():
        rows, lines = text.matrices.get(name, []), text.lines.get(name, [])
        if not rows:
            wrong(0, name, "", f"mpc.{name} has no rows", "Give a whole case.")
            continue
        width = len(rows[0])
        for row, line in zip(rows, lines, strict=True):
            if len(row) < least:
                message = f"a row of mpc.{name} has fewer than {least} columns"
                wrong(line, name, f"{len(row)} columns", message, "Use case format 2.")
            elif len(row) != width:
                message = f"a row of mpc.{name} differs from the first, which has {width} columns"
                wrong(line, name, f"{len(row)} columns", message, "Correct the row.")
    return problems or _reference_problems(text, file)


def _reference_problems(text: MatpowerText, file: str) -> list[Problem]:
    """Report buses that stand twice, and ends that are none."""
    problems = []

    def wrong(line: int, column: str, value: float, message: str, remedy: str) -> None:
        problems.append(Problem(file, f"line {line}", column, f"{value:g}", message, remedy))

    ids = [row[0] for row in text.matrices["bus"]]
    known = set(ids)
    for number, line in zip(ids, text.lines["bus"], strict=True):
        if ids.count(number) > 1:
            wrong(line, "bus_i", number, "the bus stands twice", "Keep one of the rows.")
    for name, ends in (("gen", (0,)), ("branch", (0, 1))):
        for row, line in zip(text.matrices[name], text.lines[name], strict=True):
            for end in ends:
                if row[end] not in known:
                    wrong(line, name, row[end], "unknown bus", "Name a row of mpc.bus.")
    return problems


def _case(text: MatpowerText, name: str, report: Report) -> Case:
    base = float(text.scalars["baseMVA"])
    bus = np.array(text.matrices["bus"])
    numbers = bus[:, 0]
    called = text.texts.get("bus_name", [])
    wanted = called if len(called) == len(bus) else [None] * len(bus)
    names = unique_names(wanted, [f"Bus {number:g}" for number in numbers])
    of = dict(zip(numbers, names, strict=True))
    off = {of[number] for number in numbers[bus[:, 1] == ISOLATED]}
    report.add("dropped", sorted(off), "isolated (bus type 4)")
    kv = np.where(bus[:, 9] > 0, bus[:, 9], UNKNOWN_KV)
    why = f"no base voltage: {UNKNOWN_KV:g} kV, which changes no flow in MW"
    report.add("assumed", [n for n, v in zip(names, bus[:, 9], strict=True) if v <= 0], why)
    buses = rows_of(
        BUS,
        [{"v_nom": v, "source_id": f"bus {n:g}"} for v, n in zip(kv, numbers, strict=True)],
        names,
    )
    kinds = pd.Series(bus[:, 1], index=names)
    generators = _generators(text, of, kinds, off, report)
    held = _held(text, of, kinds)
    buses["v_set"] = buses.index.map(held).astype(float)
    loads = [
        (n, {"bus": n, "p": row[2], "q": row[3]})
        for n, row in zip(names, bus, strict=True)
        if n not in off and (row[2] or row[3])
    ]
    shunts = [
        (n, {"bus": n, "g": row[4], "b": row[5]})
        for n, row in zip(names, bus, strict=True)
        if n not in off and (row[4] or row[5])
    ]
    return Case(
        name=text.name or name,
        base_mva=base,
        buses=buses.drop(index=sorted(off)),
        branches=_branches(text, of, buses["v_nom"], off, report),
        loads=rows_of(LOAD, [row for _, row in loads], [f"Load {n}" for n, _ in loads]),
        generators=pd.concat([generators, _direct_current(text, of, report)]),
        shunts=rows_of(SHUNT, [row for _, row in shunts], [f"Shunt {n}" for n, _ in shunts]),
    )


def _in_service(gen: list[float]) -> bool:
    return gen[7] > 0


def _held(text: MatpowerText, of: dict[float, str], kinds: pd.Series) -> dict[str, float]:
    """Voltage that generators hold, by bus; MATPOWER takes the last one of a bus."""
    return {
        of[gen[0]]: gen[5]
        for gen in text.matrices["gen"]
        if _in_service(gen) and kinds[of[gen[0]]] in (PV, SLACK)
    }


def _generators(
    text: MatpowerText, of: dict[float, str], kinds: pd.Series, off: set[str], report: Report
) -> pd.DataFrame:
    """Read the generators in service, and their costs."""
    costs = text.matrices.get("gencost", [])
    rows, wanted, slack = [], [], set()
    for number, gen in enumerate(text.matrices["gen"]):
        bus = of[gen[0]]
        called = f"generator {number + 1} at {bus}"
        if not _in_service(gen):
            report.add("dropped", [called], "out of service")
            continue
        if bus in off:
            report.add("dropped", [called], "at an isolated bus")
            continue
        first = kinds[bus] == SLACK and bus not in slack
        slack |= {bus} if first else set()
        control = "Slack" if first else "PV" if kinds[bus] in (PV, SLACK) else "PQ"
        cost = _slope(costs[number], gen[1]) if number < len(costs) else np.nan
        rows.append({"bus": bus, "carrier": "generator", "control": control, "p": gen[1],
                     "q": gen[2], "p_min": gen[9], "p_max": gen[8], "cost": cost})  # fmt: skip
        wanted.append(f"Generator {bus}")
    return rows_of(GENERATOR, rows, unique_names(wanted, wanted))


def _slope(cost: list[float], mw: float) -> float:
    """Cost of one more MWh at an output.

    Examples
    --------
    0.02 P² + 20 P at 50 MW, and 10 per MWh up to 30 MW, 40 above:

    >>> _slope([2, 0, 0, 3, 0.02, 20, 0], 50), _slope([1, 0, 0, 3, 0, 0, 30, 300, 60, 1500], 50)
    (22.0, 40.0)
    """
    count, values = int(cost[3]), cost[4:]
    if cost[0] == POLYNOMIAL:
        powers = np.polyder(np.array(values[:count]))
        return float(np.polyval(powers, mw)) if len(powers) else 0.0
    power, total = values[0 : 2 * count : 2], values[1 : 2 * count : 2]
    if len(power) < 2:
        return 0.0
    part = int(np.clip(np.searchsorted(power, mw, side="right") - 1, 0, len(power) - 2))
    rise = power[part + 1] - power[part]
    return float((total[part + 1] - total[part]) / rise) if rise else 0.0


def _branches(
    text: MatpowerText, of: dict[float, str], kv: pd.Series, off: set[str], report: Report
) -> pd.DataFrame:
    """Read the branches in service."""
    ends = [(of[row[0]], of[row[1]]) for row in text.matrices["branch"]]
    names = branch_names(ends)
    rows, kept = [], []
    for count, (name, (bus0, bus1), row) in enumerate(
        zip(names, ends, text.matrices["branch"], strict=True), start=1
    ):
        if row[10] <= 0:
            report.add("dropped", [name], "out of service")
            continue
        if {bus0, bus1} & off:
            report.add("dropped", [name], "at an isolated bus")
            continue
        ratio, shift = row[8], row[9]
        plain = ratio in (0.0, 1.0) and shift == 0 and kv[bus0] == kv[bus1]
        rows.append({"bus0": bus0, "bus1": bus1, "kind": "line" if plain else "transformer",
                     "r": row[2], "x": row[3], "g": 0.0, "b": row[4], "tap": ratio or 1.0,
                     "shift": shift, "rate_mva": row[5] or np.nan,
                     "source_id": f"branch {count}"})  # fmt: skip
        kept.append(name)
    return rows_of(BRANCH, rows, kept)


def _direct_current(text: MatpowerText, of: dict[float, str], report: Report) -> pd.DataFrame:
    """Read direct-current lines as two sources of fixed power."""
    rows, names = [], []
    for number, line in enumerate(text.matrices.get("dcline", []), start=1):
        if line[2] <= 0:
            report.add("dropped", [f"direct-current line {number}"], "out of service")
            continue
        for bus, mw, mvar in ((of[line[0]], -line[3], line[5]), (of[line[1]], line[4], line[6])):
            rows.append({"bus": bus, "carrier": "direct current", "control": "PQ", "p": mw,
                         "q": mvar, "p_min": mw, "p_max": mw, "cost": 0.0})  # fmt: skip
            names.append(f"DC line {number} at {bus}")
        why = "two sources of its scheduled power, fixed in every hour"
        report.add("changed", [f"direct-current line {number}"], why)
    return rows_of(GENERATOR, rows, names)
