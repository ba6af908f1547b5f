"""What the key explains: one function per topic, each a list of rows."""

from __future__ import annotations

from math import inf

import numpy as np

from gridplan.base.messages import Messages
from gridplan.exports import style
from gridplan.exports.classes import Classes
from gridplan.exports.drawing import draw_badge, draw_branch, draw_mark, draw_measure, draw_project
from gridplan.exports.features import Features
from gridplan.exports.layout import Box
from gridplan.exports.legend import HEADING, PAD, ROW, SAMPLE, SIZE_PT, WIDTH, Drawer, Row
from gridplan.exports.placing import text_extent
from gridplan.exports.sheet import Sheet

SHAPES = {"circle": "legend_circle", "square": "legend_square", "diamond": "legend_diamond"}


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


def class_rows(
    heading: str, unit: str, classes: Classes, ticks: list[str], above: str = ""
) -> list[Row]:
    """Explain colours by a bar in classes with the limits below; `above` what the last one is."""

    def bar(sheet: Sheet, x: float, y: float) -> None:
        step = (WIDTH - 2 * PAD) / len(classes.colours)
        for position, colour in enumerate(classes.colours):
            part = Box(x + position * step, y + 1.6, step, 2.3)
            edge = style.GREY if colour == "#ffffff" else "white"
            sheet.box(part, fill=colour, edge=edge, width=0.5, z=60)
        widest = max(text_extent(text, SIZE_PT - 0.2)[0] for text in ticks)
        size = (SIZE_PT - 0.2) * min(1.0, (step - 0.6) / widest)
        for position, text in enumerate(ticks, start=1):
            sheet.text(x + position * step, y - 0.2, text, size=size, align="center", z=60)

    rows = [
        _heading(heading),
        Row(unit, note=True, height=ROW - 0.5),
        Row("", bar, height=5.8),
    ]
    return [*rows, Row(above, note=True, height=ROW - 0.7)] if above else rows


def loading_rows(messages: Messages, classes: Classes, above: str) -> list[Row]:
    """Explain the colours of loadings; `above` says what lies above the last limit."""
    return class_rows(
        messages("legend_loading"),
        messages("legend_loading_unit"),
        classes,
        [f"{100 * limit:.0f}" for limit in classes.limits],
        above,
    )


def line_rows(features: Features, messages: Messages, *, planned: bool = True) -> list[Row]:
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
    if planned and (features.branches["planned"].any() or features.stations["planned"].any()):
        sample = _planned if features.plain else _planned_line
        rows.append(Row(messages("legend_planned"), sample))
    return rows


def _planned_line(sheet: Sheet, x: float, y: float) -> None:
    """Draw a planned line alone."""
    ends = np.array([[x, y], [x + SAMPLE, y]])
    draw_branch(sheet, ends, colour=style.GREY, width=1.4, planned=True, z=60)


def _planned(sheet: Sheet, x: float, y: float) -> None:
    """Draw a planned line with a planned station on it."""
    ends = np.array([[x, y], [x + SAMPLE, y]])
    draw_branch(sheet, ends, colour=style.GREY, width=1.4, planned=True, z=60)
    draw_mark(
        sheet, x + SAMPLE / 2, y, "square", style.LOADING[1][1], planned=True, size=0.62, z=61
    )


def basis_rows(features: Features, messages: Messages) -> list[Row]:
    """Explain the dashes that occur."""
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


def project_rows(messages: Messages) -> list[Row]:
    """Explain the symbols of projects and their sizes."""

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
        _size_row(messages),
    ]


def size_rows(messages: Messages) -> list[Row]:
    """Explain the sizes of the symbols of projects."""
    return [Row(messages("legend_projects"), height=HEADING), _size_row(messages)]


def _size_row(messages: Messages) -> Row:
    return Row("", _sizes(messages), height=2 * style.SIZES[-1][1] + 3.0)


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


def _mark(shape: str, colour: str) -> Drawer:
    def draw(sheet: Sheet, x: float, y: float) -> None:
        draw_mark(sheet, x + SAMPLE / 2, y, shape, colour, size=0.85, z=60)

    return draw


def mark_rows(features: Features, messages: Messages) -> list[Row]:
    """Explain the marks of stations and measures."""

    def measure(kind: str) -> Drawer:
        def draw(sheet: Sheet, x: float, y: float) -> None:
            draw_measure(sheet, x + SAMPLE / 2, y, kind, z=60)

        return draw

    heading = "legend_marks" if len(features.projects) or len(features.savings) else "stations"
    rows = [_heading(messages(heading)), Row(messages("legend_station"), _mark("dot", "white"))]
    if (features.marks["shape"] == "square").any():
        rows.append(Row(messages("legend_transformer"), _mark("square", style.LOADING[1][1])))
    if len(features.savings):
        rows.append(Row(messages("legend_load_measure"), measure("saving")))
    if len(features.ratings):
        rows.append(Row(messages("legend_rating_measure"), measure("rating")))
    return rows


def bus_rows(features: Features, messages: Messages, dot: str) -> list[Row]:
    """Explain the marks of buses by voltage; `dot` says what a station without figure is."""
    shapes = [shape for shape in SHAPES if (features.marks["shape"] == shape).any()]
    rows = [_heading(messages("legend_buses"))]
    rows += [Row(messages(SHAPES[shape]), _mark(shape, style.RESERVED)) for shape in shapes]
    if (features.marks["shape"] == "dot").any():
        rows.append(Row(dot, _mark("dot", "white")))
    if (features.marks["shift"] != 0).any():
        rows.append(Row(messages("legend_several"), note=True, height=ROW - 0.3))
    return rows


def badge_rows(text: str, colour: str) -> list[Row]:
    """Explain the numbered branches."""

    def draw(sheet: Sheet, x: float, y: float) -> None:
        _line(colour, 1.4)(sheet, x, y)
        draw_badge(sheet, x + SAMPLE / 2, y, 1, colour, z=61, size=1.25)

    return [Row(text, draw, height=ROW + 0.4)]


def reinforcement_rows(messages: Messages, *, gain: bool) -> list[Row]:
    """Explain the reinforcements: by gain, or by whether they are in service."""

    def line(colour: str, number: int) -> Drawer:
        def draw(sheet: Sheet, x: float, y: float) -> None:
            ends = np.array([[x, y], [x + SAMPLE, y]])
            draw_branch(sheet, ends, colour=colour, width=1.4, planned=True, z=60)
            draw_badge(sheet, x + SAMPLE / 2, y, number, colour, z=61, size=1.25)

        return draw

    if gain:
        return [
            Row(messages("legend_reinforcement"), line(style.RESERVED, 1), height=ROW + 0.6),
            Row(messages("legend_best_bus"), _mark("circle", style.RESERVED)),
        ]
    return [
        _heading(messages("legend_reinforcements")),
        Row(messages("legend_built"), line(style.CHOSEN, 1), height=ROW + 0.4),
        Row(messages("legend_left"), line(style.LIMITING, 2), height=ROW + 0.4),
    ]
