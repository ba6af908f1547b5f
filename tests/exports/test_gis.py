"""GIS files read back: the right places, numbers and styles, and where they come from."""

import json
import sqlite3
import xml.etree.ElementTree as ET
from contextlib import closing
from dataclasses import replace
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest

import gridplan as gp
from gridplan.exports import gis
from gridplan.exports.gis import write_gis
from gridplan.exports.layers import layers_of
from gridplan.exports.qgis import Style
from gridplan.grid.stages import stages
from gridplan.hosting.capacity import hosting_capacity
from gridplan.portfolio.plan import plan
from gridplan.reasons.marginal import marginal_values
from gridplan.study.settings import MapClasses
from tests.networks_by_hand import plain_study, triangle

LAYERS = ["municipalities", "branches", "transformers", "stations", "projects"]


@pytest.fixture(autouse=True)
def _dated(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1778976000")


@pytest.fixture(scope="module")
def capacity(result):
    return hosting_capacity(result.study, flexibility=[0.0, 0.05])


def style_of(path, layer):
    with closing(sqlite3.connect(path)) as base:
        [row] = base.execute(
            "SELECT styleQML, useAsDefault FROM layer_styles WHERE f_table_name = ?", [layer]
        ).fetchall()
    assert row[1] == 1
    return ET.fromstring(row[0])


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("crs", [4326, 25833])
def test_a_geopackage_read_back_is_the_result(result, certificate, tmp_path, crs):
    path = write_gis(result, tmp_path / "plan.gpkg", certificate=certificate, crs=crs)
    assert [name for name, _ in pyogrio.list_layers(path)] == [*LAYERS, "layer_styles", "about"]
    layers = layers_of(result, certificate=certificate)
    stations = gpd.read_file(path, layer="stations").set_index("bus")
    assert stations.crs.to_epsg() == crs
    moved = stations.to_crs(25833).geometry.distance(layers.stations.to_crs(25833).geometry)
    assert moved.max() < 0.1  # m
    outline = gpd.read_file(result.study.geo["county"]).to_crs(crs)
    assert stations.within(outline.union_all()).all()
    branches = gpd.read_file(path, layer="branches").set_index("branch")
    pd.testing.assert_series_equal(
        branches["loading_pu"], layers.branches["loading_pu"].loc[branches.index],
        check_index_type=False, atol=1e-6,
    )  # fmt: skip
    assert branches["outage"].to_dict() == layers.branches["outage"][branches.index].to_dict()
    hours = branches["snapshot"].dt.tz_convert(None)
    assert (hours == layers.branches["snapshot"][branches.index]).all()
    assert len(branches.loc["CD"].geometry.coords) == 3
    projects = gpd.read_file(path, layer="projects").set_index("project")
    assert projects["outcome"].to_dict() == layers.projects["outcome"].to_dict()
    assert "Datasenter $x_1$ <b>" in projects.index
    towns = gpd.read_file(path, layer="municipalities").set_index("name")
    assert towns["chosen_mw"].to_dict() == {"Vestås": 6.5, "Østås": 53.0}
    assert set(towns.geom_type) == {"MultiPolygon"}


def test_the_first_coordinate_is_the_east(result, tmp_path):
    write_gis(result, tmp_path / "plan.geojson")
    read = json.loads((tmp_path / "plan.geojson").read_text(encoding="utf-8"))
    first = read["features"][0]
    assert first["properties"]["bus"] == "A"
    assert first["geometry"]["coordinates"] == [10.0, 63.0]
    write_gis(result, tmp_path / "plan.gpkg")
    point = gpd.read_file(tmp_path / "plan.gpkg", layer="stations").geometry[0]
    assert 200_000 < point.x < 300_000  # UTM 33: easting
    assert 6_900_000 < point.y < 7_100_000  # northing


def test_geojson_is_one_file_a_layer_in_the_shape_of_its_standard(result, certificate, tmp_path):
    path = write_gis(result, tmp_path / "plan.geojson", certificate=certificate, language="nb")
    stems = ["plan", *(f"plan_{name}" for name in LAYERS if name != "stations")]
    assert names(tmp_path) == sorted(f"{s}.{end}" for s in stems for end in ("geojson", "qml"))
    text = path.read_text(encoding="utf-8")
    assert "NaN" not in text
    read = json.loads(text)
    assert read["about"]["Studie"] == "Åsene (asene)"
    assert read["about"]["Sertifikat"].startswith("sikkert")
    assert "crs" not in read
    towns = json.loads((tmp_path / "plan_municipalities.geojson").read_text(encoding="utf-8"))
    ring = np.array(towns["features"][0]["geometry"]["coordinates"][0][0])
    turn = np.sum(ring[:-1, 0] * ring[1:, 1] - ring[1:, 0] * ring[:-1, 1])
    assert turn > 0  # anticlockwise
    branches = gpd.read_file(tmp_path / "plan_branches.geojson")
    assert branches.crs.to_epsg() == 4326
    assert set(branches.geom_type) == {"LineString"}
    assert branches["snapshot"].dt.tz is not None


def test_the_suffix_of_a_map_chooses_gis(result, certificate, capacity, tmp_path):
    path = gp.capacity_map(result, tmp_path / "plan.gpkg", certificate=certificate, crs=4326)
    assert gpd.read_file(path, layer="branches").crs.to_epsg() == 4326
    path = gp.capacity_map(
        capacity, tmp_path / "room.geojson", study=result.study, flexibility=0.05, language="nb"
    )
    room = gpd.read_file(path).set_index("bus")["capacity_mw"]
    wanted = capacity["capacity_mw"].sel(criterion="N-1", flexibility=0.05).to_series()
    assert room.to_dict() == pytest.approx(wanted.to_dict(), abs=1e-5)
    with pytest.raises(ValueError, match="no option crs"):
        gp.capacity_map(result, tmp_path / "plan.png", crs=4326)


def test_geojson_in_metres_names_its_system(result, tmp_path):
    path = write_gis(result, tmp_path / "plan.geojson", crs=25833)
    read = gpd.read_file(path)
    assert read.crs.to_epsg() == 25833
    assert read.total_bounds[1] > 6_000_000


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson"])
def test_equal_results_are_equal_bytes(result, tmp_path, suffix):
    found = []
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        write_gis(result, tmp_path / folder / f"plan{suffix}")
        found.append({path.name: path.read_bytes() for path in (tmp_path / folder).iterdir()})
    assert found[0] == found[1]


def test_the_files_say_where_they_come_from(result, certificate, tmp_path):
    path = write_gis(result, tmp_path / "plan.gpkg", certificate=certificate)
    about = dict(pyogrio.read_dataframe(path, layer="about").itertuples(index=False))
    assert about["Input (SHA-256)"] == result.study.hash
    assert about["Sources and licences"] == "© Kartverket (CC BY 4.0)"
    with closing(sqlite3.connect(path)) as base:
        dates = {date for (date,) in base.execute("SELECT last_change FROM gpkg_contents")}
        [(version,)] = base.execute("PRAGMA user_version").fetchall()
        [(hour,)] = base.execute("SELECT snapshot FROM branches LIMIT 1").fetchall()
    assert dates == {"2026-05-17T00:00:00.000Z"}
    assert version == 10_200
    assert hour == "2030-01-01T00:00:00.000Z"  # milliseconds: older readers insist on them


def test_every_layer_has_its_style_in_the_file_and_beside_it(result, tmp_path):
    path = write_gis(result, tmp_path / "plan.gpkg", language="nb")
    kinds = {}
    for layer in LAYERS:
        style = style_of(path, layer)
        kinds[layer] = style.find("renderer-v2").get("type")
        stem = "plan" if layer == "stations" else f"plan_{layer}"
        beside = ET.parse(tmp_path / f"{stem}.qml").getroot()
        assert ET.tostring(beside) == ET.tostring(style)
        used = {e.get("symbol") for e in style.iter() if e.get("symbol") is not None}
        drawn = {symbol.get("name") for symbol in style.iter("symbol")}
        assert used <= drawn
        columns = set(pyogrio.read_info(path, layer=layer)["fields"])
        aliases = {alias.get("field"): alias.get("name") for alias in style.iter("alias")}
        assert set(aliases) == columns
    assert kinds == {
        "municipalities": "singleSymbol", "branches": "RuleRenderer",
        "transformers": "RuleRenderer", "stations": "graduatedSymbol",
        "projects": "categorizedSymbol",
    }  # fmt: skip
    assert aliases["mw"] == "Effekt (MW)"


def matches(expression, row):
    """Judge an expression of QGIS as SQLite does, which knows all that the styles use."""
    columns = ", ".join(f'? AS "{name}"' for name in row)
    with closing(sqlite3.connect(":memory:")) as base:
        asked = f"SELECT ({expression}) FROM (SELECT {columns})"
        return bool(base.execute(asked, [*row.values()]).fetchone()[0])


@pytest.mark.parametrize(
    ("row", "label", "dashed"),
    [
        ({"loading_pu": 0.3, "basis": "osm"}, "below 60 % of the rating", "0"),
        ({"loading_pu": 0.6, "basis": "derived"}, "60–80 %", "0"),
        ({"loading_pu": 1.0, "basis": "synthetic"}, "95–100 %", "1"),
        ({"loading_pu": 1.0004, "basis": "osm"}, "95–100 %", "0"),
        ({"loading_pu": 1.2, "basis": "assumption"}, "above 100 %: overload", "1"),
    ],
)
def test_a_line_is_drawn_by_one_rule_dashed_where_it_is_not_real(
    result, tmp_path, row, label, dashed
):
    style = style_of(write_gis(result, tmp_path / "plan.gpkg"), "branches")
    hits = [
        rule
        for group in style.find("renderer-v2/rules")
        if matches(group.get("filter"), row)
        for rule in group
        if matches(rule.get("filter"), row)
    ]
    assert [rule.get("label") for rule in hits] == [label]
    symbol = style.find(f".//symbol[@name='{hits[0].get('symbol')}']")
    assert symbol.find(".//Option[@name='use_custom_dash']").get("value") == dashed
    keys = [rule.get("key") for rule in style.iter("rule")]
    assert len(set(keys)) == len(keys)


def test_the_classes_of_a_capacity_leave_no_gap(capacity, result, tmp_path):
    path = write_gis(capacity, tmp_path / "capacity.gpkg", study=result.study)
    style = style_of(path, "stations")
    assert style.find("renderer-v2").get("attr") == "capacity_mw"
    ranges = [(float(r.get("lower")), float(r.get("upper"))) for r in style.iter("range")]
    assert ranges[0][0] < 0
    assert ranges[-1][1] >= 1e9
    assert all(low[1] == high[0] for low, high in pairwise(ranges))
    stations = gpd.read_file(path, layer="stations").set_index("bus")
    firm = capacity["capacity_mw"].sel(criterion="N-1", flexibility=0.0).to_series()
    assert stations["capacity_mw"].to_dict() == pytest.approx(firm.to_dict(), abs=1e-5)


def test_the_limits_of_the_classes_are_those_of_the_settings(capacity, result, tmp_path):
    own = MapClasses(capacity_mw=(5.0, 40.0), loading_pu=(0.5, 0.7, 0.9))
    settings = result.study.settings.model_copy(update={"map_classes": own})
    study = replace(result.study, settings=settings)
    path = write_gis(capacity, tmp_path / "capacity.gpkg", study=study)
    ranges = list(style_of(path, "stations").iter("range"))
    assert [r.get("label") for r in ranges] == ["<5 MW", "5–40 MW", "≥40 MW"]
    path = write_gis(replace(result, study=study), tmp_path / "plan.gpkg")
    labels = [rule.get("label") for rule in style_of(path, "transformers").iter("rule")]
    assert labels[0] == "below 50 % of the rating"


def test_other_results_can_be_written_too(result, certificate, reinforced, tmp_path):
    for name, (found, study) in {
        "base": (result.base, None),
        "certificate": (certificate, result.study),
        "values": (marginal_values(result), None),
        "stages": (stages(reinforced.study), reinforced.study),
    }.items():
        path = write_gis(found, tmp_path / f"{name}.gpkg", study=study)
        assert len(gpd.read_file(path, layer="branches")) >= 7
    years = gpd.read_file(path, layer="branches").set_index("branch")["in_service_year"]
    assert years["BD"] == 2028
    assert years.isna()["AB"]


def test_a_study_without_outlines_has_an_empty_layer(result, tmp_path):
    bare = replace(result, study=replace(result.study, folder=None))
    for name in ("plan.gpkg", "plan.geojson"):
        path = write_gis(bare, tmp_path / name)
    towns = gpd.read_file(tmp_path / "plan.gpkg", layer="municipalities")
    assert towns.empty
    assert "chosen_mw" in towns
    assert json.loads((tmp_path / "plan_municipalities.geojson").read_text())["features"] == []
    assert path.is_file()


@pytest.mark.parametrize("name", ["plan.gpkg", "plan.geojson"])
@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt])
def test_a_failure_leaves_the_older_files(result, tmp_path, monkeypatch, name, failure):
    write_gis(result, tmp_path / name)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def broken(*_args):
        raise failure

    monkeypatch.setattr(Style, "qml", broken)
    with pytest.raises((OSError, KeyboardInterrupt)):
        write_gis(result, tmp_path / name, language="nb")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_gdal_forgets_the_date(result, tmp_path):
    write_gis(result, tmp_path / "plan.gpkg")
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") is None


def test_what_cannot_be_written_is_refused(result, tmp_path):
    with pytest.raises(ValueError, match=r"\.gpkg or \.geojson, not '\.shp'"):
        write_gis(result, tmp_path / "plan.shp")
    with pytest.raises(ValueError, match="EPSG:3857 is not offered"):
        write_gis(result, tmp_path / "plan.gpkg", crs=3857)
    with pytest.raises(FileNotFoundError, match="no such folder"):
        write_gis(result, tmp_path / "missing" / "plan.gpkg")
    assert gis.CRS == {".gpkg": 25833, ".geojson": 4326}


def test_a_network_without_coordinates_has_figures_but_no_places(tmp_path):
    study = plain_study(triangle(), {"Quay": {"bus": "C", "mw": 20.0, "value_mnok_per_yr": 1.0}})
    for name in ("plan.gpkg", "plan.geojson"):
        write_gis(plan(study), tmp_path / name)
    stations = gpd.read_file(tmp_path / "plan.gpkg", layer="stations").set_index("bus")
    assert stations.geometry.isna().all()
    assert stations.loc["C", "chosen_mw"] == 20.0
    read = json.loads((tmp_path / "plan_branches.geojson").read_text(encoding="utf-8"))
    assert [feature["geometry"] for feature in read["features"]] == [None] * 3
