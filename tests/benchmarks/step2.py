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

BUSES = {"meshed": "Orkdal 132", "far from any limit but its own": "Ålmo 66"}
SAMPLE = 24  # hours of the program with all rows, which is far too slow for a year


def main():
    all_of_trondelag()
    against_hour_by_hour()
    large()


def all_of_trondelag():
    """All buses, N-1, three shares of curtailment, 8,760 hours."""
    call = "import gridplan as gp; gp.hosting_capacity(gp.open_study('trondelag'){})"
    child("import and study alone", python("import gridplan as gp; gp.open_study('trondelag')"))
    child("all buses of Trøndelag", python(call.format("")), wall=90, memory_gb=3)
    study = gp.open_study("trondelag")
    with clock() as fixed:
        gp.hosting_capacity(study, redispatch=False)
    report("the same without redispatch, study open", fixed.wall, fixed.cpu, "to be under 10 s")


def against_hour_by_hour():
    """One bus, every hour exact: here, and one warm-started program per hour."""
    study = gp.open_study("trondelag")
    survey = survey_of(gp.base_case(study), "N-1")
    for kind, bus in BUSES.items():
        place = (survey.case.grid.topology.buses == bus).astype(float)
        with clock() as here:
            mine = hourly_capacity(survey, SharedLimits(survey.case), place)
        report(f"{bus} ({kind})", here.wall, here.cpu, f"{mine.programs} programs")
        peer = HourByHour(survey, place)
        with clock() as on_demand:
            peer.learn()
        with clock() as knowing:
            theirs, found = peer.solve()
        assert not len(found)
        apart = np.abs(mine.mw - theirs).max()
        _against("rows on demand", on_demand, here, f"results {apart:.0e} MW apart")
        _against(f"its {len(peer.rows)} rows known", knowing, here, "")
        _against_all_rows(survey, place, here)


def _against_all_rows(survey, place, here):
    """The program with the rows of all outages, on a sample of hours."""
    peer = HourByHour(survey, place)
    peer.take_all()
    with clock() as first:
        peer.solve(slice(0, 1))
    with clock() as sample:
        peer.solve(slice(0, 1 + SAMPLE))
    factor = len(survey.case.hours) / SAMPLE
    sample.wall, sample.cpu = (
        (sample.wall - first.wall) * factor,
        (sample.cpu - first.cpu) * factor,
    )
    _against(f"all {len(peer.rows):,} rows", sample, here, f"estimated from {SAMPLE} hours")


def _against(label, peer, here, note):
    words = f"{peer.wall / here.wall:.0f} times as long; {note}"
    report(f"  hour by hour, {label}", peer.wall, peer.cpu, words)


def large():
    """Every bus of the large network."""
    study = large_study()
    with clock() as taken:
        found = gp.hosting_capacity(study)
    report(repr(study)[7:-1], taken.wall, taken.cpu, f"{found.sizes['bus']} buses")


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    main()
