"""Maps for reports: a whole sheet with title, map, lists, key and sources, ready to be printed."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import matplotlib.style

from gridplan.base.messages import Language, messages
from gridplan.check.certificate import Certificate
from gridplan.portfolio.plan import Plan
from gridplan.report import style
from gridplan.report.composition import composed
from gridplan.report.layout import page_of
from gridplan.report.saving import format_of, save_figure
from gridplan.report.scene_plan import plan_scene

A4 = (11.69, 8.27)
SLIDE = (13.33, 7.5)


def capacity_map(
    result: Plan,
    path: str | os.PathLike[str],
    *,
    study=None,
    flexibility=None,
    certificate: Certificate | None = None,
    language: Language = "en",
    size: tuple[float, float] = A4,
    date: dt.date | None = None,
    dpi: float = 200.0,
) -> Path:
    """Draw."""
    target = Path(path)
    format_of(target)
    texts, page = messages(language), page_of(size)
    if hasattr(result, "data_vars"):
        from gridplan.report.scene_capacity import capacity_scene

        with matplotlib.style.context(["default", style.RC]):
            scene = capacity_scene(result, study, texts, flexibility=flexibility)
            sheet = composed(scene, page, date)
            save_figure(sheet.figure, target, title=scene.title, dpi=dpi)
        return target
    if not isinstance(result, Plan):
        msg = f"no map of a {type(result).__name__}; there is one of a Plan (gridplan.plan)"
        raise TypeError(msg)
    with matplotlib.style.context(["default", style.RC]):
        scene = plan_scene(result, certificate, texts)
        sheet = composed(scene, page, date)
        save_figure(sheet.figure, target, title=scene.title, dpi=dpi)
    return target
