"""What hangs on each bridge: the buses that a single outage cuts off, whatever the rest can do."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
import pypsa
from numpy.typing import NDArray

from gridplan.grid.topology import Topology

Array = NDArray[np.float64]
Positions = NDArray[np.int64]


def possible_supply_mw(
    network: pypsa.Network, buses: pd.Index, carrier: str | None = None
) -> Array:
    """Add up the largest possible generation of the year at every bus.

    Parameters
    ----------
    network : pypsa.Network
        Its active generators count with p_nom x the highest p_max_pu.
    buses : pandas.Index
        Order of the N buses.
    carrier : str, optional
        Count this carrier only.

    Returns
    -------
    ndarray, shape (N,)
        MW.
    """
    table = network.c.generators.static
    table = table[table["active"].astype(bool)]
    if carrier is not None:
        table = table[table["carrier"] == carrier]
    per_unit = network.get_switchable_as_dense("Generator", "p_max_pu", inds=table.index)
    largest = per_unit.to_numpy(dtype=float).max(axis=0, initial=0.0)
    supply = np.zeros(len(buses))
    np.add.at(supply, buses.get_indexer(table["bus"]), largest * table["p_nom"].to_numpy(float))
    return supply


def behind_bridges(topology: Topology, supply_mw: Array) -> dict[int, Positions]:
    """Find the buses that each bridge supplies.

    Parameters
    ----------
    topology : Topology
        N buses, L branches.
    supply_mw : ndarray, shape (N,)
        Largest possible generation at the buses (MW).

    Returns
    -------
    dict of int to ndarray of int
        Position of a bridge: positions of the buses behind it, ascending.

    Notes
    -----
    "Behind" is the side that can generate less; where both can generate as much, the side with
    fewer buses. Bridges in a row each have all buses behind them. A bridge lies on every spanning
    tree, so that one depth-first search gives both sides of all bridges: the buses below it follow
    each other in the order of the search.

    Examples
    --------
    >>> topology = topology_of(network)  # doctest: +SKIP
    >>> behind_bridges(topology, possible_supply_mw(network, topology.buses))  # doctest: +SKIP
    """
    order, parent, size = _search(topology)
    place = np.argsort(order)
    found = {}
    for bridge in np.flatnonzero(topology.bridge).tolist():
        ends = int(topology.from_bus[bridge]), int(topology.to_bus[bridge])
        lower = ends[1] if parent[ends[1]] == ends[0] else ends[0]
        below = np.sort(order[place[lower] : place[lower] + size[lower]])
        island = np.flatnonzero(topology.island == topology.island[lower])
        above = np.setdiff1d(island, below, assume_unique=True)
        sides = [below, above] if lower == ends[0] else [above, below]
        found[bridge] = min(sides, key=lambda side: (round(supply_mw[side].sum(), 6), len(side)))
    return found


def radial_buses(topology: Topology, supply_mw: Array) -> NDArray[np.bool_]:
    """Mark the buses behind a bridge: they are supplied without N-1.

    Parameters
    ----------
    topology : Topology
        N buses.
    supply_mw : ndarray, shape (N,)
        Largest possible generation at the buses (MW), as `possible_supply_mw` gives it.

    Returns
    -------
    ndarray of bool, shape (N,)
    """
    radial = np.zeros(len(topology.buses), dtype=bool)
    for behind in behind_bridges(topology, supply_mw).values():
        radial[behind] = True
    return radial


def _search(topology: Topology) -> tuple[Positions, Positions, Positions]:
    """Buses in the order of a depth-first search, and each one's parent and number below it."""
    count = len(topology.buses)
    graph = nx.Graph()
    graph.add_nodes_from(range(count))
    ends = zip(topology.from_bus.tolist(), topology.to_bus.tolist(), strict=True)
    graph.add_edges_from(ends)
    order: list[int] = []
    parent, size = np.full(count, -1), np.ones(count, dtype=np.int64)
    for root in np.unique(topology.island, return_index=True)[1].tolist():
        order.append(root)
        for bus, next_bus in nx.dfs_edges(graph, root):
            parent[next_bus] = bus
            order.append(next_bus)
    for bus in reversed(order):
        if parent[bus] >= 0:
            size[parent[bus]] += size[bus]
    return np.array(order), parent, size
