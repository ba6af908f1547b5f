"""Contingency analysis here and in three other tools: `uv run python -m tests.benchmarks.peers`.

The same DC flows after the same outages of IEEE 118, IEEE 300 and Great Britain, in one hour and in
24: gridplan, pandapower, pypowsybl and PyPSA, each in a process of its own with one thread. The
outages are all branches that are no bridge; all branches are watched. Load and generation are
multiplied by the same factor in every tool, another one each hour, and the slack bus balances.
Shunts take no active power: in IEEE 300 that is 1.3 MW, which pypowsybl's DC flows leave out.

Prints a table for docs/comparison.md. Seconds are those of the analysis, updates of the hour
included, import and reading not; of what is over in five seconds the fastest of three runs counts,
after one that warms up. Memory is what the process holds at most above what it held before. The
flows of the first hour must be the same everywhere, and so must what exceeds the limits that are
made up for pypowsybl. With names of networks (case118, case300, GBnetwork) only these are run.
"""

import gzip
import logging
import os
import sys
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.io import savemat

import gridplan as gp
from gridplan.grid.sensitivities import grid_of
from gridplan.importing.matpower_text import read_matpower
from tests.benchmarks.peer import Given
from tests.benchmarks.peer_tools import injection_mw
from tests.benchmarks.timing import child

DATA = Path(__file__).parents[1] / "importing" / "data"
NETWORKS = {"case118": "IEEE 118", "case300": "IEEE 300", "GBnetwork": "GB, 2,224 buses"}
HOURS = 24
TOLERANCE = 1e-6  # of the flow; of 1 MW where it is less
# PyPSA divides the rounding of its PTDF by 1 - H_kk, which is 3e-5 for an almost radial branch here
ROUNDING = {("GBnetwork", "PyPSA"): 2e-6}
EXTREMES, FLOWS = "gridplan, extremes", "gridplan, all flows"
PANDAPOWER, LIMITS = "pandapower", "pypowsybl, limits"
PEERS = {  # and what does as much here
    PANDAPOWER: EXTREMES, LIMITS: EXTREMES, "pypowsybl, all flows": FLOWS, "PyPSA": FLOWS
}  # fmt: skip
COLUMNS = (
    "network", "hours", "outages", "tool", "seconds", "times gridplan's", "MB above bare",
    "MB bare", "difference",
)  # fmt: skip
OWN_ENVIRONMENT = [
    "uv", "run", "--quiet", "--isolated", "--no-project", "--with", "pandapower==3.5.6", "python"
]  # fmt: skip


def main(names):
    logging.disable(logging.WARNING)
    os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", PYTHONWARNINGS="ignore")
    rows = []
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            rows += compare(name, Path(folder))
    print("\n| " + " | ".join(COLUMNS) + " |\n|" + "---|" * len(COLUMNS))
    for row in rows:
        print("| " + " | ".join(row) + " |")


def compare(name, folder):
    """Rows of the table for one network; fails where the flows are not the same."""
    given = prepare(name, folder)
    flows_mw = run(FLOWS, folder, 1)["after_mw"]
    rows = []
    for hours in (1, HOURS):
        for tool in (EXTREMES, FLOWS, *PEERS):
            found = run(tool, folder, hours)
            apart = difference(found["after_mw"], expected(tool, flows_mw, given), given.outages)
            allowed = ROUNDING.get((name, tool), TOLERANCE)
            assert apart <= allowed, f"{name}, {tool}: flows {apart:.1e} apart"
            done = int(found["hours"])
            like = run(PEERS.get(tool, tool), folder, done)
            rows.append(
                (
                    NETWORKS[name],
                    f"{done}" if done == hours else f"{done} (of {hours})",
                    f"{len(given.outages):,}",
                    tool,
                    short(found["seconds"]),
                    short(found["seconds"] / like["seconds"]),
                    short(found["peak"] - found["bare"]),
                    short(found["bare"]),
                    f"{apart:.0e}" if apart else "0",
                )
            )
    return rows


def prepare(name, folder):
    """Write the case for every tool."""
    for suffix in ("json", "m"):
        packed = (DATA / f"{name}.{suffix}.gz").read_bytes()
        (folder / f"case.{suffix}").write_bytes(gzip.decompress(packed))
    text, _ = read_matpower((folder / "case.m").read_text(encoding="utf-8"), "case.m")
    matrices = {part: np.array(text.matrices[part]) for part in ("bus", "gen", "branch")}
    missing = 21 - matrices["gen"].shape[1]  # columns of costs and ramps, which pypowsybl expects
    matrices["gen"] = np.pad(matrices["gen"], ((0, 0), (0, missing)))
    case = {"version": "2", "baseMVA": text.scalars["baseMVA"], **matrices}
    savemat(folder / "case.mat", {"mpc": case})

    network = gp.import_network(folder / "case.m").network
    network.c.shunt_impedances.static["g"] = 0.0
    factors = 0.8 + 0.2 * np.sin(2 * np.pi * np.arange(1, HOURS + 1) / HOURS)
    network.set_snapshots(range(HOURS))
    for part in (network.c.loads, network.c.generators):
        power = part.static["p_set"]
        part.dynamic["p_set"] = pd.DataFrame(
            np.outer(factors, power), index=network.snapshots, columns=power.index
        )
    network.export_to_netcdf(folder / "case.nc")
    grid = grid_of(network)
    limits_mw = 1.2 * np.abs(grid.flows_mw(injection_mw(network)[:1])[0]) + 10.0
    np.savez(folder / "given.npz", factors=factors, outages=grid.outages, limits_mw=limits_mw)
    return Given(folder)


@cache
def run(tool, folder, hours):
    """Let a tool analyse hours in a process of its own; what it wrote."""
    path = folder / "result.npz"
    path.unlink(missing_ok=True)
    arguments = [str(folder), str(hours), str(path)]
    if tool == PANDAPOWER:
        command = [*OWN_ENVIRONMENT, "-m", "tests.benchmarks.peer_pandapower", *arguments]
    else:
        command = [sys.executable, "-m", "tests.benchmarks.peer_tools", tool, *arguments]
    child(f"{tool}, {hours} h, with import and reading", command)
    with np.load(path) as file:
        return dict(file)


def short(number):
    """Two digits, or all before the point."""
    return f"{number:,.0f}" if number >= 10 else f"{number:.2g}"


def expected(tool, flows_mw, given):
    """What a tool gives, from the flows of all branches after all outages, shape (L, K)."""
    if tool == EXTREMES:
        return np.column_stack([flows_mw.max(axis=1), flows_mw.min(axis=1)])
    if tool == LIMITS:
        return np.where(np.abs(flows_mw) > given.limits_mw[:, None], flows_mw, 0.0)
    return flows_mw


def difference(after_mw, expected_mw, outages):
    """Largest difference, relative to the flow; what is lost may have no value, else none may."""
    after_mw = after_mw.copy()
    if after_mw.shape[1] == len(outages):
        lost = outages, np.arange(len(outages))
        after_mw[lost] = np.nan_to_num(after_mw[lost])
    return np.max(np.abs(after_mw - expected_mw) / np.maximum(np.abs(expected_mw), 1.0))


if __name__ == "__main__":
    main(sys.argv[1:] or NETWORKS)
