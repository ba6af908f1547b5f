"""Buses and branches of a PyPSA network as arrays, with islands and bridges found on the graph.

A bridge is a branch whose outage splits the grid. Its LODF does not exist (1 − PTDF = 0, in
practice rounding noise), so bridges are found on the multigraph and never become contingencies:
two parallel circuits are no bridges.
"""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx
import numpy as np
import pandas as pd
import pypsa
from numpy.typing import NDArray

PASSIVE = {"Line": "lines", "Transformer": "transformers"}


@dataclass(frozen=True)
class Topology:
    """Who is connected to whom.

    Parameters
    ----------
    buses : pandas.Index
        Bus names, N of them.
    branches : pandas.DataFrame
        Index: name of the line or transformer, unique over both, L of them. Columns: component,
        bus0, bus1, x_pu (reactance on 1 MVA, tap included), shift_rad, s_nom (MVA).
    from_bus, to_bus : ndarray of int, shape (L,)
        Positions of the ends in `buses`.
    island : ndarray of int, shape (N,)
        Number of the synchronous area that each bus belongs to.
    bridge : ndarray of bool, shape (L,)
        True where an outage splits an island.
    """

    buses: pd.Index
    branches: pd.DataFrame
    from_bus: NDArray[np.int64]
    to_bus: NDArray[np.int64]
    island: NDArray[np.int64]
    bridge: NDArray[np.bool_]

    @property
    def islands(self) -> int:
        """Number of synchronous areas."""
        return int(self.island.max()) + 1

    def sum_by_island(self, at_bus: NDArray[np.float64]) -> NDArray[np.float64]:
        """Add up what stands at the buses of every island, shape (T, N) to (T, islands)."""
        members = [self.island == number for number in range(self.islands)]
        return np.stack([at_bus[:, inside].sum(axis=1) for inside in members], axis=1)


def topology_of(network: pypsa.Network) -> Topology:
    """Read the active passive branches of a network.

    Parameters
    ----------
    network : pypsa.Network
        Line and transformer names must be unique over both tables.

    Returns
    -------
    Topology
    """
    buses = network.c.buses.static.index
    branches = _branches(network)
    from_bus = buses.get_indexer(branches["bus0"])
    to_bus = buses.get_indexer(branches["bus1"])
    graph = nx.MultiGraph()
    graph.add_nodes_from(range(len(buses)))
    graph.add_edges_from(zip(from_bus.tolist(), to_bus.tolist(), strict=True))
    island = np.empty(len(buses), dtype=np.int64)
    for number, members in enumerate(nx.connected_components(graph)):
        island[list(members)] = number
    return Topology(buses, branches, from_bus, to_bus, island, _bridges(graph, from_bus, to_bus))


def _branches(network: pypsa.Network) -> pd.DataFrame:
    """Collect active lines and transformers with their effective reactance per unit."""
    network.calculate_dependent_values()
    tables = []
    for component, list_name in PASSIVE.items():
        table = getattr(network.c, list_name).static
        table = table[table["active"].astype(bool)]
        shift = table.get("phase_shift", 0.0)
        tables.append(
            table[["bus0", "bus1", "s_nom"]].assign(
                component=component,
                x_pu=table["x_pu_eff"].astype(float),
                shift_rad=np.deg2rad(np.asarray(shift, dtype=float)),
            )
        )
    return pd.concat(tables).rename_axis("branch")


def _bridges(
    graph: nx.MultiGraph, from_bus: NDArray[np.int64], to_bus: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Mark the branches that are the only connection between their two sides."""
    simple = nx.Graph(graph)
    simple.remove_edges_from(nx.selfloop_edges(simple))
    single = {frozenset(edge) for edge in nx.bridges(simple) if graph.number_of_edges(*edge) == 1}
    ends = zip(from_bus.tolist(), to_bus.tolist(), strict=True)
    return np.array([frozenset(edge) in single for edge in ends], dtype=bool)
