"""Charts of why a project is out and of what a conditional one gives up, for reports.

Each takes its data and, if wanted, the caller's axes, and returns the axes; new figures are half an
A4 page and unknown to pyplot.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, Normalize, to_rgb
from matplotlib.patches import Patch
from numpy.typing import NDArray

from gridplan.base.messages import Language, Messages, messages
from gridplan.exports import style
from gridplan.exports.chart_axes import (
    SMALL_PT,
    TEXT_PT,
    Numbers,
    chart_style,
    decimals_of,
    finish,
    nice_ticks,
    own_or_new,
    remark,
)
from gridplan.exports.charts import YEAR_HOURS
from gridplan.exports.day_axes import days_scale, draw_days, key_below, subtitle
from gridplan.operation.dispatch import TOLERANCE_MW
from gridplan.reasons.explain import Explanation
from gridplan.reasons.offers import Offers

Array = NDArray[np.float64]
HUES = (style.SHARE, style.HOURS, style.SAVING)  # of the limits of most hours, then the others
OTHERS = style.GREY
LIGHTEST = 0.3  # part of its hue that the smallest shortage gets


@dataclass(frozen=True)
class Limit:
    """A limit in the key.

    Parameters
    ----------
    text : str
        What limits, and in how many hours.
    colour : str
        Where most is missing.
    hours : ndarray of bool, shape (T,)
        In which it limits.
    """

    text: str
    colour: str
    hours: NDArray[np.bool_]


def critical_hours_plot(
    explanation: Explanation, ax: Axes | None = None, *, language: Language = "nb"
) -> Axes:
    """Draw when the grid has no room for a project: day by hour, by what limits it.

    The darker an hour, the more of the project does not fit; white hours have room for all of it.

    Parameters
    ----------
    explanation : Explanation
        Of `gridplan.explain`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the colour scale takes some of its room. Default: a figure of its own.
    language : {"nb", "en"}
        Norwegian (bokmål) or English.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        For an unknown language.

    Examples
    --------
    >>> import gridplan as gp
    >>> why = gp.explain(plan, "Rørvik hydrogen", remedies=False)  # doctest: +SKIP
    >>> gp.critical_hours_plot(why).figure.savefig("hours.png", dpi=200)  # doctest: +SKIP
    """
    texts, hourly = messages(language), explanation.hourly
    missing = hourly["missing_mw"].to_numpy()
    short = missing > TOLERANCE_MW
    with chart_style():
        ax = own_or_new(ax)
        limits = _limits(explanation, short, texts)
        draw_days(ax, hourly.index, _colours(missing, limits))
        if limits:
            _scale(ax, missing.max(), texts)
            handles = [Patch(facecolor=limit.colour, label=limit.text) for limit in limits]
            key_below(ax, -0.11, handles=handles, handleheight=0.9)
        else:
            remark(ax, texts("why_fits"))
        title = texts("chart_critical", project=explanation.project)
        finish(ax, texts, title=title, x="", y=texts("chart_hour_of_day"), pad_pt=22.0)
        days_scale(ax, hourly.index, texts)
        _summary(ax, hourly, short, texts)
    return ax


def _limits(explanation: Explanation, short: NDArray[np.bool_], texts: Messages) -> list[Limit]:
    """Limits with a colour each, those of most hours first; the rest together."""
    hourly, told = explanation.hourly, explanation.critical
    found, left = [], short.copy()
    for colour, row in zip(HUES, told.itertuples(), strict=False):
        hours = short & hourly["branch"].eq(row.branch) & hourly["outage"].eq(row.outage)
        left &= ~hours
        form = "pair" if row.outage else "branch" if row.branch else "supply"
        text = texts(KEYS[form], branch=row.branch, outage=row.outage)
        found.append(Limit(_with_hours(text, row.hours, texts), colour, hours.to_numpy()))
    if left.any():
        text = texts("chart_other_limits", count=texts.number(len(told) - len(HUES)))
        found.append(Limit(_with_hours(text, left.sum(), texts), OTHERS, left))
    return found


KEYS = {"pair": "chart_pair", "branch": "chart_branch", "supply": "chart_supply"}


def _with_hours(text: str, hours: int, texts: Messages) -> str:
    """Say in how many hours something limits."""
    key_of_hours = "chart_level_hour" if hours == 1 else "chart_level_hours"
    return texts(key_of_hours, level=text, hours=texts.number(hours))


def _colours(missing_mw: Array, limits: list[Limit]) -> Array:
    """Colour of every hour, shape (T, 3)."""
    depth = LIGHTEST + (1 - LIGHTEST) * missing_mw / max(missing_mw.max(), TOLERANCE_MW)
    colours = np.ones((len(missing_mw), 3))
    for limit in limits:
        part = depth[limit.hours, None]
        colours[limit.hours] = 1 - part * (1 - np.array(to_rgb(limit.colour)))
    return colours


def _scale(ax: Axes, highest_mw: float, texts: Messages) -> None:
    """Draw the scale of tones, in grey as it holds for all colours."""
    ink = np.array(to_rgb(style.INK))
    tones = LinearSegmentedColormap.from_list("tones", [1 - LIGHTEST * (1 - ink), ink])
    norm = Normalize(0.0, highest_mw)
    bar = ax.figure.colorbar(ScalarMappable(norm, tones), ax=ax, fraction=0.03, pad=0.015)
    bar.set_label(texts("chart_missing"), fontsize=TEXT_PT, color=style.INK)
    nice_ticks(bar.ax.yaxis)
    bar.ax.yaxis.set_major_formatter(Numbers(texts))
    bar.ax.tick_params(labelsize=SMALL_PT, color=style.RULE, labelcolor=style.INK)
    bar.outline.set_visible(False)


def _summary(ax: Axes, hourly: pd.DataFrame, short: NDArray[np.bool_], texts: Messages) -> None:
    """Say below the title how much is missing in all."""
    demand, missing = hourly["demand_mw"], hourly["missing_mw"]
    share = 100 * missing.sum() / demand.sum() if demand.sum() else 0.0
    text = texts(
        "chart_critical_sum",
        hours=texts.number(short.sum()),
        total=texts.number(len(hourly)),
        mw=texts.mw(missing.max()),
        size=texts.mw(demand.max()),
        percent=texts.number(share, 1),
    )
    subtitle(ax, text)


def curtailment_plot(
    offers: Offers, project: str, ax: Axes | None = None, *, language: Language = "nb"
) -> Axes:
    """Draw what a plan curtails of a conditional project, largest first, within what was agreed.

    Parameters
    ----------
    offers : Offers
        Of `gridplan.offers`.
    project : str
        One of its projects.
    ax : matplotlib.axes.Axes, optional
        Where to draw. Default: a figure of its own.
    language : {"nb", "en"}
        Norwegian (bokmål) or English.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    StudyError
        When the plan does not connect the project conditionally.
    ValueError
        For an unknown language.

    Examples
    --------
    >>> import gridplan as gp
    >>> gp.curtailment_plot(gp.offers(plan), "Rørvik hydrogen conditional")  # doctest: +SKIP
    """
    texts, row = messages(language), offers.row(project)
    falling = offers.duration_mw[project].to_numpy()
    count, used = len(falling), int(row["hours"])
    with chart_style():
        ax = own_or_new(ax)
        if used:
            ax.stairs(falling[:used], color=style.SHARE, alpha=0.22, fill=True, lw=0, zorder=2)
            ax.stairs(falling[:used], color=style.SHARE, lw=2.0, zorder=4, snap=False,
                      joinstyle="round", label=texts("chart_plan_curtails"))  # fmt: skip
        else:
            remark(ax, texts("chart_not_curtailed"))
        _agreed(ax, row, texts)
        last = 1.08 * np.nanmax([used, row["agreed_hours"], 1.0])
        ax.set(xlim=(0, min(last, max(count, used))))
        ax.set_ylim(0, 1.05 * (row["largest_mw"] if used else row["mw"]))
        for axis in (ax.xaxis, ax.yaxis):
            nice_ticks(axis)
        key_below(ax, -0.2)
        finish(
            ax,
            texts,
            title=texts("chart_curtailment", project=project),
            x=texts("chart_rank_year")
            if count in YEAR_HOURS
            else texts("chart_rank_of", hours=texts.number(count)),
            y=texts("chart_curtailed_mw"),
            pad_pt=22.0,
        )
        subtitle(ax, texts("chart_plan_uses", **_used(row, texts)))
    return ax


def _used(row: pd.Series, texts: Messages) -> dict[str, str]:
    """Figures of what the plan curtails."""
    return {
        "mw": texts.mw(row["mw"]),
        "percent": texts.number(row["curtailed_percent"], 2),
        "hours": texts.hours(row["hours"]),
        "longest": texts.number(row["longest_h"]),
        "largest": texts.mw(row["largest_mw"]),
    }


def _agreed(ax: Axes, row: pd.Series, texts: Messages) -> None:
    """Mark the agreed hours; share and run have no place on the scales and stand in the key."""
    if np.isfinite(row["agreed_hours"]):
        label = texts("chart_agreed_hours", hours=texts.hours(row["agreed_hours"]))
        ax.axvline(row["agreed_hours"], color=style.BEYOND, lw=1.6, ls=(0, style.LEVEL_DASHES[1]),
                   zorder=3, label=label, clip_on=False)  # fmt: skip
    percent = texts.number(row["agreed_percent"], decimals_of([round(row["agreed_percent"], 2)]))
    ax.plot([], [], lw=0, label=texts("chart_agreed_share", percent=percent))
    if np.isfinite(row["agreed_longest_h"]):
        hours = texts.hours(row["agreed_longest_h"])
        ax.plot([], [], lw=0, label=texts("chart_agreed_run", hours=hours))
