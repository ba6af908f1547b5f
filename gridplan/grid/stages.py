"""Stages: the grid of a year, with the reinforcements that are in service by then.

What is planned, licensed or under construction counts from its year on. What is on hold or only
an idea never counts by year, but can be included by name. The changes of all reinforcements in
service are made in the order of their years, within a year in the order of the table.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from gridplan.base.errors import Problem, StudyError
from gridplan.base.quiet import quiet_pypsa
from gridplan.grid.changes import Works
from gridplan.study.sheet import suggestion
from gridplan.study.study import Study

logger = logging.getLogger(__name__)

NEVER_BY_YEAR = ("on hold", "idea")


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
        With the grid as stored.
    year : int, optional
        Reinforcements in service by the end of this year are built; default from the settings.
    include, exclude : str or iterable of str
        Reinforcements to build whatever their status and year, or not to build.

    Returns
    -------
    Study
        The same study on the changed network, which lists what was built in `in_service`. The
        projects, the schedule and the settings stay; measures and `unsecured` branches that have
        been taken out of service are left out.

    Raises
    ------
    StudyError
        When a name is unknown, or the changes contradict each other or leave a load unsupplied.

    Examples
    --------
    >>> import gridplan as gp
    >>> study = gp.open_study("trondelag")  # doctest: +SKIP
    >>> gp.at_stage(study, 2028, exclude="Orkdal 420 kV").in_service  # doctest: +SKIP
    """
    wanted = _wanted(study, year, _names(include), _names(exclude))
    new = [name for name in wanted if name not in study.in_service]
    if not new:
        return study
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
        settings=study.settings.model_copy(update={"unsecured": unsecured}),
        in_service=(*study.in_service, *new),
    )


def stages(study: Study, year: int | None = None) -> pd.DataFrame:
    """List the reinforcements of a study.

    Parameters
    ----------
    study : Study
        With its table of reinforcements.
    year : int, optional
        For the column `in_service`; default from the settings.

    Returns
    -------
    pandas.DataFrame
        Index name, in the order in which they would be built; columns year, status, cost_mnok
        (MNOK), changes (in words), in_service (whether the grid of `year` has it).
    """
    year = study.settings.year if year is None else year
    table = _reinforcements(study)
    words = study.reinforcements.apply(_in_words, axis=1, result_type="reduce")
    joined = words.groupby(level=0).agg("; ".join) if len(words) else pd.Series(dtype=str)
    built = table.index.isin(study.in_service)
    by_year = ~table["status"].isin(NEVER_BY_YEAR) & (table["year"] <= year)
    return table[["year", "status", "cost_mnok"]].assign(
        changes=joined.reindex(table.index), in_service=built | by_year
    )


def _names(given: str | Iterable[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _reinforcements(study: Study) -> pd.DataFrame:
    """First row of every reinforcement, by year and then in the order of the table."""
    rows = study.reinforcements
    return rows[~rows.index.duplicated()].sort_values("year", kind="stable")


def _wanted(
    study: Study, year: int | None, include: tuple[str, ...], exclude: tuple[str, ...]
) -> list[str]:
    """Names of the reinforcements of a stage, in the order of building."""
    table = stages(study, year)
    listed = f"There are: {', '.join(table.index) or 'none'}."
    problems = [
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
    remedy = "Start from the study as it was opened."
    problems += [
        _refusal(study, name, "the grid already holds it", remedy)
        for name in study.in_service
        if name in exclude
    ]
    if problems:
        raise StudyError(problems)
    return wanted


def _refusal(study: Study, name: str, message: str, remedy: str) -> Problem:
    return _placed(study, Problem("", "", "name", name, message, remedy))


def _placed(study: Study, problem: Problem) -> Problem:
    return replace(problem, file="reinforcements.csv" if study.folder else "")


def _in_words(row: pd.Series) -> str:
    """One change in words."""
    rating = f"{row['s_nom']:,.0f} MVA"
    km = f"{row['length']:.3g} km, " if row["length"] > 0 else ""
    return {
        "add bus": f"new bus {row['bus0']}",
        "add line": f"new line {row['branch']} ({km}{rating})",
        "add transformer": f"new transformer {row['branch']} ({rating})",
        "remove": f"{row['branch']} taken out of service",
        "remove bus": f"bus {row['bus0']} taken out of service",
        "rate": f"{row['branch']} rated {rating}",
    }[row["action"]]
