"""A bare copy of a network: its grid, generators and loads, without results or solver.

`n.copy()` carries a year of results along and refuses a network with a solver model; the witness
must leave its original untouched, because PyPSA writes reactances and slack buses into the tables.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pypsa
from numpy.typing import NDArray
from scipy import sparse

from gridplan.base.quiet import quiet_pypsa

Array = NDArray[np.float64]

GRID = ("Bus", "Line", "Transformer")
TYPES = ("LineType", "TransformerType")
DISPATCH = ("Generator", "Load")
# Choices of an optimiser or of earlier runs that a linear power flow must not inherit.
LEFT_OUT = ("control", "generator", "sub_network")


def replica(network: pypsa.Network, hours: NDArray[np.int64]) -> pypsa.Network:
    """Copy what a linear power flow needs.

    Parameters
    ----------
    network : pypsa.Network
        The original; it is not changed.
    hours : ndarray of int
        Positions of the snapshots to keep.

    Returns
    -------
    pypsa.Network
        Buses, all lines and transformers, active generators and loads with their `p_set`.
    """
    with quiet_pypsa():
        bare = pypsa.Network(snapshots=network.snapshots[hours])
        for component in TYPES:
            bare.c[component].static = network.c[component].static.copy()
        for component in GRID:
            _add(network, bare, component)
        for component in DISPATCH:
            _add(network, bare, component)
            names = bare.c[component].static.index
            power = network.get_switchable_as_dense(
                component, "p_set", network.snapshots[hours], names
            )
            bare.c[component].dynamic["p_set"] = power
    return bare


def _add(network: pypsa.Network, bare: pypsa.Network, component: str) -> None:
    """Add the components of one kind with the attributes that PyPSA defines as input."""
    table = network.c[component].static
    if component in DISPATCH:
        table = table[table["active"].astype(bool)]
    if table.empty:
        return
    defaults = network.c[component].defaults
    known = defaults.index[defaults["status"].str.startswith("Input")].difference(LEFT_OUT)
    bare.add(component, table.index, **table[table.columns.intersection(known)])


def at_buses(
    network: pypsa.Network, component: str, buses: pd.Index, names: pd.Index | None = None
) -> Array:
    """Set power of generators or loads with their sign at the buses (N, T); default the active."""
    table = network.c[component].static
    table = table[table["active"].astype(bool)] if names is None else table.loc[names]
    power = network.get_switchable_as_dense(component, "p_set", inds=table.index)
    sign = table["sign"].to_numpy(dtype=float)
    return incidence(table, sign, buses) @ power.to_numpy(dtype=float).T


def incidence(table: pd.DataFrame, value: Array, buses: pd.Index) -> sparse.csr_array:
    """Put a value per component at its bus, shape (N, components)."""
    rows = buses.get_indexer(table["bus"])
    shape = (len(buses), len(table))
    return sparse.csr_array((value, (rows, np.arange(len(table)))), shape=shape)
