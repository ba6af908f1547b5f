"""A plan as an Excel workbook, for those who work on with it there."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.worksheet import Worksheet

from gridplan.base.messages import Language, Messages, messages
from gridplan.exports import style
from gridplan.exports.about import About, about
from gridplan.exports.layers import layers_of
from gridplan.exports.saving import whole_file
from gridplan.exports.workbook_tables import Page, certificate_rows, key_figures, pages
from gridplan.exports.workbook_writer import (
    FACE,
    LINE_PT,
    add_table,
    lines_of,
    print_setup,
    save,
    write,
)
from gridplan.portfolio.plan import Plan
from gridplan.reasons.explain import Explanation, explain

if TYPE_CHECKING:
    import xarray as xr

    from gridplan.check.ac_check import AcCheck
    from gridplan.check.certificate import Certificate

NAME_WIDTH, TEXT_WIDTH = 38, 100  # of the cover's columns, in characters
INK, GREY, LINK = (colour.lstrip("#").upper() for colour in (style.INK, style.GREY, style.SHARE))
ALARM = style.BEYOND.lstrip("#").upper()


def workbook(
    plan: Plan,
    path: str | os.PathLike[str],
    *,
    certificate: Certificate | None = None,
    capacity: xr.Dataset | None = None,
    why: Sequence[Explanation] = (),
    ac: AcCheck | None = None,
    language: Language = "en",
) -> Path:
    """Write a plan with all that belongs to it as an Excel workbook.

    Parameters
    ----------
    plan : Plan
        Of `gridplan.plan`.
    path : path-like
        Ends in .xlsx. An older file stays when writing fails.
    certificate : Certificate, optional
        Of the same plan; adds what was checked and found, and what stands without N-1.
    capacity : xarray.Dataset, optional
        Of `gridplan.hosting_capacity`, of any grid of the same study.
    why : sequence of Explanation, optional
        Of `gridplan.explain`, say with remedies. A project that is not chosen and has none is
        explained here as far as it takes a second or two: what limits it, and the room left.
    ac : AcCheck, optional
        Of `gridplan.check_ac`: sheets with its cases, currents and voltages. Default: that of
        `plan.ac`.
    language : {"en", "nb"}
        English or Norwegian (bokmål).

    Returns
    -------
    pathlib.Path
        The file: cover, projects, measures, symbioses, conditional offers, why not, goals,
        capacity, loading, existing overloads, reinforcements, settings and assumptions. Equal
        plans and dates (SOURCE_DATE_EPOCH) give equal bytes. All times are UTC.

    Raises
    ------
    TypeError
        When it is no plan.
    ValueError
        For another suffix or language.
    StudyError
        When the capacity is that of another study.
    PermissionError
        When the file is open in Excel; it names the file, which is as it was.

    Examples
    --------
    >>> import gridplan as gp
    >>> plan = gp.plan(gp.open_study("trondelag"))  # doctest: +SKIP
    >>> gp.workbook(plan, "plan.xlsx", certificate=gp.certify(plan))  # doctest: +SKIP
    """
    target, texts = Path(path), messages(language)
    if not isinstance(plan, Plan):
        msg = f"a workbook is made of a Plan (gridplan.plan), not of a {type(plan).__name__}"
        raise TypeError(msg)
    if target.suffix.lower() != ".xlsx":
        msg = f"{target.name}: a workbook ends in .xlsx"
        raise ValueError(msg)
    with whole_file(target) as draft:
        told = about(plan, certificate=certificate)
        sheets = pages(
            plan,
            layers_of(plan, certificate=certificate),
            texts,
            certificate=certificate,
            capacity=capacity,
            capacity_layers=None if capacity is None else layers_of(capacity, plan.study),
            why=_explained(plan, why),
            ac=ac or (None if plan.ac is None else plan.ac.check),
        )
        book = _book(plan, sheets, told, texts)
        save(book, draft, told.created)
    return target


def _explained(plan: Plan, given: Sequence[Explanation]) -> list[Explanation]:
    """Explanations of all projects that are not chosen, those given and the others."""
    known = {found.project: found for found in given}
    missing = [name for name in plan.left_out.index if name not in known]
    known |= {name: explain(plan, name, remedies=False, forced=False) for name in missing}
    order = [name for name in plan.projects.index if name in known]
    return [known[name] for name in order]


def _book(plan: Plan, sheets: list[Page], told: About, texts: Messages) -> Workbook:
    """Cover first, then every table."""
    book = Workbook()
    cover = book.active
    cover.title = texts("sheet_cover")
    names = [texts(page.key) for page in sheets]
    for page, name in zip(sheets, names, strict=True):
        sheet = add_table(book, name, page.table, plan.study.settings, texts)
        title = told.title.replace("&", "&&")  # a single one is a code of Excel's
        sheet.oddFooter.left.text = f"{title} {told.year} · {told.created:%Y-%m-%d}"
        sheet.oddFooter.left.size = 8
    _fill_cover(cover, plan, sheets, told, texts)
    properties = book.properties
    properties.title, properties.creator = str(cover["A1"].value), "gridplan"
    properties.language = {"nb": "nb-NO"}.get(texts("language"), "en-GB")
    return book


def _fill_cover(
    sheet: Worksheet, plan: Plan, sheets: list[Page], told: About, texts: Messages
) -> None:
    """Write title, figures, certificate, contents and provenance."""
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = NAME_WIDTH, TEXT_WIDTH
    sheet.sheet_view.showGridLines = False
    found = told.certificate
    insecure = found is not None and not found.secure
    title = texts(
        "title_insecure" if insecure else "title",
        study=told.title,
        year=plan.year,
        chosen=int(plan.projects["chosen"].sum()),
        candidates=len(plan.by_project),
    )
    write(sheet, 1, 1, title).font = Font(FACE, 18, bold=True, color=ALARM if insecure else INK)
    facts = told.facts(texts)
    parts: list[tuple[str, list[tuple[str, object]]]] = [
        ("cover_figures", list(key_figures(plan, texts))),
        ("cover_certificate", certificate_rows(found, texts) if found else []),
        ("cover_contents", [(texts(page.key), texts(f"{page.key}_about")) for page in sheets]),
        ("cover_provenance", list(facts)),
    ]
    row = 3
    for key, rows in parts:
        if rows:
            row = add_part(sheet, row, texts(key), rows, linked=key == "cover_contents") + 1
    print_setup(sheet)


def add_part(
    sheet: Worksheet, row: int, heading: str, rows: list[tuple[str, object]], *, linked: bool
) -> int:
    """Write a part of the cover, and return the row below it."""
    write(sheet, row, 1, heading).font = Font(FACE, 12, bold=True, color=LINK)
    for number, (name, value) in enumerate(rows, row + 1):
        label, cell = write(sheet, number, 1, name), write(sheet, number, 2, value)
        label.font = Font(FACE, 11, color=GREY)
        label.alignment = Alignment(vertical="top", wrap_text=True)
        cell.alignment = Alignment(vertical="top", horizontal="left", wrap_text=True)
        cell.font = Font(FACE, 11, color=INK)
        if isinstance(value, str):
            lines = max(lines_of(value, TEXT_WIDTH), lines_of(name, NAME_WIDTH))
            sheet.row_dimensions[number].height = LINE_PT * lines
        else:
            cell.number_format = _format_of(value)
        if linked:
            label.hyperlink = f"#'{name}'!A1"
            label.font = Font(FACE, 11, color=LINK, underline="single")
    return row + 1 + len(rows)


def _format_of(value: object) -> str:
    """Whole numbers without decimals, small ones with three."""
    if not isinstance(value, float) or value == round(value):
        return "#,##0"
    return "0.000" if abs(value) < 1 else "#,##0.0"
