"""Demands that cannot be kept together: the smallest set of them is named."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridplan.base.errors import InfeasiblePlanError
from gridplan.portfolio.conflicts import smallest_conflict
from gridplan.portfolio.plan import plan
from gridplan.portfolio.rules import Rule
from gridplan.portfolio.search import Search
from tests.networks_by_hand import plain_study, triangle, two_triangles

FIT_MW = 40.0  # beside 60 MW at C


def row(value=1.0, mw=20.0, **cells):
    return {"bus": "C", "mw": mw, "value_mnok_per_yr": value, "status": "candidate", **cells}


def refusal(offered, network=None, **others):
    with pytest.raises(InfeasiblePlanError) as error:
        plan(plain_study(triangle() if network is None else network, offered, **others))
    return error.value


def test_a_goal_out_of_reach_of_all_projects():
    error = refusal({"Mill": row(jobs=10), "Quay": row(jobs=20)}, goals={"min_jobs": 31})
    assert error.conflict == ("at least 31 jobs (min_jobs)",)
    assert "limits of the grid" not in str(error)
    assert str(error).endswith("\n  - at least 31 jobs (min_jobs)")


def test_a_goal_that_the_grid_cannot_carry():
    offered = {"Mill": row(mw=25.0), "Quay": row(mw=20.0), "Port": row(mw=10.0)}
    error = refusal(offered, goals={"min_mw": 36.0, "min_jobs": 0})
    assert error.conflict == ("at least 36 MW (min_mw)",)
    assert "with the limits of the grid" in str(error)


def test_a_project_that_must_be_built_and_does_not_fit():
    offered = {"Mill": row(mw=41.0, must_build=True), "Large": row(mw=50.0, variant_of="Mill")}
    assert refusal(offered).conflict == ("Mill must be built",)


def test_two_that_must_be_built_fit_one_by_one_only():
    offered = {name: row(mw=mw, must_build=True) for name, mw in (("A", 5), ("B", 25), ("C", 20))}
    error = refusal(offered)
    assert error.conflict == ("B must be built", "C must be built")
    assert "with the limits of the grid" in str(error)


def test_two_goals_that_conflict_only_together():
    """Jobs at Mill, export at Quay: 25 + 20 MW do not fit."""
    offered = {"Mill": row(mw=25.0, jobs=50), "Quay": row(mw=20.0, export_mnok_per_yr=30.0)}
    goals = {"min_jobs": 40, "min_export_mnok_per_yr": 20.0}
    error = refusal(offered, goals=goals, budget_mnok=3.0)
    assert error.conflict == (
        "at least 40 jobs (min_jobs)",
        "at least 20 MNOK of export a year (min_export_mnok_per_yr)",
    )
    for goal, least in goals.items():
        plan(plain_study(triangle(), offered, goals={goal: least}))


def test_goal_and_budget_conflict_where_a_measure_would_make_room():
    saving = {"Save": {"buses": "C: 1", "mw": 5.0, "cost_mnok": 10.0}}
    offered = {"Mill": row(mw=45.0)}
    error = refusal(offered, saving=saving, goals={"min_mw": 45.0}, budget_mnok=9.0)
    assert set(error.conflict) == {"at least 45 MW (min_mw)", "budget of 9 MNOK"}
    plan(plain_study(triangle(), offered, saving, goals={"min_mw": 45.0}, budget_mnok=10.0))


def test_relations_whose_contradiction_no_check_of_the_file_sees():
    """Every project by itself is possible; only the goal asks for two of a group."""
    offered = {
        "Mill": row(jobs=10, exclusive_group="site"),
        "Quay": row(jobs=10, exclusive_group="site"),
        "Port": row(jobs=1, requires="Mill"),
    }
    error = refusal(offered, goals={"min_jobs": 12})
    assert error.conflict == (
        "at most one project of group site",
        "at least 12 jobs (min_jobs)",
    )
    assert "limits of the grid" not in str(error)


def test_a_requirement_that_cannot_be_met_later_on():
    offered = {
        "Mill": row(must_build=True, requires="Quay"),
        "Quay": row(requires="Road"),
        "Road": row(mw=5.0, year=2040),
    }
    error = refusal(offered)
    assert error.conflict == ("Mill requires Quay", "Mill must be built")
    assert "requires Road, which is no candidate" in str(error)


def test_what_is_barred_behind_a_bridge_says_why():
    offered = {"Mill": row(mw=10.0, must_build=True) | {"bus": "E"}}
    error = refusal(offered, two_triangles(), radial="forbid")
    assert error.conflict == ("Mill must be built",)
    assert "where Mill cannot be chosen: behind a bridge" in str(error)


def test_what_excludes_a_committed_project_says_so():
    offered = {
        "Mill": row(status="reserved", mw=10.0),
        "Quay": row(mw=10.0, excludes="Mill", jobs=5),
    }
    error = refusal(offered, goals={"min_jobs": 5})
    assert error.conflict == ("Quay excludes Mill", "at least 5 jobs (min_jobs)")
    assert "where Mill is committed" in str(error)


def test_the_grid_is_named_where_the_smallest_set_needs_it():
    """One project too large for the grid is a smaller conflict than two that exclude each other."""
    offered = {
        "A": row(mw=41.0, must_build=True),
        "B": row(mw=5.0, jobs=1, exclusive_group="site"),
        "C": row(mw=5.0, jobs=1, exclusive_group="site"),
    }
    error = refusal(offered, goals={"min_jobs": 2})
    assert error.conflict == ("A must be built",)
    assert "with the limits of the grid" in str(error)


MW = np.array([25.0, 20.0, 15.0, 10.0, 35.0])
PROJECTS = {f"P{place}": row(mw=mw) for place, mw in enumerate(MW)}
CHOICES = np.array([z for z in product((0.0, 1.0), repeat=len(MW)) if z @ MW <= FIT_MW])


@pytest.fixture(scope="module")
def unasked():
    """What fits at C is decided by the grid; the rules are the test's own."""
    found = plan(plain_study(triangle(), PROJECTS))
    return found.base, found.search.options


@st.composite
def rules(draw):
    """Up to eight rules over five projects, with small coefficients."""
    count = draw(st.integers(1, 8))
    made = []
    for number in range(count):
        entries = draw(st.lists(st.sampled_from([-1.0, 0.0, 0.0, 1.0]), min_size=5, max_size=5))
        made.append(
            Rule(f"rule {number}", np.array(entries), draw(st.sampled_from([-2.0, -1.0, 0.0])))
        )
    return made


def hold(chosen):
    """Whether some choice within the grid keeps all rules, by trying all."""
    return any(all(rule.row @ z <= rule.upper for rule in chosen) for z in CHOICES)


@given(rules())
@settings(max_examples=60, deadline=None, derandomize=True)
def test_the_set_is_as_small_as_any(unasked, made):
    """Of a search that has learned no limit of the grid yet."""
    search = Search(*unasked, made)
    if hold(made):
        assert search.holds(made)
        return
    conflict = smallest_conflict(search, made)
    assert not hold(conflict)
    smaller = combinations(made, len(conflict) - 1)
    assert all(hold(chosen) for chosen in smaller)
