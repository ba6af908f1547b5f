"""What the maps of several kinds of results have in common."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from gridplan.base.messages import Messages
from gridplan.exports.classes import Classes
from gridplan.exports.drawing import draw_badge, draw_branch, draw_mark
from gridplan.exports.features import shape_of
from gridplan.exports.panel_tables import Symbol, Table
from gridplan.exports.sheet import Sheet
from gridplan.study.stage import Stage
from gridplan.study.study import Study

MARKS = (0.92, 1.05)  # mm, half the width of a mark on the overview and in the inset
ROUND = 66.0  # kV of a round mark


def titled(study: Study, stage: Stage | None = None) -> str:
    """Name of a study for people, with the year of its grid, or of another stage."""
    name, year = study.title, (stage or study.stage).year
    return name if year is None else f"{name} {year}"


def figure(mw: float, messages: Messages) -> str:
    r"""Write MW at a station: one decimal below 10, none above.

    Examples
    --------
    >>> from gridplan.base.messages import messages
    >>> [figure(mw, messages("nb")) for mw in (1e-9, 8.36, 12.4, 1737.1)]
    ['0', '8,4', '12', '1\xa0737']
    """
    rounded = round(mw, 1)
    return messages.number(mw, 0 if rounded >= 10 or rounded == round(rounded) else 1)


def mark_symbol(kv: float, colour: str) -> Symbol:
    """Mark of a bus, in front of its row."""

    def draw(sheet: Sheet, x: float, y: float) -> None:
        draw_mark(sheet, x, y, shape_of(kv), colour, size=0.95, z=60)

    return draw


def badge_symbol(number: int, colour: str) -> Symbol:
    """Write a number as on the map, in front of its row."""

    def draw(sheet: Sheet, x: float, y: float) -> None:
        draw_badge(sheet, x, y, number, colour, z=60, size=1.25)

    return draw


def line_symbol(colour: str, *, planned: bool = False) -> Symbol:
    """Piece of a line, in front of its row."""

    def draw(sheet: Sheet, x: float, y: float) -> None:
        ends = np.array([[x - 1.6, y], [x + 1.6, y]])
        draw_branch(sheet, ends, colour=colour, width=1.5, planned=planned, z=60)

    return draw


def class_table(
    heading: str, values: pd.Series, classes: Classes, names: list[str],
    *, counted: Callable[[int], str], symbol: Callable[[str], Symbol] | None = None,
) -> Table:  # fmt: skip
    """Count how many figures are in each class.

    Parameters
    ----------
    heading : str
        Of the table.
    values : pandas.Series
        Figures.
    classes : Classes
        Limits and colours.
    names : list of str
        Of the classes, the lowest first.
    counted : callable
        Writes a count with what is counted.
    symbol : callable, optional
        Makes the symbol of a colour; default a round mark.
    """
    found = values.map(classes.position).value_counts()
    counts = [int(found.get(position, 0)) for position in range(len(classes.colours))]
    drawn = symbol or (lambda colour: mark_symbol(ROUND, colour))
    return Table(
        heading,
        ["", ""],
        [(name, counted(count)) for name, count in zip(names, counts, strict=True)],
        [False, True],
        symbols=[drawn(colour) for colour in classes.colours],
        bars=[float(count) for count in counts],
        least=len(counts) + 3,
    )
