"""Islands of a network, and whether each can be balanced at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gridplan.base.errors import Problem

Array = NDArray[np.float64]
TOLERANCE_MW = 1e-6


def islands_of(buses: pd.Index, bus0: pd.Series, bus1: pd.Series) -> pd.Series:
    """Find the islands that branches make of the buses.

    Parameters
    ----------
    buses : pandas.Index
        All buses.
    bus0, bus1 : pandas.Series
        Ends of the branches; branches with an unknown end are left out.

    Returns
    -------
    pandas.Series
        Island of every bus, 0, 1, ….
    """
    start, end = buses.get_indexer(bus0), buses.get_indexer(bus1)
    known = (start >= 0) & (end >= 0)
    ones = np.ones(known.sum())
    shape = (len(buses), len(buses))
    graph = coo_array((ones, (start[known], end[known])), shape=shape)
    _, island = connected_components(graph, directed=False)
    return pd.Series(island, index=buses, name="island")


def by_island(power_mw: pd.DataFrame, bus: pd.Series, island: pd.Series) -> Array:
    """Sum loads or generators by island.

    Parameters
    ----------
    power_mw : pandas.DataFrame
        Snapshot x name (MW).
    bus : pandas.Series
        Bus of every name.
    island : pandas.Series
        Island of every bus.

    Returns
    -------
    ndarray, shape (T, islands)
    """
    where = bus.reindex(power_mw.columns).map(island).to_numpy()
    member = where[:, None] == np.arange(island.max() + 1)
    return power_mw.to_numpy(dtype=float) @ member.astype(float)


@dataclass(frozen=True)
class Supply:
    """Load and limits of generation by island and hour, all of shape (T, islands), in MW."""

    load_mw: Array
    lowest_mw: Array
    highest_mw: Array


def supply_problems(island: pd.Series, hours: pd.DatetimeIndex, supply: Supply) -> list[Problem]:
    """Report islands that no dispatch can balance.

    Parameters
    ----------
    island : pandas.Series
        Island of every bus.
    hours : pandas.DatetimeIndex
        T hours.
    supply : Supply
        What they need and have.

    Returns
    -------
    list of Problem
        At most one for shortage and one for surplus in each island.
    """
    problems = []
    for number in range(supply.load_mw.shape[1]):
        place = _named(island.index[island == number], len(island))
        load = supply.load_mw[:, number]
        highest, lowest = supply.highest_mw[:, number], supply.lowest_mw[:, number]
        if (load > TOLERANCE_MW).any() and not (highest > TOLERANCE_MW).any():
            remedy = "Connect the island by a line or transformer, or add a generator to it."
            found = f"load up to {load.max():,.1f} MW"
            problems.append(Problem("", place, "", found, "island without supply", remedy))
        elif (load - highest > TOLERANCE_MW).any():
            remedy = "Add generation or import, or correct the load."
            message = "the generators cannot cover the load"
            problems.append(Problem("", place, "", _worst(hours, load - highest), message, remedy))
        if (lowest - load > TOLERANCE_MW).any():
            remedy = "Add export or load, or let generators run lower."
            message = "the generators cannot run low enough"
            problems.append(Problem("", place, "", _worst(hours, lowest - load), message, remedy))
    return problems


def _named(members: pd.Index, total: int) -> str:
    if len(members) == total:
        return "whole network"
    few = ", ".join(map(str, members[:3]))
    more = f" and {len(members) - 3} more" if len(members) > 3 else ""
    return f"island of {few}{more}"


def _worst(hours: pd.DatetimeIndex, over_mw: Array) -> str:
    count = int((over_mw > TOLERANCE_MW).sum())
    worst = int(over_mw.argmax())
    return f"{over_mw[worst]:,.1f} MW at {hours[worst]:%Y-%m-%d %H:%M}, {count} hours"
