"""A study with the changes of a scenario in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, Protocol, TypeVar

import pandas as pd
import xarray as xr

from gridplan.base.errors import InfeasiblePlanError, Problem
from gridplan.batch.changes import ALL, OF_THE_GRID, OF_THE_PLAN, SETTINGS, WEATHER
from gridplan.grid.stages import at_stage
from gridplan.hosting.capacity import hosting_capacity
from gridplan.operation.base_case import BaseCase, base_case
from gridplan.portfolio.offered import offered_of, search_of
from gridplan.portfolio.plan import Plan, plan, plan_of
from gridplan.portfolio.search import Lessons
from gridplan.study.growth import with_growth
from gridplan.study.relations import COMMITTED, families
from gridplan.study.settings_file import revised
from gridplan.study.study import Study
from gridplan.study.tables import names_in
from gridplan.study.years import with_hydro_flexibility, with_year


class Changed(Protocol):
    """What has changes, as in `Changes.stated`."""

    changes: dict[str, Any]


C = TypeVar("C", bound=Changed)


def grid_of_scenario(study: Study, changes: Mapping[str, Any]) -> Study:
    """Study on the grid, with the weather and the load, on which a scenario is planned.

    Parameters
    ----------
    study : Study
        As it was opened.
    changes : mapping
        As in `Changes.stated`. Scenarios with the same `base_key` get the same grid; what concerns
        the plan alone is left to `plan_scenario`.

    Returns
    -------
    Study
        A stage; committed projects that the scenario leaves out are gone.
    """
    changed = {key: value for key, value in changes.items() if key not in OF_THE_PLAN}
    gone = study.projects.index.isin(_left_out_of_base(study, changes))
    if gone.any():
        study = _keeping(study, ~gone)
    settings = {key: changed[key] for key in SETTINGS if key in changed}
    if settings:
        study = replace(study, settings=revised(study.settings, **settings))
    weather = {key: changed[key] for key in WEATHER if key in changed}
    if weather:
        study = with_year(study, **weather)
    elif "hydro_flexibility_pu" in changed:
        study = with_hydro_flexibility(study, changed["hydro_flexibility_pu"])
    if "growth" in changed or "growth_by_sector" in changed:
        by_sector = changed.get("growth_by_sector")
        study = with_growth(study, changed.get("growth"), by_sector=by_sector)
    year = changed.get("grid_year", study.settings.year)
    stage = at_stage(study, year, exclude=changed.get("without_reinforcements", ()))
    return without_outages(stage) if changed.get("criterion") == "N-0" else stage


def without_outages(study: Study) -> Study:
    """Study in which no outage is a contingency (N-0)."""
    branches = (*study.network.c.lines.static.index, *study.network.c.transformers.static.index)
    settings = revised(study.settings, unsecured=branches)
    outages = None if study.outages is None else study.outages.iloc[:0]
    return replace(study, settings=settings, outages=outages)


def lessons_of(study: Study, changes: Mapping[str, Any]) -> Lessons:
    """Learn what the grid of a scenario limits, from the study's own plan on it.

    They depend on nothing else of the scenario, so that its results do not depend on which others
    have run before it, or where.

    Parameters
    ----------
    study : Study
        As it was opened.
    changes : mapping
        As in `Changes.stated`. Scenarios with the same `grid_key` get the same lessons.
    """
    grid = grid_of_scenario(study, _of_grid(study, changes))
    search = search_of(base_case(grid), offered_of(grid, grid, True, True), grid)
    with suppress(InfeasiblePlanError):  # other scenarios may have other demands
        search.best()
    return search.lessons()


def plan_scenario(
    base: BaseCase, changes: Mapping[str, Any], lessons: Lessons | None = None
) -> Plan:
    """Plan a scenario on its base case, which stays as it was.

    Parameters
    ----------
    base : BaseCase
        Of the study that `grid_of_scenario` has made.
    changes : mapping
        As in `Changes.stated`.
    lessons : Lessons, optional
        Of its grid; without them the search begins from nothing. Plans that choose among
        reinforcements do so in any case.

    Returns
    -------
    Plan
    """
    study = study_of_scenario(base.study, changes)
    measures, symbioses = changes.get("measures", True), changes.get("symbioses", True)
    named = changes.get("reinforcements", ())
    if named:
        return plan(study, measures=measures, symbioses=symbioses, reinforcements=named, base=base)
    offered = offered_of(study, study, measures, symbioses)
    search = search_of(base, offered, study)
    if lessons is not None:
        search.learn(lessons)
    return plan_of(search, offered, search.best(), study)


def capacity_of(study: Study, changes: Mapping[str, Any]) -> xr.Dataset | None:
    """Hosting capacity of the buses that a scenario asks for and its grid has; None for none.

    Parameters
    ----------
    study : Study
        That `grid_of_scenario` has made.
    changes : mapping
        As in `Changes.stated`.
    """
    named, known = changes.get("capacity", ()), study.network.c.buses.static.index
    buses = list(known) if ALL in named else [name for name in named if name in known]
    if not buses:
        return None
    criterion = changes.get("criterion", "N-1")
    return hosting_capacity(study, buses=buses, criterion=criterion).squeeze("criterion", drop=True)


def grid_key(study: Study, changes: Mapping[str, Any]) -> str:
    """Say which grid a scenario stands on; those with the same key share what it limits."""
    return repr(sorted(_of_grid(study, changes).items()))


def _of_grid(study: Study, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the changes that say which branches and outages there are."""
    year = changes.get("grid_year", changes.get("year", study.settings.year))
    own = {key: changes[key] for key in OF_THE_GRID if key in changes}
    return {"grid_year": year} | own


def study_of_scenario(study: Study, changes: Mapping[str, Any]) -> Study:
    """Study on the grid of a scenario, with the changes that concern the plan alone."""
    keep = ~study.projects.index.isin(left_out(study, changes))
    if not keep.all():
        study = _keeping(study, keep)
    settings = {key: changes[key] for key in SETTINGS if key in changes and key in OF_THE_PLAN}
    for key in ("weights", "goals"):
        if key in changes:
            settings[key] = getattr(study.settings, key).model_dump() | changes[key]
    if settings:
        study = replace(study, settings=revised(study.settings, **settings))
    return study


def base_key(study: Study, changes: Mapping[str, Any]) -> str:
    """Say what base case a scenario needs; those with the same key share one."""
    own = {key: value for key, value in changes.items() if key not in OF_THE_PLAN}
    return repr((sorted(own.items()), sorted(_left_out_of_base(study, changes))))


def by_base(study: Study, ones: Iterable[C], most: int) -> list[tuple[C, ...]]:
    """Put scenarios of one base case together, at most so many, in their order."""
    groups: dict[str, list[C]] = {}
    for one in ones:
        groups.setdefault(base_key(study, one.changes), []).append(one)
    return [
        tuple(group[start : start + most])
        for group in groups.values()
        for start in range(0, len(group), most)
    ]


def left_out(study: Study, changes: Mapping[str, Any]) -> list[str]:
    """Rows of the projects that a scenario does without; a head stands for its variants too."""
    rows, family = study.projects.index, families(study.projects)
    gone: list[str] = []
    if "projects" in changes:
        kept = changes["projects"]
        gone += rows[~(rows.isin(kept) | family.isin(kept).to_numpy())].tolist()
        gone = [name for name in gone if name not in set(family[rows.isin(kept)])]
    named = changes.get("without_projects", ())
    gone += rows[rows.isin(named) | family.isin(named).to_numpy()].tolist()
    return list(dict.fromkeys(gone))


def lacking(study: Study, changes: Mapping[str, Any]) -> list[Problem]:
    """Report projects that stay and require one that does not."""
    gone = set(left_out(study, changes))
    problems = []
    for name, requires in study.projects["requires"].items():
        for other in names_in(requires) if name not in gone else ():
            if other in gone:
                remedy = f"Keep {other!r}, or leave out {name!r} too."
                message = f"{name!r} requires it, and it is left out"
                problems.append(Problem("", "", "projects", other, message, remedy))
    return problems


def _left_out_of_base(study: Study, changes: Mapping[str, Any]) -> list[str]:
    """Rows left out, if some of them could be part of the load of a base case; else none."""
    gone = left_out(study, changes)
    rows = study.projects.loc[gone]
    small = rows["mw"] < study.settings.ordinary_growth_below_mw
    return gone if (small | rows["status"].isin(COMMITTED)).any() else []


def _keeping(study: Study, keep: Sequence[bool]) -> Study:
    """Study with some of its projects; what refers to the others goes with them."""
    projects = study.projects[keep].copy()
    gone = set(study.projects.index) - set(projects.index)
    projects["excludes"] = projects["excludes"].map(lambda text: _without(text, gone))
    together = study.symbioses
    whole = [not gone & set(names_in(partners)) for partners in together["partners"]]
    return replace(study, projects=projects, symbioses=together[pd.Series(whole, together.index)])


def _without(text: str, gone: set[str]) -> str:
    return "; ".join(name for name in names_in(text) if name not in gone)
