"""The layers of a map, from the water up to the symbols."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.colors import to_rgb
from shapely import box as rectangle
from shapely.affinity import affine_transform

from gridplan.exports import style
from gridplan.exports.features import PLAIN, Features
from gridplan.exports.geography import Array, Geography
from gridplan.exports.layout import Box, View
from gridplan.exports.placing import MM_PER_PT, spread
from gridplan.exports.sheet import Sheet

STATION_MM = 0.75  # room that symbols leave to a station
DOT_MM = 0.85  # largest half width of a station without figure
SMALL_MM = 0.9  # marks below this half width may touch the frame
BADGE_MM = 1.5
SAVING_MM = 1.15  # half the width of a measure's triangle
LIGHT = 0.58  # luminance from which a colour needs dark text
LEADER_MM = 0.9  # a symbol further from its site than this gets a line to it


@dataclass(frozen=True)
class Symbols:
    """What is placed so that nothing overlaps.

    Parameters
    ----------
    table : pandas.DataFrame
        kind (project | saving | rating | badge | station, which only takes room), number,
        chosen, colour (of badges, and of projects that have one of their own), radius (mm).
    anchors, centres : ndarray, shape (n, 2)
        Where they belong and where they stand (mm).
    """

    table: pd.DataFrame
    anchors: Array
    centres: Array

    @property
    def boxes(self) -> list[Box]:
        """What labels may not cover."""
        radii = self.table["radius"]
        return [
            Box(x - radius, y - radius, 2 * radius, 2 * radius).grown(0.2)
            for (x, y), radius in zip(self.centres, radii, strict=True)
        ]


def draw_outlines(sheet: Sheet, view: View, geography: Geography, *, z: float) -> None:
    """Draw water, neighbours, municipalities and the county."""
    frame = view.frame
    sheet.box(frame, fill=style.WATER if geography.layers else "white", z=z)
    land = "none" if "municipalities" in geography.layers else style.LAND
    looks = {
        "neighbours": (style.NEIGHBOUR, style.NEIGHBOUR_EDGE, 0.5),
        "municipalities": (style.LAND, style.MUNICIPALITY_EDGE, 0.45),
        "county": (land, style.COUNTY_EDGE, 0.9),
    }
    extent = view.extent_km
    window = rectangle(extent.x, extent.y, extent.right, extent.top).buffer(extent.width / 20)
    scale = view.mm_per_km
    shift = (frame.x - view.x_km * scale, frame.y - view.y_km * scale)
    for step, (name, (fill, edge, width)) in enumerate(looks.items()):
        if name in geography.layers:
            shapes = geography.layers[name].geometry.intersection(window)
            placed = [affine_transform(shape, (scale, 0, 0, scale, *shift)) for shape in shapes]
            sheet.areas(placed, fill=fill, edge=edge, width=width, z=z + 0.1 * step, clip=frame)


def draw_branches(
    sheet: Sheet, view: View, branches: pd.DataFrame, *, z: float, wider: float = 1.0
) -> None:
    """Draw the lines: width by voltage, colour by figure, dashes by how the path is known.

    What a reinforcement adds or changes has an edge. Low voltages lie over high ones, so that a
    thin line beside a thick one is seen; those of the highest classes lie on top of all.
    """
    order = branches.sort_values(
        ["top", "kv", "level"], ascending=[True, False, True], kind="stable"
    )
    for rank, branch in enumerate(order.itertuples()):
        width = style.width_pt(branch.kv) * wider
        draw_branch(
            sheet,
            view.to_mm(branch.path),
            colour=branch.colour,
            width=width,
            dashes=style.DASHES.get(branch.basis),
            planned=branch.planned,
            z=z + rank / (len(order) + 1),
            clip=view.frame,
        )


def draw_branch(
    sheet: Sheet, points: Array, *, colour: str, width: float, planned: bool, z: float,
    dashes: tuple[float, ...] | None = None, clip: Box | None = None,
) -> None:  # fmt: skip
    """Draw one line on white; a planned one between two thin lines."""
    if planned:
        sheet.line(points, colour=style.INK, width=width + 2.0, z=z, clip=clip)
    sheet.line(points, colour="white", width=width + (1.0 if planned else 0.7), z=z, clip=clip)
    sheet.line(points, colour=colour, width=width, dashes=dashes, z=z, clip=clip)


def draw_marks(sheet: Sheet, view: View, marks: pd.DataFrame, *, z: float, size: float) -> None:
    """Draw the marks of the stations; `size` is half their width (mm)."""
    at = marks_at(view, marks)
    shown = view.frame.grown(-0.5 if size < SMALL_MM else -1.4 * size).holds(at)
    for (x, y), row in zip(at[shown], marks[shown].itertuples(), strict=True):
        draw_mark(sheet, x, y, row.shape, row.colour, planned=row.planned, size=size, z=z)


def marks_at(view: View, marks: pd.DataFrame) -> Array:
    """Where the marks stand, shape (n, 2) in mm."""
    at = view.to_mm(marks[["x", "y"]].to_numpy(float))
    at[:, 0] += marks["shift"].to_numpy(float)
    return at


def draw_mark(
    sheet: Sheet, x: float, y: float, shape: str, colour: str, *, size: float, z: float,
    planned: bool = False,
) -> None:  # fmt: skip
    """Draw one mark; a dot is smaller than the others, a planned one has a frame."""
    box = Box(x - size, y - size, 2 * size, 2 * size)
    if planned:
        sheet.box(box.grown(0.42), fill="white", edge=style.INK, width=0.6, z=z)
    if shape == "square":
        sheet.box(box, fill=colour, edge=style.INK, width=0.55, z=z)
    elif shape == "diamond":
        corners = np.array([[x, y - 1.3 * size], [x + 1.3 * size, y], [x, y + 1.3 * size],
                            [x - 1.3 * size, y]])  # fmt: skip
        sheet.polygon(corners, fill=colour, edge=style.INK, width=0.55, z=z)
    else:
        radius = 0.75 * min(size, DOT_MM) if shape == "dot" else 1.05 * size
        sheet.circle(x, y, radius, fill=colour, edge=style.INK, width=0.55, z=z)


def symbols_in(
    view: View, features: Features, *, without: Box | None, keep_out: list[Box]
) -> Symbols:
    """Place projects and measures of a view.

    Parameters
    ----------
    view : View
        Symbols outside its frame are left out.
    features : Features
        With projects, savings and ratings.
    without : Box, optional
        Part of the plane (km) that another view shows.
    keep_out : list of Box
        Boxes over the map (mm); symbols under them are pushed out by the caller's layout.

    Returns
    -------
    Symbols
    """
    projects = features.projects.assign(
        kind="project", radius=features.projects["mw"].map(style.radius_mm)
    )
    savings = features.savings.assign(kind="saving", radius=SAVING_MM)
    ratings = features.ratings.assign(kind="rating", radius=SAVING_MM)
    badges = features.badges.assign(kind="badge", radius=BADGE_MM)
    wide = features.mark_mm[0] + STATION_MM - PLAIN[0]
    stations = features.stations[["x", "y"]].assign(kind="station", radius=wide)
    parts = [projects, savings, ratings, badges, stations]
    table = pd.concat([part for part in parts if len(part)], ignore_index=True)
    points = table[["x", "y"]].to_numpy(float)
    shown = view.extent_km.holds(points)
    if without is not None:
        shown &= ~without.holds(points)
    table = table[shown].reset_index(drop=True)
    anchors = view.to_mm(table[["x", "y"]].to_numpy(float))
    radii = table["radius"].to_numpy(float)
    fixed = ~table["kind"].isin(["project", "badge"]).to_numpy()
    centres = spread(anchors, radii, view.frame.grown(-0.5), fixed=fixed, keep_out=keep_out)
    return Symbols(table, anchors, centres)


def draw_symbols(sheet: Sheet, symbols: Symbols, *, z: float) -> None:
    """Draw projects and measures, with a line to the site where they had to move."""
    away = np.hypot(*(symbols.centres - symbols.anchors).T)
    rows = zip(symbols.table.itertuples(), symbols.anchors, symbols.centres, away, strict=True)
    for row, anchor, centre, distance in rows:
        if row.kind == "station":
            continue
        own = getattr(row, "colour", None)
        colour = style.CHOSEN if row.kind == "project" and row.chosen else style.REJECTED
        colour = colour if row.kind == "project" else style.SAVING
        colour = own if isinstance(own, str) and row.kind in ("badge", "project") else colour
        if distance > max(LEADER_MM, 0.6 * row.radius):
            sheet.line(np.array([anchor, centre]), colour="white", width=1.3, z=z)
            sheet.line(np.array([anchor, centre]), colour=colour, width=0.6, z=z)
            sheet.circle(*anchor, 0.35, fill=colour, edge="white", width=0.3, z=z)
        if row.kind == "project":
            draw_project(
                sheet, *centre, row.radius, int(row.number), chosen=row.chosen, colour=colour,
                z=z + 1,
            )  # fmt: skip
        elif row.kind == "badge":
            draw_badge(sheet, *centre, int(row.number), row.colour, z=z + 1)
        else:
            draw_measure(sheet, *centre, row.kind, z=z + 1)


def draw_project(
    sheet: Sheet, x: float, y: float, radius: float, number: int | None, *, chosen: bool, z: float,
    colour: str = style.CHOSEN,
) -> None:  # fmt: skip
    """Draw a chosen project as a filled circle, any other as a hollow one with a cross on it."""
    ink = _legible_on(colour) if chosen else style.INK
    if chosen:
        edge, width = ("white", 0.6) if ink == "white" else (style.INK, 0.5)
        sheet.circle(x, y, radius, fill=colour, edge=edge, width=width, z=z)
    else:
        sheet.circle(x, y, radius, fill="white", edge=style.REJECTED, width=0.9, z=z)
        middle = np.array([x, y]) + 0.707 * radius + 0.3  # outside, clear of the number
        arm = 0.5
        for turn in (1, -1):
            ends = middle + np.array([[-arm, -arm * turn], [arm, arm * turn]])
            sheet.line(ends, colour="white", width=2.0, z=z + 0.1)
            sheet.line(ends, colour=style.REJECTED, width=1.0, z=z + 0.2)
    if number is not None:
        size = min(7.0, 4.4 + 0.85 * (radius - 1.2) / MM_PER_PT)
        size = size if number < 100 else 0.8 * size
        weight = "bold" if chosen else "normal"
        sheet.text(
            x, y, str(number), size=size, colour=ink, weight=weight, align="center", z=z + 0.5
        )


def draw_badge(
    sheet: Sheet, x: float, y: float, number: int, colour: str, *, z: float, size: float = BADGE_MM
) -> None:
    """Draw a number that a list explains; `size` is half the width of its square (mm)."""
    sheet.box(
        Box(x - size, y - size, 2 * size, 2 * size), fill=colour,
        edge="white" if _legible_on(colour) == "white" else style.INK, width=0.6, z=z,
    )  # fmt: skip
    points = 2 * size / MM_PER_PT * (0.64 if number < 10 else 0.56)
    sheet.text(
        x, y, str(number), size=points, colour=_legible_on(colour), weight="bold", align="center",
        z=z + 0.5,
    )  # fmt: skip


def _legible_on(colour: str) -> str:
    """Return white on dark colours and ink on light ones."""
    red, green, blue = to_rgb(colour)
    return "white" if 0.3 * red + 0.59 * green + 0.11 * blue < LIGHT else style.INK


def draw_measure(
    sheet: Sheet, x: float, y: float, kind: str, *, z: float, size: float = SAVING_MM
) -> None:
    """Draw saved load as a triangle pointing down, a raised rating as one pointing up."""
    sign = -1.0 if kind == "saving" else 1.0
    corners = np.array([[-0.9, -0.62], [0.9, -0.62], [0.0, 0.95]]) * [1.0, sign]
    points = np.array([x, y]) + size * corners
    sheet.polygon(points, fill=style.SAVING, edge="white", width=0.5, z=z)
