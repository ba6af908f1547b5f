"""What is drawn is what the plan holds."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from gridplan.exports.features import features_of, middle_of, points_along
from gridplan.exports.geography import geography_of
from gridplan.exports.loading import highest_loading
from gridplan.grid.stages import at_stage
from tests.networks_by_hand import SECOND_LINE, reinforcements


@pytest.fixture(scope="module")
def geography(result):
    return geography_of(result.study, result.network)


@pytest.fixture(scope="module")
def features(result, certificate, geography):
    return features_of(result, geography, highest_loading(result, certificate))


def test_distances_are_kilometres(geography):
    """A and D: one degree of longitude at 63° N, on the WGS84 ellipsoid."""
    a, d = geography.buses.loc["A"], geography.buses.loc["D"]
    parallel = 50.68  # km: 6378.137 cos φ / sqrt(1 − 0.00669438 sin² φ) · π / 180
    assert np.hypot(a.x - d.x, a.y - d.y) == pytest.approx(parallel, rel=2e-4)
    assert abs(geography.buses[["x", "y"]]).max().max() < 100


def test_lines_follow_their_geometry_or_go_straight(features):
    paths = features.branches["path"]
    assert len(paths["CD"]) == 3
    assert len(paths["AB"]) == 2


def test_loading_is_the_same_from_the_witness_and_from_the_plan(result, certificate):
    witnessed, screened = highest_loading(result, certificate), highest_loading(result, None)
    pd.testing.assert_series_equal(witnessed, screened.reindex(witnessed.index), atol=1e-6,
                                   check_index_type=False, check_names=False)  # fmt: skip
    assert witnessed.max() <= 1 + 1e-6


def test_an_existing_overload_counts_against_the_rating(result, certificate):
    existing = pd.DataFrame(
        {"hours": [3], "over_mw": [12.0], "loading_pu": [1.2], "snapshot": ["2030-01-01"]},
        index=pd.Index(["CD"], name="branch"),
    )
    loading = highest_loading(result, replace(certificate, existing=existing))
    assert loading["CD"] == pytest.approx(1.2)


def test_numbers_follow_choice_and_size(features):
    table = features.projects
    assert table["number"].to_dict() == {
        "Fiskemottak": 1, "Smelteverk på Øya": 2, "Ferge": 3, "Datasenter $x_1$ <b>": 4
    }  # fmt: skip


def test_projects_stand_at_their_site_or_their_bus(features, geography):
    ferry, bus = features.projects.loc["Ferge"], geography.buses.loc["B"]
    assert (ferry.x, ferry.y) == pytest.approx((bus.x, bus.y))
    works, bus = features.projects.loc["Smelteverk på Øya"], geography.buses.loc["E"]
    assert np.hypot(works.x - bus.x, works.y - bus.y) == pytest.approx(5.66, abs=0.02)


def test_measures_are_where_they_act(features, geography):
    assert features.savings["mw"].to_dict() == {"Ås D": 2.0, "Ås E": 2.0}
    assert len(features.ratings) == 1


def test_stations_gather_their_buses_and_transformers(features):
    stations = features.stations
    assert len(stations) == 6
    shapes = features.marks.set_index("station")["shape"]
    assert shapes.to_dict()["Ås A"] == "square"
    assert shapes.value_counts().to_dict() == {"dot": 5, "square": 1}
    assert stations.loc["Ås A", "kv"] == 132


def test_parallel_circuits_are_drawn_once_in_the_colour_of_the_most_loaded(result, geography):
    network = result.network.copy()
    network.add("Line", "AB 2", bus0="B", bus1="A", x=10.0, r=0.1, s_nom=100.0, carrier="AC")
    loading = pd.Series({"AB": 0.4, "AB 2": 0.9})
    drawn = features_of(replace(result, network=network), geography, loading).branches
    assert "AB" not in drawn.index
    assert drawn.loc["AB 2", "value"] == 0.9


def test_what_reinforcements_add_or_change_is_told_apart(reinforced, features):
    geography = geography_of(reinforced.study, reinforced.network)
    drawn = features_of(reinforced, geography, highest_loading(reinforced, None))
    planned = drawn.branches["planned"]
    assert set(planned.index[planned]) == {"BD", "EF"}  # DE is only an idea
    assert drawn.stations.index[drawn.stations["planned"]].tolist() == ["Ås A"]
    assert not features.branches["planned"].any()
    assert not features.stations["planned"].any()


def test_a_new_circuit_beside_an_old_one_is_seen_whichever_is_more_loaded(result, geography):
    table = reinforcements(SECOND_LINE | {"branch": "AB 2", "bus1": "B"})
    study = at_stage(replace(result.study, reinforcements=table), 2030)
    staged = replace(result, study=study, network=study.network)
    drawn = features_of(staged, geography, pd.Series({"AB": 0.9, "AB 2": 0.4})).branches
    assert "AB 2" not in drawn.index
    assert drawn.loc["AB", ["planned", "value"]].tolist() == [True, 0.9]


def test_middle_and_points_of_a_path():
    path = np.array([[0.0, 0.0], [3.0, 0.0], [3.0, 1.0]])
    assert middle_of(path).tolist() == [2.0, 0.0]
    steps = np.hypot(*np.diff(points_along(path, 0.5), axis=0).T)
    assert steps.max() <= 0.5
