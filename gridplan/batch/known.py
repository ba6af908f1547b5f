"""Names and years in changes, held against the study."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gridplan.base.errors import Problem, StudyError
from gridplan.batch.changes import ALL as EVERY_BUS
from gridplan.grid.stages import stages
from gridplan.portfolio.choosing import MOST
from gridplan.study.growth import growth_problems
from gridplan.study.sheet import suggestion
from gridplan.study.study import Study
from gridplan.study.years import weather_years

WEATHER_KEYS = ("inflow", "wind_year", "load_year")


def block_problems(study: Study, changes: Mapping[str, Any]) -> list[Problem]:
    """Report names and years that the study does not have; places are left to the caller."""
    problems: list[Problem] = []
    tables = {
        "projects": (study.projects.index, "project"),
        "without_projects": (study.projects.index, "project"),
        "reinforcements": (study.reinforcements.index.unique(), "reinforcement"),
        "without_reinforcements": (study.reinforcements.index.unique(), "reinforcement"),
    }
    for key, (known, what) in tables.items():
        problems += _unknown(key, changes.get(key, ()), known, what)
    problems += _unknown(
        "capacity", changes.get("capacity", ()), [EVERY_BUS, *_buses(study)], "bus"
    )
    by_sector = changes.get("growth_by_sector", {})
    problems += growth_problems(study, changes.get("growth", {}), by_sector)
    return problems + list(_weather(study, changes))


def stage_problems(study: Study, changes: Mapping[str, Any]) -> list[Problem]:
    """Report reinforcements that contradict the stage, or each other."""
    year = changes.get("grid_year", changes.get("year", study.settings.year))
    offered, gone = changes.get("reinforcements", ()), changes.get("without_reinforcements", ())
    table = stages(study, year)
    built = set(table.index[table["in_service"]]) - set(gone)
    problems = [
        Problem(
            "", "", "reinforcements", name, f"the grid of {year} builds it anyway",
            "Leave it out here, or name it under without_reinforcements too.",
        )
        for name in offered
        if name in built
    ]  # fmt: skip
    if len(offered) > MOST:
        message, remedy = f"more than {MOST} reinforcements to choose from", "Offer fewer."
        problems.append(Problem("", "", "reinforcements", str(len(offered)), message, remedy))
    return problems


def _buses(study: Study) -> list[str]:
    """Buses of the study, and those that its reinforcements add."""
    rows = study.reinforcements
    added = rows.loc[rows["action"] == "add bus", "bus0"]
    return list(dict.fromkeys([*study.network.c.buses.static.index, *map(str, added)]))


def _unknown(key: str, names: Iterable[str], known: Iterable[str], what: str) -> Iterator[Problem]:
    known = list(known)
    for name in names:
        if name not in known:
            remedy = suggestion(name, known, f"The study has {', '.join(known) or 'none'}.")
            yield Problem("", "", key, name, f"unknown {what}", remedy)


def _weather(study: Study, changes: Mapping[str, Any]) -> Iterator[Problem]:
    wanted = {key: changes[key] for key in WEATHER_KEYS if key in changes}
    if not wanted:
        return
    try:
        years = weather_years(study)
    except StudyError as error:
        yield from error.problems
        return
    for key, label in wanted.items():
        known = list(dict.fromkeys(str(getattr(year, key)) for year in years))
        if str(label) not in known:
            remedy = f"Use one of: {', '.join(known)}."
            if known == ["None"]:
                remedy = f"Leave it out; the profiles have one {key} only."
            yield Problem("", "", key, str(label), "the profiles have no such year", remedy)
