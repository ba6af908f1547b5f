import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridplan.hosting.fixed import FixedBalancing
from gridplan.hosting.flexible import flexible_capacity
from gridplan.hosting.survey import survey_of
from gridplan.operation.base_case import base_case
from gridplan.operation.screen import violations
from gridplan.study.study import Study
from tests.networks_by_hand import (
    random_study,
    triangle,
    with_emergency_factors,
    with_listed_outages,
)


def balancing_of(study):
    return FixedBalancing(survey_of(base_case(study), "N-1"))


@given(st.integers(0, 10_000), st.sampled_from([1, -1]), st.booleans())
@settings(max_examples=8, deadline=None)
def test_at_the_capacity_all_is_secure_and_just_above_it_is_not(seed, sign, emergency):
    """Each hour is tried with a screen that knows nothing of the bounds used here."""
    study = random_study(seed, hours=150, tightness=2.5)
    if emergency:
        study = with_listed_outages(with_emergency_factors(study, seed), seed)
    balancing = balancing_of(study)
    survey = balancing.survey
    case = survey.case
    for bus in (1, 6, 11):
        found = balancing.capacity(bus, sign)
        place = sign * np.eye(12)[bus]
        shares = np.zeros_like(survey.dispatch_mw)
        for hours, row in balancing.sharing(bus, sign):
            shares[hours] = row

        def secure(mw, place=place, shares=shares):
            dispatch = survey.dispatch_mw + mw[:, None] * shares
            injection = case.injections_mw(dispatch) - np.outer(mw, place)
            over = violations(case.grid, case.grid.flows_mw(injection), case.limit_mw, 1e-6)
            held = (dispatch <= case.p_max_mw + 1e-6) & (dispatch >= case.p_min_mw - 1e-6)
            held = held.all(axis=1)
            held[np.unique(over.hour)] = False
            return held

        free = found.mw > 0
        assert secure(found.mw)[free].all()
        assert not secure(found.mw + 0.01)[free].any()


def test_the_limiting_pair_is_at_its_limit():
    balancing = balancing_of(random_study(4, hours=40))
    survey, grid = balancing.survey, balancing.survey.case.grid
    found = balancing.capacity(6, 1)
    flow = survey.flow_mw.copy()
    for hours, shares in balancing.sharing(6, 1):
        change = grid.ptdf.matrix @ (shares @ survey.case.injection - np.eye(12)[6])
        flow[hours] += found.mw[hours, None] * change
    by_branch = np.flatnonzero((found.branch >= 0) & (found.mw > 0))
    assert len(by_branch) > 10
    for hour in by_branch:
        branch, outage = found.branch[hour], found.outage[hour]
        after = flow[hour, branch]
        if outage >= 0:
            after += grid.lodf.matrix[branch, outage] * flow[hour, grid.outages[outage]]
        limit = survey.case.limit_mw[hour, grid.limit(branch, outage)]
        assert abs(after) == pytest.approx(limit, abs=1e-6)


def test_a_ceiling_changes_no_capacity():
    balancing = balancing_of(random_study(9, hours=200))
    for bus in range(12):
        full = balancing.capacity(bus, 1)
        for share in (0.0, 0.05):
            capped = balancing.capacity(bus, 1, share)
            expected = flexible_capacity(full.mw, share)
            assert flexible_capacity(capped.mw, share) == pytest.approx(expected, abs=1e-9)


def test_triangle_by_hand():
    balancing = balancing_of(Study(network=triangle()))
    assert balancing.capacity(2, 1).mw == pytest.approx([40.0])
