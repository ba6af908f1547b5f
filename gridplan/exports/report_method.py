"""The last chapters of a report: method, assumptions, certificate, sources, provenance."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from gridplan.check.certificate import Certificate
from gridplan.exports.document import Block, Bullets, Heading, PageBreak, Paragraph, Table
from gridplan.exports.report_facts import BASES, Facts

INFLOW = {
    "dry": "rep_inflow_dry",
    "median": "rep_inflow_median",
    "wet": "rep_inflow_wet",
}
RADIAL = {"allow": "rep_radial_allow", "forbid": "rep_radial_forbid"}
NOTHING_MW = 1e-3  # a difference below this is the rounding of a computer


def method(facts: Facts) -> Iterator[Block]:
    """Write the last chapters."""
    texts = facts.texts
    yield PageBreak()
    yield Heading(texts("rep_method"))
    for key in ("rep_method_1", "rep_method_2", "rep_method_3", "rep_method_4", "rep_method_5",
                "rep_method_6"):  # fmt: skip
        yield Paragraph(texts(key))
    yield from _assumptions(facts)
    yield from _certificate(facts)
    yield from _sources(facts)
    yield from _about(facts)


def _assumptions(facts: Facts) -> Iterator[Block]:
    """Rows by basis, and the settings."""
    texts = facts.texts
    yield Heading(texts("rep_assumptions"))
    yield Paragraph(texts("rep_basis_text"))
    counts = basis_counts(facts)
    words = [facts.basis(name) for name in counts.columns]
    yield Table(
        caption=texts("rep_basis_table"),
        header=(texts("rep_col_rows"), *words),
        rows=tuple((str(name), *map(facts.number, row)) for name, row in counts.iterrows()),
        numeric=(False, *(True for _ in words)),
        widths=(20, *(80 / len(words) for _ in words)),
    )
    yield Table(
        caption=texts("rep_settings_table"),
        header=(texts("rep_col_setting"), texts("rep_col_value")),
        rows=tuple(_settings(facts)),
        numeric=(False, False),
        widths=(60, 40),
    )


def basis_counts(facts: Facts) -> pd.DataFrame:
    """Count the rows of every table of the study by how they are known."""
    study, texts = facts.plan.study, facts.texts
    network = study.network.c
    tables = {
        "rep_rows_buses": network.buses.static,
        "rep_lines": network.lines.static,
        "rep_transformers": network.transformers.static,
        "rep_rows_generators": network.generators.static,
        "rep_rows_loads": network.loads.static,
        "rep_rows_projects": study.projects,
        "rep_rows_measures": study.measures,
        "rep_rows_symbioses": study.symbioses,
        "rep_rows_reinforcements": study.reinforcements,
    }
    counts = {
        texts(key): table.get("basis", pd.Series("", index=table.index))
        .fillna("")
        .astype(str)
        .value_counts()
        for key, table in tables.items()
        if len(table)
    }
    found = pd.DataFrame(counts).T.fillna(0).astype(int)
    order = [name for name in BASES if name in found]
    return found[[*order, *(name for name in found if name not in order)]]


def _settings(facts: Facts) -> Iterator[tuple[str, str]]:
    """Give name and value of what the study sets."""
    texts, settings = facts.texts, facts.plan.study.settings
    first = texts("rep_set_first")
    weather = f"{settings.wind_year or first}; {settings.load_year or first}"

    def percent(share: float) -> str:
        return texts("percent", percent=texts.mw(100 * share))

    def mnok(value: float) -> str:
        return texts("rep_set_mnok", value=texts.number(value, 1))

    yield texts("rep_set_weather"), weather
    yield texts("rep_set_inflow"), texts(INFLOW[settings.inflow])
    yield texts("rep_set_growth"), f"{texts.mw(settings.ordinary_growth_below_mw)} MW"
    yield texts("rep_set_hydro"), percent(settings.hydro_flexibility_pu)
    yield texts("rep_set_radial"), texts(RADIAL[settings.radial])
    yield texts("rep_set_interest"), percent(settings.interest_rate)
    price = texts.number(settings.curtailment_nok_per_mwh)
    yield texts("rep_set_curtailment"), texts("rep_set_nok", value=price)
    budget = texts("rep_set_no_budget")
    if settings.budget_mnok is not None:
        budget = texts("rep_set_mnok_budget", value=texts.number(settings.budget_mnok))
    yield texts("rep_set_budget"), budget
    yield texts("rep_set_co2"), mnok(settings.weights.co2_mnok_per_kt)
    yield texts("rep_set_job"), mnok(settings.weights.jobs_mnok_per_job)
    yield texts("rep_set_export"), mnok(settings.weights.export_mnok_per_mnok)
    yield texts("rep_set_mw"), mnok(settings.weights.mw_mnok_per_mw)


def _certificate(facts: Facts) -> Iterator[Block]:
    """Tell what was checked and what was found."""
    texts = facts.texts
    yield Heading(texts("rep_certificate"))
    if facts.certificate is None:
        yield Paragraph(texts("rep_certificate_none"))
        return
    yield Table(
        caption=texts("rep_certificate_table"),
        header=(texts("rep_col_item"), texts("rep_col_value")),
        rows=tuple(_findings(facts, facts.certificate)),
        numeric=(False, False),
        widths=(58, 42),
    )


def _findings(facts: Facts, found: Certificate) -> Iterator[tuple[str, str]]:
    """Give name and value of what the certificate found."""
    texts = facts.texts
    yield (
        texts("rep_cert_verdict"),
        texts("rep_cert_secure" if found.secure else "rep_cert_insecure"),
    )
    yield texts("rep_cert_hours"), facts.number(found.hours)
    yield texts("rep_cert_outages"), facts.number(found.outages)
    yield texts("rep_cert_checks"), facts.number(found.checks)
    yield texts("rep_cert_violations"), facts.number(found.violation_count)
    yield texts("rep_cert_breaches"), facts.number(len(found.breaches))
    if len(found.worst):
        branch = found.worst["loading_pu"].idxmax()
        percent = texts.number(100 * found.worst["loading_pu"].max(), 1)
        yield texts("rep_cert_worst"), texts("rep_cert_at", percent=percent, branch=branch)
    yield texts("rep_cert_existing"), facts.number(len(found.existing))
    yield texts("rep_cert_bridges"), facts.number(len(found.without_n1))
    sample = found.sample
    removed = sample.loc[sample["outage"].ne(""), "outage"].nunique()
    yield texts("rep_cert_removed"), facts.number(removed)
    if len(sample):
        yield texts("rep_cert_difference"), _tiny(facts, sample["largest_difference_mw"].max())
    yield texts("rep_cert_residual"), _tiny(facts, found.residual_mw)


def _tiny(facts: Facts, mw: float) -> str:
    """MW, or that there are next to none."""
    if abs(mw) < NOTHING_MW:
        return facts.texts("rep_small_mw")
    return f"{facts.number(mw, 3)} MW"


def _sources(facts: Facts) -> Iterator[Block]:
    """Say who made the data, and under which licences."""
    texts, study = facts.texts, facts.plan.study
    yield Heading(texts("rep_sources"))
    owners = tuple(part.strip() for part in study.settings.attribution.split(";") if part.strip())
    yield Paragraph(texts("rep_sources_text"))
    yield Bullets(owners or (texts("about_no_attribution"),))
    if study.folder is not None:
        yield Paragraph(texts("rep_sources_rows"))
    goals = study.settings.county_goals
    if goals:
        yield Heading(texts("rep_goal_sources"), 2)
        yield Paragraph(texts("rep_goal_sources_text"))
        norwegian = facts.language == "nb"
        yield Bullets(
            tuple(
                texts("rep_goal_source", name=goal.name if norwegian else goal.name_en,
                      source=goal.source)
                for goal in goals
            )
        )  # fmt: skip


def _about(facts: Facts) -> Iterator[Block]:
    """Say where the report comes from."""
    texts = facts.texts
    yield Heading(texts("rep_about"))
    yield Table(
        caption=texts("rep_about_table"),
        header=(texts("rep_col_fact"), texts("rep_col_value")),
        rows=tuple(facts.about.facts(texts)),
        numeric=(False, False),
        widths=(28, 72),
    )
