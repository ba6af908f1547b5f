"""Secure dispatch where a penalty for overload would be too cheap, and where hours are left."""

from dataclasses import replace

import numpy as np
import pytest

from gridplan.base.errors import SolverError
from gridplan.operation.base_case import base_case
from gridplan.operation.case import LAST_RESORT_COST, case_of
from gridplan.operation.dispatch import TOLERANCE_MW, secure_dispatch
from gridplan.portfolio.cuts import violation_mw
from gridplan.study.settings import Settings
from gridplan.study.study import Study
from tests.networks_by_hand import network, projects, random_study


def nearly_useless_lever(ptdf: float):
    """Two parallel lines A-B share 100 MW as ptdf : 1 − ptdf; the weak one is 0.001 MW too small.

    Wind at B relieves it by `ptdf` MW per MW, so relief of 0.001 MW takes 0.001 / ptdf MW of
    redispatch: far more than any overload penalty would pay.
    """
    weak = 100 * ptdf - 0.001
    n = network(
        {"weak": ("A", "B", 10.0 * (1 - ptdf) / ptdf, weak), "strong": ("A", "B", 10.0, 1000.0)},
        {"B": [100.0], "A": [100.0]},
    )
    n.add("Generator", "border", bus="A", carrier="border", p_nom=1000.0, p_set=200.0)
    n.add("Generator", "upper", bus="B", carrier="hydro", p_nom=50.0, p_set=0.0)
    return Study(network=n, settings=Settings(unsecured=("weak", "strong")))


@pytest.mark.parametrize("ptdf", [1e-2, 1e-3, 1e-4])
def test_no_overload_is_left_that_redispatch_can_mend(ptdf):
    base = base_case(nearly_useless_lever(ptdf))
    assert base.existing_overloads.empty
    assert base.dispatch.overload_mw.max() == 0.0
    moved = base.dispatch.dispatch_mw[0, base.case.sources.get_loc("upper")]
    assert moved == pytest.approx(0.001 / ptdf, rel=0.02)


def test_weights_decide_who_moves_not_whether_the_grid_holds():
    weights = {"border": 1000.0, "hydro": 1000.0}
    study = nearly_useless_lever(1e-3)
    study = Study(
        network=study.network,
        settings=Settings(unsecured=("weak", "strong"), redispatch_weights=weights),
        projects=projects({}),
    )
    assert base_case(study).existing_overloads.empty


def test_an_hour_that_nothing_can_balance_is_told():
    """300 MW of border for 100, 250 + 150 and 200 MW of load, and no last resort to help."""
    lines = {name: (name[0], name[1], 10.0, 1000.0) for name in ("AB", "BC", "AC")}
    n = network(lines, {"B": [100.0, 250.0, 200.0]}, hours=3)
    n.add("Generator", "border", bus="A", carrier="border", p_nom=300.0)
    case = case_of(Study(network=n))
    secure_dispatch(case)
    with pytest.raises(SolverError, match=r"2030-01-01 01:00:00: .*Infeasible"):
        secure_dispatch(case.with_load(np.outer([0, 150, 0], [0, 1, 0])))


def heavier_hours(seed):
    """Twelve hours with ever more load, the heaviest of which no dispatch secures."""
    study = random_study(seed, hours=12, tightness=1.2)
    base = base_case(study)
    case = replace(base.case, limit_mw=base.limits.limit_mw)
    return case.with_load(case.load_mw * np.linspace(0.0, 0.6, 12)[:, None])


@pytest.mark.parametrize("seed", range(6))
def test_hours_that_ask_for_more_than_there_is_are_left_and_no_others(seed):
    """Seen from outside, an hour that is left overloads a branch or exceeds `most_mw`."""
    case = heavier_hours(seed)
    resorts = case.weight >= LAST_RESORT_COST
    opened = replace(case, p_max_mw=np.where(resorts, 1e6, case.p_max_mw))
    most = np.where(resorts, 0.0, np.inf) * np.ones_like(case.p_max_mw)
    full, early = secure_dispatch(opened), secure_dispatch(opened, most_mw=most)

    def asks_too_much(dispatch):
        short = (dispatch.dispatch_mw - most > TOLERANCE_MW).any(axis=1)
        return short | (dispatch.overload_mw > TOLERANCE_MW).any(axis=1)

    left = asks_too_much(early)
    assert 0 < left.sum() < len(left)
    np.testing.assert_array_equal(left, asks_too_much(full))
    strict = replace(case, p_max_mw=np.where(resorts, 0.0, case.p_max_mw))
    missing = violation_mw(strict, full.rows).z[:, -1]
    np.testing.assert_array_equal(left, missing > TOLERANCE_MW)
    for name in ("dispatch_mw", "flow_mw", "overload_mw"):
        expected = getattr(full, name)[~left]
        np.testing.assert_allclose(getattr(early, name)[~left], expected, atol=1e-5)
    assert early.programs <= full.programs


@pytest.mark.parametrize("seed", range(3))
def test_with_enough_of_everything_no_hour_is_left(seed):
    case = base_case(random_study(seed, hours=6)).case
    plain, bounded = secure_dispatch(case), secure_dispatch(case, most_mw=case.p_max_mw)
    kept = (plain.overload_mw <= TOLERANCE_MW).all(axis=1)
    assert kept.any()
    np.testing.assert_allclose(bounded.dispatch_mw[kept], plain.dispatch_mw[kept], atol=1e-5)
