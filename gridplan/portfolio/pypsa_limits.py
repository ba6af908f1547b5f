r"""Two ratings of a branch in PyPSA's security-constrained optimisation, which knows one.

`n.optimize.optimize_security_constrained` copies the limit without outage, ± s_max_pu · s_nom, to
every row after an outage k, s_l + BODF_lk s_k. Here those rows get the limit after an outage,
± s_max_pu · emergency_factor · s_nom, before the model is solved.
"""

from __future__ import annotations

import re

import pandas as pd
import pypsa
import xarray as xr

AFTER = "s_max_pu_after"  # series of branches whose limit after an outage is no fixed factor
ROW = re.compile(r"(?P<component>\w+)-(?P<kind>fix|ext)-s-(?P<bound>lower|upper)-security-for-.*")


def after_outage_limits(network: pypsa.Network, snapshots: pd.Index) -> None:
    """Let branches carry `emergency_factor` times their rating after an outage.

    Parameters
    ----------
    network : pypsa.Network
        With a column `emergency_factor` in its lines or transformers (1 where it is blank), or
        limits after an outage per unit of s_nom as a series `s_max_pu_after`; as in `to_pypsa`.
        Without either nothing changes.
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
    """MW per MVA of s_nom that the limit after an outage exceeds the rating by."""
    limit = after_pu(network, component)
    rating = network.get_switchable_as_dense(component, "s_max_pu")[limit.columns]
    return xr.DataArray((limit - rating).loc[snapshots])
