"""Every hour has the optimum of its own program, however few programs were solved."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridplan.base.errors import SolverError
from gridplan.operation.regions import at_time, solve_hours
from tests.operation.hourly_programs import (
    INF,
    bounds_of,
    check,
    random_problem,
    random_supply,
    supply,
)


@given(st.integers(0, 1_000_000))
@settings(max_examples=25, deadline=None)
def test_random_programs_equal_those_solved_hour_by_hour(seed):
    check(*random_problem(seed))


@given(st.integers(0, 1_000_000))
@settings(max_examples=10, deadline=None)
def test_random_supply_equals_that_solved_hour_by_hour(seed):
    found = check(*random_supply(seed))
    assert found.programs < 60


def test_one_program_serves_all_hours_of_a_region():
    demand = np.linspace(1, 9, 500)
    found = solve_hours(np.array([1.0, 5.0]), np.ones((1, 2)), supply(demand))
    assert found.programs == 1
    np.testing.assert_allclose(found.z[:, 0], demand)


def test_two_regions_when_the_cheap_source_runs_out():
    found = solve_hours(
        np.array([1.0, 5.0]), np.ones((1, 2)), supply([2, 4, 6, 8], upper=(5.0, 10.0))
    )
    assert found.programs == 2
    assert found.region.tolist() == [0, 0, 1, 1]
    np.testing.assert_allclose(found.z[:, 1], [0.0, 0.0, 1.0, 3.0])
    np.testing.assert_allclose(found.row_dual, [[1.0], [5.0]])


def test_progress_ends_at_one():
    told = []
    solve_hours(np.array([1.0, 5.0]), np.ones((1, 2)), supply([2, 8], (5.0, 10.0)), told.append)
    assert told == [0.5, 1.0]


def test_no_hours_and_no_rows():
    none = solve_hours(np.array([1.0, 5.0]), np.ones((1, 2)), supply([]))
    assert (none.z.shape, none.programs) == ((0, 2), 0)
    free = bounds_of([[0, -1]] * 2, [[2, 3]] * 2, np.empty((2, 0)), np.empty((2, 0)))
    found = solve_hours(np.array([1.0, -1.0]), np.empty((0, 2)), free)
    assert found.z.tolist() == [[0.0, 3.0]] * 2


# Hours without an optimum


@pytest.mark.parametrize("hour", [0, 3, 5])
def test_an_infeasible_hour_is_named(hour):
    demand = np.full(6, 4.0)
    demand[hour] = 21.0  # of 20
    with pytest.raises(SolverError, match="Infeasible") as caught:
        solve_hours(np.array([1.0, 5.0]), np.ones((1, 2)), supply(demand))
    assert caught.value.hour == hour


def test_the_first_of_two_infeasible_hours_is_named():
    with pytest.raises(SolverError) as caught:
        solve_hours(np.array([1.0, 5.0]), np.ones((1, 2)), supply([1, 30, 2, 40]))
    assert caught.value.hour == 1


@pytest.mark.parametrize("hour", [0, 2])
def test_an_unbounded_hour_is_named(hour):
    """Column 1 earns what it sells; in one hour nothing stops it."""
    bounds = supply([3, 3, 3, 3])
    bounds.upper[hour] = INF
    matrix, cost = np.array([[1.0, -1.0]]), np.array([1.0, -2.0])
    with pytest.raises(SolverError, match="Unbounded") as caught:
        solve_hours(cost, matrix, bounds)
    assert caught.value.hour == hour


@pytest.mark.parametrize("side", ["lower", "upper", "row_lower", "row_upper"])
@pytest.mark.parametrize("column", [0, 1])
def test_bounds_that_cross_in_one_hour_are_told(side, column):
    """Whether the variable is basic or rests on the other bound, and whatever the cost says."""
    bounds = bounds_of([[0, 0]] * 5, [[4, 4]] * 5, [[0, 0]] * 5, [[6, 6]] * 5)
    getattr(bounds, side)[3, column] = -1.0 if side.endswith("upper") else 7.0
    for cost in ([1.0, 2.0], [-1.0, -2.0], [-1.0, 1.0], [0.0, 0.0]):
        with pytest.raises(SolverError, match="Infeasible") as caught:
            solve_hours(np.array(cost), np.eye(2), bounds)
        assert caught.value.hour == 3


@pytest.mark.parametrize("side", ["upper", "row_lower", "row_upper"])
def test_a_bound_that_is_no_number_is_told(side):
    """HiGHS refuses it and would silently go on with the bounds of the hour before."""
    bounds = supply([1, 2, 3])
    getattr(bounds, side)[1, 0] = np.nan
    with pytest.raises(SolverError, match="no number") as caught:
        solve_hours(np.array([1.0, 5.0]), np.ones((1, 2)), bounds)
    assert caught.value.hour == 1


def test_columns_need_a_finite_lower_bound():
    bounds = supply([1, 2])
    bounds.lower[1, 0] = -INF
    with pytest.raises(ValueError, match="finite lower bound"):
        solve_hours(np.array([1.0, 5.0]), np.ones((1, 2)), bounds)


def test_callers_tell_the_time_of_the_hour():
    hours = pd.date_range("2030-01-01", periods=3, freq="h")
    with pytest.raises(SolverError, match=r"2030-01-01 02:00:00: .*Infeasible"), at_time(hours):
        solve_hours(np.array([1.0, 5.0]), np.ones((1, 2)), supply([1, 2, 30]))
    other = SolverError("no hour to tell")
    with pytest.raises(SolverError, match=str(other)), at_time(hours):
        raise other


# Sides that change


def test_a_limit_whose_sign_changes():
    """From room for 5 MW to the duty to send 5 MW back, the limit binds in all hours."""
    limit = np.linspace(5, -5, 11)
    bounds = bounds_of(
        [[-20, 0]] * 11, [[20, 40]] * 11, [[10, -INF]] * 11, np.column_stack([[10] * 11, limit])
    )
    found = check(np.array([1.0, 3.0]), np.array([[1.0, 1.0], [1.0, 0.0]]), bounds)
    np.testing.assert_allclose(found.z[:, 0], limit, atol=1e-9)
    assert found.programs == 1


def test_rows_bounded_below_in_some_hours_and_above_in_others():
    row_lower = [[2, -INF], [-INF, 1], [2, 1], [-INF, -INF]]
    row_upper = [[INF, 4], [4, INF], [3, 1], [INF, INF]]
    bounds = bounds_of([[0, 0]] * 4, [[5, 5]] * 4, row_lower, row_upper)
    for cost in ([1.0, 1.0], [-1.0, -1.0], [1.0, -1.0], [0.0, 1.0]):
        check(np.array(cost), np.array([[1.0, 1.0], [1.0, -1.0]]), bounds)


def test_a_fixed_column_that_gets_room_goes_where_its_cost_says():
    """Fixed, it is called "at its lower bound" whatever its cost; with room it earns at the top."""
    bounds = bounds_of([[2], [0], [1]], [[2], [5], [7]], [[-INF]] * 3, [[9]] * 3)
    found = check(np.array([-1.0]), np.ones((1, 1)), bounds)
    assert found.z.ravel().tolist() == [2.0, 5.0, 7.0]
    assert found.programs == 1


def test_an_equation_that_binds_the_other_way():
    """A surplus must go: the same equation costs in one hour and pays in the next."""
    matrix, cost = np.array([[1.0, -1.0]]), np.array([2.0, 3.0])
    demand = [[4], [-4], [1], [-1], [0]]
    check(cost, matrix, bounds_of([[0, 0]] * 5, [[9, 9]] * 5, demand, demand))


def test_an_upper_bound_that_vanishes_or_appears():
    bounds = supply([3, 8, 3, 8], upper=(5.0, INF))
    bounds.upper[2:, 0] = INF
    check(np.array([1.0, 5.0]), np.ones((1, 2)), bounds)
