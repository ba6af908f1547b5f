"""Time what a planner waits for; run on demand: `uv run python -m tests.benchmarks.step1`.

Prints the whole study (wall time and peak memory of the command), the complete N-1 screen, the
import, and the plan against PyPSA's own security-constrained optimisation of the same hours.
"""

import logging
import sys
import tempfile

import pandas as pd

import gridplan as gp
from tests.benchmarks.timing import child, clock, python, report


def main():
    child("import gridplan", python("import gridplan"))
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "gridplan.cli", "study", "trondelag", "--out", folder]
        child("gridplan study trondelag", command)
    study = gp.at_stage(gp.open_study("trondelag"))
    screen(study)
    against_pypsa(study)


def screen(study):
    """Complete N-1 screen, the optimiser's (LODF) and the witness's."""
    from gridplan.operation.screen import extremes_mw

    base = gp.base_case(study)
    with clock() as taken:
        extremes_mw(base.case.grid, base.dispatch.flow_mw)
    branches, outages = base.case.grid.lodf.matrix.shape
    size = f"{branches} branches x {outages} outages x {len(base.case.hours)} hours"
    report("N-1 screen of the optimiser", taken.wall, taken.cpu, size)
    plan = gp.plan(study, base=base)
    with clock() as taken:
        certificate = gp.certify(plan)
    secure = f"secure: {certificate.secure}"
    report("certificate, sample included", taken.wall, taken.cpu, secure)


def against_pypsa(study, hours=2):
    """Plan of a few hours here and in PyPSA, in the same run."""
    load = study.network.c.loads.dynamic.p_set.sum(axis=1)
    snapshots = pd.DatetimeIndex(load.nlargest(hours).index.sort_values())
    with clock() as here:
        mine = gp.plan(study.at(snapshots))
    network = gp.to_pypsa(study, snapshots)
    with clock() as there:
        network.optimize.optimize_security_constrained(
            branch_outages=gp.secure_outages(study), solver_name="highs", log_to_console=False,
            solver_options={"mip_rel_gap": 0.0},
        )  # fmt: skip
    report(f"plan of {hours} hours", here.wall, here.cpu, f"{mine.objective_mnok:.4f} MNOK a year")
    longer = f"{there.wall / here.wall:.0f} times as long"
    report("the same in PyPSA", there.wall, there.cpu, longer)


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    main()
