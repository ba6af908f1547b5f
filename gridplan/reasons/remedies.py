"""The least of each kind that would let a project in beside the rest of a plan.

Every remedy is tried in all hours and after every outage before it is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridplan.base.errors import GridplanError
from gridplan.grid.stages import at_stage, stages
from gridplan.operation.base_case import base_case
from gridplan.portfolio.conditions import CURTAILED_PU, longest_run
from gridplan.portfolio.curtailment import EXCESS_MW
from gridplan.portfolio.offered import Offered, search_of
from gridplan.portfolio.options import Choice
from gridplan.portfolio.search import Extra
from gridplan.reasons.asked import Asked
from gridplan.reasons.fitting import USED_MW, Fitting, fitting_part
from gridplan.study.study import Study

Array = NDArray[np.float64]
Say = Callable[[str], None]
Row = dict[str, object]
COLUMNS = {
    "kind": "str",
    "what": "str",
    "amount": float,
    "unit": "str",
    "hours": float,
    "longest_h": float,
    "largest_mw": float,
    "year": float,
    "status": "str",
    "cost_mnok": float,
}
UNKNOWN = {"hours": np.nan, "longest_h": np.nan, "largest_mw": np.nan, "year": np.nan}
UNKNOWN |= {"status": "", "cost_mnok": np.nan}
HIGHEST_KV = 132.0  # other buses are of this voltage at most, or of that of the project's own
BUSES = 3  # other buses that are named
WORST_HOURS = 12  # in which a reinforcement is tried first
MARGIN_MW = 1e-4  # by which a saving exceeds what is just enough
KM = 111.2  # per degree of latitude


def fits(asked: Asked, fitting: Fitting) -> bool:
    """Whether the grid has room for a project: in all hours, or on conditions of its own."""
    conditions = asked.search.options.conditions
    own = np.flatnonzero(conditions.option == asked.position)
    if not len(own) or not fitting.short.any():
        return not fitting.short.any()
    missing = asked.search.options.profile[:, asked.position] * (1.0 - fitting.part)
    curtailed = missing > CURTAILED_PU
    return bool(
        not fitting.hopeless.any()
        and missing.sum() <= conditions.most_pu_h[own[0]] + CURTAILED_PU
        and curtailed.sum() <= conditions.most_hours[own[0]]
        and longest_run(curtailed) <= conditions.longest_h[own[0]]
    )


def remedies_for(asked: Asked, fitting: Fitting, say: Say) -> pd.DataFrame:
    """Look for what would let a project in.

    Parameters
    ----------
    asked : Asked
        A rejected project.
    fitting : Fitting
        What fits of it in every hour.
    say : callable
        Called with a line of text at every step.

    Returns
    -------
    pandas.DataFrame
        kind, what (bus or reinforcement), amount with its unit, and where they say something:
        hours, longest_h and largest_mw of curtailment, year, status and cost_mnok of a
        reinforcement. Empty where the project fits as it is: then the grid does not keep it out.
    """
    if fits(asked, fitting):
        return _table([])
    rows = [*_smaller(asked, fitting)]
    for text, kind in (
        ("less load elsewhere", _measure),
        ("curtailment", _curtailment),
        ("other buses", _other_buses),
    ):
        say(f"remedies: {text}")
        rows += kind(asked)
    rows += _reinforcements(asked, fitting, say)
    return _table(rows)


def _table(rows: list[Row]) -> pd.DataFrame:
    """Tabulate remedies."""
    return pd.DataFrame([UNKNOWN | row for row in rows], columns=list(COLUMNS)).astype(COLUMNS)


def _remedy(kind: str, what: object, amount: float, unit: str, **other: object) -> Row:
    """Write one row of the table."""
    return {"kind": kind, "what": str(what), "amount": float(amount), "unit": unit} | other


def _smaller(asked: Asked, fitting: Fitting) -> Iterator[Row]:
    """Largest size that fits in all hours; what stands beside it may need more of it in some."""
    part = fitting.part.min()
    smaller = asked.extra.times(np.full(len(fitting.part), part))
    if part > 0 and asked.search.tried(asked.rest, smaller).secure:
        yield _remedy("size", asked.row["bus"], asked.row["mw"] * part, "MW")


def _measure(asked: Asked) -> Iterator[Row]:
    """Least load saved in every hour at one bus; no more than stands there in every hour."""
    search = asked.search
    buses = search.limits.grid.topology.buses
    case = search.tried(asked.rest).case
    available = case.load_mw.min(axis=0)
    while True:
        excess = search.selection.excess_mw(search.cuts, asked.rest)
        excess += asked.extra.use_mw(search.cuts)
        needed, most = np.zeros(len(buses)), available.copy()
        for use, mw in zip(search.cuts.grid.use, excess.max(axis=1), strict=True):
            helps, harms = use > USED_MW, use < 0
            if mw > EXCESS_MW:
                needed = np.maximum(needed, np.where(helps, mw / np.where(helps, use, 1.0), np.inf))
            else:
                left = (mw - EXCESS_MW) / np.where(harms, use, -1.0)
                most = np.minimum(most, np.where(harms, left, np.inf))
        needed += MARGIN_MW
        best = int(np.where(needed <= most, needed, np.inf).argmin())
        if needed[best] > most[best]:
            return
        load = asked.extra.load_mw.copy()
        load[:, best] -= needed[best]
        if search.tried(asked.rest, Extra(load, asked.extra.released_mw)).secure:
            yield _remedy("measure", buses[best], needed[best], "MW")
            return


def _curtailment(asked: Asked) -> Iterator[Row]:
    """Least curtailment with which the project could connect on conditions."""
    search, demand = asked.search, asked.demand_mw
    load = asked.extra.load_mw
    fitting = fitting_part(search, asked.rest, Extra(load, search.limits.released_mw(load)))
    missing = demand * (1.0 - fitting.part)
    if not fitting.hopeless.any() and missing.sum() < demand.sum():
        curtailed = missing > CURTAILED_PU * asked.row["mw"]
        yield _remedy(
            "curtailment",
            asked.row["bus"],
            100 * missing.sum() / demand.sum(),
            "%",
            hours=curtailed.sum(),
            longest_h=longest_run(curtailed),
            largest_mw=missing.max(),
        )


def _other_buses(asked: Asked) -> Iterator[Row]:
    """Nearest buses at which the project fits as it is."""
    search, load = asked.search, asked.demand_mw
    buses = asked.plan.network.c.buses.static.loc[search.limits.grid.topology.buses]
    own = buses.loc[asked.row["bus"]]
    east = (buses["x"] - own["x"]) * np.cos(np.deg2rad(own["y"])) * KM
    distance = np.hypot(east, (buses["y"] - own["y"]) * KM).to_numpy()
    known = distance.any()  # a network without coordinates has all its buses in one place
    low = (buses["v_nom"] <= max(own["v_nom"], HIGHEST_KV)).to_numpy()
    possible = low & (buses.index != asked.row["bus"])
    found, beside = 0, search.selection.excess_mw(search.cuts, asked.rest)
    for place in np.argsort(np.where(possible, distance, np.inf), kind="stable")[: possible.sum()]:
        if found == BUSES:
            return
        extra = _moved(asked, int(place), load)
        if (beside + extra.use_mw(search.cuts)).max(initial=0.0) > MARGIN_MW:
            continue
        if search.tried(asked.rest, extra).secure:
            found += 1
            km = distance[place] if known else np.nan
            yield _remedy("bus", buses.index[place], km, "km")
        else:  # which taught new limits
            beside = search.selection.excess_mw(search.cuts, asked.rest)


def _moved(asked: Asked, place: int, demand_mw: Array) -> Extra:
    """Load of the project at another bus."""
    load = np.zeros_like(asked.extra.load_mw)
    load[:, place] = demand_mw
    firm = asked.extra.released_mw is None
    return Extra(load, None if firm else asked.search.limits.released_mw(load))


def _reinforcements(asked: Asked, fitting: Fitting, say: Say) -> Iterator[Row]:
    """Reinforcements that alone would let the project in, tried in the worst hours first."""
    study = asked.plan.study
    table = stages(study)
    table = table[~table["in_service"]]
    worst = np.sort(np.argsort(fitting.part, kind="stable")[:WORST_HOURS])
    few = study.at(study.network.snapshots[worst]) if len(table) else study
    for name, row in table.iterrows():
        say(f"remedies: {name}")
        if _lets_in(asked, few, str(name), worst) and _lets_in(asked, study, str(name), None):
            yield _remedy(
                "reinforcement",
                name,
                row["cost_mnok"],
                "MNOK",
                year=row["year"],
                status=row["status"],
                cost_mnok=row["cost_mnok"],
            )


def _lets_in(asked: Asked, study: Study, name: str, hours: NDArray[np.int64] | None) -> bool:
    """Whether the rest of the plan and the project are secure with one reinforcement more."""
    try:
        stage = at_stage(study, include=name)
    except GridplanError:  # it cannot be built alone: no remedy by itself
        return False
    plan = asked.plan
    offered = Offered(
        plan.projects, plan.measures[plan.measures.index.isin(stage.measures.index)], plan.symbioses
    )
    base = base_case(stage)
    if asked.row["bus"] not in base.case.grid.topology.buses:
        return False
    search = search_of(base, offered, stage)
    places = asked.search.options.names.get_indexer(search.options.names)
    curtailed = asked.rest.curtailed_pu
    rest = Choice(asked.rest.taken[places], curtailed if hours is None else curtailed[hours])
    with_project = replace(rest, taken=rest.taken + (np.arange(len(places)) == asked.position))
    return search.tried(with_project).secure
