"""What reinforcements gain, by hand and against the capacity of the grid with them."""

import pandas as pd
import pytest

import gridplan as gp
from gridplan.base.errors import StudyError
from gridplan.study.study import Study
from tests.networks_by_hand import SECOND_LINE, network, projects, reinforcements, triangle

pytestmark = pytest.mark.slow

RATE = {"year": 2029, "status": "idea", "action": "rate"}


def chain():
    """Supply at A, then B, then C: one line of 50 MW after the other."""
    n = network(
        {"AB": ("A", "B", 10.0, 50.0), "BC": ("B", "C", 10.0, 50.0)}, {"C": [10.0, 20.0]}, 2
    )
    n.add("Generator", "border A", bus="A", carrier="border", p_nom=500.0)
    first = RATE | {"name": "First", "branch": "AB", "s_nom": 90.0}
    second = RATE | {"name": "Second", "branch": "BC", "s_nom": 120.0, "status": "planned"}
    return Study(network=n, reinforcements=reinforcements(first, second))


def test_a_second_line_by_hand():
    """Without AC the second line carries two thirds: 150 MW firm instead of 100, for 10 MNOK."""
    study = Study(network=triangle(), reinforcements=reinforcements(SECOND_LINE))
    row = gp.rank_reinforcements(study, buses=["C", "A"]).loc["Second line"]
    assert row["gain_mw"] == pytest.approx(50.0, abs=1e-4)
    assert row["best_bus"] == "C"
    assert row["mean_gain_mw"] == pytest.approx(25.0, abs=1e-4)  # A is limited by the supply
    assert row[["count", "buses_gaining", "year", "status"]].tolist() == [1, 1, 2028, "planned"]
    assert row["gain_mw_per_mnok"] == pytest.approx(5.0, abs=1e-5)
    assert row["loss_mw"] == pytest.approx(0.0, abs=1e-6)


def test_two_in_a_row_gain_together_what_neither_gains_alone():
    table = gp.rank_reinforcements(chain(), buses=["C"])
    assert table["gain_mw"].to_dict() == pytest.approx(
        {"First + Second": 40.0, "First": 0.0, "Second": 0.0}, abs=1e-4
    )
    pair = table.loc["First + Second"]
    assert pair["synergy_mw"] == pytest.approx(40.0, abs=1e-4)
    assert pair[["count", "cost_mnok", "status"]].tolist() == [2, 20.0, "idea"]
    assert table.loc["First", "best_bus"] == ""


def test_pairs_that_gain_no_more_than_their_parts_are_not_listed():
    table = gp.rank_reinforcements(chain(), buses=["B"])
    assert list(table.index) == ["First", "Second"]
    assert table.loc["First", "gain_mw"] == pytest.approx(40.0, abs=1e-4)
    assert list(gp.rank_reinforcements(chain(), buses=["C"], pairs=False)["count"]) == [1, 1]


def test_buses_with_projects_that_wait_count():
    offered = projects(
        {
            "asked": {"bus": "B", "mw": 30.0, "status": "queue"},
            "kept": {"bus": "C", "mw": 5.0, "status": "reserved"},
        }
    )
    study = Study(network=triangle(), projects=offered, reinforcements=reinforcements(SECOND_LINE))
    assert gp.rank_reinforcements(study).attrs["buses"] == ["B"]
    none = Study(network=triangle(), reinforcements=reinforcements(SECOND_LINE))
    assert gp.rank_reinforcements(none).attrs["buses"] == ["A", "B", "C"]


def test_what_needs_another_says_so_and_gains_with_it():
    """A line to a bus that only another reinforcement builds."""
    station = {"name": "Station", "year": 2027, "status": "planned"}
    rows = [
        station | {"action": "add bus", "bus0": "D", "v_nom": 132.0, "lon": 10.0, "lat": 63.0},
        station | {"action": "add line", "branch": "AD", "bus0": "A", "bus1": "D"}
        | {"r": 0.01, "x": 5.0, "s_nom": 100.0},
        {"name": "Onwards", "year": 2029, "status": "idea", "action": "add line", "branch": "DC"}
        | {"bus0": "D", "bus1": "C", "r": 0.01, "x": 5.0, "s_nom": 100.0},
    ]  # fmt: skip
    study = Study(network=triangle(), reinforcements=reinforcements(*rows))
    table = gp.rank_reinforcements(study, buses=["C"])
    assert "D" in table.loc["Onwards", "note"]
    assert pd.isna(table.loc["Onwards", "gain_mw"])
    pair = table.loc["Station + Onwards"]
    assert pair["gain_mw"] == pytest.approx(50.0, abs=1e-4)
    assert pair["synergy_mw"] == pytest.approx(50.0, abs=1e-4)


def test_the_grid_of_a_year_holds_its_own_already():
    study = Study(network=triangle(), reinforcements=reinforcements(SECOND_LINE))
    table = gp.rank_reinforcements(study, year=2030)
    assert table.empty
    assert "Second line" in table.attrs["stage"]
    with pytest.raises(StudyError, match="holds it already"):
        gp.rank_reinforcements(study, year=2030, names=["Second line"])


def test_unknown_names_are_told():
    study = Study(network=triangle(), reinforcements=reinforcements(SECOND_LINE))
    with pytest.raises(StudyError, match="Second line"):
        gp.rank_reinforcements(study, names=["Second lin"])
    with pytest.raises(StudyError, match="unknown bus"):
        gp.rank_reinforcements(study, buses=["Q"])


def test_progress_ends_at_the_whole():
    shares = []
    gp.rank_reinforcements(chain(), buses=["C"], progress=shares.append)
    assert shares == pytest.approx([0.25, 0.5, 0.75, 1.0])
