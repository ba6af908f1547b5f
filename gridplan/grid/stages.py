"""Stages: the grid of a year, with the reinforcements that are in service by then.

What is planned, licensed or under construction counts from its year on. What is on hold or only
an idea never counts by year, but can be included by name. The changes of all reinforcements in
service are made in the order of their years, within a year in the order of the table.

A stage can be carried further, never back: nothing is taken down again, and what an earlier stage
left out stays out unless it is included.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from gridplan.base.errors import Problem, StudyError
from gridplan.base.messages import Language, Messages, messages
from gridplan.base.quiet import quiet_pypsa
from gridplan.grid.changes import Works
from gridplan.study.outages import with_branches_left
from gridplan.study.settings import FIRST_YEAR, LAST_YEAR
from gridplan.study.sheet import suggestion
from gridplan.study.study import Study

logger = logging.getLogger(__name__)

NEVER_BY_YEAR = ("on hold", "idea")
CHANGES = {  # key of the text of every action
    "add bus": "change_add_bus",
    "add line": "change_add_line",
    "add transformer": "change_add_transformer",
    "remove": "change_remove",
    "remove bus": "change_remove_bus",
    "rate": "change_rate",
}
START_ANEW = "Start from the study as it was opened."


def at_stage(
    study: Study,
    year: int | None = None,
    include: str | Iterable[str] = (),
    exclude: str | Iterable[str] = (),
) -> Study:
    """Build the grid of a year.

    Parameters
    ----------
    study : Study
        With the grid as stored, or an earlier stage of it.
    year : int, optional
        Reinforcements in service by the end of this year are built. Default: the year of the grid
        where the study is a stage already, else that of the settings.
    include, exclude : str or iterable of str
        Reinforcements to build whatever their status and year, or not to build.

    Returns
    -------
    Study
        The same study on the changed network, which says in `stage` what it is: its year and what
        was built. The very same object where nothing changes, so that a base case of it still fits.
        The projects, the schedule and the settings stay; measures and `unsecured` branches that
        have been taken out of service are left out, and a listed outage keeps the branches that
        are left (none where that is one, which is a contingency of its own).

    Raises
    ------
    StudyError
        When a name is unknown, the study's grid is that of a later year, or the changes contradict
        each other or leave a load unsupplied.

    Examples
    --------
    >>> import gridplan as gp
    >>> study = gp.open_study("trondelag")  # doctest: +SKIP
    >>> gp.at_stage(study, 2028, exclude="Orkdal 420 kV").in_service  # doctest: +SKIP
    """
    year = _year(study, year)
    wanted = _wanted(study, year, _names(include), _names(exclude))
    new = [name for name in wanted if name not in study.in_service]
    if not new:
        named = study.grid_year == year or study.reinforcements.empty
        return study if named else replace(study, grid_year=year)
    rows = study.reinforcements
    with quiet_pypsa():
        works = Works(study.network.copy(), rows)
        for name in new:
            works.build(name)
        works.finish()
    if works.problems:
        raise StudyError([_placed(study, problem) for problem in works.problems])
    branches = [*works.network.c.lines.static.index, *works.network.c.transformers.static.index]
    kept = study.measures["branch"].isin(["", *branches])
    if not kept.all():
        logger.info("no longer possible: %s", ", ".join(study.measures.index[~kept]))
    unsecured = tuple(name for name in study.settings.unsecured if name in branches)
    return replace(
        study,
        network=works.network,
        measures=study.measures[kept],
        outages=with_branches_left(study.outages, branches),
        settings=study.settings.model_copy(update={"unsecured": unsecured}),
        in_service=(*study.in_service, *new),
        grid_year=year,
    )


def stages(study: Study, year: int | None = None, *, language: Language = "en") -> pd.DataFrame:
    """List the reinforcements of a study.

    Parameters
    ----------
    study : Study
        With its table of reinforcements.
    year : int, optional
        For the column `in_service`; default as in `at_stage`.
    language : {"en", "nb"}
        Of the column `changes`.

    Returns
    -------
    pandas.DataFrame
        Index name, in the order in which they would be built; columns year, status, cost_mnok
        (MNOK), changes (in words), in_service (whether the grid of `year` has it). The year stands
        in `attrs["grid_year"]`.
    """
    table = _listed(study, year)
    words = study.reinforcements.apply(
        _in_words, axis=1, result_type="reduce", say=messages(language)
    )
    joined = words.groupby(level=0).agg("; ".join) if len(words) else pd.Series(dtype=str)
    found = table[["year", "status", "cost_mnok"]].assign(
        changes=joined.reindex(table.index), in_service=table["in_service"]
    )
    found.attrs["grid_year"] = _year(study, year)
    return found


def _year(study: Study, year: int | None) -> int:
    """Year of the grid that is asked for."""
    if year is not None:
        return year
    return study.settings.year if study.grid_year is None else study.grid_year


def _names(given: str | Iterable[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _reinforcements(study: Study) -> pd.DataFrame:
    """First row of every reinforcement, by year and then in the order of the table."""
    rows = study.reinforcements
    return rows[~rows.index.duplicated()].sort_values("year", kind="stable")


def _listed(study: Study, year: int | None) -> pd.DataFrame:
    """First row of every reinforcement, and whether the grid of the year has it."""
    table = _reinforcements(study)
    built = table.index.isin(study.in_service)
    by_year = ~table["status"].isin(NEVER_BY_YEAR) & (table["year"] <= _year(study, year))
    if study.grid_year is not None:
        by_year &= table["year"] > study.grid_year  # until then the stage has decided
    return table.assign(in_service=built | by_year)


def _wanted(
    study: Study, year: int, include: tuple[str, ...], exclude: tuple[str, ...]
) -> list[str]:
    """Names of the reinforcements of a stage, in the order of building."""
    table = _listed(study, year)
    listed = f"There are: {', '.join(table.index) or 'none'}."
    problems = _year_problems(study, year)
    problems += [
        _refusal(study, name, "unknown reinforcement", suggestion(name, table.index, listed))
        for name in (*include, *exclude)
        if name not in table.index
    ]
    problems += [
        _refusal(study, name, "both included and excluded", "Give the name once.")
        for name in include
        if name in exclude
    ]
    in_time = table.index[table["in_service"]]
    wanted = [n for n in table.index if (n in in_time or n in include) and n not in exclude]
    problems += [
        _refusal(study, name, "the grid already holds it", START_ANEW)
        for name in study.in_service
        if name in exclude
    ]
    if problems:
        raise StudyError(problems)
    return wanted


def _year_problems(study: Study, year: int) -> list[Problem]:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        remedy = f"Give a year from {FIRST_YEAR} to {LAST_YEAR}."
        return [Problem("", "", "year", str(year), "no possible year of a grid", remedy)]
    if study.grid_year is not None and year < study.grid_year:
        message = f"the grid is that of {study.grid_year} already"
        return [Problem("", "", "year", str(year), message, START_ANEW)]
    return []


def _refusal(study: Study, name: str, message: str, remedy: str) -> Problem:
    return _placed(study, Problem("", "", "name", name, message, remedy))


def _placed(study: Study, problem: Problem) -> Problem:
    return replace(problem, file="reinforcements.csv" if study.folder else "")


def _in_words(row: pd.Series, *, say: Messages) -> str:
    """One change in words."""
    km = say("change_km", km=_plain(row["length"], say)) if row["length"] > 0 else ""
    mva = say.number(row["s_nom"]) if row["s_nom"] > 0 else ""
    return say(CHANGES[row["action"]], branch=row["branch"], bus=row["bus0"], mva=mva, km=km)


def _plain(km: float, say: Messages) -> str:
    """Write a length with three digits, as many decimals as that leaves."""
    text = f"{km:.3g}"
    return say.number(float(text), len(text.partition(".")[2]))
