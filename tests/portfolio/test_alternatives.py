"""Near-optimal portfolios against all portfolios that there are."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from gridplan.check.witness import certify
from gridplan.portfolio.alternatives import alternatives
from gridplan.portfolio.plan import plan
from gridplan.portfolio.queueing import queue
from gridplan.portfolio.rules import Rule
from gridplan.study.relations import families
from gridplan.study.settings import Settings, Weights
from gridplan.study.study import Study
from tests.networks_by_hand import (
    SECOND_LINE,
    measures,
    projects,
    random_study,
    reinforcements,
    triangle,
    with_conditions,
)
from tests.sampling import rest_slow

NO_WEIGHTS = Weights(
    co2_mnok_per_kt=0, jobs_mnok_per_job=0, export_mnok_per_mnok=0, mw_mnok_per_mw=0
)


def three_at_c(more=None, saving=None):
    """60 MW of load at C, 100 MW firm: room for 40 MW; best are P25 and P15, worth 18."""
    rows = {
        "P25": {"bus": "C", "mw": 25.0, "value_mnok_per_yr": 10.0},
        "P20": {"bus": "C", "mw": 20.0, "value_mnok_per_yr": 9.0},
        "P15": {"bus": "C", "mw": 15.0, "value_mnok_per_yr": 8.0},
    }
    settings = Settings(weights=NO_WEIGHTS, interest_rate=0.0)
    table = projects(rows | (more or {}))
    return Study(
        network=triangle(), projects=table, measures=measures(saving or {}), settings=settings
    )


def sets_of(near):
    return [frozenset(column.index[column]) for _, column in near.membership.items()]


def test_what_comes_within_a_tenth():
    near = alternatives(plan(three_at_c()), within=0.1)
    assert sets_of(near) == [{"P25", "P15"}, {"P20", "P15"}]
    assert near.portfolios["objective_mnok_per_yr"].tolist() == pytest.approx([18.0, 17.0])
    assert near.portfolios["found_as"].tolist() == ["plan", "next best"]
    assert near.portfolios["differs"].tolist() == [0, 2]
    assert near.portfolios["mw"].tolist() == [40.0, 35.0]
    assert near.no_regret == ["P15"]
    assert near.never == []
    assert near.proven
    assert near.share.to_dict() == {"P15": 1.0, "P25": 0.5, "P20": 0.5}
    assert "1 within 10.0% of 18.0" in repr(near)


def test_without_a_margin_only_the_plan_is_left():
    near = alternatives(plan(three_at_c()), within=0.0)
    assert sets_of(near) == [{"P25", "P15"}]
    assert near.never == ["P20"]


def test_terms_of_connection_make_no_other_portfolio():
    """The same 25 MW on conditions are no alternative; the same 25 MW without benefit are one."""
    same = {"bus": "C", "mw": 25.0, "value_mnok_per_yr": 10.0, "variant_of": "P25"}
    study = three_at_c({"on terms": same | {"connection": "conditional"}})
    assert len(sets_of(alternatives(plan(study), within=0.05))) == 1
    study = three_at_c({"other use": same | {"value_mnok_per_yr": 9.9}})
    near = alternatives(plan(study), within=0.05)
    assert sets_of(near) == [{"P25", "P15"}, {"other use", "P15"}]
    assert near.no_regret == ["P25", "P15"]


def test_measures_are_chosen_anew():
    """With a saving of 5 MW the plan is P25 and P20, worth 18.5; P25 and P15 do without."""
    saving = {"save": {"buses": "C: 1", "mw": 5.0, "cost_mnok": 10.0, "lifetime_yr": 20}}
    near = alternatives(plan(three_at_c(saving=saving)), within=0.05)
    assert near.portfolios["measures_mnok_per_yr"].tolist() == pytest.approx([0.5, 0.0])
    assert near.portfolios["objective_mnok_per_yr"].tolist() == pytest.approx([18.5, 18.0])


def test_the_reinforcements_of_the_plan_stay_and_are_paid_for():
    """A second AC line (100 MW) for 10 MNOK makes room for all three, worth 27 instead of 18."""
    line = SECOND_LINE | {"status": "idea"}
    study = replace(three_at_c(), reinforcements=reinforcements(line))
    best = plan(study, reinforcements="Second line")
    assert best.projects["chosen"].all()
    near = alternatives(best, within=0.4)
    assert near.portfolios["objective_mnok_per_yr"][0] == pytest.approx(best.objective_mnok)
    worth = [27.0, 19.0, 18.0, 17.0]
    paid = 27.0 - best.objective_mnok
    floor = 0.6 * best.objective_mnok
    expected = [value - paid for value in worth if value - paid >= floor]
    assert near.portfolios["objective_mnok_per_yr"].tolist() == pytest.approx(expected)
    told = near.as_plan(1)
    assert told.objective_mnok == pytest.approx(expected[1])
    assert certify(told).secure


def test_what_cannot_be_asked():
    study = three_at_c()
    best = plan(study)
    with pytest.raises(ValueError, match="within"):
        alternatives(best, within=-0.1)
    with pytest.raises(ValueError, match="n=0"):
        alternatives(best, n=0)
    with pytest.raises(TypeError, match="queue"):
        alternatives(queue(study))


def all_portfolios(best, floor):
    """Value of every set of rows whose best choice reaches the floor."""
    search, table = best.search, best.projects
    family = families(table)
    rows = [[None, *group.index] for _, group in family.groupby(family, sort=False)]
    worth = table["annual_value_mnok"]
    found = {}
    for picked in product(*rows):
        names = [name for name in picked if name is not None]
        if worth[names].sum() < floor:
            continue
        signs = np.zeros(len(search.options.names))
        signs[: len(table)] = np.where(table.index.isin(names), -1.0, 1.0)
        own = search.found([*search.rules, Rule("these", signs, -len(names))])
        if own is not None and own.value_mnok >= floor:
            found[frozenset(names)] = own.value_mnok
    return found


@pytest.mark.slow
@pytest.mark.parametrize("seed", rest_slow([0, 2]))
def test_random_networks_against_all_portfolios(seed):
    study = with_conditions(random_study(seed, hours=6, tightness=1.3), seed)
    best = plan(study)
    near = alternatives(best, within=0.1, n=1000)
    floor = best.objective_mnok * 0.9
    expected = all_portfolios(plan(study), floor)
    values = dict(zip(sets_of(near), near.portfolios["objective_mnok_per_yr"], strict=True))
    assert values == pytest.approx(expected, rel=1e-6)
    for number in near.portfolios.index[:5]:
        told = near.as_plan(number)
        assert told.objective_mnok == near.portfolios.loc[number, "objective_mnok_per_yr"]
        assert certify(told).secure


@pytest.mark.parametrize("seed", rest_slow([0, 2]))
def test_few_alternatives_prove_what_all_hold(seed):
    study = with_conditions(random_study(seed, hours=6, tightness=1.3), seed)
    best = plan(study)
    every = alternatives(best, within=0.1, n=1000)
    few = alternatives(best, within=0.1, n=2, prove=True)
    assert few.proven
    assert sorted(few.no_regret) == sorted(every.no_regret)
    assert sorted(few.never) == sorted(every.never)
    assert set(sets_of(few)) <= set(sets_of(every))


def test_half_are_the_next_best_and_half_are_different():
    study = random_study(1, tightness=2.0)
    best = plan(study)
    near = alternatives(best, within=0.5, n=6)
    table = near.portfolios
    assert table["found_as"].tolist() == ["plan"] + 3 * ["next best"] + 3 * ["different"]
    ranked = table.loc[table["found_as"] != "different", "objective_mnok_per_yr"]
    assert ranked.is_monotonic_decreasing
    assert len(set(sets_of(near))) == 7
    assert (table["objective_mnok_per_yr"] >= 0.5 * best.objective_mnok).all()
    apart = table.groupby("found_as")["differs"].mean()
    assert apart["different"] > apart["next best"]
    again = alternatives(best, within=0.5, n=6)
    assert again.portfolios.equals(table)
