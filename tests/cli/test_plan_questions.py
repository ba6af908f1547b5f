"""`gridplan explain` and `gridplan queue` on the bundled study."""

import subprocess
import sys

import pandas as pd
import pytest

pytestmark = pytest.mark.slow
COMMAND = [sys.executable, "-W", "ignore", "-m", "gridplan.cli"]


def run(*arguments):
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], capture_output=True, text=True, check=False,
        encoding="utf-8",
    )  # fmt: skip


@pytest.fixture(scope="module")
def queue(tmp_path_factory):
    folder = tmp_path_factory.mktemp("queue")
    return run("queue", "trondelag", "--year", "2030", "--out", folder), folder


def test_the_queue_stands_beside_the_plan(queue):
    result, folder = queue
    assert result.returncode == 0, result.stderr
    compared = pd.read_csv(folder / "comparison.csv", index_col=0, encoding="utf-8-sig")
    value = compared.loc["objective_mnok_per_yr"]
    assert value["queue"] < value["plan"]
    assert "Passed over" in result.stdout
    assert "Greenhouse gas emissions" in result.stdout


def test_the_log_says_why(queue):
    _, folder = queue
    log = pd.read_csv(folder / "queue.csv", index_col="project", encoding="utf-8-sig")
    passed = log[log["outcome"] == "passed over"]
    assert passed["reason"].str.len().gt(0).all()
    assert log["turn"].tolist() == list(range(1, len(log) + 1))


def test_a_rejected_project_is_explained(tmp_path):
    result = run(
        "explain", "trondelag", "Ørland air base", "--no-remedies", "--language", "nb",
        "--out", tmp_path,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert "Ørland air base (8 MW, Utheim 66): ikke valgt." in result.stdout
    hourly = pd.read_csv(tmp_path / "why_hourly.csv", encoding="utf-8-sig")
    assert len(hourly) == 8760
    assert hourly["missing_mw"].max() > 1
    assert (tmp_path / "why_nb.txt").read_text(encoding="utf-8").strip() in result.stdout


def test_an_unknown_project_is_one_clear_line(tmp_path):
    result = run("explain", "trondelag", "Ørland", "--no-remedies")
    assert result.returncode == 1
    assert "no project of the plan" in result.stderr
    assert "Traceback" not in result.stderr
