import numpy as np
import pandas as pd
import pytest

from gridplan.base.errors import StudyError
from gridplan.hosting.capacity import hosting_capacity
from gridplan.hosting.flexible import flexible_capacity
from gridplan.study.settings import Settings
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


def test_without_redispatch_the_fixed_shares_take_it_up():
    """Hydro at B cannot help: 40 MW at C and not more; with redispatch its 30 MW free BC."""
    n = triangle()
    n.add("Generator", "hydro B", bus="B", carrier="hydro", p_nom=30.0, schedule_share=0.0)
    n.c.generators.static.loc["border A", "schedule_share"] = 1.0
    fixed = hosting_capacity(Study(network=n), redispatch=False)
    free = hosting_capacity(Study(network=n))
    at_c = {"bus": "C", "flexibility": 0.0}
    assert fixed.capacity_mw.sel(at_c).item() == pytest.approx(40.0)
    assert fixed.limited_by.sel(at_c).item() == "branch"
    assert free.capacity_mw.sel(at_c).item() > 40.0
    assert "fixed" in fixed.redispatch
    assert "fixed" not in free.redispatch


def limited_by(network, bus, redispatch, projects=None, **settings):
    """Firm capacity of a bus and what limits it."""
    study = Study(network=network, projects=projects, settings=Settings(**settings))
    found = hosting_capacity(study, buses=[bus], redispatch=redispatch).squeeze("criterion")
    firm = found.sel(bus=bus, flexibility=0.0)
    return round(firm.capacity_mw.item(), 3), firm.limited_by.item(), firm.limiting_branch.item()


@pytest.mark.parametrize("redispatch", [True, False])
class TestEveryCapacityHasAReason:
    def test_a_branch_at_its_rating(self, redispatch):
        mw, reason, branch = limited_by(triangle(), "C", redispatch)
        assert (mw, reason) == (40.0, "branch")
        assert branch in {"AB", "BC", "AC"}

    def test_sources_that_give_no_more(self, redispatch):
        assert limited_by(triangle(), "A", redispatch) == (940.0, "sources", "")

    def test_a_branch_over_its_rating_already(self, redispatch):
        mw, reason, branch = limited_by(triangle(load_mw=120.0), "C", redispatch)
        assert (mw, reason) == (0.0, "existing overload")
        assert branch

    def test_load_that_is_not_served_already(self, redispatch):
        n = triangle(load_mw=60.0, rating_mw=500.0)
        n.c.generators.static["p_nom"] = 100.0
        kept = projects({"kept": {"bus": "A", "mw": 60.0, "status": "reserved"}})
        assert limited_by(n, "B", redispatch, kept) == (0.0, "shortage", "")

    def test_an_island_without_any_source(self, redispatch):
        n = triangle()
        n.add("Bus", ["X", "Y"], v_nom=132.0, carrier="AC")
        n.add("Line", "XY", bus0="X", bus1="Y", x=10.0, r=0.01, s_nom=50.0, carrier="AC")
        assert limited_by(n, "Y", redispatch) == (0.0, "no source", "")

    def test_nothing_within_any_reason(self, redispatch):
        n = triangle()
        n.c.generators.static["p_nom"] = 50_000.0
        assert limited_by(n, "A", redispatch) == (10_000.0, "none", "")

    def test_behind_a_bridge_where_the_settings_forbid_it(self, redispatch):
        mw, *why = limited_by(two_triangles(), "E", redispatch)
        assert mw > 35
        assert why == ["branch", "CD"]
        assert limited_by(two_triangles(), "E", redispatch, radial="forbid")[:2] == (0.0, "radial")
        assert limited_by(two_triangles(), "C", redispatch, radial="forbid")[0] > 0


def test_forbidding_radial_places_takes_only_their_firm_capacity_under_n1():
    study = Study(network=two_triangles(), settings=Settings(radial="forbid"))
    found = hosting_capacity(study, buses=["E"], criterion=["N-1", "N-0"]).squeeze("bus")
    capacity = found.capacity_mw
    assert capacity.sel(criterion="N-1").to_numpy() == pytest.approx([0.0, 40 / 0.99, 40 / 0.95])
    assert capacity.sel(criterion="N-0", flexibility=0.0).item() == pytest.approx(40.0)
    assert found.free_mw.to_numpy() == pytest.approx([0.0, 40.0])


def test_the_ledger_adds_up():
    """Growth is used, reservations keep their place, the queue and mere plans do not."""
    offered = projects(
        {
            "small": {"bus": "C", "mw": 4.0, "status": "candidate"},
            "kept": {"bus": "C", "mw": 15.0, "status": "reserved"},
            "asked": {"bus": "C", "mw": 30.0, "status": "queue"},
            "plan": {"bus": "B", "mw": 7.0, "status": "candidate"},
            "later": {"bus": "C", "mw": 50.0, "status": "reserved", "year": 2040},
        }
    )
    found = hosting_capacity(Study(network=triangle(), projects=offered)).squeeze("criterion")
    columns = ["used_mw", "reserved_mw", "queued_mw", "candidate_mw", "free_mw"]
    table = found[columns].to_dataframe()[columns]
    assert table.loc["C"].tolist() == pytest.approx([64.0, 15.0, 30.0, 0.0, 21.0])
    assert table.loc["B", columns[:-1]].tolist() == pytest.approx([0.0, 0.0, 0.0, 7.0])


def test_the_ledger_of_generation_lists_plants():
    found = hosting_capacity(Study(network=two_triangles()), direction="generation")
    assert found.used_mw.sel(bus=["A", "F"]).to_numpy() == pytest.approx([0.0, 10.0])


def test_limiting_hours_are_those_without_more_room():
    """60 MW in two hours of ten and 20 MW in the others: firm 40, and 80 in the eight."""
    n = triangle()
    n.set_snapshots(pd.date_range("2030", periods=10, freq="h"))
    n.c.loads.dynamic.p_set["load C"] = [60.0] * 2 + [20.0] * 8
    for flexibility in ([0.0], [0.0, 0.05]):
        found = hosting_capacity(Study(network=n), buses=["C"], flexibility=flexibility)
        firm = found.squeeze("criterion").sel(bus="C", flexibility=0.0)
        assert firm.limiting_hours.item() == 2
        assert pd.Timestamp(firm.limiting_hour.item()) in n.snapshots[:2]


def test_everything_asked_for_in_vain_is_told_together():
    with pytest.raises(StudyError) as caught:
        hosting_capacity(Study(network=triangle()), buses=["C", "X", "Y", "C"])
    assert [problem.value for problem in caught.value.problems] == ["X", "Y", "C"]
    with pytest.raises(StudyError, match="no bus is named"):
        hosting_capacity(Study(network=triangle()), buses=[])
    with pytest.raises(StudyError, match=r"found .5.\)\. Give 0\.05 for 5 %"):
        hosting_capacity(Study(network=triangle()), flexibility=(0, 5))
    with pytest.raises(ValueError, match="criterion must be"):
        hosting_capacity(Study(network=triangle()), criterion="N-2")
    with pytest.raises(ValueError, match="direction must be"):
        hosting_capacity(Study(network=triangle()), direction="both")
