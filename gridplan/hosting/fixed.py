r"""Capacity without redispatch: the balancing sources take up what is added, in fixed shares.

With d the change of the injections per MW added at a bus (−1 there for a load, plus the shares of
the balancing sources), δ = PTDF · d the change of the flows and δ_lk = δ_l + LODF_lk δ_k after
outage k, hour t takes

    min over l, k of  room_lkt / |δ_lk|,   room = limit ∓ (f_l + LODF_lk f_k)

in the direction in which δ_lk points, and no more than the balancing sources can give. A source
that in some hour cannot carry its share of `LARGE_MW` stays where it is in that hour, and the
others take its share.

Few of all pairs (l, k) ever limit. They are worked out in the order of the least that their room
of the whole year allows, until no hour can be limited by the rest.
"""

from __future__ import annotations

from itertools import count

import numpy as np
from numpy.typing import NDArray

from gridplan.grid.sensitivities import Grid
from gridplan.hosting.flexible import ceiling_mw
from gridplan.hosting.survey import CEILING_MW, HourlyCapacity, Survey
from gridplan.operation.screen import BLOCK

Array = NDArray[np.float64]
Positions = NDArray[np.int64]
LARGE_MW = 1000.0  # exchange of which a balancing source must be able to carry its share
SMALL = 1e-7  # MW of flow per MW of exchange that counts as none
PAIRS = 32  # pairs of branch and outage that are worked out at a time


class FixedBalancing:
    """One year in which the balancing sources of every island share what is added.

    Parameters
    ----------
    survey : Survey
        The year: T hours, L branches, K + M outages.

    Notes
    -----
    Memory: 16 bytes x L x (K + M). Work at the start: T x L x (K + M).
    """

    def __init__(self, survey: Survey) -> None:
        self.survey = survey
        self._smallest_mw = _smallest_rooms(survey)
        self._sharing: dict[tuple[int, int], list[tuple[Positions, Array]]] = {}

    def capacity(self, bus: int, sign: int, flexibility: float | None = None) -> HourlyCapacity:
        """Find what fits at a bus in every hour without redispatch.

        Parameters
        ----------
        bus : int
            Position.
        sign : {1, −1}
            Load or generation.
        flexibility : float, optional
            Only hours that matter to a capacity of at most this flexibility are exact, the others
            are cut off at the ceiling. Default: all hours are exact.

        Returns
        -------
        HourlyCapacity
            At least 0 in every hour.
        """
        hours = len(self.survey.flow_mw)
        sharing = self.sharing(bus, sign)
        found = HourlyCapacity(
            np.full(hours, CEILING_MW if sharing else 0.0),
            np.full(hours, -1, dtype=np.int64),
            np.full(hours, -1, dtype=np.int64),
        )
        place = np.zeros(self.survey.case.load_mw.shape[1])
        place[bus] = sign
        groups = [
            _Group(self.survey, self._smallest_mw, place, hours, shares)
            for hours, shares in sharing
        ]
        for group in groups:
            group.limit_by_sources(found)
        for start in count(0, PAIRS):
            ceiling = ceiling_mw(np.maximum(found.mw, 0.0), flexibility)
            open_groups = [group.limit_by_pairs(found, start, ceiling) for group in groups]
            if not any(open_groups):
                break
        return found.between(ceiling)

    def sharing(self, bus: int, sign: int) -> list[tuple[Positions, Array]]:
        """Hours that share alike, and the part of every source in a MW at a bus, shape (S,).

        None where the island has no balancing source.
        """
        island = int(self.survey.case.grid.topology.island[bus])
        if (island, sign) not in self._sharing:
            self._sharing[island, sign] = _sharing(self.survey, island, sign)
        return self._sharing[island, sign]


def _smallest_rooms(survey: Survey) -> Array:
    """Smallest room of the year, (2, L, K + M + 1): upwards and downwards, without outage last."""
    case, flow = survey.case, survey.flow_mw
    grid = case.grid
    smallest = np.full((2, grid.branches, grid.contingencies + 1), np.inf)
    for branches, lodf in grid.blocks():
        for start in range(0, len(flow), BLOCK):
            part, limits = flow[start : start + BLOCK], case.limit_mw[start : start + BLOCK]
            lost, none = part[:, grid.outages], np.zeros(len(part))
            for branch, factors in zip(branches, lodf, strict=True):
                several = [part[:, each.branches] @ each.lodf[branch] for each in grid.listed]
                moved = np.column_stack([lost * factors, *several, none])
                limit = limits[:, [grid.branches + branch] * grid.contingencies + [branch]]
                for side, sign in enumerate((1.0, -1.0)):
                    room = (limit - sign * part[:, [branch]]) - sign * moved
                    np.minimum(smallest[side, branch], room.min(axis=0), out=smallest[side, branch])
    return smallest


def _sharing(survey: Survey, island: int, sign: int) -> list[tuple[Positions, Array]]:
    """Hours of an island that share alike, with the shares per MW of load or generation."""
    case = survey.case
    weight = np.where(case.source_island == island, case.share, 0.0)
    up, down = case.p_max_mw - survey.dispatch_mw, survey.dispatch_mw - case.p_min_mw
    if not weight.any():
        return []
    weight = weight / weight.sum()
    able = (up if sign > 0 else down) >= weight * LARGE_MW
    able = np.where((able & (weight > 0)).any(axis=1, keepdims=True), able, True) & (weight > 0)
    patterns, group = np.unique(able, axis=0, return_inverse=True)
    shares = sign * patterns * weight / (patterns * weight).sum(axis=1, keepdims=True)
    return [(np.flatnonzero(group.ravel() == number), row) for number, row in enumerate(shares)]


def _effects(grid: Grid, change_mw: Array) -> tuple[Positions, Positions, Array]:
    """Branch, outage and MW where a change of the flows, shape (L,), is more than nothing.

    Outages are numbered 0 to K + M − 1, and K + M is none.
    """
    parts = []
    for branches, lodf in grid.blocks():
        own = change_mw[branches]
        after = own[:, None] + lodf * change_mw[grid.outages]
        several = [own + each.lodf[branches] @ change_mw[each.branches] for each in grid.listed]
        effect = np.column_stack([after, *several, own])
        row, outage = np.nonzero(np.abs(effect) > SMALL)
        parts.append((branches[row], outage, effect[row, outage]))
    branch, outage, moved = (np.concatenate(part) for part in zip(*parts, strict=True))
    return branch, outage, moved


class _Group:
    """Hours that share alike, for one bus."""

    def __init__(
        self, survey: Survey, smallest_mw: Array, place: Array, hours: Positions, shares: Array
    ) -> None:
        self._survey, self._hours, self._shares = survey, hours, shares
        grid = survey.case.grid
        change = grid.ptdf.flows((shares @ survey.case.injection - place)[None])[0]
        branch, outage, moved = _effects(grid, change)
        bound = smallest_mw[(moved < 0).astype(int), branch, outage] / np.abs(moved)
        order = np.argsort(bound, kind="stable")
        self._branch, self._outage = branch[order], outage[order]
        self._moved, self._bound = moved[order], bound[order]

    def limit_by_sources(self, found: HourlyCapacity) -> None:
        """Lower the capacity to that at which the first balancing source reaches its limit."""
        case, used = self._survey.case, np.flatnonzero(np.abs(self._shares) > SMALL)
        at = np.ix_(self._hours, used)
        dispatch = self._survey.dispatch_mw[at]
        room = np.where(
            self._shares[used] > 0, case.p_max_mw[at] - dispatch, dispatch - case.p_min_mw[at]
        )
        least = (room / np.abs(self._shares[used])).min(axis=1)
        found.mw[self._hours] = np.minimum(found.mw[self._hours], least)

    def limit_by_pairs(self, found: HourlyCapacity, start: int, ceiling_mw: float) -> bool:
        """Lower the capacity to what the pairs from `start` on allow; False when none can."""
        pairs = slice(start, start + PAIRS)
        lowest = self._bound[pairs][:1]
        hours = self._hours[(np.minimum(found.mw, ceiling_mw)[self._hours, None] > lowest).any(1)]
        if not len(hours):
            return False
        case, flow = self._survey.case, self._survey.flow_mw[hours]
        branch, outage, moved = self._branch[pairs], self._outage[pairs], self._moved[pairs]
        outage = np.where(outage < case.grid.contingencies, outage, -1)
        after = flow @ case.grid.watched(branch, outage).T
        limit = case.grid.limit(branch, outage)
        room = case.limit_mw[np.ix_(hours, limit)] - np.sign(moved) * after
        allowed = room / np.abs(moved)
        tightest = allowed.argmin(axis=1)
        least = allowed[np.arange(len(hours)), tightest]
        lower = least < found.mw[hours]
        found.mw[hours[lower]] = least[lower]
        found.branch[hours[lower]] = branch[tightest[lower]]
        found.outage[hours[lower]] = outage[tightest[lower]]
        return True
