"""A plan for the interactive map: its projects, and the loading of every branch."""

from __future__ import annotations

from typing import Any

import pandas as pd

from gridplan.check.certificate import Certificate
from gridplan.exports.loading import highest_loading
from gridplan.exports.page_capacity import Names
from gridplan.portfolio.plan import Plan

FIGURES = ("annual_value_mnok", "co2_t_per_yr", "jobs", "export_mnok_per_yr")


def plan_of_year(plan: Plan, certificate: Certificate | None, names: Names) -> dict[str, Any]:
    """Projects and loadings of one plan.

    Parameters
    ----------
    plan : Plan
        The plan.
    certificate : Certificate, optional
        Of the same plan: its loadings are shown, with outage and hour.
    names : Names
        Takes branches, outages and hours.

    Returns
    -------
    dict
        projects (one row each, the variant that counts), loading (by position of the branch in
        `names`: per unit of the rating, outage, hour; the latter two are None without certificate)
        and secure (None without certificate).
    """
    return {
        "year": plan.year,
        "projects": [_project(str(name), row) for name, row in plan.by_project.iterrows()],
        "loading": _loading(plan, certificate, names),
        "secure": None if certificate is None else bool(certificate.secure),
    }


def sites_of(plan: Plan) -> pd.DataFrame:
    """Bus, longitude and latitude of the plan's projects; NaN where only the bus is known."""
    table = plan.by_project.reindex(columns=["bus", "lon", "lat"])
    return table.astype({"lon": float, "lat": float})


def _project(name: str, row: pd.Series) -> dict[str, Any]:
    told = {
        "name": name,
        "bus": str(row["bus"]),
        "municipality": _text(row, "municipality"),
        "mw": round(float(row["mw"]), 3),
        "state": _state(row),
        "barred": _text(row, "barred"),
        "sector": _text(row, "sector"),
        "year": int(row["year"]) if pd.notna(row.get("year")) else None,
        "basis": _text(row, "basis"),
    }
    return told | {key: round(float(row[key]), 2) for key in FIGURES if pd.notna(row.get(key))}


def _state(row: pd.Series) -> str:
    """Tell what became of a project: a key of the page's texts."""
    if row["chosen"]:
        return "conditional" if row.get("connection") == "conditional" else "chosen"
    if row.get("status") == "reserved":
        return "reserved_not_chosen"
    return "barred" if _text(row, "barred") else "not_chosen"


def _text(row: pd.Series, name: str) -> str:
    value = row.get(name)
    return "" if value is None or pd.isna(value) else str(value)


def _loading(plan: Plan, certificate: Certificate | None, names: Names) -> dict[str, list]:
    loading = highest_loading(plan, certificate)
    worst = None if certificate is None else certificate.worst
    told: dict[str, list] = {}
    for branch, value in loading.items():
        if pd.isna(value):
            continue
        outage = hour = None
        if worst is not None and branch in worst.index:
            outage = names(worst.loc[branch, "outage"])
            hour = names(pd.Timestamp(worst.loc[branch, "snapshot"]).strftime("%Y-%m-%dT%H:%M"))
        told[str(names(branch))] = [round(float(value), 5), outage, hour]
    return told
