"""What stands at the buses of a network, hour by hour."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pypsa
from numpy.typing import NDArray


def load_at_buses_mw(network: pypsa.Network, buses: pd.Index) -> NDArray[np.float64]:
    """Add up the loads at every bus.

    Parameters
    ----------
    network : pypsa.Network
        Its loads, as series or as one figure.
    buses : pandas.Index
        Order of the N buses.

    Returns
    -------
    ndarray, shape (T, N)
        MW.
    """
    loads = network.c.loads.static
    power = network.get_switchable_as_dense("Load", "p_set")[loads.index].to_numpy(dtype=float)
    at_bus = np.zeros((len(network.snapshots), len(buses)))
    np.add.at(at_bus.T, buses.get_indexer(loads["bus"]), power.T)
    return at_bus
