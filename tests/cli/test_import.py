"""`gridplan import` makes a study folder with report and picture, or nothing at all."""

import gzip
from pathlib import Path

import pandas as pd
import pytest

import gridplan as gp
from gridplan import cli
from gridplan.exports import scene_imported
from tests.importing.nettanlegg_by_hand import geopackage
from tests.importing.test_matpower import CASE

DATA = Path(__file__).parents[1] / "importing" / "data"


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Run the command in a folder of its own and see to its exit code."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments, code=0):
        monkeypatch.setattr("sys.argv", ["gridplan", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        assert stopped.value.code == code

    return run


def test_a_case_becomes_a_study(run, tmp_path, capsys):
    (tmp_path / "four.m").write_text(CASE, encoding="utf-8")
    run("import", "four.m", "--out", "four", "--hours", 24, "--ratings", "standard")
    said = capsys.readouterr().out
    assert "3 buses, 4 branches" in said
    assert "gridplan hosting four" in said
    assert (tmp_path / "four" / "import.png").stat().st_size > 10_000
    report = pd.read_csv(tmp_path / "four" / "import.csv", encoding="utf-8-sig")
    assert report.columns.tolist() == ["element", "what", "why"]
    assert report["what"].isin(["dropped", "merged", "changed", "assumed"]).all()
    study = gp.open_study(tmp_path / "four")
    assert len(study.network.snapshots) == 24
    assert "not real places" in study.settings.attribution  # printed on every map
    run("check", "four")
    run("hosting", "four", "--out", "results")
    assert (tmp_path / "results" / "capacity.png").stat().st_size > 10_000


def test_nothing_is_overwritten_and_nothing_left(run, tmp_path, capsys):
    (tmp_path / "four.m").write_text(CASE, encoding="utf-8")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine", encoding="utf-8")
    run("import", "four.m", "--out", "mine", code=1)
    assert "nothing is overwritten" in capsys.readouterr().err
    (tmp_path / "four.m").write_text(CASE[:700], encoding="utf-8")
    run("import", "four.m", "--out", "new", code=1)
    assert "never closed" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["four.m", "mine"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("import", "nothing.m", "--out", "x"), "no such file"),
        (("import", "case.pdf", "--out", "x"), "no reader for this suffix"),
        (("import", "case.json", "--out", "x"), "no pandapower network"),
        (("import", "case.json", "--out", "x", "--hours", "0"), "not between 1 and 8,760"),
    ],
)
def test_wrong_files_get_one_line(run, tmp_path, capsys, arguments, words):
    for name in ("case.pdf", "case.json"):
        (tmp_path / name).write_text('{"a": 1}', encoding="utf-8")
    run(*arguments, code=1)
    said = capsys.readouterr().err
    assert words in said
    assert "Traceback" not in said
    assert not (tmp_path / "x").exists()


def test_a_large_network_is_drawn_plainly(tmp_path, monkeypatch):
    path = tmp_path / "case14.json"
    path.write_bytes(gzip.decompress((DATA / "case14.json.gz").read_bytes()))
    found = gp.import_network(path)
    monkeypatch.setattr(scene_imported, "NAMED_UP_TO", 10)
    drawn = scene_imported.imported_map(found.study(), found.report, tmp_path / "plain.png")
    assert drawn.stat().st_size > 5_000


def test_from_nettanlegg_to_a_capacity_map_in_three_commands(run, tmp_path, capsys):
    geopackage(tmp_path / "nettanlegg.gpkg")
    run("import", "nettanlegg.gpkg", "--out", "my-region", "--load-mw", "80", "--language", "nb")
    said = capsys.readouterr().out
    assert "13 buses, 11 lines" in said
    assert "dropped: ends in nothing" in said
    assert (tmp_path / "my-region" / "import.png").stat().st_size > 10_000
    run("check", "my-region")
    assert "No problem found" in capsys.readouterr().out
    run("hosting", "my-region", "--out", "results")
    assert (tmp_path / "results" / "capacity.png").stat().st_size > 10_000
