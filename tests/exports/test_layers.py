"""A result as geography: what is where, with its figures; and the study it belongs to."""

import logging
from dataclasses import dataclass, replace

import pandas as pd
import pyproj
import pytest
import xarray as xr
from shapely.geometry import Point

from gridplan.base.errors import StudyError
from gridplan.exports import belonging
from gridplan.exports.layers import layers_of, study_of
from gridplan.exports.loading import highest_loading
from gridplan.grid.stages import stages
from gridplan.hosting import spread
from gridplan.hosting.capacity import hosting_capacity
from gridplan.hosting.ranking import rank_reinforcements
from gridplan.hosting.spread import capacity_range
from gridplan.operation.base_case import base_case
from gridplan.reasons.marginal import marginal_values
from gridplan.study.study import Study
from tests.exports.conftest import PLACES, placed_network
from tests.networks_by_hand import reinforcements, triangle


@dataclass(frozen=True)
class Labelled:
    label: str


@pytest.fixture(scope="module")
def layers(result, certificate):
    return layers_of(result, certificate=certificate)


@pytest.fixture(scope="module")
def capacity(result):
    return hosting_capacity(
        result.study, criterion=["N-1", "N-0"], flexibility=[0.0, 0.05], buses=["B", "E", "A 66"]
    )


def test_stations_stand_where_they_are_with_what_is_chosen_there(layers):
    stations = layers.stations
    assert stations.crs.to_epsg() == 4326
    assert {bus: (p.x, p.y) for bus, p in stations.geometry.items() if bus in PLACES} == PLACES
    assert stations.loc["A 66", ["station", "kv"]].tolist() == ["Ås A", 66.0]
    assert stations["municipality"].to_dict()["B"] == "Vestås"  # by its place
    assert stations["municipality"].to_dict()["E"] == "Østås"
    assert stations["chosen_mw"][stations["chosen_mw"] > 0].to_dict() == {
        "B": 6.5, "E": 25.0, "F": 28.0
    }  # fmt: skip
    assert stations.loc["E", ["not_chosen_mw", "projects", "projects_chosen"]].tolist() == [
        150,
        2,
        1,
    ]
    assert stations["saved_mw"][stations["saved_mw"] > 0].to_dict() == {"D": 2.0, "E": 2.0}


def test_lines_are_paths_and_transformers_points(layers, result, certificate):
    branches = layers.branches
    assert list(branches.loc["CD"].geometry.coords) == [(10.5, 62.9), (10.7, 63.1), (11.0, 63.0)]
    assert list(branches.loc["AB"].geometry.coords) == [PLACES["A"], PLACES["B"]]
    assert branches.loc["A T1"].geometry == Point(PLACES["A"])
    assert branches.loc["A T1", ["type", "kv", "s_nom_mva"]].tolist() == ["transformer", 132, 50]
    loading = highest_loading(result, certificate)
    pd.testing.assert_series_equal(branches["loading_pu"], loading.reindex(branches.index),
                                   check_names=False, check_index_type=False)  # fmt: skip
    assert branches.loc["CD", "raised_pu"] == pytest.approx(0.2)
    assert branches["outage"].to_dict() == certificate.worst["outage"].to_dict()


def test_projects_say_what_became_of_them(layers, result):
    projects = layers.projects
    assert projects["outcome"].to_dict() == {
        "Smelteverk på Øya": "chosen", "Datasenter $x_1$ <b>": "not chosen",
        "Fiskemottak": "chosen", "Ferge": "chosen",
    }  # fmt: skip
    assert projects.loc["Smelteverk på Øya"].geometry == Point(11.32, 63.25)
    assert projects.loc["Ferge"].geometry == Point(PLACES["B"])
    assert projects["mw"].sum() == result.by_project["mw"].sum()


def test_municipalities_add_up_and_nothing_is_lost(layers, result):
    sums = layers.municipalities
    assert list(sums.index) == ["Vestås", "Østås"]
    assert sums["chosen_mw"].to_dict() == {"Vestås": 6.5, "Østås": 53.0}
    assert sums["projects"].sum() == len(result.by_project)
    assert sums["jobs"].sum() == result.summary()["jobs"]


def test_capacity_fills_one_column_and_lists_every_level(capacity, result):
    found = layers_of(capacity, result.study)
    firm = capacity["capacity_mw"].sel(criterion="N-1", flexibility=0.0).to_series()
    stations = found.stations
    assert stations["capacity_mw"].dropna().to_dict() == pytest.approx(firm.to_dict())
    assert stations["capacity_mw"].isna().sum() == len(stations) - 3  # not asked for: not 0
    every = ["capacity_n1_0_mw", "capacity_n1_5_mw", "capacity_n0_0_mw", "capacity_n0_5_mw"]
    for name, criterion, share in zip(every, ["N-1"] * 2 + ["N-0"] * 2, [0, 0.05] * 2, strict=True):
        wanted = capacity["capacity_mw"].sel(criterion=criterion, flexibility=share).to_series()
        assert stations[name].dropna().to_dict() == pytest.approx(wanted.to_dict())
    other = layers_of(capacity, result.study, criterion="N-0", flexibility=0.05).stations
    assert other["capacity_mw"].equals(stations["capacity_n0_5_mw"])
    assert stations.loc["C", "limiting_branch"] == ""
    limits = found.branches["limits_buses"]
    assert limits.sum() == (stations["limiting_branch"] != "").sum() > 0
    assert found.municipalities["highest_capacity_mw"].to_dict() == pytest.approx(
        {"Vestås": max(firm["B"], firm["A 66"]), "Østås": firm["E"]}
    )
    with pytest.raises(ValueError, match=r"no capacity under N-1 with flexibility 0\.01"):
        layers_of(capacity, result.study, flexibility=0.01)


def test_one_level_of_a_capacity_is_enough(capacity, result):
    one = capacity.sel(criterion="N-0", flexibility=0.05)
    found = layers_of(one, result.study).stations["capacity_mw"].dropna()
    assert found.to_dict() == pytest.approx(one["capacity_mw"].to_series().to_dict())


def test_projects_of_a_capacity_have_their_status(capacity, result):
    projects = layers_of(capacity, result.study).projects
    assert set(projects["outcome"]) == {"candidate"}
    assert not projects["chosen"].any()


def test_a_capacity_finds_its_stage_in_the_study_as_opened(reinforced, tmp_path):
    opened = replace(reinforced.study, network=placed_network(), in_service=(), grid_year=None)
    found = hosting_capacity(opened, 2030, flexibility=[0.0], buses=["B"])
    found.to_netcdf(tmp_path / "capacity.nc")
    with xr.open_dataset(tmp_path / "capacity.nc") as read:
        study = study_of(read, opened)
    assert study.grid_year == 2030
    assert study.in_service == ("Tykkere linje", "Fjordkryssing", "Ny transformator")
    assert "BD" in layers_of(found, opened).branches.index


def test_a_capacity_of_a_year_before_anything_was_built_says_its_year(reinforced):
    """The grid of the study's own year is the one that is stored, and so has its hash."""
    settings = reinforced.study.settings.model_copy(update={"year": 2025})
    opened = replace(
        reinforced.study,
        network=placed_network(),
        in_service=(),
        grid_year=None,
        settings=settings,
    )
    found = hosting_capacity(opened, 2025, flexibility=[0.0], buses=["B"])
    assert found.attrs["study_sha256"] == opened.hash
    study = study_of(found, opened)
    assert (study.grid_year, study.in_service, study.hash) == (2025, (), opened.hash)


def test_a_capacity_of_another_study_is_refused(capacity, result):
    other = replace(result.study, projects=result.study.projects.assign(mw=7.0))
    with pytest.raises(StudyError, match="not the study of the capacity"):
        study_of(capacity, other)
    with pytest.raises(StudyError, match="not at hand"):
        study_of(capacity)
    with pytest.raises(StudyError, match="does not say from which study"):
        study_of(capacity.drop_attrs(), result.study)


def test_a_bundled_study_is_opened_by_itself(capacity, result, monkeypatch):
    monkeypatch.setattr(belonging, "bundled_studies", lambda: {"asene": "there"})
    monkeypatch.setattr(belonging, "open_study", lambda name: {"asene": result.study}[name])
    assert study_of(capacity) is result.study


def test_reinforced_parts_are_marked(reinforced):
    found = layers_of(reinforced)
    assert set(found.branches.index[found.branches["planned"]]) == {"BD", "EF", "A T2"}


def test_a_bus_without_coordinates_stays_and_is_reported(result, caplog):
    network = result.study.network.copy()
    network.c.buses.static.loc["F", ["x", "y"]] = 0.0
    lost = replace(result, study=replace(result.study, network=network))
    with caplog.at_level(logging.WARNING):
        found = layers_of(lost)
    assert found.unplaced == ("F",)
    assert "no coordinates: F" in caplog.text
    assert found.stations.loc["F", "chosen_mw"] == 28.0
    assert found.stations.geometry.isna().to_dict()["F"]
    assert set(found.branches.index[found.branches.geometry.isna()]) == {"EF", "DF"}


def test_without_outlines_municipalities_are_empty_with_the_same_columns(layers, result):
    bare = layers_of(replace(result, study=replace(result.study, folder=None)))
    assert bare.municipalities.empty
    assert set(bare.municipalities) == set(layers.municipalities)
    assert bare.municipalities.crs == layers.municipalities.crs


def test_base_case_and_certificate(result, certificate):
    base = layers_of(result.base)
    assert base.stations["load_mw"].to_dict()["B"] == pytest.approx(32.0)  # 30 and the quay
    assert base.main == ("branches", "loading_pu", "pu")
    assert (base.branches["loading_pu"] <= 1 + 1e-6).all()
    proof = layers_of(certificate, result.study)
    assert proof.branches["bridge"].sum() == len(certificate.without_n1)
    assert proof.branches["violation_mw"].max() == 0
    assert proof.stations["without_n1"].any()
    with pytest.raises(StudyError, match="certificate does not carry its study"):
        layers_of(certificate)


def test_marginal_values(result):
    values = marginal_values(result)
    found = layers_of(values)
    assert found.main[1:] == ("value_nok_per_mw", "NOK/MW/yr")
    assert found.stations["value_nok_per_mw"].to_dict() == values.buses["divisible"].to_dict()
    assert found.branches["value_nok_per_mw"].to_dict() == values.branches["divisible"].to_dict()


def test_reinforcements_not_built_yet_are_on_the_map(reinforced):
    opened = replace(reinforced.study, network=placed_network(), in_service=(), grid_year=None)
    told = rank_reinforcements(opened, buses=["E", "A 66"], pairs=False, criterion="N-0")
    found = layers_of(told, opened)
    branches = found.branches
    assert found.main == ("branches", "gain_mw", "MW")
    assert branches.loc["BD", ["type", "planned", "reinforcement"]].tolist() == [
        "line", True, "Fjordkryssing"
    ]  # fmt: skip
    assert list(branches.loc["BD"].geometry.coords) == [PLACES["B"], PLACES["D"]]
    assert branches.loc["BD", "gain_mw"] == told.loc["Fjordkryssing", "gain_mw"] > 1
    assert found.stations["reinforcement"][["E", "A 66"]].tolist() == [
        "Fjordkryssing", "Ny transformator"
    ]  # fmt: skip
    assert branches.loc["AB", "reinforcement"] == ""
    years = layers_of(stages(opened), opened).branches
    assert years.loc["A T2", "in_service_year"] == 2029
    assert years.loc["DE", "in_service"] == False  # noqa: E712 - a numpy bool


def test_a_new_bus_of_a_reinforcement_is_placed(result):
    rows = {"name": "Utvidelse", "year": 2031, "status": "planned", "basis": "documented"}
    place = {"action": "add bus", "bus0": "G 132", "v_nom": 132.0, "lon": 11.2, "lat": 63.0}
    line = {"action": "add line", "branch": "FG", "bus0": "F", "bus1": "G 132", "r": 0.01}
    table = reinforcements(rows | place, rows | line | {"x": 10.0, "s_nom": 80.0})
    study = replace(result.study, reinforcements=table)
    found = layers_of(stages(study), study)
    assert found.stations.loc["G 132", ["station", "municipality", "planned"]].tolist() == [
        "G", "Østås", True
    ]  # fmt: skip
    assert list(found.branches.loc["FG"].geometry.coords) == [PLACES["F"], (11.2, 63.0)]


def test_a_range_of_weather_years(result, monkeypatch):
    labels = {"low": 0.5, "high": 1.0}
    cap = hosting_capacity(result.study, flexibility=[0.0], buses=["B"])
    monkeypatch.setattr(spread, "with_year", lambda _study, label: label)
    monkeypatch.setattr(spread, "hosting_capacity", lambda label, _year, **_: cap.assign(
        capacity_mw=cap["capacity_mw"] * labels[label]))  # fmt: skip
    years = [Labelled(label) for label in labels]
    found = layers_of(capacity_range(result.study, years=years), result.study).stations
    firm = cap["capacity_mw"].item()
    row = found.loc["B", ["lowest_mw", "middle_mw", "highest_mw"]].astype(float)
    assert row.tolist() == pytest.approx([0.5 * firm, 0.75 * firm, firm])
    assert found.loc["B", "lowest_year"] == "low"


def test_a_network_in_metres_lands_in_degrees():
    network = triangle()
    network._crs = pyproj.CRS.from_epsg(25833)
    network.c.buses.static[["x", "y"]] = [(270000.0, 7040000.0), (280000.0, 7040000.0),
                                          (270000.0, 7050000.0)]  # fmt: skip
    study = Study(network=network)
    points = layers_of(base_case(study)).stations.geometry
    assert points.x.between(10.2, 10.7).all()
    assert points.y.between(63.3, 63.6).all()


def test_other_objects_are_refused():
    with pytest.raises(TypeError, match="no result with a place"):
        layers_of(pd.DataFrame({"mw": [1.0]}))
    with pytest.raises(TypeError, match="no result with a place"):
        layers_of(xr.Dataset())
