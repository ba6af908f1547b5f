"""The table of reinforcements: what a change needs, and what it may refer to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import chain

import pandas as pd

from gridplan.base.errors import Problem
from gridplan.study.sheet import Sheet, suggestion
from gridplan.study.tables import CHANGES

MEANT = tuple(dict.fromkeys(chain.from_iterable(a + b for a, b in CHANGES.values())))
LAID_DOWN = ("year", "status")  # the same on all rows of a reinforcement


def reinforcement_problems(
    sheet: Sheet,
    known: Iterable[Problem],
    voltage_kv: Mapping[str, float],
    branches: Collection[str],
    in_service: Collection[str] = (),
) -> list[Problem]:
    """Report changes that cannot be made, whatever else is built.

    Whether two reinforcements contradict each other is seen when a stage is made of them.

    Parameters
    ----------
    sheet : Sheet
        Table `reinforcements`.
    known : iterable of Problem
        Problems of single cells; their rows are not looked at again.
    voltage_kv : mapping
        Nominal voltage of every bus of the network.
    branches : collection of str
        Lines and transformers of the network.
    in_service : collection of str
        Reinforcements that the network already holds.

    Returns
    -------
    list of Problem
    """
    spoilt = {problem.row for problem in known if problem.file == sheet.file}
    if sheet.header in spoilt:
        return []  # a column is lost
    sound = [row for row in sheet.rows.index if sheet.places[row] not in spoilt]
    whole = set(sheet.rows["name"]) - set(sheet.rows["name"].drop(sound))
    problems = []
    for name, rows in sheet.rows.groupby("name", sort=False):
        if name in whole:
            problems += _group_problems(sheet, rows)
    for row in sound:
        problems += _cell_problems(sheet, row)
    made = sheet.rows["name"].isin(list(in_service))
    gone = sheet.rows.loc[made & (sheet.rows["action"] == "remove bus"), "bus0"]
    known_buses = {**dict.fromkeys(gone, float("nan")), **_added_kv(sheet), **dict(voltage_kv)}
    known_branches = {*branches, *sheet.rows.loc[_adds(sheet) | made, "branch"]}
    told = {problem.row for problem in problems}
    for row in sound:
        if not made[row] and sheet.places[row] not in told:
            problems += _reference_problems(sheet, row, known_buses, known_branches)
            problems += _name_problems(sheet, row, voltage_kv, branches)
    return problems


def _adds(sheet: Sheet) -> pd.Series:
    return sheet.rows["action"].isin(["add line", "add transformer"])


def _added_kv(sheet: Sheet) -> dict[str, float]:
    """Nominal voltage of the buses that reinforcements add."""
    rows = sheet.rows[sheet.rows["action"] == "add bus"]
    return dict(zip(rows["bus0"], rows["v_nom"], strict=True))


def _group_problems(sheet: Sheet, rows: pd.DataFrame) -> list[Problem]:
    """Year, status and cost of one reinforcement."""
    problems, first = [], rows.index[0]
    for column in LAID_DOWN:
        for row in rows.index[rows[column] != rows.loc[first, column]]:
            remedy = f"Write {rows.loc[first, column]} as on the first row of the reinforcement."
            message = "another value than on the first row"
            problems.append(sheet.problem(row, column, rows.loc[row, column], message, remedy))
    if pd.isna(rows.loc[first, "cost_mnok"]):
        remedy = "Give the investment of the whole reinforcement (MNOK); an assumption will do."
        problems.append(sheet.problem(first, "cost_mnok", "", "the cost is missing", remedy))
    elif not rows.loc[first, "cost_source"]:
        remedy = "Say where the cost comes from; an assumption gives its reason."
        problems.append(sheet.problem(first, "cost_source", "", "the cell is empty", remedy))
    for row in rows.index[1:][rows["cost_mnok"].iloc[1:].notna()]:
        remedy = "Give the cost of the whole on the first row and leave this one empty."
        found = f"{rows.loc[row, 'cost_mnok']:g}"
        problems.append(sheet.problem(row, "cost_mnok", found, "a second cost", remedy))
    return problems


def _cell_problems(sheet: Sheet, row: int) -> list[Problem]:
    """Cells that an action lacks or has no use for."""
    change = sheet.rows.loc[row]
    needs, may = CHANGES[change["action"]]
    problems = []
    for column in MEANT:
        empty = change[column] == "" or pd.isna(change[column])
        if empty and column in needs:
            described = sheet.table.column(column)
            unit = f" ({described.unit})" if described.unit else ""
            remedy = f"Give the {described.description}{unit}."
            message = f"{change['action']!r} needs it"
            problems.append(sheet.problem(row, column, "", message, remedy))
        elif not empty and column not in needs + may:
            message, remedy = f"{change['action']!r} has no use for it", "Leave the cell empty."
            problems.append(sheet.problem(row, column, change[column], message, remedy))
    if change["bus0"] and change["bus0"] == change["bus1"]:
        message, remedy = "both ends are the same bus", "Name the other end."
        problems.append(sheet.problem(row, "bus1", change["bus1"], message, remedy))
    return problems


def _reference_problems(
    sheet: Sheet, row: int, buses: Mapping[str, float], branches: Collection[str]
) -> list[Problem]:
    """Names that neither the network nor any reinforcement has."""
    change = sheet.rows.loc[row]
    problems = []
    if change["action"] in ("remove", "rate") and change["branch"] not in branches:
        name = change["branch"]
        remedy = suggestion(name, branches, "Name a branch of the network.")
        problems.append(sheet.problem(row, "branch", name, "unknown branch", remedy))
    for column in ("bus0", "bus1"):
        name = change[column]
        if name and change["action"] != "add bus" and name not in buses:
            remedy = suggestion(name, buses, "Name a bus of the network, or add it.")
            problems.append(sheet.problem(row, column, name, "unknown bus", remedy))
    if not problems and change["action"] == "add line":
        first, second = buses[change["bus0"]], buses[change["bus1"]]
        if abs(first - second) > 0:  # not with NaN: a bus that was taken out of service
            found = f"{first:g} kV to {second:g} kV"
            remedy = "Use a transformer between them, or correct the bus."
            problems.append(sheet.problem(row, "bus1", found, "a line joins two voltages", remedy))
    return problems


def _name_problems(
    sheet: Sheet, row: int, buses: Collection[str], branches: Collection[str]
) -> list[Problem]:
    """Names of new things that the network has already."""
    change = sheet.rows.loc[row]
    what, column = ("bus", "bus0") if change["action"] == "add bus" else ("branch", "branch")
    taken = buses if what == "bus" else branches
    if not change["action"].startswith("add") or change[column] not in taken:
        return []
    remedy = f"Give the new {what} a name of its own."
    message = f"the network has a {what} of this name"
    return [sheet.problem(row, column, change[column], message, remedy)]
