"""A project beside the rest of a plan: what every answer about it starts from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridplan.base.errors import Problem, StudyError
from gridplan.portfolio.options import Choice
from gridplan.portfolio.plan import Plan
from gridplan.portfolio.search import Extra, Search
from gridplan.study.relations import families

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Asked:
    """A project beside the rest of a plan.

    Parameters
    ----------
    plan : Plan
        The plan.
    name : str
        The project, or the variant of it that is asked for.
    position : int
        Among the options.
    search : Search
        Fork of the plan's.
    rest : Choice
        The plan's choice without the project and its variants, nor symbioses that need another
        variant of it.
    extra : Extra
        The project's load, in full.
    """

    plan: Plan
    name: str
    position: int
    search: Search
    rest: Choice
    extra: Extra

    @property
    def row(self) -> pd.Series:
        """What the study says of the project."""
        return self.plan.projects.loc[self.name]

    @property
    def demand_mw(self) -> Array:
        """Load of the project, shape (T,); that of a committed one is in the base case already."""
        return self.search.options.profile[:, self.position] * float(self.row["mw"])


def refuse_unknown(names: pd.Index, project: str) -> None:
    """Raise StudyError where no project has this name."""
    if project not in names:
        remedy = f"The plan has {', '.join(names)}."
        message = "no project of the plan"
        raise StudyError([Problem("", "explain", "project", project, message, remedy)])


def asked_of(plan: Plan, project: str) -> Asked:
    """Set a project apart from the rest of a plan.

    Raises
    ------
    StudyError
        When the plan has no project of that name.
    """
    refuse_unknown(plan.projects.index, project)
    family = families(plan.projects)
    own = np.flatnonzero(family.eq(family[project]))
    options, choice = plan.search.options, plan.found.choice
    taken, curtailed = choice.taken.copy(), choice.curtailed_pu.copy()
    taken[own] = np.where(options.least[own] > 0, taken[own], 0.0)
    curtailed[:, np.isin(options.conditions.option, own)] = 0.0
    position = plan.projects.index.get_loc(project)
    _leave_partners(plan, taken, position)
    profile = options.profile[:, [position]]
    released = options.released_mw[[position]]
    return Asked(
        plan=plan,
        name=project,
        position=position,
        search=plan.search.fork(),
        rest=Choice(taken, curtailed),
        extra=Extra(
            profile * options.bus_mw[[position]], profile * released if released.any() else None
        ),
    )


def _leave_partners(plan: Plan, taken: Array, position: int) -> None:
    """Take out symbioses whose partners are gone even with the project."""
    beside = taken.copy()
    beside[position] = 1.0
    first = len(plan.projects) + len(plan.measures)
    for rule in plan.search.rules:
        if rule.structural and rule.row @ beside > rule.upper:
            taken[first:] = np.where(rule.row[first:] > 0, 0.0, taken[first:])
