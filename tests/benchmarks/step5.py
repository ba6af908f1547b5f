"""Time a batch of 200 scenarios; run on demand: `uv run python -m tests.benchmarks.step5`.

Prints what one scenario takes in a process of its own that knows nothing yet, what one of 200
takes on two processes, the ratio of the two, and what the workers held in memory. With a number,
the batch has that many scenarios.
"""

import sys
import tempfile
import threading
import time
from pathlib import Path

import gridplan as gp
from tests.benchmarks.timing import child, clock, python, report

RATIO, MEMORY_GB, JOBS = 4.0, 3.0, 2
COLD = 5  # scenarios that run alone, spread over the batch
SCENARIOS = """\
study: trondelag
base: {year: 2030}
matrix:
  grid_year: [2025, 2030]
  inflow: [median, wet]
  growth: [{all: 0.95}, {all: 0.98}, {all: 1.0}, {all: 1.02}, {all: 1.05}]
  symbioses: [true, false]
  budget_mnok: [0, 200, 500, 1000, null]
"""
ALONE = """
import gridplan as gp
from gridplan.batch.applied import grid_of_scenario, plan_scenario
study = gp.open_study("trondelag")
plan_scenario(gp.base_case(grid_of_scenario(study, {changes})), {changes})
"""


class Memory(threading.Thread):
    """Watches the memory of the worker processes, once a second (GB)."""

    def __init__(self):
        super().__init__(daemon=True)
        self.seen, self.stop = [], threading.Event()

    def run(self):
        while not self.stop.wait(1.0):
            self.seen.append(max(map(_resident_gb, _children()), default=0.0))


def main(count=200):
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "scenarios.yaml"
        file.write_text(SCENARIOS, encoding="utf-8")
        scenarios = gp.read_scenarios(file)
        print(f"{len(scenarios)} scenarios, {count} of them run")
        alone = cold(scenarios)
        memory = Memory()
        memory.start()
        with clock() as taken:
            runs = gp.run_batch(scenarios, Path(name) / "runs", jobs=JOBS, limit=count)
        memory.stop.set()
        ran = len(runs.records)
        print(runs)
        report(f"{ran} scenarios on {JOBS} processes", taken.wall, taken.cpu)
        each = taken.wall / ran
        note = "at least" if alone / each >= RATIO else "LESS THAN"
        report("one of them", each, 0.0, f"ratio {alone / each:.1f}, {note} {RATIO:g}")
        tell(memory.seen)


def cold(scenarios):
    """Mean time of some scenarios, each in a process of its own (s)."""
    step = len(scenarios) // COLD
    start = time.perf_counter()
    for one in scenarios.listed[step // 2 :: step]:
        child(one.name[:44], python(ALONE.format(changes=one.changes)))
    return (time.perf_counter() - start) / COLD


def tell(seen):
    """Print the largest worker's memory in each quarter of the batch."""
    size = max(len(seen) // 4, 1)
    quarters = [max(seen[start : start + size]) for start in range(0, 4 * size, size)]
    note = "under" if max(seen) < MEMORY_GB else "OVER"
    told = ", ".join(f"{gb:.2f}" for gb in quarters)
    print(f"largest worker by quarter: {told} GB, {note} {MEMORY_GB:g} GB")


def _children():
    own = Path(f"/proc/{Path('/proc/self').resolve().name}/task")
    return {pid for each in own.glob("*/children") for pid in each.read_text().split()}


def _resident_gb(pid):
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0.0  # it has ended
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1e6


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
