"""What hangs on a bridge, by hand and against the definition."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridplan.grid.radial import behind_bridges, possible_supply_mw, radial_buses
from gridplan.grid.topology import topology_of
from tests.networks_by_hand import network, triangle, two_triangles


def lines(*names: str) -> dict[str, tuple]:
    """Lines named by their two ends, and a number for parallel ones."""
    return {name: (name[0], name[1], 10.0, 100.0) for name in names}


def named(n) -> dict[str, str]:
    """Buses behind each bridge, joined to one word."""
    topology = topology_of(n)
    found = behind_bridges(topology, possible_supply_mw(n, topology.buses))
    return {topology.branches.index[b]: "".join(topology.buses[at]) for b, at in found.items()}


def radial(n) -> str:
    topology = topology_of(n)
    mask = radial_buses(topology, possible_supply_mw(n, topology.buses))
    return "".join(topology.buses[mask])


def test_the_side_that_can_generate_less_is_behind():
    n = two_triangles()
    assert named(n) == {"CD": "DEF"}
    assert radial(n) == "DEF"
    n.c.generators.static.loc["hydro F", "p_nom"] = 501.0
    assert named(n) == {"CD": "ABC"}


def test_possible_supply_counts_what_a_year_allows():
    n = two_triangles(hours=2)
    n.c.generators.dynamic.p_max_pu["hydro F"] = [0.4, 0.7]
    n.add("Generator", "out of use", bus="F", carrier="hydro", p_nom=90.0, active=False)
    buses = n.c.buses.static.index
    assert possible_supply_mw(n, buses).tolist() == pytest.approx([500, 0, 0, 0, 0, 7])
    assert possible_supply_mw(n, buses, "border").tolist() == [500, 0, 0, 0, 0, 0]


def test_bridges_in_a_row_hold_each_other():
    n = network(lines("AB", "BC", "BD"), {"C": [1.0]})
    n.add("Generator", "g", bus="A", carrier="border", p_nom=10.0)
    assert named(n) == {"AB": "BCD", "BC": "C", "BD": "D"}


def test_without_generation_the_smaller_side_is_behind():
    assert named(network(lines("AB", "BC", "CA", "CD"), {"D": [1.0]})) == {"CD": "D"}


def test_parallel_circuits_and_rings_are_no_bridges():
    assert named(network(lines("AB1", "AB2"), {"B": [1.0]})) == {}
    assert radial(triangle()) == ""


def test_islands_keep_to_themselves():
    n = network(lines("AB", "CD"), {"B": [1.0], "D": [1.0]})
    n.add("Generator", ["g", "h"], bus=["A", "D"], carrier="hydro", p_nom=10.0)
    assert named(n) == {"AB": "B", "CD": "C"}


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_any_network_against_the_definition(data):
    """Take every branch out: where the grid falls apart, the weaker part was behind it."""
    count = data.draw(st.integers(2, 9))
    position = st.integers(0, count - 1)
    ends = data.draw(st.lists(st.tuples(position, position), min_size=1, max_size=12))
    ends = [(a, b) for a, b in ends if a != b] or [(0, 1)]
    names = [f"{a}-{b} {i}" for i, (a, b) in enumerate(ends)]
    table = {name: (str(a), str(b), 10.0, 1.0) for name, (a, b) in zip(names, ends, strict=True)}
    topology = topology_of(network(table, {}))
    supply = np.array(data.draw(st.lists(st.integers(0, 3), min_size=9, max_size=9)), float)
    supply = supply[: len(topology.buses)]
    graph = nx.MultiGraph()
    graph.add_nodes_from(range(len(topology.buses)))
    graph.add_edges_from(zip(topology.from_bus, topology.to_bus, range(len(ends)), strict=True))
    found = behind_bridges(topology, supply)
    for branch in range(len(ends)):
        a, b = topology.from_bus[branch], topology.to_bus[branch]
        graph.remove_edge(a, b, branch)
        sides = [sorted(nx.node_connected_component(graph, end)) for end in (a, b)]
        graph.add_edge(a, b, branch)
        if sides[0] == sides[1]:
            assert branch not in found
            continue
        weaker = min(sides, key=lambda side: (supply[side].sum(), len(side)))
        assert found[branch].tolist() == weaker
