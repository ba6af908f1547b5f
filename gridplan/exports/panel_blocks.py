"""Tables of a panel one below the other, each in as many columns as its rows leave room for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gridplan.base.messages import Messages
from gridplan.exports.layout import Box
from gridplan.exports.panel import GUTTER
from gridplan.exports.panel_tables import (
    AFTER,
    HEADING_PT,
    PITCHES,
    Table,
    draw_table,
)
from gridplan.exports.placing import shortened
from gridplan.exports.sheet import Sheet

Block = tuple[Table, int]  # a table, and its columns


def draw_blocks(
    sheet: Sheet, box: Box, blocks: Sequence[Block], messages: Messages, pitch: float | None = None
) -> None:
    """Draw tables downwards; where there is too little room the longest lose rows, which is told.

    Parameters
    ----------
    sheet : Sheet
        To draw on.
    box : Box
        Room for them (mm).
    blocks : sequence of (Table, int)
        Tables without bars, and the number of columns over which the rows of each are spread.
    messages : Messages
        The language.
    pitch : float, optional
        Height of a row (mm); default as large as the room allows.
    """
    blocks = [block for block in blocks if block[0].rows]
    pitch = pitch_of(blocks, box.height) if pitch is None else pitch
    fitted = _fitted(blocks, box.height / pitch)
    top = box.top
    for table, count in fitted:
        heading = shortened(table.heading, HEADING_PT, box.width, "bold")
        sheet.text(box.x, top - 0.55 * pitch, heading, size=HEADING_PT, weight="bold")
        width = (box.width - GUTTER * (count - 1)) / count
        for column, part in enumerate(_abreast(table, count)):
            at = Box(box.x + column * (width + GUTTER), top, width, 0)
            draw_table(sheet, at, replace(part, heading=""), pitch, messages)
        top -= _block_rows(table, count) * pitch


def pitch_of(blocks: Sequence[Block], height: float) -> float:
    """Largest height of a row at which all fit, or the smallest there is (mm)."""
    return next((pitch for pitch in PITCHES if _blocks_rows(blocks) * pitch <= height), PITCHES[-1])


def _fitted(blocks: list[Block], rows: float) -> list[Block]:
    """Drop rows of the longest block until all fit."""
    while _blocks_rows(blocks) > rows:
        spare = [len(table.rows) / count - table.least for table, count in blocks]
        longest = spare.index(max(spare))
        table, count = blocks[longest]
        if not table.rows:
            break
        blocks = [*blocks[:longest], (table.shorter(), count), *blocks[longest + 1 :]]
    return blocks


def _blocks_rows(blocks: Sequence[Block]) -> float:
    return sum(_block_rows(table, count) for table, count in blocks) - AFTER


def _block_rows(table: Table, count: int) -> float:
    """Height of a table in columns (rows); it is that of the longest part."""
    return max(part.height() for part in _abreast(table, count))


def _abreast(table: Table, count: int) -> list[Table]:
    """Split a table into columns."""
    each = -(-(len(table.rows) + (table.dropped > 0)) // count)
    parts = []
    for column in range(count):
        rows = slice(column * each, (column + 1) * each)
        last = column == count - 1
        parts.append(
            replace(
                table,
                rows=table.rows[rows],
                symbols=table.symbols[rows],
                dropped=table.dropped if last else 0,
            )
        )
    return [part for part in parts if part.rows or part.dropped]
