"""Which projects go together: variants of one project, exclusions, groups, requirements.

A row without `variant_of` is the head of its family; rows that name it are its variants, and at
most one row of a family is chosen. Wherever a project is named, a head means any row of its family
and a variant itself alone. What stands in a row (`requires`, `excludes`, `exclusive_group`) holds
for that row alone; a variant at another site may well stand in another group.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

import pandas as pd

from gridplan.study.sheet import Sheet
from gridplan.study.tables import names_in

COMMITTED = ("reserved", "under construction")  # the status of projects that hold a connection
Wish = tuple[str, tuple[str, ...]]  # a name, and the rows of which one satisfies it


def families(projects: pd.DataFrame) -> pd.Series:
    """Head of the family of every row.

    Parameters
    ----------
    projects : pandas.DataFrame
        Indexed by name; column `variant_of`.

    Returns
    -------
    pandas.Series
        Name of the head; a row that is no variant is its own.

    Examples
    --------
    >>> rows = pd.DataFrame({"variant_of": ["", "Quay", ""]}, index=["Quay", "Small quay", "Mill"])
    >>> families(rows).tolist()
    ['Quay', 'Quay', 'Mill']
    """
    own = pd.Series(projects.index, index=projects.index, dtype=object)
    return projects["variant_of"].where(projects["variant_of"] != "", own)


def members(projects: pd.DataFrame, name: str) -> list[str]:
    """Rows that are meant by a name.

    Parameters
    ----------
    projects : pandas.DataFrame
        Indexed by name; column `variant_of`. It may be a part of the study's projects.
    name : str
        A project or a variant.

    Returns
    -------
    list of str
        The whole family of a head, the row alone of a variant, in the order of the table; empty
        when none of these rows is in the table.

    Examples
    --------
    >>> rows = pd.DataFrame({"variant_of": ["", "Quay", ""]}, index=["Quay", "Small quay", "Mill"])
    >>> members(rows, "Quay"), members(rows, "Small quay")
    (['Quay', 'Small quay'], ['Small quay'])
    """
    meant = (projects.index == name) | (projects["variant_of"] == name).to_numpy()
    return projects.index[meant].tolist()


def conflicts(projects: pd.DataFrame) -> dict[tuple[str, str], str]:
    """Pairs of rows that cannot both be chosen, with the reason.

    Parameters
    ----------
    projects : pandas.DataFrame
        Indexed by name; columns `variant_of`, `excludes` and `exclusive_group`.

    Returns
    -------
    dict
        Reason by pair, the pair in the order of the table.

    Examples
    --------
    >>> rows = pd.DataFrame(
    ...     {"variant_of": "", "excludes": ["Mill", ""], "exclusive_group": ""},
    ...     index=["Quay", "Mill"],
    ... )
    >>> conflicts(rows)
    {('Quay', 'Mill'): 'Quay excludes Mill'}
    """
    order = {name: number for number, name in enumerate(projects.index)}
    found: dict[tuple[str, str], str] = {}
    for first, second, reason in _reasons(projects):
        if first != second:
            pair = (first, second) if order[first] < order[second] else (second, first)
            found.setdefault(pair, reason)
    return found


def _reasons(projects: pd.DataFrame) -> Iterator[tuple[str, str, str]]:
    for head, rows in projects.groupby(families(projects), sort=False):
        for first, second in combinations(rows.index, 2):
            yield first, second, f"{first} and {second} are variants of {head}"
    grouped = projects[projects["exclusive_group"] != ""]
    for group, rows in grouped.groupby("exclusive_group", sort=False):
        for first, second in combinations(rows.index, 2):
            yield first, second, f"{first} and {second} are in the exclusive group {group!r}"
    for own, text in projects["excludes"].items():
        for name in names_in(text):
            for other in members(projects, name):
                yield str(own), other, f"{own} excludes {other}"


@dataclass(frozen=True)
class Clash:
    """Why a choice cannot be made.

    Parameters
    ----------
    needing : str
        Row that requires `name`, "" for a wish from the start.
    name : str
        What cannot be had.
    reason : str
        What bars it.
    """

    needing: str
    name: str
    reason: str

    def __str__(self) -> str:
        needed = f"{self.needing} requires {self.name}, but " if self.needing else ""
        return needed + self.reason


@dataclass(frozen=True)
class Relations:
    """What the rows of a table of projects demand of each other.

    Parameters
    ----------
    needs : dict
        What every row requires.
    bars : dict
        Rows that cannot be chosen beside a row, with the reason.
    """

    needs: dict[str, list[Wish]]
    bars: dict[str, dict[str, str]]

    @classmethod
    def of(cls, projects: pd.DataFrame) -> Relations:
        """Read them from a table in which no name stands twice; unknown names are left out."""
        bars: dict[str, dict[str, str]] = {name: {} for name in projects.index}
        for (first, second), reason in conflicts(projects).items():
            bars[first][second] = bars[second][first] = reason
        needs = {
            own: wishes(projects, names_in(text)) for own, text in projects["requires"].items()
        }
        return cls(needs, bars)

    def settle(self, wanted: Iterable[Wish]) -> tuple[list[str], Clash | None]:
        """Choose what certain wishes leave no choice about (unit propagation).

        Parameters
        ----------
        wanted : iterable of (name, rows)
            Of each at least one row shall be chosen.

        Returns
        -------
        chosen : list of str
            Rows that must be chosen, as far as was seen before a clash.
        clash : Clash or None
            A wish that cannot be fulfilled. None does not prove that all can: where several
            rows would do, none is tried.
        """
        pending = [("", *wish) for wish in wanted]
        chosen: dict[str, None] = {}
        barred: dict[str, str] = {}
        moved = True
        while moved:
            moved = False
            for needing, name, rows in pending:
                free = [row for row in rows if row not in barred]
                if not free:
                    return list(chosen), Clash(needing, name, barred[rows[0]])
                if len(free) == 1 and free[0] not in chosen:
                    chosen[free[0]] = None
                    barred = {**self.bars[free[0]], **barred}
                    pending += [(free[0], *wish) for wish in self.needs[free[0]]]
                    moved = True
                    break
        return list(chosen), None


def wishes(projects: pd.DataFrame, names: Iterable[str]) -> list[Wish]:
    """Names with the rows that they mean; names that mean none are left out."""
    meant = [(name, tuple(members(projects, name))) for name in names]
    return [(name, rows) for name, rows in meant if rows]


def table_of(projects: Sheet) -> pd.DataFrame:
    """Rows of a sheet by name, with their place in the sheet as column `row`.

    Rows without a name and all but the first of a name are left out; they have been reported.
    """
    rows = projects.rows.assign(row=projects.rows.index)
    return rows[rows["name"] != ""].drop_duplicates("name").set_index("name")
