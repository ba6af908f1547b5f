"""Cells as values: what stands in a cell is read exactly or reported, never guessed."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from gridplan.study.schema import Column

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
DECIMAL_COMMA = re.compile(r"[+-]?\d[\d\s.]*,\d+")
GROUPED = re.compile(r"[+-]?\d{1,3}([\s' ]\d{3})+(\.\d+)?")
WITH_UNIT = re.compile(r"[+-]?\d+([.,]\d+)?\s*([^\d\s.,].*)")
BOOLEANS = {"true": True, "false": False}
EMPTY = ("", "nan", "na", "n/a", "none", "null", "<na>", "nat")


class UnreadableCell(ValueError):  # noqa: N818 - never leaves this room
    """A cell that is not what its column holds.

    Parameters
    ----------
    message : str
        What is wrong.
    remedy : str
        What to do.
    """

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message, self.remedy = message, remedy


@dataclass(frozen=True)
class Unread:
    """One unreadable cell: its row, what stands there, what is wrong, what to do."""

    row: int
    value: str
    message: str
    remedy: str


def read_column(cells: pd.Series, column: Column) -> tuple[pd.Series, list[Unread]]:
    """Turn cells into values of the column's type.

    Parameters
    ----------
    cells : pandas.Series
        Texts of a file, or what a table in memory holds; index 0, 1, ….
    column : Column
        What the column holds.

    Returns
    -------
    pandas.Series
        Numbers and integers as float (NaN: empty), dates as datetime64, texts as str, booleans as
        object (None: empty). Unreadable cells count as empty.
    list of Unread
        The unreadable cells.
    """
    if column.kind in ("number", "integer") and cells.dtype.kind in "fiu":
        return cells.astype(float), []
    read = {"text": _text, "boolean": _boolean, "date": _date}.get(column.kind, _number)
    values: list[Any] = []
    unread = []
    for row, cell in enumerate(cells):
        try:
            values.append(read(cell, column))
        except UnreadableCell as error:
            values.append(read("", column))
            unread.append(Unread(row, str(cell), error.message, error.remedy))
    dtype = {"text": str, "boolean": object, "date": "datetime64[s]"}.get(column.kind, float)
    return pd.Series(values, index=cells.index, dtype=dtype, name=column.name), unread


def _missing(cell: Any) -> bool:
    nothing = cell is None or cell is pd.NA or cell is pd.NaT
    return nothing or (isinstance(cell, float) and bool(np.isnan(cell)))


def _text(cell: Any, column: Column) -> str:
    return "" if _missing(cell) else str(cell).strip()


def _boolean(cell: Any, column: Column) -> bool | None:
    if isinstance(cell, bool | np.bool_):
        return bool(cell)
    if _missing(cell) or cell == "":
        return None
    text = str(cell).strip().lower()
    if isinstance(cell, str) and text in BOOLEANS:
        return BOOLEANS[text]
    raise UnreadableCell(message="neither True nor False", remedy="Write True or False.")


def _date(cell: Any, column: Column) -> dt.datetime | None:
    if _missing(cell) or cell == "":
        return None
    if isinstance(cell, dt.date):
        return dt.datetime(cell.year, cell.month, cell.day)
    try:
        return dt.datetime.strptime(str(cell).strip(), "%Y-%m-%d")
    except ValueError:
        raise UnreadableCell(
            message="not a date",
            remedy="Write year-month-day, such as 2026-07-30, or leave the cell empty.",
        ) from None


def _number(cell: Any, column: Column) -> float:
    if isinstance(cell, Real) and not isinstance(cell, bool | np.bool_):
        return float(cell)
    if _missing(cell):
        return np.nan
    text = str(cell).strip()
    if isinstance(cell, str) and not text:
        return np.nan
    if isinstance(cell, str) and NUMBER.fullmatch(text):
        return float(text)
    raise not_a_number(text, column)


def not_a_number(text: str, column: Column) -> UnreadableCell:
    """Say what a text in a column of numbers probably is."""
    unit = f" ({column.unit})" if column.unit else ""
    if DECIMAL_COMMA.fullmatch(text):
        better = re.sub(r"[\s.]", "", text).replace(",", ".")
        return UnreadableCell("decimal comma in a number", f"Write {better}.")
    if GROUPED.fullmatch(text):
        better = re.sub(r"[\s' ]", "", text)
        return UnreadableCell("blanks inside a number", f"Write {better}.")
    if text.lower() in EMPTY:
        return UnreadableCell("no number", f"Give a number{unit}; an assumption will do.")
    if WITH_UNIT.fullmatch(text):
        return UnreadableCell("text after a number", f"Give the number alone{unit}.")
    return UnreadableCell("text in a number column", f"Give a number{unit}.")
