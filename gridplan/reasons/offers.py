"""What to write in the offers of conditional connection that a plan counts on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridplan.base.errors import Problem, StudyError
from gridplan.base.messages import Language, Messages, messages
from gridplan.operation.dispatch import TOLERANCE_MW
from gridplan.operation.screen import violations
from gridplan.portfolio.conditions import CURTAILED_PU, energy_prices, longest_run
from gridplan.portfolio.plan import Plan

Array = NDArray[np.float64]
COLUMNS = {
    "mw": float,
    "bus": "str",
    "agreed_percent": float,
    "agreed_hours": float,
    "agreed_longest_h": float,
    "curtailed_percent": float,
    "curtailed_mwh": float,
    "hours": float,
    "longest_h": float,
    "largest_mw": float,
    "months": "str",
    "price_nok_per_mwh": float,
    "cost_mnok": float,
    "trip_outages": "str",
    "trip_hours": float,
}


@dataclass(frozen=True, repr=False)
class Offers:
    """Conditions of every conditional project that a plan connects.

    Parameters
    ----------
    table : pandas.DataFrame
        By project: mw, bus; what was agreed (agreed_percent of the yearly energy, agreed_hours,
        agreed_longest_h; NaN where there is no limit); what the plan uses (curtailed_percent,
        curtailed_mwh, hours, longest_h, largest_mw, months); price_nok_per_mwh and cost_mnok of
        the energy not served; trip_outages, the outages after which an overload would follow if
        the project stayed connected, those of most hours first, and trip_hours in which one would.
    curtailed_mw : pandas.DataFrame
        Hourly curtailment, snapshot x project (MW).
    duration_mw : pandas.DataFrame
        The same by rank, largest first (MW); index hours, from 1.
    """

    table: pd.DataFrame
    curtailed_mw: pd.DataFrame
    duration_mw: pd.DataFrame

    def __repr__(self) -> str:
        return f"<Offers {len(self.table)} conditional connections>\n{self.table.to_string()}"

    def row(self, project: str) -> pd.Series:
        """Figures of one project.

        Raises
        ------
        StudyError
            When the plan does not connect the project conditionally.
        """
        if project not in self.table.index:
            known = ", ".join(self.table.index) or "none"
            message = "not connected conditionally in this plan"
            remedy = f"Conditional connections of the plan: {known}."
            raise StudyError([Problem("", "offers", "project", project, message, remedy)])
        return self.table.loc[project]

    def text(self, project: str, language: Language = "nb") -> str:
        """Write the conditions of one project's offer, in Norwegian (bokmål) or English.

        Raises
        ------
        StudyError
            When the plan does not connect the project conditionally.
        """
        return _text(project, self.row(project), messages(language))


def offers(plan: Plan) -> Offers:
    """List the conditions of connection that a plan counts on.

    Parameters
    ----------
    plan : Plan
        A plan.

    Returns
    -------
    Offers
        Empty where no conditional project is connected.

    Examples
    --------
    >>> found = gp.offers(plan)  # doctest: +SKIP
    >>> print(found.text("Åfjord hydrogen conditional", "nb"))  # doctest: +SKIP
    >>> found.duration_mw.plot()  # doctest: +SKIP
    """
    curtailed = plan.curtailed_mw
    ranked = -np.sort(-curtailed.to_numpy(), axis=0)
    rank = pd.RangeIndex(1, len(curtailed) + 1, name="hours")
    rows = {name: _row(plan, str(name)) for name in curtailed}
    table = pd.DataFrame.from_dict(rows, orient="index", columns=list(COLUMNS)).astype(COLUMNS)
    return Offers(
        table=table.rename_axis("project"),
        curtailed_mw=curtailed,
        duration_mw=pd.DataFrame(ranked, rank, curtailed.columns),
    )


def _row(plan: Plan, name: str) -> dict[str, object]:
    """Figures of one project."""
    project, series = plan.projects.loc[name], plan.curtailed_mw[name]
    demand = plan.study.profiles[project["profile"]].sum() * project["mw"]
    curtailed = (series > CURTAILED_PU * project["mw"]).to_numpy()
    stated = energy_prices(plan.projects, plan.study.settings.curtailment_nok_per_mwh)
    price = stated[name]
    trips, outages = _trips(plan, name)
    months = sorted(set(series.index[curtailed].month))
    return {
        "mw": project["mw"],
        "bus": project["bus"],
        "agreed_percent": 100 * project["curtailable_share"],
        "agreed_hours": project["curtailable_hours"],
        "agreed_longest_h": project["longest_curtailment_h"],
        "curtailed_percent": 100 * series.sum() / demand if demand else 0.0,
        "curtailed_mwh": series.sum(),
        "hours": curtailed.sum(),
        "longest_h": longest_run(curtailed),
        "largest_mw": series.max(),
        "months": "; ".join(str(month) for month in months),
        "price_nok_per_mwh": price,
        "cost_mnok": series.sum() * price / 1e6,
        "trip_outages": "; ".join(outages),
        "trip_hours": trips,
    }


def _trips(plan: Plan, name: str) -> tuple[int, list[str]]:
    """Hours in which an outage would overload the grid if the project stayed, and the outages."""
    case, options = plan.found.case, plan.search.options
    place, grid = options.names.get_loc(name), case.grid
    served = options.served_pu(plan.found.choice)[:, [place]]
    relief = case.relief_mw - served * grid.ptdf.flows(options.released_mw[[place]])
    flow, tolerance = plan.found.dispatch.flow_mw, 2 * TOLERANCE_MW
    found = violations(grid, flow, case.limit_mw, tolerance, relief)  # names the worst outage alone
    left, limit = flow + relief, case.limit_mw[:, grid.after] + tolerance
    over = np.zeros((len(flow), len(grid.outage_names())), dtype=bool)
    for branch in np.unique(found.branch):
        hour = np.unique(found.hour[found.branch == branch])
        after = left[hour, branch, None] + grid.moved_mw(left[hour], branch)
        over[hour] |= np.abs(after) > limit[hour, branch, None]
    hours = pd.Series(over.sum(axis=0), grid.outage_names())
    hours = hours[hours > 0].sort_index().sort_values(ascending=False, kind="stable")
    return int(over.any(axis=1).sum()), hours.index.tolist()


def _text(project: str, row: pd.Series, say: Messages) -> str:
    """Conditions in words."""
    lines = [say("offer_head", project=project, mw=say.mw(row["mw"]), bus=row["bus"])]
    if row["trip_outages"]:
        hours = say.hours(row["trip_hours"])
        lines.append(say("offer_trip", outages=row["trip_outages"], hours=hours))
    else:
        lines.append(say("offer_no_trip"))
    lines.append(say("offer_agreed", percent=say.mw(row["agreed_percent"])))
    for key, column in (("offer_hours", "agreed_hours"), ("offer_run", "agreed_longest_h")):
        if np.isfinite(row[column]):
            lines.append(say(key, hours=say.hours(row[column])))
    if row["hours"]:
        names = say.texts["months"].split()
        months = ", ".join(names[int(month) - 1] for month in row["months"].split("; "))
        lines.append(
            say(
                "offer_used",
                mwh=say.number(row["curtailed_mwh"]),
                percent=say.number(row["curtailed_percent"], 2),
                hours=say.hours(row["hours"]),
                longest=say.hours(row["longest_h"]),
                mw=say.mw(row["largest_mw"]),
                months=months,
            )
        )
    else:
        lines.append(say("offer_unused"))
    price, cost = say.number(row["price_nok_per_mwh"]), say.number(row["cost_mnok"], 2)
    lines.append(say("offer_price", price=price, cost=cost))
    return "\n".join(lines)
