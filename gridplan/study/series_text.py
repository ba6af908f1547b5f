"""Hourly series as tables for people: one row an hour, one column a name."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from gridplan.base.errors import Problem
from gridplan.study.csv_text import COMMA_REMEDY, MOST_BYTES, MOST_ROWS, is_note, separator_of
from gridplan.study.semicolons import with_point

SERIES = {  # table: what its columns are, as in the netCDF files
    "profile_pu": "profile",
    "load_mw": "load",
    "hydro_mw": "hydro",
    "wind_pu": "wind",
    "sector_mw_per_gwh": "sector",
}
MOST_COLUMNS = 2_000
LONGEST_HEADER = 1_000_000  # characters
FIRST_YEAR, LAST_YEAR = 1900, 2200
ENOUGH = 20  # problems of one table; further ones are counted
Row = tuple[int, list[object]]  # number of the row, and its cells


@dataclass(frozen=True)
class SeriesTable:
    """Where a table of series stands, and what it is called.

    Parameters
    ----------
    file : str
        As the user knows it.
    word : str
        "line" of a text file, "row" of a workbook.
    """

    file: str
    word: str = "line"

    def problem(self, row: int, column: str, value: object, message: str, remedy: str) -> Problem:
        """Report a cell."""
        place = f"{self.word} {row}" if row else ""
        return Problem(self.file, place, column, str(value)[:60], message, remedy)

    def read(self, rows: Iterable[Row]) -> tuple[pd.DataFrame | None, list[Problem]]:
        """Read rows of cells, the first of them the header.

        Parameters
        ----------
        rows : iterable of (int, list)
            Numbers of the rows, and their cells: texts, numbers or time stamps.

        Returns
        -------
        pandas.DataFrame or None
            Snapshot x name; None when something is wrong.
        list of Problem
        """
        numbered = iter(rows)
        start = next(((n, c) for n, c in numbered if any(_text(cell) for cell in c)), None)
        if start is None:
            return None, [self.problem(0, "", "", "the table is empty", "Give at least a header.")]
        names, problems = self._header(*start)
        if problems:
            return None, problems
        hours: list[dt.datetime] = []
        values: list[list[float]] = []
        for row, cells in numbered:
            if not any(_text(cell) for cell in cells) or is_note(_text(cells[0])):
                continue
            if len(hours) >= MOST_ROWS:
                message, remedy = f"more than {MOST_ROWS:,} hours", "Give one year, hour by hour."
                return None, [*problems, self.problem(row, "", "", message, remedy)]
            hour, figures, found = self._row(row, cells, names)
            problems += found
            if len(problems) > ENOUGH:
                message, remedy = "too many problems to list", "Correct those above first."
                problems[ENOUGH:] = [self.problem(row, "", "", message, remedy)]
                break
            hours.append(hour)
            values.append(figures)
        if problems:
            return None, problems
        table = np.array(values, dtype=float).reshape(len(hours), len(names))
        index = pd.DatetimeIndex(hours, dtype="datetime64[ns]", name="snapshot")
        return pd.DataFrame(table, index=index, columns=names), []

    def _header(self, row: int, cells: list[object]) -> tuple[list[str], list[Problem]]:
        header = [_text(cell) for cell in cells]
        while header and not header[-1]:
            header.pop()
        names = header[1:]
        if len(header) == 1 and "\t" in header[0]:
            message = "the columns are separated by tabs"
            return [], [self.problem(row, "", header[0], message, COMMA_REMEDY)]
        if header[0].casefold() not in ("snapshot", "time", "tid", "tidspunkt"):
            remedy = "Name the first column snapshot: the start of each hour, UTC."
            return [], [self.problem(row, header[0], "", "the hours are missing", remedy)]
        if len(names) > MOST_COLUMNS:
            message = f"more than {MOST_COLUMNS:,} columns"
            return [], [self.problem(row, "", len(names), message, "Leave some out.")]
        problems = [
            self.problem(row, name, "", "the column stands twice", "Keep one of them.")
            for name in sorted({name for name in names if name and names.count(name) > 1})
        ]
        if "" in names:
            message = f"column {names.index('') + 2} has no name"
            problems.append(self.problem(row, "", "", message, "Name the column or remove it."))
        return names, problems

    def _row(
        self, row: int, cells: list[object], names: list[str]
    ) -> tuple[dt.datetime, list[float], list[Problem]]:
        hour, problems = dt.datetime.min, []
        try:
            hour = hour_of(cells[0])
            if not FIRST_YEAR <= hour.year <= LAST_YEAR:
                raise ValueError  # noqa: TRY301 - what pandas cannot hold is no hour either
        except ValueError:
            remedy = "Write year-month-day hour:minute in UTC, such as 2019-01-31 14:00."
            problems.append(self.problem(row, "snapshot", cells[0], "not an hour", remedy))
        width = len(names) + 1
        if any(_text(cell) for cell in cells[width:]):
            message = f"the row has more cells than the header ({width})"
            return hour, [], [*problems, self.problem(row, "", "", message, COMMA_REMEDY)]
        figures = []
        padded = [*cells[1:width], *[None] * (width - len(cells))]
        for name, cell in zip(names, padded, strict=True):
            try:
                figures.append(_figure(cell))
            except (ValueError, TypeError):
                remedy = "Give a number, with a decimal point in text."
                message = "no number" if _text(cell) == "" else "text in a number column"
                problems.append(self.problem(row, name, _text(cell), message, remedy))
        return hour, figures, problems


def read_series_csv(path: Path, file: str) -> tuple[pd.DataFrame | None, list[Problem]]:
    """Read hourly series from a CSV file, one row at a time.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    file : str
        Its name for messages.

    Returns
    -------
    pandas.DataFrame or None
        Snapshot x name; None when something is wrong.
    list of Problem
    """
    table = SeriesTable(file)
    size = path.stat().st_size
    if size > 2 * MOST_BYTES:
        message = f"the file is larger than {2 * MOST_BYTES // 1_000_000} MB"
        return None, [table.problem(0, "", f"{size:,} bytes", message, "Give fewer series.")]
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            separator = separator_of(stream.readline(LONGEST_HEADER))
            stream.seek(0)
            rows = _numbered(csv.reader(stream, strict=True, delimiter=separator))
            return table.read(_with_points(rows) if separator == ";" else rows)
    except UnicodeDecodeError:
        remedy = 'Save it as UTF-8 (Excel: "CSV UTF-8").'
        return None, [table.problem(0, "", "", "the file is not UTF-8", remedy)]
    except csv.Error as error:
        remedy = 'Put text with commas or line breaks between a pair of quotes ("…").'
        return None, [table.problem(0, "", str(error), "the file cannot be read", remedy)]


def _numbered(reader: Iterator[list[str]]) -> Iterator[Row]:
    for cells in reader:
        if cells:
            yield reader.line_num, list(cells)  # type: ignore[attr-defined]


def _with_points(rows: Iterable[Row]) -> Iterator[Row]:
    """Rows of a file with semicolons, whose decimals have a comma."""
    header = True
    for number, cells in rows:
        yield number, cells if header else [with_point(str(cell)) for cell in cells]
        header = False


def _text(cell: object) -> str:
    return "" if cell is None else str(cell).strip()


def _figure(cell: object) -> float:
    if isinstance(cell, bool) or cell is None or isinstance(cell, dt.date):
        raise ValueError
    if isinstance(cell, str) and "_" in cell:
        raise ValueError  # Python's float() would read 1_000
    return float(cell)  # type: ignore[arg-type]


def hour_of(cell: object) -> dt.datetime:
    """Read a time stamp; with a time zone it becomes UTC.

    Raises
    ------
    ValueError
        When it is none.

    Examples
    --------
    >>> hour_of("2019-01-01T01:00+01:00")
    datetime.datetime(2019, 1, 1, 0, 0)
    """
    if isinstance(cell, dt.datetime):
        # Excel keeps hours as fractions of a day, which miss the full second a little
        seconds = dt.timedelta(microseconds=cell.microsecond)
        return cell - seconds + dt.timedelta(seconds=round(seconds.total_seconds()))
    if isinstance(cell, dt.date):
        return dt.datetime(cell.year, cell.month, cell.day)
    stamp = dt.datetime.fromisoformat(_text(cell))
    if stamp.tzinfo is not None:
        try:
            stamp = stamp.astimezone(dt.UTC).replace(tzinfo=None)
        except OverflowError as error:
            raise ValueError(str(error)) from error
    return stamp
