"""`gridplan study --report` on three buses: every file that is handed on, opened again."""

import docx
import openpyxl
import pyogrio
import pypdf
import pytest

from gridplan import cli
from gridplan.exports.handover import WRITERS
from tests.study.conftest import Folder

pytestmark = pytest.mark.slow

STYLES = {"municipalities", "branches", "transformers", "projects"}


def run(monkeypatch, *arguments):
    monkeypatch.setattr("sys.argv", ["gridplan", *map(str, arguments)])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    return stopped.value.code


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Folder of a study whose quay finds no room beside the smelter."""
    study = Folder(tmp_path_factory.mktemp("study"))
    folder = tmp_path_factory.mktemp("report") / "results"
    with pytest.MonkeyPatch.context() as patch:
        for module in ("workbook", "report_text"):  # explanations are handed to them
            patch.setattr(f"gridplan.exports.{module}.explain", None)
        assert run(patch, "study", study.path, "--report", "--language", "nb", "--out", folder) == 0
    return folder


def test_every_file_is_there_and_nothing_half_written(results):
    names = {path.name for path in results.iterdir()}
    assert names >= {*WRITERS, "plan.png", "projects.csv", "certificate.nc", "ac_check.nc"}
    for stem in ("plan", "capacity"):
        assert names >= {f"{stem}.qml", *(f"{stem}_{layer}.qml" for layer in STYLES)}
    assert not [name for name in names if name.startswith(".")]
    assert (results / "capacity.png").read_bytes().startswith(b"\x89PNG")


def test_the_page_holds_capacity_and_plan(results):
    page = (results / "plan.html").read_text(encoding="utf-8")
    assert '<html lang="nb"' in page
    assert '"hasCapacity":true' in page.replace(": ", ":")
    assert "Smelter" in page


def test_gis_files_hold_capacity_and_plan(results):
    projects = pyogrio.read_dataframe(results / "plan.gpkg", layer="projects")
    assert set(projects["project"]) >= {"Quay", "Smelter"}
    stations = pyogrio.read_dataframe(results / "capacity.gpkg", layer="stations")
    assert len(stations) == 3
    for name in ("plan.gpkg", "capacity.gpkg"):
        layers = {row[0] for row in pyogrio.list_layers(results / name)}
        assert layers >= {"stations", "layer_styles", "about"}


def test_workbook_and_reports_say_why_and_what_would_help(results):
    book = openpyxl.load_workbook(results / "plan.xlsx")
    told = {row[0].value: str(row[1].value) for row in book["Hvorfor ikke, med ord"].iter_rows()}
    assert "Upper T1, uten feil i nettet: 4 timer, inntil 10 MW for lite" in told["Quay"]
    assert "mindre prosjekt: 2,5 MW får plass i alle timer" in told["Quay"]
    assert {"Kapasitet", "Uten N-1"} <= set(book.sheetnames)
    word = docx.Document(results / "report.docx")
    rows = [[cell.text for cell in row.cells] for table in word.tables for row in table.rows]
    pages = pypdf.PdfReader(results / "report.pdf").pages
    texts = {
        "docx": "\n".join([*(part.text for part in word.paragraphs), *(" ".join(r) for r in rows)]),
        "pdf": "\n".join(page.extract_text() for page in pages),
        "html": (results / "report.html").read_text(encoding="utf-8"),
    }
    for form, text in texts.items():
        assert "Upper T1 ville blitt overbelastet" in text, form
        assert "2,5 MW får plass i alle timer" in text, form
        assert "Driftsmessig forsvarlig: strøm og spenning" in text, form
        assert "Strøm og spenning, AC: de verste timene og utfallene" in text, form


def test_a_file_open_elsewhere_is_told_before_the_work(monkeypatch, capsys, tmp_path):
    (tmp_path / "plan.xlsx").mkdir()  # nothing that can be replaced
    monkeypatch.setattr("gridplan.study.reading.open_study", None)  # not reached
    assert run(monkeypatch, "study", "trondelag", "--report", "--out", tmp_path) == 1
    assert "plan.xlsx" in capsys.readouterr().err
