"""`gridplan new`: a study folder to begin with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gridplan.cli.terminal import say


def new_command(
    folder: Annotated[Path, typer.Argument(help="folder to make; it must not be there yet")],
    *,
    excel: Annotated[
        bool, typer.Option("--excel", help="one Excel workbook instead of study.yaml and CSV files")
    ] = False,
) -> None:
    """Make a study folder of your own: a worked example of five buses, to be replaced row by row.

    Example: gridplan new my-region

    As one workbook with drop-downs: gridplan new my-region --excel
    """
    import gridplan as gp  # noqa: PLC0415 - heavy imports wait until they are needed

    made = gp.new_study(folder, excel=excel)
    first = "study.xlsx" if excel else "study.yaml, the CSV files"
    lines = (
        f"Made {made}",
        f'Begin with README.md, then {first}: replace what says "example".',
        f"gridplan check {folder}",
        f"gridplan study {folder} --out results/",
    )
    for line in lines:
        say(line)
