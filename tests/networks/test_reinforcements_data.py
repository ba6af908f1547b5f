"""The reinforcements of Trøndelag: the required ones are there, and every stage can be built."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import gridplan as gp
from gridplan.base.quiet import quiet_pypsa
from gridplan.grid.topology import topology_of

STUDY = Path(__file__).parents[2] / "networks/trondelag"
# name: status, earliest and latest year, branch that it adds
REQUIRED = {
    "Åfjord-Snilldal 420 kV": ("licensed", 2028, 2028, "Åfjord - Snilldal 420"),
    "Orkdal 420 kV": ("licensed", 2026, 2030, "Orkdal T1 420/132"),
    "Surna-Viklandet 2": ("licensed", 2028, 2030, "Surna - Viklandet 420 2"),
    "Snilldal transformer 420/132 kV": ("planned", 2026, 2028, "Snilldal T4 420/132"),
    "Surna transformer 420/132 kV": ("planned", 2026, 2028, "Surna T2 420/132"),
    "Orkdal-Gjølme 132 kV": ("planned", 2027, 2027, "Orkdal - Gjølme 132 2"),
    "Åfjord-Eide 132 kV": ("on hold", 2032, 2040, "Teksdal - Eide 132"),
}
YEARS = (2026, 2028, 2030, 2032)


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return pd.read_csv(STUDY / "reinforcements.csv", index_col="name")


@pytest.fixture(scope="module")
def grid() -> dict[str, pd.DataFrame]:
    kinds = ("buses", "lines", "transformers")
    return {kind: pd.read_csv(STUDY / f"grid/{kind}.csv", index_col="name") for kind in kinds}


@pytest.fixture(scope="module")
def study() -> gp.Study:
    """One week, which is enough for the grid."""
    whole = gp.open_study("trondelag")
    return whole.at(whole.network.snapshots[:168])


@pytest.mark.parametrize("name", REQUIRED)
def test_the_required_ones_are_there(table: pd.DataFrame, name: str) -> None:
    status, earliest, latest, branch = REQUIRED[name]
    rows = table.loc[[name]]
    assert set(rows["status"]) == {status}
    assert rows["year"].between(earliest, latest).all()
    assert branch in set(rows["branch"])


def test_there_is_something_to_rank(table: pd.DataFrame) -> None:
    assert 12 <= table.index.nunique() <= 24
    assert (table.groupby(level=0)["status"].first() == "idea").sum() >= 5


def test_every_changed_branch_exists(table: pd.DataFrame, grid: dict[str, pd.DataFrame]) -> None:
    branches = {*grid["lines"].index, *grid["transformers"].index}
    changed = table[table["action"].isin(["remove", "rate"])]
    added = table[table["action"].isin(["add line", "add transformer"])]
    assert set(changed["branch"]) <= branches
    assert not set(added["branch"]) & branches
    assert added["branch"].is_unique


def test_every_end_exists(table: pd.DataFrame, grid: dict[str, pd.DataFrame]) -> None:
    new = set(table.loc[table["action"] == "add bus", "bus0"])
    ends = {*table["bus0"].dropna(), *table["bus1"].dropna()}
    assert ends <= {*grid["buses"].index, *new}


def test_years_costs_and_sources(table: pd.DataFrame) -> None:
    first = table[~table.index.duplicated()]
    assert table["year"].between(2026, 2040).all()
    assert first["cost_mnok"].between(20, 5000).all()
    assert first["cost_source"].str.len().gt(20).all()
    assert table.loc[table.index.duplicated(), "cost_mnok"].isna().all()
    assert table["source"].str.contains("year: ").all()
    assert table["basis"].isin(["documented", "derived", "assumption"]).all()


def test_a_line_cut_in_two_keeps_its_length(
    table: pd.DataFrame, grid: dict[str, pd.DataFrame]
) -> None:
    parts = table[table["branch"].isin(["Klæbu - Orkdal 420", "Orkdal - Surna 420"])]
    whole = grid["lines"].loc["Klæbu - Surna 420"]
    assert parts["length"].sum() == pytest.approx(whole["length"], abs=0.02)
    assert parts["x"].sum() == pytest.approx(whole["x"], abs=0.001)


@pytest.mark.parametrize("year", YEARS)
def test_every_stage_is_sound(study: gp.Study, year: int) -> None:
    stage = gp.at_stage(study, year)
    with quiet_pypsa():
        stage.network.consistency_check(strict=["all"])
    assert topology_of(stage.network).islands == 1


@pytest.mark.slow
def test_each_can_be_built_alone_and_left_out_alone(study: gp.Study) -> None:
    table = gp.stages(study, 2035)
    for name in table.index:
        assert name in gp.at_stage(study, 2025, include=name).in_service
    for name in table.index[table["in_service"]]:
        assert name not in gp.at_stage(study, 2035, exclude=name).in_service


def test_all_of_them_together(study: gp.Study) -> None:
    stage = gp.at_stage(study, include=gp.stages(study).index)
    with quiet_pypsa():
        stage.network.consistency_check(strict=["all"])
    assert topology_of(stage.network).islands == 1
    assert len(stage.in_service) == len(gp.stages(study))


def test_the_fjord_crossing_gives_fosen_a_second_way(study: gp.Study) -> None:
    """Namsos-Hofstad and Hofstad-Åfjord are bridges today and none with Åfjord-Snilldal."""
    fosen = ["Namsos Statnett - Hofstad 420", "Hofstad - Åfjord 420"]
    for year, expected in ((2027, True), (2028, False)):
        topology = topology_of(gp.at_stage(study, year).network)
        bridge = pd.Series(topology.bridge, index=topology.branches.index)
        assert (bridge[fosen] == expected).all()


def test_what_is_on_hold_or_an_idea_is_never_built_by_year(study: gp.Study) -> None:
    built = gp.at_stage(study, 2060).in_service
    status = gp.stages(study)["status"]
    assert set(status[list(built)]) == {"planned", "licensed"}
    assert "Åfjord-Eide 132 kV" not in built
