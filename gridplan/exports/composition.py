"""A finished sheet: title, map with key, inset and scale, panel and sources, for all results."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gridplan.base.messages import Messages
from gridplan.base.provenance import provenance
from gridplan.exports import style
from gridplan.exports.about import NOT_THE_GRID
from gridplan.exports.drawing import (
    draw_branches,
    draw_marks,
    draw_outlines,
    draw_symbols,
    symbols_in,
)
from gridplan.exports.features import Features, points_along
from gridplan.exports.geography import Array, Geography
from gridplan.exports.layout import MARGIN, Box, Page, View, around, crowded_area, fit, view_of
from gridplan.exports.legend import Row, draw_legend, draw_scale, legend_size
from gridplan.exports.naming import borders, draw_names
from gridplan.exports.origin import footer
from gridplan.exports.panel import wrapped
from gridplan.exports.placing import text_extent
from gridplan.exports.sheet import Sheet
from gridplan.study.study import Study

SCALE_SIZE = (46.0, 8.4)  # mm


@dataclass(frozen=True)
class Scene:
    """What one sheet shows; each kind of result has a function that makes one.

    Parameters
    ----------
    study : Study
        Its name, hash and attribution are printed.
    geography : Geography
        Outlines and positions.
    features : Features
        What is drawn over them.
    messages : Messages
        Texts.
    title, subtitle : str
        Above the map; the subtitle says grid, criterion and what else the figures rest on.
    key : list of Row
        The legend.
    panel : callable
        Draws what stands beside the map into a box of a sheet.
    alarm : bool
        Whether the subtitle tells of a failure.
    """

    study: Study
    geography: Geography
    features: Features
    messages: Messages
    title: str
    subtitle: str
    key: list[Row]
    panel: Callable[[Sheet, Box], None]
    alarm: bool = False


def composed(scene: Scene, page: Page, date: dt.date | None) -> Sheet:
    """Draw the sheet, part by part."""
    sheet = Sheet(page.width, page.height)
    _draw_header(sheet, page, scene)
    _draw_maps(sheet, page, scene)
    scene.panel(sheet, page.panel)
    _draw_footer(sheet, page, scene, date)
    return sheet


def _draw_header(sheet: Sheet, page: Page, scene: Scene) -> None:
    width, top = page.width - 2 * MARGIN, page.height - MARGIN
    title = scene.title
    size = min(17.0, 17.0 * width / text_extent(title, 17.0, "bold")[0])
    sheet.text(MARGIN, top - 4.0, title, size=size, weight="bold")
    subtitle = scene.subtitle
    size = min(9.0, 9.0 * width / text_extent(subtitle, 9.0)[0])
    colour = style.ALARM if scene.alarm else style.GREY
    sheet.text(MARGIN, top - 11.6, subtitle, size=size, colour=colour)


def _draw_footer(sheet: Sheet, page: Page, scene: Scene, date: dt.date | None) -> None:
    """Write the note on synthetic data, version, date, input and sources."""
    texts, study = scene.messages, scene.study
    notes = []
    if scene.features.branches["basis"].isin(NOT_THE_GRID).any():
        notes.append(texts("note_synthetic"))
    if scene.geography.plane is None:
        notes.append(texts("note_schematic"))
    sheet.text(MARGIN, MARGIN + 4.6, " ".join(notes), size=6.2, weight="bold")
    right, made = page.width - MARGIN, footer(provenance(study), texts, date)
    sheet.text(right, MARGIN + 4.6, made, size=5.6, colour=style.GREY, align="right")
    if study.settings.attribution:
        sources = texts("footer_sources", attribution=study.settings.attribution)
        for line, text in enumerate(wrapped(sources, 5.4, right - MARGIN)[:2]):
            sheet.text(MARGIN, MARGIN + 1.4 - 2.5 * line, text, size=5.4, colour=style.GREY)


def _draw_maps(sheet: Sheet, page: Page, scene: Scene) -> None:
    """Draw the map with its key and, where stations crowd, an inset."""
    rows = scene.key
    crowd = _crowd(scene)
    side = min(max(0.4 * page.map.width, 48.0), 66.0)
    sizes = [legend_size(rows)]
    sizes += [SCALE_SIZE] if scene.geography.plane is not None else []
    sizes += [(side, side)] if crowd is not None else []
    extent = _extent(scene.geography, scene.features)
    view, boxes = fit(page.map, extent, _content(scene, extent), sizes)
    _draw_view(sheet, view, scene, without=crowd, keep_out=boxes, close=False, z=1)
    sheet.box(page.map, fill="none", edge=style.GREY, width=0.7, z=58)
    _draw_key(sheet, boxes, rows, view, scene)
    if crowd is not None:
        _draw_inset(sheet, view, view_of(boxes[-1], crowd), crowd, scene)


def _draw_key(sheet: Sheet, boxes: list[Box], rows: list[Row], view: View, scene: Scene) -> None:
    draw_legend(sheet, boxes[0], rows, z=40)
    if scene.geography.plane is not None:
        draw_scale(sheet, boxes[1], view.mm_per_km, scene.messages, north=True, z=40)


def _crowd(scene: Scene) -> Box | None:
    """Part of the plane that needs an inset (km)."""
    stations = scene.features.stations
    inside = stations[stations["inside"]]
    return crowded_area(inside[["x", "y"]].to_numpy(float))


def _extent(geography: Geography, features: Features) -> Box:
    """Find what the map must show: the county or its stations, and every project (km)."""
    stations = features.stations[features.stations["inside"]]
    points = (stations[["x", "y"]].to_numpy(float), features.projects[["x", "y"]].to_numpy(float))
    return around(np.vstack([*points, geography.corners]), 0.02)


def _content(scene: Scene, extent: Box) -> Array:
    """Points that no box may hide: the county's land, stations, projects, lines inside (km)."""
    geography, features = scene.geography, scene.features
    stations = features.stations[features.stations["inside"]]
    parts = [stations[["x", "y"]].to_numpy(float), features.projects[["x", "y"]].to_numpy(float)]
    outlines = borders(geography) or list(features.branches["path"])
    step = max(extent.width, extent.height) / 150
    parts += [points_along(path, step) for path in outlines]
    return np.vstack(parts)


def _draw_view(
    sheet: Sheet, view: View, scene: Scene, *, without: Box | None, keep_out: list[Box],
    close: bool, z: float,
) -> None:  # fmt: skip
    """Draw one map: outlines, lines, stations, symbols, names."""
    features, geography = scene.features, scene.geography
    draw_outlines(sheet, view, geography, z=z)
    draw_branches(sheet, view, features.branches, z=z + 2, wider=1.2 if close else 1.0)
    draw_marks(sheet, view, features.marks, z=z + 4, size=features.mark_mm[int(close)])
    symbols = symbols_in(view, features, without=without, keep_out=keep_out)
    draw_symbols(sheet, symbols, z=z + 5)
    hidden = list(keep_out)
    if without is not None:
        corners = view.to_mm(np.array([[without.x, without.y], [without.right, without.top]]))
        hidden.append(Box(*corners[0], *(corners[1] - corners[0])))
    draw_names(sheet, view, features, geography, hidden + symbols.boxes, close=close, z=z + 8)


def _draw_inset(sheet: Sheet, view: View, inset: View, crowd: Box, scene: Scene) -> None:
    """Draw the enlarged part, and its frame on the map."""
    corners = view.to_mm(np.array([[crowd.x, crowd.y], [crowd.right, crowd.top]]))
    source = Box(*corners[0], *(corners[1] - corners[0]))
    frame = inset.frame
    sheet.box(source, fill="none", edge=style.INK, width=0.9, z=20)
    name = _name_of(crowd, scene)
    width = text_extent(name, 7.0, "bold")[0] + 3.0
    chip = Box(frame.x, frame.top - 4.6, width, 4.6)
    scale = Box(frame.right - 26.0, frame.y, 26.0, 5.6)
    _draw_view(sheet, inset, scene, without=None, keep_out=[chip, scale], close=True, z=22)
    sheet.box(chip, fill="white", z=38)
    sheet.text(chip.x + 1.5, chip.y + 2.3, name, size=7.0, weight="bold", z=39)
    if scene.geography.plane is not None:
        draw_scale(sheet, scale, inset.mm_per_km, scene.messages, north=False, z=38)
    sheet.box(frame, fill="none", edge=style.INK, width=0.9, z=45)


def _name_of(crowd: Box, scene: Scene) -> str:
    """Name the inset after the municipality with most stations in it."""
    stations = scene.features.stations
    inside = stations[crowd.holds(stations[["x", "y"]].to_numpy(float))]
    names: pd.Series = inside["municipality"][inside["municipality"] != ""]
    if names.empty:
        return scene.messages("enlarged")
    return scene.messages("inset", place=names.mode().iloc[0])
