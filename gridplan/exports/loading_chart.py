"""A heat map of one branch: when it carries how much of what it may."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, Normalize, to_rgb
from matplotlib.patches import Patch
from numpy.typing import NDArray

from gridplan.base.errors import Problem, StudyError
from gridplan.base.messages import Language, Messages, messages
from gridplan.exports import style
from gridplan.exports.chart_axes import (
    SMALL_PT,
    TEXT_PT,
    Numbers,
    chart_style,
    finish,
    foot,
    own_or_new,
)
from gridplan.exports.day_axes import days_scale, draw_days, key_below, subtitle
from gridplan.exports.origin import told_below
from gridplan.grid.sensitivities import ratings_mw
from gridplan.operation.base_case import BaseCase
from gridplan.portfolio.plan import Plan
from gridplan.study.sheet import suggestion
from gridplan.study.stage import stage_texts

Array = NDArray[np.float64]
TONES = LinearSegmentedColormap.from_list("loading", ["#f4f7fa", "#a9c3da", "#2b7bba", "#0b2545"])
AT_LIMIT, OVER_LIMIT = style.LOADING[2][1], style.LOADING[3][1]  # one lighter, one redder
SIZE = (6.7, 3.9)  # inches


def loading_heatmap(
    result: Plan | BaseCase,
    branch: str,
    ax: Axes | None = None,
    *,
    after_outage: bool = False,
    language: Language = "en",
) -> Axes:
    """Draw the loading of a branch, hour of the day by day of the year.

    The darker an hour, the more of its limit the branch carries. Hours at the limit and hours over
    it have colours of their own; their number stands in the key.

    Parameters
    ----------
    result : Plan or BaseCase
        With the plan, or before it.
    branch : str
        A line or transformer.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the colour scale takes some of its room. Default: a figure of its own, with
        its origin below.
    after_outage : bool, default False
        Draw the loading after the outage that is worst in each hour, against what the branch may
        carry after an outage; conditional connections are off then.
    language : {"en", "nb"}
        English or Norwegian (bokmål).

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    StudyError
        When there is no such branch.
    TypeError
        When the result is neither a plan nor a base case.
    ValueError
        For an unknown language.

    Notes
    -----
    The limit is the rating of the hour, s_nom x s_max_pu, after an outage times the emergency
    factor of the branch; an overload that was there before shows as one.

    Examples
    --------
    >>> import gridplan as gp
    >>> gp.loading_heatmap(plan, "Strand - Rørvik 66", after_outage=True)  # doctest: +SKIP
    """
    texts, own = messages(language), ax is None
    flow, limit, outages = _flows_and_limits(result, branch, after_outage=after_outage)
    loading = pd.Series(np.abs(flow) / limit, _case(result).hours)
    at, over = _at_limit(loading), loading > 1 + style.ON_LIMIT
    with chart_style():
        ax = own_or_new(ax, SIZE)
        draw_days(ax, loading.index, _colours(loading, at, over))
        _scale(ax, texts)
        title = texts("heat_title_outage" if after_outage else "heat_title", branch=branch)
        finish(ax, texts, title=title, x="", y=texts("chart_hour_of_day"), pad_pt=22.0)
        days_scale(ax, loading.index, texts)
        subtitle(ax, _highest(loading, flow, limit, outages, texts))
        marks = [(AT_LIMIT, "heat_at_limit", at), (OVER_LIMIT, "heat_over_limit", over)]
        handles = [
            Patch(facecolor=colour, label=texts(text, hours=texts.hours(hours.sum())))
            for colour, text, hours in marks
            if hours.any()
        ]
        if handles:
            key_below(ax, -0.1, handles=handles, handleheight=0.9, ncols=2)
        if own:
            foot(ax, _origin(result, texts))
    return ax


def _case(result: Plan | BaseCase) -> object:
    """Arrays of the result's hours."""
    return result.found.case if isinstance(result, Plan) else result.case


def _flows_and_limits(
    result: Plan | BaseCase, branch: str, *, after_outage: bool
) -> tuple[Array, Array, NDArray[np.object_]]:
    """Flow and limit of a branch (MW) and the outage that causes it, each of shape (T,)."""
    if not isinstance(result, Plan | BaseCase):
        msg = f"a Plan or a BaseCase has loadings, not a {type(result).__name__}"
        raise TypeError(msg)
    case, dispatch = _case(result), (result.found if isinstance(result, Plan) else result).dispatch
    network = result.network if isinstance(result, Plan) else result.study.network
    grid, names = case.grid, case.grid.topology.branches.index
    if branch not in names:
        remedy = suggestion(branch, names, "Give the name of a line or transformer.")
        raise StudyError([Problem("", "loading", "branch", branch, "no such branch", remedy)])
    place = names.get_loc(branch)
    limits = grid.limits_mw(ratings_mw(network, grid.topology))
    flow, none = dispatch.flow_mw, np.full(len(case.hours), "", dtype=object)
    if not after_outage or not grid.outage_names():
        return flow[:, place], limits[:, place], none
    left = flow if case.relief_mw is None else flow + case.relief_mw
    after = left[:, [place]] + grid.moved_mw(left, place)
    worst = np.abs(after).argmax(axis=1)
    hours = np.arange(len(after))
    outages = np.array(grid.outage_names(), dtype=object)[worst]
    return after[hours, worst], limits[:, grid.after[place]], outages


def _at_limit(loading: pd.Series) -> pd.Series:
    """Hours in which a branch carries all that it may and no more."""
    return (loading - 1).abs() <= style.ON_LIMIT


def _colours(loading: pd.Series, at: pd.Series, over: pd.Series) -> Array:
    """Colour of every hour, shape (T, 3)."""
    colours = TONES(np.clip(loading.to_numpy(), 0, 1))[:, :3]
    colours[at.to_numpy()] = to_rgb(AT_LIMIT)
    colours[over.to_numpy()] = to_rgb(OVER_LIMIT)
    return colours


def _scale(ax: Axes, texts: Messages) -> None:
    """Draw the scale of tones, with the limit on top."""
    tones = ScalarMappable(Normalize(0, 100), TONES.with_extremes(over=OVER_LIMIT))
    bar = ax.figure.colorbar(tones, ax=ax, fraction=0.03, pad=0.015, extend="max",
                             extendrect=True, extendfrac=0.06)  # fmt: skip
    bar.ax.axhline(99.2, color=AT_LIMIT, lw=3.0)
    bar.set_ticks([0, 20, 40, 60, 80, 100])
    bar.set_label(texts("heat_scale"), fontsize=TEXT_PT, color=style.INK)
    bar.ax.yaxis.set_major_formatter(Numbers(texts))
    bar.ax.tick_params(labelsize=SMALL_PT, color=style.RULE, labelcolor=style.INK)
    bar.outline.set_visible(False)


def _highest(
    loading: pd.Series, flow: Array, limit: Array, outages: NDArray[np.object_], texts: Messages
) -> str:
    """Say what the highest loading is, when, and after which outage."""
    worst = int(loading.to_numpy().argmax())
    hour = loading.index[worst]
    return texts(
        "heat_highest_outage" if outages[worst] else "heat_highest",
        percent=texts.number(100 * loading.iloc[worst], 1),
        flow=texts.mw(abs(flow[worst])),
        limit=texts.mw(limit[worst]),
        when=f"{texts.day(hour)} {hour:%H:%M} UTC",
        outage=outages[worst],
    )


def _origin(result: Plan | BaseCase, texts: Messages) -> str:
    """Say below the chart what it stands on."""
    what = texts("heat_of_plan" if isinstance(result, Plan) else "heat_of_base")
    stage = stage_texts(result.study.stage, texts)
    return told_below([" · ".join([what, *stage])], result.study, texts)
