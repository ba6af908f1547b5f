import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gridplan.grid.sensitivities import grid_of
from gridplan.operation.screen import extremes_mw, violations
from tests.networks_by_hand import random_study, triangle


def every_outage(grid, flow):
    """Post-outage flows the slow way, (K, T, L)."""
    cases = [flow + flow[:, [b]] * grid.lodf.matrix[:, k] for k, b in enumerate(grid.outages)]
    return np.stack(cases)


def test_extremes_equal_a_loop_over_outages():
    grid = grid_of(random_study(3).network)
    flow = np.random.default_rng(0).normal(0, 50, (300, len(grid.topology.branches)))
    highest, lowest = extremes_mw(grid, flow)
    slow = every_outage(grid, flow)
    np.testing.assert_allclose(highest, np.hstack([flow, slow.max(axis=0)]), atol=1e-9)
    np.testing.assert_allclose(lowest, np.hstack([flow, slow.min(axis=0)]), atol=1e-9)


def test_violations_name_the_worst_outage_and_direction():
    grid = grid_of(triangle())
    names = list(grid.topology.branches.index)
    flow = grid.flows_mw(np.array([[60.0, 0.0, -60.0], [-60.0, 0.0, 60.0]]))
    found = violations(grid, flow, np.full((2, 6), 59.0), 1e-6)
    assert len(found) == 6  # each line carries all 60 MW after some outage, 40 without
    np.testing.assert_allclose(found.over_mw, 1.0)
    ab = found.branch == names.index("AB")
    assert found.sign[ab].tolist() == [1.0, -1.0]
    outage = [grid.outage_names()[k] for k in found.outage[ab]]
    assert outage == ["AC", "AC"]


def test_nothing_found_below_the_limit():
    grid = grid_of(triangle())
    flow = grid.flows_mw(np.array([[60.0, 0.0, -60.0]]))
    assert len(violations(grid, flow, np.full((1, 6), 60.0), 1e-6)) == 0


@given(st.integers(0, 10_000))
@settings(max_examples=10, deadline=None)
def test_the_pruned_screen_is_complete(seed):
    """Every limit that is exceeded in some hour and direction is found, with its excess."""
    rng = np.random.default_rng(seed)
    grid = grid_of(random_study(seed % 7).network)
    flow = rng.normal(0, 50, (400, len(grid.topology.branches))) * rng.uniform(0, 2, (400, 1))
    limit = np.hstack([np.full_like(flow, 130.0), np.full_like(flow, 150.0)])
    found = violations(grid, flow, limit, 1e-6)
    slow = every_outage(grid, flow)
    expected = np.zeros((2, *limit.shape))
    expected[0] = np.maximum(np.hstack([flow, slow.max(axis=0)]) - limit, 0.0)
    expected[1] = np.maximum(np.hstack([-flow, -slow.min(axis=0)]) - limit, 0.0)
    seen = np.zeros_like(expected)
    number = grid.limit(found.branch, found.outage)
    seen[(found.sign < 0).astype(int), found.hour, number] = found.over_mw
    np.testing.assert_allclose(seen, expected, atol=1e-6)
