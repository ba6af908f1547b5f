"""The writers take whatever texts a study may hold."""

import datetime as dt
from io import BytesIO

import docx
import pypdf
import pytest
from PIL import Image

from gridplan.exports.document import (
    Bullets,
    Document,
    Figure,
    Heading,
    Paragraph,
    Table,
    Words,
    numbered,
)
from gridplan.exports.document_docx import docx_of
from gridplan.exports.document_html import html_of
from gridplan.exports.document_pdf import pdf_of

WORDS = Words("Tabell", "Figur", "Innhold", "Side", "av")


def document(*blocks, title="Øyriket"):
    when = dt.datetime(2026, 5, 17, tzinfo=dt.UTC)
    return Document(title, "<i>&amp;", "nb-NO", "h", "f", when, WORDS, tuple(numbered(blocks)))


def table(*rows, header=("a", "b")):
    return Table("Æsj & <b>", header, rows, (False, True), (1, 3))


def test_texts_longer_than_a_page_are_split_not_lost():
    many = "ord " * 3000
    told = document(Bullets((many,)), table(("x", many), ("W" * 400, "s")), title="t" * 300)
    text = "".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(pdf_of(told))).pages)
    assert text.count("ord") == 6000
    word = docx.Document(BytesIO(docx_of(told)))
    assert word.tables[0].cell(1, 1).text == many
    assert len(word.core_properties.title) == 255


def test_control_characters_are_left_out():
    told = document(Heading("Kai\x00 \x0b1"), Paragraph("a\ud800b\tc"), table(("\x1f", "1")))
    assert "ab c" in html_of(told)
    word = docx.Document(BytesIO(docx_of(told)))
    assert "ab c" in [paragraph.text for paragraph in word.paragraphs]
    assert "ab c" in pypdf.PdfReader(BytesIO(pdf_of(told))).pages[0].extract_text()


def test_tables_are_numbered_in_their_order_and_may_be_empty():
    told = document(table(), Paragraph("p"), table(("1", "2")))
    page = html_of(told)
    assert page.index("Tabell 1: Æsj &amp; &lt;b&gt;") < page.index("Tabell 2:")
    assert len(docx.Document(BytesIO(docx_of(told))).tables[0].rows) == 1
    assert len(pypdf.PdfReader(BytesIO(pdf_of(told))).pages) == 1


def test_rows_of_another_length_are_refused():
    with pytest.raises(ValueError, match="differ in length"):
        table(("only one",))


def test_pictures_across_follow_each_other_without_an_empty_page():
    target = BytesIO()
    Image.new("RGB", (40, 20), "red").save(target, "PNG")
    across = Figure(target.getvalue(), 40, 20, "Kart", "Et kart", whole_page=True)
    told = document(Paragraph("før"), across, across, Paragraph("etter"))
    pages = pypdf.PdfReader(BytesIO(pdf_of(told))).pages
    turned = [page.mediabox.width > page.mediabox.height for page in pages]
    assert turned == [False, True, True, False]
    assert "etter" in pages[-1].extract_text()
    sections = docx.Document(BytesIO(docx_of(told))).sections
    turned = [section.page_width > section.page_height for section in sections]
    assert turned == [False, True, True, False]
    assert [section.header.paragraphs[0].text for section in sections] == ["h"] * 4
    assert len(pypdf.PdfReader(BytesIO(pdf_of(document(Paragraph("før"), across)))).pages) == 2
