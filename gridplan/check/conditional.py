"""Load with a conditional connection: it is disconnected after any outage.

Loads of carrier "conditional" stand in the flows without outage only. After an outage they are
gone, and what balances an island gives way in fixed shares: the generators' `schedule_share`, or
their p_nom where none states a share; an island without either shares evenly.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pypsa
from numpy.typing import NDArray

from gridplan.check.replica import at_buses, incidence

Array = NDArray[np.float64]
CONDITIONAL = "conditional"  # carrier


def released_mw(network: pypsa.Network, buses: pd.Index, island: NDArray[np.int64]) -> Array | None:
    """Change of the injections once all conditional load is disconnected.

    Parameters
    ----------
    network : pypsa.Network
        With loads of carrier "conditional", or none.
    buses : pandas.Index
        N bus names.
    island : ndarray of int, shape (N,)
        Number of the island of each bus.

    Returns
    -------
    ndarray, shape (N, T), or None
        MW, adding up to 0 in every island; None where no load is conditional.
    """
    table = network.c.loads.static
    names = table.index[table["carrier"].eq(CONDITIONAL) & table["active"].astype(bool)]
    if names.empty:
        return None
    load = -at_buses(network, "Load", buses, names)
    inside = (island == np.arange(island.max() + 1)[:, None]).astype(float)
    return load - balancing_shares(network, buses, inside).T @ (inside @ load)


def balancing_shares(network: pypsa.Network, buses: pd.Index, inside: Array) -> Array:
    """Part of every bus in what an island's generators take up, shape (islands, N)."""
    table = network.c.generators.static
    table = table[table["active"].astype(bool)]
    stated = table.get("schedule_share", pd.Series(0.0, table.index)).fillna(0.0)
    weight = stated if stated.sum() > 0 else table["p_nom"]
    at_bus = inside * incidence(table, weight.to_numpy(dtype=float), buses).sum(axis=1)
    even = inside * incidence(table, np.ones(len(table)), buses).sum(axis=1)
    at_bus = np.where(at_bus.any(axis=1, keepdims=True), at_bus, even)
    total = at_bus.sum(axis=1, keepdims=True)
    return np.divide(at_bus, total, out=np.zeros_like(at_bus), where=total > 0)
