"""The queue against answers on paper, and against a naive queue of plans that must be built."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from gridplan.base.errors import InfeasiblePlanError, StudyError
from gridplan.check.witness import certify
from gridplan.grid.stages import at_stage
from gridplan.operation.base_case import base_case
from gridplan.portfolio.plan import plan
from gridplan.portfolio.queueing import queue
from gridplan.study.reading import open_study
from gridplan.study.settings import Settings, Weights
from gridplan.study.study import Study
from tests.networks_by_hand import measures, projects, random_study, triangle, with_conditions
from tests.sampling import rest_slow

NO_WEIGHTS = Weights(
    co2_mnok_per_kt=0, jobs_mnok_per_job=0, export_mnok_per_mnok=0, mw_mnok_per_mw=0
)

BLANK = {"status": "queue", "connection": "firm", "must_build": False}  # no cell may be empty


def study_of(offered, saving=None, **settings):
    return Study(
        network=triangle(),
        projects=projects(offered),
        measures=measures(saving or {}),
        settings=Settings(weights=NO_WEIGHTS, interest_rate=0.0, **settings),
    )


def in_line(**changes):
    """60 MW of load at C, 100 MW firm: room for 40 MW; P20 came first, P15 never applied."""
    rows = {
        "P15": {"mw": 15.0, "value_mnok_per_yr": 8.0, "queue_date": ""},
        "P25": {"mw": 25.0, "value_mnok_per_yr": 10.0, "queue_date": "2024-05-01"},
        "P20": {"mw": 20.0, "value_mnok_per_yr": 9.0, "queue_date": "2023-01-01"},
    }
    given = {key for change in changes.values() for key in change}
    blank = {key: value for key, value in BLANK.items() if key in given}
    return {n: {"bus": "C", **blank, **row, **changes.get(n, {})} for n, row in rows.items()}


def outcomes(result):
    return result.log["outcome"].to_dict()


def test_first_come_first_served():
    result = queue(study_of(in_line()))
    assert list(result.log.index) == ["P20", "P25", "P15"]
    assert outcomes(result) == {"P20": "firm", "P25": "passed over", "P15": "firm"}
    assert result.log.loc["P25", "reason"] == "no room"
    assert result.log["turn"].tolist() == [1, 2, 3]
    assert result.objective_mnok == pytest.approx(17.0)  # the plan takes P25 and P15: 18
    assert certify(result).secure
    assert "2 firm, 0 conditional, 1 passed over" in repr(result)


def test_other_orders():
    result = queue(study_of(in_line()), "size")
    assert outcomes(result) == {"P25": "firm", "P20": "passed over", "P15": "firm"}
    wanted = {"P15": {"wanted_connection": "2026-01-01"}, "P20": {"wanted_connection": ""}}
    result = queue(study_of(in_line(**wanted, P25={"wanted_connection": "2027-01-01"})), "wanted")
    assert list(result.log.index) == ["P15", "P25", "P20"]
    assert outcomes(result)["P20"] == "passed over"
    with pytest.raises(StudyError, match="first-come, wanted, size"):
        queue(study_of(in_line()), "lottery")


def test_the_immature_are_passed_over():
    study = study_of(in_line(P20={"criteria_missing": "site; finance"}))
    result = queue(study)
    assert outcomes(result) == {"P20": "passed over", "P25": "firm", "P15": "firm"}
    assert result.log.loc["P20", "reason"] == "not mature: site; finance"
    assert outcomes(queue(study, mature_only=False))["P20"] == "firm"


def test_a_variant_of_an_immature_project_is_immature():
    variant = {"bus": "C", "mw": 10.0, "variant_of": "P20"}
    study = study_of(in_line(P20={"criteria_missing": "site"}) | {"half": variant})
    assert queue(study).log.loc["P20", "reason"] == "not mature: site"


def test_smaller_variants_come_after_the_head_and_conditional_ones_last():
    """After P20 there is room for 20 MW: not for P25, for its 18 MW on no condition."""
    flexible = {"bus": "C", "mw": 25.0, "variant_of": "P25", "connection": "conditional"}
    half = {"bus": "C", "mw": 18.0, "variant_of": "P25"}
    study = study_of(in_line() | {"flexible": flexible, "half": half})
    log = queue(study).log
    assert log.loc["P25", ["outcome", "offered", "offered_mw"]].tolist() == ["firm", "half", 18.0]
    assert log.loc["P15", "reason"] == "no room"
    study = study_of(in_line() | {"flexible": flexible})
    log = queue(study).log
    assert log.loc["P25", ["outcome", "offered"]].tolist() == ["conditional", "flexible"]
    log = queue(study, conditional=False).log
    assert log.loc["P25", "reason"] == "P25: no room; flexible: no conditional connections"


def test_what_is_committed_is_connected_beforehand():
    study = study_of(in_line(P15={"status": "reserved"}))
    log = queue(study).log
    assert log["standing"].tolist() == ["committed", "in line", "in line"]
    assert log["outcome"].to_dict() == {"P15": "firm", "P20": "firm", "P25": "passed over"}


def test_a_reservation_on_conditions_goes_before_the_line():
    held = {"status": "reserved", "connection": "conditional", "criteria_missing": "site"}
    log = queue(study_of(in_line(P15=held))).log
    assert log.index[0] == "P15"
    assert log.loc["P15", ["standing", "outcome"]].tolist() == ["reserved", "conditional"]


def test_who_requires_another_waits_for_it():
    result = queue(study_of(in_line(P20={"requires": "P15"})))
    assert result.log["offered"].to_dict() == {"P25": "P25", "P15": "P15", "P20": ""}
    assert result.log.loc["P20", "reason"] == "no room"
    log = queue(study_of(in_line(P20={"requires": "P25"}, P25={"mw": 20.0}))).log
    assert list(log.index) == ["P25", "P20", "P15"]
    assert log["outcome"].tolist() == ["firm", "firm", "passed over"]
    log = queue(study_of(in_line(P20={"requires": "P25"}, P25={"mw": 70.0}))).log
    assert log.loc["P20", "reason"] == "requires P25"


def test_exclusions_hold():
    log = queue(study_of(in_line(P15={"excludes": "P20"}))).log
    assert log.loc["P15", "reason"] == "P15 excludes P20"
    groups = {name: {"exclusive_group": "quay"} for name in ("P15", "P20")}
    assert "quay" in queue(study_of(in_line(**groups))).log.loc["P15", "reason"]


def test_measures_only_where_they_are_given():
    saving = {"save": {"buses": "C: 1", "mw": 5.0, "units_max": 2, "cost_mnok": 10.0}}
    study = study_of(in_line(), saving)
    assert queue(study).measures.empty
    result = queue(study, measures="save")
    assert result.measures["units"].tolist() == [2]
    assert outcomes(result) == {"P20": "firm", "P25": "firm", "P15": "passed over"}
    assert result.objective_mnok == pytest.approx(19.0 - 2 * 10.0 / 20)
    assert certify(result).secure
    assert outcomes(queue(study, measures={"save": 1}))["P25"] == "firm"
    with pytest.raises(StudyError) as refused:
        queue(study, measures={"save": 3, "saev": 1})
    assert len(refused.value.problems) == 2


def test_the_queue_knows_no_demands():
    """A plan could not meet these; the queue does not try to."""
    study = study_of(in_line(P25={"must_build": True}), goals={"min_mw": 41.0}, budget_mnok=0.0)
    with pytest.raises(InfeasiblePlanError):
        plan(study)
    result = queue(study)
    assert outcomes(result)["P25"] == "passed over"
    assert result.study.settings.goals.min_mw is None
    assert certify(result).secure


def with_dates(study, seed):
    """Shuffle the order of the heads by date; some have none."""
    rng = np.random.default_rng(seed)
    days = pd.Timestamp("2023-01-01") + pd.to_timedelta(rng.permutation(len(study.projects)), "D")
    dates = pd.Series(days, study.projects.index).mask(rng.random(len(days)) < 0.2)
    return replace(study, projects=study.projects.assign(queue_date=dates))


def fits(study, rows, base):
    """Whether a plan that must build exactly these rows is feasible."""
    table = study.projects.loc[rows].assign(variant_of="", must_build=True)
    try:
        plan(replace(study, projects=table, symbioses=None), measures=False, base=base)
    except InfeasiblePlanError:
        return False
    return True


def naive_queue(study):
    """Rows that are connected, one plan per question."""
    table, base = study.projects, base_case(study)
    heads = table[table["variant_of"] == ""].sort_values("queue_date", kind="stable")
    connected = []
    for head in heads.index:
        family = table[(table.index == head) | (table["variant_of"] == head)]
        for row in family.sort_values("connection", ascending=False, kind="stable").index:
            if fits(study, [*connected, row], base):
                connected.append(row)
                break
    return connected


@pytest.mark.slow
@pytest.mark.parametrize("seed", rest_slow([0, 1, 5]))
def test_random_networks_against_a_naive_queue(seed):
    study = random_study(seed, hours=6, tightness=1.4)
    study = with_dates(with_conditions(study, seed, 0.3, curtailable_hours=4.0), seed)
    result = queue(study)
    taken = result.log.loc[result.log["offered"] != "", "offered"].tolist()
    assert taken == naive_queue(study)
    assert sorted(taken) == sorted(result.projects.index[result.projects["chosen"]])
    assert certify(result).secure
    best = plan(study, measures=False, symbioses=False)
    assert result.objective_mnok <= best.objective_mnok + 1e-6


@pytest.mark.slow
@pytest.mark.parametrize("seed", rest_slow([0, 1, 2, 3], quick=2))
def test_with_given_measures_the_queue_is_no_better_than_the_plan(seed):
    study = with_dates(random_study(seed, tightness=2.0), seed)
    given = {"M0": 1, "M2": 1}
    result = queue(study, measures=given)
    assert result.measures["units"].to_dict() == given
    assert certify(result).secure
    assert result.objective_mnok <= plan(study).objective_mnok + 1e-6


@pytest.mark.slow
def test_the_queue_of_trondelag():
    study = at_stage(open_study("trondelag"), 2030)
    base = base_case(study)
    result = queue(study, base=base)
    best = plan(study, base=base, measures=False, symbioses=False)
    assert result.objective_mnok < best.objective_mnok
    assert certify(result).secure
    assert result.log.loc["Orkland battery factory step 1", "reason"] == "not mature: site"
