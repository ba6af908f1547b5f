r"""What a place can take when it accepts to be curtailed in some hours.

With h_t the secure capacity of hour t, a place of P MW loses Σ_t max(0, P − h_t) MWh a year. The
capacity at flexibility φ is the largest P whose loss is at most φ · P · T.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]


def flexible_capacity(hourly_mw: Array, flexibility: float) -> float:
    r"""Largest constant exchange of which at most a share is curtailed (MW).

    Parameters
    ----------
    hourly_mw : ndarray, shape (T,)
        Secure capacity of every hour (MW).
    flexibility : float
        Largest curtailed share of the yearly energy, 0 (firm) up to, not including, 1.

    Returns
    -------
    float

    Notes
    -----
    With the hours in ascending order and the n lowest below P, the loss is n P − S_n with S_n
    their sum, so P = S_n / (n − φ T) on each piece. The loss less its allowance is convex in P
    and 0 at P = 0, hence the largest P is the solution of the first piece whose solution does not
    lie beyond its end. Work is that of a sort.

    Examples
    --------
    Three hours of 10, 20 and 30 MW. Firm, 10 MW; with a tenth curtailed, P − 10 = 0.1 · 3 P:

    >>> flexible_capacity(np.array([10.0, 20.0, 30.0]), 0.0)
    10.0
    >>> round(flexible_capacity(np.array([10.0, 20.0, 30.0]), 0.1), 4)
    14.2857
    """
    ascending = np.sort(hourly_mw)
    if flexibility <= 0:
        return float(ascending[0])
    count = np.arange(1, len(ascending) + 1)
    weight = count - flexibility * len(ascending)
    total = np.cumsum(ascending)
    with np.errstate(divide="ignore", invalid="ignore"):
        solution = np.where(weight > 1e-12, total / weight, np.inf)
    above = np.append(ascending[1:], np.inf)
    return float(solution[np.argmax(solution <= above)])


def flexible_offer(hourly_mw: pd.Series, size_mw: Array) -> pd.DataFrame:
    """Describe what curtailment a connection of a given size would meet.

    Parameters
    ----------
    hourly_mw : pandas.Series
        Secure capacity of every hour (MW), indexed by time.
    size_mw : ndarray, shape (S,)
        Sizes of the connection (MW), above 0.

    Returns
    -------
    pandas.DataFrame
        Indexed by mw: curtailed_mwh, curtailed_share (of the yearly energy), hours, events
        (unbroken runs of curtailed hours), longest_event_h, deepest_cut_mw.

    Examples
    --------
    >>> hours = pd.date_range("2030", periods=5, freq="h")
    >>> offer = flexible_offer(pd.Series([9.0, 5.0, 9.0, 6.0, 6.0], hours), np.array([7.0]))
    >>> offer.loc[7.0, ["curtailed_mwh", "hours", "events", "longest_event_h"]].tolist()
    [4.0, 3.0, 2.0, 2.0]
    """
    capacity = hourly_mw.to_numpy(dtype=float)
    rows = [_offer(capacity, size) for size in size_mw]
    return pd.DataFrame(rows, index=pd.Index(size_mw, name="mw"))


def _offer(capacity_mw: Array, size_mw: float) -> dict[str, float]:
    """Curtailment of one size."""
    cut = np.maximum(size_mw - capacity_mw, 0.0)
    edges = np.diff(np.concatenate([[0], (cut > 1e-9).astype(int), [0]]))
    lengths = np.flatnonzero(edges == -1) - np.flatnonzero(edges == 1)
    return {
        "curtailed_mwh": float(cut.sum()),
        "curtailed_share": float(cut.sum() / (size_mw * len(cut))),
        "hours": float(lengths.sum()),
        "events": float(len(lengths)),
        "longest_event_h": float(lengths.max(initial=0)),
        "deepest_cut_mw": float(cut.max()),
    }
