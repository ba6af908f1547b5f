"""Buses that a single branch supplies: they are without N-1, whatever the rest can do."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd

from gridplan.check.evidence import Evidence, Positions, graph_of

SOME_LOAD_MW = 1e-3


def without_n1(evidence: Evidence) -> pd.DataFrame:
    """Describe what hangs on each bridge.

    Parameters
    ----------
    evidence : Evidence
        The network with its dispatch.

    Returns
    -------
    pandas.DataFrame
        Index: bridge branch. Columns: buses (behind it, separated by "; "), bus_count, peak_mw
        (highest load there), hours (with load), generation_mw (highest dispatch there), supply_mw
        (largest possible generation there). Sorted by peak_mw, largest first.

    Notes
    -----
    "Behind" is the side that can generate less; where both can generate as much, the side with
    fewer buses. Bridges in a row each list all buses behind them.
    """
    bridges = np.flatnonzero(evidence.bridge)
    graph = graph_of(len(evidence.buses), evidence.from_bus, evidence.to_bus)
    rows = [_row(evidence, _behind(evidence, graph, int(bridge))) for bridge in bridges]
    columns = ["buses", "bus_count", "peak_mw", "hours", "generation_mw", "supply_mw"]
    table = pd.DataFrame(rows, columns=columns, index=evidence.branches.index[bridges])
    return table.sort_values("peak_mw", ascending=False, kind="stable")


def _behind(evidence: Evidence, graph: nx.MultiGraph, bridge: int) -> Positions:
    """Buses that the bridge supplies."""
    ends = int(evidence.from_bus[bridge]), int(evidence.to_bus[bridge])
    graph.remove_edge(*ends, key=bridge)
    sides = [np.array(sorted(nx.node_connected_component(graph, end))) for end in ends]
    graph.add_edge(*ends, key=bridge)
    return min(sides, key=lambda side: (round(evidence.supply_mw[side].sum(), 6), len(side)))


def _row(evidence: Evidence, side: Positions) -> dict[str, object]:
    """Load and generation at stake behind one bridge."""
    load = evidence.load_mw[side].sum(axis=0)
    return {
        "buses": "; ".join(evidence.buses[side]),
        "bus_count": len(side),
        "peak_mw": float(load.max()),
        "hours": int((load > SOME_LOAD_MW).sum()),
        "generation_mw": float(evidence.generation_mw[side].sum(axis=0).max()),
        "supply_mw": float(evidence.supply_mw[side].sum()),
    }
