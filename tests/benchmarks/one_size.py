"""One network and one number of hours for `tests.benchmarks.step7`, step by step.

Prints a line of JSON when a step is done: its name, seconds, peak of memory so far (GB) and what
came out.
"""

import json
import logging
import resource
import sys
import time
from pathlib import Path

import gridplan as gp
from gridplan.operation.case import case_of
from gridplan.operation.screen import largest_mw
from tests import growing_networks

BUSES = 5


class Steps:
    """Times what lies between one call and the next."""

    def __init__(self):
        self._start = time.perf_counter()

    def done(self, step, note=""):
        """Print a step that ends here."""
        taken = round(time.perf_counter() - self._start, 3)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        line = {"step": step, "s": taken, "gb": round(peak, 2), "note": note}
        print(json.dumps(line), flush=True)
        self._start = time.perf_counter()


def main(name, hours, folder):
    study = study_of(name, hours, Path(folder))
    steps = Steps()
    case = case_of(study)
    steps.done("open", f"{case.grid.branches} branches, {case.grid.contingencies} outages")
    flow = case.grid.flows_mw(case.injections_mw(case.schedule_mw))
    over = (largest_mw(case.grid, flow) > case.limit_mw).sum()
    steps.done("screen", f"{over:,} limits exceeded in an hour")
    del flow, case
    base = gp.base_case(study)
    steps.done("base case", f"{base.dispatch.programs:,} programs")
    plan = gp.plan(study, base=base)
    steps.done("plan", f"{plan.projects['chosen'].sum()} of {len(plan.projects)} projects")
    buses = list(study.projects["bus"].unique()[:BUSES])
    firm = gp.hosting_capacity(study, buses=buses)["capacity_mw"].isel(flexibility=0)
    steps.done("hosting, 5 buses", f"{firm.to_numpy().ravel().round(1).tolist()} MW")
    steps.done("certificate", f"secure: {gp.certify(plan).secure}")


def study_of(name, hours, folder):
    """Build the study."""
    if name == "gb":
        return growing_networks.gb(hours, folder)
    if name == "pegase":
        return growing_networks.imported(folder / "pegase.json", hours, mw=(20, 300))
    return getattr(growing_networks, name)(hours)


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
