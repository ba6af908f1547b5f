"""The documented fault of 2017: the 132 kV busbar of Orkdal takes the Orkla power plants with it.

Source: statnett.no, "Strømbrudd i Sør-Trøndelag fredag" (2017): all 132 kV lines from Orkdal
tripped, over 200 MW of generation between Trollheim and Savalen and nearly 40,000 customers were
lost.
"""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import pandas as pd
import pytest

GRID = Path(__file__).parents[2] / "networks/trondelag/grid"
BUSBAR = "Orkdal 132"
ORKLA = {"Grana 132", "Brattset 132", "Svorkmo 132", "Litjfossen 132", "Ulset 132"}


@pytest.fixture(scope="module")
def buses() -> pd.DataFrame:
    return pd.read_csv(GRID / "buses.csv", index_col="name")


@pytest.fixture(scope="module")
def branches() -> pd.DataFrame:
    tables = [pd.read_csv(GRID / f"{kind}.csv") for kind in ("lines", "transformers")]
    return pd.concat(tables)[["name", "bus0", "bus1", "s_nom"]].set_index("name")


def cut_off_at_132(buses: pd.DataFrame, branches: pd.DataFrame) -> set[str]:
    """Buses that lose their way to 420 or 300 kV over lines of 132 kV and more."""
    strong = branches[
        (branches["bus0"].map(buses["v_nom"]) > 100) & (branches["bus1"].map(buses["v_nom"]) > 100)
    ]
    left = strong[(strong["bus0"] != BUSBAR) & (strong["bus1"] != BUSBAR)]
    graph = nx.Graph(list(zip(left["bus0"], left["bus1"], strict=True)))
    graph.add_nodes_from(buses.index[buses["v_nom"] > 100])
    supplied: set[str] = set()
    for part in nx.connected_components(graph):
        if (buses.loc[list(part), "v_nom"] > 200).any():
            supplied |= part
    return set(graph.nodes) - supplied


def test_the_fault_takes_about_200_mw_of_generation(
    buses: pd.DataFrame, branches: pd.DataFrame
) -> None:
    lost = cut_off_at_132(buses, branches) - {BUSBAR}
    assert lost >= ORKLA
    plants = pd.read_csv(GRID / "generators.csv")
    plants = plants[plants["bus"].isin(lost & ORKLA) & (plants["carrier"] != "border")]
    assert 200 <= plants["p_nom"].sum() <= 250  # "over 200 MW"


def test_what_is_left_cannot_carry_it_out(buses: pd.DataFrame, branches: pd.DataFrame) -> None:
    """The 66 kV ring is the only other way, and all of it is supplied from the same busbar."""
    left = branches[(branches["bus0"] != BUSBAR) & (branches["bus1"] != BUSBAR)]
    graph = nx.Graph(list(zip(left["bus0"], left["bus1"], strict=True)))
    graph.add_nodes_from(buses.index)
    island = nx.node_connected_component(graph, "Brattset 132")
    assert not (buses.loc[list(island), "v_nom"] > 200).any()
    assert {"Gimse 66", "Støren 66", "Oppdal 66", "Orkdal 66"} <= island
    assert "Thamshavn 132" not in island


def test_the_fault_cuts_off_about_40_000_customers(
    buses: pd.DataFrame, branches: pd.DataFrame
) -> None:
    """Their load: 40,000 customers at 2 to 7 kW in a cold hour, smelters left out."""
    left = branches[(branches["bus0"] != BUSBAR) & (branches["bus1"] != BUSBAR)]
    graph = nx.Graph(list(zip(left["bus0"], left["bus1"], strict=True)))
    island = nx.node_connected_component(graph, "Brattset 132")
    loads = pd.read_csv(GRID / "loads.csv")
    peak = loads.loc[loads["bus"].isin(island), "peak_mw"].sum()
    assert 80 <= peak <= 280
