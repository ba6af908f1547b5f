"""Whatever stands in the files of a study, it is read or refused: nothing else is ever raised."""

import contextlib
import io
import shutil

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import gridplan as gp
from gridplan.base.errors import Problem
from gridplan.study.settings import Settings
from gridplan.study.settings_file import read_settings
from tests.study.books import tiny_book
from tests.study.conftest import FILES, Folder

SLOW = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large]
# failing cases are small as they are; to shrink them would take minutes
PHASES = [Phase.explicit, Phase.reuse, Phase.generate]
QUIET = {"deadline": None, "suppress_health_check": SLOW, "phases": PHASES}

NASTY = st.sampled_from(
    [
        "", " ", "nan", "NaN", "inf", "-inf", "1e999", "1e-320", "-0", "0x10", "1_000", "١٢", "½",
        "1,5", "1 000", "True", "None", "=1+1", "@SUM(A1)", "'", '"', '""', "a;b", ": 1", "a: b",
        "Upper 66: 1; Upper 66: 1", "Quay; Quay", "../../etc/passwd", "..\\..\\x", "C:\\x", "~",
        "🏭⚡", "é", "\u202e", "\ufeff", "\x00", "\x07", "a\nb", "a\rb", "\u2028", "NULL",
        "9" * 400, "x" * 40_000, "2024-02-30", "0000-00-00", "9999-12-31", "2024-05-01T00:00",
        "LINESTRING (1 2)", "LINESTRING (a b, c d)", "POINT EMPTY", "Quay", "Upper 66",
    ]
)  # fmt: skip
CELL = st.one_of(NASTY, st.text(max_size=12), st.floats().map(str), st.integers().map(str))
TABLES = sorted(file for file in FILES if file.endswith(".csv"))
SCALAR = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.dates(), NASTY
)
VALUE = st.recursive(
    SCALAR,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5) | st.integers(), inner, max_size=3)
    ),
    max_leaves=6,
)
INNER = ["co2_mnok_per_kt", "min_jobs", "border", "capacity_mw", "loading_pu", "name", "quantity"]
KEYS = st.sampled_from([*Settings.model_fields, "netwrok"])
STUDY = st.dictionaries(
    KEYS, VALUE | st.dictionaries(st.sampled_from(INNER), VALUE, max_size=3), max_size=6
)


def refused_or_read(path):
    """Check a study; every problem says what is wrong and what to do."""
    problems = gp.check_study(path)
    for problem in problems:
        assert isinstance(problem, Problem)
        assert problem.message
        assert problem.remedy
        assert len(str(problem)) < 2_000
    if not problems:
        gp.open_study(path)
    return problems


@settings(max_examples=150, **QUIET)
@given(content=st.one_of(STUDY, VALUE))
def test_settings_of_any_content(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    read, problems = read_settings(path)
    assert (read is None) == bool(problems)
    assert all(problem.message and problem.remedy for problem in problems)


@settings(max_examples=150, **QUIET)
@given(text=st.one_of(st.text(max_size=80), st.binary(max_size=80)), at=st.integers(0, 400))
def test_settings_of_any_text(tmp_path_factory, text, at):
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    given_text = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    whole = FILES["study.yaml"].encode()
    path.write_bytes(whole[:at] + given_text + whole[at:])
    read, problems = read_settings(path)
    assert (read is None) == bool(problems)


def cells_of_any_table(tmp_path_factory, data):
    folder = Folder(tmp_path_factory.mktemp("cells"))
    for _ in range(data.draw(st.integers(1, 3))):
        file = data.draw(st.sampled_from(TABLES))
        rows = FILES[file].splitlines()
        row = data.draw(st.integers(0, len(rows) - 1))
        cells = rows[row].split(",")
        cells[data.draw(st.integers(0, len(cells) - 1))] = _quoted(data.draw(CELL))
        rows[row] = ",".join(cells)
        text = "\n".join(rows) + "\n"
        (folder.path / file).write_bytes(text.encode("utf-8", "surrogatepass"))
    refused_or_read(folder.path)
    shutil.rmtree(folder.path)


def _quoted(cell):
    return '"' + cell.replace('"', '""') + '"' if any(c in cell for c in ',"\n\r') else cell


def files_with_noise(tmp_path_factory, file, start, noise, cut):
    folder = Folder(tmp_path_factory.mktemp("noise"))
    whole = (folder.path / file).read_bytes()
    start %= len(whole)
    if file.endswith(".nc"):
        cut = True  # the HDF5 library may crash on changed bytes; that is not ours to mend
    rest = b"" if cut else whole[start + len(noise) :]
    (folder.path / file).write_bytes(whole[:start] + noise + rest)
    refused_or_read(folder.path)
    shutil.rmtree(folder.path)


def cells_of_any_sheet(tmp_path_factory, data):
    from openpyxl.utils.exceptions import IllegalCharacterError

    path = tmp_path_factory.mktemp("sheets")
    book = tiny_book()
    for _ in range(data.draw(st.integers(1, 3))):
        sheet = book[data.draw(st.sampled_from(book.sheetnames))]
        row = data.draw(st.integers(1, sheet.max_row + 1))
        column = data.draw(st.integers(1, sheet.max_column + 1))
        value = data.draw(st.one_of(CELL, SCALAR, st.datetimes(), st.times()))
        with contextlib.suppress(IllegalCharacterError, ValueError):  # Excel cannot hold it either
            sheet.cell(row, column).value = value
    with contextlib.suppress(UnicodeEncodeError):
        book.save(path / "study.xlsx")
        refused_or_read(path)
    shutil.rmtree(path)


def workbooks_with_noise(tmp_path_factory, start, noise, cut):
    path = tmp_path_factory.mktemp("book")
    target = io.BytesIO()
    tiny_book().save(target)
    whole = target.getvalue()
    start %= len(whole)
    rest = b"" if cut else whole[start + len(noise) :]
    (path / "study.xlsx").write_bytes(whole[:start] + noise + rest)
    refused_or_read(path)
    shutil.rmtree(path)


PROPERTIES = {
    "cells of any table": (cells_of_any_table, {"data": st.data()}),
    "cells of any sheet": (cells_of_any_sheet, {"data": st.data()}),
    "files with noise": (
        files_with_noise,
        {
            "file": st.sampled_from([*TABLES, "study.yaml", "hours.nc", "sectors.nc"]),
            "start": st.integers(0, 30_000),
            "noise": st.binary(max_size=40),
            "cut": st.booleans(),
        },
    ),
    "workbooks with noise": (
        workbooks_with_noise,
        {
            "start": st.integers(0, 40_000),
            "noise": st.binary(min_size=1, max_size=20),
            "cut": st.booleans(),
        },
    ),
}


def examine(tmp_path_factory, name, count):
    holds, drawn = PROPERTIES[name]

    @settings(max_examples=count, **QUIET)
    @given(**drawn)
    def once(**values):
        holds(tmp_path_factory, **values)

    once()


@pytest.mark.parametrize("name", PROPERTIES)
def test_a_few(tmp_path_factory, name):
    examine(tmp_path_factory, name, 6)


@pytest.mark.slow
@pytest.mark.parametrize("name", PROPERTIES)
def test_many(tmp_path_factory, name):
    examine(tmp_path_factory, name, 100)
