"""What is freed, against plans that are made one by one."""

from dataclasses import replace

import numpy as np
import pytest

import gridplan as gp
from gridplan.study.settings import Settings, Weights
from gridplan.study.study import Study
from tests.networks_by_hand import (
    measures,
    projects,
    random_study,
    symbioses,
    triangle,
    with_conditions,
    with_emergency_factors,
)
from tests.sampling import rest_slow

NO_WEIGHTS = Weights(
    co2_mnok_per_kt=0, jobs_mnok_per_job=0, export_mnok_per_mnok=0, mw_mnok_per_mw=0
)


def chosen(plan):
    return set(plan.projects.index[plan.projects["chosen"]])


def names(text):
    return set(text.split("; ")) - {""}


def firm_only(study):
    """Leave conditional variants out."""
    conditional = study.projects["connection"].eq("conditional")
    return replace(study, projects=study.projects[~conditional])


@pytest.mark.parametrize("seed", rest_slow(range(6), quick=3))
def test_every_figure_equals_a_plan_of_its_own(seed):
    study = with_conditions(random_study(seed, hours=6, tightness=1.3), seed)
    study = with_emergency_factors(study, seed)
    whole = gp.plan(study)
    freed = gp.freed_capacity(whole)
    without = gp.plan(study, measures=False, symbioses=False, base=whole.base)
    assert freed.mw_without == pytest.approx(without.summary()["mw"])
    assert set(freed.measures.index) == {*study.measures.index, *study.symbioses.index}
    for name, row in freed.measures.iterrows():
        offered = {"measures": [], "symbioses": []}
        offered["symbioses" if row["kind"] == "symbiosis" else "measures"] = [name]
        alone = gp.plan(study, base=whole.base, **offered)
        assert row["mw_freed"] == pytest.approx(alone.summary()["mw"] - freed.mw_without)
        gained = alone.objective_mnok - without.objective_mnok
        assert row["value_mnok"] == pytest.approx(gained, abs=1e-6)
        assert names(row["unlocked"]) == chosen(alone) - chosen(without)
        assert names(row["displaced"]) == chosen(without) - chosen(alone)
    firm = gp.plan(firm_only(study), measures=False, symbioses=False)
    assert freed.steps["value_mnok"].iloc[0] == pytest.approx(firm.objective_mnok)
    last = freed.steps.iloc[-1]
    assert last["mw"] == pytest.approx(whole.summary()["mw"])
    assert last["projects"] == len(chosen(whole))
    assert last["value_mnok"] == pytest.approx(whole.objective_mnok)
    assert (freed.steps["value_added_mnok"].iloc[1:] >= -1e-6).all()
    total = freed.steps["mw"].iloc[0] + freed.steps["mw_added"].sum()
    assert total == pytest.approx(last["mw"])


def small(**settings):
    """40 MW are firm at C; a measure, a higher rating and waste heat make room for more."""
    rating = {"kind": "rating", "rating_pu": 0.1, "profile": "", "cost_mnok": 2.0}
    return Study(
        network=triangle(),
        projects=projects(
            {
                "P38": {"bus": "C", "mw": 38.0, "value_mnok_per_yr": 9.0},
                "P5": {"bus": "C", "mw": 5.0, "value_mnok_per_yr": 4.0},
                "P7": {"bus": "C", "mw": 7.0, "value_mnok_per_yr": 3.0},
                "P30": {
                    "bus": "C", "mw": 30.0, "value_mnok_per_yr": 5.0,
                    "connection": "conditional", "curtailable_share": 0.1,
                },
            }
        ),
        measures=measures(
            {
                "save": {"buses": "C: 1", "mw": 1.0, "units_max": 5, "cost_mnok": 4.0},
                "AB up": {**rating, "branch": "AB"},
            }
        ),
        symbioses=symbioses({"heat": {"partners": "P5", "buses": "C: 1", "mw": 5.0}}),
        settings=Settings(weights=NO_WEIGHTS, interest_rate=0.0, **settings),
    )  # fmt: skip


def test_steps_and_measures_by_hand():
    """P5 needs 3 MW saved beside P38, both with P7 need 10."""
    freed = gp.freed_capacity(gp.plan(small()))
    steps = freed.steps
    assert steps.index.tolist() == ["firm", "efficiency", "rating", "symbiosis", "conditional"]
    assert steps["mw"].tolist() == [38.0, 43.0, 43.0, 50.0, 80.0]
    assert steps["mw_added"].tolist()[1:] == [5.0, 0.0, 7.0, 30.0]
    assert steps["projects"].tolist() == [1, 2, 2, 3, 4]
    assert steps["unlocked"].tolist() == ["", "P5", "", "P7", "P30"]
    assert freed.mw_without == 68.0
    assert freed.measures.index.tolist() == ["heat", "save", "AB up"]  # heat costs least
    save = freed.measures.loc["save"]
    assert save[["mw_freed", "unlocked", "units"]].tolist() == [5.0, "P5", 3.0]
    assert save["value_mnok"] == pytest.approx(4.0 - 3 * 4.0 / 20)
    assert save["mw_per_mnok"] == pytest.approx(5.0 / 12.0)
    assert freed.measures.loc["AB up", ["mw_freed", "units"]].tolist() == [0.0, 0.0]
    assert np.isnan(freed.measures.loc["AB up", "mw_per_mnok"])


def test_goals_out_of_reach_without_measures_leave_no_figure():
    freed = gp.freed_capacity(gp.plan(small(goals={"min_mw": 79.0})))
    assert np.isnan(freed.mw_without)
    assert freed.measures["mw_freed"].isna().all()
    assert freed.steps["mw"].isna().tolist() == [True, True, True, True, False]
    assert freed.steps["mw"].iloc[-1] == 80.0


def test_what_was_not_offered_is_not_compared():
    freed = gp.freed_capacity(gp.plan(small(), measures=["save"], symbioses=False))
    assert freed.measures.index.tolist() == ["save"]
    bare = gp.freed_capacity(gp.plan(small(), measures=False, symbioses=False))
    assert bare.measures.empty
    assert bare.steps["mw"].tolist() == [38.0, 38.0, 38.0, 38.0, 68.0]
