r"""What PyPSA's security-constrained optimisation does not know: two ratings, listed outages.

`n.optimize.optimize_security_constrained` copies the limit without outage, ± s_max_pu · s_nom, to
every row after an outage k, s_l + BODF_lk s_k. Here those rows get the limit after an outage,
± s_max_pu · emergency_factor · s_nom, before the model is solved. Rows for outages of several
branches S are added, s_l + Σ_s M_ls s_s with M = H_·S (I − H_SS)⁻¹ and H = PTDF Kᵀ of PyPSA.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pypsa
import xarray as xr

AFTER = "s_max_pu_after"  # series of branches whose limit after an outage is no fixed factor
LISTED = "listed outage "  # before the name of an outage of several branches
ROW = re.compile(r"(?P<component>\w+)-(?P<kind>fix|ext)-s-(?P<bound>lower|upper)-security-for-.*")


def after_outage_limits(network: pypsa.Network, snapshots: pd.Index) -> None:
    """Let branches carry `emergency_factor` times their rating after an outage.

    Parameters
    ----------
    network : pypsa.Network
        With a column `emergency_factor` in its lines or transformers (1 where it is blank), or
        limits after an outage per unit of s_nom as a series `s_max_pu_after`, which may be lower
        than `s_max_pu`; as in `to_pypsa`. Without either nothing changes.
    snapshots : pandas.Index
        Hours of the model.

    Notes
    -----
    To pass as `extra_functionality` to `optimize_security_constrained`; `pypsa_conditions` includes
    it. Extendable branches are covered: their limits after an outage grow by the same factor.
    """
    model = network.model
    for name in list(model.constraints):
        row = ROW.fullmatch(name)
        if row is None:
            continue
        gain = _gain_pu(network, row["component"], snapshots)
        rows = model.constraints[name]
        gain = gain.sel(name=rows.rhs.indexes["name"])
        gain = gain if row["bound"] == "upper" else -gain
        if row["kind"] == "fix":
            static = network.c[row["component"]].static["s_nom"].rename_axis("name")
            s_nom = xr.DataArray(static.loc[gain.indexes["name"]])
            rows.update(rhs=rows.rhs + gain * s_nom)
        else:
            capacity = model.variables[f"{row['component']}-s_nom"].sel(name=gain.indexes["name"])
            rows.update(lhs=rows.lhs - gain * capacity)


def add_listed_outages(network: pypsa.Network, outages: Mapping[str, Sequence[str]]) -> None:
    """Add rows for outages of several branches at once, with the limits without outage.

    Parameters
    ----------
    network : pypsa.Network
        With a model, its topology determined.
    outages : mapping
        Branches by name of the outage.
    """
    model = network.model
    for sub_network in network.c.sub_networks.static.obj if outages else ():
        branches = sub_network.branches_i()
        sub_network.calculate_PTDF()
        exchange = pd.DataFrame(sub_network.PTDF @ sub_network.K.toarray(), branches, branches)
        for name, lost in outages.items():
            out = branches[branches.get_level_values(1).isin(list(lost))]
            if not len(out):
                continue
            moved = _moved(exchange, out)
            for component, kind, bound in itertools.product(
                branches.unique(0), ("fix", "ext"), ("lower", "upper")
            ):
                limit = f"{component}-{kind}-s-{bound}"
                if limit in model.constraints:
                    con, own = model.constraints[limit], moved.loc[component]
                    watched = con.lhs.indexes["name"].intersection(own.index)
                    flow = con.lhs.sel(name=watched)
                    for lost_component, branch in out:
                        variable = model.variables[f"{lost_component}-s"]
                        share = own.loc[watched, (lost_component, branch)].rename_axis("name")
                        flow = flow + xr.DataArray(share) * variable.sel(name=branch, drop=True)
                    sign, rhs = (side.sel(name=watched) for side in (con.sign, con.rhs))
                    row = f"{limit}-security-for-{LISTED}{name}"
                    model.add_constraints(flow, sign, rhs, name=row)


def _moved(exchange: pd.DataFrame, out: pd.MultiIndex) -> pd.DataFrame:
    """MW that appear on every branch per MW that each of the lost ones carried."""
    between = exchange[out].to_numpy()
    own = exchange.loc[out, out].to_numpy()
    moved = pd.DataFrame(between @ np.linalg.inv(np.eye(len(out)) - own), exchange.index, out)
    moved.loc[out] = -np.eye(len(out))
    return moved


def after_pu(network: pypsa.Network, component: str) -> pd.DataFrame:
    """Limit after an outage per unit of s_nom, snapshot x branch.

    Parameters
    ----------
    network : pypsa.Network
        As in `after_outage_limits`.
    component : {"Line", "Transformer"}

    Returns
    -------
    pandas.DataFrame
    """
    static, dynamic = network.c[component].static, network.c[component].dynamic
    rating = network.get_switchable_as_dense(component, "s_max_pu")
    limit = rating.copy()
    if "emergency_factor" in static:
        limit *= static["emergency_factor"].fillna(1.0)
    if AFTER in dynamic:
        limit[dynamic[AFTER].columns] = dynamic[AFTER]
    return limit.rename_axis(index="snapshot", columns="name")


def _gain_pu(network: pypsa.Network, component: str, snapshots: pd.Index) -> xr.DataArray:
    """MW per MVA of s_nom that the limit after an outage is above that without."""
    limit = after_pu(network, component)
    rating = network.get_switchable_as_dense(component, "s_max_pu")[limit.columns]
    return xr.DataArray((limit - rating).loc[snapshots])
