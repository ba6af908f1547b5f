"""The second bundled study, a small one elsewhere, through all that Trøndelag goes through."""

import hashlib
import sys
from pathlib import Path

import pandas as pd
import pytest

import gridplan as gp
from networks.build import more_og_romsdal as build

STUDY = Path(__file__).parents[2] / "networks" / "more-og-romsdal"
TABLES = sorted(STUDY.rglob("*.csv"))


@pytest.fixture(scope="module")
def study():
    return gp.open_study("more-og-romsdal")


@pytest.mark.parametrize("path", [path for path in TABLES if path.parent.name != "hourly"])
def test_every_row_says_how_it_is_known(path):
    table = pd.read_csv(path, keep_default_na=False, index_col="name")
    if path.stem != "carriers":
        assert (table[["basis", "source"]] != "").all(axis=None)


def test_the_build_writes_the_same_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr(build, "TO", tmp_path)
    monkeypatch.setattr(sys, "argv", ["build"])
    build.main()
    files = sorted(path.relative_to(STUDY) for path in STUDY.rglob("*") if path.is_file())
    assert files == sorted(p.relative_to(tmp_path) for p in tmp_path.rglob("*") if p.is_file())
    for file in files:
        one, other = ((folder / file).read_bytes() for folder in (STUDY, tmp_path))
        assert hashlib.sha256(one).digest() == hashlib.sha256(other).digest(), file


def test_what_trondelag_has_too_is_the_same_there(study):
    other = gp.open_study("trondelag").network.c.lines.static
    lines = study.network.c.lines.static
    pd.testing.assert_frame_equal(
        lines[["length", "x", "s_nom"]], other.loc[lines.index, ["length", "x", "s_nom"]]
    )


def test_doubts_are_those_that_its_sources_tell(study):
    assert set(gp.doubts(study)["kind"]) == {"no N-1", "place"}


def test_from_the_base_case_to_map_and_report(study, tmp_path):
    stage = gp.at_stage(study, 2030)
    assert gp.base_case(stage).existing_overloads.empty
    capacity = gp.hosting_capacity(stage, buses=["Viklandet 132", "Ørskog 132"])
    assert (capacity["free_mw"] > 0).all()
    plan = gp.plan(study, year=2030)
    chosen = plan.projects[plan.projects["chosen"]]
    assert len(chosen)
    certificate = gp.certify(plan)
    assert certificate.secure
    for name in ("map.png", "map.html", "map.gpkg"):
        gp.capacity_map(plan, tmp_path / name, certificate=certificate, language="nb")
    gp.report(plan, tmp_path / "report.docx", certificate=certificate)
    assert "Trøndelag: " not in (tmp_path / "map.html").read_text(encoding="utf-8")
