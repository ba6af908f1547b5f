"""The search: choose, find hours that the choice breaks, learn limits from them, choose again.

The selection sees the grid only through limits (`gridplan.portfolio.cuts`). A choice is tried
first on the hours that are watched, and only when it holds there on all hours; an hour that fails
joins the watched ones. The search ends when the best choice is secure in every hour. It is then
optimal: every limit is implied by the full problem, so no better choice can be secure.

What one search learns holds for every other one on the same base case and options, so a `Search`
is kept and asked again: with a project forced in, with other rules, with another objective.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy, deepcopy
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gridplan.base.errors import SolverError
from gridplan.operation.base_case import BaseCase
from gridplan.operation.case import Case
from gridplan.operation.dispatch import TOLERANCE_MW, Dispatch, secure_dispatch
from gridplan.operation.rows import RowKey, RowPool
from gridplan.portfolio.conflicts import refuse
from gridplan.portfolio.curtailment import EXCESS_MW
from gridplan.portfolio.cuts import Cuts, cuts_of, no_cuts, violation_mw, weighted_cuts
from gridplan.portfolio.options import Choice, Options
from gridplan.portfolio.rules import Rule
from gridplan.portfolio.selection import Selection

Array = NDArray[np.float64]
Progress = Callable[[str], None]
NEW_HOURS = 60  # failing hours that join the watched ones after a complete check


@dataclass(frozen=True)
class Found:
    """Result of a search.

    Parameters
    ----------
    choice : Choice
        What is taken, and what conditional projects are not served.
    case : Case
        The year with that choice in it.
    dispatch : Dispatch
        Secure dispatch of every hour.
    value_mnok : float
        Value of the choice (MNOK a year).
    rounds : int
        Choices that were tried.
    """

    choice: Choice
    case: Case
    dispatch: Dispatch
    value_mnok: float
    rounds: int


@dataclass(frozen=True)
class Extra:
    """Load beside the options.

    Parameters
    ----------
    load_mw : ndarray, shape (T, N)
        MW at every bus.
    released_mw : ndarray, shape (T, N), optional
        MW injected again at every bus once it is disconnected after an outage; None if it stays.
    """

    load_mw: Array
    released_mw: Array | None = None

    def added_to(self, case: Case) -> Case:
        """Return a case with the load in it."""
        case = case.with_load(self.load_mw)
        if self.released_mw is None:
            return case
        relief = case.grid.ptdf.flows(self.released_mw)
        return replace(case, relief_mw=relief + (0 if case.relief_mw is None else case.relief_mw))

    def use_mw(self, cuts: Cuts) -> Array:
        """MW of every limit that the load uses in every hour, shape (C, T)."""
        use = cuts.grid.use @ self.load_mw.T
        return use if self.released_mw is None else use + cuts.grid.after @ self.released_mw.T

    def times(self, factor: Array) -> Extra:
        """Scale every hour, factors of shape (T,)."""
        released = None if self.released_mw is None else self.released_mw * factor[:, None]
        return Extra(self.load_mw * factor[:, None], released)


@dataclass(frozen=True)
class Lessons:
    """Grid limits that hold whatever the load, the weather and the options: those of the grid.

    Parameters
    ----------
    rows : tuple of (int, int, int)
        Branch, outage and sign of R CNEC rows.
    weight : ndarray, shape (C, R)
        Weights of the rows in every limit.
    balance : ndarray, shape (C, islands)
        Weights of the islands' balances in every limit.
    """

    rows: tuple[RowKey, ...]
    weight: Array
    balance: Array


class Search:
    """Best secure choices on one base case; the grid limits that it learns are kept.

    Parameters
    ----------
    base : BaseCase
        The year without options.
    options : Options
        What can be chosen.
    rules : sequence of Rule
        Conditions between options.

    Attributes
    ----------
    limits : Case
        The year without options, with the limits that a choice must keep.
    shape : ndarray, shape (T, J + I)
        MW per unit of every effect in every hour.
    cuts : Cuts
        Grid limits learned so far; valid in every hour.
    rows : RowPool
        CNEC rows found so far; those of the base case, which stays as it is, are the first.
    """

    def __init__(self, base: BaseCase, options: Options, rules: Sequence[Rule]) -> None:
        self.base, self.options, self.rules = base, options, tuple(rules)
        self.limits = base.limits
        self.shape = option_shapes(options, base.case, self.limits)
        self.selection = Selection(options, self.shape)
        self.cuts = no_cuts(options, self.limits.grid.topology.islands)
        self.rows = base.dispatch.rows.copy()
        self._watched = base.fullest_hours

    def best(
        self,
        rules: Sequence[Rule] | None = None,
        *,
        value_mnok: Array | None = None,
        progress: Progress | None = None,
    ) -> Found:
        """Find the best choice that is secure in all hours.

        Parameters
        ----------
        rules : sequence of Rule, optional
            Instead of the search's own.
        value_mnok : ndarray, shape (J,), optional
            Value of the options; default their own.
        progress : callable, optional
            Called with a line of text in every round.

        Returns
        -------
        Found

        Raises
        ------
        InfeasiblePlanError
            When no choice keeps all limits and rules; it names the smallest conflicting set.
        SolverError
            When an hour fails and its duals do not say why (bad numbers in the network).
        """
        rules = self.rules if rules is None else rules
        found = self.found(rules, value_mnok=value_mnok, progress=progress)
        if found is None:
            refuse(self, rules)
        return found

    def found(
        self,
        rules: Sequence[Rule],
        *,
        value_mnok: Array | None = None,
        least_mnok: float = -np.inf,
        progress: Progress | None = None,
        slack_mnok: float = 0.0,
    ) -> Found | None:
        """Find the best secure choice, or one up to `slack_mnok` worse; None if there is none.

        The search ends, with None too, as soon as the best choice under the limits that it has
        learned is worth less than `least_mnok` (MNOK a year): no secure choice is worth more.
        """
        rounds, rough = 0, self.selection.rough_mnok(value_mnok)
        # Without any limit yet they are learned from choices that are nearly the best.
        slack = slack_mnok if len(self.cuts) else max(slack_mnok, rough)
        rounded: set[bytes] = set()
        while True:
            rounds += 1
            choice = self.selection.best(self.cuts, rules, value_mnok, slack)
            if choice is None:
                return None
            value = self.options.value_of(choice)
            if value + slack < least_mnok:
                return None
            known = self.cuts
            tried = self.tried(choice)
            if not tried.secure:
                self._refuse_again(rounded, known, choice)
            if progress:
                learned, failing = len(self.cuts), tried.failing
                progress(f"round {rounds}: {learned} limits, {failing} hours to mend")
            if tried.secure and slack == slack_mnok:
                return Found(choice, tried.case, tried.dispatch, value, rounds)
            if tried.secure:
                slack = slack_mnok

    def _refuse_again(self, rounded: set[bytes], known: Cuts, choice: Choice) -> None:
        """Stop when what is taken fails twice at limits that the selection knew already."""
        over = self.selection.excess_mw(known, choice).max(initial=0.0)
        if over > 2 * EXCESS_MW:
            if choice.taken.tobytes() in rounded:
                msg = f"search did not settle: {over:.6f} MW over a limit that is learned already"
                raise SolverError(msg)
            rounded.add(choice.taken.tobytes())

    def lessons(self) -> Lessons:
        """Return what a search on another base case of the same grid can begin with."""
        weight = self.cuts.weight  # rows that were found later are in no limit
        return Lessons(tuple(self.rows.keys[: weight.shape[1]]), weight, self.cuts.balance)

    def learn(self, lessons: Lessons) -> None:
        """Take over what a search on a base case of the same grid has learned."""
        self.rows.take(lessons.rows)
        place = {key: number for number, key in enumerate(self.rows.keys)}
        weight = np.zeros((len(lessons.weight), len(place)))
        weight[:, [place[key] for key in lessons.rows]] = lessons.weight
        self.cuts = self.cuts.joined(
            weighted_cuts(weight, lessons.balance, self.rows, self.limits, self.options)
        )

    def holds(self, rules: Sequence[Rule]) -> bool:
        """Tell whether any secure choice keeps the rules; limits are learned on the way."""
        least_load = -self.options.bus_mw.sum(axis=1)  # the choice that the grid bears most easily
        while True:
            choice = self.selection.best(self.cuts, rules, least_load)
            if choice is None or self.tried(choice).secure:
                return choice is not None

    def fork(self) -> Search:
        """Return a search of its own that starts with what this one has learned."""
        other = copy(self)
        other.rows = self.rows.copy()
        other.selection = Selection(self.options, self.shape, deepcopy(self.selection.learned))
        return other

    def tried(
        self,
        choice: Choice,
        extra: Extra | None = None,
        but: NDArray[np.bool_] | None = None,
    ) -> Tried:
        """Dispatch a choice, and load beside it; learn from the hours that fail.

        Parameters
        ----------
        choice : Choice
            What is taken and curtailed.
        extra : Extra, optional
            Load beside it.
        but : ndarray of bool, shape (T,), optional
            Hours to leave out.

        Returns
        -------
        Tried

        Raises
        ------
        SolverError
            When hours fail and no limit excludes the choice.
        """
        case = case_with(self.limits, self.options, self.shape, choice)
        case = case if extra is None else extra.added_to(case)
        program = (self.base, self.rows, self.limits.p_max_mw)
        everything = np.arange(len(self.limits.hours))
        everything = everything if but is None else everything[~but]
        watched = np.intersect1d(self._watched, everything)
        dispatch, duals, failing = _try(case, watched, *program)
        if not len(failing):
            dispatch, duals, failing = _try(case, everything, *program)
            self._watched = np.union1d(self._watched, failing[:NEW_HOURS])
        if len(failing):
            learned = cuts_of(duals, self.rows, self.limits, self.options)
            excess = self.selection.excess_mw(learned, choice)
            excess += 0.0 if extra is None else extra.use_mw(learned)
            if excess[:, everything].max() <= EXCESS_MW:
                msg = f"{len(failing)} hours fail, but no limit excludes the choice"
                raise SolverError(msg)
            self.cuts = self.cuts.joined(learned)
        return Tried(case, dispatch, len(failing))


@dataclass(frozen=True)
class Tried:
    """A choice that was dispatched.

    Parameters
    ----------
    case : Case
        The year with the choice in it.
    dispatch : Dispatch
        Of all hours where the choice is secure; else of those that showed that it is not, where
        hours that fail are left before they are settled.
    failing : int
        Hours that cannot be secured.
    """

    case: Case
    dispatch: Dispatch
    failing: int

    @property
    def secure(self) -> bool:
        """Whether every hour is secure."""
        return not self.failing


def option_shapes(options: Options, case: Case, limits: Case) -> Array:
    """MW per unit of every effect in every hour, shape (T, J + I): load, or gain of a limit."""
    shape = np.hstack([options.profile, np.zeros((len(case.hours), len(options.second)))])
    for effect, limit in zip(*np.nonzero(options.rating_pu), strict=True):
        raised = case.limit_mw[:, limit] * (1 + options.rating_pu[effect, limit])
        kept = limits.limit_mw[:, limit]
        shape[:, effect] = np.maximum(raised, kept) - kept
    return shape


def case_with(limits: Case, options: Options, shape: Array, choice: Choice) -> Case:
    """Return the year with a choice in it: load added, ratings raised, borders balancing."""
    limit = limits.limit_mw + (shape * options.effects(choice.taken)) @ (options.rating_pu > 0)
    served = options.served_pu(choice)
    relief = None
    option = options.conditions.option
    if choice.taken[option].any():
        relief = served[:, option] @ limits.grid.ptdf.flows(options.released_mw[option])
    case = replace(limits, limit_mw=limit, relief_mw=relief)
    return case.with_load(served @ options.bus_mw)


def _try(
    case: Case, hours: NDArray[np.int64], base: BaseCase, rows: RowPool, allowed_p_max: Array
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
    part = case.at(hours)
    generators = len(base.study.network.c.generators.static)
    opened = part.p_max_mw.copy()
    opened[:, generators:] = 1e6  # shortage and surplus show where balance fails
    opened, most = replace(part, p_max_mw=opened), allowed_p_max[hours].copy()
    most[:, :generators] = np.inf  # the program keeps them
    for limit in (most, None):  # first leave hours that fail; all the way where that was rounding
        dispatch = secure_dispatch(opened, rows, most_mw=limit)
        suspects = _suspects(dispatch, most)
        if not len(suspects):
            break
        solutions = violation_mw(part.at(suspects), rows)
        excess = solutions.z[:, -1]
        bad = excess > 2 * EXCESS_MW  # twice, so that the cut it gives is more than rounding
        if bad.any():
            duals = solutions.row_dual[np.unique(solutions.region[bad])]
            return dispatch, duals, hours[suspects[bad]][np.argsort(-excess[bad], kind="stable")]
    return dispatch, np.empty((0, 0)), hours[:0]


def _suspects(dispatch: Dispatch, most_mw: Array) -> NDArray[np.int64]:
    """Positions of hours that overload a branch or ask for more than there is."""
    doubtful = (dispatch.overload_mw > TOLERANCE_MW).any(axis=1)
    doubtful |= (dispatch.dispatch_mw - most_mw > TOLERANCE_MW).any(axis=1)
    return np.flatnonzero(doubtful)
