"""A document as blocks in their order; writers turn it into HTML, PDF and Word.

All texts are plain: a writer escapes what its format would read as markup.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

Tone = Literal["good", "warning", "note"]


@dataclass(frozen=True)
class Heading:
    """A heading of level 1 (chapter) or 2."""

    text: str
    level: Literal[1, 2] = 1


@dataclass(frozen=True)
class Paragraph:
    """Running text; small for notes below a table."""

    text: str
    small: bool = False


@dataclass(frozen=True)
class Bullets:
    """A list."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class KeyFigures:
    """A few large figures beside each other, each with its label."""

    figures: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Callout:
    """What a reader in a hurry must see."""

    text: str
    tone: Tone = "note"


@dataclass(frozen=True)
class Table:
    """A table.

    Parameters
    ----------
    caption : str
        Above it.
    header : tuple of str
        One per column.
    rows : tuple of tuple of str
        Cells as they are read.
    numeric : tuple of bool
        Columns that stand to the right.
    widths : tuple of float
        Relative widths of the columns.
    total : bool
        Whether the last row sums up the others.
    number : int
        Set by `numbered`.
    """

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]
    widths: tuple[float, ...]
    total: bool = False
    number: int = 0

    def __post_init__(self) -> None:
        lengths = {len(self.header), len(self.numeric), len(self.widths), *map(len, self.rows)}
        if len(lengths) != 1:
            msg = f"{self.caption}: header, cells, numeric and widths differ in length: {lengths}"
            raise ValueError(msg)


@dataclass(frozen=True)
class Figure:
    """A picture.

    Parameters
    ----------
    png : bytes
        The file.
    width_px, height_px : int
        Its size.
    caption : str
        Below it.
    alt : str
        What it shows, for readers who do not see it.
    whole_page : bool
        Whether it needs a page of its own, across.
    number : int
        Set by `numbered`.
    """

    png: bytes
    width_px: int
    height_px: int
    caption: str
    alt: str
    whole_page: bool = False
    number: int = 0


@dataclass(frozen=True)
class PageBreak:
    """What follows begins on a new page."""


Block = Heading | Paragraph | Bullets | KeyFigures | Callout | Table | Figure | PageBreak


@dataclass(frozen=True)
class Words:
    """The few words that writers add.

    Parameters
    ----------
    table, figure, contents : str
        "Table", "Figure", "Contents".
    page, of : str
        As in "Page 1 of 9".
    """

    table: str
    figure: str
    contents: str
    page: str
    of: str


@dataclass(frozen=True)
class Document:
    """A document.

    Parameters
    ----------
    title, subtitle : str
        On top.
    language : str
        As in BCP 47, "nb-NO" or "en-GB".
    header, footer : str
        On every page.
    created : datetime.datetime
        Of the file (UTC): equal documents become equal bytes.
    words : Words
        Of the language.
    blocks : tuple of Block
        The content.
    """

    title: str
    subtitle: str
    language: str
    header: str
    footer: str
    created: dt.datetime
    words: Words
    blocks: tuple[Block, ...]


def numbered(blocks: Iterable[Block]) -> Iterator[Block]:
    """Give tables and figures their numbers, each from 1."""
    counts = {Table: 0, Figure: 0}
    for block in blocks:
        if isinstance(block, Table | Figure):
            counts[type(block)] += 1
            yield replace(block, number=counts[type(block)])
        else:
            yield block


def plain(text: str) -> str:
    r"""Leave out control characters, which neither XML nor PDF can hold.

    Examples
    --------
    >>> plain("a\x00b\tc <d>")
    'ab c <d>'
    """
    return "".join(sign if sign.isprintable() or sign == "\xa0" else _blank(sign) for sign in text)


def _blank(sign: str) -> str:
    return " " if sign.isspace() else ""
