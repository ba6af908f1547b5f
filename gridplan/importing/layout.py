"""Places for buses that have none: a drawing of the graph, not a map.

The drawing lies in the Gulf of Guinea, around 0° N 0° E, where nobody can take it for a real place,
and every study made so says that on each of its maps. It depends on the network alone: equal
networks give equal drawings.
"""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import shortest_path
from scipy.spatial import cKDTree

Array = NDArray[np.float64]

NOTE = "The positions are a drawing of the graph, not real places: the source has none."
DRAWING = (
    "The positions are a drawing, not real places: by them lines would be longer than the source "
    "says."
)
EARTH_KM = 6371.0
DEGREES = 0.35  # between neighbours, about: 40 km
LENGTHS = 5  # so many lines with a stated length tell a drawing from a map
EXACT_UP_TO = 200  # buses; larger graphs are drawn by distances to a few of them
PIVOTS, ROUNDS, NEAR = 50, 80, 8


def drawn(buses: pd.Index, branches: pd.DataFrame) -> pd.DataFrame:
    """Draw a network.

    Parameters
    ----------
    buses : pandas.Index
        Names, N of them.
    branches : pandas.DataFrame
        Columns bus0 and bus1.

    Returns
    -------
    pandas.DataFrame
        Index bus: x and y (degrees).

    Examples
    --------
    >>> ends = pd.DataFrame({"bus0": ["A", "B"], "bus1": ["B", "C"]})
    >>> places = drawn(pd.Index(["A", "B", "C"]), ends)
    >>> bool((places.loc["A"] - places.loc["C"]).abs().max() > 0.3)
    True
    """
    graph = nx.Graph()
    graph.add_nodes_from(buses)
    graph.add_edges_from(zip(branches["bus0"], branches["bus1"], strict=True))
    places: dict[str, Array] = {}
    right = 0.0
    for part in sorted(nx.connected_components(graph), key=len, reverse=True):
        members = [bus for bus in buses if bus in part]
        xy = _part(graph.subgraph(members), members)
        width = DEGREES * np.sqrt(len(members))
        xy = xy * width / 2 + [right + width / 2, 0.0]
        right += width + DEGREES
        places |= dict(zip(members, xy, strict=True))
    table = pd.DataFrame([places[bus] for bus in buses], index=buses, columns=["x", "y"])
    table["x"] -= right / 2
    return table.clip(-60.0, 60.0).round(5)


def is_drawing(buses: pd.DataFrame, lines: pd.DataFrame) -> bool:
    """Tell whether positions are a drawing: most lines are shorter than half the way between them.

    Parameters
    ----------
    buses : pandas.DataFrame
        x and y (degrees).
    lines : pandas.DataFrame
        bus0, bus1 and length (km), 0 or NaN where it is not stated.
    """
    stated = lines[lines["length"] > 0]
    if len(stated) < LENGTHS:
        return False
    ends = [buses.loc[stated[end], ["x", "y"]].to_numpy(float) for end in ("bus0", "bus1")]
    (x0, y0), (x1, y1) = (np.radians(end).T for end in ends)
    way = EARTH_KM * np.hypot((x1 - x0) * np.cos((y0 + y1) / 2), y1 - y0)
    return bool(np.median(stated["length"].to_numpy(float) / np.maximum(way, 1e-6)) < 0.5)


def _part(graph: nx.Graph, members: list[str]) -> Array:
    """Places of one connected part, within a square from −1 to 1, shape (n, 2)."""
    if len(members) == 1:
        return np.zeros((1, 2))
    if len(members) <= EXACT_UP_TO:
        ordered = nx.Graph()  # the order of nodes and edges decides the drawing
        ordered.add_nodes_from(members)
        ordered.add_edges_from(sorted(map(sorted, graph.edges)))
        found = nx.kamada_kawai_layout(ordered)
        xy = np.array([found[bus] for bus in members])
    else:
        index = {bus: number for number, bus in enumerate(members)}
        edges = np.array(sorted(sorted((index[a], index[b])) for a, b in graph.edges))
        xy = _springs(_from_pivots(edges, len(members)), edges)
    xy = xy - (xy.max(axis=0) + xy.min(axis=0)) / 2
    return xy / max(np.abs(xy).max(), 1e-9)


def _from_pivots(edges: NDArray[np.int64], count: int) -> Array:
    """Draw by the distances to some buses far from each other (pivot MDS), shape (n, 2)."""
    ones = np.ones(len(edges))
    graph = coo_array((ones, (edges[:, 0], edges[:, 1])), shape=(count, count)).tocsr()
    far = np.full(count, np.inf)
    pivot, rows = 0, []
    for _ in range(PIVOTS):
        rows.append(shortest_path(graph, directed=False, unweighted=True, indices=pivot))
        far = np.minimum(far, rows[-1])
        pivot = int(np.argmax(far))
    squared = np.array(rows).T ** 2
    centred = squared - squared.mean(axis=0) - squared.mean(axis=1, keepdims=True) + squared.mean()
    _, _, axes = np.linalg.svd(centred.T @ centred)
    xy = centred @ axes[:2].T
    return xy * np.where(np.abs(xy).max(axis=0) == xy.max(axis=0), 1, -1)  # signs are arbitrary


def _springs(xy: Array, edges: NDArray[np.int64]) -> Array:
    """Pull neighbours together and push buses that lie close apart, shape (n, 2)."""
    lengths = np.linalg.norm(xy[edges[:, 0]] - xy[edges[:, 1]], axis=1)
    xy = xy / max(float(np.mean(lengths)), 1e-9)
    turn = np.arange(len(xy)) * 2.399963  # the golden angle: buses at one place part
    xy = xy + 0.05 * np.column_stack([np.cos(turn), np.sin(turn)])
    for number in range(ROUNDS):
        move = np.zeros_like(xy)
        pull = xy[edges[:, 1]] - xy[edges[:, 0]]
        pull *= 0.5 * np.linalg.norm(pull, axis=1, keepdims=True)
        np.add.at(move, edges[:, 0], pull)
        np.add.at(move, edges[:, 1], -pull)
        away, near = cKDTree(xy).query(xy, k=NEAR + 1)
        push = xy[:, None] - xy[near[:, 1:]]
        move += (push / np.maximum(away[:, 1:, None], 0.05) ** 2).sum(axis=1) * 0.5
        size = np.maximum(np.linalg.norm(move, axis=1, keepdims=True), 1e-9)
        xy = xy + move / size * np.minimum(size, 0.5 * (1 - number / ROUNDS))
    return xy
