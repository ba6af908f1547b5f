"""`gridplan compare`: what the scenarios of a batch have in common."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from gridplan.cli.terminal import err, out, say

if TYPE_CHECKING:
    from gridplan.batch.comparison import Comparison
    from gridplan.batch.regret import Regret
    from gridplan.study.study import Study

SHOWN = 20  # scenarios without a plan, and projects, that are printed


def compare_command(
    runs: Annotated[Path, typer.Argument(metavar="RUNS", help="folder of a batch")],
    *,
    results: Annotated[
        Path | None, typer.Option("--out", help="folder for the files; default RUNS/comparison")
    ] = None,
    language: Annotated[
        Literal["en", "nb"], typer.Option(help="of workbook and map: English or Norwegian")
    ] = "en",
    regret: Annotated[
        bool, typer.Option("--regret", help="hold each portfolio against every scenario")
    ] = False,
    portfolios: Annotated[
        int, typer.Option(min=1, help="with --regret: the most frequent ones")
    ] = 10,
    jobs: Annotated[int | None, typer.Option(min=1, help="with --regret: processes")] = None,
    study: Annotated[
        str | None, typer.Option(help="the study, where the folder does not know it")
    ] = None,
) -> None:
    """Compare the scenarios of a batch: no regret, never, and on what the others depend.

    Example: gridplan compare runs/ --regret --language nb
    """
    import gridplan as gp  # noqa: PLC0415 - heavy imports wait until they are needed

    opened = gp.open_study(study) if study else None
    found = gp.compare_runs(runs)
    _show(found)
    held = _regret(found, portfolios, jobs, opened) if regret else None
    if held is not None:
        _show_regret(held)
    target = gp.write_comparison(
        found, results or runs / "comparison", regret=held, study=opened, language=language
    )
    out.print(f"Files in {target}")


def _show(found: Comparison) -> None:
    """Print the short version."""
    out.print(f"{found.scenarios} scenarios with a plan compared.")
    if len(found.left_out):
        out.print(f"{len(found.left_out)} without a plan, in no share:", style="bold red")
        for name, row in found.left_out.head(SHOWN).iterrows():
            error = " ".join(str(row["error"]).split())
            say(f"- {name}: {row['outcome']}{f'. {error}' if error else ''}")
        if len(found.left_out) > SHOWN:
            say(f"- and {len(found.left_out) - SHOWN} more, see without_plan.csv")
    say(f"Chosen in every one, no regret ({len(found.no_regret)}): {_list(found.no_regret)}")
    varied = found.projects.loc[found.no_regret, "chosen_as"]
    for name, rows in varied[varied != ""].items():
        say(f"- {name} as: {rows} of {found.scenarios}")
    say(f"In none ({len(found.never)}): {_list(found.never)}")
    if not found.sometimes:
        return
    table = Table(title=f"In some ({len(found.sometimes)})", title_justify="left", box=None)
    for head in ("project", "scenarios", "depends most on", "told right"):
        table.add_column(head, justify="right" if head in ("scenarios", "told right") else "left")
    for name, row in found.projects.loc[found.sometimes].iterrows():
        of = found.scenarios
        cells = (str(name), f"{row['chosen']} of {of}", row["rule"] or "no single change or pair",
                 f"{row['explained']} of {of}")  # fmt: skip
        table.add_row(*(_plain(cell) for cell in cells))
    out.print(table)


def _regret(found: Comparison, portfolios: int, jobs: int | None, study: Study | None) -> Regret:
    """Hold portfolios against scenarios, with a bar on stderr."""
    import gridplan as gp  # noqa: PLC0415

    bar = Progress(
        TextColumn("scenarios"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )
    with bar:
        shown = bar.add_task("scenarios", total=None)

        def step(_: str, done: int, total: int) -> None:
            bar.update(shown, completed=done, total=total)

        return gp.regret(found.runs, study=study, portfolios=portfolios, jobs=jobs, progress=step)


def _show_regret(held: Regret) -> None:
    """Print what each portfolio regrets."""
    scenarios = len(held.mnok_per_yr.columns)
    title = f"The {len(held.portfolios)} most frequent of {held.distinct} distinct portfolios"
    table = Table(title=title, title_justify="left", box=None)
    for head in ("", "plan of", "projects", "MW", "holds in", "largest regret", "mean"):
        table.add_column(head, justify="right" if head else "left")
    for name, row in held.portfolios.iterrows():
        worst, mean = row["worst_mnok_per_yr"], row["mean_mnok_per_yr"]
        table.add_row(
            str(name), f"{row['scenarios']}", f"{row['projects']}", f"{row['mw']:,.1f}",
            f"{row['holds_in']} of {scenarios}", f"{worst:,.1f}", f"{mean:,.1f}",
        )  # fmt: skip
    out.print(table)
    failed = held.why.apply(lambda column: column.str.startswith("failed").any())
    for name in failed.index[failed]:
        say(f"- {name}: {held.why[name].max()}")
    say("Regret in MNOK a year, over the scenarios in which a portfolio holds.")
    least = held.least_worst
    say(f"{least} holds in all and regrets least." if least else "None holds in all.")


def _list(names: list[str]) -> str:
    return ", ".join(names) or "none"


def _plain(text: str) -> str:
    """Keep brackets of names from being read as markup."""
    return text.replace("[", "\\[")
