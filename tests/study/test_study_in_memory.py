"""Study(network=n, …): any PyPSA network, completed and checked."""

import numpy as np
import pandas as pd
import pypsa
import pytest

import gridplan as gp
from gridplan.base.errors import StudyError
from gridplan.study.settings import Settings
from tests.networks_by_hand import network, triangle, two_triangles

PROJECT = pd.DataFrame({"bus": ["A"], "mw": [20.0]}, index=["Quay"])


def problems_of(n, **parts):
    with pytest.raises(StudyError) as error:
        gp.Study(network=n, **parts)
    return error.value.problems


def test_a_network_alone():
    study = gp.Study(network=triangle())
    assert study.schedule_mw["border A"].tolist() == [60.0]
    assert study.profiles.columns.tolist() == ["flat"]
    assert len(study.projects) == len(study.measures) == 0
    assert study.geo is None


def test_missing_columns_are_completed():
    study = gp.Study(network=triangle(), projects=PROJECT.assign(owner="harbour"))
    project = study.projects.loc["Quay"]
    assert project["profile"] == "flat"
    assert project["jobs"] == 0
    assert project["owner"] == "harbour"
    assert study.candidates(2030).index.tolist() == ["Quay"]


def test_the_name_may_be_a_column():
    study = gp.Study(network=triangle(), projects=PROJECT.rename_axis("name").reset_index())
    assert study.projects.index.tolist() == ["Quay"]


def test_a_study_can_be_made_of_a_studys_parts():
    first = gp.Study(network=triangle(), projects=PROJECT)
    second = gp.Study(first.network, first.schedule_mw, first.projects, first.measures)
    assert second.hash == first.hash


@pytest.fixture
def merit():
    """Two hours of 50 and 120 MW; a cheap unit of 60 MW, a dear one that runs at least at 10."""
    n = network({"AB": ("A", "B", 10.0, 500.0)}, {"B": [50.0, 120.0]}, hours=2)
    n.add(
        "Generator",
        ["dear", "cheap"],
        bus=["A", "B"],
        p_nom=[100.0, 60.0],
        p_min_pu=[0.1, 0.0],
        marginal_cost=[50.0, 5.0],
    )
    return n


def test_merit_order(merit):
    schedule = gp.Study(network=merit).schedule_mw
    assert schedule["cheap"].tolist() == [40.0, 60.0]
    assert schedule["dear"].tolist() == [10.0, 60.0]


def test_merit_order_with_hourly_costs(merit):
    cost = pd.DataFrame({"dear": [50.0, 1.0]}, index=merit.snapshots)
    merit.c.generators.dynamic.marginal_cost = cost
    schedule = gp.Study(network=merit).schedule_mw
    assert schedule["dear"].tolist() == [10.0, 100.0]


def test_a_stated_dispatch_is_kept_and_the_rest_follows(merit):
    merit.c.generators.static.loc["cheap", "p_set"] = 30.0
    schedule = gp.Study(network=merit).schedule_mw
    assert schedule["cheap"].tolist() == [30.0, 30.0]
    assert schedule["dear"].tolist() == [20.0, 90.0]


def test_the_dispatch_of_an_earlier_solve(merit):
    said = pd.DataFrame({"dear": [45.0, 65.0], "cheap": [5.0, 55.0]}, index=merit.snapshots)
    merit.c.generators.dynamic.p = said
    assert np.array_equal(gp.Study(network=merit).schedule_mw[list(said)], said)


def test_each_island_is_dispatched_on_its_own():
    lines = {"AB": ("A", "B", 10.0, 100.0), "CD": ("C", "D", 10.0, 100.0)}
    n = network(lines, {"B": [30.0], "D": [20.0]})
    n.add("Generator", ["a", "c"], bus=["A", "C"], p_nom=100.0)
    assert gp.Study(network=n).schedule_mw.loc[n.snapshots[0]].tolist() == [30.0, 20.0]


UNKNOWN = {
    "links": lambda n: n.add("Link", "cable", bus0="A", bus1="B", p_nom=10),
    "stores": lambda n: n.add("Store", "tank", bus="A", e_nom=10),
    "storage_units": lambda n: n.add("StorageUnit", "battery", bus="A", p_nom=10),
    "global_constraints": lambda n: n.add("GlobalConstraint", "cap", sense="<=", constant=1),
}


@pytest.mark.parametrize("component", UNKNOWN)
def test_unknown_components_are_refused(component):
    n = triangle()
    UNKNOWN[component](n)
    (problem,) = problems_of(n)
    assert problem.column == component
    assert "not part of the model" in problem.message
    assert "emove" in problem.remedy


def test_a_shunt_may_be_reactive_but_take_no_power():
    n = triangle()
    n.add("ShuntImpedance", "coil", bus="A", b=-1e-4)
    study = gp.Study(network=n)
    assert gp.certify(gp.plan(study)).secure  # the certificate covers it too
    n.add("ShuntImpedance", "shunt", bus="A", g=1e-4)
    (problem,) = problems_of(n)
    assert problem.column == "g"
    assert "takes active power" in problem.message


def test_stochastic_networks_are_refused():
    n = triangle()
    n.set_scenarios({"low": 0.5, "high": 0.5})
    assert "stochastic" in problems_of(n)[0].message


def test_investment_periods_are_refused():
    n = triangle()
    n.set_investment_periods([2030, 2040])
    assert "investment periods" in problems_of(n)[0].message


def _set(component, name, column, value):
    def change(n):
        n.components[component].static.loc[name, column] = value

    return change


def _load(values):
    def change(n):
        n.c.loads.dynamic.p_set["load C"] = values

    return change


BAD = {
    "extendable line": (_set("lines", "AB", "s_nom_extendable", True), "to be chosen"),
    "extendable generator": (_set("generators", "border A", "p_nom_extendable", True), "chosen"),
    "committable": (_set("generators", "border A", "committable", True), "unit commitment"),
    "inactive": (_set("generators", "border A", "active", False), "switched off"),
    "sign": (_set("loads", "load C", "sign", 1.0), "unusual sign"),
    "direct current": (_set("buses", "A", "carrier", "DC"), "direct-current"),
    "no reactance": (_set("lines", "AB", "x", 0.0), "no reactance"),
    "two voltages": (_set("buses", "A", "v_nom", 300.0), "joins two voltages"),
    "unknown bus": (_set("loads", "load C", "bus", "Z"), "unknown bus"),
    "negative rating": (_set("lines", "AB", "s_nom", -1.0), "at least 0"),
    "NaN rating": (_set("lines", "AB", "s_nom", np.nan), "at least 0"),
    "unlimited generator": (_set("generators", "border A", "p_nom", np.inf), "at least 0"),
    "beyond p_nom": (_set("generators", "border A", "p_max_pu", 1.5), "beyond p_nom"),
    "NaN limit": (_set("generators", "border A", "p_max_pu", np.nan), "NaN in p_"),
    "crossed limits": (_set("generators", "border A", "p_max_pu", -0.5), "p_min_pu above"),
    "unknown type": (_set("lines", "AB", "type", "rope"), "unknown type"),
    "NaN in a minor column": (_set("lines", "AB", "s_max_pu", np.nan), "inconsistent"),
    "NaN load": (_load([np.nan]), "NaN in the load"),
    "lost profile": (_load([0.0]), "every load is 0"),
    "too much load": (_load([5000.0]), "cannot cover the load"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_pypsa_lets_pass_is_refused(name):
    spoil, message = BAD[name]
    n = triangle()
    spoil(n)
    found = problems_of(n)
    assert message in found[0].message
    assert all(problem.remedy for problem in found)


def test_names_of_lines_and_transformers_differ():
    n = triangle()
    n.add("Transformer", "AB", bus0="A", bus1="B", x=0.1, s_nom=100.0)
    assert "a line has this name" in problems_of(n)[0].message


def test_generation_that_nobody_can_use():
    n = two_triangles()
    n.c.generators.static.loc["hydro F", ["p_nom", "p_min_pu"]] = [100.0, 1.0]
    (problem,) = problems_of(n)
    assert "cannot run low enough" in problem.message
    assert "50.0 MW" in problem.value


def test_island_without_supply():
    n = triangle()
    n.add("Bus", "D", v_nom=132.0, carrier="AC")
    n.add("Load", "load D", bus="D", p_set=5.0)
    (problem,) = problems_of(n)
    assert problem.message == "island without supply"
    assert problem.row == "island of D"


def test_snapshots_must_be_hours():
    n = pypsa.Network()
    n.add("Bus", "A", v_nom=132.0)
    (problem,) = problems_of(n)
    assert "no time stamps" in problem.message


def test_bad_tables_name_the_row():
    bad = pd.DataFrame({"bus": ["A", "Z"], "mw": ["2,5", -3], "kind": 1}, index=["Quay", "Quay"])
    found = {(p.row, p.column): p for p in problems_of(triangle(), projects=bad)}
    assert found["project Quay", "mw"].remedy in ("Write 2.5.", "Give a number above 0 (MW).")
    assert "unknown bus" in found["project Quay", "bus"].message
    assert "used twice" in found["project Quay", "name"].message


def test_columns_that_must_be_there():
    (problem,) = problems_of(triangle(), projects=PROJECT.drop(columns="mw"))
    assert (problem.row, problem.column) == ("projects", "mw")
    assert problem.message == "the column is missing"


def test_bad_profiles():
    n = triangle()
    percent = pd.DataFrame({"flat": 100.0}, index=n.snapshots)
    assert "between 0 and 1" in problems_of(n, profiles=percent)[0].message
    later = pd.DataFrame({"flat": 1.0}, index=n.snapshots + pd.Timedelta("1h"))
    assert "other hours" in problems_of(n, profiles=later)[0].message


def test_bad_schedules():
    n = triangle()
    above = pd.DataFrame({"border A": 2000.0}, index=n.snapshots)
    assert "outside the limits" in problems_of(n, schedule_mw=above)[0].message
    messages = [p.message for p in problems_of(n, schedule_mw=above.rename(columns=str.upper))]
    assert messages == ["no plan for this generator", "unknown generator"]


def test_unknown_unsecured_branch():
    (problem,) = problems_of(triangle(), settings=Settings(unsecured=("AX",)))
    assert problem.column == "unsecured"
