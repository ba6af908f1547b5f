"""Charts of what plans reach: one against the county's goals, and several side by side."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from gridplan.base.messages import Language, Messages, messages
from gridplan.exports import style
from gridplan.exports.chart_axes import (
    chart_style,
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
from gridplan.portfolio.compare import Comparison
from gridplan.portfolio.plan import Plan
from gridplan.study.stage import stage_texts

WIDTH, HEAD, ROW = 6.7, 1.65, 0.62  # inches
BAR = 0.5  # of a row
QUANTITIES = {  # unit of each quantity with a goal
    "co2_t_per_yr": "goals_t",
    "export_mnok_per_yr": "goals_mnok",
    "jobs": "goals_jobs",
}
COMPARED = {  # what a comparison shows of each plan
    "mw": "compare_mw",
    "co2_t_per_yr": "compare_co2",
    "jobs": "compare_jobs",
    "export_mnok_per_yr": "compare_export",
    "objective_mnok_per_yr": "compare_value",
}
LOOKS = (
    {"facecolor": style.CHOSEN},
    {"facecolor": style.RESERVED},
    {"facecolor": style.QUEUED},
    {"facecolor": style.SAVING},
    {"facecolor": "white", "hatch": "////"},
    {"facecolor": style.SHARE},
    {"facecolor": "white", "hatch": "...."},
    {"facecolor": style.USED},
)


def goals_plot(plan: Plan, ax: Axes | None = None, *, language: Language = "en") -> Axes:
    """Draw how much of the way to each goal of the county a plan covers.

    Parameters
    ----------
    plan : Plan
        A plan; `Plan.goals` has the figures. Projects that count as ordinary growth are drawn
        first: they come in any case.
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
    >>> gp.goals_plot(plan, language="nb").figure.savefig("goals.png", dpi=200)  # doctest: +SKIP
    """
    texts, own, goals = messages(language), ax is None, plan.goals()
    with chart_style():
        ax = own_or_new(ax, (WIDTH, HEAD + ROW * max(len(goals), 1)))
        if goals.empty:
            ax.set(xlim=(0, 100), ylim=(0.6, -0.6))
            remark(ax, texts("goals_none"))
        else:
            _draw_goals(ax, goals, texts)
        finish(
            ax,
            texts,
            title=texts("goals_title", study=plan.study.title, year=plan.year),
            x=texts("goals_axis"),
            y="",
            grid="x",
            pad_pt=26.0,
        )
        names = goals["name"] if language == "nb" else goals.index.to_series()
        name_rows(ax, [str(name) for name in names])
        if own:
            foot(ax, _origin(plan, texts("goals_note"), texts))
    return ax


def _draw_goals(ax: Axes, goals: pd.DataFrame, texts: Messages) -> None:
    """Draw growth and plan as parts of the way, the figures below them, the goal as a line."""
    rows = np.arange(len(goals))
    distance = goals["distance"].astype(float)
    growth = (100 * goals["ordinary_growth"] / distance).to_numpy()
    own = (100 * goals["plan"] / distance).to_numpy()
    edge = {"edgecolor": style.INK, "linewidth": 0.6, "zorder": 3}
    bars = [ax.barh(rows, own, BAR, growth, facecolor=style.CHOSEN, label=texts("goals_plan"),
                    **edge)]  # fmt: skip
    if growth.any():
        bars.insert(0, ax.barh(rows, growth, BAR, facecolor=style.RESERVED,
                               label=texts("goals_growth"), **edge))  # fmt: skip
    line = ax.axvline(100, color=style.INK, lw=2.0, zorder=5, label=texts("goals_goal"))
    right = max(*(growth + own), 100.0)
    ax.set(xlim=(min(*own, *(growth + own), 0.0), 1.22 * right), ylim=(len(goals) - 0.3, -0.6))
    nice_ticks(ax.xaxis)
    for row, (_, goal) in enumerate(goals.iterrows()):
        share = texts.number(100 * goal["share_pu"], 1)
        end = max(growth[row] + own[row], growth[row], 0.0)
        note(ax, texts("goals_share", percent=share), (end, row), (5, 0), weight="bold")
        unit = texts(QUANTITIES[goal["quantity"]])
        done, all_ = texts.number(goal["plan"]), texts.number(distance.iloc[row])
        text = texts("goals_of", done=done, all=all_, unit=unit, year=goal["target_year"])
        note(ax, text, (0, row + 0.42), (2, 0), colour=style.GREY)
    key(ax, handles=[*bars, line], loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=3,
        borderaxespad=0.2)  # fmt: skip


def comparison_plot(
    comparison: Comparison, ax: Axes | None = None, *, language: Language = "en"
) -> Axes:
    """Draw plans side by side: power, emissions, jobs, export and value.

    Every quantity has a scale of its own, on which the largest plan fills the width; the figures
    stand at the bars.

    Parameters
    ----------
    comparison : Comparison
        Of `gridplan.compare`, of at most eight plans.
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
        For more than eight plans, or an unknown language.

    Examples
    --------
    >>> import gridplan as gp
    >>> both = gp.compare({"plan": plan, "queue": gp.queue(study)})  # doctest: +SKIP
    >>> gp.comparison_plot(both).figure.savefig("compare.svg")  # doctest: +SKIP
    """
    texts, own, summary = messages(language), ax is None, comparison.summary
    count = len(comparison.plans)
    if count > len(LOOKS):
        msg = f"at most {len(LOOKS)} plans can be told apart, not {count}; compare fewer"
        raise ValueError(msg)
    table = summary.loc[list(COMPARED)].astype(float)
    with chart_style():
        height = 1.15 + len(COMPARED) * (0.18 + 0.2 * count) + 0.19 * -(-count // 3)
        ax = own_or_new(ax, (WIDTH, height))
        handles = _draw_plans(ax, table, texts)
        lines = -(-count // 3)
        finish(ax, texts, title=texts("compare_title"), x="", y="", grid="x",
               pad_pt=8.0 + 14.0 * lines)  # fmt: skip
        name_rows(ax, [texts(text) for text in COMPARED.values()])
        ax.set_xticks([])
        ax.spines["bottom"].set_visible(False)
        key(ax, handles=handles, loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=3,
            borderaxespad=0.2)  # fmt: skip
        if own:
            foot(ax, _origin(next(iter(comparison.plans.values())), texts("compare_note"), texts))
    return ax


def _draw_plans(ax: Axes, table: pd.DataFrame, texts: Messages) -> list:
    """Draw one block of bars per quantity; return the entries of the key."""
    largest = table.abs().max(axis=1).replace(0.0, 1.0)
    thick = 0.8 / len(table.columns)
    handles = []
    for number, name in enumerate(table.columns):
        part = (table[name] / largest).to_numpy()
        rows = np.arange(len(table)) - 0.4 + (number + 0.5) * thick
        look = {"edgecolor": style.INK, "linewidth": 0.6, "zorder": 3} | LOOKS[number]
        handles.append(ax.barh(rows, part, 0.92 * thick, label=str(name), **look))
        for row, end, value in zip(rows, part, table[name], strict=True):
            note(ax, texts.number(value), (max(end, 0.0), row), (4, 0))
    ax.axvline(0, color=style.GREY, lw=0.9, zorder=2)
    ax.set(xlim=(min((table.min(axis=1) / largest).min(), 0.0), 1.16),
           ylim=(len(table) - 0.45, -0.55))  # fmt: skip
    return handles


def _origin(plan: Plan, basis: str, texts: Messages) -> str:
    """Say below a chart what it shows, on which grid, from which input."""
    lines = [basis, " · ".join(stage_texts(plan.stage, texts))]
    return told_below(lines, plan.study, texts)
