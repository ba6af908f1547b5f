"""`gridplan check`: what is wrong in a study's input, and what is doubtful."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from gridplan.cli.terminal import StudyName, err, progress, say

if TYPE_CHECKING:
    from gridplan.plausibility.doubt import Doubt

SHOWN = 5  # doubts of a kind, unless all are asked for


def check_command(
    study: StudyName,
    *,
    every: Annotated[
        bool, typer.Option("--all", help=f"all doubts, not only the first {SHOWN} of each kind")
    ] = False,
) -> None:
    """Check a study's input: what is wrong, with the remedy, and what is far from the usual.

    Problems have to be mended and give exit code 1; doubts only need a look.

    Example: gridplan check my-region/
    """
    # heavy imports wait until they are needed
    from gridplan.plausibility.doubts import listed_doubts  # noqa: PLC0415
    from gridplan.study.reading import find_study, read_study  # noqa: PLC0415

    with progress(2) as step:
        step("Reading")
        opened, problems = read_study(find_study(study))
        step("Looking for what is far from the usual")
        doubts = [] if opened is None else listed_doubts(opened)
    for note in [] if opened is None else opened.notes:
        say(f"Note: {note}")
    for problem in problems:
        say(f"- {problem}")
    if problems:
        err.print(f"{len(problems)} to mend.", style="bold red")
        raise typer.Exit(1)
    _tell(doubts, len(doubts) if every else SHOWN)
    say("No problem found." if not doubts else f"No problem found, {len(doubts)} to look at.")


def _tell(doubts: Iterable[Doubt], shown: int) -> None:
    """Print the first doubts of each kind."""
    kinds: dict[str, list[Doubt]] = {}
    for doubt in doubts:
        kinds.setdefault(doubt.kind, []).append(doubt)
    for kind, same in kinds.items():
        for doubt in same[:shown]:
            say(f"? {kind}: {doubt}")
        if len(same) > shown:
            say(f"? {kind}: {len(same) - shown} more; --all shows them.")
