"""A study in one workbook: read as the CSV folder is, or refused with sheet, row, column, value."""

import datetime as dt
import io
import re
import zipfile

import pandas as pd
import pytest
from openpyxl import Workbook, load_workbook

import gridplan as gp
from gridplan.base.errors import StudyError
from gridplan.study.headers import column_name, norwegian
from gridplan.study.new import example_rows
from gridplan.study.settings import Settings
from gridplan.study.tables import TABLES
from gridplan.study.workbook.book import read_book
from gridplan.study.workbook.settings import read_settings_sheet
from gridplan.study.workbook.template import NETCDF_ONLY, write_template
from tests.study.books import tiny_book
from tests.study.conftest import HOURS, know_sectors, sector_shapes


@pytest.fixture
def book():
    return tiny_book()


def checked(book, path):
    book.save(path / "study.xlsx")
    return gp.check_study(path)


def test_the_same_study_as_in_csv_files(folder, book, tmp_path):
    place = tmp_path / "excel"
    place.mkdir()
    book.save(place / "study.xlsx")
    ours, theirs = gp.open_study(place / "study.xlsx"), gp.open_study(folder.path)
    for name in ("projects", "measures", "symbioses", "reinforcements", "outages", "schedule_mw"):
        pd.testing.assert_frame_equal(getattr(ours, name), getattr(theirs, name))
    for name in ("buses", "lines", "transformers", "generators", "loads"):
        one, other = (getattr(study.network.c, name).static for study in (ours, theirs))
        pd.testing.assert_frame_equal(one, other)
    assert ours.folder == place
    assert gp.open_study(ours.folder).hash == ours.hash
    with pytest.raises(StudyError, match="one year of weather only"):
        gp.with_year(ours, inflow="dry")


@pytest.mark.slow
def test_sectors_of_the_loads_as_in_csv_files(folder, book, tmp_path):
    know_sectors(folder)
    for column, values in ((8, ("homes", 300, None)), (9, ("industry", 50, 50))):
        head = f"annual_gwh_{values[0]}"
        for row, value in enumerate((head, *values[1:]), 1):
            book["loads"].cell(row, column).value = value
    book["loads"]["H3"], book["loads"]["I2"] = "50,0", None
    sheet = book.create_sheet("sector_mw_per_gwh")
    shapes = sector_shapes().to_pandas()
    sheet.append(["snapshot", *shapes.columns])
    for hour, figures in zip(HOURS, shapes.to_numpy().tolist(), strict=True):
        sheet.append([hour.to_pydatetime(), *figures])
    place = tmp_path / "excel"
    place.mkdir()
    assert checked(book, place) == []
    ours, theirs = gp.open_study(place).sector_load, gp.open_study(folder.path).sector_load
    pd.testing.assert_frame_equal(ours.mw(), theirs.mw())


def test_as_norwegians_write_it(book, tmp_path):
    """Headers, decimal commas, blanks in numbers, dates, yes and no, titles, empty rows, merges."""
    sheet = book["projects"]
    for cell in sheet[1]:
        own = norwegian(next(t for t in TABLES if t.name == "projects"), cell.value)
        cell.value = own[0].capitalize() if own else cell.value
    columns = {cell.value: cell.column for cell in sheet[1]}
    assert {"Navn", "Kommune", "Effekt", "Søknadsdato"} <= set(columns)
    sheet.cell(1, columns["Effekt"]).value = "Effekt (MW)"
    sheet.cell(2, columns["Effekt"]).value = "12,5"
    sheet.cell(2, columns["Søknadsdato"]).value = "1.5.2024"
    sheet.cell(2, columns["Lengdegrad"]).value = "10,397"
    sheet.cell(3, columns["Co2-kutt"]).value = "20\u00a0000,0"
    sheet.cell(2, columns["Kommune"]).value = "Lower"
    sheet.merge_cells(start_row=2, end_row=4, start_column=columns["Kommune"],
                      end_column=columns["Kommune"])  # fmt: skip
    sheet.insert_rows(4)  # an empty row; openpyxl leaves the merged range where it is
    sheet.insert_rows(1, 2)
    sheet["A1"] = "Prosjekter i regionen"
    sheet.merged_cells.ranges.clear()
    sheet.merge_cells(start_row=4, end_row=7, start_column=columns["Kommune"],
                      end_column=columns["Kommune"])  # fmt: skip
    sheet.title = "Prosjekter"
    buses = book["buses"]
    buses["F2"], buses["F4"] = "ja", "nei"
    book.create_sheet("# my notes")["A1"] = "not read"
    assert checked(book, tmp_path) == []
    study = gp.open_study(tmp_path)
    assert study.projects.index.tolist() == ["Quay", "Smelter", "Shop"]
    assert study.projects["municipality"].tolist() == ["Lower"] * 3
    quay, smelter = study.projects.loc["Quay"], study.projects.loc["Smelter"]
    assert (quay["mw"], quay["lon"]) == (12.5, 10.397)
    assert quay["queue_date"] == pd.Timestamp("2024-05-01")
    assert smelter["co2_t_per_yr"] == 20_000
    assert study.network.c.buses.static["in_county"].tolist() == [True, True, False]


# sheet, cell, value -> sheet, row, column, value, message, remedy (parts of each)
CELLS = {
    "formula": (
        ("projects", "E2", "=10+2.5"),
        ("projects", "row 2 (Quay)", "mw", "formula", "without a saved value", "save it"),
    ),
    "error of Excel": (
        ("projects", "E2", "#DIV/0!"),
        ("projects", "row 2 (Quay)", "mw", "#DIV/0!", "error of Excel", "Correct the formula"),
    ),
    "thousand or decimal": (
        ("projects", "E2", "1,250"),
        ("projects", "row 2 (Quay)", "mw", "1,250", "1.25 or 1250?", "without a separator"),
    ),
    "date for a number": (
        ("projects", "E2", dt.date(2026, 5, 12)),
        ("projects", "row 2 (Quay)", "mw", "2026-05-12", "a date in a number", "as a number"),
    ),
    "unit in a cell": (
        ("projects", "E2", "12,5 MW"),
        ("projects", "row 2 (Quay)", "mw", "12,5 MW", "text after a number", "alone (MW)"),
    ),
    "yes for a number": (
        ("projects", "E2", True),
        ("projects", "row 2 (Quay)", "mw", "True", "no number", "Give a number (MW)"),
    ),
    "kW": (
        ("projects", "E2", 12500),
        ("projects", "row 2 (Quay)", "mw", "12500", "above 10,000 (MW)", "kW?"),
    ),
    "American date": (
        ("projects", "I2", "5/1/2024"),
        ("projects", "row 2 (Quay)", "queue_date", "5/1/2024", "not a date", "2026-07-30"),
    ),
    "number for a date": (
        ("projects", "I2", 45413),
        ("projects", "row 2 (Quay)", "queue_date", "45413", "a number, not a date", "2026-07-30"),
    ),
    "unknown bus": (
        ("projects", "D2", "Lowr 66"),
        ("projects", "row 2 (Quay)", "bus", "Lowr 66", "unknown bus", "'Lower 66'"),
    ),
    "beyond the header": (
        ("buses", "K3", "a remark"),
        ("buses", "row 3 (Upper 66)", "", "a remark", "without a header", "Name the column"),
    ),
    "misspelt header": (
        ("projects", "E1", "Efekt"),
        ("projects", "row 1", "Efekt", "", "not known", "Remove the column"),
    ),
    "line break in a name": (
        ("loads", "A3", "Vill\nage"),
        ("loads", "row 3", "name", "Vill", "line break", "one line"),
    ),
    "settings": (
        ("settings", "B5", "average"),
        ("settings", "row 5", "inflow", "average", "'dry', 'median' or 'wet'", "hydrological"),
    ),
    "unknown key": (
        ("settings", "A5", "inflwo"),
        ("settings", "row 5", "inflwo", "", "unknown key", "'inflow'"),
    ),
    "text in a series": (
        ("load_mw", "B7", "fifty"),
        ("load_mw", "row 7", "Town", "fifty", "text in a number column", "Give a number"),
    ),
}


@pytest.mark.parametrize("name", CELLS)
def test_one_bad_cell(book, tmp_path, name):
    (sheet, cell, value), expected = CELLS[name]
    book[sheet][cell] = value
    if isinstance(value, int):
        book[sheet][cell].number_format = "General"  # else Excel takes it for a date
    problems = checked(book, tmp_path)
    if name == "misspelt header":  # the column that it should be is then missing too
        assert [problem.column for problem in problems] == ["Efekt", "mw"]
    elif name == "line break in a name":  # its series then belongs to nobody
        assert {problem.file for problem in problems[1:]} <= {"study.xlsx"}
    else:
        assert len(problems) == 1, "\n".join(map(str, problems))
    first = problems[0]
    found = (first.row, first.column, first.value, first.message, first.remedy)
    assert first.file == f"study.xlsx, sheet {expected[0]}"
    assert found[1] == expected[2]
    for part, text in zip(expected[1:], found, strict=True):
        assert part in text


def test_all_problems_of_a_workbook_in_one_list(book, tmp_path):
    book["projects"]["E2"] = "1,250"
    book["projects"]["D3"] = "Nowhere"
    book["lines"]["G2"] = "=60"
    book["settings"]["B5"] = "average"
    found = [(p.file.removeprefix("study.xlsx, sheet "), p.row) for p in checked(book, tmp_path)]
    assert sorted(found) == [
        ("lines", "row 2 (Upper-Lower 1)"),
        ("projects", "row 2 (Quay)"),
        ("projects", "row 3 (Smelter)"),
        ("settings", "row 5"),
    ]


@pytest.mark.parametrize(
    ("cells", "message"),
    [("E2:E3", "its share is unknown"), ("B2:C2", "over several columns"), ("B1:C1", "merged hea")],
)
def test_merges_that_cannot_be_read(book, tmp_path, cells, message):
    book["projects"].merge_cells(cells)
    (problem, *_) = checked(book, tmp_path)
    assert message in problem.message
    assert problem.file == "study.xlsx, sheet projects"


def test_sheets_that_are_wrong_as_a_whole(book, tmp_path):
    del book["loads"]
    book["measures"].title = "mesures"
    book["symbioses"].delete_rows(1, 9)
    book.copy_worksheet(book["outages"]).title = "utfall"
    messages = {p.file.removeprefix("study.xlsx, sheet "): p for p in checked(book, tmp_path)}
    assert messages["loads"].message == "the sheet is missing"
    assert "'measures'" in messages["mesures"].remedy
    assert messages["symbioses"].message == "the sheet is empty"
    assert "another sheet" in messages["utfall"].message


def test_a_formula_counts_with_its_saved_value(book, tmp_path):
    book["projects"]["E2"] = "=10+2.5"
    book.save(tmp_path / "study.xlsx")
    part = "xl/worksheets/" + _part(tmp_path / "study.xlsx", b"10+2.5")
    _rewrite(tmp_path / "study.xlsx", part, b"<v></v>", b"<v>12.5</v>", b"<v />", b"<v>12.5</v>")
    assert gp.open_study(tmp_path).projects.loc["Quay", "mw"] == 12.5


def test_a_formula_that_gives_an_empty_text_is_an_empty_cell(book, tmp_path):
    book["projects"]["C2"] = '=IF(1=1,"","x")'
    book.save(tmp_path / "study.xlsx")
    part = "xl/worksheets/" + _part(tmp_path / "study.xlsx", b"IF(1=1")
    _rewrite(tmp_path / "study.xlsx", part, b'<c r="C2"', b'<c t="str" r="C2"')
    assert gp.open_study(tmp_path).projects.loc["Quay", "site"] == ""


def _part(path, text):
    with zipfile.ZipFile(path) as archive:
        parts = [n for n in archive.namelist() if n.startswith("xl/worksheets/sheet")]
        return next(n.split("/")[-1] for n in parts if text in archive.read(n))


def _rewrite(path, part, *pairs):
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    for old, new in zip(pairs[::2], pairs[1::2], strict=True):
        content[part] = content[part].replace(old, new)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)


def test_the_tables_in_two_places(folder, book):
    (problem,) = checked(book, folder.path)
    assert "both in study.xlsx and in CSV files" in problem.message
    assert "grid" in problem.value


def test_the_settings_in_two_places_or_beside(book, tmp_path):
    (tmp_path / "study.yaml").write_text("name: beside\nunsecured: [Upper T1]\n", encoding="utf-8")
    (problem,) = checked(book, tmp_path)
    assert "settings both" in problem.message
    del book["settings"]
    book.save(tmp_path / "study.xlsx")
    assert gp.open_study(tmp_path / "study.yaml").name == "beside"


def test_a_workbook_of_another_name(book, tmp_path):
    book.save(tmp_path / "mine.xlsx")
    (problem,) = gp.check_study(tmp_path / "mine.xlsx")
    assert "another name" in problem.message


def test_settings_with_lists_and_inner_keys(book, tmp_path):
    rows = {
        "weights.co2_mnok_per_kt": "2,5",
        "map_classes.capacity_mw": "5; 20; 80",
        "county_goals.1.name": "Utslipp",
        "county_goals.1.name_en": "Emissions",
        "county_goals.1.quantity": "co2_t_per_yr",
        "county_goals.1.baseline": "1 000 000",
        "county_goals.1.baseline_year": 2009,
        "county_goals.1.target_year": 2030,
        "county_goals.1.change_pu": -0.5,
        "county_goals.1.source": "made up",
    }
    for row in rows.items():
        book["settings"].append(row)
    book.save(tmp_path / "study.xlsx")
    settings = gp.open_study(tmp_path).settings
    assert settings.weights.co2_mnok_per_kt == 2.5
    assert settings.map_classes.capacity_mw == (5, 20, 80)
    assert settings.county_goals[0].distance == 500_000
    assert settings.unsecured == ("Upper T1",)


def test_the_template_offers_what_the_check_allows(tmp_path):
    shapes = pd.DataFrame({"load": 1.0, "hydro": 1.0, "wind": 1.0, "flat": 1.0}, index=HOURS)
    write_template(tmp_path / "study.xlsx", "mine", example_rows(), shapes)
    book = load_workbook(tmp_path / "study.xlsx")
    for table in TABLES:
        sheet = book[table.name]
        assert sheet.freeze_panes == "B3"
        rules = {str(r.sqref).partition("3:")[0]: r for r in sheet.data_validations.dataValidation}
        for cell, column in zip(sheet[1], table.columns, strict=True):
            assert cell.value == column.name
            assert column.description in cell.comment.text
            assert column.unit in sheet.cell(2, cell.column).value
            rule = rules.get(cell.column_letter)
            if column.choices:
                assert rule.formula1 == f'"{",".join(column.choices)}"'
                assert len(rule.formula1) <= 257  # Excel takes 255 characters and the quotes
            if column.name == "bus":
                assert rule.formula1.startswith("buses!$A$3")
            if column.kind == "number" and column.maximum is not None:
                assert float(rule.formula2) == column.maximum


def test_every_norwegian_header_means_its_own_column():
    for table in TABLES:
        for column in table.columns:
            for other in norwegian(table, column.name):
                assert column_name(table, other.upper()) == column.name


GOOD = io.BytesIO()
Workbook().save(GOOD)


def _bomb():
    """Ten megabytes of zeros a hundred times, in some hundred kilobytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        for number in range(100):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", bytes(10_000_000))
    return target.getvalue()


def _entities():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(
            "xl/workbook.xml", '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a/>'
        )
    return target.getvalue()


def _other_zip():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("content.xml", "<office/>")
    return target.getvalue()


FILES = {
    "empty": (lambda: b"", "the file is empty"),
    "truncated": (lambda: GOOD.getvalue()[:2000], "no Excel workbook"),
    "noise": (lambda: bytes(range(256)) * 4000, "no Excel workbook"),
    "CSV": (lambda: b"name,bus\n", "no Excel workbook"),
    "old Excel": (lambda: bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512), "password"),
    "LibreOffice": (_other_zip, "no Excel workbook (.xlsx)"),
    "bomb": (_bomb, "unpacks to more than"),
    "entities": (_entities, "XML entities"),
    "without tables": (GOOD.getvalue, "the sheet is not known"),
}


@pytest.mark.parametrize("name", FILES)
def test_files_that_are_no_study(tmp_path, name):
    make, message = FILES[name]
    (tmp_path / "study.xlsx").write_bytes(make())
    problems = gp.check_study(tmp_path)
    assert message in problems[0].message
    assert problems[0].file.startswith("study.xlsx")


def test_spoilt_parts(book, tmp_path):
    """Every part of a workbook that is no XML any more ends in an error."""
    book.save(tmp_path / "study.xlsx")
    whole = (tmp_path / "study.xlsx").read_bytes()
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        parts = [n for n in archive.namelist() if n.startswith("xl/") and "theme" not in n]
    for part in parts:
        (tmp_path / "study.xlsx").write_bytes(whole)
        _rewrite(tmp_path / "study.xlsx", part, b">", b"><")
        assert gp.check_study(tmp_path), part


def test_the_settings_sheet_of_the_template_names_every_key(tmp_path):
    """Each default typed in as it stands in the sheet gives the default settings again."""
    shapes = pd.DataFrame({"load": 1.0}, index=HOURS)
    write_template(tmp_path / "study.xlsx", "study", example_rows(), shapes)
    book = load_workbook(tmp_path / "study.xlsx")
    sheet = book["settings"]
    keys = set()
    for key, value, meaning in sheet.iter_rows(min_row=2):
        keys.add(key.value.removeprefix("# ").partition(".")[0])
        default = re.search(r"\(default (.*)\)$", meaning.value)
        if value.value is None and default:
            value.value = default[1]
    sheet["B3"] = None  # the title
    assert keys == set(Settings.model_fields) - set(NETCDF_ONLY)
    book.save(tmp_path / "study.xlsx")
    cells, problems = read_book(tmp_path / "study.xlsx", "study.xlsx")
    assert problems == []
    assert read_settings_sheet(cells["settings"]) == (Settings(), [])
