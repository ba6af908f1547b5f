"""Where the tables of a study stand: in CSV files of a folder, or in the sheets of a workbook."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import pandas as pd

from gridplan.base.errors import Problem
from gridplan.study.csv_text import CsvText, read_csv_text
from gridplan.study.headers import column_name
from gridplan.study.schema import Table
from gridplan.study.semicolons import from_semicolons
from gridplan.study.series_text import read_series_csv
from gridplan.study.settings import Settings
from gridplan.study.sheet import suggestion
from gridplan.study.tables import GRID_TABLES

IGNORED = ("network", "snapshots")  # PyPSA writes them; the hours come from the profiles


class Source(Protocol):
    """What tables are read from."""

    @property
    def grid(self) -> str:
        """Name of what holds the network."""
        ...

    @property
    def hours(self) -> str:
        """Name of what holds the hourly series, "" where settings must name files."""
        ...

    def file(self, table: Table) -> str:
        """Name of a table, as the user knows it."""
        ...

    def has(self, table: Table) -> bool:
        """Whether the table is there."""
        ...

    def read(self, table: Table) -> tuple[CsvText | None, list[Problem]]:
        """Read the cells of a table."""
        ...

    def series(self, name: str) -> tuple[pd.DataFrame | None, list[Problem]]:
        """Read a table of hourly series, snapshot x name; None and no problem: there is none."""
        ...

    def stray(self) -> tuple[bool, list[Problem]]:
        """Whether there is a network at all; and tables that would be left unread."""
        ...


@dataclass(frozen=True)
class FolderSource:
    """Tables as CSV files.

    Parameters
    ----------
    path : pathlib.Path
        The study folder.
    settings : Settings
        They say where the network and the hourly series lie.
    """

    path: Path
    settings: Settings

    @property
    def grid(self) -> str:
        """Folder of the network."""
        return self.settings.network

    @property
    def hours(self) -> str:
        """Folder of the hourly series."""
        return self.settings.profiles

    def file(self, table: Table) -> str:
        """Path of a table, from the study folder."""
        return f"{self.grid}/{table.name}.csv" if table.folder else f"{table.name}.csv"

    def has(self, table: Table) -> bool:
        """Whether the file is there."""
        return (self.path / self.file(table)).exists()

    def read(self, table: Table) -> tuple[CsvText | None, list[Problem]]:
        """Read the file."""
        file = self.file(table)
        text, problems = read_csv_text(self.path / file, file, partial(column_name, table))
        if text is not None and text.separator == ";":
            text = from_semicolons(table, text)
        return text, problems

    def series(self, name: str) -> tuple[pd.DataFrame | None, list[Problem]]:
        """Read the file of these series."""
        file = f"{self.hours}/{name}.csv"
        path = self.path / file
        return read_series_csv(path, file) if path.is_file() else (None, [])

    def stray(self) -> tuple[bool, list[Problem]]:
        """Whether the folder of the network is there; and files in it that are no tables."""
        grid = self.path / self.grid
        if grid.is_dir():
            return True, _stray_files(grid, self.grid)
        remedy = "Add it, or correct `network` in study.yaml."
        return False, [Problem(self.grid, "", "", "", "the folder is missing", remedy)]


def _stray_files(grid: Path, name: str) -> list[Problem]:
    """Report tables of the network that would be left unread."""
    known = [table.name for table in GRID_TABLES]
    problems = []
    for path in sorted(grid.glob("*.csv")):
        if path.stem in known or path.stem in IGNORED:
            continue
        if path.stem.partition("-")[0] in known:
            message = "the network folder holds no time series"
            remedy = "Put hourly series into the profiles file and remove this one."
        else:
            message = "the model does not know this table"
            remedy = suggestion(path.stem, known, "Remove it; see `gridplan.study.tables`.")
        problems.append(Problem(f"{name}/{path.name}", "", "", "", message, remedy))
    return problems
