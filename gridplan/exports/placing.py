"""Symbols and labels that do not overlap; the same input gives the same picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path
from numpy.typing import NDArray

from gridplan.exports.geography import Array
from gridplan.exports.layout import Box

MM_PER_PT = 25.4 / 72
ROUNDS = 600
GOLDEN_ANGLE = np.pi * (3 - np.sqrt(5))


def spread(
    anchors: Array,
    radii: Array,
    within: Box,
    *,
    fixed: NDArray[np.bool_] | None = None,
    keep_out: Sequence[Box] = (),
    gap: float = 0.35,
) -> Array:
    """Move circles apart until none overlaps, staying near their anchors.

    Parameters
    ----------
    anchors : ndarray, shape (n, 2)
        Where the circles belong.
    radii : ndarray, shape (n,)
        In the same units.
    within : Box
        The circles stay inside.
    fixed : ndarray of bool, shape (n,), optional
        Circles that stay where they belong; the others make way.
    keep_out : sequence of Box
        The circles stay outside of these.
    gap : float
        Free space between two circles.

    Returns
    -------
    ndarray, shape (n, 2)
        Centres.
    """
    count = len(anchors)
    turn = np.arange(count) * GOLDEN_ANGLE
    centres = anchors + 0.05 * np.column_stack([np.cos(turn), np.sin(turn)])
    reach = radii[:, None] + radii + gap
    if fixed is not None:
        reach[np.ix_(fixed, fixed)] = 0.0
    lower = np.array([within.x, within.y]) + radii[:, None]
    upper = np.array([within.right, within.top]) - radii[:, None]
    for round_ in range(ROUNDS):
        pull = 0.06 * max(0.0, 1 - 1.3 * round_ / ROUNDS)
        centres = centres + pull * (anchors - centres)
        apart = centres[:, None] - centres
        distance = np.hypot(apart[..., 0], apart[..., 1])
        np.fill_diagonal(distance, np.inf)
        overlap = np.maximum(reach - distance, 0.0)
        if pull == 0 and overlap.max(initial=0.0) < 1e-3:
            break
        push = (overlap / np.maximum(distance, 1e-6))[..., None] * apart
        centres = np.clip(centres + 0.4 * push.sum(axis=1), lower, upper)
        for box in keep_out:
            centres = _outside(centres, radii + gap, box)
        if fixed is not None:
            centres[fixed] = anchors[fixed]
    return centres


def _outside(centres: Array, radii: Array, box: Box) -> Array:
    """Push circles out of a box, the shortest way."""
    x, y = centres.T
    ways = np.stack([x - (box.x - radii), (box.right + radii) - x,
                     y - (box.y - radii), (box.top + radii) - y])  # fmt: skip
    inside = (ways > 0).all(axis=0)
    step = np.array([[-1.0, 0.0], [1.0, 0.0], [0.0, -1.0], [0.0, 1.0]])[ways.argmin(axis=0)]
    return centres + np.where(inside, ways.min(axis=0), 0.0)[:, None] * step


@dataclass(frozen=True)
class Label:
    """A text that wants to stand near a point.

    Parameters
    ----------
    text : str
        One line.
    x, y : float
        The point (mm).
    size : float
        Font size (pt).
    clear : float
        Distance kept from the point (mm); 0 for a text that stands on it, like the name of an area.
    rise : float, optional
        Distance kept above and below, where it is not the same.
    weight, style, colour : str
        As in matplotlib.
    """

    text: str
    x: float
    y: float
    size: float
    clear: float
    colour: str
    weight: str = "normal"
    style: str = "normal"
    rise: float | None = None

    @property
    def extent(self) -> tuple[float, float]:
        """Width and height (mm)."""
        return text_extent(self.text, self.size, self.weight, self.style)


def place(
    labels: list[Label], taken: list[Box], within: Box, crowd: Array
) -> list[tuple[Label, float, float]]:
    """Find a free place for each label, the important ones first; leave out those without one.

    Parameters
    ----------
    labels : list of Label
        In order of importance.
    taken : list of Box
        What may not be covered (mm).
    within : Box
        The frame.
    crowd : ndarray, shape (n, 2)
        Points along lines: a place that covers fewer of them is better.

    Returns
    -------
    list of (Label, x, y)
        With the centre of the text (mm).
    """
    occupied, placed = list(taken), []
    for label in labels:
        width, height = label.extent
        best: tuple[float, Box] | None = None
        for rank, (x, y) in enumerate(_candidates(label, width, height)):
            box = Box(x - width / 2, y - height / 2, width, height).grown(0.25)
            inside = box.x > within.x and box.y > within.y
            inside = inside and box.right < within.right and box.top < within.top
            if not inside or any(box.meets(other) for other in occupied):
                continue
            cost = 1.0 * box.holds(crowd).sum() + 0.3 * rank
            if best is None or cost < best[0]:
                best = cost, box
        if best is not None:
            occupied.append(best[1])
            placed.append((label, *best[1].middle))
    return placed


def _candidates(label: Label, width: float, height: float) -> list[tuple[float, float]]:
    """Centres to try: right, left, above, below, the diagonals; areas also further out."""
    if label.clear == 0:
        steps = [(0.0, 0.0)]
        for ring in (2.0, 4.0, 6.0):
            steps += [(0, ring), (0, -ring), (ring, 0), (-ring, 0), (ring, ring), (-ring, ring)]
            steps += [(ring, -ring), (-ring, -ring)]
        return [(label.x + dx, label.y + dy) for dx, dy in steps]
    rise = label.clear if label.rise is None else label.rise
    right, up = label.clear + width / 2, rise + height / 2
    sides = [(right, 0), (-right, 0), (0, up), (0, -up)]
    near = 0.75
    sides += [(near * right, near * up + 0.3), (-near * right, near * up + 0.3)]
    sides += [(near * right, -near * up - 0.3), (-near * right, -near * up - 0.3)]
    return [(label.x + dx, label.y + dy) for dx, dy in sides]


@cache
def text_extent(
    text: str, size: float, weight: str = "normal", style: str = "normal"
) -> tuple[float, float]:
    """Width and height of a text on paper (mm), the same for every file format.

    Examples
    --------
    >>> text_extent("MW", 10.0)[0] < text_extent("MWh", 10.0)[0]
    True
    """
    font = FontProperties(family="DejaVu Sans", size=size, weight=weight, style=style)
    width, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return width * MM_PER_PT, size * MM_PER_PT


def shortened(text: str, size: float, width: float, weight: str = "normal") -> str:
    """Cut a text with … so that it fits into a width (mm).

    Examples
    --------
    >>> shortened("Draugen-Njord power from shore", 6.0, 20.0)
    'Draugen-Njord p…'
    """
    if text_extent(text, size, weight)[0] <= width:
        return text
    kept = text
    while kept and text_extent(kept.rstrip() + "…", size, weight)[0] > width:
        kept = kept[:-1]
    return kept.rstrip() + "…"
