"""projects.csv: the real queue first, then the other candidates of the sources.

* Station, MW, dates and the customer's name come from Statnett's published list; place, use and
  benefits are added by tables/projects_queue.csv (one row per row of the list).
* Candidates come from domain/projects.csv by id, with tables/projects_candidates.csv. Left out:
  what the queue already holds (P02, P03, P08, P22), what is in operation and so in the statistics
  (P12, P13, P20, P21, P24), what lies outside the county (P18, P19), aggregates (P25).
* A figure that nobody has published is MW times a rate of tables/benefit_rates.csv, and the row
  says so.
* Other variants of a project come from tables/projects_variants.csv: what is empty there is as in
  the project itself, benefits follow the MW. Nobody has applied for them; every row says so.
* Year of full load: the year of the wanted connection, the next one if that is October or later,
  at least 2026.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from networks.build.common import own_table

RELATIONS = {  # what a project says that is no variant and has none
    "variant_of": "",
    "excludes": "",
    "exclusive_group": "",
    "must_build": False,
    "connection": "firm",
    "curtailable_share": 0.0,
    "curtailable_hours": "",
    "longest_curtailment_h": "",
    "curtailment_nok_per_mwh": "",
}
COLUMNS = [
    "municipality",
    "site",
    "bus",
    "mw",
    "profile",
    "year",
    "status",
    "queue_date",
    "wanted_connection",
    "sector",
    "co2_t_per_yr",
    "jobs",
    "export_mnok_per_yr",
    "value_mnok_per_yr",
    "requires",
    *RELATIONS,
    "criteria_missing",
    "lon",
    "lat",
    "basis",
    "mw_basis",
    "benefit_basis",
    "source",
]
FIRST_YEAR = 2026
BENEFITS = {
    "co2_t": ("co2_t_per_yr", "co2_t_per_mw", 0),
    "jobs": ("jobs", "jobs_per_mw", 1),
    "export_mnok": ("export_mnok_per_yr", "export_mnok_per_mw", 1),
}


def projects(sources: Path, buses: pd.DataFrame) -> pd.DataFrame:
    """Return projects.csv: index name, columns `COLUMNS`.

    Parameters
    ----------
    sources : pathlib.Path
    buses : pandas.DataFrame
        buses.csv, indexed by name.
    """
    rows = pd.concat([_queue(sources), _candidates(sources)], ignore_index=True)
    rows["bus"] = [_first_bus(choice, buses) for choice in rows["bus"]]
    rows["value_mnok_per_yr"] = 0.0
    rows[["requires", "criteria_missing"]] = rows[["requires", "criteria_missing"]].fillna("")
    rates = own_table("benefit_rates.csv").set_index("rate")
    benefits = pd.DataFrame([_benefits(row, rates) for _, row in rows.iterrows()], rows.index)
    heads = rows.drop(columns="jobs").join(benefits).set_index("name").assign(**RELATIONS)
    others = [_variant(heads.loc[row["head"]], row) for _, row in _variants().iterrows()]
    return pd.concat([heads, pd.DataFrame(others)])[COLUMNS].rename_axis("name")


def _queue(sources: Path) -> pd.DataFrame:
    """Return the rows of Statnett's list with their place and use."""
    listed = pd.read_csv(sources / "domain/connection_queue.csv")
    keys = ["case", "kind"]
    rows = listed.merge(
        own_table("projects_queue.csv"), on=keys, validate="1:1", suffixes=("_list", "")
    )
    wanted = pd.to_datetime(rows["wanted_connection"])
    rows["year"] = (wanted.dt.year + (wanted.dt.month >= 10)).clip(lower=FIRST_YEAR)
    rows["status"] = rows["kind"]
    rows["queue_date"] = rows["date"]
    rows["basis"] = "register"
    rows["mw_basis"] = "published: " + rows["kind"] + " at " + rows["station"]
    rows["source"] = (
        rows["source"]
        + ": "
        + rows["end_customer"]
        + " at "
        + rows["station"]
        + ", case "
        + rows["case"]
        + "; place: "
        + rows["site_basis"]
        + [f"; criteria missing: {text}" if text else "" for text in rows["criteria_basis"]]
    )
    return rows


def _candidates(sources: Path) -> pd.DataFrame:
    """Return the candidates that are not in the list."""
    rows = own_table("projects_candidates.csv")
    known = pd.read_csv(sources / "domain/projects.csv").set_index("id")
    rows["status"] = "candidate"
    rows["queue_date"] = ""
    rows["wanted_connection"] = ""
    rows["basis"] = ["derived" if "derived:" in text else "assumption" for text in rows["mw_basis"]]
    rows["source"] = [
        f"{name} ({known.loc[name, 'source_url']}, {known.loc[name, 'source_date']})"
        if name in known.index
        else "domain/FACTS.md section 0: named there without MW"
        for name in rows["id"]
    ]
    return rows


def _variants() -> pd.DataFrame:
    return own_table("projects_variants.csv").astype({"mw": str, "year": str})


def _variant(head: pd.Series, given: pd.Series) -> pd.Series:
    """Return a project in another size, year, place or with a conditional connection."""
    said = [name for name in given.index.intersection(COLUMNS) if str(given[name]).strip()]
    row = head.copy()
    row[said] = given[said]
    row["mw"], row["year"] = float(row["mw"]), int(row["year"])
    for name, _, digits in BENEFITS.values():
        row[name] = round(head[name] * row["mw"] / head["mw"], digits)
    row["variant_of"], row["status"], row["basis"] = head.name, "candidate", "assumption"
    row[["queue_date", "wanted_connection", "criteria_missing"]] = ""
    part = "all" if row["mw"] == head["mw"] else f"{row['mw']:g} MW"
    row["mw_basis"] = f"assumption: {part} of the {head['mw']:g} MW of {head.name}"
    row["benefit_basis"] = f"assumption: benefits of {head.name}, in proportion to MW"
    row["source"] = (
        f"variant of {head.name} that nobody has applied for (assumption): {given['reason']}"
    )
    return row.rename(given["name"])


def _first_bus(choice: str, buses: pd.DataFrame) -> str:
    """Return the first bus of "A|B" that the grid has.

    Raises
    ------
    KeyError
        If the grid has none of them.
    """
    for name in choice.split("|"):
        if name in buses.index:
            return name
    msg = f"no bus of {choice!r} is in buses.csv"
    raise KeyError(msg)


def _benefits(row: pd.Series, rates: pd.DataFrame) -> dict[str, float | str]:
    """Return a project's benefits: the figures of its table, else MW times the sector's rate."""
    rate = rates.loc[row["rate"]]
    result: dict[str, float | str] = {}
    assumed = []
    for column, (name, per_mw, digits) in BENEFITS.items():
        given = str(row[column]).strip()
        result[name] = float(given) if given else round(row["mw"] * rate[per_mw], digits)
        if not given:
            assumed.append(name.split("_", maxsplit=1)[0])
    parts = [row["benefit"]] if row["benefit"] else []
    if assumed:
        parts.append(
            f"assumption for {', '.join(assumed)} (rate '{row['rate']}'): {rate['reason']}"
        )
    return result | {"benefit_basis": "; ".join(parts)}
