"""A table against its schema: all problems of all rows at once, each with its place."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa

from gridplan.base.errors import Problem
from gridplan.study.cells import read_column
from gridplan.study.csv_text import CsvText
from gridplan.study.schema import MUST, Column, Table
from gridplan.study.sheet import Sheet, suggestion

UNIT_IN_HEADER = re.compile(r"(?P<name>[^\[(]+?)\s*[\[(](?P<unit>.+)[\])]")
CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")  # line breaks, tabs and the like
OTHER_UNITS = {  # headers that name another unit than ours: ours, and how to get there
    "kw": ("mw", "divide by 1,000"),
    "gw": ("mw", "multiply by 1,000"),
    "watt": ("mw", "divide by 1,000,000"),
    "length_m": ("length", "divide by 1,000 (km)"),
    "s_nom_kva": ("s_nom", "divide by 1,000 (MVA)"),
    "p_nom_kw": ("p_nom", "divide by 1,000 (MW)"),
    "peak_kw": ("peak_mw", "divide by 1,000"),
    "annual_mwh": ("annual_gwh", "divide by 1,000"),
    "annual_kwh": ("annual_gwh", "divide by 1,000,000"),
    "cost_nok": ("cost_mnok", "divide by 1,000,000"),
    "cost_knok": ("cost_mnok", "divide by 1,000"),
    "co2_kg_per_yr": ("co2_t_per_yr", "divide by 1,000"),
    "co2_kt_per_yr": ("co2_t_per_yr", "multiply by 1,000"),
}


@dataclass(frozen=True)
class Rule:
    """What a column demands, in words that a report can use."""

    message: str
    remedy: str
    holds: Callable[[pd.Series], pd.Series]


def sheet_of_file(table: Table, text: CsvText) -> tuple[Sheet, list[Problem]]:
    """Read and check a table that came from a file.

    Parameters
    ----------
    table : Table
        Its schema.
    text : CsvText
        Its cells.

    Returns
    -------
    Sheet
        Typed rows; what could not be read is empty there.
    list of Problem
        Everything that is wrong with the table by itself.
    """
    table = table.of(text.header)
    cells = pd.DataFrame(text.rows, columns=text.header, dtype=object)
    problems = _header_problems(table, list(cells), text.file, text.place(text.header_line))
    if table.filled and cells.empty:
        remedy = f"Add at least one {table.item}."
        problems.append(Problem(text.file, "", "", "", "the table has no rows", remedy))
    names = cells["name"] if "name" in cells else [""] * len(cells)
    places = [text.place(line, name) for line, name in zip(text.lines, names, strict=True)]
    header = text.place(text.header_line)
    sheet, found = _typed(Sheet(table, cells, text.file, places, header), in_memory=False)
    told = {(problem.row, problem.column) for problem in text.unreadable}
    found = [problem for problem in found if (problem.row, problem.column) not in told]
    return sheet, problems + list(text.unreadable) + found


def sheet_in_memory(table: Table, frame: pd.DataFrame | None) -> tuple[Sheet, list[Problem]]:
    """Check a table passed in memory; columns it lacks get their defaults.

    Parameters
    ----------
    table : Table
        Its schema.
    frame : pandas.DataFrame or None
        Indexed by name, or with a column `name`. None means no rows. Columns that the schema does
        not know are kept.

    Returns
    -------
    Sheet
    list of Problem
    """
    if frame is None:
        frame = pd.DataFrame(columns=table.names)
    cells = frame.reset_index(drop=True)
    if "name" not in frame:
        cells.insert(0, "name", pd.Series(list(frame.index), dtype=object))
    missing = [column for column in table.columns if column.name not in cells]
    problems = _header_problems(table, list(cells), "", table.name)
    for column in missing:
        default = "" if column.default is MUST else column.default
        cells[column.name] = pd.Series(default, index=cells.index, dtype=object)
    places = [f"{table.item} {name}" for name in cells["name"]]
    if not table.unique:
        number = cells.groupby("name", dropna=False).cumcount() + 1
        places = [
            f"{table.item} {count} of {name}"
            for count, name in zip(number, cells["name"], strict=True)
        ]
    missed = [column.name for column in missing if column.default is MUST]
    sheet, found = _typed(Sheet(table, cells, "", places, table.name), in_memory=True)
    return sheet, problems + [problem for problem in found if problem.column not in missed]


def _header_problems(table: Table, header: list[str], file: str, row: str) -> list[Problem]:
    """Report missing columns, and in files also columns that are not known."""
    in_memory = not file
    problems, explained = [], set()
    if not in_memory:
        for name in header:
            if name in table.names:
                continue
            message, remedy, meant = _unknown_column(table, name)
            explained.add(meant)
            problems.append(Problem(file, row, name, "", message, remedy))
    for column in table.columns:
        needed = column.default is MUST if in_memory else column.required
        if needed and column.name not in header and column.name not in explained:
            unit = f" ({column.unit})" if column.unit else ""
            remedy = f"Add it: {column.description}{unit}."
            problems.append(Problem(file, row, column.name, "", "the column is missing", remedy))
    return problems


def _unknown_column(table: Table, name: str) -> tuple[str, str, str]:
    """Message, remedy and the column that was probably meant ("" if none)."""
    in_header = UNIT_IN_HEADER.fullmatch(name)
    base = in_header["name"].strip().lower() if in_header else name.lower()
    if in_header and base in table.names:
        unit = table.column(base).unit or "no unit"
        remedy = f"Name the column {base!r} and give its numbers in its fixed unit ({unit})."
        if in_header["unit"] == unit:
            remedy = f"Name the column {base!r}; its unit is always {unit}."
        return "a unit in the header", remedy, base
    ours, conversion = OTHER_UNITS.get(base, ("", ""))
    if ours in table.names:
        return "wrong unit", f"Name the column {ours!r} and {conversion}.", ours
    remedy = suggestion(base, table.names, "Remove the column.")
    meant = next((known for known in table.names if repr(known) in remedy), "")
    return "the column is not known", remedy, meant


def _typed(sheet: Sheet, in_memory: bool) -> tuple[Sheet, list[Problem]]:
    """Read every cell, then hold the values against the rules."""
    table = sheet.table
    values = sheet.rows.copy()
    reported: dict[tuple[int, str], Problem] = {}
    for column in table.columns:
        if column.name not in values:
            continue
        values[column.name], unread = read_column(values[column.name], column)
        for cell in unread:
            reported[cell.row, column.name] = sheet.problem(
                cell.row, column.name, cell.value, cell.message, cell.remedy
            )
    for row, column, rule in _broken_rules(table, values):
        if (row, column.name) not in reported:
            found = _shown(sheet.rows.loc[row, column.name])
            reported[row, column.name] = sheet.problem(
                row, column.name, found, rule.message, rule.remedy
            )
    order = {name: number for number, name in enumerate(table.names)}
    keys = sorted(reported, key=lambda key: (key[0], order[key[1]]))
    filled = _with_defaults(table, values, in_memory)
    extra = [name for name in filled if name not in order] if in_memory else []
    kept = filled[[*table.names, *extra]]
    return replace(sheet, rows=kept), [reported[key] for key in keys]


def _shown(cell: Any) -> str:
    return f"{cell:g}" if isinstance(cell, float | np.floating) else str(cell)


def _broken_rules(table: Table, values: pd.DataFrame) -> list[tuple[int, Column, Rule]]:
    """Validate lazily with pandera; return the rows that break each rule."""
    present = [column for column in table.columns if column.name in values]
    rules = {(c.name, rule.message): (c, rule) for c in present for rule in _rules(table, c)}
    try:
        pandera_schema(table).validate(values, lazy=True)
    except pa.errors.SchemaErrors as errors:
        cases = errors.failure_cases
        found = zip(cases["column"], cases["check"], cases["index"], strict=True)
        return [(int(row), *rules[name, check]) for name, check, row in found]
    return []


def pandera_schema(table: Table) -> pa.DataFrameSchema:
    """Build the pandera schema of a table, for typed values.

    Parameters
    ----------
    table : Table
        Schema as data.

    Returns
    -------
    pandera.DataFrameSchema
        Every check carries its message as `error`.
    """
    return pa.DataFrameSchema(
        {
            column.name: pa.Column(
                checks=[
                    pa.Check(rule.holds, error=rule.message, ignore_na=False)
                    for rule in _rules(table, column)
                ],
                nullable=True,  # emptiness is a rule of its own, with a message of its own
                required=False,
            )
            for column in table.columns
        },
        name=table.name,
    )


def _rules(table: Table, column: Column) -> list[Rule]:
    """Rules of a column; an empty cell breaks none but "empty"."""
    unit = f" ({column.unit})" if column.unit else ""
    rules = []
    if not column.fillable:
        remedy = f"Give the {column.description}{unit}."
        rules.append(Rule("the cell is empty", remedy, lambda s: ~_empty(s)))
    if column.name == "name" and table.unique:
        remedy = f"Give every {table.item} a name of its own."
        rules.append(Rule("the name is used twice", remedy, lambda s: _empty(s) | ~s.duplicated()))
    if column.name == "name":
        remedy = "Write the name on one line, without tabs."
        rules.append(Rule("a line break in the name", remedy, lambda s: ~s.str.contains(CONTROL)))
    if column.choices:
        listed = ", ".join(column.choices)
        rules.append(
            Rule(
                "not one of the allowed words",
                f"Use one of: {listed}.",
                lambda s: _empty(s) | s.isin(column.choices),
            )
        )
    if column.kind == "integer":
        remedy = "Give a whole number."
        rules.append(Rule("not a whole number", remedy, lambda s: _empty(s) | (s % 1 == 0)))
    return rules + (_bounds(column, unit) if column.kind in ("number", "integer") else [])


def _bounds(column: Column, unit: str) -> list[Rule]:
    """Rules on the size of numbers; without a stated bound they must still be finite."""
    low, above, high = column.minimum, column.above, column.maximum
    rules = [Rule("infinite", f"Give a finite number{unit}.", lambda s: ~np.isinf(s))]
    if above is not None:
        remedy = f"Give a number above {above:g}{unit}."
        rules.append(Rule(f"not above {above:g}", remedy, lambda s: _empty(s) | (s > above)))
    if low is not None:
        remedy = f"Give a number of at least {low:g}{unit}."
        rules.append(Rule(f"below {low:g}", remedy, lambda s: _empty(s) | (s >= low)))
    if high is not None:
        remedy = column.hint or f"Give a number of at most {high:g}{unit}."
        message = f"above {high:,.0f}{unit}"
        rules.append(Rule(message, remedy, lambda s: _empty(s) | (s <= high)))
    return rules


def _empty(values: pd.Series) -> pd.Series:
    return values.isna() | values.eq("") if values.dtype.kind in "OUT" else values.isna()


def _with_defaults(table: Table, values: pd.DataFrame, in_memory: bool) -> pd.DataFrame:
    """Fill columns and cells that may be missing, and give every column its final type.

    A column that a file must have stays empty, so that no default is compared with other tables.
    """
    filled = values.copy()
    for column in table.columns:
        default = "" if column.default is MUST else column.default
        if column.name not in filled:
            default = default if in_memory or not column.required else ""
            read, _ = read_column(pd.Series(default, index=filled.index, dtype=object), column)
            filled[column.name] = read
        elif not column.required and default != "":
            empty = _empty(filled[column.name])
            filled[column.name] = filled[column.name].mask(empty, default)
        if column.kind == "boolean":
            filled[column.name] = filled[column.name].eq(True)
        if column.kind == "integer" and np.isfinite(filled[column.name]).all():
            filled[column.name] = filled[column.name].astype("int64")
    return filled
