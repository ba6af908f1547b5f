"""The year that every place is tried in, prepared once, and the capacity that a place finds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gridplan.operation.base_case import BaseCase
from gridplan.operation.case import Case
from gridplan.operation.dispatch import TOLERANCE_MW
from gridplan.operation.rows import RowKey

Array = NDArray[np.float64]
Criterion = Literal["N-1", "N-0"]
CEILING_MW = 10_000.0  # more than any single place can ask for


@dataclass(frozen=True)
class Survey:
    """One year under one criterion: T hours, N buses, L branches, M sources that can move.

    Parameters
    ----------
    case : Case
        The year with the limits that added load must keep.
    flow_mw : ndarray, shape (T, L)
        Flows of the base case without outage (MW).
    dispatch_mw : ndarray, shape (T, S)
        Dispatch of the base case (MW).
    up_mw, down_mw : ndarray, shape (T, M)
        How far the sources that can move may leave the base case (MW); those at one place count
        as one.
    injection : ndarray, shape (M, N)
        MW at each bus per MW of such a source.
    effect : ndarray, shape (L, M)
        MW on each branch per MW of such a source.
    rows : list of (branch, outage, sign)
        CNECs that the base case needed.
    """

    case: Case
    flow_mw: Array
    dispatch_mw: Array
    up_mw: Array
    down_mw: Array
    injection: Array
    effect: Array
    rows: list[RowKey]

    @property
    def island(self) -> NDArray[np.int64]:
        """Island of every source that can move, shape (M,)."""
        return self.case.grid.topology.island[np.abs(self.injection).argmax(axis=1)]


@dataclass(frozen=True)
class HourlyCapacity:
    """Capacity of one place.

    Parameters
    ----------
    mw : ndarray, shape (T,)
        Largest secure exchange in every hour (MW), or the ceiling where it is higher.
    branch, outage : ndarray of int, shape (T,)
        What limits most: position of the branch and of the outage (−1 for none); branch −1 where
        the sources limit.
    ceiling_mw : float
        Hours at this value may allow more.
    programs : int
        Linear programs that were solved.
    """

    mw: Array
    branch: NDArray[np.int64]
    outage: NDArray[np.int64]
    ceiling_mw: float = np.inf
    programs: int = 0

    def between(self, ceiling_mw: float) -> HourlyCapacity:
        """Return the same capacity, at least 0 and at most a ceiling."""
        mw = np.minimum(np.maximum(self.mw, 0.0) + 0.0, ceiling_mw)  # + 0.0: no −0
        return replace(self, mw=mw, ceiling_mw=ceiling_mw)


def survey_of(base: BaseCase, criterion: Criterion) -> Survey:
    """Prepare a year.

    Parameters
    ----------
    base : BaseCase
        Secure in every hour, but for its existing overloads; those become limits.
    criterion : {"N-1", "N-0"}
        Whether limits hold after every outage or without outage only.

    Returns
    -------
    Survey
    """
    case, rows = base.limits, base.dispatch.rows.keys
    if criterion == "N-0":
        case = replace(case, grid=case.grid.without_outages())
        rows = [key for key in rows if key[1] < 0]
    dispatch = base.dispatch.dispatch_mw
    free = (case.p_max_mw - case.p_min_mw).max(axis=0) > TOLERANCE_MW
    places, group = np.unique(case.injection[free], axis=0, return_inverse=True)
    member = (group.ravel() == np.arange(len(places))[:, None]).astype(float)
    up = np.maximum(case.p_max_mw - dispatch, 0.0)[:, free]
    down = np.maximum(dispatch - case.p_min_mw, 0.0)[:, free]
    return Survey(
        case=case,
        flow_mw=base.dispatch.flow_mw,
        dispatch_mw=dispatch,
        up_mw=up @ member.T,
        down_mw=down @ member.T,
        injection=places,
        effect=case.grid.ptdf.flows(places).T,
        rows=rows,
    )
