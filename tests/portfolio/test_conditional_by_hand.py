"""Conditional connections whose curtailment can be worked out hour by hour.

The triangle has its supply at A and load at C; each line carries 100 MW. After the outage of AC all
goes over B, so firm load at C may be 100 MW. Conditional load is gone by then: without outage two
thirds of C's load take AC, so firm and conditional load may be 150 MW together.
"""

from dataclasses import fields, replace

import numpy as np
import pytest

from gridplan.operation.limits import GridLimits
from gridplan.portfolio import bridging, selection
from gridplan.portfolio.cuts import Cuts
from gridplan.portfolio.milp import solve
from gridplan.portfolio.plan import plan
from tests.networks_by_hand import chosen_in, network, plain_study, two_triangles

TOGETHER_MW = 150.0


def grid(load_mw):
    """Triangle with an hourly load at C."""
    lines = {name: (name[0], name[1], 10.0, 100.0) for name in ("AB", "BC", "AC")}
    n = network(lines, {"C": list(load_mw)}, len(load_mw))
    n.add("Generator", "border A", bus="A", carrier="border", p_nom=1000.0)
    return n


def flexible(mw=60.0, value=5.0, share=0.5, price=0.0, bus="C", **cells):
    """Row of a conditional project; price in NOK per MWh."""
    return {
        "bus": bus,
        "mw": mw,
        "value_mnok_per_yr": value,
        "connection": "conditional",
        "curtailable_share": share,
        "curtailment_nok_per_mwh": price,
    } | cells


def planned(load_mw, offered, **settings):
    return plan(plain_study(grid(load_mw), offered, **settings))


def curtailed(result, name="Q"):
    return result.curtailed_mw[name].to_numpy()


def close(values):
    return pytest.approx(values, abs=1e-4)


def test_it_is_served_what_the_intact_grid_leaves():
    """60 MW beside 60, 90, 100 and 80 MW: only the third hour exceeds 150 MW, by 10 MW."""
    result = planned([60, 90, 100, 80], {"Q": flexible()})
    assert chosen_in(result) == ["Q"]
    assert curtailed(result) == close([0, 0, 10, 0])
    assert result.binding["outage"].eq("").any()
    served = result.network.c.loads.dynamic.p_set["project Q"]
    assert served.to_numpy() == close([60, 60, 50, 60])


def test_firm_load_of_that_size_does_not_fit():
    firm = {"bus": "C", "mw": 60.0, "value_mnok_per_yr": 5.0}
    assert chosen_in(planned([60, 90, 100, 80], {"Q": firm})) == []
    assert chosen_in(planned([40, 40, 40, 40], {"Q": firm})) == ["Q"]


def test_a_profile_counts_in_its_hours():
    """60 MW x (0.5, 2/3, 5/6, 1) beside 100 MW: 30, 40, 50, 60 MW, and 10 MW too many at last."""
    study = plain_study(grid([100] * 4), {"Q": flexible()})
    wavy = study.profiles.assign(wavy=np.linspace(0.5, 1.0, 4))
    study = replace(study, profiles=wavy, projects=study.projects.assign(profile="wavy"))
    result = plan(study)
    assert curtailed(result) == close([0, 0, 0, 10])
    tight = study.projects.assign(curtailable_share=9.9 / 180.0)
    assert chosen_in(plan(replace(study, projects=tight))) == []


@pytest.mark.parametrize(("share", "fits"), [(10.001 / 240, True), (9.99 / 240, False)])
def test_the_share_of_the_energy_binds(share, fits):
    """10 MWh of 240 MWh have to go."""
    result = planned([60, 90, 100, 80], {"Q": flexible(share=share)})
    assert chosen_in(result) == (["Q"] if fits else [])


@pytest.mark.parametrize(("hours", "size"), [(3, "60"), (2, "55"), (1, "55"), (0, "50")])
def test_the_hours_bind(hours, size):
    """At 60 MW three hours are curtailed, at 55 MW one, at 50 MW none."""
    sizes = {"60": 9.0, "55": 8.0, "50": 7.0}
    offered = {
        name: flexible(float(name), value, curtailable_hours=hours, variant_of=head)
        for (name, value), head in zip(sizes.items(), ("", "60", "60"), strict=True)
    }
    result = planned([60, 95, 100, 95], offered)
    assert chosen_in(result) == [size]
    expected = np.maximum(np.array([60, 95, 100, 95]) + float(size) - TOGETHER_MW, 0)
    assert curtailed(result, size) == close(expected)


@pytest.mark.parametrize(("longest", "fits"), [(3, True), (2, True), (1, False)])
def test_the_longest_event_binds(longest, fits):
    """60 MW beside 95, 100, 60, 100, 60 and 95 MW: events of two, one and one hour."""
    result = planned([95, 100, 60, 100, 60, 95], {"Q": flexible(longest_curtailment_h=longest)})
    assert chosen_in(result) == (["Q"] if fits else [])
    if fits:
        assert curtailed(result) == close([5, 10, 0, 10, 0, 5])


@pytest.mark.parametrize(
    ("price", "value"), [(0.0, 5.0), (4e5, 1.0), (4.99e5, 0.01), (5.01e5, 0.0)]
)
def test_the_price_decides_whether_it_is_worth_it(price, value):
    """10 MWh at 0.5 MNOK are worth as much as the project."""
    result = planned([60, 90, 100, 80], {"Q": flexible(price=price)})
    assert chosen_in(result) == (["Q"] if value else [])
    assert result.objective_mnok == pytest.approx(value, abs=1e-6)


def test_what_costs_nothing_is_not_curtailed_in_vain():
    """10 of 60 MW are too many beside firm 10 MW and 90 MW; more would cost nothing."""
    firm = {"bus": "C", "mw": 10.0, "value_mnok_per_yr": 1.0}
    result = planned([80, 90], {"Q": flexible(price=0.0), "F": firm})
    assert curtailed(result) == close([0, 10])


def test_without_a_price_of_its_own_that_of_the_settings_holds():
    row = flexible(price=float("nan"))
    result = planned([60, 90, 100, 80], {"Q": row}, curtailment_nok_per_mwh=3e5)
    assert result.objective_mnok == pytest.approx(2.0)
    assert chosen_in(planned([60, 90, 100, 80], {"Q": row}, curtailment_nok_per_mwh=6e5)) == []


class TestTwoAtOneBottleneck:
    """30 + 30 MW beside 80, 96, 100 and 90 MW: 6 and 10 MW too many in the middle hours."""

    load = (80, 96, 100, 90)

    def offered(self, first, second):
        cells = {"mw": 30.0, "value": 5.0}
        return {"Q": flexible(**cells | first), "R": flexible(**cells | second)}

    def test_the_cheaper_gives_way_first(self):
        """8 of the 16 MWh are all that Q agreed to."""
        result = planned(
            self.load, self.offered({"price": 1e5, "share": 8.0 / 120.0}, {"price": 3e5})
        )
        assert chosen_in(result) == ["Q", "R"]
        assert curtailed(result, "Q").sum() == close(8.0)
        assert curtailed(result, "Q") + curtailed(result, "R") == close([0, 6, 10, 0])
        assert result.objective_mnok == pytest.approx(10.0 - 8 * 0.1 - 8 * 0.3)

    def test_each_takes_one_hour(self):
        """One hour each; Q is dearer and takes the smaller one."""
        one = {"curtailable_hours": 1.0}
        result = planned(self.load, self.offered({"price": 3e5} | one, {"price": 1e5} | one))
        assert chosen_in(result) == ["Q", "R"]
        assert curtailed(result, "Q") == close([0, 6, 0, 0])
        assert curtailed(result, "R") == close([0, 0, 10, 0])

    def test_where_both_may_not_the_better_stays(self):
        """With 5 % of 120 MWh each, 12 of the 16 MWh are covered."""
        share = {"share": 0.05}
        result = planned(self.load, self.offered(share, share | {"value": 4.0}))
        assert chosen_in(result) == ["Q"]
        assert curtailed(result) == close([0, 0, 0, 0])

    def test_a_firm_project_takes_its_room_in_both_limits(self):
        """Firm 10 MW beside at most 90 MW: within 100; then Q has 150 − 10 − 90 = 50 MW."""
        firm = {"bus": "C", "mw": 10.0, "value_mnok_per_yr": 1.0}
        result = planned([80, 90], {"Q": flexible(), "F": firm})
        assert chosen_in(result) == ["Q", "F"]
        assert curtailed(result) == close([0, 10])
        assert chosen_in(planned([80, 91], {"Q": flexible(), "F": firm})) == ["Q"]


class TestGivingWay:
    """A gives at most 20 MW, B the rest; after an outage they give way in their shares.

    60 MW of load and P at C. Without outage B brings 40 + P: BC (70 MW) then carries
    20/3 + 2/3 (40 + P) <= 70, so P <= 55. After the outage of AB all of B goes over BC, and that
    is 40 + P − (1 − share of A) P <= 70, so P <= 30 / share of A.
    """

    def study(self, share_a, mw=50.0, **cells):
        lines = {"AB": ("A", "B", 10.0, 100.0), "BC": ("B", "C", 10.0, 70.0)}
        n = network(lines | {"AC": ("A", "C", 10.0, 100.0)}, {"C": [60.0]})
        n.add(
            "Generator",
            ["border A", "border B"],
            bus=["A", "B"],
            carrier="border",
            p_nom=[20.0, 500.0],
            schedule_share=[share_a, 1.0 - share_a],
        )
        return plain_study(n, {"Q": flexible(mw, **cells)})

    @pytest.mark.parametrize("share_a", [0.0, 0.5, 0.6, 0.7, 1.0])
    def test_being_disconnected_is_not_free(self, share_a):
        result = plan(self.study(share_a))
        expected = max(0.0, 50.0 - 30.0 / share_a) if share_a else 0.0
        assert chosen_in(result) == ["Q"]
        assert curtailed(result) == close([expected])
        if expected:
            assert ("BC", "AB") in set(
                zip(result.binding["branch"], result.binding["outage"], strict=True)
            )

    def test_the_share_counts_what_giving_way_costs(self):
        """50 − 30/0.7 = 7.14 MW, 14.3 % of the energy."""
        assert chosen_in(plan(self.study(0.7, share=0.143))) == ["Q"]
        assert chosen_in(plan(self.study(0.7, share=0.142))) == []

    def test_the_intact_grid_binds_where_giving_way_does_not(self):
        result = plan(self.study(0.3, mw=58.0))
        assert curtailed(result) == close([3.0])
        assert result.binding["outage"].tolist() == [""]


class TestBehindABridge:
    """E has 20 MW of load, 10 MW of hydro at F, and CD (50 MW) leads there: 40 MW are left."""

    @pytest.mark.parametrize(("share", "fits"), [(5.001 / 45, True), (4.99 / 45, False)])
    def test_the_bridge_binds_without_outage(self, share, fits):
        offered = {"Q": flexible(45.0, bus="E", share=share)}
        result = plan(plain_study(two_triangles(), offered))
        assert chosen_in(result) == (["Q"] if fits else [])
        if fits:
            assert curtailed(result) == close([5.0])

    def test_nothing_is_left_and_the_project_still_counts(self):
        """60 MW at E less 10 MW at F fill the bridge."""
        n = two_triangles()
        n.c.loads.dynamic.p_set["load E"] = 60.0
        offered = {"Q": flexible(20.0, bus="E", share=1.0, price=1e5)}
        result = plan(plain_study(n, offered))
        assert curtailed(result) == close([20.0])
        assert result.objective_mnok == pytest.approx(5.0 - 20 * 0.1)
        offered = {"Q": flexible(20.0, bus="E", share=0.99)}
        assert chosen_in(plan(plain_study(n, offered))) == []

    def test_it_is_no_place_for_a_conditional_project_where_the_study_forbids_it(self):
        offered = {"Q": flexible(10.0, bus="E", share=1.0)}
        result = plan(plain_study(two_triangles(), offered, radial="forbid"))
        assert chosen_in(result) == []
        assert "behind a bridge" in result.projects.loc["Q", "barred"]


def test_of_equal_variants_the_firm_one_is_taken():
    offered = {
        "Q": {"bus": "C", "mw": 20.0, "value_mnok_per_yr": 5.0},
        "Q flexible": flexible(20.0, variant_of="Q"),
    }
    assert chosen_in(planned([60, 70], offered)) == ["Q"]
    assert chosen_in(planned([60, 90], offered)) == ["Q flexible"]


def test_a_limit_that_curtailment_hardly_touches_is_kept_all_the_same(monkeypatch):
    """A use of 5e-6 MW per unit is too little to curtail for, so the limit binds the choice."""
    firm = {"bus": "C", "mw": 60.0, "value_mnok_per_yr": 1.0}
    search = planned([60, 90], {"Q": flexible(), "F": firm}).search
    grid_limits = GridLimits(
        **{field.name: getattr(search.cuts.grid, field.name)[:1] for field in fields(GridLimits)}
    )
    room = np.full((1, 2), 1.0 - 0.8e-5)
    known = search.cuts
    limits = replace(grid_limits, room_mw=room)
    cuts = Cuts(np.array([[5e-6, 1.0]]), limits, known.weight[:1], known.balance[:1])
    programs = []

    def counted(program, *gap):
        programs.append(program)
        assert len(programs) < 10, "the same choice over and over"
        return solve(program, *gap)

    monkeypatch.setattr(bridging, "solve", counted)
    fresh = selection.Selection(search.options, search.shape)
    assert fresh.best(cuts, []).taken.tolist() == [1.0, 0.0]
    assert programs  # the count does count
