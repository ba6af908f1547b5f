"""On what it depends whether a project is chosen: the changes that tell the scenarios apart best.

Of every single change, and of every pair of them, the scenarios are put into cells by their values.
Were each cell decided by its majority, Σ_cells max(chosen, not chosen) scenarios would be told
right. The single change that tells most scenarios right is named; a pair is named where it tells
more. Of equals the one with fewer cells counts, then the one that stands first in `Changes`. A
change that tells no more right than the majority of all scenarios does is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import pandas as pd

from gridplan.batch.factors import levels


@dataclass(frozen=True)
class Cell:
    """Scenarios that share the values of some changes.

    Parameters
    ----------
    values : tuple
        One per change.
    chosen, of : int
        Scenarios in which the project is chosen, and all.
    """

    values: tuple[object, ...]
    chosen: int
    of: int

    @property
    def right(self) -> int:
        """Scenarios that the majority tells right."""
        return max(self.chosen, self.of - self.chosen)

    def __str__(self) -> str:
        return f"{', '.join(map(str, self.values))} {self.chosen} of {self.of}"


@dataclass(frozen=True)
class Dependence:
    """What decides whether a project is chosen.

    Parameters
    ----------
    factors : tuple of str
        One change or two; empty where none tells more than the majority of all scenarios.
    cells : tuple of Cell
        Every combination of their values that occurs.
    """

    factors: tuple[str, ...]
    cells: tuple[Cell, ...]

    @property
    def of(self) -> int:
        """Scenarios looked at."""
        return sum(cell.of for cell in self.cells)

    @property
    def explained(self) -> int:
        """Scenarios that are told right by the majority of their cell."""
        return sum(cell.right for cell in self.cells)

    @property
    def exact(self) -> bool:
        """Whether these changes alone decide, in all scenarios looked at."""
        return bool(self.factors) and self.explained == self.of

    def __str__(self) -> str:
        """Say it in short.

        Examples
        --------
        >>> print(Dependence(("grid_year",), (Cell((2025,), 0, 4), Cell((2030,), 4, 4))))
        grid_year: 2025 0 of 4, 2030 4 of 4
        """
        separator = ", " if len(self.factors) < 2 else "; "
        told = separator.join(map(str, self.cells))
        return f"{' and '.join(self.factors)}: {told}" if self.factors else ""


def dependence(chosen: pd.Series, table: pd.DataFrame) -> Dependence:
    """Find the change, or the pair, that tells best when a project is chosen.

    Parameters
    ----------
    chosen : pandas.Series of bool
        By scenario.
    table : pandas.DataFrame
        Scenario x factor, as `gridplan.batch.factors.factors` gives it; the same scenarios.

    Returns
    -------
    Dependence
    """
    everything = Dependence((), _cells(chosen, table, ()))
    best = everything
    for count in (1, 2):
        better = [
            found
            for found in _tried(chosen, table, count)
            if found.explained > best.explained
        ]  # fmt: skip
        if better:
            best = min(better, key=lambda found: (-found.explained, len(found.cells)))
        if best.exact:
            break
    return best


def _tried(chosen: pd.Series, table: pd.DataFrame, count: int) -> Iterator[Dependence]:
    for names in combinations(map(str, table.columns), count):
        yield Dependence(names, _cells(chosen, table, names))


def _cells(chosen: pd.Series, table: pd.DataFrame, names: Sequence[str]) -> tuple[Cell, ...]:
    """Count the scenarios of every combination of values that occurs."""
    if not names:
        return (Cell((), int(chosen.sum()), len(chosen)),)
    keys = list(zip(*(table[name] for name in names), strict=True))
    counts: dict[tuple[object, ...], list[int]] = {}
    for key, taken in zip(keys, chosen, strict=True):
        cell = counts.setdefault(key, [0, 0])
        cell[0] += bool(taken)
        cell[1] += 1
    rank = [{value: place for place, value in enumerate(levels(table[name]))} for name in names]
    order = sorted(counts, key=lambda key: [of[value] for of, value in zip(rank, key, strict=True)])
    return tuple(Cell(key, *counts[key]) for key in order)
