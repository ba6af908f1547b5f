"""What a planner asks for: the grid of a year, buses by name, shares of energy; checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridplan.base.errors import Problem, StudyError
from gridplan.grid.stages import at_stage, stages
from gridplan.hosting.survey import Criterion
from gridplan.study.settings_file import revised
from gridplan.study.sheet import suggestion
from gridplan.study.study import Study

Direction = Literal["load", "generation"]


def staged(study: Study, year: int | None) -> Study:
    """Return the study on the grid of a year, with the growth and reservations up to it.

    Parameters
    ----------
    study : Study
        The input.
    year : int or None
        None for the grid as it stands.

    Returns
    -------
    Study

    Raises
    ------
    StudyError
        When the year is impossible.
    """
    if year is None:
        return study
    return at_stage(replace(study, settings=revised(study.settings, year=year)), year)


def with_reinforcements(study: Study, names: Sequence[str]) -> Study:
    """Build some reinforcements and no other that is not in service yet.

    Parameters
    ----------
    study : Study
        The grid without them.
    names : sequence of str
        Reinforcements of its table.

    Returns
    -------
    Study

    Raises
    ------
    StudyError
        When they cannot be built without others.
    """
    if not names:
        return study
    others = [n for n in stages(study).index if n not in study.in_service and n not in names]
    return at_stage(study, include=names, exclude=others)


def positions(study: Study, buses: Sequence[str] | None) -> NDArray[np.int64]:
    """Find buses among those of the study's network.

    Parameters
    ----------
    study : Study
        On the grid that is asked about.
    buses : sequence of str or None
        None for all.

    Returns
    -------
    ndarray of int

    Raises
    ------
    StudyError
        With every unknown or repeated name, and when there is none at all.
    """
    known = pd.Index(study.network.c.buses.static.index)
    if buses is None:
        return np.arange(len(known))
    if isinstance(buses, str):
        buses = [buses]
    names = pd.Index(buses, dtype=object)
    remedy = "Use the names in buses.csv."
    problems = [
        Problem("", "", "bus", str(name), "unknown bus", suggestion(str(name), known, remedy))
        for name in names[~names.isin(known)].unique()
    ]
    problems += [
        Problem("", "", "bus", str(name), "named twice", "Name each bus once.")
        for name in names[names.duplicated()].unique()
    ]
    if names.empty:
        problems.append(Problem("", "", "buses", "", "no bus is named", "Name one, or None."))
    if problems:
        raise StudyError(problems)
    return known.get_indexer(names)


def checked_shares(flexibility: Sequence[float]) -> list[float]:
    """Return shares of the yearly energy that may be curtailed.

    Parameters
    ----------
    flexibility : sequence of float
        From 0 up to, not including, 1.

    Returns
    -------
    list of float

    Raises
    ------
    StudyError
        With every impossible one.
    """
    shares = [float(share) for share in flexibility]
    problems = [
        Problem("", "", "flexibility", f"{share:g}", "no share of the energy", "Give 0.05 for 5 %.")
        for share in shares
        if not 0 <= share < 1
    ]
    if not shares:
        problems.append(Problem("", "", "flexibility", "", "none is given", "Give 0 for firm."))
    if problems:
        raise StudyError(problems)
    return shares


def checked_criteria(criterion: Criterion | Sequence[Criterion]) -> list[Criterion]:
    """Return the criteria as a list.

    Parameters
    ----------
    criterion : {"N-1", "N-0"} or sequence of them
        One or several.

    Returns
    -------
    list of str

    Raises
    ------
    ValueError
        For another criterion, or none.
    """
    names = [criterion] if isinstance(criterion, str) else list(criterion)
    if not names or not set(names) <= {"N-1", "N-0"} or len(set(names)) < len(names):
        msg = f"criterion must be 'N-1' or 'N-0' or both, not {criterion!r}"
        raise ValueError(msg)
    return names


def sign_of(direction: Direction) -> int:
    """Return 1 for load and −1 for generation.

    Parameters
    ----------
    direction : {"load", "generation"}
        What is added.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        For another direction.
    """
    if direction not in ("load", "generation"):
        msg = f"direction must be 'load' or 'generation', not {direction!r}"
        raise ValueError(msg)
    return 1 if direction == "load" else -1
