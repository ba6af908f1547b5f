"""Goals in study.yaml: of the plan, and of the county."""

import pytest

import gridplan as gp

GOALS = """\
goals: {min_jobs: 100, min_mw: 10}
curtailment_nok_per_mwh: 700
county_goals:
  - {name: Utslipp, name_en: Emissions, quantity: co2_t_per_yr, baseline: 4000, baseline_year: 2009,
     target_year: 2030, change_pu: -0.55, source: made up}
  - {name: Jobber, name_en: Jobs, quantity: jobs, baseline: 250, baseline_year: 2024,
     target_year: 2030, target: 300, source: made up}
"""


def test_goals_of_a_plan_and_of_the_county(folder):
    folder.replace("study.yaml", "year: 2030\n", "year: 2030\n" + GOALS)
    said = gp.open_study(folder.path).settings
    assert (said.goals.min_jobs, said.goals.min_mw, said.goals.min_co2_t_per_yr) == (100, 10, None)
    assert said.curtailment_nok_per_mwh == 700
    emissions, jobs = said.county_goals
    assert (emissions.aim, emissions.distance) == pytest.approx((1800, 2200))
    assert (jobs.aim, jobs.distance) == (300, 50)


WRONG_GOALS = {
    "misspelt goal": ("min_jobs", "min_job", "line 9", "goals.min_job", "unknown key", "min_jobs"),
    "misspelt key of a county goal": (
        "change_pu",
        "change_pc",
        "line 13",
        "county_goals.1.change_pc",
        "unknown key",
        "mean 'change_pu'?",
    ),
    "both": ("-0.55", "-0.55, target: 5", "line 11", "county_goals.1", "either change_pu", ""),
    "wrong way": ("-0.55", "0.55", "line 11", "county_goals.1", "not below the baseline", ""),
    "wrong way up": ("target: 300", "target: 200", "line 11", "county_goals.2", "not above", ""),
    "wrong order": ("2009", "2030", "line 11", "county_goals.1", "not after the baseline", ""),
    "unknown quantity": (
        "quantity: jobs",
        "quantity: people",
        "line 14",
        "county_goals.2.quantity",
        "'jobs'",
        "what is counted",
    ),
    "key twice in a list": (
        "target: 300",
        "target: 300, name: B",
        "line 15",
        "county_goals.2.name",
        "stands twice",
        "line 14",
    ),
}


@pytest.mark.parametrize("name", WRONG_GOALS)
def test_wrong_goals(folder, name):
    old, new, *expected = WRONG_GOALS[name]
    folder.replace("study.yaml", "year: 2030\n", "year: 2030\n" + GOALS)
    folder.replace("study.yaml", old, new)
    problem = next(p for p in gp.check_study(folder.path) if "missing" not in p.message)
    for part, text in zip(
        expected, (problem.row, problem.column, problem.message, problem.remedy), strict=True
    ):
        assert part in text
