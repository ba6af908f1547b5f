"""The tables of a study from the sheets of a workbook, and the folder that it stands in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from gridplan.base.errors import Problem
from gridplan.study.csv_text import CsvText
from gridplan.study.folder import Folder, read_parts
from gridplan.study.headers import sheet_name
from gridplan.study.reading import BOOK
from gridplan.study.schema import Table
from gridplan.study.series_text import SERIES, SeriesTable
from gridplan.study.settings import Settings
from gridplan.study.settings_file import FILE, read_settings
from gridplan.study.sheet import suggestion
from gridplan.study.tables import TABLES
from gridplan.study.workbook.book import Cells, read_book
from gridplan.study.workbook.settings import read_settings_sheet
from gridplan.study.workbook.table import table_text

KNOWN = ("settings", *(table.name for table in TABLES), *SERIES)


@dataclass(frozen=True)
class WorkbookSource:
    """Tables as sheets.

    Parameters
    ----------
    sheets : dict of Cells
        By what they are: "projects", whatever the sheet is called.
    settings : Settings
        They may name a netCDF file of hourly series instead of sheets.
    """

    sheets: dict[str, Cells]
    settings: Settings

    @property
    def grid(self) -> str:
        """The workbook."""
        return BOOK

    @property
    def hours(self) -> str:
        """The workbook."""
        return BOOK

    def file(self, table: Table) -> str:
        """Workbook and sheet of a table."""
        cells = self.sheets.get(table.name)
        return cells.file if cells else f"{BOOK}, sheet {table.name}"

    def has(self, table: Table) -> bool:
        """Whether there is such a sheet."""
        return table.name in self.sheets

    def read(self, table: Table) -> tuple[CsvText | None, list[Problem]]:
        """Read a sheet."""
        cells = self.sheets.get(table.name)
        if cells is not None:
            return table_text(table, cells)
        remedy = "Add it; a sheet with only a header means none."
        return None, [Problem(self.file(table), "", "", "", "the sheet is missing", remedy)]

    def series(self, name: str) -> tuple[pd.DataFrame | None, list[Problem]]:
        """Read a sheet of hourly series."""
        cells = self.sheets.get(name)
        if cells is None:
            return None, []
        return SeriesTable(cells.file, "row").read(cells.rows)

    def stray(self) -> tuple[bool, list[Problem]]:
        """Say that there may be a network, and report series that stand in two places."""
        own = [name for name in SERIES if name in self.sheets]
        if not self.settings.profiles or not own:
            return True, []
        message = "hourly series both in sheets and in the file that the settings name"
        remedy = "Remove the sheets, or the keys profiles and sectors from the settings."
        return True, [Problem(BOOK, "", "", ", ".join(own), message, remedy)]


def read_workbook_folder(path: Path) -> tuple[Folder | None, list[Problem]]:
    """Read and check a study whose tables stand in a workbook.

    Parameters
    ----------
    path : pathlib.Path
        Folder of study.xlsx. The settings are its sheet "settings", or study.yaml beside it.

    Returns
    -------
    Folder or None
        None when something is wrong.
    list of Problem
        Everything that is wrong in any sheet.
    """
    problems = _tables_beside(path)
    if problems:
        return None, problems
    cells, problems = read_book(path / BOOK, BOOK)
    if problems:
        return None, problems
    sheets, problems = _named(cells)
    settings, found = _settings(path, sheets)
    source = WorkbookSource(sheets, settings or Settings())
    return read_parts(path, settings, source, problems + found)


def _tables_beside(path: Path) -> list[Problem]:
    """Report CSV files beside the workbook: which of them counts would be a guess."""
    own = [str(Path(table.folder, f"{table.name}.csv")) for table in TABLES]
    found = [file for file in own if (path / file).exists()]
    if not found:
        return []
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    message = f"the tables stand both in {BOOK} and in CSV files"
    remedy = "Keep one of them: move the workbook or the CSV files to another folder."
    return [Problem(BOOK, "", "", ", ".join(found[:3]) + more, message, remedy)]


def _named(cells: dict[str, Cells]) -> tuple[dict[str, Cells], list[Problem]]:
    """Find what each sheet is; unknown ones are reported, as a misspelt one would be lost."""
    sheets: dict[str, Cells] = {}
    problems = []
    for title, one in cells.items():
        name = sheet_name(title)
        if name not in KNOWN:
            otherwise = f"Begin its name with # to leave it unread: #{title}."
            remedy = suggestion(title, KNOWN, otherwise)
            problems.append(Problem(one.file, "", "", "", "the sheet is not known", remedy))
        elif name in sheets:
            message, remedy = f"another sheet is {name!r} too", "Keep one of them."
            problems.append(Problem(one.file, "", "", sheets[name].name, message, remedy))
        else:
            sheets[name] = one
    return sheets, problems


def _settings(path: Path, sheets: dict[str, Cells]) -> tuple[Settings | None, list[Problem]]:
    """Read the settings, from the sheet or from study.yaml."""
    cells, beside = sheets.get("settings"), (path / FILE).is_file()
    if cells is not None and beside:
        message = f"settings both in {FILE} and in a sheet of {BOOK}"
        return None, [Problem(cells.file, "", "", "", message, "Keep one of them.")]
    if cells is not None:
        return read_settings_sheet(cells)
    if beside:
        return read_settings(path / FILE)
    message = "there are no settings"
    remedy = f"Add a sheet named settings with columns key and value, or {FILE} beside it."
    return None, [Problem(BOOK, "", "", "", message, remedy)]
