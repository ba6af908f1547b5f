"""Secure dispatch where a penalty for overload would be too cheap."""

import pytest

from gridplan.operation.base_case import base_case
from gridplan.study.settings import Settings
from gridplan.study.study import Study
from tests.networks_by_hand import network, projects


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
