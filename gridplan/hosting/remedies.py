"""Which reinforcement of the study's table would give a point N-1.

Every reinforcement that is not in service is built alone and the year is run anew, at first only in
the hours that decide: those of highest load behind a bridge and of the worst overloads. What mends
an overload there is tried on all hours.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from gridplan.base.errors import StudyError
from gridplan.grid.radial import possible_supply_mw, radial_buses
from gridplan.grid.stages import stages
from gridplan.hosting.asked import with_reinforcements
from gridplan.hosting.at_risk import RADIAL, Row, at_risk
from gridplan.operation.base_case import BaseCase, base_case, overloads_of
from gridplan.study.study import Study
from gridplan.study.tables import STATUSES

logger = logging.getLogger(__name__)

ALL, OUTAGE, PART, TOO_WEAK = "all", "this outage", "part", "not at full load"
WORTH = (ALL, OUTAGE, PART, TOO_WEAK)
Progress = Callable[[float], None]


@dataclass(frozen=True)
class Trial:
    """The grid with one reinforcement more, in the hours that decide.

    Parameters
    ----------
    row : pandas.Series
        The reinforcement as in `gridplan.stages`: name, year, status, cost_mnok.
    study : Study
        All hours, without it.
    base : BaseCase
        A few hours, with it.
    """

    row: pd.Series
    study: Study
    base: BaseCase

    @property
    def name(self) -> str:
        """Name of the reinforcement."""
        return str(self.row.name)

    @cached_property
    def radial(self) -> frozenset[str]:
        """Buses behind a bridge."""
        topology = self.base.case.grid.topology
        supply = possible_supply_mw(self.base.study.network, topology.buses)
        return frozenset(topology.buses[radial_buses(topology, supply)])

    @cached_property
    def outages(self) -> frozenset[str]:
        """Branches whose outage is a contingency."""
        return frozenset(self.base.case.grid.outage_names())

    @cached_property
    def bridges(self) -> frozenset[str]:
        """Branches that are the only way to somewhere."""
        return bridges_in(self.base)

    @cached_property
    def overloading(self) -> frozenset[str]:
        """Outages that overload a branch even after redispatch."""
        found = overloads_of(self.base.case, self.base.dispatch)
        names = self.base.case.grid.outage_names()
        return frozenset(names[outage] for outage in np.unique(found.outage) if outage >= 0)

    @cached_property
    def overloads(self) -> frozenset[tuple[str, str, bool]]:
        """Overloads that remain in the hours that decide."""
        return overloads_in(self.base)

    @cached_property
    def overloads_of_the_year(self) -> frozenset[tuple[str, str, bool]]:
        """Overloads that remain in all hours."""
        stage = with_reinforcements(self.study, (self.name,))
        return overloads_in(base_case(stage))


@dataclass(frozen=True)
class Remedy:
    """What a reinforcement does for a point; the better one compares as smaller.

    Parameters
    ----------
    trial : Trial
        The reinforcement.
    restores : str
        "all", "this outage" (buses remain behind other bridges), "part" (it remains a bridge) or
        "not at full load" (the outage then overloads a branch).
    restored_mw : float
        Highest load of the buses that get N-1 (MW).
    still_without : tuple of str
        Buses with load that remain behind a bridge.
    """

    trial: Trial
    restores: str
    restored_mw: float = float("nan")
    still_without: tuple[str, ...] = field(default=())

    @property
    def rank(self) -> tuple[int, float, int, float, float, str]:
        """Order of preference: what it restores (to the MW), how sure it is, year, cost."""
        row = self.trial.row
        cost = row["cost_mnok"] if row["cost_mnok"] >= 0 else np.inf  # a cost may be unknown
        gain = round(self.restored_mw) if self.restored_mw >= 0 else 0
        sure = STATUSES.index(row["status"])
        return (WORTH.index(self.restores), -gain, sure, row["year"], cost, self.trial.name)


def trials(study: Study, rows: Sequence[Row], progress: Progress | None = None) -> list[Trial]:
    """Build every reinforcement that is not in service alone.

    Parameters
    ----------
    study : Study
        The grid without them.
    rows : sequence of dict
        Points of `at_risk`; their worst hours are run.
    progress : callable, optional
        Called with the share of reinforcements done.

    Returns
    -------
    list of Trial
        Without those that cannot be built alone, because they need another.
    """
    hours = pd.DatetimeIndex([row["worst_hour"] for row in rows]).dropna().unique().sort_values()
    few = study.at(hours if len(hours) else study.network.snapshots[:1])
    table = stages(study)
    table = table[~table.index.isin(study.in_service)]
    found = []
    for done, (name, reinforcement) in enumerate(table.iterrows(), start=1):
        try:
            stage = with_reinforcements(few, (name,))
        except StudyError as error:
            logger.info("%s is no remedy alone: %s", name, error)
        else:
            found.append(Trial(reinforcement, study, base_case(stage)))
        if progress:
            progress(done / len(table))
    return found


def overloads_in(base: BaseCase) -> frozenset[tuple[str, str, bool]]:
    """Kind and branch of every overload, and whether it stands without outage."""
    return frozenset(key_of(row) for row in at_risk(base) if row.get("over_mw", 0.0) > 0)


def bridges_in(base: BaseCase) -> frozenset[str]:
    """Names of the bridges."""
    topology = base.case.grid.topology
    return frozenset(topology.branches.index[topology.bridge])


def key_of(row: Row) -> tuple[str, str, bool]:
    """Identify an overload in several base cases; the worst outage may change."""
    return row["kind"], row["branch"], row["outage"] == ""


def remedies(row: Row, tried: Sequence[Trial], base: BaseCase) -> list[Remedy]:
    """List what helps a point, the best first.

    Parameters
    ----------
    row : dict
        Point of `at_risk`.
    tried : sequence of Trial
        The reinforcements.
    base : BaseCase
        All hours, without them; gives the load at the buses.

    Returns
    -------
    list of Remedy
    """
    helps = _behind_a_bridge if row["kind"] == RADIAL else _overloaded
    return sorted(helps(row, tried, base), key=lambda remedy: remedy.rank)


def _overloaded(row: Row, tried: Sequence[Trial], base: BaseCase) -> Iterator[Remedy]:
    """Reinforcements with which the overload is gone in all hours.

    One that turns the branch or its outage into a bridge ends the overload, but not the need.
    """
    key, place = key_of(row), {row["branch"], row["outage"]}
    for trial in tried if row["hours"] else ():
        if place & (trial.bridges - bridges_in(base)) or key in trial.overloads:
            continue
        if key not in trial.overloads_of_the_year:
            yield Remedy(trial, ALL)


def _behind_a_bridge(row: Row, tried: Sequence[Trial], base: BaseCase) -> Iterator[Remedy]:
    """Reinforcements with which buses are no longer behind any bridge, or not behind this one."""
    buses = base.case.grid.topology.buses
    load = pd.DataFrame(base.case.load_mw[:, buses.get_indexer(row["buses"])], columns=row["buses"])
    supplied = load.columns[load.max() > 0] if row["hours"] else load.columns
    for trial in tried:
        still = tuple(bus for bus in supplied if bus in trial.radial)
        spared = row["outage"] in trial.outages
        if len(still) == len(supplied) and not spared:
            continue
        restored_mw = float(load[supplied.difference(still)].sum(axis=1).max())
        restores = ALL if not still else OUTAGE if spared else PART
        if row["outage"] in trial.overloading:
            restores = TOO_WEAK
        yield Remedy(trial, restores, restored_mw, still)
