"""Every rule of a plan on a triangle, each with what would be chosen without it."""

from dataclasses import dataclass, field
from typing import ClassVar

import pytest

from gridplan.base.errors import InfeasiblePlanError, StudyError
from gridplan.portfolio.plan import plan
from tests.networks_by_hand import chosen_in, plain_study, triangle


@dataclass(frozen=True)
class Case:
    """What is offered, the rules that matter, what is chosen with them and the value of it.

    All projects stand at C, where 40 MW fit (roomy: 900 MW) beside the load of 60 MW.
    """

    offered: dict
    rules: list[str]
    chosen: list[str]
    value: float
    without: float
    saving: dict = field(default_factory=dict)
    heat: dict = field(default_factory=dict)
    settings: dict = field(default_factory=dict)
    roomy: bool = True

    @property
    def study(self):
        grid = triangle(rating_mw=1000.0 if self.roomy else 100.0)
        return plain_study(grid, self.offered, self.saving, self.heat, **self.settings)


def row(value, mw=20.0, **cells):
    return {"bus": "C", "mw": mw, "value_mnok_per_yr": value, "status": "candidate", **cells}


def variant(value, mw=20.0, of="Quay", **cells):
    return row(value, mw, variant_of=of, **cells)


SAVE = {"buses": "C: 1", "mw": 5.0, "cost_mnok": 10.0, "lifetime_yr": 20}
CO2 = {"co2_mnok_per_kt": 1.0, "jobs_mnok_per_job": 0, "export_mnok_per_mnok": 0}
ONLY_CO2 = {"weights": {**CO2, "mw_mnok_per_mw": 0}}
HEAT = {"buses": "C: 1", "mw": 5.0, "cost_mnok": 20.0, "co2_t_per_yr": 6000.0}

CASES = {
    "one variant of a family": Case(
        {"Quay": row(5.0), "Large": variant(8.0), "Small": variant(3.0)},
        ["at most one variant of Quay"],
        ["Large"],
        8.0,
        without=16.0,
    ),
    "a requirement is met by any variant": Case(
        {"Quay": row(-5.0), "Small": variant(-1.0), "Mill": row(3.0, requires="Quay")},
        ["Mill requires Quay"],
        ["Small", "Mill"],
        2.0,
        without=3.0,
    ),
    "a requirement of one variant": Case(
        {"Quay": row(-1.0), "Small": variant(-2.0), "Mill": row(3.0, requires="Small")},
        ["Mill requires Small"],
        ["Small", "Mill"],
        1.0,
        without=3.0,
    ),
    "all that is required": Case(
        {"Quay": row(-1.0), "Road": row(-1.5), "Mill": row(3.0, requires="Quay; Road")},
        ["Mill requires Road"],
        ["Quay", "Road", "Mill"],
        0.5,
        without=2.0,
    ),
    "a requirement of what is barred": Case(
        {"Quay": row(9.0, year=2040), "Mill": row(3.0, requires="Quay")},
        ["Mill requires Quay"],
        [],
        0.0,
        without=0.0,  # barred as well
    ),
    "excluding a head excludes its variants": Case(
        {"Mill": row(5.0, excludes="Quay"), "Quay": row(4.0), "Small": variant(3.0)},
        ["Mill excludes Quay", "Mill excludes Quay"],
        ["Mill"],
        5.0,
        without=9.0,
    ),
    "excluding a variant spares its head": Case(
        {"Mill": row(5.0, excludes="Small"), "Quay": row(3.0), "Small": variant(4.0)},
        ["Mill excludes Small"],
        ["Mill", "Quay"],
        8.0,
        without=9.0,
    ),
    "what a variant excludes": Case(
        {"Mill": row(5.0), "Quay": row(1.0), "Small": variant(4.0, excludes="Mill")},
        ["Small excludes Mill"],
        ["Mill", "Quay"],
        6.0,
        without=9.0,
    ),
    "one project of a group": Case(
        {
            "Mill": row(5.0, exclusive_group="site"),
            "Quay": row(6.0, exclusive_group="site"),
            "Port": row(1.0),
        },
        ["at most one project of group site"],
        ["Quay", "Port"],
        7.0,
        without=12.0,
    ),
    "what must be built, in its cheapest variant": Case(
        {"Quay": row(-3.0, must_build=True), "Small": variant(-1.0), "Mill": row(2.0)},
        ["Quay must be built"],
        ["Small", "Mill"],
        1.0,
        without=2.0,
    ),
    "what must be built takes the room": Case(
        {"Quay": row(1.0, 30.0, must_build=True), "Mill": row(9.0, 20.0), "Port": row(2.0, 10.0)},
        ["Quay must be built"],
        ["Quay", "Port"],
        3.0,
        without=11.0,
        roomy=False,
    ),
    "a symbiosis with all its partners": Case(
        {"Mill": row(0.5), "Greenhouse": row(-2.0)},
        ["symbiosis Heat needs Greenhouse"],
        ["Mill", "Greenhouse", "Heat"],
        0.5 - 2.0 + 6.0 - 1.0,
        without=0.5 + 6.0 - 1.0,
        heat={"Heat": HEAT | {"partners": "Mill; Greenhouse"}},
        settings=ONLY_CO2,
    ),
    "a symbiosis that is not worth its partners": Case(
        {"Mill": row(-6.0), "Greenhouse": row(1.0)},
        ["symbiosis Heat needs Mill"],
        ["Greenhouse"],
        1.0,
        without=6.0,
        heat={"Heat": HEAT | {"partners": "Mill; Greenhouse"}},
        settings=ONLY_CO2,
    ),
    "a symbiosis with a variant": Case(
        {"Quay": row(-6.0), "Small": variant(-1.0)},
        ["symbiosis Heat needs Quay"],
        ["Small", "Heat"],
        4.0,
        without=5.0,
        heat={"Heat": HEAT | {"partners": "Quay", "existing_partners": "Smelter"}},
        settings=ONLY_CO2,
    ),
    "a budget for measures and symbioses together": Case(
        {"Mill": row(9.0, 50.0)},  # needs both: 60 + 50 − 5 − 5 = 100 MW
        ["budget of 29 MNOK"],
        [],
        0.0,
        without=9.0 - 0.5 - 1.0,
        saving={"Save": SAVE},
        heat={"Heat": HEAT | {"partners": "Mill"}},
        settings={"budget_mnok": 29.0},
        roomy=False,
    ),
    "a budget that suffices": Case(
        {"Mill": row(9.0, 50.0), "Idle": row(-1.0)},
        [],
        ["Mill", "Save", "Heat"],
        7.5,
        without=7.5,
        saving={"Save": SAVE},
        heat={"Heat": HEAT | {"partners": "Mill"}},
        settings={"budget_mnok": 30.0},
        roomy=False,
    ),
    "a goal of emissions, met by a symbiosis too": Case(
        {"Mill": row(-1.0, co2_t_per_yr=4000.0), "Quay": row(-3.0, co2_t_per_yr=7000.0)},
        ["at least 10,000 t CO2e a year (min_co2_t_per_yr)"],
        ["Mill", "Heat"],
        -2.0,
        without=0.0,
        heat={"Heat": HEAT | {"partners": "Mill"}},
        settings={"goals": {"min_co2_t_per_yr": 10000.0}},
    ),
    "a goal of jobs": Case(
        {"Mill": row(-1.0, jobs=50), "Quay": row(-1.5, jobs=80), "Port": row(-0.4, jobs=25)},
        ["at least 75 jobs (min_jobs)"],
        ["Mill", "Port"],
        -1.4,
        without=0.0,
        settings={"goals": {"min_jobs": 75}},
    ),
    "a goal of export": Case(
        {"Mill": row(-1.0, export_mnok_per_yr=50.0), "Quay": row(1.0, export_mnok_per_yr=10.0)},
        ["at least 60 MNOK of export a year (min_export_mnok_per_yr)"],
        ["Mill", "Quay"],
        0.0,
        without=1.0,
        settings={"goals": {"min_export_mnok_per_yr": 60.0}},
    ),
    "a goal of power": Case(
        {"Mill": row(-1.0, 25.0), "Quay": row(4.0, 20.0), "Port": row(-2.0, 35.0)},
        ["at least 31 MW (min_mw)"],
        ["Port"],
        -2.0,
        without=4.0,
        settings={"goals": {"min_mw": 31.0}},
        roomy=False,
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_rule_decides(case):
    """With it as on paper; without it more is worth more, so each case fails if it is dropped."""
    result = plan(case.study)
    assert chosen_in(result) == case.chosen
    assert result.objective_mnok == pytest.approx(case.value)
    rules = result.search.rules
    assert [rule.text for rule in rules if rule.text in case.rules] == case.rules
    left = [rule for rule in rules if rule.text not in case.rules]
    assert result.search.best(left).value_mnok == pytest.approx(case.without)


class TestCommitted:
    """A firm project that holds a reservation is part of the base case, whatever it is worth."""

    offered: ClassVar = {
        "Mill": row(-9.0, 25.0, status="reserved"),
        "Large": variant(50.0, 35.0, of="Mill"),
        "Quay": row(8.0, 20.0),
        "Port": row(3.0, 15.0),
    }

    def test_it_is_chosen_and_its_other_variants_are_no_candidates(self):
        result = plan(plain_study(triangle(), self.offered))
        assert chosen_in(result) == ["Mill", "Port"]  # 60 + 25 + 15 = 100 MW
        assert list(result.projects.index) == ["Mill", "Quay", "Port"]
        assert result.objective_mnok == pytest.approx(-6.0)

    def test_it_stands_in_the_base_case_once(self):
        result = plan(plain_study(triangle(), self.offered))
        assert result.base.case.load_mw.sum() == pytest.approx(85.0)
        assert result.network.c.loads.dynamic.p_set.to_numpy().sum() == pytest.approx(100.0)

    def test_it_satisfies_what_requires_any_of_its_variants(self):
        offered = self.offered | {"Port": row(3.0, 15.0, requires="Mill")}
        assert chosen_in(plan(plain_study(triangle(), offered))) == ["Mill", "Port"]
        offered = self.offered | {"Port": row(3.0, 15.0, requires="Large")}
        result = plan(plain_study(triangle(), offered))
        assert chosen_in(result) == ["Mill"]
        assert result.projects.loc["Port", "barred"] == "requires Large, which is no candidate"

    def test_what_it_excludes_stays_out(self):
        offered = self.offered | {"Port": row(3.0, 15.0, excludes="Mill")}
        assert chosen_in(plan(plain_study(triangle(), offered))) == ["Mill"]

    def test_a_conditional_one_remains_a_choice(self):
        mill = row(-9.0, 25.0, status="reserved", connection="conditional", curtailable_share=0.1)
        offered = self.offered | {"Mill": mill}
        result = plan(plain_study(triangle(), offered))
        assert chosen_in(result) == ["Large"]
        assert result.base.case.load_mw.sum() == pytest.approx(60.0)


class TestOrdinaryGrowth:
    """A shop of 4 MW is no choice: it is connected, and counts as built."""

    shop: ClassVar = {"Shop": row(0.0, 4.0)}

    def test_it_satisfies_requirements_and_symbioses(self):
        offered = self.shop | {"Mill": row(2.0, requires="Shop")}
        heat = {"Heat": HEAT | {"partners": "Shop; Mill"}}
        result = plan(plain_study(triangle(), offered, heat=heat, **ONLY_CO2))
        assert chosen_in(result) == ["Mill", "Heat"]

    @pytest.mark.parametrize(
        ("of_shop", "of_mill"),
        [
            ({"excludes": "Mill"}, {}),
            ({}, {"excludes": "Shop"}),
            ({"exclusive_group": "site"}, {"exclusive_group": "site"}),
        ],
    )
    def test_what_excludes_it_stays_out(self, of_shop, of_mill):
        offered = {"Shop": row(0.0, 4.0, **of_shop), "Mill": row(2.0, **of_mill)}
        result = plan(plain_study(triangle(), offered))
        assert chosen_in(result) == []
        assert "connected anyway" in result.projects.loc["Mill", "barred"]
        offered["Mill"]["must_build"] = True
        with pytest.raises(InfeasiblePlanError, match="connected anyway"):
            plan(plain_study(triangle(), offered))

    def test_its_variants_are_no_candidates(self):
        offered = self.shop | {"Mall": variant(9.0, of="Shop")}
        assert plan(plain_study(triangle(), offered)).projects.empty


class TestArguments:
    offered: ClassVar = {"Mill": row(-1.0, 20.0, jobs=10), "Quay": row(9.0, 45.0)}
    saving: ClassVar = {"Save": SAVE, "Dear": SAVE | {"cost_mnok": 30.0}}

    def test_goals_replace_those_of_the_study(self):
        study = plain_study(triangle(), self.offered, goals={"min_mw": 0.0})
        assert chosen_in(plan(study)) == []
        result = plan(study, goals={"min_jobs": 10})
        assert chosen_in(result) == ["Mill"]
        assert result.study.settings.goals.min_jobs == 10
        with pytest.raises(InfeasiblePlanError, match="at least 11 jobs"):
            plan(study, goals={"min_jobs": 11})

    def test_goals_are_checked(self):
        with pytest.raises(StudyError, match="min_job"):
            plan(plain_study(triangle(), self.offered), goals={"min_job": 10})
        with pytest.raises(StudyError, match="min_jobs"):
            plan(plain_study(triangle(), self.offered), goals={"min_jobs": -1})

    @pytest.mark.parametrize(
        ("names", "value", "chosen"),
        [
            (True, 8.5, ["Quay", "Save"]),
            (["Dear"], 7.5, ["Quay", "Dear"]),
            ([], 0.0, []),
            (False, 0.0, []),
        ],
    )
    def test_only_the_named_measures_may_be_taken(self, names, value, chosen):
        result = plan(plain_study(triangle(), self.offered, self.saving), measures=names)
        assert chosen_in(result) == chosen
        assert result.objective_mnok == pytest.approx(value)

    def test_only_the_named_symbioses_may_be_taken(self):
        heat = {name: HEAT | {"partners": "Quay"} for name in ("Heat", "Steam")}
        study = plain_study(triangle(), self.offered, heat=heat)
        result = plan(study, symbioses=["Steam"])
        assert chosen_in(result) == ["Quay", "Steam"]
        assert chosen_in(plan(study, symbioses=False)) == []

    @pytest.mark.parametrize("argument", ["measures", "symbioses"])
    def test_unknown_names_are_refused_all_at_once(self, argument):
        study = plain_study(triangle(), self.offered, self.saving)
        with pytest.raises(StudyError) as error:
            plan(study, **{argument: ["Save", "Dare", "Heat"]})
        found = [problem.value for problem in error.value.problems]
        assert found == (["Dare", "Heat"] if argument == "measures" else ["Save", "Dare", "Heat"])
        assert {problem.column for problem in error.value.problems} == {argument}

    def test_one_name_alone_is_a_name_not_letters(self):
        study = plain_study(triangle(), self.offered, self.saving)
        assert chosen_in(plan(study, measures="Save")) == ["Quay", "Save"]
        with pytest.raises(StudyError, match="'Dare'"):
            plan(study, measures="Dare")
