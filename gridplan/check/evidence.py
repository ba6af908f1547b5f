"""What the network itself says: graph, islands, bridges, injections and ratings.

Branches are the active lines and transformers; susceptances are on 1 MVA, so that an angle
difference in radians times a susceptance is a flow in MW. Positions are used throughout:
N buses, L branches, T hours.
"""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx
import numpy as np
import pandas as pd
import pypsa
from numpy.typing import NDArray

from gridplan.base.errors import Problem, StudyError
from gridplan.check.conditional import released_mw
from gridplan.check.refusals import BRANCHES, refuse, refuse_reactances
from gridplan.check.replica import at_buses, incidence, replica

Array = NDArray[np.float64]
Positions = NDArray[np.int64]
ALLOWED = ("branch", "snapshot", "limit_mw", "after_outage")  # columns of flows that may stay


@dataclass(frozen=True)
class Evidence:
    """One network with its dispatch, as arrays.

    Parameters
    ----------
    snapshots : pandas.DatetimeIndex
        T hours.
    buses : pandas.Index
        N bus names.
    branches : pandas.DataFrame
        Index: L names of lines, then transformers; columns component, bus0, bus1, x_pu and r_pu
        (effective, on 1 MVA), phase_shift (degrees).
    from_bus, to_bus : ndarray of int, shape (L,)
        Positions of the ends.
    susceptance : ndarray, shape (L,)
        MW per radian, tap ratio included.
    shift_rad : ndarray, shape (L,)
        Phase shift (rad); the flow is susceptance x (angle at bus0 − angle at bus1 − shift).
    rating_mw : ndarray, shape (L, T)
        s_nom x s_max_pu (MW).
    emergency_factor : ndarray, shape (L,)
        What a branch may carry after an outage, per unit of its rating; 1 where none is stated.
    generation_mw, load_mw : ndarray, shape (N, T)
        Dispatch and load at the buses (MW).
    released_mw : ndarray, shape (N, T), optional
        Change of the injections once conditional load is disconnected, as it is after every outage
        (MW); None where no load is conditional.
    supply_mw : ndarray, shape (N,)
        Largest possible generation of the year at the buses (MW).
    island : ndarray of int, shape (N,)
        Number of the island of each bus.
    reference : ndarray of int, shape (islands,)
        Bus of the island's first generator: takes up what does not balance, as `n.lpf` has it.
    bridge : ndarray of bool, shape (L,)
        True where an outage splits an island.
    """

    snapshots: pd.DatetimeIndex
    buses: pd.Index
    branches: pd.DataFrame
    from_bus: Positions
    to_bus: Positions
    susceptance: Array
    shift_rad: Array
    rating_mw: Array
    emergency_factor: Array
    generation_mw: Array
    load_mw: Array
    supply_mw: Array
    island: Positions
    reference: Positions
    bridge: NDArray[np.bool_]
    released_mw: Array | None = None

    @property
    def injection_mw(self) -> Array:
        """Generation less load at every bus (MW), shape (N, T)."""
        return self.generation_mw - self.load_mw


@dataclass(frozen=True)
class Limits:
    """What each branch may carry.

    Parameters
    ----------
    before_mw, after_mw : ndarray, shape (L, T)
        Without outage and after any (MW).
    """

    before_mw: Array
    after_mw: Array

    def at(self, branch: Positions, hour: Positions, outages: int) -> Array:
        """Limits of single branches in single hours, without outage and after each (V, 1 + K)."""
        after = np.repeat(self.after_mw[branch, hour][:, None], outages, axis=1)
        return np.column_stack([self.before_mw[branch, hour], after])


def evidence_of(network: pypsa.Network) -> Evidence:
    """Read a network; nothing is taken over from the optimiser.

    Parameters
    ----------
    network : pypsa.Network
        With the dispatch in `generators_t.p_set` and the load in `loads_t.p_set`.

    Returns
    -------
    Evidence

    Raises
    ------
    StudyError
        Where a value is missing or a component is not covered by a certificate.
    """
    refuse(network)
    branches = branches_of(network)
    refuse_reactances(branches["x_pu"])
    buses = network.c.buses.static.index
    from_bus, to_bus = buses.get_indexer(branches["bus0"]), buses.get_indexer(branches["bus1"])
    graph = graph_of(len(buses), from_bus, to_bus)
    island = islands_of(graph)
    return Evidence(
        snapshots=pd.DatetimeIndex(network.snapshots),
        buses=buses,
        branches=branches,
        from_bus=from_bus,
        to_bus=to_bus,
        susceptance=1.0 / branches["x_pu"].to_numpy(),
        shift_rad=np.deg2rad(branches["phase_shift"].to_numpy()),
        rating_mw=ratings_mw(network),
        emergency_factor=_emergency_factors(network),
        generation_mw=at_buses(network, "Generator", buses),
        load_mw=-at_buses(network, "Load", buses),
        supply_mw=_supply_mw(network, buses),
        island=island,
        reference=_references(network, buses, island),
        bridge=_bridges(graph, len(branches)),
        released_mw=released_mw(network, buses, island),
    )


def graph_of(buses: int, from_bus: Positions, to_bus: Positions) -> nx.MultiGraph:
    """Multigraph of the branches; each edge's key is the position of its branch."""
    graph = nx.MultiGraph()
    graph.add_nodes_from(range(buses))
    ends = zip(from_bus.tolist(), to_bus.tolist(), strict=True)
    graph.add_edges_from((a, b, position) for position, (a, b) in enumerate(ends))
    return graph


def ratings_of(evidence: Evidence) -> Limits:
    """Limits without any existing overload."""
    rating = evidence.rating_mw
    return Limits(rating, rating * evidence.emergency_factor[:, None])


def limits_of(evidence: Evidence, allowed_mw: pd.DataFrame | None) -> Limits:
    """Ratings, or the allowed flow of that branch and hour where it is larger.

    Parameters
    ----------
    evidence : Evidence
        Supplies the ratings.
    allowed_mw : pandas.DataFrame or None
        Columns branch, snapshot, limit_mw (MW), after_outage: overloads that already exist. A row
        holds after outages (True) or without one (False).

    Returns
    -------
    Limits

    Raises
    ------
    StudyError
        Where a column is missing or a row names no limit.
    """
    rating = ratings_of(evidence)
    if allowed_mw is None or allowed_mw.empty:
        return rating
    missing = [name for name in ALLOWED if name not in allowed_mw]
    if missing:
        raise StudyError([_missing_column(name) for name in missing])
    branch = evidence.branches.index.get_indexer(allowed_mw["branch"])
    hour = evidence.snapshots.get_indexer(pd.DatetimeIndex(allowed_mw["snapshot"]))
    value = allowed_mw["limit_mw"].to_numpy(dtype=float)
    bad = np.flatnonzero((branch < 0) | (hour < 0) | ~np.isfinite(value))
    if len(bad):
        raise StudyError([_bad_allowance(allowed_mw.iloc[row]) for row in bad[:20]])
    limit = Limits(rating.before_mw.copy(), rating.after_mw.copy())
    after = allowed_mw["after_outage"].to_numpy(dtype=bool)
    for side, rows in ((limit.before_mw, ~after), (limit.after_mw, after)):
        np.maximum.at(side, (branch[rows], hour[rows]), value[rows])
    return limit


def _missing_column(name: str) -> Problem:
    """Say which column the allowed flows lack."""
    message = "is missing; every row states branch, hour, limit and whether it is after an outage"
    return Problem("", "allowed_mw", name, "", message, f"Add the columns {', '.join(ALLOWED)}.")


def _bad_allowance(row: pd.Series) -> Problem:
    """Say which row of the allowed flows cannot be used."""
    return Problem(
        "",
        f"allowed_mw of {row['branch']} at {row['snapshot']}",
        "limit_mw",
        str(row["limit_mw"]),
        "needs an active branch, an hour of the network and a finite limit",
        "Correct or remove the row.",
    )


def branches_of(network: pypsa.Network) -> pd.DataFrame:
    """List active lines and transformers as in `Evidence.branches`."""
    bare = replica(network, np.array([0]))
    bare.calculate_dependent_values()
    tables = []
    for component in BRANCHES:
        table = bare.c[component].static
        table = table[table["active"].astype(bool)]
        shift = table["phase_shift"] if component == "Transformer" else 0.0
        tables.append(
            table[["bus0", "bus1"]].assign(
                component=component,
                x_pu=table["x_pu_eff"].astype(float),
                r_pu=table["r_pu_eff"].astype(float),
                phase_shift=np.asarray(shift, dtype=float),
            )
        )
    return pd.concat([table for table in tables if len(table)] or tables).rename_axis("branch")


def ratings_mw(network: pypsa.Network) -> Array:
    """s_nom x s_max_pu of every active branch (MW), shape (L, T)."""
    parts = []
    for component in BRANCHES:
        table = network.c[component].static
        table = table[table["active"].astype(bool)]
        per_unit = network.get_switchable_as_dense(component, "s_max_pu", inds=table.index)
        parts.append(table["s_nom"].to_numpy(dtype=float)[:, None] * per_unit.to_numpy(float).T)
    return np.vstack(parts)


def _emergency_factors(network: pypsa.Network) -> Array:
    """Column emergency_factor of every active branch, 1 where it says nothing, shape (L,)."""
    parts = []
    for component in BRANCHES:
        table = network.c[component].static
        table = table[table["active"].astype(bool)]
        stated = table.get("emergency_factor", pd.Series(np.nan, index=table.index))
        parts.append(stated.astype(float).fillna(1.0).to_numpy())
    return np.concatenate(parts)


def _supply_mw(network: pypsa.Network, buses: pd.Index) -> Array:
    """Largest possible generation of the year at the buses (MW), shape (N,)."""
    table = network.c.generators.static
    table = table[table["active"].astype(bool)]
    per_unit = network.get_switchable_as_dense("Generator", "p_max_pu", inds=table.index)
    largest = per_unit.to_numpy(dtype=float).max(axis=0, initial=0.0)
    return incidence(table, largest * table["p_nom"].to_numpy(dtype=float), buses).sum(axis=1)


def islands_of(graph: nx.MultiGraph) -> Positions:
    """Give every bus the number of its island, in the order of the islands' first buses."""
    island = np.empty(graph.number_of_nodes(), dtype=np.int64)
    for number, members in enumerate(nx.connected_components(graph)):
        island[list(members)] = number
    return island


def _references(network: pypsa.Network, buses: pd.Index, island: Positions) -> Positions:
    """Bus of the first active generator of each island, its first bus where there is none."""
    table = network.c.generators.static
    at = buses.get_indexer(table.loc[table["active"].astype(bool), "bus"])
    candidates = np.concatenate([at, np.arange(len(buses))])
    _, first = np.unique(island[candidates], return_index=True)
    return candidates[first]


def _bridges(graph: nx.MultiGraph, branches: int) -> NDArray[np.bool_]:
    """Mark the branches without a parallel whose removal splits their island."""
    simple = nx.Graph(graph)
    simple.remove_edges_from(list(nx.selfloop_edges(simple)))
    bridge = np.zeros(branches, dtype=bool)
    for ends in nx.bridges(simple):
        parallel = list(graph[ends[0]][ends[1]])
        if len(parallel) == 1:
            bridge[parallel[0]] = True
    return bridge
