"""The key to the map: what colours, widths, dashes and symbols mean; scale bar and north arrow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, nan

import numpy as np

from gridplan.base.messages import Messages
from gridplan.report import style
from gridplan.report.drawing import draw_branch, draw_measure, draw_project, draw_station
from gridplan.report.features import Features
from gridplan.report.layout import Box
from gridplan.report.placing import text_extent
from gridplan.report.sheet import Sheet

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


def legend_rows(features: Features, messages: Messages, *, secure: bool) -> list[Row]:
    """List what this map needs explained.

    Parameters
    ----------
    features : Features
        Only voltages, dashes and symbols that occur are explained.
    messages : Messages
        Texts.
    secure : bool
        False where the certificate failed: loadings above the rating are then violations.
    """
    return [
        *_loading_rows(messages, secure=secure),
        *_line_rows(features, messages),
        *_basis_rows(features, messages),
        *_project_rows(messages),
        *_mark_rows(features, messages),
    ]


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


def _heading(text: str) -> Row:
    return Row(text, height=HEADING)


def _line(colour: str, width: float, dashes: tuple[float, ...] | None = None) -> Drawer:
    def draw(sheet: Sheet, x: float, y: float) -> None:
        ends = np.array([[x, y], [x + SAMPLE, y]])
        sheet.line(ends, colour=colour, width=width, dashes=dashes, z=60)

    return draw


def _abreast(samples: list[tuple[str, Drawer]]) -> Row:
    """Put samples with their texts side by side into one row."""

    def draw(sheet: Sheet, x: float, y: float) -> None:
        step = (WIDTH - 2 * PAD) / 2
        for position, (text, sample) in enumerate(samples):
            at = x + position * step
            sample(sheet, at, y)
            sheet.text(at + SAMPLE + 1.2, y, text, size=SIZE_PT, z=60)

    return Row("", draw)


def _loading_rows(messages: Messages, *, secure: bool) -> list[Row]:
    """Explain the colours by a bar in classes, and what lies above the last limit."""
    above = messages("legend_above" if secure else "legend_above_insecure")
    limits = style.LOADING[:-1]

    def bar(sheet: Sheet, x: float, y: float) -> None:
        step = (WIDTH - 2 * PAD) / len(style.LOADING)
        for position, (_, colour) in enumerate(style.LOADING):
            part = Box(x + position * step, y + 1.6, step, 2.3)
            sheet.box(part, fill=colour, edge="white", width=0.5, z=60)
        for position, (limit, _) in enumerate(limits, start=1):
            text = f"{100 * limit:.0f}"
            sheet.text(x + position * step, y - 0.2, text, size=SIZE_PT - 0.2, align="center", z=60)

    return [
        _heading(messages("legend_loading")),
        Row(messages("legend_loading_unit"), note=True, height=ROW - 0.5),
        Row("", bar, height=5.8),
        Row(above, note=True, height=ROW - 0.7),
    ]


def _line_rows(features: Features, messages: Messages) -> list[Row]:
    """Explain the widths, two voltages to a row, and the edges of what is planned."""
    voltages = sorted(features.branches["kv"].unique(), reverse=True)
    if not voltages:
        return []
    rows = [_heading(messages("legend_lines"))]
    for pair in zip(voltages[::2], [*voltages[1::2], None], strict=False):
        samples = [
            (messages("legend_kv", kv=f"{kv:g}"), _line(style.GREY, style.width_pt(kv)))
            for kv in pair
            if kv is not None
        ]
        rows.append(_abreast(samples))
    if features.branches["planned"].any() or features.stations["planned"].any():
        rows.append(Row(messages("legend_planned"), _planned))
    return rows


def _planned(sheet: Sheet, x: float, y: float) -> None:
    """Draw a planned line with a planned station on it."""
    ends = np.array([[x, y], [x + SAMPLE, y]])
    draw_branch(sheet, ends, colour=style.GREY, width=1.4, planned=True, z=60)
    draw_station(sheet, x + SAMPLE / 2, y, 0.7, planned=True, size=0.62, z=61)


def _basis_rows(features: Features, messages: Messages) -> list[Row]:
    found = set(features.branches["basis"])
    if not found & set(style.DASHES):
        return []
    looks = [
        ("legend_known", None, found - set(style.DASHES)),
        ("legend_derived", style.DASHES["derived"], found & {"derived"}),
        ("legend_synthetic", style.DASHES["synthetic"], found & {"synthetic", "assumption"}),
    ]
    rows = [_heading(messages("legend_basis"))]
    for key, dashes, present in looks:
        if present:
            rows.append(Row(messages(key), _line(style.GREY, 1.4, dashes)))
    return rows


def _project_rows(messages: Messages) -> list[Row]:
    def sample(chosen: bool) -> Drawer:
        def draw(sheet: Sheet, x: float, y: float) -> None:
            draw_project(sheet, x + SAMPLE / 2, y, 1.45, None, chosen=chosen, z=60)

        return draw

    return [
        _heading(messages("legend_projects")),
        _abreast(
            [
                (messages("legend_chosen"), sample(True)),
                (messages("legend_not_chosen"), sample(False)),
            ]
        ),
        Row("", _sizes(messages), height=2 * style.SIZES[-1][1] + 3.0),
    ]


def _sizes(messages: Messages) -> Drawer:
    """Draw the size classes side by side, their limits in MW below."""

    def draw(sheet: Sheet, x: float, y: float) -> None:
        low, at = 0.0, x + 3.4
        for limit, radius in style.SIZES:
            if low == 0:
                text = messages("size_below", limit=f"{limit:g}")
            elif limit == inf:
                text = messages("size_above", limit=f"{low:g}")
            else:
                text = messages("size_between", low=f"{low:g}", high=f"{limit:g}")
            sheet.circle(at, y + 3.9, radius, fill="#c3cccb", edge=style.GREY, width=0.5, z=60)
            sheet.text(at, y - 0.7, text, size=SIZE_PT - 0.4, align="center", z=60)
            at += (WIDTH - 2 * PAD) / 4
            low = limit

    return draw


def _mark_rows(features: Features, messages: Messages) -> list[Row]:
    def station(loading: float) -> Drawer:
        def draw(sheet: Sheet, x: float, y: float) -> None:
            draw_station(sheet, x + SAMPLE / 2, y, loading, size=0.85, z=60)

        return draw

    def measure(kind: str) -> Drawer:
        def draw(sheet: Sheet, x: float, y: float) -> None:
            draw_measure(sheet, x + SAMPLE / 2, y, kind, z=60)

        return draw

    rows = [_heading(messages("legend_marks")), Row(messages("legend_station"), station(nan))]
    if features.stations["loading_pu"].notna().any():
        rows.append(Row(messages("legend_transformer"), station(0.7)))
    if len(features.savings):
        rows.append(Row(messages("legend_load_measure"), measure("saving")))
    if len(features.ratings):
        rows.append(Row(messages("legend_rating_measure"), measure("rating")))
    return rows


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
