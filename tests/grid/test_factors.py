"""What is worked out by row is what the whole matrices hold."""

import numpy as np
import pytest
from scipy import sparse

import gridplan as gp
from gridplan.grid import factors, sensitivities
from gridplan.grid.sensitivities import grid_of
from gridplan.study.outages import listed_outages
from tests.networks_by_hand import (
    network,
    random_study,
    two_triangles,
    with_conditions,
    with_emergency_factors,
    with_listed_outages,
)


@pytest.fixture
def by_row(monkeypatch):
    """Call to keep no matrix, and to work on few rows at a time."""

    def ask():
        monkeypatch.setattr(sensitivities, "WHOLE_BYTES", 0)
        for module in (factors, sensitivities):
            monkeypatch.setattr(module, "ROWS", 5)

    yield ask
    monkeypatch.undo()


def both(n, ask, listed=None):
    whole = grid_of(n, listed=listed)
    ask()
    return whole, grid_of(n, listed=listed)


def two_islands():
    n = two_triangles()
    n.add("Bus", ["X", "Y", "Z", "alone"], v_nom=132.0, carrier="AC")
    ends = (("X", "Y"), ("Y", "Z"), ("Z", "X"))
    for number, (one, other) in enumerate(ends):
        n.add("Line", f"far {number}", bus0=one, bus1=other, x=7.0 + number, s_nom=50.0)
    return n


@pytest.mark.parametrize("seed", [0, 1, 3, 4, 5])
@pytest.mark.parametrize("kept", [True, False])
def test_nothing_flows_into_a_dead_end_of_very_low_reactance(by_row, seed, kept):
    """After an outage that leaves a path of 300 kΩ: rounding would give up to 6e-4 MW."""
    if not kept:
        by_row()
    rng, count = np.random.default_rng(seed), 11
    ring = {f"L{n}": (f"B{n}", f"B{n + 1}", rng.uniform(1, 20), 200.0) for n in range(count - 1)}
    far = f"B{count - 1}"
    more = {"weak": (far, "B0", 3e5, 200.0), "end": (far, "dead end", 1e-3, 200.0)}
    grid = grid_of(network(ring | more, {far: [200.0]}))
    injection = 200.0 * (grid.topology.buses == "B0") - 200.0 * (grid.topology.buses == far)
    flow = grid.flows_mw(injection[None])[0]
    after = flow[:, None] + grid.lodf.columns(np.arange(count)) * flow[grid.outages]
    by_rows = flow[:, None] + grid.lodf.rows(np.arange(grid.branches)) * flow[grid.outages]
    lines = list(grid.topology.branches.index)
    assert len(grid.outages) == count
    for found in (after, by_rows):
        assert np.abs(found[lines.index("end")]).max() < 1e-9
        assert found[lines.index("weak"), 0] == pytest.approx(-200.0)


def compare(whole, single, seed=0):
    rng = np.random.default_rng(seed)
    assert isinstance(whole.lodf, factors.WholeLodf)
    assert isinstance(single.lodf, factors.LodfByRow)
    injection = rng.normal(0, 50, (11, len(whole.topology.buses)))
    near = {"rtol": 1e-9, "atol": 1e-9}
    np.testing.assert_allclose(single.flows_mw(injection), whole.flows_mw(injection), **near)
    weight = sparse.random_array((9, whole.branches), density=0.3, rng=rng).tocsr()
    np.testing.assert_allclose(single.ptdf.rows(weight), whole.ptdf.rows(weight), **near)
    every = whole.lodf.matrix
    branch = rng.integers(0, whole.branches, 40)
    outage = rng.integers(0, len(whole.outages), 40)
    np.testing.assert_allclose(single.lodf.at(branch, outage), every[branch, outage], **near)
    np.testing.assert_allclose(single.lodf.rows(branch), every[branch], **near)
    np.testing.assert_allclose(single.lodf.columns(outage), every[:, outage], **near)
    blocks = list(single.blocks())
    np.testing.assert_array_equal(
        np.concatenate([found for found, _ in blocks]), np.arange(whole.branches)
    )
    np.testing.assert_allclose(np.vstack([rows for _, rows in blocks]), every, **near)
    for mine, theirs in zip(single.listed, whole.listed, strict=True):
        np.testing.assert_allclose(mine.lodf, theirs.lodf, **near)


def test_islands_and_a_bus_without_branch(by_row):
    compare(*both(two_islands(), by_row))


@pytest.mark.parametrize("seed", range(5))
def test_random_networks(by_row, seed):
    study = with_listed_outages(random_study(seed), seed)
    compare(*both(study.network, by_row, listed_outages(study.outages)), seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [3, 8])
def test_studies_end_the_same(by_row, seed):
    study = with_listed_outages(with_emergency_factors(random_study(seed), seed), seed)
    study = with_conditions(study, seed)

    def results():
        plan = gp.plan(study)
        caps = [gp.hosting_capacity(study, redispatch=free) for free in (True, False)]
        return plan, caps, gp.certify(plan).secure

    plan, caps, secure = results()
    by_row()
    other, others, other_secure = results()
    assert secure
    assert other_secure
    assert other.objective_mnok == pytest.approx(plan.objective_mnok, rel=1e-9)
    assert other.projects["chosen"].equals(plan.projects["chosen"])
    for mine, theirs in zip(others, caps, strict=True):
        np.testing.assert_allclose(mine["capacity_mw"], theirs["capacity_mw"], atol=1e-5)
