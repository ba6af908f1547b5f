r"""Which reinforcements to build: the best plan over all sets of them that the budget allows.

    max over S ⊆ offered   v(S) − Σ_{r∈S} annuity_r      with   Σ_{r∈S} cost_r ≤ budget,

where v(S) is the value of the best secure choice of projects, measures and symbioses on the grid
with S, under what S leaves of the budget. A reinforcement changes the topology, and grid limits
hold for one topology only, so every set has a base case and a search of its own.

The sets are tried in the order of an upper bound: the value of what could be chosen if the grid
carried everything, less the annuity of the set. A set whose bound cannot beat the best so far is
left out. The search of any other one is told what it has to reach, and ends as soon as the limits
that it has learned show that it cannot.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import NoReturn

import numpy as np
import pandas as pd

from gridplan.base.errors import InfeasiblePlanError, Problem, StudyError
from gridplan.grid.stages import at_stage, stages
from gridplan.operation.base_case import BaseCase, base_case
from gridplan.operation.case import case_of
from gridplan.portfolio.conflicts import refuse
from gridplan.portfolio.curtailment import LEAST_PRICE
from gridplan.portfolio.cuts import no_cuts
from gridplan.portfolio.milp import GAP
from gridplan.portfolio.offered import Offered, search_of
from gridplan.portfolio.options import Options, annual_costs, options_of
from gridplan.portfolio.rules import rules_of
from gridplan.portfolio.search import Found, Search
from gridplan.portfolio.selection import FIRM_FIRST, Selection
from gridplan.study.sheet import suggestion
from gridplan.study.study import Study

logger = logging.getLogger(__name__)

MOST = 6  # reinforcements to choose from: 64 plans
TIE_MNOK = 1e-3  # a year; of plans that differ by less the one with fewer reinforcements
OVER_BUDGET = "costs more than the budget"

Offer = Callable[[Study], Offered]
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Chosen:
    """The best set of reinforcements and the plan on its grid.

    Parameters
    ----------
    study : Study
        The grid with the set.
    offered : Offered
        What was chosen from there.
    search : Search
        On that grid.
    found : Found
        Its result.
    reinforcements : pandas.DataFrame
        As in `Plan`.
    """

    study: Study
    offered: Offered
    search: Search
    found: Found
    reinforcements: pd.DataFrame


@dataclass(frozen=True)
class _Set:
    """Reinforcements to build together.

    Parameters
    ----------
    names : tuple of str
        In the order of the table.
    place : tuple of int
        Their number and positions: of equal plans the set with the smallest place is chosen.
    cost_mnok, annuity_mnok : float
        Investment, and cost a year.
    bound_mnok : float
        No plan with the set is worth more, the annuity taken off.
    """

    names: tuple[str, ...]
    place: tuple[int, ...]
    cost_mnok: float
    annuity_mnok: float
    bound_mnok: float = np.inf

    def __str__(self) -> str:
        return " + ".join(self.names) or "no reinforcement"


@dataclass(frozen=True)
class _Best:
    """Best plan so far and what it is worth, the annuity taken off."""

    tried: _Set
    value_mnok: float
    study: Study
    offered: Offered
    search: Search
    found: Found

    def needed_mnok(self, other: _Set) -> float:
        """Return what another set must be worth to be preferred."""
        return self.value_mnok + (TIE_MNOK if other.place > self.tried.place else -TIE_MNOK)


def reinforcements_of(stage: Study, names: str | Sequence[str]) -> pd.DataFrame:
    """Tabulate the reinforcements to choose from, none of them chosen.

    Parameters
    ----------
    stage : Study
        The grid that is built anyway.
    names : str or sequence of str
        Reinforcements that it does not hold.

    Returns
    -------
    pandas.DataFrame
        Index name, in the order of building; year, status, cost_mnok, annual_cost_mnok, chosen,
        note.

    Raises
    ------
    StudyError
        When a name is unknown or in service, or there are too many.
    """
    wanted = [names] if isinstance(names, str) else list(dict.fromkeys(names))
    table = stages(stage)[["year", "status", "cost_mnok"]]
    problems = [
        Problem("", "plan", "reinforcements", name, *found)
        for name in wanted
        if (found := _objection(stage, table, name))
    ]
    if len(wanted) > MOST:
        message = f"{len(wanted)} reinforcements to choose from make {2 ** len(wanted):,} plans"
        remedy = f"Offer {MOST} at most; gridplan.rank_reinforcements says which free most."
        problems.append(Problem("", "plan", "reinforcements", "", message, remedy))
    if problems:
        raise StudyError(problems)
    table = table[table.index.isin(wanted)]
    invested = table.assign(lifetime_yr=stage.settings.reinforcement_lifetime_yr)
    annual = annual_costs(invested, stage.settings)
    return table.assign(annual_cost_mnok=annual, chosen=False, note=pd.Series("", table.index))


def _objection(stage: Study, table: pd.DataFrame, name: str) -> tuple[str, str] | None:
    """Say why a reinforcement cannot be offered, and what to do; None where it can."""
    if name not in table.index:
        listed = f"There are: {', '.join(table.index) or 'none'}."
        return "unknown reinforcement", suggestion(name, table.index, listed)
    if name in stage.in_service:
        remedy = "Leave it out, or plan on an earlier grid (grid_year)."
        return f"in service already on the {stage.stage.name}", remedy
    return None


def choose(
    study: Study,
    grid_year: int | None,
    table: pd.DataFrame,
    offer: Offer,
    *,
    base: BaseCase | None = None,
    progress: Progress | None = None,
) -> Chosen:
    """Find the best set of reinforcements and the best plan on its grid.

    Parameters
    ----------
    study : Study
        With the settings to use, on the grid from which the stages are built.
    grid_year : int, optional
        As in `gridplan.plan`.
    table : pandas.DataFrame
        Reinforcements to choose from (`reinforcements_of`).
    offer : callable
        What may be chosen on a grid.
    base : BaseCase, optional
        Of the grid with none of them.
    progress : callable, optional
        Called with a line of text for every set and round.

    Returns
    -------
    Chosen

    Raises
    ------
    InfeasiblePlanError
        When no set allows a choice that keeps all limits and demands.
    StudyError
        When the grid with none of them cannot be built.
    """
    yard = _Yard(study, grid_year, offer, base, progress or (lambda _: None))
    affordable = _affordable(table, study.settings.budget_mnok)
    sets, failed = yard.bounded(affordable)
    best: _Best | None = None
    for number, tried in enumerate(sets, start=1):
        yard.say(f"set {number} of {len(sets)}: {tried}")
        better = yard.better(tried, best)
        best = better or best
        yard.say(f"{tried}: {f'{better.value_mnok:,.1f} MNOK a year' if better else 'no better'}")
    if best is None:
        yard.refuse(affordable[0])
    within = {tried.names for tried in affordable}
    notes = [failed.get((n,), "") if (n,) in within else OVER_BUDGET for n in table.index]
    told = table.assign(chosen=table.index.isin(best.tried.names), note=notes)
    return Chosen(best.study, best.offered, best.search, best.found, told)


def _affordable(table: pd.DataFrame, budget_mnok: float | None) -> list[_Set]:
    """All sets of reinforcements within the budget, the smallest first."""
    names, most = list(table.index), np.inf if budget_mnok is None else budget_mnok
    sets = []
    for count in range(len(names) + 1):
        for places in combinations(range(len(names)), count):
            rows = table.iloc[list(places)]
            cost, annuity = rows["cost_mnok"].sum(), rows["annual_cost_mnok"].sum()
            if cost <= most * (1 + 1e-12):  # the sum of costs may miss the budget by rounding
                chosen = tuple(names[place] for place in places)
                sets.append(_Set(chosen, (count, *places), float(cost), float(annuity)))
    return sets


@dataclass(frozen=True)
class _Yard:
    """Builds the grid of a set, and plans on it."""

    study: Study
    grid_year: int | None
    offer: Offer
    base: BaseCase | None
    say: Progress

    def bounded(self, sets: Sequence[_Set]) -> tuple[list[_Set], dict[tuple[str, ...], str]]:
        """Bound every set that can be built, the most promising first; why others cannot be.

        Raises
        ------
        StudyError
            When the grid with none of them cannot be built.
        """
        bounded, failed = [], {}
        for tried in sets:
            try:
                stage = self._stage(tried)
            except StudyError as error:
                if not tried.names:
                    raise
                failed[tried.names] = "; ".join(problem.message for problem in error.problems)
                self.say(f"{tried} cannot be built: {failed[tried.names]}")
                logger.info("%s cannot be built: %s", tried, error)
                continue
            bounded.append(replace(tried, bound_mnok=self._bound_mnok(tried, stage)))
        return sorted(bounded, key=lambda tried: (-tried.bound_mnok, tried.place)), failed

    def better(self, tried: _Set, best: _Best | None) -> _Best | None:
        """Best plan with a set, if there is one that is preferred to the best so far."""
        least = -np.inf if best is None else best.needed_mnok(tried)
        if tried.bound_mnok == -np.inf or tried.bound_mnok < least:
            return None
        stage = self._stage(tried)
        offered, search = self._search(tried, stage)
        found = search.found(
            search.rules,
            least_mnok=least + tried.annuity_mnok - self._spared_mnok(search.options),
            progress=lambda text: self.say(f"{tried}, {text}"),
        )
        if found is None or found.value_mnok - tried.annuity_mnok < least:
            return None
        worth = found.value_mnok - tried.annuity_mnok
        return _Best(tried, worth, stage, offered, search, found)

    def refuse(self, nothing: _Set) -> NoReturn:
        """Say why no set allows a plan, by the demands that conflict with none of them built.

        Raises
        ------
        InfeasiblePlanError
            Always.
        """
        _, search = self._search(nothing, self._stage(nothing))
        try:
            refuse(search, search.rules)
        except InfeasiblePlanError as error:
            msg = f"{error}\nNo reinforcements offered that the budget allows change that."
            raise InfeasiblePlanError(msg, error.conflict) from error

    def _stage(self, tried: _Set) -> Study:
        return at_stage(self.study, self.grid_year, include=tried.names)

    def _search(self, tried: _Set, stage: Study) -> tuple[Offered, Search]:
        """Search on the grid with a set, under what it leaves of the budget."""
        given = self.base is not None and not tried.names
        base = self.base if given else base_case(stage)
        offered = self.offer(stage)
        return offered, search_of(base, offered, stage, tried.cost_mnok)

    def _bound_mnok(self, tried: _Set, stage: Study) -> float:
        """Value of the best choice if the grid carried everything, less the annuity of the set."""
        tables = self.offer(stage).tables
        case = case_of(stage, stage.committed)
        options = options_of(stage, *tables, case)
        rules = rules_of(stage, *tables, invested_mnok=tried.cost_mnok)
        # No limits of the grid, so the shapes of the options over the hours do not matter.
        shape = np.hstack([options.profile, options.profile[:, options.second]])
        choice = Selection(options, shape).best(no_cuts(options, case.grid.topology.islands), rules)
        if choice is None:
            return -np.inf
        return options.value_of(choice) + self._spared_mnok(options) - tried.annuity_mnok

    @staticmethod
    def _spared_mnok(options: Options) -> float:
        """Most by which the choice of a selection may miss the best value.

        It prefers fewer conditional projects and no curtailment in vain, and MILPs have a gap.
        """
        conditions, total = options.conditions, float(np.abs(options.value_mnok).sum())
        most_mwh = options.bus_mw[conditions.option].sum(axis=1) @ conditions.most_pu_h
        return (FIRM_FIRST * len(conditions) + GAP) * total + LEAST_PRICE * float(most_mwh)
