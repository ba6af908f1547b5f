r"""Capacity of one place in every hour: the largest constant exchange that stays secure.

For hour t and a place with load vector a (MW at each bus per MW of the place; a single bus has one
entry 1), with x_m the MW by which source m leaves the base case:

    max  P
    s.t. Σ_{m in island} x_m − a_island P = 0                         (balance)
         h_r · (C x − a P) ≤ limit_r − flow_r(base case)              (CNEC r)
         −down ≤ x ≤ up,   0 ≤ P ≤ target

The limits are those that a plan must keep: an existing overload is the limit in its hours. The
base case itself is secure, so P = 0 always is.

Two bounds close in on each other. From above, every limit that any place has met (duals of this
program, `gridplan.hosting.shared`) bounds this place in all hours. From below, a dispatch that
leaves the base case *as little as needed* is tried for the load that the upper bounds allow:

    max  P − ε Σ_m (u_m + d_m),   x = u − d

Most sources then stay where they are, so one basis serves thousands of hours
(`gridplan.operation.regions`) and few CNECs are touched. Hours in which that does not reach the
target are asked for the exact optimum; its duals are new limits. Rows are added until the complete
screen of the year is clean.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gridplan.base.errors import SolverError
from gridplan.hosting.flexible import ceiling_mw
from gridplan.hosting.shared import SharedLimits
from gridplan.hosting.survey import HourlyCapacity, Survey
from gridplan.operation.dispatch import ROWS_PER_HOUR
from gridplan.operation.regions import Bounds, Solutions, at_time, solve_hours
from gridplan.operation.rows import RowPool
from gridplan.operation.screen import violations

Array = NDArray[np.float64]
Hours = NDArray[np.int64]
CLOSE_MW = 1e-6  # bounds closer than this have met
SECURE_MW = 1e-6  # excess over a limit that counts as none
DEPARTURE = 1e-3  # MW of load that a MW of departure from the base case is worth at first,
LEAST_DEPARTURE = 1e-5  # and at last, where only much redispatch gains the last MW
ORDER = 0.1  # by how much the last source is dearer than the first: no two optima
PROBES = 100  # hours that a place is tried in first
EXACT_HOURS = 40  # hours asked for the exact optimum, doubled in every round
IDLE_ROUNDS = 8  # without anything learned; by then a year's hours have all been asked


def hourly_capacity(
    survey: Survey, limits: SharedLimits, place: Array, flexibility: float | None = None
) -> HourlyCapacity:
    """Find the largest secure exchange of a place in every hour.

    Parameters
    ----------
    survey : Survey
        The year.
    limits : SharedLimits
        What other places have met; this one adds its own.
    place : ndarray, shape (N,)
        MW of load at each bus per MW of the place; negative for generation.
    flexibility : float, optional
        Only hours that matter to a capacity of at most this flexibility are exact, the others are
        cut off at the ceiling. Default: all hours are exact.

    Returns
    -------
    HourlyCapacity

    Raises
    ------
    SolverError
        When the bounds stop closing in (bad numbers in the network).
    """
    trial = _Trial(survey, limits, place)
    rounds, idle, probing = 0, 0, True
    while True:
        ceiling = ceiling_mw(trial.upper, flexibility)
        target = np.minimum(trial.upper, ceiling)
        wide = np.flatnonzero(trial.lower < target - CLOSE_MW)
        if not len(wide):
            branch, outage = trial.limiting()
            found = HourlyCapacity(target, branch, outage, programs=trial.programs)
            return found.between(ceiling)
        before = trial.state()
        hours = _spread(wide, target, PROBES) if probing else wide
        probing &= trial.close_in(hours, target, rounds)
        idle = idle + 1 if trial.state() == before else 0
        if idle > IDLE_ROUNDS:
            worst = wide[(target - trial.lower)[wide].argmax()]
            msg = (
                f"the capacity of hour {survey.case.hours[worst]} does not settle between "
                f"{trial.lower[worst]:.6f} and {target[worst]:.6f} MW"
            )
            raise SolverError(msg)
        rounds += 1


def _spread(hours: Hours, target: Array, count: int) -> Hours:
    """Pick hours evenly over the range of their targets."""
    if len(hours) <= count:
        return hours
    ascending = hours[np.argsort(target[hours], kind="stable")]
    return np.sort(ascending[np.linspace(0, len(hours) - 1, count).astype(int)])


class _Trial:
    """Bounds of one place's capacity, and the programs that close them in."""

    def __init__(self, survey: Survey, limits: SharedLimits, place: Array) -> None:
        self._survey, self._limits, self._place = survey, limits, place
        self.upper, self._limit = limits.bound(place)
        self.lower = np.zeros(len(self.upper))
        self.programs = 0
        self._departure = DEPARTURE
        grid = survey.case.grid
        self._rows = RowPool(grid)
        self._rows.take(survey.rows)
        for number in np.unique(self._limit[self._limit >= 0]):
            self._rows.take(limits.rows(int(number)))
        self._moved = grid.ptdf.flows(place[None])[0]  # taken from branches per MW, (L,)
        members = grid.topology.island == np.arange(grid.topology.islands)[:, None]
        self._drawn = members @ place
        injected = survey.injection.sum(axis=1)
        self._balance = (survey.island == np.arange(grid.topology.islands)[:, None]) * injected

    def state(self) -> tuple[float, float, int]:
        """Sum of the bounds and number of rows: what changes while something is learned."""
        return float(self.lower.sum()), float(self.upper.sum()), len(self._rows)

    def limiting(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Branch and outage that limit most in every hour."""
        used, position = np.unique(self._limit, return_inverse=True)
        heaviest = [
            (self._limits.rows(int(number)) if number >= 0 else [])[:1] or [(-1, -1, 0)]
            for number in used
        ]
        key = np.array(heaviest, dtype=np.int64).reshape(-1, 3)[position]
        return key[:, 0], key[:, 1]

    def close_in(self, hours: Hours, target: Array, rounds: int) -> bool:
        """Try the target in some hours; ask for the exact optimum where it is not reached.

        Returns whether some hour fell short.
        """
        reached = self._depart(hours, target)
        short = hours[reached < target[hours] - CLOSE_MW]
        if not len(short):
            return False
        asked = _spread(short, target, EXACT_HOURS * 2**rounds)
        if (self._maximise(asked, target) >= target[asked] - CLOSE_MW).any():
            self._departure = max(self._departure / 100, LEAST_DEPARTURE)
        return True

    def _depart(self, hours: Hours, target: Array) -> Array:
        """Reach for the target with the least departure; return the MW reached, shape (H,)."""
        survey, count = self._survey, len(self._survey.injection)
        order = self._departure * (1 + ORDER * np.arange(count) / count)
        effect = self._rows.effect(survey.effect)
        moved = self._rows.effect(self._moved[:, None])
        matrix = np.block(
            [[self._balance, -self._balance, -self._drawn[:, None]], [effect, -effect, -moved]]
        )
        upper = np.hstack([survey.up_mw[hours], survey.down_mw[hours], target[hours, None]])
        cost = np.concatenate([order, order, [-1.0]])
        solved = self._solve(cost, matrix, hours, np.zeros_like(upper), upper)
        up, down = np.split(solved.z[:, :-1], 2, axis=1)
        self._settle(hours, solved.z[:, -1], up - down)
        return solved.z[:, -1]

    def _maximise(self, hours: Hours, target: Array) -> Array:
        """Find the exact optimum up to the target, learn what limits it; return MW, shape (H,)."""
        survey = self._survey
        effect = self._rows.effect(survey.effect)
        moved = self._rows.effect(self._moved[:, None])
        matrix = np.block([[self._balance, -self._drawn[:, None]], [effect, -moved]])
        lower = np.hstack([-survey.down_mw[hours], np.zeros((len(hours), 1))])
        upper = np.hstack([survey.up_mw[hours], target[hours, None]])
        cost = np.append(np.zeros(len(survey.injection)), -1.0)
        solved = self._solve(cost, matrix, hours, lower, upper)
        mw = solved.z[:, -1]
        limited = mw < target[hours] - CLOSE_MW
        known = len(self._limits)
        self._limits.learn(solved.row_dual[np.unique(solved.region[limited])], self._rows)
        bound, limit = self._limits.bound(self._place, known)
        tighter = bound < self.upper
        self.upper = np.where(tighter, bound, self.upper)
        self._limit = np.where(tighter, limit, self._limit)
        self.upper[hours[limited]] = np.minimum(self.upper[hours], mw)[limited]
        self._settle(hours, mw, solved.z[:, :-1])
        return mw

    def _solve(
        self, cost: Array, matrix: Array, hours: Hours, lower: Array, upper: Array
    ) -> Solutions:
        """Solve one program for some hours; its rows are the balances, then the CNECs."""
        survey, rows = self._survey, self._rows
        room = survey.case.limit_mw[np.ix_(hours, rows.limit)]
        room = np.maximum(room - rows.flows_mw(survey.flow_mw[hours]), 0.0)
        even = np.zeros((len(hours), len(self._drawn)))
        bounds = Bounds(
            lower=lower,
            upper=upper,
            row_lower=np.hstack([even, np.full_like(room, -np.inf)]),
            row_upper=np.hstack([even, room]),
        )
        with at_time(survey.case.hours[hours]):
            solved = solve_hours(cost, matrix, bounds)
        self.programs += solved.programs
        return solved

    def _settle(self, hours: Hours, mw: Array, departure_mw: Array) -> None:
        """Raise the lower bounds of hours whose solution is secure; add the rows of the others."""
        survey = self._survey
        moving = np.flatnonzero(departure_mw.any(axis=0))
        flow = survey.flow_mw[hours] + departure_mw[:, moving] @ survey.effect[:, moving].T
        flow -= np.outer(mw, self._moved)
        found = violations(survey.case.grid, flow, survey.case.limit_mw[hours], SECURE_MW)
        self._rows.add(found, ROWS_PER_HOUR)
        secure = np.ones(len(hours), dtype=bool)
        secure[np.unique(found.hour)] = False
        self.lower[hours[secure]] = np.maximum(self.lower[hours], mw)[secure]
