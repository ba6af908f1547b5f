"""What one base case teaches about its grid holds on every other, and changes no optimum."""

from dataclasses import replace

import numpy as np
import pytest

from gridplan.batch.applied import grid_of_scenario, lessons_of, plan_scenario
from gridplan.check.witness import certify
from gridplan.operation.base_case import base_case
from gridplan.portfolio.plan import plan
from gridplan.study.growth import with_growth
from gridplan.study.reading import open_study
from gridplan.study.settings import Settings
from gridplan.study.settings_file import revised
from gridplan.study.study import Study
from tests.networks_by_hand import measures, projects, random_study, triangle, with_conditions
from tests.sampling import rest_slow


@pytest.mark.parametrize("seed", rest_slow(range(6)))
@pytest.mark.parametrize("factor", [0.9, 1.1])
def test_a_plan_that_was_taught_is_the_plan(seed, factor):
    study = with_conditions(random_study(seed, hours=10, tightness=1.3), seed)
    lessons = plan(study).search.lessons()
    grown = with_growth(study, {"all": factor})
    expected = plan(grown)
    taught = plan_scenario(base_case(grown), {}, lessons)
    assert taught.objective_mnok == pytest.approx(expected.objective_mnok, rel=1e-7)
    assert taught.found.rounds <= expected.found.rounds
    assert certify(taught).secure


def test_limits_are_evaluated_anew_for_the_load_of_the_other_base_case():
    """100 MW reach C; 60 or 70 MW of load leave 40 or 30 for projects: P25 or P35."""
    offered = {
        name: {"bus": "C", "mw": mw, "value_mnok_per_yr": mw}
        for name, mw in {"P25": 25.0, "P35": 35.0}.items()
    }

    def study(load):
        table = projects(offered)
        return Study(
            network=triangle(load), projects=table, measures=measures({}), settings=Settings()
        )

    first = plan(study(60.0))
    assert first.projects["chosen"].to_dict() == {"P25": False, "P35": True}
    lessons = first.search.lessons()
    assert len(lessons.weight) > 0
    second = plan_scenario(base_case(study(70.0)), {}, lessons)
    assert second.projects["chosen"].to_dict() == {"P25": True, "P35": False}
    assert second.found.rounds == 1  # nothing had to be tried and refused


def test_a_plan_leaves_its_base_case_as_it_was():
    study = random_study(1, hours=10, tightness=1.3)
    base = base_case(study)
    rows = base.dispatch.rows.keys
    first, second = plan(study, base=base), plan(study, base=base)
    assert base.dispatch.rows.keys == rows
    assert first.found.rounds == second.found.rounds
    np.testing.assert_array_equal(first.found.dispatch.flow_mw, second.found.dispatch.flow_mw)


def test_demands_that_cannot_be_met_still_teach(batch):
    study = open_study(batch.folder.path)
    study = replace(study, settings=revised(study.settings, goals={"min_mw": 1e5}))
    assert lessons_of(study, {}).balance.shape[1] == 1


def test_without_outages_more_fits(batch):
    study = open_study(batch.folder.path)
    secured, not_secured = (
        grid_of_scenario(study, {"criterion": criterion}) for criterion in ("N-1", "N-0")
    )
    assert len(base_case(secured).case.grid.outages)
    assert not len(base_case(not_secured).case.grid.outages)
    plans = [plan_scenario(base_case(grid), {}) for grid in (secured, not_secured)]
    assert plans[1].objective_mnok >= plans[0].objective_mnok
    assert certify(plans[1]).outages == 0
