import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridplan.hosting.fixed import balancing_shares, fixed_capacity, rooms_of
from gridplan.operation.base_case import base_case
from gridplan.operation.screen import violations
from gridplan.study.study import Study
from tests.networks_by_hand import random_study, triangle


@given(st.integers(0, 10_000), st.sampled_from([1.0, -1.0]))
@settings(max_examples=6, deadline=None)
def test_at_the_capacity_all_is_secure_and_just_above_it_is_not(seed, direction):
    """Each hour is tried with a screen that knows nothing of the bounds used here."""
    study = random_study(seed, hours=150, tightness=2.5)
    base = base_case(study)
    case = base.limits()
    rooms = rooms_of(case, base)
    for bus in (1, 6, 11):
        place = np.zeros(12)
        place[bus] = direction
        capacity = fixed_capacity(rooms, place)
        shares = balancing_shares(rooms, place)

        def secure(mw, place=place, shares=shares):
            dispatch = base.dispatch.dispatch_mw + mw[:, None] * shares
            injection = case.injections_mw(dispatch) - np.outer(mw, place)
            found = violations(case.grid, case.grid.flows_mw(injection), case.limit_mw, 1e-6)
            held = (dispatch <= case.p_max_mw + 1e-6) & (dispatch >= case.p_min_mw - 1e-6)
            held = held.all(axis=1)
            held[np.unique(found.hour)] = False
            return held

        free = capacity > 0
        assert secure(capacity)[free].all()
        assert not secure(capacity + 0.01)[free].any()


def test_triangle_by_hand():
    base = base_case(Study(network=triangle()))
    place = (base.case.grid.topology.buses == "C").astype(float)
    assert fixed_capacity(rooms_of(base.limits(), base), place) == pytest.approx([40.0])
