"""The workbook read back: the same figures, text that stays text, and sheets that are finished."""

import datetime as dt
import zipfile
from dataclasses import replace

import numpy as np
import openpyxl
import pandas as pd
import pytest

import gridplan as gp
from gridplan.base.errors import StudyError
from gridplan.base.messages import LANGUAGES, messages
from gridplan.exports import workbook_writer
from gridplan.exports.assumptions import assumptions, basis_counts
from gridplan.exports.columns import header, word
from gridplan.exports.layers import layers_of
from gridplan.exports.workbook_writer import add_table, save, write
from gridplan.hosting.capacity import hosting_capacity
from gridplan.portfolio.plan import plan
from gridplan.reasons.explain import explain
from gridplan.study.settings import Settings
from tests.exports.conftest import offered
from tests.networks_by_hand import measures

FORMULAS = ["=1+1", "+47 911", "-5", "@SUM(A1)", "\t=1+1", "\r=1+1"]


@pytest.fixture(autouse=True)
def _dated(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1778976000")


@pytest.fixture(scope="module")
def capacity(result):
    return hosting_capacity(result.study, criterion=["N-1", "N-0"], flexibility=[0.0, 0.05])


@pytest.fixture(scope="module")
def paths(result, certificate, capacity, tmp_path_factory):
    folder = tmp_path_factory.mktemp("books")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "1778976000")
        return {
            language: gp.workbook(
                result, folder / f"{language}.xlsx", certificate=certificate, capacity=capacity,
                language=language,
            )
            for language in LANGUAGES
        }  # fmt: skip


def read(path, name, language="en"):
    """Read a sheet back, with the columns by the names that they have in the results."""
    texts = messages(language)
    table = pd.read_excel(path, sheet_name=name, keep_default_na=False, na_values=[""])
    known = [key.removeprefix("column_") for key in texts.texts if key.startswith("column_")]
    levels = [f"capacity_n{n}_{p}_mw" for n in (0, 1) for p in (0, 5)]
    named = {header(column, texts): column for column in [*known, *levels] if column != "level"}
    ambiguous = {"Station": "station", "Name": "name"}
    return table.rename(columns=named | ambiguous)


def texts_of(path):
    book = openpyxl.load_workbook(path)
    return [cell for sheet in book for row in sheet.iter_rows() for cell in row]


def test_projects_read_back_are_those_of_the_plan(paths, result):
    table = read(paths["en"], "Projects").set_index("project")
    own = result.by_project
    assert table.index[0] == "Fiskemottak"  # the largest of the chosen
    for column in ("mw", "jobs", "co2_t_per_yr", "annual_value_mnok", "year"):
        back = table[column].astype(float)
        assert back.to_dict() == pytest.approx(own[column].astype(float).to_dict()), column
    assert table["outcome"].to_dict() == layers_of(result).projects["outcome"].to_dict()
    assert table.loc["Ferge", "municipality"] == "Vestås"
    assert table["source"].to_dict() == own["source"].to_dict()


def test_measures_capacity_and_loading_read_back(paths, result, certificate, capacity):
    taken = read(paths["en"], "Measures").set_index("measure")
    assert taken["units"].to_dict() == result.measures["units"].to_dict()
    assert taken["cost_mnok"].to_dict() == pytest.approx(result.measures["cost_mnok"].to_dict())
    room = read(paths["en"], "Capacity").set_index("bus")
    for criterion, n in (("N-1", 1), ("N-0", 0)):
        for share, percent in ((0.0, 0), (0.05, 5)):
            own = capacity["capacity_mw"].sel(criterion=criterion, flexibility=share).to_series()
            back = room[f"capacity_n{n}_{percent}_mw"]
            assert back.to_dict() == pytest.approx(own.to_dict(), abs=1e-5)
    limits = read(paths["en"], "Capacity limits").set_index(["criterion", "bus", "flexibility"])
    own = capacity["limiting_branch"].to_series()
    assert limits["limiting_branch"].fillna("").loc[own.index].tolist() == own.tolist()
    hours = capacity["limiting_hour"].to_series()
    assert (limits["limiting_hour"].reindex(hours.index) == hours).all()
    loading = read(paths["en"], "Loading").set_index("branch")
    own = layers_of(result, certificate=certificate).branches["loading_pu"]
    assert loading["loading_pu"].to_dict() == pytest.approx(own.to_dict())
    assert loading["loading_pu"].is_monotonic_decreasing
    bridges = read(paths["en"], "Without N-1").set_index("branch")
    assert bridges["peak_mw"].to_dict() == certificate.without_n1["peak_mw"].to_dict()


def test_why_not_tells_what_limits_every_project_left_out(paths, result):
    table = read(paths["en"], "Why not")
    assert set(table["project"]) == {"Datasenter $x_1$ <b>"}
    why = explain(result, "Datasenter $x_1$ <b>", remedies=False, forced=False)
    assert table["branch"].fillna("").tolist() == why.critical["branch"].tolist()
    assert table["missing_mw"].tolist() == pytest.approx(why.critical["missing_mw"].tolist())
    assert table["worst_hour"].tolist() == why.critical["worst_hour"].tolist()
    assert "value_lost_mnok" not in table
    told = read(paths["en"], "Why not, in words")
    assert told["explanation"].tolist() == [why.text("en")]


def test_given_explanations_are_used(result, tmp_path):
    why = explain(result, "Datasenter $x_1$ <b>")
    path = gp.workbook(result, tmp_path / "plan.xlsx", why=[why])
    [text] = read(path, "Why not, in words")["explanation"]
    assert text == why.text("en")
    assert "smaller project" in text


def test_the_cover_says_what_it_is_and_where_it_comes_from(paths, result, certificate):
    cover = pd.read_excel(paths["en"], sheet_name="Cover", header=None).set_index(0)[1]
    assert cover["Input (SHA-256)"] == result.study.hash
    assert cover["Power chosen (MW)"] == pytest.approx(result.summary()["mw"])
    assert cover["Flows compared with a limit"] == certificate.checks
    assert cover["Sources and licences"] == "© Kartverket (CC BY 4.0)"
    book = openpyxl.load_workbook(paths["en"])
    links = {c.value: c.hyperlink.location or c.hyperlink.target for row in book["Cover"]
             for c in row if c.hyperlink}  # fmt: skip
    assert list(links) == book.sheetnames[1:]
    assert links["Projects"].lstrip("#") == "'Projects'!A1"


def test_a_plan_that_failed_its_certificate_says_so_first(result, certificate, tmp_path):
    failed = replace(certificate, secure=False, violation_count=2)
    path = gp.workbook(result, tmp_path / "plan.xlsx", certificate=failed)
    assert "NOT SECURE" in openpyxl.load_workbook(path)["Cover"]["A1"].value


def test_norwegian_has_norwegian_names_headers_and_words(paths):
    book = openpyxl.load_workbook(paths["nb"])
    assert book.sheetnames[:4] == ["Forside", "Prosjekter", "Tiltak", "Hvorfor ikke"]
    table = read(paths["nb"], "Prosjekter", "nb")
    assert set(table["outcome"]) == {"valgt", "ikke valgt"}
    assert set(table["connection"]) == {"fast"}
    assert book.properties.language == "nb-NO"
    english = {word(value, messages("en")) for value in ("not chosen", "firm", "candidate")}
    cells = {cell.value for cell in texts_of(paths["nb"]) if isinstance(cell.value, str)}
    assert not english & cells


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sheet_is_finished(paths, language):
    book = openpyxl.load_workbook(paths[language])
    for sheet in book.worksheets[1:]:
        assert sheet.freeze_panes == "B2", sheet.title
        assert sheet.auto_filter.ref == sheet.dimensions, sheet.title
        heads = [cell.value for cell in sheet[1]]
        assert all(heads), sheet.title
        assert len(set(heads)) == len(heads), sheet.title
        for column in sheet.columns:
            width = sheet.column_dimensions[column[0].column_letter].width
            assert 9 <= width <= 120, (sheet.title, column[0].value)
            power = str(column[0].value).endswith("(MW)")
            shown = {c.number_format for c in column[1:] if isinstance(c.value, (int, float))}
            assert not power or shown <= {"#,##0.0"}, (sheet.title, column[0].value)
        assert len(sheet.title) <= 31
    rules = {name for name in book.sheetnames if book[name].conditional_formatting}
    assert {messages(language)(f"sheet_{n}") for n in ("projects", "capacity", "loading")} <= rules


def test_text_never_becomes_a_formula(result, tmp_path):
    rows = offered().rename(index=dict(zip(offered().index[:4], FORMULAS[:4], strict=True)))
    rows = rows.assign(source='=HYPERLINK("http://x")', sector="@x")
    study = replace(result.study, projects=rows.assign(value_mnok_per_yr=5.0))
    path = gp.workbook(plan(study), tmp_path / "plan.xlsx")
    cells = texts_of(path)
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    risky = [cell for cell in cells if isinstance(cell.value, str) and cell.value[0] in "=+-@"]
    assert {cell.value for cell in risky} >= {"=1+1", "+47 911", "-5", "@SUM(A1)", "@x"}
    assert all(cell.quotePrefix for cell in risky)
    with zipfile.ZipFile(path) as packed:
        for name in packed.namelist():
            assert b"<f>" not in packed.read(name)


@pytest.mark.parametrize("text", FORMULAS)
def test_a_cell_keeps_what_looks_like_a_formula(text, tmp_path):
    book = openpyxl.Workbook()
    cell = write(book.active, 1, 1, text)
    assert (cell.value, cell.data_type, cell.quotePrefix) == (text, "s", True)
    save(book, tmp_path / "a.xlsx", dt.datetime(2026, 5, 17, tzinfo=dt.UTC))
    back = openpyxl.load_workbook(tmp_path / "a.xlsx").active["A1"]
    assert back.data_type == "s"
    assert back.value.strip() == text.strip()


def test_odd_text_and_missing_values_do_no_harm():
    book = openpyxl.Workbook()
    table = pd.DataFrame(
        {"project": ["a\x00b", "<script>", "x" * 40_000], "mw": [1.5, np.nan, np.inf],
         "snapshot": pd.to_datetime(["2030-01-01 05:00", None, None])}
    )  # fmt: skip
    sheet = add_table(book, "Odd", table.replace(np.inf, np.nan), Settings(), messages("en"))
    assert sheet["A2"].value == "a b"
    assert sheet["A3"].value == "<script>"
    assert len(sheet["A4"].value) == 32_767
    assert (sheet["B2"].value, sheet["B3"].value) == (1.5, None)
    assert sheet["C2"].value == dt.datetime(2030, 1, 1, 5)
    assert sheet["C3"].value is None


def test_equal_plans_are_equal_bytes(paths, result, certificate, capacity, tmp_path):
    path = gp.workbook(result, tmp_path / "again.xlsx", certificate=certificate, capacity=capacity)
    assert path.read_bytes() == paths["en"].read_bytes()
    book = openpyxl.load_workbook(path)
    assert book.properties.created == book.properties.modified == dt.datetime(2026, 5, 17)


def test_without_anything_further_it_is_still_a_workbook(result, tmp_path):
    path = gp.workbook(result, tmp_path / "plan.xlsx")
    names = openpyxl.load_workbook(path).sheetnames
    assert "Capacity" not in names
    assert "Without N-1" not in names
    cover = pd.read_excel(path, sheet_name="Cover", header=None).set_index(0)[1]
    assert cover["Certificate"] == "no certificate"


def test_assumptions_are_counted_and_listed(result, paths):
    counts = basis_counts(result.study).set_index("table")
    assert counts.loc["lines", ["synthetic", "assumption", "osm", "rows"]].tolist() == [1, 1, 3, 7]
    listed = assumptions(result.study)
    assert {"AC", "DE"} == set(listed.loc[listed["table"] == "lines", "name"])
    table = read(paths["en"], "Assumptions")
    assert table["name"].tolist() == listed["name"].tolist()
    assert read(paths["en"], "How it is known").set_index("table")["rows"].to_dict() == (
        counts["rows"].rename(index=lambda name: word(name, messages("en"))).to_dict()
    )


def test_assumed_figures_of_documented_rows_are_listed_too(result):
    saving = measures({"Varme": {"buses": "D: 1", "mw": 4.0}})
    rows = offered().assign(mw_basis=["assumption: by area", *["published"] * 4])
    study = replace(result.study, projects=rows.assign(basis="register"), measures=saving)
    listed = assumptions(study)
    own = listed[listed["table"] == "projects"]
    assert own[["name", "what", "source"]].to_numpy().tolist() == [
        ["Smelteverk på Øya", "power", "assumption: by area"]
    ]
    assert listed.loc[listed["table"] == "measures", "what"].tolist() == ["row"]


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt])
def test_a_failure_leaves_the_older_file(result, tmp_path, monkeypatch, failure):
    path = tmp_path / "plan.xlsx"
    path.write_bytes(b"older")

    def broken(*_args, **_kwargs):
        raise failure

    monkeypatch.setattr(workbook_writer.zipfile.ZipFile, "writestr", broken)
    with pytest.raises((OSError, KeyboardInterrupt)):
        gp.workbook(result, path)
    assert path.read_bytes() == b"older"
    assert [p.name for p in tmp_path.iterdir()] == ["plan.xlsx"]


def test_what_is_no_plan_or_workbook_is_refused(result, capacity, tmp_path):
    with pytest.raises(TypeError, match="made of a Plan"):
        gp.workbook(capacity, tmp_path / "plan.xlsx")
    with pytest.raises(ValueError, match=r"ends in \.xlsx"):
        gp.workbook(result, tmp_path / "plan.xls")
    other = replace(
        result, study=replace(result.study, projects=result.study.projects.assign(mw=9.0))
    )
    with pytest.raises(StudyError, match="not the study of the capacity"):
        gp.workbook(other, tmp_path / "plan.xlsx", capacity=capacity)
