"""Everything gridplan raises on purpose.

GridplanError
 ├── StudyError            input that cannot be used; carries every problem found
 ├── InfeasiblePlanError   no selection satisfies the constraints
 └── SolverError           a solver ended without an optimum
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LONGEST = 300  # characters of a name or value in a message


class GridplanError(Exception):
    """Base of all errors that gridplan raises on purpose."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong with the input, and the way out.

    Parameters
    ----------
    file : str
        File as the user knows it, relative to the study folder ("" for data passed in memory).
    row : str
        Row as the user finds it: line number and name, or "" for the whole file.
    column : str
        Column or settings key, "" for the whole row.
    value : str
        What was found.
    message : str
        What is wrong.
    remedy : str
        What to do about it.
    """

    file: str
    row: str
    column: str
    value: str
    message: str
    remedy: str

    def __str__(self) -> str:
        column = f"column {_short(self.column)}" if self.column else ""
        place = ", ".join(part for part in (self.file, _short(self.row), column) if part)
        found = f" (found {_short(self.value)!r})" if self.value else ""
        return f"{place}: {self.message}{found}. {self.remedy}"


def _short(text: str) -> str:
    """Cut what is too long to be read; a cell may hold anything."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


class StudyError(GridplanError):
    """The input cannot be used; `problems` lists everything that was found, not only the first.

    Parameters
    ----------
    problems : sequence of Problem
        At least one.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        head = "1 problem in the study" if count == 1 else f"{count} problems in the study"
        super().__init__("\n  - ".join([f"{head}:", *map(str, self.problems)]))

    def _render_traceback_(self) -> list[str]:
        """Show the problems alone in a notebook: the way to them in the code says nothing."""
        return [f"StudyError: {self}"]


class InfeasiblePlanError(GridplanError):
    """No selection of projects and measures satisfies the constraints.

    Parameters
    ----------
    reason : str
        What was found, for people.
    conflict : sequence of str
        The smallest set of demands that cannot hold together.
    """

    def __init__(self, reason: str, conflict: Sequence[str] = ()) -> None:
        self.conflict = tuple(conflict)
        super().__init__(reason)

    def _render_traceback_(self) -> list[str]:
        """Show the reason alone in a notebook, as for input that cannot be used."""
        return [f"InfeasiblePlanError: {self}"]


class SolverError(GridplanError):
    """A solver ended without an optimum.

    Parameters
    ----------
    reason : str
        What happened.
    hour : int, optional
        Position of the hour in which it happened, among those that were to be solved.
    """

    def __init__(self, reason: str, hour: int | None = None) -> None:
        self.reason, self.hour = reason, hour
        super().__init__(reason if hour is None else f"hour {hour}, counted from 0: {reason}")
