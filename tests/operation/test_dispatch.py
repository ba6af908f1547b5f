"""Secure dispatch where a penalty for overload would be too cheap."""

import numpy as np
import pytest

from gridplan.base.errors import SolverError
from gridplan.operation.base_case import base_case
from gridplan.operation.case import case_of
from gridplan.operation.dispatch import secure_dispatch
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


def test_an_hour_that_nothing_can_balance_is_told():
    """300 MW of border for 100, 250 + 150 and 200 MW of load, and no last resort to help."""
    lines = {name: (name[0], name[1], 10.0, 1000.0) for name in ("AB", "BC", "AC")}
    n = network(lines, {"B": [100.0, 250.0, 200.0]}, hours=3)
    n.add("Generator", "border", bus="A", carrier="border", p_nom=300.0)
    case = case_of(Study(network=n))
    secure_dispatch(case)
    with pytest.raises(SolverError, match=r"2030-01-01 01:00:00: .*Infeasible"):
        secure_dispatch(case.with_load(np.outer([0, 150, 0], [0, 1, 0])))
