"""The layers of a map, from the water up to the names."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from shapely import box as rectangle
from shapely.affinity import affine_transform

from gridplan.report import style
from gridplan.report.features import Features, points_along
from gridplan.report.geography import Array, Geography
from gridplan.report.layout import Box, View
from gridplan.report.placing import MM_PER_PT, Label, place, spread
from gridplan.report.sheet import Sheet

STATION_MM = 0.75  # room that symbols leave to a station
SAVING_MM = 1.15  # half the width of a measure's triangle
LEADER_MM = 0.9  # a symbol further from its site than this gets a line to it


@dataclass(frozen=True)
class Symbols:
    """What is placed so that nothing overlaps.

    Parameters
    ----------
    table : pandas.DataFrame
        kind (project | saving | rating | station, which only takes room), number, chosen,
        radius (mm).
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
    looks = {
        "neighbours": (style.NEIGHBOUR, style.NEIGHBOUR_EDGE, 0.5),
        "municipalities": (style.LAND, style.MUNICIPALITY_EDGE, 0.45),
        "county": ("none", style.COUNTY_EDGE, 0.9),
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
    """Draw the lines: width by voltage, colour by loading, dashes by how the path is known.

    What a reinforcement adds or changes has an edge. Low voltages lie over high ones, so that a
    thin line beside a thick one is seen; lines near their limit lie on top of all.
    """
    classes = branches["loading_pu"].map(style.loading_class)
    order = branches.assign(level=classes, top=classes >= 3).sort_values(
        ["top", "kv", "level"], ascending=[True, False, True], kind="stable"
    )
    for rank, branch in enumerate(order.itertuples()):
        width = style.width_pt(branch.kv) * wider
        draw_branch(
            sheet,
            view.to_mm(branch.path),
            colour=style.LOADING[branch.level][1],
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


def draw_stations(
    sheet: Sheet, view: View, stations: pd.DataFrame, *, z: float, size: float
) -> None:
    """Draw stations as dots, those with transformers as squares in the colour of their loading."""
    shown = stations[view.frame.grown(-0.5).holds(view.to_mm(stations[["x", "y"]]))]
    for (x, y), row in zip(view.to_mm(shown[["x", "y"]]), shown.itertuples(), strict=True):
        draw_station(sheet, x, y, row.loading_pu, planned=row.planned, size=size, z=z)


def draw_station(
    sheet: Sheet, x: float, y: float, loading_pu: float, *, size: float, z: float,
    planned: bool = False,
) -> None:  # fmt: skip
    """Draw one station; NaN loading means that it has no transformer, a planned one has a frame."""
    if planned:
        around = Box(x - size, y - size, 2 * size, 2 * size).grown(0.42)
        sheet.box(around, fill="white", edge=style.INK, width=0.6, z=z)
    if np.isnan(loading_pu):
        sheet.circle(x, y, 0.75 * size, fill="white", edge=style.INK, width=0.55, z=z)
        return
    colour = style.LOADING[style.loading_class(loading_pu)][1]
    box = Box(x - size, y - size, 2 * size, 2 * size)
    sheet.box(box, fill=colour, edge=style.INK, width=0.55, z=z)


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
    stations = features.stations[["x", "y"]].assign(kind="station", radius=STATION_MM)
    table = pd.concat([projects, savings, ratings, stations], ignore_index=True)
    points = table[["x", "y"]].to_numpy(float)
    shown = view.extent_km.holds(points)
    if without is not None:
        shown &= ~without.holds(points)
    table = table[shown].reset_index(drop=True)
    anchors = view.to_mm(table[["x", "y"]].to_numpy(float))
    radii = table["radius"].to_numpy(float)
    fixed = table["kind"].ne("project").to_numpy()
    centres = spread(anchors, radii, view.frame.grown(-0.5), fixed=fixed, keep_out=keep_out)
    return Symbols(table, anchors, centres)


def draw_symbols(sheet: Sheet, symbols: Symbols, *, z: float) -> None:
    """Draw projects and measures, with a line to the site where they had to move."""
    away = np.hypot(*(symbols.centres - symbols.anchors).T)
    rows = zip(symbols.table.itertuples(), symbols.anchors, symbols.centres, away, strict=True)
    for row, anchor, centre, distance in rows:
        if row.kind == "station":
            continue
        colour = style.CHOSEN if row.kind == "project" and row.chosen else style.REJECTED
        colour = colour if row.kind == "project" else style.SAVING
        if distance > max(LEADER_MM, 0.6 * row.radius):
            sheet.line(np.array([anchor, centre]), colour="white", width=1.3, z=z)
            sheet.line(np.array([anchor, centre]), colour=colour, width=0.6, z=z)
            sheet.circle(*anchor, 0.35, fill=colour, edge="white", width=0.3, z=z)
        if row.kind == "project":
            draw_project(sheet, *centre, row.radius, int(row.number), chosen=row.chosen, z=z + 1)
        else:
            draw_measure(sheet, *centre, row.kind, z=z + 1)


def draw_project(
    sheet: Sheet, x: float, y: float, radius: float, number: int | None, *, chosen: bool, z: float
) -> None:
    """Draw a chosen project as a filled circle, any other as a hollow one with a cross on it."""
    if chosen:
        sheet.circle(x, y, radius, fill=style.CHOSEN, edge="white", width=0.6, z=z)
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
        colour = "white" if chosen else style.INK
        weight = "bold" if chosen else "normal"
        sheet.text(
            x, y, str(number), size=size, colour=colour, weight=weight, align="center", z=z + 0.5
        )


def draw_measure(
    sheet: Sheet, x: float, y: float, kind: str, *, z: float, size: float = SAVING_MM
) -> None:
    """Draw saved load as a triangle pointing down, a raised rating as one pointing up."""
    sign = -1.0 if kind == "saving" else 1.0
    corners = np.array([[-0.9, -0.62], [0.9, -0.62], [0.0, 0.95]]) * [1.0, sign]
    points = np.array([x, y]) + size * corners
    sheet.polygon(points, fill=style.SAVING, edge="white", width=0.5, z=z)


def draw_names(
    sheet: Sheet, view: View, features: Features, geography: Geography, taken: list[Box],
    *, close: bool, z: float,
) -> None:  # fmt: skip
    """Write the names of stations and municipalities where there is room.

    Parameters
    ----------
    close : bool
        A detailed view: all stations get names, municipalities smaller ones.
    """
    stations = features.stations
    at = view.to_mm(stations[["x", "y"]].to_numpy(float))
    boxes = [
        Box(x - 0.8, y - 0.8, 1.6, 1.6) for x, y in at if view.frame.holds(np.array([x, y]))[0]
    ]
    labels = _station_labels(stations, at, close=close)
    labels += _neighbour_labels(view, geography)
    named = {label.text for label in labels}
    labels += [each for each in _municipality_labels(view, geography) if each.text not in named]
    paths = [*features.branches["path"], *borders(geography)]
    crowd = [points_along(view.to_mm(path), 1.0) for path in paths]
    points = np.vstack(crowd) if crowd else np.empty((0, 2))
    for label, x, y in place(labels, taken + boxes, view.frame.grown(-0.6), points):
        sheet.text(
            x, y, label.text, size=label.size, colour=label.colour, weight=label.weight,
            style=label.style, align="center", halo=True, z=z,
        )  # fmt: skip


def borders(geography: Geography) -> list[Array]:
    """Outline of the county, each ring of shape (n, 2) in km."""
    outline = geography.layers.get("county", geography.layers.get("municipalities"))
    if outline is None:
        return []
    rings = outline.geometry.boundary.simplify(1.0).explode()
    return [np.asarray(ring.coords)[:, :2] for ring in rings]


def _station_labels(stations: pd.DataFrame, at: Array, *, close: bool) -> list[Label]:
    """Name the stations of the transmission grid, in a detailed view all."""
    top = stations["kv"] >= min(220.0, stations["kv"].max())
    named = top | stations["inside"] if close else top
    clear = 1.2 * SAVING_MM + 0.3
    order = stations.assign(rank=range(len(stations)), top=top)[named]
    order = order.sort_values(["top", "inside", "kv"], ascending=False, kind="stable")
    return [
        Label(
            str(name), *at[row["rank"]], 5.6 if row["top"] else 5.0, clear, style.INK,
            weight="bold" if row["top"] else "normal",
        )
        for name, row in order.iterrows()
    ]  # fmt: skip


def _neighbour_labels(view: View, geography: Geography) -> list[Label]:
    """Name the neighbours in the middle of what is seen of them."""
    table = geography.layers.get("neighbours")
    if table is None or "name" not in table:
        return []
    extent = view.extent_km
    window = rectangle(extent.x, extent.y, extent.right, extent.top)
    labels = []
    for name, shape in zip(table["name"], table.geometry.intersection(window), strict=True):
        if shape.area > 0.01 * window.area:
            point = shape.representative_point()
            x, y = view.to_mm(np.array([[point.x, point.y]]))[0]
            text = str(name).split(" - ")[0].upper()
            labels.append(Label(text, x, y, 6.0, 0.0, style.PALE))
    return labels


def _municipality_labels(view: View, geography: Geography) -> list[Label]:
    """Name the municipalities, the largest first."""
    table = geography.layers.get("municipalities")
    if table is None or "name" not in table:
        return []
    area = table.geometry.area
    order = area.sort_values(ascending=False, kind="stable").index
    points = table.geometry.representative_point()
    labels = []
    for index in order:
        x, y = view.to_mm(np.array([[points[index].x, points[index].y]]))[0]
        name = str(table.loc[index, "name"])
        labels.append(Label(name, x, y, 5.4, 0.0, style.PALE, style="italic"))
    return labels
