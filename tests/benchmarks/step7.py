"""Growing networks and years: `uv run python -m tests.benchmarks.step7 [network ...] [hours ...]`.

Every network and number of hours runs in a process of its own, which prints wall time and peak
memory of each step: opening (import, checks, sensitivities), the N-1 screen of all hours, the base
case, a plan of thirty projects, hosting capacity of five buses and the certificate of the plan. At
the end the steps stand in one table with the exponent of growth, time ~ branches^a and time ~
hours^a, between one size and the next. A process that is not done after `MOST_S` seconds is
stopped, and the table says so. The 9,241 buses come with pandapower, which refuses pandas 3 and so
runs elsewhere.
"""

import json
import math
import subprocess
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

NETWORKS = ("trondelag", "made", "gb", "pegase")
HOURS = (24, 168, 8760)
STEPS = ("open", "screen", "base case", "plan", "hosting, 5 buses", "certificate")
MOST_S = 1800
LEAST_S = 0.05  # below which a time says nothing about growth
PANDAPOWER = "pandapower==3.5.6"
WRITE_PEGASE = (
    "import sys, pandapower as pp, pandapower.networks as nw; "
    "pp.to_json(nw.case9241pegase(), sys.argv[1])"
)


def main(names, lengths):
    with tempfile.TemporaryDirectory() as folder:
        if "pegase" in names:
            command = ["uv", "run", "--isolated", "--no-project", "--with", PANDAPOWER, "python"]
            target = str(Path(folder) / "pegase.json")
            subprocess.run([*command, "-W", "ignore", "-c", WRITE_PEGASE, target], check=True)
        found = {
            (name, hours): measured(name, hours, folder) for name in names for hours in lengths
        }
    print_table(found)
    print_growth(found, names, lengths)


def measured(name, hours, folder):
    """Run one size in a process of its own; what its steps took."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.benchmarks.one_size"]
    command += [name, str(hours), folder]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        out, _ = process.communicate(timeout=MOST_S)
    except subprocess.TimeoutExpired:
        process.kill()
        out, _ = process.communicate()
    steps = [json.loads(line) for line in out.splitlines()]
    for step in steps:
        print(f"{name:10s} {hours:5d} h  {step}", flush=True)
    return {step["step"]: step for step in steps}


def print_table(found):
    """One row for every size: seconds of each step and the peak of memory."""
    print("\n| network | hours |", *(f" {step} |" for step in STEPS), " memory |", sep="")
    print("|---|---|", "---|" * (len(STEPS) + 1), sep="")
    for (name, hours), steps in found.items():
        cells = [f"{steps[step]['s']:.1f} s" if step in steps else "–" for step in STEPS]
        peak = max((step["gb"] for step in steps.values()), default=float("nan"))
        print(f"| {name} | {hours:,} |", *(f" {cell} |" for cell in cells), f" {peak:.1f} GB |")
    print(f"–: not done {MOST_S} s after the start\n")


def print_growth(found, names, lengths):
    """Exponents of growth from one size to the next."""
    for hours in lengths:
        for smaller, larger in pairwise(names):
            pair = found[smaller, hours], found[larger, hours]
            if all("open" in steps for steps in pair):
                sizes = [int(steps["open"]["note"].split()[0]) for steps in pair]
                growth(f"{smaller} to {larger}, {hours:,} h", pair, sizes, "branches")
    for name in names:
        for fewer, more in pairwise(lengths):
            pair = found[name, fewer], found[name, more]
            growth(f"{name}, {fewer:,} to {more:,} h", pair, (fewer, more), "hours")


def growth(label, pair, sizes, unit):
    """Print a, where time ~ size^a, for every step that both have done and that takes a while."""
    both = [step for step in STEPS if all(step in steps for steps in pair)]
    exponents = [
        f"{step} {math.log(after / before) / math.log(sizes[1] / sizes[0]):.2f}"
        for step in both
        if min(before := pair[0][step]["s"], after := pair[1][step]["s"]) > LEAST_S
    ]
    print(f"{label}: time ~ {unit}^a, a = {', '.join(exponents) or 'not measured'}")


if __name__ == "__main__":
    asked = sys.argv[1:]
    names = [each for each in asked if not each.isdigit()] or list(NETWORKS)
    main(names, [int(each) for each in asked if each.isdigit()] or list(HOURS))
