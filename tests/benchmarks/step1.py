"""Time what a planner waits for; run on demand: `uv run python tests/benchmarks/step1.py`.

Prints the whole study (wall time and peak memory of the command), the complete N-1 screen, the
import, and the plan against PyPSA's own security-constrained optimisation of the same hours.
"""

import logging
import os
import subprocess
import sys
import tempfile
import time

import pandas as pd

import gridplan as gp


def main():
    child("import gridplan", [sys.executable, "-c", "import gridplan"])
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "gridplan.cli", "study", "trondelag", "--out", folder]
        child("gridplan study trondelag", command)
    study = gp.at_stage(gp.open_study("trondelag"))
    screen(study)
    against_pypsa(study)


def child(label, command):
    """Wall time and peak resident memory of one command."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    report(label, time.perf_counter() - start, f"peak {usage.ru_maxrss / 1e6:.2f} GB, {status=}")


def screen(study):
    """Complete N-1 screen, the optimiser's (LODF) and the witness's."""
    from gridplan.operation.screen import extremes_mw

    base = gp.base_case(study)
    start = time.perf_counter()
    extremes_mw(base.case.grid, base.dispatch.flow_mw)
    branches, outages = base.case.grid.lodf.shape
    size = f"{branches} branches x {outages} outages x {len(base.case.hours)} hours"
    report("N-1 screen of the optimiser", time.perf_counter() - start, size)
    plan = gp.plan(study, base=base)
    start = time.perf_counter()
    certificate = gp.certify(plan)
    seconds = time.perf_counter() - start
    report("certificate, sample included", seconds, f"secure: {certificate.secure}")


def against_pypsa(study, hours=2):
    """Plan of a few hours here and in PyPSA, in the same run."""
    load = study.network.c.loads.dynamic.p_set.sum(axis=1)
    snapshots = pd.DatetimeIndex(load.nlargest(hours).index.sort_values())
    start = time.perf_counter()
    mine = gp.plan(study.at(snapshots))
    here = time.perf_counter() - start
    network = gp.to_pypsa(study, snapshots)
    start = time.perf_counter()
    network.optimize.optimize_security_constrained(
        branch_outages=gp.secure_outages(study), solver_name="highs", log_to_console=False,
        solver_options={"mip_rel_gap": 0.0},
    )  # fmt: skip
    there = time.perf_counter() - start
    report(f"plan of {hours} hours", here, f"{mine.objective_mnok:.4f} MNOK a year")
    report("the same in PyPSA", there, f"{there / here:.0f} times as long")


def report(label, seconds, note=""):
    print(f"{label:40s} {seconds:8.2f} s   {note}")


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    main()
