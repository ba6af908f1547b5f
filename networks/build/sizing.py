"""Sizes of the regional lines and of all transformers.

Rule: start with the smallest size everywhere; compute the DC flows of all 8,760 hours of the base
case (schedules as they stand, no redispatch), without and with each single outage; where the
worst flow of a corridor exceeds its target share of the rating, take the next standard size;
repeat until nothing changes. Then try one size less, corridor by corridor, and keep what still
meets the targets. Targets: 90 %; in documented weak places 105 %, so that they stay weak; for a
radial that carries only power plants 100 %. Bridges are no outages (what lies behind is lost).

Parallel circuits are equal, so one of each corridor stands for all: with Φ = flow of one circuit
per MW between the ends of another and n circuits in corridor k,

* f_l(k out) = f_l + Φ_lk / (1 − Φ_kk) f_k
* f_k(k out) = f_k / (1 − Φ_kk) for the n − 1 circuits that remain in corridor k.
"""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from networks.build.ladder import Size

Array = NDArray[np.float64]
TARGET, WEAK_TARGET, PLANT_TARGET = 0.90, 1.05, 1.00
BLOCK = 512
MOST_ROUNDS = 200
SURELY_NEEDED = 0.85  # of the target; no use in trying less above that


@dataclass(frozen=True)
class Corridors:
    """Corridors (lines or transformer stations) and the sizes that each may have.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns bus0, bus1, kv, length (km; NaN for transformers), weak.
    sizes : list of list of Size
        For each corridor, ascending; a fixed corridor has one.
    """

    table: pd.DataFrame
    sizes: list[list[Size]]

    def reactance(self, step: NDArray[np.int64]) -> Array:
        """Reactance of one circuit of each corridor on 1 MVA (per unit)."""
        length, kv = self.table["length"].to_numpy(), self.table["kv"].to_numpy()
        chosen = self.chosen(step)
        return np.array(
            [
                size.x / size.s_nom if np.isnan(km) else size.x * km / level**2
                for size, km, level in zip(chosen, length, kv, strict=True)
            ]
        )

    def chosen(self, step: NDArray[np.int64]) -> list[Size]:
        """Return the size of each corridor at a step of its ladder."""
        return [sizes[i] for sizes, i in zip(self.sizes, step, strict=True)]


def grown(corridors: Corridors, buses: pd.Index, injection_mw: Array, load: set[str]) -> list[Size]:
    """Return the smallest sizes that meet the rule.

    Parameters
    ----------
    corridors : Corridors
        All branches of the grid.
    buses : pandas.Index
        Bus names.
    injection_mw : ndarray, shape (T, N)
        Generation less load of each bus and hour (MW).
    load : set of str
        Buses with load.
    """
    target = _targets(corridors.table, load)
    top = np.array([len(sizes) - 1 for sizes in corridors.sizes])
    step = np.zeros(len(top), dtype=np.int64)
    for _ in range(MOST_ROUNDS):
        loading = worst_loading(corridors, step, buses, injection_mw) / target
        over = (loading > 1.0) & (step < top)
        if not over.any():
            break
        worst = loading[over].max()
        step += over & (loading > max(1.0, 0.7 * worst))
    return corridors.chosen(_trimmed(corridors, step, buses, injection_mw, target))


def _trimmed(
    corridors: Corridors,
    step: NDArray[np.int64],
    buses: pd.Index,
    injection_mw: Array,
    target: Array,
) -> NDArray[np.int64]:
    """Take back sizes that the growth of others has made needless."""
    loading = worst_loading(corridors, step, buses, injection_mw) / target
    limit = np.maximum(loading, 1.0) + 1e-9  # what cannot be met may not get worse
    for corridor in np.argsort(loading, kind="stable"):
        while step[corridor] > 0 and loading[corridor] < SURELY_NEEDED:
            less = step.copy()
            less[corridor] -= 1
            trial = worst_loading(corridors, less, buses, injection_mw) / target
            if (trial > limit).any():
                break
            step, loading = less, trial
    return step


def worst_loading(
    corridors: Corridors, step: NDArray[np.int64], buses: pd.Index, injection_mw: Array
) -> Array:
    """Highest flow of each corridor over all hours and outages, as a share of its rating."""
    sizes = corridors.chosen(step)
    circuits = np.array([size.circuits for size in sizes])
    rating = np.array([size.s_nom for size in sizes])
    ends = [buses.get_indexer(corridors.table[end]) for end in ("bus0", "bus1")]
    ptdf = _ptdf(ends, corridors.reactance(step), circuits, len(buses))
    between = ptdf[:, ends[0]] - ptdf[:, ends[1]]
    lost = np.flatnonzero(~_bridges(corridors.table, circuits))
    own = between[lost, lost]
    moved = between[:, lost] / (
        1 - own
    )  # on the diagonal: the circuits that remain beside the lost
    single = circuits[lost] == 1
    moved[lost[single], np.flatnonzero(single)] = 0.0  # nothing remains in that corridor
    worst = np.zeros(len(rating))
    for start in range(0, len(injection_mw), BLOCK):
        flow = injection_mw[start : start + BLOCK] @ ptdf.T
        worst = np.maximum(worst, _worst_after(flow, lost, moved))
    return worst / rating


def _worst_after(flow: Array, lost: NDArray[np.int64], moved: Array) -> Array:
    """Highest flow of each corridor in a block of hours, over no outage and each outage (MW)."""
    outaged = np.ascontiguousarray(flow[:, lost])
    change = np.empty_like(outaged)
    worst = np.abs(flow).max(axis=0)
    for branch, share in enumerate(moved):
        np.multiply(outaged, share, out=change)
        change += flow[:, branch : branch + 1]
        worst[branch] = max(worst[branch], change.max(), -change.min())
    return worst


def _ptdf(
    ends: list[NDArray[np.int64]], reactance: Array, circuits: NDArray[np.int64], count: int
) -> Array:
    """Flow of one circuit of each corridor per MW injected at each bus, shape (L, N)."""
    rows = np.arange(len(reactance))
    incidence = np.zeros((len(rows), count))
    incidence[rows, ends[0]], incidence[rows, ends[1]] = 1.0, -1.0
    weight = 1.0 / reactance
    susceptance = incidence.T @ ((weight * circuits)[:, None] * incidence)
    ptdf = np.zeros_like(incidence)
    angles = np.linalg.solve(susceptance[1:, 1:], np.eye(count - 1))
    ptdf[:, 1:] = (weight[:, None] * incidence)[:, 1:] @ angles
    return ptdf


def _bridges(table: pd.DataFrame, circuits: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Mark corridors whose loss splits the grid."""
    graph = nx.MultiGraph()
    for bus0, bus1, count in zip(table["bus0"], table["bus1"], circuits, strict=True):
        graph.add_edges_from([(bus0, bus1)] * int(count))
    single = {frozenset(e) for e in nx.bridges(nx.Graph(graph)) if graph.number_of_edges(*e) == 1}
    pairs = zip(table["bus0"], table["bus1"], strict=True)
    return np.array([frozenset(pair) in single for pair in pairs])


def _targets(table: pd.DataFrame, load: set[str]) -> Array:
    """Share of the rating that each corridor may be loaded to."""
    graph = nx.Graph(list(zip(table["bus0"], table["bus1"], strict=True)))
    bridges = {frozenset(edge) for edge in nx.bridges(graph)}
    target = np.where(table["weak"].astype(bool), WEAK_TARGET, TARGET)
    for i, pair in enumerate(zip(table["bus0"], table["bus1"], strict=True)):
        if frozenset(pair) in bridges:
            cut = graph.copy()
            cut.remove_edge(*pair)
            sides = [nx.node_connected_component(cut, bus) for bus in pair]
            if any(not side & load for side in sides):
                target[i] = max(target[i], PLANT_TARGET)
    return target


def loading_of(
    corridors: Corridors, sizes: list[Size], buses: pd.Index, injection_mw: Array
) -> Array:
    """Worst loading of corridors of given sizes (share of the rating)."""
    pairs = zip(corridors.sizes, sizes, strict=True)
    step = np.array([ladder.index(size) for ladder, size in pairs])
    return worst_loading(corridors, step, buses, injection_mw)
