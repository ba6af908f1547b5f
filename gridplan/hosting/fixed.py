r"""Capacity without redispatch: the balancing sources take up what is added, in fixed shares.

With d the change of the injections per MW of the place (−1 at the bus of a load, plus the shares
of the balancing sources), δ = PTDF · d the change of the flows and δ_lk = δ_l + LODF_lk δ_k after
outage k, hour t takes

    min over l, k of  room_lkt / |δ_lk|,   room = limit ∓ (f_l + LODF_lk f_k)

in the direction in which δ_lk points, and no more than the balancing sources can give. A source
that in some hour cannot carry its share of `LARGE_MW` stays where it is in that hour, and the
others take its share.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridplan.grid.sensitivities import Grid
from gridplan.operation.base_case import BaseCase
from gridplan.operation.case import Case
from gridplan.operation.screen import BLOCK

Array = NDArray[np.float64]
LARGE_MW = 1000.0  # exchange of which a balancing source must be able to carry its share
SMALL = 1e-7  # MW of flow per MW of exchange that counts as none


@dataclass(frozen=True)
class Rooms:
    """Room that the base case leaves, and its smallest value in every block of hours.

    Parameters
    ----------
    case : Case
        The year with its limits.
    flow_mw : ndarray, shape (T, L)
        Flows of the base case without outage (MW).
    dispatch_mw : ndarray, shape (T, S)
        Dispatch of the base case (MW).
    smallest_mw : ndarray, shape (2, L, K + 1, blocks)
        Smallest room of a block of hours, upwards and downwards; the last column is no outage.
    """

    case: Case
    flow_mw: Array
    dispatch_mw: Array
    smallest_mw: Array


def rooms_of(case: Case, base: BaseCase) -> Rooms:
    """Survey the room of all branches under all outages.

    Parameters
    ----------
    case : Case
        Limits to keep; its grid may have fewer outages than the base case's.
    base : BaseCase
        Whose flows use the room.

    Returns
    -------
    Rooms
        Memory: 16 bytes x blocks x L x K; work T x L x K.
    """
    flow, grid = base.dispatch.flow_mw, case.grid
    blocks = range(0, len(flow), BLOCK)
    smallest = np.empty((2, len(grid.lodf), len(grid.outages) + 1, len(blocks)))
    for number, start in enumerate(blocks):
        part = flow[start : start + BLOCK]
        limit = case.limit_mw[start : start + BLOCK]
        lost = np.column_stack([part[:, grid.outages], np.zeros(len(part))])
        shares = np.column_stack([grid.lodf, np.zeros(len(grid.lodf))])
        for branch, factors in enumerate(shares):
            moved = lost * factors
            up, down = limit[:, branch] - part[:, branch], limit[:, branch] + part[:, branch]
            smallest[0, branch, :, number] = (up[:, None] - moved).min(axis=0)
            smallest[1, branch, :, number] = (down[:, None] + moved).min(axis=0)
    return Rooms(case, flow, base.dispatch.dispatch_mw, smallest)


def fixed_capacity(rooms: Rooms, place: Array) -> Array:
    """Capacity of a place in every hour without redispatch (MW), shape (T,).

    Parameters
    ----------
    rooms : Rooms
        Survey of the year.
    place : ndarray, shape (N,)
        MW of load at each bus per MW of the place; negative for generation.

    Returns
    -------
    ndarray, shape (T,)
        At least 0.

    Notes
    -----
    A pair of branch and outage is worked out only in blocks of hours in which its smallest room
    could undercut what the tightest pairs already allow.
    """
    capacity = np.empty(len(rooms.flow_mw))
    shares = balancing_shares(rooms, place)
    sharing = np.flatnonzero(shares.any(axis=0))
    alike = pd.DataFrame(shares[:, sharing]).groupby(list(range(len(sharing))), sort=False)
    for hours in alike.indices.values():
        capacity[hours] = _with_shares(rooms, place, shares[hours[0]], hours)
    return np.maximum(capacity, 0.0)


def _with_shares(rooms: Rooms, place: Array, shares: Array, hours: NDArray[np.int64]) -> Array:
    """Capacity in the given hours, in which the sources share alike."""
    case = rooms.case
    effect = _effects(case.grid, case.grid.ptdf @ (shares @ case.injection - place))
    size = np.abs(effect)
    known = size > SMALL
    capacity = _source_room(rooms, shares, hours)
    blocks = hours // BLOCK
    branch, outage = np.nonzero(known)
    if not len(branch):
        return capacity
    side = (effect[branch, outage] < 0).astype(int)
    bound = rooms.smallest_mw[side, branch, outage] / size[branch, outage, None]
    for block in np.unique(blocks):
        inside, tightest = blocks == block, [bound[:, block].argmin()]
        pair = (branch[tightest], outage[tightest])
        capacity[inside] = np.minimum(capacity[inside], _exact(rooms, effect, hours[inside], pair))
        near = bound[:, block] < capacity[inside].max()
        pairs = (branch[near], outage[near])
        capacity[inside] = np.minimum(capacity[inside], _exact(rooms, effect, hours[inside], pairs))
    return capacity


def balancing_shares(rooms: Rooms, place: Array) -> Array:
    """Part of every source in a MW of the place, shape (T, S); each island balances itself."""
    case = rooms.case
    shares = np.zeros_like(rooms.dispatch_mw)
    for island in range(case.grid.topology.islands):
        drawn = place[case.grid.topology.island == island].sum()
        if not drawn:
            continue
        weight = np.where(case.source_island == island, case.share, 0.0)
        weight = np.broadcast_to(weight / weight.sum(), shares.shape)
        room = case.p_max_mw - rooms.dispatch_mw if drawn > 0 else rooms.dispatch_mw - case.p_min_mw
        able = np.where(room >= weight * LARGE_MW, weight, 0.0)
        able = np.where(able.any(axis=1, keepdims=True), able, weight)
        shares += drawn * able / able.sum(axis=1, keepdims=True)
    return shares


def _effects(grid: Grid, change: Array) -> Array:
    """MW on every branch under every outage per MW, shape (L, K + 1); last column no outage."""
    after = change[:, None] + grid.lodf * change[grid.outages]
    return np.column_stack([after, change])


def _source_room(rooms: Rooms, shares: Array, hours: NDArray[np.int64]) -> Array:
    """MW at which the first balancing source reaches its limit, in the given hours."""
    case, used = rooms.case, np.flatnonzero(np.abs(shares) > SMALL)
    at = np.ix_(hours, used)
    up, down = (side[at] - rooms.dispatch_mw[at] for side in (case.p_max_mw, case.p_min_mw))
    room = np.where(shares[used] > 0, up, -down)
    return (room / np.abs(shares[used])).min(axis=1)


def _exact(
    rooms: Rooms,
    effect: Array,
    hours: NDArray[np.int64],
    pairs: tuple[NDArray[np.int64], ...],
) -> Array:
    """Smallest exact allowance of pairs (branch, outage) in the given hours."""
    grid, flow = rooms.case.grid, rooms.flow_mw[hours]
    branch, outage = pairs
    out = outage < len(grid.outages)
    lost = np.zeros((len(flow), len(branch)))
    lost[:, out] = flow[:, grid.outages[outage[out]]] * grid.lodf[branch[out], outage[out]]
    moved = effect[branch, outage]
    room = rooms.case.limit_mw[np.ix_(hours, branch)] - np.sign(moved) * (flow[:, branch] + lost)
    return (room / np.abs(moved)).min(axis=1, initial=np.inf)
