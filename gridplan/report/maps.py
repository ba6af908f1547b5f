"""Maps for reports: a whole sheet with title, map, lists, key and sources, ready to be printed."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass
from pathlib import Path

import matplotlib.style
import numpy as np
import pandas as pd

from gridplan.base.messages import Language, Messages, messages
from gridplan.base.provenance import provenance
from gridplan.check.certificate import Certificate
from gridplan.portfolio.plan import Plan
from gridplan.report import style
from gridplan.report.drawing import (
    borders,
    draw_branches,
    draw_names,
    draw_outlines,
    draw_stations,
    draw_symbols,
    symbols_in,
)
from gridplan.report.features import Features, features_of, points_along
from gridplan.report.geography import Array, Geography, geography_of
from gridplan.report.layout import (
    MARGIN,
    Box,
    Page,
    View,
    crowded_area,
    fit,
    page_of,
    view_of,
)
from gridplan.report.legend import Row, draw_legend, draw_scale, legend_rows, legend_size
from gridplan.report.loading import highest_loading
from gridplan.report.origin import footer, stage_texts
from gridplan.report.panel import draw_panel, wrapped
from gridplan.report.placing import text_extent
from gridplan.report.radial import mw_without_n1
from gridplan.report.saving import format_of, save_figure
from gridplan.report.sheet import Sheet

A4 = (11.69, 8.27)
SLIDE = (13.33, 7.5)
SCALE_SIZE = (46.0, 8.4)  # mm


@dataclass(frozen=True)
class Picture:
    """Everything one sheet shows."""

    plan: Plan
    certificate: Certificate | None
    geography: Geography
    features: Features
    messages: Messages


def capacity_map(
    result: Plan,
    path: str | os.PathLike[str],
    *,
    certificate: Certificate | None = None,
    language: Language = "en",
    size: tuple[float, float] = A4,
    date: dt.date | None = None,
    dpi: float = 200.0,
) -> Path:
    """Draw a result as a map for a report.

    Parameters
    ----------
    result : Plan
        What to draw: chosen and other projects, measures, and the loading of every branch.
    path : path-like
        .png, .svg or .pdf; an older file stays when writing fails.
    certificate : Certificate, optional
        Of the same plan: its loadings are drawn and its result stands in the subtitle. Without one
        the plan's own flows are screened.
    language : {"en", "nb"}
        English or Norwegian (bokmål).
    size : (width, height)
        Paper in inches; `A4` (landscape) and `SLIDE` are ready-made.
    date : datetime.date, optional
        Printed at the bottom; default today (UTC), or SOURCE_DATE_EPOCH.
    dpi : float
        Dots per inch of a PNG.

    Returns
    -------
    pathlib.Path
        The file. Equal input and date give equal bytes.

    Raises
    ------
    TypeError
        When there is no map of such a result.
    ValueError
        For an unknown suffix or language, or too small a size.

    Examples
    --------
    >>> import gridplan as gp
    >>> plan = gp.plan(gp.open_study("trondelag"))  # doctest: +SKIP
    >>> gp.capacity_map(plan, "plan.png", certificate=gp.certify(plan))  # doctest: +SKIP
    """
    target = Path(path)
    format_of(target)
    texts, page = messages(language), page_of(size)
    if not isinstance(result, Plan):
        msg = f"no map of a {type(result).__name__}; there is one of a Plan (gridplan.plan)"
        raise TypeError(msg)
    with matplotlib.style.context(["default", style.RC]):
        picture = _picture(result, certificate, texts)
        sheet = _drawn(picture, page, date)
        save_figure(sheet.figure, target, title=_title(picture), dpi=dpi)
    return target


def _picture(plan: Plan, certificate: Certificate | None, texts: Messages) -> Picture:
    geography = geography_of(plan.study, plan.network)
    features = features_of(plan, geography, highest_loading(plan, certificate))
    return Picture(plan, certificate, geography, features, texts)


def _drawn(picture: Picture, page: Page, date: dt.date | None) -> Sheet:
    """Draw the sheet, part by part."""
    sheet = Sheet(page.width, page.height)
    _draw_header(sheet, page, picture)
    _draw_maps(sheet, page, picture)
    draw_panel(
        sheet,
        page.panel,
        picture.plan,
        picture.features,
        picture.messages,
        certificate=picture.certificate,
    )
    _draw_footer(sheet, page, picture, date)
    return sheet


def _title(picture: Picture) -> str:
    plan, certificate = picture.plan, picture.certificate
    settings, chosen = plan.study.settings, int(plan.projects["chosen"].sum())
    return picture.messages(
        "title" if certificate is None or certificate.secure else "title_insecure",
        study=settings.title or settings.name,
        year=plan.year,
        chosen=chosen,
        candidates=len(plan.by_project),
    )


def _subtitle(picture: Picture) -> str:
    """Say on which grid and under which criterion it was decided, and whether it was certified."""
    plan, certificate, texts = picture.plan, picture.certificate, picture.messages
    hours = texts.number(len(plan.network.snapshots))
    taken = int((plan.measures["units"] > 0).sum())
    key = "subtitle_measure" if taken == 1 else "subtitle_measures"
    measures = texts(key, count=taken) if taken else texts("no_measures")
    if certificate is None:
        basis = texts("subtitle_basis", hours=hours)
        return " · ".join(
            [*stage_texts(plan.stage, texts), basis, measures, texts("certificate_none")]
        )
    checked = texts("subtitle_basis_outages", hours=hours, outages=certificate.outages)
    verdict = texts(
        "certificate_secure" if certificate.secure else "certificate_insecure",
        count=texts.number(certificate.violation_count),
        breaches=len(certificate.breaches),
    )
    exposed = _exposed(plan, certificate, texts)
    return " · ".join([*stage_texts(plan.stage, texts), checked, *exposed, measures, verdict])


def _exposed(plan: Plan, certificate: Certificate, texts: Messages) -> list[str]:
    """Say how much of what was chosen stands where N-1 cannot hold."""
    mw = mw_without_n1(plan.projects, certificate)
    if mw == 0:
        return []
    total = texts.number(plan.summary()["mw"])
    return [texts("subtitle_without_n1", mw=texts.number(mw), total=total)]


def _draw_header(sheet: Sheet, page: Page, picture: Picture) -> None:
    width, top = page.width - 2 * MARGIN, page.height - MARGIN
    title = _title(picture)
    size = min(17.0, 17.0 * width / text_extent(title, 17.0, "bold")[0])
    sheet.text(MARGIN, top - 4.0, title, size=size, weight="bold")
    subtitle = _subtitle(picture)
    size = min(9.0, 9.0 * width / text_extent(subtitle, 9.0)[0])
    failed = picture.certificate is not None and not picture.certificate.secure
    colour = style.LOADING[3][1] if failed else style.GREY
    sheet.text(MARGIN, top - 11.6, subtitle, size=size, colour=colour)


def _draw_footer(sheet: Sheet, page: Page, picture: Picture, date: dt.date | None) -> None:
    """Write the note on synthetic data, version, date, input and sources."""
    texts, study = picture.messages, picture.plan.study
    notes = []
    if picture.features.branches["basis"].isin(["synthetic", "assumption"]).any():
        notes.append(texts("note_synthetic"))
    if picture.geography.plane is None:
        notes.append(texts("note_schematic"))
    sheet.text(MARGIN, MARGIN + 4.6, " ".join(notes), size=6.2, weight="bold")
    right, made = page.width - MARGIN, footer(provenance(study), texts, date)
    sheet.text(right, MARGIN + 4.6, made, size=5.6, colour=style.GREY, align="right")
    if study.settings.attribution:
        sources = texts("footer_sources", attribution=study.settings.attribution)
        for line, text in enumerate(wrapped(sources, 5.4, right - MARGIN)[:2]):
            sheet.text(MARGIN, MARGIN + 1.4 - 2.5 * line, text, size=5.4, colour=style.GREY)


def _draw_maps(sheet: Sheet, page: Page, picture: Picture) -> None:
    """Draw the map with its key and, where stations crowd, an inset."""
    secure = picture.certificate is None or picture.certificate.secure
    rows = legend_rows(picture.features, picture.messages, secure=secure)
    crowd = _crowd(picture)
    side = min(max(0.4 * page.map.width, 48.0), 66.0)
    sizes = [legend_size(rows)]
    sizes += [SCALE_SIZE] if picture.geography.plane is not None else []
    sizes += [(side, side)] if crowd is not None else []
    extent = _extent(picture.geography, picture.features)
    view, boxes = fit(page.map, extent, _content(picture, extent), sizes)
    _draw_view(sheet, view, picture, without=crowd, keep_out=boxes, close=False, z=1)
    sheet.box(page.map, fill="none", edge=style.GREY, width=0.7, z=58)
    _draw_key(sheet, boxes, rows, view, picture)
    if crowd is not None:
        _draw_inset(sheet, view, view_of(boxes[-1], crowd), crowd, picture)


def _draw_key(
    sheet: Sheet, boxes: list[Box], rows: list[Row], view: View, picture: Picture
) -> None:
    draw_legend(sheet, boxes[0], rows, z=40)
    if picture.geography.plane is not None:
        draw_scale(sheet, boxes[1], view.mm_per_km, picture.messages, north=True, z=40)


def _crowd(picture: Picture) -> Box | None:
    """Part of the plane that needs an inset (km)."""
    stations = picture.features.stations
    inside = stations[stations["inside"]]
    return crowded_area(inside[["x", "y"]].to_numpy(float))


def _extent(geography: Geography, features: Features) -> Box:
    """Find what the map must show: the county or its stations, and every project (km)."""
    stations = features.stations[features.stations["inside"]]
    points = [stations[["x", "y"]].to_numpy(float), features.projects[["x", "y"]].to_numpy(float)]
    for name in ("county", "municipalities"):
        if name in geography.layers:
            west, south, east, north = geography.layers[name].total_bounds
            points.append(np.array([[west, south], [east, north]]))
            break
    every = np.vstack(points)
    low, high = every.min(axis=0), every.max(axis=0)
    spare = 0.02 * max(*(high - low), 1.0)
    return Box(*(low - spare), *(high - low + 2 * spare))


def _content(picture: Picture, extent: Box) -> Array:
    """Points that no box may hide: the county's land, stations, projects, lines inside (km)."""
    geography, features = picture.geography, picture.features
    stations = features.stations[features.stations["inside"]]
    parts = [stations[["x", "y"]].to_numpy(float), features.projects[["x", "y"]].to_numpy(float)]
    outlines = borders(geography) or list(features.branches["path"])
    step = max(extent.width, extent.height) / 150
    parts += [points_along(path, step) for path in outlines]
    return np.vstack(parts)


def _draw_view(
    sheet: Sheet, view: View, picture: Picture, *, without: Box | None, keep_out: list[Box],
    close: bool, z: float,
) -> None:  # fmt: skip
    """Draw one map: outlines, lines, stations, symbols, names."""
    features, geography = picture.features, picture.geography
    draw_outlines(sheet, view, geography, z=z)
    draw_branches(sheet, view, features.branches, z=z + 2, wider=1.2 if close else 1.0)
    draw_stations(sheet, view, features.stations, z=z + 4, size=0.8 if close else 0.62)
    symbols = symbols_in(view, features, without=without, keep_out=keep_out)
    draw_symbols(sheet, symbols, z=z + 5)
    hidden = list(keep_out)
    if without is not None:
        corners = view.to_mm(np.array([[without.x, without.y], [without.right, without.top]]))
        hidden.append(Box(*corners[0], *(corners[1] - corners[0])))
    draw_names(sheet, view, features, geography, hidden + symbols.boxes, close=close, z=z + 8)


def _draw_inset(sheet: Sheet, view: View, inset: View, crowd: Box, picture: Picture) -> None:
    """Draw the enlarged part, and its frame on the map."""
    corners = view.to_mm(np.array([[crowd.x, crowd.y], [crowd.right, crowd.top]]))
    source = Box(*corners[0], *(corners[1] - corners[0]))
    frame = inset.frame
    sheet.box(source, fill="none", edge=style.INK, width=0.9, z=20)
    name = _name_of(crowd, picture)
    width = text_extent(name, 7.0, "bold")[0] + 3.0
    chip = Box(frame.x, frame.top - 4.6, width, 4.6)
    scale = Box(frame.right - 26.0, frame.y, 26.0, 5.6)
    _draw_view(sheet, inset, picture, without=None, keep_out=[chip, scale], close=True, z=22)
    sheet.box(chip, fill="white", z=38)
    sheet.text(chip.x + 1.5, chip.y + 2.3, name, size=7.0, weight="bold", z=39)
    if picture.geography.plane is not None:
        draw_scale(sheet, scale, inset.mm_per_km, picture.messages, north=False, z=38)
    sheet.box(frame, fill="none", edge=style.INK, width=0.9, z=45)


def _name_of(crowd: Box, picture: Picture) -> str:
    """Name the inset after the municipality with most stations in it."""
    stations = picture.features.stations
    inside = stations[crowd.holds(stations[["x", "y"]].to_numpy(float))]
    names: pd.Series = inside["municipality"][inside["municipality"] != ""]
    if names.empty:
        return picture.messages("enlarged")
    return picture.messages("inset", place=names.mode().iloc[0])
