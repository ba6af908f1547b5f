"""`gridplan queue`: what first come, first served would connect, beside the plan."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.table import Table

from gridplan.cli.terminal import GridYear, StudyName, Year, on_its_grid, out, progress

if TYPE_CHECKING:
    from gridplan.portfolio.compare import Comparison
    from gridplan.portfolio.queueing import Queue

# About how long the steps take beside each other.
OPENING, BASE, PLAN, QUEUE, FILES = 8.0, 2.0, 15.0, 20.0, 1.0
FIGURES = (
    ("projects connected", "projects", "{:,.0f}"),
    ("MW connected", "mw", "{:,.1f}"),
    ("  of which where there is no N-1", "mw_without_n1", "{:,.1f}"),
    ("conditional connections", "conditional", "{:,.0f}"),
    ("t CO2e cut a year", "co2_t_per_yr", "{:,.0f}"),
    ("jobs", "jobs", "{:,.0f}"),
    ("export, MNOK a year", "export_mnok_per_yr", "{:,.0f}"),
    ("objective, MNOK a year", "objective_mnok_per_yr", "{:,.1f}"),
)


def queue_command(
    study: StudyName,
    *,
    year: Year = None,
    grid_year: GridYear = None,
    rule: Annotated[
        Literal["first-come", "wanted", "size"],
        typer.Option(help="by date of application, by wanted date, or the largest first"),
    ] = "first-come",
    results: Annotated[Path, typer.Option("--out", help="folder for the results")] = Path(
        "results"
    ),
) -> None:
    """Replay the queue and hold it against the plan and the county's goals.

    Example: gridplan queue trondelag --year 2030 --out results/
    """
    import gridplan as gp  # noqa: PLC0415 - heavy imports wait until they are needed
    from gridplan.exports.files import whole_folder, write_table  # noqa: PLC0415

    with whole_folder(results) as draft, progress(OPENING + BASE + PLAN + QUEUE + FILES) as step:
        step("opening the study", OPENING)
        opened = on_its_grid(study, year, grid_year)
        step("base case: every hour", BASE)
        base = gp.base_case(opened)
        step("plan", PLAN)
        plan = gp.plan(opened, base=base)
        step("queue", QUEUE)
        queue = gp.queue(opened, rule, base=base)
        step("tables", FILES)
        compared = gp.compare({"plan": plan, "queue": queue})
        for name, table in (
            ("queue", queue.log),
            ("comparison", compared.summary),
            ("comparison_projects", compared.projects.join(compared.rows, rsuffix="_row")),
            ("comparison_goals", compared.goals),
        ):
            write_table(table, draft / f"{name}.csv")
    _show(compared, queue)
    out.print(f"Results in {results}")


def _show(compared: Comparison, queue: Queue) -> None:
    """Print the figures side by side, and who was passed over."""
    table = Table(title=queue.stage.name.capitalize())
    for heading in ("", *compared.summary.columns):
        table.add_column(heading, justify="left" if not heading else "right")
    for label, key, form in FIGURES:
        table.add_row(label, *(form.format(value) for value in compared.summary.loc[key]))
    for name, goal in compared.goals.iterrows():
        shares = [f"{100 * goal[plan]:,.0f} %" for plan in compared.summary.columns]
        table.add_row(f"of the way to: {name}", *shares)
    out.print(table)
    passed = queue.log[queue.log["outcome"] == "passed over"]
    for project, row in passed.iterrows():
        text = f"Passed over: {project} ({row['mw']:g} MW): {row['reason']}"
        out.print(text, markup=False, highlight=False)
