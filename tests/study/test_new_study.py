"""`gridplan new` makes a folder that passes its own check, or nothing at all."""

import csv

import pytest
import yaml

import gridplan as gp
from gridplan import cli
from gridplan.base.errors import StudyError
from gridplan.study.describing import settings_text
from gridplan.study.settings import Settings
from gridplan.study.tables import TABLES


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return gp.new_study(tmp_path_factory.mktemp("new") / "my-region")


def test_the_example_passes_and_says_whom_a_rule_concerns(made):
    study = gp.open_study(made)
    assert study.name == "my-region"
    assert len(study.network.c.buses.static) == 5
    load = study.network.c.loads.dynamic.p_set
    stated = study.network.c.loads.static
    # what the rule must keep: the energy of the year, and the highest hour
    assert load.sum().to_numpy() == pytest.approx(1000 * stated["annual_gwh"].to_numpy())
    assert load.max().to_numpy() == pytest.approx(stated["peak_mw"].to_numpy())
    wind = study.network.c.generators.dynamic.p_max_pu["North ridge"] * 40
    assert wind.sum() == pytest.approx(120_000)
    assert wind.max() <= 40
    hydro = study.schedule_mw["Valley falls"]
    assert hydro.sum() == pytest.approx(90_000)
    assert "Load Centre, Load Harbour, Load Valley" in " ".join(study.notes)


def test_every_column_is_there_and_described(made):
    text = (made / "README.md").read_text(encoding="utf-8")
    for table in TABLES:
        with (made / table.folder / f"{table.name}.csv").open(encoding="utf-8") as stream:
            rows = list(csv.reader(stream))
        assert rows[0] == table.names
        assert rows[1][0].startswith("# ")
        for column in table.columns:
            assert f"| `{column.name}` |" in text
            assert column.description in text
        for row in rows[2:]:
            if "source" in table.names:
                assert "replace me" in row[-1] or "replace me" in row[-2]


def test_the_settings_are_the_defaults_and_every_key_stands_there():
    text = settings_text("x", profiles="hourly")
    given = Settings.model_validate(yaml.safe_load(text))
    assert given == Settings(name="x", title="x", profiles="hourly")
    opened = "\n".join(line.removeprefix("# ") for line in text.splitlines()[1:])
    spelt = yaml.safe_load(opened)
    assert Settings.model_validate(spelt) == given
    netcdf_only = {"sectors", "wind_year", "load_year"}
    assert set(spelt) == set(Settings.model_fields) - netcdf_only


def test_nothing_is_overwritten(made, tmp_path):
    before = sorted(made.rglob("*"))
    with pytest.raises(StudyError, match="nothing is overwritten"):
        gp.new_study(made)
    assert sorted(made.rglob("*")) == before
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    with pytest.raises(StudyError, match="nothing is overwritten"):
        gp.new_study(tmp_path / "file")
    with pytest.raises(StudyError, match="no such folder"):
        gp.new_study(tmp_path / "not there" / "mine")


@pytest.mark.parametrize("excel", [False, True])
def test_the_whole_folder_or_nothing(tmp_path, monkeypatch, excel):
    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device", "README.md")

    monkeypatch.setattr("gridplan.study.new.readme", full)
    with pytest.raises(OSError, match="No space"):
        gp.new_study(tmp_path / "mine", excel=excel)
    assert list(tmp_path.iterdir()) == []


def test_the_command(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()  # an empty folder may be filled
    for arguments, code in (
        (["new", "mine"], 0),
        (["check", "mine"], 0),
        (["new", "mine"], 1),
    ):
        monkeypatch.setattr("sys.argv", ["gridplan", *arguments])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        assert stopped.value.code == code
    shown = capsys.readouterr()
    assert "No problem found." in shown.out
    assert "Note: Without an hourly series" in shown.out
    assert "nothing is overwritten" in shown.err
