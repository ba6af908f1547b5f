"""Figures and tables beside a map: as many rows as there is room for, and what fell away told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gridplan.base.messages import Messages
from gridplan.exports import style
from gridplan.exports.layout import Box
from gridplan.exports.panel import FIGURES, GUTTER, NOTE_LINE, NOTE_PT, TWO_COLUMNS, wrapped
from gridplan.exports.placing import shortened, text_extent
from gridplan.exports.sheet import Sheet

PITCHES = tuple(4.0 - 0.1 * step for step in range(9))  # mm per row, the most airy first
HEADING, CAPTIONS, AFTER = 1.5, 0.85, 0.75  # heights in rows
HEADING_PT = 7.4
SAMPLE = 5.0  # mm in front of a row that begins with a symbol
SPACE = 2.0  # mm between two columns
BAR = 24.0  # mm, the longest bar
LEAST_TEXT = 16.0  # mm
SQUEEZE = 0.8  # a long cell may be this much smaller before it is cut

Symbol = Callable[[Sheet, float, float], None]


@dataclass(frozen=True)
class Table:
    """A table under a heading.

    Parameters
    ----------
    heading : str
        Above it.
    captions : sequence of str
        One per column; all empty for a table without.
    rows : sequence of sequence of str
        Cells.
    right : sequence of bool
        Which columns are set to the right, as wide as their widest cell; the others share the rest.
    symbols : sequence of callable, optional
        What stands in front of each row.
    bars : sequence of float, optional
        A bar behind each row, as long as its figure.
    least : int
        Rows that are kept for longest; what falls away is counted.
    strong : int
        Column in bold, -1 for none.
    dropped : int
        Rows that are left out; told below the table.
    excerpt : bool
        Whether the heading says that these are only some, such as the largest.
    """

    heading: str
    captions: Sequence[str]
    rows: Sequence[Sequence[str]]
    right: Sequence[bool]
    symbols: Sequence[Symbol] = ()
    bars: Sequence[float] = ()
    least: int = 3
    strong: int = -1
    dropped: int = 0
    excerpt: bool = False

    def height(self) -> float:
        """Height in rows."""
        more = 1 if self.dropped and not self.excerpt else 0
        return HEADING + (CAPTIONS if any(self.captions) else 0.0) + len(self.rows) + more + AFTER

    def shorter(self) -> Table:
        """Return the table without its last row."""
        return replace(self, rows=self.rows[:-1], dropped=self.dropped + 1)


def draw_figures(sheet: Sheet, box: Box, figures: Sequence[tuple[str, str, bool]]) -> None:
    """Draw large figures with a caption each; the True ones in colour."""
    step = box.width / len(figures)
    for position, (value, caption, strong) in enumerate(figures):
        x = box.x + position * step
        colour = style.CHOSEN if strong else style.INK
        size = min(17.0, 17.0 * (step - 2.0) / text_extent(value, 17, "bold")[0])
        sheet.text(x, box.top - 3.4, value, size=size, weight="bold", colour=colour)
        fitting = min(5.6, max(5.0, 5.6 * (step - 1.5) / text_extent(caption, 5.6)[0]))
        text = shortened(caption, fitting, step - 1.5)
        sheet.text(x, box.top - 8.8, text, size=fitting, colour=style.GREY)
    rule = Box(box.x, box.top - 12.0, box.width, 0.0)
    sheet.box(rule, fill="none", edge=style.RULE, width=0.6, z=5)


def draw_tables(
    sheet: Sheet, box: Box, figures: Sequence[tuple[str, str, bool]], tables: Sequence[Table],
    *, notes: Sequence[str], messages: Messages,
) -> None:  # fmt: skip
    """Draw a panel: figures on top, tables below, notes at the bottom."""
    draw_figures(sheet, box, figures)
    bottom = draw_notes(sheet, box, notes)
    room = Box(box.x, bottom, box.width, box.top - FIGURES - bottom)
    count = 2 if box.width > TWO_COLUMNS else 1
    width = (box.width - GUTTER * (count - 1)) / count
    columns = _in_columns([table for table in tables if table.rows], count)
    pitch, fitted = _fitted(columns, room.height)
    for position, column in enumerate(fitted):
        y = room.top
        for table in column:
            draw_table(sheet, Box(room.x + position * (width + GUTTER), y, width, 0), table,
                        pitch, messages)  # fmt: skip
            y -= table.height() * pitch


def draw_notes(sheet: Sheet, box: Box, notes: Sequence[str]) -> float:
    """Write notes at the bottom of a box, and return where they end (mm)."""
    lines = [line for note in notes for line in wrapped(note, NOTE_PT, box.width)]
    for line, text in enumerate(reversed(lines)):
        y = box.y + 1.0 + NOTE_LINE * line
        sheet.text(box.x, y, text, size=NOTE_PT, colour=style.GREY)
    return box.y + (NOTE_LINE * len(lines) + 0.8 if lines else 0.0)


def _in_columns(tables: list[Table], count: int) -> list[list[Table]]:
    """Split the tables in their order, so that the longest column is shortest."""
    if count == 1 or len(tables) < 2:
        return [tables]
    heights = [table.height() for table in tables]
    cut = min(range(1, len(tables)), key=lambda at: max(sum(heights[:at]), sum(heights[at:])))
    return [tables[:cut], tables[cut:]]


def _fitted(columns: list[list[Table]], height: float) -> tuple[float, list[list[Table]]]:
    """Choose the row height; where the smallest is too much, drop rows of the longest tables."""
    for pitch in PITCHES:
        if all(_height(column) * pitch <= height for column in columns):
            return pitch, columns
    pitch = PITCHES[-1]
    return pitch, [_cut(column, height / pitch) for column in columns]


def _height(tables: list[Table]) -> float:
    return sum(table.height() for table in tables) - AFTER


def _cut(tables: list[Table], rows: float) -> list[Table]:
    """Drop rows until the tables fit, of the table with most rows to spare first."""
    while _height(tables) > rows:
        spare = [len(table.rows) - table.least for table in tables]
        longest = spare.index(max(spare))
        if not tables[longest].rows:
            break
        shorter = tables[longest].shorter()
        tables = [*tables[:longest], shorter, *tables[longest + 1 :]]
    return tables


def draw_table(sheet: Sheet, at: Box, table: Table, pitch: float, messages: Messages) -> None:
    """Draw one table downwards from the top of a box."""
    size = min(6.4, 1.85 * pitch)
    y = at.y - 0.55 * pitch
    sheet.text(
        at.x,
        y,
        shortened(table.heading, HEADING_PT, at.width, "bold"),
        size=HEADING_PT,
        weight="bold",
    )
    rule = Box(at.x, at.y - 1.2 * pitch, at.width, 0.0)
    sheet.box(rule, fill="none", edge=style.RULE, width=0.5, z=5)
    y = at.y - (HEADING + 0.4) * pitch
    places = _places(table, at, size)
    if any(table.captions):
        for caption, (x, width), right in zip(table.captions, places, table.right, strict=True):
            text = shortened(caption, size - 0.8, width)
            place = Box(x, y + 0.1 * pitch, width, 0)
            _cell(sheet, place, text, right=right, size=size - 0.8, colour=style.GREY)
        y -= CAPTIONS * pitch
    highest = max(table.bars, default=0.0)
    for number, row in enumerate(table.rows):
        if table.symbols:
            table.symbols[number](sheet, at.x + 1.9, y)
        for column, (cell, (x, width)) in enumerate(zip(row, places, strict=True)):
            weight = "bold" if column == table.strong else "normal"
            wanted = max(text_extent(cell, size, weight)[0], 1.0)
            fitting = size * min(1.0, max(SQUEEZE, 0.999 * width / wanted))
            text = shortened(cell, fitting, width, weight)
            right = table.right[column]
            _cell(sheet, Box(x, y, width, 0), text, right=right, size=fitting, weight=weight)
        if table.bars and highest > 0:
            bar = Box(at.right - BAR, y - 0.28 * pitch, BAR * table.bars[number] / highest,
                      0.56 * pitch)  # fmt: skip
            sheet.box(bar, fill=style.RESERVED, z=5)
        y -= pitch
    if table.dropped and not table.excerpt:
        x = places[0][0]
        text = messages("measure_more", count=table.dropped)
        sheet.text(x, y, text, size=size, colour=style.GREY)


def _cell(sheet: Sheet, at: Box, text: str, *, right: bool, **look: Any) -> None:
    """Write a text at the left or the right end of a box."""
    x, align = (at.right, "right") if right else (at.x, "left")
    sheet.text(x, at.y, text, align=align, **look)


def _places(table: Table, at: Box, size: float) -> list[tuple[float, float]]:
    """Left edge and width of every column (mm)."""
    begin = at.x + (SAMPLE if table.symbols else 0.0)
    room = at.right - begin - (BAR + SPACE if table.bars else 0.0)
    natural = [_widest(table, column, size) for column in range(len(table.right))]
    fixed = sum(width for width, right in zip(natural, table.right, strict=True) if right)
    gaps = SPACE * (len(natural) - 1)
    free = [width for width, right in zip(natural, table.right, strict=True) if not right]
    left = max(room - fixed - gaps, LEAST_TEXT)
    shared = _shared(free, left)
    places, x = [], begin
    for width, right in zip(natural, table.right, strict=True):
        own = width if right else shared.pop(0)
        places.append((x, own))
        x += own + SPACE
    return places


def _widest(table: Table, column: int, size: float) -> float:
    weight = "bold" if column == table.strong else "normal"
    cells = [text_extent(row[column], size, weight)[0] for row in table.rows if row[column]]
    caption = text_extent(table.captions[column], size - 0.8)[0] if table.captions[column] else 0.0
    return max([*cells, caption, 0.0]) + 0.1


def _shared(wanted: list[float], room: float) -> list[float]:
    """Give every text column what it wants, or less where they want too much.

    Examples
    --------
    >>> _shared([10.0, 50.0], 40.0)
    [10.0, 30.0]
    >>> _shared([10.0, 20.0], 60.0)
    [25.0, 35.0]
    """
    spare = room - sum(wanted)
    if spare >= 0:
        return [width + spare / len(wanted) for width in wanted]
    order, given, left = sorted(range(len(wanted)), key=wanted.__getitem__), list(wanted), room
    for done, position in enumerate(order):
        given[position] = min(wanted[position], left / (len(wanted) - done))
        left -= given[position]
    return given
