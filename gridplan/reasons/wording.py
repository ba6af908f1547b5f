"""An explanation in words, in Norwegian (bokmål) and English."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gridplan.base.messages import Language, Messages, messages

if TYPE_CHECKING:
    from gridplan.reasons.explain import Explanation, Forced

OUTCOMES = {  # key of each outcome's text
    "chosen": "why_chosen",
    "committed": "why_committed",
    "rejected": "why_rejected",
    "barred": "why_barred",
}
SMALLEST_MW = 0.1  # a project smaller than this is not worth telling
STATUSES = {
    "under construction": "status_under_construction",
    "licensed": "status_licensed",
    "planned": "status_planned",
    "on hold": "status_on_hold",
    "idea": "status_idea",
}
REMEDIES = {
    "size": "why_size",
    "measure": "why_measure",
    "curtailment": "why_curtailment",
    "bus": "why_bus",
    "reinforcement": "why_reinforcement",
}


def told(why: Explanation, language: Language) -> str:
    """Tell an explanation.

    Parameters
    ----------
    why : Explanation
        The data.
    language : {"nb", "en"}
        Of the text.

    Returns
    -------
    str
        Several lines.
    """
    say = messages(language)
    lines = [_head(why, say)]
    if why.outcome == "rejected":
        if why.rules:
            lines.append(say("why_rules", rules="; ".join(why.rules)))
        lines += _limits(why, say)
        lines += [] if why.forced is None else _forced(why.forced, say)
        lines += _remedies(why, say)
    lines += _headroom(why, say)
    return "\n".join(lines)


def _head(why: Explanation, say: Messages) -> str:
    """Name, size, bus, outcome."""
    outcome = say(OUTCOMES[why.outcome], reason=why.row["barred"])
    mw = say.mw(float(why.row["mw"]))
    return say("why_head", project=why.project, mw=mw, bus=why.row["bus"], outcome=outcome)


def _limits(why: Explanation, say: Messages) -> Iterator[str]:
    """Tell what keeps the project out."""
    if why.fits:
        key = "why_fits" if why.critical.empty else "why_fits_on_conditions"
        missing = why.hourly["missing_mw"]
        percent = say.number(100 * missing.sum() / why.hourly["demand_mw"].sum(), 2)
        yield say(key, hours=say.hours(why.critical["hours"].sum()), percent=percent)
        if not why.rules:
            yield say("why_value")
        return
    hours = int(why.critical["hours"].sum())
    yield say("why_short", hours=say.number(hours), total=say.number(len(why.hourly)))
    for row in why.critical.itertuples():
        key = "why_pair" if row.outage else "why_branch" if row.branch else "why_supply"
        yield say(
            key,
            branch=row.branch,
            outage=row.outage,
            hours=say.hours(row.hours),
            mw=say.mw(row.missing_mw),
            when=f"{say.day(row.worst_hour)} {row.worst_hour:%H:%M} UTC",
        )


def _forced(forced: Forced, say: Messages) -> Iterator[str]:
    """Tell what it would cost to take the project all the same."""
    if np.isfinite(forced.value_lost_mnok):
        yield say("why_forced", value=say.number(forced.value_lost_mnok, 1))
        for key, names in (("why_displaced", forced.displaced), ("why_added", forced.added)):
            if names:
                yield say(key, names=", ".join(names))
    elif not forced.conflict:
        yield say("why_impossible")
    else:
        yield say("why_conflict", demands="; ".join(forced.conflict))


def _remedies(why: Explanation, say: Messages) -> Iterator[str]:
    """Tell what would let the project in."""
    if why.fits or why.remedies is None:
        return
    yield say("why_no_remedy" if why.remedies.empty else "why_remedies")
    told_of = ~(why.remedies["kind"].eq("size") & (why.remedies["amount"] < SMALLEST_MW))
    for _, row in why.remedies[told_of].iterrows():
        yield _remedy(row, say)


def _remedy(row: pd.Series, say: Messages) -> str:
    """Tell one remedy."""
    key = REMEDIES[row["kind"]]
    amount = say.mw(row["amount"]) if np.isfinite(row["amount"]) else ""
    if row["kind"] == "curtailment":
        if not row["hours"]:
            return say("why_disconnection")
        return say(
            key,
            amount=say.number(row["amount"], 2),
            hours=say.hours(row["hours"]),
            longest=say.hours(row["longest_h"]),
            mw=say.mw(row["largest_mw"]),
        )
    if row["kind"] == "reinforcement":
        known = np.isfinite(row["amount"])
        key = key if known else "why_reinforcement_unpriced"
        amount = say.number(row["amount"]) if known else ""
        status = say(STATUSES[row["status"]])
        return say(key, what=row["what"], amount=amount, year=f"{row['year']:.0f}", status=status)
    if row["kind"] == "bus" and np.isnan(row["amount"]):
        key = "why_bus_unplaced"
    return say(key, what=row["what"], amount=amount)


def _headroom(why: Explanation, say: Messages) -> Iterator[str]:
    """Tell what the plan leaves at the project's bus."""
    yield say("why_headroom", bus=why.row["bus"], mw=say.mw(why.headroom_mw))
    branch, outage = why.headroom_limit
    if branch:
        key = "why_headroom_pair" if outage else "why_headroom_branch"
        yield say(key, branch=branch, outage=outage)
