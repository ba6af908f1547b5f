"""A table whose rows know where they stand, so that every message can say so."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, replace

import pandas as pd

from gridplan.base.errors import Problem
from gridplan.study.schema import Table


@dataclass(frozen=True)
class Sheet:
    """Rows of one table with their places.

    Parameters
    ----------
    table : Table
        What the columns mean.
    rows : pandas.DataFrame
        Index 0, 1, …; the name is a column.
    file : str
        File as the user knows it, "" for a table in memory.
    places : list of str
        Where each row stands: "line 5 (Klæbu 420)" or "project Holla".
    header : str
        Where the names of the columns stand: "line 1", or the table itself in memory.
    """

    table: Table
    rows: pd.DataFrame
    file: str
    places: list[str]
    header: str

    def problem(self, row: int, column: str, value: object, message: str, remedy: str) -> Problem:
        """Report one cell."""
        return Problem(self.file, self.places[row], column, str(value), message, remedy)

    def without(self, problems: Iterable[Problem]) -> Sheet:
        """Return the sheet without the rows that have problems; with a bad header none is left.

        What such rows lack has been filled with defaults, so that comparing their cells would
        only repeat the problem in other words.
        """
        bad = {problem.row for problem in problems if problem.file == self.file}
        lost = self.header in bad
        keep = [row for row in self.rows.index if not lost and self.places[row] not in bad]
        rows = self.rows.loc[keep].reset_index(drop=True)
        return replace(self, rows=rows, places=[self.places[row] for row in keep])

    def frame(self) -> pd.DataFrame:
        """Return the rows indexed by name."""
        return self.rows.set_index("name")


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the known name most like `name`, "" if none is alike.

    Examples
    --------
    >>> nearest("Huseby 6", ["Huseby 66", "Tiller 66"])
    'Huseby 66'
    >>> nearest("klæbu 420", ["Klæbu 420"])
    'Klæbu 420'
    """
    folded: dict[str, str] = {}
    for candidate in known:
        folded.setdefault(str(candidate).casefold(), str(candidate))
    found = difflib.get_close_matches(str(name).casefold(), list(folded), n=1, cutoff=0.6)
    return folded[found[0]] if found else ""


def suggestion(name: str, known: Iterable[str], otherwise: str) -> str:
    """Ask for the nearest known name, or say what to do where none is alike."""
    found = nearest(name, known)
    return f"Did you mean {found!r}?" if found else otherwise
