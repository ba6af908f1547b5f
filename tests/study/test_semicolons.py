"""A study folder as a Norwegian Excel saves it: semicolons, decimal commas, ja and nei."""

import csv
import io

import pandas as pd
import pytest

import gridplan as gp


def as_norwegian_excel(path):
    """Write a file anew with semicolons and decimal commas."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    with path.open(encoding="utf-8", newline="") as stream:
        for number, row in enumerate(csv.reader(stream)):
            writer.writerow([_cell(cell) if number else cell for cell in row])
    path.write_bytes(b"\xef\xbb\xbf" + out.getvalue().encode())


def _cell(cell):
    try:
        float(cell)
    except ValueError:
        return {"True": "SANN", "False": "USANN"}.get(cell, cell)
    return cell.replace(".", ",")


@pytest.fixture(scope="module")
def region(tmp_path_factory):
    return gp.new_study(tmp_path_factory.mktemp("semicolons") / "region")


def test_the_whole_study_reads_the_same(region, tmp_path):
    before = gp.open_study(region)
    again = gp.new_study(tmp_path / "region")
    files = sorted(again.rglob("*.csv"))
    assert len(files) > 10
    for path in files:
        as_norwegian_excel(path)
    assert ";" in (again / "projects.csv").read_text("utf-8").splitlines()[0]
    study = gp.open_study(again)
    assert study.hash == before.hash
    pd.testing.assert_frame_equal(study.profiles, before.profiles)


@pytest.mark.parametrize(
    ("cell", "mw"), [("1,250", 1.25), ("1 250,5", 1250.5), ("12", 12.0), ("1.250,5", 1250.5)]
)
def test_a_comma_is_the_decimal_sign(tmp_path, cell, mw):
    folder = gp.new_study(tmp_path / "region")
    _set_mw(folder / "projects.csv", cell)
    assert gp.open_study(folder).projects["mw"].iloc[0] == mw


@pytest.mark.parametrize(("cell", "told"), [("1.250", "1.25 or 1250?"), ("12 MW", "text after")])
def test_what_can_be_read_in_two_ways_is_refused(tmp_path, cell, told):
    folder = gp.new_study(tmp_path / "region")
    _set_mw(folder / "projects.csv", cell)
    (problem,) = gp.check_study(folder)
    assert (problem.file, problem.column, problem.value) == ("projects.csv", "mw", cell)
    assert problem.row.startswith("line 3 (")
    assert told in problem.message


def _set_mw(path, cell):
    as_norwegian_excel(path)
    lines = path.read_text("utf-8-sig").splitlines()
    header, row = lines[0].split(";"), lines[2].split(";")
    row[header.index("mw")] = cell
    lines[2] = ";".join(row)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
