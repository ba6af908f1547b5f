"""Files far larger or deeper than a study is, and names that look like paths or commands."""

import subprocess
import sys
import zipfile

import numpy as np
import pytest
import xarray as xr

import gridplan as gp
from gridplan import cli
from tests.study.books import tiny_book
from tests.study.conftest import HOURS

YAML = {
    "bomb": (
        "a: &a [x,x,x,x,x,x,x,x,x]\n"
        + "".join(
            f"{b}: &{b} [{','.join(['*' + a] * 9)}]\n"
            for a, b in zip("abcdefgh", "bcdefghi", strict=True)
        ),
        "written out",
    ),
    "circle": ("name: &a [*a]\n", "written out"),
    "deep": ("name: " + "[" * 5000, "nested too deeply"),
    "deep and closed": ("name: " + "[" * 5000 + "]" * 5000, "nested too deeply"),
    "no date": ("year: 2024-02-30\n", "not readable as YAML"),
    "endless number": ("year: " + "9" * 5000 + "\n", "not readable as YAML"),
    "infinite": ("interest_rate: 0\nbudget_mnok: .inf\n", "finite number"),
    "large": ("# " + "x" * 1_100_000, "larger than 1 MB"),
    "control": ("name: a\x07b\n", "not readable as YAML"),
    "object": ("name: !!python/object/apply:os.system [ls]\n", "not readable as YAML"),
}


@pytest.mark.parametrize("name", YAML)
def test_settings_that_would_hurt(folder, name):
    text, message = YAML[name]
    (folder.path / "study.yaml").write_text(text, encoding="utf-8")
    problems = gp.check_study(folder.path)
    assert message in problems[0].message


def test_a_million_rows(folder):
    with (folder.path / "projects.csv").open("a", encoding="utf-8") as stream:
        stream.writelines(f"P{number}{',' * 19}\n" for number in range(1_000_000))
    (problem,) = gp.check_study(folder.path)
    assert problem.file == "projects.csv"
    assert "more than 20,000 rows" in problem.message


def test_a_table_that_is_too_large(folder):
    with (folder.path / "measures.csv").open("ab") as stream:
        stream.truncate(60_000_000)  # zeros, without writing them
    (problem,) = gp.check_study(folder.path)
    assert "larger than 50 MB" in problem.message


def test_a_netcdf_file_that_unpacks_to_too_much(folder):
    """A few kilobytes of compressed zeros that declare six gigabytes."""
    import netCDF4

    with netCDF4.Dataset(folder.path / "sectors.nc", "w") as file:
        file.createDimension("snapshot", 24)
        file.createDimension("profile", 30_000_000)
        file.createVariable("profile_pu", "f8", ("snapshot", "profile"), zlib=True)
    (problem,) = gp.check_study(folder.path)
    assert problem.file == "sectors.nc"
    assert "unpacks to more than" in problem.message


def test_a_sheet_of_too_many_rows(tmp_path):
    book = tiny_book()
    for number in range(20_200):
        book["projects"].append([f"P{number}"])
    book.save(tmp_path / "study.xlsx")
    problems = gp.check_study(tmp_path)
    assert "more than 20,000 rows" in problems[0].message


def test_a_sheet_whose_last_row_is_far_away(tmp_path):
    """A format far below, as Excel often leaves, is no row."""
    book = tiny_book()
    book["projects"]["A1048576"].number_format = "0.00"
    book["projects"]["XFD2"].number_format = "0.00"
    book.save(tmp_path / "study.xlsx")
    assert gp.check_study(tmp_path) == []


NAMES = [
    "../../evil",
    "..\\evil",
    "/etc/passwd",
    "CON",
    "a:b*?",
    'He said "no"',
    "Ørsta 🏭",
    "=1+1",
]


@pytest.mark.parametrize("name", NAMES)
def test_odd_names_stay_names(folder, name):
    quoted = '"' + name.replace('"', '""') + '"'
    folder.replace("projects.csv", "Smelter,", f"{quoted},")
    folder.replace("symbioses.csv", "Quay; Smelter", "Quay")
    study = gp.open_study(folder.path)
    assert name in study.projects.index


@pytest.mark.slow
def test_nothing_is_written_outside_the_output_folder(folder, monkeypatch, tmp_path):
    """Bus, project and study called like paths out of the folder; every file lands within."""
    for file in folder.path.rglob("*.csv"):
        text = file.read_text(encoding="utf-8")
        text = text.replace("Lower 66", "../../evil bus").replace("Quay", "../../evil quay")
        file.write_text(text, encoding="utf-8")
    folder.replace("study.yaml", "name: tiny", "name: ../../evil")
    work = tmp_path / "work" / "deep"
    work.mkdir(parents=True)
    monkeypatch.chdir(work)
    before = set(tmp_path.rglob("*"))
    for command in (
        ["hosting", str(folder.path), "--out", "out", "--bus", "../../evil bus"],
        ["explain", str(folder.path), "../../evil quay", "--out", "out", "--no-remedies"],
    ):
        monkeypatch.setattr("sys.argv", ["gridplan", *command])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        assert stopped.value.code == 0
    made = set(tmp_path.rglob("*")) - before
    assert made
    assert all((work / "out") in (path, *path.parents) for path in made)


HOG = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
import gridplan as gp
print(gp.check_study(sys.argv[1])[0])
"""


def _noise(path):
    path.write_bytes(np.random.default_rng(1).bytes(100_000_000))


def _wide(path):
    """A workbook of a million rows that is not refused by its size."""
    row = b'<row r="%d"><c r="A%d"><v>1</v></c><c r="B%d"><v>2</v></c></row>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        with zipfile.ZipFile(_template(path)) as source:
            for name in source.namelist():
                if not name.endswith("sheet2.xml"):
                    target.writestr(name, source.read(name))
        with target.open("xl/worksheets/sheet2.xml", "w") as part:
            space = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
            part.write(b'<worksheet xmlns="' + space + b'"><sheetData>')
            for number in range(1, 1_000_001):
                part.write(row % (number, number, number))
            part.write(b"</sheetData></worksheet>")


def _template(path):
    place = path.parent / "whole.zip"
    tiny_book().save(place)
    return place


@pytest.mark.slow
@pytest.mark.parametrize("file", ["projects.csv", "study.yaml", "hours.nc", "study.xlsx", "wide"])
def test_within_three_gigabytes(folder, tmp_path_factory, file):
    place = folder.path
    if file in ("study.xlsx", "wide"):
        place = tmp_path_factory.mktemp("book")
        (_noise if file == "study.xlsx" else _wide)(place / "study.xlsx")
    else:
        _noise(place / file)
    done = subprocess.run(
        [sys.executable, "-c", HOG, str(place)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    expected = {
        "wide": "more than 20,000 rows",
        "hours.nc": "cannot be read as netCDF",
        "study.xlsx": "no Excel workbook",
    }
    assert expected.get(file, "MB") in done.stdout


def test_series_in_local_time_are_refused(tmp_path):
    """The hour that summer time leaves out shows."""
    book = tiny_book()
    sheet = book["profile_pu"]
    for row in range(10, 26):
        sheet.cell(row, 1).value = (HOURS[row - 2] + np.timedelta64(1, "h")).to_pydatetime()
    book.save(tmp_path / "study.xlsx")
    (problem, *_) = gp.check_study(tmp_path)
    assert "other hours" in problem.message


def test_an_unfinished_netcdf_file(folder):
    whole = (folder.path / "hours.nc").read_bytes()
    for size in (0, 8, 100, len(whole) // 2, len(whole) - 1):
        (folder.path / "hours.nc").write_bytes(whole[:size])
        (problem,) = gp.check_study(folder.path)
        assert "cannot be read as netCDF" in problem.message
    xr.Dataset().to_netcdf(folder.path / "hours.nc")
    assert "hours are missing" in gp.check_study(folder.path)[0].message
