"""Plans whose optimum can be worked out on paper."""

import pytest

from gridplan.base.errors import StudyError
from gridplan.check.witness import certify
from gridplan.portfolio.plan import plan
from gridplan.portfolio.pypsa_model import to_pypsa
from gridplan.study.settings import Settings, Weights
from gridplan.study.study import Study
from tests.networks_by_hand import measures, projects, triangle, two_triangles

NO_WEIGHTS = Weights(
    co2_mnok_per_kt=0, jobs_mnok_per_job=0, export_mnok_per_mnok=0, mw_mnok_per_mw=0
)


def study_of(network, offered, saving=None, **settings):
    return Study(
        network=network,
        projects=projects(offered),
        measures=measures(saving or {}),
        settings=Settings(weights=NO_WEIGHTS, interest_rate=0.0, **settings),
    )


def three_at_c():
    """60 MW of load at C, 100 MW firm: room for 40 MW."""
    return {
        "P25": {"bus": "C", "mw": 25.0, "value_mnok_per_yr": 10.0},
        "P20": {"bus": "C", "mw": 20.0, "value_mnok_per_yr": 9.0},
        "P15": {"bus": "C", "mw": 15.0, "value_mnok_per_yr": 8.0},
    }


def chosen(result):
    return result.projects.index[result.projects["chosen"]].tolist()


def test_forty_firm_megawatts_take_the_pair_that_fits():
    result = plan(study_of(triangle(), three_at_c()))
    assert chosen(result) == ["P25", "P15"]
    assert result.objective_mnok == pytest.approx(18.0)
    assert {"AC"} <= set(result.binding["outage"])


def test_a_measure_that_frees_five_megawatts_is_worth_its_cost():
    saving = {"save": {"buses": "C: 1", "mw": 5.0, "cost_mnok": 10.0, "lifetime_yr": 20}}
    result = plan(study_of(triangle(), three_at_c(), saving))
    assert chosen(result) == ["P25", "P20"]
    assert result.measures["units"].tolist() == [1]
    assert result.objective_mnok == pytest.approx(19.0 - 0.5)


def test_measures_can_be_left_out_and_budgets_bind():
    saving = {"save": {"buses": "C: 1", "mw": 5.0, "cost_mnok": 10.0, "lifetime_yr": 20}}
    study = study_of(triangle(), three_at_c(), saving)
    assert plan(study, measures=False).objective_mnok == pytest.approx(18.0)
    assert plan(study, budget_mnok=9.9).objective_mnok == pytest.approx(18.0)
    assert plan(study, budget_mnok=10.0).objective_mnok == pytest.approx(18.5)


def test_a_higher_rating_admits_more():
    """Both lines of the path over B limit C; raising one alone frees nothing."""
    rating = {"kind": "rating", "rating_pu": 0.25, "profile": "", "cost_mnok": 2.0}
    one = {"AB up": {**rating, "branch": "AB"}}
    both = {**one, "BC up": {**rating, "branch": "BC"}, "AC up": {**rating, "branch": "AC"}}
    assert plan(study_of(triangle(), three_at_c(), one)).objective_mnok == pytest.approx(18.0)
    result = plan(study_of(triangle(), three_at_c(), both))
    assert chosen(result) == ["P25", "P20", "P15"]  # 60 + 60 = 120 MW within 125 MW
    assert result.objective_mnok == pytest.approx(27.0 - 3 * 2.0 / 20)


def test_a_bridge_limits_without_outages_and_local_hydro_helps():
    """Behind CD (50 MW): load 20 MW, hydro up to 10 MW, so 40 MW fit and 41 MW do not."""
    for mw, fits in ((40.0, True), (41.0, False)):
        offered = {"new": {"bus": "E", "mw": mw, "value_mnok_per_yr": 1.0}}
        assert (chosen(plan(study_of(two_triangles(), offered))) == ["new"]) is fits


def test_an_existing_overload_stays_but_does_not_grow():
    """80 MW of load on 50 MW of firm capacity: C is full, B still has room on its own lines."""
    offered = {
        "at C": {"bus": "C", "mw": 6.0, "value_mnok_per_yr": 5.0},
        "at A": {"bus": "A", "mw": 60.0, "value_mnok_per_yr": 1.0},
    }
    result = plan(study_of(triangle(load_mw=80.0, rating_mw=50.0), offered))
    assert chosen(result) == ["at A"]
    worst = result.base.existing_overloads
    assert worst.loc["AB", "over_mw"] == pytest.approx(30.0, abs=1e-4)
    assert worst.loc["AB", "outage"] == "AC"


class TestAnOverloadAfterOutagesMakesNoRoomWithout:
    """AC carries two thirds of the load at C without outage, and all of it after one.

    150 MW fill its 100 MW without outage and overload it after one. A project that is disconnected
    after outages adds to the flow without outage alone.
    """

    @staticmethod
    def study(load_mw, share):
        cells = {"connection": "conditional", "curtailable_share": share}
        cells |= {"value_mnok_per_yr": 5.0, "curtailment_nok_per_mwh": 1e5}
        return study_of(triangle(load_mw), {"Q": {"bus": "C", "mw": 20.0} | cells})

    @pytest.mark.parametrize(("load_mw", "missing_mw"), [(150.0, 20.0), (141.0, 11.0)])
    def test_the_plan_curtails(self, load_mw, missing_mw):
        result = plan(self.study(load_mw, 1.0))
        assert chosen(result) == ["Q"]
        assert result.curtailed_mw["Q"].tolist() == pytest.approx([missing_mw], abs=1e-4)
        assert certify(result).secure

    def test_or_rejects(self):
        assert chosen(plan(self.study(150.0, 0.9))) == []

    def test_the_certificate_finds_it(self):
        result = plan(self.study(150.0, 1.0))
        network = result.network.copy()
        network.c.loads.dynamic.p_set["project Q"] = 20.0
        network.c.generators.dynamic.p_set["border A"] = 170.0
        found = certify(network, allowed_mw=result.allowed_mw).violations
        assert found[["branch", "outage"]].to_numpy().tolist() == [["AC", ""]]
        assert found["over_mw"].tolist() == pytest.approx([40 / 3])

    def test_firm_load_finds_no_room_after_an_outage(self):
        assert chosen(plan(study_of(triangle(141.0), three_at_c()))) == []


def test_ordinary_growth_is_connected_and_takes_its_room():
    offered = three_at_c() | {"shop": {"bus": "C", "mw": 4.0, "value_mnok_per_yr": 0.0}}
    result = plan(study_of(triangle(), offered))
    assert "shop" not in result.projects.index
    assert chosen(result) == ["P20", "P15"]  # 36 MW are left
    assert "project shop" in result.network.c.loads.static.index


def test_later_projects_are_no_candidates():
    offered = three_at_c()
    offered["P15"]["year"] = 2035
    result = plan(study_of(triangle(), offered), year=2030)
    assert list(result.projects.index) == ["P25", "P20"]
    assert plan(study_of(triangle(), offered), year=2035).objective_mnok == pytest.approx(18.0)


def test_summary_and_network_hold_the_choice():
    result = plan(study_of(triangle(), three_at_c()))
    summary = result.summary()
    assert summary["projects"] == 2
    assert summary["mw"] == 40.0
    loads = result.network.c.loads
    assert loads.dynamic.p_set.sum(axis=1).tolist() == [100.0]
    assert result.network.c.generators.dynamic.p_set.sum(axis=1).tolist() == pytest.approx([100.0])


def test_base_case_of_other_settings_is_refused():
    study = study_of(triangle(), three_at_c() | {"shop": {"bus": "C", "mw": 4.0, "year": 2033}})
    base = plan(study, year=2030).base
    with pytest.raises(ValueError, match="ordinary growth"):
        plan(study, year=2035, base=base)


def test_nothing_to_choose_is_an_empty_plan():
    result = plan(study_of(triangle(), {}))
    assert result.projects.empty
    assert result.objective_mnok == 0.0


def test_a_project_waits_for_what_it_requires():
    """P25 alone is worth 10, but drags P20 along: 45 MW do not fit, so P20 and P15 win."""
    offered = three_at_c()
    offered["P25"]["requires"] = "P20"
    result = plan(study_of(triangle(), offered))
    assert chosen(result) == ["P20", "P15"]
    offered["P20"]["year"] = 2035
    assert chosen(plan(study_of(triangle(), offered))) == ["P15"]


def test_a_base_case_of_another_network_is_refused():
    base = plan(study_of(triangle(), three_at_c())).base
    with pytest.raises(ValueError, match="another network"):
        plan(study_of(triangle(), three_at_c()), base=base)


def test_arguments_are_checked_like_settings():
    study = study_of(triangle(), three_at_c())
    with pytest.raises(StudyError, match="budget_mnok"):
        plan(study, budget_mnok=-5.0)
    with pytest.raises(StudyError, match="year"):
        plan(study, year=1200)
    assert plan(study, weights={"mw_mnok_per_mw": 1.0}).objective_mnok == pytest.approx(18 + 40)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ({"up": {"rating_pu": 0.3}}, "whole steps"),
        ({"up": {"rating_pu": 0.2}, "also": {"rating_pu": 0.25}}, "raises it too"),
    ],
)
def test_what_pypsa_cannot_express_is_refused_not_lost(rows, message):
    rating = {"kind": "rating", "branch": "AC", "profile": ""}
    study = study_of(triangle(), three_at_c(), {k: rating | row for k, row in rows.items()})
    with pytest.raises(StudyError, match=message):
        to_pypsa(study, study.network.snapshots)


def test_a_rating_measure_on_an_existing_overload_is_refused_by_pypsa_only():
    rating = {"up": {"kind": "rating", "branch": "AB", "rating_pu": 0.25, "profile": ""}}
    study = study_of(triangle(load_mw=120.0), three_at_c(), rating)
    assert plan(study).objective_mnok == 0.0
    with pytest.raises(StudyError, match="existing overload"):
        to_pypsa(study, study.network.snapshots)


OFFERED = {
    "at E": {"bus": "E", "mw": 10.0, "value_mnok_per_yr": 9.0},
    "at B": {"bus": "B", "mw": 10.0, "value_mnok_per_yr": 1.0},
}


class TestRadialForbid:
    """Two triangles joined by the bridge CD: D, E and F are behind it."""

    def test_what_is_behind_a_bridge_is_not_chosen_and_says_why(self):
        assert chosen(plan(study_of(two_triangles(), OFFERED))) == ["at E", "at B"]
        result = plan(study_of(two_triangles(), OFFERED, radial="forbid"))
        assert chosen(result) == ["at B"]
        assert "no N-1" in result.projects.loc["at E", "barred"]
        assert result.projects.loc["at B", "barred"] == ""

    def test_where_a_second_circuit_leads_there_is_no_bridge(self):
        n = two_triangles()
        n.add("Line", "CD 2", bus0="C", bus1="D", x=10.0, r=0.01, s_nom=50.0, carrier="AC")
        result = plan(study_of(n, OFFERED, radial="forbid"))
        assert chosen(result) == ["at E", "at B"]

    def test_measures_behind_a_bridge_may_be_taken(self):
        """Without AC, AB (60 MW) carries 55 MW to B and 20 MW less 10 MW of hydro to E."""
        saving = {"save": {"buses": "E: 1", "mw": 5.0, "cost_mnok": 20.0, "lifetime_yr": 20}}
        n = two_triangles()
        n.c.lines.static.loc["AB", "s_nom"] = n.c.lines.static.loc["AC", "s_nom"] = 60.0
        offered = {"at B": {"bus": "B", "mw": 25.0, "value_mnok_per_yr": 3.0}}
        result = plan(study_of(n, offered, saving, radial="forbid"))
        assert chosen(result) == ["at B"]
        assert result.measures["units"].tolist() == [1]
        assert chosen(plan(study_of(n, offered, radial="forbid"))) == []

    def test_what_requires_it_is_not_chosen_either(self):
        offered = {**OFFERED, "at B": OFFERED["at B"] | {"requires": "at E"}}
        assert chosen(plan(study_of(two_triangles(), offered, radial="forbid"))) == []

    def test_what_is_connected_anyway_stays(self):
        offered = {"shop": {"bus": "E", "mw": 2.0}}
        result = plan(study_of(two_triangles(), offered, radial="forbid"))
        assert "project shop" in result.network.c.loads.static.index


def test_a_project_whose_condition_is_no_candidate_says_so():
    offered = three_at_c()
    offered["P25"]["requires"] = "P20"
    offered["P20"]["year"] = 2035
    result = plan(study_of(triangle(), offered))
    assert result.projects.loc["P25", "barred"] == "requires P20, which is no candidate"
