"""Reference data from pandapower, which refuses pandas 3: run this in an environment of its own.

    uv run --isolated --no-project --with pandapower==3.5.6 \
        python tests/importing/make_references.py

Writes for each network its JSON (`pandapower.to_json`), the same as a MATPOWER case, and what
pandapower computes: bus voltages of the AC power flow (reactive limits off) and branch flows of the
DC one. `special` is a small network with every special element.
"""

import gzip
import io
from pathlib import Path

import numpy as np
import pandapower as pp
import pandapower.networks as nw
import pandas as pd
from pandapower.converter.pypower.to_ppc import to_ppc

DATA = Path(__file__).parent / "data"
NETWORKS = ("case14", "case118", "case300", "GBnetwork")


def main():
    DATA.mkdir(exist_ok=True)
    for name in NETWORKS:
        write(name, getattr(nw, name)())
    write("special", special())


def write(name, net):
    pack(f"{name}.json.gz", pp.to_json(net))
    pp.runpp(net, calculate_voltage_angles=True, enforce_q_lims=False, tolerance_mva=1e-9,
             init="dc", max_iteration=50, numba=False)  # fmt: skip
    assert net.converged
    table(f"{name}_ac.csv.gz", net.res_bus[["vm_pu", "va_degree"]], "bus")
    if name != "special":
        matpower(name, to_ppc(net, calculate_voltage_angles=True, init="results"))
    pp.rundcpp(net, numba=False)
    flows = [
        net.res_line["p_from_mw"].rename(lambda n: f"line {n}"),
        net.res_trafo["p_hv_mw"].rename(lambda n: f"trafo {n}"),
        net.res_trafo3w["p_hv_mw"].rename(lambda n: f"trafo3w {n} hv"),
        -net.res_trafo3w["p_mv_mw"].rename(lambda n: f"trafo3w {n} mv"),
        -net.res_trafo3w["p_lv_mw"].rename(lambda n: f"trafo3w {n} lv"),
        net.res_impedance["p_from_mw"].rename(lambda n: f"impedance {n}"),
    ]
    table(f"{name}_dc.csv.gz", pd.concat(flows).rename("p_mw").to_frame(), "branch")


def matpower(name, ppc):
    """Write the case of pandapower's solver as MATPOWER does; angles and voltages as solved."""
    bus, gen, branch = (np.array(ppc[part], dtype=float) for part in ("bus", "gen", "branch"))
    bus = bus[:, :13]
    bus[:, 0] += 1
    gen, branch = gen[:, :10], branch[:, :13]
    gen[:, 0] += 1
    branch[:, :2] += 1
    out = io.StringIO()
    out.write(f"function mpc = {name}\n%% written from pandapower\nmpc.version = '2';\n")
    out.write(f"mpc.baseMVA = {float(ppc['baseMVA'])!r};\n")
    for part, values in (("bus", bus), ("gen", gen), ("branch", branch)):
        rows = "\n".join("\t" + "\t".join(repr(float(v)).replace("inf", "Inf") for v in row) + ";"
                         for row in values)  # fmt: skip
        out.write(f"mpc.{part} = [\n{rows}\n];\n")
    pack(f"{name}.m.gz", out.getvalue())


def special():
    """All that is handled: see the comments."""
    net = pp.create_empty_network(sn_mva=100.0, f_hz=50.0, name="special")
    b = [pp.create_bus(net, kv, name=name, geodata=(10 + x, 63 + y)) for name, kv, x, y in (
        ("North 420", 420, 0, 1), ("North 132", 132, 0.02, 1), ("North 22", 22, 0.04, 1),
        ("East 132", 132, 1, 0.8), ("East coupler", 132, 1.02, 0.8), ("South 132", 132, 0.5, 0),
        ("West 132", 132, -0.6, 0.4), ("South 66", 66, 0.52, 0), ("West 66", 66, -0.58, 0.4),
        ("Idle", 132, 2, 2), ("Far 132", 132, 1.4, 0.1),
    )]  # fmt: skip
    pp.create_ext_grid(net, b[0], vm_pu=1.02)
    pp.create_gen(net, b[6], p_mw=80, vm_pu=1.01, min_p_mw=10, max_p_mw=120)
    pp.create_sgen(net, b[7], p_mw=22, q_mvar=3, name="Ridge", type="wind", scaling=0.9)
    for bus, p, q in ((1, 20, 5), (2, 8, 2), (3, 60, 15), (4, 25, 4), (5, 55, 11), (7, 12, 3),
                      (8, 9, 2), (10, 6, 1)):  # fmt: skip
        pp.create_load(net, b[bus], p_mw=p, q_mvar=q)
    pp.create_load(net, b[9], p_mw=5)  # without supply
    pp.create_load(net, b[3], p_mw=500, in_service=False)

    def line(f, t, km, **more):
        r, x, c, i = 0.06, 0.39, 9.0, 0.645
        return pp.create_line_from_parameters(net, b[f], b[t], km, r, x, c, i, **more)

    line(1, 3, 40, parallel=2)  # two circuits in one row
    line(3, 5, 55)
    line(4, 5, 55, max_loading_percent=80.0)
    line(5, 6, 60, g_us_per_km=0.05)
    line(6, 1, 45)
    opened = line(1, 5, 70)
    pp.create_switch(net, b[5], opened, "l", closed=False)  # open at one end: charging stays
    idle = line(3, 6, 90)
    pp.create_switch(net, b[3], idle, "l", closed=False)
    pp.create_switch(net, b[6], idle, "l", closed=False)  # open at both ends
    line(3, 6, 30, in_service=False)
    pp.create_switch(net, b[3], b[4], "b", closed=True)  # two buses are one
    pp.create_transformer3w_from_parameters(
        net, b[0], b[1], b[2], 420, 132, 22, 300, 250, 60, 11.0, 16.0, 9.0, 0.3, 0.4, 0.5,
        pfe_kw=120, i0_percent=0.06, shift_mv_degree=0.0, shift_lv_degree=30.0, tap_side="hv",
        tap_neutral=0, tap_min=-8, tap_max=8, tap_step_percent=1.25, tap_pos=-2,
        tap_changer_type="Ratio",
    )  # fmt: skip
    plain = {"vkr_percent": 0.4, "vn_hv_kv": 132, "pfe_kw": 40, "i0_percent": 0.07,
             "tap_neutral": 0, "tap_min": -9, "tap_max": 9,
             "tap_step_percent": 1.5}  # fmt: skip
    pp.create_transformer_from_parameters(  # tap on the low side, rated unlike its bus
        net, b[5], b[7], 80, vn_lv_kv=69, vk_percent=12, tap_side="lv", tap_pos=3, parallel=2,
        tap_changer_type="Ratio", **plain)  # fmt: skip
    pp.create_transformer_from_parameters(  # added voltage at 60 degrees
        net, b[6], b[8], 60, vn_lv_kv=66, vk_percent=11, tap_side="hv", tap_pos=-2,
        tap_step_degree=60.0, tap_changer_type="Symmetrical", **plain)  # fmt: skip
    shifter = dict(plain, tap_step_percent=np.nan)
    pp.create_transformer_from_parameters(  # phase shifter of one voltage
        net, b[3], b[10], 100, vn_lv_kv=132, vk_percent=8, tap_side="hv", tap_pos=4,
        tap_step_degree=1.5, tap_changer_type="Ideal", **shifter)  # fmt: skip
    line(10, 5, 35)
    pp.create_impedance(net, b[7], b[8], rft_pu=0.02, xft_pu=0.3, sn_mva=100)
    pp.create_shunt(net, b[5], q_mvar=-30, p_mw=0.0, vn_kv=132)
    pp.create_shunt(net, b[7], q_mvar=8, p_mw=0.4, vn_kv=69, step=2)
    pp.create_ward(net, b[3], 4, 1, 2, -3)
    pp.create_xward(net, b[6], 3, 1, 0.5, 0.2, 5, 60, 1.0)
    pp.create_dcline(net, b[1], b[5], p_mw=30, loss_percent=1.5, loss_mw=0.4, vm_from_pu=1.01,
                     vm_to_pu=1.0)  # fmt: skip
    pp.create_storage(net, b[8], p_mw=2, max_e_mwh=10)
    pp.create_motor(net, b[2], pn_mech_mw=1.2, cos_phi=0.9, efficiency_percent=95,
                    loading_percent=80)  # fmt: skip
    pp.create_poly_cost(net, 0, "gen", cp1_eur_per_mw=12, cp2_eur_per_mw2=0.05)
    return net


def pack(name, text):
    with gzip.GzipFile(DATA / name, "wb", mtime=0) as stream:
        stream.write(text.encode())


def table(name, frame, index):
    pack(name, frame.rename_axis(index).to_csv())


if __name__ == "__main__":
    main()
