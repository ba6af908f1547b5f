r"""What several buses can take together, beside what each could take alone.

With P_b the MW at bus b, every limit that any place has met (`gridplan.hosting.shared`) reads

    Σ_b use_b P_b ≤ room_t   in all hours t

A split of the largest firm total is found by turns: the linear program over the limits known so far
proposes a total and a split, and the hourly programs of that split either confirm it in all hours
and after all outages or teach limits that exclude it. Among splits of the same total the most even
one is taken: the least share of its own single capacity that a bus gets is as large as can be.

References
----------
Kelley (1960): The cutting-plane method for solving convex programs. Journal of the Society for
Industrial and Applied Mathematics 8(4), 703-712.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from scipy.optimize import linprog

from gridplan.base.errors import Problem, SolverError, StudyError
from gridplan.base.provenance import provenance
from gridplan.hosting.asked import (
    Direction,
    checked_criteria,
    checked_shares,
    positions,
    sign_of,
    staged,
)
from gridplan.hosting.figures import figures, reasons_of
from gridplan.hosting.flexible import flexible_capacity
from gridplan.hosting.hourly import hourly_capacity
from gridplan.hosting.shared import SharedLimits
from gridplan.hosting.survey import CEILING_MW, Criterion, HourlyCapacity, Survey, survey_of
from gridplan.operation.base_case import base_case
from gridplan.study.study import Study

Array = NDArray[np.float64]
CLOSE_MW = 1e-3  # a total that is this close to what the limits allow is the largest
LOOSE_MW = 1e-6  # that the even split may cost of the total, so that rounding leaves one
ROUNDS = 500


def joint_capacity(
    study: Study,
    buses: Sequence[str],
    shares: Mapping[str, float] | Sequence[float] | None = None,
    *,
    year: int | None = None,
    criterion: Criterion = "N-1",
    flexibility: Sequence[float] = (0.0, 0.01, 0.05),
    direction: Direction = "load",
    progress: Callable[[float], None] | None = None,
) -> xr.Dataset:
    """Compute what several buses can take together, and what each could take alone.

    Parameters
    ----------
    study : Study
        The input.
    buses : sequence of str
        At least one.
    shares : mapping of bus to number, or sequence in the order of `buses`, optional
        How the total is split, in any unit (such as the MW that are asked for). Default: the split
        of the largest firm total, the most even one where several are as large.
    year : int, optional
        As in `gridplan.hosting_capacity`.
    criterion : {"N-1", "N-0"}
        Whether limits hold after every outage or without outage only.
    flexibility : sequence of float
        Largest shares of the yearly energy that may be curtailed; 0 is firm. All buses are
        curtailed in the same hours, in the same proportion.
    direction : {"load", "generation"}
        What is added.
    progress : callable, optional
        Called with the share of the work done.

    Returns
    -------
    xarray.Dataset
        By bus and flexibility single_mw and joint_mw; by flexibility single_total_mw (the sum,
        which the grid cannot carry at once unless the buses share no limit) and joint_total_mw,
        with limited_by, limiting_branch, limiting_outage, limiting_hour and limiting_hours of the
        joint total. By bus share (of the total, sums to 1).

    Raises
    ------
    StudyError
        When a bus is unknown, a share or a flexibility impossible, or the year is; all are told.
    ValueError
        For another criterion or direction.
    SolverError
        When the total does not settle.

    Notes
    -----
    The default split is that of the largest *firm* total; with curtailment another split may carry
    more. With `radial: forbid` a bus behind a bridge gets no firm capacity here either.

    Examples
    --------
    >>> import gridplan as gp
    >>> study = gp.open_study("trondelag")  # doctest: +SKIP
    >>> joint = gp.joint_capacity(study, ["Orkdal 132", "Verdal 132"])  # doctest: +SKIP
    >>> joint.joint_total_mw.sel(flexibility=0.0).item()  # doctest: +SKIP
    """
    sign, flexible = sign_of(direction), checked_shares(flexibility)
    [criterion] = checked_criteria(criterion)
    study = staged(study, year)
    wanted = positions(study, buses)
    names = study.network.c.buses.static.index[wanted]
    split = None if shares is None else _checked_split(names, shares)
    base = base_case(study)
    survey = survey_of(base, criterion)
    together = _Together(survey, SharedLimits(survey.case), wanted, sign)
    reasons = reasons_of(base, survey, criterion)
    singles = []
    for alone in np.eye(len(wanted)):
        singles.append(together.capacity(alone, max(flexible)))
        if progress:
            progress(len(singles) / (len(wanted) + 1))
    single = figures(reasons, [[bus] for bus in wanted], singles, flexible)
    if split is None:
        firm = np.array([flexible_capacity(one.mw, 0.0) for one in singles])
        split = together.largest(firm, ~reasons.barred[wanted])
    joint = together.capacity(split, max(flexible))
    total = figures(reasons, [wanted[split > 0]], [joint], flexible).squeeze("place")
    if progress:
        progress(1.0)
    return _dataset(names, split, single, total).assign_attrs(
        provenance(study), direction=direction, criterion=criterion, year=study.settings.year
    )


@dataclass(frozen=True)
class _Together:
    """Several buses of one year.

    Parameters
    ----------
    survey : Survey
        The year.
    limits : SharedLimits
        What has been met so far.
    buses : ndarray of int, shape (B,)
        Positions.
    sign : {1, −1}
        Load or generation.
    """

    survey: Survey
    limits: SharedLimits
    buses: NDArray[np.int64]
    sign: int

    def capacity(self, split: Array, flexibility: float) -> HourlyCapacity:
        """Capacity of a split of one MW, shape (B,)."""
        place = np.zeros(self.survey.case.load_mw.shape[1])
        place[self.buses] = self.sign * split
        return hourly_capacity(self.survey, self.limits, place, flexibility)

    def largest(self, firm_mw: Array, allowed: NDArray[np.bool_]) -> Array:
        """Split of the largest firm total, shape (B,); buses that are not allowed get none.

        Raises
        ------
        SolverError
            When the total does not settle.
        """
        for _ in range(ROUNDS):
            proposed = self._proposed(firm_mw, np.where(allowed, CEILING_MW, 0.0))
            total = proposed.sum()
            if total <= CLOSE_MW:
                return np.full(len(firm_mw), 1 / len(firm_mw))
            split = proposed / total
            if self.capacity(split, 0.0).mw.min() >= total - CLOSE_MW:
                return split
        msg = f"the joint capacity does not settle in {ROUNDS} rounds"
        raise SolverError(msg)

    def _proposed(self, firm_mw: Array, most_mw: Array) -> Array:
        """Most even split of the largest total that the limits met so far allow (MW)."""
        count = len(self.buses)
        use = self.limits.use[:, self.buses] * self.sign
        room = np.maximum(self.limits.room_mw.min(axis=1), 0.0)
        total = np.ones((1, count))
        whole = _solved(-total[0], use, room, most_mw)
        even = np.block(
            [[use, np.zeros((len(use), 1))], [-np.eye(count), firm_mw[:, None]], [-total, 0.0]]
        )
        limit = np.concatenate([room, np.zeros(count), [LOOSE_MW - whole.sum()]])
        cost = np.append(np.zeros(count), -1.0)
        return _solved(cost, even, limit, np.append(most_mw, 1.0))[:count]


def _solved(cost: Array, rows: Array, limit: Array, most: Array) -> Array:
    """Minimise a cost with rows below their limits and columns from 0 to their most.

    Raises
    ------
    SolverError
        When there is no optimum.
    """
    found = linprog(cost, rows, limit, bounds=np.column_stack([np.zeros_like(most), most]))
    if found.x is None:
        msg = f"the split of the joint capacity ended with: {found.message}"
        raise SolverError(msg)
    return np.maximum(found.x, 0.0)


def _checked_split(names: pd.Index, shares: Mapping[str, float] | Sequence[float]) -> Array:
    """Return shares that sum to 1, in the order of the buses.

    Raises
    ------
    StudyError
        When shares do not fit the buses or are no positive numbers; all are told.
    """
    if not isinstance(shares, Mapping):
        shares = list(shares)
        if len(shares) != len(names):
            message = f"{len(shares)} shares for {len(names)} buses"
            raise StudyError([Problem("", "", "shares", "", message, "Give one per bus.")])
        shares = dict(zip(names, shares, strict=True))
    problems = [
        Problem("", "", "shares", str(bus), "the bus is not among `buses`", "Name it there too.")
        for bus in shares
        if bus not in names
    ]
    values = np.array([float(shares.get(bus, 0.0)) for bus in names])
    problems += [
        Problem("", str(bus), "shares", f"{value:g}", "no share", "Give a number, 0 or more.")
        for bus, value in zip(names, values, strict=True)
        if not 0 <= value < np.inf
    ]
    if not problems and not values.any():
        problems.append(Problem("", "", "shares", "0", "nothing is asked for", "Give one above 0."))
    if problems:
        raise StudyError(problems)
    return values / values.sum()


def _dataset(names: pd.Index, split: Array, single: xr.Dataset, total: xr.Dataset) -> xr.Dataset:
    """Put single and joint capacities side by side."""
    single_mw = single["capacity_mw"].rename(place="bus").assign_coords(bus=list(names))
    joint_total = total["capacity_mw"]
    share = xr.DataArray(split, {"bus": list(names)}, attrs={"long_name": "share of the total"})
    parts = {
        "single_mw": (single_mw, "hosting capacity of each bus alone"),
        "joint_mw": (joint_total * share, "hosting capacity of the bus, all together"),
        "single_total_mw": (single_mw.sum("bus"), "sum of the single capacities"),
        "joint_total_mw": (joint_total, "hosting capacity of all buses together"),
    }
    result = xr.Dataset(
        {
            name: part.assign_attrs(units="MW", long_name=words)
            for name, (part, words) in parts.items()
        }
    )
    return result.assign(share=share).merge(total.drop_vars("capacity_mw"))
