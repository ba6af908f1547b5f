"""The chapter of a report on whether the plan is fit for operation: current and voltage."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from gridplan.check.ac_check import AcCheck
from gridplan.check.certificate import Certificate
from gridplan.exports.document import Block, Bullets, Callout, Heading, Paragraph, Table
from gridplan.exports.report_facts import Facts

SHOWN = 10  # rows of a table of findings
GAPS = 8
FACTS = (62, 38)  # widths


def ac(facts: Facts) -> Iterator[Block]:
    """Write the chapter: the certificate and the AC check beside each other."""
    texts, found = facts.texts, facts.ac
    yield Heading(texts("ac_chapter"))
    yield Paragraph(texts("ac_chapter_text"))
    yield _verdict(facts)
    if facts.certificate is not None:
        yield _facts(facts, "ac_table_current", _linear(facts, facts.certificate))
    if found is None:
        return
    yield _facts(facts, "ac_table_found", found.figures(texts)[:-1])
    if found.existing_count:
        count = texts.number(found.existing_count)
        yield Paragraph(texts("ac_text_existing", count=count))
    if facts.plan.ac is not None:
        yield Paragraph(texts("ac_text_steps"))
        yield Bullets(tuple(step.told(texts) for step in facts.plan.ac.steps))
    yield from _overloads(facts, found)
    yield from _voltages(facts, found)
    yield from _needs(facts, found)
    yield _gaps(facts, found)
    yield Paragraph(texts("ac_text_assumed"))
    yield _facts(facts, "ac_table_assumed", list(_assumed(facts, found)))


def _verdict(facts: Facts) -> Callout:
    """Say in a sentence whether current and voltage hold."""
    texts, found, certificate = facts.texts, facts.ac, facts.certificate
    if found is None:
        return Callout(texts("ac_verdict_none"), "note")
    counts = {
        "cases": texts.number(len(found.cases)),
        "overloads": texts.number(len(found.new_overloads)),
        "voltages": texts.number(len(found.new_voltages)),
        "unsolved": texts.number(len(found.unsolved)),
    }
    if certificate is None:
        return Callout(texts("ac_verdict_uncertified", **counts), "note")
    if not certificate.secure:
        return Callout(texts("ac_verdict_insecure"), "warning")
    if found.passes:
        return Callout(texts("ac_verdict_both", cases=counts["cases"]), "good")
    return Callout(texts("ac_verdict_current", **counts), "warning")


def _facts(facts: Facts, caption: str, rows: list[tuple[str, str]]) -> Table:
    """Make a table of names and values."""
    return Table(
        caption=facts.texts(caption),
        header=(facts.texts("rep_col_item"), facts.texts("rep_col_value")),
        rows=tuple(rows),
        numeric=(False, True),
        widths=FACTS,
    )


def _linear(facts: Facts, found: Certificate) -> list[tuple[str, str]]:
    """Tell what the certificate found about currents."""
    texts = facts.texts
    rows = [
        (texts("rep_cert_hours"), facts.number(found.hours)),
        (texts("rep_cert_outages"), facts.number(found.outages)),
        (texts("rep_cert_checks"), facts.number(found.checks)),
        (texts("rep_cert_violations"), facts.number(found.violation_count)),
    ]
    if len(found.worst):
        branch = found.worst["loading_pu"].idxmax()
        percent = texts.number(100 * found.worst["loading_pu"].max(), 1)
        rows.append((texts("rep_cert_worst"), texts("rep_cert_at", percent=percent, branch=branch)))
    return [*rows, (texts("rep_cert_existing"), facts.number(len(found.existing)))]


def _overloads(facts: Facts, found: AcCheck) -> Iterator[Block]:
    """Currents above their limit, the worst case of every branch, and their parts."""
    parts = ("loading_pu", "linear_pu", "losses_pu", "reactive_pu", "voltage_pu", "base_loading_pu")
    keys = (
        "ac_col_current",
        "ac_col_linear",
        "ac_col_losses",
        "ac_col_reactive",
        "ac_col_voltage",
        "ac_col_before",
    )
    rows = found.new_overloads.drop_duplicates("branch")
    cells = [
        (row["branch"], *_place(facts, row), *(facts.number(100 * row[part], 1) for part in parts))
        for _, row in rows.head(SHOWN).iterrows()
    ]
    header = ("ac_col_branch", "ac_col_hour", "ac_col_outage", *keys)
    widths = (20, 13, 19, 8, 8, 8, 8, 8, 8)
    yield from _findings(facts, "ac_table_overloads", (header, widths), cells, len(rows))


def _voltages(facts: Facts, found: AcCheck) -> Iterator[Block]:
    """Voltages outside their limits, the worst case of every bus."""
    rows = found.new_voltages.drop_duplicates("bus")
    cells = [
        (
            row["bus"],
            *_place(facts, row),
            facts.number(row["v_kv"], 1),
            facts.number(row["v_pu"], 3),
            facts.number(row["limit_pu"], 2),
            facts.number(row["base_v_pu"], 3),
        )
        for _, row in rows.head(SHOWN).iterrows()
    ]
    header = (
        "ac_col_bus",
        "ac_col_hour",
        "ac_col_outage",
        "ac_col_kv",
        "ac_col_pu",
        "ac_col_limit",
        "ac_col_before",
    )
    widths = (22, 15, 23, 10, 10, 10, 10)
    yield from _findings(facts, "ac_table_voltages", (header, widths), cells, len(rows))


def _needs(facts: Facts, found: AcCheck) -> Iterator[Block]:
    """Reactive power that is missing, the largest of every bus."""
    rows = found.needs.drop_duplicates("bus")
    cells = [
        (row["bus"], *_place(facts, row), facts.number(row["mvar"], 1))
        for _, row in rows.head(SHOWN).iterrows()
    ]
    header = ("ac_col_bus", "ac_col_hour", "ac_col_outage", "ac_col_mvar")
    yield from _findings(facts, "ac_table_needs", (header, (32, 20, 34, 14)), cells, len(rows))


def _findings(
    facts: Facts,
    caption: str,
    columns: tuple[tuple[str, ...], tuple[float, ...]],
    cells: list[tuple[str, ...]],
    count: int,
) -> Iterator[Block]:
    """Make a table of findings at places; nothing where there are none."""
    header, widths = columns
    if not cells:
        return
    yield Table(
        caption=facts.texts(caption),
        header=tuple(facts.texts(key) for key in header),
        rows=tuple(cells),
        numeric=tuple(number > 2 for number in range(len(header))),
        widths=widths,
    )
    if count > len(cells):
        yield Paragraph(facts.texts("ac_text_shown", shown=len(cells), count=count), small=True)


def _gaps(facts: Facts, found: AcCheck) -> Table:
    """Branches whose AC loading is furthest above the linear one."""
    rows = found.gaps.dropna(subset="gap_pu")
    rows = rows.sort_values("gap_pu", ascending=False, kind="stable").head(GAPS)
    return Table(
        caption=facts.texts("ac_table_gaps"),
        header=tuple(
            facts.texts(key)
            for key in (
                "ac_col_branch",
                "ac_col_hour",
                "ac_col_outage",
                "ac_col_gap",
                "ac_col_current",
                "ac_col_linear",
                "ac_col_mw",
            )
        ),
        rows=tuple(
            (
                str(name),
                *_place(facts, row),
                *(facts.number(100 * row[k], 1) for k in ("gap_pu", "loading_pu", "linear_pu")),
                facts.number(row["gap_mw"], 1),
            )
            for name, row in rows.iterrows()
        ),
        numeric=(False, False, False, True, True, True, True),
        widths=(25, 15, 22, 11, 9, 9, 9),
    )


def _place(facts: Facts, row: pd.Series) -> tuple[str, str]:
    """Hour and outage of a finding."""
    return f"{row['snapshot']:%Y-%m-%d %H:%M}", row["outage"] or facts.texts("ac_no_outage")


def _assumed(facts: Facts, found: AcCheck) -> Iterator[tuple[str, str]]:
    """Give name and value of every assumption."""
    texts, given = facts.texts, found.assumptions

    def pair(*values: float, decimals: int = 2) -> str:
        return " / ".join(texts.number(value, decimals) for value in values)

    border = given.border_reactive_pu
    yield texts("ac_set_load"), pair(given.load_power_factor)
    yield texts("ac_set_project"), pair(given.project_power_factor)
    yield texts("ac_set_plant"), f"± {pair(given.plant_reactive_pu)}"
    yield texts("ac_set_least"), f"{texts.mw(given.plant_least_mw)} MW"
    yield (
        texts("ac_set_border"),
        texts("ac_set_stiff") if border is None else f"± {pair(border)}",
    )
    named = texts("ac_set_target", kv=texts.number(given.high_from_kv))
    yield named, pair(given.high_set_pu, given.set_pu)
    yield texts("ac_set_limits"), pair(given.minimum_pu, given.maximum_pu)
    yield texts("ac_set_low"), pair(given.low_minimum_pu, given.low_maximum_pu)
    levels = ", ".join(texts.number(kv) for kv in given.highest_voltage_kv)
    yield texts("ac_set_reference"), f"{levels} kV"
    percent = texts("percent", percent=texts.number(100 * given.tap_step_pu, 2))
    yield texts("ac_set_taps"), f"{given.tap_steps} × {percent}"
    share = texts("percent", percent=texts.number(100 * given.charging_compensated_pu))
    yield texts("ac_set_reactors"), share
