"""Hourly capacity against a program with every N-1 row written out, solved hour by hour."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from gridplan.hosting.hourly import hourly_capacity
from gridplan.operation.base_case import base_case
from gridplan.study.study import Study
from tests.networks_by_hand import random_study, triangle


def brute_force(case, place, hour):
    """Largest MW at a place in one hour, with all branches under all outages as rows."""
    grid, source = case.grid, case.injection
    rows = [grid.ptdf] + [
        grid.ptdf + np.outer(grid.lodf[:, k], grid.ptdf[branch])
        for k, branch in enumerate(grid.outages)
    ]
    effect = np.vstack(rows)
    matrix = np.hstack([effect @ source.T, -(effect @ place)[:, None]])
    limit = np.tile(case.limit_mw[hour], len(rows))
    load = effect @ case.load_mw[hour]
    return -linprog(
        np.append(np.zeros(len(source)), -1.0),
        A_ub=np.vstack([matrix, -matrix]),
        b_ub=np.concatenate([limit + load, limit - load]),
        A_eq=np.append(source.sum(axis=1), -place.sum())[None],
        b_eq=[case.load_mw[hour].sum()],
        bounds=[*zip(case.p_min_mw[hour], case.p_max_mw[hour], strict=True), (0, None)],
    ).fun


@given(st.integers(0, 10_000), st.sampled_from([1.0, -1.0]))
@settings(max_examples=4, deadline=None)
def test_equal_to_brute_force_with_ratings_that_vary_by_hour(seed, direction):
    study = random_study(seed, hours=30)
    lines = study.network.c.lines
    draw = np.random.default_rng(seed).uniform(0.8, 1.2, (30, len(lines.static)))
    for column, name in enumerate(lines.static.index):
        lines.dynamic.s_max_pu[name] = draw[:, column]
    base = base_case(study)
    case = base.limits()
    for bus in (2, 7, 11):
        place = np.zeros(12)
        place[bus] = direction
        found = hourly_capacity(case, place, base.dispatch.rows)
        expected = [brute_force(case, place, hour) for hour in range(30)]
        np.testing.assert_allclose(found.mw, expected, rtol=1e-6, atol=1e-6)


def test_triangle_by_hand():
    """60 MW of load on 100 MW of firm capacity leave 40 MW, limited by the loss of AC."""
    base = base_case(Study(network=triangle()))
    place = (base.case.grid.topology.buses == "C").astype(float)
    found = hourly_capacity(base.limits(), place, base.dispatch.rows)
    assert found.mw == pytest.approx([40.0])
    rows = base.dispatch.rows
    outage = base.case.grid.outage_names()[rows.outage[found.row[0]]]
    branch = base.case.grid.topology.branches.index[rows.branch[found.row[0]]]
    assert (branch, outage) in {("AB", "AC"), ("BC", "AC"), ("AC", "AB"), ("AC", "BC")}


def test_an_excess_below_the_tolerance_leaves_no_hour_infeasible():
    """At 100 MW a triangle is full; a millionth of a MW more is listed nowhere, but kept."""
    base = base_case(Study(network=triangle(load_mw=100.000_001)))
    assert base.existing_overloads.empty
    place = (base.case.grid.topology.buses == "C").astype(float)
    found = hourly_capacity(base.limits(), place, base.dispatch.rows)
    assert found.mw == pytest.approx([0.0], abs=1e-6)
