"""Hourly capacity of a place by hand; `test_brute_force` compares it with other programs."""

from dataclasses import replace

import numpy as np
import pytest

from gridplan.base.errors import SolverError
from gridplan.hosting.hourly import hourly_capacity
from gridplan.hosting.shared import SharedLimits
from gridplan.hosting.survey import survey_of
from gridplan.operation.base_case import base_case
from gridplan.study.study import Study
from tests.networks_by_hand import random_study, triangle


def at(study, bus):
    """Capacity of load at a bus, with the grid it stands in."""
    survey = survey_of(base_case(study), "N-1")
    place = (survey.case.grid.topology.buses == bus).astype(float)
    return survey.case.grid, hourly_capacity(survey, SharedLimits(survey.case), place)


def test_triangle_by_hand():
    """60 MW of load on 100 MW of firm capacity leave 40 MW, limited by the loss of AC."""
    grid, found = at(Study(network=triangle()), "C")
    assert found.mw == pytest.approx([40.0])
    branch = grid.topology.branches.index[found.branch[0]]
    outage = grid.outage_names()[found.outage[0]]
    assert (branch, outage) in {("AB", "AC"), ("BC", "AC"), ("AC", "AB"), ("AC", "BC")}


def test_an_excess_below_the_tolerance_leaves_no_hour_infeasible():
    """At 100 MW a triangle is full; a millionth of a MW more is listed nowhere, but kept."""
    study = Study(network=triangle(load_mw=100.000_001))
    assert base_case(study).existing_overloads.empty
    _, found = at(study, "C")
    assert found.mw == pytest.approx([0.0], abs=1e-6)


def test_what_other_places_have_met_changes_no_figure():
    """Shared limits save programs; the capacities are the same in any order of the buses."""
    survey = survey_of(base_case(random_study(5, hours=60)), "N-1")
    shared = SharedLimits(survey.case)
    places = np.eye(12)
    together = [hourly_capacity(survey, shared, place) for place in places]
    alone = [hourly_capacity(survey, SharedLimits(survey.case), place) for place in places]
    for one, other in zip(together, alone, strict=True):
        np.testing.assert_allclose(one.mw, other.mw, rtol=1e-7, atol=1e-5)
    assert sum(one.programs for one in together) < sum(other.programs for other in alone)


def test_hours_above_the_ceiling_are_cut_off_and_no_other():
    survey = survey_of(base_case(random_study(8, hours=200)), "N-1")
    place = np.eye(12)[7]
    full = hourly_capacity(survey, SharedLimits(survey.case), place)
    firm = hourly_capacity(survey, SharedLimits(survey.case), place, flexibility=0.0)
    assert firm.ceiling_mw == pytest.approx(full.mw.min(), abs=0.02)
    np.testing.assert_allclose(firm.mw, np.minimum(full.mw, firm.ceiling_mw), atol=1e-5)


def test_limits_bound_every_place_from_above():
    """Every bound that a bus gets from the others is at least its own exact capacity."""
    survey = survey_of(base_case(random_study(2, hours=50)), "N-1")
    shared = SharedLimits(survey.case)
    for place in np.eye(12)[:11]:
        hourly_capacity(survey, shared, place)
    bound, _ = shared.bound(np.eye(12)[11])
    exact = hourly_capacity(survey, SharedLimits(survey.case), np.eye(12)[11])
    assert (bound >= exact.mw - 1e-5).all()
    assert (bound < exact.mw + 1e-3).any()


def test_an_hour_without_an_optimum_is_told():
    """A source that must rise by more than it can, in one hour of the year."""
    survey = survey_of(base_case(random_study(2, hours=6)), "N-1")
    down = survey.down_mw.copy()
    down[4, 0] = -survey.up_mw[4, 0] - 1.0
    place = np.eye(12)[3]
    survey = replace(survey, down_mw=down)
    with pytest.raises(SolverError, match=r"2030-01-01 04:00:00: .*Infeasible"):
        hourly_capacity(survey, SharedLimits(survey.case), place)
