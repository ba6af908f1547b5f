"""A plan with conditional projects, relations and demands, and what a certificate makes of lies."""

from copy import copy
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from gridplan.check.witness import certify
from gridplan.portfolio.plan import plan
from gridplan.study.settings import Goals
from tests.networks_by_hand import network, plain_study

pytestmark = pytest.mark.slow

LOAD_MW = [80.0, 95.0, 100.0, 60.0, 95.0, 70.0]
CURTAILED_MW = [0.0, 5.0, 10.0, 0.0, 5.0, 0.0]  # 60 MW beside it, 150 MW together


@cache
def honest():
    """Q (conditional) and Mill are chosen, Rival and Port are not; Heat needs Mill and Port."""
    lines = {name: (name[0], name[1], 10.0, 100.0) for name in ("AB", "BC", "AC")}
    n = network(lines, {"C": LOAD_MW}, len(LOAD_MW))
    n.add("Generator", "border A", bus="A", carrier="border", p_nom=1000.0, schedule_share=1.0)
    row = {"bus": "A", "mw": 10.0, "connection": "firm", "curtailable_share": 0.0}
    flexible = {
        "bus": "C",
        "mw": 60.0,
        "value_mnok_per_yr": 9.0,
        "connection": "conditional",
        "curtailable_share": 0.1,
        "curtailable_hours": 4.0,
        "longest_curtailment_h": 2.0,
    }
    offered = {
        "Q": flexible,
        "Mill": row | {"value_mnok_per_yr": 3.0, "jobs": 10.0, "excludes": "Rival"},
        "Rival": row | {"value_mnok_per_yr": 2.0},
        "Port": row | {"value_mnok_per_yr": -5.0},
        "Late": row | {"value_mnok_per_yr": 9.0, "year": 2040},
    }
    saving = {"Save": {"buses": "C: 1", "mw": 1.0, "cost_mnok": 0.0}}
    heat = {"Heat": {"partners": "Mill; Port", "buses": "A: 1", "mw": 4.0}}
    study = plain_study(n, offered, saving, heat, goals={"min_jobs": 10}, budget_mnok=0.0)
    return plan(study, measures=False)


@pytest.fixture
def result():
    """The honest plan with a network of its own."""
    return replace(honest(), network=honest().network.copy())


def check(tampered):
    return certify(tampered, samples=0)


def kinds(tampered):
    certificate = check(tampered)
    assert not certificate.secure
    return set(certificate.breaches["kind"])


def choosing(result, *names, projects=True):
    """The tables with more chosen."""
    table = (result.projects if projects else result.symbioses).copy()
    table.loc[list(names), "chosen"] = True
    return replace(result, **{"projects" if projects else "symbioses": table})


def add_load(result, name, bus, mw):
    """A load of that many MW and the supply for it at A."""
    n = result.network
    n.add("Load", name, bus=bus, carrier="project", p_set=pd.Series(mw, n.snapshots))
    n.c.generators.dynamic.p_set["border A"] += mw


def serve(result, mw):
    """Serve Q so much more in every hour, in the network."""
    result.network.c.loads.dynamic.p_set["project Q"] += mw
    result.network.c.generators.dynamic.p_set["border A"] += mw


def curtail(result, series):
    """Curtail Q by this series, in the table."""
    return replace(result, curtailed_mw=result.curtailed_mw.assign(Q=series))


def both(result, series):
    """Curtail Q by this series, in table and network."""
    serve(result, result.curtailed_mw["Q"].to_numpy() - series)
    return curtail(result, series)


def test_the_honest_plan_passes(result):
    assert result.projects["chosen"].tolist() == [True, True, False, False]
    assert result.curtailed_mw["Q"].to_numpy() == pytest.approx(CURTAILED_MW, abs=1e-4)
    certificate = certify(result)
    assert certificate.secure, certificate.breaches
    assert check(both(result, np.array(CURTAILED_MW))).secure


LOAD = "load differs from the plan"
OWN_LOAD = "conditional load differs from the plan"
CONDITIONS = "connection conditions not kept"
RELATION = "relation of projects not kept"
DEMAND = "demand on the plan not kept"


class TestOneMoreProject:
    def test_in_the_tables_only(self, result):
        assert kinds(choosing(result, "Port")) == {LOAD}

    def test_in_the_network_only(self, result):
        add_load(result, "project Port", "A", 10.0)
        assert kinds(result) == {LOAD}

    def test_in_both_where_there_is_room_for_it_it_may_stay(self, result):
        add_load(result, "project Port", "A", 10.0)
        assert check(choosing(result, "Port")).secure  # no better a plan, but secure

    def test_in_both_against_an_exclusion(self, result):
        add_load(result, "project Rival", "A", 10.0)
        assert kinds(choosing(result, "Rival")) == {RELATION}

    def test_in_both_before_its_year(self, result):
        add_load(result, "project Late", "A", 10.0)
        late = result.study.projects.loc[["Late"]].assign(chosen=True)
        table = pd.concat([result.projects, late])
        assert kinds(replace(result, projects=table)) == {RELATION}


class TestCurtailment:
    @pytest.mark.parametrize("hour", [1, 2])
    def test_an_hour_removed(self, result, hour):
        series = np.array(CURTAILED_MW)
        series[hour] = 0.0
        assert kinds(curtail(result, series)) == {LOAD, OWN_LOAD}
        tampered = both(result, series)
        certificate = check(tampered)
        assert certificate.breaches.empty
        assert set(certificate.violations["outage"]) == {""}
        assert kinds(replace(tampered, curtailed_mw=result.curtailed_mw)) == {LOAD, OWN_LOAD}

    def test_scaled_beyond_the_share(self, result):
        """20 of 36 MWh are used; twice as much is too much."""
        assert check(both(result, 1.7 * np.array(CURTAILED_MW))).secure
        other = replace(honest(), network=honest().network.copy())
        certificate = check(both(other, 2.0 * np.array(CURTAILED_MW)))
        assert certificate.breaches["name"].tolist() == ["Q: 40.0 MWh curtailed, 36.0 MWh agreed"]

    def test_in_too_many_hours(self, result):
        series = np.add(CURTAILED_MW, [0.1, 0, 0, 0, 0, 0.1])
        certificate = check(both(result, series))
        names = " ".join(certificate.breaches["name"])
        assert "5 hours curtailed, 4 agreed" in names
        assert set(certificate.breaches["kind"]) == {CONDITIONS}

    def test_too_long_in_a_row(self, result):
        series = np.add(CURTAILED_MW, [0, 0, 0, 0.1, 0, 0])
        certificate = check(both(result, series))
        assert certificate.breaches["name"].tolist() == ["Q: 4 hours in a row curtailed, 2 agreed"]

    def test_of_a_firm_project(self, result):
        table = result.curtailed_mw.assign(Mill=1.0)
        result.network.c.loads.dynamic.p_set["project Mill"] -= 1.0
        result.network.c.generators.dynamic.p_set["border A"] -= 1.0
        assert kinds(replace(result, curtailed_mw=table)) == {CONDITIONS}

    def test_below_nothing(self, result):
        series = np.subtract(CURTAILED_MW, [1.0, 0, 0, 0, 0, 0])
        assert kinds(both(result, series)) == {CONDITIONS}


class TestConnection:
    def test_a_conditional_load_declared_firm(self, result):
        result.network.c.loads.static.loc["project Q", "carrier"] = "project"
        certificate = check(result)
        assert "conditional project differs from the plan" in set(certificate.breaches["kind"])
        assert certificate.violation_count  # 150 MW after the outage of AC

    def test_a_firm_load_declared_conditional(self, result):
        result.network.c.loads.static.loc["project Mill", "carrier"] = "conditional"
        assert kinds(result) == {"conditional project differs from the plan"}

    def test_a_connection_changed_in_the_tables(self, result):
        table = result.projects.copy()
        table.loc["Mill", "connection"] = "conditional"
        assert "project differs from the study" in kinds(replace(result, projects=table))

    def test_load_moved_from_the_firm_to_the_conditional_at_one_bus(self, result):
        """The sum at the bus stays, but more is disconnected after an outage."""
        loads = result.network.c.loads.dynamic.p_set
        loads["load C"] -= 5.0
        loads["project Q"] += 5.0
        assert kinds(result) == {OWN_LOAD}

    def test_conditional_load_moved_to_another_bus(self, result):
        """A firm load takes its place, so that no bus carries another sum."""
        n = result.network
        served = n.c.loads.dynamic.p_set["project Q"]
        n.c.loads.static.loc["project Q", "bus"] = "A"
        n.add("Load", ["at C", "at A"], bus=["C", "A"])
        n.c.loads.dynamic.p_set["at C"], n.c.loads.dynamic.p_set["at A"] = served, -served
        assert OWN_LOAD in kinds(result)

    def test_shares_of_giving_way(self, result):
        result.network.c.generators.static["schedule_share"] = 0.5
        assert kinds(result) == {"generator differs from the plan"}


class TestTheRest:
    def test_a_lower_rating(self, result):
        result.network.c.lines.static.loc["BC", "s_nom"] = 90.0
        assert "rating differs from the plan" in kinds(result)

    @pytest.mark.parametrize("units", [1, -1])
    def test_a_measure_in_the_tables_only(self, result, units):
        """Less than none would even leave money for others."""
        table = result.study.measures.assign(units=units, annual_cost_mnok=0.0)
        assert kinds(replace(result, measures=table)) <= {LOAD, "measure not offered so often"}

    def test_a_symbiosis_without_its_partner(self, result):
        add_load(result, "symbiosis Heat at A", "A", -4.0)
        found = kinds(choosing(result, "Heat", projects=False))
        assert RELATION in found

    @pytest.mark.parametrize(
        "changes", [{"goals": Goals(min_jobs=11)}, {"goals": Goals(min_mw=71.0)}]
    )
    def test_a_goal_raised_afterwards(self, result, changes):
        study = copy(result.study)
        settings = study.settings.model_copy(update=changes)
        object.__setattr__(study, "settings", settings)
        assert kinds(replace(result, study=study)) == {DEMAND}

    def test_a_budget_lowered_afterwards(self, result):
        add_load(result, "symbiosis Heat at A", "A", -4.0)
        add_load(result, "project Port", "A", 10.0)
        found = kinds(choosing(choosing(result, "Heat", projects=False), "Port"))
        assert found == {DEMAND}  # 1 MNOK of 0
