"""What all commands share: where and how they write, the study they take, and the progress bar."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from gridplan.study.study import Study

out, err = Console(), Console(stderr=True)

StudyName = Annotated[
    str, typer.Argument(metavar="STUDY", help="a bundled study (trondelag) or a study folder")
]
Year = Annotated[int | None, typer.Option(help="projects of later years are left out")]
GridYear = Annotated[
    int | None,
    typer.Option(help="the grid with the reinforcements of this year; default: --year"),
]
OutputLanguage = Annotated[
    Literal["en", "nb"] | None,
    typer.Option(help="language of maps, reports and texts: en or nb; default: the study's"),
]
Share = Callable[[float], None]
Step = Callable[..., Share]


def on_its_grid(name: str, year: int | None, grid_year: int | None) -> Study:
    """Open a study on its grid, with growth and reservations up to the year."""
    import gridplan as gp  # noqa: PLC0415 - heavy imports wait until they are needed
    from gridplan.study.settings_file import revised  # noqa: PLC0415

    opened = gp.open_study(name)
    for note in opened.notes:
        say(f"Note: {note}", err)
    if year is not None:
        opened = replace(opened, settings=revised(opened.settings, year=year))
    return gp.at_stage(opened, grid_year)


def writable(folder: Path) -> Path:
    """Make the results folder before the long work, and see that it can be written to.

    Raises
    ------
    OSError
        When it cannot; it names the folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK):
        raise PermissionError(13, "no permission to write", str(folder))
    return folder


def say(text: str, console: Console = out) -> None:
    """Print a line as it is: names may hold brackets and numbers, and scripts read whole lines."""
    console.print(text, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def progress(total: float) -> Iterator[Step]:
    """Show a bar on stderr; silent where stderr is no terminal.

    Parameters
    ----------
    total : float
        Weights of all steps together.

    Yields
    ------
    callable
        step(text, weight=1) begins a step, and returns what may be called with the share of the
        step that is done.
    """
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )
    with bar:
        task = bar.add_task("", total=total)
        begun = [0.0]  # where every step begins, and last where the next one does

        def step(text: str, weight: float = 1.0) -> Share:
            start = begun[-1]
            begun.append(start + weight)
            bar.update(task, description=text, completed=start)

            def share(done: float) -> None:
                bar.update(task, description=f"{text}: {done:.0%}", completed=start + weight * done)

            return share

        yield step
