"""Why a project is in or out: what is worked out by hand, and what other programs say."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import gridplan as gp
from gridplan.base.errors import InfeasiblePlanError, StudyError
from tests.networks_by_hand import (
    chosen_in,
    plain_study,
    random_study,
    two_triangles,
    with_conditions,
    with_relations,
)
from tests.reasons.brute_force import Reference
from tests.reasons.places import firm, flexible, narrow

LOADS = [60, 80, 95, 90]  # room at C: 40, 20, 5, 10 MW


def planned(offered, loads=LOADS, **others):
    return gp.plan(plain_study(narrow(loads), offered, **others))


def why(plan, project):
    return gp.explain(plan, project, remedies=False)


def test_hours_megawatts_branch_and_outage():
    found = why(planned({"Mill": firm(15.0)}), "Mill")
    assert (found.outcome, found.fits, found.rules) == ("rejected", False, ())
    assert found.hourly["demand_mw"].tolist() == [15.0] * 4
    assert found.hourly["fits_mw"].to_numpy() == pytest.approx([15, 15, 5, 10], abs=1e-6)
    assert found.hourly["missing_mw"].to_numpy() == pytest.approx([0, 0, 10, 5], abs=1e-6)
    assert found.hourly["branch"].tolist() == ["", "", "AB", "AB"]
    assert found.hourly["outage"].tolist() == ["", "", "AC", "AC"]
    (limit,) = found.critical.to_dict("records")
    assert (limit["branch"], limit["outage"], limit["hours"]) == ("AB", "AC", 2)
    assert (limit["missing_mw"], limit["missing_mwh"]) == pytest.approx((10, 15), abs=1e-5)
    assert limit["worst_hour"] == pd.Timestamp("2030-01-01 02:00")
    assert found.remedies is None
    assert found.forced.value_lost_mnok == np.inf
    assert found.forced.conflict == ()


def test_two_limits_in_different_hours():
    """E has 40 MW of room; a plant at F that stands still leaves 30 MW."""
    n = two_triangles(3)
    n.c.generators.dynamic.p_max_pu["hydro F"] = [1.0, 0.0, 1.0]
    n.c.generators.dynamic.p_min_pu["hydro F"] = [0.5, 0.0, 0.5]
    n.c.generators.static.loc["border A", "p_nom"] = 85.0  # 50 of them are in use, or 40
    found = why(gp.plan(plain_study(n, {"Mill": firm(50.0, bus="E")})), "Mill")
    assert found.hourly["fits_mw"].to_numpy() == pytest.approx([40, 30, 40], abs=1e-6)
    assert found.critical[["branch", "outage", "hours"]].to_numpy().tolist() == [["CD", "", 3]]
    n.c.generators.static.loc["border A", "p_nom"] = 70.0
    found = why(gp.plan(plain_study(n, {"Mill": firm(50.0, bus="E")})), "Mill")
    assert found.hourly["fits_mw"].to_numpy() == pytest.approx([30, 20, 30], abs=1e-6)
    assert found.critical[["branch", "outage", "hours"]].to_numpy().tolist() == [["", "", 3]]


def test_what_leaves_and_what_comes():
    """Room for 40 MW. Mill and Port are worth 5.5; with Quay the best is Quay and Kiln, 4.9."""
    offered = {"Mill": firm(30.0, 5.0), "Quay": firm(24.0, 4.0), "Port": firm(6.0, 0.5),
               "Kiln": firm(12.0, 0.9)}  # fmt: skip
    plan = planned(offered, [60, 50])
    assert chosen_in(plan) == ["Mill", "Port"]
    forced = why(plan, "Quay").forced
    assert forced.value_lost_mnok == pytest.approx(0.6)
    assert (forced.displaced, forced.added) == (("Mill", "Port"), ("Kiln",))


@pytest.mark.parametrize("seed", [0, 1, 4])
def test_what_it_costs_is_what_the_best_plan_with_it_is_worth_less(seed):
    study = random_study(seed, tightness=1.5)
    study = with_conditions(study, seed) if seed % 2 else with_relations(study, seed)
    plan = gp.plan(study)
    table = study.projects
    alone = ~table.index.isin(table["variant_of"]) & table["variant_of"].eq("")
    rejected = plan.projects["chosen"].eq(False) & plan.projects["barred"].eq("")
    for project in table.index[alone & rejected.reindex(table.index)][:3]:
        forced = why(plan, project).forced
        must = table["must_build"] | (table.index == project)
        try:
            with_it = gp.plan(replace(study, projects=table.assign(must_build=must)))
        except (InfeasiblePlanError, StudyError):
            assert forced.value_lost_mnok == np.inf
            continue
        assert forced.value_lost_mnok == pytest.approx(
            plan.objective_mnok - with_it.objective_mnok, abs=1e-6
        )
        before, after = ({*p.projects.index[p.projects["chosen"]]} for p in (plan, with_it))
        assert set(forced.displaced) == before - after
        assert set(forced.added) == after - before - {project}


def test_a_rule_and_not_the_grid():
    offered = {"Mill": firm(8.0, 5.0, excludes="Quay"), "Quay": firm(7.0, 4.0)}
    found = why(planned(offered, [60]), "Quay")
    assert (found.fits, found.rules) == (True, ("Mill excludes Quay",))
    assert found.critical.empty
    assert found.forced.displaced == ("Mill",)
    assert found.forced.value_lost_mnok == pytest.approx(1.0)


def test_what_it_requires_costs_more_than_it_is_worth():
    offered = {"Mill": firm(8.0, 1.0, requires="Quay"), "Quay": firm(7.0, -3.0)}
    found = why(planned(offered, [60]), "Mill")
    assert (found.fits, found.rules) == (True, ("Mill requires Quay",))
    assert found.forced.added == ("Quay",)
    assert found.forced.value_lost_mnok == pytest.approx(2.0)


def test_the_budget_has_no_room_for_the_measure_that_it_needs():
    saving = {"Save": {"buses": "C: 1", "mw": 5.0, "cost_mnok": 10.0}}
    found = why(planned({"Mill": firm(45.0)}, [60], saving=saving, budget_mnok=9.0), "Mill")
    assert found.forced.value_lost_mnok == np.inf
    assert found.forced.conflict == ("budget of 9 MNOK",)


def test_variants_of_a_chosen_project():
    """10 MW fit: the small one is in. Beside the rest, without it, 10 MW of the large one fit."""
    offered = {"Mill": firm(30.0, 3.0), "Small": firm(8.0, 2.0, variant_of="Mill"),
               "Tiny": firm(6.0, 1.0, variant_of="Mill")}  # fmt: skip
    plan = planned(offered, [60, 90])
    assert chosen_in(plan) == ["Small"]
    large, small, tiny = (why(plan, name) for name in offered)
    assert large.hourly["fits_mw"].to_numpy() == pytest.approx([30, 10], abs=1e-6)
    assert large.headroom_mw == pytest.approx(2.0, abs=1e-5)
    assert (small.outcome, small.fits, small.forced) == ("chosen", True, None)
    assert (tiny.outcome, tiny.fits, tiny.rules) == ("rejected", True, ())
    assert tiny.forced.displaced == ("Small",)
    assert tiny.forced.value_lost_mnok == pytest.approx(1.0)


def test_a_symbiosis_of_another_variant_is_not_taken_for_granted():
    """The heat of the small mill saves 10 MW at C; beside the large one nobody uses it."""
    offered = {"Mill": firm(25.0, 2.0), "Small": firm(20.0, 3.0, variant_of="Mill")}
    heat = {"Heat": {"partners": "Small", "buses": "C: 1", "mw": 10.0}}
    plan = planned(offered, [90, 90], heat=heat)
    assert chosen_in(plan) == ["Small", "Heat"]
    assert why(plan, "Mill").hourly["fits_mw"].to_numpy() == pytest.approx([10, 10], abs=1e-6)
    assert why(plan, "Small").fits


def test_a_barred_and_a_committed_one():
    n = two_triangles()
    offered = {"Mill": firm(8.0, bus="E"), "Quay": firm(12.0, bus="B", status="reserved")}
    study = plain_study(n, {name: {"status": "candidate"} | row for name, row in offered.items()},
                        radial="forbid")  # fmt: skip
    plan = gp.plan(study)
    mill, quay = why(plan, "Mill"), why(plan, "Quay")
    assert (mill.outcome, mill.forced, mill.rules) == ("barred", None, ())
    assert "behind a bridge" in mill.text("en")
    assert (quay.outcome, quay.fits) == ("committed", True)
    assert quay.hourly["demand_mw"].tolist() == quay.hourly["fits_mw"].tolist() == [12.0]


def test_on_its_own_conditions():
    """10 of 240 MWh have to go, at 0.5 MNOK/MWh as much as the project is worth."""
    row = flexible(210.0, 5.0, price=6e5, curtailable_hours=1)
    plan = planned({"Mill": row}, [60, 90, 100, 80])
    found = why(plan, "Mill")
    assert found.hourly["missing_mw"].to_numpy() == pytest.approx([0, 0, 10, 0], abs=1e-5)
    assert (found.outcome, found.fits) == ("rejected", True)
    assert found.forced.value_lost_mnok == pytest.approx(1.0, abs=1e-6)
    for cells in ({"curtailable_hours": 0}, {"curtailable_share": 9.9 / 840}):
        assert not why(planned({"Mill": row | cells}, [60, 90, 100, 80]), "Mill").fits
    run = planned({"Mill": row | {"longest_curtailment_h": 1, "curtailable_hours": 3}}, [95] * 3)
    assert not why(run, "Mill").fits


def test_headroom_by_hand():
    plan = planned({"Mill": firm(8.0)}, [60, 80])
    found = why(plan, "Mill")
    assert (found.outcome, found.headroom_limit) == ("chosen", ("AB", "AC"))
    assert found.headroom_mw == pytest.approx(12.0, abs=1e-5)
    assert why(planned({"Mill": firm(8.0, bus="A")}, [60]), "Mill").headroom_mw == pytest.approx(
        932
    )


@pytest.mark.parametrize("seed", [2, 5])
def test_headroom_is_what_one_more_constant_load_may_be(seed):
    study = random_study(seed, tightness=1.5)
    plan = gp.plan(with_conditions(study, seed) if seed % 2 else study)
    reference = Reference(plan.search, plan.found.choice)
    buses = plan.search.limits.grid.topology.buses
    for project in plan.projects.index[:4]:
        mw = why(plan, project).headroom_mw
        place = np.zeros_like(reference.case.load_mw)
        place[:, buses.get_loc(plan.projects.loc[project, "bus"])] = mw + 1.0
        part = reference.part(place)
        assert part.min() < 1.0
        assert part.min() * (mw + 1.0) == pytest.approx(mw, abs=1e-4)


def test_the_order_of_questions_does_not_matter_and_the_plan_stays_as_it_is():
    study = with_conditions(random_study(3, tightness=1.3), 3)
    plan, other = gp.plan(study), gp.plan(study)
    state = _state(plan.search)
    names = plan.projects.index[:5]
    first = {name: gp.explain(plan, name) for name in names}
    assert _state(plan.search) == state
    for name in reversed(names):
        again = gp.explain(other, name)
        pd.testing.assert_frame_equal(first[name].hourly, again.hourly)
        assert first[name].text("nb") == again.text("nb")


def _state(search):
    rows, learned = search.rows.keys, search.selection.learned
    return rows, len(search.cuts), search._watched.tolist(), repr(learned)


def test_an_unknown_project_is_told():
    with pytest.raises(StudyError, match="The plan has Mill"):
        gp.explain(planned({"Mill": firm(8.0)}, [60]), "Mil")
