"""The regret matrix, held against what three buses give on paper."""

import json
import shutil
from concurrent.futures import BrokenExecutor, Future

import numpy as np
import pytest

import gridplan as gp
from gridplan.base.errors import GridplanError, StudyError
from gridplan.batch import held
from tests.batch.conftest import Batch
from tests.batch.test_run_batch import Here, run
from tests.study.conftest import Folder

# The transformer carries 100 MW. In the morning Town and Village need 60 + 15 MW, and the river
# brings 10 + 4 MW (half of it in a dry year); from noon there are 30 MW of wind, and at night the
# town and the smelter need less.
SMELTER = 2.0 * 20 + 0.5 * 80 + 0.1 * 300 + 0.1 * 40  # 40 MW by day
QUAY = 2.0 * 1.0 + 0.5 * 5 + 0.1 * 12.5  # 12.5 MW


def annuity(cost, years, rate):
    return cost * rate / (1 - (1 + rate) ** -years)


def inflexible(batch):
    """No flexible river, so that every figure can be worked out."""
    batch.folder.replace("study.yaml", "hydro_flexibility_pu: 0.2", "hydro_flexibility_pu: 0")
    return batch


@pytest.fixture
def plain(batch):
    return inflexible(batch)


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A batch of four, run once."""
    batch = inflexible(Batch(tmp_path_factory.mktemp("ran")))
    batch.write("matrix: {growth: [{all: 1.0}, {all: 1.3}], inflow: [dry, median]}\n")
    run(batch)
    return batch


@pytest.fixture
def out(ran, tmp_path):
    """Results of that batch, for a test to spoil."""
    return shutil.copytree(ran.out, tmp_path / "runs")


def rate(batch):
    return gp.open_study(batch.folder.path).settings.interest_rate


def oxygen(batch):
    return 2.0 * 0.4 - annuity(3, 20, rate(batch))


def conditional(batch):
    """The smelter may be curtailed by a fifth of its 800 MWh, for 50,000 NOK/MWh."""
    path = batch.folder.path / "projects.csv"
    lines = path.read_text("utf-8").splitlines()
    lines[0] += ",connection,curtailable_share,curtailment_nok_per_mwh"
    more = {"Smelter": ",conditional,0.2,50000"}
    lines[1:] = [line + more.get(line.split(",")[0], ",firm,,") for line in lines[1:]]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def test_regret_is_what_paper_gives(plain):
    # Room in the morning, MW: 100 - (75 - 14) = 39, or 32 in a dry year, or 16.5 and 1.5 with
    # growth. Heat pumps save 2 MW each, and the smelter needs 40.
    plain.write("""\
scenarios:
  - {name: As it is}
  - {name: As it is but free, budget_mnok: null, curtailment_nok_per_mwh: 1}
  - {name: Poor, budget_mnok: 10}
  - {name: Grown, growth: {all: 1.3}}
  - {name: Full, growth: {all: 1.5}}
  - {name: No quay, without_projects: [Quay]}
  - {name: Too much, goals: {min_mw: 5000}}
  - {name: Twenty, goals: {min_mw: 20}}
""")
    runs, _ = run(plain)
    found = gp.regret(runs, executor=Here())
    pump, small = annuity(15, 15, rate(plain)), QUAY + oxygen(plain)
    assert found.left_out == ("Too much",)
    assert found.portfolios["named"].tolist() == ["Smelter", "Quay", ""]
    assert found.portfolios["measures"].tolist() == ["Heat pumps", "", ""]
    assert found.portfolios["symbioses"].tolist() == ["", "Mill oxygen", ""]
    assert found.portfolios["scenarios"].tolist() == [4, 2, 1]
    smelter = SMELTER - pump
    nan = np.nan
    by_hand = {
        "As it is": [0, smelter - small, smelter],
        "As it is but free": [0, smelter - small, smelter],
        "Full": [nan, nan, 0],
        "Grown": [nan, 0, small],
        "No quay": [0, nan, smelter],
        "Poor": [nan, 0, small],
        "Twenty": [0, nan, nan],
    }
    for name, column in by_hand.items():
        expected = pytest.approx(column, abs=1e-3, nan_ok=True)
        assert found.mnok_per_yr[name].to_list() == expected, name
    assert found.why.loc["P1"].to_dict() == {
        "As it is": "",
        "As it is but free": "",
        "Full": "not secure",
        "Grown": "not secure",
        "No quay": "",
        "Poor": "not allowed: budget of 10 MNOK",
        "Twenty": "",
    }
    assert found.why.loc["P2", "No quay"] == "not offered: Quay; Mill oxygen"
    assert found.why.loc["P3", "Twenty"] == "not allowed: at least 20 MW (min_mw)"
    assert found.portfolios["holds_in"].tolist() == [4, 4, 6]
    assert found.portfolios["not_secure_in"].tolist() == [2, 1, 0]
    assert found.least_worst is None
    diagonal = [found.mnok_per_yr.loc["P2", name] for name in ("Grown", "Poor")]
    assert diagonal == [0.0, 0.0]
    assert not (found.mnok_per_yr < 0).any(axis=None)
    # fewer portfolios are said to be fewer, and the best plan of a scenario counts all the same
    one = gp.regret(runs, portfolios=2, executor=Here())
    assert one.mnok_per_yr.equals(found.mnok_per_yr.loc[["P1", "P2"]])
    assert "2 of 3 portfolios" in repr(one)


@pytest.mark.slow
def test_curtailment_is_operation_and_chosen_anew(plain):
    conditional(plain)
    plain.write("base: {measures: false}\nmatrix: {growth: [{all: 1}, {all: 1.1}, {all: 1.3}]}\n")
    runs, _ = run(plain)
    found = gp.regret(runs, executor=Here())
    # MW that are missing in the four hours before the wind comes, with and without the quay
    both = SMELTER + QUAY + oxygen(plain)
    values = {
        "P1": [both - 0.05 * 4 * mw for mw in (52.5 - 39, 52.5 - 31.5)],
        "P2": [SMELTER - 0.05 * 4 * mw for mw in (40 - 39, 40 - 31.5)],
    }
    assert found.portfolios["named"].tolist() == ["Quay; Smelter", "Smelter"]
    assert found.mnok_per_yr.loc["P1"].tolist() == pytest.approx([0, 0, np.nan], nan_ok=True)
    assert found.why.loc["P1"].tolist() == ["", "", "not secure"]
    lost = [first - second for first, second in zip(*values.values(), strict=True)]
    assert found.mnok_per_yr.loc["P2"].tolist() == pytest.approx([*lost, 0], abs=2e-3)
    assert found.least_worst == "P2"


@pytest.mark.slow
def test_reinforcements_are_decisions_and_what_the_stage_builds_is_none(plain):
    plain.folder.replace("grid/lines.csv", "8.0,60", "8.0,15")
    plain.folder.replace("grid/lines.csv", "8.0,60", "8.0,15")
    # Lower needs 1.5 · 15 + 12.5 - 14 = 21 MW with the quay; one of two lines carries 15 MW.
    plain.write("""\
base: {growth: {Lower: 1.5}, without_projects: [Smelter], without_reinforcements: [Heavier line]}
scenarios:
  - {name: Offered, grid_year: 2025, reinforcements: [Third circuit]}
  - {name: Not offered, grid_year: 2025}
  - {name: Built anyway, grid_year: 2030}
""")
    runs, _ = run(plain)
    assert runs.table["error"].eq("").all()
    found = gp.regret(runs, executor=Here())
    circuit, small = annuity(60, 40, rate(plain)), QUAY + oxygen(plain)
    table = found.portfolios.reset_index().set_index(["named", "reinforcements"])["portfolio"]
    with_it, without, nothing = table["Quay", "Third circuit"], table["Quay", ""], table["", ""]
    matrix = found.mnok_per_yr
    assert matrix.loc[with_it].to_dict() == pytest.approx(
        {"Built anyway": 0, "Not offered": np.nan, "Offered": 0}, nan_ok=True
    )
    assert found.why.loc[with_it, "Not offered"] == "not offered: Third circuit"
    assert found.why.loc[without].to_dict() == {
        "Built anyway": "", "Not offered": "not secure", "Offered": "not secure",
    }  # fmt: skip
    assert matrix.loc[nothing].to_dict() == pytest.approx(
        {"Built anyway": small, "Not offered": 0, "Offered": small - circuit}, abs=1e-3
    )


@pytest.mark.slow
def test_what_is_there_is_not_computed_again_and_nothing_is_half_written(out, monkeypatch):
    write, written = held.whole_file, []

    def full(target):
        written.append(target)
        if len(written) > 2:
            raise OSError(28, "No space left on device", str(target))
        return write(target)

    monkeypatch.setattr(held, "whole_file", full)
    with pytest.raises(OSError, match="No space left"):
        gp.regret(out, executor=Here())
    monkeypatch.setattr(held, "whole_file", write)
    assert len(list((out / "regret").iterdir())) == 2
    told = []
    found = gp.regret(out, executor=Here(), progress=lambda *step: told.append(step))
    assert [step[1:] for step in told] == [(1, 2), (2, 2)]
    spoilt = next((out / "regret").iterdir())
    spoilt.write_text(spoilt.read_text("utf-8")[:-20], "utf-8")
    told.clear()
    again = gp.regret(out, executor=Here(), progress=lambda *step: told.append(step))
    assert [step[1:] for step in told] == [(1, 1)]
    assert again.mnok_per_yr.equals(found.mnok_per_yr)

    class Nobody(Here):
        def submit(self, fn, /, *args, **kwargs):
            raise AssertionError

    assert gp.regret(out, executor=Nobody()).mnok_per_yr.equals(found.mnok_per_yr)


@pytest.mark.slow
def test_processes_give_the_same_bytes(out):
    found = gp.regret(out, jobs=1)
    before = {path.name: path.read_bytes() for path in (out / "regret").iterdir()}
    assert len(before) == 4
    shutil.rmtree(out / "regret")
    again = gp.regret(out, executor=Here())
    assert {path.name: path.read_bytes() for path in (out / "regret").iterdir()} == before
    assert again.mnok_per_yr.equals(found.mnok_per_yr)


@pytest.mark.slow
def test_a_plan_that_is_not_what_its_record_says_is_told(out):
    name = json.loads((out / "scenarios.json").read_text("utf-8"))["growth=all 1.0, inflow=dry"]
    path = out / name / "record.json"
    record = json.loads(path.read_text("utf-8"))
    record["figures"]["objective_mnok_per_yr"] += 1.0
    path.write_text(json.dumps(record), "utf-8")
    found = gp.regret(out, executor=Here())
    own = "growth=all 1.0, inflow=dry"
    assert found.mnok_per_yr[own].isna().all()
    assert found.why[own].str.startswith("failed: its own plan is worth").all()
    assert not found.why.drop(columns=own).stack().str.contains("failed").any()


@pytest.mark.slow
def test_a_scenario_that_fails_stops_no_other(out, monkeypatch):
    def fail(site, portfolio):
        if site.study.settings.inflow == "dry":
            msg = "broken on purpose"
            raise RuntimeError(msg)
        return held_at(site, portfolio)

    held_at = held._held_at
    monkeypatch.setattr(held, "_held_at", fail)
    found = gp.regret(out, executor=Here())
    dry = [name for name in found.why if "inflow=dry" in name]
    broken = found.why[dry].eq("failed: RuntimeError: broken on purpose")
    assert broken.all(axis=None)
    assert found.mnok_per_yr.drop(columns=dry).notna().any().all()
    monkeypatch.setattr(held, "_held_at", held_at)
    found = gp.regret(out, executor=Here())
    assert found.mnok_per_yr[dry].notna().any().all()


def test_what_cannot_be_asked(ran, out, tmp_path):
    with pytest.raises(StudyError, match="no batch has run here"):
        gp.regret(tmp_path)
    with pytest.raises(ValueError, match="at least 1"):
        gp.regret(out, portfolios=0)

    class Broken(Here):
        def submit(self, fn, /, *args, **kwargs):
            future = Future()
            future.set_exception(BrokenExecutor("gone"))
            return future

    with pytest.raises(GridplanError, match="the executor broke"):
        gp.regret(out, executor=Broken())
    other = Folder(tmp_path / "other")
    with pytest.raises(StudyError, match="another study, or it has changed since"):
        gp.regret(out, study=gp.open_study(other.path), executor=Here())
    (out / "study.json").unlink()
    with pytest.raises(StudyError, match="does not name the study"):
        gp.regret(out, executor=Here())
    assert len(gp.regret(out, study=gp.open_study(ran.folder.path), executor=Here()).portfolios)
