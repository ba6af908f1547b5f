"""Listed outages: several branches that one fault takes out together (double circuits, busbars).

Each is a contingency beside the outages of single branches, whatever `unsecured` says. An outage
that splits the grid cannot be one: the load that it cuts off would have to be given up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from gridplan.base.errors import Problem
from gridplan.study.islands import islands_of
from gridplan.study.sheet import Sheet, suggestion
from gridplan.study.tables import names_in

NAMED_BUSES = 6  # that a message lists


def listed_outages(outages: pd.DataFrame) -> dict[str, list[str]]:
    """Branches of every listed outage.

    Parameters
    ----------
    outages : pandas.DataFrame
        Indexed by name, with a column `branches`.

    Returns
    -------
    dict
        Names of the branches, in the order of the table.
    """
    return {str(name): names_in(text) for name, text in outages["branches"].items()}


def with_branches_left(outages: pd.DataFrame, branches: Sequence[str]) -> pd.DataFrame:
    """Outages in a grid that has lost branches: what is left of each, if it is two or more.

    A single branch that is left is a contingency of its own.

    Parameters
    ----------
    outages : pandas.DataFrame
        Indexed by name, with a column `branches`.
    branches : sequence of str
        Branches that the grid has.

    Returns
    -------
    pandas.DataFrame
    """
    left = {
        name: [branch for branch in named if branch in branches]
        for name, named in listed_outages(outages).items()
    }
    kept = [name for name, named in left.items() if len(named) > 1]
    return outages.loc[kept].assign(branches=["; ".join(left[name]) for name in kept])


def outage_problems(outages: Sheet, buses: pd.Index, ends: pd.DataFrame) -> list[Problem]:
    """Report outages that name something unknown, too few branches, or that split the grid.

    Parameters
    ----------
    outages : Sheet
        Table of the outages.
    buses : pandas.Index
        All buses.
    ends : pandas.DataFrame
        Columns bus0 and bus1 of the active branches, by name.

    Returns
    -------
    list of Problem
    """
    problems = []
    for row, name, text in outages.rows[["name", "branches"]].itertuples():
        named = names_in(text)
        told = _name_problems(outages, row, named, ends)
        if name in ends.index:
            message, remedy = "a branch has this name", "Give the outage a name of its own."
            told.append(outages.problem(row, "name", name, message, remedy))
        if not told:
            told = _split_problems(outages, row, named, (buses, ends))
        problems += told
    return problems


def _name_problems(outages: Sheet, row: int, named: list[str], ends: pd.DataFrame) -> list[Problem]:
    """Report the branches of one outage."""
    otherwise = "Name active lines or transformers of the network."
    problems = [
        outages.problem(
            row,
            "branches",
            branch,
            "unknown or inactive branch",
            suggestion(branch, ends.index, otherwise),
        )
        for branch in dict.fromkeys(named)
        if branch not in ends.index
    ]
    twice = sorted({branch for branch in named if named.count(branch) > 1})
    if twice:
        remedy = "Name it once."
        problems.append(outages.problem(row, "branches", twice[0], "a branch stands twice", remedy))
    elif len(named) < 2:
        message = "an outage of several branches needs two at least"
        remedy = 'Write "branch; branch"; every single branch is an outage anyway.'
        problems.append(outages.problem(row, "branches", "; ".join(named), message, remedy))
    return problems


def _split_problems(
    outages: Sheet, row: int, named: list[str], grid: tuple[pd.Index, pd.DataFrame]
) -> list[Problem]:
    """Report the buses that one outage would cut off."""
    cut_off = buses_cut_off(*grid, named)
    if not cut_off:
        return []
    more = f" and {len(cut_off) - NAMED_BUSES} more" if len(cut_off) > NAMED_BUSES else ""
    message = f"the outage splits the grid: it cuts off {', '.join(cut_off[:NAMED_BUSES])}{more}"
    remedy = "Leave out the branches that are the only way there; N-1 cannot hold behind them."
    return [outages.problem(row, "branches", "; ".join(named), message, remedy)]


def buses_cut_off(buses: pd.Index, ends: pd.DataFrame, lost: Sequence[str]) -> list[str]:
    """Buses that lose their connection to the largest part of their island.

    Parameters
    ----------
    buses : pandas.Index
        All buses.
    ends : pandas.DataFrame
        Columns bus0 and bus1 of the branches, by name.
    lost : sequence of str
        Branches that are out.

    Returns
    -------
    list of str
        In the order of the buses.
    """
    before = islands_of(buses, ends["bus0"], ends["bus1"])
    left = ends[~ends.index.isin(lost)]
    after = islands_of(buses, left["bus0"], left["bus1"])
    size = after.map(after.value_counts())
    first = size.groupby(before).idxmax()  # a bus of the largest part of every island
    return [str(bus) for bus in buses[(after != before.map(first).map(after)).to_numpy()]]


def active_ends(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Gather the ends of active lines and transformers, by name; without `active` all are."""
    parts = []
    for table in tables.values():
        active = table["active"].astype(bool) if "active" in table else slice(None)
        parts.append(table.loc[active, ["bus0", "bus1"]])
    return pd.concat(parts)
