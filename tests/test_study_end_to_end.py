"""The main job as a planner does it: one command, then the files."""

import subprocess
import sys

import pandas as pd
import pypsa
import pytest
import xarray as xr


def gridplan(*arguments, **options):
    """Run the command in its own process; deprecations of PyPSA's own code are not ours."""
    command = [sys.executable, "-W", "ignore", "-m", "gridplan.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", **options)  # noqa: PLW1510


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trondelag") / "results"
    run = gridplan("study", "trondelag", "--year", 2030, "--out", folder)
    assert run.returncode == 0, run.stderr
    return run, folder


def test_the_command_prints_a_summary_and_nothing_else(results):
    run, folder = results
    assert "Trøndelag 2030, grid of 2030" in run.stdout
    assert "Åfjord-Snilldal 420 kV (licensed, 2028)" in " ".join(run.stdout.split())
    assert "t CO2e" in run.stdout
    assert "secure" in run.stdout
    assert run.stderr == ""
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]


def test_the_files_hold_the_plan(results):
    _, folder = results
    projects = pd.read_csv(folder / "projects.csv", index_col="name", encoding="utf-8-sig")
    network = pypsa.Network(folder / "plan_network.nc")
    loads = network.c.loads.static
    projects_only = loads["carrier"].isin(["project", "conditional"])
    built = loads.index[projects_only].str.removeprefix("project ")
    assert set(projects.index[projects["chosen"]]) <= set(built)
    assert not set(projects.index[~projects["chosen"]]) & set(built)
    assert len(network.snapshots) == 8760
    base = xr.open_dataset(folder / "base_case.nc")
    assert base["dispatch_mw"].attrs["units"] == "MW"
    assert base.attrs["study_sha256"]
    assert base.attrs["stage"] == network.meta["stage"]
    assert base.attrs["stage"].startswith("grid of 2030: Snilldal transformer 420/132 kV; ")
    grid = pd.read_csv(folder / "reinforcements.csv", index_col="name", encoding="utf-8-sig")
    assert grid.loc["Åfjord-Snilldal 420 kV", "in_service"]
    assert not grid.loc["Holla 132 kV line", "in_service"]  # of 2031
    assert "Åfjord - Snilldal 420" in network.c.lines.static.index
    assert pd.read_csv(folder / "violations.csv", encoding="utf-8-sig").empty
    assert (folder / "plan.png").read_bytes().startswith(b"\x89PNG")


def test_bad_input_is_told_without_a_traceback(tmp_path):
    run = gridplan("study", tmp_path / "nowhere", "--out", tmp_path / "results")
    assert run.returncode == 1
    assert "no such study or folder" in run.stderr
    assert "Traceback" not in run.stderr


def test_check_accepts_the_bundled_study():
    run = gridplan("check", "trondelag")
    assert run.returncode == 0
    assert run.stdout.splitlines()[-1].startswith("No problem found, ")


def test_an_unwritable_folder_is_told_before_the_work(tmp_path):
    taken = tmp_path / "results"
    taken.write_text("a file")
    run = gridplan("study", "trondelag", "--out", taken)
    assert run.returncode == 1
    assert "results" in run.stderr
    assert "Traceback" not in run.stderr
