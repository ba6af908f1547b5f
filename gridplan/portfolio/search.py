"""The search: choose, find hours that the choice breaks, learn limits from them, choose again.

The selection sees the grid only through limits (`gridplan.portfolio.cuts`). A choice is tried
first on the hours that are watched, and only when it holds there on all hours; an hour that fails
joins the watched ones. The search ends when the best choice is secure in every hour. It is then
optimal: every limit is implied by the full problem, so no better choice can be secure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gridplan.base.errors import SolverError
from gridplan.operation.base_case import BaseCase
from gridplan.operation.case import Case
from gridplan.operation.dispatch import TOLERANCE_MW, Dispatch, secure_dispatch
from gridplan.operation.screen import extremes_mw
from gridplan.portfolio.cuts import Cuts, cuts_of, no_cuts, violation_mw
from gridplan.portfolio.options import Options
from gridplan.portfolio.selection import EXCESS_MW, Selection

Array = NDArray[np.float64]
NEW_HOURS = 60  # failing hours that join the watched ones after a complete check


@dataclass(frozen=True)
class Found:
    """Result of a search.

    Parameters
    ----------
    taken : ndarray, shape (J,)
        How often each option is taken.
    case : Case
        The year with that choice in it.
    dispatch : Dispatch
        Secure dispatch of every hour.
    cuts : Cuts
        Limits that were learned; valid in every hour of this topology.
    rounds : int
        Choices that were tried.
    """

    taken: Array
    case: Case
    dispatch: Dispatch
    cuts: Cuts
    rounds: int


def search(
    base: BaseCase,
    options: Options,
    budget_mnok: float | None,
    progress: Callable[[str], None] | None = None,
) -> Found:
    """Find the best choice that is secure in all hours.

    Parameters
    ----------
    base : BaseCase
        The year without options.
    options : Options
        What can be chosen.
    budget_mnok : float or None
        Limit on the investment in measures.
    progress : callable, optional
        Called with a line of text in every round.

    Returns
    -------
    Found

    Raises
    ------
    InfeasiblePlanError
        When no choice keeps all limits.
    SolverError
        When an hour fails and its duals do not say why (bad numbers in the network).
    """
    limits, rows = base.limits(), base.dispatch.rows
    shape = option_shapes(options, base.case, limits)
    selection, cuts = Selection(options, budget_mnok), no_cuts(options)
    everything, watched = np.arange(len(limits.hours)), worst_hours(base)
    rounds = 0
    while True:
        rounds += 1
        taken = selection.best(cuts, shape)
        case = case_with(limits, options, shape, taken)
        dispatch, duals, failing = _try(case, base, watched, limits.p_max_mw)
        if not len(failing):
            dispatch, duals, failing = _try(case, base, everything, limits.p_max_mw)
            watched = np.union1d(watched, failing[:NEW_HOURS])
        if progress:
            progress(f"round {rounds}: {len(cuts)} limits, {len(failing)} hours to mend")
        if not len(failing):
            return Found(taken, case, dispatch, cuts, rounds)
        learned = cuts_of(duals, rows, limits, options)
        if learned.excess_mw(shape, taken).max() <= EXCESS_MW:
            msg = f"round {rounds}: {len(failing)} hours fail, but no limit excludes the choice"
            raise SolverError(msg)
        cuts = cuts.joined(learned)


def option_shapes(options: Options, case: Case, limits: Case) -> Array:
    """MW per unit of every option in every hour, shape (T, J): load, or gain of a rating."""
    shape = options.profile.copy()
    for option, limit in zip(*np.nonzero(options.rating_pu), strict=True):
        raised = case.limit_mw[:, limit] * (1 + options.rating_pu[option, limit])
        kept = limits.limit_mw[:, limit]
        shape[:, option] = np.maximum(raised, kept) - kept
    return shape


def case_with(limits: Case, options: Options, shape: Array, taken: Array) -> Case:
    """Return the year with a choice in it: load added, ratings raised, borders balancing."""
    limit = limits.limit_mw + (shape * taken) @ (options.rating_pu > 0)
    return replace(limits, limit_mw=limit).with_load(options.load_mw(taken))


def worst_hours(base: BaseCase) -> NDArray[np.int64]:
    """Hours in which some branch is loaded most in the base case, either way."""
    highest, lowest = extremes_mw(base.case.grid, base.dispatch.flow_mw)
    room_up = (base.case.limit_mw - highest).argmin(axis=0)
    room_down = (base.case.limit_mw + lowest).argmin(axis=0)
    return np.unique(np.concatenate([room_up, room_down]))


def _try(
    case: Case, base: BaseCase, hours: NDArray[np.int64], allowed_p_max: Array
) -> tuple[Dispatch, Array, NDArray[np.int64]]:
    """Dispatch the given hours of a choice.

    Returns
    -------
    dispatch : Dispatch
        Of the given hours.
    duals : ndarray, shape (C, ·)
        Distinct row duals of the hours that fail.
    failing : ndarray of int
        Hours that cannot be secured, the worst first.
    """
    part, rows = case.at(hours), base.dispatch.rows
    generators = len(base.study.network.c.generators.static)
    opened = part.p_max_mw.copy()
    opened[:, generators:] = 1e6  # shortage and surplus show where balance fails
    dispatch = secure_dispatch(replace(part, p_max_mw=opened), rows)
    beyond = dispatch.dispatch_mw[:, generators:] - allowed_p_max[hours, generators:]
    doubtful = (dispatch.overload_mw > TOLERANCE_MW).any(axis=1)
    doubtful |= (beyond > TOLERANCE_MW).any(axis=1)
    suspects = np.flatnonzero(doubtful)
    if not len(suspects):
        return dispatch, np.empty((0, 0)), hours[:0]
    solutions = violation_mw(part.at(suspects), rows)
    excess = solutions.z[:, -1]
    bad = excess > 2 * EXCESS_MW  # twice, so that the cut it gives is more than rounding
    duals = solutions.row_dual[np.unique(solutions.region[bad])]
    return dispatch, duals, hours[suspects[bad]][np.argsort(-excess[bad], kind="stable")]
