"""Plans side by side, and against the goals of the county."""

import pytest

from gridplan.portfolio.compare import compare
from gridplan.portfolio.plan import plan
from gridplan.portfolio.queueing import queue
from gridplan.study.settings import CountyGoal, Settings, Weights
from gridplan.study.study import Study
from tests.networks_by_hand import measures, projects, symbioses, triangle, two_triangles

NO_WEIGHTS = Weights(
    co2_mnok_per_kt=0, jobs_mnok_per_job=0, export_mnok_per_mnok=0, mw_mnok_per_mw=0
)
EMISSIONS = CountyGoal(
    name="Utslipp",
    name_en="Emissions",
    quantity="co2_t_per_yr",
    baseline=1000.0,
    baseline_year=2009,
    target_year=2030,
    change_pu=-0.5,
    source="made up",
)
JOBS = CountyGoal(
    name="Jobber",
    name_en="Jobs",
    quantity="jobs",
    baseline=100.0,
    baseline_year=2022,
    target_year=2030,
    target=140.0,
    source="made up",
)


def study_of(goals=(EMISSIONS, JOBS)):
    """60 MW of load at C, 100 MW firm: room for 40 MW; P20 came first, P25 and P15 are best."""
    rows = {
        "P25": {"mw": 25.0, "value_mnok_per_yr": 10.0, "queue_date": "2024-01-01", "jobs": 10.0},
        "P20": {"mw": 20.0, "value_mnok_per_yr": 9.0, "queue_date": "2023-01-01", "jobs": 3.0},
        "P15": {"mw": 15.0, "value_mnok_per_yr": 8.0, "queue_date": "2025-01-01"},
        "P15 half": {"mw": 7.0, "value_mnok_per_yr": 2.0, "variant_of": "P15", "queue_date": ""},
        "shop": {"mw": 0.5, "queue_date": "", "jobs": 1.0},
        "later": {"mw": 9.0, "year": 2035, "queue_date": ""},
    }
    blank = {"bus": "C", "variant_of": "", "co2_t_per_yr": 50.0}
    return Study(
        network=triangle(load_mw=59.5),
        projects=projects({name: blank | row for name, row in rows.items()}),
        settings=Settings(weights=NO_WEIGHTS, interest_rate=0.0, county_goals=goals),
    )


def test_projects_outcomes_and_figures():
    study = study_of()
    both = compare({"queue": queue(study), "plan": plan(study)})
    assert both.projects["queue"].to_dict() == {
        "P25": "no",
        "P20": "firm",
        "P15": "firm",
        "shop": "ordinary growth",
        "later": "not offered",
    }
    assert both.projects["plan"].to_dict() == both.projects["queue"].to_dict() | {
        "P25": "firm",
        "P20": "no",
    }
    assert both.projects["mw"].tolist() == [25.0, 20.0, 15.0, 0.5, 9.0]
    assert both.differing.index.tolist() == ["P25", "P20"]
    assert both.summary.loc["mw"].to_dict() == {"queue": 35.0, "plan": 40.0}
    assert both.summary.loc["objective_mnok_per_yr"].tolist() == pytest.approx([17.0, 18.0])
    assert both.rows.loc["P15"].tolist() == ["P15", "P15"]
    assert "2 projects differ" in repr(both)
    assert "P20" in both._repr_html_()


def test_a_variant_in_its_place_differs():
    study = study_of()
    small = study.projects.copy()
    small.loc["P15", "year"] = 2035
    early = plan(Study(network=study.network, projects=small, settings=study.settings))
    both = compare([plan(study), early], ["all", "late"])
    assert both.projects.loc["P15"].tolist()[1:] == ["firm", "firm"]
    assert both.differing.loc["P15"].to_dict() == {"all": "firm", "late": "firm: P15 half"}


def test_names():
    study = study_of()
    best = plan(study)
    assert list(compare([best, queue(study)]).plans) == ["plan 1", "queue 2"]
    with pytest.raises(ValueError, match="different names"):
        compare([best, best], ["a", "a"])
    with pytest.raises(ValueError, match="names already"):
        compare({"a": best}, ["b"])
    with pytest.raises(ValueError, match="no plans"):
        compare([])


def test_megawatts_behind_a_bridge():
    offered = {
        "at E": {"bus": "E", "mw": 10.0, "value_mnok_per_yr": 9.0},
        "at B": {"bus": "B", "mw": 20.0, "value_mnok_per_yr": 1.0},
    }
    study = Study(network=two_triangles(), projects=projects(offered))
    assert compare([plan(study)]).summary.loc["mw_without_n1"].tolist() == [10.0]


def test_shares_of_the_way_to_the_goals():
    """Emissions fall from 1000 to 500 t: two projects of 50 t cover a fifth of 500 t."""
    study = study_of()
    goals = plan(study).goals()
    assert goals.index.tolist() == ["Emissions", "Jobs"]
    assert goals.loc["Emissions", ["baseline", "aim", "distance"]].tolist() == [1000, 500, 500]
    assert goals["plan"].tolist() == [100.0, 10.0]
    assert goals["ordinary_growth"].tolist() == [50.0, 1.0]
    assert goals["share_pu"].tolist() == pytest.approx([0.2, 0.25])
    both = compare({"queue": queue(study), "plan": plan(study)})
    assert both.goals["queue"].tolist() == pytest.approx([0.2, 3 / 40])
    assert both.goals["plan"].tolist() == pytest.approx([0.2, 0.25])


def test_a_symbiosis_cuts_emissions_too():
    study = study_of()
    heat = {"Heat": {"partners": "P25; P15", "buses": "C: 1", "mw": 0.1, "co2_t_per_yr": 30.0}}
    weights = Weights(co2_mnok_per_kt=100.0)
    settings = study.settings.model_copy(update={"weights": weights})
    study = Study(
        network=study.network,
        projects=study.projects,
        symbioses=symbioses(heat),
        settings=settings,
    )
    best = plan(study)
    assert best.symbioses["chosen"].all()
    assert best.goals().loc["Emissions", "plan"] == 130.0


def test_without_goals_the_table_is_empty():
    best = plan(study_of(goals=()))
    assert best.goals().empty
    assert "share_pu" in best.goals()
    assert compare([best]).goals.empty


def test_a_plan_with_measures_counts_their_cost():
    saving = {"save": {"buses": "C: 1", "mw": 5.0, "cost_mnok": 10.0, "lifetime_yr": 20}}
    study = study_of()
    study = Study(
        network=study.network,
        projects=study.projects,
        measures=measures(saving),
        settings=study.settings,
    )
    both = compare([plan(study, measures=False), plan(study)], ["without", "with"])
    assert both.summary.loc["measures_mnok_per_yr"].tolist() == pytest.approx([0.0, 0.5])
