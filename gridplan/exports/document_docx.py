"""A document as a Word file: real headings, captions, repeated table heads, alternative texts."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Iterable
from io import BytesIO
from typing import Any

import docx
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Emu, Mm, Pt, RGBColor

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

WIDTH, HEIGHT, MARGIN = Mm(210), Mm(297), Mm(18)
FONT = "Calibri"
GREY = RGBColor.from_string(style.GREY[1:].upper())
RULE = style.RULE[1:].upper()
EDGES = {tone: edge[1:].upper() for tone, (edge, _) in style.TONES.items()}
FILLS = {tone: ground[1:].upper() for tone, (_, ground) in style.TONES.items()}
HEAD = style.HEAD[1:].upper()
LONGEST = 255  # letters of a property
EARLIEST = (1980, 1, 1, 0, 0, 0)  # that a zip file can tell


def docx_of(document: Document) -> bytes:
    """Write a document as a Word file.

    Parameters
    ----------
    document : Document
        What to write.

    Returns
    -------
    bytes
        The file; equal documents give equal bytes.
    """
    word = docx.Document()
    _describe(word, document)
    _set_styles(word, document.language)
    _set_page(word.sections[0], document)
    word.add_paragraph(plain(document.title), style="Title")
    word.add_paragraph(plain(document.subtitle), style="Subtitle")
    before: Block | None = None
    for block in document.blocks:
        _add(word, block, before, document)
        before = block
    target = BytesIO()
    word.save(target)
    return _timeless(target.getvalue(), document.created)


def _describe(word: Any, document: Document) -> None:
    """Set the properties of the file."""
    properties = word.core_properties
    properties.title = plain(document.title)[:LONGEST]
    properties.subject = plain(document.subtitle)[:LONGEST]
    properties.author = properties.last_modified_by = "gridplan"
    properties.comments = plain(document.footer)[:LONGEST]
    properties.language = document.language
    properties.created = properties.modified = document.created.replace(tzinfo=None)


def _set_styles(word: Any, language: str) -> None:
    """Set fonts, colours and the language that Word checks the spelling of."""
    defaults = word.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault"))
    run = defaults.find(qn("w:rPr"))
    for old in run.findall(qn("w:lang")):
        run.remove(old)
    run.append(_element("w:lang", val=language, eastAsia=language, bidi="ar-SA"))
    looks = {
        "Normal": (10, style.INK, False),
        "Title": (20, style.INK, True),
        "Subtitle": (10.5, style.GREY, False),
        "Heading 1": (15, style.CHOSEN, True),
        "Heading 2": (11.5, style.INK, True),
        "Caption": (9, style.GREY, True),
        "List Bullet": (10, style.INK, False),
    }
    for name, (size, colour, bold) in looks.items():
        look = word.styles[name]
        look.font.size, look.font.bold, look.font.italic = Pt(size), bold, False
        look.font.color.rgb = RGBColor.from_string(colour[1:].upper())
        _set_font(look)
        look.paragraph_format.space_after = Pt(2 if name == "List Bullet" else 4)
        look.paragraph_format.line_spacing = 1.05
    word.styles["Title"].paragraph_format.space_after = Pt(2)
    word.styles["Heading 1"].paragraph_format.space_before = Pt(14)
    word.styles["Heading 2"].paragraph_format.space_before = Pt(8)
    word.styles["Footer"].paragraph_format.tab_stops.clear_all()
    for name in ("Heading 1", "Heading 2", "Caption"):
        word.styles[name].paragraph_format.keep_with_next = True


def _set_font(look: Any) -> None:
    """Use one font, also where the template has those of a theme."""
    look.font.name = FONT
    fonts = look.element.rPr.rFonts
    for name in list(fonts.attrib):
        if name.endswith("Theme"):
            del fonts.attrib[name]
    for name in ("w:hAnsi", "w:cs", "w:eastAsia"):
        fonts.set(qn(name), FONT)


def _set_page(section: Any, document: Document, *, across: bool = False) -> None:
    """Set paper, margins, head and foot."""
    section.orientation = WD_ORIENT.LANDSCAPE if across else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (HEIGHT, WIDTH) if across else (WIDTH, HEIGHT)
    section.left_margin = section.right_margin = MARGIN
    section.top_margin, section.bottom_margin = Mm(20), Mm(18)
    for part in (section.header, section.footer):
        part.is_linked_to_previous = False
    _write(section.header.paragraphs[0].clear(), document.header)
    foot = section.footer.paragraphs[0].clear()
    room = section.page_width - 2 * MARGIN
    foot.paragraph_format.tab_stops.clear_all()
    foot.paragraph_format.tab_stops.add_tab_stop(room, WD_TAB_ALIGNMENT.RIGHT)
    words = document.words
    _write(foot, f"{document.footer}\t{words.page} ")
    _field(foot, "PAGE", "1")
    _write(foot, f" {words.of} ")
    _field(foot, "NUMPAGES", "1")


def _write(paragraph: Any, text: str) -> None:
    """Write a small grey text; a tab stays one."""
    run = paragraph.add_run("\t".join(plain(part) for part in text.split("\t")))
    run.font.size, run.font.color.rgb = Pt(8), GREY


def _field(paragraph: Any, code: str, shown: str) -> None:
    """Add a field that Word computes; `shown` stands until it does."""
    run = paragraph.add_run()
    if paragraph.style.name != "Caption":
        run.font.size, run.font.color.rgb = Pt(8), GREY
    field = _element("w:fldSimple", instr=code)
    paragraph._p.remove(run._r)
    text = _element("w:t")
    text.text = shown
    run._r.append(text)
    field.append(run._r)
    paragraph._p.append(field)


def _element(name: str, **attributes: str) -> Any:
    element = OxmlElement(name)
    for key, value in attributes.items():
        element.set(qn(f"w:{key}"), value)
    return element


def _add(word: Any, block: Block, before: Block | None, document: Document) -> None:
    """Add one block; `before` is the one before it."""
    match block:
        case Heading(text, level):
            heading = word.add_heading(plain(text), level)
            heading.paragraph_format.page_break_before = isinstance(before, PageBreak)
        case Paragraph(text, small):
            run = word.add_paragraph().add_run(plain(text))
            if small:
                run.font.size = Pt(8.5)
        case Bullets(items):
            if isinstance(before, Paragraph):
                word.paragraphs[-1].paragraph_format.keep_with_next = True
            for item in items:
                word.add_paragraph(plain(item), style="List Bullet")
        case KeyFigures(figures):
            _add_figures(word, figures)
        case Callout(text, tone):
            _add_callout(word, text, tone)
        case Table():
            _add_table(word, block, document)
        case Figure():
            _add_figure(word, block, before, document)
        case PageBreak():
            pass  # the heading that follows begins a page


def _add_figures(word: Any, figures: tuple[tuple[str, str], ...]) -> None:
    """Add large figures side by side."""
    table = word.add_table(1, len(figures), style="Table Grid")
    _set_lines(table, ("top", "left", "bottom", "right", "insideV"))
    for cell, (value, label) in zip(table.rows[0].cells, figures, strict=True):
        run = cell.paragraphs[0].add_run(plain(value))
        run.font.size, run.font.bold = Pt(15), True
        run.font.color.rgb = RGBColor.from_string(style.CHOSEN[1:].upper())
        small = cell.add_paragraph().add_run(plain(label))
        small.font.size = Pt(8.5)
    word.add_paragraph()


def _add_callout(word: Any, text: str, tone: str) -> None:
    """Add a shaded paragraph with a bar before it."""
    paragraph = word.add_paragraph()
    run = paragraph.add_run(plain(text))
    run.font.size = Pt(12)
    properties = paragraph._p.get_or_add_pPr()
    borders = _element("w:pBdr")
    colour = EDGES[tone]
    borders.append(_element("w:left", val="single", sz="36", space="8", color=colour))
    properties.append(borders)
    properties.append(_element("w:shd", val="clear", color="auto", fill=FILLS[tone]))
    _in_order(properties)


ORDER = ("pStyle", "keepNext", "keepLines", "pBdr", "shd", "tabs", "spacing", "ind", "jc")


def _in_order(properties: Any) -> None:
    """Put the properties of a paragraph in the order that Word demands."""
    found = sorted(properties, key=lambda part: ORDER.index(part.tag.rpartition("}")[2]))
    for part in found:
        properties.remove(part)
        properties.append(part)


def _add_caption(word: Any, label: str, number: int, text: str) -> None:
    """Add a caption whose number Word can count anew."""
    paragraph = word.add_paragraph(style="Caption")
    paragraph.add_run(f"{label} ")
    _field(paragraph, f"SEQ {label} \\* ARABIC", str(number))
    paragraph.add_run(f": {plain(text)}")


def _add_table(word: Any, table: Table, document: Document) -> None:
    """Add caption and table; the first row repeats on every page."""
    _add_caption(word, document.words.table, table.number, table.caption)
    room = WIDTH - 2 * MARGIN
    widths = [Emu(int(room * part / sum(table.widths))) for part in table.widths]
    grid = word.add_table(1 + len(table.rows), len(table.header), style="Table Grid")
    _set_lines(grid, ("top", "bottom", "insideH"))
    grid.alignment, grid.autofit = WD_TABLE_ALIGNMENT.LEFT, False
    for column, width in zip(grid.columns, widths, strict=True):
        column.width = width
    rows = [table.header, *table.rows]
    for number, (row, texts) in enumerate(zip(grid.rows, rows, strict=True)):
        head = number == 0
        bold = head or (table.total and number == len(table.rows))
        properties = row._tr.get_or_add_trPr()
        properties.append(_element("w:cantSplit"))
        if head:
            properties.append(_element("w:tblHeader"))
        _fill(row.cells, texts, table.numeric, widths, bold=bold, head=head)
    word.add_paragraph()


def _set_lines(table: Any, sides: tuple[str, ...]) -> None:
    """Draw thin grey lines at some sides only, and keep the cells narrow."""
    properties = table._tbl.tblPr
    borders = _element("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        kind = "single" if side in sides else "nil"
        borders.append(_element(f"w:{side}", val=kind, sz="4", space="0", color=RULE))
    margins = _element("w:tblCellMar")
    for side, dxa in (("top", "25"), ("left", "70"), ("bottom", "25"), ("right", "70")):
        margins.append(_element(f"w:{side}", w=dxa, type="dxa"))
    layout = properties.find(qn("w:tblLayout"))
    place = properties.index(layout) if layout is not None else len(properties)
    look = properties.find(qn("w:tblLook"))
    place = place if layout is not None or look is None else properties.index(look)
    properties.insert(place, borders)
    after = properties.index(layout) + 1 if layout is not None else place + 1
    properties.insert(after, margins)


def _fill(
    cells: Iterable[Any], texts: Iterable[str], numeric: Iterable[bool], widths: Iterable[Emu], *,
    bold: bool, head: bool,
) -> None:  # fmt: skip
    """Write the cells of a row."""
    for cell, text, right, width in zip(cells, texts, numeric, widths, strict=True):
        cell.width = width
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.space_after = Pt(0)
        if right:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        run = paragraph.add_run(plain(text))
        run.font.size, run.font.bold = Pt(8), bold
        if head:
            shade = _element("w:shd", val="clear", color="auto", fill=HEAD)
            cell._tc.get_or_add_tcPr().append(shade)


def _add_figure(word: Any, figure: Figure, before: Block | None, document: Document) -> None:
    """Add picture and caption, on a page across where it needs one."""
    if figure.whole_page:
        begun = isinstance(before, Figure) and before.whole_page  # a section that is empty yet
        section = word.sections[-1] if begun else word.add_section(WD_SECTION.NEW_PAGE)
        _set_page(section, document, across=True)
    section = word.sections[-1]
    wide = section.page_width - 2 * MARGIN
    high = section.page_height - Mm(20) - Mm(18) - Mm(18)
    scale = min(wide / figure.width_px, high / figure.height_px)
    picture = word.add_picture(BytesIO(figure.png), width=Emu(int(scale * figure.width_px)))
    picture._inline.docPr.set("descr", plain(figure.alt))
    word.paragraphs[-1].paragraph_format.keep_with_next = True
    _add_caption(word, document.words.figure, figure.number, figure.caption)
    word.paragraphs[-1].paragraph_format.keep_with_next = False
    if figure.whole_page:
        _set_page(word.add_section(WD_SECTION.NEW_PAGE), document)


def _timeless(data: bytes, created: dt.datetime) -> bytes:
    """Pack the parts anew, dated as the document is and in a fixed order."""
    when = max(created.utctimetuple()[:6], EARLIEST)
    target = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as source, zipfile.ZipFile(target, "w") as packed:
        for name in source.namelist():
            part = zipfile.ZipInfo(name, when)
            part.compress_type, part.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            packed.writestr(part, source.read(name))
    return target.getvalue()
