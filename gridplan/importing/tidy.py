"""What a linear model cannot hold: zero impedances, dead parts, missing figures.

Rules, each told in the report:

* A line or switch without impedance makes one bus of its two ends.
* A transformer or phase shifter without reactance gets `LEAST_X`, as its ratio must stay.
* What is joined to no source is dropped, with the load on it; so is a second grid that cannot
  supply itself.
* A generator whose output lies outside its limits has the limits widened, and so has the slack
  where all of its grid together could not supply the load; its output is what the others leave.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gridplan.importing.case import Case
from gridplan.importing.report import Report

NONE_PU = 1e-8  # per unit of the base power; a smaller impedance is none
LEAST_X = 1e-5  # per unit


def tidied(case: Case, report: Report) -> Case:
    """Return a case that a study can hold.

    Parameters
    ----------
    case : Case
        As it was read, without elements out of service.
    report : Report
        Is told what was done.

    Returns
    -------
    Case
    """
    case = _without_loops(_merged(case, report), report)
    case = _with_reactance(case, report)
    case = _alive(case, report)
    return _balanced(case, report)


def connected_parts(buses: pd.Index, branches: pd.DataFrame) -> pd.Series:
    """Find the connected part of every bus, as numbers."""
    ends = buses.get_indexer(branches["bus0"]), buses.get_indexer(branches["bus1"])
    graph = coo_array((np.ones(len(branches)), ends), shape=(len(buses), len(buses)))
    return pd.Series(connected_components(graph, directed=False)[1], index=buses)


def _merged(case: Case, report: Report) -> Case:
    """Make one bus of the ends of lines without impedance."""
    branches = case.branches
    nothing = np.hypot(branches["r"], branches["x"]) < NONE_PU
    same = (branches["tap"] == 1.0) & (branches["shift"] == 0.0)
    kv = [branches[end].map(case.buses["v_nom"]) for end in ("bus0", "bus1")]
    none = nothing & same & (kv[0] == kv[1])
    if not none.any():
        return case
    part = connected_parts(case.buses.index, branches[none])
    keep = pd.Series(case.buses.index, index=case.buses.index).groupby(part).transform("first")
    gone = keep.index[keep != keep.index]
    report.add("merged", branches.index[none], "no impedance: its two ends are one bus")
    for bus in gone:
        report.add("merged", [f"bus {bus}"], f"is one bus with {keep[bus]}")
    rest = branches[~none].assign(**{end: branches[end].map(keep) for end in ("bus0", "bus1")})
    buses = case.buses.copy()
    held = case.buses["v_set"].dropna()
    buses["v_set"] = held.groupby(keep[held.index]).first().reindex(buses.index)
    placed = case.buses[["x", "y"]].dropna()
    found = placed.groupby(keep[placed.index]).first().reindex(buses.index)
    buses[["x", "y"]] = buses[["x", "y"]].fillna(found)
    moved = {
        name: getattr(case, name).assign(bus=getattr(case, name)["bus"].map(keep))
        for name in ("loads", "generators", "shunts")
    }
    return replace(case, buses=buses.drop(index=gone), branches=rest, **moved)


def _without_loops(case: Case, report: Report) -> Case:
    loop = case.branches["bus0"] == case.branches["bus1"]
    report.add("dropped", case.branches.index[loop], "both ends at one bus")
    return replace(case, branches=case.branches[~loop])


def _with_reactance(case: Case, report: Report) -> Case:
    branches = case.branches.copy()
    lacking = branches["x"].abs() < NONE_PU
    branches.loc[lacking, "x"] = LEAST_X
    why = f"no reactance: {LEAST_X:g} per unit of {case.base_mva:g} MVA"
    report.add("assumed", branches.index[lacking], why)
    return replace(case, branches=branches)


def _alive(case: Case, report: Report) -> Case:
    """Drop the parts of the grid that no source supplies."""
    part = connected_parts(case.buses.index, case.branches)
    generators, loads = case.generators, case.loads
    highest = generators[["p_max", "p"]].max(axis=1).fillna(np.inf)  # not stated: no limit
    lowest = generators[["p_min", "p"]].min(axis=1).fillna(0.0)
    sums = [
        values.groupby(table["bus"].map(part)).sum().reindex(part.unique(), fill_value=0.0)
        for values, table in ((highest, generators), (lowest, generators), (loads["p"], loads))
    ]
    high, low, load = sums
    sources = generators["bus"].map(part)
    balanced = set(sources[generators["control"] == "Slack"])
    dead = [
        number
        for number in part.unique()
        if number not in set(sources)
        or (number not in balanced and not low[number] <= load[number] <= high[number])
    ]
    lost = part.index[part.isin(dead)]
    if len(lost) == len(part):
        return case  # said by the study's own checks
    for bus in lost:
        mw = float(loads.loc[loads["bus"] == bus, "p"].sum())
        why = f"no supply in its part of the grid{f'; load of {mw:g} MW' if mw else ''}"
        report.add("dropped", [f"bus {bus}"], why)
    of_dead = {
        name: getattr(case, name)[~getattr(case, name)["bus"].isin(lost)]
        for name in ("loads", "generators", "shunts")
    }
    branches = case.branches[~case.branches["bus0"].isin(lost)]
    return replace(case, buses=case.buses.drop(index=lost), branches=branches, **of_dead)


def _balanced(case: Case, report: Report) -> Case:
    """State output and limits of every generator."""
    generators = case.generators.copy()
    part = connected_parts(case.buses.index, case.branches)
    taken = pd.concat([case.loads.set_index("bus")["p"], case.shunts.set_index("bus")["g"]])
    of_load = taken.groupby(part[taken.index].to_numpy()).sum()
    island = generators["bus"].map(part)
    for number in island.unique():
        own = generators.index[island == number]
        second = own[generators.loc[own, "control"] == "Slack"][1:]
        generators.loc[second, "control"] = "PV"
        report.add("changed", second, "a second slack of one grid: holds its output instead")
        unsaid = own[generators.loc[own, "p"].isna()]
        if len(unsaid):
            rest = of_load.get(number, 0.0) - generators.loc[own, "p"].sum()
            generators.loc[unsaid, "p"] = rest / len(unsaid)
            report.add("assumed", unsaid, "output not stated: what balances the grid, without loss")
    unlimited = generators["p_max"].isna() | np.isinf(generators["p_max"])
    most = max(float(case.loads["p"].clip(lower=0).sum()), float(generators["p"].abs().max()), 1.0)
    generators.loc[unlimited, "p_max"] = most
    report.add("assumed", generators.index[unlimited], f"no limit stated: {most:g} MW, all load")
    unsaid = generators["p_min"].isna() | np.isinf(generators["p_min"])
    least = np.where(generators["control"] == "Slack", -most, 0.0)
    generators["p_min"] = generators["p_min"].mask(unsaid, pd.Series(least, generators.index))
    report.add(
        "assumed",
        generators.index[unsaid],
        f"no lower limit stated: 0, where the slack stands {-most:g} MW",
    )
    for limit, beyond in (("p_max", generators["p"] > generators["p_max"] + 1e-9),
                          ("p_min", generators["p"] < generators["p_min"] - 1e-9)):  # fmt: skip
        generators.loc[beyond, limit] = generators.loc[beyond, "p"]
        report.add("changed", generators.index[beyond], f"output beyond {limit}: limit widened")
    for number in island.unique():
        _cover(generators, island == number, of_load.get(number, 0.0), report)
    return replace(case, generators=generators)


def _cover(generators: pd.DataFrame, own: pd.Series, load: float, report: Report) -> None:
    """Widen the limits of the slack where those of its grid do not let it be balanced."""
    slack = generators.index[own & (generators["control"] == "Slack")]
    for limit, sign in (("p_max", 1.0), ("p_min", -1.0)):
        short = sign * (load - generators.loc[own, limit].sum())
        if len(slack) and short > 0:
            generators.loc[slack, limit] += sign * short
            why = f"the limits of all do not cover the load: {limit} widened by {short:g} MW"
            report.add("changed", slack, why)
