"""The workbook of a new study: a sheet for every table, made from the schema that checks it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet
from pydantic import BaseModel

from gridplan.study.describing import INTRODUCTION, WORKBOOK, allowed, headings, needed
from gridplan.study.headers import norwegian
from gridplan.study.schema import Column, Table
from gridplan.study.settings import CountyGoal, Settings
from gridplan.study.tables import TABLES

HEAD, NOTE = PatternFill("solid", fgColor="1F5A8C"), PatternFill("solid", fgColor="EEF2F6")
EXAMPLE = PatternFill("solid", fgColor="FFF6DD")  # rows to be replaced
FACE = "Calibri"
LAST = 2_000  # row down to which drop-downs reach
ORDER = ("projects", "measures", "symbioses", "reinforcements")  # what planners fill first
NAMES = {  # columns that name a row of another table
    "bus": "buses", "bus0": "buses", "bus1": "buses", "variant_of": "projects",
}  # fmt: skip
NETCDF_ONLY = ("network", "profiles", "sectors", "wind_year", "load_year")


def write_template(
    path: Path, name: str, rows: Mapping[str, list[dict[str, Any]]], shapes: pd.DataFrame
) -> None:
    """Write the workbook.

    Parameters
    ----------
    path : pathlib.Path
        File to make.
    name : str
        Name of the study.
    rows : mapping of list of dict
        Example rows by table; empty cells are left out.
    shapes : pandas.DataFrame
        Hourly shapes, snapshot x name.
    """
    book = Workbook()
    first = book.active
    assert first is not None  # a new workbook has a sheet
    first.title = "# read me"
    _write_introduction(first)
    _write_settings(book.create_sheet("settings"), name)
    ordered = sorted(TABLES, key=lambda t: ORDER.index(t.name) if t.name in ORDER else len(ORDER))
    for table in ordered:
        _write_table(book.create_sheet(table.name), table, rows[table.name], shapes.shape[1])
    _write_shapes(book.create_sheet("profile_pu"), shapes)
    book.active = 1
    book.save(path)


def _write_introduction(sheet: Worksheet) -> None:
    lines = f"{INTRODUCTION}{WORKBOOK}".replace("`", "").replace("**", "").splitlines()
    for row, line in enumerate(lines, 1):
        sheet.cell(row, 1, line)
    sheet["A1"].font = Font(FACE, bold=True, size=14)
    sheet.column_dimensions["A"].width = 110


def _write_settings(sheet: Worksheet, name: str) -> None:
    """Write every key with its meaning; where no value stands, the default in the note holds."""
    _head(sheet, ["key", "value", "meaning, and the default where the value is empty"])
    given = {"name": name, "title": name}
    for key, field in _keys(Settings()):
        default = "" if key in given or field[1] in (None, "", ()) else f" (default {field[1]})"
        sheet.append([key, given.get(key), f"{field[0]}{default}"])
    sheet.freeze_panes = "B2"
    for column, width in zip("ABC", (34, 24, 110), strict=True):
        sheet.column_dimensions[column].width = width


def _keys(model: BaseModel, above: str = "") -> Iterator[tuple[str, tuple[str, Any]]]:
    """Keys with dots, and description and default of each."""
    for key, field in type(model).model_fields.items():
        value = getattr(model, key)
        if isinstance(value, BaseModel):
            yield from _keys(value, f"{key}.")
        elif isinstance(value, dict) and not value:
            yield f"# {above}{key}.name", (f"{field.description}; without #, by name", None)
        elif isinstance(value, dict):
            for inner, one in value.items():
                yield f"{key}.{inner}", (field.description or "", one)
        elif key == "county_goals":
            for inner, one in CountyGoal.model_fields.items():
                told = f"{one.description}; without #, and with 2, 3, … for further goals"
                yield f"# county_goals.1.{inner}", (told, None)
        elif above or key not in NETCDF_ONLY:
            shown = "; ".join(f"{v:g}" for v in value) if isinstance(value, tuple) else value
            shown = f"{shown:g}" if isinstance(shown, float) else shown
            yield f"{above}{key}", (field.description or "", shown)


def _write_table(sheet: Worksheet, table: Table, rows: list[dict[str, Any]], shapes: int) -> None:
    """Write header, a row of notes, example rows and drop-downs."""
    _head(sheet, table.names)
    sheet.append(headings(table))
    for row in rows:
        sheet.append([row.get(name) for name in table.names])
    for number, column in enumerate(table.columns, 1):
        letter = get_column_letter(number)
        note = Comment(_comment(table, column), "gridplan")
        note.width, note.height = 320, 140
        sheet.cell(1, number).comment = note
        width = 26 if number == 1 else max(18, len(column.name) + 3)
        sheet.column_dimensions[letter].width = width
        rule = _validation(table, column, shapes)
        if rule is not None:
            sheet.add_data_validation(rule)
            rule.add(f"{letter}3:{letter}{LAST}")
    for cell in sheet[2]:
        cell.fill, cell.font = NOTE, Font(FACE, italic=True, size=9, color="445566")
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.row_dimensions[2].height = 76
    for row in sheet.iter_rows(min_row=3, max_row=2 + len(rows), max_col=len(table.columns)):
        for cell in row:
            cell.fill = EXAMPLE
            if isinstance(cell.value, dt.date):
                cell.number_format = "yyyy-mm-dd"
    sheet.freeze_panes = "B3"


def _head(sheet: Worksheet, names: list[str]) -> None:
    sheet.append(names)
    for cell in sheet[1]:
        cell.fill, cell.font = HEAD, Font(FACE, bold=True, color="FFFFFF")


def _comment(table: Table, column: Column) -> str:
    """Say in a comment what a column holds."""
    others = ", ".join(norwegian(table, column.name))
    facts = (
        ("", column.description),
        ("Unit: ", column.unit),
        ("Allowed: ", allowed(column)),
        ("Needed: ", needed(column)),
        ("Norsk: ", others),
    )
    return "\n".join(f"{label}{text}" for label, text in facts if text)


def _validation(table: Table, column: Column, shapes: int) -> DataValidation | None:
    """Drop-down or bounds of a column, None where anything may stand."""
    listed = _list(table, column, shapes)
    if listed:
        return _told(DataValidation("list", formula1=listed, allow_blank=True), column)
    if column.kind == "date":
        early = "DATE(1990,1,1)"
        rule = DataValidation("date", operator="greaterThan", formula1=early, allow_blank=True)
        return _told(rule, column)
    if column.kind not in ("number", "integer"):
        return None
    low = column.above if column.above is not None else column.minimum
    low, high = (-1e9 if low is None else low), (1e9 if column.maximum is None else column.maximum)
    rule = DataValidation(
        "whole" if column.kind == "integer" else "decimal",
        operator="between",
        formula1=f"{low:.12g}",
        formula2=f"{high:.12g}",
        allow_blank=True,
    )
    return _told(rule, column)


def _list(table: Table, column: Column, shapes: int) -> str:
    """Where the words of a drop-down stand, "" for none."""
    if column.choices:
        return f'"{",".join(column.choices)}"'
    if column.kind == "boolean":
        return '"True,False"'
    if column.name == "profile":
        return f"profile_pu!$B$1:${get_column_letter(shapes + 1)}$1"
    # a reinforcement may name a bus that it adds itself
    if column.name in NAMES and table.name != "reinforcements":
        return f"{NAMES[column.name]}!$A$3:$A${LAST}"
    return ""


def _told(rule: DataValidation, column: Column) -> DataValidation:
    rule.showErrorMessage = True
    rule.errorTitle = column.name[:32]
    rule.error = f"{column.description}. {allowed(column)} {column.unit}"[:225]
    return rule


def _write_shapes(sheet: Worksheet, shapes: pd.DataFrame) -> None:
    _head(sheet, ["snapshot", *shapes.columns])
    for hour, figures in zip(shapes.index, shapes.to_numpy().tolist(), strict=True):
        sheet.append([hour.to_pydatetime(), *figures])
    for (cell,) in sheet.iter_rows(min_row=2, max_col=1):
        cell.number_format = "yyyy-mm-dd hh:mm"
    sheet.column_dimensions["A"].width = 18
    sheet.freeze_panes = "B2"
