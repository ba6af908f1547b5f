import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridplan.grid.sensitivities import grid_of, ratings_mw
from tests.networks_by_hand import network, random_study, triangle, two_triangles


def flow_of(grid, injections):
    vector = np.zeros(len(grid.topology.buses))
    for bus, mw in injections.items():
        vector[grid.topology.buses.get_loc(bus)] = mw
    return dict(zip(grid.topology.branches.index, grid.flows_mw(vector[None])[0], strict=True))


def test_triangle_splits_two_to_one():
    flow = flow_of(grid_of(triangle()), {"A": 60.0, "C": -60.0})
    assert flow == pytest.approx({"AB": 20.0, "BC": 20.0, "AC": 40.0})


def test_outage_in_a_triangle_moves_everything_to_the_other_path():
    grid = grid_of(triangle())
    lines = list(grid.topology.branches.index)
    column = grid.lodf.matrix[:, grid.outage_names().index("AC")]
    assert column[lines.index("AB")] == pytest.approx(1.0)
    assert column[lines.index("BC")] == pytest.approx(1.0)
    assert column[lines.index("AC")] == -1.0


def test_a_bridge_is_never_an_outage():
    grid = grid_of(two_triangles())
    assert grid.topology.branches.index[grid.topology.bridge].tolist() == ["CD"]
    assert "CD" not in grid.outage_names()
    assert np.isfinite(grid.lodf.matrix).all()


def test_parallel_circuits_are_no_bridges():
    n = network({"one": ("A", "B", 10.0, 50.0), "two": ("A", "B", 20.0, 50.0)}, {"B": [30.0]})
    n.add("Generator", "g", bus="A", carrier="border", p_nom=100.0)
    grid = grid_of(n)
    assert not grid.topology.bridge.any()
    assert flow_of(grid, {"A": 30.0, "B": -30.0}) == pytest.approx({"one": 20.0, "two": 10.0})


def test_unsecured_branches_are_left_out():
    assert "AC" not in grid_of(triangle(), ("AC",)).outage_names()


def test_two_islands_keep_their_flows_apart():
    n = network({"AB": ("A", "B", 10.0, 50.0), "CD": ("C", "D", 10.0, 50.0)}, {"B": [30.0]})
    grid = grid_of(n)
    assert grid.topology.islands == 2
    flow = flow_of(grid, {"A": 30.0, "B": -30.0})
    assert flow == pytest.approx({"AB": 30.0, "CD": 0.0})


def with_transformers(seed):
    """A random network with tapped and phase-shifting transformers in parallel."""
    n = random_study(seed).network
    n.add("Bus", "high", v_nom=300.0, carrier="AC")
    for name, bus, shift in (("T1", "B0", 0.0), ("T2", "B3", 5.0), ("T3", "B3", 0.0)):
        n.add("Transformer", name, bus0="high", bus1=bus, x=0.1, r=0.001, s_nom=200.0, model="t",
              tap_ratio=1.05, phase_shift=shift)  # fmt: skip
    share = 0.1 * n.c.generators.static["p_nom"].to_numpy()
    n.c.generators.dynamic.p_set = pd.DataFrame(
        np.tile(share, (len(n.snapshots), 1)), n.snapshots, n.c.generators.static.index
    )
    return n


@given(st.integers(0, 10_000))
@settings(max_examples=8, deadline=None)
def test_flows_equal_pypsa(seed):
    n = with_transformers(seed)
    load = n.c.loads.dynamic.p_set.sum(axis=1)
    n.c.generators.dynamic.p_set["west"] += load - n.c.generators.dynamic.p_set.sum(axis=1)
    n.lpf()
    grid = grid_of(n)
    buses = grid.topology.buses
    injection = n.c.buses.dynamic.p[buses].to_numpy()
    expected = np.hstack([n.c.lines.dynamic.p0, n.c.transformers.dynamic.p0])
    np.testing.assert_allclose(grid.flows_mw(injection), expected, atol=1e-6)


@given(st.integers(0, 10_000))
@settings(max_examples=5, deadline=None)
def test_lodf_equals_removing_the_branch(seed):
    n = random_study(seed).network
    grid = grid_of(n)
    rng = np.random.default_rng(seed)
    injection = rng.normal(0, 10, (3, len(grid.topology.buses)))
    injection -= injection.mean(axis=1, keepdims=True)
    flow = grid.flows_mw(injection)
    for column, branch in enumerate(grid.outages):
        after = flow + flow[:, [branch]] * grid.lodf.matrix[:, column]
        name = grid.topology.branches.index[branch]
        n.c.lines.static.loc[name, "active"] = False
        without = grid_of(n)
        n.c.lines.static.loc[name, "active"] = True
        kept = np.delete(after, branch, axis=1)
        np.testing.assert_allclose(kept, without.flows_mw(injection), atol=1e-6)


def test_ratings_vary_by_hour():
    n = two_triangles(hours=2)
    n.c.lines.dynamic.s_max_pu["CD"] = [1.0, 0.5]
    grid = grid_of(n)
    limit = ratings_mw(n, grid.topology)
    column = grid.topology.branches.index.get_loc("CD")
    assert limit[:, column].tolist() == [50.0, 25.0]
