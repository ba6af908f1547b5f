"""Plans that the linear model accepts and AC rejects: caught, explained, repaired."""

import numpy as np
import pandas as pd
import pytest

import gridplan as gp
from gridplan.base import errors as gp_errors
from gridplan.base.messages import messages
from gridplan.check.ac_without import without_each
from tests.networks_by_hand import network, plain_study


def strong(offered, **settings):
    """A double line of 100 MVA from a stiff neighbour: 100 MW are firm in the linear model."""
    lines = {f"AB{i}": ("A", "B", 15.0, 100.0) for i in range(2)}
    n = network(lines, {"B": [10.0]})
    n.c.lines.static["r"] = 3.0
    n.add("Generator", "border A", bus="A", carrier="border", p_nom=1000.0)
    return plain_study(n, offered, **settings)


def weak(offered, **settings):
    """A long double line of 66 kV by way of B to C: ratings are ample, reactances are not."""
    lines = {f"AB{i}": ("A", "B", 15.0, 200.0) for i in range(2)}
    lines |= {f"BC{i}": ("B", "C", 45.0, 200.0) for i in range(2)}
    n = network(lines, {"B": [5.0], "C": [2.0]})
    n.c.buses.static["v_nom"] = 66.0
    n.c.lines.static["r"] = 5.0
    n.add("Generator", "border A", bus="A", carrier="border", p_nom=1000.0)
    return plain_study(n, offered, **settings)


QUAY = {
    "Quay": {"bus": "B", "mw": 88.0, "value_mnok_per_yr": 10.0},
    "Quay small": {"bus": "B", "mw": 70.0, "value_mnok_per_yr": 6.0, "variant_of": "Quay"},
}
FAR = {
    "Near": {"bus": "B", "mw": 20.0, "value_mnok_per_yr": 2.0},
    "Far": {"bus": "C", "mw": 40.0, "value_mnok_per_yr": 9.0},
    "Far small": {"bus": "C", "mw": 5.0, "value_mnok_per_yr": 1.0, "variant_of": "Far"},
}


def chosen(plan):
    return sorted(plan.projects.index[plan.projects["chosen"]])


@pytest.fixture(scope="module")
def linear():
    return gp.plan(strong(QUAY))


@pytest.fixture(scope="module")
def repaired():
    return gp.plan(strong(QUAY), ac_margin="auto")


@pytest.fixture(scope="module")
def mended():
    return gp.plan(weak(FAR), ac_margin="auto")


class TestCurrent:
    def test_the_linear_model_accepts(self, linear):
        assert chosen(linear) == ["Quay"]
        assert gp.certify(linear).secure
        assert linear.ac is None

    def test_caught(self, linear):
        check = gp.check_ac(linear)
        assert not check.passes
        assert set(check.new_overloads["branch"]) == {"AB0", "AB1"}
        assert check.new_voltages.empty
        assert check.compared
        assert check.new_overloads["base_loading_pu"].max() < 0.2

    def test_explained(self, linear):
        row = gp.check_ac(linear).new_overloads.iloc[0]
        assert row["linear_pu"] == pytest.approx(0.98)
        assert row["reactive_pu"] > row["losses_pu"] > 0

    def test_repaired(self, repaired):
        assert chosen(repaired) == ["Quay small"]
        assert repaired.ac.check.passes
        assert not repaired.ac.first.passes
        assert repaired.ac.certificate.secure
        assert set(repaired.margins_pu.index) == {"AB0", "AB1"}
        assert (repaired.margins_pu < 0.98).all()
        assert repaired.network.c.lines.static["s_max_pu"].to_dict() == pytest.approx(
            repaired.margins_pu.to_dict()
        )
        assert [step.kind for step in repaired.ac.steps] == ["margin", "margin", "passes"]
        assert list(repaired.ac.without) == ["Quay"]

    def test_the_limit_stays_the_rating_itself(self, repaired):
        found = gp.check_ac(repaired)
        assert found.passes
        own = gp.check_ac(repaired.network, assumptions=repaired.study.settings.ac)
        at = found.cases["loading_pu"].max() / own.cases["loading_pu"].max()
        assert at == pytest.approx(repaired.margins_pu.iloc[0], rel=1e-6)

    def test_told_in_both_languages(self, repaired):
        assert "AB0 may carry" in repaired.ac.reasons[0]
        assert "AB0 får føre" in repaired.ac.steps[0].told(messages("nb"))

    def test_a_plan_that_holds_is_left_as_it_is(self):
        offered = {"Quay": {"bus": "B", "mw": 60.0, "value_mnok_per_yr": 10.0}}
        plan = gp.plan(strong(offered), ac_margin="auto")
        assert chosen(plan) == ["Quay"]
        assert plan.margins_pu.empty
        assert [step.kind for step in plan.ac.steps] == ["passes"]

    def test_a_demand_that_no_margin_can_meet_is_told(self):
        plan = gp.plan(strong({"Quay": QUAY["Quay"] | {"must_build": True}}), ac_margin="auto")
        assert chosen(plan) == ["Quay"]
        assert not plan.ac.check.passes
        assert plan.ac.steps[-1].name == "infeasible"
        assert plan.margins_pu.empty  # the plan is the last that could be made

    def test_the_same_twice(self, repaired):
        again = gp.plan(strong(QUAY), ac_margin="auto")
        assert again.ac.steps == repaired.ac.steps
        assert again.objective_mnok == repaired.objective_mnok


class TestVoltage:
    def test_the_linear_model_accepts_and_ac_does_not(self):
        plan = gp.plan(weak(FAR))
        assert chosen(plan) == ["Far", "Near"]
        assert gp.certify(plan).secure
        check = gp.check_ac(plan)
        assert not check.passes
        assert check.new_overloads.empty
        assert len(check.new_voltages) + len(check.unsolved)

    def test_mended_by_leaving_out_what_weighs_most(self, mended):
        assert chosen(mended) == ["Far small", "Near"]
        assert mended.ac.check.passes
        barred = [step for step in mended.ac.steps if step.kind == "barred"]
        assert [step.name for step in barred] == ["Far"]
        assert mended.projects.loc["Far", "barred"].startswith("not offered: AC")
        assert mended.margins_pu.empty

    def test_what_must_be_built_stays_and_the_reason_is_told(self):
        plan = gp.plan(weak({"Far": FAR["Far"] | {"must_build": True}}), ac_margin="auto")
        assert chosen(plan) == ["Far"]
        assert plan.ac.steps[-1].name == "nobody"


def test_what_the_base_case_has_already_is_told_apart():
    """Load at C alone brings the voltage down; a project at A changes nothing there."""
    study = weak({"Harbour": {"bus": "A", "mw": 20.0, "value_mnok_per_yr": 1.0}})
    study.network.c.loads.dynamic.p_set["load C"] = np.array([35.0])
    plan = gp.plan(study, ac_margin="auto")
    assert chosen(plan) == ["Harbour"]
    check = plan.ac.check
    assert check.passes
    found = check.voltages if len(check.voltages) else check.cases[~check.cases["converged"]]
    assert len(found)
    assert found["existing"].all()
    assert check.existing_count == len(check.voltages) + int(check.cases["existing"].sum())


def test_a_chosen_reinforcement_stays_chosen_with_margins():
    from tests.networks_by_hand import reinforcements

    line = {"name": "Third line", "year": 2035, "status": "idea", "action": "add line",
            "branch": "AB2", "bus0": "A", "bus1": "B", "r": 3.0, "x": 15.0,
            "s_nom": 100.0}  # fmt: skip
    offered = {
        "Large": {"bus": "B", "mw": 186.0, "value_mnok_per_yr": 20.0},
        "Middle": {"bus": "B", "mw": 160.0, "value_mnok_per_yr": 15.0, "variant_of": "Large"},
    }
    from dataclasses import replace

    study = replace(strong(offered), reinforcements=reinforcements(line))
    plan = gp.plan(study, ac_margin="auto", reinforcements="Third line", budget_mnok=10.0)
    assert plan.reinforcements["chosen"].to_dict() == {"Third line": True}
    assert chosen(plan) == ["Middle"]
    assert plan.ac.check.passes
    assert isinstance(plan.margins_pu, pd.Series)
    assert plan.ac.certificate.secure


def test_where_no_rating_helps_the_project_that_weighs_most_is_left_out():
    """A measure makes room for a project in MW; what it draws in MVAr comes on top.

    The base case itself needs all of the tightened rating, so that it stays as an existing overload
    and the linear plan does not see why the project should go.
    """
    saving = {"Heat pumps": {"buses": "B: 1", "mw": 10.0}}
    offered = {"Foundry": {"bus": "B", "mw": 10.0, "value_mnok_per_yr": 10.0},
               "Office": {"bus": "A", "mw": 10.0, "value_mnok_per_yr": 1.0}}  # fmt: skip
    study = strong(offered, saving=saving, ac=gp.AcSettings(project_power_factor=0.6))
    study.network.c.loads.dynamic.p_set["load B"] = 95.0
    linear = gp.plan(study)
    assert chosen(linear) == ["Foundry", "Office"]
    plan = gp.plan(study, ac_margin="auto")
    assert [step.kind for step in plan.ac.steps] == ["margin", "margin", "barred", "passes"]
    assert chosen(plan) == ["Office"]
    assert "not offered" in plan.projects.loc["Foundry", "barred"]
    assert plan.ac.check.passes


def test_projects_that_are_not_offered_are_named_by_the_study():
    offered = {"Quay": {"bus": "B", "mw": 60.0, "value_mnok_per_yr": 10.0}}
    plan = gp.plan(strong(offered, not_offered={"Quay": "no site"}))
    assert chosen(plan) == []
    assert plan.projects.loc["Quay", "barred"] == "not offered: no site"
    with pytest.raises(gp_errors.StudyError, match="unknown project"):
        strong(offered, not_offered={"Kai": "no site"})


def test_without_a_conditional_project_nothing_changes_after_an_outage():
    offered = {
        "Firm": {"bus": "B", "mw": 40.0, "value_mnok_per_yr": 10.0},
        "Flexible": {"bus": "B", "mw": 30.0, "value_mnok_per_yr": 5.0,
                     "connection": "conditional", "curtailable_share": 0.5},
    }  # fmt: skip
    plan = gp.plan(strong(offered))
    assert chosen(plan) == ["Firm", "Flexible"]
    check = gp.check_ac(plan)
    for outage, same in (("AB0", ["Flexible"]), ("", [])):
        row = check.cases[check.cases["outage"].eq(outage)].iloc[0]
        found = without_each(plan, ["Firm", "Flexible"], row["snapshot"], outage)
        assert found.converged.all()
        lifted = found.voltage_pu["B"] - row["v_min_pu"]
        assert list(lifted.index[lifted.abs() < 1e-6]) == same
        assert (lifted.drop(same) > 1e-3).all()
