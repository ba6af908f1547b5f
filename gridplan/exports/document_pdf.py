"""A document as PDF: A4, embedded fonts, text that can be searched, bookmarks, page numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from itertools import zip_longest
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import matplotlib as mpl
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    Image,
    KeepTogether,
    ListFlowable,
    ListItem,
    NextPageTemplate,
    PageTemplate,
    Spacer,
)
from reportlab.platypus import PageBreak as NewPage
from reportlab.platypus import Paragraph as Text
from reportlab.platypus import Table as Grid

from gridplan.exports import style
from gridplan.exports.document import (
    Block,
    Bullets,
    Callout,
    Document,
    Figure,
    Heading,
    KeyFigures,
    PageBreak,
    Paragraph,
    Table,
    plain,
)

FONT, BOLD = "DejaVuSans", "DejaVuSans-Bold"
MARGIN, TOP, BOTTOM = 17 * mm, 21 * mm, 19 * mm
INK, GREY, RULE = HexColor(style.INK), HexColor(style.GREY), HexColor(style.RULE)
GREEN, SHADE = HexColor(style.CHOSEN), HexColor("#eef1f4")
TONES = {tone: (HexColor(edge), HexColor(ground)) for tone, (edge, ground) in style.TONES.items()}
LAST = 3  # rows that stay together, so that a sum never stands alone
PAD = (2.2, 4.5)  # pt: inside the cells, above and beside


def _style(name: str, size: float, **more: Any) -> ParagraphStyle:
    look = {"fontName": FONT, "textColor": INK, "leading": 1.36 * size, "splitLongWords": True}
    return ParagraphStyle(name, fontSize=size, **(look | more))


BODY = _style("body", 9.0, leading=12.2, spaceAfter=4)
POINT = _style("point", 9.0, leading=12.2, spaceAfter=1.2)
STYLES = {
    "title": _style("title", 15.5, fontName=BOLD, leading=20, spaceAfter=2),
    "subtitle": _style("subtitle", 9.2, textColor=GREY, spaceAfter=9),
    1: _style("chapter", 14, fontName=BOLD, textColor=GREEN, spaceBefore=11, spaceAfter=5),
    2: _style("section", 10.4, fontName=BOLD, spaceBefore=6, spaceAfter=2),
    "body": BODY,
    "small": _style("small", 7.6, textColor=GREY, spaceAfter=5),
    "callout": _style("callout", 10.6, leading=15.2),
    "caption": _style("caption", 8.2, fontName=BOLD, spaceBefore=5, spaceAfter=3),
    "below": _style("below", 8.0, textColor=GREY, spaceBefore=3, spaceAfter=8),
    "cell": _style("cell", 7.4),
    "number": _style("number", 7.4, alignment=TA_RIGHT),
    "head": _style("head", 7.4, fontName=BOLD),
    "head number": _style("head number", 7.4, fontName=BOLD, alignment=TA_RIGHT),
    "total": _style("total", 7.4, fontName=BOLD),
    "total number": _style("total number", 7.4, fontName=BOLD, alignment=TA_RIGHT),
    "figure": _style("figure", 14.5, fontName=BOLD, textColor=GREEN, leading=19),
    "label": _style("label", 7.6, textColor=GREY),
}


def pdf_of(document: Document) -> bytes:
    """Write a document as PDF.

    Parameters
    ----------
    document : Document
        What to write.

    Returns
    -------
    bytes
        The file; equal documents give equal bytes.
    """
    _register_fonts()
    target = BytesIO()
    template = _Template(target, document)
    story: list[Flowable] = [
        Text(_text(document.title), STYLES["title"]),
        Text(_text(document.subtitle), STYLES["subtitle"]),
    ]
    for block, following in zip_longest(document.blocks, document.blocks[1:]):
        story += _flowables(block, following, document)
    template.build(story, canvasmaker=_Numbered)
    return target.getvalue()


@cache
def _register_fonts() -> None:
    """Take the fonts that matplotlib brings; they are embedded, so that every letter is there."""
    folder = Path(mpl.get_data_path()) / "fonts" / "ttf"
    for name in (FONT, BOLD):
        pdfmetrics.registerFont(TTFont(name, str(folder / f"{name}.ttf")))
    pdfmetrics.registerFontFamily(FONT, normal=FONT, bold=BOLD, italic=FONT, boldItalic=BOLD)


class _Numbered(Canvas):
    """Pages that know how many there are: they are drawn once all have been laid out."""

    document: Document

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._pages: list[dict] = []

    def showPage(self) -> None:  # noqa: N802 - reportlab's name
        """Keep a page."""
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        """Draw head and foot on all pages, and write them."""
        for number, page in enumerate(self._pages, 1):
            self.__dict__.update(page)
            self._draw_frame(number, len(self._pages))
            super().showPage()
        super().save()

    def _draw_frame(self, number: int, count: int) -> None:
        """Draw head and foot of a page."""
        document, (width, height) = self.document, self._pagesize
        words = document.words
        self.setFont(FONT, 7)
        self.setFillColor(GREY)
        self.setStrokeColor(RULE)
        self.setLineWidth(0.6)
        if number > 1:
            self.drawString(MARGIN, height - 13 * mm, plain(document.header))
            self.line(MARGIN, height - 15 * mm, width - MARGIN, height - 15 * mm)
        self.line(MARGIN, 14 * mm, width - MARGIN, 14 * mm)
        self.drawString(MARGIN, 10.5 * mm, plain(document.footer))
        place = f"{words.page} {number} {words.of} {count}"
        self.drawRightString(width - MARGIN, 10.5 * mm, place)


class _Template(BaseDocTemplate):
    """Pages upright and across, and a bookmark for every heading."""

    def __init__(self, target: BytesIO, document: Document) -> None:
        super().__init__(target, pagesize=A4, title=document.title, author="gridplan",
                         subject=document.subtitle, creator="gridplan", lang=document.language,
                         invariant=1)  # fmt: skip
        self.document, self.marks = document, 0
        templates = []
        for name, (width, height) in (("upright", A4), ("across", landscape(A4))):
            inside = (width - 2 * MARGIN, height - TOP - BOTTOM)
            frame = Frame(MARGIN, BOTTOM, *inside, 0, 0, 0, 0, id=name)
            templates.append(
                PageTemplate(name, [frame], pagesize=(width, height), onPage=_set_document)
            )
        self.addPageTemplates(templates)

    def beforeDocument(self) -> None:  # noqa: N802 - reportlab's name
        """Date the file as the document is, whatever the clock says."""
        _date(self.canv, self.document.created)

    def afterFlowable(self, flowable: Flowable) -> None:  # noqa: N802 - reportlab's name
        """Set the bookmark of a heading."""
        level = getattr(flowable, "outline_level", None)
        if level is not None:
            self.marks += 1
            name = f"mark {self.marks}"
            self.canv.bookmarkPage(name)
            self.canv.addOutlineEntry(flowable.outline_text, name, level, closed=level == 0)


def _set_document(canvas: Canvas, template: _Template) -> None:
    canvas.document = template.document


def _date(canvas: Canvas, when: dt.datetime) -> None:
    """Set the date of the file; reportlab offers its own clock or the year 2000 only."""
    stamp = canvas._doc._timeStamp
    stamp.t, stamp.lt = when.timestamp(), when.utctimetuple()
    stamp.YMDhms, stamp.dhh, stamp.dmm, stamp.tzname = tuple(stamp.lt)[:6], 0, 0, "UTC"


def _flowables(block: Block, following: Block | None, document: Document) -> Iterator[Flowable]:
    """Flowables of one block; `following` is the one after it."""
    width = A4[0] - 2 * MARGIN
    match block:
        case Heading(text, level):
            yield CondPageBreak((60 if level == 1 else 30) * mm)
            yield _heading(text, level)
        case Paragraph(text, small):
            yield Text(_text(text), STYLES["small" if small else "body"])
        case Bullets(items):
            points = [ListItem(Text(_text(item), POINT), leftIndent=11) for item in items]
            yield ListFlowable(points, bulletType="bullet", start="•", bulletFontName=FONT,
                               bulletFontSize=9, leftIndent=11)  # fmt: skip
            yield Spacer(1, 3)
        case KeyFigures(figures):
            yield _key_figures(figures, width)
            yield Spacer(1, 4)
        case Callout(text, tone):
            edge, fill = TONES[tone]
            everywhere = ((0, 0), (-1, -1))
            look = [
                ("BACKGROUND", *everywhere, fill),
                ("LINEBEFORE", (0, 0), (0, -1), 4, edge),
                ("LEFTPADDING", *everywhere, 10),
                ("TOPPADDING", *everywhere, 7),
                ("BOTTOMPADDING", *everywhere, 8),
            ]
            yield Grid([[Text(_text(text), STYLES["callout"])]], [width], style=look)
            yield Spacer(1, 7)
        case Table():
            yield from _table(block, document, width)
        case Figure():
            yield from _figure(block, following, document)
        case PageBreak():
            yield NewPage()


def _heading(text: str, level: int) -> Text:
    """Heading that gets a bookmark."""
    heading = Text(_text(text), STYLES[level])
    heading.outline_level, heading.outline_text = level - 1, plain(text)
    return heading


def _key_figures(figures: tuple[tuple[str, str], ...], width: float) -> Grid:
    """Large figures side by side."""
    row = [[Text(_text(value), STYLES["figure"]), Text(_text(label), STYLES["label"])]
           for value, label in figures]  # fmt: skip
    look = [("BOX", (column, 0), (column, 0), 0.7, RULE) for column in range(len(figures))]
    look += [("VALIGN", (0, 0), (-1, -1), "TOP"), ("BOTTOMPADDING", (0, 0), (-1, -1), 6)]
    return Grid([row], [width / len(figures)] * len(figures), style=look)


def _table(table: Table, document: Document, width: float) -> Iterator[Flowable]:
    """Caption and table; the header repeats on every page."""
    caption = f"{document.words.table} {table.number}: {table.caption}"
    rows = [_cells(table, table.header, "head")]
    for number, row in enumerate(table.rows, 1):
        last = table.total and number == len(table.rows)
        rows.append(_cells(table, row, "total" if last else ""))
    look = [
        ("BACKGROUND", (0, 0), (-1, 0), SHADE),
        ("LINEBELOW", (0, 0), (-1, 0), 1.0, INK),
        ("LINEBELOW", (0, 1), (-1, -1), 0.4, RULE),
        ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
        ("VALIGN", (0, 1), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), PAD[0]),
        ("BOTTOMPADDING", (0, 0), (-1, -1), PAD[0] + 1),
        ("LEFTPADDING", (0, 0), (-1, -1), PAD[1]),
        ("RIGHTPADDING", (0, 0), (-1, -1), PAD[1]),
    ]
    if table.total:
        look.append(("LINEABOVE", (0, -1), (-1, -1), 1.0, INK))
        look.append(("NOSPLIT", (0, max(len(rows) - LAST, 0)), (-1, -1)))
    total = sum(table.widths)
    widths = [width * part / total for part in table.widths]
    yield CondPageBreak(36 * mm)
    yield Text(_text(caption), STYLES["caption"])
    yield Grid(rows, widths, repeatRows=1, splitInRow=1, style=look)
    yield Spacer(1, 8)


def _cells(table: Table, row: tuple[str, ...], kind: str) -> list[Text]:
    """Cells of a row."""
    return [
        Text(_text(cell), STYLES[f"{kind} number".strip() if numeric else kind or "cell"])
        for cell, numeric in zip(row, table.numeric, strict=True)
    ]


def _figure(figure: Figure, following: Block | None, document: Document) -> Iterator[Flowable]:
    """Picture and caption, on a page across where it needs one."""
    page = landscape(A4) if figure.whole_page else A4
    wide, high = page[0] - 2 * MARGIN, page[1] - TOP - BOTTOM - 12 * mm
    scale = min(wide / figure.width_px, high / figure.height_px)
    image = Image(BytesIO(figure.png), scale * figure.width_px, scale * figure.height_px)
    caption = f"{document.words.figure} {figure.number}: {figure.caption}"
    both = [image, Text(_text(caption), STYLES["below"])]
    if not figure.whole_page:
        yield KeepTogether(both)
        return
    yield NextPageTemplate("across")
    yield NewPage()
    yield from both
    if following is not None and not (isinstance(following, Figure) and following.whole_page):
        yield NextPageTemplate("upright")
        yield NewPage()


def _text(text: str) -> str:
    return escape(plain(text))
