"""What every kind of result says of stations and branches, as columns with their units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from gridplan.check.certificate import Certificate
from gridplan.exports.capacity_tables import DECIMALS, FIGURES, RANGE
from gridplan.exports.loading import highest_loading
from gridplan.operation.base_case import BaseCase
from gridplan.operation.screen import largest_mw
from gridplan.portfolio.plan import Plan
from gridplan.reasons.marginal import MarginalValues
from gridplan.study.tables import names_in, shares_of

if TYPE_CHECKING:
    from gridplan.study.study import Study

USE = ["used_mw", "reserved_mw", "queued_mw", "candidate_mw", "free_mw"]
LEVELS = ("criterion", "flexibility")


@dataclass(frozen=True)
class Figures:
    """Columns for the layers.

    Parameters
    ----------
    stations, branches : pandas.DataFrame
        Index bus and branch; not all need to be there.
    main : tuple of (str, str, str)
        Layer, column and unit of what a map colours.
    """

    stations: pd.DataFrame
    branches: pd.DataFrame
    main: tuple[str, str, str]


def of_capacity(found: xr.Dataset, criterion: str | None, flexibility: float | None) -> Figures:
    """Figures of a capacity or of its range over the weather years.

    Parameters
    ----------
    found : xarray.Dataset
        Of `gridplan.hosting_capacity` or `gridplan.capacity_range`.
    criterion : str or None
        None for the first.
    flexibility : float or None
        Share of the energy; None for the first.

    Returns
    -------
    Figures
        Of the stations the columns of the dataset under this criterion and flexibility, and with
        `capacity_n1_5_mw` and so on the capacity under each (here N-1, 5 %). Of the branches
        `limits_buses`: at how many buses a branch ends the capacity.

    Raises
    ------
    ValueError
        When the dataset does not hold the criterion or flexibility.
    """
    found = found.expand_dims([name for name in LEVELS if name not in found.dims])
    levels = found["flexibility"].to_numpy().astype(float)
    held = [str(name) for name in found["criterion"].to_numpy()]
    criterion = held[0] if criterion is None else criterion
    flexibility = float(levels[0]) if flexibility is None else flexibility
    close = np.flatnonzero(np.isclose(levels, flexibility))
    if criterion not in held or not len(close):
        msg = (
            f"no capacity under {criterion} with flexibility {flexibility:g}; there are "
            f"{', '.join(held)} and {', '.join(f'{level:g}' for level in levels)}"
        )
        raise ValueError(msg)
    one = found.sel(criterion=criterion).isel(flexibility=int(close[0]))
    spread = "lowest_mw" in found
    columns = [*RANGE] if spread else [*FIGURES, *USE]
    stations = one[columns].to_dataframe()[columns]
    every = found["middle_mw" if spread else "capacity_mw"]
    for name, values in _by_level(every).items():
        stations[name] = values.to_series()
    power = [name for name in stations if name.endswith("_mw")]
    stations[power] = stations[power].astype(float).round(DECIMALS) + 0.0  # no −0
    branches = pd.DataFrame(columns=["limits_buses"], dtype="int64")
    if not spread:
        counts = stations["limiting_branch"].value_counts().drop("", errors="ignore")
        branches = counts.rename("limits_buses").to_frame()
    return Figures(stations, branches, ("stations", "middle_mw" if spread else "capacity_mw", "MW"))


def _by_level(every: xr.DataArray) -> dict[str, xr.DataArray]:
    """Capacity under every criterion and flexibility by the name of its column."""
    return {
        level_name(str(criterion), float(share)): every.sel(criterion=criterion).isel(
            flexibility=number
        )
        for criterion in every["criterion"].to_numpy()
        for number, share in enumerate(every["flexibility"].to_numpy())
    }


def level_name(criterion: str, flexibility: float) -> str:
    """Name the column of a criterion and flexibility.

    Examples
    --------
    >>> level_name("N-1", 0.0), level_name("N-0", 0.005)
    ('capacity_n1_0_mw', 'capacity_n0_0p5_mw')
    """
    percent = f"{100 * flexibility:.6g}".replace(".", "p")
    return f"capacity_{criterion.lower().replace('-', '')}_{percent}_mw"


def of_plan(plan: Plan, certificate: Certificate | None) -> Figures:
    """Figures of a plan: what is chosen at a bus, and the highest loading of the branches."""
    projects = plan.by_project
    chosen, mw = projects["chosen"].astype(bool), projects["mw"].astype(float)
    held = projects.index.isin(plan.study.committed.index)
    parts = {
        "chosen_mw": mw.where(chosen, 0.0),
        "reserved_mw": mw.where(chosen & held, 0.0),
        "not_chosen_mw": mw.where(~chosen, 0.0),
        "projects_chosen": chosen.astype("int64"),
        "projects": pd.Series(1, index=projects.index),
    }
    stations = pd.DataFrame(parts).groupby(projects["bus"]).sum()
    buses = pd.Index(plan.study.network.c.buses.static.index)
    stations = stations.reindex(buses, fill_value=0).assign(saved_mw=_saved_mw(plan, buses))
    loading = highest_loading(plan, certificate)
    branches = _with_overloads(pd.DataFrame({"loading_pu": loading}), plan.base)
    taken = plan.measures[(plan.measures["units"] > 0) & plan.measures["kind"].eq("rating")]
    raised = (taken["rating_pu"] * taken["units"]).groupby(taken["branch"]).sum()
    branches["raised_pu"] = raised.reindex(branches.index, fill_value=0.0)
    if certificate is not None:
        branches = branches.join(certificate.worst[["outage", "snapshot"]])
    return Figures(stations, branches, ("branches", "loading_pu", "pu"))


def _saved_mw(plan: Plan, buses: pd.Index) -> pd.Series:
    """MW that measures and symbioses take off the peak of every bus."""
    saved = pd.Series(0.0, buses)
    load = plan.measures[(plan.measures["units"] > 0) & plan.measures["kind"].eq("load")]
    together = plan.symbioses[plan.symbioses["chosen"] & (plan.symbioses["mw"] > 0)]
    for row in pd.concat([load, together.assign(units=1)]).itertuples():
        for bus, share in shares_of(row.buses).items():
            saved[bus] += share * row.mw * row.units
    return saved


def _with_overloads(branches: pd.DataFrame, base: BaseCase) -> pd.DataFrame:
    """Add the existing overloads: the largest MW above a limit, and the hours."""
    found = base.existing_overloads.groupby(level=0)[["over_mw", "hours"]].max()
    found = found.reindex(branches.index, fill_value=0)
    return branches.assign(
        overload_mw=found["over_mw"].astype(float), overload_hours=found["hours"].astype("int64")
    )


def of_base_case(base: BaseCase) -> Figures:
    """Figures of a base case: highest load and generation at a bus, highest loading of branches."""
    case = base.case
    generation = (base.dispatch.dispatch_mw @ np.maximum(case.injection, 0.0)).max(axis=0)
    power = {"load_mw": case.load_mw.max(axis=0), "generation_mw": np.maximum(generation, 0.0)}
    stations = pd.DataFrame(power, index=case.grid.topology.buses)
    largest = (largest_mw(case.grid, base.dispatch.flow_mw) / case.limit_mw).max(axis=0)
    loading = np.maximum(*np.split(largest, 2))
    branches = pd.DataFrame({"loading_pu": loading}, index=case.grid.topology.branches.index)
    return Figures(stations, _with_overloads(branches, base), ("branches", "loading_pu", "pu"))


def of_certificate(certificate: Certificate) -> Figures:
    """Figures of a certificate: worst loading of every branch, and what stands without N-1."""
    over = certificate.violations.groupby("branch")["over_mw"].max()
    columns = ["loading_pu", "outage", "snapshot", "flow_mw", "limit_mw"]
    branches = certificate.worst[columns].copy()
    above = certificate.existing["loading_pu"].astype(float).reindex(branches.index)
    branches["loading_pu"] = branches["loading_pu"].astype(float).combine(above, np.fmax)
    branches["violation_mw"] = over.reindex(branches.index).fillna(0.0)
    branches["bridge"] = branches.index.isin(certificate.without_n1.index)
    return Figures(without_n1(certificate), branches, ("branches", "loading_pu", "pu"))


def without_n1(certificate: Certificate) -> pd.DataFrame:
    """Buses behind a bridge, which no N-1 protects; index bus, column without_n1 (True)."""
    behind = [name for text in certificate.without_n1["buses"] for name in names_in(text)]
    return pd.DataFrame({"without_n1": True}, index=pd.Index(dict.fromkeys(behind), dtype="str"))


def of_values(values: MarginalValues) -> Figures:
    """Figures of marginal values (NOK per MW and year)."""
    buses = {
        "value_nok_per_mw": "divisible",
        "value_fixed_nok_per_mw": "fixed",
        "value_conditional_nok_per_mw": "divisible_conditional",
    }
    stations = values.buses[[*buses.values()]].set_axis([*buses], axis=1)
    branches = values.branches[["divisible", "fixed", "divisible_past_overload", "overload_mw"]]
    names = ["value_nok_per_mw", "value_fixed_nok_per_mw", "value_past_overload_nok_per_mw"]
    return Figures(
        stations,
        branches.set_axis([*names, "overload_mw"], axis=1),
        ("stations", "value_nok_per_mw", "NOK/MW/yr"),
    )


def of_reinforcements(table: pd.DataFrame, study: Study) -> Figures:
    """Figures of reinforcements: of the branches that each adds or changes, and of its best bus.

    Parameters
    ----------
    table : pandas.DataFrame
        Of `gridplan.rank_reinforcements` or `gridplan.stages`. Pairs are left out: they are no
        places of their own.
    study : Study
        With the changes that each makes.

    Returns
    -------
    Figures
    """
    ranked = "gain_mw" in table
    alone = table[table["count"].eq(1)] if ranked else table
    told = ["year", "status", "cost_mnok"]
    told += ["gain_mw", "mean_gain_mw", "gain_mw_per_mnok"] if ranked else ["in_service"]
    rows = study.reinforcements[study.reinforcements["branch"].ne("")]
    rows = rows[rows.index.isin(alone.index)]
    order = rows.assign(rank=alone.index.get_indexer(rows.index)).sort_values("rank", kind="stable")
    first = order[~order["branch"].duplicated()]
    branches = alone.loc[first.index, told].rename(columns={"year": "in_service_year"})
    branches = branches.assign(reinforcement=first.index, branch=first["branch"].to_numpy())
    branches = branches.set_index("branch")
    stations = pd.DataFrame()
    if ranked:
        best = alone[alone["best_bus"].ne("")]
        best = best[~best["best_bus"].duplicated()]
        stations = pd.DataFrame(
            {"gain_mw": best["gain_mw"].to_numpy(), "reinforcement": best.index.to_numpy()},
            index=best["best_bus"],
        )
    main = ("branches", "gain_mw", "MW") if ranked else ("branches", "in_service_year", "")
    return Figures(stations, branches, main)
