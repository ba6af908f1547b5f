"""NVE's Nettanlegg, on a small made-up map (nettanlegg_by_hand.py) with the published fields."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString

import gridplan as gp
from gridplan.base.errors import StudyError
from gridplan.importing.joining import Piece, join
from gridplan.importing.standards import cable, overhead
from tests.importing import nettanlegg_by_hand as by_hand


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    folder = tmp_path_factory.mktemp("map")
    path = by_hand.geopackage(folder / "made_up.gpkg")
    return gp.import_nettanlegg(path, folder / "region"), folder / "region"


def table(imported, name):
    return pd.DataFrame(imported.tables[name]).set_index("name")


def test_lines_are_joined_as_on_paper(found):
    imported, _ = found
    lines = table(imported, "lines")
    assert set(lines.index) == {
        "West 300 - Hub 300", "Hub 300 - East 300", "Hub 300 - East 300 (2)",  # two circuits
        "Hub 132 - North 132",  # overhead, cable, overhead: joints of 0 and 12 m
        "Hub 132 - Junction 1 132", "North 132 - Junction 1 132", "Junction 1 132 - Mill 132",
        "Hub 66 - South 66",
        "South 66 - Quay 66", "Quay 66 - North 66",  # passes Quay, which no line ends at
        "West 420 - Junction 2 420",  # leaves the map
    }  # fmt: skip
    mixed = lines.loc["Hub 132 - North 132"]
    assert mixed["length"] == pytest.approx(23.738, rel=2e-3)  # UTM 33 is 0.04 % off here
    over, under = overhead(132), cable(132)
    assert mixed["x"] == pytest.approx(over.x * 17.738 + under.x * 6.0, rel=2e-3)
    assert mixed["b"] == pytest.approx(over.b * 17.738 + under.b * 6.0, rel=2e-3)
    assert mixed["s_nom"] == pytest.approx(147.5, abs=0.1)
    assert mixed["source"].startswith("NVE Nettanlegg (NLOD): route of b")
    assert all(part in mixed["source"] for part in ("b1", "b2", "b3", "figures by rule"))
    assert mixed["geometry"].startswith("LINESTRING (10.")


def test_stations_get_a_bus_for_every_voltage_and_transformers_between(found):
    imported, _ = found
    buses = table(imported, "buses")
    hub = buses[buses["station"] == "Hub"]
    assert sorted(hub["v_nom"]) == [66, 132, 300]
    assert (buses["basis"] == "register").sum() == 11
    transformers = table(imported, "transformers")
    assert transformers.loc[["Hub 300/132 T1", "Hub 300/132 T2"], "s_nom"].tolist() == [200, 200]
    assert "Hub 132/66 T2" not in transformers.index  # one line at 66 kV
    assert (transformers["basis"] == "assumption").all()


def test_what_did_not_fit_is_told_with_its_place(found):
    _, folder = found
    report = pd.read_csv(folder / "import.csv", encoding="utf-8-sig").set_index("element")
    why = report["why"]
    assert why["line x1"] == "ends in nothing"
    assert why["line x2"] == "ends in nothing"
    assert why["line x3"] == "no voltage stated"
    assert why["line d1"] == "drawn twice"
    assert why["line x5"] == "begins and ends at one place"
    assert why["1 lines of 22 kV"] == "below 30 kV"
    assert why["station Lonely"] == "no line of the grid ends within 250 m"
    assert why["Junction 2 420"] == "a line leaves the map: a border"
    assert report.loc["station Lonely", ["lon", "lat"]].tolist() == pytest.approx(
        [11.913, 64.174], abs=1e-3
    )
    assert "mast" not in " ".join(report.index)


def test_the_study_opens_and_balances(found):
    _, folder = found
    assert gp.check_study(folder) == []
    study = gp.open_study(folder)
    load = study.network.c.loads.dynamic.p_set.sum(axis=1)
    assert load.max() == pytest.approx(50.0, rel=1e-4)  # five stations of 10 MW
    assert study.schedule_mw["Border Junction 2 420"].to_numpy() == pytest.approx(load.to_numpy())
    for name in ("buses", "lines", "transformers", "generators", "loads"):
        rows = getattr(study.network.c, name).static
        assert rows["basis"].isin(["register", "derived", "assumption"]).all()
        assert rows["source"].str.len().min() > 10
    assert "assumptions by rule" in study.settings.attribution
    day = study.at(study.network.snapshots[:24])
    cap = gp.hosting_capacity(day)
    # Mill hangs on one line of 147.5 MVA and takes 10 MW of load at most
    mill = float(cap.sel(bus="Mill 132", criterion="N-1", flexibility=0.0)["capacity_mw"])
    first = day.network.c.loads.dynamic.p_set["Load Mill 132"].max()
    assert 0 < mill <= 147.5 - first + 1e-3


def test_load_and_distances_are_options(tmp_path):
    path = by_hand.geopackage(tmp_path / "made_up.gpkg")
    imported = gp.import_nettanlegg(path, load_mw=120.0, least_kv=100.0)
    loads = table(imported, "loads")
    assert loads["peak_mw"].sum() == pytest.approx(120.0, abs=1e-3)
    assert set(table(imported, "buses")["v_nom"]) == {420, 300, 132}
    far = gp.import_nettanlegg(path, joint_m=5.0)  # 12 m apart is no joint any more
    sources = table(far, "lines")["source"].str.cat()
    assert not any(part in sources for part in ("b1", "b2", "b3"))
    assert (far.report["why"] == "ends in nothing").sum() > 2
    with pytest.raises(StudyError, match="not above 0"):
        gp.import_nettanlegg(path, joint_m=0.0)


@pytest.mark.filterwarnings("ignore:Column names longer than 10 characters")
@pytest.mark.filterwarnings("ignore:Normalized/laundered field name")
@pytest.mark.parametrize("kind", ["geojson", "shp", "wfs names"])
def test_other_formats_give_the_same_grid(tmp_path, found, kind):
    folder = tmp_path / "layers"
    folder.mkdir()
    lines, stations = by_hand.lines(4326), by_hand.stations(4326)
    if kind == "shp":  # fields are cut to ten letters
        lines.to_file(folder / "lines.shp")
        stations.to_file(folder / "stations.shp")
    else:
        if kind == "wfs names":
            lines = lines.rename(columns={"spenning_kV": "spenning", "lokalID": "lokalId"})
        lines.to_file(folder / "lines.geojson", driver="GeoJSON")
        stations.to_file(folder / "stations.geojson", driver="GeoJSON")
    imported = gp.import_nettanlegg(folder)
    ours, theirs = table(imported, "lines"), table(found[0], "lines")
    assert sorted(ours.index) == sorted(theirs.index)
    assert ours.loc[theirs.index, "length"].to_numpy() == pytest.approx(
        theirs["length"].to_numpy(), abs=0.01
    )


def test_maps_that_lack_something_say_what(tmp_path):
    lines, stations = by_hand.lines(), by_hand.stations()
    path = tmp_path / "map.gpkg"
    lines.to_file(path, layer="Kraftlinje", driver="GPKG")
    with pytest.raises(StudyError, match="no stations in the file"):
        gp.import_nettanlegg(path)
    lines.drop(columns="spenning_kV").to_file(path, layer="Kraftlinje", driver="GPKG")
    stations.to_file(path, layer="Transformatorstasjon", driver="GPKG")
    with pytest.raises(StudyError, match="no line states its voltage"):
        gp.import_nettanlegg(path)
    stations.to_file(tmp_path / "stations.gpkg", driver="GPKG")
    with pytest.raises(StudyError, match="no lines in the file"):
        gp.import_nettanlegg(tmp_path / "stations.gpkg")
    (tmp_path / "broken.gpkg").write_bytes(b"no map at all")
    with pytest.raises(StudyError, match="not readable as a map"):
        gp.import_nettanlegg(tmp_path / "broken.gpkg")


def test_nothing_is_joined_far_from_all_stations(tmp_path):
    lines, stations = by_hand.lines(), by_hand.stations()
    stations = stations.set_geometry(stations.translate(0, 900_000))
    path = tmp_path / "map.gpkg"
    lines.to_file(path, layer="a", driver="GPKG")
    stations.to_file(path, layer="b", driver="GPKG")
    imported = gp.import_nettanlegg(path)  # what leaves the map still is a grid
    assert not (table(imported, "buses")["basis"] == "register").any()


def drawn(name, kv, *points):
    path = LineString(points)
    return Piece(kv, path, (name,), (), path.length, 0.0)


def test_parallel_lines_divided_at_the_same_masts_stay_apart():
    stations = np.array([[0.0, 0.0], [20_000.0, 0.0]])
    pieces = [
        drawn("a1", 132, (0, 0), (9_000, 0)),
        drawn("a2", 132, (9_000, 0), (20_000, 0)),
        drawn("b1", 132, (0, 30), (9_000, 30)),
        drawn("b2", 132, (9_000, 30), (20_000, 30)),
    ]
    graph = join(pieces, stations, joint_m=50, station_m=250).graph
    assert sorted(edge["piece"].ids for *_, edge in graph.edges(data=True)) == [
        ("a1", "a2"),
        ("b1", "b2"),
    ]


def test_lines_of_two_voltages_do_not_meet():
    stations = np.array([[0.0, 0.0], [20_000.0, 0.0], [9_000.0, 9_000.0]])
    pieces = [
        drawn("a", 132, (0, 0), (20_000, 0)),
        drawn("b", 66, (9_000, 0), (9_000, 9_000)),  # its end lies on the other line
    ]
    graph = join(pieces, stations, joint_m=50, station_m=250).graph
    assert {edge["piece"].ids for *_, edge in graph.edges(data=True)} == {("a",), ("b",)}
    assert not set(graph.nodes) & {("station", 2, 132.0)}


def test_voltages_of_one_level_are_one(tmp_path):
    lines = by_hand.lines()
    lines.loc[lines["lokalID"] == "b1", "spenning_kV"] = 130
    path = tmp_path / "map.gpkg"
    lines.to_file(path, layer="a", driver="GPKG")
    by_hand.stations().to_file(path, layer="b", driver="GPKG")
    imported = gp.import_nettanlegg(path)
    assert "Hub 132 - North 132" in table(imported, "lines").index
    assert "130 kV" in imported.report["element"].tolist()


@pytest.mark.filterwarnings("ignore:Column names longer than 10 characters")
@pytest.mark.filterwarnings("ignore:Normalized/laundered field name")
@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_a_map_without_coordinate_system_is_refused(tmp_path):
    by_hand.lines().set_crs(None, allow_override=True).to_file(tmp_path / "lines.shp")
    gpd.GeoDataFrame(by_hand.stations()).to_file(tmp_path / "stations.shp")
    with pytest.raises(StudyError, match="no coordinate system"):
        gp.import_nettanlegg(tmp_path)
