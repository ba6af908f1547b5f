"""Degenerate and numerically bad bases: hours get the right optimum, if need be one by one."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridplan.operation import regions
from gridplan.operation.basis import basis_of
from gridplan.operation.linear import LinearProgram, Vertex
from gridplan.operation.regions import Bounds, solve_hours
from tests.operation.hourly_programs import (
    INF,
    bounds_of,
    check,
    optimum,
    random_problem,
    random_supply,
)


@given(st.integers(0, 1_000_000))
@settings(max_examples=10, deadline=None)
def test_degenerate_programs(seed):
    """Rows twice, scaled and empty; equal columns; bounds without width; costs of 0 and 1."""
    rng = np.random.default_rng(seed)
    cost, matrix, bounds = random_supply(seed, hours=30, columns=6, rows=4)
    matrix = np.vstack([matrix, matrix[1:], 3 * matrix[:2], np.zeros((1, 6))])
    matrix = np.hstack([matrix, matrix[:, :3]])
    cost = np.append(rng.integers(0, 2, 5), [1.0, 0.0, 1.0, 1.0])
    cost[5] = 9.0

    def spread(side):
        return np.hstack([side, side[:, 1:], 3 * side[:, :2], np.zeros((30, 1))])

    upper = np.hstack([bounds.upper, np.round(bounds.upper[:, :3])])
    upper[:, [1, 7]] = 0.0
    check(
        cost,
        matrix,
        Bounds(np.zeros_like(upper), upper, spread(bounds.row_lower), spread(bounds.row_upper)),
    )


def test_all_hours_at_a_corner_of_many_rows():
    """Eight rows meet in one point; every basis of it is as good as the other."""
    angle = np.linspace(0.1, 1.4, 8)
    matrix = np.column_stack([np.cos(angle), np.sin(angle)])
    size = np.linspace(0, 5, 20)[:, None]
    room = size * (matrix @ np.array([1.0, 1.0]))
    bounds = Bounds(np.zeros((20, 2)), np.tile(3 * size + 1, 2), np.full_like(room, -INF), room)
    for cost in ([-1.0, -1.0], [-2.0, -1.0], [-1.0, 0.0]):
        check(np.array(cost), matrix, bounds)


def nearly_the_same_rows(pivot):
    """x + y = d and x + (1 + pivot) y + s = d (1 + pivot / 2), so pivot · y + s = d · pivot / 2."""
    matrix = np.array([[1.0, 1.0, 0.0], [1.0, 1.0 + pivot, 1.0]])
    demand = np.linspace(1, 6, 12)[:, None]
    row = np.hstack([demand, demand * (1 + pivot / 2)])
    return matrix, Bounds(np.zeros((12, 3)), np.full((12, 3), 8.0), row, row)


@pytest.mark.parametrize("pivot", [1e-4, 1e-7, 1e-10])
def test_rows_that_are_nearly_the_same(pivot):
    """By hand: y is d/2 if it pays, or else s a hair. (linprog takes the rows for equal.)"""
    matrix, bounds = nearly_the_same_rows(pivot)
    demand = bounds.row_lower[:, 0]
    with_s = solve_hours(np.array([1.0, 2.0, 5.0]), matrix, bounds)
    np.testing.assert_allclose(with_s.z @ [1.0, 2.0, 5.0], (1 + 2.5 * pivot) * demand, rtol=1e-6)
    assert with_s.programs == 1
    with_y = solve_hours(np.array([2.0, 1.0, 0.0]), matrix, bounds)
    np.testing.assert_allclose(with_y.z @ [2.0, 1.0, 0.0], 1.5 * demand, rtol=1e-6)
    assert with_y.programs == 1 if pivot == 1e-4 else with_y.programs > 6  # duals of 1e7 and more


def test_rows_that_no_arithmetic_can_tell_apart():
    matrix, bounds = nearly_the_same_rows(1e-13)
    check(np.array([1.0, 1.0, 5.0]), matrix, bounds)
    check(np.array([1.0, 2.0, 5.0]), matrix, bounds)


def vertex_with(columns, rows):
    """A vertex with the given columns and rows (booleans) as its basis."""
    columns, rows = np.array(columns, dtype=bool), np.array(rows, dtype=bool)
    return Vertex(
        np.zeros(len(columns)), np.zeros(len(rows)), columns, rows,
        np.zeros(len(columns), dtype=bool), np.zeros(len(rows), dtype=bool),
    )  # fmt: skip


def claiming(basis_at):
    """A program that solves rightly but claims another basis."""

    class Claiming(LinearProgram):
        def solve(self, *bounds):
            vertex, claimed = super().solve(*bounds), basis_at()
            return replace(
                vertex, basic_columns=claimed.basic_columns, basic_rows=claimed.basic_rows
            )

    return Claiming


@pytest.mark.parametrize("pivot", [0.0, 1e-300, 1e-15])
def test_a_basis_that_cannot_be_inverted_is_refused(pivot):
    matrix, cost = np.diag([1.0, pivot]), np.array([1.0, 3.0])
    if pivot == 1e-15:
        matrix = np.array([[1.0, 1.0], [1.0 / 3, 1.0 / 3 + pivot]])
    assert basis_of(vertex_with([1, 1], [0, 0]), cost, matrix) is None
    assert basis_of(vertex_with([1, 1], [0, 0]), cost, np.eye(2)) is not None


def test_hours_of_an_ill_conditioned_basis_get_programs_of_their_own(monkeypatch):
    """With a pivot of 1e-13 residuals are multiplied by duals of 1e13: nothing to trust."""
    matrix, bounds = nearly_the_same_rows(1e-13)
    monkeypatch.setattr(regions, "LinearProgram", claiming(lambda: vertex_with([1, 1, 0], [0, 0])))
    assert check(np.array([1.0, 2.0, 5.0]), matrix, bounds).programs == 12


@given(st.integers(0, 1_000_000))
@settings(max_examples=15, deadline=None)
def test_no_claimed_basis_can_make_an_hour_wrong(seed):
    """Even a basis drawn by lot serves only hours of which it is optimal."""
    cost, matrix, bounds = random_problem(seed, hours=15)
    rng = np.random.default_rng(seed)

    def drawn():
        basic = rng.permutation(np.arange(sum(matrix.shape)) < len(matrix))
        return vertex_with(basic[: len(cost)], basic[len(cost) :])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(regions, "LinearProgram", claiming(drawn))
        found = solve_hours(cost, matrix, bounds)
    expected = [optimum(cost, matrix, bounds, hour) for hour in range(15)]
    np.testing.assert_allclose(found.z @ cost, expected, rtol=1e-6, atol=1e-6)


def test_refused_bases_cost_programs_not_correctness(monkeypatch):
    """Without any basis to trust, every hour is solved on its own."""
    cost, matrix, bounds = random_supply(3, hours=20)
    monkeypatch.setattr(regions, "basis_of", lambda *_: None)
    assert check(cost, matrix, bounds).programs == 20


def test_an_inverse_that_is_off_serves_no_hour(monkeypatch):
    """The residual tells: hours get programs of their own and the right optimum."""

    def rough(vertex, cost, matrix):
        basis = basis_of(vertex, cost, matrix)
        return replace(basis, inverse=basis.inverse * (1 + 1e-6))

    cost, matrix, bounds = random_supply(3, hours=20)
    monkeypatch.setattr(regions, "basis_of", rough)
    assert check(cost, matrix, bounds).programs == 20


def test_points_are_those_of_the_basis_not_of_the_solver(monkeypatch):
    """HiGHS has been seen 1e-6 MW off after many updates of its factors."""

    class Drifted(LinearProgram):
        def solve(self, *bounds):
            vertex = super().solve(*bounds)
            return replace(vertex, z=vertex.z + 1e-5 * vertex.basic_columns)

    cost, matrix, bounds = random_supply(7)
    exact = solve_hours(cost, matrix, bounds)
    monkeypatch.setattr(regions, "LinearProgram", Drifted)
    drifted = solve_hours(cost, matrix, bounds)
    assert drifted.programs == exact.programs
    np.testing.assert_allclose(drifted.z, exact.z, rtol=0, atol=1e-10)


def test_small_coefficients_count():
    """1e-10 MW per MW moves 1e-7 MW at 1000 MW: HiGHS would drop it if it were not told."""
    matrix = np.array([[1.0, 1e-10], [0.0, 1.0]])
    bounds = bounds_of([[0, 0]], [[10, 2000]], [[-INF, 1000]], [[5, 1000]])
    program = LinearProgram(np.array([-1.0, 0.0]), matrix)
    vertex = program.solve(*(side[0] for side in vars(bounds).values()))
    assert vertex.z[0] == pytest.approx(5.0 - 1e-7, abs=1e-9)
