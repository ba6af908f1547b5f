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

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gridplan.portfolio.conditions import CURTAILED_PU, events
from gridplan.portfolio.cuts import Cuts
from gridplan.portfolio.form import EXCESS_MW, Form, Learned
from gridplan.portfolio.milp import GAP, Solved, solve
from gridplan.portfolio.options import Choice, Options
from gridplan.portfolio.rules import Rule

Array = NDArray[np.float64]
HOURS_PER_CUT = 4  # hours of one limit that enter the MILP in a round
FIRM_FIRST = 1e-8  # of all values; of equal choices the one with fewer conditional projects
CURTAILED_HOURS_PER_CUT = 500  # the same for a limit that curtailment may keep


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
        gap: float = GAP,
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
        gap : float
            By how much the choice may be worse than the best, per unit of the objective.
        """
        value = (self.options.value_mnok if value_mnok is None else value_mnok).copy()
        value[self.options.conditions.option] -= FIRM_FIRST * np.abs(value).sum()
        while True:
            form = Form(self.options, self.shape, cuts, self.learned, rules=rules, value_mnok=value)
            solved = solve(form.program, gap)
            if solved is None:
                return None
            choice = form.choice(solved)
            if not self._refine(cuts, choice):
                return choice

    def relaxed(
        self, cuts: Cuts, rules: Sequence[Rule], choice: Choice
    ) -> tuple[Form, Solved] | None:
        """Solve the linear program that is left when the integers of a choice are fixed."""
        value = self.options.value_mnok
        form = Form(
            self.options,
            self.shape,
            cuts,
            self.learned,
            rules=rules,
            value_mnok=value,
            fixed=choice,
        )
        solved = solve(form.program)
        return None if solved is None else (form, solved)

    def excess_mw(self, cuts: Cuts, choice: Choice) -> Array:
        """MW by which a choice exceeds every limit in every hour, shape (C, T)."""
        option = self.options.conditions.option
        excess = cuts.excess_mw(self.shape, self.options.effects(choice.taken))
        return excess - cuts.use[:, option] @ choice.curtailed_pu.T

    def _refine(self, cuts: Cuts, choice: Choice) -> bool:
        """Learn what a choice breaks: limits first, then conditions. False if nothing."""
        if len(cuts):
            excess = self.excess_mw(cuts, choice)
            if excess.max() > EXCESS_MW:
                for cut in np.flatnonzero(excess.max(axis=1) > EXCESS_MW):
                    self._take(cuts, choice, int(cut), excess[cut])
                return True
        return self._keep_conditions(choice)

    def _take(self, cuts: Cuts, choice: Choice, cut: int, excess: Array) -> None:
        """Add the most violated hours of a limit, and their sum where curtailment is possible."""
        conditions = self.options.conditions
        helped = np.maximum(cuts.use[cut, conditions.option], 0.0) * conditions.most_pu_h
        able = helped @ choice.taken[conditions.option]
        count = HOURS_PER_CUT
        if able > 0:
            effects = self.options.effects(choice.taken)
            bare = (cuts.use[cut] * effects) @ self.shape.T - cuts.room_mw[cut]
            hours = bare > 0
            if bare[hours].sum() > able + EXCESS_MW:
                row = self.options.by_option(cuts.use[cut] * self.shape[hours].sum(axis=0))
                row[conditions.option] -= helped
                self.learned.sums.append((row, float(cuts.room_mw[cut, hours].sum())))
            else:
                count = CURTAILED_HOURS_PER_CUT
        worst = np.argsort(-excess, kind="stable")[:count]
        for hour in worst[excess[worst] > EXCESS_MW]:
            self.learned.pairs[cut, int(hour)] = None

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
