"""Which study a result belongs to; where it carries none, the one that fits it by its hash."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

import pandas as pd
import xarray as xr

from gridplan.base.errors import Problem, StudyError
from gridplan.check.certificate import Certificate
from gridplan.grid.stages import at_stage, stages
from gridplan.operation.base_case import BaseCase
from gridplan.portfolio.plan import Plan
from gridplan.reasons.marginal import MarginalValues
from gridplan.study.reading import bundled_studies, is_study, open_study
from gridplan.study.settings import Settings
from gridplan.study.settings_file import revised
from gridplan.study.stage import Stage
from gridplan.study.study import Study

Result = Plan | BaseCase | Certificate | MarginalValues | xr.Dataset | pd.DataFrame
Kind = Literal[
    "plan", "base_case", "certificate", "values", "capacity", "range", "ranking", "stages"
]
CLASSES: dict[type, Kind] = {
    Plan: "plan", BaseCase: "base_case", Certificate: "certificate", MarginalValues: "values",
}  # fmt: skip
VARIABLES: dict[str, Kind] = {"lowest_mw": "range", "capacity_mw": "capacity"}
COLUMNS: dict[str, Kind] = {"gain_mw": "ranking", "in_service": "stages"}
HOW_TO = "Give the study with which it was computed: study=…"


def kind_of(result: object) -> Kind:
    """Tell what a result is.

    Parameters
    ----------
    result : Plan, BaseCase, Certificate, MarginalValues, xarray.Dataset or pandas.DataFrame
        Of `gridplan.plan`, `base_case`, `certify`, `marginal_values`, `hosting_capacity`,
        `capacity_range`, `rank_reinforcements` or `stages`.

    Returns
    -------
    str
        "plan", "base_case", "certificate", "values", "capacity", "range", "ranking" or "stages".

    Raises
    ------
    TypeError
        For anything else.
    """
    for known, kind in CLASSES.items():
        if isinstance(result, known):
            return kind
    columns = VARIABLES if isinstance(result, xr.Dataset) else COLUMNS
    held = list(result) if isinstance(result, (xr.Dataset, pd.DataFrame)) else []
    for column, kind in columns.items():
        if column in held:
            return kind
    msg = (
        f"a {type(result).__name__} like this is no result with a place on the map; give that of "
        "plan, base_case, certify, marginal_values, hosting_capacity, capacity_range, "
        "rank_reinforcements or stages"
    )
    raise TypeError(msg)


def study_of(result: Result, study: Study | None = None) -> Study:
    """Return the study that a result belongs to, on the grid that it stands on.

    Parameters
    ----------
    result : see `kind_of`
        A plan, a base case and marginal values carry their study.
    study : Study, optional
        For the others. It may be the study as it was opened: the stage of the result is built.
        Without it a capacity is given the bundled study of its name, where that is the same input.

    Returns
    -------
    Study

    Raises
    ------
    StudyError
        When the result carries no study and none fits.
    TypeError
        For what is no result.
    """
    kind = kind_of(result)
    if isinstance(result, (Plan, BaseCase)):
        return result.study
    if isinstance(result, MarginalValues):
        return result.plan.study
    if isinstance(result, xr.Dataset):
        return _by_hash(result, study)
    if study is None:
        message = f"a {kind.replace('_', ' ')} does not carry its study"
        raise _refusal(message, HOW_TO)
    if isinstance(result, pd.DataFrame) and "stage" in result.attrs:
        return _on_stage(study, result.attrs["stage"])
    return study


def _by_hash(found: xr.Dataset, study: Study | None) -> Study:
    """Find the study of a capacity, and build the grid on which it was computed."""
    if "study_sha256" not in found.attrs:
        message = "the dataset does not say from which study it is (attribute study_sha256)"
        remedy = "Give what gridplan.hosting_capacity returned."
        raise _refusal(message, remedy)
    fitting = (_same(known, found) for known in _at_hand(study, str(found.attrs.get("study", ""))))
    same = next((one for one in fitting if one is not None), None)
    if same is None:
        told = f"{found.attrs.get('study', '')}, input {found.attrs['study_sha256'][:12]}"
        message = "this is not the study of the capacity" if study else "its study is not at hand"
        raise _refusal(message, HOW_TO, told)
    built = _names(found.attrs.get("reinforcements", "none"))
    if built == same.in_service:
        return _with_grid_year(same, found)
    return at_stage(replace(same, settings=_of_year(same, found)), include=built)


def _with_grid_year(study: Study, found: xr.Dataset) -> Study:
    """Say which year's grid a study stands on, where the result knows: nothing was built by then.

    The grid of such a year is the one that is stored, so its hash does not tell the two apart.
    """
    told = Stage.read(found.attrs["stage"]).year if "stage" in found.attrs else None
    if study.grid_year is not None or told is None:
        return study
    return replace(study, grid_year=told)


def _at_hand(study: Study | None, name: str) -> Iterator[Study]:
    """Yield studies that may be the one: that given, its folder anew, the bundled one."""
    if study is not None:
        yield study
        if study.folder is not None and is_study(study.folder):
            yield open_study(study.folder)  # the one given may be a later stage of it
    if name in bundled_studies():
        yield open_study(name)


def _same(study: Study, found: xr.Dataset) -> Study | None:
    """Return the study with the hash of a result, built further where needed; None if not."""
    wanted = found.attrs["study_sha256"]
    if study.hash == wanted:
        return study
    try:
        further = replace(study, settings=_of_year(study, found))
        further = _on_stage(further, found.attrs["stage"])
    except StudyError:  # it cannot be built further that way, so it is another study
        return None
    return further if further.hash == wanted else None


def _of_year(study: Study, found: xr.Dataset) -> Settings:
    year = found.attrs.get("year", study.settings.year)
    return revised(study.settings, year=int(year))


def _on_stage(study: Study, text: str) -> Study:
    """Build the stage that a result names.

    Raises
    ------
    StudyError
        When the study has no such stage.
    """
    stage = Stage.read(text)
    if stage in (study.stage, Stage(None, ())):
        return study
    others = [name for name in stages(study).index if name not in stage.in_service]
    built = [name for name in stage.in_service if name not in study.in_service]
    return at_stage(study, stage.year, include=built, exclude=others)


def _names(text: str) -> tuple[str, ...]:
    return () if text == "none" else tuple(text.split("; "))


def _refusal(message: str, remedy: str, value: str = "") -> StudyError:
    return StudyError([Problem("", "", "study", value, message, remedy)])
