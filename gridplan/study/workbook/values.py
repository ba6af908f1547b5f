"""Cells of a workbook as the texts that a CSV file would hold; what is doubtful is refused."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from gridplan.study.cells import NUMBER, UnreadableCell, not_a_number
from gridplan.study.schema import Column

BLANKS = re.compile(r"[\s\u00a0\u2007\u2009\u202f']+")
GROUPED = re.compile(r"[+-]?\d{1,3}( \d{3})+([.,]\d+)?")
COMMA = re.compile(r"[+-]?\d*,\d+")
DOTS_THEN_COMMA = re.compile(r"[+-]?\d{1,3}(\.\d{3})+,\d+|[+-]?\d{1,3}(\.\d{3}){2,}")
COMMAS_THEN_DOT = re.compile(r"[+-]?\d{1,3}(,\d{3})+\.\d+|[+-]?\d{1,3}(,\d{3}){2,}")
THOUSAND_OR_DECIMAL = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
TRUE, FALSE = ("true", "sann", "ja", "yes", "1"), ("false", "usann", "nei", "no", "0")
NORWEGIAN_DATE = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})")


@dataclass(frozen=True)
class Fault:
    """A cell that holds no value: an error of Excel, or a formula that was never worked out."""

    shown: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return self.shown


def text_of(value: Any, column: Column) -> str:
    """Write a cell of a workbook as a CSV file would hold it.

    Parameters
    ----------
    value : object
        None, text, number, boolean, date, time stamp or `Fault`.
    column : Column
        What the column holds.

    Returns
    -------
    str

    Raises
    ------
    UnreadableCell
        When it cannot be read in one way only.

    Examples
    --------
    >>> from gridplan.study.tables import BUSES, PROJECTS
    >>> text_of("1 250,5", PROJECTS.column("mw")), text_of("10,397", BUSES.column("x"))
    ('1250.5', '10.397')
    >>> text_of("30.7.2026", PROJECTS.column("queue_date"))
    '2026-07-30'
    """
    if isinstance(value, Fault):
        raise UnreadableCell(value.message, value.remedy)
    if value is None or (isinstance(value, str) and not value.strip()):
        return ""
    read = {"text": _words, "boolean": _boolean, "date": _date}.get(column.kind, _number)
    return read(value, column)


def plain(value: Any) -> str:
    """Write a cell without knowing what it should be."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    return str(value).strip()


def _words(value: Any, column: Column) -> str:
    text = plain(value)
    folded = {choice.casefold(): choice for choice in column.choices}
    return folded.get(text.casefold(), text)


def _boolean(value: Any, column: Column) -> str:
    text = plain(value).casefold()
    if text in TRUE or text in FALSE:
        return str(text in TRUE)
    msg = "neither True nor False"
    raise UnreadableCell(msg, "Write True or False (or ja, nei).")


def _date(value: Any, column: Column) -> str:
    remedy = "Write year-month-day, such as 2026-07-30, or leave the cell empty."
    if isinstance(value, dt.datetime | dt.date):
        return (value.date() if isinstance(value, dt.datetime) else value).isoformat()
    if isinstance(value, int | float):
        msg = "a number, not a date"
        raise UnreadableCell(msg, remedy)
    text = str(value).strip()
    norwegian = NORWEGIAN_DATE.fullmatch(text)
    try:
        if norwegian:
            day, month, year = map(int, norwegian.groups())
            return dt.date(year, month, day).isoformat()
        return dt.datetime.strptime(text, "%Y-%m-%d").date().isoformat()
    except ValueError:
        msg = "not a date"
        raise UnreadableCell(msg, remedy) from None


def _number(value: Any, column: Column) -> str:
    unit = f" ({column.unit})" if column.unit else ""
    if isinstance(value, bool):
        msg = "no number"
        raise UnreadableCell(msg, f"Give a number{unit}.")
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, dt.date | dt.time | dt.timedelta):
        message = "a date in a number column; Excel makes dates of entries such as 1.5"
        raise UnreadableCell(message, f"Format the cell as a number and type it again{unit}.")
    return number_text(str(value), column)


def number_text(written: str, column: Column) -> str:
    """Read a number that stands as text, with Norwegian or English separators.

    One separator before three digits could be either; where only one reading is within the bounds
    of the column it is taken, else the cell is refused.

    Examples
    --------
    >>> from gridplan.study.tables import PROJECTS
    >>> [number_text(text, PROJECTS.column("mw")) for text in ("12,5", "1.250,5", "−0,250")]
    ['12.5', '1250.5', '-0.250']
    >>> number_text("1,250", PROJECTS.column("mw"))
    Traceback (most recent call last):
    gridplan.study.cells.UnreadableCell: 1.25 or 1250?
    """
    text = BLANKS.sub(" ", written).strip().replace("\u2212", "-")
    if THOUSAND_OR_DECIMAL.fullmatch(text):
        return _only_reading(text, column)
    if NUMBER.fullmatch(text):
        return text
    if GROUPED.fullmatch(text) or COMMA.fullmatch(text):
        return text.replace(" ", "").replace(",", ".")
    if DOTS_THEN_COMMA.fullmatch(text):
        return text.replace(".", "").replace(",", ".")
    if COMMAS_THEN_DOT.fullmatch(text):
        return text.replace(",", "")
    raise not_a_number(text, column)


def _only_reading(text: str, column: Column) -> str:
    decimal, whole = text.replace(",", "."), re.sub("[.,]", "", text)
    fitting = [one for one in (decimal, whole) if _within(float(one), column)]
    if column.kind == "integer" and whole in fitting:
        return whole
    if len(fitting) == 1:
        return fitting[0]
    remedy = "Write it without a separator for thousands, or format the cell as a number."
    msg = f"{float(decimal):g} or {whole}?"
    raise UnreadableCell(msg, remedy)


def _within(number: float, column: Column) -> bool:
    above = column.above is None or number > column.above
    low = column.minimum is None or number >= column.minimum
    return above and low and (column.maximum is None or number <= column.maximum)
