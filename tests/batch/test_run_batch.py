"""Batches: records, resuming, and the same tables from any number of processes."""

import json
import os
from concurrent.futures import Executor, Future

import pandas as pd
import pytest

import gridplan as gp
from gridplan.base.errors import StudyError
from gridplan.batch.lock import locked
from gridplan.study.growth import with_growth

SCENARIOS = """\
matrix:
  inflow: [dry, median]
  measures: [true, false]
scenarios:
  - {name: Too much, goals: {min_mw: 5000}}
  - {name: No quay, without_projects: [Quay]}
"""
NAMES = [
    "No quay",
    "Too much",
    "inflow=dry, measures=false",
    "inflow=dry, measures=true",
    "inflow=median, measures=false",
    "inflow=median, measures=true",
]


class Here(Executor):
    """Runs in this process, at once."""

    def submit(self, fn, /, *args, **kwargs):
        future = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:
            future.set_exception(error)
        return future


def run(batch, **options):
    ran = []
    options.setdefault("executor", Here())
    runs = gp.run_batch(
        batch.file, batch.out, progress=lambda r, *_: ran.append(r.scenario), **options
    )
    return runs, sorted(ran)


def contents(out):
    """Bytes of every table, by path."""
    files = [*out.glob("*.csv"), *out.glob("*.parquet"), *out.glob("*/*.csv")]
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in files}


def folder_of(batch, name):
    return batch.out / json.loads((batch.out / "scenarios.json").read_text("utf-8"))[name]


def test_every_scenario_has_its_outcome(batch):
    batch.write(SCENARIOS)
    runs, ran = run(batch)
    assert ran == NAMES
    assert runs.table.index.tolist() == NAMES
    assert runs.table["outcome"].tolist() == ["done", "infeasible", *["done"] * 4]
    assert runs.table.loc["Too much", "error"]
    assert not runs.projects.loc["No quay"].get("Quay", False)
    # a scenario gives what a plan by hand gives
    study = gp.with_year(gp.open_study(batch.folder.path), inflow="dry")
    by_hand = gp.plan(study, measures=False)
    row = runs.table.loc["inflow=dry, measures=false"]
    assert row["objective_mnok_per_yr"] == pytest.approx(by_hand.objective_mnok, rel=1e-5)
    chosen = by_hand.projects.index[by_hand.projects["chosen"]].tolist()
    told = runs.projects.loc["inflow=dry, measures=false"]
    assert sorted(told.index[told]) == sorted(chosen)
    opened = gp.open_runs(batch.out)
    pd.testing.assert_frame_equal(opened.table, runs.table)
    assert sorted(opened.always + opened.never + opened.sometimes) == sorted(runs.projects)
    assert len((batch.out / "batch.log").read_text("utf-8").splitlines()) == 6


def test_the_same_command_again_runs_what_is_missing_or_spoilt(batch):
    batch.write(SCENARIOS)
    looked = gp.run_batch(batch.file, batch.out, dry_run=True)
    assert (len(looked.waiting), batch.out.exists()) == (6, False)
    runs, ran = run(batch, limit=2)
    assert (len(ran), len(runs.waiting)) == (2, 4)
    runs, rest = run(batch)
    assert sorted(ran + rest) == NAMES
    before = contents(batch.out)
    assert run(batch)[1] == []
    half, spoilt = folder_of(batch, NAMES[0]), folder_of(batch, NAMES[3])
    text = (half / "record.json").read_text("utf-8")
    (half / "record.json").write_text(text[: len(text) // 2], "utf-8")
    (spoilt / "projects.csv").write_text("nonsense", "utf-8")
    assert run(batch)[1] == [NAMES[0], NAMES[3]]
    assert contents(batch.out) == before


def test_a_changed_study_makes_its_runs_stale(batch):
    batch.write("scenarios: [{name: One}]\n")
    assert run(batch)[1] == ["One"]
    batch.folder.replace("projects.csv", "Lower 66,12.5", "Lower 66,12.6")
    assert run(batch)[1] == ["One"]


def test_a_failure_stops_nobody_and_runs_again_when_asked(batch, monkeypatch):
    from gridplan.batch import task

    def fail(base, changes, lessons):
        if changes.get("inflow") == "dry":
            msg = "broken on purpose"
            raise RuntimeError(msg)
        return plan_scenario(base, changes, lessons)

    plan_scenario = task.plan_scenario
    batch.write("matrix: {inflow: [dry, median]}\n")
    monkeypatch.setattr(task, "plan_scenario", fail)
    runs, _ = run(batch)
    assert runs.table["outcome"].to_dict() == {"inflow=dry": "failed", "inflow=median": "done"}
    assert "broken on purpose" in runs.table.loc["inflow=dry", "error"]
    assert "Traceback" in (folder_of(batch, "inflow=dry") / "record.json").read_text("utf-8")
    monkeypatch.setattr(task, "plan_scenario", plan_scenario)
    assert run(batch)[1] == []
    runs, ran = run(batch, retry_failed=True)
    assert ran == ["inflow=dry"]
    assert runs.table["outcome"].eq("done").all()


@pytest.mark.slow
def test_a_full_disk_stops_the_batch_and_loses_nothing(batch, monkeypatch):
    from gridplan.batch import records

    write, written = records.write_table, []

    def full(table, path):
        written.append(path)
        if len(written) > 10:
            raise OSError(28, "No space left on device", str(path))
        write(table, path)

    batch.write("matrix: {inflow: [dry, median], measures: [true, false]}\n")
    monkeypatch.setattr(records, "write_table", full)
    with pytest.raises(OSError, match="No space left"):
        run(batch)
    assert not list(batch.out.glob(".draft-*"))
    monkeypatch.setattr(records, "write_table", write)
    left = run(batch)[1]
    assert left[-2:] == ["inflow=median, measures=false", "inflow=median, measures=true"]
    assert run(batch)[1] == []


def test_one_batch_at_a_time(batch):
    batch.write("scenarios: [{name: One}]\n")
    batch.out.mkdir()
    with locked(batch.out), pytest.raises(StudyError, match="another batch") as raised:
        run(batch)
    assert raised.value.problems[0].value.startswith(f"process {os.getpid()} on ")
    assert (batch.out / "batch.lock").exists()  # left behind: that alone keeps nobody out
    assert run(batch)[1] == ["One"]
    assert not (batch.out / "batch.owner").exists()


@pytest.mark.slow
def test_capacity_of_the_buses_asked_for_is_that_of_the_grid_and_load_of_the_scenario(batch):
    batch.write(
        "base: {capacity: [Lower 66, Shore 132]}\n"
        "matrix: {grid_year: [2026, 2028], growth: [{all: 1.0}, {all: 1.2}],"
        " measures: [true, false]}\n"
    )
    runs, _ = run(batch)
    assert list(runs.capacity.columns) == ["Lower 66"]  # Shore is built later, or never
    study = gp.open_study(batch.folder.path)
    for scenario, mw in runs.capacity["Lower 66"].items():
        changes = next(r.changes for r in runs.records if r.scenario == scenario)
        grid = gp.at_stage(with_growth(study, changes["growth"]), changes["grid_year"])
        expected = gp.hosting_capacity(grid, buses=["Lower 66"], flexibility=[0.0])
        assert mw == pytest.approx(expected["capacity_mw"].item(), abs=1e-5)
        table = pd.read_csv(folder_of(batch, scenario) / "capacity.csv", encoding="utf-8-sig")
        assert table["flexibility"].tolist() == [0.0, 0.01, 0.05]
    assert "change_capacity" not in runs.table
    found = runs.dataset["capacity_mw"]
    assert set(found.dims) == {"grid_year", "growth_all", "change_measures", "bus"}
    assert found.sel(grid_year=2028, growth_all=1.2, bus="Lower 66").min() > 0
    grown = runs.capacity.index.str.contains("growth=all 1.2")
    assert runs.capacity[grown].max().item() < runs.capacity[~grown].min().item()
