"""The same flows and voltages as pypowsybl's load flow, and its file formats."""

import gzip

import numpy as np
import pandas as pd
import pytest
from scipy.io import savemat

import gridplan as gp
from gridplan.base.errors import StudyError
from gridplan.importing import powsybl
from gridplan.importing.build import network_of
from gridplan.importing.matpower_text import read_matpower
from gridplan.importing.report import Report
from tests.importing.conftest import DATA, agree, flows_of, voltages_of

pytestmark = pytest.mark.slow

pypowsybl = pytest.importorskip("pypowsybl")
DC, AC = 1e-6, 1e-4  # required; measured on the IEEE cases: 1e-12 and 1e-13


def imported(network, name):
    report = Report()
    return network_of(powsybl.case_of(network, name, report), report), report


def parameters(network):
    """Load flow without any control that moves taps, shunts or limits; the same slack as ours."""
    generators = network.c.generators.static
    slack = generators["bus"][generators["control"] == "Slack"].iloc[0]
    bus = network.c.buses.static.loc[slack, "source_id"]
    return pypowsybl.loadflow.Parameters(
        distributed_slack=False, use_reactive_limits=False, read_slack_bus=False,
        transformer_voltage_control_on=False, shunt_compensator_voltage_control_on=False,
        phase_shifter_regulation_on=False,
        provider_parameters={
            "slackBusSelectionMode": "NAME", "slackBusesIds": bus,
            "newtonRaphsonConvEpsPerEq": "1e-9", "voltageRemoteControl": "false",
        },
    )  # fmt: skip


def voltages_in(network):
    """Per-unit voltages that pypowsybl has computed."""
    buses = network.get_buses()
    kv = network.get_voltage_levels()["nominal_v"]
    return (buses["v_mag"] / buses["voltage_level_id"].map(kv)).dropna()


def flows_in(network):
    """MW at side 1 of every branch that pypowsybl has computed."""
    three = network.get_3_windings_transformers()
    parts = [network.get_lines()["p1"], network.get_2_windings_transformers()["p1"],
             network.get_boundary_lines()["p"]]  # fmt: skip
    if len(three):
        parts += [three[f"p{side}"].rename(lambda name, s=side: f"{name} {s}") for side in "123"]
    return pd.concat(parts).dropna()


def compare(theirs, ours, *, ac=AC):
    given = parameters(ours)
    solved = pypowsybl.loadflow.run_ac(theirs, given)
    assert solved[0].status == pypowsybl.loadflow.ComponentStatus.CONVERGED
    volts = voltages_in(theirs)
    assert len(volts) >= 2
    assert (voltages_of(ours)[volts.index] - volts).abs().max() < ac
    pypowsybl.loadflow.run_dc(theirs, given)
    flows = flows_in(theirs)
    assert len(flows) >= 2
    assert agree(flows_of(ours), flows) < DC


@pytest.mark.parametrize(
    ("name", "size"),
    [("ieee9", (9, 9)), ("ieee14", (14, 20)), ("ieee30", (30, 41)), ("ieee57", (57, 80)),
     ("ieee118", (118, 186)), ("ieee300", (300, 411))],
)  # fmt: skip
def test_the_ieee_cases(name, size):
    theirs = getattr(pypowsybl.network, f"create_{name}")()
    ours, _ = imported(theirs, name)
    branches = len(ours.c.lines.static) + len(ours.c.transformers.static)
    assert (len(ours.c.buses.static), branches) == size
    compare(theirs, ours)


def test_switches_hvdc_and_compensators():
    """Nodes and breakers; two HVDC lines (VSC, LCC) between three synchronous areas; an SVC."""
    theirs = pypowsybl.network.create_four_substations_node_breaker_network()
    ours, report = imported(theirs, "four")
    compare(theirs, ours)
    generators = ours.c.generators.static
    sent = generators[generators["carrier"] == "direct current"]["p_set"]
    assert sent.tolist() == pytest.approx([-10.0, 9.78, -80.0, 78.24], abs=0.15)
    assert "two sources of its set power" in "\n".join(report.lines())


def test_boundaries_of_a_cgmes_model():
    theirs = pypowsybl.network.create_micro_grid_nl_network()
    ours, report = imported(theirs, "nl")
    compare(theirs, ours)
    assert ours.c.buses.static.index.str.startswith("Boundary").sum() == 5
    assert "its exchange is a load" in "\n".join(report.lines())


def test_three_windings_and_a_phase_shifter():
    """Voltages differ by 1.3e-4: the conductance of a transformer is divided over both sides.

    Its DC flows leave out the conductance of a shunt (1 MW), which PyPSA and MATPOWER count.
    """
    theirs = pypowsybl.network.create_micro_grid_be_network()
    theirs.update_shunt_compensators(id="002b0a40-3957-46db-b84a-30420083558f", connected=False)
    ours, _ = imported(theirs, "be")
    assert ours.c.buses.static.index.str.startswith("Star point").sum() == 1
    assert (ours.c.transformers.static["phase_shift"] != 0).any()
    compare(theirs, ours, ac=2e-4)


def test_open_ends_and_idle_elements():
    theirs = pypowsybl.network.create_ieee14()
    theirs.update_lines(id="L1-2-1", connected2=False)
    theirs.update_lines(id="L2-3-1", connected1=False, connected2=False)
    theirs.update_loads(id="B14-L", connected=False)
    theirs.update_generators(id="B6-G", connected=False)
    ours, report = imported(theirs, "open")
    given = parameters(ours)
    pypowsybl.loadflow.run_ac(theirs, given)
    volts = voltages_in(theirs)
    assert (voltages_of(ours)[volts.index] - volts).abs().max() < AC
    pypowsybl.loadflow.run_dc(theirs, given)
    theirs_mw = flows_in(theirs).drop(["L1-2-1", "L2-3-1"], errors="ignore")
    assert agree(flows_of(ours), theirs_mw) < DC
    said = report.table().set_index("element")["why"]
    assert said["L1-2-1"].startswith("connected at one end")
    assert said["generator B6-G"] == "not connected"


@pytest.mark.slow
def test_a_large_network(tmp_path):
    """2,224 buses of Great Britain, as MATPOWER's binary file."""
    text = gzip.decompress((DATA / "GBnetwork.m.gz").read_bytes()).decode()
    case, _ = read_matpower(text, "GBnetwork.m")
    bus, gen, branch = (np.array(case.matrices[name]) for name in ("bus", "gen", "branch"))
    gen = np.column_stack([gen, np.zeros((len(gen), 21 - gen.shape[1]))])
    mpc = {"version": "2", "baseMVA": case.scalars["baseMVA"], "bus": bus, "gen": gen,
           "branch": branch}  # fmt: skip
    savemat(tmp_path / "gb.mat", {"mpc": mpc})
    theirs = pypowsybl.network.load(str(tmp_path / "gb.mat"))
    ours = gp.import_network(tmp_path / "gb.mat").network
    compare(theirs, ours)


@pytest.mark.parametrize("suffix", ["zip", "xiidm"])
def test_files(tmp_path, suffix):
    theirs = pypowsybl.network.create_ieee14()
    path = tmp_path / f"case.{suffix}"
    theirs.save(str(path), format="CGMES" if suffix == "zip" else "XIIDM")
    found = gp.import_network(path, tmp_path / "study")
    assert len(found.network.c.buses.static) == 14
    ours = np.sort(flows_of(found.network).abs())
    direct, _ = imported(theirs, "case")
    assert ours == pytest.approx(np.sort(flows_of(direct).abs()), rel=1e-6, abs=1e-6)
    assert len(gp.open_study(tmp_path / "study").network.c.buses.static) == 14


def node(code, *, kind, kv, load, generation):
    place = [(0, code), (9, code), (22, "0"), (24, str(kind)), (26, f"{kv:.1f}"),
             (33, f"{load:.1f}"), (41, "0.0"), (49, f"{-generation:.1f}"), (57, "0.0"),
             (65, "0.0"), (73, "-900.0"), (81, "9000.0"), (89, "-9000.0")]  # fmt: skip
    return columns(place)


def columns(cells):
    line = ""
    for at, text in cells:
        line = line.ljust(at) + text
    return line


def test_ucte(tmp_path):
    """Three nodes of 380 kV in a ring, by hand: 300 MW from A to B, two thirds on the short way."""
    lines = [
        "##C 2007.05.01", "made up", "##N", "##ZFR",
        node("FAAAAA11", kind=3, kv=380, load=0, generation=300),
        node("FBBBBB11", kind=0, kv=380, load=300, generation=0),
        node("FCCCCC11", kind=0, kv=380, load=0, generation=0),
        "##L",
        *(columns([(0, a), (9, b), (18, "1"), (20, "0"), (22, "0.0000"), (29, "10.000"),
                   (36, "0.000000"), (45, "1000")])
          for a, b in (("FAAAAA11", "FBBBBB11"), ("FAAAAA11", "FCCCCC11"),
                       ("FCCCCC11", "FBBBBB11"))),
        "##T", "##R", "##E",
    ]  # fmt: skip
    path = tmp_path / "ring.uct"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    network = gp.import_network(path).network
    assert len(network.c.buses.static) == 3
    assert network.c.lines.static["s_nom"].tolist() == pytest.approx([np.sqrt(3) * 380] * 3)
    flow = np.sort(flows_of(network).abs())
    assert flow == pytest.approx([100, 100, 200])


RAW = """\
0, 100.00, 33, 0, 1, 50.00 / made up
three buses
second title
1,'NORTH       ', 220.0,3,1,1,1,1.00000,0.0,1.1,0.9,1.1,0.9
2,'SOUTH       ', 220.0,1,1,1,1,1.00000,0.0,1.1,0.9,1.1,0.9
3,'WEST        ', 220.0,2,1,1,1,1.00000,0.0,1.1,0.9,1.1,0.9
0 / END OF BUS DATA, BEGIN LOAD DATA
2,'1 ',1,1,1,90.000,30.000,0,0,0,0,1,1,0
0 / END OF LOAD DATA, BEGIN FIXED SHUNT DATA
0 / END OF FIXED SHUNT DATA, BEGIN GENERATOR DATA
1,'1 ',0.0,0.0,300.0,-300.0,1.02,0,100.0,0.0,1.0,0.0,0.0,1.0,1,100.0,250.0,0.0,1,1.0
3,'1 ',40.0,0.0,300.0,-300.0,1.01,0,100.0,0.0,1.0,0.0,0.0,1.0,1,100.0,80.0,0.0,1,1.0
0 / END OF GENERATOR DATA, BEGIN BRANCH DATA
1,2,'1 ',0.01,0.10,0.02,130.0,130.0,130.0,0,0,0,0,1,1,0.0,1,1.0
1,2,'2 ',0.01,0.10,0.02,130.0,130.0,130.0,0,0,0,0,1,1,0.0,1,1.0
2,3,'1 ',0.02,0.20,0.02,0.0,0.0,0.0,0,0,0,0,1,1,0.0,1,1.0
1,3,'1 ',0.02,0.20,0.02,90.0,90.0,90.0,0,0,0,0,0,1,0.0,1,1.0
0 / END OF BRANCH DATA, BEGIN TRANSFORMER DATA
0 / END OF TRANSFORMER DATA, BEGIN AREA DATA
0 / END OF AREA DATA, BEGIN TWO-TERMINAL DC DATA
0 / END OF TWO-TERMINAL DC DATA, BEGIN VSC DC LINE DATA
0 / END OF VSC DC LINE DATA, BEGIN IMPEDANCE CORRECTION DATA
0 / END OF IMPEDANCE CORRECTION DATA, BEGIN MULTI-TERMINAL DC DATA
0 / END OF MULTI-TERMINAL DC DATA, BEGIN MULTI-SECTION LINE DATA
0 / END OF MULTI-SECTION LINE DATA, BEGIN ZONE DATA
0 / END OF ZONE DATA, BEGIN INTER-AREA TRANSFER DATA
0 / END OF INTER-AREA TRANSFER DATA, BEGIN OWNER DATA
0 / END OF OWNER DATA, BEGIN FACTS DEVICE DATA
0 / END OF FACTS DEVICE DATA, BEGIN SWITCHED SHUNT DATA
0 / END OF SWITCHED SHUNT DATA
Q
"""


def test_psse(tmp_path):
    path = tmp_path / "three.raw"
    path.write_text(RAW, encoding="utf-8")
    found = gp.import_network(path)
    network = found.network
    assert len(network.c.lines.static) == 3  # two parallel circuits; one is out of service
    # lines of no stated rating carry any power; PSS/E's ratings are MVA at nominal voltage
    limits = network.c.lines.static["s_nom"].sort_values().tolist()
    assert limits[:2] == pytest.approx([130, 130], rel=1e-3)
    assert limits[2] == float("inf")
    compare(pypowsybl.network.load(str(path)), network)


@pytest.mark.parametrize(
    ("name", "content"),
    [("bad.raw", "hello"), ("bad.uct", ""), ("bad.zip", "PK"), ("bad.xiidm", "<xml/>")],
)
def test_files_that_are_none(tmp_path, name, content):
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(StudyError, match="pypowsybl cannot read it"):
        gp.import_network(tmp_path / name)


def test_without_pypowsybl_it_says_how_to_install_it(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pypowsybl", None)
    (tmp_path / "case.uct").write_text("##C", encoding="utf-8")
    with pytest.raises(StudyError, match=r"pip install 'trondelag-gridplan\[import\]'"):
        gp.import_network(tmp_path / "case.uct")


@pytest.mark.slow
def test_hosting_plan_and_map_on_ieee_118(tmp_path):
    path = tmp_path / "ieee118.xiidm"
    pypowsybl.network.create_ieee118().save(str(path), format="XIIDM")
    found = gp.import_network(path, ratings="standard")
    buses = found.network.c.buses.static
    projects = pd.DataFrame(
        {"bus": buses.index[[3, 40, 80]], "mw": [60.0, 40.0, 5000.0], "value_mnok_per_yr": 10.0},
        index=["Mill", "Quay", "Too large"],
    )
    from dataclasses import replace

    study = replace(found.study(hours=2), projects=projects)
    cap = gp.hosting_capacity(study, buses=list(buses.index[[3, 40, 80]]))
    assert (cap["capacity_mw"] > 0).all()
    plan = gp.plan(study)
    chosen = plan.projects["chosen"]
    assert chosen[["Mill", "Quay"]].all()
    assert not chosen["Too large"]
    assert gp.certify(plan).secure
    whole = gp.hosting_capacity(study)
    drawn = gp.capacity_map(whole, tmp_path / "capacity.png", study=study)
    assert drawn.stat().st_size > 20_000
