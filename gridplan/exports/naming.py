"""Names and figures on a map, where there is room for them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from shapely import box as rectangle

from gridplan.exports import style
from gridplan.exports.drawing import SAVING_MM, marks_at
from gridplan.exports.features import PLAIN, Features, points_along
from gridplan.exports.geography import Array, Geography
from gridplan.exports.layout import Box, View
from gridplan.exports.placing import Label, place
from gridplan.exports.sheet import Sheet


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
    wider = features.mark_mm[close] - PLAIN[close]
    boxes = _mark_boxes(view, features.marks, 0.8 + wider)
    reach = features.marks.groupby("station")["shift"].max().reindex(stations.index)
    clear = _Clear(1.2 * SAVING_MM + 0.3 + wider, reach.fillna(0.0).to_numpy())
    labels = _figure_labels(stations, at, clear, close=close)
    labels += _station_labels(stations, at, clear, close=close)
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


@dataclass(frozen=True)
class _Clear:
    """Distance of labels from stations: above, and how much more beside each (mm)."""

    above: float
    beside: Array


def _mark_boxes(view: View, marks: pd.DataFrame, half: float) -> list[Box]:
    """Return what names may not cover."""
    return [
        Box(x - half, y - half, 2 * half, 2 * half)
        for x, y in marks_at(view, marks)
        if view.frame.holds(np.array([x, y]))[0]
    ]


def _figure_labels(stations: pd.DataFrame, at: Array, clear: _Clear, *, close: bool) -> list[Label]:
    """Figures at the stations, those of the studied area and of high voltages first."""
    order = stations.assign(rank=range(len(stations)))[stations["label"] != ""]
    order = order.sort_values(["inside", "kv"], ascending=False, kind="stable")
    size = 5.6 if close else 5.0
    return [
        Label(
            row.label, *at[row.rank], size, clear.above + clear.beside[row.rank], style.INK,
            weight="bold", rise=clear.above,
        )
        for row in order.itertuples()
    ]  # fmt: skip


def _station_labels(
    stations: pd.DataFrame, at: Array, clear: _Clear, *, close: bool
) -> list[Label]:
    """Name the stations of the transmission grid, in a detailed view all."""
    top = stations["kv"] >= min(220.0, stations["kv"].max())
    named = top | stations["inside"] if close else top
    figured = (stations["label"] != "").any()  # names then stand back behind the figures
    order = stations.assign(rank=range(len(stations)), top=top)[named]
    order = order.sort_values(["top", "inside", "kv"], ascending=False, kind="stable")
    return [
        Label(
            str(name), *at[row["rank"]], 5.6 if row["top"] and not figured else 5.0,
            clear.above + clear.beside[row["rank"]], style.INK,
            weight="bold" if row["top"] and not figured else "normal", rise=clear.above,
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
