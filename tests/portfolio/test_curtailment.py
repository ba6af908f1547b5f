"""The best curtailment and its rows, against linear programs written anew in scipy."""

import numpy as np
import pytest
from scipy.optimize import linprog

from gridplan.portfolio.bridging import Bridging
from gridplan.portfolio.curtailment import Curtailment, prices_mnok
from gridplan.portfolio.form import Form, Learned
from gridplan.portfolio.milp import solve
from gridplan.portfolio.plan import plan
from tests.networks_by_hand import random_study, with_conditions

SEEDS = (0, 1, 2, 3)


@pytest.fixture(scope="module", params=SEEDS)
def searched(request):
    study = with_conditions(random_study(request.param, hours=10, tightness=1.3), request.param)
    return plan(study).search


def all_pairs(search):
    return np.argwhere(np.ones((len(search.cuts), len(search.limits.hours)), dtype=bool))


def choices_of(search, count=12, seed=5):
    """Conditional projects at random, alone or beside a few others, which soon is too much."""
    rng, options = np.random.default_rng(seed), search.options
    conditional = np.isin(np.arange(len(options.names)), options.conditions.option)
    share = np.where(conditional, 0.5, rng.choice([0.0, 0.1, 0.3], (count, 1)))
    return list(np.where(rng.random(share.shape) < share, options.most, 0).astype(float))


def bare_mw(search, taken):
    return search.cuts.excess_mw(search.shape, search.options.effects(taken))


def cheapest(search, taken):
    """Cost of the best curtailment of all hours and limits; None where there is none."""
    options, conditions = search.options, search.options.conditions
    hours, projects = len(search.shape), len(conditions)
    use = search.cuts.use[:, conditions.option]
    rows = [np.kron(np.eye(hours), -use[cut]) for cut in range(len(use))]
    energy = np.kron(np.ones(hours), np.eye(projects))
    most = taken[conditions.option]
    upper = options.profile[:, conditions.option] * most
    solved = linprog(
        np.tile(prices_mnok(options), hours),
        A_ub=np.vstack([*rows, energy]),
        b_ub=np.concatenate([-bare_mw(search, taken).ravel(), conditions.most_pu_h * most]),
        bounds=np.column_stack([np.zeros(upper.size), upper.ravel()]),
        method="highs",
    )
    assert solved.status in (0, 2)
    return solved.fun if solved.status == 0 else None


def test_its_cost_is_the_least_and_its_row_a_bound_for_every_other_choice(searched):
    program = Curtailment(searched.options, searched.shape, searched.cuts, all_pairs(searched))
    choices = choices_of(searched)
    costs = [cheapest(searched, taken) for taken in choices]
    assert any(cost is None for cost in costs)
    for taken, cost in zip(choices, costs, strict=True):
        bridged = program.best(taken, bare_mw(searched, taken))
        lower = [bridged.row @ other - bridged.top for other in choices]
        scale = np.abs(bridged.row).sum()
        if cost is None:
            assert bridged.excess_mwh > 0
            assert bridged.row @ taken - bridged.top == pytest.approx(bridged.excess_mwh, rel=1e-6)
            feasible = [low for low, c in zip(lower, costs, strict=True) if c is not None]
            assert max(feasible, default=0.0) <= 1e-8 * scale
        else:
            assert bridged.excess_mwh == 0
            assert bridged.cost_mnok == pytest.approx(cost, rel=1e-7, abs=1e-9)
            assert bridged.row @ taken - bridged.top == pytest.approx(cost, rel=1e-7, abs=1e-9)
            for low, known in zip(lower, costs, strict=True):
                assert known is None or low <= known + 1e-8 * scale


def test_something_is_curtailed_somewhere():
    """Else the bounds above would be those of nothing."""
    costs = []
    for seed in SEEDS:
        search = plan(with_conditions(random_study(seed, hours=10, tightness=1.3), seed)).search
        costs += [cheapest(search, taken) for taken in choices_of(search)]
    assert any(cost is not None and cost > 1e-6 for cost in costs)


@pytest.mark.parametrize("worth", ["own", "other"])
def test_decomposed_is_as_good_as_one_program_of_everything(searched, worth):
    options = searched.options
    value = options.value_mnok
    if worth == "other":
        value = value * np.random.default_rng(3).uniform(0.2, 3.0, len(value))
    everything = Learned(pairs={tuple(pair): None for pair in all_pairs(searched).tolist()})
    form = Form(
        options, searched.shape, searched.cuts, everything, rules=searched.rules, value_mnok=value
    )
    whole = solve(form.program)
    bridging = Bridging(options, searched.shape, Learned())
    choice, bound = bridging.best(searched.cuts, searched.rules, value, 0.0)
    cost = choice.curtailed_pu.sum(axis=0) @ prices_mnok(options) - value @ choice.taken
    assert cost == pytest.approx(form.program.cost @ whole.x, rel=1e-7)
    assert bound == pytest.approx(cost, rel=1e-7)
    slack = 0.05 * abs(cost)
    near, _ = bridging.best(searched.cuts, searched.rules, value, slack)
    near_cost = near.curtailed_pu.sum(axis=0) @ prices_mnok(options) - value @ near.taken
    assert cost - 1e-6 <= near_cost <= cost + slack + 1e-6
