"""CSV files as text: nothing is guessed, and every row remembers its line."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gridplan.base.errors import Problem

COMMA_REMEDY = (
    "Separate columns by commas and write decimals with a point, or separate them by semicolons "
    'and write decimals with a comma (Excel: save as "CSV UTF-8").'
)

MOST_BYTES = 50_000_000
MOST_ROWS = 20_000  # of a table; no study of that size can be solved


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
        Line of the file on which each row ends.
    header_line : int
        Line of the header.
    word : str
        What such a line is called: "line" of a text file, "row" of a workbook.
    unreadable : tuple of Problem
        Cells that could not be read; they are empty in `rows`.
    separator : str
        What stood between the columns.
    """

    file: str
    header: list[str]
    rows: list[list[str]]
    lines: list[int]
    header_line: int = 1
    word: str = "line"
    unreadable: tuple[Problem, ...] = ()
    separator: str = ","

    def place(self, line: int, name: str = "") -> str:
        """Say where a row stands.

        Examples
        --------
        >>> CsvText("projects.csv", ["name"], [["Quay"]], [2]).place(2, "Quay")
        'line 2 (Quay)'
        """
        return f"{self.word} {line} ({name})" if name else f"{self.word} {line}"


def is_note(first_cell: str) -> bool:
    """Whether a row is a note for people: its first cell begins with "# " (the blank counts).

    Examples
    --------
    >>> is_note("# MW, connected power"), is_note("#1 quay")
    (True, False)
    """
    return first_cell == "#" or first_cell.startswith("# ")


def read_csv_text(
    path: Path, file: str, rename: Callable[[str], str] = str
) -> tuple[CsvText | None, list[Problem]]:
    """Read a CSV file without interpreting its cells.

    Parameters
    ----------
    path : pathlib.Path
        Where the file lies.
    file : str
        Name of the file for messages, relative to the study folder.
    rename : callable
        Column that a header means.

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
    size = path.stat().st_size
    if size > MOST_BYTES:
        message = f"the file is larger than {MOST_BYTES // 1_000_000} MB, so it is no table"
        return None, [_of_file(file, message, "Save the table anew.", value=f"{size:,} bytes")]
    text, problems = _decoded(path.read_bytes(), file)
    if problems:
        return None, problems
    if not text.strip():
        return None, [_of_file(file, "the file is empty", "Give at least the header line.")]
    separator = separator_of(text)
    if separator == "\t":
        message = "the columns are separated by tabs"
        return None, [_of_file(file, message, COMMA_REMEDY, "line 1", _header_of(text)[:60])]
    return _parsed(text, file, rename, separator)


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


def separator_of(text: str) -> str:
    """Find what stands between the columns of a header: a semicolon or tab where no comma does.

    Examples
    --------
    >>> separator_of("name;bus;mw"), separator_of("name,bus;mw")
    (';', ',')
    """
    header = _header_of(text)
    return next((sign for sign in ";\t" if sign in header and "," not in header), ",")


def _header_of(text: str) -> str:
    lines = (line for line in text.lstrip().splitlines() if not is_note(line.lstrip('"')))
    return next(lines, "")


def _parsed(
    text: str, file: str, rename: Callable[[str], str], separator: str
) -> tuple[CsvText | None, list[Problem]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=separator)
    header: list[str] = []
    header_line = 1
    rows, lines, problems = [], [], []
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if not any(stripped) or is_note(stripped[0]):
                continue
            if not header:
                header, header_line = [rename(cell) for cell in stripped], reader.line_num
            elif len(rows) + len(problems) >= MOST_ROWS:
                return None, [too_many_rows(file)]
            elif len(stripped) == len(header):
                rows.append(stripped)
                lines.append(reader.line_num)
            else:
                problems.append(_wrong_length(file, reader.line_num, stripped, header))
    except csv.Error as error:
        remedy = 'Put text with commas or line breaks between a pair of quotes ("…").'
        row = f"line {reader.line_num}"
        return None, [_of_file(file, f"the line cannot be read ({error})", remedy, row)]
    if not header:
        return None, [_of_file(file, "the file has no header", "Give the header line.")]
    unusable = header_problems(file, f"line {header_line}", header)
    problems += unusable
    if unusable:
        return None, problems
    return CsvText(file, header, rows, lines, header_line, separator=separator), problems


def header_problems(file: str, place: str, header: list[str]) -> list[Problem]:
    """Report columns that stand twice or have no name."""
    problems = [
        Problem(file, place, name, "", "the column stands twice", "Keep one of them.")
        for name in sorted({name for name in header if name and header.count(name) > 1})
    ]
    if "" in header:
        remedy = "Name the column or remove it."
        message = f"column {header.index('') + 1} has no name"
        problems.append(_of_file(file, message, remedy, place))
    return problems


def too_many_rows(file: str) -> Problem:
    """Report a table that is too long to be one."""
    message = f"the table has more than {MOST_ROWS:,} rows"
    remedy = "Sum up small rows by station, or leave out what is not needed."
    return _of_file(file, message, remedy)


def _wrong_length(file: str, line: int, cells: list[str], header: list[str]) -> Problem:
    """Report a row with more or fewer cells than the header, often from a decimal comma."""
    row = f"line {line} ({cells[0]})" if cells[0] else f"line {line}"
    message = f"the row has {len(cells)} cells, the header {len(header)}"
    if len(cells) > len(header):
        remedy = 'Write decimals with a point, and put text with commas between quotes ("…").'
    else:
        remedy = "Give every cell; an empty one still needs its comma."
    return _of_file(file, message, remedy, row)
