"""Time maps and exports; run on demand: `uv run python -m tests.benchmarks.step4`.

Prints every file of `gridplan study trondelag --report` with its size, given plan, certificate,
capacity and explanations, their sum against the limit, and how long headless chromium needs to
open the interactive map.
"""

import logging
import tempfile
import warnings
from pathlib import Path

import gridplan as gp
from gridplan.exports.files import write_plan
from gridplan.exports.handover import WRITERS, Handover
from tests.benchmarks.page_opening import LIMIT_MB, opening
from tests.benchmarks.timing import clock, report

LIMIT_S = 60.0


def main():
    given = results()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        every_export(given, folder)
        page = folder / "plan.html"
        size = page.stat().st_size / 1e6
        print(f"plan.html: {'under' if size < LIMIT_MB else 'OVER'} {LIMIT_MB:g} MB")
        opening(page)


def results():
    """Everything that is given to the exports."""
    with clock() as taken:
        study = gp.at_stage(gp.open_study("trondelag"), 2030)
        plan = gp.plan(study)
        certificate = gp.certify(plan)
    report("study, plan and certificate", taken.wall, taken.cpu)
    with clock() as taken:
        capacity = gp.hosting_capacity(study, hourly=True)
    report("hosting capacity of all buses, hourly", taken.wall, taken.cpu)
    with clock() as taken:
        out = plan.by_project.index[~plan.by_project["chosen"]]
        why = [gp.explain(plan, project, forced=False) for project in out]
    report(f"explanations of {len(why)} projects, with remedies", taken.wall, taken.cpu)
    return Handover(plan, certificate, capacity, why, language="nb")


def every_export(given, folder):
    """Write every file, each timed, and hold their sum against the limit."""
    writers = {
        "plan.png": lambda: gp.capacity_map(
            given.plan, folder / "plan.png", certificate=given.certificate, language="nb"
        ),
        "tables, texts and netCDF": lambda: write_plan(given.plan, given.certificate, folder),
    } | {name: lambda name=name: WRITERS[name](given, folder / name) for name in WRITERS}
    wall = cpu = 0.0
    for name, write in writers.items():
        with clock() as taken:
            write()
        path = folder / name
        size = f"{path.stat().st_size / 1e6:.2f} MB" if path.is_file() else ""
        report(name, taken.wall, taken.cpu, size)
        wall, cpu = wall + taken.wall, cpu + taken.cpu
    note = f"{'under' if wall < LIMIT_S else 'OVER'} {LIMIT_S:g} s"
    report("all exports", wall, cpu, note)


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    main()
