"""Settings in a sheet: one row a key, with dots for what stands under another ("weights.…")."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from gridplan.base.errors import Problem
from gridplan.study.cells import UnreadableCell
from gridplan.study.csv_text import is_note
from gridplan.study.schema import Column
from gridplan.study.settings import Settings
from gridplan.study.settings_file import Place, field_of, problem_of
from gridplan.study.workbook.book import Cells
from gridplan.study.workbook.values import Fault, number_text, plain

HEADERS = ("key", "nøkkel")
ANY_NUMBER = Column("value", "number", "value of a setting")


def read_settings_sheet(cells: Cells) -> tuple[Settings | None, list[Problem]]:
    """Read and check the settings of a workbook.

    Parameters
    ----------
    cells : Cells
        Sheet with a column key and, right of it, the values; an empty value is the default.

    Returns
    -------
    Settings or None
        None when something is wrong.
    list of Problem
        Every unknown key and every wrong value.
    """
    content: dict[str, Any] = {}
    rows: dict[Place, int] = {}
    problems = []
    for row, values in cells.rows:
        key, value = plain(values[0]), values[1] if len(values) > 1 else None
        if not key or is_note(key) or key.casefold() in HEADERS:
            continue
        place: Place = tuple(int(p) - 1 if p.isdecimal() else p for p in key.split("."))
        if place in rows:
            remedy = f"Keep it or that of row {rows[place]}."
            message = "the key stands twice"
            problems.append(Problem(cells.file, f"row {row}", key, "", message, remedy))
            continue
        rows[place] = row
        if isinstance(value, Fault):
            told = (value.shown, value.message, value.remedy)
            problems.append(Problem(cells.file, f"row {row}", key, *told))
        elif plain(value) and not _put(
            content, place, _converted(value, field_of(Settings, place))
        ):
            message, remedy = "the key stands under a single value", "Remove one of the two."
            problems.append(Problem(cells.file, f"row {row}", key, plain(value), message, remedy))
    try:
        settings = Settings.model_validate(_listed(content))
    except ValidationError as errors:
        found = [problem_of(cells.file, one, rows, word="row") for one in errors.errors()]
        return None, problems + found
    return (None if problems else settings), problems


def _converted(value: Any, field: FieldInfo | None) -> Any:
    """Value of a key: what it says, lists split at semicolons, decimal commas understood."""
    if isinstance(value, dt.datetime | dt.date):
        return plain(value)
    if not isinstance(value, str):
        return value
    listed = field is not None and "tuple" in str(field.annotation)
    if listed:
        return [_number_or_text(part) for part in value.split(";") if part.strip()]
    return _number_or_text(value)


def _number_or_text(text: str) -> Any:
    try:
        return float(number_text(text, ANY_NUMBER))
    except UnreadableCell:
        return text.strip()


def _put(content: dict[str, Any], place: Place, value: Any) -> bool:
    """Put a value under its keys; False where a key above it has a value of its own."""
    inner: Any = content
    for key in place[:-1]:
        inner = inner.setdefault(key, {})
        if not isinstance(inner, dict):
            return False
    if isinstance(inner.get(place[-1]), dict):
        return False
    inner[place[-1]] = value
    return True


def _listed(content: Any) -> Any:
    """Turn dictionaries whose keys are numbers into lists."""
    if not isinstance(content, dict):
        return content
    inner = {key: _listed(value) for key, value in content.items()}
    if inner and all(isinstance(key, int) for key in inner):
        return [inner[key] for key in sorted(inner)]
    return {str(key): value for key, value in inner.items()}
