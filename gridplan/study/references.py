"""What tables say about each other: buses, branches, profiles, shares, voltages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from gridplan.base.errors import Problem
from gridplan.study.sheet import Sheet, suggestion

SHARE_TOLERANCE = 1e-6  # what rounding of written shares may cost


def unknown_names(sheet: Sheet, column: str, known: Iterable[str], what: str) -> list[Problem]:
    """Report cells that name something the study does not have; empty cells are let through.

    Parameters
    ----------
    sheet : Sheet
        Table with the names.
    column : str
        Column with the names.
    known : iterable of str
        What there is.
    what : str
        "bus", "branch" or "profile".

    Returns
    -------
    list of Problem
        With the nearest known name.
    """
    names = sheet.rows[column]
    known = pd.Index(list(known))
    wrong = names.ne("") & ~names.isin(known)
    otherwise = f"Name a {what} of the study."
    return [
        sheet.problem(row, column, name, f"unknown {what}", suggestion(name, known, otherwise))
        for row, name in names[wrong].items()
    ]


def branch_problems(
    lines: Sheet, transformers: Sheet, voltage_kv: Mapping[str, float]
) -> list[Problem]:
    """Report branches whose ends or names cannot be right.

    Parameters
    ----------
    lines, transformers : Sheet
        Branches.
    voltage_kv : mapping
        Nominal voltage of every bus.

    Returns
    -------
    list of Problem
    """
    problems = []
    names = set(lines.rows["name"])
    for row, name in transformers.rows["name"].items():
        if name and name in names:
            remedy = "Give it a name that no line has."
            problems.append(transformers.problem(row, "name", name, "a line has this name", remedy))
    for sheet in (lines, transformers):
        for row, ends in sheet.rows[["bus0", "bus1"]].iterrows():
            if ends["bus0"] and ends["bus0"] == ends["bus1"]:
                message, remedy = "both ends are the same bus", "Name the other end."
                problems.append(sheet.problem(row, "bus1", ends["bus1"], message, remedy))
    return problems + _unequal_voltages(lines, voltage_kv)


def _unequal_voltages(lines: Sheet, voltage_kv: Mapping[str, float]) -> list[Problem]:
    first, second = (lines.rows[end].map(voltage_kv) for end in ("bus0", "bus1"))
    unequal = first.notna() & second.notna() & (first != second)
    remedy = "Use a transformer between them, or correct the bus."
    return [
        lines.problem(
            row,
            "bus1",
            f"{first[row]:g} kV to {second[row]:g} kV",
            "a line joins two voltages",
            remedy,
        )
        for row in lines.rows.index[unequal]
    ]


def border_problems(generators: Sheet) -> list[Problem]:
    """Report borders with limits above p_nom or a schedule outside the limits."""
    rows = generators.rows
    problems = []
    for row, border in rows[rows["carrier"] == "border"].iterrows():
        for column in ("import_mw", "export_mw"):
            if border[column] > border["p_nom"]:
                remedy = "Set p_nom to the larger of import_mw and export_mw."
                message = f"above p_nom ({border['p_nom']:g} MW)"
                problems.append(generators.problem(row, column, border[column], message, remedy))
        planned = border["schedule_mw"]
        if planned > border["import_mw"] or planned < -border["export_mw"]:
            message = "the scheduled import is outside the limits"
            remedy = f"Keep it within {-border['export_mw']:g} and {border['import_mw']:g} MW."
            problems.append(generators.problem(row, "schedule_mw", planned, message, remedy))
    return problems


def share_problems(generators: Sheet, island_of: Mapping[str, int]) -> list[Problem]:
    """Report islands whose borders' shares do not sum to 1.

    Parameters
    ----------
    generators : Sheet
        All generators.
    island_of : mapping
        Island of every bus.

    Returns
    -------
    list of Problem
        Placed at the first border of the island.
    """
    problems = []
    borders = generators.rows[generators.rows["carrier"] == "border"]
    for _, group in borders.groupby(borders["bus"].map(island_of)):
        total = group["schedule_share"].sum()
        if abs(total - 1) > SHARE_TOLERANCE:
            message = f"the shares of the borders sum to {total:g}, not to 1"
            remedy = f"Correct the shares of {', '.join(group['name'])}."
            first = group.index[0]
            found = group.loc[first, "schedule_share"]
            problems.append(generators.problem(first, "schedule_share", found, message, remedy))
    return problems
