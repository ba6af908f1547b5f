"""A plan held against what the county wants to reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from gridplan.base.html import table_html
from gridplan.base.messages import Language, messages

if TYPE_CHECKING:
    from gridplan.portfolio.plan import Plan


UNITS = {  # text of the unit of every quantity
    "co2_t_per_yr": "aim_co2_t_per_yr",
    "export_mnok_per_yr": "aim_export_mnok_per_yr",
    "jobs": "aim_jobs",
}


def goals_of(plan: Plan) -> pd.DataFrame:
    """Tell how much of the way to each goal of the county a plan covers.

    Parameters
    ----------
    plan : Plan
        Its study's settings name the goals (`county_goals`).

    Returns
    -------
    pandas.DataFrame
        Index goal (English name): name (Norwegian), quantity (its column, with the unit),
        baseline_year, target_year, baseline, aim, distance (from the baseline to the aim),
        ordinary_growth (what projects too small to be queued add), plan (what the chosen projects
        and symbioses add) and share_pu (plan / distance).

    Notes
    -----
    The way starts at the baseline year; what has changed since, outside the projects, is not in
    it. A symbiosis adds to the emissions cut.
    """
    columns = ["name", "quantity", "baseline_year", "target_year", "baseline", "aim", "distance"]
    goals = plan.study.settings.county_goals
    table = pd.DataFrame(
        [[getattr(goal, column) for column in columns] for goal in goals],
        index=pd.Index([goal.name_en for goal in goals], name="goal", dtype="str"),
        columns=columns,
    )
    growth, chosen = plan.study.ordinary_growth, plan.projects[plan.projects["chosen"]]
    adds = [float(chosen[quantity].sum()) for quantity in table["quantity"]]
    cut = plan.symbioses.loc[plan.symbioses["chosen"], "co2_t_per_yr"].sum()
    table["ordinary_growth"] = [float(growth[quantity].sum()) for quantity in table["quantity"]]
    table["plan"] = pd.Series(adds, table.index, dtype=float) + cut * table["quantity"].eq(
        "co2_t_per_yr"
    )
    table["share_pu"] = table["plan"] / table["distance"].astype(float)
    return table


def goals_html(goals: pd.DataFrame, language: Language) -> str:
    """Write what a plan adds to the goals of the county, for a notebook.

    Parameters
    ----------
    goals : pandas.DataFrame
        As `goals_of` gives them.
    language : {"en", "nb"}
        Of the table.

    Returns
    -------
    str
        An HTML table, "" where there are no goals.
    """
    if goals.empty:
        return ""
    texts = messages(language)
    header = [texts(key) for key in ("aim_goal", "aim_distance", "aim_plan", "aim_share")]
    rows = (
        [
            f"{goal['name'] if language == 'nb' else name}, {texts(UNITS[goal['quantity']])}",
            texts.number(goal["distance"]),
            texts.number(goal["plan"]),
            f"{texts.number(100 * goal['share_pu'])} %",
        ]
        for name, goal in goals.iterrows()
    )
    return table_html(texts("aim_heading"), header, rows)
