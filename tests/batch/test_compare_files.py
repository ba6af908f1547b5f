"""A comparison as files, on the screen and on the map."""

import datetime as dt
import shutil

import openpyxl
import pandas as pd
import pytest
from pypdf import PdfReader

import gridplan as gp
from gridplan import cli
from gridplan.base.errors import StudyError
from gridplan.base.messages import messages
from gridplan.batch.changes import ASKED, Changes
from gridplan.batch.compare_files import NAME
from gridplan.batch.wording import CHANGES, why_words
from gridplan.exports import style
from gridplan.exports.scene_share import share_class, share_scene
from tests.batch.conftest import Batch
from tests.batch.made import matrix, record, runs_of
from tests.batch.test_run_batch import Here, run

pytestmark = pytest.mark.slow

DAY = dt.date(2026, 5, 17)


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A batch with a scenario that has no plan, and its regret."""
    batch = Batch(tmp_path_factory.mktemp("compared"))
    batch.write("""\
matrix: {growth: [{all: 1.0}, {all: 1.3}], inflow: [dry, median]}
scenarios: [{name: Too much, goals: {min_mw: 5000}}]
""")
    run(batch)
    gp.regret(batch.out, executor=Here())
    return batch


@pytest.fixture(scope="module")
def study(ran):
    return gp.open_study(ran.folder.path)


@pytest.fixture(scope="module")
def written(ran, study, tmp_path_factory):
    found = gp.compare_runs(ran.out)
    capacity = pd.DataFrame({"Upper 66": [3.0, 5.0]}, index=["a", "b"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "1779000000")
        return gp.write_comparison(
            found,
            tmp_path_factory.mktemp("written") / "files",
            regret=gp.regret(ran.out, study=study, executor=Here()),
            capacity_mw=capacity,
            study=study,
            language="nb",
        )


def test_variants_are_told(tmp_path):
    batch = Batch(tmp_path)
    head, row = "name,municipality", "Quay,Lower,Quay 1,Lower 66,12.5"
    path = batch.folder.path / "projects.csv"
    lines = path.read_text("utf-8").splitlines()
    assert lines[0].startswith(head)
    small = lines[1].replace(row, "Small quay,Lower,Quay 1,Lower 66,5")
    assert small != lines[1]
    lines = [lines[0] + ",variant_of", *(line + "," for line in lines[1:]), small + ",Quay"]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    # with growth there is room for 100 - (1.45 · 75 - 14) = 5.25 MW, and 4 MW of the river at most
    batch.write("matrix: {growth: [{all: 1.3}, {all: 1.45}]}\nbase: {measures: false}\n")
    run(batch)
    found = gp.compare_runs(batch.out)
    assert found.no_regret == ["Quay"]
    quay = found.projects.loc["Quay"]
    assert quay["chosen_as"] == "Quay 1; Small quay 1"
    assert quay[["least_mw", "most_mw"]].tolist() == [5.0, 12.5]
    assert found.projects.loc["Smelter", "chosen_as"] == ""


def test_tables_hold_what_was_compared(written, ran):
    found = gp.compare_runs(ran.out)
    table = pd.read_csv(written / "projects.csv", index_col=0, encoding="utf-8-sig")
    assert table["mw"].to_dict() == {"Smelter": 40.0, "Quay": 12.5}
    assert table["chosen"].to_dict() == found.projects["chosen"].to_dict()
    left = pd.read_csv(written / "without_plan.csv", index_col=0, encoding="utf-8-sig")
    assert left["outcome"].to_dict() == {"Too much": "infeasible"}
    matrix_ = pd.read_csv(written / "regret_mnok_per_yr.csv", index_col=0, encoding="utf-8-sig")
    why = pd.read_csv(
        written / "regret_why.csv", index_col=0, encoding="utf-8-sig", keep_default_na=False
    )
    assert matrix_.isna().equals(why.ne(""))
    assert len(matrix_) == 4
    assert (written / "capacity_spread.csv").exists()


def test_the_workbook_says_it_in_norwegian(written):
    book = openpyxl.load_workbook(written / f"{NAME}.xlsx")
    names = ["Forside", "Prosjekter", "Avhenger av", "Scenarier", "Uten plan", "Porteføljer",
             "Angrekostnad", "Hvorfor den ikke holder", "Kapasitet"]  # fmt: skip
    assert book.sheetnames[1:] == names[1:]
    cover = [str(cell.value) for row in book.worksheets[0] for cell in row if cell.value]
    assert cover[0] == "Three buses: 4 scenarier sammenlignet"
    assert "Scenarier uten plan, ikke regnet med" in cover
    assert any("Beslutningstabell" in text for text in cover)
    projects = list(book["Prosjekter"].values)
    assert projects[0][:4] == ("Prosjekt", "Effekt (MW)", "Utfall", "Valgt i (scenarier)")
    rows = {row[0]: dict(zip(projects[0], row, strict=True)) for row in projects[1:]}
    smelter = rows["Smelter"]
    assert smelter["Avhenger mest av"] == "vekst"
    assert smelter["Valgt, etter verdi"] == "1.0: 2 av 2; 1.3: 0 av 2"
    heads = [cell.value for cell in book["Scenarier"][1]]
    assert {"Scenario", "tilsig", "vekst", "Planens verdi (mill. kr/år)"} <= set(heads)
    outcome = heads.index("Utfall")
    assert {row[outcome] for row in list(book["Scenarier"].values)[1:]} == {
        "planlagt", "ingen mulig plan",
    }  # fmt: skip
    why = {cell for row in list(book["Hvorfor den ikke holder"].values)[1:] for cell in row[1:]}
    assert "ikke sikkert" in why


def test_equal_comparisons_are_equal_bytes(written, ran, study, tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1779000000")
    again = gp.write_comparison(
        gp.compare_runs(ran.out), tmp_path / "again", study=study, language="nb"
    )
    same = ["projects.csv", f"{NAME}.png", f"{NAME}.svg", f"{NAME}.pdf"]
    for name in same:
        assert (again / name).read_bytes() == (written / name).read_bytes(), name
    first = (again / f"{NAME}.xlsx").read_bytes()
    gp.write_comparison(gp.compare_runs(ran.out), again, study=study, language="nb")
    assert (again / f"{NAME}.xlsx").read_bytes() == first


def test_the_map_says_what_it_shows(written):
    text = " ".join(PdfReader(written / f"{NAME}.pdf").pages[0].extract_text().split())
    for told in (
        "Three buses: 0 av 2 prosjekter er valgt i alle scenarier",
        "4 scenarier med plan",
        "varierer: tilsig, vekst",
        "1 uten plan, ikke regnet med",
        "en til to tredeler (2)",
        "ingen scenarier (0)",
        "andel av 4 scenarier",
        "Smelter",
        "inndata",
    ):
        assert told in text, told


@pytest.mark.parametrize("language", ["en", "nb"])
def test_projects_have_the_colour_of_their_share(study, language):
    shares = pd.DataFrame(
        {
            "chosen": [6, 1],
            "share": [1.0, 1 / 6],
            "depends_on": ["", "growth"],
            "chosen_as": ["Small quay 2; Quay 4", ""],
        },
        index=pd.Index(["Quay", "Smelter"], name="project"),
    )
    texts = messages(language)
    scene = share_scene(shares, study, texts, scenarios=6, varied=["growth"], left_out=0)
    projects = scene.features.projects
    assert projects.index.tolist() == ["Quay", "Smelter"]
    assert projects["colour"].tolist() == [style.SHARES[3], style.SHARES[0]]
    assert projects["number"].tolist() == [1, 2]
    assert texts("share_always", count=1) in [row.text for row in scene.key]
    assert texts("share_never", count=0) in [row.text for row in scene.key]


def test_a_share_on_a_limit_belongs_above_it():
    assert [share_class(count / 3) for count in range(4)] == [-1, 1, 2, 3]
    assert share_class(199 / 200) == 2
    assert share_class(1 / 200) == 0


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_a_map_alone(ran, study, tmp_path, suffix):
    path = tmp_path / f"share{suffix}"
    made = gp.share_map(gp.compare_runs(ran.out), path, study=study, date=DAY, dpi=50)
    assert made == path
    assert path.stat().st_size > 1000
    with pytest.raises(ValueError, match=r"share\.doc"):
        gp.share_map(gp.compare_runs(ran.out), tmp_path / "share.doc", study=study)


def test_every_change_has_its_words():
    assert set(Changes.model_fields) - set(ASKED) == set(CHANGES)
    for language in ("en", "nb"):
        texts = messages(language)
        assert all(texts(key) for key in CHANGES.values())
    assert why_words("not offered: Quay", messages("nb")) == "ikke tilgjengelig: Quay"
    assert why_words("", messages("nb")) == ""


def test_the_command_tells_and_writes(ran, tmp_path, monkeypatch, capsys):
    runs = shutil.copytree(ran.out, tmp_path / "runs")
    assert command(monkeypatch, "compare", str(runs), "--regret", "--jobs", "1") == 0
    shown = " ".join(capsys.readouterr().out.split())
    for told in (
        "4 scenarios with a plan compared.",
        "1 without a plan, in no share: - Too much: infeasible",
        "no regret (0): none",
        "growth_all: 1.0 2 of 2, 1.3 0 of 2",
        "distinct portfolios",
        "Files in",
    ):
        assert told in shown, told
    files = {path.name for path in (runs / "comparison").iterdir()}
    assert {"projects.csv", "regret_why.csv", f"{NAME}.xlsx", f"{NAME}.png"} <= files
    assert command(monkeypatch, "compare", str(tmp_path)) == 1
    assert "no batch has run here" in " ".join(capsys.readouterr().err.split())


def test_what_a_batch_of_another_study_says(study, tmp_path):
    def told(inflow):
        return {"Quay": True}, {"mw": 1.0}

    found = gp.compare_runs(runs_of(*matrix(told, inflow=["dry", "wet"]), record("x", {}, {})))
    with pytest.raises(StudyError, match="another study"):
        gp.write_comparison(found, tmp_path / "files", study=study)
    assert not (tmp_path / "files").exists()


def command(monkeypatch, *arguments):
    monkeypatch.setattr("sys.argv", ["gridplan", *arguments])
    try:
        cli.main()
    except SystemExit as stopped:
        return stopped.code or 0
    return 0
