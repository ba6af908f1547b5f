"""`gridplan batch`: many scenarios, run where records are missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from gridplan.cli.terminal import err, say, writable

if TYPE_CHECKING:
    from gridplan.batch.cluster import Cluster
    from gridplan.batch.records import Record
    from gridplan.batch.runs import Runs
    from gridplan.batch.scenarios import Scenarios

FILE = "scenarios.yaml"  # the scenario file of a study folder
SPEED_S = 3600.0  # the rate is that of the last hour
STOPPED = 130


def batch_command(
    scenarios: Annotated[
        str,
        typer.Argument(
            metavar="SCENARIOS", help=f"scenario file (YAML), or a study with a {FILE} (trondelag)"
        ),
    ],
    *,
    results: Annotated[Path, typer.Option("--out", help="folder for the results")] = Path("runs"),
    jobs: Annotated[int | None, typer.Option(min=1, help="processes; default one a core")] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            help="run on a Dask cluster instead: address of its scheduler, tcp://host:port"
        ),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=0, help="most scenarios to run now")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="check and count only")] = False,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="run those again that failed")
    ] = False,
) -> None:
    """Run the scenarios of a file; the same command again runs what is missing.

    Example: gridplan batch scenarios.yaml --out runs/ --jobs 2
    """
    import gridplan as gp  # noqa: PLC0415 - heavy imports wait until they are needed

    if scheduler is not None and jobs is not None:
        msg = "The cluster has its own workers: give --jobs or --scheduler, not both."
        raise typer.BadParameter(msg)
    checked = gp.read_scenarios(_file(scenarios))
    if dry_run:
        todo = _announce(
            checked, results, _Place.here(jobs), retry_failed=retry_failed, limit=limit
        )
        for name in todo.waiting:
            say(f"- {name}")
        return
    writable(results)
    with _place(scheduler, jobs) as place:
        todo = _announce(checked, results, place, retry_failed=retry_failed, limit=limit)
        with _watched(todo, place) as step:
            try:
                runs = gp.run_batch(
                    checked,
                    results,
                    executor=place.cluster.executor if place.cluster else None,
                    jobs=place.workers,
                    retry_failed=retry_failed,
                    limit=limit,
                    progress=step,
                )
            except KeyboardInterrupt:
                _stopped(gp.open_runs(results), results)
                raise typer.Exit(STOPPED) from None
    _show(runs)
    say(f"Results in {results}: runs.csv (a row for each), chosen.csv, batch.log, a folder each")


@dataclass(frozen=True)
class _Place:
    """Where the scenarios run."""

    workers: int
    cluster: Cluster | None = None

    @classmethod
    def here(cls, jobs: int | None) -> _Place:
        from gridplan.batch.runner import cores  # noqa: PLC0415 - heavy

        return cls(jobs or cores())

    def __str__(self) -> str:
        if self.cluster is not None:
            return _count(self.workers, "worker") + " of the cluster"
        return "1 process" if self.workers == 1 else f"{self.workers} processes"


@contextmanager
def _place(scheduler: str | None, jobs: int | None) -> Iterator[_Place]:
    if scheduler is None:
        yield _Place.here(jobs)
        return
    from gridplan.batch.cluster import connected  # noqa: PLC0415 - heavy

    with connected(scheduler) as cluster:
        if not cluster.workers:
            err.print("No worker has joined the cluster yet; the scenarios wait for the first.")
        yield _Place(max(cluster.workers, 1), cluster)


def _file(named: str) -> Path:
    """Find the scenario file; that of a study folder has a fixed name."""
    from gridplan.study.reading import bundled_studies  # noqa: PLC0415 - heavy

    folder = Path(named)
    if not folder.exists():
        folder = bundled_studies().get(named, folder)
    return folder / FILE if folder.is_dir() else folder


def _announce(
    checked: Scenarios, results: Path, place: _Place, *, retry_failed: bool, limit: int | None
) -> Runs:
    """Say what is to be run, how long it takes, and what has run in vain."""
    import gridplan as gp  # noqa: PLC0415 - heavy imports wait until they are needed
    from gridplan.batch.runner import changed, shared  # noqa: PLC0415 - heavy

    todo = gp.run_batch(checked, results, retry_failed=retry_failed, limit=limit, dry_run=True)
    wanted = [one for one in checked if one.name in set(todo.waiting)]
    text = f"{checked.study.title}: {len(checked)} scenarios, {len(wanted)} to run now"
    grids, bases = shared(checked, wanted)
    if wanted:
        text += f" on {_count(bases, 'base case')} of {_count(grids, 'grid')} with {place}"
    say(f"{text}. {_estimate(todo, place)}")
    stale = changed(checked, results)
    if stale:
        say(f"{len(stale)} were listed here before the study, their changes or gridplan changed.")
    return todo


def _estimate(todo: Runs, place: _Place) -> str:
    """Time from the scenarios that have run already; without them it is told after the first."""
    if not todo.waiting:
        return "Nothing is missing."
    if todo.seconds_each is None:
        return "How long it takes is told after the first."
    return (
        f"About {_time(todo.seconds_each, len(todo.waiting), place)} once the grids are prepared."
    )


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _time(seconds_each: float, count: int, place: _Place) -> str:
    seconds = seconds_each * count / min(place.workers, max(count, 1))
    if seconds < 90:
        return f"{seconds:,.0f} s"
    return f"{seconds / 60:,.0f} min" if seconds < 5400 else f"{seconds / 3600:,.1f} h"


class _Rate(ProgressColumn):
    """Scenarios in a minute."""

    def render(self, task: Task) -> Text:
        """Write the rate, once there is one."""
        speed = task.finished_speed or task.speed
        return Text(f"{speed * 60:.1f}/min" if speed else "", style="progress.data.speed")


@contextmanager
def _watched(todo: Runs, place: _Place) -> Iterator[object]:
    """Show a bar with rate, remaining time and failures; silent where stderr is no terminal."""
    failures = 0
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal or not todo.waiting,
        speed_estimate_period=SPEED_S,
    )
    with bar:
        shown = bar.add_task("preparing the grids", total=len(todo.waiting))

        def step(record: Record, done: int, total: int) -> None:
            nonlocal failures
            failures += record.outcome == "failed"
            text = f"scenarios ({failures} failed)" if failures else "scenarios"
            bar.update(shown, description=text, completed=done, total=total)
            if done == 1 and total > 1 and todo.seconds_each is None:
                left = _time(record.seconds, total - 1, place)
                err.print(f"The first took {record.seconds:,.0f} s: about {left} for the others.")

        yield step


def _stopped(runs: Runs, results: Path) -> None:
    done, total = len(runs.records), len(runs.records) + len(runs.waiting)
    text = f"Stopped. {done} of {total} are kept in {results}; the same command runs the rest."
    say(text, err)


def _show(runs: Runs) -> None:
    """Print the outcomes, and what does not depend on the scenario."""
    table = runs.table
    counts = table["outcome"].value_counts()
    told = [f"{number} {outcome}" for outcome, number in counts.items()]
    if runs.waiting:
        told.append(f"{len(runs.waiting)} still to run")
    say(", ".join(told))
    for name, row in table[table["outcome"] != "done"].iterrows():
        say(f"- {name}: {row['outcome']}. {row['error']}")
    if "failed" in counts:
        say("Once the cause is mended, --retry-failed runs those that failed again.")
    for title, names in (
        ("Chosen in every scenario", runs.always),
        ("In some", runs.sometimes),
        ("In none", runs.never),
    ):
        say(f"{title}: {', '.join(names) or 'none'}")
