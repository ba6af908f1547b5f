"""The chapters of a report on measures, symbioses, reinforcements and the grid's weak points."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import xarray as xr

from gridplan.exports.document import Block, Heading, Paragraph, Table
from gridplan.exports.report_facts import WITHOUT_N1, Facts
from gridplan.grid.stages import stages

BRIDGES = 15  # shown, of those without N-1
CHANGES = 4  # named for each reinforcement
BUILT, WEAK, RADIAL = (27, 7, 15, 11, 40), (25, 25, 13, 11, 9, 17), (28, 48, 14, 10)  # widths
CHANGE_TEXTS = {
    "add bus": "rep_change_add_bus",
    "add line": "rep_change_add_line",
    "add transformer": "rep_change_add_transformer",
    "remove": "rep_change_remove",
    "remove bus": "rep_change_remove_bus",
    "rate": "rep_change_rate",
}


def grid(facts: Facts) -> Iterator[Block]:
    """Write the chapters on what makes room, and on what is weak."""
    yield from _measures(facts)
    yield from _symbioses(facts)
    yield from _reinforcements(facts)
    yield from _weak(facts)
    yield from _radial(facts)
    if facts.capacity is not None:
        yield from _capacity(facts, facts.capacity)


def _table(
    facts: Facts,
    caption: str,
    columns: tuple[str, ...],
    rows: list[tuple[str, ...]],
    *,
    numeric: str,
    widths: tuple[float, ...],
) -> Table:
    """Make a table; `numeric` has an r for each column that stands to the right."""
    return Table(
        caption=facts.texts(caption),
        header=tuple(map(facts.texts, columns)),
        rows=tuple(rows),
        numeric=tuple(sign == "r" for sign in numeric),
        widths=widths,
    )


def _measures(facts: Facts) -> Iterator[Block]:
    """Measures of the plan."""
    texts = facts.texts
    yield Heading(texts("rep_measures"))
    if facts.taken.empty:
        yield Paragraph(texts("rep_none_measures"))
        return
    rows = [
        (
            str(name),
            f"{row['units']:.0f}",
            _effect(facts, row),
            facts.number(row["units"] * row["cost_mnok"], 1),
            facts.number(row["units"] * row["annual_cost_mnok"], 2),
            facts.basis(row.get("basis", "")),
        )
        for name, row in facts.taken.iterrows()
    ]
    columns = ("rep_col_measure", "rep_col_units", "rep_col_effect", "rep_col_cost",
               "rep_col_annual", "rep_col_basis")  # fmt: skip
    widths = (32, 9, 27, 11, 11, 11)
    yield _table(facts, "rep_measures_table", columns, rows, numeric="lrlrrl", widths=widths)


def _effect(facts: Facts, row: pd.Series) -> str:
    """MW that a measure saves, or what it adds to a limit."""
    if row["kind"] == "rating":
        percent = facts.texts.mw(100 * row["units"] * row["rating_pu"])
        return facts.texts("rep_raises", branch=row["branch"], percent=percent)
    return facts.texts("rep_saves", mw=facts.texts.mw(row["units"] * row["mw"]))


def _symbioses(facts: Facts) -> Iterator[Block]:
    """Symbioses of the plan."""
    texts = facts.texts
    yield Heading(texts("rep_symbioses"))
    if facts.together.empty:
        yield Paragraph(texts("rep_none_symbioses"))
        return
    rows = [
        (
            str(name),
            "; ".join(filter(None, (row["partners"], row["existing_partners"]))),
            texts.mw(row["mw"]),
            facts.number(row["cost_mnok"], 1),
            facts.number(row["annual_cost_mnok"], 2),
            facts.basis(row.get("basis", "")),
        )
        for name, row in facts.together.iterrows()
    ]
    columns = ("rep_col_symbiosis", "rep_col_partners", "rep_col_saved", "rep_col_cost",
               "rep_col_annual", "rep_col_basis")  # fmt: skip
    widths = (25, 34, 9, 11, 11, 11)
    yield _table(facts, "rep_symbioses_table", columns, rows, numeric="llrrrl", widths=widths)


def _reinforcements(facts: Facts) -> Iterator[Block]:
    """List what the grid of the plan holds beyond the grid as stored, and what it does not."""
    texts, study = facts.texts, facts.plan.study
    yield Heading(texts("rep_reinforcements"))
    yield Paragraph(texts("rep_reinforcements_text"))
    table = stages(study)
    built = table.index.isin(study.in_service)
    columns = ("rep_col_reinforcement", "rep_col_year", "rep_col_status", "rep_col_cost",
               "rep_col_changes")  # fmt: skip
    for caption, part in (
        ("rep_built_table", table[built]),
        ("rep_not_built_table", table[~built]),
    ):
        rows = [
            (
                str(name),
                f"{row['year']:.0f}",
                facts.grid_status(row["status"]),
                facts.number(row["cost_mnok"])
                if pd.notna(row["cost_mnok"])
                else texts("rep_unknown"),
                _changes(facts, study.reinforcements.loc[[name]]),
            )
            for name, row in part.iterrows()
        ]
        if rows:
            yield _table(facts, caption, columns, rows, numeric="lrlrl", widths=BUILT)
        elif caption == "rep_built_table":
            yield Paragraph(texts("rep_none_built"))


def _changes(facts: Facts, rows: pd.DataFrame) -> str:
    """Say what a reinforcement changes."""
    texts = facts.texts
    said = [
        texts(
            CHANGE_TEXTS[row["action"]],
            bus=row["bus0"],
            branch=row["branch"],
            rating=facts.number(row["s_nom"]),
        )
        for _, row in rows.iterrows()
    ]
    left = len(said) - CHANGES
    if left > 1:
        said = [*said[:CHANGES], texts("rep_change_more", count=left)]
    return "; ".join(said)


def _weak(facts: Facts) -> Iterator[Block]:
    """Limits that are exceeded before the plan."""
    texts, found = facts.texts, facts.plan.base.existing_overloads
    yield Heading(texts("rep_weak"))
    if found.empty:
        yield Paragraph(texts("rep_none_weak"))
        return
    yield Paragraph(texts("rep_weak_text"))
    rows = [
        (
            str(branch),
            row["outage"] or texts("rep_no_outage"),
            facts.number(row["over_mw"], 2),
            facts.number(row["limit_mw"], 1),
            facts.number(row["hours"]),
            f"{row['worst_hour']:%Y-%m-%d %H:%M}",
        )
        for branch, row in found.iterrows()
    ]
    columns = ("rep_col_branch", "rep_col_outage", "rep_col_over", "rep_col_limit",
               "rep_col_hours", "rep_col_worst")  # fmt: skip
    yield _table(facts, "rep_weak_table", columns, rows, numeric="llrrrl", widths=WEAK)


def _radial(facts: Facts) -> Iterator[Block]:
    """Places without N-1."""
    texts, certificate = facts.texts, facts.certificate
    yield Heading(texts("rep_radial"))
    if certificate is None:
        yield Paragraph(texts("rep_radial_unknown", mark=WITHOUT_N1))
        return
    found = certificate.without_n1.sort_values("peak_mw", ascending=False, kind="stable")
    if found.empty:
        yield Paragraph(texts("rep_none_radial"))
        return
    shown = found.head(BRIDGES)
    total = texts.number(len(found))
    yield Paragraph(texts("rep_radial_text", shown=len(shown), total=total))
    rows = [
        (
            str(branch),
            facts.listed(str(row["buses"]).split("; "), most=6),
            facts.number(row["peak_mw"], 1),
            facts.number(row["hours"]),
        )
        for branch, row in shown.iterrows()
    ]
    columns = ("rep_col_branch", "rep_col_behind", "rep_col_peak", "rep_col_hours")
    yield _table(facts, "rep_radial_table", columns, rows, numeric="llrr", widths=RADIAL)


def _capacity(facts: Facts, capacity: xr.Dataset) -> Iterator[Block]:
    """Room at each bus, one column per flexibility, one table per criterion."""
    texts = facts.texts
    shares = [float(share) for share in capacity["flexibility"].to_numpy()]
    generation = capacity.attrs.get("direction") == "generation"
    said = "rep_capacity_text_generation" if generation else "rep_capacity_text"
    yield Heading(texts("rep_capacity"))
    header = [texts("rep_col_firm") if share == 0 else texts("rep_col_flexible", percent=texts.mw(
              100 * share)) for share in shares]  # fmt: skip
    for criterion in capacity["criterion"].to_numpy():
        yield Paragraph(texts(said, criterion=criterion))
        one = capacity["capacity_mw"].sel(criterion=criterion).transpose("bus", "flexibility")
        rows = tuple(
            (str(bus), *(facts.number(float(mw), 1) for mw in values))
            for bus, values in zip(capacity["bus"].to_numpy(), one.to_numpy(), strict=True)
        )
        caption = texts("rep_capacity_table")
        yield Table(
            caption=f"{caption}, {criterion}",
            header=(texts("rep_col_bus"), *header),
            rows=rows,
            numeric=(False, *(True for _ in shares)),
            widths=(40, *(60 / len(shares) for _ in shares)),
        )
