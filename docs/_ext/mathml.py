"""Formulas as MathML, which browsers draw themselves: nothing is fetched, no script runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.errors import SphinxError

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator


def _markup(node: nodes.Element, *, block: bool) -> str:
    """Write a formula as MathML.

    Raises
    ------
    SphinxError
        When the formula cannot be read.
    """
    source = node.astext()
    try:
        return tex2mathml(source, as_block=block)
    except MathError as error:
        msg = f"formula {source!r}: {error}"
        raise SphinxError(msg) from error


def _inline(translator: HTML5Translator, node: nodes.math) -> None:
    translator.body.append(_markup(node, block=False))
    raise nodes.SkipNode


def _block(translator: HTML5Translator, node: nodes.math_block) -> None:
    translator.body.append(f'<div class="formula">{_markup(node, block=True)}</div>\n')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the renderer "mathml"."""
    app.add_html_math_renderer(
        "mathml", inline_renderers=(_inline, None), block_renderers=(_block, None)
    )
    return {"parallel_read_safe": True, "parallel_write_safe": True}
