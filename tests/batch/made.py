"""Runs written by hand, without any network."""

from itertools import product

from gridplan.batch.records import Record
from gridplan.batch.runs import Runs

VERSIONS = {"gridplan_version": "0.1.0"}


def record(name, changes, chosen=None, outcome="done", **figures):
    return Record(
        scenario=name,
        digest=name,
        changes=changes,
        outcome=outcome,
        error="" if outcome == "done" else f"{outcome} on purpose",
        study_sha256="0" * 64,
        versions=VERSIONS,
        seconds=1.0,
        figures=figures if outcome == "done" else {},
        chosen=(chosen or {}) if outcome == "done" else {},
    )


def runs_of(*records, waiting=()):
    return Runs(tuple(sorted(records, key=lambda one: one.scenario)), tuple(waiting))


def matrix(chosen, **values):
    """Records of every combination; `chosen` says by its changes what is chosen and worth."""
    records = []
    for combination in product(*values.values()):
        changes = dict(zip(values, combination, strict=True))
        name = ", ".join(f"{key}={value}" for key, value in changes.items())
        projects, figures = chosen(**changes)
        records.append(record(name, changes, projects, **figures))
    return records
