"""How much of a load fits, by hour: on paper, and against every outage written out."""

import numpy as np
import pytest

import gridplan as gp
from gridplan.portfolio.curtailment import EXCESS_MW
from gridplan.portfolio.search import Extra
from gridplan.reasons.asked import asked_of
from gridplan.reasons.fitting import fitting_part, limiting_pairs
from tests.networks_by_hand import (
    plain_study,
    random_study,
    triangle,
    two_triangles,
    with_conditions,
)
from tests.reasons.brute_force import Reference
from tests.reasons.places import firm, flexible, narrow

LEANING = 1  # seed of a study in which a plan leans on a project


def fitting(plan, project):
    asked = asked_of(plan, project)
    return asked, fitting_part(asked.search, asked.rest, asked.extra)


def test_what_one_line_leaves():
    """AB carries 100 MW after the loss of AC: beside 60, 80, 95 and 100 MW fit 40, 20, 5, 0."""
    plan = gp.plan(plain_study(narrow([60, 80, 95, 100]), {"Mill": firm(50.0)}))
    asked, found = fitting(plan, "Mill")
    assert found.part * 50 == pytest.approx([40, 20, 5, 0], abs=1e-6)
    assert found.short.all()
    assert set(limiting_pairs(asked.search, found.limit)) == {("AB", "AC")}


def test_a_conditional_load_counts_without_outage_alone():
    """AC (200 MW) takes two thirds of 300 MW; an outage finds the load disconnected."""
    offered = {"Mill": flexible(250.0, share=0.01)}
    plan = gp.plan(plain_study(narrow([60, 80, 95, 40]), offered))
    asked, found = fitting(plan, "Mill")
    assert found.part * 250 == pytest.approx([240, 220, 205, 250], abs=1e-5)
    assert limiting_pairs(asked.search, found.limit[:1]) == [("AC", "")]
    assert found.limit[3] == -1


def test_where_the_sources_are_what_is_missing():
    n = triangle()
    n.c.generators.static["p_nom"] = 75.0
    plan = gp.plan(plain_study(n, {"Mill": firm(20.0, bus="A")}))
    asked, found = fitting(plan, "Mill")
    assert found.part * 20 == pytest.approx([15], abs=1e-6)
    assert limiting_pairs(asked.search, found.limit) == [("", "")]


def test_a_bridge_limits_without_outage():
    """CD (50 MW) and 10 MW at F feed 20 MW at E: 40 MW are left."""
    plan = gp.plan(plain_study(two_triangles(2), {"Mill": firm(60.0, bus="E")}))
    asked, found = fitting(plan, "Mill")
    assert found.part * 60 == pytest.approx([40, 40], abs=1e-6)
    assert limiting_pairs(asked.search, found.limit) == [("CD", "")] * 2


@pytest.mark.parametrize("seed", range(4))
def test_equal_to_every_outage_written_out(seed):
    study = random_study(seed, tightness=1.3)
    plan = gp.plan(with_conditions(study, seed) if seed % 2 else study)
    hopeless = 0
    for project in plan.projects.index:
        asked, found = fitting(plan, project)
        reference = Reference(asked.search, asked.rest)
        part = reference.part(asked.extra.load_mw, asked.extra.released_mw)
        np.testing.assert_array_equal(np.isnan(part), found.hopeless)
        np.testing.assert_allclose(found.part, np.nan_to_num(part), rtol=0, atol=1e-6)
        hopeless += found.hopeless.sum()
    assert seed != LEANING or hopeless


@pytest.mark.parametrize("seed", [1, 3])
def test_released_load_equal_to_every_outage_written_out(seed):
    """Half of a firm project's load disconnected after an outage, beside conditional ones."""
    plan = gp.plan(with_conditions(random_study(seed, tightness=1.2), seed))
    limits = plan.search.limits
    for project in plan.projects.index[:3]:
        asked = asked_of(plan, project)
        load = 2 * asked.extra.load_mw
        given_way = limits.grid.topology.sum_by_island(load) @ limits.balancing
        extra = Extra(load, 0.5 * (load - given_way))
        found = fitting_part(asked.search, asked.rest, extra)
        reference = Reference(asked.search, asked.rest)
        low, high = (
            reference.part(load, extra.released_mw, slack_mw=slack)
            for slack in (-2 * EXCESS_MW, 2 * EXCESS_MW)
        )
        assert (np.nan_to_num(low) - 1e-6 <= found.part).all()
        assert (found.part <= np.nan_to_num(high) + 1e-6).all()
        known = ~np.isnan(low)  # else what stands beside it leaves no room at all
        np.testing.assert_allclose(low[known], high[known], rtol=0, atol=1e-3)
