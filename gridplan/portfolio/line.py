"""Who stands in line for the grid: the applicants in the order of their turns, and their rows."""

from __future__ import annotations

import pandas as pd

from gridplan.study.relations import COMMITTED, families
from gridplan.study.study import Study

RULES = {  # what a queue goes by: column of the head, and whether small values come first
    "first-come": ("queue_date", True),
    "wanted": ("wanted_connection", True),
    "size": ("mw", False),
}
STANDINGS = ("committed", "reserved", "in line")


def line_of(study: Study, projects: pd.DataFrame, rule: str) -> pd.DataFrame:
    """Applicants in the order of their turns.

    Parameters
    ----------
    study : Study
        All projects.
    projects : pandas.DataFrame
        Candidates; the rows of one project are one applicant.
    rule : str
        A key of `RULES`.

    Returns
    -------
    pandas.DataFrame
        Index project (the head): standing ("committed": connected beforehand; "reserved": holds a
        reservation on conditions; "in line"), queue_date, wanted_connection, mw, all of the head.
        What has no date comes last, in the order of the table.
    """
    family = families(projects)
    held = projects["status"].isin(COMMITTED)
    committed = family.index.isin(study.committed.index)
    heads = pd.Index(family.unique(), name="project", dtype="str")
    standing = pd.Series("in line", index=heads)
    standing[family[held]] = "reserved"
    standing[family[committed]] = "committed"
    columns = ["queue_date", "wanted_connection", "mw"]
    line = study.projects.reindex(heads)[columns].assign(standing=standing)[["standing", *columns]]
    column, ascending = RULES[rule]
    line = line.sort_values(column, ascending=ascending, na_position="last", kind="stable")
    return line.sort_values("standing", key=lambda own: own.map(STANDINGS.index), kind="stable")


def rows_in_order(projects: pd.DataFrame) -> dict[str, list[str]]:
    """Rows of every applicant in the order in which they are tried, by head.

    What holds a reservation comes first, then what is firm, then the order of the table.
    """
    table = pd.DataFrame(
        {
            "later": ~projects["status"].isin(COMMITTED),
            "conditional": projects["connection"].eq("conditional"),
        }
    ).sort_values(["later", "conditional"], kind="stable")
    family = families(projects)[table.index]
    return {head: rows.index.tolist() for head, rows in family.groupby(family, sort=False)}


def criteria_missing(study: Study, projects: pd.DataFrame) -> pd.Series:
    """Criteria of maturity that every row has not met, "" for none.

    A variant is the same project: what its head has not met it has not met either, unless it says
    itself what it has not met. What holds a reservation has been found mature.
    """
    own = projects["criteria_missing"]
    of_head = study.projects["criteria_missing"].reindex(families(projects)).to_numpy()
    missing = own.where(own != "", of_head)
    return missing.mask(projects["status"].isin(COMMITTED), "")
