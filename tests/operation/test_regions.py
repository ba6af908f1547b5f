import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from gridplan.base.errors import SolverError
from gridplan.operation.regions import Bounds, solve_hours


def random_problem(seed, hours=60, columns=9, rows=5):
    """Supply of a varying demand under random limits, always feasible thanks to a dear column."""
    rng = np.random.default_rng(seed)
    matrix = np.vstack([np.ones(columns), rng.normal(size=(rows - 1, columns)).round(1)])
    matrix[1:, -1] = 0.0
    cost = np.append(rng.integers(1, 4, columns - 1), 50.0).astype(float)  # ties on purpose
    upper = rng.uniform(0, 2, (hours, columns))
    upper[:, -1] = np.inf
    upper[rng.random((hours, columns)) < 0.1] = 0.0  # fixed in some hours
    upper[:, -1] = np.inf
    demand = rng.uniform(1, 8, (hours, 1))
    limit = rng.uniform(0, 3, (hours, rows - 1))
    endless = np.full_like(limit, -np.inf)
    return cost, matrix, Bounds(
        np.zeros_like(upper), upper, np.hstack([demand, endless]), np.hstack([demand, limit])
    )  # fmt: skip


def reference(cost, matrix, bounds, hour):
    return linprog(
        cost,
        A_ub=matrix[1:],
        b_ub=bounds.row_upper[hour, 1:],
        A_eq=matrix[:1],
        b_eq=bounds.row_lower[hour, :1],
        bounds=np.column_stack([bounds.lower[hour], bounds.upper[hour]]),
    ).fun


@given(st.integers(0, 100_000))
@settings(max_examples=15, deadline=None)
def test_every_hour_has_the_optimum_of_its_own_program(seed):
    cost, matrix, bounds = random_problem(seed)
    found = solve_hours(cost, matrix, bounds)
    expected = [reference(cost, matrix, bounds, hour) for hour in range(len(bounds.lower))]
    np.testing.assert_allclose(found.z @ cost, expected, rtol=1e-7, atol=1e-7)
    assert (found.z >= bounds.lower - 1e-6).all()
    assert (found.z <= bounds.upper + 1e-6).all()
    activity = found.z @ matrix.T
    assert (activity <= bounds.row_upper + 1e-6).all()
    assert (activity >= bounds.row_lower - 1e-6).all()


def test_one_program_serves_all_hours_of_a_region():
    cost, matrix = np.array([1.0, 5.0]), np.array([[1.0, 1.0]])
    demand = np.linspace(1, 9, 500)[:, None]
    bounds = Bounds(np.zeros((500, 2)), np.tile([10.0, 10.0], (500, 1)), demand, demand)
    found = solve_hours(cost, matrix, bounds)
    assert found.programs == 1
    np.testing.assert_allclose(found.z[:, 0], demand[:, 0])


def test_two_regions_when_the_cheap_source_runs_out():
    cost, matrix = np.array([1.0, 5.0]), np.array([[1.0, 1.0]])
    demand = np.array([[2.0], [4.0], [6.0], [8.0]])
    bounds = Bounds(np.zeros((4, 2)), np.tile([5.0, 10.0], (4, 1)), demand, demand)
    found = solve_hours(cost, matrix, bounds)
    assert found.programs == 2
    np.testing.assert_allclose(found.z[:, 1], [0.0, 0.0, 1.0, 3.0])


def test_an_infeasible_hour_is_an_error():
    bounds = Bounds(np.zeros((1, 1)), np.ones((1, 1)), np.array([[2.0]]), np.array([[2.0]]))
    with pytest.raises(SolverError, match="Infeasible"):
        solve_hours(np.ones(1), np.ones((1, 1)), bounds)
