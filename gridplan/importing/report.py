"""What an import changed, left out or assumed: one row an element, with the reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

What = Literal["dropped", "merged", "changed", "assumed"]
COLUMNS = ["element", "what", "why"]
NAMED = 3  # elements that a summary names


@dataclass
class Report:
    """Gathers what an import does with the elements of its source.

    Parameters
    ----------
    rows : list of (str, str, str)
        Element as the source names it; dropped, merged, changed or assumed; and why.

    Examples
    --------
    >>> report = Report()
    >>> report.add("dropped", ["line 3", "line 7"], "out of service")
    >>> report.add("assumed", ["line 4"], "no rating: unlimited")
    >>> report.lines()
    ['2 dropped: out of service (line 3, line 7)', '1 assumed: no rating: unlimited (line 4)']
    """

    rows: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, what: What, elements: Iterable[object], why: str) -> None:
        """Note the same about some elements."""
        self.rows += [(str(element), what, why) for element in elements]

    def table(self) -> pd.DataFrame:
        """Return everything that was noted, in the order in which it was noted."""
        return pd.DataFrame(self.rows, columns=COLUMNS).drop_duplicates(ignore_index=True)

    def lines(self) -> list[str]:
        """Say it in words, one line a reason."""
        return summary_of(self.table())


def summary_of(table: pd.DataFrame) -> list[str]:
    """Count a report by what was done and why.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns element, what, why.

    Returns
    -------
    list of str
        One line a reason, with the first few elements.
    """
    lines = []
    for (what, why), rows in table.groupby(["what", "why"], sort=False):
        names = list(rows["element"])
        more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
        lines.append(f"{len(names):,} {what}: {why} ({', '.join(names[:NAMED])}{more})")
    return lines
