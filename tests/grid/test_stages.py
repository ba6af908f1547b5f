"""Stages on a triangle: what is added, removed and re-rated, and what is refused."""

import pandas as pd
import pypsa
import pytest

import gridplan as gp
from gridplan.base.errors import StudyError
from gridplan.base.messages import messages
from gridplan.base.provenance import provenance
from gridplan.study.settings import Settings
from gridplan.study.study import Study
from tests.networks_by_hand import SECOND_LINE as SECOND
from tests.networks_by_hand import measures, reinforcements, triangle

RERATED = {"name": "Heavier line", "year": 2027, "status": "licensed", "action": "rate"} | {
    "branch": "AC",
    "s_nom": 150.0,
}
SUBSTATION = {"name": "New station", "year": 2030, "status": "under construction"}
NEW_BUS = SUBSTATION | {"action": "add bus", "bus0": "D 66", "v_nom": 66.0, "lon": 10.0, "lat": 63}
NEW_UNIT = SUBSTATION | {
    "action": "add transformer",
    "branch": "D T1",
    "bus0": "C",
    "bus1": "D 66",
    "r": 0.003,
    "x": 0.12,
    "s_nom": 25.0,
}


def study_of(*rows: dict, network: pypsa.Network | None = None, **parts) -> Study:
    network = triangle() if network is None else network
    return gp.Study(network=network, reinforcements=reinforcements(*rows), **parts)


def lines(study: Study) -> pd.DataFrame:
    return study.network.c.lines.static


def problem(study: Study, *args, **options):
    with pytest.raises(StudyError) as error:
        gp.at_stage(study, *args, **options)
    assert len(error.value.problems) == 1, error.value
    return error.value.problems[0]


def test_a_planned_line_is_there_from_its_year_on():
    study = study_of(SECOND)
    before, after = gp.at_stage(study, 2027), gp.at_stage(study, 2028)
    assert list(lines(before).index) == ["AB", "BC", "AC"]
    assert list(lines(after).index) == ["AB", "BC", "AC", "AC 2"]
    assert lines(after).loc["AC 2", ["bus0", "bus1", "x", "s_nom"]].tolist() == [
        "A",
        "C",
        10.0,
        100.0,
    ]
    assert (before.in_service, after.in_service) == ((), ("Second line",))


def test_the_study_itself_is_not_changed():
    study = study_of(SECOND)
    digest = study.hash
    stage = gp.at_stage(study, 2030)
    assert study.hash == digest != stage.hash
    assert len(lines(study)) == 3


def test_the_year_of_the_settings_is_the_default():
    study = study_of(SECOND, settings=Settings(year=2028))
    assert gp.at_stage(study).in_service == ("Second line",)
    assert gp.at_stage(study, 2027).in_service == ()


def test_the_second_line_takes_its_half_of_the_outage():
    """After the loss of AC, AC 2 (10 ohm) carries twice what A-B-C (20 ohm) carries."""
    stage = gp.at_stage(study_of(SECOND), 2028)
    network = stage.network.copy()
    network.remove("Line", "AC")
    network.lpf()
    flow = network.c.lines.dynamic.p0.iloc[0]
    assert flow["AC 2"] == pytest.approx(40.0)
    assert flow["AB"] == pytest.approx(20.0)


def test_removing_a_line():
    study = study_of(RERATED | {"action": "remove", "s_nom": float("nan")})
    assert list(lines(gp.at_stage(study, 2027)).index) == ["AB", "BC"]


def test_rating_a_line_changes_only_what_is_given():
    stage = gp.at_stage(study_of(RERATED), 2027)
    assert lines(stage).loc["AC", ["s_nom", "x"]].tolist() == [150.0, 10.0]
    lighter = gp.at_stage(study_of(RERATED | {"x": 8.0}), 2027)
    assert lines(lighter).loc["AC", ["s_nom", "x"]].tolist() == [150.0, 8.0]


def test_a_new_station_and_its_transformer():
    stage = gp.at_stage(study_of(NEW_BUS, NEW_UNIT), 2030)
    assert stage.network.c.buses.static.loc["D 66", ["v_nom", "x", "y"]].tolist() == [66, 10, 63]
    assert stage.network.c.transformers.static.loc["D T1", "s_nom"] == 25.0
    stage.network.consistency_check(strict=["zero_impedances", "unknown_buses"])


@pytest.mark.parametrize("status", ["idea", "on hold"])
def test_ideas_never_count_by_year(status):
    study = study_of(SECOND | {"status": status})
    assert gp.at_stage(study, 2050).in_service == ()
    assert gp.at_stage(study, 2026, include="Second line").in_service == ("Second line",)


def test_excluded_reinforcements_are_not_built():
    study = study_of(SECOND, RERATED)
    assert gp.at_stage(study, 2030, exclude=["Second line"]).in_service == ("Heavier line",)


def test_changes_are_made_in_the_order_of_years_not_of_the_table():
    first = RERATED | {"name": "First step", "year": 2026, "s_nom": 120.0}
    stage = gp.at_stage(study_of(RERATED, first), 2030)
    assert stage.in_service == ("First step", "Heavier line")
    assert lines(stage).loc["AC", "s_nom"] == 150.0


def test_a_stage_can_be_carried_further():
    study = study_of(SECOND, RERATED)
    further = gp.at_stage(gp.at_stage(study, 2027), 2028)
    at_once = gp.at_stage(study, 2028)
    assert further.in_service == at_once.in_service == ("Heavier line", "Second line")
    pd.testing.assert_frame_equal(lines(further), lines(at_once))


def test_a_stage_says_which_grid_it_is():
    study = study_of(SECOND, RERATED)
    assert str(study.stage) == "grid as stored"
    assert str(gp.at_stage(study, 2025).stage) == "grid of 2025: no reinforcements"
    stage = gp.at_stage(study, 2029)
    assert (stage.stage.name, stage.grid_year) == ("grid of 2029", 2029)
    assert str(stage.stage) == "grid of 2029: Heavier line; Second line"
    assert "grid of 2029" in repr(stage)
    assert provenance(stage)["stage"] == str(stage.stage)


def test_a_stage_of_the_same_year_is_the_same_object():
    stage = gp.at_stage(study_of(SECOND), 2028)
    assert gp.at_stage(stage, 2028) is stage
    assert gp.at_stage(stage) is stage  # not the year of the settings, 2030
    later = gp.at_stage(stage, 2029)
    assert (later.grid_year, later.network) == (2029, stage.network)


def test_what_a_stage_left_out_stays_out_until_it_is_included():
    stage = gp.at_stage(study_of(SECOND, RERATED), 2027, exclude="Heavier line")
    assert gp.at_stage(stage, 2027) is stage
    assert gp.at_stage(stage, 2028).in_service == ("Second line",)
    assert gp.stages(stage, 2028)["in_service"].to_dict() == {
        "Heavier line": False,
        "Second line": True,
    }
    assert gp.at_stage(stage, 2028, include="Heavier line").in_service == (
        "Heavier line",
        "Second line",
    )


def test_what_is_built_cannot_be_excluded_any_more():
    stage = gp.at_stage(study_of(SECOND), 2028)
    found = problem(stage, 2028, exclude="Second line")
    assert "already holds it" in found.message


def test_measures_on_removed_lines_are_left_out():
    rows = {"Warm": {"kind": "rating", "branch": "AC", "rating_pu": 0.2, "profile": ""}}
    removed = RERATED | {"action": "remove", "s_nom": float("nan")}
    settings = Settings(unsecured=("AC", "AB"))
    study = study_of(removed, measures=measures(rows), settings=settings)
    stage = gp.at_stage(study, 2027)
    assert list(stage.measures.index) == []
    assert stage.settings.unsecured == ("AB",)
    assert list(study.measures.index) == ["Warm"]


class TestRefused:
    def test_an_unknown_name(self):
        found = problem(study_of(SECOND), include="Second lin")
        assert (found.value, found.message) == ("Second lin", "unknown reinforcement")
        assert found.remedy == "Did you mean 'Second line'?"

    def test_an_earlier_year_than_that_of_the_grid(self):
        found = problem(gp.at_stage(study_of(SECOND), 2028), 2027)
        assert (found.column, found.value) == ("year", "2027")
        assert found.message == "the grid is that of 2028 already"
        assert found.remedy == "Start from the study as it was opened."

    @pytest.mark.parametrize("year", [1200, 20300])
    def test_an_impossible_year(self, year):
        assert problem(study_of(SECOND), year).message == "no possible year of a grid"

    def test_included_and_excluded(self):
        found = problem(study_of(SECOND), include="Second line", exclude="Second line")
        assert found.message == "both included and excluded"

    def test_a_line_that_another_has_removed(self):
        removed = RERATED | {"name": "Demolition", "year": 2026, "action": "remove"}
        study = study_of(removed | {"s_nom": float("nan")}, RERATED)
        found = problem(study, 2030)
        assert (found.row, found.column, found.value) == (
            "reinforcement Heavier line",
            "branch",
            "AC",
        )
        assert found.message == "'Demolition' takes it out of service"
        assert "Exclude 'Heavier line' or 'Demolition'" in found.remedy
        assert gp.at_stage(study, 2030, exclude="Demolition").in_service == ("Heavier line",)

    def test_a_line_that_two_add(self):
        study = study_of(SECOND, SECOND | {"name": "The same again"})
        assert problem(study, 2030).message == "'Second line' adds it too"

    def test_a_bus_that_is_built_later(self):
        study = study_of(NEW_UNIT | {"name": "Unit", "year": 2029}, NEW_BUS, NEW_UNIT)
        found = problem(study, 2029)
        assert (found.column, found.message) == ("bus1", "only 'New station' adds it")
        assert "Include 'New station'" in found.remedy

    def test_a_bus_without_a_branch(self):
        assert "no branch is left" in problem(study_of(NEW_BUS), 2030).message

    def test_a_load_that_loses_its_supply(self):
        rows = [RERATED | {"branch": b, "action": "remove", "s_nom": float("nan")} for b in ("AC",)]
        rows.append(rows[0] | {"branch": "BC"})
        assert "no branch is left" in problem(study_of(*rows), 2030).message

    def test_a_bus_that_is_still_in_use(self):
        row = SUBSTATION | {"action": "remove bus", "bus0": "C"}
        found = problem(study_of(row), 2030)
        assert found.message == "BC, AC, load C still hangs on it"


def test_stages_lists_every_reinforcement_in_words():
    study = study_of(NEW_BUS, NEW_UNIT, SECOND | {"status": "idea"}, RERATED)
    table = gp.stages(study)
    assert list(table.index) == ["Heavier line", "Second line", "New station"]
    assert list(table["in_service"]) == [True, False, True]
    assert list(table["cost_mnok"]) == [10.0, 10.0, 10.0]
    assert list(table["changes"]) == [
        "AC rated 150 MVA",
        "new line AC 2 (100 MVA)",
        "new bus D 66; new transformer D T1 (25 MVA)",
    ]
    assert list(gp.stages(study, 2027)["in_service"]) == [True, False, False]


def test_changes_are_told_in_norwegian_too():
    longer = SECOND | {"length": 12.5, "s_nom": 1500.0}
    gone = {"name": "Gone", "year": 2029, "status": "planned", "action": "remove", "branch": "BC"}
    study = study_of(NEW_BUS, NEW_UNIT, longer, RERATED, gone)
    assert gp.stages(study, language="nb")["changes"].to_dict() == {
        "Heavier line": "AC får grense 150 MVA",
        "Second line": f"ny ledning AC 2 (12,5 km, {messages('nb').number(1500)} MVA)",
        "New station": "ny samleskinne D 66; ny transformator D T1 (25 MVA)",
        "Gone": "BC tas ut av drift",
    }


def test_a_study_may_have_no_reinforcements():
    study = gp.Study(network=triangle())
    assert gp.at_stage(study, 2050) is study
    assert list(gp.stages(study).columns) == [
        "year",
        "status",
        "cost_mnok",
        "changes",
        "in_service",
    ]
