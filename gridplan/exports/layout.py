"""Where things go on the page: frames in millimetres, the map's extent, free corners, an inset."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations, product

import numpy as np

from gridplan.exports.geography import Array

MARGIN = 9.0
HEADER = 18.0
FOOTER = 9.0
GAP = 5.0
MM_PER_INCH = 25.4
SMALLEST = (228.0, 150.0)  # mm; below this the lists and the legend do not fit
SMALLEST_UPRIGHT = (195.0, 270.0)  # the same of a sheet that is higher than wide
MAP_SHARE = 0.6  # of the height between header and footer, on an upright sheet

CORNERS = ("upper left", "upper right", "lower left", "lower right")
ZOOMS = tuple(1.0 - 0.02 * step for step in range(16))
LEANS = (0.5, 0.25, 0.75, 0.0, 1.0)


@dataclass(frozen=True)
class Box:
    """A rectangle on the page (mm), or on the plane (km)."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Right edge."""
        return self.x + self.width

    @property
    def top(self) -> float:
        """Upper edge."""
        return self.y + self.height

    @property
    def middle(self) -> Array:
        """Centre, shape (2,)."""
        return np.array([self.x + self.width / 2, self.y + self.height / 2])

    def holds(self, points: Array) -> np.ndarray:
        """Tell which points, shape (n, 2), lie inside."""
        x, y = np.reshape(points, (-1, 2)).T
        return (self.x <= x) & (x <= self.right) & (self.y <= y) & (y <= self.top)

    def grown(self, by: float) -> Box:
        """Return the box with `by` more on each side."""
        return Box(self.x - by, self.y - by, self.width + 2 * by, self.height + 2 * by)

    def meets(self, other: Box) -> bool:
        """Tell whether two boxes overlap."""
        across = self.x < other.right and other.x < self.right
        return across and self.y < other.top and other.y < self.top


def around(points: Array, margin_pu: float) -> Box:
    """Box around points, shape (n, 2), and a share of its longer side more on each side (km)."""
    low, high = points.min(axis=0), points.max(axis=0)
    return Box(*low, *(high - low)).grown(margin_pu * max(*(high - low), 1.0))


@dataclass(frozen=True)
class View:
    """A frame on the page and the part of the plane that it shows.

    Parameters
    ----------
    frame : Box
        On the page (mm).
    x_km, y_km : float
        Lower left corner of the part of the plane.
    mm_per_km : float
        Scale.
    """

    frame: Box
    x_km: float
    y_km: float
    mm_per_km: float

    def to_mm(self, points_km: Array) -> Array:
        """Place points of shape (n, 2) on the page."""
        corner = np.array([self.frame.x, self.frame.y])
        return corner + (np.asarray(points_km) - [self.x_km, self.y_km]) * self.mm_per_km

    @property
    def extent_km(self) -> Box:
        """Shown part of the plane."""
        size = self.frame.width / self.mm_per_km, self.frame.height / self.mm_per_km
        return Box(self.x_km, self.y_km, *size)


@dataclass(frozen=True)
class Page:
    """A sheet and its parts (mm, origin lower left)."""

    width: float
    height: float
    map: Box
    panel: Box


def page_of(size_inches: tuple[float, float]) -> Page:
    """Divide a sheet into map and panel, beside it or, on an upright sheet, below it.

    Raises
    ------
    ValueError
        When the sheet is too small to be read.
    """
    width, height = (side * MM_PER_INCH for side in size_inches)
    upright = height > width
    smallest = SMALLEST_UPRIGHT if upright else SMALLEST
    if width < smallest[0] or height < smallest[1]:
        least = " x ".join(f"{side / MM_PER_INCH:.1f}" for side in smallest)
        msg = f"size {size_inches[0]:g} x {size_inches[1]:g} inches is too small; at least {least}"
        raise ValueError(msg)
    bottom, top = MARGIN + FOOTER, height - MARGIN - HEADER
    if upright:
        map_height = MAP_SHARE * (top - bottom)
        map_ = Box(MARGIN, top - map_height, width - 2 * MARGIN, map_height)
        panel = Box(MARGIN, bottom, map_.width, map_.y - 1.5 * GAP - bottom)
        return Page(width, height, map_, panel)
    panel_width = min(max(0.385 * width, 95.0), 128.0)
    panel = Box(width - MARGIN - panel_width, bottom, panel_width, top - bottom)
    map_ = Box(MARGIN, bottom, panel.x - GAP - MARGIN, top - bottom)
    return Page(width, height, map_, panel)


def view_of(frame: Box, extent_km: Box) -> View:
    """Show an extent in the middle of a frame, as large as it goes."""
    scale = min(frame.width / extent_km.width, frame.height / extent_km.height)
    return _view(frame, extent_km, scale, (0.5, 0.5))


def _view(frame: Box, extent_km: Box, scale: float, lean: tuple[float, float]) -> View:
    """Show an extent at a scale; `lean` 0 puts it left or down, 1 right or up."""
    spare = frame.width / scale - extent_km.width, frame.height / scale - extent_km.height
    return View(frame, extent_km.x - lean[0] * spare[0], extent_km.y - lean[1] * spare[1], scale)


def fit(
    frame: Box, extent_km: Box, content_km: Array, sizes: list[tuple[float, float]]
) -> tuple[View, list[Box]]:
    """Find the largest scale at which boxes in the corners hide none of the content.

    Parameters
    ----------
    frame : Box
        Of the map (mm).
    extent_km : Box
        What must be visible.
    content_km : ndarray, shape (n, 2)
        Points that should not be hidden.
    sizes : list of (width, height)
        Boxes (mm), at most four; each goes into a corner of its own.

    Returns
    -------
    view : View
    boxes : list of Box
        In the order of `sizes`. Where no scale is free of overlap, the least overlap wins.
    """
    largest = min(frame.width / extent_km.width, frame.height / extent_km.height)
    places = [[_in_corner(frame, size, corner) for corner in range(4)] for size in sizes]
    best: tuple[int, View, list[Box]] | None = None
    for zoom, lean in product(ZOOMS, product(LEANS, repeat=2)):
        view = _view(frame, extent_km, largest * zoom, lean)
        points = view.to_mm(content_km)
        hidden = np.array(
            [[box.grown(1.0).holds(points).sum() for box in corners] for corners in places]
        )
        for corners in permutations(range(4), len(sizes)):
            boxes = [places[i][corner] for i, corner in enumerate(corners)]
            crossing = any(a.meets(b) for i, a in enumerate(boxes) for b in boxes[:i])
            cost = sum(int(hidden[i, corner]) for i, corner in enumerate(corners))
            cost += len(points) if crossing else 0
            if best is None or cost < best[0]:
                best = cost, view, boxes
        if best is not None and best[0] == 0:
            break
    assert best is not None
    return best[1], best[2]


def _in_corner(frame: Box, size: tuple[float, float], corner: int) -> Box:
    """Put a box into a corner of the frame, in the order of `CORNERS`."""
    width, height = size
    gap = 1.5
    x = frame.x + gap if corner % 2 == 0 else frame.right - width - gap
    y = frame.top - height - gap if corner < 2 else frame.y + gap
    return Box(x, y, width, height)


def crowded_area(points_km: Array, *, radius_km: float = 25.0, more_than: int = 12) -> Box | None:
    """Find the densest part of the map, if it deserves an inset.

    Parameters
    ----------
    points_km : ndarray, shape (n, 2)
        Stations.
    radius_km : float
        How near to each other they are.
    more_than : int
        An inset needs more stations than this.

    Returns
    -------
    Box or None
        A square (km) that holds most of the cluster.
    """
    if len(points_km) <= more_than:
        return None
    distance = np.hypot(*(points_km[:, None] - points_km).transpose(2, 0, 1))
    near = distance <= radius_km
    core = near[near.sum(axis=1).argmax()]
    span = np.ptp(points_km, axis=0).max()
    if core.sum() <= more_than or span < 5 * radius_km:
        return None
    middle = np.median(points_km[core], axis=0)
    reach = np.abs(points_km[core] - middle).max(axis=1)
    half = float(np.quantile(reach, 0.7)) + 0.08 * radius_km
    return Box(middle[0] - half, middle[1] - half, 2 * half, 2 * half)
