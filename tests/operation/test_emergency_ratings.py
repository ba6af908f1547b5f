"""A branch may carry more after an outage than without: the answers on paper."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gridplan as gp
from gridplan.base.errors import StudyError
from gridplan.operation.base_case import base_case
from gridplan.operation.case import case_of
from gridplan.operation.screen import extremes_mw, violations
from gridplan.study.emergency import emergency_factors
from gridplan.study.settings import Settings
from gridplan.study.study import Study
from tests.networks_by_hand import random_study, triangle, two_triangles, with_emergency_factors


def factors(load_mw=60.0, **factor):
    """Study of the triangle in which some lines have an emergency factor."""
    n = triangle(load_mw)
    n.c.lines.static["emergency_factor"] = pd.Series(factor)
    return Study(network=n)


def firm(study):
    cap = gp.hosting_capacity(study, flexibility=[0.0]).sel(bus="C").squeeze()
    fixed = gp.hosting_capacity(study, flexibility=[0.0], redispatch=False).sel(bus="C").squeeze()
    assert fixed.capacity_mw.item() == pytest.approx(cap.capacity_mw.item(), abs=1e-6)
    return cap.capacity_mw.item(), cap.limiting_branch.item(), cap.limiting_outage.item()


def test_every_branch_has_a_limit_without_and_one_after_outages():
    assert case_of(factors()).limit_mw.tolist() == [[100.0] * 6]
    limit = case_of(factors(AB=1.0, AC=1.2)).limit_mw
    assert limit.tolist() == [[100.0, 100.0, 100.0, 100.0, 100.0, 120.0]]


def test_after_an_outage_all_goes_one_way():
    """Everything on two lines after the loss of the third: 1.2 x 100 MW, of which 60 are used."""
    mw, _, outage = firm(factors(AB=1.2, BC=1.2, AC=1.2))
    assert mw == pytest.approx(60.0)
    assert outage != ""


def test_the_limit_without_outage_stays():
    """AC carries two thirds, so 150 MW fill it before any outage does."""
    mw, branch, outage = firm(factors(AB=1.8, BC=1.8, AC=1.8))
    assert (mw, branch, outage) == (pytest.approx(90.0), "AC", "")


def test_one_line_without_a_factor_limits():
    mw, branch, outage = firm(factors(AB=1.5, BC=1.5))
    assert (mw, branch) == (pytest.approx(40.0), "AC")
    assert outage in ("AB", "BC")


def test_overloads_without_and_after_outages_stand_apart():
    """160 MW: AC carries 106.7 without outage and any line 160 after one, of 100 and 120 MW."""
    base = base_case(factors(160.0, AB=1.2, BC=1.2, AC=1.2))
    allowed = base.allowed_mw.set_index(["branch", "after_outage"])["limit_mw"].to_dict()
    after = {(name, True): pytest.approx(160.0) for name in ("AB", "BC", "AC")}
    assert allowed == after | {("AC", False): pytest.approx(320 / 3)}
    found = base.existing_overloads
    assert sorted(found.index) == ["AB", "AC", "AC", "BC"]
    over = found.set_index("outage", append=True)["over_mw"]
    assert over["AC", ""] == pytest.approx(20 / 3)
    assert over["AB", "AC"] == pytest.approx(40.0)
    table = gp.without_n1(base.study)
    assert (table["branch"] == "AC").sum() == 2


def test_an_overload_after_outages_leaves_the_limit_without():
    """130 MW break 120 MW after an outage, but only 86.7 of 100 MW are used without."""
    base = base_case(factors(130.0, AB=1.2, BC=1.2, AC=1.2))
    assert base.allowed_mw["after_outage"].all()
    limit = base.limits.limit_mw[0]
    np.testing.assert_allclose(limit, [100, 100, 100, 130, 130, 130])


def test_so_it_does_without_any_factor():
    """150 MW fill AC without outage, and overload every line after one."""
    base = base_case(factors(150.0))
    np.testing.assert_allclose(base.limits.limit_mw[0], [100, 100, 100, 150, 150, 150])
    assert base.existing_overloads["outage"].ne("").all()
    assert base.allowed_mw["after_outage"].tolist() == [True] * 3


def test_a_branch_that_is_the_only_way_is_listed_without_outage_only():
    """60 MW on CD, of 50: after any outage it carries the same, and none is to blame."""
    n = two_triangles()
    n.c.loads.dynamic.p_set["load E"] = 70.0
    base = base_case(Study(network=n))
    assert base.existing_overloads["outage"].to_dict() == {"CD": ""}
    assert base.existing_overloads.loc["CD", "over_mw"] == pytest.approx(10.0, abs=1e-4)
    allowed = base.allowed_mw[base.allowed_mw["branch"] == "CD"]
    assert sorted(allowed["after_outage"]) == [False, True]
    table = gp.without_n1(base.study)
    assert table.loc[table["over_mw"] > 0, ["branch", "outage"]].to_numpy().tolist() == [["CD", ""]]


def test_transformers_that_state_none_have_that_of_the_settings():
    n = triangle()
    n.add("Transformer", ["T1", "T2"], bus0="A", bus1="C", x=0.1, r=0.01, s_nom=100.0, model="t")
    study = Study(network=n, settings=Settings(transformer_emergency_factor=1.3))
    assert emergency_factors(n, study.settings).tolist() == [1.0, 1.0, 1.0, 1.3, 1.3]
    n.c.transformers.static["emergency_factor"] = [np.nan, 1.1]
    n.c.lines.static["emergency_factor"] = [1.2, np.nan, 1.0]
    assert emergency_factors(n, study.settings).tolist() == [1.2, 1.0, 1.0, 1.3, 1.1]


@pytest.mark.parametrize("wrong", [0.9, 2.5, "much"])
def test_impossible_factors_are_refused(wrong):
    n = triangle()
    n.c.lines.static["emergency_factor"] = pd.Series({"AB": wrong, "BC": 1.2}, dtype=object)
    with pytest.raises(StudyError, match="lines AB, column emergency_factor"):
        Study(network=n)


def test_the_hash_sees_factors():
    hashes = {factors().hash, factors(AB=1.2).hash, factors(AB=1.3).hash}
    settings = Settings(transformer_emergency_factor=1.2)
    hashes.add(replace(factors(), settings=settings).hash)
    assert len(hashes) == 4


@pytest.mark.slow
@given(st.integers(0, 10_000))
@settings(max_examples=10, deadline=None)
def test_screen_against_a_loop(seed):
    """Worst flow of every limit and every excess, outage by outage."""
    rng = np.random.default_rng(seed)
    case = case_of(with_emergency_factors(random_study(seed % 7), seed))
    grid, count = case.grid, case.grid.branches
    flow = rng.normal(0, 50, (300, count)) * rng.uniform(0, 2, (300, 1))
    after = [flow + flow[:, [b]] * grid.lodf.matrix[:, k] for k, b in enumerate(grid.outages)]
    limit = np.hstack([np.full_like(flow, 90.0), np.full_like(flow, 120.0)])
    expected = np.zeros((2, *limit.shape))
    highest, lowest = extremes_mw(grid, flow)
    for number in range(2 * count):
        flows = [case[:, number % count] for case in (after if number >= count else [flow])]
        np.testing.assert_allclose(highest[:, number], np.max(flows, axis=0), atol=1e-9)
        np.testing.assert_allclose(lowest[:, number], np.min(flows, axis=0), atol=1e-9)
        expected[0, :, number] = np.maximum(np.max(flows, axis=0) - limit[:, number], 0.0)
        expected[1, :, number] = np.maximum(-np.min(flows, axis=0) - limit[:, number], 0.0)
    found = violations(grid, flow, limit, 1e-6)
    seen = np.zeros_like(expected)
    number = grid.limit(found.branch, found.outage)
    seen[(found.sign < 0).astype(int), found.hour, number] = found.over_mw
    np.testing.assert_allclose(seen, expected, atol=1e-6)
