"""Check a study without working with it."""

from __future__ import annotations

import os

from gridplan.base.errors import Problem, StudyError
from gridplan.study.reading import find_study, read_study


def check_study(
    name_or_path: str | os.PathLike[str], *, notes: list[str] | None = None
) -> list[Problem]:
    """Find everything that is wrong with a study.

    Parameters
    ----------
    name_or_path : str or path
        As in `gridplan.open_study`.
    notes : list of str, optional
        To it is added what was read by a rule rather than stated (`Study.notes`).

    Returns
    -------
    list of Problem
        With file, row, column, value and remedy; empty when the study can be used.

    Examples
    --------
    >>> import gridplan as gp
    >>> gp.check_study("trondelag")  # doctest: +SKIP
    []
    """
    try:
        study, problems = read_study(find_study(name_or_path))
    except StudyError as error:
        return list(error.problems)
    if study is not None and notes is not None:
        notes.extend(study.notes)
    return problems
