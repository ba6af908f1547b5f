"""Doubts: the bundled studies raise none by mistake, and each spoilt figure raises its own."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import gridplan as gp
from gridplan import cli
from gridplan.plausibility.hours import hour_doubts
from gridplan.plausibility.places import place_doubts
from tests.networks_by_hand import network, triangle


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return gp.new_study(tmp_path_factory.mktemp("doubts") / "region")


@pytest.fixture(scope="module")
def study(folder):
    return gp.open_study(folder)


@pytest.fixture(scope="module")
def trondelag():
    return gp.open_study("trondelag")


def spoilt(study, list_name, row, **values):
    changed = study.network.copy()
    for column, value in values.items():
        getattr(changed.c, list_name).static.loc[row, column] = value
    return gp.Study(
        network=changed,
        schedule_mw=study.schedule_mw,
        projects=study.projects,
        profiles=study.profiles,
        settings=study.settings,
    )


def with_projects(study, **changes):
    table = study.projects.copy()
    for column, value in changes.items():
        table.iloc[0, table.columns.get_loc(column)] = value
    return replace(study, projects=table)


def kinds(study):
    table = gp.doubts(study)
    return [tuple(row) for row in table[["kind", "table", "row", "column"]].to_numpy()]


def test_the_worked_example_raises_none(study):
    table = gp.doubts(study)
    assert table.empty
    assert list(table.columns)[:5] == ["kind", "table", "row", "column", "value"]


@pytest.mark.parametrize(
    ("list_name", "column", "factor", "kind"),
    [
        ("lines", "s_nom", 10.0, "rating"),
        ("lines", "s_nom", 0.05, "rating"),
        ("lines", "x", 10.0, "reactance"),
        ("lines", "length", 0.1, "place"),
        ("lines", "length", 20.0, "place"),
        ("transformers", "s_nom", 100.0, "rating"),
        ("transformers", "x", 10.0, "reactance"),
    ],
)
def test_a_branch_far_from_the_usual_is_named(study, list_name, column, factor, kind):
    table = getattr(study.network.c, list_name).static
    row = table.index[0]
    found = kinds(spoilt(study, list_name, row, **{column: table.loc[row, column] * factor}))
    assert (kind, list_name, row, column) in found
    assert {name for _, _, name, _ in found} == {row}


def test_a_bus_with_swapped_coordinates_is_named_and_told_so(study):
    bus = study.network.c.buses.static.index[0]
    x, y = study.network.c.buses.static.loc[bus, ["x", "y"]]
    doubts = place_doubts(spoilt(study, "buses", bus, x=y, y=x))
    lone = [doubt for doubt in doubts if doubt.table == "buses"]
    assert [doubt.row for doubt in lone] == [bus]
    assert "swapped" in lone[0].question


def test_all_coordinates_swapped_are_one_doubt(study):
    changed = study.network.copy()
    buses = changed.c.buses.static
    buses[["x", "y"]] = buses[["y", "x"]].to_numpy()
    swapped = gp.Study(network=changed, schedule_mw=study.schedule_mw, settings=study.settings)
    (doubt,) = place_doubts(swapped)
    assert (doubt.table, doubt.row) == ("buses", "")
    assert "swapped" in doubt.question


def test_trondelag_swapped_is_one_doubt_too(trondelag):
    changed = trondelag.network.copy()
    buses = changed.c.buses.static
    buses[["x", "y"]] = buses[["y", "x"]].to_numpy()
    (doubt,) = place_doubts(replace(trondelag, network=changed))
    assert (doubt.table, doubt.row) == ("buses", "")


def test_a_network_without_coordinates_raises_no_doubt_about_places():
    assert place_doubts(gp.Study(network=triangle())) == []


def test_a_project_larger_than_its_station(study):
    (first,) = kinds(with_projects(study, mw=9_000.0))
    assert first == ("size", "projects", study.projects.index[0], "mw")


def test_a_project_far_from_its_bus(study):
    bus = study.network.c.buses.static.loc[study.projects["bus"].iloc[0]]
    (far,) = place_doubts(with_projects(study, lon=bus["y"], lat=bus["x"]))
    assert far.row == study.projects.index[0]
    assert "swapped" in far.question
    (near,) = place_doubts(with_projects(study, lon=bus["x"] + 2, lat=bus["y"]))
    assert "swapped" not in near.question


def test_kilograms_of_co2(study):
    tonnes = study.projects["mw"].iloc[0] * 60_000
    (found,) = kinds(with_projects(study, co2_t_per_yr=tonnes))
    assert found == ("benefit", "projects", study.projects.index[0], "co2_t_per_yr")


def test_a_project_listed_twice_unless_the_rows_exclude_each_other(study):
    row = study.projects.iloc[[0]].rename(index=lambda name: f"{name} again")
    twice = replace(study, projects=pd.concat([study.projects, row]))
    assert [found[0] for found in kinds(twice)] == ["twice"]
    variant = row.assign(variant_of=study.projects.index[0])
    assert kinds(replace(study, projects=pd.concat([study.projects, variant]))) == []


def test_a_shape_that_is_not_normalised(study):
    used = study.projects["profile"].iloc[0]
    shapes = study.profiles.copy()
    shapes[used] *= 0.5
    (found,) = kinds(replace(study, profiles=shapes))
    assert found == ("profile", "hourly series", used, "profile_pu")


def by_the_clock(local: bool):
    """Year of a load that follows the clock of Oslo, with time stamps in UTC or local."""
    hours = pd.date_range("2019-01-01", periods=8760, freq="h")
    clock = hours if local else hours.tz_localize("UTC").tz_convert("Europe/Oslo")
    day = (
        30 + 10 * np.exp(-((clock.hour - 8) ** 2) / 4) + 15 * np.exp(-((clock.hour - 18) ** 2) / 8)
    )
    load = (day * (1 + 0.2 * np.cos(2 * np.pi * np.arange(8760) / 8760))).to_numpy()
    return load + np.random.default_rng(0).normal(0, 0.5, 8760)


@pytest.mark.parametrize("local", [True, False])
def test_time_stamps_in_local_time(study, local):
    changed = study.network.copy()
    load = changed.c.loads.static.index[0]
    changed.c.loads.dynamic.p_set[load] = by_the_clock(local)
    others = changed.c.loads.static.index[1:]
    changed.c.loads.dynamic.p_set[others] = 1.0
    found = [doubt.kind for doubt in hour_doubts(replace(study, network=changed))]
    assert found == (["time"] if local else [])


def test_a_load_that_hardly_runs(study):
    changed = study.network.copy()
    load = changed.c.loads.static.index[0]
    changed.c.loads.dynamic.p_set.iloc[100, 0] *= 10
    column = changed.c.loads.dynamic.p_set.columns[0]
    (doubt,) = hour_doubts(replace(study, network=changed))
    assert (doubt.kind, doubt.row) == ("load", column), load


def test_the_outermost_of_branches_in_a_row_is_named_with_all_load_behind_it():
    lines = {"AB": ("A", "B"), "AB 2": ("A", "B"), "BC": ("B", "C"), "CD": ("C", "D")}
    chain = network(
        {name: (*ends, 0.1, 100.0) for name, ends in lines.items()},
        {"C": [10.0], "D": [20.0]},
    )
    chain.add("Generator", "border A", bus="A", carrier="border", p_nom=1000.0)
    table = gp.doubts(gp.Study(network=chain))
    single = table[table["kind"] == "no N-1"]
    assert single["row"].tolist() == ["BC"]
    assert "30 MW" in single["value"].iloc[0]


def test_trondelag_is_doubted_only_where_it_should_be(trondelag):
    table = gp.doubts(trondelag)
    assert set(table["kind"]) == {"no N-1", "twice"}  # the register itself lists Kråkøya twice
    assert table.loc[table["kind"] == "twice", "row"].str.startswith("Kråkøya").all()
    assert (table != "").drop(columns=["column"]).all(axis=None)


def test_check_tells_doubts_and_still_succeeds(folder, monkeypatch, capsys):
    path = folder / "grid" / "lines.csv"
    text = path.read_text(encoding="utf-8")
    rows = pd.read_csv(path, comment="#")
    path.write_text(text.replace(f",{rows['s_nom'].iloc[0]:g},", ",9999,"), encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["gridplan", "check", str(folder)])
    try:
        with pytest.raises(SystemExit) as stopped:
            cli.main()
    finally:
        path.write_text(text, encoding="utf-8")
    shown = capsys.readouterr().out
    assert not stopped.value.code
    assert "? rating: lines, " in shown
    assert "usual: " in shown
    assert "to look at" in shown
