"""Conditions between options: relations of projects and symbioses, budget, minimum goals.

Each is one row over the options, with the words that an error needs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridplan.study.relations import conflicts, families, members
from gridplan.study.settings import GOAL_COLUMNS, Settings
from gridplan.study.study import Study
from gridplan.study.tables import names_in

Array = NDArray[np.float64]
UNITS = {  # of the columns that goals count, for people
    "co2_t_per_yr": "t CO2e a year",
    "jobs": "jobs",
    "export_mnok_per_yr": "MNOK of export a year",
    "mw": "MW",
}


@dataclass(frozen=True)
class Rule:
    """row · z ≤ upper over J options.

    Parameters
    ----------
    text : str
        What the rule demands, for people.
    row : ndarray, shape (J,)
        Coefficients.
    upper : float
        Bound.
    structural : bool
        Whether it says what options are (variants, partners) rather than what is wanted of them;
        such a rule is never named as a part of a conflict.
    """

    text: str
    row: Array
    upper: float
    structural: bool = False


def rules_of(
    study: Study,
    projects: pd.DataFrame,
    measures: pd.DataFrame,
    symbioses: pd.DataFrame,
    *,
    invested_mnok: float = 0.0,
) -> list[Rule]:
    """All rules of a study over its options: projects, then measures, then symbioses.

    Parameters
    ----------
    study : Study
        All projects, those that are connected anyway among them; budget and goals.
    projects, measures, symbioses : pandas.DataFrame
        What may be chosen.
    invested_mnok : float
        What reinforcements take of the budget (MNOK).

    Returns
    -------
    list of Rule
    """
    names = [*projects.index, *measures.index, *symbioses.index]
    maker = _Maker(study, projects, len(names))
    partners = pd.Series(range(len(names) - len(symbioses), len(names)), index=symbioses.index)
    return [
        *maker.families(),
        *maker.requirements(),
        *maker.exclusions(),
        *maker.groups(),
        *maker.occupied(),
        *maker.musts(),
        *maker.partners(symbioses, partners),
        *_budget(projects, measures, symbioses, study.settings, invested_mnok),
        *_goals(projects, measures, symbioses, study.settings),
    ]


class _Maker:
    """Writes the relations of projects as rows."""

    def __init__(self, study: Study, projects: pd.DataFrame, count: int) -> None:
        self._all, self._projects, self._count = study.projects, projects, count
        self._connected = frozenset(study.ordinary_growth.index)
        self._position = {name: position for position, name in enumerate(projects.index)}
        self._family = families(projects)

    def _rule(
        self, text: str, plus: list[int], minus: list[int], upper: float, structural: bool = False
    ) -> Rule:
        row = np.zeros(self._count)
        row[plus] += 1.0
        row[minus] -= 1.0
        return Rule(text, row, upper, structural)

    def _meant(self, name: str) -> list[int]:
        """Positions of the candidates that a name means."""
        meant = members(self._all, name)
        return [self._position[member] for member in meant if member in self._position]

    def _fulfilled(self, name: str) -> bool:
        """Whether what a name means is connected anyway."""
        return not self._connected.isdisjoint(members(self._all, name))

    def families(self) -> Iterator[Rule]:
        """Choose at most one variant of a project."""
        for head, rows in self._family.groupby(self._family, sort=False).groups.items():
            if len(rows) > 1:
                places = [self._position[name] for name in rows]
                yield self._rule(f"at most one variant of {head}", places, [], 1.0, True)

    def requirements(self) -> Iterator[Rule]:
        """Let a project be chosen only with those that it requires."""
        for name, text in self._projects["requires"].items():
            for needed in names_in(text):
                if not self._fulfilled(needed):
                    text_, own = f"{name} requires {needed}", [self._position[name]]
                    yield self._rule(text_, own, self._meant(needed), 0.0)

    def exclusions(self) -> Iterator[Rule]:
        """Choose at most one of two projects that exclude each other."""
        seen: set[tuple[int, int]] = set()
        for name, text in self._projects["excludes"].items():
            for other in names_in(text):
                for place in self._meant(other):
                    pair = tuple(sorted((self._position[name], place)))
                    if pair[0] != pair[1] and pair not in seen:
                        seen.add(pair)
                        yield self._rule(f"{name} excludes {other}", list(pair), [], 1.0)

    def groups(self) -> Iterator[Rule]:
        """Choose at most one project of a group."""
        groups = self._projects["exclusive_group"]
        for group, rows in groups[groups.ne("")].groupby(groups, sort=False).groups.items():
            if len(rows) > 1:
                places = [self._position[name] for name in rows]
                yield self._rule(f"at most one project of group {group}", places, [], 1.0)

    def occupied(self) -> Iterator[Rule]:
        """Keep out what cannot stand beside a project that is connected anyway."""
        for pair, reason in conflicts(self._all).items():
            free = [self._position[name] for name in pair if name in self._position]
            if len(free) == 1 and not self._connected.isdisjoint(pair):
                yield self._rule(f"{reason}, and one is connected anyway", free, [], 0.0)

    def musts(self) -> Iterator[Rule]:
        """Choose a project that must be built, in one of its variants."""
        wanted = self._family[self._projects["must_build"].astype(bool)].drop_duplicates()
        for head in wanted:
            places = [self._position[name] for name in self._family.index[self._family == head]]
            yield self._rule(f"{head} must be built", [], places, -1.0)

    def partners(self, symbioses: pd.DataFrame, position: pd.Series) -> Iterator[Rule]:
        """Let a symbiosis be chosen only with all its partners."""
        for name, text in symbioses["partners"].items():
            for partner in names_in(text):
                if not self._fulfilled(partner):
                    text_, own = f"symbiosis {name} needs {partner}", [int(position[name])]
                    yield self._rule(text_, own, self._meant(partner), 0.0, True)


def _budget(
    projects: pd.DataFrame,
    measures: pd.DataFrame,
    symbioses: pd.DataFrame,
    settings: Settings,
    invested_mnok: float,
) -> Iterator[Rule]:
    """Limit on the investment in measures and symbioses, less what reinforcements take."""
    if settings.budget_mnok is not None:
        cost = np.concatenate(
            [np.zeros(len(projects)), measures["cost_mnok"], symbioses["cost_mnok"]]
        )
        text = f"budget of {settings.budget_mnok:,g} MNOK"
        if invested_mnok:
            text += f", of which reinforcements take {invested_mnok:,g}"
        yield Rule(text, cost, max(settings.budget_mnok - invested_mnok, 0.0))


def _goals(
    projects: pd.DataFrame, measures: pd.DataFrame, symbioses: pd.DataFrame, settings: Settings
) -> Iterator[Rule]:
    """Minimum goals; a symbiosis counts with the emissions that it cuts."""
    for goal, column in GOAL_COLUMNS.items():
        least = getattr(settings.goals, goal)
        if least is not None:
            of_symbioses = (
                symbioses[column] if column == "co2_t_per_yr" else np.zeros(len(symbioses))
            )
            row = np.concatenate([projects[column], np.zeros(len(measures)), of_symbioses])
            yield Rule(f"at least {least:,g} {UNITS[column]} ({goal})", -row.astype(float), -least)
