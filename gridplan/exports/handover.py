"""All that a planner hands on of a study: map, page, GIS files, workbook and reports."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import xarray as xr

from gridplan.base.messages import Language
from gridplan.check.ac_check import AcCheck
from gridplan.check.certificate import Certificate
from gridplan.exports.maps import capacity_map
from gridplan.exports.page import write_page
from gridplan.exports.report_text import report
from gridplan.exports.workbook import workbook
from gridplan.portfolio.plan import Plan
from gridplan.reasons.explain import Explanation


@dataclass(frozen=True)
class Handover:
    """The results of a study that go together into what is handed on.

    Parameters
    ----------
    plan : Plan
        The chosen portfolio.
    certificate : Certificate
        Its proof.
    capacity : xarray.Dataset
        Of `gridplan.hosting_capacity`, all buses of the plan's grid, best with every hour.
    explanations : sequence of Explanation
        Of every project that is not chosen (`gridplan.explain`), computed once for all files.
    language : {"en", "nb"}
        Of everything.
    ac : AcCheck, optional
        Currents and voltages of the plan in AC.
    """

    plan: Plan
    certificate: Certificate
    capacity: xr.Dataset
    explanations: Sequence[Explanation]
    language: Language = "en"
    ac: AcCheck | None = None


def _page(given: Handover, path: Path) -> Path:
    return write_page(
        given.capacity, path, plan=given.plan, study=given.plan.study,
        certificate=given.certificate, language=given.language,
    )  # fmt: skip


def _capacity(given: Handover, path: Path) -> Path:
    """Sheet or GIS file of the room at every bus, by the suffix."""
    return capacity_map(given.capacity, path, study=given.plan.study, language=given.language)


def _plan(given: Handover, path: Path) -> Path:
    """Sheet or GIS file of the plan, by the suffix."""
    return capacity_map(given.plan, path, certificate=given.certificate, language=given.language)


def _workbook(given: Handover, path: Path) -> Path:
    return workbook(
        given.plan, path, certificate=given.certificate, capacity=given.capacity,
        why=given.explanations, ac=given.ac, language=given.language,
    )  # fmt: skip


def _report(given: Handover, path: Path) -> Path:
    return report(
        given.plan, path, certificate=given.certificate, capacity=given.capacity,
        explanations=given.explanations, ac=given.ac, language=given.language,
    )  # fmt: skip


# What writes each file, by its name. The GIS files have their styles (.qml) beside them.
WRITERS: dict[str, Callable[[Handover, Path], Path]] = {
    "plan.html": _page,
    "capacity.png": _capacity,
    "plan.gpkg": _plan,
    "capacity.gpkg": _capacity,
    "plan.xlsx": _workbook,
    "report.html": _report,
    "report.pdf": _report,
    "report.docx": _report,
}
