"""The chosen portfolio as a PyPSA network that anybody can check."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pypsa

from gridplan.base.quiet import quiet_pypsa
from gridplan.operation.base_case import BaseCase
from gridplan.operation.dispatch import TOLERANCE_MW
from gridplan.portfolio.search import Found
from gridplan.study.emergency import state_factors
from gridplan.study.study import Study
from gridplan.study.tables import shares_of

CONDITIONAL = "conditional"  # carrier of loads that are disconnected after any outage


@dataclass(frozen=True)
class Portfolio:
    """What is built.

    Parameters
    ----------
    projects, measures, symbioses : pandas.DataFrame
        With columns `chosen`, `units` and `chosen`.
    curtailed_mw : pandas.DataFrame
        What conditional projects are not served, snapshot x project (MW).
    """

    projects: pd.DataFrame
    measures: pd.DataFrame
    symbioses: pd.DataFrame
    curtailed_mw: pd.DataFrame


def plan_network(study: Study, base: BaseCase, found: Found, portfolio: Portfolio) -> pypsa.Network:
    """Build the year with the portfolio in it.

    Parameters
    ----------
    study : Study
        The input.
    base : BaseCase
        The year without the portfolio.
    found : Found
        Result of the search.
    portfolio : Portfolio
        What is built.

    Returns
    -------
    pypsa.Network
        Ordinary growth and chosen projects are loads of carrier "project", conditional ones of
        carrier "conditional" with what they are served; measures and symbioses are loads of
        carrier "measure" and "symbiosis" with negative p_set; raised ratings stand in s_max_pu,
        what a branch may carry after an outage in the column emergency_factor; the secure dispatch
        is in `generators_t.p_set`.
    """
    with quiet_pypsa():
        return _built(study, base, found, portfolio)


def _built(study: Study, base: BaseCase, found: Found, portfolio: Portfolio) -> pypsa.Network:
    """Build the network of `plan_network`."""
    network = study.network.copy()
    state_factors(network, study.settings)
    carriers = ["project", CONDITIONAL, "measure", "symbiosis", "last resort"]
    network.add("Carrier", carriers, overwrite=False)
    projects, measures = portfolio.projects, portfolio.measures
    connected = pd.concat([study.ordinary_growth, projects[projects["chosen"]]])
    _add_projects(network, study, connected, portfolio.curtailed_mw)
    taken = measures[measures["units"] > 0]
    _add_savings(network, study, taken[taken["kind"] == "load"], "measure")
    symbioses = portfolio.symbioses[portfolio.symbioses["chosen"]]
    _add_savings(network, study, symbioses.assign(units=1), "symbiosis")
    ratings = taken[taken["kind"] == "rating"]
    rises = (ratings["units"] * ratings["rating_pu"]).groupby(ratings["branch"]).sum()
    for branch, rise in rises.items():
        raise_rating(network, branch, 1 + rise)
    generators = network.c.generators.static.index
    dispatch = pd.DataFrame(
        found.dispatch.dispatch_mw[:, : len(generators)], network.snapshots, generators
    )
    network.c.generators.dynamic.p_set = dispatch
    _add_last_resorts(network, base, found)
    return network


def raise_rating(network: pypsa.Network, branch: str, factor: float) -> None:
    """Raise what a branch may carry; its reactance stays as it is."""
    for list_name in ("lines", "transformers"):
        component = getattr(network.c, list_name)
        if branch in component.static.index:
            component.static.loc[branch, "s_max_pu"] *= factor
            if branch in component.dynamic.s_max_pu:
                component.dynamic.s_max_pu[branch] *= factor


def _add_projects(
    network: pypsa.Network, study: Study, projects: pd.DataFrame, curtailed_mw: pd.DataFrame
) -> None:
    """Add one load per project, with what it is served."""
    if projects.empty:
        return
    names = "project " + projects.index
    demand = study.profiles[projects["profile"]].to_numpy(dtype=float) * projects["mw"].to_numpy()
    unserved = curtailed_mw.reindex(columns=projects.index, fill_value=0.0).to_numpy()
    conditional = projects.index.isin(curtailed_mw.columns)
    network.add(
        "Load",
        names,
        bus=projects["bus"].to_numpy(),
        carrier=np.where(conditional, CONDITIONAL, "project"),
        p_set=pd.DataFrame(demand - unserved, network.snapshots, names),
    )


def _add_savings(network: pypsa.Network, study: Study, savings: pd.DataFrame, kind: str) -> None:
    """Add one negative load per measure or symbiosis and bus."""
    for name, measure in savings.iterrows():
        shares = shares_of(measure["buses"])
        if not shares:
            continue  # an exchange that saves no power needs no profile
        saved = study.profiles[measure["profile"]].to_numpy(dtype=float) * measure["mw"]
        for bus, share in shares.items():
            network.add(
                "Load",
                f"{kind} {name} at {bus}",
                bus=bus,
                carrier=kind,
                p_set=pd.Series(-saved * share * measure["units"], network.snapshots),
            )


def _add_last_resorts(network: pypsa.Network, base: BaseCase, found: Found) -> None:
    """Show load that the base case already cannot serve, and surplus, as loads of their own."""
    generators = len(base.study.network.c.generators.static)
    used = found.dispatch.dispatch_mw[:, generators:]
    if not (used > TOLERANCE_MW).any():
        return
    injected = used @ found.case.injection[generators:]
    for position in np.flatnonzero(np.abs(injected).max(axis=0) > TOLERANCE_MW):
        bus = network.c.buses.static.index[position]
        network.add(
            "Load",
            f"last resort at {bus}",
            bus=bus,
            carrier="last resort",
            p_set=pd.Series(-injected[:, position], network.snapshots),
        )
