"""Charts of what makes room: MW freed step by step, and what one MW is worth where.

Each takes its result and, if wanted, the caller's axes, and returns the axes. A new figure also
says below where it comes from.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from gridplan.base.messages import Language, Messages, messages
from gridplan.exports import style
from gridplan.exports.chart_axes import (
    SMALL_PT,
    chart_style,
    decimals_of,
    finish,
    foot,
    key,
    name_rows,
    nice_ticks,
    note,
    own_or_new,
    remark,
)
from gridplan.exports.origin import told_below
from gridplan.portfolio.plan import Plan
from gridplan.reasons.freed import FreedCapacity
from gridplan.reasons.marginal import MarginalValues
from gridplan.study.stage import stage_texts

WIDTH, HEAD, ROW = 6.7, 1.5, 0.36  # inches: of the figure, besides its rows, of one row
KEY_PT = 13.5  # of one entry of the key
BAR = 0.62  # of a row
LARGE = 0.75  # first step as a share of the last one above which the scale does not start at 0
EQUAL = 1e-3  # relative; buses whose values differ by less share a bar
STEP_TEXTS = {
    "firm": "freed_firm",
    "efficiency": "freed_efficiency",
    "rating": "freed_rating",
    "symbiosis": "freed_symbiosis",
    "conditional": "freed_conditional",
}


def freed_capacity_plot(
    freed: FreedCapacity, ax: Axes | None = None, *, language: Language = "en"
) -> Axes:
    """Draw the MW of projects connected, step by step from firm connections to the plan.

    Parameters
    ----------
    freed : FreedCapacity
        Of `gridplan.freed_capacity`.
    ax : matplotlib.axes.Axes, optional
        Where to draw. Default: a figure of its own, with its origin below.
    language : {"en", "nb"}
        English or Norwegian (bokmål).

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
    >>> freed = gp.freed_capacity(plan)  # doctest: +SKIP
    >>> gp.freed_capacity_plot(freed, language="nb").figure.savefig("freed.png")  # doctest: +SKIP
    """
    texts, steps, own = messages(language), freed.steps, ax is None
    with chart_style():
        ax = own_or_new(ax, (WIDTH, HEAD + ROW * (len(steps) + 1)))
        start = _scale_start(steps["mw"])
        _draw_steps(ax, steps, start, texts)
        axis = texts("freed_axis_from", mw=texts.mw(start)) if start else texts("freed_axis")
        title = texts("freed_title", study=freed.plan.study.title, year=freed.plan.year)
        finish(ax, texts, title=title, x=axis, y="", grid="x", pad_pt=22)
        labels = [texts(STEP_TEXTS[step]) for step in steps.index]
        name_rows(ax, [*labels, texts("freed_plan")])
        _write_columns(ax, steps, texts)
        if own:
            foot(ax, _origin(freed.plan, texts("freed_note"), texts))
    return ax


def _scale_start(mw: pd.Series) -> float:
    """Where the scale starts: 0, or a round number below the first step where that is large."""
    known = mw.dropna()
    lowest, span = known.min(), known.max() - known.min()
    if span <= 0 or lowest < LARGE * known.max():
        return 0.0
    unit = 10.0 ** np.floor(np.log10(span))
    return float(max(np.floor((lowest - 0.6 * span) / unit) * unit, 0.0))


def _draw_steps(ax: Axes, steps: pd.DataFrame, start: float, texts: Messages) -> None:
    """Draw the first step and the plan as bars from the start, the others where they add."""
    mw, added = steps["mw"].to_numpy(), steps["mw_added"].to_numpy()
    edge = {"edgecolor": style.INK, "linewidth": 0.6, "zorder": 3}
    decimals = decimals_of(np.round([*mw[np.isfinite(mw)], *added[np.isfinite(added)]], 1))
    top = np.nanmax(mw)
    ax.set(xlim=(start, top + 0.14 * (top - start)), ylim=(len(steps) + 0.6, -0.6))
    nice_ticks(ax.xaxis)
    last = len(steps)
    for row, total in ((0, mw[0]), (last, mw[-1])):
        if np.isfinite(total):
            colour = style.USED if row == 0 else style.CHOSEN
            ax.barh(row, total - start, BAR, start, facecolor=colour, **edge)
            _write_mw(ax, row, total, texts.number(total, decimals))
        else:
            note(ax, texts("freed_none"), (start, row), (4, 0), colour=style.GREY)
    for row in range(1, last):
        if not np.isfinite(added[row]):
            key_of = "freed_none" if np.isnan(mw[row]) else "freed_first"
            text = texts(key_of, mw=texts.mw(np.nan_to_num(mw[row])))
            note(ax, text, (start, row), (4, 0), colour=style.GREY)
            continue
        look = {"facecolor": style.ADDED}
        if added[row] < 0:
            look = {"facecolor": "white", "hatch": "xxxx", "edgecolor": style.BEYOND}
        ax.barh(row, added[row], BAR, mw[row - 1], **(edge | look))
        sign = "+" if added[row] > 0 else ""
        text = sign + texts.number(added[row], decimals if added[row] else 0)
        _write_mw(ax, row, max(mw[row], mw[row - 1]), text)
    for row in range(last):
        if np.isfinite(mw[row]):
            ax.plot([mw[row]] * 2, [row - BAR / 2, row + 1 + BAR / 2], color=style.GREY, lw=0.9,
                    zorder=2)  # fmt: skip


def _write_mw(ax: Axes, row: int, right: float, text: str) -> None:
    """Write a value beside a bar."""
    note(ax, text, (right, row), (5, 0), weight="bold")


def _write_columns(ax: Axes, steps: pd.DataFrame, texts: Messages) -> None:
    """Write projects and value after each step beside the bars."""
    columns = ((48, "freed_projects", "projects"), (92, "freed_value", "value_mnok"))
    for right, heading, column in columns:
        _write_right(ax, -0.72, texts(heading), right, va="bottom")
        for row, value in enumerate([*steps[column], steps[column].iloc[-1]]):
            if np.isfinite(value):
                weight = "bold" if row in (0, len(steps)) else "normal"
                _write_right(ax, row, texts.number(value), right, va="center", weight=weight)


def _write_right(ax: Axes, row: float, text: str, right_pt: float, **look: str) -> None:
    """Write to the right of the axes, up to so many points from them."""
    ax.annotate(
        text, (1.0, row), xycoords=ax.get_yaxis_transform(), xytext=(right_pt, 0),
        textcoords="offset points", ha="right", fontsize=SMALL_PT, color=style.INK,
        annotation_clip=False, **look,
    )  # fmt: skip


KIND_TEXTS = {
    "bus": "marginal_bus",
    "branch": "marginal_branch",
    "overloaded": "marginal_overloaded",
}


@dataclass(frozen=True)
class _Bar:
    """One row of the chart of values: MNOK per MW and year."""

    name: str
    kind: str
    divisible: float
    fixed: float


LOOKS = {
    "bus": {"facecolor": style.SHARE},
    "branch": {"facecolor": style.HOURS},
    "overloaded": {"facecolor": "white", "hatch": "////", "edgecolor": style.HOURS},
}


def marginal_values_plot(
    values: MarginalValues, ax: Axes | None = None, *, n: int = 15, language: Language = "en"
) -> Axes:
    """Draw the buses and branches where one MW is worth most.

    Parameters
    ----------
    values : MarginalValues
        Of `gridplan.marginal_values`. The bars are `divisible`; a diamond marks `fixed` where that
        is not 0 everywhere.
    ax : matplotlib.axes.Axes, optional
        Where to draw. Default: a figure of its own, with its origin below.
    n : int, default 15
        Most bars to show. Buses of the same value share one, under the name of the one where most
        MW of projects are planned.
    language : {"en", "nb"}
        English or Norwegian (bokmål).

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        When `n` is below 1, or for an unknown language.

    Examples
    --------
    >>> import gridplan as gp
    >>> gp.marginal_values_plot(gp.marginal_values(plan), n=10)  # doctest: +SKIP
    """
    texts, own = messages(language), ax is None
    if n < 1:
        msg = f"n must be at least 1, not {n}"
        raise ValueError(msg)
    found = [*_bus_bars(values, texts), *_branch_bars(values, texts)]
    found = sorted(found, key=lambda bar: -bar.divisible)[:n]
    order = list(LOOKS)
    bars = sorted(found, key=lambda bar: order.index(bar.kind))  # blocks, each by value
    with chart_style():
        height = HEAD + KEY_PT / 72 * (len(KIND_TEXTS) + 1) + ROW * max(len(bars), 3)
        ax = own_or_new(ax, (WIDTH, height))
        entries = _draw_bars(ax, bars, texts)
        title = texts("marginal_title", study=values.plan.study.title, year=values.plan.year)
        finish(
            ax,
            texts,
            title=title,
            x=texts("marginal_axis"),
            y="",
            grid="x",
            pad_pt=8 + KEY_PT * entries,
        )
        name_rows(ax, [bar.name for bar in bars])
        if own:
            foot(ax, _origin(values.plan, texts("marginal_note"), texts))
    return ax


def _bus_bars(values: MarginalValues, texts: Messages) -> Iterator[_Bar]:
    """Buses that are worth something, those of one value together."""
    projects = values.plan.projects
    planned = projects["mw"].groupby(projects["bus"]).sum()
    table = values.buses[["divisible", "fixed"]].rename_axis(None)
    table = table.assign(planned=planned.reindex(table.index, fill_value=0.0))
    table = table[table["divisible"] > 0]
    table = table.sort_values(["divisible", "fixed"], ascending=False, kind="stable")
    close = (table[["divisible", "fixed"]].diff().abs() <= EQUAL * table["divisible"].max()).all(
        axis=1
    )
    for _, group in table.groupby((~close).cumsum(), sort=False):
        name = str(group["planned"].idxmax())
        others = len(group) - 1
        if others:
            name = texts("marginal_others", name=name, n=others)
        yield _Bar(name, "bus", *(group[["divisible", "fixed"]].iloc[0] / 1e6))


def _branch_bars(values: MarginalValues, texts: Messages) -> Iterator[_Bar]:
    """Branches that are worth something; past their overload where they have one."""
    for name, row in values.branches.iterrows():
        if row["divisible"] > 0:
            yield _Bar(str(name), "branch", row["divisible"] / 1e6, row["fixed"] / 1e6)
        past = row["divisible_past_overload"]
        if past > 0:
            text = texts("marginal_past", name=name, mw=texts.mw(row["overload_mw"]))
            yield _Bar(text, "overloaded", past / 1e6, row["fixed_past_overload"] / 1e6)


def _draw_bars(ax: Axes, bars: list[_Bar], texts: Messages) -> int:
    """Draw bars, their values, and the key above; return how many entries it has."""
    if not bars:
        ax.set(xlim=(0, 1), ylim=(2.6, -0.6))
        remark(ax, texts("marginal_nothing"))
        return 0
    largest = max(max(bar.divisible, bar.fixed) for bar in bars)
    decimals = int(np.clip(2 - np.floor(np.log10(largest)), 0, 4))
    ax.set(xlim=(0, 1.13 * largest), ylim=(len(bars) - 0.4, -0.6))
    nice_ticks(ax.xaxis)
    handles = {}
    for row, bar in enumerate(bars):
        look = {"edgecolor": style.INK, "linewidth": 0.6} | LOOKS[bar.kind]
        text = texts(KIND_TEXTS[bar.kind])
        handles[bar.kind] = ax.barh(row, bar.divisible, BAR, label=text, zorder=3, **look)
        note(
            ax, texts.number(bar.divisible, decimals), (max(bar.divisible, bar.fixed), row), (5, 0)
        )
    shown = list(handles.values())
    if any(bar.fixed for bar in bars):
        shown += ax.plot([bar.fixed for bar in bars], range(len(bars)), "D", ms=5, color="white",
                         mec=style.INK, clip_on=False, zorder=6,
                         label=texts("marginal_fixed"))  # fmt: skip
    key(ax, handles=shown, loc="lower left", bbox_to_anchor=(-0.01, 1.0), borderaxespad=0.2)
    return len(shown)


def _origin(plan: Plan, basis: str, texts: Messages) -> str:
    """Say below a chart what it shows, on which grid, what is assumed, from which input."""
    parts = [basis, *stage_texts(plan.stage, texts)]
    options = pd.concat([plan.measures, plan.symbioses])
    assumed = int(options.get("basis", pd.Series(dtype=str)).eq("assumption").sum())
    if assumed:
        parts.append(texts("chart_assumed", count=assumed, total=len(options)))
    lines = [parts[0], " · ".join(parts[1:])] if parts[1:] else [basis]
    return told_below(lines, plan.study, texts)
