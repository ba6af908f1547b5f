"""The decomposition against the selection written out in full, every limit in every hour."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridplan.portfolio.bridging import Bridging
from gridplan.portfolio.form import Form, Learned
from gridplan.portfolio.milp import solve
from gridplan.portfolio.rules import Rule
from tests.portfolio.random_options import drawn

SEEDS = st.integers(0, 100_000)
TIGHTNESS = st.floats(0.1, 1.0)


def cost_of(case, value_mnok, choice):
    """Cost of a choice, and what it exceeds the limits by."""
    option = case.options.conditions.option
    cost = choice.curtailed_pu.sum(axis=0) @ case.options.conditions.cost_mnok
    excess = case.excess_mw(choice.taken) - case.cuts.use[:, option] @ choice.curtailed_pu.T
    return cost - value_mnok @ choice.taken, excess.max()


def written_out(case, rules, value_mnok):
    """Least cost with all limits in all hours in one program; infinite where there is none."""
    learned = Learned(pairs={(int(cut), int(hour)): None for cut, hour in case.all_pairs})
    form = Form(case.options, case.shape, case.cuts, learned, rules=rules, value_mnok=value_mnok)
    solved = solve(form.program)
    return np.inf if solved is None else float(form.program.cost @ solved.x)


def questions(case):
    """Ask with other values and other rules, of which some cannot be kept."""
    count = len(case.options.names)
    yield [], case.options.value_mnok
    for _ in range(3):
        row = case.rng.integers(-2, 3, count).astype(float)
        yield [Rule("drawn", row, float(case.rng.integers(-3, 3)))], case.rng.uniform(-5, 20, count)
    most = Rule("all of it", -np.ones(count), -float(case.options.most.sum()))
    yield [most], case.options.value_mnok


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(seed=SEEDS, tightness=TIGHTNESS)
def test_the_best_choice_is_that_of_the_whole_program(seed, tightness):
    """What one question teaches is kept for the next, whose values and rules are others."""
    case = drawn(seed, tightness)
    bridging = Bridging(case.options, case.shape, Learned())
    for rules, value in questions(case):
        choice, bound = bridging.best(case.cuts, rules, value, 0.0)
        expected = written_out(case, rules, value)
        if choice is None:
            assert np.isinf(expected)
            assert np.isinf(bound)
            continue
        cost, excess = cost_of(case, value, choice)
        assert cost == pytest.approx(expected, rel=1e-7, abs=1e-6)
        assert bound <= expected + 1e-6
        assert excess <= 2e-5
        assert all(rule.row @ choice.taken <= rule.upper for rule in rules)


@settings(max_examples=60, deadline=None)
@given(seed=SEEDS, tightness=TIGHTNESS, slack=st.floats(0.0, 20.0))
def test_with_a_slack_the_choice_is_at_most_so_much_worse(seed, tightness, slack):
    case = drawn(seed, tightness)
    bridging = Bridging(case.options, case.shape, Learned())
    for rules, value in questions(case):
        choice, bound = bridging.best(case.cuts, rules, value, slack)
        expected = written_out(case, rules, value)
        assert (choice is None) == np.isinf(expected)
        if choice is not None:
            cost, excess = cost_of(case, value, choice)
            assert expected - 1e-6 <= cost <= expected + slack + 1e-6
            assert cost - slack - 1e-6 <= bound <= expected + 1e-6
            assert excess <= 2e-5


def test_a_limit_that_no_option_uses_and_that_is_broken_leaves_no_choice():
    """Every coefficient is 0, and there is nothing to scale by."""
    case = drawn(0)
    case.cuts.use[0] = 0.0
    case.cuts.grid.room_mw[0] = -1.0
    bridging = Bridging(case.options, case.shape, Learned())
    choice, bound = bridging.best(case.cuts, [], case.options.value_mnok, 0.0)
    assert choice is None
    assert np.isinf(bound)


@pytest.mark.parametrize("over_mw", [1.1e-5, 1e-4, 1e-3])
def test_a_hair_over_the_energy_of_many_hours_ends(over_mw):
    """A row over all hours is thousands of times larger than what it is broken by."""
    case = drawn(1)
    options, hours = case.options, len(case.shape)
    first = options.conditions.option[0]
    options.profile[:, first] = case.shape[:, first] = 1.0
    options.conditions.most_pu_h[0] = hours / 2
    scale = 1e5
    case.cuts.use[:] = 0.0
    case.cuts.use[0, [first, 0]] = scale, 100 * scale  # the second has the largest coefficient
    room = scale / 2 - over_mw / hours
    case.cuts.grid.room_mw[:] = room
    value = np.zeros(len(options.names))
    value[first] = 1e6
    choice, _ = Bridging(options, case.shape, Learned()).best(case.cuts, [], value, 0.0)
    assert choice.taken[0] == 0
    _, excess = cost_of(case, value, choice)
    assert excess <= over_mw + 1e-6
