r"""The selection with curtailment that is free within shares of energy, by Benders decomposition.

    max  Σ_j value_j z_j − θ     s.t. rules and rows over z,  θ ≥ row · z − bound

Only what is taken, z, is in the MILP. What a choice costs in curtailment, or why no curtailment
can bridge it, comes back as rows over z alone, of three kinds:

* one limit in one hour, with all that helps curtailed:
  Σ_j use_cj shape_tj z_j − Σ_q max(use_cq, 0) profile_qt z_q ≤ room_ct
* the hours W in which one limit is broken, with all energy that conditions allow:
  Σ_t∈W (Σ_j use_cj shape_tj z_j − room_ct) ≤ Σ_q max(use_cq, 0) most_q z_q
* the duals of the best curtailment over all limits and hours (`gridplan.portfolio.curtailment`)
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from gridplan.base.errors import SolverError
from gridplan.portfolio.curtailment import EXCESS_MW, Bridged, Curtailment, rounding
from gridplan.portfolio.cuts import Cuts
from gridplan.portfolio.form import Learned, pairs_of
from gridplan.portfolio.milp import GAP, Program, solve
from gridplan.portfolio.options import Choice, Options
from gridplan.portfolio.rules import Rule

Array = NDArray[np.float64]
HOURS_PER_CUT = 4  # hours of one limit that are learned at a time
CURTAILED_HOURS = 500  # hours of the limits that one project may help to keep, likewise


class Bridging:
    """Best choices under the limits where only the energy of curtailment is limited.

    Parameters
    ----------
    options : Options
        J options, Q of them conditional, T hours.
    shape : ndarray, shape (T, J + I)
        MW per unit of every effect in every hour.
    learned : Learned
        Grows with every choice.
    """

    def __init__(self, options: Options, shape: Array, learned: Learned) -> None:
        self._options, self._shape, self._learned = options, shape, learned
        self._program: Curtailment | None = None

    def best(
        self, cuts: Cuts, rules: Sequence[Rule], value_mnok: Array, slack_mnok: float
    ) -> tuple[Choice | None, float]:
        """Best choice that keeps all limits in all hours, and a bound on the cost of every one.

        The choice is None, and the bound infinite, where there is none.
        """
        seen: set[bytes] = set()
        hopeless: set[bytes] = set()
        while True:
            solved = solve(self._master(rules, value_mnok), slack_mnok)
            if solved is None:
                return None, np.inf
            taken = np.round(solved.x[: len(value_mnok)])
            bare = cuts.excess_mw(self._shape, self._options.effects(taken))
            if self._learn_hopeless(cuts, taken, bare):
                continue
            bridged = self._bridged(cuts, taken, bare)
            if bridged.excess_mwh:
                _refuse_again(hopeless, taken, bridged)
                self._learned.rows.append(_scaled(bridged.row, bridged.top))
                continue
            cost = bridged.cost_mnok - value_mnok @ taken
            known = taken.tobytes() in seen  # what it costs is in the program, to rounding
            if known or cost <= solved.bound + slack_mnok + GAP * abs(cost):
                return Choice(taken, bridged.curtailed_pu), solved.bound
            seen.add(taken.tobytes())
            self._learned.costs.append((bridged.row, bridged.top))

    def _master(self, rules: Sequence[Rule], value_mnok: Array) -> Program:
        """Write the MILP: columns z and θ."""
        options, learned = self._options, self._learned
        over_z = [(rule.row, rule.upper) for rule in rules] + learned.rows + learned.costs
        dense = np.zeros((len(over_z), len(value_mnok) + 1))
        for place, (row, _) in enumerate(over_z):
            dense[place, :-1] = row
        dense[len(over_z) - len(learned.costs) :, -1] = -1.0
        return Program(
            cost=np.append(-value_mnok, 1.0),
            lower=np.append(options.least, 0.0).astype(float),
            upper=np.append(options.most, np.inf).astype(float),
            integer=np.append(np.ones(len(value_mnok), bool), [False]),
            matrix=sparse.csr_array(dense),
            row_upper=np.array([top for _, top in over_z]),
        )

    def _learn_hopeless(self, cuts: Cuts, taken: Array, bare: Array) -> bool:
        """Learn where no curtailment can keep a limit, in an hour or over all hours it breaks."""
        options, conditions = self._options, self._options.conditions
        option, before = conditions.option, len(self._learned.rows)
        helpful = np.where(conditions.most_pu_h > 0, np.maximum(cuts.use[:, option], 0.0), 0.0)
        profile = options.profile[:, option]
        left = bare - (helpful * taken[option]) @ profile.T
        able = helpful @ (conditions.most_pu_h * taken[option])
        for cut in np.flatnonzero(bare.max(axis=1, initial=0.0) > EXCESS_MW):
            worst = np.argsort(-left[cut], kind="stable")[:HOURS_PER_CUT]
            hopeless = worst[left[cut, worst] > EXCESS_MW]
            for hour in hopeless:
                row = options.by_option(cuts.use[cut] * self._shape[hour])
                row[option] -= helpful[cut] * profile[hour]
                self._learn(row, cuts.room_mw[cut, hour], taken)
            broken = bare[cut] > 0
            if not len(hopeless) and bare[cut, broken].sum() > able[cut] + EXCESS_MW:
                row = options.by_option(cuts.use[cut] * self._shape[broken].sum(axis=0))
                row[option] -= helpful[cut] * conditions.most_pu_h
                self._learn(row, cuts.room_mw[cut, broken].sum(), taken)
        return len(self._learned.rows) > before

    def _learn(self, row: Array, top: float, taken: Array) -> None:
        """Learn a row that what is taken breaks by more than the selection can round away."""
        if row @ taken - top > rounding(row, taken):
            self._learned.rows.append(_scaled(row, top))

    def _bridged(self, cuts: Cuts, taken: Array, bare: Array) -> Bridged:
        """Seek the best curtailment of what is taken in all hours; learn which hours matter."""
        options, pairs = self._options, self._learned.pairs
        use = cuts.use[:, options.conditions.option]
        while True:
            if self._program is None or len(self._program.pairs) < len(pairs):
                self._program = Curtailment(options, self._shape, cuts, pairs_of(self._learned))
            bridged = self._program.best(taken, bare) if len(pairs) else self._nothing()
            excess = bare - use @ bridged.curtailed_pu.T
            before = len(pairs)
            if not bridged.excess_mwh:
                learn_pairs(self._learned, cuts, options, taken, excess)
            if len(pairs) == before:
                return bridged

    def _nothing(self) -> Bridged:
        """Curtail nothing, as no limit asks for it."""
        hours, projects = len(self._shape), len(self._options.conditions)
        return Bridged(
            np.zeros((hours, projects)), 0.0, 0.0, np.zeros(len(self._options.names)), 0.0
        )


def learn_pairs(
    learned: Learned, cuts: Cuts, options: Options, taken: Array, excess: Array
) -> None:
    """Learn the limits that are broken: what helps gets the worst of its limits, hour by hour.

    Parameters
    ----------
    learned : Learned
        Grows by pairs.
    cuts : Cuts
        C grid limits.
    options : Options
        J options, T hours.
    taken : ndarray, shape (J,)
        What is taken.
    excess : ndarray, shape (C, T)
        MW over every limit.
    """
    broken = np.flatnonzero(excess.max(axis=1, initial=0.0) > EXCESS_MW)
    helped = np.zeros(len(broken), dtype=bool)
    for place in options.conditions.option[taken[options.conditions.option] > 0]:
        helps = cuts.use[broken, place] > EXCESS_MW
        helped |= helps
        if helps.any():
            limits = broken[helps]
            top, which = excess[limits].max(axis=0), limits[excess[limits].argmax(axis=0)]
            worst = np.argsort(-top, kind="stable")[:CURTAILED_HOURS]
            for hour in worst[top[worst] > EXCESS_MW]:
                learned.pairs[int(which[hour]), int(hour)] = None
    for cut in broken[~helped]:
        worst = np.argsort(-excess[cut], kind="stable")[:HOURS_PER_CUT]
        for hour in worst[excess[cut, worst] > EXCESS_MW]:
            learned.pairs[int(cut), int(hour)] = None


def _scaled(row: Array, top: float) -> tuple[Array, float]:
    """Scale a row to coefficients of at most 1: sums over a year are far larger."""
    size = np.abs(row).max(initial=0.0) or 1.0  # no option helps: 0 ≤ top < 0 is what it says
    return row / size, float(top / size)


def _refuse_again(hopeless: set[bytes], taken: Array, bridged: Bridged) -> None:
    """Stop when a choice comes back although a learned row excludes it."""
    if taken.tobytes() in hopeless:
        msg = f"selection did not settle: {bridged.excess_mwh:.6f} MWh over limits that it knows"
        raise SolverError(msg)
    hopeless.add(taken.tobytes())
