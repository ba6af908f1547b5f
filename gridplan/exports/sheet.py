"""A sheet of paper to draw on, in millimetres from its lower left corner."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, PathPatch, Polygon, Rectangle
from matplotlib.path import Path as Outline
from matplotlib.patheffects import Stroke
from shapely.geometry.base import BaseGeometry

from gridplan.exports.geography import Array
from gridplan.exports.layout import MM_PER_INCH, Box
from gridplan.exports.style import INK


class Sheet:
    """A figure whose only axes measure millimetres.

    Parameters
    ----------
    width, height : float
        Size of the paper (mm).
    """

    def __init__(self, width: float, height: float) -> None:
        self.figure = Figure(figsize=(width / MM_PER_INCH, height / MM_PER_INCH), facecolor="white")
        self.axes: Axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set(xlim=(0, width), ylim=(0, height))
        self.axes.set_axis_off()

    def box(self, box: Box, *, fill: str, edge: str = "none", width: float = 0.5, z: float) -> None:
        """Draw a rectangle; `width` of its edge in pt."""
        self.axes.add_patch(
            Rectangle((box.x, box.y), box.width, box.height, facecolor=fill, edgecolor=edge,
                      linewidth=width, zorder=z)
        )  # fmt: skip

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float,
        colour: str = INK,
        weight: str = "normal",
        style: str = "normal",
        align: str = "left",
        halo: bool = False,
        z: float = 50,
    ) -> None:
        """Write one line, vertically centred on y; `size` in pt.

        A halo is a text of its own below, so that the text itself stays text in a PDF.
        """
        for below in (True, False) if halo else (False,):
            artist = self.axes.text(
                x, y, text, fontsize=size, color=colour, weight=weight, style=style,
                ha=align, va="center_baseline", zorder=z - 0.01 if below else z,
            )  # fmt: skip
            if below:
                artist.set_path_effects([Stroke(linewidth=1.4, foreground="white", alpha=0.85)])

    def line(
        self,
        points: Array,
        *,
        colour: str,
        width: float,
        z: float,
        dashes: tuple[float, ...] | None = None,
        clip: Box | None = None,
    ) -> None:
        """Draw a path of shape (n, 2); `width` in pt, `dashes` in line widths."""
        x, y = np.asarray(points, dtype=float).T
        artist = Line2D(
            x, y, color=colour, linewidth=width, zorder=z, linestyle=(0, dashes) if dashes else "-",
            solid_capstyle="round", dash_capstyle="butt", solid_joinstyle="round",
        )  # fmt: skip
        self.axes.add_line(artist)
        self._clip(artist, clip)

    def circle(
        self, x: float, y: float, radius: float, *, fill: str, edge: str, width: float, z: float
    ) -> None:
        """Draw a circle; `radius` in mm, `width` of its edge in pt."""
        self.axes.add_patch(
            Circle((x, y), radius, facecolor=fill, edgecolor=edge, linewidth=width, zorder=z)
        )

    def polygon(self, points: Array, *, fill: str, edge: str, width: float, z: float) -> None:
        """Draw a closed polygon of shape (n, 2)."""
        self.axes.add_patch(
            Polygon(points, closed=True, facecolor=fill, edgecolor=edge, linewidth=width, zorder=z)
        )

    def areas(
        self,
        shapes: Iterable[BaseGeometry],
        *,
        fill: str,
        edge: str,
        width: float,
        z: float,
        clip: Box,
    ) -> None:
        """Draw polygons with their holes."""
        for shape in shapes:
            if shape.is_empty:
                continue
            patch = PathPatch(
                _outline(shape), facecolor=fill, edgecolor=edge, linewidth=width, zorder=z,
                joinstyle="round",
            )  # fmt: skip
            self.axes.add_patch(patch)
            self._clip(patch, clip)

    def _clip(self, artist: Line2D | PathPatch, clip: Box | None) -> None:
        if clip is not None:
            window = Rectangle((clip.x, clip.y), clip.width, clip.height)
            window.set_transform(self.axes.transData)
            artist.set_clip_path(window)


def _outline(shape: BaseGeometry) -> Outline:
    """Turn a polygon or a collection of them into one compound path."""
    polygons = [part for part in getattr(shape, "geoms", [shape]) if part.geom_type == "Polygon"]
    rings = [ring for polygon in polygons for ring in (polygon.exterior, *polygon.interiors)]
    parts = [Outline(np.asarray(ring.coords)[:, :2], closed=True) for ring in rings]
    return Outline.make_compound_path(*parts) if parts else Outline(np.empty((0, 2)))
