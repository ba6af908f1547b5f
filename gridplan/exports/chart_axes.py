"""Axes that all charts share: their look, and numbers as the reader's language writes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Literal

import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.ticker import Formatter, MaxNLocator

from gridplan.base.messages import Messages
from gridplan.exports import style

HALF_PAGE = (6.7, 4.1)  # inches: half an A4 page between its margins
TEXT_PT = 8.5
SMALL_PT = 8.0
FOOT_PT = 6.4
TITLE_PT = 10.5


class Numbers(Formatter):
    """Tick labels with the language's separators and just the decimals that the ticks need.

    Parameters
    ----------
    texts : Messages
        The language.
    """

    def __init__(self, texts: Messages) -> None:
        self.texts = texts

    def __call__(self, x: float, pos: int | None = None) -> str:
        """Write one number on its own."""
        return self.texts.number(x, decimals_of([x]))

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """Write all ticks of a scale alike."""
        decimals = decimals_of(values)
        return [self.texts.number(value, decimals) for value in values]


def decimals_of(values: Sequence[float]) -> int:
    """Decimals without which some of the values would be wrong, at most 4.

    Examples
    --------
    >>> decimals_of([0.0, 5.0, 10.0]), decimals_of([0.0, 2.5]), decimals_of([0.30000000000000004])
    (0, 1, 1)
    """
    fits = (n for n in range(4) if all(abs(round(v, n) - v) < 1e-9 for v in values))
    return next(fits, 4)


def chart_style() -> AbstractContextManager[None]:
    """Shield a chart from the reader's own matplotlibrc."""
    return matplotlib.style.context(["default", style.RC])


def own_or_new(ax: Axes | None, size: tuple[float, float] = HALF_PAGE) -> Axes:
    """Return the axes given, or those of a new figure that pyplot knows nothing of.

    Parameters
    ----------
    ax : matplotlib.axes.Axes, optional
        The caller's.
    size : (width, height)
        Of a new figure, in inches.
    """
    if ax is not None:
        return ax
    return Figure(figsize=size, facecolor="white", layout="constrained").add_subplot()


def nice_ticks(axis: Axis) -> None:
    """Put ticks at multiples of 1, 2 or 5."""
    axis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))


def finish(
    ax: Axes, texts: Messages, *, title: str, x: str, y: str,
    grid: Literal["x", "y"] = "y", pad_pt: float = 8.0,
) -> None:  # fmt: skip
    """Write title and labels; ticks, grid and frame recede behind the data.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        With everything drawn and its limits set.
    texts : Messages
        The language of the numbers.
    title, x, y : str
        "" for none.
    grid : {"x", "y"}
        Scale whose ticks get lines.
    pad_pt : float
        Room between the axes and the title.
    """
    ax.set_title(
        title, loc="left", fontsize=TITLE_PT, fontweight="bold", color=style.INK, pad=pad_pt
    )
    ax.set_xlabel(x, fontsize=TEXT_PT, color=style.INK)
    ax.set_ylabel(y, fontsize=TEXT_PT, color=style.INK)
    ax.set_axisbelow(True)
    ax.grid(visible=True, axis=grid, color=style.GRID, linewidth=0.8)
    ax.xaxis.set_major_formatter(Numbers(texts))
    ax.yaxis.set_major_formatter(Numbers(texts))
    ax.tick_params(labelsize=SMALL_PT, color=style.RULE, labelcolor=style.INK)
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(style.GREY)


def finish_right(right: Axes, texts: Messages, *, y: str, colour: str) -> None:
    """Label a second scale in the colour of its line."""
    right.set_ylabel(y, fontsize=TEXT_PT, color=colour)
    right.yaxis.set_major_formatter(Numbers(texts))
    right.tick_params(labelsize=SMALL_PT, color=style.RULE, labelcolor=colour)
    right.spines[:].set_visible(False)


def note(
    ax: Axes, text: str, at: tuple[float, float], offset_pt: tuple[float, float], *,
    colour: str = style.INK, weight: str = "normal", align: str = "left",
) -> None:  # fmt: skip
    """Write a short text beside a point of the data, readable over lines."""
    ax.annotate(
        text, at, xytext=offset_pt, textcoords="offset points", fontsize=TEXT_PT, color=colour,
        fontweight=weight, ha=align, va="center", zorder=9, annotation_clip=False,
        path_effects=[withStroke(linewidth=2.6, foreground="white")],
    )  # fmt: skip


def name_rows(ax: Axes, names: Iterable[object]) -> None:
    """Write the names of horizontal bars, which stand at 0, 1, 2 and so on."""
    labels = [str(name) for name in names]
    ax.set_yticks(range(len(labels)), labels, fontsize=SMALL_PT)
    ax.tick_params(axis="y", length=0)
    for label in ax.get_yticklabels():
        label.set_parse_math(False)  # a $ in a name is a dollar, on the caller's axes too


def remark(ax: Axes, text: str) -> None:
    """Write into the middle what there is to say where there is nothing to draw."""
    ax.text(
        0.5, 0.5, text, transform=ax.transAxes, ha="center", va="center", fontsize=TITLE_PT,
        color=style.GREY,
    )  # fmt: skip


def foot(ax: Axes, text: str) -> None:
    """Write below the whole figure where it comes from."""
    ax.figure.supxlabel(text, x=0.01, ha="left", fontsize=FOOT_PT, color=style.GREY)


def key(ax: Axes, **options: object) -> None:
    """Draw the legend."""
    ax.legend(
        fontsize=SMALL_PT, labelcolor=style.INK, frameon=True, framealpha=0.92, edgecolor="none",
        handlelength=2.6, **options,
    )  # fmt: skip
