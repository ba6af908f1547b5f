"""Run the scenarios of a file on any executor, and take up again what was broken off.

Scenarios that share a base case form tasks of a fixed size, whatever the number of workers, and
each begins with the same base case, so that the results do not depend on who ran what when.
Learned limits are not shared between scenarios yet; `Search.fork` is the place for it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

from gridplan.base.errors import GridplanError
from gridplan.base.provenance import PACKAGES, provenance
from gridplan.batch.applied import base_key
from gridplan.batch.lock import locked
from gridplan.batch.records import Record, read_record, sweep, write_record
from gridplan.batch.runs import Runs, runs_of, write_listing, write_origin, write_runs
from gridplan.batch.scenarios import Scenario, Scenarios, read_scenarios
from gridplan.batch.task import BEGUN, Task, record_of, run_task

CHUNK = 8  # scenarios of a task: enough to share a base case, few enough to spread
LOG = "batch.log"
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
DIED = {
    "outcome": "failed",
    "error": "the process that ran it was killed, twice; out of memory, perhaps",
}
Progress = Callable[[Record, int, int], None]


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
        Number of those processes; default one per core.
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
    GridplanError
        When the given executor broke; what was finished is kept.
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
        tally = _Tally(out, len(wanted), progress)
        tasks = tasks_of(scenarios, wanted, out)
        if executor is not None:
            _run_given(executor, tasks, tally)
        elif tasks:
            _run_here(tasks, jobs or os.cpu_count() or 1, tally)
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


def tasks_of(scenarios: Scenarios, wanted: Sequence[Scenario], out: Path) -> list[Task]:
    """Group scenarios by their base case, in chunks of a fixed size."""
    groups: dict[str, list[Scenario]] = {}
    for one in wanted:
        groups.setdefault(base_key(scenarios.study, one.changes), []).append(one)
    origin = provenance(scenarios.study)
    versions = {f"{name}_version": origin[f"{name}_version"] for name in PACKAGES}
    return [
        Task(
            folder=str(Path(str(scenarios.study.folder)).resolve()),
            study_sha256=origin["study_sha256"],
            versions=versions,
            out=str(out),
            scenarios=tuple(group[start : start + CHUNK]),
        )
        for group in groups.values()
        for start in range(0, len(group), CHUNK)
    ]


@dataclass
class _Tally:
    """Counts what is done, and writes a line of the log for each."""

    out: Path
    total: int
    progress: Progress | None
    seen: set[str] = field(default_factory=set)

    @property
    def done(self) -> int:
        return len(self.seen)

    def add(self, records: Sequence[Record]) -> None:
        for record in records:
            if record.digest in self.seen:
                continue
            self.seen.add(record.digest)
            now = datetime.now(UTC).isoformat(timespec="seconds")
            parts = (now, record.digest, record.outcome, f"{record.seconds:.1f} s", record.scenario)
            with (self.out / LOG).open("a", encoding="utf-8", newline="\n") as log:
                log.write("\t".join(parts) + "\n")
            if self.progress is not None:
                self.progress(record, self.done, self.total)


def _run_given(executor: Executor, tasks: Sequence[Task], tally: _Tally) -> None:
    try:
        _submit(executor, tasks, tally)
    except BrokenExecutor as error:
        msg = f"the executor broke ({error}); what is finished is kept, start again for the rest"
        raise GridplanError(msg) from error


def _run_here(tasks: Sequence[Task], jobs: int, tally: _Tally) -> None:
    """Run tasks on processes of this computer; what a killed worker was at runs again alone.

    Whoever is at work when a worker dies may have killed it, so each of them gets a second try in
    a process of its own; the others go on in a new pool.
    """
    suspects: list[Task] = []
    waiting = list(tasks)
    with _one_thread_each():
        while waiting:
            if _survived(waiting, jobs, tally):
                break
            left = [_unfinished(task, tally) for task in waiting]
            singles = [replace(t, scenarios=(s,)) for t in left for s in t.scenarios]
            struck = [task for task in singles if _begun(task).exists()]
            suspects += struck or singles  # before anybody had begun, all are
            gone = {task.scenarios[0].digest for task in struck or singles}
            kept = [
                replace(t, scenarios=tuple(s for s in t.scenarios if s.digest not in gone))
                for t in left
            ]
            waiting = [task for task in kept if task.scenarios]
        for task in suspects:
            _begun(task).unlink(missing_ok=True)
            if not _survived([task], 1, tally) and _unfinished(task, tally).scenarios:
                tally.add([write_record(tally.out, record_of(task, task.scenarios[0], DIED, 0.0))])


def _survived(tasks: Sequence[Task], jobs: int, tally: _Tally) -> bool:
    """Run tasks in a pool; False when one of its workers died."""
    pool = ProcessPoolExecutor(min(jobs, len(tasks)), mp_context=get_context("spawn"))
    try:
        _submit(pool, tasks, tally)
    except BrokenExecutor:
        return False
    finally:
        pool.shutdown(cancel_futures=True)
    return True


def _submit(executor: Executor, tasks: Sequence[Task], tally: _Tally) -> None:
    """Run tasks on an executor; results are told as they come."""
    futures = {executor.submit(run_task, task): task for task in tasks}
    broken: BrokenExecutor | None = None
    try:
        for future in as_completed(futures):
            try:
                tally.add(future.result())
            except BrokenExecutor as error:  # others may have finished all the same
                broken = error
    finally:
        for future in futures:
            future.cancel()
    if broken is not None:
        raise broken


def _unfinished(task: Task, tally: _Tally) -> Task:
    """Leave out, and count, the scenarios of a broken task whose records are there."""
    records = [read_record(tally.out, one.digest) for one in task.scenarios]
    tally.add([record for record in records if record is not None])
    left = [s for s, record in zip(task.scenarios, records, strict=True) if record is None]
    return replace(task, scenarios=tuple(left))


def _begun(task: Task) -> Path:
    return Path(task.out) / f"{BEGUN}{task.scenarios[0].digest}"


def _clean(out: Path) -> None:
    sweep(out)
    for begun in out.glob(f"{BEGUN}*"):
        begun.unlink(missing_ok=True)


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Let the processes that are started here use one thread each; HiGHS is told elsewhere."""
    before = {name: os.environ.get(name) for name in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
