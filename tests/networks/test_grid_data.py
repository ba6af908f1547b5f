"""The committed grid tables keep the rules that SOURCES.md states."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import networkx as nx
import pandas as pd
import pytest

STUDY = Path(__file__).parents[2] / "networks/trondelag"
GRID = STUDY / "grid"
BASES = {"osm", "register", "documented", "derived", "assumption", "synthetic"}
SUPPLY = "supply"
# links that the sources describe as single, and what hangs on them
RADIALS = {
    ("Vikstrøm 66", "Frøya 66"): {"Frøya 66"},
    ("Daltrøa 66", "Jøa 66"): {"Jøa 66", "Strand 66", "Rørvik 66", "Ytre Vikna 66"},
    ("Straum 66", "Bessaker 66"): {"Bessaker 66"},
    ("Åfjord 132", "Hubakken 132"): {"Hubakken 132"},
    ("Skorovatn 66", "Tunnsjødal 66"): {"Skorovatn 66", "Nordli 66", "Røyrvikfoss 66"},
    ("Tolga 132", "Røros 132"): {"Røros 132"},
}
# more than 20 MW of peak load on one way: radial in the sources
ONE_WAY = {"Frøya 66", "Rørvik 66", "Skorovatn 66", "Røros 132"}


@pytest.fixture(scope="module")
def buses() -> pd.DataFrame:
    return pd.read_csv(GRID / "buses.csv", index_col="name", keep_default_na=False)


@pytest.fixture(scope="module")
def lines() -> pd.DataFrame:
    return pd.read_csv(GRID / "lines.csv", index_col="name", keep_default_na=False)


@pytest.fixture(scope="module")
def transformers() -> pd.DataFrame:
    return pd.read_csv(GRID / "transformers.csv", index_col="name", keep_default_na=False)


@pytest.fixture(scope="module")
def graph(buses: pd.DataFrame, lines: pd.DataFrame, transformers: pd.DataFrame) -> nx.MultiGraph:
    """All branches; the 420 and 300 kV buses also as one supply that never fails."""
    result = nx.MultiGraph()
    result.add_nodes_from(buses.index)
    for table in (lines, transformers):
        result.add_edges_from(zip(table["bus0"], table["bus1"], strict=True))
    return result


@pytest.fixture(scope="module")
def regional(graph: nx.MultiGraph, buses: pd.DataFrame) -> nx.MultiGraph:
    """The 132 and 66 kV grid, its supply tied to one node."""
    high = set(buses.index[buses["v_nom"] > 200])
    result = nx.MultiGraph()
    for one, two in graph.edges():
        ends = [SUPPLY if bus in high else bus for bus in (one, two)]
        if ends[0] != ends[1]:
            result.add_edge(*ends)
    return result


def test_grid_is_one_piece(graph: nx.MultiGraph) -> None:
    assert nx.is_connected(graph)


def test_every_regional_bus_reaches_a_transmission_station(
    regional: nx.MultiGraph, buses: pd.DataFrame
) -> None:
    reached = nx.node_connected_component(regional, SUPPLY)
    assert set(buses.index[buses["v_nom"] < 200]) <= reached


def test_names_are_unique_over_lines_and_transformers(
    lines: pd.DataFrame, transformers: pd.DataFrame
) -> None:
    names = pd.Index([*lines.index, *transformers.index])
    assert names.is_unique
    assert not names.isna().any()


def test_voltages_fit(buses: pd.DataFrame, lines: pd.DataFrame, transformers: pd.DataFrame) -> None:
    level = buses["v_nom"]
    assert (lines["bus0"].map(level) == lines["bus1"].map(level)).all()
    assert (transformers["bus0"].map(level) > transformers["bus1"].map(level)).all()
    stations = buses["station"]
    assert (transformers["bus0"].map(stations) == transformers["bus1"].map(stations)).all()
    assert set(level) == {420.0, 300.0, 132.0, 66.0}


def test_numbers_are_usable(lines: pd.DataFrame, transformers: pd.DataFrame) -> None:
    for column in ("x", "r", "s_nom", "length"):
        assert (lines[column] > 0).all(), column
    for column in ("x", "r", "s_nom"):
        assert (transformers[column] > 0).all(), column
    assert lines["length"].min() >= 0.3


def test_reactance_per_km_is_that_of_an_overhead_line(lines: pd.DataFrame) -> None:
    per_km = lines["x"] / lines["length"]
    assert per_km.between(0.2, 0.45).all()


@pytest.mark.parametrize("table", ["buses", "lines", "transformers"])
def test_every_row_tells_its_basis_and_source(table: str) -> None:
    rows = pd.read_csv(GRID / f"{table}.csv", keep_default_na=False)
    assert set(rows["basis"]) <= BASES
    assert (rows["source"].str.len() > 10).all()
    if table != "buses":
        assert (rows["rating_source"].str.len() > 10).all()


def test_ratings_below_300_kv_say_that_they_are_assumed(
    buses: pd.DataFrame, lines: pd.DataFrame, transformers: pd.DataFrame
) -> None:
    below = lines["bus0"].map(buses["v_nom"]) < 200
    assert lines.loc[below, "rating_source"].str.startswith("assumption").all()
    assert transformers["rating_source"].str.startswith("assumption").all()


def test_no_line_is_longer_than_the_rule_allows(buses: pd.DataFrame, lines: pd.DataFrame) -> None:
    synthetic = lines[lines["basis"] == "synthetic"]
    assert synthetic["length"].max() <= 45 * 1.15
    level = lines["bus0"].map(buses["v_nom"])
    assert lines.loc[level == 66, "length"].max() <= 52
    assert lines.loc[level == 132, "length"].max() <= 60


def test_synthetic_share_is_what_sources_md_says(buses: pd.DataFrame, lines: pd.DataFrame) -> None:
    below = lines[lines["bus0"].map(buses["v_nom"]) < 200]
    synthetic = below.loc[below["basis"] == "synthetic", "length"].sum()
    share = synthetic / below["length"].sum()
    assert 0.3 < share < 0.6
    assert f"{share:.0%} of those at 132 and 66 kV" in (STUDY / "SOURCES.md").read_text("utf-8")


def test_paths_end_at_their_stations(buses: pd.DataFrame, lines: pd.DataFrame) -> None:
    shapely = pytest.importorskip("shapely")
    for row in lines[lines["geometry"] != ""].itertuples():
        path = shapely.from_wkt(row.geometry)
        for bus, end in ((row.bus0, path.coords[0]), (row.bus1, path.coords[-1])):
            x, y = buses.loc[bus, ["x", "y"]]
            assert abs(end[0] - x) < 0.05, row.Index  # about 2 km
            assert abs(end[1] - y) < 0.02, row.Index


@pytest.mark.parametrize(("link", "behind"), RADIALS.items())
def test_documented_radials_are_radial(
    regional: nx.MultiGraph, link: tuple[str, str], behind: set[str]
) -> None:
    assert regional.number_of_edges(*link) == 1
    cut = nx.Graph(regional)
    cut.remove_edge(*link)
    assert not behind & nx.node_connected_component(cut, SUPPLY)


def test_stations_above_20_mw_are_reached_two_ways(regional: nx.MultiGraph) -> None:
    loads = pd.read_csv(GRID / "loads.csv")
    peak = loads.groupby("bus")["peak_mw"].sum()
    heavy = set(peak.index[peak > 20]) & set(regional.nodes)
    single = {bus for bus in heavy if nx.edge_connectivity(nx.Graph(regional), SUPPLY, bus) < 2}
    parallel = {bus for bus in single if _flow(regional, bus) >= 2}
    assert single - parallel <= ONE_WAY


def _flow(graph: nx.MultiGraph, bus: str) -> int:
    """Number of ways from the supply that share no circuit."""
    simple = nx.Graph()
    for one, two in nx.Graph(graph).edges():
        simple.add_edge(one, two, capacity=graph.number_of_edges(one, two))
    return nx.maximum_flow_value(simple, SUPPLY, bus)


def test_gauldal_is_a_66_kv_ring_of_single_circuits(regional: nx.MultiGraph) -> None:
    ring = ["Orkdal", "Buvika", "Gimse", "Lundamo", "Sokna", "Støren", "Soknedal", "Brattset"]
    for one, two in pairwise(ring):
        assert regional.number_of_edges(f"{one} 66", f"{two} 66") == 1


def test_fosen_hangs_on_one_line(graph: nx.MultiGraph) -> None:
    """Åfjord-Snilldal is planned for 2028: until then Fosen has one 420 kV line."""
    bridges = {frozenset(edge) for edge in nx.bridges(nx.Graph(graph))}
    assert frozenset(("Namsos Statnett 420", "Hofstad 420")) in bridges
    assert frozenset(("Hofstad 420", "Åfjord 420")) in bridges
    assert frozenset(("Nea 420", "Klæbu 420")) in bridges


def test_transmission_is_meshed_where_it_is_meshed(graph: nx.MultiGraph) -> None:
    bridges = {frozenset(edge) for edge in nx.bridges(nx.Graph(graph))}
    for pair in (
        ("Klæbu 420", "Surna 420"),
        ("Ogndal 420", "Verdal Statnett 420"),
        ("Strinda 300", "Klæbu 300"),
    ):
        assert frozenset(pair) not in bridges


def test_stations_lie_in_their_municipality(buses: pd.DataFrame) -> None:
    assert (buses["in_county"].astype(str) == "True").sum() > 140
    inside = buses[buses["in_county"].astype(str) == "True"]
    assert (inside["municipality"] != "").all()
    assert inside["municipality"].nunique() >= 34


def test_geo_is_small_and_complete() -> None:
    import json

    files = {p.stem: p for p in (STUDY / "geo").glob("*.geojson")}
    assert set(files) == {"municipalities", "county", "neighbours"}
    assert files["municipalities"].stat().st_size <= 150_000
    features = json.loads(files["municipalities"].read_text("utf-8"))["features"]
    assert len(features) == 38
    for feature in features:
        assert set(feature["properties"]) == {"name", "kommunenummer", "source"}
