"""The grid that a plan stands on: that of its year, or another one that is asked for."""

import pytest

from gridplan.base.errors import StudyError
from gridplan.grid.stages import at_stage
from gridplan.operation.base_case import base_case
from gridplan.portfolio.plan import plan
from gridplan.study.settings import Settings, Weights
from gridplan.study.study import Study
from tests.networks_by_hand import SECOND_LINE, projects, reinforcements, triangle

NO_WEIGHTS = Weights(
    co2_mnok_per_kt=0, jobs_mnok_per_job=0, export_mnok_per_mnok=0, mw_mnok_per_mw=0
)
DOCK = {"bus": "C", "mw": 60.0, "year": 2030, "value_mnok_per_yr": 7.0}
QUAY = {"bus": "C", "mw": 30.0, "year": 2025, "value_mnok_per_yr": 4.0}


def study_of(*changes, **offered) -> Study:
    """60 MW of load at C. 100 MW are firm there today, 150 MW with a second line A-C.

    With it the loss of one of the two leaves 2/3 of the load on the other, and 1/3 over B.
    """
    return Study(
        network=triangle(),
        projects=projects(offered or {"Dock": DOCK}),
        reinforcements=reinforcements(*(changes or (SECOND_LINE,))),
        settings=Settings(weights=NO_WEIGHTS),
    )


def chosen(result):
    return result.projects.index[result.projects["chosen"]].tolist()


def test_a_project_fits_because_of_what_is_built_before_it():
    study = study_of()
    assert chosen(plan(study, 2030)) == ["Dock"]
    assert chosen(plan(study, 2030, grid_year=2028)) == ["Dock"]
    assert chosen(plan(study, 2030, grid_year=2027)) == []
    assert chosen(plan(study, 2030, grid_year=2025)) == []


def test_the_grid_follows_the_year_of_the_projects_unless_it_is_named():
    study = study_of(Dock=DOCK, Quay=QUAY)
    now, then, at_once = plan(study, 2025), plan(study, 2030), plan(study, 2025, grid_year=2028)
    assert (chosen(now), now.stage.in_service) == (["Quay"], ())
    assert (chosen(then), then.stage.in_service) == (["Dock", "Quay"], ("Second line",))
    assert list(at_once.projects.index) == ["Quay"]  # the dock is later than 2025 on any grid
    assert plan(study).study.grid_year == 2030  # the year of the settings


def test_a_weak_new_line_takes_room_away():
    """It draws 10/13 of the flow, 46 MW of the 60 MW at C, and carries 20 MW: nothing may be added.

    So a newer grid is not always a better one, and the result of each is its own.
    """
    study = study_of(SECOND_LINE | {"x": 2.0, "s_nom": 20.0}, Quay=QUAY)
    assert chosen(plan(study, 2030, grid_year=2025)) == ["Quay"]
    assert chosen(plan(study, 2030)) == []


def test_a_plan_says_on_which_grid_it_stands():
    then, now = plan(study_of(), 2030), plan(study_of(), 2030, grid_year=2025)
    assert str(then.stage) == "grid of 2030: Second line"
    assert str(now.stage) == "grid of 2025: no reinforcements"
    assert "2030, grid of 2030: 1 of 1 projects" in repr(then)
    assert "2030, grid of 2025: 0 of 1 projects" in repr(now)
    assert then.summary().name == "2030, grid of 2030"
    assert (then.summary()["reinforcements"], now.summary()["reinforcements"]) == (1, 0)
    assert "grid of 2030" in repr(then.base)
    assert then.base.to_dataset().attrs["stage"] == "grid of 2030: Second line"
    assert "AC 2" in then.network.c.lines.static.index


def test_a_study_that_is_a_stage_keeps_its_grid():
    today = at_stage(study_of(), 2025)
    assert chosen(plan(today, 2030)) == []
    assert chosen(plan(today, 2030, grid_year=2030)) == ["Dock"]
    without = at_stage(study_of(), 2030, exclude="Second line")
    assert plan(without, 2030, grid_year=2030).stage.in_service == ()


def test_an_older_grid_cannot_be_had_from_a_newer_one():
    with pytest.raises(StudyError, match="the grid is that of 2030 already"):
        plan(at_stage(study_of(), 2030), 2030, grid_year=2025)


def test_a_base_case_serves_all_plans_on_its_stage():
    staged = at_stage(study_of(), 2030)
    base = base_case(staged)
    for options in ({}, {"grid_year": 2030}, {"year": 2031}, {"weights": {"mw_mnok_per_mw": 1.0}}):
        assert plan(staged, base=base, **options).base is base


def test_a_base_case_of_another_stage_is_refused():
    study = study_of()
    with pytest.raises(ValueError, match="is that of the grid as stored; the plan is on the "
                       "grid of 2030: Second line") as refused:  # fmt: skip
        plan(study, 2030, base=base_case(study))
    assert "staged = gp.at_stage(study, 2030)" in str(refused.value)
    assert "base=gp.base_case(staged)" in str(refused.value)
    with pytest.raises(ValueError, match=r"grid of 2030: Second line; .* grid of 2025: no reinf"):
        plan(study, grid_year=2025, base=base_case(at_stage(study, 2030)))
    staged_twice = base_case(at_stage(study, 2030))
    with pytest.raises(ValueError, match=r"another network; .*build the grid once for both"):
        plan(study, 2030, base=staged_twice)
