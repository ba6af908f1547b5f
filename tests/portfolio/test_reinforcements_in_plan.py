"""Reinforcements among the choices of a plan: the best set that the budget allows."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from gridplan.base.errors import InfeasiblePlanError, StudyError
from gridplan.check.witness import certify
from gridplan.grid.stages import at_stage
from gridplan.operation.base_case import base_case
from gridplan.portfolio.alternatives import alternatives
from gridplan.portfolio.plan import plan
from gridplan.reasons.explain import explain
from gridplan.reasons.marginal import marginal_values
from gridplan.study.settings import Goals
from tests.networks_by_hand import (
    SECOND_LINE,
    chosen_in,
    plain_study,
    random_study,
    reinforcements,
    triangle,
)
from tests.sampling import rest_slow

pytestmark = pytest.mark.slow

IDEA = SECOND_LINE | {"status": "idea"}
DOCK = {"bus": "C", "mw": 60.0, "value_mnok_per_yr": 7.0}
SAVING = {"save": {"buses": "C: 1", "mw": 25.0, "cost_mnok": 40.0, "lifetime_yr": 20}}
QUAY = {"bus": "C", "mw": 50.0, "value_mnok_per_yr": 5.0}


def study_of(offered=None, saving=None, *, rows=(IDEA,), cost_mnok=40.0, **settings):
    """60 MW of load at C: 100 MW are firm, 150 MW with a second line A-C of 40 MNOK.

    Without interest that is 1 MNOK a year for 40 years.
    """
    table = reinforcements(*rows)
    table.loc[table["cost_mnok"].notna(), "cost_mnok"] = cost_mnok
    study = plain_study(triangle(), offered or {"Dock": DOCK}, saving, **settings)
    return replace(study, reinforcements=table)


def built(result) -> list[str]:
    return list(result.reinforcements.index[result.reinforcements["chosen"]])


def check(result):
    return certify(result, samples=0)


def test_a_reinforcement_is_chosen_where_what_it_lets_in_is_worth_more():
    result = plan(study_of(), reinforcements=["Second line"])
    assert (chosen_in(result), built(result)) == (["Dock"], ["Second line"])
    assert result.objective_mnok == pytest.approx(7.0 - 1.0)
    assert result.stage.in_service == ("Second line",)
    assert "AC 2" in result.network.c.lines.static.index
    row = result.reinforcements.loc["Second line"]
    assert row[["year", "status", "note"]].tolist() == [2028, "idea", ""]
    assert row[["cost_mnok", "annual_cost_mnok"]].tolist() == pytest.approx([40.0, 1.0])
    summary = result.summary()
    assert summary["reinforcements_chosen"] == summary["reinforcements"] == 1
    assert summary["reinforcements_mnok_per_yr"] == pytest.approx(1.0)
    assert summary["investment_mnok"] == pytest.approx(40.0)
    assert check(result).secure


@pytest.mark.slow
def test_a_reinforcement_that_costs_more_than_it_brings_is_not_chosen():
    result = plan(study_of(cost_mnok=281.0), reinforcements="Second line")  # 7.025 MNOK a year
    assert (chosen_in(result), built(result), result.objective_mnok) == ([], [], 0.0)
    assert list(result.reinforcements.index) == ["Second line"]
    assert result.stage.in_service == ()
    assert result.summary()["reinforcements_chosen"] == result.summary()["investment_mnok"] == 0
    assert check(result).secure
    cheaper = plan(study_of(cost_mnok=279.0), reinforcements="Second line")
    assert (built(cheaper), cheaper.objective_mnok) == (["Second line"], pytest.approx(0.025))


@pytest.mark.slow
def test_of_equal_plans_the_one_with_fewer_reinforcements_is_chosen():
    assert built(plan(study_of(cost_mnok=280.0), reinforcements="Second line")) == []
    free = study_of(rows=(IDEA, IDEA | {"name": "Third line", "branch": "AC 3"}), cost_mnok=0.0)
    names = ["Third line", "Second line"]
    assert built(plan(free, reinforcements=names)) == ["Second line"]  # the first of the table


def test_the_lifetime_and_the_interest_make_the_annuity():
    study = study_of(reinforcement_lifetime_yr=20, interest_rate=0.05)
    result = plan(study, reinforcements="Second line")
    annuity = 40.0 * 0.05 / (1 - 1.05**-20)
    assert result.reinforcements["annual_cost_mnok"].item() == pytest.approx(annuity)
    assert result.objective_mnok == pytest.approx(7.0 - annuity)


def test_the_budget_limits_reinforcements():
    study = study_of()
    assert built(plan(study, reinforcements="Second line", budget_mnok=40.0)) == ["Second line"]
    poor = plan(study, reinforcements="Second line", budget_mnok=39.9)
    assert (built(poor), chosen_in(poor)) == ([], [])
    assert poor.reinforcements["note"].item() == "costs more than the budget"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("budget", "taken", "lines", "worth"),
    [
        (None, ["Dock", "Quay", "save"], ["Second line"], 12.0 - 1.0 - 2.0),
        (80.0, ["Dock", "Quay", "save"], ["Second line"], 12.0 - 1.0 - 2.0),
        (79.0, ["Dock"], ["Second line"], 7.0 - 1.0),
        (39.0, [], [], 0.0),
    ],
)
def test_the_budget_is_shared_with_measures(budget, taken, lines, worth):
    """90 MW are free with the line, 115 with the measure too, 65 with the measure alone."""
    study = study_of({"Dock": DOCK, "Quay": QUAY}, SAVING)
    result = plan(study, reinforcements="Second line", budget_mnok=budget)
    assert (chosen_in(result), built(result)) == (taken, lines)
    assert result.objective_mnok == pytest.approx(worth)
    assert budget is None or result.investment_mnok <= budget
    assert result.study.settings.budget_mnok == budget
    assert check(result).secure


@pytest.mark.slow
def test_the_measure_or_the_reinforcement():
    """Either lets the dock in; the dearer line only where the measure may not be taken."""
    study = study_of(saving=SAVING, cost_mnok=120.0)  # 3 MNOK a year, the measure 2
    result = plan(study, reinforcements="Second line", budget_mnok=120.0)
    assert (chosen_in(result), built(result)) == (["Dock", "save"], [])
    result = plan(study, reinforcements="Second line", budget_mnok=120.0, measures=False)
    assert (chosen_in(result), built(result)) == (["Dock"], ["Second line"])
    cheaper = study_of(saving=SAVING)
    result = plan(cheaper, reinforcements="Second line", budget_mnok=40.0)
    assert (chosen_in(result), built(result)) == (["Dock"], ["Second line"])


def test_what_the_stage_builds_does_not_count():
    third = SECOND_LINE | {"name": "Third line", "branch": "AC 3", "status": "on hold"}
    study = study_of(rows=(SECOND_LINE, third))
    result = plan(study, reinforcements="Third line", budget_mnok=0.0)
    assert (chosen_in(result), built(result)) == (["Dock"], [])
    assert result.stage.in_service == ("Second line",)
    assert result.summary()["investment_mnok"] == 0


def test_nothing_changes_where_none_are_offered():
    result = plan(study_of())
    assert result.reinforcements.empty
    assert {"chosen", "annual_cost_mnok"} <= set(result.reinforcements.columns)
    assert (chosen_in(result), result.objective_mnok) == ([], 0.0)


def test_a_base_case_serves_the_plan_without_reinforcements():
    staged = at_stage(study_of(cost_mnok=300.0), 2030)
    base = base_case(staged)
    result = plan(staged, base=base, reinforcements="Second line")
    assert built(result) == []
    assert result.base is base
    better = plan(staged, base=base, reinforcements="Second line", weights={"mw_mnok_per_mw": 1.0})
    assert built(better) == ["Second line"]
    assert better.base.study.in_service == ("Second line",)
    with pytest.raises(ValueError, match="another network"):
        plan(staged, base=base_case(study_of()), reinforcements="Second line")


def test_a_set_that_cannot_be_built_is_left_out():
    """The heavier line replaces the second one, so it cannot be built without it."""
    heavier = {"name": "Heavier", "year": 2029, "status": "idea", "action": "remove"}
    added = {**IDEA, "name": "Heavier", "year": 2029, "branch": "AC 3", "s_nom": 200.0}
    rows = (IDEA, heavier | {"branch": "AC 2"}, added)
    lines = []
    result = plan(
        study_of(rows=rows), reinforcements=["Second line", "Heavier"], progress=lines.append
    )
    assert built(result) == ["Second line"]
    assert result.reinforcements.loc["Heavier", "note"] == "only 'Second line' adds it"
    assert any(line.startswith("Heavier cannot be built: ") for line in lines)
    assert "set 1 of 3: Second line" in lines or "set 1 of 3: no reinforcement" in lines
    assert "Second line: 6.0 MNOK a year" in lines


def test_a_measure_on_a_branch_that_is_taken_out_is_left_out():
    """Named measures may lose their branch to a set; they still count without it."""
    swap = {**IDEA, "name": "Swap", "year": 2029, "branch": "AC new", "s_nom": 200.0}
    gone = {"name": "Swap", "year": 2029, "status": "idea", "action": "remove", "branch": "AC"}
    up = {"kind": "rating", "branch": "AC", "rating_pu": 0.2, "profile": "", "cost_mnok": 1.0}
    study = study_of({"Dock": DOCK}, {"AC up": up}, rows=(gone, swap))
    result = plan(study, reinforcements="Swap", measures="AC up")
    assert built(result) == []  # N-1: all goes over B once the one line A-C is lost
    assert list(result.measures.index) == ["AC up"]


def test_demands_that_only_a_reinforcement_can_meet():
    study = study_of(goals=Goals(min_mw=60.0), cost_mnok=4000.0)
    result = plan(study, reinforcements="Second line")
    assert (chosen_in(result), built(result)) == (["Dock"], ["Second line"])
    assert result.objective_mnok == pytest.approx(7.0 - 100.0)
    with pytest.raises(InfeasiblePlanError, match="reinforcements offered that the budget allows"):
        plan(study, reinforcements="Second line", budget_mnok=1.0)


def test_all_that_is_wrong_is_said_at_once():
    study = study_of(rows=(IDEA, SECOND_LINE | {"name": "Planned", "branch": "AC 4"}))
    with pytest.raises(StudyError) as refused:
        plan(study, 2030, reinforcements=["Secnd line", "Planned", "Second line"])
    said = [(problem.value, problem.message) for problem in refused.value.problems]
    assert said == [
        ("Secnd line", "unknown reinforcement"),
        ("Planned", "in service already on the grid of 2030"),
    ]
    assert "Second line" in refused.value.problems[0].remedy


def test_a_reinforcement_without_a_cost_is_no_choice():
    study = study_of()
    free = study.reinforcements.assign(cost_mnok=np.nan)
    with pytest.raises(StudyError, match="the cost is missing"):
        replace(study, reinforcements=free)


def test_more_than_six_are_refused():
    rows = [IDEA | {"name": f"Line {i}", "branch": f"AC {i}"} for i in range(2, 9)]
    study = study_of(rows=rows)
    names = [row["name"] for row in rows]
    with pytest.raises(StudyError, match="7 reinforcements to choose from make 128 plans"):
        plan(study, reinforcements=names)


def random_rows(rng, names, count):
    """New lines between buses of a random study, of little and of much use."""
    return [
        IDEA
        | {
            "name": f"R{i}",
            "branch": f"new {i}",
            "year": 2031 + i,
            **dict(zip(("bus0", "bus1"), rng.choice(names, 2, replace=False), strict=True)),
            "x": rng.uniform(4, 15),
            "s_nom": rng.uniform(40, 120),
        }
        for i in range(count)
    ]


@pytest.mark.parametrize("seed", rest_slow([2, 3, 4, 7, 15]))
def test_as_good_as_the_best_of_all_stages(seed):
    rng = np.random.default_rng(100 + seed)
    study = random_study(seed, tightness=1.3)
    rows = random_rows(rng, study.network.c.buses.static.index, 2 + seed % 2)
    table = reinforcements(*rows)
    table["cost_mnok"] = rng.uniform(5, 90, len(table))
    budget = None if seed == 3 else float(rng.uniform(0.3, 0.8) * table["cost_mnok"].sum())
    study = replace(study, reinforcements=table)
    result = plan(study, reinforcements=list(table.index), budget_mnok=budget)
    rate = study.settings.interest_rate
    worth = {}
    for count in range(len(table) + 1):
        for names in combinations(table.index, count):
            cost = table.loc[list(names), "cost_mnok"].sum()
            left = None if budget is None else budget - cost
            if left is None or left >= 0:
                staged = at_stage(study, 2030, include=names)
                alone = plan(staged, budget_mnok=left)
                worth[names] = alone.objective_mnok - cost * rate / (1 - (1 + rate) ** -40)
    best = max(worth, key=worth.get)
    assert result.objective_mnok == pytest.approx(worth[best], abs=1e-3)
    assert tuple(built(result)) == best
    assert check(result).secure


def kinds(certificate):
    return set(zip(certificate.breaches["kind"], certificate.breaches["name"], strict=True))


@pytest.mark.slow
def test_a_plan_that_hides_a_reinforcement_is_rejected():
    result = plan(study_of(), reinforcements="Second line", budget_mnok=40.0)
    hidden = result.reinforcements.assign(chosen=False)
    assert kinds(check(replace(result, reinforcements=hidden))) == {
        ("reinforcements other than planned", "Second line is in service and not chosen")
    }


@pytest.mark.slow
def test_a_plan_that_claims_a_reinforcement_is_rejected():
    result = plan(study_of(cost_mnok=300.0), reinforcements="Second line")
    claimed = result.reinforcements.assign(chosen=True)
    assert kinds(check(replace(result, reinforcements=claimed))) == {
        ("reinforcements other than planned", "Second line is chosen and not in service")
    }


def test_a_plan_beyond_its_budget_is_rejected():
    """The cost is that of the study, whatever the plan's own table says."""
    result = plan(study_of(), reinforcements="Second line", budget_mnok=40.0)
    less = result.study.settings.model_copy(update={"budget_mnok": 39.0})
    cheap = result.reinforcements.assign(cost_mnok=1.0)
    tampered = replace(result, study=replace(result.study, settings=less), reinforcements=cheap)
    assert kinds(check(tampered)) == {
        ("demand on the plan not kept", "40.0 MNOK invested, the budget is 39.0 MNOK")
    }


@pytest.mark.slow
def test_the_value_lost_by_forcing_a_project_in_is_on_the_chosen_grid():
    """The 88 MW fit beside nothing else; what the line costs is paid either way."""
    study = study_of({"Dock": DOCK, "Yard": {"bus": "C", "mw": 88.0, "value_mnok_per_yr": 6.5}})
    result = plan(study, reinforcements="Second line")
    assert chosen_in(result) == ["Dock"]
    told = explain(result, "Yard")
    assert told.forced.value_lost_mnok == pytest.approx(0.5)


@pytest.mark.slow
def test_alternatives_stand_on_the_chosen_grid_and_pay_for_it():
    study = study_of({"Dock": DOCK, "Yard": {"bus": "C", "mw": 88.0, "value_mnok_per_yr": 6.5}})
    result = plan(study, reinforcements="Second line")
    near = alternatives(result, within=0.5, n=5)
    assert near.portfolios["objective_mnok_per_yr"].tolist() == pytest.approx([6.0, 5.5])
    other = near.as_plan(1)
    assert (chosen_in(other), built(other)) == (["Yard"], ["Second line"])
    assert other.objective_mnok == pytest.approx(5.5)
    assert check(other).secure


def test_the_value_in_parts_is_that_of_the_chosen_grid():
    """Of the dock in parts no more than all of it can be taken."""
    result = plan(study_of(), reinforcements="Second line")
    assert marginal_values(result).divisible_mnok == pytest.approx(6.0)
