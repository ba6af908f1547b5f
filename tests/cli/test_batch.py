"""`gridplan batch` as it is typed: what is counted, run, kept and said."""

import pytest
from typer.testing import CliRunner

import gridplan as gp
from gridplan.batch import runner, task
from gridplan.cli import app as commands
from tests.batch.conftest import Batch
from tests.batch.test_run_batch import Here


@pytest.fixture
def batch(tmp_path):
    made = Batch(tmp_path)
    made.write(
        "matrix: {inflow: [dry, median]}\nscenarios: [{name: No quay, without_projects: [Quay]}]\n"
    )
    return made


@pytest.fixture
def typed(batch, monkeypatch):
    """Type a command; its scenarios run in this process."""
    run_batch = gp.run_batch
    monkeypatch.setattr(
        runner, "run_batch", lambda *args, **more: run_batch(*args, **{**more, "executor": Here()})
    )

    def run(*options):
        words = ["batch", str(batch.file), "--out", str(batch.out), *options]
        found = CliRunner().invoke(commands.app, words)
        assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
        return found.exit_code, found.output

    return run


def test_dry_run_limit_and_the_rest(batch, typed):
    code, told = typed("--dry-run", "--jobs", "2")
    assert code == 0
    assert "3 scenarios, 3 to run now on 3 base cases of 1 grid with 2 processes" in told
    assert "told after the first" in told
    assert "- No quay" in told
    assert not batch.out.exists()
    code, told = typed("--limit", "1", "--jobs", "1")
    assert code == 0
    assert "1 done, 2 still to run" in told
    code, told = typed("--jobs", "1")
    assert "2 to run now" in told
    assert "About " in told
    assert "3 done\n" in told
    assert "runs.csv" in told
    code, told = typed("--jobs", "1")
    assert (code, "0 to run now. Nothing is missing." in told) == (0, True)
    assert len((batch.out / "batch.log").read_text("utf-8").splitlines()) == 3


@pytest.mark.slow  # the quick tests have the same without the command
def test_a_failure_is_told_and_run_again_when_asked(batch, typed, monkeypatch):
    plan_scenario = task.plan_scenario

    def fail(base, changes, lessons):
        if changes.get("inflow") == "dry":
            msg = "broken on purpose"
            raise RuntimeError(msg)
        return plan_scenario(base, changes, lessons)

    monkeypatch.setattr(task, "plan_scenario", fail)
    code, told = typed("--jobs", "1")
    assert code == 0
    assert "2 done, 1 failed" in told
    assert "- inflow=dry: failed. RuntimeError: broken on purpose" in told
    assert "--retry-failed runs" in told
    assert "broken on purpose" in (batch.out / "batch.log").read_text("utf-8")
    assert "0 to run now" in typed("--dry-run")[1]
    monkeypatch.setattr(task, "plan_scenario", plan_scenario)
    code, told = typed("--retry-failed", "--jobs", "1")
    assert "1 to run now" in told
    assert "3 done\n" in told


def test_runs_of_a_study_as_it_was_before_are_named(batch, typed):
    typed("--jobs", "1", "--limit", "1")
    batch.folder.replace("projects.csv", "Lower 66,12.5", "Lower 66,12.6")
    told = typed("--dry-run")[1]
    assert "3 to run now" in told
    assert "3 were listed here before the study, their changes or gridplan changed" in told


def test_jobs_and_a_scheduler_exclude_each_other(typed):
    code, told = typed("--jobs", "2", "--scheduler", "tcp://nowhere:8786")
    assert code == 2  # of typer; `main` makes it 1
    assert "not both" in " ".join(told.split())


def test_the_scenario_file_of_a_bundled_study_is_sound(tmp_path):
    words = ["batch", "trondelag", "--dry-run", "--out", str(tmp_path / "runs"), "--jobs", "2"]
    found = CliRunner().invoke(commands.app, words)
    assert found.exit_code == 0, found.output
    assert "Trøndelag: 4 scenarios, 4 to run now on 4 base cases of 2 grids" in found.output


def test_what_the_bundled_file_shows_as_a_comment_works_too(tmp_path):
    from gridplan.study.reading import bundled_studies

    text = (bundled_studies()["trondelag"] / "scenarios.yaml").read_text("utf-8")
    shown = text.replace("scenarios: []", "scenarios:").replace("\n#  ", "\n  ")
    assert shown != text
    path = tmp_path / "scenarios.yaml"
    path.write_text(shown, "utf-8")
    assert len(gp.read_scenarios(path)) == 6
