"""A study folder becomes a network, a schedule worked out on paper, and nothing is warned of."""

import logging

import numpy as np
import pandas as pd
import pytest

import gridplan as gp
from gridplan.base.provenance import provenance
from gridplan.study.reading import find_study
from gridplan.study.tables import PROJECTS, TABLES, shares_of
from gridplan.study.validation import pandera_schema
from tests.study.conftest import HOURS


@pytest.fixture
def tiny(folder):
    return gp.open_study(folder.path)


def test_the_tables_arrive_with_their_types(tiny):
    network = tiny.network
    assert network.c.buses.static["in_county"].tolist() == [True, True, False]
    assert network.c.generators.static["storage"].dtype == bool
    assert network.c.lines.static["s_nom"].dtype == float
    assert tiny.projects["year"].dtype == "int64"
    assert tiny.projects.loc["Quay", "queue_date"] == pd.Timestamp("2024-05-01")
    assert tiny.projects["value_mnok_per_yr"].eq(0).all()
    assert tiny.measures.loc["Warm line", "branch"] == "Upper-Lower 1"
    assert list(tiny.projects) == [c.name for c in PROJECTS.columns if c.name != "name"]


def test_the_reinforcements_arrive_row_by_row_and_the_network_has_none_of_them(tiny):
    rows = tiny.reinforcements
    assert rows.index.tolist() == [
        "Third circuit",
        "New station",
        "New station",
        "Heavier line",
        "Demolition",
    ]
    assert rows["year"].dtype == "int64"
    assert rows["cost_mnok"].fillna(0).tolist() == [60.0, 200.0, 0.0, 30.0, 1.0]
    assert rows["branch"].tolist()[:2] == ["Upper-Lower 3", ""]
    assert "Upper-Lower 3" not in tiny.network.c.lines.static.index
    assert tiny.in_service == ()


def test_a_stage_of_a_folder_has_the_columns_of_its_tables(tiny):
    stage = gp.at_stage(tiny, 2028, include="New station")
    assert stage.in_service == ("Heavier line", "Third circuit", "New station")
    added = stage.network.c.lines.static.loc["Upper-Lower 3"]
    assert added[["basis", "source", "geometry", "carrier"]].tolist() == [
        "assumption",
        "made up",
        "",
        "AC",
    ]
    assert stage.network.c.buses.static.loc["Shore 132", "station"] == "Shore"
    stage.network.consistency_check(strict=["all"])


def test_a_study_may_have_no_reinforcements(folder):
    (folder.path / "reinforcements.csv").unlink()
    assert gp.open_study(folder.path).reinforcements.empty


def test_the_network_passes_the_strict_check(tiny, caplog):
    with caplog.at_level(logging.WARNING):
        tiny.network.consistency_check(strict=["all"])
    assert not caplog.records
    assert tiny.network.snapshots.equals(HOURS)
    assert tiny.network.snapshot_weightings.dtypes.eq(float).all()
    assert tiny.network.c.loads.dynamic.p_set.to_numpy().dtype == float


def test_series_are_matched_by_name(tiny):
    load = tiny.network.c.loads.dynamic.p_set
    assert load["Town"].tolist() == [40.0] * 8 + [60.0] * 16
    assert load["Village"].eq(15.0).all()
    assert tiny.schedule_mw["Falls"].eq(4.0).all()
    assert tiny.schedule_mw["Stream"].eq(10.0).all()


def test_borders_share_the_balance_and_what_one_cannot_take(tiny):
    # hour 0: 55 load - 14 hydro - 10 constant = 31; East 10 + 0.75 * 31 = 33.25, limit 30
    assert tiny.schedule_mw.loc[HOURS[0], ["East", "West"]].tolist() == pytest.approx([30.0, 11.0])
    # hour 12: 75 load - 14 hydro - 30 wind - 10 constant = 21
    assert tiny.schedule_mw.loc[HOURS[12], ["East", "West"]].tolist() == pytest.approx(
        [25.75, 5.25]
    )
    load = tiny.network.c.loads.dynamic.p_set.sum(axis=1)
    assert np.allclose(tiny.schedule_mw.sum(axis=1), load)


def test_limits_of_redispatch(tiny):
    lowest = tiny.network.c.generators.dynamic.p_min_pu.loc[HOURS[12]]
    highest = tiny.network.c.generators.dynamic.p_max_pu.loc[HOURS[12]]
    expected = {
        "Falls": (0.0, 0.4),  # plan 0.2, ±0.2 of p_nom
        "Stream": (1.0, 1.0),  # no storage
        "Ridge": (0.0, 1.0),  # may be curtailed
        "East": (-1.0, 0.3),
        "West": (-1.0, 1.0),
    }
    for name, (low, high) in expected.items():
        assert (lowest[name], highest[name]) == pytest.approx((low, high)), name


def test_inflow_of_the_settings(folder):
    folder.replace("study.yaml", "median", "dry")
    assert gp.open_study(folder.path).schedule_mw["Stream"].eq(5.0).all()


def test_empty_optional_cells_get_their_default(folder):
    folder.replace(
        "grid/generators.csv", "Ridge,Upper 66,wind,30,False,0", "Ridge,Upper 66,wind,30,,"
    )
    study = gp.open_study(folder.path)
    ridge = study.network.c.generators.static.loc["Ridge"]
    assert not ridge["storage"]
    assert ridge["schedule_share"] == 0


def test_a_component_may_be_called_na_and_cells_may_have_blanks(folder):
    folder.replace("projects.csv", "Quay,Lower", " NA , Lower ")
    for _ in range(2):
        folder.replace("symbioses.csv", "Quay", "NA")
    assert gp.open_study(folder.path).projects.loc["NA", "municipality"] == "Lower"


def test_byte_order_mark_and_crlf(folder):
    file = folder.path / "projects.csv"
    text = file.read_text(encoding="utf-8").replace("\n", "\r\n")
    file.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert len(gp.open_study(folder.path).projects) == 3


def test_path_of_the_settings_file(folder):
    assert find_study(folder.path / "study.yaml") == folder.path


def test_growth_and_candidates(tiny):
    assert tiny.ordinary_growth.index.tolist() == ["Shop"]
    assert tiny.candidates(2028).index.tolist() == ["Quay"]


def test_one_line_says_what_it_is(tiny):
    sizes = "3 buses, 3 branches, 24 hours, 3 projects, 2 measures, 2 symbioses"
    expected = f"<Study tiny, grid as stored: {sizes}>"
    assert repr(tiny) == expected


def test_hash_depends_on_the_input_alone(folder, tiny):
    assert gp.open_study(folder.path).hash == tiny.hash
    folder.replace("projects.csv", "12.5", "12.6")
    assert gp.open_study(folder.path).hash != tiny.hash


def test_provenance(tiny, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    said = provenance(tiny)
    assert said["created"] == "1970-01-01T00:00:00+00:00"
    assert said["study_sha256"] == tiny.hash
    assert said["stage"] == "grid as stored"
    assert said["pypsa_version"].startswith("1.")


def test_some_hours(tiny):
    part = tiny.at(HOURS[[12, 3]])
    assert part.network.snapshots.tolist() == HOURS[[12, 3]].tolist()
    assert part.schedule_mw.loc[HOURS[12], "East"] == pytest.approx(25.75)
    assert part.network.c.loads.dynamic.p_set.loc[HOURS[3], "Town"] == 40.0


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_column_is_documented(table):
    assert all(column.description for column in table.columns)
    assert all(column.unit for column in table.columns if column.kind == "number")
    assert set(pandera_schema(table).columns) == set(table.names)


@pytest.mark.parametrize("text", ["A", "A: x", "A: 0.5; A: 0.5"])
def test_shares_that_cannot_be_read(text):
    with pytest.raises(ValueError, match=r"A|convert"):
        shares_of(text)
