"""The plan against one program with every hour, outage and branch, written without gridplan."""

from dataclasses import replace

import numpy as np
import pytest

from gridplan.grid.sensitivities import grid_of
from gridplan.portfolio.plan import plan
from gridplan.study.settings import Goals
from tests.networks_by_hand import (
    random_study,
    with_conditions,
    with_hourly_ratings,
    with_relations,
)
from tests.portfolio.extensive_form import NONE, optimum, transfer_factors
from tests.sampling import rest_slow

pytestmark = pytest.mark.slow


def agree(study):
    """Compare the optimum and, where the optimum is unique, the choice."""
    result, expected = plan(study), optimum(study)
    assert result.objective_mnok == pytest.approx(expected.value_mnok, rel=1e-6)
    mine = result.projects["chosen"].astype(float)
    np.testing.assert_array_equal(mine, expected.taken[mine.index])
    return result


@pytest.mark.parametrize("seed", rest_slow([20, 21]))
def test_firm_projects_and_measures(seed):
    result = agree(random_study(seed))
    assert 0 < result.projects["chosen"].sum() < len(result.projects)


@pytest.mark.parametrize("seed", rest_slow([22, 23, 24]))
def test_conditional_projects(seed):
    study = with_conditions(random_study(seed, hours=8, tightness=1.3), seed)
    agree(with_hourly_ratings(study, seed) if seed == 24 else study)


@pytest.mark.parametrize(
    ("seed", "limits"), [(25, {"curtailable_hours": 3.0}), (26, {"longest_curtailment_h": 2.0})]
)
def test_hours_of_curtailment(seed, limits):
    agree(with_conditions(random_study(seed, hours=8, tightness=1.3), seed, 0.4, **limits))


@pytest.mark.parametrize("seed", rest_slow([40, 41, 42]))
def test_relations_budget_and_goals(seed):
    """The goal lies half way between what is worth most and the most MW that fit."""
    study = with_relations(with_conditions(random_study(seed, hours=6, tightness=1.5), seed), seed)
    best, most = (
        plan(study, budget_mnok=31.0, weights=weights).summary()["mw"]
        for weights in (None, {"mw_mnok_per_mw": 1e4})
    )
    goals = Goals(min_mw=(best + most) / 2)
    result = agree(
        replace(
            study, settings=study.settings.model_copy(update={"budget_mnok": 31.0, "goals": goals})
        )
    )
    assert best < goals.min_mw < result.summary()["mw"]


def test_factors_without_outage_are_those_of_the_plan():
    study = random_study(3)
    factors, grid = transfer_factors(study.network), grid_of(study.network)
    assert list(factors["outage"].to_numpy()) == [NONE, *grid.outage_names()]
    np.testing.assert_allclose(
        factors.sel(outage=NONE), grid.ptdf.matrix - grid.ptdf.matrix[:, [0]], atol=1e-9
    )
