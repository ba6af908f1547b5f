"""What is wrong with a table of projects: names, connections, contradictions between its rows."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from gridplan.base.errors import Problem
from gridplan.study.choices import CURTAILMENT
from gridplan.study.references import unknown_names
from gridplan.study.relations import COMMITTED, Relations, Wish, members, table_of
from gridplan.study.sheet import Sheet, suggestion
from gridplan.study.tables import names_in


def project_problems(
    projects: Sheet, buses: Iterable[str], profiles: Iterable[str]
) -> list[Problem]:
    """Report projects that name something unknown, or that contradict each other or themselves.

    Parameters
    ----------
    projects : Sheet
        Table `projects`.
    buses, profiles : iterable of str
        What the study has.

    Returns
    -------
    list of Problem
    """
    variants = _variant_problems(projects)
    problems = [
        *unknown_names(projects, "bus", buses, "bus"),
        *unknown_names(projects, "profile", profiles, "profile"),
        *variants,
        *_named_projects(projects, "requires"),
        *_named_projects(projects, "excludes"),
        *_firm_problems(projects),
    ]
    rows = table_of(projects)
    wrong = {problem.row for problem in variants}
    doubtful = rows["row"].map(lambda row: projects.places[row] in wrong).astype(bool)
    rows["variant_of"] = rows["variant_of"].mask(doubtful, "")
    return problems + _contradictions(projects, rows)


def _variant_problems(projects: Sheet) -> list[Problem]:
    head_of = dict(zip(projects.rows["name"], projects.rows["variant_of"], strict=True))
    problems = []
    for row, own, head, must in projects.rows[["name", "variant_of", "must_build"]].itertuples():
        if not head:
            continue
        message, remedy = "", ""
        if head == own:
            message, remedy = "a project is a variant of itself", "Leave the cell empty."
        elif head not in head_of:
            message = "unknown project"
            remedy = suggestion(head, set(head_of) - {own}, "Name another project of the study.")
        elif head_of[head]:
            message, remedy = "a variant of a variant", f"Name {head_of[head]!r}, as {head!r} does."
        if message:
            problems.append(projects.problem(row, "variant_of", head, message, remedy))
        if must:
            remedy = f"Set it in the row of {head!r}, for the project in any of its variants."
            message = "a single variant that must be built"
            problems.append(projects.problem(row, "must_build", must, message, remedy))
    return problems


def _named_projects(projects: Sheet, column: str) -> list[Problem]:
    """Report names of no project, and those by which a project names itself."""
    table = projects.rows.set_index("name")
    names = pd.Index(table.index)
    problems = []
    for row, own, text in projects.rows[["name", column]].itertuples():
        for name in names_in(text):
            itself = name == own or own in members(table, name)
            if not itself and name in names:
                continue
            if itself:
                message, remedy = f"a project {column} itself", "Name another project."
            else:
                message = "unknown project"
                remedy = suggestion(name, names.drop(own), "Name another project of the study.")
            problems.append(projects.problem(row, column, name, message, remedy))
    return problems


def _firm_problems(projects: Sheet) -> list[Problem]:
    """Report limits of curtailment where nothing is ever curtailed."""
    problems = []
    for row, project in projects.rows[projects.rows["connection"] == "firm"].iterrows():
        for column in CURTAILMENT:
            value = project[column.name]
            if pd.isna(value) or value == column.default:
                continue
            remedy = "Leave the cell empty, or set connection to conditional."
            message = "a firm connection is never curtailed"
            problems.append(projects.problem(row, column.name, f"{value:g}", message, remedy))
    return problems


def _contradictions(projects: Sheet, rows: pd.DataFrame) -> list[Problem]:
    """Report rows that can never be chosen, and rows that must be chosen but cannot all be."""
    relations = Relations.of(rows)
    settled = {name: relations.settle([(name, (name,))]) for name in rows.index}
    never = {name for name, (_, clash) in settled.items() if clash}
    problems = []
    for name in rows.index:
        chosen, clash = settled[name]
        # what a row requires may be impossible by itself, and is then reported there alone
        deeper = [other for other in chosen if other in never and name not in settled[other][0]]
        if clash and not deeper:
            message = "the project can never be chosen"
            remedy = f"Correct one of the two: {clash}."
            problems.append(
                projects.problem(rows.loc[name, "row"], "requires", clash.name, message, remedy)
            )
    return problems + _unfit(projects, rows, relations, never)


def _unfit(
    projects: Sheet, rows: pd.DataFrame, relations: Relations, never: set[str]
) -> list[Problem]:
    """Report projects that must be built but cannot beside those above them that must be too."""
    problems = []
    kept: list[Wish] = []
    for name, project in rows.iterrows():
        wanted = []
        if project["status"] in COMMITTED:
            wanted.append(("status", project["status"], (name,)))
        if project["must_build"] and not project["variant_of"]:
            wanted.append(("must_build", True, tuple(members(rows, str(name)))))
        for column, value, options in wanted:
            if never.issuperset(options):
                continue  # reported
            wish = (str(name), options)
            _, clash = relations.settle([*kept, wish])
            if clash is None:
                kept.append(wish)
                continue
            message = "the projects that must be built cannot all be"
            remedy = f"Correct one of them: {clash}."
            problems.append(projects.problem(project["row"], column, value, message, remedy))
    return problems
