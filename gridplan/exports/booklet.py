"""Tables as a finished Excel workbook: a cover with figures, contents and provenance first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font

from gridplan.base.messages import Messages
from gridplan.exports.saving import whole_file
from gridplan.exports.workbook import INK, NAME_WIDTH, TEXT_WIDTH, add_part
from gridplan.exports.workbook_tables import Page
from gridplan.exports.workbook_writer import FACE, add_table, print_setup, save, write
from gridplan.study.settings import Settings

Facts = Sequence[tuple[str, object]]


@dataclass(frozen=True)
class Booklet:
    """What a workbook holds.

    Parameters
    ----------
    title : str
        On the cover.
    figures, facts : sequence of (name, value)
        Key figures, and where it comes from.
    pages : sequence of (Page, str)
        Tables, each with what it is.
    created : datetime.datetime
        UTC.
    """

    title: str
    figures: Facts
    facts: Facts
    pages: Sequence[tuple[Page, str]]
    created: dt.datetime


def write_booklet(booklet: Booklet, target: Path, settings: Settings, texts: Messages) -> None:
    """Write a workbook; equal ones are equal bytes, and an older file stays when writing fails.

    Parameters
    ----------
    booklet : Booklet
        Its contents.
    target : pathlib.Path
        Ends in .xlsx.
    settings : Settings
        Of the study.
    texts : Messages
        The language.
    """
    book = Workbook()
    cover = book.active
    cover.title = texts("sheet_cover")
    for page, _ in booklet.pages:
        sheet = add_table(book, texts(page.key), page.table, settings, texts)
        title = booklet.title.replace("&", "&&")  # a single one is a code of Excel's
        sheet.oddFooter.left.text = f"{title} · {booklet.created:%Y-%m-%d}"
        sheet.oddFooter.left.size = 8
    cover.column_dimensions["A"].width, cover.column_dimensions["B"].width = NAME_WIDTH, TEXT_WIDTH
    cover.sheet_view.showGridLines = False
    write(cover, 1, 1, booklet.title).font = Font(FACE, 18, bold=True, color=INK)
    contents = [(texts(page.key), told) for page, told in booklet.pages]
    row = 3
    for key, rows in (
        ("cover_figures", booklet.figures),
        ("cover_contents", contents),
        ("cover_provenance", booklet.facts),
    ):
        row = add_part(cover, row, texts(key), list(rows), linked=key == "cover_contents") + 1
    print_setup(cover)
    properties = book.properties
    properties.title, properties.creator = booklet.title, "gridplan"
    properties.language = {"nb": "nb-NO"}.get(texts("language"), "en-GB")
    with whole_file(target) as draft:
        save(book, draft, booklet.created)
