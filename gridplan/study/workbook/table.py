"""A sheet as a table: where its header stands, what merged cells mean, and each cell as text."""

from __future__ import annotations

from dataclasses import dataclass

from gridplan.base.errors import Problem
from gridplan.study.cells import UnreadableCell
from gridplan.study.csv_text import MOST_ROWS, CsvText, header_problems, is_note, too_many_rows
from gridplan.study.headers import column_name
from gridplan.study.schema import Column, Table
from gridplan.study.workbook.book import Cells, Merge
from gridplan.study.workbook.values import plain, text_of

TITLES = 30  # rows above the header at most


def table_text(table: Table, cells: Cells) -> tuple[CsvText | None, list[Problem]]:
    """Read a sheet as the CSV file that it could be.

    Parameters
    ----------
    table : Table
        Its schema.
    cells : Cells
        The sheet.

    Returns
    -------
    CsvText or None
        None when it has no header.
    list of Problem
        What is wrong with the sheet as a whole or its header.
    """
    found = _header(table, cells)
    if found is None:
        remedy = "Give the names of the columns in one row; the first is name (navn)."
        message = "the sheet is empty" if not cells.rows else "no row with the column name"
        return None, [Problem(cells.file, "", "", "", message, remedy)]
    row, header = found
    table = table.of(header)
    problems = _merged_header(cells, row, header)
    problems = problems or header_problems(cells.file, f"row {row}", header)
    body = [
        (number, values)
        for number, values in cells.rows
        if number > row and any(plain(v) for v in values) and not is_note(plain(values[0]))
    ]
    if len(body) > MOST_ROWS:
        problems.append(too_many_rows(cells.file))
    if problems:
        return None, problems
    return _Reader(table, cells, row, header).text(body), []


def _header(table: Table, cells: Cells) -> tuple[int, list[str]] | None:
    """Row and columns of the header: the first row that names the column name."""
    for number, values in cells.rows[:TITLES]:
        names = [column_name(table, plain(value), loose=True) for value in values]
        if "name" in names:
            return number, names
    return None


def _merged_header(cells: Cells, row: int, header: list[str]) -> list[Problem]:
    merged = [m for m in cells.merges if m.first_row <= row <= m.last_row]
    remedy = "Split the cells and give every column its own name."
    return [
        Problem(cells.file, f"row {row}", "", header[m.first_column - 1], "merged header", remedy)
        for m in merged
        if m.first_column <= len(header)
    ]


@dataclass
class _Reader:
    """What reads the rows of one sheet."""

    table: Table
    cells: Cells
    header_row: int
    header: list[str]

    def text(self, body: list[tuple[int, list]]) -> CsvText:
        """Read rows below the header."""
        filled, doubtful = self._filled(body)
        columns = [self._column(name) for name in self.header]
        named = self.header.index("name")
        rows, unreadable = [], []
        for number, values in body:
            width = len(self.header)
            padded = [*values[:width], *[None] * (width - len(values))]
            name = plain(padded[named])
            place = f"row {number} ({name})" if name else f"row {number}"
            row = []
            for position, column in enumerate(columns):
                value = filled.get((number, position), padded[position])
                try:
                    if (number, position) in doubtful:
                        raise doubtful[number, position]
                    row.append(text_of(value, column))
                except UnreadableCell as error:
                    told = (plain(value), error.message, error.remedy)
                    unreadable.append(Problem(self.cells.file, place, column.name, *told))
                    row.append("")
            beyond = [plain(value) for value in values[width:] if plain(value)]
            if beyond:
                message, remedy = "a cell in a column without a header", "Name the column."
                unreadable.append(Problem(self.cells.file, place, "", beyond[0], message, remedy))
            rows.append(row)
        lines = [number for number, _ in body]
        return CsvText(
            self.cells.file,
            self.header,
            rows,
            lines,
            header_line=self.header_row,
            word="row",
            unreadable=tuple(unreadable),
        )

    def _column(self, name: str) -> Column:
        known = name in self.table.names
        return self.table.column(name) if known else Column(name, "text", "")

    def _filled(
        self, body: list[tuple[int, list]]
    ) -> tuple[dict[tuple[int, int], object], dict[tuple[int, int], UnreadableCell]]:
        """Values of cells that are merged with one above, and cells of doubtful merges."""
        rows = dict(body)
        filled: dict[tuple[int, int], object] = {}
        doubtful: dict[tuple[int, int], UnreadableCell] = {}
        for merge in self.cells.merges:
            column = merge.first_column - 1
            covered = [n for n in rows if merge.first_row <= n <= merge.last_row]
            if not covered or column >= len(self.header):
                continue
            error = self._refused(merge)
            for number in covered:
                top = rows.get(merge.first_row, [])
                value = top[column] if column < len(top) else None
                if error is None:
                    filled[number, column] = value
                else:
                    doubtful[number, column] = error
        return filled, doubtful

    def _refused(self, merge: Merge) -> UnreadableCell | None:
        """Say why merged cells cannot be read: texts over several rows can, nothing else."""
        if merge.last_column > merge.first_column:
            remedy = "Split them and give every column its value."
            return UnreadableCell("cells merged over several columns", remedy)
        kind = self._column(self.header[merge.first_column - 1]).kind
        if kind in ("number", "integer") and merge.last_row > merge.first_row:
            remedy = "Split them and give every row its own number."
            return UnreadableCell("a number merged over several rows: its share is unknown", remedy)
        return None
