"""The base case: how the year runs today, before any project.

Where not even redispatch within its limits meets a CNEC limit, the branch is an *existing
overload*: it is listed, and its limit in that hour becomes the base-case value, so that a plan may
keep it but never worsen it. Every branch has two limits, and each becomes its own base-case value:
an overload after an outage leaves the limit without outage as it is, and the other way round. After
all outages the limit is the same, so that one which was harmless may load the branch as far as the
worst one did. The same holds for load that the base case cannot serve.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from gridplan.base.provenance import provenance
from gridplan.operation.case import Case, case_of
from gridplan.operation.dispatch import TOLERANCE_MW, Dispatch, Progress, secure_dispatch
from gridplan.operation.screen import Violations, likely_extremes_mw, raised_mw, violations
from gridplan.study.study import Study


@dataclass(frozen=True)
class BaseCase:
    """Secure dispatch of every hour of a study.

    Parameters
    ----------
    study : Study
        The input.
    case : Case
        Its arrays, with the limits as they are.
    dispatch : Dispatch
        The result.
    existing_overloads : pandas.DataFrame
        One row per overloaded limit, by branch (twice where it is overloaded both without and,
        further, after an outage): outage and hour of the worst case, MW over the limit, number of
        hours. What a branch carries after an outage counts where it is more than without.
    allowed_mw : pandas.DataFrame
        Columns branch, snapshot, limit_mw, after_outage: limits that an existing overload replaces,
        those after outages (True) and those without (False).
    connected : pandas.DataFrame
        Projects that are part of the load.
    """

    study: Study
    case: Case
    dispatch: Dispatch
    existing_overloads: pd.DataFrame
    allowed_mw: pd.DataFrame
    connected: pd.DataFrame

    def __repr__(self) -> str:
        return (
            f"<BaseCase {self.study.name}, {self.study.stage.name}: "
            f"{len(self.case.hours):,} hours, "
            f"{self.existing_overloads.index.nunique()} branches with existing overload>"
        )

    @property
    def shortage_mw(self) -> pd.Series:
        """Load that cannot be served, per hour (MW)."""
        return self._last_resort("shortage")

    @property
    def surplus_mw(self) -> pd.Series:
        """Generation that cannot be used, per hour (MW)."""
        return self._last_resort("surplus")

    def _last_resort(self, kind: str) -> pd.Series:
        columns = self.case.sources.str.startswith(f"{kind} of island")
        total = self.dispatch.dispatch_mw[:, columns].sum(axis=1)
        return pd.Series(total, index=self.case.hours, name=f"{kind}_mw")

    @cached_property
    def limits(self) -> Case:
        """The case in which every existing overload has become the limit.

        That includes excesses below the tolerance, which nobody lists: without them the base case
        itself would be infeasible for a solver that is stricter than the screen.
        """
        limit = raised_mw(self.case.grid, self.dispatch.flow_mw, self.case.limit_mw)
        resort = self.case.weight >= self.case.weight.max()
        p_max = np.where(
            resort & ~self.case.sources.isin(self.study.network.c.generators.static.index),
            self.dispatch.dispatch_mw,
            self.case.p_max_mw,
        )
        return replace(self.case, limit_mw=limit, p_max_mw=p_max)

    @cached_property
    def fullest_hours(self) -> NDArray[np.int64]:
        """Hours in which some branch is loaded most, either way."""
        highest, lowest = likely_extremes_mw(self.case.grid, self.dispatch.flow_mw)
        rooms = (self.case.limit_mw - highest, self.case.limit_mw + lowest)
        least = [np.minimum(*np.hsplit(room, 2)).argmin(axis=0) for room in rooms]
        return np.unique(np.concatenate(least))

    def to_dataset(self) -> xr.Dataset:
        """Dispatch and flows without outage, with units and provenance (float32, for netCDF)."""
        generators = self.study.network.c.generators.static.index
        branches = self.case.grid.topology.branches.index
        output = self.dispatch.dispatch_mw[:, : len(generators)].astype("float32")
        flow = self.dispatch.flow_mw.astype("float32")
        dataset = xr.Dataset(
            {
                "dispatch_mw": (("snapshot", "generator"), output, {"units": "MW"}),
                "flow_mw": (("snapshot", "branch"), flow, {"units": "MW"}),
            },
            coords={
                "snapshot": self.case.hours,
                "generator": list(generators),
                "branch": list(branches),
            },
        )
        return dataset.assign_attrs(provenance(self.study))


def base_case(
    study: Study, *, connected: pd.DataFrame | None = None, progress: Progress | None = None
) -> BaseCase:
    """Dispatch every hour of a study securely, without the projects that are to be chosen.

    Parameters
    ----------
    study : Study
        The input.
    connected : pandas.DataFrame, optional
        Projects that are part of the load; default ordinary growth and what is committed: firm
        projects that hold a reservation or are being built.
    progress : callable, optional
        Called with the share of hours that are settled.

    Returns
    -------
    BaseCase

    Examples
    --------
    >>> import gridplan as gp
    >>> base = gp.base_case(gp.open_study("trondelag"))  # doctest: +SKIP
    >>> base.existing_overloads  # doctest: +SKIP
    """
    connected = study.committed if connected is None else connected
    case = case_of(study, connected)
    dispatch = secure_dispatch(_with_last_resorts(study, case), progress=progress)
    allowed = _allowed(case, dispatch)
    found = overloads_of(case, dispatch)
    return BaseCase(study, case, dispatch, _existing_overloads(case, found), allowed, connected)


def _with_last_resorts(study: Study, case: Case) -> Case:
    """Open shortage and surplus without bound."""
    generators = len(study.network.c.generators.static)
    p_max = case.p_max_mw.copy()
    p_max[:, generators:] = 1e6
    return replace(case, p_max_mw=p_max)


def _allowed(case: Case, dispatch: Dispatch) -> pd.DataFrame:
    """Worst base-case flow of every limit and hour with an existing overload."""
    hour, limit = np.nonzero(dispatch.overload_mw > TOLERANCE_MW)
    hours, position = np.unique(hour, return_inverse=True)
    raised = raised_mw(case.grid, dispatch.flow_mw[hours], case.limit_mw[hours])
    branches = case.grid.topology.branches.index
    return pd.DataFrame(
        {
            "branch": branches[limit % len(branches)],
            "snapshot": case.hours[hour],
            "limit_mw": raised[position, limit],
            "after_outage": limit >= len(branches),
        }
    )


def overloads_of(case: Case, dispatch: Dispatch) -> Violations:
    """Limits that are exceeded; after an outage only where it adds to what the branch carries.

    A branch that is the only way to a place carries the same after every outage elsewhere, so that
    naming one would mislead.
    """
    flow, grid = dispatch.flow_mw, case.grid
    found = violations(grid, flow, case.limit_mw, 2 * TOLERANCE_MW)
    after = found.over_mw + case.limit_mw[found.hour, grid.after[found.branch]]
    more = after > np.abs(flow[found.hour, found.branch]) + TOLERANCE_MW
    return found.at(np.flatnonzero((found.outage < 0) | more))


def _existing_overloads(case: Case, found: Violations) -> pd.DataFrame:
    """One row per overloaded limit, the largest excess first."""
    names = case.grid.topology.branches.index
    outages = np.array([*case.grid.outage_names(), ""], dtype=object)  # −1 picks the last: none
    limit = case.grid.limit(found.branch, found.outage)
    table = pd.DataFrame(
        {
            "branch": names[found.branch],
            "outage": outages[found.outage],
            "worst_hour": case.hours[found.hour],
            "over_mw": found.over_mw,
            "limit_mw": case.limit_mw[found.hour, limit],
        }
    )
    table["hours"] = table.groupby(limit)["worst_hour"].transform("nunique")
    worst = table.assign(limit=limit).sort_values(["over_mw", "branch"], ascending=[False, True])
    return worst.drop_duplicates("limit").drop(columns="limit").set_index("branch")
