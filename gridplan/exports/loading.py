"""The highest loading of every branch: what the map colours."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gridplan.check.certificate import Certificate
from gridplan.grid.sensitivities import ratings_mw
from gridplan.operation.base_case import BaseCase
from gridplan.operation.screen import largest_mw
from gridplan.portfolio.plan import Plan


def highest_loading(plan: Plan, certificate: Certificate | None) -> pd.Series:
    """Highest loading of every branch over all hours and outages.

    Parameters
    ----------
    plan : Plan
        Its network carries the dispatch and the ratings.
    certificate : Certificate, optional
        Its findings are shown as they are; without one the plan's own flows are screened.

    Returns
    -------
    pandas.Series
        Per unit of the rating, by branch. An existing overload counts against the rating, not
        against the limit that it is allowed: it shows above 1.
    """
    if certificate is None:
        return _screened(plan)
    loading = certificate.worst["loading_pu"].astype(float)
    above = certificate.existing["loading_pu"].astype(float)
    return loading.combine(above.reindex(loading.index), np.fmax).rename("loading_pu")


def base_loading(base: BaseCase) -> pd.DataFrame:
    """Highest loading of every branch in the base case.

    Parameters
    ----------
    base : BaseCase
        With flows without outage; all outages are screened.

    Returns
    -------
    pandas.DataFrame
        By branch: loading_pu of the limit as it is (an existing overload shows above 1), snapshot
        (the worst hour), after_outage (whether an outage makes it).
    """
    case = base.case
    loading = largest_mw(case.grid, base.dispatch.flow_mw) / case.limit_mw
    hour, branches = loading.argmax(axis=0), case.grid.topology.branches.index
    highest = loading[hour, np.arange(loading.shape[1])]
    without, after = np.split(highest, 2)
    later = after > without
    return pd.DataFrame(
        {
            "loading_pu": np.maximum(without, after),
            "snapshot": case.hours[np.where(later, *np.split(hour, 2)[::-1])],
            "after_outage": later,
        },
        index=branches,
    )


def _screened(plan: Plan) -> pd.Series:
    """Screen the dispatch in the plan's network for the worst outage of every branch."""
    network, grid = plan.network, plan.base.case.grid
    buses = grid.topology.buses
    injection = np.zeros((len(network.snapshots), len(buses)))
    dense = network.get_switchable_as_dense
    for component, sign in (("Generator", 1.0), ("Load", -1.0)):
        static = network.components[component].static
        power = dense(component, "p_set")[static.index].to_numpy(dtype=float)
        np.add.at(injection.T, buses.get_indexer(static["bus"]), sign * power.T)
    limit = grid.limits_mw(ratings_mw(network, grid.topology))
    branches = grid.topology.branches.index
    flow, relief = grid.flows_mw(injection), plan.found.case.relief_mw
    loading = (largest_mw(grid, flow) / limit).max(axis=0)
    without, after = np.split(loading, 2)
    if relief is not None:  # conditional load is off once anything has failed
        left = (largest_mw(grid, flow + relief) / limit).max(axis=0)
        after = left[len(branches) :]
    return pd.Series(np.maximum(without, after), branches, name="loading_pu")
