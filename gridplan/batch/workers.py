"""Tasks on the workers of any executor: processes of this computer, or a cluster.

What a worker was at when it died runs once more, alone; a second death is the scenario's outcome.
"""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    wait,
)
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Protocol, TypeVar
from uuid import uuid4

from threadpoolctl import threadpool_limits

from gridplan.base.errors import GridplanError
from gridplan.base.provenance import versions
from gridplan.batch.processes import Processes, deaf_to_interrupts
from gridplan.batch.records import write_record
from gridplan.batch.runs import LISTING
from gridplan.batch.tally import Tally
from gridplan.batch.task import BEGUN, Task, record_of, run_task, teach
from gridplan.portfolio.search import Lessons
from gridplan.study.reading import bundled_studies


class Work(Protocol):
    """What a worker is given: the folders of study and results, and the versions that count."""

    folder: str
    out: str
    versions: dict[str, str]


T, W = TypeVar("T"), TypeVar("W", bound=Work)
LOOK_S = 1.0  # time between two looks at what has been written
DIED = {
    "outcome": "failed",
    "error": "the process that ran it was killed, twice; out of memory, perhaps",
}
LEARNING = "the process that learned what the grid limits was killed, twice; out of memory, perhaps"
TURN = threading.Lock()


class WorkerDiedError(GridplanError):
    """A worker died at a task, which nobody has finished."""


def run_tasks(
    tasks: Sequence[Task], tally: Tally, executor: Executor | None = None, jobs: int = 1
) -> None:
    """Run tasks; every scenario has its record afterwards.

    Whoever is at work when a process dies may have killed it, so each of them gets a second try by
    itself; the others go on.

    Parameters
    ----------
    tasks : sequence of Task
        What is to be done.
    tally : Tally
        Told of each scenario that is done.
    executor : concurrent.futures.Executor, optional
        It stays open. Default: processes of this computer.
    jobs : int
        Number of those.

    Raises
    ------
    OSError
        When a record cannot be written.
    GridplanError
        When the executor broke, or a worker cannot work. What is finished is kept in every case.
    """
    suspects: list[Task] = []
    waiting, died = list(tasks), 0
    while waiting:
        with workers_of(executor, min(jobs, len(waiting))) as workers:
            try:
                waiting = _taught(workers, waiting)
            except WorkerDiedError as error:
                died += 1
                if died > 1:
                    raise GridplanError(LEARNING) from error
                continue
            broken = _run(workers, waiting, tally)
        waiting, struck = _after_death(broken, tally)
        suspects += struck
    for task in suspects:
        _begun(task).unlink(missing_ok=True)
        with workers_of(executor, 1) as workers:
            broken = _run(workers, [task], tally)
        if broken and tally.unfinished(task).scenarios:
            tally.add([write_record(tally.out, record_of(task, task.scenarios[0], DIED, 0.0))])


def work(does: Callable[[W], T], task: W, _: str) -> T:
    """Do something with a task on a worker, whoever runs it.

    One thread: scenarios share the cores, and the order of sums, and with it the last digit, is
    the same everywhere. HiGHS is told where it is made. One at a time in a process: PyPSA's
    options hold for the whole of it, so that gridplan does not work in two threads.

    Raises
    ------
    GridplanError
        When the worker cannot give the results of this computer.
    """
    with TURN, threadpool_limits(1):
        _see(task)
        return does(task)


def _see(task: Work) -> None:
    """Check that a worker has the folders and the versions of whoever has sent it a task."""
    host, here = socket.gethostname(), versions()
    study = bundled_studies().get(task.folder, Path(task.folder))
    for path in (Path(task.out) / LISTING, study):
        if not path.exists():
            msg = (
                f"the worker on {host} does not see {path}: the folders of the study and of the "
                "results must be on a disk that all computers share, under the same path"
            )
            raise GridplanError(msg)
    for name, version in task.versions.items():
        if here[name] != version:
            msg = (
                f"the worker on {host} has {name.removesuffix('_version')} {here[name]}, not "
                f"{version}; install the same versions everywhere"
            )
            raise GridplanError(msg)


@contextmanager
def workers_of(executor: Executor | None, count: int) -> Iterator[Executor]:
    """Take the given executor, or processes of this computer."""
    if executor is None:
        with Processes(count) as pool:
            yield pool
        return
    try:
        yield executor
    except (BrokenExecutor, CancelledError) as error:
        reason = str(error) or "its scheduler is gone"
        msg = f"the executor broke ({reason}); what is finished is kept, start again for the rest"
        raise GridplanError(msg) from error


def _taught(workers: Executor, tasks: Sequence[Task]) -> list[Task]:
    """Give every task the lessons of its grid, each learned once."""
    lessons: dict[str, Lessons | None] = {t.grid: t.lessons for t in tasks if t.lessons}
    first = {task.grid: task for task in reversed(tasks) if task.grid not in lessons}

    def learned(future: Future[Lessons | None], task: Task) -> None:
        lessons[task.grid] = future.result()

    if each(workers, teach, list(first.values()), learned):
        raise WorkerDiedError
    return [replace(task, lessons=lessons[task.grid]) for task in tasks]


def _run(workers: Executor, tasks: Sequence[Task], tally: Tally) -> list[Task]:
    """Run tasks; return those whose worker died."""
    return each(workers, run_task, tasks, lambda future, _: tally.add(future.result()), tally.look)


def each(
    workers: Executor,
    does: Callable[[W], T],
    tasks: Sequence[W],
    done: Callable[[Future[T], W], None],
    look: Callable[[Sequence[W]], None] | None = None,
) -> list[W]:
    """Do something with each task; return those whose worker died."""
    run = uuid4().hex  # a cluster would give what the same call came to before
    death: type[Exception] = BrokenExecutor if isinstance(workers, Processes) else _killed_worker()
    futures: dict[Future[T], W] = {}
    broken = []
    try:
        with deaf_to_interrupts() if isinstance(workers, Processes) else nullcontext():
            for task in tasks:
                try:
                    futures[workers.submit(work, does, task, run)] = task
                except death:
                    broken.append(task)
        pending = set(futures)
        while pending:
            ended, pending = wait(pending, LOOK_S, return_when=FIRST_COMPLETED)
            for future in ended:
                try:
                    done(future, futures[future])
                except death:
                    broken.append(futures[future])
            if look is not None:
                look([futures[future] for future in pending])
    finally:
        for future in futures:
            future.cancel()
    return broken


def _killed_worker() -> type[Exception]:
    """Error by which Dask says that workers died at a task; its scheduler lives on."""
    distributed = sys.modules.get("distributed")  # nothing of Dask runs unless it is loaded
    return WorkerDiedError if distributed is None else distributed.KilledWorker


def _after_death(broken: Sequence[Task], tally: Tally) -> tuple[list[Task], list[Task]]:
    """Part the scenarios of broken tasks: others may go on, suspects run alone."""
    left = [tally.unfinished(task) for task in broken]
    singles = [replace(task, scenarios=(one,)) for task in left for one in task.scenarios]
    struck = [task for task in singles if _begun(task).exists()]
    suspects = struck or singles  # before anybody had begun, all are
    gone = {task.scenarios[0].digest for task in suspects}
    kept = [
        replace(task, scenarios=tuple(one for one in task.scenarios if one.digest not in gone))
        for task in left
    ]
    return [task for task in kept if task.scenarios], suspects


def _begun(task: Task) -> Path:
    return Path(task.out) / f"{BEGUN}{task.scenarios[0].digest}"
