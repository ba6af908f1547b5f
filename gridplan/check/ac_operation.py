"""Injections of an AC power flow: what a network, or a plan's base case, does in chosen hours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pypsa
from numpy.typing import NDArray

from gridplan.check.ac_control import Case
from gridplan.check.ac_grid import AcGrid, Array, Positions
from gridplan.check.conditional import CONDITIONAL, balancing_shares
from gridplan.check.replica import incidence
from gridplan.study.settings_ac import AcSettings

BORDER = "border"  # carrier of generators that stand for a neighbour grid
PROJECTS = ("project", CONDITIONAL)  # carriers of loads that are projects
RUNNING_PU = 0.01  # of p_nom; a plant below it is at rest and gives no reactive power


@dataclass(frozen=True)
class Operation:
    """N buses, G generators, T hours.

    Parameters
    ----------
    generators : pandas.DataFrame
        Active generators: bus, carrier, p_nom, sign.
    generation_mw : ndarray, shape (T, G)
        Their dispatch.
    load_mw, load_mvar : ndarray, shape (T, N)
        Load at the buses.
    released_mw, released_mvar : ndarray, shape (T, N)
        Change of the injections once conditional load is disconnected, as it is after any outage.
    limit_mw : ndarray, shape (2, T, L)
        What branches may carry, without outage and after one.
    share : ndarray, shape (N,)
        Part of its island's losses that a bus takes up.
    """

    generators: pd.DataFrame
    generation_mw: Array
    load_mw: Array
    load_mvar: Array
    released_mw: Array
    released_mvar: Array
    limit_mw: Array
    share: Array


def operation_of(
    network: pypsa.Network, grid: AcGrid, hours: Positions, rating_mw: Array
) -> Operation:
    """Read the operation of a network with its dispatch.

    Parameters
    ----------
    network : pypsa.Network
        With `p_set` of generators and loads.
    grid : AcGrid
        Of the same network.
    hours : ndarray of int, shape (T,)
        Positions of the hours.
    rating_mw : ndarray, shape (T, L)
        What branches may carry without outage (MW).
    """
    evidence = grid.evidence
    loads = _active(network, "Load")
    power = _power(network, "Load", "p_set", loads.index, hours)
    reactive = reactive_mvar(network, grid.settings, loads, power, hours)
    at_bus = incidence(loads, -loads["sign"].to_numpy(dtype=float), evidence.buses).T
    conditional = loads["carrier"].eq(CONDITIONAL).to_numpy()
    generators = _active(network, "Generator")
    released = evidence.released_mw
    size = (len(hours), len(evidence.buses))
    return Operation(
        generators=generators,
        generation_mw=_power(network, "Generator", "p_set", generators.index, hours),
        load_mw=power @ at_bus,
        load_mvar=reactive @ at_bus,
        released_mw=np.zeros(size) if released is None else released[:, hours].T,
        released_mvar=(reactive * conditional) @ at_bus,
        limit_mw=np.stack([rating_mw, rating_mw * evidence.emergency_factor]),
        share=_shares(network, grid),
    )


def base_operation(plan: Any, grid: AcGrid, hours: Positions, rating_mw: Array) -> Operation:
    """Operation of a plan's base case: the same grid and hours without what the plan chooses.

    Parameters
    ----------
    plan : object
        With `base` (its `study`, `dispatch`, `case` and `connected`).
    grid, hours, rating_mw
        As in `operation_of`, of the plan's network.
    """
    base, evidence = plan.base, grid.evidence
    network = base.study.network
    loads, generators = _active(network, "Load"), _active(network, "Generator")
    power = _power(network, "Load", "p_set", loads.index, hours)
    reactive = reactive_mvar(network, grid.settings, loads, power, hours)
    at_bus = incidence(loads, -loads["sign"].to_numpy(dtype=float), evidence.buses).T
    rows = base.connected
    shape = base.study.profiles[rows["profile"]].to_numpy(dtype=float)[hours]
    project = (shape * rows["mw"].to_numpy(dtype=float)) @ incidence(
        rows, np.ones(len(rows)), evidence.buses
    ).T
    places = network.c.generators.static.index.get_indexer(generators.index)
    dispatch = base.dispatch.dispatch_mw[hours]
    count = len(network.c.generators.static)
    resort = -dispatch[:, count:] @ base.case.injection[count:]
    tan_load = _tangent(grid.settings.load_power_factor)
    none = np.zeros_like(resort)
    return Operation(
        generators=generators,
        generation_mw=dispatch[:, places],
        load_mw=power @ at_bus + project + resort,
        load_mvar=reactive @ at_bus
        + project * _tangent(grid.settings.project_power_factor)
        + resort * tan_load,
        released_mw=none,
        released_mvar=none,
        limit_mw=np.stack([rating_mw, rating_mw * evidence.emergency_factor]),
        share=_shares(network, grid),
    )


def case_of(grid: AcGrid, operation: Operation, hour: int, out: Positions) -> Case:
    """One hour of an operation with branches out of service.

    Parameters
    ----------
    grid : AcGrid
        The grid.
    operation : Operation
        The injections.
    hour : int
        Position among its hours.
    out : ndarray of int
        Branches out of service; conditional load is disconnected where there are any.
    """
    evidence, settings = grid.evidence, grid.settings
    table, power = operation.generators, operation.generation_mw[hour]
    p_nom = table["p_nom"].to_numpy(dtype=float)
    border = table["carrier"].eq(BORDER).to_numpy()
    plant = ~border & (p_nom >= settings.plant_least_mw) & (np.abs(power) > RUNNING_PU * p_nom)
    wide = np.where(plant, settings.plant_reactive_pu * p_nom, 0.0)
    if settings.border_reactive_pu is None:
        wide[border] = np.inf
    else:
        wide[border] = settings.border_reactive_pu * p_nom[border]
    place = evidence.buses.get_indexer(table["bus"])
    room = np.zeros(len(evidence.buses))
    np.add.at(room, place, wide)
    injected = np.zeros(len(evidence.buses))
    np.add.at(injected, place, power * table["sign"].to_numpy(dtype=float))
    p_mw, q_mvar = injected - operation.load_mw[hour], -operation.load_mvar[hour]
    if len(out):
        p_mw = p_mw + operation.released_mw[hour]
        q_mvar = q_mvar + operation.released_mvar[hour]
    return Case(
        p_mw=p_mw,
        q_mvar=q_mvar,
        lowest_mvar=-room - grid.reactor_mvar,
        highest_mvar=room,
        source=(room > 0) | (grid.reactor_mvar > 0),
        reference=_references(grid, table),
        share=operation.share,
        out=out,
    )


def _references(grid: AcGrid, generators: pd.DataFrame) -> Positions:
    """Bus of every island's largest border, or else of its largest generator, or its first bus."""
    evidence = grid.evidence
    weight = np.full(len(evidence.buses), -1.0)
    place = evidence.buses.get_indexer(generators["bus"])
    size = generators["p_nom"].to_numpy(dtype=float)
    size = size + np.where(generators["carrier"].eq(BORDER), 1e9, 0.0)
    np.maximum.at(weight, place, size)
    islands = range(int(evidence.island.max()) + 1)
    return np.array([np.where(evidence.island == k, weight, -2.0).argmax() for k in islands])


def _shares(network: pypsa.Network, grid: AcGrid) -> Array:
    """Shares of the losses: those of balancing; an island without generators has one bus do it."""
    evidence = grid.evidence
    inside = (evidence.island == np.arange(evidence.island.max() + 1)[:, None]).astype(float)
    share = balancing_shares(network, evidence.buses, inside)
    for island in np.flatnonzero(share.sum(axis=1) == 0):
        share[island, np.flatnonzero(inside[island])[0]] = 1.0
    return share.sum(axis=0)


def _active(network: pypsa.Network, component: str) -> pd.DataFrame:
    table = network.c[component].static
    return table[table["active"].astype(bool)]


def _power(
    network: pypsa.Network, component: str, attribute: str, names: pd.Index, hours: Positions
) -> Array:
    """Values of some hours, shape (T, components)."""
    some = network.snapshots[hours]
    dense = network.get_switchable_as_dense(component, attribute, some, names)
    return dense.to_numpy(dtype=float)


def reactive_mvar(
    network: pypsa.Network,
    settings: AcSettings,
    loads: pd.DataFrame,
    power: Array,
    hours: Positions,
) -> Array:
    """Reactive load as stated in `q_set`, else by the power factors (MVAr), shape (T, loads)."""
    stated = _power(network, "Load", "q_set", loads.index, hours)
    own = loads["q_set"].ne(0.0) | loads.index.isin(network.c.loads.dynamic["q_set"].columns)
    project = loads["carrier"].isin(PROJECTS)
    tangent: NDArray[np.float64] = np.where(
        project, _tangent(settings.project_power_factor), _tangent(settings.load_power_factor)
    )
    return np.where(own.to_numpy(), stated, power * tangent)


def _tangent(power_factor: float) -> float:
    """MVAr per MW."""
    return float(np.tan(np.arccos(power_factor)))
