"""A chart of many buses: what of their capacity is used, reserved, asked for and free."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from gridplan.base.errors import Problem, StudyError
from gridplan.base.messages import Language, Messages, messages
from gridplan.exports import style
from gridplan.exports.chart_axes import (
    SMALL_PT,
    chart_style,
    decimals_of,
    finish,
    key,
    name_rows,
    nice_ticks,
    own_or_new,
)

COLUMNS = ("used_mw", "reserved_mw", "queued_mw", "free_mw")
WIDTH, HEAD, ROW = 6.7, 1.35, 0.235  # inches
BAR = 0.62  # of a row


@dataclass(frozen=True)
class Part:
    """One colour of the bars.

    Parameters
    ----------
    text : str
        In the key.
    start_mw, length_mw : pandas.Series
        Of every bus.
    look : dict
        Colours and hatch.
    """

    text: str
    start_mw: pd.Series
    length_mw: pd.Series
    look: dict


def capacity_use_plot(
    ledger: pd.DataFrame, ax: Axes | None = None, *, language: Language = "en", top: int = 20
) -> Axes:
    """Draw used, reserved, queued and free capacity of the buses with most demand.

    The queue is drawn into the free capacity; what does not fit stands beyond the capacity of the
    bus. The numbers on the right are free capacity less queue, negative where the queue is longer.

    Parameters
    ----------
    ledger : pandas.DataFrame
        Indexed by bus: used_mw, reserved_mw, queued_mw, free_mw (MW, not negative). The capacity
        of a bus is used + reserved + free.
    ax : matplotlib.axes.Axes, optional
        Where to draw. Default: a figure of its own, as high as its bars need.
    language : {"en", "nb"}
        English or Norwegian (bokmål).
    top : int, default 20
        Buses to show: those with the largest used + reserved + queued MW, the largest on top;
        among equals the first of the ledger.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    StudyError
        When columns are missing or values are not MW; all are told.
    ValueError
        When `top` is below 1, or for an unknown language.

    Examples
    --------
    >>> import gridplan as gp
    >>> gp.capacity_use_plot(ledger, top=12).figure.savefig("use.pdf")  # doctest: +SKIP
    """
    texts = messages(language)
    if top < 1:
        msg = f"top must be at least 1, not {top}"
        raise ValueError(msg)
    power = _checked(ledger)
    demand = power["used_mw"] + power["reserved_mw"] + power["queued_mw"]
    shown = power.loc[demand.sort_values(ascending=False, kind="stable").index[:top]]
    with chart_style():
        ax = own_or_new(ax, (WIDTH, HEAD + ROW * max(len(shown), 3)))
        _draw_bars(ax, shown, texts)
        queue = shown["queued_mw"]
        heading = texts("chart_left") if queue.any() else texts("chart_free_mw")
        _write_left(ax, heading, shown["free_mw"] - queue, texts)
        title = texts("chart_use")
        if len(shown) < len(ledger):
            title = texts("chart_use_top", shown=len(shown), total=texts.number(len(ledger)))
        finish(ax, texts, title=title, x=texts("chart_use_axis"), y="", grid="x", pad_pt=42)
        name_rows(ax, shown.index)
    return ax


def _checked(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return the four columns as numbers, or raise StudyError with all that is wrong."""
    there = [name for name in COLUMNS if name in ledger]
    problems = [
        Problem("", "ledger", name, "", "there is no such column", f"Give {', '.join(COLUMNS)}.")
        for name in COLUMNS
        if name not in there
    ]
    if ledger.empty:
        problems.append(Problem("", "ledger", "", "", "there is no bus", "Give at least one."))
    problems += [
        Problem("", str(bus), "", "", "the bus stands twice", "Keep one row.")
        for bus in ledger.index[ledger.index.duplicated()].unique()
    ]
    numbers = ledger[there].apply(pd.to_numeric, errors="coerce")
    for name in there:
        wrong = ~(numbers[name].ge(0) & np.isfinite(numbers[name]))
        problems += [
            Problem("", str(bus), name, str(found), "not a power", "Give MW, 0 or more.")
            for bus, found in ledger.loc[wrong, name].items()
        ]
    if problems:
        raise StudyError(problems)
    return numbers.astype(float)


def _parts(ledger: pd.DataFrame, texts: Messages) -> Iterator[Part]:
    """Parts of the bars from left to right."""
    used, reserved, queued, free = (ledger[name] for name in COLUMNS)
    committed, fits = used + reserved, np.minimum(queued, free)
    edge = {"edgecolor": style.INK, "linewidth": 0.6}
    yield Part(texts("chart_used"), 0 * used, used, {"facecolor": style.USED, **edge})
    yield Part(texts("chart_reserved"), used, reserved, {"facecolor": style.RESERVED, **edge})
    yield Part(texts("chart_free"), committed, free, {"facecolor": "white", **edge})
    hatched = {"facecolor": style.QUEUED, "hatch": "////", **edge}
    yield Part(texts("chart_queued"), committed, fits, hatched)
    crossed = {"facecolor": "white", "hatch": "xxxxx", **edge, "edgecolor": style.BEYOND}
    yield Part(texts("chart_beyond"), committed + free, queued - fits, crossed)


def _draw_bars(ax: Axes, ledger: pd.DataFrame, texts: Messages) -> None:
    """Draw the parts, a mark at the capacity of every bus, and the key above."""
    rows = np.arange(len(ledger))
    used, reserved, free, fits, beyond = (
        ax.barh(rows, part.length_mw, BAR, part.start_mw, label=part.text, zorder=3, **part.look)
        for part in _parts(ledger, texts)
    )
    capacity = ledger["used_mw"] + ledger["reserved_mw"] + ledger["free_mw"]
    limit = ax.vlines(capacity, rows - 0.45, rows + 0.45, color=style.INK, lw=2.0, zorder=5,
              label=texts("chart_limit"))  # fmt: skip
    needed = ledger["used_mw"] + ledger["reserved_mw"] + ledger["queued_mw"]
    right = max(capacity.max(), needed.max(), 1e-3)
    ax.set(xlim=(0, 1.03 * right), ylim=(len(ledger) - 0.4, -0.6))
    nice_ticks(ax.xaxis)
    missing = [bars for bars in (reserved, fits, beyond) if not any(b.get_width() for b in bars)]
    by_column = [
        each for each in (used, reserved, free, limit, fits, beyond) if each not in missing
    ]
    key(ax, handles=by_column, loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=3,
        borderaxespad=0.2)  # fmt: skip


def _write_left(ax: Axes, heading: str, left_mw: pd.Series, texts: Messages) -> None:
    """Write what the queue leaves free, as a column beside the bars."""
    place = {"transform": ax.get_yaxis_transform(), "ha": "right", "fontsize": SMALL_PT}
    ax.text(1.12, -0.75, heading, va="bottom", color=style.INK, **place)
    decimals = decimals_of([round(mw, 1) for mw in left_mw])
    for row, mw in enumerate(left_mw):
        short = round(mw, 1) < 0
        ax.text(
            1.12, row, texts.number(mw, decimals), va="center_baseline", **place,
            color=style.BEYOND if short else style.INK, weight="bold" if short else "normal",
        )  # fmt: skip
