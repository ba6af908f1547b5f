"""The tables of the workbook: what stands on every sheet, before it is dressed up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from gridplan.base.messages import Messages
from gridplan.check.ac_check import AcCheck
from gridplan.check.certificate import Certificate
from gridplan.exports.assumptions import assumptions, basis_counts, settings_table
from gridplan.exports.capacity_tables import capacity_table
from gridplan.exports.columns import LEVEL
from gridplan.exports.layers import Layers
from gridplan.exports.radial import stands_without_n1
from gridplan.grid.stages import stages
from gridplan.portfolio.plan import Plan
from gridplan.reasons.explain import Explanation
from gridplan.reasons.offers import offers

# Long texts: they stand at the end of a sheet, and are not printed with many columns.
LONG = ("source", "description", "changes", "mw_basis", "benefit_basis", "trip_outages", "note",
        "queue_date", "wanted_connection", "requires", "excludes", "buses",
        "explanation")  # fmt: skip
PROVENANCE = ["basis", "source"]
PROJECTS = [
    "municipality", "site", "bus", "outcome", "mw", "asked_mw", "year", "status", "connection",
    "sector", "co2_t_per_yr", "jobs", "export_mnok_per_yr", "annual_value_mnok", "barred",
    "queue_date", "wanted_connection", "requires", "excludes", "mw_basis", "benefit_basis",
]  # fmt: skip
MEASURES = [
    "kind", "units", "units_max", "mw", "rating_pu", "branch", "buses", "cost_mnok",
    "annual_cost_mnok", "lifetime_yr", "description",
]  # fmt: skip
SYMBIOSES = [
    "carrier", "chosen", "partners", "existing_partners", "buses", "mw", "cost_mnok",
    "annual_cost_mnok", "annual_value_mnok", "co2_t_per_yr", "lifetime_yr", "description",
]  # fmt: skip
GRID = ["bus0", "bus1", "kv", "s_nom_mva", "basis"]


@dataclass(frozen=True)
class Page:
    """One sheet.

    Parameters
    ----------
    key : str
        Key of its name; that of its description is `about_` and the key.
    table : pandas.DataFrame
        What stands on it: columns by their names in the tables of results, nothing in the index.
    """

    key: str
    table: pd.DataFrame


def pages(
    plan: Plan,
    layers: Layers,
    texts: Messages,
    *,
    certificate: Certificate | None,
    capacity: xr.Dataset | None,
    capacity_layers: Layers | None,
    why: Sequence[Explanation],
    ac: AcCheck | None = None,
) -> list[Page]:
    """Return the sheets of a plan, in their order.

    Parameters
    ----------
    plan : Plan
        The plan.
    layers : Layers
        Of the plan.
    texts : Messages
        The language of words in the cells.
    certificate : Certificate or None
        Of the plan.
    capacity, capacity_layers : xarray.Dataset and Layers, or None
        Of `gridplan.hosting_capacity`.
    why : sequence of Explanation
        Of the projects that are not chosen.
    ac : AcCheck or None
        Currents and voltages in AC.

    Returns
    -------
    list of Page
        Sheets without rows are left out, but for those whose being empty is a result.
    """
    found = [
        Page("sheet_projects", _projects(plan, layers, certificate)),
        Page("sheet_measures", _listed(_first(plan.measures, "units"), "measure", MEASURES)),
        Page("sheet_symbioses", _listed(_first(plan.symbioses, "chosen"), "symbiosis", SYMBIOSES)),
        Page("sheet_offers", _offers(plan, texts)),
        Page("sheet_why", _why(why)),
        Page("sheet_why_words", _in_words(why, texts)),
        Page("sheet_goals", _goals(plan, texts)),
    ]
    if capacity is not None and capacity_layers is not None:
        found.append(Page("sheet_capacity", _capacity(capacity_layers)))
        found.append(Page("sheet_capacity_limits", capacity_table(capacity, capacity_layers.study)))
    found.append(Page("sheet_loading", _loading(layers)))
    if certificate is not None:
        found += [
            Page("sheet_without_n1", certificate.without_n1.rename_axis("branch").reset_index()),
            Page("sheet_violations", certificate.violations),
            Page("sheet_breaches", certificate.breaches),
        ]
    found += [] if ac is None else ac_pages(ac, texts)
    found += [
        Page("sheet_overloads", plan.base.existing_overloads.reset_index()),
        Page("sheet_reinforcements", _reinforcements(plan, texts)),
        Page("sheet_settings", settings_table(plan.study.settings, texts)),
        Page("sheet_basis", basis_counts(plan.study)),
        Page("sheet_assumptions", assumptions(plan.study)),
    ]
    return [page for page in found if len(page.table)]


def ac_pages(found: AcCheck, texts: Messages) -> list[Page]:
    """Sheets of an AC check."""
    tables = {
        "sheet_ac_cases": (found.cases, AC_CASES),
        "sheet_ac_overloads": (found.overloads, AC_OVERLOADS),
        "sheet_ac_voltages": (found.voltages, AC_VOLTAGES),
    }
    return [
        Page(
            key,
            table[list(columns)].rename(
                columns={name: f"'{texts(text)}'" for name, text in columns.items()}
            ),
        )
        for key, (table, columns) in tables.items()
    ]


AC_CASES = {
    "snapshot": "ac_col_hour",
    "outage": "ac_col_outage",
    "converged": "ac_col_converged",
    "existing": "ac_col_existing",
    "losses_mw": "ac_col_case_losses",
    "v_min_pu": "ac_col_lowest",
    "v_min_bus": "ac_col_lowest_bus",
    "v_max_pu": "ac_col_highest",
    "v_max_bus": "ac_col_highest_bus",
    "loading_pu": "ac_col_loading",
    "branch": "ac_col_branch",
}
AC_OVERLOADS = {
    "branch": "ac_col_branch",
    "snapshot": "ac_col_hour",
    "outage": "ac_col_outage",
    "loading_pu": "ac_col_loading",
    "linear_pu": "ac_col_linear",
    "losses_pu": "ac_col_losses",
    "reactive_pu": "ac_col_reactive",
    "voltage_pu": "ac_col_voltage",
    "base_loading_pu": "ac_col_before",
    "existing": "ac_col_existing",
}
AC_VOLTAGES = {
    "bus": "ac_col_bus",
    "snapshot": "ac_col_hour",
    "outage": "ac_col_outage",
    "v_kv": "ac_col_kv",
    "v_pu": "ac_col_pu",
    "limit_pu": "ac_col_limit",
    "base_v_pu": "ac_col_before",
    "existing": "ac_col_existing",
}


def key_figures(plan: Plan, texts: Messages) -> list[tuple[str, float]]:
    """Name and value of the plan's figures, for the cover."""
    told = plan.summary()
    return [(texts(key), float(told[name])) for name, key in FIGURES.items()]


FIGURES = {
    "projects": "figure_of_projects",
    "candidates": "figure_of_candidates",
    "mw": "figure_of_mw",
    "co2_t_per_yr": "figure_of_co2",
    "jobs": "column_jobs",
    "export_mnok_per_yr": "column_export_mnok_per_yr",
    "measures": "figure_of_measures",
    "symbioses": "figure_of_symbioses",
    "conditional": "figure_of_conditional",
    "curtailed_mwh_per_yr": "figure_of_curtailed",
    "investment_mnok": "figure_of_investment",
    "objective_mnok_per_yr": "figure_of_objective",
}


def certificate_rows(found: Certificate, texts: Messages) -> list[tuple[str, object]]:
    """Name and value of what the certificate checked and found, for its part of the cover."""
    verdict = "verdict_secure" if found.secure else "verdict_insecure"
    count, breaches = texts.number(found.violation_count), len(found.breaches)
    head = texts("about_certificate"), texts(verdict, count=count, breaches=breaches)
    return [head, *found.figures(texts)]


def _projects(plan: Plan, layers: Layers, certificate: Certificate | None) -> pd.DataFrame:
    """List the projects: the chosen first, by size."""
    rows = plan.by_project
    place = layers.projects
    table = rows.assign(outcome=place["outcome"], municipality=place["municipality"])
    order = table.assign(name_=table.index).sort_values(
        ["chosen", "mw", "name_"], ascending=[False, False, True]
    )
    listed = _listed(order, "project", PROJECTS)
    if certificate is not None:
        exposed = stands_without_n1(order, certificate).to_numpy()
        listed.insert(listed.columns.get_loc("connection") + 1, "without_n1", exposed)
    return listed


def _first(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """Put what is taken before what is not, else in the order of the study."""
    taken = table[column].astype(float) > 0
    return pd.concat([table[taken], table[~taken]])


def _listed(table: pd.DataFrame, name: str, columns: list[str]) -> pd.DataFrame:
    """Columns of a table that it has, its index under a name of its own; long texts last."""
    kept = [column for column in [*columns, *PROVENANCE] if column in table]
    short = [column for column in kept if column not in LONG]
    return (
        table[[*short, *(column for column in kept if column in LONG)]]
        .rename_axis(name)
        .reset_index()
    )


def _offers(plan: Plan, texts: Messages) -> pd.DataFrame:
    """List the conditions of the conditional connections, months by name."""
    table = offers(plan).table.rename(columns={"cost_mnok": "curtailment_mnok"}).reset_index()
    names = texts.texts["months"].split()
    table["months"] = [
        ", ".join(names[int(month) - 1] for month in text.split("; ")) if text else ""
        for text in table["months"]
    ]
    return table


def _in_words(why: Sequence[Explanation], texts: Messages) -> pd.DataFrame:
    """Tell why every project is not chosen."""
    rows = [(found.project, found.text(texts("language"))) for found in why]
    return pd.DataFrame(rows, columns=["project", "explanation"])


def _why(why: Sequence[Explanation]) -> pd.DataFrame:
    """List what keeps every project out that is not chosen: one row per limit."""
    rows = []
    for found in why:
        forced = found.forced
        lost = np.nan if forced is None else forced.value_lost_mnok
        same = {
            "project": found.project,
            "mw": float(found.row["mw"]),
            "bus": found.row["bus"],
            "outcome": {"rejected": "not chosen", "committed": "reserved"}.get(
                found.outcome, found.outcome
            ),
            "value_lost_mnok": lost if np.isfinite(lost) else np.nan,
            "headroom_mw": found.headroom_mw,
        }
        limits = found.critical.to_dict("records") or [{"branch": "", "outage": ""}]
        rows += [same | limit for limit in limits]
    columns = [
        "project", "mw", "bus", "outcome", "branch", "outage", "hours", "missing_mw",
        "missing_mwh", "worst_hour", "value_lost_mnok", "headroom_mw",
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
    hours = pd.to_datetime(table["worst_hour"])
    table = table.assign(hours=table["hours"].astype(float), worst_hour=hours)
    told = table["value_lost_mnok"].notna().any()  # else nobody looked for it
    return table if told else table.drop(columns="value_lost_mnok")


def _goals(plan: Plan, texts: Messages) -> pd.DataFrame:
    """Hold the plan against the goals of the county."""
    table = plan.goals().reset_index()
    if texts("language") == "nb":
        table["goal"] = table["name"]
    sources = [goal.source for goal in plan.study.settings.county_goals]
    return table.drop(columns="name").assign(source=sources)


def _capacity(layers: Layers) -> pd.DataFrame:
    """One row per bus, in the county first: what stands there and what fits."""
    stations = layers.stations[layers.stations["capacity_mw"].notna()]
    levels = [name for name in stations if LEVEL.fullmatch(name)]
    columns = [
        "station", "municipality", "kv", *levels, "used_mw", "reserved_mw", "queued_mw",
        "candidate_mw", "limited_by", "limiting_branch", "limiting_outage", "limiting_hour",
        "limiting_hours", "in_county", "basis",
    ]  # fmt: skip
    order = stations.sort_values("in_county", ascending=False, kind="stable")
    return pd.DataFrame(order[columns]).reset_index()


def _loading(layers: Layers) -> pd.DataFrame:
    """Branches by their highest loading; without a certificate nobody says after which outage."""
    kept = ["type", *GRID, "loading_pu", "outage", "snapshot", "planned"]
    table = layers.branches[[name for name in kept if name in layers.branches]]
    order = table.sort_values("loading_pu", ascending=False, kind="stable")
    return pd.DataFrame(order).reset_index()


def _reinforcements(plan: Plan, texts: Messages) -> pd.DataFrame:
    """List the reinforcements, in service or not, and those that the plan chose."""
    table = stages(plan.study, language=texts("language")).rename_axis("reinforcement")
    chosen = plan.reinforcements
    if len(chosen):
        extra = chosen[["chosen", "annual_cost_mnok", "note"]].reindex(table.index)
        table = table.assign(
            chosen=extra["chosen"].eq(True),
            annual_cost_mnok=extra["annual_cost_mnok"],
            note=extra["note"].fillna(""),
        )
    return table.reset_index()
