r"""The selection MILP: which options to take, given the grid limits known so far.

    max  Σ_j value_j z_j − Σ_q,t cost_q u_qt
    s.t. Σ_j use_cj shape_tj z_j − Σ_q use_cq u_qt ≤ room_ct     (limit c in hour t)
         0 ≤ u_qt ≤ profile_qt z_q,  Σ_t u_qt ≤ most_q z_q        (curtailment)
         rules (relations, budget, goals)

Only the pairs (limit, hour) that some choice violated are written, and u exists only in their
hours; all others are checked by one matrix product, until none is left. Where the hours W break a
limit, their sum says what no conditions can bridge, in terms of z alone:

         Σ_t∈W (Σ_j use_cj shape_tj z_j − room_ct) ≤ Σ_q max(use_cq, 0) most_q z_q

Hours with curtailment and their longest run need a binary per hour. They come only for projects,
and for runs, that would otherwise break their conditions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from gridplan.portfolio.conditions import CURTAILED_PU, events
from gridplan.portfolio.cuts import Cuts
from gridplan.portfolio.form import EXCESS_MW, Form, Learned
from gridplan.portfolio.milp import GAP, Solved, solve
from gridplan.portfolio.options import Choice, Options
from gridplan.portfolio.rules import Rule

Array = NDArray[np.float64]
Positions = NDArray[np.int64]
HOURS_PER_CUT = 4  # hours of one limit that enter the MILP in a round
ROUGH = 5e-4  # of all values: slack of choices that only serve to find what they break
FIRM_FIRST = 1e-8  # of all values; of equal choices the one with fewer conditional projects
CURTAILED_HOURS = 500  # hours of the limits that one project may help to keep, likewise


@dataclass
class Selection:
    """Best choices under the limits, over and over; what was learned stays.

    Parameters
    ----------
    options : Options
        What can be chosen: J options, Q of them conditional, T hours.
    shape : ndarray, shape (T, J + I)
        MW per unit of every effect in every hour.
    """

    options: Options
    shape: Array
    learned: Learned = field(default_factory=Learned)

    def best(
        self,
        cuts: Cuts,
        rules: Sequence[Rule],
        value_mnok: Array | None = None,
        slack_mnok: float = 0.0,
    ) -> Choice | None:
        """Best choice that keeps all limits in all hours; None where there is none.

        Parameters
        ----------
        cuts : Cuts
            Limits known so far; new ones behind those of earlier calls.
        rules : sequence of Rule
            Conditions between options.
        value_mnok : ndarray, shape (J,), optional
            Value of the options; default their own.
        slack_mnok : float
            By how much the choice may be worse than the best.
        """
        value = (self.options.value_mnok if value_mnok is None else value_mnok).copy()
        value[self.options.conditions.option] -= FIRM_FIRST * np.abs(value).sum()
        form = partial(Form, self.options, self.shape, cuts, rules=rules, value_mnok=value)
        for slack in (max(slack_mnok, self.rough_mnok(value)), slack_mnok):
            while True:
                choice, bound = _solved(form(self.learned), slack)
                if choice is None:
                    return None
                if not self._refine(cuts, choice):
                    break
                completed, cost = self._completed(form, cuts, choice.taken)
                if completed is not None and cost <= bound + slack + GAP * abs(bound):
                    choice = completed
                    break
        return choice

    def rough_mnok(self, value_mnok: Array | None = None) -> float:
        """Slack of choices that only serve to find what they break (MNOK a year)."""
        value = self.options.value_mnok if value_mnok is None else value_mnok
        return ROUGH * float(np.abs(value).sum())

    def _completed(
        self, form: Callable[..., Form], cuts: Cuts, taken: Array
    ) -> tuple[Choice | None, float]:
        """Seek the best curtailment of what is taken in all hours, with its cost; far cheaper.

        None where no curtailment keeps the limits.
        """
        while True:
            choice, cost = _solved(form(self.learned, taken=taken), 0.0)
            if choice is None or not self._refine(cuts, choice):
                return choice, cost

    def relaxed(
        self, cuts: Cuts, rules: Sequence[Rule], fixed: Choice | None = None
    ) -> tuple[Form, Solved] | None:
        """Solve the selection as a linear program that keeps all limits in all hours.

        Parameters
        ----------
        cuts : Cuts
            Limits known so far.
        rules : sequence of Rule
            Conditions between options.
        fixed : Choice, optional
            Integers to fix: only curtailment is left. Default: options may be taken in part.

        Returns
        -------
        form, solved : Form, Solved
            The program and its optimum with duals; None where it has no solution. Sums of limits
            that were learned are rows of it too: their duals belong to no hour.

        Notes
        -----
        Limits are loosened by `EXCESS_MW`. One that just holds then has no price, which is what
        the next MW saved there is worth.
        """
        value = self.options.value_mnok
        while True:
            form = Form(
                self.options, self.shape, cuts, self.learned,
                rules=rules, value_mnok=value, fixed=fixed, whole=False,
            )  # fmt: skip
            room = form.program.row_upper.copy()
            room[form.limit_rows] += EXCESS_MW
            solved = solve(replace(form.program, row_upper=room))
            if solved is None:
                return None
            choice = form.choice(solved)
            excess = self.excess_mw(cuts, choice)
            broken = np.flatnonzero((excess > 2 * EXCESS_MW).any(axis=1))
            if not len(broken):
                return form, solved
            self._take_firm(broken, excess)
            self._take_curtailed(cuts, choice, broken, excess)

    def excess_mw(self, cuts: Cuts, choice: Choice) -> Array:
        """MW by which a choice exceeds every limit in every hour, shape (C, T)."""
        option = self.options.conditions.option
        excess = cuts.excess_mw(self.shape, self.options.effects(choice.taken))
        return excess - cuts.use[:, option] @ choice.curtailed_pu.T

    def _refine(self, cuts: Cuts, choice: Choice) -> bool:
        """Learn what a choice breaks: limits first, then conditions. False if nothing."""
        if len(cuts):
            excess = self.excess_mw(cuts, choice)
            broken = np.flatnonzero(excess.max(axis=1) > EXCESS_MW)
            if len(broken):
                firm = [cut for cut in broken if not self._bridged(cuts, choice, int(cut))]
                self._take_firm(firm, excess)
                self._take_curtailed(cuts, choice, np.setdiff1d(broken, firm), excess)
                return True
        return self._keep_conditions(choice)

    def _bridged(self, cuts: Cuts, choice: Choice, cut: int) -> bool:
        """Whether curtailment may keep a limit; where it cannot, the sum of its hours says so."""
        conditions = self.options.conditions
        use = cuts.use[cut, conditions.option]
        helped = np.maximum(use, 0.0) * conditions.most_pu_h
        able = np.where(use > EXCESS_MW, helped, 0.0) @ choice.taken[conditions.option]
        if able <= 0:
            return False
        effects = self.options.effects(choice.taken)
        bare = (cuts.use[cut] * effects) @ self.shape.T - cuts.room_mw[cut]
        hours = bare > 0
        if bare[hours].sum() <= able + EXCESS_MW:
            return True
        row = self.options.by_option(cuts.use[cut] * self.shape[hours].sum(axis=0))
        row[conditions.option] -= helped
        self.learned.sums.append((row, float(cuts.room_mw[cut, hours].sum())))
        return False

    def _take_firm(self, broken: Sequence[int] | Positions, excess: Array) -> None:
        """Add the worst hours of limits that no curtailment can keep."""
        for cut in broken:
            worst = np.argsort(-excess[cut], kind="stable")[:HOURS_PER_CUT]
            for hour in worst[excess[cut, worst] > EXCESS_MW]:
                self.learned.pairs[int(cut), int(hour)] = None

    def _take_curtailed(self, cuts: Cuts, choice: Choice, broken: Positions, excess: Array) -> None:
        """Add, for every conditional project, the worst limit that it helps to keep, by hour."""
        option = self.options.conditions.option
        for place in option[choice.taken[option] > 0]:
            helped = broken[cuts.use[broken, place] > EXCESS_MW]
            if len(helped):
                top = excess[helped].max(axis=0)
                which = helped[excess[helped].argmax(axis=0)]
                worst = np.argsort(-top, kind="stable")[:CURTAILED_HOURS]
                for hour in worst[top[worst] > EXCESS_MW]:
                    self.learned.pairs[int(which[hour]), int(hour)] = None

    def _keep_conditions(self, choice: Choice) -> bool:
        """Ask for binaries where a project's hours or runs break its conditions."""
        conditions, learned = self.options.conditions, self.learned
        before = len(learned.counted) + len(learned.runs)
        for project, pu in enumerate(choice.curtailed_pu.T):
            curtailed = pu > CURTAILED_PU
            if curtailed.sum() > conditions.most_hours[project]:
                learned.counted.add(project)
            first, length = events(curtailed)
            for start, hours in zip(first, length, strict=True):
                if hours > conditions.longest_h[project]:
                    most = int(conditions.longest_h[project])
                    for run in range(start, start + hours - most):
                        learned.runs[project, int(run)] = None
        return len(learned.counted) + len(learned.runs) > before


def _solved(form: Form, slack_mnok: float) -> tuple[Choice | None, float]:
    """Choice that a form finds, and its cost; none and infinite where there is none."""
    solved = solve(form.program, slack_mnok)
    if solved is None:
        return None, np.inf
    return form.choice(solved), float(form.program.cost @ solved.x)
