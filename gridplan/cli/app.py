"""The commands together, their errors and exit codes.

Exit codes: 0 done, 1 bad input (arguments included), 2 no plan is possible, 3 the certificate
failed, 4 a solver failed, 5 a fault of gridplan itself, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from gridplan.base.errors import GridplanError, InfeasiblePlanError, StudyError
from gridplan.cli.batch import batch_command
from gridplan.cli.check import check_command
from gridplan.cli.compare import compare_command
from gridplan.cli.explain import explain_command
from gridplan.cli.hosting import hosting_command
from gridplan.cli.import_ import import_command
from gridplan.cli.new import new_command
from gridplan.cli.queue import queue_command
from gridplan.cli.study import study_command
from gridplan.cli.terminal import err, say

app = typer.Typer(
    help="Which projects the grid can take together, hour by hour and under N-1.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
USAGE = 2  # typer's exit code for wrong arguments


def _tell_versions(asked: bool) -> None:
    """Print the versions and stop, whatever else the line says."""
    if asked:
        from gridplan.base.versions import show_versions  # noqa: PLC0415 - numpy comes with it

        show_versions()
        raise typer.Exit


@app.callback()
def _common(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            help="versions of gridplan and all it uses",
            callback=_tell_versions,
            is_eager=True,
        ),
    ] = False,
) -> None:
    """Which projects the grid can take together, hour by hour and under N-1."""


app.command("check")(check_command)
app.command("study")(study_command)
app.command("hosting")(hosting_command)
app.command("explain")(explain_command)
app.command("queue")(queue_command)
app.command("batch")(batch_command)
app.command("compare")(compare_command)
app.command("new")(new_command)
app.command("import")(import_command)


def main() -> None:
    """Run a command; show one clear error instead of a traceback unless --debug is given."""
    debug = "--debug" in sys.argv
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    try:
        app(args=arguments, prog_name="gridplan")
    except SystemExit as stop:
        if stop.code == USAGE:  # wrong or missing arguments are bad input
            sys.exit(1)
        raise
    except GridplanError as error:
        if debug:
            raise
        say(str(error), err)
        sys.exit(_exit_code(error))
    except OSError as error:
        if debug:
            raise
        err.print(f"{error.strerror}: {error.filename}", markup=False, soft_wrap=True)
        sys.exit(1)
    except Exception as error:
        if debug:
            raise
        told = f"{type(error).__name__}: {error}".splitlines()[0][:500]
        err.print(f"A fault of gridplan: {told}", markup=False, soft_wrap=True)
        err.print("Run again with --debug for the whole of it, and report it, please.")
        sys.exit(5)


def _exit_code(error: GridplanError) -> int:
    if isinstance(error, StudyError):
        return 1
    return 2 if isinstance(error, InfeasiblePlanError) else 4
