"""Charts of one bus for reports: what a flexible connection gives up, and capacity over the year.

Each takes its data and, if wanted, the caller's axes, and returns the axes. New figures are half an
A4 page and unknown to pyplot; `ax.figure.savefig(…)` writes them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes

from gridplan.base.messages import Language, Messages, messages
from gridplan.exports import style
from gridplan.exports.chart_axes import (
    chart_style,
    decimals_of,
    finish,
    finish_right,
    key,
    nice_ticks,
    note,
    own_or_new,
    remark,
)
from gridplan.exports.geography import Array
from gridplan.hosting.curve import NOTHING_MW, capacity_of

Level = tuple[float, str, str, tuple[float, ...]]  # MW, label, colour, dashes
YEAR_HOURS = (8760, 8784)
RIGHT_HALF = 0.58  # of the width; beyond it a label goes to the left of its point
HEADROOM = 1.13  # over the highest value, for the label of the firm capacity


def flexibility_plot(
    curve: pd.DataFrame, ax: Axes | None = None, *, language: Language = "en"
) -> Axes:
    """Draw the energy and the hours that connections of rising size lose to curtailment.

    Parameters
    ----------
    curve : pandas.DataFrame
        Of `gridplan.flexibility_curve`. The firm capacity and the marks at 1 % and 5 % come
        from its attrs.
    ax : matplotlib.axes.Axes, optional
        Where to draw. Default: a figure of its own.
    language : {"en", "nb"}
        English or Norwegian (bokmål).

    Returns
    -------
    matplotlib.axes.Axes
        Share of the energy on the left; the scale on the right, of the hours, is a twin of it.

    Raises
    ------
    ValueError
        For a table that is no such curve, or an unknown language.

    Examples
    --------
    >>> import gridplan as gp
    >>> curve = gp.flexibility_curve(cap, "Orkdal 132")  # doctest: +SKIP
    >>> gp.flexibility_plot(curve).figure.savefig("orkdal.png", dpi=200)  # doctest: +SKIP
    """
    texts = messages(language)
    told = {"bus", "criterion", "firm_mw", "study_hours", "marks"}
    if not (told <= set(curve.attrs) and {"curtailed_share", "hours"} <= set(curve.columns)):
        msg = "curve is no table of gridplan.flexibility_curve (attrs and columns as it gives them)"
        raise ValueError(msg)
    with chart_style():
        ax = own_or_new(ax)
        right = ax.twinx()
        rising = curve.sort_index()
        _draw_curve(ax, right, rising)
        _mark_firm(ax, rising, texts)
        for mark in curve.attrs["marks"]:
            _mark_share(ax, texts, **mark)
        if rising.empty:
            remark(ax, texts("chart_no_capacity"))
        _label_curve(ax, right, curve.attrs, texts)
    return ax


def _draw_curve(ax: Axes, right: Axes, curve: pd.DataFrame) -> None:
    """Draw the share over the hours, each up to the same height."""
    size, share = curve.index.to_numpy(float), 100 * curve["curtailed_share"].to_numpy()
    hours = curve["hours"].to_numpy()
    right.plot(size, hours, color=style.HOURS, lw=1.4, ls=(0, (4.0, 1.8)), clip_on=False)
    ax.plot(size, share, color=style.SHARE, lw=2.4, clip_on=False, zorder=4)
    ax.set_xlim(_sizes_shown(size, curve.attrs["firm_mw"]))
    ax.set_ylim(0, HEADROOM * share.max(initial=0.1))
    right.set_ylim(0, HEADROOM * hours.max(initial=1))
    for axis in (ax.xaxis, ax.yaxis, right.yaxis):
        nice_ticks(axis)
    ax.set_zorder(right.get_zorder() + 1)
    ax.patch.set_visible(False)


def _sizes_shown(size_mw: Array, firm_mw: float) -> tuple[float, float]:
    """Limits that show some of what is firm, and all of it where that costs little."""
    last = max(size_mw.max(initial=0.0), 1.05 * firm_mw)
    if last == 0:
        return 0.0, 1.0
    first = firm_mw - 0.12 * (last - firm_mw) if firm_mw > 0.3 * last else 0.0
    return min(first, size_mw.min(initial=first)), last


def _mark_firm(ax: Axes, curve: pd.DataFrame, texts: Messages) -> None:
    """Shade what is never curtailed."""
    firm = curve.attrs["firm_mw"]
    top = ax.get_ylim()[1]
    ax.axvspan(ax.get_xlim()[0], firm, color=style.LEVELS[0], alpha=0.10, lw=0, zorder=0.5)
    ax.axvline(firm, color=style.LEVELS[0], lw=1.6, zorder=3)
    text = texts("chart_firm", mw=texts.mw(firm))
    note(ax, text, (firm, 0.95 * top), (5, 0), colour=style.LEVELS[0], weight="bold")


def _mark_share(ax: Axes, texts: Messages, *, share: float, mw: float, hours: int) -> None:
    """Mark where a share is curtailed, beside it the size and the hours."""
    low, high = ax.get_xlim()
    if not low <= mw <= high or 100 * share > ax.get_ylim()[1]:
        return
    ax.plot(mw, 100 * share, "o", ms=6.5, color=style.SHARE, mec="white", mew=1.2, zorder=6)
    level = _level(share, mw, texts)
    key_of_hours = "chart_level_hour" if hours == 1 else "chart_level_hours"
    text = texts(key_of_hours, level=level, hours=texts.number(hours))
    leftwards = (mw - low) / (high - low) > RIGHT_HALF
    note(ax, text, (mw, 100 * share), (-9 if leftwards else 9, 6 if leftwards else -5),
         align="right" if leftwards else "left")  # fmt: skip


def _label_curve(ax: Axes, right: Axes, told: dict, texts: Messages) -> None:
    count, year = texts.number(told["study_hours"]), told["study_hours"] in YEAR_HOURS
    share = texts("chart_share_year") if year else texts("chart_share_hours", hours=count)
    hours = texts("chart_hours_year") if year else texts("chart_hours_of", hours=count)
    title = texts("chart_flexibility", bus=told["bus"], criterion=told["criterion"])
    finish(ax, texts, title=title, x=texts("chart_size"), y=share)
    ax.yaxis.label.set_color(style.SHARE)
    finish_right(right, texts, y=hours, colour=style.HOURS)


def capacity_duration_plot(
    cap: xr.Dataset,
    bus: str,
    ax: Axes | None = None,
    *,
    criterion: str = "N-1",
    language: Language = "en",
) -> Axes:
    """Draw the hourly capacity of a bus, highest first, with its firm and flexible capacities.

    Parameters
    ----------
    cap : xarray.Dataset
        Of `gridplan.hosting_capacity` with `hourly=True`.
    bus : str
        One of its buses.
    ax : matplotlib.axes.Axes, optional
        Where to draw. Default: a figure of its own.
    criterion : str, default "N-1"
        One of its criteria.
    language : {"en", "nb"}
        English or Norwegian (bokmål).

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    StudyError
        When the bus or the criterion is not in `cap`.
    ValueError
        When `cap` has no hourly capacities, or for an unknown language.

    Examples
    --------
    >>> import gridplan as gp
    >>> gp.capacity_duration_plot(cap, "Orkdal 132", language="nb")  # doctest: +SKIP
    """
    texts, one = messages(language), capacity_of(cap, bus, criterion)
    falling = np.sort(one["hourly_mw"].to_numpy().astype(float))[::-1]
    with chart_style():
        ax = own_or_new(ax)
        ax.stairs(falling, baseline=None, color=style.INK, lw=2.0, zorder=4, snap=False,
                  joinstyle="round", label=texts("chart_capacity"))  # fmt: skip
        levels = list(_levels(one, texts))
        for mw, label, colour, dashes in levels:
            ax.axhline(mw, color=colour, lw=1.6, ls=(0, dashes) if dashes else "-", zorder=3,
                       label=label)  # fmt: skip
        if levels:
            _shade_curtailed(ax, falling, levels[-1], texts)
        if falling[0] <= 0:
            remark(ax, texts("chart_no_capacity"))
        _limit(ax, falling, [level[0] for level in levels])
        key(ax, loc="upper right")
        _label_duration(ax, one, texts)
    return ax


def _limit(ax: Axes, falling: Array, levels_mw: list[float]) -> None:
    """Set limits that leave the key its corner, and ticks."""
    under_key = max(falling[int(0.62 * len(falling))], *levels_mw, 0.0)
    key_height = 0.055 * (len(levels_mw) + 2) + 0.05
    highest = max(1.05 * falling[0], under_key / (1.0 - key_height))
    ax.set(xlim=(0, len(falling)), ylim=(min(falling[-1], 0.0), highest if highest > 0 else 1.0))
    for axis in (ax.xaxis, ax.yaxis):
        nice_ticks(axis)
    if len(falling) in YEAR_HOURS:
        ax.set_xticks([*range(0, 8001, 2000), len(falling)])


def _levels(one: xr.Dataset, texts: Messages) -> Iterator[Level]:
    """Give the capacity at every flexibility, the firm one first."""
    capacity = one["capacity_mw"].to_series().sort_index()
    for number, (share, mw) in enumerate(capacity.items()):
        at = min(number + (capacity.index[0] > 0), len(style.LEVELS) - 1)
        text = texts("chart_firm", mw=texts.mw(mw)) if share == 0 else _level(share, mw, texts)
        yield mw, text, style.LEVELS[at], style.LEVEL_DASHES[at]


def _level(share: float, mw: float, texts: Messages) -> str:
    """Say which share is curtailed at which size."""
    percent = texts.number(100 * share, decimals_of([100 * share]))
    return texts("chart_level", percent=percent, mw=texts.mw(mw))


def _shade_curtailed(ax: Axes, falling: Array, level: Level, texts: Messages) -> None:
    """Shade the energy that a level loses."""
    mw, _, colour, _ = level
    short = falling[falling < mw]
    if mw < NOTHING_MW or not len(short):
        return
    edges = np.arange(len(falling) - len(short), len(falling) + 1)
    ax.fill_between(edges, np.append(short, short[-1]), mw, step="post", color=colour, alpha=0.22,
                    lw=0, zorder=2, label=texts("chart_curtailed_at", mw=texts.mw(mw)))  # fmt: skip


def _label_duration(ax: Axes, one: xr.Dataset, texts: Messages) -> None:
    hours, generation = one.sizes["snapshot"], one.attrs.get("direction") == "generation"
    rank = texts("chart_rank_of", hours=texts.number(hours))
    bus, criterion = one["bus"].item(), one["criterion"].item()
    finish(
        ax,
        texts,
        title=texts("chart_duration", bus=bus, criterion=criterion),
        x=texts("chart_rank_year") if hours in YEAR_HOURS else rank,
        y=texts("chart_capacity_generation" if generation else "chart_capacity_load"),
    )
