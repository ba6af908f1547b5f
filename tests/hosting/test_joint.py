import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from gridplan.base.errors import StudyError
from gridplan.hosting.capacity import hosting_capacity
from gridplan.hosting.joint import joint_capacity
from gridplan.operation.base_case import base_case
from gridplan.study.settings import Settings
from gridplan.study.study import Study
from tests.every_outage import Grids
from tests.networks_by_hand import random_study, triangle, two_triangles, with_hourly_ratings

FIRM = {"flexibility": 0.0}


def largest_total(study, names, sign):
    """Largest firm total at some buses: one program with all hours, all outages, all rows."""
    case = base_case(study).limits
    grids = Grids(case)
    hours, sources = case.p_max_mw.shape
    buses = case.grid.topology.buses.get_indexer(names)
    place = -sign * np.eye(len(case.grid.topology.buses))[buses]
    columns = np.vstack([place, case.injection])
    injection = np.vstack([columns, -case.load_mw, np.zeros((1, grids.buses))])
    flows = np.hstack(list(grids.flows(injection)))
    effect, load = (flows[: len(columns)] - flows[-1]).T, flows[len(columns) : -1]
    count, rows = len(buses), len(effect)
    matrix = np.zeros((hours * rows, count + hours * sources))
    balance = np.zeros((hours, count + hours * sources))
    for hour in range(hours):
        own = slice(count + hour * sources, count + (hour + 1) * sources)
        part = slice(hour * rows, (hour + 1) * rows)
        matrix[part, :count], matrix[part, own] = effect[:, :count], effect[:, count:]
        balance[hour, :count], balance[hour, own] = (
            columns.sum(axis=1)[:count],
            case.injection.sum(axis=1),
        )
    without, after = np.hsplit(case.limit_mw, 2)
    limit = np.hstack([without, *[after] * (len(grids.removed) - 1)])
    bounds = [(0, None)] * count + list(
        zip(case.p_min_mw.ravel(), case.p_max_mw.ravel(), strict=True)
    )
    return -linprog(
        np.append(-np.ones(count), np.zeros(hours * sources)),
        A_ub=np.vstack([matrix, -matrix]),
        b_ub=np.concatenate([(limit - load).ravel(), (limit + load).ravel()]),
        A_eq=balance,
        b_eq=case.load_mw.sum(axis=1),
        bounds=bounds,
    ).fun


@pytest.mark.slow
@given(st.integers(0, 10_000), st.sampled_from(["load", "generation"]))
@settings(max_examples=6, deadline=None)
def test_equal_to_one_program_of_all_hours(seed, direction):
    study = with_hourly_ratings(random_study(seed, hours=4), seed)
    names = ["B2", "B5", "B7", "B11"]
    found = joint_capacity(study, names, direction=direction)
    expected = largest_total(study, names, 1 if direction == "load" else -1)
    assert found.joint_total_mw.sel(FIRM).item() == pytest.approx(expected, abs=2e-3)


def test_buses_behind_one_bridge_share_it():
    """CD carries 50 MW, 20 of them are used; hydro at F gives at most 10, its schedule."""
    found = joint_capacity(Study(network=two_triangles()), ["E", "F"]).sel(FIRM)
    assert found.single_mw.to_numpy() == pytest.approx([40.0, 40.0])
    assert found.single_total_mw.item() == pytest.approx(80.0)
    assert found.joint_total_mw.item() == pytest.approx(40.0, abs=1e-3)
    assert found.joint_mw.to_numpy() == pytest.approx([20.0, 20.0], abs=1e-3)  # the most even split
    assert found.limiting_branch.item() == "CD"


def test_given_shares_are_kept():
    study = Study(network=two_triangles())
    found = joint_capacity(study, ["E", "F"], {"E": 30, "F": 10})
    assert found.share.to_numpy() == pytest.approx([0.75, 0.25])
    assert found.joint_mw.sel(FIRM).to_numpy() == pytest.approx([30.0, 10.0], abs=1e-3)
    assert found.equals(joint_capacity(study, ["E", "F"], [3, 1]))


def test_buses_that_share_nothing_get_their_sum():
    """Two grids of their own."""
    n = triangle()
    other = triangle()
    n.add("Bus", ["X", "Y", "Z"], v_nom=132.0, carrier="AC")
    for name, (start, end) in {"XY": "XY", "YZ": "YZ", "XZ": "XZ"}.items():
        n.add("Line", name, bus0=start, bus1=end, x=10.0, r=0.01, s_nom=70.0, carrier="AC")
    n.add("Generator", "border X", bus="X", carrier="border", p_nom=1000.0)
    assert len(other.c.lines.static) == 3
    found = joint_capacity(Study(network=n), ["C", "Z"]).sel(FIRM)
    assert found.joint_mw.to_numpy() == pytest.approx([40.0, 70.0], abs=1e-3)
    assert found.joint_total_mw.item() == pytest.approx(found.single_total_mw.item(), abs=1e-3)


def test_one_bus_is_its_single_capacity():
    study = random_study(6, hours=60)
    found = joint_capacity(study, ["B7"], criterion="N-0")
    single = hosting_capacity(study, buses=["B7"], criterion="N-0").squeeze("criterion")
    capacity = single.capacity_mw.sel(bus="B7")
    np.testing.assert_allclose(found.joint_total_mw, capacity, rtol=1e-6, atol=1e-4)
    np.testing.assert_allclose(found.single_total_mw, capacity, rtol=1e-6, atol=1e-4)


def test_where_nothing_fits_the_reason_is_told():
    found = joint_capacity(Study(network=triangle(load_mw=120.0)), ["B", "C"], [1, 1]).sel(FIRM)
    assert found.joint_total_mw.item() == pytest.approx(0.0, abs=1e-6)
    assert found.limited_by.item() == "existing overload"


def test_a_forbidden_place_gets_nothing():
    study = Study(network=two_triangles(), settings=Settings(radial="forbid"))
    found = joint_capacity(study, ["B", "E"]).sel(FIRM)
    assert found.joint_mw.sel(bus="E").item() == 0.0
    assert found.joint_mw.sel(bus="B").item() == pytest.approx(found.single_mw.sel(bus="B").item())
    given = joint_capacity(study, ["B", "E"], [1, 1]).sel(FIRM)
    assert (given.joint_total_mw.item(), given.limited_by.item()) == (0.0, "radial")


def test_what_cannot_be_split():
    study = Study(network=triangle())
    with pytest.raises(StudyError, match="2 shares for 1 buses"):
        joint_capacity(study, ["C"], [1, 2])
    with pytest.raises(StudyError) as caught:
        joint_capacity(study, ["B", "C"], {"B": -1, "C": float("nan"), "D": 1})
    assert [problem.value for problem in caught.value.problems] == ["D", "-1", "nan"]
    with pytest.raises(StudyError, match="nothing is asked for"):
        joint_capacity(study, ["B"], [0])
    with pytest.raises(StudyError, match="unknown bus"):
        joint_capacity(study, ["Q"])
