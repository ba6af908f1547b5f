"""Finds the portfolios close to a plan, one after the other, on the plan's own search."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridplan.portfolio.options import Choice
from gridplan.portfolio.plan import Plan
from gridplan.portfolio.rules import Rule
from gridplan.portfolio.selection import FIRM_FIRST
from gridplan.study.relations import families

Array = NDArray[np.float64]
Progress = Callable[[str], None]
SLACK = 1.0  # rows by which the mean distance of a different portfolio may miss the largest
BUILT = [  # what makes a portfolio another one; the terms of connection do not
    "bus",
    "mw",
    "profile",
    "year",
    "co2_t_per_yr",
    "jobs",
    "export_mnok_per_yr",
    "value_mnok_per_yr",
    "requires",
    "excludes",
    "exclusive_group",
]


class Nearby:
    """Portfolios whose value is at most `within` below that of a plan.

    Parameters
    ----------
    plan : Plan
        The best portfolio; its search is asked on.
    within : float
        Per unit of the plan's value.
    progress : callable, optional
        Called with a line of text for every portfolio.

    Attributes
    ----------
    choices : list of Choice
        The plan's own first.
    values : list of float
        Of every choice on the plan's grid (MNOK a year).
    found_as : list of str
        By which way each was found.
    exhausted : bool
        Whether there are no others.
    """

    def __init__(self, plan: Plan, within: float, progress: Progress | None = None) -> None:
        self._search, self._progress = plan.search, progress
        self._options = plan.search.options
        best, value = plan.found.value_mnok, plan.search.options.value_mnok
        self.floor_mnok = best - within * abs(plan.objective_mnok)
        self._unit_mnok = 2 * (best - self.floor_mnok) + 1e-3  # a distance of 1 is worth more
        conditional = len(plan.search.options.conditions)
        self._unsure = FIRM_FIRST * np.abs(value).sum() * conditional + 1e-9 * abs(best)
        self._floor = Rule("value of the alternative", -value, self._unsure - self.floor_mnok)
        self._kind = kinds(plan.projects)
        self._family = pd.factorize(families(plan.projects))[0]
        self._rules = [*plan.search.rules, self._floor]
        self.choices, self.values, self.found_as = list[Choice](), list[float](), list[str]()
        self.exhausted = False
        self._keep(plan.found.choice, best, "plan")

    def rank(self, count: int) -> None:
        """Take the next best ones until there are `count` beside the plan."""
        while not self.exhausted and len(self.choices) <= count:
            self.exhausted = not self._next_best("next best")

    def spread(self, count: int) -> None:
        """Take those that differ most from all others until there are `count` beside the plan.

        Where curtailment turns out to cost too much the choice is passed by; after `count` of
        these the search for different ones ends.
        """
        passed = 0
        while not self.exhausted and len(self.choices) <= count and passed < count:
            value = self._options.value_mnok + self._unit_mnok * self._distance()
            slack = self._unit_mnok * SLACK * len(self.choices)
            found = self._search.found(self._rules, value_mnok=value, slack_mnok=slack)
            if found is None:
                self.exhausted = True
                return
            found = self._search.best([*self._search.rules, self._same(found.choice)])
            if found.value_mnok >= self.floor_mnok:
                self._keep(found.choice, found.value_mnok, "different")
            else:
                self._forbid(found.choice)
                passed += 1

    def prove(self) -> None:
        """Look for a portfolio without what all hold, and for one with what all lack."""
        for family in range(self._family.max(initial=-1) + 1):
            rows = np.flatnonzero(self._family == family)
            held = {bool(choice.taken[rows].sum() > 0.5) for choice in self.choices}
            if len(held) == 1 and not self.exhausted:
                self._next_best("counterexample", self._demand(rows, inside=not held.pop()))

    def kinds_held(self, choice: Choice) -> frozenset[int]:
        """Kinds that a choice holds."""
        return frozenset(self._kind[choice.taken[: len(self._kind)] > 0.5].tolist())

    def _next_best(self, way: str, *demands: Rule) -> bool:
        """Take the best one that is left; False where none is good enough.

        Among choices of equal value the search prefers firm ones by a trifle; as far below the
        floor as that it goes on.
        """
        while True:
            found = self._search.found([*self._rules, *demands])
            if found is None or found.value_mnok < self.floor_mnok - self._unsure:
                return False
            if found.value_mnok >= self.floor_mnok:
                self._keep(found.choice, found.value_mnok, way)
                return True
            self._forbid(found.choice)

    def _keep(self, choice: Choice, value_mnok: float, way: str) -> None:
        """Add a portfolio, and never find it again."""
        self._forbid(choice)
        self.choices.append(choice)
        self.values.append(value_mnok)
        self.found_as.append(way)
        if self._progress:
            self._progress(f"{len(self.choices) - 1}: {value_mnok:,.1f} MNOK a year, {way}")

    def _forbid(self, choice: Choice) -> None:
        """Demand that something else is built: Σ_on z − Σ_off z ≤ |on| − 1."""
        row, held = self._signs(choice)
        self._rules.append(Rule("another portfolio", row, held - 1.0))

    def _same(self, choice: Choice) -> Rule:
        """Demand that just this is built: Σ_off z − Σ_on z ≤ −|on|."""
        row, held = self._signs(choice)
        return Rule("the same portfolio", -row, -float(held))

    def _signs(self, choice: Choice) -> tuple[Array, int]:
        """Return 1 for the rows of the kinds that are built, −1 for others; number of kinds."""
        held = self.kinds_held(choice)
        row = np.zeros(len(self._options.names))
        row[: len(self._kind)] = np.where(np.isin(self._kind, list(held)), 1.0, -1.0)
        return row, len(held)

    def _distance(self) -> Array:
        """Distance from all that was found, as a sum over the options, shape (J,)."""
        holding = np.zeros(len(self._kind))
        for choice in self.choices:
            holding += np.isin(self._kind, list(self.kinds_held(choice)))
        distance = np.zeros(len(self._options.names))
        distance[: len(self._kind)] = len(self.choices) - 2 * holding
        return distance

    def _demand(self, rows: NDArray[np.int64], *, inside: bool) -> Rule:
        """Demand that a project is built, or is not."""
        row = np.zeros(len(self._options.names))
        row[rows] = -1.0 if inside else 1.0
        return Rule("a project in or out", row, -1.0 if inside else 0.0)


def kinds(projects: pd.DataFrame) -> NDArray[np.int64]:
    """Give every row a number of what it builds; rows that differ only in their terms share it.

    Parameters
    ----------
    projects : pandas.DataFrame
        Candidates.

    Returns
    -------
    ndarray of int, shape (rows,)
    """
    built = projects[BUILT].assign(family=families(projects))
    return built.groupby(list(built.columns), sort=False, dropna=False).ngroup().to_numpy()
