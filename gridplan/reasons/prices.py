r"""What room on the grid is worth: the duals of the selection as a linear program.

Limit c leaves room_ct MW in hour t, and the dual π_ct ≥ 0 says what one MW more of it is worth
(MNOK a year). The limits are linear in load and ratings (`gridplan.operation.limits`), so

    1 MW less load at bus b in all hours       Σ_ct π_ct use_cb
    the same, if disconnected after an outage  Σ_ct π_ct (use_cb + after_cb − Σ_n after_cn σ_n)
    1 MW more of row r's limit                 Σ_ct π_ct λ_cr,   in hours without existing overload
    one unit of option j                       Σ_ct π_ct (− use_cj shape_tj)

with λ the weights of the rows that a limit is made of and σ the shares of the balancing sources.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridplan.base.errors import SolverError
from gridplan.operation.dispatch import TOLERANCE_MW
from gridplan.portfolio.form import Form
from gridplan.portfolio.milp import Solved
from gridplan.portfolio.options import Choice
from gridplan.portfolio.search import Search

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Prices:
    """Worth of grid, in MNOK a year, for N buses, L branches, J options.

    Parameters
    ----------
    bus, conditional_bus : ndarray, shape (N,)
        Of 1 MW less load in all hours, firm and conditional.
    without_outage, after_outage : ndarray, shape (L,)
        Of 1 MW more rating, by the limits without outage and after any; after an outage the
        emergency factor times 1 MW.
    past_overload : ndarray, shape (L,)
        Of 1 MW more in the hours in which an existing overload is the limit. A rating has to rise
        past the overload first.
    option : ndarray, shape (J,)
        Of the room that one unit of an option makes; negative where it takes room.
    taken : ndarray, shape (J,)
        How often each option is taken in this program.
    value_mnok : float
        Value of this choice.
    """

    bus: Array
    conditional_bus: Array
    without_outage: Array
    after_outage: Array
    past_overload: Array
    option: Array
    taken: Array
    value_mnok: float


def prices(
    search: Search, fixed: Choice | None = None, progress: Callable[[str], None] | None = None
) -> Prices:
    """Price room on the grid.

    Parameters
    ----------
    search : Search
        Where the plan was found; it stays as it is.
    fixed : Choice, optional
        Only its curtailment may change. Default: options may be taken in part.
    progress : callable, optional
        Called with a line of text in every round.

    Returns
    -------
    Prices

    Notes
    -----
    The limits that led to a plan are too few for the linear program, which goes where no plan
    went. So its optimum is dispatched in every hour, and what it breaks is learned, until it is
    secure. Then no limit that is still unknown could make it worse, and the duals are those of the
    full problem.

    Learned rows over what is taken are left out, as their duals belong to no hour. Where options
    may be taken in part, hours and runs of curtailment are left out too; its energy counts.
    """
    search = search.fork()
    learned = search.selection.learned
    learned.rows.clear()
    if fixed is None:
        learned.counted.clear()
        learned.runs.clear()
    rounds = 0
    while True:
        rounds += 1
        relaxed = search.selection.relaxed(search.cuts, search.rules, fixed)
        if relaxed is None:
            msg = "the linear program of a secure plan has no solution"
            raise SolverError(msg)
        form, solved = relaxed
        choice = form.choice(solved)
        tried = search.tried(choice)
        if progress:
            progress(f"round {rounds}: {len(search.cuts)} limits, {tried.failing} hours to mend")
        if tried.secure:
            return _priced(search, form, solved, choice)


def _priced(search: Search, form: Form, solved: Solved, choice: Choice) -> Prices:
    """Sum the duals over limits and hours."""
    rows, cuts, case = form.limit_rows, search.cuts, search.limits
    price = np.maximum(-solved.row_dual[rows], 0.0)
    cut, _ = form.pairs.T
    per_limit = np.bincount(cut, price, minlength=len(cuts))
    use, after = per_limit @ cuts.grid.use, per_limit @ cuts.grid.after
    given_way = (case.balancing @ after)[case.grid.topology.island]
    per_option = -(price @ form.program.matrix[rows])[: len(choice.taken)]
    return Prices(
        bus=use,
        conditional_bus=use + after - given_way,
        **_ratings(search, form, price),
        option=per_option,
        taken=choice.taken,
        value_mnok=search.options.value_of(choice),
    )


def _ratings(search: Search, form: Form, price: Array) -> dict[str, Array]:
    """Worth of 1 MW more rating, by kind of limit, each of shape (L,)."""
    grid, rows, weight = search.limits.grid, search.rows, search.cuts.weight
    known = weight.shape[1]  # rows that were found later are in no limit
    outage, limit, branch = rows.outage[:known], rows.limit[:known], rows.branch[:known]
    cut, hour = form.pairs[price > 0].T
    by_row = price[price > 0, None] * np.maximum(weight[cut], 0.0)
    by_row *= np.where(outage >= 0, grid.emergency_factor[branch], 1.0)
    raw, kept = search.base.case.limit_mw[hour], search.limits.limit_mw[hour]
    free = (kept - raw <= TOLERANCE_MW)[:, limit]

    def summed(values: Array, which: NDArray[np.bool_]) -> Array:
        return np.bincount(branch[which], values.sum(axis=0)[which], minlength=grid.branches)

    return {
        "without_outage": summed(by_row * free, outage < 0),
        "after_outage": summed(by_row * free, outage >= 0),
        "past_overload": summed(by_row * ~free, outage >= -1),
    }
