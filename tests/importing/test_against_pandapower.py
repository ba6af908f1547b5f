"""The same flows and voltages as pandapower 3.5.6 (see make_references.py).

Its DC flows and AC voltages were written by it, in an environment of its own, as it refuses the
pandas of this project.
"""

import numpy as np
import pandas as pd
import pytest

import gridplan as gp
from gridplan.grid.sensitivities import grid_of
from tests.importing.conftest import agree, flows_of, reference, voltages_of

SIZES = {"case14": (14, 20), "case118": (118, 186), "case300": (300, 411)}
LARGE = pytest.param("GBnetwork", marks=pytest.mark.slow)
DC, AC = 1e-6, 1e-4  # required; measured: 1e-9 and 1e-9


@pytest.mark.parametrize("name", [*SIZES, LARGE])
def test_dc_flows_and_ac_voltages_from_json(unpacked, name):
    network = gp.import_network(unpacked(f"{name}.json")).network
    dc = reference(name, "dc")["p_mw"]
    assert len(dc) == len(network.c.lines.static) + len(network.c.transformers.static)
    assert agree(flows_of(network), dc) < DC
    ac = reference(name, "ac")["vm_pu"].rename(lambda bus: f"bus {bus}")
    assert len(ac) == len(network.c.buses.static)
    assert (voltages_of(network)[ac.index] - ac).abs().max() < AC


@pytest.mark.parametrize("name", SIZES)
def test_our_own_sensitivities_give_the_same_flows(unpacked, name):
    network = gp.import_network(unpacked(f"{name}.json")).network
    grid = grid_of(network)
    network.lpf()
    injection = network.c.buses.dynamic.p[grid.topology.buses].to_numpy()
    flow = pd.Series(grid.flows_mw(injection)[0], index=grid.topology.branches.index)
    static = pd.concat([network.c.lines.static["source_id"],
                        network.c.transformers.static["source_id"]])  # fmt: skip
    flow.index = static[flow.index]
    assert agree(flow, reference(name, "dc")["p_mw"]) < DC


@pytest.mark.parametrize("name", [*SIZES, LARGE])
def test_the_same_case_as_matpower(unpacked, name):
    json, text = (gp.import_network(unpacked(f"{name}.{suffix}")).network
                  for suffix in ("json", "m"))  # fmt: skip
    if name in SIZES:
        buses, branches = SIZES[name]
        assert len(text.c.buses.static) == buses
        assert len(text.c.lines.static) + len(text.c.transformers.static) == branches
    # pandapower numbers the branches of its case lines first, then transformers; rows of the case
    # are numbered from 1
    theirs = reference(name, "dc")["p_mw"]
    ours = flows_of(text)
    ours = ours[[f"branch {number + 1}" for number in range(len(theirs))]]
    assert len(ours) == len(theirs)
    # the case holds AC results of the slack, and rows of its lines stand in the order of the table
    same = flows_of(json)
    assert np.sort(same.abs()) == pytest.approx(np.sort(ours.abs()), rel=1e-6, abs=1e-6)
    volts = np.sort(voltages_of(text).to_numpy())
    assert volts == pytest.approx(np.sort(reference(name, "ac")["vm_pu"]), abs=AC)


def test_every_special_element(unpacked):
    """Three windings, phase shifters, taps on either side, open ends, couplers, wards, DC."""
    found = gp.import_network(unpacked("special.json"))
    network = found.network
    dc = reference("special", "dc")["p_mw"]
    ours = flows_of(network)
    gone = dc.index.difference(ours.index)
    assert set(gone) == {"line 5", "line 6", "line 7"}  # open at one end, at both, out of service
    assert (dc[gone].fillna(0.0).abs() < 1e-9).all()
    assert agree(ours, dc.drop(gone)) < DC
    ac = reference("special", "ac")["vm_pu"].rename(lambda bus: f"bus {bus}").dropna()
    volts = voltages_of(network)
    merged = {"bus 4": "bus 3"}  # a closed coupler
    here = ac.index.map(lambda bus: merged.get(bus, bus))
    assert np.abs(volts[here].to_numpy() - ac.to_numpy()).max() < 1e-8
    said = found.report.set_index("element")
    assert said.loc["bus Idle", "what"] == "dropped"
    assert "5 MW" in said.loc["bus Idle", "why"]
    assert said.loc["line 5", "what"] == "changed"
    assert said.loc["dcline 0", "why"].startswith("two sources")
    assert "Star point trafo3w 0" in network.c.buses.static.index


def test_ratings_costs_and_limits(unpacked):
    network = gp.import_network(unpacked("special.json")).network
    lines = network.c.lines.static.set_index("source_id")
    circuit = np.sqrt(3) * 132 * 0.645
    assert lines.loc["line 0", "s_nom"] == pytest.approx(2 * circuit)  # parallel = 2
    assert lines.loc["line 2", "s_nom"] == pytest.approx(0.8 * circuit)  # max_loading_percent
    transformers = network.c.transformers.static.set_index("source_id")
    assert transformers.loc["trafo 0", "s_nom"] == pytest.approx(160.0)
    generators = network.c.generators.static
    held = generators[generators["bus"] == "West 132"].iloc[0]
    assert held["p_nom"] == 120
    assert held["p_min_pu"] * 120 == pytest.approx(10)
    assert held["marginal_cost"] == pytest.approx(12 + 2 * 0.05 * 80)
    wind = generators.loc["Ridge"]
    assert wind["carrier"] == "wind"
    assert wind["p_set"] == pytest.approx(0.9 * 22)
