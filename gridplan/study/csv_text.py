"""CSV files as text: nothing is guessed, and every row remembers its line."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from gridplan.base.errors import Problem

COMMA_REMEDY = (
    "Separate columns by commas and write decimals with a point (Excel: save as "
    '"CSV UTF-8" with English regional settings).'
)


@dataclass(frozen=True)
class CsvText:
    """A CSV file of which every row has as many cells as the header.

    Parameters
    ----------
    file : str
        Name of the file as the user knows it.
    header : list of str
        Names of the columns.
    rows : list of list of str
        Cells without surrounding blanks.
    lines : list of int
        Line of the file on which each row ends; the header is line 1.
    """

    file: str
    header: list[str]
    rows: list[list[str]]
    lines: list[int]


def read_csv_text(path: Path, file: str) -> tuple[CsvText | None, list[Problem]]:
    """Read a CSV file without interpreting its cells.

    Parameters
    ----------
    path : pathlib.Path
        Where the file lies.
    file : str
        Name of the file for messages, relative to the study folder.

    Returns
    -------
    CsvText or None
        None when the file cannot be read at all.
    list of Problem
        What is wrong with the file as a whole, its header or the length of its rows.
    """
    if not path.is_file():
        return None, [
            _of_file(file, "the file is missing", "Add it; a file with only a header means none.")
        ]
    text, problems = _decoded(path.read_bytes(), file)
    if problems:
        return None, problems
    if not text.strip():
        return None, [_of_file(file, "the file is empty", "Give at least the header line.")]
    problem = _wrong_separator(text, file)
    if problem:
        return None, [problem]
    return _parsed(text, file)


def _of_file(file: str, message: str, remedy: str, row: str = "", value: str = "") -> Problem:
    return Problem(file, row, "", value, message, remedy)


def _decoded(content: bytes, file: str) -> tuple[str, list[Problem]]:
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        found = content[error.start : error.start + 1].hex()
        remedy = 'Save it as UTF-8 (Excel: "CSV UTF-8").'
        problem = _of_file(file, "the file is not UTF-8", remedy, f"line {line}", f"byte 0x{found}")
        return "", [problem]


def _wrong_separator(text: str, file: str) -> Problem | None:
    header = text.lstrip().splitlines()[0]
    for separator, name in ((";", "semicolons"), ("\t", "tabs")):
        if separator in header and "," not in header:
            message = f"the columns are separated by {name}"
            return _of_file(file, message, COMMA_REMEDY, "line 1", header[:60])
    return None


def _parsed(text: str, file: str) -> tuple[CsvText | None, list[Problem]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] = []
    rows, lines, problems = [], [], []
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if not any(stripped):
                continue
            if not header:
                header = stripped
            elif len(stripped) == len(header):
                rows.append(stripped)
                lines.append(reader.line_num)
            else:
                problems.append(_wrong_length(file, reader.line_num, stripped, header))
    except csv.Error as error:
        remedy = 'Put text with commas or line breaks between a pair of quotes ("…").'
        row = f"line {reader.line_num}"
        return None, [_of_file(file, f"the line cannot be read ({error})", remedy, row)]
    problems += [
        Problem(file, "line 1", name, "", "the column stands twice", "Keep one of them.")
        for name in sorted({name for name in header if name and header.count(name) > 1})
    ]
    if "" in header:
        remedy = "Name the column or remove it."
        message = f"column {header.index('') + 1} has no name"
        problems.append(_of_file(file, message, remedy, "line 1"))
    unusable = len(set(header)) < len(header) or "" in header
    return (None if unusable else CsvText(file, header, rows, lines)), problems


def _wrong_length(file: str, line: int, cells: list[str], header: list[str]) -> Problem:
    """Report a row with more or fewer cells than the header, often from a decimal comma."""
    row = f"line {line} ({cells[0]})" if cells[0] else f"line {line}"
    message = f"the row has {len(cells)} cells, the header {len(header)}"
    if len(cells) > len(header):
        remedy = 'Write decimals with a point, and put text with commas between quotes ("…").'
    else:
        remedy = "Give every cell; an empty one still needs its comma."
    return _of_file(file, message, remedy, row)
