"""Time hosting capacity; run on demand: `uv run python -m tests.benchmarks.step2`.

Prints all buses of Trøndelag with and without redispatch (wall time and peak memory of a process
of its own), one bus in every hour against one warm-started program per hour, and all buses of a
network of the size of SciGRID-DE.
"""

import logging

import numpy as np

import gridplan as gp
from gridplan.hosting.hourly import hourly_capacity
from gridplan.hosting.shared import SharedLimits
from gridplan.hosting.survey import survey_of
from tests.benchmarks.hour_by_hour import HourByHour
from tests.benchmarks.timing import child, clock, python, report
from tests.large_network import large_study

BUSES = {"median": "Orkdal 132", "hardest": "Orkdal 132"}


def main():
    all_of_trondelag()
    against_hour_by_hour()
    large()


def all_of_trondelag():
    """All buses, N-1, three shares of curtailment, 8,760 hours."""
    call = "import gridplan as gp; gp.hosting_capacity(gp.open_study('trondelag'){})"
    child("import and study alone", python("import gridplan as gp; gp.open_study('trondelag')"))
    child("all buses of Trøndelag", python(call.format("")), wall=90, memory_gb=3)
    fixed = python(call.format(", redispatch=False"))
    child("the same without redispatch", fixed, wall=10, memory_gb=3)


def against_hour_by_hour():
    """One bus, every hour exact: here, and one warm-started program per hour."""
    study = gp.open_study("trondelag")
    survey = survey_of(gp.base_case(study, connected=study.committed), "N-1")
    for kind, bus in BUSES.items():
        place = (survey.case.grid.topology.buses == bus).astype(float)
        with clock() as here:
            mine = hourly_capacity(survey, SharedLimits(survey.case), place)
        peer = HourByHour(survey, place)
        with clock() as on_demand:
            peer.learn()
        with clock() as knowing:
            theirs, found = peer.solve()
        assert not len(found)
        apart = np.abs(mine.mw - theirs).max()
        report(f"{bus} ({kind})", here.wall, here.cpu, f"{mine.programs} programs")
        for label, other in (("rows known", knowing), ("rows on demand", on_demand)):
            note = f"{other.wall / here.wall:.0f} times as long, {other.cpu / here.cpu:.0f} in cpu"
            report(f"  hour by hour, {label}", other.wall, other.cpu, note)
        print(f"  {len(peer.rows)} rows; results at most {apart:.1e} MW apart")


def large():
    """Every bus of the large network."""
    study = large_study()
    with clock() as taken:
        found = gp.hosting_capacity(study)
    report(repr(study)[7:-1], taken.wall, taken.cpu, f"{found.sizes['bus']} buses")


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    main()
