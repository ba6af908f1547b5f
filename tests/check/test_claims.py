"""A plan's network must hold what the plan says, however secure it is."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from gridplan.check.witness import certify
from gridplan.portfolio.plan import plan
from gridplan.study.settings import Settings, Weights
from gridplan.study.study import Study
from tests.networks_by_hand import measures, projects, triangle, two_triangles

SETTINGS = Settings(
    weights=Weights(
        co2_mnok_per_kt=0, jobs_mnok_per_job=0, export_mnok_per_mnok=0, mw_mnok_per_mw=0
    )
)


def honest(**network):
    """30 MW and a shop at C, room made by less load at B and C and by three higher ratings."""
    rating = {"kind": "rating", "rating_pu": 0.2, "profile": "", "cost_mnok": 0.1}
    study = Study(
        network=triangle(**network),
        projects=projects(
            {
                "smelter": {"bus": "C", "mw": 60.0, "value_mnok_per_yr": 90.0},
                "shop": {"bus": "C", "mw": 4.0},
            }
        ),
        measures=measures(
            {
                "save": {"buses": "B: 0.25; C: 0.75", "mw": 8.0, "cost_mnok": 0.1},
                **{f"{line} up": {**rating, "branch": line} for line in ("AB", "BC", "AC")},
            }
        ),
        settings=SETTINGS,
    )
    return plan(study)


@pytest.fixture
def result():
    return honest()


def check(tampered):
    return certify(tampered, samples=0)


def kinds(certificate):
    return set(zip(certificate.breaches["kind"], certificate.breaches["name"], strict=True))


def shift_dispatch(result, mw):
    """Keep the balance, so that only the comparison can notice."""
    result.network.c.generators.dynamic.p_set["border A"] += mw


def test_an_honest_plan_passes(result):
    assert result.projects["chosen"].tolist() == [True]
    assert result.measures["units"].gt(0).all()
    certificate = check(result)
    assert certificate.secure, certificate.breaches
    assert certificate.compared
    assert certificate.last_resort.empty
    assert "limits, plan" in str(certificate)
    assert not certify(result.network, samples=0).compared


def test_a_project_left_out_of_the_network_is_noticed(result):
    result.network.remove("Load", "project smelter")
    shift_dispatch(result, -60.0)
    assert certify(result.network, samples=0).secure
    certificate = check(result)
    assert not certificate.secure
    row = certificate.breaches.iloc[0]
    assert (row["kind"], row["name"], row["hours"]) == ("load differs from the plan", "C", 1)
    assert row["mw"] == pytest.approx(-60.0)


def test_ordinary_growth_left_out_is_noticed(result):
    result.network.remove("Load", "project shop")
    shift_dispatch(result, -4.0)
    assert check(result).breaches["mw"].tolist() == pytest.approx([-4.0])


def test_endless_ratings_are_noticed(result):
    for value in (1e6, np.inf):
        result.network.c.lines.static.loc["AB", "s_nom"] = value
        certificate = check(result)
        assert not certificate.secure
        assert kinds(certificate) == {("rating differs from the plan", "AB")}


def test_a_rating_raised_beyond_its_measure_is_noticed(result):
    result.network.c.lines.static["s_max_pu"] *= 1.1
    assert len(check(result).breaches) == 3


def test_load_that_nobody_claims_is_noticed(result):
    result.network.add("Load", "more", bus="A", p_set=5.0)
    shift_dispatch(result, 5.0)
    assert kinds(check(result)) == {("load differs from the plan", "A")}


def test_a_measure_dropped_from_the_plan_or_the_network_is_noticed(result):
    fewer = result.measures.drop(index="save")
    assert kinds(check(replace(result, measures=fewer))) == {
        ("load differs from the plan", "B"),
        ("load differs from the plan", "C"),
    }
    result.network.remove("Load", "measure save at C")
    shift_dispatch(result, 6.0)
    certificate = check(result)
    assert not certificate.secure
    assert ("load differs from the plan", "C") in kinds(certificate)


def test_tables_must_be_those_of_the_study(result):
    larger = result.projects.assign(mw=90.0)
    assert kinds(check(replace(result, projects=larger))) == {
        ("project differs from the study", "smelter")
    }
    often = result.measures.assign(units=[9, *result.measures["units"][1:]])
    assert ("measure not offered so often", "save") in kinds(check(replace(result, measures=often)))
    stranger = pd.concat([result.projects, larger.rename(index={"smelter": "unheard"})])
    assert kinds(check(replace(result, projects=stranger))) == {
        ("project differs from the study", "unheard")
    }


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [("lines", "x", 5.0), ("lines", "r", 5.0), ("lines", "bus1", "C"), ("lines", "active", False)],
)
def test_another_branch_is_noticed(result, table, column, value):
    result.network.c[table].static.loc["AB", column] = value
    certificate = check(result)
    assert ("branch differs from the plan", "AB") in kinds(certificate)
    assert "branch differs from the plan: AB" in str(certificate) or len(certificate.breaches) > 1


@pytest.mark.parametrize("value", [{"p_nom": 2000.0}, {"p_max_pu": 3.0}, {"p_min_pu": -1.0}])
def test_another_generator_is_noticed(result, value):
    for column, number in value.items():
        result.network.c.generators.static.loc["border A", column] = number
    certificate = check(result)
    assert kinds(certificate) == {("generator differs from the plan", "border A")}


def test_a_new_generator_is_noticed(result):
    result.network.add("Generator", "new", bus="C", p_set=0.0)
    assert kinds(check(result)) == {("generator differs from the plan", "new")}


def test_hours_left_out_are_noticed():
    result = plan(Study(network=two_triangles(hours=2), settings=SETTINGS))
    assert check(result).secure
    result.network.set_snapshots(result.network.snapshots[:1])
    certificate = check(result)
    assert kinds(certificate) == {("hours differ from the plan", "snapshots")}
    assert certificate.breaches["hours"].tolist() == [1]
    assert "snapshots, 2030" in str(certificate)


def test_last_resorts_are_listed_not_hidden():
    study = Study(network=triangle(load_mw=60.0), settings=SETTINGS)
    study.network.c.generators.static.loc["border A", "p_nom"] = 50.0
    certificate = check(plan(study))
    assert certificate.secure, certificate.breaches
    assert certificate.last_resort["unserved_mwh"].tolist() == pytest.approx([10.0])
    assert certificate.last_resort["bus"].tolist() == ["C"]
    row = certificate.summary().loc["load not served (last resort)"]
    assert (row["value"], row["unit"], row["where"]) == (pytest.approx(10.0), "MWh", "C")
    dataset = certificate.to_dataset()
    assert dataset["last_resort_unserved_mwh"].attrs["units"] == "MWh"
