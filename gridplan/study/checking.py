"""Check a study without working with it."""

from __future__ import annotations

import os

from gridplan.base.errors import Problem, StudyError
from gridplan.study.reading import find_study, read_study


def check_study(name_or_path: str | os.PathLike[str]) -> list[Problem]:
    """Find everything that is wrong with a study.

    Parameters
    ----------
    name_or_path : str or path
        As in `gridplan.open_study`.

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
        return read_study(find_study(name_or_path))[1]
    except StudyError as error:
        return list(error.problems)
