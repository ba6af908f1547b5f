"""No regret, never, sometimes, and on what it depends."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gridplan as gp
from gridplan.base.errors import StudyError
from gridplan.batch.depends import dependence
from tests.batch.made import matrix, record, runs_of


def told(grid_year, inflow, budget_mnok):
    dry, rich = inflow == "dry", budget_mnok is None
    chosen = {
        "Always": True,
        "Never": False,
        "New grid": grid_year == 2030,
        "Both": grid_year == 2030 and not dry,
        "Either": (grid_year == 2030) != dry,
        "Mostly": not (dry and rich and grid_year == 2025),
    }
    return chosen, {"mw": 1.0}


def made():
    values = {"grid_year": [2025, 2030], "inflow": ["dry", "wet"], "budget_mnok": [50.0, None]}
    return matrix(told, **values)


def test_what_does_not_depend_on_the_scenario():
    found = gp.compare_runs(runs_of(*made()))
    assert found.no_regret == ["Always"]
    assert found.never == ["Never"]
    assert found.sometimes == ["Mostly", "New grid", "Either", "Both"]
    assert found.projects["share"].to_dict() == {
        "Always": 1.0, "Mostly": 7 / 8, "New grid": 0.5, "Either": 0.5, "Both": 0.25, "Never": 0.0,
    }  # fmt: skip
    assert found.scenarios == 8
    assert found.left_out.empty


def test_on_what_it_depends_is_told_with_counts():
    found = gp.compare_runs(runs_of(*made())).projects
    assert found.loc["New grid", "rule"] == "grid_year: 2025 0 of 4, 2030 4 of 4"
    both = "grid_year and inflow: 2025, dry 0 of 2; 2025, wet 0 of 2; 2030, dry 0 of 2; "
    assert found.loc["Both", "rule"] == both + "2030, wet 2 of 2"
    # neither alone says anything of it, and both together everything
    assert found.loc["Either", "depends_on"] == "grid_year and inflow"
    assert found.loc["Either", "explained"] == 8
    # no pair decides it, and the majority of all scenarios is right as often
    assert found.loc["Mostly", ["depends_on", "explained"]].tolist() == ["", 7]
    table = gp.compare_runs(runs_of(*made())).decisions
    rows = table[table["project"] == "New grid"].drop(columns="project").to_numpy().tolist()
    assert rows == [
        ["grid_year", "2025", "", "", 0, 4],
        ["grid_year", "2030", "", "", 4, 4],
    ]
    counts = table.groupby("project")["of"].sum()
    assert counts.to_dict() == dict.fromkeys(["New grid", "Either", "Both"], 8)


def test_scenarios_without_a_plan_are_told_and_not_counted():
    broken = record("Broken", {"grid_year": 2025}, outcome="failed")
    nothing = record("Too much", {"goals": {"min_mw": 5000.0}}, outcome="infeasible")
    runs = runs_of(*made(), broken, nothing, waiting=["Later"])
    found = gp.compare_runs(runs)
    assert found.scenarios == 8
    assert found.no_regret == ["Always"]
    assert found.left_out["outcome"].to_dict() == {
        "Broken": "failed", "Later": "waiting", "Too much": "infeasible",
    }  # fmt: skip
    assert found.left_out.loc["Broken", "error"] == "failed on purpose"
    assert "3 without a plan" in repr(found)


def test_a_project_that_is_not_offered_is_not_chosen_and_told():
    without = record("No quay", {"without_projects": ["Quay"]}, {"Mill": True})
    found = gp.compare_runs(runs_of(without, record("All", {}, {"Mill": True, "Quay": True})))
    assert found.no_regret == ["Mill"]
    assert found.projects.loc["Quay", ["chosen", "offered", "share"]].tolist() == [1, 1, 0.5]
    rule = "without_projects: as in the study 1 of 1, Quay 0 of 1"
    assert found.projects.loc["Quay", "rule"] == rule


def test_nothing_to_compare(tmp_path):
    with pytest.raises(StudyError, match="no scenario of this batch has a plan"):
        gp.compare_runs(runs_of(record("Broken", {}, outcome="failed")))
    with pytest.raises(StudyError, match="no batch has run here"):
        gp.compare_runs(tmp_path)


@given(st.data())
def test_no_change_or_pair_tells_more_than_the_one_that_is_named(data):
    count = data.draw(st.integers(2, 10))
    table = pd.DataFrame(
        {
            name: data.draw(st.lists(st.integers(0, 2), min_size=count, max_size=count))
            for name in "abc"
        }
    )
    taken = pd.Series(data.draw(st.lists(st.booleans(), min_size=count, max_size=count)))
    found = dependence(taken, table)
    assert found.of == count
    assert sum(cell.chosen for cell in found.cells) == taken.sum()
    best = max(taken.sum(), count - taken.sum())
    for first, second in product("abc", repeat=2):
        groups = taken.groupby([table[first], table[second]])
        best = max(best, int(np.maximum(groups.sum(), groups.size() - groups.sum()).sum()))
    assert found.explained == best
    if len(found.factors) == 2:  # and a pair is named only where no single one does as well
        for name in "abc":
            groups = taken.groupby(table[name])
            assert np.maximum(groups.sum(), groups.size() - groups.sum()).sum() < best
