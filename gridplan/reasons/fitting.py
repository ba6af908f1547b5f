"""How much of a load fits beside a plan, hour by hour, and what limits it.

The part φ_t of a load that fits in hour t is found with the limits of the search: each says
φ_t ≤ room_ct / use_ct. What they allow is tried in all hours; an hour that fails teaches a new
limit, until every hour is secure. A limit is tight where it was learned, so the part is exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridplan.operation.limits import SMALL
from gridplan.portfolio.curtailment import EXCESS_MW
from gridplan.portfolio.options import Choice
from gridplan.portfolio.search import Extra, Search

Array = NDArray[np.float64]
USED_MW = 1e-6  # use of a limit that counts as none
SUPPLY = ("", "")  # limit without any branch: the sources of the island


@dataclass(frozen=True)
class Fitting:
    """Part of a load that fits in each of T hours.

    Parameters
    ----------
    part : ndarray, shape (T,)
        From 0 to 1.
    limit : ndarray of int, shape (T,)
        Limit of the search that cuts it off; −1 where all fits.
    hopeless : ndarray of bool, shape (T,)
        Hours in which what stands beside it is not secure and no part of it helps.
    """

    part: Array
    limit: NDArray[np.int64]
    hopeless: NDArray[np.bool_]

    @property
    def short(self) -> NDArray[np.bool_]:
        """Hours in which not all fits, shape (T,)."""
        return self.limit >= 0


def fitting_part(search: Search, choice: Choice, extra: Extra) -> Fitting:
    """Find the largest part of a load that is secure beside a choice, in every hour.

    Parameters
    ----------
    search : Search
        It learns on the way; hand in a fork to keep the original as it is.
    choice : Choice
        What stands beside it. It need not be secure by itself: a plan may lean on a project.
    extra : Extra
        The whole load, shape (T, N).

    Returns
    -------
    Fitting

    Raises
    ------
    SolverError
        When an hour fails and its duals do not say why.
    """
    while True:
        fitting = allowed_part(search, choice, extra)
        if search.tried(choice, extra.times(fitting.part), fitting.hopeless).secure:
            return fitting


def allowed_part(search: Search, choice: Choice, extra: Extra) -> Fitting:
    """Part of a load that the limits known so far allow in every hour; arguments as above."""
    hours = np.arange(len(search.shape))
    part, limit = np.ones(len(hours)), np.full(len(hours), -1, dtype=np.int64)
    if not len(search.cuts):
        return Fitting(part, limit, np.zeros(len(hours), dtype=bool))
    use = extra.use_mw(search.cuts)
    room = -search.selection.excess_mw(search.cuts, choice)
    broken = (use > USED_MW) & (use - room > EXCESS_MW)
    allowed = np.where(broken, room / np.maximum(use, USED_MW), np.inf)
    worst = allowed.argmin(axis=0)
    least = allowed[worst, hours]
    short = least < 1.0
    part[short], limit[short] = np.maximum(least[short], 0.0), worst[short]
    excess = use * part - room
    hopeless = excess.max(axis=0) > EXCESS_MW
    part[hopeless], limit[hopeless] = 0.0, excess.argmax(axis=0)[hopeless]
    return Fitting(part, limit, hopeless)


def limiting_pairs(search: Search, limits: NDArray[np.int64]) -> list[tuple[str, str]]:
    """Branch and outage ("" for none) with the largest weight in each limit.

    Parameters
    ----------
    search : Search
        Which learned the limits.
    limits : ndarray of int
        Positions among its limits.

    Returns
    -------
    list of (str, str)
        ("", "") where no branch limits but the sources of the island do.
    """
    grid = search.limits.grid
    names, outages = grid.topology.branches.index, [*grid.outage_names(), ""]
    keys = search.rows.keys
    pairs = []
    for limit in limits:
        weight = search.cuts.weight[limit]
        row = int(weight.argmax()) if weight.size else 0
        if not (weight.size and weight[row] > SMALL):
            pairs.append(SUPPLY)
            continue
        branch, outage, _ = keys[row]
        alone = grid.topology.bridge[branch]  # carries the same after any outage elsewhere
        pairs.append((str(names[branch]), "" if alone else str(outages[outage])))
    return pairs
