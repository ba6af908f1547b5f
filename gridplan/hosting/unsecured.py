"""The list of points supplied without N-1, and what would give each of them N-1.

A Norwegian power system study (kraftsystemutredning) must list every point of the regional grid
that lacks N-1 all or part of the year, with the measure that would restore it.
"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from gridplan.hosting.asked import staged
from gridplan.hosting.at_risk import CHOICE, PART, RADIAL, Row, at_risk
from gridplan.hosting.remedies import Remedy, remedies, trials
from gridplan.operation.base_case import BaseCase, base_case
from gridplan.study.study import Study

NONE_IN_TABLE = "no reinforcement in the table; needs "
COLUMNS = {
    "kind": "str",
    "branch": "str",
    "outage": "str",
    "municipality": "str",
    "buses": "str",
    "bus_count": "int64",
    "within": "str",
    "peak_mw": "float64",
    "mean_mw": "float64",
    "mwh_per_year": "float64",
    "hours": "int64",
    "generation_mw": "float64",
    "border_mw": "float64",
    "over_mw": "float64",
    "worst_hour": "datetime64[ns]",
    "remedy": "str",
    "remedy_in_table": "bool",
    "restores": "str",
    "restored_mw": "float64",
    "still_without_n1": "str",
    "remedy_cost_mnok": "float64",
    "remedy_year": "Int64",
    "remedy_status": "str",
    "other_remedies": "str",
}


def without_n1(
    study: Study, year: int | None = None, *, progress: Callable[[float], None] | None = None
) -> pd.DataFrame:
    """List every point that lacks N-1 all or part of the year, with what would restore it.

    Parameters
    ----------
    study : Study
        The input. Ordinary growth and reserved projects are part of the load.
    year : int, optional
        Reinforcements in service by this year are built, as in `gridplan.hosting_capacity`.
        Default: the grid as it stands in the study.
    progress : callable, optional
        Called with the share of reinforcements tried.

    Returns
    -------
    pandas.DataFrame
        One row per point, of one of three kinds, those with most at stake first.

        *radial*: what a bridge supplies, all year. outage (the branch itself), buses (behind it,
        separated by "; "), bus_count, within (the next bridge on the way to the main grid, "" for
        none; its row holds this load too), peak_mw, mean_mw and mwh_per_year (load behind it),
        hours (with load), worst_hour (of highest load), generation_mw (possible, behind it), of
        which border_mw is exchange with a neighbour, who may then supply the load.

        *part of the year*: a branch over its rating although redispatch did what it can; outage
        (the worst; "" where it happens without any), hours, over_mw, worst_hour.

        *not secured by choice*: a branch that the settings name under `unsecured`; hours, over_mw
        and worst_hour tell what its outage would overload, without any redispatch for it.

        In all rows municipality; remedy; remedy_in_table (whether the remedy is a reinforcement of
        the study; otherwise it says in general what is needed, without cost); restores ("all",
        "this outage": buses remain behind other bridges, "part": it remains a bridge of fewer
        buses, "not at full load": the outage then overloads a branch); restored_mw (highest load
        of the buses that get N-1); still_without_n1 (buses with load that remain behind a bridge);
        remedy_cost_mnok, remedy_year, remedy_status; other_remedies (the better ones first).

    Raises
    ------
    StudyError
        When the year is impossible.

    Notes
    -----
    Only `within == ""` may be added up: bridges in a row each hold all load behind them. Every
    reinforcement is tried alone, with redispatch, in the hours of highest load and of the worst
    overloads. Among those that restore as much, to the MW, the surest comes first, then the
    earliest, then the cheapest.

    Examples
    --------
    >>> import gridplan as gp
    >>> table = gp.without_n1(gp.open_study("trondelag"), year=2030)  # doctest: +SKIP
    >>> table.loc[table["within"] == "", "peak_mw"].sum()  # doctest: +SKIP
    """
    study = staged(study, year)
    base = base_case(study)
    points = at_risk(base)
    tried = trials(study, points, progress) if points else []
    rows = [
        _written(point, base) | _remedied(point, remedies(point, tried, base), base)
        for point in points
    ]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table["within"] = _within(points)
    return table.astype(COLUMNS)


def _written(point: Row, base: BaseCase) -> Row:
    """Texts of a point."""
    buses = point.get("buses", ())
    texts = {"municipality": "; ".join(point["municipality"]), "buses": "; ".join(buses)}
    return point | texts | {"bus_count": len(buses)}


def _within(points: list[Row]) -> list[str]:
    """Next bridge outside every bridge: the smallest set of buses that holds its own."""
    sets = [frozenset(point.get("buses", ())) for point in points]
    found = []
    for own in sets:
        outer = [n for n, other in enumerate(sets) if own and own < other]
        nearest = min(outer, key=lambda number: len(sets[number]), default=None)
        found.append("" if nearest is None else points[nearest]["branch"])
    return found


def _remedied(point: Row, known: list[Remedy], base: BaseCase) -> Row:
    """Columns of the remedy."""
    if not known:
        empty = dict.fromkeys(("restores", "still_without_n1", "remedy_status"), "")
        general = {"remedy": _in_general(point, base), "remedy_in_table": False}
        return {**empty, **general, "other_remedies": ""}
    best, row = known[0], known[0].trial.row
    return {
        "remedy": best.trial.name,
        "remedy_in_table": True,
        "restores": best.restores,
        "restored_mw": best.restored_mw,
        "still_without_n1": "; ".join(best.still_without),
        "remedy_cost_mnok": row["cost_mnok"],
        "remedy_year": row["year"],
        "remedy_status": row["status"],
        "other_remedies": "; ".join(remedy.trial.name for remedy in known[1:]),
    }


def _in_general(point: Row, base: BaseCase) -> str:
    """Say what is needed where the table holds nothing."""
    branch, kind = point["branch"], point["kind"]
    ends = " and ".join(base.case.grid.topology.branches.loc[branch, ["bus0", "bus1"]])
    if kind == RADIAL and not point["hours"]:
        return "none needed: no load behind it"
    if kind == CHOICE and not point["hours"]:
        return "none needed: its outage overloads nothing, so it can be secured"
    agreed = kind == RADIAL and point["border_mw"] >= point["peak_mw"]
    border = ", or an agreement on supply over the border behind it" if agreed else ""
    return (
        NONE_IN_TABLE
        + {
            RADIAL: f"a second branch between {ends}{border}",
            PART: f"more capacity on {branch}, or a second branch between {ends}",
            CHOICE: f"more capacity on what the outage of {branch} overloads",
        }[kind]
    )
