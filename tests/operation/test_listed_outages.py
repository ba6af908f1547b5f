"""Outages of several branches at once: on paper, and with the branches really removed."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gridplan as gp
from gridplan.grid.sensitivities import grid_of
from gridplan.operation.base_case import base_case
from gridplan.operation.case import case_of
from gridplan.operation.rows import RowPool
from gridplan.operation.screen import extremes_mw, violations
from gridplan.study.settings import Settings
from gridplan.study.study import Study
from gridplan.study.tables import names_in
from tests.networks_by_hand import (
    double_circuit,
    random_study,
    with_emergency_factors,
    with_listed_outages,
)

pytestmark = pytest.mark.slow

TOWER = pd.DataFrame({"branches": {"tower": "AB 1; AB 2"}})


def figures(study, **other):
    cap = gp.hosting_capacity(study, flexibility=[0.0], buses=["B"], **other).squeeze()
    return cap.capacity_mw.item(), cap.limiting_branch.item(), cap.limiting_outage.item()


@pytest.mark.parametrize("redispatch", [True, False])
def test_a_double_circuit_on_paper(redispatch):
    """The loss of one circuit allows 150 MW, that of both 100; 60 MW are there already."""
    single = Study(network=double_circuit())
    assert figures(single, redispatch=redispatch)[0] == pytest.approx(90.0)
    both = Study(network=double_circuit(), outages=TOWER)
    mw, branch, outage = figures(both, redispatch=redispatch)
    assert (mw, outage) == (pytest.approx(40.0), "tower")
    assert branch in ("AC", "CB")
    assert figures(both, redispatch=redispatch, criterion="N-0")[0] == pytest.approx(190.0)


def test_a_factor_counts_after_it_too():
    n = double_circuit()
    n.c.lines.static["emergency_factor"] = pd.Series({"AC": 1.2, "CB": 1.2})
    assert figures(Study(network=n, outages=TOWER))[0] == pytest.approx(60.0)


def test_unsecured_branches_may_be_lost_together():
    study = Study(
        network=double_circuit(),
        outages=TOWER,
        settings=Settings(unsecured=("AB 1", "AB 2", "AC", "CB")),
    )
    assert case_of(study).grid.outage_names() == ["tower"]
    assert figures(study) == (pytest.approx(40.0), "AC", "tower")


def test_an_existing_overload_names_it():
    base = base_case(Study(network=double_circuit(130.0), outages=TOWER))
    assert set(base.existing_overloads["outage"]) == {"tower"}
    assert base.existing_overloads["over_mw"].tolist() == pytest.approx([30.0, 30.0])
    assert set(base.allowed_mw["branch"]) == {"AC", "CB"}
    table = gp.without_n1(base.study)
    assert set(table["outage"]) == {"tower"}


@given(st.integers(0, 10_000))
@settings(max_examples=8, deadline=None)
def test_flows_equal_those_without_the_branches(seed):
    study = with_listed_outages(random_study(seed), seed)
    case = case_of(study)
    flow = case.grid.flows_mw(case.injections_mw(case.schedule_mw))
    names = case.grid.topology.branches.index
    for number, (_, text) in enumerate(study.outages["branches"].items()):
        lost = names_in(text)
        network = study.network.copy()
        network.remove("Line", lost)
        expected = grid_of(network).flows_mw(case.injections_mw(case.schedule_mw))
        left = ~names.isin(lost)
        rows = RowPool(case.grid)
        outage = len(case.grid.outages) + number
        rows.take((branch, outage, 1) for branch in range(len(names)))
        after = rows.flows_mw(flow)
        np.testing.assert_allclose(after[:, left], expected, atol=1e-7)
        np.testing.assert_allclose(after[:, ~left], 0.0, atol=1e-9)
        by_injection = case.injections_mw(case.schedule_mw) @ rows.sensitivity().T
        np.testing.assert_allclose(by_injection, after, atol=1e-7)


@pytest.mark.slow
@given(st.integers(0, 10_000))
@settings(max_examples=8, deadline=None)
def test_screen_against_a_loop(seed):
    rng = np.random.default_rng(seed)
    study = with_listed_outages(with_emergency_factors(random_study(seed % 7), seed), seed)
    grid = case_of(study).grid
    flow = rng.normal(0, 50, (300, grid.branches)) * rng.uniform(0, 2, (300, 1))
    after = [flow + flow[:, [b]] * grid.lodf.matrix[:, k] for k, b in enumerate(grid.outages)]
    after += [flow + each.moved_mw(flow) for each in grid.listed]
    highest, lowest = np.full((2, 300, 2 * grid.branches), np.inf) * [[[-1.0]], [[1.0]]]
    for limit, cases in ((np.arange(grid.branches), [flow]), (grid.after, after)):
        highest[:, limit] = np.maximum(highest[:, limit], np.max(cases, axis=0))
        lowest[:, limit] = np.minimum(lowest[:, limit], np.min(cases, axis=0))
    found = extremes_mw(grid, flow)
    np.testing.assert_allclose(found, [highest, lowest], atol=1e-9)
    limits = np.full_like(highest, 140.0)
    told = violations(grid, flow, limits, 1e-6)
    seen = np.zeros((2, *limits.shape))
    sides = (told.sign < 0).astype(int)
    seen[sides, told.hour, grid.limit(told.branch, told.outage)] = told.over_mw
    expected = np.maximum([highest - limits, -lowest - limits], 0.0)
    np.testing.assert_allclose(seen, expected, atol=1e-6)
    assert (told.outage >= len(grid.outages)).any()


def test_the_certificate_takes_them_out_and_samples_them():
    n = double_circuit(130.0)
    n.c.generators.dynamic.p_set["border A"] = 130.0
    assert gp.certify(n).secure
    certificate = gp.certify(n, outages=TOWER, samples=1)
    assert not certificate.secure
    assert certificate.contingencies[-1] == "tower"
    assert certificate.summary().loc["of several branches at once", "value"] == 1
    assert certificate.violations[["branch", "outage"]].to_numpy().tolist() == [
        ["AC", "tower"],
        ["CB", "tower"],
    ]
    drawn = certificate.sample.set_index("outage")
    assert drawn.loc["tower", "loading_pu"] == pytest.approx(1.3)
    assert drawn["largest_difference_mw"].max() < 1e-6
    assert certificate.worst.loc["AC", ["outage", "limit_mw"]].tolist() == ["tower", 100.0]


def test_a_base_case_under_other_outages_is_refused():
    study = Study(network=double_circuit())
    with pytest.raises(ValueError, match="other outages of several branches"):
        gp.plan(replace(study, outages=TOWER), base=base_case(study))


def test_a_plan_without_its_listed_outages_does_not_pass():
    """The plan of a study that lists none breaks what the same study with outages demands."""
    study = random_study(1, tightness=2.0)
    listing = with_listed_outages(study, 1)
    careless = gp.plan(study)
    assert gp.certify(careless, samples=1).secure
    assert not gp.certify(careless, outages=listing.outages, samples=1).secure
    assert not gp.certify(replace(careless, study=listing), samples=1).secure
