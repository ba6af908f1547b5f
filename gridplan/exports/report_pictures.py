"""The pictures of a report."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from struct import unpack
from typing import Any

import xarray as xr
from matplotlib.figure import Figure as Drawing

from gridplan.exports.document import Block, Figure, Heading
from gridplan.exports.goals_chart import comparison_plot, goals_plot
from gridplan.exports.load_chart import load_duration_plot
from gridplan.exports.loading import highest_loading
from gridplan.exports.loading_chart import loading_heatmap
from gridplan.exports.maps import capacity_map
from gridplan.exports.reasons_charts import freed_capacity_plot
from gridplan.exports.report_facts import Facts
from gridplan.portfolio.plan import Plan

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
    picture = _map_of(facts, plan, certificate=facts.certificate)
    yield _figure(picture, texts("rep_map"), alt, whole_page=True)
    if facts.capacity is not None:
        yield from _capacity_maps(facts, facts.capacity)


def _capacity_maps(facts: Facts, capacity: xr.Dataset) -> Iterator[Figure]:
    """Draw the room at the stations: the firm one, and the one that is curtailed most."""
    texts, criterion = facts.texts, str(capacity["criterion"].to_numpy()[0])
    shares = sorted({float(share) for share in capacity["flexibility"].to_numpy()})
    stations = capacity.sizes["bus"]
    for share in dict.fromkeys((shares[0], shares[-1])):
        what = texts("rep_col_firm")
        if share:
            what = texts("rep_col_flexible", percent=texts.mw(100 * share))
        caption = texts("rep_capacity_map", criterion=criterion, what=what)
        alt = texts("rep_capacity_map_alt", count=stations, study=facts.title, what=what)
        picture = _map_of(facts, capacity, study=facts.plan.study, criterion=criterion,
                          flexibility=share)  # fmt: skip
        yield _figure(picture, caption, alt, whole_page=True)


def _map_of(facts: Facts, result: Plan | xr.Dataset, **options: Any) -> bytes:
    """Map of a result as PNG."""
    with tempfile.TemporaryDirectory(prefix="gridplan-") as folder:
        path = Path(folder) / "map.png"
        capacity_map(result, path, language=facts.language, date=facts.about.created.date(),
                     dpi=DPI, **options)  # fmt: skip
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
