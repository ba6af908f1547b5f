"""Links of the 132 and 66 kV grid: documented, derived, and the rest by a synthetic rule.

The rule, area by area (tables/areas.csv; the areas are run apart from each other):

1. Links of tables/links.csv stand (documented and derived).
2. A candidate joins two stations of the area and voltage at most `LONGEST_KM` apart whose straight
   line runs less than `MOST_SEA_KM` over sea (outside the municipalities' coast-clipped borders).
3. Every station reaches a source (a bus with a transformer to a higher voltage): stations join one
   by one, each time over the candidate with the least  length + `TRUNK` x way to the source  (a
   compromise between the shortest grid and the shortest ways, Alpert et al. 1995).
4. Two ways: while a station with more than `TWO_WAY_MW` of peak load hangs behind one single link,
   the candidate is added that costs the fewest km per such link that it closes into a ring: a
   new corridor that passes no third station (none in the circle over the line), or a second
   circuit in an old one, which counts `SECOND_CIRCUIT` times its length. Areas marked radial are
   left out.

Lengths that no source gives are the straight line x `DETOUR`.
"""

from __future__ import annotations

from itertools import combinations, pairwise
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
from shapely import LineString, STRtree

from networks.build.common import own_table
from networks.build.ladder import MOST_CIRCUITS
from networks.build.places import distance_km
from networks.build.stations import PROJECTED

LONGEST_KM = 45.0
MOST_SEA_KM = 3.5
TRUNK = 0.4
TWO_WAY_MW = 20.0
SECOND_CIRCUIT = 2.0  # a new corridor is worth twice a second circuit beside the first
DETOUR = 1.15
SHORTEST_KM = 0.3
GROUND = "supply"
SYNTHETIC = "synthetic rule: nearest stations of the area, least way to its supply (SOURCES.md)"
RING = f"synthetic rule: second way for a station with more than {TWO_WAY_MW:.0f} MW (SOURCES.md)"
COLUMNS = ["bus0", "bus1", "kv", "length", "circuits", "most", "weak", "basis", "source"]


def links(buses: pd.DataFrame, peak_mw: pd.Series, sources: Path) -> pd.DataFrame:
    """Return the corridors of the 132 and 66 kV grid.

    Parameters
    ----------
    buses : pandas.DataFrame
        buses.csv, indexed by name.
    peak_mw : pandas.Series
        Peak load by bus (MW).
    sources : pathlib.Path
        Folder of the source data.

    Returns
    -------
    pandas.DataFrame
        Columns bus0, bus1, kv, length (km), circuits (the least number), most (the largest), weak
        (True in a documented weak place), basis, source.
    """
    known = _known(buses)
    fed = supplied_from_above()
    parts = [known]
    for area in own_table("areas.csv").itertuples():
        members = [f"{station} {area.kv}" for station in area.stations.split(";")]
        points = _points(buses.loc[members])
        table = _candidates(points, sources)
        graph = _ground_graph(members, known, fed)
        parts.append(_frame(_reach_supply(graph, table), area.kv, SYNTHETIC, table))
        if area.radial == "no":
            heavy = [bus for bus in members if peak_mw.get(bus, 0.0) > TWO_WAY_MW]
            table = {p: km for p, km in table.items() if _neighbours(p, graph, points)}
            parts.append(_frame(_second_ways(graph, table, heavy), area.kv, RING, table))
    table = pd.concat(parts, ignore_index=True)
    table["weak"] = [weak_link(a, b) for a, b in zip(table["bus0"], table["bus1"], strict=True)]
    return _merged(table)[COLUMNS]


def weak_link(bus0: str, bus1: str) -> bool:
    """Tell whether a branch has both ends, or its low-voltage end, in a documented weak place."""
    areas = own_table("areas.csv")
    areas = areas[areas["weak"] == "yes"]
    for area in areas.itertuples():
        members = {f"{station} {area.kv}" for station in area.stations.split(";")}
        same_station = bus0.rsplit(" ", 1)[0] == bus1.rsplit(" ", 1)[0]
        if {bus0, bus1} <= members or (same_station and bus1 in members):
            return True
    return False


def _merged(table: pd.DataFrame) -> pd.DataFrame:
    """Join second ways that lie in an existing corridor to that corridor (one row each)."""
    key = [frozenset(pair) for pair in zip(table["bus0"], table["bus1"], strict=True)]
    first = table.groupby(key, sort=False).agg(dict.fromkeys(table.columns, "first"))
    again = pd.Series(1, index=range(len(table))).groupby(key, sort=False).sum() - 1
    first["circuits"] = first["circuits"] + again
    return first.reset_index(drop=True)


def supplied_from_above() -> set[str]:
    """Buses that a transformer feeds from a higher voltage."""
    table = own_table("transformers.csv")
    return {
        f"{station} {kv}" for station, kv in zip(table["station"], table["low_kv"], strict=True)
    }


def _known(buses: pd.DataFrame) -> pd.DataFrame:
    """Read the documented and derived links, with a length for each."""
    table = own_table("links.csv")
    for end in ("0", "1"):
        table[f"bus{end}"] = table[f"station{end}"] + " " + table["kv"].astype(str)
    given = pd.to_numeric(table["length_km"], errors="coerce")
    pairs = zip(table["bus0"], table["bus1"], strict=True)
    table["length"] = given.fillna(pd.Series([_route_km(buses, a, b) for a, b in pairs]))
    return table


def _route_km(buses: pd.DataFrame, bus0: str, bus1: str) -> float:
    """Assumed length of a line between two buses (km)."""
    one = buses.loc[bus0]
    straight = float(distance_km(one["x"], one["y"], buses.loc[[bus1]]).iloc[0])
    return round(max(straight * DETOUR, SHORTEST_KM), 2)


def _points(members: pd.DataFrame) -> gpd.GeoSeries:
    """Return the buses' positions in metres, indexed by name."""
    points = gpd.GeoSeries.from_xy(members["x"], members["y"], index=members.index, crs=4326)
    return points.to_crs(PROJECTED)


def _candidates(place: gpd.GeoSeries, sources: Path) -> dict[frozenset[str], float]:
    """Length of every link that the rule allows in an area (km)."""
    land = gpd.read_file(sources / "municipalities/municipalities_trondelag.geojson")
    tree = STRtree(list(land.to_crs(PROJECTED).geometry))
    lengths = {}
    for one, two in combinations(place.index, 2):
        straight = LineString([place[one], place[two]])
        near = straight.length <= LONGEST_KM * 1000
        if near and _sea_km(straight, tree) <= MOST_SEA_KM:
            lengths[frozenset((one, two))] = max(straight.length / 1000 * DETOUR, SHORTEST_KM)
    return lengths


def _neighbours(pair: frozenset[str], graph: nx.MultiGraph, place: gpd.GeoSeries) -> bool:
    """Tell whether two stations are joined already, or no third lies in the circle between them."""
    one, two = sorted(pair)
    straight = LineString([place[one], place[two]])
    middle = straight.interpolate(0.5, normalized=True)
    passes = (place.distance(middle) < straight.length / 2 - 10).any()
    return graph.has_edge(one, two) or not passes


def _sea_km(straight: LineString, tree: STRtree) -> float:
    """Part of a straight line outside all municipalities (km)."""
    crossed = tree.query(straight, predicate="intersects")
    on_land = sum(straight.intersection(tree.geometries[i]).length for i in crossed)
    return (straight.length - on_land) / 1000


def _ground_graph(members: list[str], known: pd.DataFrame, fed: set[str]) -> nx.MultiGraph:
    """Graph of an area's known links, its sources tied to one node by links that never fail.

    A link to another area's bus makes its own end no source: that bus may hang on it.
    """
    graph = nx.MultiGraph()
    graph.add_nodes_from(members)
    inside = known["bus0"].isin(members) & known["bus1"].isin(members)
    across = known["bus0"].isin(members) ^ known["bus1"].isin(members)
    for row in known[inside].itertuples():
        graph.add_edges_from([(row.bus0, row.bus1, {"km": row.length})] * row.circuits)
    for bus in sorted(fed & set(members)):
        graph.add_edges_from([(GROUND, bus, {"km": 0.0})] * 2)
    if GROUND not in graph:  # a radial fed by a link from another area
        for row in known[across].itertuples():
            graph.add_edge(GROUND, row.bus1 if row.bus1 in members else row.bus0, km=row.length)
    return graph


def _reach_supply(
    graph: nx.MultiGraph, lengths: dict[frozenset[str], float]
) -> list[tuple[str, str]]:
    """Join every station to the supply (rule 3); adds to the graph and returns what was added."""
    added = []
    while True:
        way = nx.single_source_dijkstra_path_length(graph, GROUND, weight="km")
        options = []
        for pair, km in lengths.items():
            inner, outer = sorted(pair, key=lambda bus: (bus not in way, bus))
            if inner in way and outer not in way:
                options.append((km + TRUNK * way[inner], inner, outer, km))
        if not options:
            return added
        _, inner, outer, km = min(options)
        graph.add_edge(inner, outer, km=km)
        added.append((inner, outer))


def _second_ways(
    graph: nx.MultiGraph, lengths: dict[frozenset[str], float], heavy: list[str]
) -> list[tuple[str, str]]:
    """Give the stations with much load a second way (rule 4)."""
    added: list[tuple[str, str]] = []
    while True:
        single = _single_links(graph, heavy)
        if not single:
            return added
        options = []
        for pair, km in lengths.items():
            one, two = sorted(pair)
            path = nx.shortest_path(graph, one, two)
            closed = sum(frozenset(step) in single for step in pairwise(path))
            if closed:
                twice = graph.has_edge(one, two)
                options.append((km / closed * (SECOND_CIRCUIT if twice else 1.0), one, two, km))
        if not options:
            one, two = sorted(min(single, key=sorted))
            options = [(0.0, one, two, 0.0)]
        _, one, two, km = min(options)
        graph.add_edge(one, two, km=km)
        added.append((one, two))


def _single_links(graph: nx.MultiGraph, heavy: list[str]) -> set[frozenset[str]]:
    """Links whose loss cuts a station with much load from the supply."""
    simple = nx.Graph(graph)
    bridges = [e for e in nx.bridges(simple) if graph.number_of_edges(*e) == 1]
    ways = {bus: nx.shortest_path(simple, GROUND, bus) for bus in heavy}
    used = {frozenset(step) for path in ways.values() for step in pairwise(path)}
    return {frozenset(edge) for edge in bridges} & used


def _frame(
    pairs: list[tuple[str, str]],
    kv: int,
    source: str,
    lengths: dict[frozenset[str], float],
) -> pd.DataFrame:
    """Make rows of links, a pair that occurs again as one with more circuits."""
    rows = []
    for pair in sorted({tuple(sorted(pair)) for pair in pairs}):
        circuits = sum(tuple(sorted(p)) == pair for p in pairs)
        km = lengths.get(frozenset(pair), np.nan)
        rows.append((*pair, kv, round(km, 2), circuits, MOST_CIRCUITS, "synthetic", source))
    return pd.DataFrame(rows, columns=[c for c in COLUMNS if c != "weak"])
