import numpy as np
import pytest

from gridplan.base.errors import StudyError
from gridplan.hosting.capacity import hosting_capacity
from gridplan.hosting.flexible import flexible_capacity
from gridplan.study.study import Study
from tests.networks_by_hand import projects, random_study, triangle, two_triangles


def test_triangle_by_hand():
    """60 MW on 100 firm leave 40 at C; at A the supply itself limits."""
    found = hosting_capacity(Study(network=triangle()))
    firm = found["capacity_mw"].sel(criterion="N-1", flexibility=0.0)
    assert firm.sel(bus="C").item() == pytest.approx(40.0)
    assert firm.sel(bus="A").item() == pytest.approx(940.0)
    limits = found.sel(criterion="N-1", flexibility=0.0)
    assert limits["limiting_outage"].sel(bus="C").item() in {"AC", "AB", "BC"}
    assert limits["limiting_branch"].sel(bus="A").item() == ""


def test_without_outages_there_is_more_room():
    """N-0: two thirds of the flow to C go over AC, so 150 MW in all, 90 MW more."""
    found = hosting_capacity(Study(network=triangle()), criterion=["N-1", "N-0"], buses=["C"])
    firm = found["capacity_mw"].sel(flexibility=0.0, bus="C")
    assert firm.sel(criterion="N-0").item() == pytest.approx(90.0)
    assert firm.sel(criterion="N-1").item() == pytest.approx(40.0)


def test_reserved_projects_take_their_place_first():
    offered = projects({"kept": {"bus": "C", "mw": 15.0, "status": "reserved"}})
    found = hosting_capacity(Study(network=triangle(), projects=offered), buses=["C"])
    assert found["capacity_mw"].sel(flexibility=0.0).item() == pytest.approx(25.0)


def test_behind_a_bridge_its_own_rating_counts():
    found = hosting_capacity(Study(network=two_triangles()), buses=["E"])
    assert found["capacity_mw"].sel(flexibility=0.0).item() == pytest.approx(40.0)


def test_generation_is_limited_the_other_way():
    """At C: 100 MW firm out of the corner plus 60 MW of load there; A takes nothing back."""
    found = hosting_capacity(Study(network=triangle()), buses=["C"], direction="generation")
    assert found["capacity_mw"].sel(flexibility=0.0).item() == pytest.approx(60.0)


def test_a_ceiling_changes_no_figure():
    """Hours are skipped or cut off; the capacities equal those of all hours solved in full."""
    study = random_study(3, hours=200)
    quick = hosting_capacity(study)
    full = hosting_capacity(study, hourly=True)
    for share in (0.0, 0.01, 0.05):
        expected = [flexible_capacity(h.values, share) for h in full["hourly_mw"].squeeze()]
        got = quick["capacity_mw"].sel(flexibility=share).squeeze()
        np.testing.assert_allclose(got, np.maximum(expected, 0), rtol=1e-5, atol=1e-4)
    assert full["hourly_mw"].dtype == "float32"


def test_unknown_buses_are_told_together():
    with pytest.raises(StudyError) as caught:
        hosting_capacity(Study(network=triangle()), buses=["C", "X", "Y"])
    assert [problem.value for problem in caught.value.problems] == ["X", "Y"]
