"""`gridplan batch`: many scenarios, run where records are missing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from gridplan.cli.terminal import err, out

if TYPE_CHECKING:
    from gridplan.batch.records import Record
    from gridplan.batch.runs import Runs


def batch_command(
    scenarios: Annotated[Path, typer.Argument(metavar="SCENARIOS", help="scenario file (YAML)")],
    *,
    results: Annotated[Path, typer.Option("--out", help="folder for the results")] = Path("runs"),
    jobs: Annotated[int | None, typer.Option(min=1, help="processes; default one a core")] = None,
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

    checked = gp.read_scenarios(scenarios)
    todo = gp.run_batch(checked, results, retry_failed=retry_failed, limit=limit, dry_run=True)
    count = len(todo.waiting)
    out.print(f"{len(checked)} scenarios, {count} to run now. {_estimate(todo, jobs)}")
    if dry_run:
        for name in todo.waiting:
            out.print(f"- {name}", markup=False, highlight=False, soft_wrap=True)
        return
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )
    failures = 0
    with bar:
        shown = bar.add_task("scenarios", total=count)

        def step(record: Record, done: int, total: int) -> None:
            nonlocal failures
            failures += record.outcome == "failed"
            text = f"scenarios ({failures} failed)" if failures else "scenarios"
            bar.update(shown, description=text, completed=done, total=total)

        runs = gp.run_batch(
            checked, results, jobs=jobs, retry_failed=retry_failed, limit=limit, progress=step
        )
    _show(runs)
    out.print(f"Results in {results}")


def _estimate(todo: Runs, jobs: int | None) -> str:
    """Time from the scenarios that have run already."""
    if todo.seconds_each is None:
        return "No scenario has run yet to judge the time by; --limit 1 runs one."
    minutes = len(todo.waiting) * todo.seconds_each / 60
    return f"About {minutes / (jobs or 1):,.1f} min with {jobs or 1} process(es)."


def _show(runs: Runs) -> None:
    """Print the outcomes, and what does not depend on the scenario."""
    table = runs.table
    counts = table["outcome"].value_counts()
    out.print(", ".join(f"{number} {outcome}" for outcome, number in counts.items()) or "none run")
    for name, row in table[table["outcome"] != "done"].iterrows():
        text = f"- {name}: {row['outcome']}. {row['error']}"
        out.print(text, markup=False, highlight=False, soft_wrap=True)
    for title, names in (
        ("Chosen in every scenario", runs.always),
        ("In some", runs.sometimes),
        ("In none", runs.never),
    ):
        out.print(f"{title}: {', '.join(names) or 'none'}", markup=False, highlight=False)
