"""The bundled study opens, and holds what it promises."""

import shutil
import time
from pathlib import Path

import numpy as np
import pytest

import gridplan as gp
from gridplan.study import reading
from gridplan.study.growth import with_growth
from gridplan.study.reading import bundled_studies
from gridplan.study.tables import BASIS


@pytest.fixture(scope="module")
def study():
    return gp.open_study("trondelag")


def test_a_year_of_hours(study, caplog):
    assert len(study.network.snapshots) == 8760
    assert len(study.projects) >= 40
    assert len(study.measures) >= 12
    assert len(study.symbioses) >= 4
    assert study.projects["variant_of"].ne("").sum() >= 8
    study.network.consistency_check(strict=["all"])
    assert not caplog.records


def test_nothing_is_wrong():
    assert gp.check_study("trondelag") == []


def test_the_schedule_balances_every_hour(study):
    load = study.network.c.loads.dynamic.p_set.sum(axis=1)
    assert np.allclose(study.schedule_mw.sum(axis=1), load, atol=1e-6)


def test_the_schedule_is_within_the_limits(study):
    p_nom = study.network.c.generators.static["p_nom"]
    dynamic = study.network.c.generators.dynamic
    assert (study.schedule_mw >= dynamic.p_min_pu * p_nom - 1e-6).all(axis=None)
    assert (study.schedule_mw <= dynamic.p_max_pu * p_nom + 1e-6).all(axis=None)


def load_of(study):
    return study.network.c.loads.dynamic.p_set


def test_sectors_that_grow_by_nothing_change_nothing(study):
    same = with_growth(study, by_sector={"all": 1.0, "households": 1.0})
    assert load_of(same).equals(load_of(study))
    assert np.allclose(same.schedule_mw, study.schedule_mw)
    assert same.hash == study.hash


def test_the_growth_of_two_sectors_adds_up(study):
    factors = {"households": 1.1, "industry_power_intensive": 1.3}
    alone = [with_growth(study, by_sector={key: value}) for key, value in factors.items()]
    both = with_growth(study, by_sector=factors)
    added = sum(load_of(one) - load_of(study) for one in alone)
    assert np.allclose(load_of(both) - load_of(study), added, atol=1e-9)
    homes, industry = (load_of(one).sum(axis=1) - load_of(study).sum(axis=1) for one in alone)
    assert industry.max() == pytest.approx(industry.min())  # flat
    assert homes.max() > 3 * homes.min()
    assert homes.idxmax().month in {1, 2}
    moved = (both.schedule_mw - study.schedule_mw).sum(axis=1)
    assert np.allclose(moved, homes + industry, atol=1e-6)


def test_all_sectors_grow_as_the_whole_load_does(study):
    """But for what belongs to no sector: the rounding of the loads, 0.005 MW at most."""
    sectors = with_growth(study, by_sector={"all": 1.2})
    whole = with_growth(study, {"all": 1.2})
    assert np.abs(load_of(sectors) - load_of(whole)).max(axis=None) < 0.2 * 0.0051


def test_a_grown_sector_follows_the_cold_year(study):
    cold = gp.with_year(study, load_year="cold")
    more = [
        (load_of(with_growth(one, by_sector={"households": 1.1})) - load_of(one)).sum(axis=1)
        for one in (study, cold)
    ]
    assert more[1].max() > 1.05 * more[0].max()
    assert gp.with_year(cold, load_year="2019").hash == study.hash


def test_outlines_for_maps(study):
    assert {"municipalities", "county", "neighbours"} <= set(study.geo)
    assert isinstance(study.geo["county"], Path)


def test_it_is_bundled():
    assert "trondelag" in bundled_studies()


def test_basis_and_source_stand_in_every_row(study):
    for table in ("buses", "lines", "transformers", "generators", "loads"):
        rows = getattr(study.network.c, table).static
        assert rows["basis"].isin(BASIS).all()
        assert rows["source"].ne("").all()


@pytest.fixture
def bundled(tmp_path):
    """A copy of the study with the relative paths it has in a wheel, below gridplan/bundled."""
    source = bundled_studies()["trondelag"]
    shutil.copytree(source, tmp_path / "networks/trondelag")
    shutil.copytree(source.parents[1] / "profiles", tmp_path / "profiles")
    return tmp_path / "networks"


def test_it_opens_from_the_layout_of_a_wheel(study, bundled, monkeypatch):
    monkeypatch.setattr(reading, "BUNDLES", (bundled,))
    opened = gp.open_study("trondelag")
    assert opened.folder == bundled / "trondelag"
    assert opened.hash == study.hash


def test_opening_takes_seconds():
    start = time.perf_counter()
    gp.open_study("trondelag")
    assert time.perf_counter() - start < 20  # 2 s on two idle cores; benchmarks measure it


def test_the_problem_of_one_cell_is_found_in_the_real_study(bundled):
    file = bundled / "trondelag/grid/lines.csv"
    lines = file.read_text(encoding="utf-8").splitlines()
    cells = lines[1].split(",")
    lines[1] = ",".join([cells[0], cells[1] + "0", *cells[2:]])
    file.write_text("\n".join(lines), encoding="utf-8")
    (problem,) = gp.check_study(bundled / "trondelag")
    assert problem.row == f"line 2 ({cells[0]})"
    assert problem.message == "unknown bus"
    assert problem.remedy == f"Did you mean {cells[1]!r}?"
