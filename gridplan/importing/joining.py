"""Drawn lines as a graph: ends joined within a tolerance, stations, T-junctions, joints.

1. Ends of one voltage that coincide are one point; an end that meets none is at one with those
   within `joint_m`.
2. A point within `station_m` of a station is at the nearest one.
3. Another end that lies on a line of its voltage is a T-junction: the line is cut there; so it is
   where it passes a station that no line of its voltage ends at.
4. A point where just two pieces meet, and no station is, joins them to one line.

Parallel lines stay parallel. What is left over is told: ends in nothing, pieces within one station,
lines drawn twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree
from shapely import LineString, Point, STRtree
from shapely.ops import linemerge, substring

Node = tuple[str, int, float]  # "station" or "joint", its number, and the voltage
LEAST_M = 1.0
SAME_M = 1.0  # ends this close were drawn as one point


@dataclass(frozen=True)
class Piece:
    """A drawn line, or several in a row.

    Parameters
    ----------
    kv : float
        Voltage.
    path : shapely.LineString
        In metres.
    ids : tuple of str
        Of the drawn lines.
    names : tuple of str
        Of the drawn lines.
    overhead_m, cable_m : float
        Length.
    """

    kv: float
    path: LineString
    ids: tuple[str, ...]
    names: tuple[str, ...]
    overhead_m: float
    cable_m: float

    @property
    def length_m(self) -> float:
        """Length of the whole."""
        return self.overhead_m + self.cable_m

    def joined(self, other: Piece) -> Piece:
        """Join with a piece that meets this one at an end."""
        merged = linemerge([self.path, other.path])
        if not isinstance(merged, LineString):  # the ends lie a little apart
            merged = _bridged(self.path, other.path)
        return Piece(
            self.kv,
            merged,
            (*self.ids, *(name for name in other.ids if name not in self.ids)),
            (*self.names, *(name for name in other.names if name not in self.names)),
            self.overhead_m + other.overhead_m,
            self.cable_m + other.cable_m,
        )


def _bridged(first: LineString, second: LineString) -> LineString:
    """Join two paths at the nearest of their ends."""
    one, two = list(first.coords), list(second.coords)
    turns = [(one, two), (one, two[::-1]), (one[::-1], two), (one[::-1], two[::-1])]
    start, end = min(turns, key=lambda pair: Point(pair[0][-1]).distance(Point(pair[1][0])))
    return LineString([*start, *end])


@dataclass(frozen=True)
class Left:
    """A drawn line that did not fit.

    Parameters
    ----------
    ids : tuple of str
        Of the lines.
    why : str
        Reason.
    at : (float, float)
        A point of it, in metres.
    """

    ids: tuple[str, ...]
    why: str
    at: tuple[float, float]


@dataclass
class Joined:
    """The graph.

    Parameters
    ----------
    graph : networkx.MultiGraph
        Nodes are ("station", number, kV) or ("joint", number, kV); edges hold a `piece`.
    places : dict
        Point of every joint, in metres, by node.
    left : list of Left
        What did not fit.
    """

    graph: nx.MultiGraph = field(default_factory=nx.MultiGraph)
    places: dict[Node, tuple[float, float]] = field(default_factory=dict)
    left: list[Left] = field(default_factory=list)


def join(
    pieces: list[Piece],
    stations: NDArray[np.float64],
    *,
    joint_m: float,
    station_m: float,
) -> Joined:
    """Join drawn lines to a graph.

    Parameters
    ----------
    pieces : list of Piece
        As drawn.
    stations : ndarray, shape (S, 2)
        Places in metres.
    joint_m : float
        How far apart ends that meet may lie.
    station_m : float
        How far from a station a line that ends there may end.

    Returns
    -------
    Joined

    Examples
    --------
    Two lines in a row between two stations, 20 m apart at the joint:

    >>> def drawn(name, *points):
    ...     path = LineString(points)
    ...     return Piece(66.0, path, (name,), (), path.length, 0.0)
    >>> found = join([drawn("a", (0, 0), (5000, 0)), drawn("b", (5020, 0), (9000, 0))],
    ...              np.array([[0, 50], [9000, 0]]), joint_m=50, station_m=250)
    >>> [(a[:2], b[:2], edge["piece"].ids) for a, b, edge in found.graph.edges(data=True)]
    [(('station', 0), ('station', 1), ('a', 'b'))]
    """
    found = Joined()
    kept = list(_without_doubles(pieces, found))
    reach = _Reach(stations, cKDTree(stations), joint_m, station_m)
    for kv in sorted({piece.kv for piece in kept}):
        own = [piece for piece in kept if piece.kv == kv]
        _add(found, kv, _cut(own, reach), reach)
    _join_in_rows(found)
    return found


def _without_doubles(pieces: list[Piece], found: Joined) -> Iterator[Piece]:
    """Leave out what is drawn twice under one id, and what has next to no length."""
    seen: set[tuple] = set()
    for piece in pieces:
        ends = tuple(np.round(piece.path.coords[0])), tuple(np.round(piece.path.coords[-1]))
        key = (piece.ids, piece.kv, frozenset(ends), round(piece.length_m))
        if key in seen:
            found.left.append(Left(piece.ids, "drawn twice", piece.path.coords[0][:2]))
        elif piece.path.length < LEAST_M:
            why = f"shorter than {LEAST_M:g} m"
            found.left.append(Left(piece.ids, why, piece.path.coords[0][:2]))
        else:
            seen.add(key)
            yield piece


def _ends(pieces: list[Piece]) -> NDArray[np.float64]:
    """Points at the ends, shape (2P, 2): first and last of every piece."""
    return np.array([piece.path.coords[at][:2] for piece in pieces for at in (0, -1)])


def _clusters(ends: NDArray[np.float64], joint_m: float) -> NDArray[np.int64]:
    """Find the point that every end belongs to, as numbers.

    Ends that coincide belong together; only an end that is then alone looks farther, so that
    parallel lines that are divided at the same masts stay apart.
    """
    tree = cKDTree(ends)
    close = tree.query_pairs(min(SAME_M, joint_m), output_type="ndarray")
    met = np.zeros(len(ends), dtype=bool)
    met[close] = True
    far = tree.query_pairs(joint_m, output_type="ndarray")
    far = far[~(met[far[:, 0]] & met[far[:, 1]])]
    pairs = np.concatenate([close, far])
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(ends),) * 2)
    return connected_components(graph, directed=False)[1].astype(np.int64)


@dataclass(frozen=True)
class _Reach:
    """Stations and how far lines reach: places (S, 2), their tree, and the distances of `join`."""

    stations: NDArray[np.float64]
    tree: cKDTree
    joint_m: float
    station_m: float


def _cut(pieces: list[Piece], reach: _Reach) -> list[Piece]:
    """Cut lines at T-junctions, and where they pass a station without an end there."""
    ends = _ends(pieces)
    joint_m, station_m = reach.joint_m, reach.station_m
    cluster = _clusters(ends, joint_m)
    alone = np.flatnonzero(np.bincount(cluster)[cluster] == 1)
    points = [ends[end] for end in alone if reach.tree.query(ends[end])[0] > station_m]
    reached = cKDTree(ends).query(reach.stations)[0] <= station_m
    points += list(reach.stations[~reached])
    lines = STRtree([piece.path for piece in pieces])
    cuts: dict[int, list[float]] = {}
    for point in points:
        for number in lines.query(Point(point), predicate="dwithin", distance=joint_m):
            path = pieces[number].path
            at = path.project(Point(point))
            if joint_m < at < path.length - joint_m:
                cuts.setdefault(int(number), []).append(at)
    whole = []
    for number, piece in enumerate(pieces):
        at = [0.0, *sorted(cuts.get(number, [])), piece.path.length]
        for start, end in pairwise(at):
            if end - start > LEAST_M or len(at) == 2:
                part = substring(piece.path, start, end) if len(at) > 2 else piece.path
                share = (end - start) / piece.path.length
                whole.append(replace(piece, path=part, overhead_m=piece.overhead_m * share,
                                     cable_m=piece.cable_m * share))  # fmt: skip
    return whole


def _add(found: Joined, kv: float, pieces: list[Piece], reach: _Reach) -> None:
    """Add the lines of one voltage to the graph."""
    ends = _ends(pieces)
    cluster = _clusters(ends, reach.joint_m)
    nodes: list[Node] = []
    start = len(found.places)
    middle = {number: ends[cluster == number].mean(axis=0) for number in np.unique(cluster)}
    for number in cluster:
        near, station = reach.tree.query(middle[number])
        if near <= reach.station_m:
            nodes.append(("station", int(station), kv))
        else:
            nodes.append(("joint", start + int(number), kv))
            found.places[nodes[-1]] = tuple(middle[number])
    for piece, first, second in zip(pieces, nodes[::2], nodes[1::2], strict=True):
        if first == second:
            why = "begins and ends at one place"
            found.left.append(Left(piece.ids, why, piece.path.coords[0][:2]))
        else:
            found.graph.add_edge(first, second, piece=piece)


def _join_in_rows(found: Joined) -> None:
    """Make one line of two that meet at a joint where nothing else is."""
    graph = found.graph
    waiting = [node for node in graph if node[0] == "joint"]
    for node in waiting:
        if graph.degree(node) != 2:
            continue
        (_, first, one), (_, second, two) = graph.edges(node, data=True)
        if node in (first, second):
            continue  # a line from the joint to itself
        piece = one["piece"].joined(two["piece"])
        graph.remove_node(node)
        if first == second:
            why = "a line back to where it begins"
            found.left.append(Left(piece.ids, why, piece.path.coords[0][:2]))
        else:
            graph.add_edge(first, second, piece=piece)


def without_open_ends(found: Joined, keep_kv: float) -> list[Node]:
    """Drop lines that end in nothing; open ends of the transmission grid are kept.

    Parameters
    ----------
    found : Joined
        Is changed.
    keep_kv : float
        From this voltage on, an open end is where the map is cut: the grid goes on.

    Returns
    -------
    list
        Open ends that were kept.
    """
    graph = found.graph
    while True:
        ends = [
            node
            for node in graph
            if node[0] == "joint" and graph.degree(node) <= 1 and node[2] < keep_kv
        ]
        if not ends:
            break
        for node in ends:
            for _, _, edge in list(graph.edges(node, data=True)):
                piece = edge["piece"]
                found.left.append(Left(piece.ids, "ends in nothing", found.places[node]))
            graph.remove_node(node)
        _join_in_rows(found)
    return [node for node in graph if node[0] == "joint" and graph.degree(node) == 1]
