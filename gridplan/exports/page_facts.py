"""Headline, definitions and provenance of an interactive map, in words."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from gridplan.base.messages import Messages
from gridplan.check.certificate import Certificate
from gridplan.exports.about import About, about
from gridplan.exports.origin import footer, verdict
from gridplan.exports.page_asked import Asked
from gridplan.portfolio.plan import Plan

DEFINED = ("about_criterion", "about_firm", "about_flexible")  # what the page explains


def title(asked: Asked, texts: Messages) -> str:
    """Name the page after its study and what it shows."""
    name = asked.study.title
    if asked.capacity is not None:
        return texts(f"page_title_of_{asked.direction}", study=name)
    return texts("page_title_of_plan", study=name)


def plan_texts(plan: Plan, certificate: Certificate | None, texts: Messages) -> list[str]:
    """Say in short what a plan chose and whether it is proven."""
    chosen = texts(
        "page_chosen_of",
        chosen=int(plan.projects["chosen"].sum()),
        candidates=len(plan.by_project),
        mw=texts.number(plan.summary()["mw"]),
    )
    return [texts("page_plan_year", year=plan.year), chosen, verdict(certificate, texts)]


def definitions(asked: Asked, every: dict[str, About], texts: Messages) -> list[tuple[str, str]]:
    """Explain the criteria, firm and flexible, and that figures do not add up."""
    told: dict[str, str] = {}
    for one in every.values():
        for name, text in one.facts(texts):
            if name not in {texts(key) for key in DEFINED}:
                continue
            # What a plan means by a word stands under its own heading.
            own = name not in told or told[name] == text or name == texts("about_criterion")
            key = name if own else texts("page_in_plan", name=name)
            told.setdefault(key, text)
    if asked.capacity is not None:
        told[texts("page_alone_head")] = texts("page_alone")
        told[texts("column_used_mw")] = texts("page_used_means")
        told[texts("page_column_left")] = texts("page_left_means")
    return list(told.items())


def facts(
    results: dict[str, About], texts: Messages, date: dt.date | None
) -> list[tuple[str, str]]:
    """Tell where everything on the page comes from: what differs is told by result."""
    every = {head: dict(one.facts(texts)) for head, one in results.items()}
    skipped = {texts(key) for key in (*DEFINED, "about_result")}
    told = []
    for name in next(iter(every.values())):
        values = {head: facts[name] for head, facts in every.items() if name in facts}
        if name in skipped:
            continue
        if name == texts("about_certificate"):
            values = {
                head: text for head, text in values.items() if text != texts("certificate_none")
            }
        if name == texts("about_created") and date is not None:
            values = dict.fromkeys(values, texts.day(date))
        if len(set(values.values())) == 1 and len(values) == len(every):
            told.append((name, next(iter(values.values()))))
        elif values:
            told.append((name, "\n".join(f"{head}: {text}" for head, text in values.items())))
    return told


def made_with(
    asked: Asked, results: dict[str, About], texts: Messages, date: dt.date | None
) -> dict[str, str]:
    """Say by grid year with which version, on which day and from which input it was made."""
    told = {}
    for year in asked.years:
        heads = (texts(key, year=year) for key in ("page_result_capacity", "page_result_plan"))
        one = next(results[head] for head in heads if head in results)
        told[str(year)] = footer(one.told, texts, date)
    return told


def abouts(asked: Asked, texts: Messages) -> dict[str, About]:
    """Collect the provenance of every result, by what it is and its year."""
    told = {}
    for year, cap in asked.capacities.items():
        study = asked.studies[year]
        head = texts("page_result_capacity", year=year)
        told[head] = replace(about(cap, study), stage=study.stage)
    for year, plan in asked.plans.items():
        head = texts("page_result_plan", year=year)
        told[head] = about(plan, certificate=asked.certificates.get(year))
    return told
