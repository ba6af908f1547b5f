"""A document as one HTML file: pictures inside, nothing fetched, ready to be printed."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from html import escape

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

COLOURS = {
    "ink": style.INK, "grey": style.GREY, "rule": style.RULE, "green": style.CHOSEN,
    "red": style.BEYOND, "head": style.HEAD,
    **{f"{tone}-ground": ground for tone, (_, ground) in style.TONES.items()},
}  # fmt: skip
STYLE = f"""
:root {{ {" ".join(f"--{name}: {colour};" for name, colour in COLOURS.items())} }}
"""
STYLE += """\
* { box-sizing: border-box; }
body { margin: 0; background: #f3f4f5; color: var(--ink); line-height: 1.5;
  font: 1rem/1.5 "Segoe UI", "Helvetica Neue", Arial, "DejaVu Sans", sans-serif; }
main { max-width: 62rem; margin: 1.5rem auto; padding: 2.5rem 3rem; background: #fff;
  box-shadow: 0 1px 4px rgb(0 0 0 / 12%); }
h1 { margin: 0; font-size: 2rem; line-height: 1.2; }
h2 { margin: 2.6rem 0 .6rem; padding-bottom: .2rem; font-size: 1.45rem; color: var(--green);
  border-bottom: 2px solid var(--green); }
h3 { margin: 1.5rem 0 .3rem; font-size: 1.1rem; }
p, ul { margin: .5rem 0; max-width: 48rem; }
li { margin: .25rem 0; }
.subtitle, .small, footer, figcaption { color: var(--grey); }
.small, figcaption, footer { font-size: .86rem; }
nav { margin: 1.2rem 0; padding: .7rem 1.2rem; background: #f6f7f8; font-size: .92rem; }
nav strong { display: block; }
nav ol { columns: 2; margin: .3rem 0; padding-left: 1.4rem; }
nav a { color: var(--ink); }
.callout { margin: 1rem 0; padding: .8rem 1.1rem; border-left: 6px solid var(--grey);
  background: var(--note-ground); font-size: 1.1rem; }
.good { border-color: var(--green); background: var(--good-ground); }
.warning { border-color: var(--red); background: var(--warning-ground); }
.figures { display: flex; flex-wrap: wrap; gap: .8rem; margin: 1.1rem 0; padding: 0; }
.figures div { flex: 1 1 8rem; padding: .7rem .9rem; border: 1px solid var(--rule); }
.figures dd { margin: 0; font-size: 1.5rem; font-weight: 700; color: var(--green);
  white-space: nowrap; }
.figures dt { color: var(--grey); font-size: .86rem; }
.figures div { display: flex; flex-direction: column-reverse; justify-content: flex-end; }
.wide { overflow-x: auto; margin: 1rem 0 1.4rem; }
table { width: 100%; border-collapse: collapse; font-size: .88rem; line-height: 1.35; }
caption { text-align: left; font-weight: 600; padding: .3rem 0; }
th { background: var(--head); text-align: left; vertical-align: bottom; border-bottom: 2px solid
  var(--ink); }
th, td { padding: .32rem .5rem; }
td { border-bottom: 1px solid var(--rule); vertical-align: top; overflow-wrap: anywhere; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
td.number { white-space: nowrap; }
tr.total td { font-weight: 700; border-top: 2px solid var(--ink); }
figure { margin: 1.2rem 0; }
img { max-width: 100%; height: auto; border: 1px solid var(--rule); }
footer { margin-top: 2.5rem; padding-top: .6rem; border-top: 1px solid var(--rule); }
@page { size: A4; margin: 17mm 15mm; }
@media print {
  html { font-size: 9pt; }
  body { background: #fff; line-height: 1.4; }
  h2 { margin-top: 1.6rem; }
  h3 { margin-top: .9rem; }
  p, ul { max-width: none; }
  main { max-width: none; margin: 0; padding: 0; box-shadow: none; }
  nav { display: none; }
  h2, h3, caption { break-after: avoid; }
  tr, figure, .callout, .figures { break-inside: avoid; }
  thead { display: table-header-group; }
  .wide { overflow: visible; }
  tr.total { break-before: avoid; }
  .break { break-before: page; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def html_of(document: Document) -> str:
    """Write a document as HTML.

    Parameters
    ----------
    document : Document
        What to write.

    Returns
    -------
    str
        A whole page, with its pictures inside.
    """
    return "\n".join(_page(document)) + "\n"


def _page(document: Document) -> Iterator[str]:
    """Lines of the page."""
    yield "<!DOCTYPE html>"
    yield f'<html lang="{_text(document.language)}">'
    yield "<head>"
    yield '<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="generator" content="gridplan">'
    yield f'<meta name="dcterms.created" content="{document.created:%Y-%m-%dT%H:%M:%SZ}">'
    yield f"<title>{_text(document.title)}</title>"
    yield f"<style>{STYLE}</style>"
    yield "</head>"
    yield "<body><main>"
    yield f"<header><h1>{_text(document.title)}</h1>"
    yield f'<p class="subtitle">{_text(document.subtitle)}</p></header>'
    yield from _contents(document)
    breaks = False
    for number, block in enumerate(document.blocks):
        if isinstance(block, PageBreak):
            breaks = True
            continue
        if breaks:
            yield '<div class="break"></div>'
            breaks = False
        yield from _block(block, number, document)
    yield f"<footer>{_text(document.footer)}</footer>"
    yield "</main></body>"
    yield "</html>"


def _contents(document: Document) -> Iterator[str]:
    """Links to the chapters."""
    chapters = [
        (number, block.text)
        for number, block in enumerate(document.blocks)
        if isinstance(block, Heading) and block.level == 1
    ]
    name = _text(document.words.contents)
    yield f'<nav aria-label="{name}"><strong>{name}</strong><ol>'
    for number, text in chapters:
        yield f'<li><a href="#b{number}">{_text(text)}</a></li>'
    yield "</ol></nav>"


def _block(block: Block, number: int, document: Document) -> Iterator[str]:
    """Lines of one block."""
    match block:
        case Heading(text, level):
            yield f'<h{level + 1} id="b{number}">{_text(text)}</h{level + 1}>'
        case Paragraph(text, small):
            yield f'<p class="small">{_text(text)}</p>' if small else f"<p>{_text(text)}</p>"
        case Bullets(items):
            yield "<ul>"
            yield from (f"<li>{_text(item)}</li>" for item in items)
            yield "</ul>"
        case KeyFigures(figures):
            yield '<dl class="figures">'
            for value, label in figures:
                yield f"<div><dt>{_text(label)}</dt><dd>{_text(value)}</dd></div>"
            yield "</dl>"
        case Callout(text, tone):
            yield f'<p class="callout {tone}">{_text(text)}</p>'
        case Table():
            yield from _table(block, document)
        case Figure():
            yield from _figure(block, document)


def _table(table: Table, document: Document) -> Iterator[str]:
    """Lines of a table."""
    look = ['<{} class="number"{}>' if numeric else "<{}{}>" for numeric in table.numeric]
    total = sum(table.widths)
    yield '<div class="wide"><table>'
    caption = f"{document.words.table} {table.number}: {table.caption}"
    yield f"<caption>{_text(caption)}</caption>"
    widths = "".join(f'<col style="width:{100 * width / total:.1f}%">' for width in table.widths)
    yield f"<colgroup>{widths}</colgroup>"
    cells = zip(look, table.header, strict=True)
    head = "".join(
        form.format("th", ' scope="col"') + _text(cell) + "</th>" for form, cell in cells
    )
    yield f"<thead><tr>{head}</tr></thead>"
    yield "<tbody>"
    for number, row in enumerate(table.rows, 1):
        sums = table.total and number == len(table.rows)
        cells = zip(look, row, strict=True)
        text = "".join(form.format("td", "") + _text(cell) + "</td>" for form, cell in cells)
        yield f'<tr class="total">{text}</tr>' if sums else f"<tr>{text}</tr>"
    yield "</tbody></table></div>"


def _figure(figure: Figure, document: Document) -> Iterator[str]:
    """Lines of a picture."""
    data = base64.b64encode(figure.png).decode("ascii")
    yield (
        f'<figure><img src="data:image/png;base64,{data}" width="{figure.width_px}" '
        f'height="{figure.height_px}" alt="{_text(figure.alt)}">'
    )
    caption = f"{document.words.figure} {figure.number}: {figure.caption}"
    yield f"<figcaption>{_text(caption)}</figcaption></figure>"


def _text(text: str) -> str:
    return escape(plain(text), quote=True)
