"""`gridplan explain`: why a project is in the plan or not, and what would let it in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gridplan.cli.terminal import (
    GridYear,
    OutputLanguage,
    StudyName,
    Year,
    on_its_grid,
    out,
    progress,
    say,
)

# About how long the steps take beside each other.
OPENING, PLAN, WHY, FILES = 8.0, 15.0, 25.0, 2.0


def explain_command(
    study: StudyName,
    project: Annotated[str, typer.Argument(help="name of a project or a variant")],
    *,
    year: Year = None,
    grid_year: GridYear = None,
    remedies: Annotated[
        bool,
        typer.Option("--remedies/--no-remedies", help="whether to look for what would let it in"),
    ] = True,
    results: Annotated[
        Path | None, typer.Option("--out", help="folder for hourly table, remedies and text")
    ] = None,
    language: OutputLanguage = None,
) -> None:
    """Explain why a project is in the plan or not, and the least that would let it in.

    Example: gridplan explain trondelag "Ørland air base" --year 2030
    """
    import gridplan as gp  # noqa: PLC0415 - heavy imports wait until they are needed
    from gridplan.exports.explanation_files import write_explanation  # noqa: PLC0415
    from gridplan.exports.files import whole_folder  # noqa: PLC0415
    from gridplan.reasons.asked import refuse_unknown  # noqa: PLC0415

    with progress(total=OPENING + PLAN + WHY + FILES) as step:
        step("opening the study", OPENING)
        opened = on_its_grid(study, year, grid_year)
        refuse_unknown(opened.candidates(opened.settings.year).index, project)
        step("plan", PLAN)
        plan = gp.plan(opened)
        step(f"why {project}", WHY)
        why = gp.explain(plan, project, remedies=remedies)
        if results is not None:
            step("files", FILES)
            with whole_folder(results) as draft:
                write_explanation(why, draft)
    say(why.text(language or opened.settings.language))
    if results is not None:
        out.print(f"Results in {results}")
