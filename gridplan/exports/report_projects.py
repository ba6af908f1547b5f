"""The chapters of a report on projects: chosen, on conditions, not chosen, and why."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from gridplan.exports.document import Block, Bullets, Heading, Paragraph, Table
from gridplan.exports.report_facts import WITHOUT_N1, Facts
from gridplan.portfolio.options import BEHIND_A_BRIDGE, NOT_OFFERED
from gridplan.reasons.explain import Explanation

LIMITS = 2  # named for each project


def projects(facts: Facts) -> Iterator[Block]:
    """Write the chapters on projects."""
    yield from _firm(facts)
    yield from _conditional(facts)
    yield from _rejected(facts)


def _firm(facts: Facts) -> Iterator[Block]:
    """Projects that fit without conditions."""
    texts, firm = facts.texts, facts.firm
    yield Heading(texts("rep_projects"))
    if firm.empty:
        yield Paragraph(texts("rep_none_firm"))
        return
    yield Paragraph(" ".join([texts("rep_projects_text", mark=WITHOUT_N1), *_smaller(facts)]))
    names = _marked(facts, firm)
    rows = [
        (
            name,
            _text(row, "municipality"),
            str(row["bus"]),
            texts.mw(row["mw"]),
            f"{row['year']:.0f}",
            facts.number(row["co2_t_per_yr"]),
            facts.number(row["jobs"]),
            facts.project_status(_text(row, "status")),
            facts.basis(_text(row, "basis")),
        )
        for name, (_, row) in zip(names, firm.iterrows(), strict=True)
    ]
    sums = [facts.number(firm[column].sum()) for column in ("mw", "co2_t_per_yr", "jobs")]
    rows.append((texts("rep_sum"), "", "", sums[0], "", sums[1], sums[2], "", ""))
    header = ("project", "municipality", "bus", "mw", "year", "co2", "jobs", "status", "basis")
    yield Table(
        caption=texts("rep_firm_table"),
        header=tuple(texts(COLUMNS[name]) for name in header),
        rows=tuple(rows),
        numeric=(False, False, False, True, True, True, True, False, False),
        widths=(24, 13, 15.5, 7.5, 7, 12, 9, 10.5, 12.5),
        total=True,
    )


COLUMNS = {
    "project": "rep_col_project",
    "municipality": "rep_col_municipality",
    "bus": "rep_col_bus",
    "mw": "rep_col_mw",
    "year": "rep_col_year",
    "co2": "rep_col_co2",
    "jobs": "rep_col_jobs",
    "status": "rep_col_status",
    "basis": "rep_col_basis",
}


def _smaller(facts: Facts) -> Iterator[str]:
    """Name the projects that are chosen smaller than they applied for."""
    rows, texts = facts.plan.by_project, facts.texts
    smaller = rows[rows["chosen"] & (rows["mw"] < rows["asked_mw"])]
    if len(smaller):
        names = [
            texts("rep_smaller_one", name=name, mw=texts.mw(row["mw"]), asked=texts.mw(asked))
            for (name, row), asked in zip(smaller.iterrows(), smaller["asked_mw"], strict=True)
        ]
        yield texts("rep_smaller", names="; ".join(names))


def _marked(facts: Facts, projects: pd.DataFrame) -> list[str]:
    """Names, those of projects without N-1 with a mark."""
    exposed = facts.without_n1(projects)
    return [f"{name} {WITHOUT_N1}" if exposed[name] else str(name) for name in projects.index]


def _text(row: pd.Series, column: str) -> str:
    """Text of a column that a study may lack."""
    value = row.get(column, "")
    return "" if pd.isna(value) else str(value)


def _conditional(facts: Facts) -> Iterator[Block]:
    """Projects on conditions, and what to write into each offer."""
    texts, conditional = facts.texts, facts.conditional
    yield Heading(texts("rep_conditional"))
    if conditional.empty:
        yield Paragraph(texts("rep_none_conditional"))
        return
    yield Paragraph(texts("rep_conditional_text"))
    offered = facts.offers.table.loc[conditional.index]
    rows = [
        (
            name,
            str(row["bus"]),
            texts.mw(row["mw"]),
            _agreed(facts, row),
            _used(facts, row),
            facts.number(row["trip_hours"]),
        )
        for name, (_, row) in zip(_marked(facts, conditional), offered.iterrows(), strict=True)
    ]
    rows.append((texts("rep_sum"), "", facts.number(conditional["mw"].sum()), "", "", ""))
    keys = ("rep_col_project", "rep_col_bus", "rep_col_mw", "rep_col_agreed", "rep_col_used",
            "rep_col_trips")  # fmt: skip
    yield Table(
        caption=texts("rep_conditional_table"),
        header=tuple(map(texts, keys)),
        rows=tuple(rows),
        numeric=(False, False, True, False, False, True),
        widths=(28, 15, 8, 22, 16, 14),
        total=True,
    )
    yield Heading(texts("rep_offers"), 2)
    for name in offered.index:
        head, *lines = facts.offers.text(name, facts.language).splitlines()
        yield Paragraph(head)
        yield Bullets(tuple(line.removeprefix("- ") for line in lines))


def _agreed(facts: Facts, row: pd.Series) -> str:
    """Say what may be curtailed."""
    percent = facts.texts.mw(row["agreed_percent"])
    if not np.isfinite(row["agreed_hours"]):
        return facts.texts("rep_agreed", percent=percent)
    hours = facts.texts.hours(row["agreed_hours"])
    return facts.texts("rep_agreed_hours", percent=percent, hours=hours)


def _used(facts: Facts, row: pd.Series) -> str:
    """Say what the plan curtails."""
    if not row["hours"]:
        return facts.texts("rep_unused")
    mwh, hours = facts.number(row["curtailed_mwh"]), facts.texts.hours(row["hours"])
    return facts.texts("rep_used", mwh=mwh, hours=hours)


def _rejected(facts: Facts) -> Iterator[Block]:
    """Projects that are not chosen, why, and what would let them in."""
    texts, rejected = facts.texts, facts.rejected
    yield Heading(texts("rep_rejected"))
    if rejected.empty:
        yield Paragraph(texts("rep_none_rejected"))
        return
    yield Paragraph(texts("rep_rejected_text"))
    rows = tuple(
        (str(name), str(row["bus"]), texts.mw(row["mw"]), why_not(facts, str(name)))
        for name, row in rejected.iterrows()
    )
    keys = ("rep_col_project", "rep_col_bus", "rep_col_mw", "rep_col_why")
    yield Table(
        caption=texts("rep_rejected_table"),
        header=tuple(map(texts, keys)),
        rows=rows,
        numeric=(False, False, True, False),
        widths=(22, 15, 7.5, 55.5),
    )
    yield from _remedies(facts, rejected)


def why_not(facts: Facts, name: str) -> str:
    """Say in a few sentences why a project is not chosen."""
    barred = str(facts.plan.projects.loc[name, "barred"])
    if barred:
        return facts.texts("rep_why_barred", reason=_barred(facts, barred))
    found = facts.explanations.get(name)
    if found is None:
        return facts.texts("rep_why_unknown")
    return " ".join([*_limits(facts, found), *_price(facts, found)])


def _barred(facts: Facts, reason: str) -> str:
    """Reason of `Plan.projects` in the language of the report."""
    if reason == BEHIND_A_BRIDGE:
        return facts.texts("rep_barred_bridge")
    if reason.startswith("requires "):
        names = reason.removeprefix("requires ").removesuffix(", which is no candidate")
        return facts.texts("rep_barred_requires", names=names)
    if reason.startswith(NOT_OFFERED):
        return facts.texts("rep_barred_not_offered", reason=reason.removeprefix(f"{NOT_OFFERED}: "))
    return facts.texts("rep_barred_excluded")


def _limits(facts: Facts, why: Explanation) -> Iterator[str]:
    """Say what the grid or a rule has against a project."""
    texts = facts.texts
    if why.rules:
        yield texts("rep_why_rules", rules="; ".join(why.rules))
    if why.fits:
        yield texts("rep_why_room")
        return
    shown = why.critical.head(LIMITS)
    for row in shown.itertuples():
        form = "pair" if row.outage else "branch" if row.branch else "supply"
        yield texts(WHY[form], branch=row.branch, outage=row.outage, mw=texts.mw(row.missing_mw),
                    hours=texts.hours(row.hours))  # fmt: skip
    if len(why.critical) > len(shown):
        hours = texts.hours(why.critical["hours"].sum())
        yield texts("rep_why_others", hours=hours)


WHY = {"pair": "rep_why_pair", "branch": "rep_why_branch", "supply": "rep_why_supply"}


def _price(facts: Facts, why: Explanation) -> Iterator[str]:
    """Say what it would cost to take the project all the same."""
    texts, forced = facts.texts, why.forced
    if forced is None:
        return
    if np.isfinite(forced.value_lost_mnok):
        yield texts("rep_why_value", value=texts.number(forced.value_lost_mnok, 1))
        if forced.displaced:
            yield texts("rep_why_displaced", names=", ".join(forced.displaced))
    elif forced.conflict:
        yield texts("rep_why_conflict", demands="; ".join(forced.conflict))
    else:
        yield texts("rep_why_never")


def _remedies(facts: Facts, rejected: pd.DataFrame) -> Iterator[Block]:
    """Say what would let projects in, where it has been looked for."""
    texts = facts.texts
    looked = [
        found for name in rejected.index
        if (found := facts.explanations.get(name)) is not None and found.remedies is not None
    ]  # fmt: skip
    if not looked:
        return
    yield Heading(texts("rep_remedies"), 2)
    yield Paragraph(texts("rep_remedies_text"))
    for found in looked:
        lines = found.text(facts.language).splitlines()
        named = texts("why_remedies")
        after = lines[lines.index(named) + 1 :] if named in lines else []
        remedies = tuple(line.removeprefix("- ") for line in after if line.startswith("- "))
        yield Paragraph(found.project)
        yield Bullets(remedies or (texts("why_no_remedy"),))
