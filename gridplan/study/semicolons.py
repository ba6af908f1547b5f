"""CSV files as a Norwegian Excel saves them: semicolons between columns, commas in decimals."""

from __future__ import annotations

from dataclasses import replace

from gridplan.base.errors import Problem
from gridplan.study.cells import NUMBER, UnreadableCell
from gridplan.study.csv_text import CsvText
from gridplan.study.schema import Column, Table
from gridplan.study.workbook.values import BLANKS, text_of


def from_semicolons(table: Table, text: CsvText) -> CsvText:
    """Write the cells of such a file as those of a file with commas and decimal points.

    Parameters
    ----------
    table : Table
        Its schema.
    text : CsvText
        The file, split at its semicolons.

    Returns
    -------
    CsvText
        With cells that cannot be read among `unreadable`.
    """
    table = table.of(text.header)
    columns = [
        table.column(name) if name in table.names else Column(name, "text", "")
        for name in text.header
    ]
    named = text.header.index("name") if "name" in text.header else 0
    rows, unreadable = [], []
    for line, cells in zip(text.lines, text.rows, strict=True):
        row = []
        for cell, column in zip(cells, columns, strict=True):
            try:
                row.append(_read(cell, column))
            except UnreadableCell as error:
                row.append("")
                place = text.place(line, cells[named])
                told = (cell, error.message, error.remedy)
                unreadable.append(Problem(text.file, place, column.name, *told))
        rows.append(row)
    return replace(text, rows=rows, unreadable=tuple(unreadable))


def with_point(cell: str) -> str:
    """Write a number with a decimal comma as one with a point; other texts stay.

    In these files a comma is always the decimal sign.

    Examples
    --------
    >>> [with_point(cell) for cell in ("1 250,5", "1,250", "7", "12.5", "a, b")]
    ['1250.5', '1.250', '7', '12.5', 'a, b']
    """
    number = BLANKS.sub("", cell).replace("\u2212", "-").replace(",", ".", 1)
    return number if "." not in cell and NUMBER.fullmatch(number) else cell


def _read(cell: str, column: Column) -> str:
    if column.kind in ("number", "integer"):
        number = with_point(cell)
        if "," in cell and number != cell:
            return number
    return text_of(cell, column)
