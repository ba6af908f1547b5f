"""A plan held against what the county wants to reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from gridplan.portfolio.plan import Plan


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
