"""A chart of the load over the year: before the plan and with it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

from gridplan.base.errors import Problem, StudyError
from gridplan.base.messages import Language, Messages, messages
from gridplan.exports import style
from gridplan.exports.chart_axes import chart_style, finish, foot, key, nice_ticks, own_or_new
from gridplan.exports.charts import YEAR_HOURS
from gridplan.exports.origin import told_below
from gridplan.grid.at_buses import load_at_buses_mw
from gridplan.portfolio.plan import Plan
from gridplan.study.sheet import suggestion
from gridplan.study.stage import stage_texts

Array = NDArray[np.float64]
SAME_MW = 1e-6  # loads that differ by less are one line


def load_duration_plot(
    plan: Plan, place: str = "", ax: Axes | None = None, *, language: Language = "en"
) -> Axes:
    """Draw the load of all hours, highest first: today, before the plan, and with it.

    Parameters
    ----------
    plan : Plan
        A plan. "Today" is the load of the study; "before the plan" adds ordinary growth and the
        projects that hold a reservation; "with the plan" what the network of the plan serves, less
        what its measures save and its conditional connections are not served.
    place : str, optional
        A bus, or a station with all of its buses. Default: the whole county, which is the buses
        marked `in_county`, and all of them where none is marked.
    ax : matplotlib.axes.Axes, optional
        Where to draw. Default: a figure of its own, with its origin below.
    language : {"en", "nb"}
        English or Norwegian (bokmål).

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    StudyError
        When there is no such bus or station.
    ValueError
        For an unknown language.

    Examples
    --------
    >>> import gridplan as gp
    >>> ax = gp.load_duration_plot(plan, "Orkdal", language="nb")  # doctest: +SKIP
    >>> ax.figure.savefig("load.png", dpi=200)  # doctest: +SKIP
    """
    texts, own = messages(language), ax is None
    inside = _buses(plan, place)
    today, before, then = (table[:, inside].sum(axis=1) for table in _loads_mw(plan))
    lines = [(today, "load_today", style.GREY, (2.0, 1.5)), (before, "load_before", style.SHARE,
             (6.0, 2.0)), (then, "load_with_plan", style.CHOSEN, ())]  # fmt: skip
    if np.abs(today - before).max() < SAME_MW:
        lines.pop(0)
    with chart_style():
        ax = own_or_new(ax)
        for hourly, text, colour, dashes in lines:
            falling = np.sort(hourly)[::-1]
            label = texts("load_peak", what=texts(text), mw=texts.mw(falling[0]))
            ax.stairs(falling, baseline=None, color=colour, lw=2.0, ls=(0, dashes) if dashes else
                      "-", zorder=4, snap=False, joinstyle="round", label=label)  # fmt: skip
        _limit(ax, np.concatenate([line[0] for line in lines]), len(then))
        key(ax, loc="upper right")
        hours = texts("chart_rank_of", hours=texts.number(len(then)))
        title = texts("load_title", place=place or plan.study.title, year=plan.year)
        finish(
            ax,
            texts,
            title=title,
            x=texts("chart_rank_year") if len(then) in YEAR_HOURS else hours,
            y=texts("load_axis"),
        )
        if own:
            foot(ax, _origin(plan, texts))
    return ax


def _buses(plan: Plan, place: str) -> NDArray[np.bool_]:
    """Mark the buses of a place, shape (N,)."""
    buses = plan.base.case.grid.topology.buses
    static = plan.study.network.c.buses.static.reindex(buses)
    if not place:
        inside = static.get("in_county", pd.Series(False, index=buses)).eq(True).to_numpy()
        return inside if inside.any() else np.ones(len(buses), dtype=bool)
    stations = static.get("station", pd.Series("", index=buses)).fillna("").astype(str)
    found = (buses == place) if place in buses else stations.eq(place).to_numpy()
    if not found.any():
        known = [*buses, *stations[stations.ne("")].unique()]
        remedy = suggestion(place, known, "Give the name of a bus or a station.")
        raise StudyError([Problem("", "load", "place", place, "no such bus or station", remedy)])
    return found


def _loads_mw(plan: Plan) -> tuple[Array, Array, Array]:
    """Load at every bus today, before the plan and with it, each of shape (T, N)."""
    before, connected = plan.base.case, plan.base.connected
    buses, today = before.grid.topology.buses, plan.base.case.load_mw.copy()
    shape = plan.study.profiles[connected["profile"]].to_numpy(dtype=float)
    demand = shape * connected["mw"].to_numpy()
    np.subtract.at(today.T, buses.get_indexer(connected["bus"]), demand.T)
    return today, before.load_mw, load_at_buses_mw(plan.network, buses)


def _limit(ax: Axes, hourly_mw: Array, hours: int) -> None:
    """Set limits and ticks; the highest hours leave the key its room."""
    low, high = min(hourly_mw.min(), 0.0), max(hourly_mw.max(), 0.0)
    ax.set(xlim=(0, hours), ylim=(low, 1.22 * high if high > 0 else 1.0))
    for axis in (ax.xaxis, ax.yaxis):
        nice_ticks(axis)
    if hours in YEAR_HOURS:
        ax.set_xticks([*range(0, 8001, 2000), hours])


def _origin(plan: Plan, texts: Messages) -> str:
    """Say below the chart on which grid and from which input."""
    line = " · ".join([texts("load_note"), *stage_texts(plan.stage, texts)])
    return told_below([line], plan.study, texts)
