"""Everything the hourly problem needs, as arrays over all hours.

Sources are the generators of the network and, per island, two last resorts: *shortage* (load that
cannot be served) and *surplus* (generation that cannot be used), each spread over the island's
buses like its load. They have no room unless a caller opens it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridplan.grid.at_buses import load_at_buses_mw
from gridplan.grid.sensitivities import Grid, grid_of, ratings_mw
from gridplan.study.balance import share_out
from gridplan.study.emergency import emergency_factors
from gridplan.study.outages import listed_outages
from gridplan.study.study import Study

Array = NDArray[np.float64]
LAST_RESORT_COST = 1e5  # per MW of load not served or generation not used


@dataclass(frozen=True)
class Case:
    """One year of hourly operation, T hours, N buses, L branches, S sources.

    Parameters
    ----------
    grid : Grid
        Topology and sensitivities.
    hours : pandas.DatetimeIndex
        T hours.
    sources : pandas.Index
        Names of the sources: generators first, then shortage and surplus of each island.
    injection : ndarray, shape (S, N)
        MW injected at each bus per MW of a source.
    p_min_mw, p_max_mw, schedule_mw : ndarray, shape (T, S)
        Limits and planned dispatch (MW).
    share : ndarray, shape (S,)
        Part of an imbalance that a source takes up.
    weight : ndarray, shape (S,)
        Cost of leaving the schedule, per MW; relative numbers.
    load_mw : ndarray, shape (T, N)
        Load at the buses (MW).
    limit_mw : ndarray, shape (T, 2L)
        What a branch may carry (MW): without outage in the first L columns, after any outage in the
        others, `grid.after`.
    relief_mw : ndarray, shape (T, L), optional
        Change of the flows once conditional load is disconnected, as it is after every outage
        (MW); None where no load is conditional.
    """

    grid: Grid
    hours: pd.DatetimeIndex
    sources: pd.Index
    injection: Array
    p_min_mw: Array
    p_max_mw: Array
    schedule_mw: Array
    share: Array
    weight: Array
    load_mw: Array
    limit_mw: Array
    relief_mw: Array | None = None

    def injections_mw(self, dispatch_mw: Array) -> Array:
        """Net injection at every bus, shape (T, N), for a dispatch of shape (T, S)."""
        return dispatch_mw @ self.injection - self.load_mw

    def at(self, hours: NDArray[np.int64]) -> Case:
        """Keep only the given hours (positions)."""
        return replace(
            self,
            hours=self.hours[hours],
            relief_mw=None if self.relief_mw is None else self.relief_mw[hours],
            **{
                name: getattr(self, name)[hours]
                for name in ("p_min_mw", "p_max_mw", "schedule_mw", "load_mw", "limit_mw")
            },
        )

    def with_load(self, added_mw: Array) -> Case:
        """Add load of shape (T, N) and let the balancing sources take it up in their shares."""
        case = replace(self, load_mw=self.load_mw + added_mw)
        return replace(case, schedule_mw=balanced_schedule(case))

    @property
    def balancing(self) -> Array:
        """Part that the buses of an island take in an imbalance of 1 MW, shape (islands, N).

        In the shares of the balancing sources; where an island has none, in those of all its
        sources but the last resorts.
        """
        islands = np.arange(self.grid.topology.islands)[:, None]
        inside = self.source_island == islands
        weight = np.where(inside, self.share, 0.0)
        real = self.weight < LAST_RESORT_COST
        weight = np.where(weight.any(axis=1, keepdims=True), weight, inside * real)
        total = weight.sum(axis=1, keepdims=True)
        return np.divide(weight, total, out=np.zeros_like(weight), where=total > 0) @ self.injection

    def released_mw(self, load_mw: Array) -> Array:
        """Change of the injections once load is disconnected (MW), both of shape (·, N).

        The load is injected again, and the balancing sources give way for it.
        """
        return load_mw - self.grid.topology.sum_by_island(load_mw) @ self.balancing

    @property
    def source_island(self) -> NDArray[np.int64]:
        """Island of every source, shape (S,)."""
        return self.grid.topology.island[np.abs(self.injection).argmax(axis=1)]


def case_of(study: Study, connected: pd.DataFrame | None = None) -> Case:
    """Arrays of a study.

    Parameters
    ----------
    study : Study
        Checked input.
    connected : pandas.DataFrame, optional
        Projects that are part of the load; default those below the ordinary-growth limit.

    Returns
    -------
    Case
        With a schedule that balances every island as far as the limits allow.
    """
    network = study.network
    factors = emergency_factors(network, study.settings)
    listed = listed_outages(study.outages)
    grid = grid_of(network, study.settings.unsecured, factors, listed)
    buses = grid.topology.buses
    load = _load_mw(study, buses, study.ordinary_growth if connected is None else connected)
    generators = network.c.generators.static
    p_nom = generators["p_nom"].to_numpy(dtype=float)
    dense = network.get_switchable_as_dense
    p_min = dense("Generator", "p_min_pu")[generators.index].to_numpy(dtype=float) * p_nom
    p_max = dense("Generator", "p_max_pu")[generators.index].to_numpy(dtype=float) * p_nom
    at_bus = np.zeros((len(generators), len(buses)))
    at_bus[np.arange(len(generators)), buses.get_indexer(generators["bus"])] = 1.0
    resorts, spread = _last_resorts(grid, load)
    none = np.zeros((len(load), len(resorts)))
    weights = study.settings.redispatch_weights
    carrier_weight = generators["carrier"].map(weights).fillna(weights.get("other", 2.0))
    case = Case(
        grid=grid,
        hours=pd.DatetimeIndex(network.snapshots),
        sources=generators.index.append(pd.Index(resorts)),
        injection=np.vstack([at_bus, spread]),
        p_min_mw=np.hstack([p_min, none]),
        p_max_mw=np.hstack([p_max, none]),
        schedule_mw=np.hstack([study.schedule_mw[generators.index].to_numpy(dtype=float), none]),
        share=np.concatenate([_shares(generators), np.zeros(len(resorts))]),
        weight=np.concatenate([carrier_weight.to_numpy(), np.full(len(resorts), LAST_RESORT_COST)]),
        load_mw=load,
        limit_mw=grid.limits_mw(ratings_mw(network, grid.topology)),
    )
    return replace(case, schedule_mw=balanced_schedule(case))


def balanced_schedule(case: Case) -> Array:
    """Schedule in which the balancing sources cover the imbalance of their island, (T, S)."""
    schedule = np.clip(case.schedule_mw, case.p_min_mw, case.p_max_mw)
    injection = case.injections_mw(schedule)
    for island in range(case.grid.topology.islands):
        members = case.source_island == island
        missing = -injection[:, case.grid.topology.island == island].sum(axis=1)
        schedule[:, members] = share_out(
            missing,
            schedule[:, members],
            case.p_min_mw[:, members],
            case.p_max_mw[:, members],
            case.share[members],
        )
    return schedule


def imbalance_mw(case: Case, dispatch_mw: Array) -> Array:
    """Load less generation of every island, shape (T, islands)."""
    return case.grid.topology.sum_by_island(-case.injections_mw(dispatch_mw))


def _load_mw(study: Study, buses: pd.Index, connected: pd.DataFrame) -> Array:
    """Load per bus with the connected projects, shape (T, N)."""
    load = load_at_buses_mw(study.network, buses)
    shape = study.profiles[connected["profile"]].to_numpy(dtype=float) * connected["mw"].to_numpy()
    np.add.at(load.T, buses.get_indexer(connected["bus"]), shape.T)
    return load


def _shares(generators: pd.DataFrame) -> Array:
    """Balancing shares as stated, or in proportion to p_nom where none is stated."""
    stated = generators.get("schedule_share", pd.Series(0.0, index=generators.index)).fillna(0.0)
    share = stated if stated.sum() > 0 else generators["p_nom"]
    return share.to_numpy(dtype=float)


def _last_resorts(grid: Grid, load_mw: Array) -> tuple[list[str], Array]:
    """Names and injections of shortage and surplus of each island, shape (2 x islands, N)."""
    mean = load_mw.mean(axis=0)
    names, spread = [], []
    for island in range(grid.topology.islands):
        members = grid.topology.island == island
        weight = np.where(members, np.maximum(mean, 0.0), 0.0)
        weight = weight if weight.sum() > 0 else members.astype(float)
        names += [f"shortage of island {island}", f"surplus of island {island}"]
        spread += [weight / weight.sum(), -weight / weight.sum()]
    return names, np.array(spread)
