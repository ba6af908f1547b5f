"""`gridplan hosting` on three buses whose capacities can be worked out on paper.

On the grid of 2030 at eight o'clock (no wind yet) the transformer Upper T1 of 100 MVA carries Town
60 MW, Village 15 MW and Shop 0.5 MW less 18 MW of hydro (10 of the river, 4 + 4 of the reservoir).
So Upper 66 and Lower 66 can each take 42.5 MW, and Upper 132 what the borders can still bring:
230 − 57.5 = 172.5 MW.
"""

import pandas as pd
import pytest
import xarray as xr

from gridplan import cli
from gridplan.cli import hosting
from tests.study.conftest import Folder
from tests.study.test_years import several_years

BUSES = ["Upper 132", "Upper 66", "Lower 66"]
TABLES = {
    "capacity.csv",
    "capacity.nc",
    "capacity_use.csv",
    "capacity_use.png",
    "without_n1.csv",
}


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path / "study")


@pytest.fixture
def run(monkeypatch, tmp_path, folder):
    """Run the command, see to its exit code, and give the folder of the results."""

    def run(*options, out="results", code=0):
        arguments = ["hosting", str(folder.path), "--out", str(tmp_path / out), *options]
        monkeypatch.setattr("sys.argv", ["gridplan", *arguments])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        assert stopped.value.code == code
        return tmp_path / out

    return run


def table(folder, name):
    return pd.read_csv(folder / name, encoding="utf-8-sig", keep_default_na=False)


def names(folder):
    return {path.name for path in folder.iterdir()}


def test_tables_and_figures(run, capsys):
    results = run()
    assert names(results) == TABLES | {"capacity.png"}
    capacity = table(results, "capacity.csv")
    assert capacity["bus"].tolist() == [bus for bus in BUSES for _ in range(3)]
    assert capacity["flexibility"].tolist() == [0, 0.01, 0.05] * 3
    firm = capacity[capacity["flexibility"] == 0].set_index("bus")
    assert firm["capacity_mw"].tolist() == pytest.approx([172.5, 42.5, 42.5])
    assert firm["kv"].tolist() == [132, 66, 66]
    assert firm["limited_by"].tolist() == ["sources", "branch", "branch"]
    assert firm["limiting_branch"].tolist() == ["", "Upper T1", "Upper T1"]
    assert firm.loc["Lower 66", "limiting_hour"] == "2019-01-01 08:00:00"
    assert firm.loc["Lower 66", "limiting_hours"] == 4  # until the wind comes at noon
    use = table(results, "capacity_use.csv").set_index("bus")
    assert use.loc["Lower 66", ["used_mw", "queued_mw", "candidate_mw"]].tolist() == [15, 12.5, 0]
    assert use.loc["Upper 66", "candidate_mw"] == 40
    assert use["free_mw"].tolist() == pytest.approx([172.5, 42.5, 42.5])
    shown = capsys.readouterr()
    assert shown.err == ""
    assert "Three buses 2030, grid of 2030: MW of load that a bus can take, N-1" in shown.out
    assert "N-1: 0 of 3 buses have no firm capacity." in shown.out
    assert "2 limited by branch: a branch reaches its rating" in shown.out
    lines = [line.split() for line in shown.out.splitlines()]
    order = [line[:2] for line in lines if " ".join(line[:2]) in BUSES]
    assert order == [["Lower", "66"], ["Upper", "66"], ["Upper", "132"]]  # queue, planned, free


def test_the_netcdf_says_where_it_comes_from(run):
    with xr.open_dataset(run("--year", "2025") / "capacity.nc") as cap:
        assert cap["capacity_mw"].attrs["units"] == "MW"
        assert cap.attrs["stage"] == "grid of 2025: no reinforcements"
        assert cap.attrs["study_sha256"]
        assert cap["free_mw"].sel(bus="Upper 66").item() == pytest.approx(43)  # no Shop yet


def test_the_grid_of_another_year(run):
    with xr.open_dataset(run("--grid-year", "2025") / "capacity.nc") as cap:
        assert cap.attrs["stage"] == "grid of 2025: no reinforcements"
        assert cap.attrs["year"] == 2030
        assert cap["free_mw"].sel(bus="Upper 66").item() == pytest.approx(42.5)


def test_named_buses_get_curves(run):
    results = run("--bus", "Lower 66", "--bus", "Upper 66", "--flexibility", "0.1")
    extra = {f"{name}_66" for name in ("Lower", "Upper")}
    curves = {f"curve_{bus}{suffix}" for bus in extra for suffix in (".csv", ".png")}
    assert names(results) == TABLES | curves | {f"duration_{bus}.png" for bus in extra}
    assert table(results, "capacity.csv")["flexibility"].tolist() == [0, 0.1] * 2
    curve = table(results, "curve_Lower_66.csv").set_index("mw")
    assert curve.loc[42.5, "hours"] == 0
    at_50 = curve.loc[50]
    assert (at_50["hours"], at_50["curtailed_mwh"]) == (4, pytest.approx(4 * 7.5))


def test_many_buses_get_none(run, monkeypatch):
    monkeypatch.setattr(hosting, "CURVES_UP_TO", 1)
    assert names(run("--bus", "Lower 66", "--bus", "Upper 66")) == TABLES


def test_both_criteria_stand_beside_each_other(run, capsys):
    results = run("--criterion", "both", "--bus", "Lower 66")
    assert {"curve_Lower_66_N-1.csv", "curve_Lower_66_N-0.csv"} < names(results)
    assert table(results, "capacity_use.csv")["criterion"].tolist() == ["N-1", "N-0"]
    shown = capsys.readouterr().out
    assert "N-1: 0 of 1 bus have no firm capacity." in shown
    assert "N-0: 0 of 1 bus have no firm capacity." in shown


def test_generation_has_no_projects(run, capsys):
    results = run("--direction", "generation", "--no-redispatch", "--language", "nb")
    with xr.open_dataset(results / "capacity.nc") as cap:
        assert cap.attrs["direction"] == "generation"
        assert cap.attrs["redispatch"].startswith("none")
    shown = capsys.readouterr().out
    assert "MW of generation" in shown
    assert "queue" not in shown


@pytest.mark.slow
def test_the_range_of_the_weather(run, folder):
    """Hydro of 7, 14 or 18 MW and 10 MW more in a cold Town move the 42.5 MW of 14 MW."""
    folder.write(several_years(), "hours.nc")
    results = run("--range", "--bus", "Lower 66", "--flexibility", "0")
    assert "capacity_range.csv" in names(results)
    spread = table(results, "capacity_range.csv").iloc[0]
    assert spread["lowest_mw"] == pytest.approx(42.5 - 7 - 10)
    assert spread["lowest_year"] == "dry, wind 2019, cold"
    assert spread["highest_mw"] == pytest.approx(42.5 + 4)
    assert spread["highest_year"] == "wet, wind 2019, load 2019"
    # the six years give 25.5, 32.5, 35.5, 42.5, 42.5 and 46.5 MW
    assert spread["middle_mw"] == pytest.approx(39)


def test_two_runs_write_the_same_bytes(run, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    first, second = (run("--bus", "Lower 66", out=out) for out in ("first", "second"))
    assert names(first) == names(second)
    for path in first.iterdir():
        assert path.read_bytes() == (second / path.name).read_bytes(), path.name


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--bus", "Lower 6", "--bus", "Nowhere"], ["Lower 6'", "Nowhere", "Lower 66"]),
        (["--bus", "Lower 66", "--bus", "Lower 66"], ["named twice"]),
        (["--flexibility", "1.5"], ["1.5", "no share of the energy"]),
        (["--year", "1200"], ["1200"]),
        (["--grid-year", "1200"], ["1200"]),
        (["--criterion", "N-2"], ["N-2"]),
        (["--direction", "sideways"], ["sideways"]),
    ],
)
def test_bad_input_is_told_before_any_work_and_leaves_nothing(
    run, monkeypatch, capsys, options, told
):
    def long_work(*_arguments, **_options):
        pytest.fail("the base case was computed")

    monkeypatch.setattr("gridplan.hosting.capacity.base_case", long_work)
    results = run(*options, out="new/results", code=1)
    shown = capsys.readouterr().err
    assert all(word in shown for word in told)
    assert "Traceback" not in shown
    assert not results.parent.exists()


def test_a_file_in_the_way_is_told(run, capsys, tmp_path):
    (tmp_path / "results").write_text("mine", encoding="utf-8")
    run(code=1)
    assert "results" in capsys.readouterr().err
    assert (tmp_path / "results").read_text(encoding="utf-8") == "mine"
