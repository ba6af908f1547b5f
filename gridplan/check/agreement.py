"""Does a plan keep what was agreed: conditions of connection, relations, budget, goals.

Read from the study and the plan's own tables; nothing of the optimiser is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from gridplan.check.dispatch import BALANCE_MW, Row
from gridplan.study.relations import conflicts, families, members
from gridplan.study.settings import GOAL_COLUMNS
from gridplan.study.tables import names_in

SLACK = 1e-6  # relative, of energies, budget and goals
CONDITIONS = "connection conditions not kept"
RELATION = "relation of projects not kept"
DEMAND = "demand on the plan not kept"
BUILT = "reinforcements other than planned"


def broken_agreements(plan: Any) -> list[Row]:
    """List what a plan does not keep.

    Parameters
    ----------
    plan : object
        With study, projects, symbioses and reinforcements (column `chosen`), measures (column
        `units`) and curtailed_mw.

    Returns
    -------
    list of tuple
        kind, name, snapshot, mw (what is curtailed too much; NaN where it is no power), hours.
    """
    first = pd.DatetimeIndex(plan.study.network.snapshots)[0]
    hours = len(plan.study.network.snapshots)
    found = [(RELATION, text) for text in _relations(plan)]
    found += [(DEMAND, text) for text in _demands(plan)]
    found += [(BUILT, text) for text in _reinforcements(plan)]
    rows: list[Row] = [(kind, text, first, np.nan, hours) for kind, text in found]
    return [*_conditions(plan), *rows]


def _conditions(plan: Any) -> Iterator[Row]:
    """Curtailment of projects that did not agree to it, or more than they agreed to."""
    study = plan.study
    for name, series in plan.curtailed_mw.items():
        curtailed = series.to_numpy(dtype=float)
        if name not in study.projects.index or not plan.projects["chosen"].get(name, default=False):
            yield CONDITIONS, f"{name}: not connected", series.index[0], np.nan, len(series)
            continue
        row = study.projects.loc[name]
        demand = study.profiles[row["profile"]].to_numpy(dtype=float) * row["mw"]
        outside = np.maximum(curtailed - demand, 0.0) + np.minimum(curtailed, 0.0)
        for text, mw, count in _excesses(row, curtailed, demand, outside):
            worst = series.index[int(np.abs(outside).argmax() if mw else curtailed.argmax())]
            yield CONDITIONS, f"{name}: {text}", worst, mw or np.nan, count


def _excesses(
    row: pd.Series, curtailed: np.ndarray, demand: np.ndarray, outside: np.ndarray
) -> Iterator[tuple[str, float, int]]:
    """List what one project is curtailed beyond its conditions: text, MW, hours."""
    if np.abs(outside).max(initial=0.0) > BALANCE_MW:
        beyond = np.abs(outside) > BALANCE_MW
        yield "curtailed below nothing or above its load", float(outside[beyond][0]), beyond.sum()
    counted = curtailed > BALANCE_MW
    hours = int(counted.sum())
    firm = row["connection"] != "conditional"
    share = 0.0 if firm else row["curtailable_share"]
    if curtailed.sum() > share * demand.sum() * (1 + SLACK) + BALANCE_MW:
        text = f"{curtailed.sum():,.1f} MWh curtailed, {share * demand.sum():,.1f} MWh agreed"
        yield text, 0.0, hours
    if hours > np.nan_to_num(row["curtailable_hours"], nan=np.inf):
        yield f"{hours} hours curtailed, {row['curtailable_hours']:g} agreed", 0.0, hours
    longest = _longest(counted)
    if longest > np.nan_to_num(row["longest_curtailment_h"], nan=np.inf):
        agreed = row["longest_curtailment_h"]
        yield f"{longest} hours in a row curtailed, {agreed:g} agreed", 0.0, longest


def _longest(counted: np.ndarray) -> int:
    """Most hours in a row."""
    starts = np.concatenate([[0], np.flatnonzero(np.diff(counted.astype(int))) + 1, [len(counted)]])
    runs = np.diff(starts)
    return int(runs[counted[starts[:-1]]].max(initial=0))


def _relations(plan: Any) -> Iterator[str]:
    """Relations of the study's projects and symbioses that the choice breaks."""
    study = plan.study
    chosen = set(plan.projects.index[plan.projects["chosen"].astype(bool)])
    built = chosen | set(study.ordinary_growth.index)
    for (one, other), reason in conflicts(study.projects).items():
        if {one, other} <= built and not chosen.isdisjoint((one, other)):
            yield reason
    for name in sorted(chosen & set(study.projects.index)):
        for needed in names_in(study.projects.loc[name, "requires"]):
            if built.isdisjoint(members(study.projects, needed)):
                yield f"{name} requires {needed}"
    together = plan.symbioses.index[plan.symbioses["chosen"].astype(bool)]
    for name in together.intersection(study.symbioses.index):
        for partner in names_in(study.symbioses.loc[name, "partners"]):
            if built.isdisjoint(members(study.projects, partner)):
                yield f"symbiosis {name} needs {partner}"
    candidates = study.candidates(study.settings.year).index
    for name in sorted((chosen & set(study.projects.index)).difference(candidates)):
        yield f"{name} is no candidate of {study.settings.year}"
    for name in study.committed.index.difference(built):
        yield f"{name} is committed and not in the plan"


def _built(plan: Any) -> pd.Index:
    """Names of the reinforcements that the plan has chosen to build."""
    return plan.reinforcements.index[plan.reinforcements["chosen"].astype(bool)]


def _reinforcements(plan: Any) -> Iterator[str]:
    """Reinforcements that were offered and are chosen otherwise than the grid holds them."""
    built, holds = _built(plan), set(plan.study.in_service)
    for name in plan.reinforcements.index:
        if name in built and name not in holds:
            yield f"{name} is chosen and not in service"
        if name not in built and name in holds:
            yield f"{name} is in service and not chosen"


def _demands(plan: Any) -> Iterator[str]:
    """Must-builds, budget and minimum goals that the choice does not meet."""
    study, settings = plan.study, plan.study.settings
    chosen = study.projects[
        study.projects.index.isin(plan.projects.index[plan.projects["chosen"].astype(bool)])
    ]
    together = study.symbioses[
        study.symbioses.index.isin(plan.symbioses.index[plan.symbioses["chosen"].astype(bool)])
    ]
    candidates = study.candidates(settings.year)
    for head in families(candidates)[candidates["must_build"].astype(bool)].unique():
        if chosen.index.intersection(members(study.projects, head)).empty:
            yield f"{head} must be built"
    units = plan.measures["units"].reindex(study.measures.index, fill_value=0)
    spent = float((units * study.measures["cost_mnok"]).sum() + together["cost_mnok"].sum())
    cost = study.reinforcements["cost_mnok"]  # on the first row of every reinforcement
    spent += float(cost[cost.index.isin(_built(plan))].sum())
    if settings.budget_mnok is not None and spent > settings.budget_mnok * (1 + SLACK) + SLACK:
        yield f"{spent:,.1f} MNOK invested, the budget is {settings.budget_mnok:,.1f} MNOK"
    for goal, column in GOAL_COLUMNS.items():
        least = getattr(settings.goals, goal)
        if least is not None:
            reached = float(chosen[column].sum())
            reached += float(together[column].sum()) if column == "co2_t_per_yr" else 0.0
            if reached < least * (1 - SLACK):
                yield f"{goal}: {reached:,.1f} reached, {least:,.1f} demanded"
