"""All doubts about a study, as a table."""

from __future__ import annotations

from dataclasses import asdict, fields

import pandas as pd

from gridplan.grid.stages import at_stage
from gridplan.plausibility.branches import branch_doubts
from gridplan.plausibility.doubt import Doubt
from gridplan.plausibility.hours import hour_doubts
from gridplan.plausibility.places import place_doubts
from gridplan.plausibility.projects import project_doubts
from gridplan.plausibility.single import single_doubts
from gridplan.study.study import Study


def doubts(study: Study) -> pd.DataFrame:
    """List what in a study is possible but doubtful.

    Parameters
    ----------
    study : Study
        The input, checked already: nothing in it is wrong for certain.

    Returns
    -------
    pandas.DataFrame
        One row per doubt; columns kind ("rating", "reactance", "place", "size", "benefit",
        "twice", "profile", "load", "time", "no N-1"), table, row (name), column, value, usual,
        question, and source (where the usual value comes from).

    Examples
    --------
    >>> import gridplan as gp
    >>> gp.doubts(gp.open_study("trondelag"))["kind"].value_counts()  # doctest: +SKIP
    """
    rows = [asdict(doubt) for doubt in listed_doubts(study)]
    return pd.DataFrame(rows, columns=[field.name for field in fields(Doubt)], dtype="str")


def listed_doubts(study: Study) -> list[Doubt]:
    """Do the same, as a list.

    Parameters
    ----------
    study : Study
        The input.

    Returns
    -------
    list of Doubt
    """
    return [
        *branch_doubts(study),
        *place_doubts(study),
        *project_doubts(study, at_stage(study, study.settings.year)),
        *hour_doubts(study),
        *single_doubts(study),
    ]
