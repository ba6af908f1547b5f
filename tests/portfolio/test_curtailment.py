"""The best curtailment and its row over what is taken, against SciPy's own linear programs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from gridplan.portfolio.curtailment import Curtailment
from tests.portfolio.random_options import drawn

SEEDS = st.integers(0, 100_000)
TIGHTNESS = st.floats(0.1, 1.0)


def cheapest(case, pairs, taken):
    """Least cost of curtailment, every project in every hour; infinite where none is enough."""
    options, conditions = case.options, case.options.conditions
    hours, projects = len(options.profile), len(conditions)
    bare = case.excess_mw(taken)
    matrix = np.zeros((len(pairs) + projects, hours * projects))
    for place, (cut, hour) in enumerate(pairs):
        own = slice(hour * projects, (hour + 1) * projects)
        matrix[place, own] = -case.cuts.use[cut, conditions.option]
    for project in range(projects):
        matrix[len(pairs) + project, project::projects] = 1.0
    most = taken[conditions.option]
    top = np.concatenate([[-bare[cut, hour] for cut, hour in pairs], conditions.most_pu_h * most])
    upper = (options.profile[:, conditions.option] * most).ravel()
    solved = linprog(
        np.tile(conditions.cost_mnok, hours), matrix, top, bounds=np.c_[np.zeros_like(upper), upper]
    )
    assert solved.status in (0, 2)
    return solved.fun if solved.status == 0 else np.inf


def some_pairs(case):
    """Draw limits and hours to keep."""
    keep = case.rng.random(len(case.all_pairs)) < case.rng.uniform(0.2, 1.0)
    keep[0] = True
    return case.all_pairs[keep]


@settings(max_examples=60, deadline=None)
@given(seed=SEEDS, tightness=TIGHTNESS)
def test_the_row_holds_for_every_choice_and_is_exact_for_its_own(seed, tightness):
    """One program is asked again and again, so that old bases may mislead it if they can."""
    case = drawn(seed, tightness)
    pairs = some_pairs(case)
    program = Curtailment(case.options, case.shape, case.cuts, pairs)
    others = [case.choice() for _ in range(8)]
    costs = [cheapest(case, pairs, other) for other in others]
    for taken, cost in zip(others, costs, strict=True):
        bridged = program.best(taken, case.excess_mw(taken))
        assert bool(bridged.excess_mwh) == np.isinf(cost)
        own = bridged.row @ taken - bridged.top
        if np.isinf(cost):
            assert own == pytest.approx(bridged.excess_mwh, abs=1e-6)
        else:
            assert bridged.cost_mnok == pytest.approx(cost, rel=1e-7, abs=1e-7)
            assert own == pytest.approx(cost, rel=1e-7, abs=1e-7)
        for other, least in zip(others, costs, strict=True):
            if np.isfinite(least):
                bound = bridged.row @ other - bridged.top
                assert bound <= (1e-6 if bridged.excess_mwh else least + 1e-6)


@settings(max_examples=60, deadline=None)
@given(seed=SEEDS, tightness=TIGHTNESS)
def test_curtailment_keeps_what_it_is_asked_to_keep(seed, tightness):
    case = drawn(seed, tightness)
    pairs, conditions = some_pairs(case), case.options.conditions
    program = Curtailment(case.options, case.shape, case.cuts, pairs)
    taken = case.choice()
    bridged = program.best(taken, case.excess_mw(taken))
    curtailed, most = bridged.curtailed_pu, taken[conditions.option]
    assert (curtailed >= 0).all()
    assert (curtailed <= case.options.profile[:, conditions.option] * most + 1e-8).all()
    assert (curtailed.sum(axis=0) <= conditions.most_pu_h * most + 1e-8).all()
    left = case.excess_mw(taken) - case.cuts.use[:, conditions.option] @ curtailed.T
    over = np.maximum(left[tuple(pairs.T)], 0.0)
    assert over.sum() == pytest.approx(bridged.excess_mwh, abs=1e-5)


def test_random_choices_are_of_all_kinds():
    """Some need no curtailment, some are bridged by it, some cannot be."""
    costs = []
    for seed in range(40):
        case = drawn(seed)
        costs.append(cheapest(case, case.all_pairs, case.choice()))
    costs = np.array(costs)
    assert (costs == 0).sum() > 3
    assert np.isinf(costs).sum() > 3
    assert ((costs > 0) & np.isfinite(costs)).sum() > 3
