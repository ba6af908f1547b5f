"""What the site is made of besides its pages: generated parts, pages of names, notebooks, roles.

A line ``<!-- generated: tables -->`` of a page is replaced by what the function of that name in
`GENERATED` writes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes
from docutils.parsers.rst.states import Inliner
from sphinx import addnodes
from sphinx.errors import SphinxError
from sphinx.roles import XRefRole

from _ext import names
from _ext.command_pages import commands
from _ext.output_pages import outputs
from _ext.schema_pages import changes, settings, tables
from gridplan import _PUBLIC

if TYPE_CHECKING:
    from docutils.nodes import Element, Node, system_message
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

GENERATED: dict[str, Callable[[], str]] = {
    "api": names.api,
    "changes": changes,
    "commands": commands,
    "outputs": outputs,
    "settings": settings,
    "tables": tables,
}
MARK = re.compile(r"^<!-- generated: (\w+) -->$", flags=re.MULTILINE)


def fill_in(_: Sphinx, page: str, source: list[str]) -> None:
    """Put generated parts where a page asks for them.

    Raises
    ------
    SphinxError
        When a page asks for something that nobody generates.
    """

    def written(match: re.Match[str]) -> str:
        if match[1] not in GENERATED:
            msg = f"{page}: nothing generates {match[1]!r}; there are: {', '.join(GENERATED)}"
            raise SphinxError(msg)
        return GENERATED[match[1]]()

    source[0] = MARK.sub(written, source[0])


def prepare(app: Sphinx) -> None:
    """Write the pages of the public names, and copy the notebooks into the site."""
    source = Path(app.srcdir)
    shown = {source / path: text.encode() for path, text in names.pages()}
    for notebook in sorted((source.parent / "notebooks").glob("*.ipynb")):
        shown[source / "notebooks" / notebook.name] = notebook.read_bytes()
    for folder in (source / names.FOLDER, source / "notebooks"):
        for old in folder.rglob("*.*") if folder.exists() else ():
            if old not in shown:
                old.unlink()
    for path, data in shown.items():
        if not path.exists() or path.read_bytes() != data:  # what is as it was is not built again
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)


class PublicName(XRefRole):
    """{gp}`plan` is a link that reads gp.plan."""

    def process_link(
        self,
        env: BuildEnvironment,
        refnode: Element,
        has_explicit_title: bool,
        title: str,
        target: str,
    ) -> tuple[str, str]:
        """Say what is shown and what is meant."""
        refnode["refdomain"], refnode["reftype"] = "py", "obj"
        return (title if has_explicit_title else f"gp.{title}"), f"gridplan.{target}"


def named(
    name: str, rawtext: str, text: str, lineno: int, inliner: Inliner, *_: object
) -> tuple[list[Node], list[system_message]]:
    """Role of words in single backticks in docstrings: code, and a link where it is public."""
    public = text.removeprefix("gridplan.")
    shown = nodes.literal(rawtext, text)
    if not text.startswith("gridplan.") or public not in _PUBLIC:
        return [shown], []
    link = addnodes.pending_xref(rawtext, shown, refdomain="py", reftype="obj", reftarget=text)
    return [link], []


def no_signature(_: Sphinx, __: str, full: str, *___: object) -> tuple[str, str] | None:
    """Leave out how a class of results is made: gridplan makes it."""
    return ("", "") if full in names.results() else None


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect it all."""
    app.add_role("gp", PublicName())
    app.add_role("named", named)
    app.connect("builder-inited", prepare)
    app.connect("source-read", fill_in)
    app.connect("autodoc-process-signature", no_signature)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
