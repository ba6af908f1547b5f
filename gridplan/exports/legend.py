"""The key to the map: what colours, widths, dashes and symbols mean; scale bar and north arrow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gridplan.base.messages import Messages
from gridplan.exports import style
from gridplan.exports.layout import Box
from gridplan.exports.placing import text_extent
from gridplan.exports.sheet import Sheet

WIDTH = 45.0
PAD = 2.2
ROW = 3.2
HEADING = 4.5
SAMPLE = 7.0  # length of a sample line
SIZE_PT = 5.6

Drawer = Callable[[Sheet, float, float], None]


@dataclass(frozen=True)
class Row:
    """One row of the key; a heading has no sample."""

    text: str
    sample: Drawer | None = None
    note: bool = False
    height: float = ROW


def legend_size(rows: list[Row]) -> tuple[float, float]:
    """Width and height of the key (mm)."""
    return WIDTH, sum(row.height for row in rows) + 2 * PAD - 0.8


def draw_legend(sheet: Sheet, box: Box, rows: list[Row], *, z: float) -> None:
    """Draw the key into its box."""
    sheet.box(box, fill="white", edge=style.RULE, width=0.6, z=z)
    y = box.top - PAD + 0.6
    for row in rows:
        y -= row.height
        middle = y + ROW / 2
        if row.sample is None:
            size, colour = (SIZE_PT - 0.4, style.GREY) if row.note else (SIZE_PT + 0.4, style.INK)
            weight = "normal" if row.note else "bold"
            sheet.text(
                box.x + PAD, middle, row.text, size=size, colour=colour, weight=weight, z=z + 1
            )
            continue
        row.sample(sheet, box.x + PAD, middle)
        if row.text:
            sheet.text(box.x + PAD + SAMPLE + 1.2, middle, row.text, size=SIZE_PT, z=z + 1)


def scale_length_km(mm_per_km: float, longest_mm: float) -> float:
    """Longest round length (1, 2 or 5 times a power of ten) that fits.

    Examples
    --------
    >>> scale_length_km(0.5, 30.0)
    50.0
    """
    longest = longest_mm / mm_per_km
    power = 10.0 ** np.floor(np.log10(longest))
    return float(max(step * power for step in (1, 2, 5) if step * power <= longest))


def draw_scale(
    sheet: Sheet, box: Box, mm_per_km: float, messages: Messages, *, north: bool, z: float
) -> None:
    """Draw a scale bar in two halves, and a north arrow to its right."""
    room = box.width - 6.0 - (6.0 if north else 0.0)
    length = scale_length_km(mm_per_km, room)
    x, y, half = box.x + 2.5, box.y + 1.4, length * mm_per_km / 2
    sheet.box(box, fill="white", edge=style.RULE, width=0.6, z=z)
    sheet.box(Box(x, y, half, 1.0), fill=style.INK, edge=style.INK, width=0.4, z=z + 1)
    sheet.box(Box(x + half, y, half, 1.0), fill="white", edge=style.INK, width=0.4, z=z + 1)
    unit = messages("scale_unit")
    for km, at, text in ((0, x, "0"), (length / 2, x + half, ""), (length, x + 2 * half, unit)):
        number = messages.number(km, 0 if km == round(km) else 1)
        label = text if text == "0" else number
        sheet.text(at, y + 2.7, label, size=5.2, align="center", z=z + 1)
        if text == unit:
            shift = text_extent(number, 5.2)[0] / 2 + 0.8
            sheet.text(at + shift, y + 2.7, unit, size=5.2, z=z + 1)
    if north:
        _draw_north(sheet, box.right - 3.4, box.y + 0.9, messages("north"), z=z + 1)


def _draw_north(sheet: Sheet, x: float, y: float, letter: str, *, z: float) -> None:
    left = np.array([[x, y + 4.6], [x - 1.3, y], [x, y + 1.0]])
    right = np.array([[x, y + 4.6], [x + 1.3, y], [x, y + 1.0]])
    sheet.polygon(left, fill=style.INK, edge=style.INK, width=0.4, z=z)
    sheet.polygon(right, fill="white", edge=style.INK, width=0.4, z=z)
    sheet.text(x, y + 5.9, letter, size=5.6, weight="bold", align="center", z=z)
