"""Why a project is in a plan or not, and the least that would let it in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from gridplan.base.errors import InfeasiblePlanError
from gridplan.base.messages import Language
from gridplan.operation.dispatch import TOLERANCE_MW
from gridplan.portfolio.plan import Plan
from gridplan.portfolio.rules import Rule
from gridplan.portfolio.search import Extra
from gridplan.reasons.asked import Asked, asked_of
from gridplan.reasons.fitting import Fitting, allowed_part, fitting_part, limiting_pairs
from gridplan.reasons.remedies import fits, remedies_for

Outcome = Literal["chosen", "committed", "rejected", "barred"]
FIRST_MW = 25.0  # headroom is looked for from here on,
LARGEST_MW = 10_000.0  # and not beyond


@dataclass(frozen=True)
class Forced:
    """The best plan that holds a project.

    Parameters
    ----------
    value_lost_mnok : float
        What the portfolio is worth less (MNOK a year); infinite where no plan can hold it.
    displaced, added : tuple of str
        Projects that leave for it, and others that come.
    conflict : tuple of str
        Demands that exclude it, where no plan can hold it; none where the grid has no room for it
        whatever else is chosen.
    """

    value_lost_mnok: float
    displaced: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    conflict: tuple[str, ...] = ()


@dataclass(frozen=True, repr=False)
class Explanation:
    """Why a project is in a plan or not.

    Parameters
    ----------
    project : str
        Its name.
    outcome : {"chosen", "committed", "rejected", "barred"}
        Chosen freely; part of the base case; not chosen; not possible whatever room there is.
    row : pandas.Series
        What the study says of it, and its value.
    hourly : pandas.DataFrame
        By hour: demand_mw, fits_mw (beside the rest of the plan), missing_mw, branch and outage
        that limit it ("" where all fits).
    critical : pandas.DataFrame
        Limits that keep it out, most hours first: branch, outage ("" for none; both "" where the
        sources of the island limit), hours, missing_mw (largest), missing_mwh, worst_hour.
    fits : bool
        Whether the grid has room for it beside the rest of the plan: in all hours, or in so many
        that the conditions of a conditional project cover the others.
    rules : tuple of str
        Relations, budget or demands that it breaks beside the rest of the plan.
    forced : Forced or None
        The best plan that holds it; None where it is not rejected, or nobody looked.
    remedies : pandas.DataFrame or None
        What would let it in, the least of each kind, as in `remedies_for`: kind is "size",
        "measure", "curtailment", "bus" or "reinforcement". None where nobody looked: it is not
        rejected, or remedies were not asked for.
    headroom_mw : float
        Constant load that still fits at its bus beside the whole plan (MW).
    headroom_limit : tuple of (str, str)
        Branch and outage that end the headroom.
    """

    project: str
    outcome: Outcome
    row: pd.Series
    hourly: pd.DataFrame
    critical: pd.DataFrame
    fits: bool
    rules: tuple[str, ...]
    forced: Forced | None
    remedies: pd.DataFrame | None
    headroom_mw: float
    headroom_limit: tuple[str, str] = field(default=("", ""))

    def __repr__(self) -> str:
        return self.text("en")

    def text(self, language: Language = "nb") -> str:
        """Tell it in words, in Norwegian (bokmål) or English."""
        from gridplan.reasons.wording import told  # noqa: PLC0415 - it reads this class

        return told(self, language)


def explain(
    plan: Plan,
    project: str,
    *,
    remedies: bool = True,
    forced: bool = True,
    progress: Callable[[str], None] | None = None,
) -> Explanation:
    """Explain why a project is in a plan or not.

    Parameters
    ----------
    plan : Plan
        A plan.
    project : str
        Name of one of its projects or variants.
    remedies : bool, default True
        Whether to look for what would let it in; that takes most of the time.
    forced : bool, default True
        Whether to look for the best plan that holds a rejected project; that takes most of the
        rest.
    progress : callable, optional
        Called with a line of text at every step.

    Returns
    -------
    Explanation
        As data; `text` tells it in words.

    Raises
    ------
    StudyError
        When the plan has no project of that name.

    Notes
    -----
    What fits in an hour is exact: it is tried in all hours and after every outage, with the sources
    free to be redispatched. The plan's search is forked, so a plan answers in any order alike.

    Examples
    --------
    >>> why = gp.explain(plan, "Ørland air base")  # doctest: +SKIP
    >>> print(why.text("nb"))  # doctest: +SKIP
    """
    say = progress or (lambda _: None)
    asked = asked_of(plan, project)
    outcome = _outcome(plan, project)
    say(f"what fits of {project}")
    fitting = fitting_part(asked.search, asked.rest, asked.extra)
    hourly = _hourly(asked, fitting)
    best = None
    if forced and outcome == "rejected":
        say(f"the best plan with {project}")
        best = _forced(asked)
    found = remedies_for(asked, fitting, say) if remedies and outcome == "rejected" else None
    say("headroom")
    headroom, limit = _headroom(asked)
    return Explanation(
        project=project,
        outcome=outcome,
        row=asked.row,
        hourly=hourly,
        critical=_critical(hourly),
        fits=fits(asked, fitting),
        rules=_broken_rules(asked) if outcome == "rejected" else (),
        forced=best,
        remedies=found,
        headroom_mw=headroom,
        headroom_limit=limit,
    )


def _outcome(plan: Plan, project: str) -> Outcome:
    """Say what became of a project."""
    if project in plan.study.committed.index:
        return "committed"
    if plan.projects.loc[project, "barred"]:
        return "barred"
    return "chosen" if plan.projects.loc[project, "chosen"] else "rejected"


def _hourly(asked: Asked, fitting: Fitting) -> pd.DataFrame:
    """Demand, what fits and what limits it, by hour."""
    pairs = pd.DataFrame("", asked.search.limits.hours, ["branch", "outage"], dtype=object)
    short = np.flatnonzero(fitting.short)
    limits, which = np.unique(fitting.limit[short], return_inverse=True)
    if len(short):
        names = np.array(limiting_pairs(asked.search, limits), dtype=object).reshape(-1, 2)
        pairs.iloc[short] = names[which]
    demand = asked.demand_mw
    return pd.DataFrame(
        {
            "demand_mw": demand,
            "fits_mw": demand * fitting.part,
            "missing_mw": demand * (1.0 - fitting.part),
        },
        asked.search.limits.hours,
    ).join(pairs.astype("str"))


def _critical(hourly: pd.DataFrame) -> pd.DataFrame:
    """Limits that keep a project out."""
    missing = hourly[hourly["missing_mw"] > TOLERANCE_MW]
    grouped = missing.groupby(["branch", "outage"], sort=False)["missing_mw"]
    table = pd.DataFrame(
        {
            "hours": grouped.size(),
            "missing_mw": grouped.max(),
            "missing_mwh": grouped.sum(),
            "worst_hour": grouped.idxmax(),
        }
    ).reset_index()
    return table.sort_values(["hours", "missing_mw"], ascending=False, ignore_index=True)


def _broken_rules(asked: Asked) -> tuple[str, ...]:
    """Rules that the project breaks beside the rest of the plan."""
    taken = asked.rest.taken.copy()
    taken[asked.position] = 1.0
    return tuple(rule.text for rule in asked.search.rules if rule.row @ taken > rule.upper + 1e-9)


def _forced(asked: Asked) -> Forced:
    """Plan again with the project in it."""
    row = np.zeros(len(asked.search.options.names))
    row[asked.position] = -1.0
    search, plan = asked.search, asked.plan
    built = Rule(f"{asked.name} is built", row, -1.0)
    if not search.holds([*(rule for rule in search.rules if rule.structural), built]):
        return Forced(np.inf)
    try:
        found = search.best([*search.rules, built])
    except InfeasiblePlanError as error:
        others = (text for text in error.conflict if text != built.text)
        return Forced(np.inf, conflict=tuple(others))
    chosen = plan.projects.index[found.choice.taken[: len(plan.projects)] > 0.5]
    before = plan.projects.index[plan.projects["chosen"]]
    return Forced(
        value_lost_mnok=plan.found.value_mnok - found.value_mnok,
        displaced=tuple(before.difference(chosen, sort=False)),
        added=tuple(chosen.difference(before, sort=False).drop(asked.name)),
    )


def _headroom(asked: Asked) -> tuple[float, tuple[str, str]]:
    """Constant load that still fits at the project's bus beside the whole plan."""
    search, choice = asked.search, asked.plan.found.choice
    load = np.zeros_like(search.limits.load_mw)
    place = search.limits.grid.topology.buses.get_loc(asked.row["bus"])
    sought = FIRST_MW
    while True:  # the load sought doubles until something limits it
        load[:, place] = sought
        fitting = allowed_part(search, choice, Extra(load))
        worst = int(fitting.part.argmin())
        level = np.full(len(load), fitting.part[worst])
        if search.tried(choice, Extra(load).times(level)).secure:
            if fitting.part[worst] < 1.0:
                limit = limiting_pairs(search, fitting.limit[[worst]])[0]
                return float(fitting.part[worst] * sought), limit
            if sought >= LARGEST_MW:
                return LARGEST_MW, ("", "")
            sought = min(2 * sought, LARGEST_MW)
