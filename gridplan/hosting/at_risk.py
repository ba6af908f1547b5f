"""What stands without N-1 in a base case: behind bridges, overloaded, or not secured by choice."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridplan.grid.radial import behind_bridges, possible_supply_mw
from gridplan.grid.sensitivities import grid_of
from gridplan.operation.base_case import BaseCase
from gridplan.operation.dispatch import TOLERANCE_MW

RADIAL, PART, CHOICE = "radial", "part of the year", "not secured by choice"
SOME_LOAD_MW = 1e-3
HOURS_PER_YEAR = 8760
Row = dict[str, object]


def at_risk(base: BaseCase) -> list[Row]:
    """List the points without N-1, those with most load first.

    Parameters
    ----------
    base : BaseCase
        The year as it runs.

    Returns
    -------
    list of dict
        One per point: kind, branch, outage, buses (tuple), municipality (tuple), hours,
        worst_hour, and what applies of peak_mw, mean_mw, mwh_per_year, generation_mw,
        border_mw, over_mw.
    """
    return [*_radial(base), *_overloaded(base), *_by_choice(base)]


def _radial(base: BaseCase) -> list[Row]:
    """Buses behind every bridge, by their highest load."""
    topology = base.case.grid.topology
    supply = possible_supply_mw(base.study.network, topology.buses)
    border = possible_supply_mw(base.study.network, topology.buses, "border")
    rows = []
    for bridge, behind in behind_bridges(topology, supply).items():
        load = base.case.load_mw[:, behind].sum(axis=1)
        loaded = load > SOME_LOAD_MW
        branch, buses = topology.branches.index[bridge], tuple(topology.buses[behind])
        rows.append(
            {
                "kind": RADIAL,
                "branch": branch,
                "outage": branch,
                "buses": buses,
                "municipality": _municipalities(base, buses),
                "peak_mw": load.max(),
                "mean_mw": load.mean(),
                "mwh_per_year": load.mean() * HOURS_PER_YEAR,
                "hours": loaded.sum(),
                "generation_mw": supply[behind].sum(),
                "border_mw": border[behind].sum(),
                "worst_hour": base.case.hours[load.argmax()] if loaded.any() else pd.NaT,
            }
        )
    return sorted(rows, key=lambda row: (-row["peak_mw"], -len(row["buses"])))


def _overloaded(base: BaseCase) -> list[Row]:
    """Branches over their rating, without outage ("") and after an outage."""
    return [
        {
            "kind": PART,
            "branch": branch,
            "municipality": _municipalities(base, _ends(base, branch)),
            **row[["outage", "hours", "over_mw", "worst_hour"]],
        }
        for branch, row in base.existing_overloads.iterrows()
    ]


def _by_choice(base: BaseCase) -> list[Row]:
    """Branches that are no bridges and yet no contingency, with what their outage overloads."""
    topology = base.case.grid.topology
    chosen = topology.branches.index.isin(base.study.settings.unsecured) & ~topology.bridge
    if not chosen.any():
        return []
    every = grid_of(base.study.network)
    flow, limit = base.dispatch.flow_mw, base.case.limit_mw[:, base.case.grid.after]
    limit = np.maximum(limit, np.abs(flow))  # overloads without outage stand apart
    rows = []
    for column in np.flatnonzero(chosen[every.outages]):
        outage = topology.branches.index[every.outages[column]]
        moved = every.lodf.columns(np.array([column])).T
        after = flow + flow[:, [every.outages[column]]] * moved
        rows.append(_by_its_outage(base, outage, (np.abs(after) - limit).max(axis=1)))
    return sorted(rows, key=lambda row: -row["over_mw"])


def _by_its_outage(base: BaseCase, branch: str, excess_mw: NDArray[np.float64]) -> Row:
    """Row of a branch whose outage takes others over their limits, by hour."""
    over = excess_mw > 2 * TOLERANCE_MW
    return {
        "kind": CHOICE,
        "branch": branch,
        "outage": branch,
        "municipality": _municipalities(base, _ends(base, branch)),
        "hours": over.sum(),
        "over_mw": max(excess_mw.max(), 0.0) if over.any() else 0.0,
        "worst_hour": base.case.hours[excess_mw.argmax()] if over.any() else pd.NaT,
    }


def _ends(base: BaseCase, branch: str) -> tuple[str, ...]:
    return tuple(base.case.grid.topology.branches.loc[branch, ["bus0", "bus1"]])


def _municipalities(base: BaseCase, buses: tuple[str, ...]) -> tuple[str, ...]:
    """Municipalities of the buses, each once; none where the network does not say."""
    static = base.study.network.c.buses.static
    if "municipality" not in static:
        return ()
    names = static.loc[list(buses), "municipality"].fillna("")
    return tuple(sorted({name for name in names if name}))
