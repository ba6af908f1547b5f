r"""The selection: which options to take, given the grid limits known so far.

    max  Σ_j value_j z_j − Σ_q,t cost_q u_qt
    s.t. Σ_j use_cj shape_tj z_j − Σ_q use_cq u_qt ≤ room_ct     (limit c in hour t)
         0 ≤ u_qt ≤ profile_qt z_q,  Σ_t u_qt ≤ most_q z_q        (curtailment)
         hours with u_qt > 0, and their longest run                (its conditions)
         rules (relations, budget, goals)

As long as the best curtailment keeps within hours and runs by itself, the MILP holds z alone
(`gridplan.portfolio.bridging`). Where it does not, they need a binary per hour: first only for what
is taken, and where that is not good enough, in a MILP of everything (`gridplan.portfolio.form`)
with the project in question. That one must beat the best choice without the project, which leaves
little to search. Of the limits only the pairs (limit, hour) that some choice broke are written; all
others are checked by one matrix product, until none is left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from gridplan.portfolio.bridging import Bridging, learn_pairs
from gridplan.portfolio.conditions import CURTAILED_PU, events
from gridplan.portfolio.curtailment import EXCESS_MW, prices_mnok
from gridplan.portfolio.cuts import Cuts
from gridplan.portfolio.form import Form, Learned
from gridplan.portfolio.milp import GAP, Solved, solve
from gridplan.portfolio.options import Choice, Options
from gridplan.portfolio.rules import Rule

Array = NDArray[np.float64]
ROUGH = 5e-4  # of all values: slack of choices that only serve to find what they break
FIRM_FIRST = 1e-8  # of all values; of equal choices the one with fewer conditional projects


@dataclass(frozen=True)
class _Asked:
    """Limits, values, and by how much a choice may be worse than the best."""

    cuts: Cuts
    value_mnok: Array
    slack_mnok: float

    def cost_mnok(self, choice: Choice, options: Options) -> float:
        """Price of what is curtailed less the value of what is taken."""
        curtailed = choice.curtailed_pu.sum(axis=0)
        return float(prices_mnok(options) @ curtailed - self.value_mnok @ choice.taken)


@dataclass
class Selection:
    """Best choices under the limits, over and over; what was learned stays.

    Parameters
    ----------
    options : Options
        What can be chosen: J options, Q of them conditional, T hours.
    shape : ndarray, shape (T, J + I)
        MW per unit of every effect in every hour.
    learned : Learned
        What earlier choices have broken; grows with every choice.
    """

    options: Options
    shape: Array
    learned: Learned = field(default_factory=Learned)
    _bridging: Bridging = field(init=False, repr=False)
    _known: int = field(init=False, repr=False, default=0)  # limits that a choice was tried on

    def __post_init__(self) -> None:
        self._bridging = Bridging(self.options, self.shape, self.learned)

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
        rough = max(slack_mnok, self.rough_mnok(value)) if len(cuts) > self._known else slack_mnok
        self._known = len(cuts)
        choice = None
        for slack in dict.fromkeys((rough, slack_mnok)):
            choice = self._branch(_Asked(cuts, value, slack), list(rules), np.inf)
            if choice is None:
                return None
        return choice

    def _branch(self, asked: _Asked, rules: list[Rule], most_mnok: float) -> Choice | None:
        """Best choice that costs no more than `most_mnok`; None where there is none.

        Where a project breaks its hours or runs, the best choice without it is sought first.
        """
        choice, bound = self._bridging.best(asked.cuts, rules, asked.value_mnok, asked.slack_mnok)
        if choice is None or bound > most_mnok:
            return None
        counted, runs = self._conditions_broken(choice)
        if not counted and not runs:
            return choice
        form = partial(Form, self.options, self.shape, asked.cuts, value_mnok=asked.value_mnok)
        most = bound + asked.slack_mnok
        completed = self._within_hours(partial(form, rules=rules), asked.cuts, choice, most)
        if completed is not None:
            return completed
        without, within = self._either(counted[0] if counted else runs[0][0])
        best = self._branch(asked, [*rules, without], most_mnok)
        if best is not None:
            cost = asked.cost_mnok(best, self.options)
            most_mnok = min(most_mnok, cost - asked.slack_mnok - GAP * abs(cost))
        better = self._counted(partial(form, rules=[*rules, within]), asked, most_mnok)
        return best if better is None else better

    def _either(self, project: int) -> tuple[Rule, Rule]:
        """Rules that leave a conditional project out, and that take it."""
        row = np.zeros(len(self.options.names))
        row[self.options.conditions.option[project]] = 1.0
        return Rule("without it", row, 0.0), Rule("with it", -row, -1.0)

    def _within_hours(
        self, form: Callable[..., Form], cuts: Cuts, choice: Choice, most_mnok: float
    ) -> Choice | None:
        """Seek curtailment of what is taken within its hours and runs; None where it costs more."""
        self._learn_conditions(choice)
        completed, cost = self._completed(form, cuts, choice.taken)
        return completed if cost <= most_mnok + GAP * abs(most_mnok) else None

    def _counted(self, form: Callable[..., Form], asked: _Asked, most_mnok: float) -> Choice | None:
        """Best choice with hours and runs counted; None where none costs so little."""
        while True:
            choice, bound = _solved(form(self.learned), asked.slack_mnok, most_mnok)
            if choice is None or not self._refine(asked.cuts, choice):
                return choice
            completed, cost = self._completed(form, asked.cuts, choice.taken)
            if completed is not None and cost <= bound + asked.slack_mnok + GAP * abs(bound):
                return completed

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
            The program and its optimum with duals; None where it has no solution. Learned rows
            over what is taken are rows of it too: their duals belong to no hour.

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
            if excess.max(initial=0.0) <= 2 * EXCESS_MW:
                return form, solved
            learn_pairs(self.learned, cuts, self.options, choice.taken, excess)

    def excess_mw(self, cuts: Cuts, choice: Choice) -> Array:
        """MW by which a choice exceeds every limit in every hour, shape (C, T)."""
        option = self.options.conditions.option
        excess = cuts.excess_mw(self.shape, self.options.effects(choice.taken))
        return excess - cuts.use[:, option] @ choice.curtailed_pu.T

    def _refine(self, cuts: Cuts, choice: Choice) -> bool:
        """Learn what a choice breaks: limits first, then conditions. False if nothing."""
        before = len(self.learned.pairs)
        if len(cuts):
            excess = self.excess_mw(cuts, choice)
            learn_pairs(self.learned, cuts, self.options, choice.taken, excess)
        return len(self.learned.pairs) > before or self._learn_conditions(choice)

    def _learn_conditions(self, choice: Choice) -> bool:
        """Ask for binaries where a project's hours or runs break its conditions."""
        learned = self.learned
        before = len(learned.counted) + len(learned.runs)
        counted, runs = self._conditions_broken(choice)
        learned.counted.update(counted)
        learned.runs.update(dict.fromkeys(runs))
        return len(learned.counted) + len(learned.runs) > before

    def _conditions_broken(self, choice: Choice) -> tuple[list[int], list[tuple[int, int]]]:
        """Projects with too many curtailed hours, and windows (project, hour) without rest."""
        conditions = self.options.conditions
        counted: list[int] = []
        runs: list[tuple[int, int]] = []
        for project, pu in enumerate(choice.curtailed_pu.T):
            curtailed = pu > CURTAILED_PU
            if curtailed.sum() > conditions.most_hours[project]:
                counted.append(project)
            for start, hours in zip(*events(curtailed), strict=True):
                if hours > conditions.longest_h[project]:
                    most = int(conditions.longest_h[project])
                    runs += [(project, int(run)) for run in range(start, start + hours - most)]
        return counted, runs


def _solved(
    form: Form, slack_mnok: float, most_mnok: float = np.inf
) -> tuple[Choice | None, float]:
    """Choice that a form finds, and a bound on all costs; none and infinite without any."""
    solved = solve(form.program, slack_mnok, most_mnok)
    if solved is None:
        return None, np.inf
    return form.choice(solved), solved.bound
