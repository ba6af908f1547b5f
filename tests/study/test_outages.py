"""outages.csv: several branches that one fault takes out together."""

from dataclasses import replace

import pandas as pd
import pytest

import gridplan as gp
from gridplan.base.errors import StudyError
from gridplan.study.study import Study
from tests.networks_by_hand import double_circuit, two_triangles

HEADER = "name,branches,basis,source\n"
ROW = ",documented,made up\n"


def write(folder, *rows):
    lines = [f"{name},{branches}{ROW}" for name, branches in rows]
    (folder.path / "outages.csv").write_text(HEADER + "".join(lines), encoding="utf-8")


def third_circuit(folder):
    folder.replace(
        "grid/lines.csv",
        "Upper-Lower 2,",
        "Upper-Lower 0,Upper 66,Lower 66,20.0,2.0,8.0,60,synthetic,made up\nUpper-Lower 2,",
    )


def test_a_folder_without_the_file_lists_none(folder):
    assert gp.open_study(folder.path).outages.empty


def test_outages_arrive_and_count(folder):
    third_circuit(folder)
    before = gp.open_study(folder.path)
    write(folder, ("Tower", "Upper-Lower 1; Upper-Lower 2"))
    study = gp.open_study(folder.path)
    assert study.outages["branches"].to_dict() == {"Tower": "Upper-Lower 1; Upper-Lower 2"}
    assert study.outages.loc["Tower", "basis"] == "documented"
    assert study.hash != before.hash
    assert study.at(study.network.snapshots[:1]).outages.equals(study.outages)


def test_stages_keep_what_is_left(folder):
    third_circuit(folder)
    write(
        folder,
        ("Tower", "Upper-Lower 1; Upper-Lower 2"),
        ("Other", "Upper-Lower 0; Upper-Lower 2"),
    )
    study = gp.open_study(folder.path)
    stage = gp.at_stage(study, 2028, include="Demolition", exclude="Heavier line")
    assert stage.outages["branches"].to_dict() == {"Other": "Upper-Lower 0; Upper-Lower 2"}


def test_every_bad_row_is_told(folder):
    write(
        folder,
        ("Unknown", "Upper-Lower 1; Upper-Lower 9"),
        ("Alone", "Upper-Lower 1"),
        ("Twice", "Upper-Lower 1; Upper-Lower 1"),
        ("Cut", "Upper-Lower 1; Upper-Lower 2"),
        ("Upper T1", "Upper-Lower 1; Upper T1"),
    )
    with pytest.raises(StudyError) as raised:
        gp.open_study(folder.path)
    told = {(p.row, p.column): p for p in raised.value.problems}
    assert {p.file for p in raised.value.problems} == {"outages.csv"}
    unknown = told["line 2 (Unknown)", "branches"]
    assert (unknown.value, unknown.message) == ("Upper-Lower 9", "unknown or inactive branch")
    assert "Did you mean 'Upper-Lower" in unknown.remedy
    assert "two at least" in told["line 3 (Alone)", "branches"].message
    assert "stands twice" in told["line 4 (Twice)", "branches"].message
    assert "cuts off Lower 66" in told["line 5 (Cut)", "branches"].message
    assert "a branch has this name" in told["line 6 (Upper T1)", "name"].message
    assert len(raised.value.problems) == 5


def outages(**rows):
    return pd.DataFrame({"branches": rows})


def test_in_memory_a_split_names_the_buses():
    with pytest.raises(StudyError, match=r"outage tower, column branches: .* cuts off B"):
        Study(network=double_circuit(), outages=outages(tower="AB 1; AB 2; CB"))


def test_an_outage_that_holds_a_bridge_is_refused():
    """CD is the only way from one triangle to the other."""
    with pytest.raises(StudyError, match="cuts off D, E, F"):
        Study(network=two_triangles(), outages=outages(fault="AB; CD"))


def test_an_inactive_branch_cannot_be_lost():
    n = double_circuit()
    n.c.lines.static.loc["AB 2", "active"] = False
    with pytest.raises(StudyError, match="unknown or inactive branch"):
        Study(network=n, outages=outages(tower="AB 1; AB 2"))


def test_a_certificate_refuses_an_outage_that_splits():
    n = double_circuit()
    n.c.generators.dynamic.p_set["border A"] = 60.0
    with pytest.raises(StudyError, match="splits the grid"):
        gp.certify(n, outages=outages(tower="AB 1; AB 2; CB"))
    with pytest.raises(StudyError, match="two known, active branches"):
        gp.certify(n, outages=outages(tower="AB 1; AB 3"))


def test_a_changed_table_is_another_study():
    study = Study(network=double_circuit())
    assert replace(study, outages=outages(tower="AB 1; AB 2")).hash != study.hash
