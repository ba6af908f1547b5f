"""A plan as a report: HTML, PDF or Word, in Norwegian or English."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import xarray as xr

from gridplan.base.messages import Language, messages
from gridplan.check.ac_check import AcCheck
from gridplan.check.certificate import Certificate
from gridplan.exports.about import about
from gridplan.exports.belonging import study_of
from gridplan.exports.document import Document, Words, numbered
from gridplan.exports.document_docx import docx_of
from gridplan.exports.document_html import html_of
from gridplan.exports.document_pdf import pdf_of
from gridplan.exports.origin import footer
from gridplan.exports.report_ac import ac as fit
from gridplan.exports.report_facts import Facts
from gridplan.exports.report_grid import grid
from gridplan.exports.report_method import method
from gridplan.exports.report_pictures import pictures
from gridplan.exports.report_projects import projects
from gridplan.exports.report_summary import summary
from gridplan.exports.saving import whole_file
from gridplan.portfolio.compare import Comparison
from gridplan.portfolio.plan import Plan
from gridplan.reasons.explain import Explanation, explain
from gridplan.reasons.freed import FreedCapacity
from gridplan.reasons.offers import offers
from gridplan.study.stage import stage_texts

TAGS: dict[Language, str] = {"nb": "nb-NO", "en": "en-GB"}
WRITERS: dict[str, Callable[[Document], bytes]] = {
    ".html": lambda document: html_of(document).encode("utf-8"),
    ".pdf": pdf_of,
    ".docx": docx_of,
}


def report(
    plan: Plan,
    path: str | os.PathLike[str],
    *,
    certificate: Certificate | None = None,
    capacity: xr.Dataset | None = None,
    explanations: Iterable[Explanation] | None = None,
    freed: FreedCapacity | None = None,
    comparison: Comparison | None = None,
    ac: AcCheck | None = None,
    language: Language = "nb",
) -> Path:
    """Write a report on a plan.

    The first page is for readers who are no engineers; maps, tables, method, assumptions, the
    certificate, sources and provenance follow.

    Parameters
    ----------
    plan : Plan
        What the report is about.
    path : path-like
        .html (one file that fetches nothing), .pdf or .docx; an older file stays when writing
        fails.
    certificate : Certificate, optional
        Of the same plan (`gridplan.certify`); without one the report says that there is none.
    capacity : xarray.Dataset, optional
        Of `gridplan.hosting_capacity`: a table and maps of the room at each bus, firm and with the
        most curtailment.
    explanations : iterable of Explanation, optional
        Why projects are not chosen (`gridplan.explain`), best with remedies. Default: the reasons
        are looked for, without remedies, which takes some seconds per project. Give () to leave
        them out; the report then says that they were not examined.
    freed : FreedCapacity, optional
        Of `gridplan.freed_capacity`: a chart of what makes room.
    comparison : Comparison, optional
        Of `gridplan.compare`: a chart of the plan beside others.
    ac : AcCheck, optional
        Of the same plan (`gridplan.check_ac`): currents and voltages in AC. Default: what
        `plan.ac` holds; without any the report says that there is none.
    language : {"nb", "en"}
        Norwegian (bokmål) or English.

    Returns
    -------
    pathlib.Path
        The file. Equal input, with the same SOURCE_DATE_EPOCH, gives equal bytes.

    Raises
    ------
    StudyError
        When the capacity is that of another study or stage.
    ValueError
        For another suffix or language, or an explanation of a project that the plan does not have.

    Examples
    --------
    >>> import gridplan as gp
    >>> plan = gp.plan(gp.open_study("trondelag"), 2030)  # doctest: +SKIP
    >>> gp.report(plan, "report.docx", certificate=gp.certify(plan))  # doctest: +SKIP
    """
    path = Path(path)
    writer = _writer_of(path)
    texts = messages(language)
    if capacity is not None:
        study_of(capacity, plan.study)  # refuses the capacity of another study or stage
    facts = Facts(
        plan=plan,
        about=about(plan, certificate=certificate),
        texts=texts,
        language=language,
        offers=offers(plan),
        explanations=_explained(plan, explanations),
        certificate=certificate,
        capacity=capacity,
        freed=freed,
        comparison=comparison,
        ac=ac or (None if plan.ac is None else plan.ac.check),
    )
    data = writer(document_of(facts))
    with whole_file(path) as draft:
        draft.write_bytes(data)
    return path


def document_of(facts: Facts) -> Document:
    """Write the report as a document."""
    texts, about_ = facts.texts, facts.about
    stage = stage_texts(facts.plan.stage, texts) or [texts("grid_stored")]
    named = {"study": facts.title, "year": facts.plan.year}
    blocks = (
        *summary(facts),
        *pictures(facts),
        *projects(facts),
        *grid(facts),
        *fit(facts),
        *method(facts),
    )
    return Document(
        title=texts("rep_title", **named),
        subtitle=texts("rep_subtitle", stage=stage[0], date=texts.day(about_.created.date())),
        language=TAGS[facts.language],
        header=texts("rep_header", **named),
        footer=footer(about_.told, texts),
        created=about_.created,
        words=Words(
            table=texts("rep_table"),
            figure=texts("rep_figure"),
            contents=texts("rep_contents"),
            page=texts("rep_page"),
            of=texts("rep_of"),
        ),
        blocks=tuple(numbered(blocks)),
    )


def _writer_of(path: Path) -> Callable[[Document], bytes]:
    """Writer of the format that the suffix names."""
    suffix = path.suffix.lower()
    if suffix not in WRITERS:
        found = f"suffix {suffix!r}" if suffix else "no suffix"
        msg = f"{path.name}: a report cannot be written with {found}; use {', '.join(WRITERS)}"
        raise ValueError(msg)
    return WRITERS[suffix]


def _explained(plan: Plan, given: Iterable[Explanation] | None) -> Mapping[str, Explanation]:
    """Explanations by project; those that are not given are looked for."""
    if given is not None:
        found = {each.project: each for each in given}
        unknown = sorted(found.keys() - set(plan.projects.index))
        if unknown:
            msg = f"explanations of projects that the plan does not have: {', '.join(unknown)}"
            raise ValueError(msg)
        return found
    rows = plan.left_out
    out = rows.index[rows["barred"].eq("")]
    return {str(name): explain(plan, str(name), remedies=False) for name in out}
