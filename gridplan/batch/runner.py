"""Run the scenarios of a file on any executor, and take up again what was broken off.

Scenarios that share a base case form tasks of a fixed size, whatever the number of workers, and
each begins with the same base case and with the same limits of its grid, learned once from the
study's own plan, so that the results do not depend on who ran what when.
"""

from __future__ import annotations

import json
import math
import os
import shutil
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path

from gridplan.base.provenance import versions
from gridplan.batch.applied import base_key, by_base, grid_key
from gridplan.batch.lock import locked
from gridplan.batch.records import read_record, sweep
from gridplan.batch.runs import LISTING, Runs, runs_of, write_listing, write_origin, write_runs
from gridplan.batch.scenarios import Scenario, Scenarios, read_scenarios
from gridplan.batch.tally import Progress, Tally
from gridplan.batch.task import BEGUN, Task, place_of
from gridplan.batch.workers import run_tasks

CHUNK = 8  # most scenarios of a task: enough to share a base case, few enough to spread


def run_batch(
    scenarios: Scenarios | str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    executor: Executor | None = None,
    jobs: int | None = None,
    retry_failed: bool = False,
    limit: int | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Runs:
    """Run what is missing of a batch of scenarios.

    Parameters
    ----------
    scenarios : Scenarios or path
        Checked scenarios, or their file.
    out : str or path
        Folder of the results; made when missing. A scenario whose record stands there, for the
        same study and version, does not run again.
    executor : concurrent.futures.Executor, optional
        Where the scenarios run; it stays open, and its workers must see `out`. Default: processes
        of this computer with one thread each. A script then needs ``if __name__ == "__main__":``.
    jobs : int, optional
        Number of those processes, or of the workers of `executor` where it is known; default one
        per core.
    retry_failed : bool
        Whether scenarios that failed run again.
    limit : int, optional
        Most scenarios to run now.
    dry_run : bool
        Whether to look only: nothing runs, and nothing is written.
    progress : callable, optional
        Called with the record of a scenario, the number done now and the number to be done.

    Returns
    -------
    Runs
        Of all scenarios, those of earlier calls included; `waiting` has not run.

    Raises
    ------
    StudyError
        When the file has problems, or another batch writes to the folder.
    OSError
        When the folder cannot be written to, or its disk is full; what was finished is kept.
    GridplanError
        When the given executor broke, or one of its workers lacks the folders or versions; what was
        finished is kept.
    """
    if not isinstance(scenarios, Scenarios):
        scenarios = read_scenarios(scenarios)
    out = Path(out).resolve()
    listed = [(one.name, one.digest) for one in scenarios]
    if dry_run:
        waiting = [one.name for one in missing(scenarios, out, retry_failed)[:limit]]
        return replace(runs_of(out, listed), waiting=tuple(waiting))
    out.mkdir(parents=True, exist_ok=True)
    with locked(out):
        _clean(out)
        write_listing(out, listed)
        write_origin(out, scenarios.study)
        wanted = missing(scenarios, out, retry_failed)[:limit]
        for one in wanted:  # spoilt, or failed: what stands there from now on is of this run
            shutil.rmtree(out / one.digest, ignore_errors=True)
        jobs = jobs or cores()
        try:
            tasks = tasks_of(scenarios, wanted, out, jobs)
            run_tasks(tasks, Tally(out, len(wanted), progress), executor, jobs)
        finally:  # the tables show what is done, also when it is stopped
            _clean(out)
            runs = runs_of(out, listed)
            write_runs(out, runs)
    return runs


def missing(scenarios: Scenarios, out: Path, retry_failed: bool) -> list[Scenario]:
    """Scenarios without a sound record, and those that failed where they are to run again."""
    found = []
    for one in scenarios:
        record = read_record(out, one.digest)
        if record is None or (retry_failed and record.outcome == "failed"):
            found.append(one)
    return found


def shared(scenarios: Scenarios, wanted: Sequence[Scenario]) -> tuple[int, int]:
    """Count the grids and the base cases that scenarios need."""
    study, changes = scenarios.study, [one.changes for one in wanted]
    return len({grid_key(study, c) for c in changes}), len({base_key(study, c) for c in changes})


def changed(scenarios: Scenarios, out: Path) -> list[str]:
    """Names of scenarios that ran before the study, their changes or the version changed."""
    try:
        before = json.loads((out / LISTING).read_text(encoding="utf-8"))
    except (OSError, ValueError):  # nothing has run yet, as far as one can tell
        return []
    return [one.name for one in scenarios if before.get(one.name, one.digest) != one.digest]


def tasks_of(
    scenarios: Scenarios, wanted: Sequence[Scenario], out: Path, workers: int
) -> list[Task]:
    """Group scenarios by their base case, in chunks that leave no worker idle."""
    study = scenarios.study
    size = max(1, min(CHUNK, math.ceil(len(wanted) / workers)))
    return [
        Task(
            folder=place_of(study),
            study_sha256=study.hash,
            versions=versions(),
            out=str(out),
            grid=grid_key(study, group[0].changes),
            scenarios=group,
        )
        for group in by_base(study, wanted, size)
    ]


def cores() -> int:
    """Cores that this process may use; a batch system may have given it fewer than there are."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1


def _clean(out: Path) -> None:
    """Remove what killed workers have left."""
    sweep(out)
    for begun in out.glob(f"{BEGUN}*"):
        begun.unlink(missing_ok=True)
