"""Marginal values against plans and linear programs that are solved anew with a little more."""

from dataclasses import replace

import numpy as np
import pytest

import gridplan as gp
from gridplan.portfolio.pypsa_conditions import pypsa_conditions
from gridplan.portfolio.pypsa_model import pypsa_objective, secure_outages, to_pypsa
from gridplan.portfolio.search import Search
from gridplan.reasons.prices import prices
from gridplan.study.settings import Settings, Weights
from gridplan.study.study import Study
from tests.networks_by_hand import (
    measures,
    network,
    projects,
    random_study,
    triangle,
    with_conditions,
    with_emergency_factors,
)
from tests.sampling import rest_slow

STEP = 1e-3  # MW; the values are piecewise constant
NO_WEIGHTS = Weights(
    co2_mnok_per_kt=0, jobs_mnok_per_job=0, export_mnok_per_mnok=0, mw_mnok_per_mw=0
)


def study_of(grid, offered, saving=None):
    return Study(
        network=grid,
        projects=projects(offered),
        measures=measures(saving or {}),
        settings=Settings(weights=NO_WEIGHTS, interest_rate=0.0),
    )


def optimum(plan, fixed, change=lambda case: case):
    """MNOK a year of the linear program with other limits, all learned from scratch."""
    search = Search(plan.base, plan.search.options, plan.search.rules)
    search.limits = change(plan.search.limits)
    search.shape = plan.search.shape
    return prices(search, fixed).value_mnok


def saved(plan, bus):
    """Take STEP MW off a bus in every hour."""

    def change(case):
        less = np.zeros_like(case.load_mw)
        less[:, case.grid.topology.buses.get_loc(bus)] = -STEP
        return case.with_load(less)

    return change


def raised(plan, branch):
    """Add STEP MW to a rating in every hour, where no overload is the limit."""
    grid = plan.base.case.grid
    place = grid.topology.branches.index.get_loc(branch)

    def change(case):
        rating = np.zeros((len(case.hours), grid.branches))
        rating[:, place] = STEP
        limit = np.maximum(plan.base.case.limit_mw + grid.limits_mw(rating), case.limit_mw)
        return replace(case, limit_mw=limit)

    return change


def conditional_study(seed):
    study = with_conditions(random_study(seed, hours=10, tightness=1.3), seed, share=0.4)
    return with_emergency_factors(study, seed)


@pytest.mark.parametrize("seed", rest_slow(range(4), quick=2))
@pytest.mark.parametrize("column", ["fixed", "divisible"])
def test_values_equal_programs_with_a_little_less_load_or_more_rating(seed, column):
    plan = gp.plan(conditional_study(seed))
    values = gp.marginal_values(plan)
    fixed = plan.found.choice if column == "fixed" else None
    before = optimum(plan, fixed)

    def check(value, change):
        gain = 1e6 * (optimum(plan, fixed, change) - before) / STEP
        assert value == pytest.approx(gain, rel=1e-3, abs=20.0)

    assert values.divisible_mnok >= plan.objective_mnok
    by_bus, by_branch = values.buses[column], values.branches[column]
    for bus in [*by_bus.nlargest(2).index, by_bus.idxmin()]:
        check(by_bus[bus], saved(plan, bus))
    for branch in [*by_branch.nlargest(2).index, by_branch.idxmin()]:
        check(by_branch[branch], raised(plan, branch))


@pytest.mark.slow
@pytest.mark.parametrize("seed", rest_slow([0, 1, 2]))
def test_divisible_values_equal_pypsa_with_relaxed_integers(seed):
    """PyPSA writes all N-1 rows and knows none of the limits."""
    study = with_emergency_factors(random_study(seed), seed)
    values = gp.marginal_values(gp.plan(study))
    before = pypsa_in_parts(study)
    assert values.divisible_mnok == pytest.approx(before, rel=1e-5)
    best = values.buses["divisible"].idxmax()
    gain = pypsa_in_parts(study, lambda n: add_load(n, best, -0.01)) - before
    assert values.buses.loc[best, "divisible"] == pytest.approx(1e8 * gain, rel=1e-3)


def pypsa_in_parts(study, change=lambda n: None):
    """Optimum (MNOK a year) of PyPSA's own model, options taken in part."""
    n = to_pypsa(study, study.network.snapshots)
    change(n)
    conditions = pypsa_conditions(study)

    def in_parts(network, snapshots):
        conditions(network, snapshots)
        network.model.variables.relax()

    status = n.optimize.optimize_security_constrained(
        branch_outages=secure_outages(study), extra_functionality=in_parts,
        solver_name="highs", log_to_console=False,
    )  # fmt: skip
    assert status == ("ok", "optimal")
    return pypsa_objective(n)


def add_load(n, bus, mw):
    n.add("Load", "a little", bus=bus, p_set=mw)


def test_the_option_that_is_taken_in_part_sets_the_value():
    """P15 fits whole, and 15 of the 20 MW of P20, which is worth 9 MNOK.

    AC carries 90 MW, and all load at B and C when AB is out: 30 MW are left.
    """
    grid = triangle(rating_mw=150.0)
    grid.c.lines.static.loc["AC", "s_nom"] = 90.0
    offered = {
        "P25": {"bus": "C", "mw": 25.0, "value_mnok_per_yr": 10.0},
        "P20": {"bus": "C", "mw": 20.0, "value_mnok_per_yr": 9.0},
        "P15": {"bus": "C", "mw": 15.0, "value_mnok_per_yr": 8.0},
    }
    saving = {"save": {"buses": "C: 1", "mw": 2.0, "cost_mnok": 100.0, "lifetime_yr": 20}}
    values = gp.marginal_values(gp.plan(study_of(grid, offered, saving)))
    assert values.divisible_mnok == pytest.approx(8.0 + 15 / 20 * 9.0)
    assert values.buses["divisible"].to_dict() == pytest.approx({"A": 0, "B": 450e3, "C": 450e3})
    assert values.buses["divisible_conditional"].eq(0).all()
    assert values.buses["fixed"].eq(0).all()  # nothing is conditional
    ratings = values.branches
    assert ratings["divisible"].to_dict() == pytest.approx({"AB": 0, "BC": 0, "AC": 450e3})
    assert ratings["divisible_after_outage"].equals(ratings["divisible"].rename())
    save = values.measures.loc["save"]
    assert (save["divisible"], save["annual_cost"]) == pytest.approx((450e3, 2.5e6))
    assert (save["taken"], save["taken_divisible"]) == (0, 0)


def curtailed_study():
    """90 MW conditional at C: 2/3 of all load at C goes over AC, 10 MW too much in one hour."""
    grid = network(
        {name: (*name, 10.0, 100.0) for name in ("AB", "BC", "AC")}, {"C": [50.0, 70.0]}, hours=2
    )
    grid.add("Generator", "border A", bus="A", carrier="border", p_nom=1000.0)
    return study_of(grid, {
        "flexible": {
            "bus": "C", "mw": 90.0, "value_mnok_per_yr": 10.0, "connection": "conditional",
            "curtailable_share": 0.2, "curtailment_nok_per_mwh": 1000.0,
        },
    })  # fmt: skip


def test_a_megawatt_saved_is_worth_the_energy_that_is_not_curtailed():
    plan = gp.plan(curtailed_study())
    assert plan.curtailed_mw["flexible"].tolist() == pytest.approx([0.0, 10.0], abs=1e-4)
    values = gp.marginal_values(plan)
    firm = {"A": 0.0, "B": 500.0, "C": 1000.0}
    assert values.buses["fixed"].to_dict() == pytest.approx(firm)
    assert values.buses["fixed_conditional"].to_dict() == pytest.approx(firm)  # without outage
    assert values.branches["fixed"].to_dict() == pytest.approx({"AB": 0, "BC": 0, "AC": 1500})
    assert values.branches["fixed_after_outage"].eq(0).all()


def test_an_existing_overload_has_to_be_mended_first():
    """80 MW at C on lines for 50 MW: only what relieves the overload lets the project in."""
    grid = triangle(load_mw=80.0, rating_mw=100.0)
    grid.c.lines.static.loc["AC", "s_nom"] = 50.0
    offered = {"new": {"bus": "C", "mw": 10.0, "value_mnok_per_yr": 5.0}}
    values = gp.marginal_values(gp.plan(study_of(grid, offered)))
    assert values.buses.loc["C", "divisible"] == pytest.approx(500e3)
    assert values.branches["divisible"].eq(0).all()
    assert values.branches["divisible_past_overload"].to_dict() == pytest.approx(
        {"AB": 0, "BC": 0, "AC": 500e3}
    )
    assert values.branches.loc["AC", "overload_mw"] == pytest.approx(30.0, abs=1e-4)


def test_a_measure_that_is_taken_in_part_is_worth_its_cost():
    offered = {"new": {"bus": "C", "mw": 50.0, "value_mnok_per_yr": 50.0}}
    saving = {"save": {"buses": "C: 1", "mw": 20.0, "cost_mnok": 200.0, "lifetime_yr": 20}}
    values = gp.marginal_values(gp.plan(study_of(triangle(), offered, saving)))
    save = values.measures.loc["save"]
    assert save["taken_divisible"] == pytest.approx(0.5, abs=1e-5)
    assert save["divisible"] == pytest.approx(save["annual_cost"])
