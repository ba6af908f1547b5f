"""The sheets of a workbook: values with their places, merged cells, formulas never worked out."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from openpyxl import load_workbook
from openpyxl.utils import coordinate_to_tuple, range_boundaries

from gridplan.base.errors import Problem
from gridplan.study.csv_text import MOST_ROWS, too_many_rows
from gridplan.study.workbook.archive import SAVE_ANEW, archive_problems
from gridplan.study.workbook.values import Fault

MOST_MERGES = 2_000
LAST_ROW = 1_048_576  # of Excel
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
UNSAVED = Fault(
    "formula",
    "a formula without a saved value",
    "Open the workbook in Excel and save it, or type the value.",
)


@dataclass(frozen=True)
class Merge:
    """A range of merged cells; rows and columns count from 1."""

    first_column: int
    first_row: int
    last_column: int
    last_row: int


@dataclass
class Cells:
    """The cells of one sheet.

    Parameters
    ----------
    name : str
        As Excel shows it.
    file : str
        Workbook and sheet, for messages.
    rows : list of (int, list)
        Number and cells of every row that is not empty.
    merges : list of Merge
    """

    name: str
    file: str
    rows: list[tuple[int, list[Any]]] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)


def read_book(path: Path, file: str) -> tuple[dict[str, Cells], list[Problem]]:
    """Read all sheets of a workbook that are to be read.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    file : str
        Its name for messages.

    Returns
    -------
    dict of Cells
        By name of the sheet; those whose names begin with "#" are notes.
    list of Problem
    """
    problems = archive_problems(path, file)
    if problems:
        return {}, problems
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # drop-downs and looks that openpyxl does not keep
            return _sheets(path, file)
    except Exception as error:  # openpyxl and the XML parser raise almost anything on broken parts
        text = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        return {}, [Problem(file, "", "", text, "the workbook cannot be read", SAVE_ANEW)]


def _sheets(path: Path, file: str) -> tuple[dict[str, Cells], list[Problem]]:
    sheets: dict[str, Cells] = {}
    problems = []
    book = load_workbook(path, read_only=True, data_only=True)
    try:
        for sheet in book.worksheets:
            if sheet.title.lstrip().startswith("#") or sheet.sheet_state == "veryHidden":
                continue  # notes, and what add-ins keep where nobody sees it
            cells = Cells(sheet.title, f"{file}, sheet {sheet.title}")
            sheet.reset_dimensions()  # what a sheet says of its size may be wrong
            if _fill(cells, sheet):
                sheets[sheet.title] = cells
            else:
                problems.append(too_many_rows(cells.file))
    finally:
        book.close()
    with zipfile.ZipFile(path) as archive:
        for name, part in _parts(archive).items():
            if name in sheets:
                _add_facts(sheets[name], archive, part)
    return sheets, problems


def _fill(cells: Cells, sheet: Any) -> bool:
    """Take the rows that are not empty; False when there are too many."""
    for number, row in enumerate(sheet.iter_rows(), 1):
        values = [_value(cell) for cell in row]
        while values and (values[-1] is None or values[-1] == ""):
            values.pop()
        if values:
            cells.rows.append((number, values))
        if len(cells.rows) > MOST_ROWS + 100:  # notes and titles are no rows of the table
            return False
        if number >= LAST_ROW:
            break
    return True


def _value(cell: Any) -> Any:
    value = cell.value
    if cell.data_type == "e" and value is not None:
        message = f"an error of Excel ({value})"
        return Fault(str(value), message, "Correct the formula, or type the value.")
    return value


def _parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Part of the archive that holds each sheet."""
    relations = ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    target = {one.get("Id"): one.get("Target", "") for one in relations}
    book = ET.fromstring(archive.read("xl/workbook.xml"))
    found = {}
    for element in book.iter():
        if element.tag.endswith("}sheet"):
            place = target.get(element.get(RELATION), "")
            part = place.lstrip("/") if place.startswith("/") else f"xl/{place}"
            if part in archive.namelist():
                found[element.get("name", "")] = part
    return found


def _add_facts(cells: Cells, archive: zipfile.ZipFile, part: str) -> None:
    """Add merged cells, and mark formulas without a saved value; openpyxl tells neither."""
    unsaved: list[tuple[int, int]] = []
    with archive.open(part) as stream:
        for element in _elements(stream):
            tag = element.tag.rpartition("}")[2]
            if tag == "c":
                children = {child.tag.rpartition("}")[2]: child for child in element}
                value = children.get("v")
                saved = value is not None and (value.text or element.get("t") == "str")
                if "f" in children and not saved:  # a saved text may be empty
                    unsaved.append(coordinate_to_tuple(element.get("r", "")))
            elif tag == "mergeCell":
                cells.merges.append(Merge(*range_boundaries(element.get("ref", ""))))
                if len(cells.merges) > MOST_MERGES:
                    msg = f"sheet {cells.name} has more than {MOST_MERGES:,} merged ranges"
                    raise ValueError(msg)
    rows = dict(cells.rows)
    for row, column in unsaved:
        values = rows.setdefault(row, [])
        values += [None] * (column - len(values))
        values[column - 1] = UNSAVED
    cells.rows = sorted(rows.items())


def _elements(stream: Any) -> Iterator[ET.Element]:
    """Go through the cells and merged ranges of a sheet, keeping none."""
    for _, element in ET.iterparse(stream):
        tag = element.tag.rpartition("}")[2]
        if tag in ("c", "mergeCell"):
            yield element
        if tag in ("row", "c", "mergeCells"):
            element.clear()
