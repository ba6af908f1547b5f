"""Why nothing fits: the smallest set of demands that cannot hold together.

Implicit hitting sets (Ignatiev et al. 2015): a smallest set of rules that meets every known
correction set either conflicts, and is then a smallest conflict, or holds; then it is grown as far
as it holds, and what is left out is one more correction set.

References
----------
Ignatiev, Previti, Liffiton, Marques-Silva (2015): Smallest MUS extraction with minimal hitting set
dualization. CP 2015, 173-182.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NoReturn

import numpy as np
from scipy import sparse

from gridplan.base.errors import InfeasiblePlanError
from gridplan.portfolio.cuts import no_cuts
from gridplan.portfolio.milp import Program, solve
from gridplan.portfolio.options import Options
from gridplan.portfolio.rules import Rule
from gridplan.portfolio.selection import Selection

if TYPE_CHECKING:
    from gridplan.portfolio.search import Search


def refuse(search: Search, rules: Sequence[Rule]) -> NoReturn:
    """Name the smallest conflicting set of rules.

    Raises
    ------
    InfeasiblePlanError
        Always.
    """
    conflict = smallest_conflict(search, rules)
    texts = [rule.text for rule in conflict]
    structure = [rule for rule in rules if rule.structural]
    grid = "" if _contradict(search, [*structure, *conflict]) else " with the limits of the grid"
    listed = "\n  - ".join(["", *texts, *_settled(search.options, conflict)])
    msg = f"no choice of projects and measures keeps these together{grid}:{listed}"
    raise InfeasiblePlanError(msg, tuple(texts))


def _settled(options: Options, conflict: Sequence[Rule]) -> Iterator[str]:
    """Say which projects of a conflict are no choice: barred ones wanted, committed ones barred."""
    rows = np.array([rule.row for rule in conflict]).reshape(len(conflict), len(options.names))
    wanted, unwanted = (rows < 0).any(axis=0), (rows > 0).any(axis=0)
    for place, (name, reason) in enumerate(options.barred.items()):
        if wanted[place] and reason:
            yield f"where {name} cannot be chosen: {reason}"
        if unwanted[place] and options.least[place]:
            yield f"where {name} is committed"


def smallest_conflict(search: Search, rules: Sequence[Rule]) -> list[Rule]:
    """Smallest set of rules that no secure choice keeps, beside those that are structural.

    Parameters
    ----------
    search : Search
        Grid and options; it keeps the limits that are learned on the way.
    rules : sequence of Rule
        Rules that cannot be kept together.

    Returns
    -------
    list of Rule
        In the order given.
    """
    always = [rule for rule in rules if rule.structural]
    demands = [rule for rule in rules if not rule.structural]
    corrections: list[np.ndarray] = []
    while True:
        chosen = _hitting_set(corrections, len(demands))
        named = [demands[place] for place in chosen]
        if not search.holds([*always, *named]):
            return named
        grown = _grown(search, always, demands, chosen)
        corrections.append(np.setdiff1d(np.arange(len(demands)), grown))


def _grown(
    search: Search, always: Sequence[Rule], rules: Sequence[Rule], chosen: list[int]
) -> list[int]:
    """Add rules to a set that holds, one after the other, as long as it holds.

    Tried under the limits known so far; where these promise too much, the grid refuses the grown
    set, which teaches new ones, and it is grown anew.
    """
    nothing = np.zeros(len(search.options.names))
    while True:
        kept = list(chosen)
        for place in range(len(rules)):
            if place not in kept:
                tried = [*always, *(rules[number] for number in [*kept, place])]
                if search.selection.best(search.cuts, tried, nothing) is not None:
                    kept.append(place)
        if search.holds([*always, *(rules[number] for number in kept)]):
            return kept


def _hitting_set(sets: list[np.ndarray], count: int) -> list[int]:
    """Smallest set of numbers below `count` that has a member in each of the given sets."""
    if not sets:
        return []
    matrix = np.zeros((len(sets), count))
    for row, members in enumerate(sets):
        matrix[row, members] = -1.0
    ones = np.ones(count)
    order = 1 + 1e-6 * np.arange(count)  # of equal sizes the first rules
    solved = solve(
        Program(
            cost=order,
            lower=np.zeros(count),
            upper=ones,
            integer=ones.astype(bool),
            matrix=sparse.csr_array(matrix),
            row_upper=-np.ones(len(sets)),
        )
    )
    return np.flatnonzero(np.round(solved.x)).tolist()


def _contradict(search: Search, rules: Sequence[Rule]) -> bool:
    """Whether the rules contradict each other whatever the grid can carry."""
    free = Selection(search.options, search.shape)
    none = no_cuts(search.options, search.limits.grid.topology.islands)
    return free.best(none, rules) is None
