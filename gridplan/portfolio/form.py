"""The selection MILP as a matrix: rows over what is taken and what is curtailed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from gridplan.portfolio.conditions import CURTAILED_PU
from gridplan.portfolio.curtailment import curtailable, prices_mnok, use_of
from gridplan.portfolio.cuts import Cuts
from gridplan.portfolio.milp import Program, Solved
from gridplan.portfolio.options import Choice, Options
from gridplan.portfolio.rules import Rule

Array = NDArray[np.float64]


@dataclass
class Learned:
    """What earlier choices have broken; it only grows.

    Parameters
    ----------
    pairs : dict of (int, int)
        Grid limits in the hours to write, (limit, hour), in the order of discovery.
    rows : list of (ndarray, float)
        Rows over what is taken, with their bounds, that say what no curtailment can bridge.
    costs : list of (ndarray, float)
        Rows over what is taken; row · z − bound is at most what the curtailment costs (MNOK).
    counted : set of int
        Conditional projects whose curtailed hours are counted.
    runs : dict of (int, int)
        Windows (project, first hour) in which one hour must be free.
    """

    pairs: dict[tuple[int, int], None] = field(default_factory=dict)
    rows: list[tuple[Array, float]] = field(default_factory=list)
    costs: list[tuple[Array, float]] = field(default_factory=list)
    counted: set[int] = field(default_factory=set)
    runs: dict[tuple[int, int], None] = field(default_factory=dict)


def pairs_of(learned: Learned) -> NDArray[np.int64]:
    """Pairs (limit, hour) as an array, shape (P, 2)."""
    return np.array(list(learned.pairs), dtype=np.int64).reshape(-1, 2)


class Form:
    """The MILP written out: columns z, u, b; b tells whether an hour is curtailed.

    Parameters
    ----------
    options : Options
        J options, Q of them conditional.
    shape : ndarray, shape (T, J + I)
        MW per unit of every effect in every hour.
    cuts : Cuts
        Grid limits.
    learned : Learned
        Which of them to write, in which hours, and where hours are counted.
    rules : sequence of Rule
        Conditions between options; the first rows of the program.
    value_mnok : ndarray, shape (J,)
        Value of the options.
    fixed : Choice, optional
        Integers to fix; what is left is a linear program.
    whole : bool, default True
        Whether options are taken in whole units; if not, and nothing is fixed, in any part.
    taken : ndarray, shape (J,), optional
        What is taken, if only the curtailment is sought.

    Attributes
    ----------
    program : Program
        Rows: rules, learned rows, the pairs, curtailment.
    pairs : ndarray of int, shape (P, 2)
        Limit and hour of the rows of the grid.
    """

    def __init__(
        self,
        options: Options,
        shape: Array,
        cuts: Cuts,
        learned: Learned,
        *,
        rules: Sequence[Rule],
        value_mnok: Array,
        fixed: Choice | None = None,
        whole: bool = True,
        taken: Array | None = None,
    ) -> None:
        self._options, self._shape, self._learned = options, shape, learned
        self._cuts, self.rules = cuts, rules
        self.pairs = pairs_of(learned)
        self._conditions = options.conditions
        self._count = len(options.names)
        self._curtailable = curtailable(options, cuts, self.pairs)
        self._binary = self._binaries()
        self._whole = whole or fixed is not None
        program = self._written(value_mnok, fixed)
        self.program = program if taken is None else _with(program, taken)

    @property
    def limit_rows(self) -> slice:
        """Rows of the pairs in the program."""
        start = len(self.rules) + len(self._learned.rows)
        return slice(start, start + len(self.pairs))

    def choice(self, solved: Solved) -> Choice:
        """Read a solution."""
        taken = solved.x[: self._count]
        taken = np.round(taken) if self._whole else np.clip(taken, 0.0, self._options.most)
        curtailed = np.zeros((len(self._shape), len(self._conditions)))
        project, hour = self._curtailable.T
        u = solved.x[self._count : self._count + len(self._curtailable)]
        curtailed[hour, project] = np.where(u > CURTAILED_PU / 100, u, 0.0)
        return Choice(taken, curtailed)

    def _binaries(self) -> NDArray[np.int64]:
        """Positions among the curtailable pairs that have a binary, shape (B,)."""
        runs = self._learned.runs
        windows = {
            (project, hour)
            for project, start in runs
            for hour in range(start, start + int(self._conditions.longest_h[project]) + 1)
        }
        return np.array(
            [
                position
                for position, (project, hour) in enumerate(self._curtailable.tolist())
                if project in self._learned.counted or (project, hour) in windows
            ],
            dtype=np.int64,
        )

    def _written(self, value_mnok: Array, fixed: Choice | None) -> Program:
        """Write the program; with the integers of a choice if one is given."""
        options = self._options
        project, hour = self._curtailable.T
        z, u, b = self._count, len(self._curtailable), len(self._binary)
        profile = options.profile[hour, self._conditions.option[project]]
        cost = np.concatenate([-value_mnok, prices_mnok(options)[project], np.zeros(b)])
        lower = np.concatenate([options.least, np.zeros(u + b)]).astype(float)
        upper = np.concatenate([options.most, profile, np.ones(b)]).astype(float)
        integer = np.concatenate([np.ones(z, bool), np.zeros(u, bool), np.ones(b, bool)])
        if fixed is not None:
            on = fixed.curtailed_pu[hour[self._binary], project[self._binary]] > CURTAILED_PU
            values = np.concatenate([fixed.taken, on])
            lower[integer] = upper[integer] = values
        if fixed is not None or not self._whole:
            integer = np.zeros_like(integer)
        blocks = [self._rules(), self._limits(), self._curtailment(profile)]
        matrix = sparse.vstack([block for block, _ in blocks], format="csr")
        return Program(
            cost, lower, upper, integer, matrix, np.concatenate([top for _, top in blocks])
        )

    def _rules(self) -> tuple[sparse.csr_array, Array]:
        """Rules and learned rows, over z alone."""
        rows = [(rule.row, rule.upper) for rule in self.rules] + self._learned.rows
        return self._padded([row for row, _ in rows]), np.array([top for _, top in rows])

    def _padded(self, rows: list[Array]) -> sparse.csr_array:
        """Rows over z as rows over all columns."""
        others = len(self._curtailable) + len(self._binary)
        dense = np.array(rows).reshape(len(rows), self._count)
        return sparse.hstack(
            [sparse.csr_array(dense), sparse.csr_array((len(rows), others))], format="csr"
        )

    def _limits(self) -> tuple[sparse.csr_array, Array]:
        """Grid limits in their hours."""
        cut, hour = self.pairs.T
        over_z = self._options.by_option(self._cuts.use[cut] * self._shape[hour])
        over_u = -use_of(self._options, self._cuts, self.pairs, self._curtailable)
        none = sparse.csr_array((len(cut), len(self._binary)))
        matrix = sparse.hstack([sparse.csr_array(over_z), over_u, none], format="csr")
        return matrix, self._cuts.room_mw[cut, hour]

    def _curtailment(self, profile: Array) -> tuple[sparse.csr_array, Array]:
        """Limit curtailment per hour, over the year, in hours and in a row."""
        project = self._curtailable[:, 0]
        z, u, b = self._count, len(project), len(self._binary)
        conditions, option = self._conditions, self._conditions.option
        eye = sparse.eye_array(u, format="csr")
        of_project = sparse.csr_array(
            (np.ones(u), (project, np.arange(u))), shape=(len(conditions), u)
        )
        to_z = sparse.csr_array(
            (np.ones(len(option)), (np.arange(len(option)), option)), shape=(len(option), z)
        )
        zero = np.zeros
        most = conditions.most_pu_h
        chosen = self._binary
        to_b = sparse.csr_array((np.ones(b), (chosen, np.arange(b))), shape=(u, b))
        has_b = np.isin(np.arange(u), chosen)
        rows = [
            # u ≤ profile z, or profile b and b ≤ z where there is a binary
            (-(to_z[project] * (profile * ~has_b)[:, None]), eye, -(to_b * profile[:, None])),
            (-to_z[project][chosen], sparse.csr_array((b, u)), sparse.eye_array(b)),
            (-(to_z * most[:, None]), of_project, sparse.csr_array((len(conditions), b))),
        ]
        tops = [zero(u), zero(b), zero(len(conditions))]
        for counted, top in (self._counts(of_project, to_b), self._windows(to_b)):
            rows.append((sparse.csr_array((len(top), z)), sparse.csr_array((len(top), u)), counted))
            tops.append(top)
        return sparse.block_array(rows, format="csr"), np.concatenate(tops)

    def _counts(
        self, of_project: sparse.csr_array, to_b: sparse.csr_array
    ) -> tuple[sparse.csr_array, Array]:
        """Σ b ≤ most hours of the projects that are counted."""
        counted = np.array(sorted(self._learned.counted), dtype=np.int64)
        return (of_project @ to_b)[counted], self._conditions.most_hours[counted]

    def _windows(self, to_b: sparse.csr_array) -> tuple[sparse.csr_array, Array]:
        """In any run of longest + 1 hours one is free."""
        project, hour = self._curtailable.T
        rows, tops = [], []
        for at, start in self._learned.runs:
            most = int(self._conditions.longest_h[at])
            inside = (project == at) & (hour >= start) & (hour <= start + most)
            rows.append(sparse.csr_array(inside[None, :].astype(float)) @ to_b)
            tops.append(float(most))
        if not rows:
            return sparse.csr_array((0, to_b.shape[1])), np.empty(0)
        return sparse.vstack(rows, format="csr"), np.array(tops)


def _with(program: Program, taken: Array) -> Program:
    """Fix the first columns of a program."""
    lower, upper, integer = program.lower.copy(), program.upper.copy(), program.integer.copy()
    lower[: len(taken)] = upper[: len(taken)] = taken
    integer[: len(taken)] = False
    return replace(program, lower=lower, upper=upper, integer=integer)
