"""What may change the optimum of a plan, and in which direction, on random studies."""

from copy import copy
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from gridplan.base.errors import InfeasiblePlanError
from gridplan.operation.base_case import base_case
from gridplan.portfolio.plan import plan
from gridplan.study.settings import Goals
from tests.networks_by_hand import random_study, with_conditions, with_relations

pytestmark = pytest.mark.slow

LESS = 1e-6  # relative; what the tolerances of two solutions may cost
FEW = settings(max_examples=4, deadline=None, derandomize=True, phases=[Phase.generate])
SEEDS = st.integers(0, 5)


def optimum(study, base=None, **arguments):
    """Value of the plan; minus infinity where there is none."""
    try:
        return plan(study, base=base, **arguments).objective_mnok
    except InfeasiblePlanError:
        return -np.inf


def altered(study, **tables):
    """Study with other parts, complete already; without the checks, which take longest."""
    other = copy(study)
    for name, table in tables.items():
        object.__setattr__(other, name, table)
    return other


def demanding(study, **demands):
    return altered(study, settings=study.settings.model_copy(update=demands))


@cache
def drawn(seed):
    """Study with conditional variants, a symbiosis and relations, and its base case."""
    study = with_conditions(random_study(seed, buses=9, hours=4, tightness=1.4), seed)
    study = with_relations(study, seed)
    return study, base_case(study)


def at_least(value, other):
    return value >= other - LESS * max(abs(other), 1.0) if np.isfinite(other) else True


@FEW
@given(SEEDS, st.sampled_from(["B2", "B5", "B8"]))
def test_one_more_measure_never_lowers_the_optimum(seed, bus):
    study, base = drawn(seed)
    before = optimum(study, base)
    row = study.measures.loc[["M1"]].set_axis(["more"])
    more = row.assign(buses=f"{bus}: 1", mw=9.0, units_max=2, cost_mnok=5.0)
    more = altered(study, measures=pd.concat([study.measures, more]))
    assert at_least(optimum(more, base), before)
    fewer = study.measures.index[1:].tolist()
    assert at_least(before, optimum(study, base, measures=fewer))


@FEW
@given(SEEDS, st.integers(0, 10))
def test_a_higher_rating_never_lowers_the_optimum(seed, line):
    """By a measure that costs nothing; the base case, and with it what is allowed, stays."""
    study, base = drawn(seed)
    row = study.measures.loc[["M2"]].set_axis(["higher"])
    more = row.assign(branch=f"L{line}", rating_pu=0.3, cost_mnok=0.0)
    more = altered(study, measures=pd.concat([study.measures, more]))
    assert at_least(optimum(more, base), optimum(study, base))


@pytest.mark.slow
@FEW
@given(SEEDS, st.floats(0.5, 1.5), st.floats(0, 100))
def test_goals_and_budgets_never_raise_the_optimum(seed, part, budget_mnok):
    study, base = drawn(seed)
    try:
        best = plan(study, base=base)
    except InfeasiblePlanError:
        assert optimum(demanding(study, budget_mnok=budget_mnok), base) == -np.inf
        return
    free = best.objective_mnok
    goals = Goals(min_jobs=part * best.summary()["jobs"], min_mw=1.0)
    with_goal = optimum(demanding(study, goals=goals), base)
    assert at_least(free, with_goal)
    assert part > 1 or np.isclose(with_goal, free, rtol=LESS)  # a goal that is met costs nothing
    with_budget = optimum(demanding(study, budget_mnok=budget_mnok), base)
    assert at_least(free, with_budget)
    assert at_least(
        with_budget, optimum(demanding(study, budget_mnok=budget_mnok, goals=goals), base)
    )


@FEW
@given(SEEDS, st.permutations([f"P{place}" for place in range(8)]))
def test_an_exclusion_never_raises_the_optimum(seed, order):
    study, base = drawn(seed)
    table = study.projects.copy()
    table.loc[order[0], "excludes"] = f"{order[1]}; {order[2]}"
    table.loc[order[0], "requires"] = ""
    freed = study.projects.copy()
    freed.loc[order[0], ["excludes", "requires"]] = ""
    before = optimum(altered(study, projects=freed), base)
    assert at_least(before, optimum(altered(study, projects=table), base))


@pytest.mark.slow
@FEW
@given(SEEDS, st.floats(0, 1), st.floats(0, 1e5))
def test_more_or_cheaper_curtailment_never_lowers_the_optimum(seed, share, price):
    """Against a share of 0.2 at 20,000 NOK per MWh."""
    study, base = drawn(seed)
    flexible = study.projects["connection"].eq("conditional")
    for column, value, rises in (
        ("curtailable_share", share, share >= 0.2),
        ("curtailment_nok_per_mwh", price, price <= 2e4),
        ("curtailable_hours", 1.0, False),
        ("longest_curtailment_h", 1.0, False),
    ):
        table = study.projects.copy()
        table.loc[flexible, column] = value
        values = optimum(altered(study, projects=table), base), optimum(study, base)
        assert at_least(*(values if rises else values[::-1])), column


@FEW
@given(SEEDS, st.floats(0.2, 1.5), st.sampled_from(["firm", "conditional"]))
def test_a_variant_more_never_lowers_the_optimum(seed, size, connection):
    study, base = drawn(seed)
    before = optimum(study, base)
    heads = study.projects[study.projects["variant_of"] == ""]
    variant = heads.iloc[[seed % len(heads)]]
    variant = variant.assign(
        mw=variant["mw"] * size,
        value_mnok_per_yr=variant["value_mnok_per_yr"] * size,
        variant_of=variant.index,
        must_build=False,
        connection=connection,
        curtailable_share=0.1 * (connection == "conditional"),
    )
    table = pd.concat([study.projects, variant.set_axis(["another"])])
    assert at_least(optimum(altered(study, projects=table), base), before)


@FEW
@given(SEEDS)
def test_the_order_of_the_tables_does_not_matter(seed):
    study, base = drawn(seed)
    other = altered(study, projects=study.projects.iloc[::-1], measures=study.measures.iloc[::-1])
    assert np.isclose(optimum(other, base), optimum(study, base), rtol=LESS)


@FEW
@given(SEEDS)
def test_a_search_that_has_learned_answers_as_a_fresh_one(seed):
    """Limits learned for other rules and values must hold for every choice."""
    study, base = drawn(seed)
    try:
        result = plan(study, base=base)
    except InfeasiblePlanError:
        return
    search, count = result.search, len(result.search.options.names)
    for turn in range(3):
        value = np.random.default_rng(seed + turn).normal(size=count)
        search.best([], value_mnok=value)
    again = search.best(search.rules).value_mnok
    assert np.isclose(again, result.objective_mnok, rtol=LESS)
