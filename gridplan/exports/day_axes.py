"""Axes of a year as days by hours, and what stands above and below such a chart."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from numpy.typing import NDArray

from gridplan.base.messages import Messages
from gridplan.exports import style
from gridplan.exports.chart_axes import SMALL_PT, TEXT_PT, key

Array = NDArray[np.float64]
UNKNOWN = "#eceae6"  # hours outside the study
DAY_H = 24
LONG_DAYS = 62  # studies longer than this get months on their scale
PERIOD = pd.Timedelta("1D")


def draw_days(ax: Axes, hours: pd.DatetimeIndex, colours: Array) -> None:
    """Paint every hour into its day."""
    day = (hours.normalize() - hours[0].normalize()) // PERIOD
    cells = np.empty((DAY_H, int(day.max()) + 1, 3))
    cells[:] = to_rgb(UNKNOWN)
    cells[hours.hour, day] = colours
    ax.imshow(cells, origin="lower", aspect="auto", interpolation="nearest",
              extent=(0, cells.shape[1], 0, DAY_H))  # fmt: skip


def days_scale(ax: Axes, hours: pd.DatetimeIndex, texts: Messages) -> None:
    """Put months, or days of a short study, on the scale; hours of the day on the other."""
    first, last = hours[0].normalize(), hours[-1].normalize()
    names = texts.texts["months"].split()
    ax.set_yticks(range(0, DAY_H + 1, 6))
    count = (last - first) // PERIOD + 1
    if count > LONG_DAYS:
        starts = pd.date_range(first, last + PERIOD, freq="MS")
        edges = [(start - first) // PERIOD for start in starts]
        ax.set_xticks(edges, [""] * len(edges))
        middles = [edge + 15 for edge in edges if edge + 15 < count]
        labels = [names[(first + middle * PERIOD).month - 1][:3] for middle in middles]
        ax.set_xticks(middles, labels, minor=True)
        ax.tick_params(axis="x", which="minor", length=0, labelsize=SMALL_PT, labelcolor=style.INK)
    else:
        step = -(-count // 7)
        days = [first + number * PERIOD for number in range(0, count, step)]
        labels = [texts("chart_day", day=day.day, month=names[day.month - 1][:3]) for day in days]
        ax.set_xticks([number + 0.5 for number in range(0, count, step)], labels)
    ax.set_axisbelow(False)
    ax.grid(visible=True, axis="both", which="major", color=style.GRID, linewidth=0.5)


def subtitle(ax: Axes, text: str) -> None:
    """Write the figures in all below the title."""
    ax.annotate(text, (0, 1), xytext=(0, 6), xycoords="axes fraction",
                textcoords="offset points", fontsize=TEXT_PT, color=style.GREY)  # fmt: skip


def key_below(ax: Axes, down: float, **options: object) -> None:
    """Draw the key below the scale, where it covers nothing."""
    key(ax, loc="upper left", bbox_to_anchor=(-0.01, down), borderaxespad=0.0, **options)
