"""Maps for reports: a whole sheet with title, map, lists, key and sources, ready to be printed."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import matplotlib.style
import pandas as pd
import xarray as xr

from gridplan.base.messages import Language, Messages, messages
from gridplan.check.certificate import Certificate
from gridplan.exports import style
from gridplan.exports.belonging import Kind, Result, kind_of, study_of
from gridplan.exports.composition import Scene, composed
from gridplan.exports.layout import page_of
from gridplan.exports.saving import METADATA, save_figure
from gridplan.exports.scene_capacity import capacity_scene
from gridplan.exports.scene_loading import base_scene, certificate_scene
from gridplan.exports.scene_marginal import Values, marginal_scene
from gridplan.exports.scene_plan import plan_scene
from gridplan.exports.scene_reinforcements import ranking_scene, stages_scene
from gridplan.hosting.survey import Criterion
from gridplan.operation.base_case import BaseCase
from gridplan.portfolio.plan import Plan
from gridplan.reasons.marginal import MarginalValues
from gridplan.study.study import Study

A4 = (11.69, 8.27)
A4_PORTRAIT = (8.27, 11.69)
SLIDE = (13.33, 7.5)

# Formats that other modules write: module, function, and the options that it takes.
ELSEWHERE: dict[str, tuple[str, str, tuple[str, ...]]] = {
    ".html": ("gridplan.exports.page", "write_page", ("study", "certificate", "language", "date")),
    ".geojson": (
        "gridplan.exports.gis",
        "write_gis",
        ("study", "certificate", "language", "criterion", "flexibility", "crs"),
    ),
    ".gpkg": (
        "gridplan.exports.gis",
        "write_gis",
        ("study", "certificate", "language", "criterion", "flexibility", "crs"),
    ),
}
# Which options a kind of result understands beside study, language, size, date and dpi.
OPTIONS: dict[Kind, tuple[str, ...]] = {
    "plan": ("certificate",),
    "capacity": ("criterion", "flexibility", "kv"),
    "values": ("values", "kv"),
}


def capacity_map(
    result: Result | Mapping[int, Result],
    path: str | os.PathLike[str],
    *,
    study: Study | None = None,
    certificate: Certificate | None = None,
    criterion: Criterion | None = None,
    flexibility: float | None = None,
    kv: float | None = None,
    values: Values | None = None,
    crs: int | None = None,
    language: Language = "en",
    size: tuple[float, float] = A4,
    date: dt.date | None = None,
    dpi: float = 200.0,
) -> Path:
    """Put a result on a map: a finished sheet for a report, a page, or layers for a GIS.

    Parameters
    ----------
    result : xarray.Dataset, Plan, BaseCase, Certificate, MarginalValues or pandas.DataFrame
        Of `gridplan.hosting_capacity` (MW at every bus, one at a time), `plan` (projects, measures
        and loadings), `base_case` (loadings and existing overloads), `certify` (worst loading of
        every branch), `marginal_values` (NOK per MW and year), `rank_reinforcements` (what each
        one gains, and where), or `stages` (what the grid holds and what not). For a page also
        several, by the year of their grid.
    path : path-like
        .png, .svg or .pdf for a sheet; .html for an interactive page; .geojson or .gpkg for QGIS.
        An older file stays when writing fails.
    study : Study, optional
        For results that carry none: a certificate, a ranking, stages, and a capacity that was not
        computed on a bundled study.
    certificate : Certificate, optional
        Of a plan: its loadings are drawn and its result stands in the subtitle. Without one the
        plan's own flows are screened.
    criterion : {"N-1", "N-0"}, optional
        Of a capacity; default its first.
    flexibility : float, optional
        Share of the yearly energy that may be curtailed, of a capacity; default its first.
    kv : float, optional
        Show the figures of buses of this voltage only. By default every voltage of a station has a
        mark of its own, the lowest first, and the figures stand beside them in that order.
    values : {"divisible", "fixed"}, optional
        Of marginal values: with options in parts (default), or with the plan as it is.
    crs : {4326, 25833}, optional
        Coordinate system of a GIS file by its EPSG code; default 25833 (UTM 33) for .gpkg, 4326
        (longitude and latitude) for .geojson.
    language : {"en", "nb"}
        English or Norwegian (bokmål).
    size : (width, height)
        Paper in inches; `A4` (landscape), `A4_PORTRAIT` and `SLIDE` are ready-made.
    date : datetime.date, optional
        Printed at the bottom; default today (UTC), or SOURCE_DATE_EPOCH.
    dpi : float
        Dots per inch of a PNG.

    Returns
    -------
    pathlib.Path
        The file. Equal input and date give equal bytes.

    Raises
    ------
    StudyError
        When the study is needed and not given, or is another one.
    TypeError
        When there is no map of such a result.
    ValueError
        For an unknown suffix, language, criterion, flexibility or voltage, an option that the
        result does not have, or too small a size.

    Notes
    -----
    Figures at the stations never cover each other: one that has no place on the overview is left
    out there, and stands in the inset or in the table. Class limits are settings of the study
    (`map_classes` in study.yaml).

    Examples
    --------
    >>> import gridplan as gp
    >>> study = gp.open_study("trondelag")  # doctest: +SKIP
    >>> cap = gp.hosting_capacity(study, year=2030)  # doctest: +SKIP
    >>> gp.capacity_map(cap, "capacity.pdf", flexibility=0.05, language="nb")  # doctest: +SKIP
    >>> plan = gp.plan(study)  # doctest: +SKIP
    >>> gp.capacity_map(plan, "plan.png", certificate=gp.certify(plan))  # doctest: +SKIP
    """
    target = Path(path)
    asked = {
        "study": study,
        "date": date,
        "certificate": certificate,
        "criterion": criterion,
        "flexibility": flexibility,
        "kv": kv,
        "values": values,
        "crs": crs,
    }
    given = {name: value for name, value in asked.items() if value is not None}
    suffix = target.suffix.lower()
    if suffix in ELSEWHERE:
        return _elsewhere(result, target, given | {"language": language})
    _check_suffix(target)
    texts, page = messages(language), page_of(size)
    kind = kind_of(result)
    result = cast(Result, result)  # anything else has been refused
    own = {name: value for name, value in given.items() if name not in {"study", "date"}}
    _check_options(kind, own)
    belonging = study_of(result, study)
    with matplotlib.style.context(["default", style.RC]):
        scene = _scene(kind, result, belonging, texts, own)
        sheet = composed(scene, page, date)
        save_figure(sheet.figure, target, title=scene.title, dpi=dpi)
    return target


def _check_suffix(target: Path) -> None:
    """Refuse a suffix that nothing writes."""
    suffix = target.suffix.lower()
    if suffix not in METADATA:
        found = f"suffix {suffix!r}" if suffix else "no suffix"
        known = ", ".join([*METADATA, *ELSEWHERE])
        msg = f"{target.name}: a map cannot be written with {found}; use {known}"
        raise ValueError(msg)


def _scene(
    kind: Kind, result: Result, study: Study, texts: Messages, given: dict[str, Any]
) -> Scene:
    """Gather what the sheet shows of a kind of result."""
    makers: dict[Kind, Callable[[], Scene]] = {
        "plan": lambda: plan_scene(cast(Plan, result), given.get("certificate"), texts),
        "capacity": lambda: capacity_scene(cast(xr.Dataset, result), study, texts, **given),
        "base_case": lambda: base_scene(cast(BaseCase, result), texts),
        "certificate": lambda: certificate_scene(cast(Certificate, result), study, texts),
        "values": lambda: marginal_scene(cast(MarginalValues, result), texts, **given),
        "ranking": lambda: ranking_scene(cast(pd.DataFrame, result), study, texts),
        "stages": lambda: stages_scene(cast(pd.DataFrame, result), study, texts),
    }
    if kind not in makers:
        drawn = ", ".join(name.replace("_", " ") for name in makers)
        msg = f"no sheet of a {kind}; there is one of: {drawn}"
        raise TypeError(msg)
    return makers[kind]()


def _check_options(kind: Kind, given: dict[str, Any]) -> None:
    """Refuse options that would be ignored."""
    known = OPTIONS.get(kind, ())
    ignored = [name for name in given if name not in known]
    if ignored:
        takes = f"it takes {', '.join(known)}" if known else "it takes none of its own"
        msg = f"a map of a {kind.replace('_', ' ')} has no option {', '.join(ignored)}; {takes}"
        raise ValueError(msg)


def _elsewhere(result: object, target: Path, options: dict[str, Any]) -> Path:
    """Hand over to the module that writes the format."""
    module, name, known = ELSEWHERE[target.suffix.lower()]
    ignored = [option for option in options if option not in known]
    if ignored:
        msg = f"{target.name}: a file of this kind has no option {', '.join(ignored)}"
        raise ValueError(msg)
    return cast(Path, getattr(import_module(module), name)(result, target, **options))
