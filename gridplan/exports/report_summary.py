"""The first page of a report: what a reader who is no engineer must know."""

from __future__ import annotations

from collections.abc import Iterator

from gridplan.exports.charts import YEAR_HOURS
from gridplan.exports.document import (
    Block,
    Bullets,
    Callout,
    Heading,
    KeyFigures,
    PageBreak,
    Paragraph,
)
from gridplan.exports.report_facts import Facts

LARGEST = 5  # projects named on the first page
NAMED = 5  # reinforcements
GOAL_TEXTS = {
    "co2_t_per_yr": "rep_goal_co2_t_per_yr",
    "export_mnok_per_yr": "rep_goal_export_mnok_per_yr",
    "jobs": "rep_goal_jobs",
}

GRID_TEXTS = {
    "under construction": "rep_grid_under_construction",
    "licensed": "rep_grid_licensed",
    "planned": "rep_grid_planned",
    "on hold": "rep_grid_on_hold",
    "idea": "rep_grid_idea",
}


def summary(facts: Facts) -> Iterator[Block]:
    """Write the first page."""
    texts = facts.texts
    yield Heading(texts("rep_short"))
    yield _answer(facts)
    yield _figures(facts)
    yield Heading(texts("rep_what_fits"), 2)
    yield Bullets(tuple(_names(facts)))
    yield Heading(texts("rep_goals"), 2)
    yield from _goals(facts)
    yield Heading(texts("rep_needs"), 2)
    yield Bullets(tuple(_needs(facts)) or (texts("rep_need_nothing"),))
    yield Heading(texts("rep_unsure"), 2)
    yield Bullets(tuple(_doubts(facts)))
    yield PageBreak()


def _answer(facts: Facts) -> Callout:
    """Say how much fits, and whether it has been proved."""
    texts, figures, found = facts.texts, facts.plan.summary(), facts.certificate
    fits = texts("rep_fits", chosen=int(figures["projects"]), candidates=int(figures["candidates"]),
                 mw=texts.number(figures["mw"]))  # fmt: skip
    if found is None:
        unproved = texts("rep_unproved")
        return Callout(f"{fits} {unproved}", "note")
    if found.secure:
        key = "rep_proved" if found.hours in YEAR_HOURS else "rep_proved_hours"
        proved = texts(key, hours=texts.number(found.hours))
        return Callout(f"{fits} {proved}", "good")
    wrong = texts("rep_insecure", count=texts.number(found.violation_count),
                  breaches=texts.number(len(found.breaches)))  # fmt: skip
    return Callout(f"{fits} {wrong}", "warning")


def _figures(facts: Facts) -> KeyFigures:
    """Large figures; what is 0 is left out."""
    texts, figures = facts.texts, facts.plan.summary()
    projects = texts("rep_key_of", chosen=int(figures["projects"]),
                     total=int(figures["candidates"]))  # fmt: skip
    shown = [(projects, texts("rep_key_projects"))]
    labels = {
        "mw": texts("rep_key_mw"),
        "co2_t_per_yr": texts("rep_key_co2"),
        "jobs": texts("rep_key_jobs"),
        "export_mnok_per_yr": texts("rep_key_export"),
    }
    shown += [
        (texts.number(figures[column]), label)
        for column, label in labels.items()
        if figures[column]
    ]
    return KeyFigures(tuple(shown))


def _names(facts: Facts) -> Iterator[str]:
    """Name the largest that fit, and all that do not."""
    texts, chosen, rejected = facts.texts, facts.chosen, facts.rejected
    if len(chosen):
        yield texts("rep_largest", names=_with_mw(facts, chosen.head(LARGEST)))
    if rejected.empty:
        yield texts("rep_all_in")
    else:
        yield texts("rep_left_out", names=facts.listed(list(rejected.index)))


def _with_mw(facts: Facts, projects: object) -> str:
    return ", ".join(
        f"{name} ({facts.texts.mw(mw)} MW)"
        for name, mw in projects["mw"].items()  # type: ignore[index]
    )


def _goals(facts: Facts) -> Iterator[Block]:
    """Tell how far the plan goes towards each goal."""
    texts, goals = facts.texts, facts.plan.goals()
    if goals.empty:
        yield Paragraph(texts("rep_no_goals"))
        return
    yield Bullets(
        tuple(
            texts(
                GOAL_TEXTS[goal["quantity"]],
                name=goal["name"] if facts.language == "nb" else name,
                done=texts.number(goal["plan"]),
                percent=texts.number(100 * goal["share_pu"]),
                start=goal["baseline_year"],
                end=goal["target_year"],
            )
            for name, goal in goals.iterrows()
        )
    )
    yield Paragraph(texts("rep_goals_caution"), small=True)


def _needs(facts: Facts) -> Iterator[str]:
    """Say what must be there for the plan to hold."""
    texts, plan = facts.texts, facts.plan
    chosen = list(facts.built.index)
    counted = [name for name in plan.stage.in_service if name not in chosen]
    if counted:
        yield _needed_grid(facts, counted)
    if chosen:
        cost = facts.number(facts.built["cost_mnok"].sum())
        yield texts("rep_need_chosen", cost=cost, names=", ".join(chosen))
    conditional = facts.conditional
    if len(conditional):
        key = "rep_need_conditional_one" if len(conditional) == 1 else "rep_need_conditional"
        yield texts(key, count=len(conditional), mw=texts.mw(conditional["mw"].sum()))
    taken, together = facts.taken, facts.together
    if len(taken):
        key = "rep_need_measure_one" if len(taken) == 1 else "rep_need_measures"
        cost = facts.number((taken["units"] * taken["cost_mnok"]).sum())
        yield texts(key, count=len(taken), cost=cost)
    if len(together):
        key = "rep_need_symbiosis_one" if len(together) == 1 else "rep_need_symbioses"
        yield texts(key, count=len(together), cost=facts.number(together["cost_mnok"].sum()))


def _needed_grid(facts: Facts, names: list[str]) -> str:
    """Name the reinforcements that the grid of the plan holds, and how far they are."""
    texts, rows = facts.texts, facts.plan.study.reinforcements
    first = rows[~rows.index.duplicated()].loc[names]
    counts = first["status"].value_counts(sort=False)
    statuses = ", ".join(
        f"{count} {texts(GRID_TEXTS[status])}" if len(names) > 1 else texts(GRID_TEXTS[status])
        for status, count in counts.items()
    )
    key = "rep_need_grid_one" if len(names) == 1 else "rep_need_grid"
    year = facts.plan.stage.year or facts.plan.year
    return texts(
        key, count=len(names), year=year, names=facts.listed(names, NAMED), statuses=statuses
    )


def _doubts(facts: Facts) -> Iterator[str]:
    """Say what is uncertain, the most important first."""
    texts, about, chosen = facts.texts, facts.about, facts.chosen
    if facts.ac is None:
        yield texts("ac_unsure_none")
    elif not facts.ac.passes:
        overloads, voltages = len(facts.ac.new_overloads), len(facts.ac.new_voltages)
        yield texts("ac_unsure_fails", overloads=overloads, voltages=voltages)
    if about.synthetic:
        count, total = texts.number(about.synthetic), texts.number(about.branches)
        yield texts("rep_unsure_model", count=count, total=total)
    if facts.plan.stage.in_service:
        yield texts("rep_unsure_built")
    assumed = int(chosen["basis"].eq("assumption").sum()) if "basis" in chosen else 0
    if assumed:
        yield texts("rep_unsure_projects", count=assumed, total=len(chosen))
    exposed = chosen.loc[facts.without_n1(chosen), "mw"].sum()
    if exposed:
        yield texts("rep_unsure_radial", mw=texts.mw(exposed), total=texts.mw(chosen["mw"].sum()))
    hours = facts.plan.study.network.snapshots
    if len(hours) in YEAR_HOURS:
        first, last = texts.day(hours[0]), texts.day(hours[-1])
        yield texts("rep_unsure_weather", first=first, last=last)
    else:
        yield texts("rep_unsure_hours", hours=texts.number(len(hours)))
    yield texts("rep_unsure_weights")
    yield texts("rep_unsure_right")
