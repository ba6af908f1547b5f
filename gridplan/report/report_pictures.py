"""The pictures of a report."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from struct import unpack

from matplotlib.figure import Figure as Drawing

from gridplan.report.document import Block, Figure, Heading
from gridplan.report.goals_chart import comparison_plot, goals_plot
from gridplan.report.load_chart import load_duration_plot
from gridplan.report.loading import highest_loading
from gridplan.report.loading_chart import loading_heatmap
from gridplan.report.maps import capacity_map
from gridplan.report.reasons_charts import freed_capacity_plot
from gridplan.report.report_facts import Facts

DPI = 180.0


def pictures(facts: Facts) -> Iterator[Block]:
    """Write the chapter of maps and charts."""
    texts, plan = facts.texts, facts.plan
    yield Heading(texts("rep_maps"))
    if not plan.goals().empty:
        yield _chart(facts, goals_plot(plan, language=facts.language).figure, "rep_goals_chart")
    load = load_duration_plot(plan, language=facts.language).figure
    yield _chart(facts, load, "rep_load_chart")
    branch = str(highest_loading(plan, facts.certificate).idxmax())
    heat = loading_heatmap(plan, branch, after_outage=True, language=facts.language).figure
    yield _chart(facts, heat, "rep_loading_chart")
    if facts.freed is not None:
        freed = freed_capacity_plot(facts.freed, language=facts.language).figure
        yield _chart(facts, freed, "rep_freed_chart")
    if facts.comparison is not None:
        compared = comparison_plot(facts.comparison, language=facts.language).figure
        yield _chart(facts, compared, "rep_compare_chart")
    chosen = facts.chosen
    alt = texts("rep_map_alt", study=facts.title, chosen=len(chosen),
                mw=texts.mw(chosen["mw"].sum()))  # fmt: skip
    yield _figure(_map_of(facts), texts("rep_map"), alt, whole_page=True)


def _map_of(facts: Facts) -> bytes:
    """Map of the plan as PNG."""
    with tempfile.TemporaryDirectory(prefix="gridplan-") as folder:
        path = Path(folder) / "plan.png"
        capacity_map(facts.plan, path, certificate=facts.certificate, language=facts.language,
                     date=facts.about.created.date(), dpi=DPI)  # fmt: skip
        return path.read_bytes()


def _chart(facts: Facts, drawing: Drawing, key: str) -> Figure:
    """Figure of a chart."""
    target = BytesIO()
    drawing.savefig(target, format="png", dpi=DPI, metadata={"Software": "gridplan"})
    caption = facts.texts(key)
    return _figure(target.getvalue(), caption, facts.texts("rep_chart_alt", caption=caption))


def _figure(png: bytes, caption: str, alt: str, *, whole_page: bool = False) -> Figure:
    """Figure of a PNG file, whose size stands in its first bytes."""
    width, height = unpack(">II", png[16:24])
    return Figure(png, width, height, caption, alt, whole_page)
