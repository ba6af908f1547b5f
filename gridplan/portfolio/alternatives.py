r"""Other portfolios that are nearly as good as the plan.

A plan is the best of many, often by less than anybody can vouch for. Alternatives within a few per
cent show what is open to choice, and what belongs to every good portfolio. They are found in turn:

- the next best ones: what has been found is forbidden by one row over the projects (Balas and
  Jeroslow 1972), Σ_{j in S} (1 − z_j) + Σ_{j not in S} z_j ≥ 1;
- those that differ most: the value is held above its floor, and the sum of the distances to all
  that has been found is maximised, Σ_j (K − 2 n_j) z_j for K portfolios of which n_j hold j. The
  n_j are the weights of Hop-Skip-Jump (Brill et al. 1982; for energy models DeCarolis 2011); among
  equals the best one is taken;
- those that lack what all others hold, or hold what all others lack. Where there is none, it is
  proven: the project is in every good portfolio, or in none.

References
----------
Balas, Jeroslow (1972): Canonical cuts on the unit hypercube. SIAM J. Appl. Math. 23, 61-69.

Brill, Chang, Hopkins (1982): Modeling to generate alternatives: the HSJ approach and an
illustration using a problem in land use planning. Management Science 28, 221-235.

DeCarolis (2011): Using modeling to generate alternatives (MGA) to expand our thinking on energy
futures. Energy Economics 33, 145-152.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gridplan.portfolio.nearby import Nearby
from gridplan.portfolio.offered import Offered
from gridplan.portfolio.options import Choice
from gridplan.portfolio.plan import Plan, plan_of
from gridplan.portfolio.queueing import Queue
from gridplan.portfolio.search import Found
from gridplan.study.relations import families

Progress = Callable[[str], None]


@dataclass(frozen=True, repr=False)
class Alternatives:
    """Portfolios close to the best; the plan is number 0.

    Parameters
    ----------
    plan : Plan
        The best one.
    within : float
        By how much a portfolio may be worse, per unit of the plan's value.
    choices : tuple of Choice
        What each portfolio takes.
    portfolios : pandas.DataFrame
        Index portfolio: found_as ("plan", "next best", "different" or "counterexample"),
        objective_mnok_per_yr, projects, mw, co2_t_per_yr, jobs, export_mnok_per_yr,
        measures_mnok_per_yr, symbioses, curtailed_mwh_per_yr, differs (rows that are in the plan or
        in the portfolio, but not in both; terms of connection apart).
    membership : pandas.DataFrame of bool
        Row of the table of projects x portfolio.
    share : pandas.Series
        Share of the portfolios that hold a project in any variant, by head, largest first.
    proven : bool
        Whether `no_regret` and `never` hold for all portfolios within the margin, and not only for
        those that were found.
    """

    plan: Plan
    within: float
    choices: tuple[Choice, ...]
    portfolios: pd.DataFrame
    membership: pd.DataFrame
    share: pd.Series
    proven: bool

    def __repr__(self) -> str:
        return (
            f"<Alternatives {self.plan.study.name}: {len(self.choices) - 1} within "
            f"{self.within:.1%} of {self.plan.objective_mnok:,.1f} MNOK a year, "
            f"{len(self.no_regret)} projects in all, {len(self.never)} in none>"
        )

    @property
    def no_regret(self) -> list[str]:
        """Projects that all portfolios hold, in some variant."""
        return self.share.index[self.share == 1].tolist()

    @property
    def never(self) -> list[str]:
        """Projects that no portfolio holds."""
        return self.share.index[self.share == 0].tolist()

    def as_plan(self, number: int) -> Plan:
        """Tell a portfolio as a plan, to be certified, compared and drawn."""
        search, choice = self.plan.search.fork(), self.choices[number]
        tried = search.tried(choice)
        value = search.options.value_of(choice)
        found = Found(choice, tried.case, tried.dispatch, value, rounds=1)
        offered = Offered(self.plan.projects, self.plan.measures, self.plan.symbioses)
        return plan_of(search, offered, found, self.plan.study, self.plan.reinforcements)


def alternatives(
    plan: Plan,
    within: float = 0.02,
    n: int = 20,
    *,
    prove: bool = False,
    progress: Progress | None = None,
) -> Alternatives:
    """Find portfolios that are nearly as good as a plan, each secure in every hour.

    Parameters
    ----------
    plan : Plan
        The best portfolio, of `gridplan.plan`.
    within : float, default 0.02
        By how much an alternative may be worse, per unit of the plan's value.
    n : int, default 20
        How many are wanted beside the plan: half of them the next best, half as different as
        possible. Fewer where fewer exist.
    prove : bool, default False
        Whether to go on until it is certain what every portfolio within the margin holds, and
        what none does. This may add some portfolios to the n.
    progress : callable, optional
        Called with a line of text for every portfolio.

    Returns
    -------
    Alternatives

    Raises
    ------
    ValueError
        When `within` is negative or `n` is below 1.
    TypeError
        When the plan is a queue, which is not the best portfolio.

    Notes
    -----
    Two portfolios are different when they build something else: another project, or a variant of
    another size, site, year or benefit. Variants that differ in the terms of connection alone
    count as one; the better terms are taken. Measures, symbioses and curtailment are chosen anew
    for every portfolio; the reinforcements are those of the plan. The same question gives the same
    answer.

    Examples
    --------
    >>> import gridplan as gp
    >>> near = gp.alternatives(plan, within=0.02)  # doctest: +SKIP
    >>> near.share, near.no_regret  # doctest: +SKIP
    >>> gp.certify(near.as_plan(3)).secure  # doctest: +SKIP
    """
    _check(plan, within, n)
    nearby = Nearby(plan, within, progress)
    nearby.rank(n - n // 2)
    nearby.spread(n)
    nearby.rank(n)
    if prove:
        nearby.prove()
    return _told(plan, within, nearby, proven=prove or nearby.exhausted)


def _check(plan: Plan, within: float, n: int) -> None:
    """Refuse what has no near-optimal alternatives."""
    if isinstance(plan, Queue):
        msg = "a queue is not the best portfolio; give the plan of the same study"
        raise TypeError(msg)
    if within < 0 or n < 1:
        msg = f"within={within} and n={n}: a margin of 0 or more and at least 1 alternative"
        raise ValueError(msg)


def _told(plan: Plan, within: float, nearby: Nearby, *, proven: bool) -> Alternatives:
    """Put what was found into tables."""
    numbers = pd.RangeIndex(len(nearby.choices), name="portfolio")
    taken = np.array([choice.taken for choice in nearby.choices]).T[: len(plan.projects)] > 0.5
    membership = pd.DataFrame(taken, plan.projects.index, numbers)
    by_family = membership.groupby(families(plan.projects).rename("project"), sort=False).any()
    share = by_family.mean(axis=1).rename("share").sort_values(ascending=False, kind="stable")
    return Alternatives(
        plan=plan,
        within=within,
        choices=tuple(nearby.choices),
        portfolios=_portfolios(plan, nearby, numbers),
        membership=membership,
        share=share,
        proven=proven,
    )


def _portfolios(plan: Plan, nearby: Nearby, numbers: pd.RangeIndex) -> pd.DataFrame:
    """Figures of every portfolio."""
    held = [nearby.kinds_held(choice) for choice in nearby.choices]
    figures = pd.DataFrame([_figures(plan, choice) for choice in nearby.choices], index=numbers)
    figures.insert(0, "found_as", nearby.found_as)
    figures.insert(1, "objective_mnok_per_yr", np.array(nearby.values) - plan.annuity_mnok)
    return figures.assign(differs=[len(own ^ held[0]) for own in held])


def _figures(plan: Plan, choice: Choice) -> dict[str, float]:
    """Add up what a choice takes."""
    places = [len(plan.projects), len(plan.projects) + len(plan.measures)]
    projects, units, together = np.split(np.round(choice.taken), places)
    columns = ["mw", "co2_t_per_yr", "jobs", "export_mnok_per_yr"]
    sums = dict(zip(columns, projects @ plan.projects[columns].to_numpy(float), strict=True))
    sums["co2_t_per_yr"] += float(together @ plan.symbioses["co2_t_per_yr"].to_numpy(float))
    mw = plan.projects["mw"].to_numpy(float)[plan.search.options.conditions.option]
    return {
        "projects": int(projects.sum()),
        **sums,
        "measures_mnok_per_yr": float(units @ plan.measures["annual_cost_mnok"]),
        "symbioses": int(together.sum()),
        "curtailed_mwh_per_yr": float(choice.curtailed_pu.sum(axis=0) @ mw),
    }
