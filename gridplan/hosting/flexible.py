r"""What a place can take when it accepts to be curtailed in some hours.

With h_t the secure capacity of hour t, a place of P MW loses Σ_t max(0, P − h_t) MWh a year. The
capacity at flexibility φ is the largest P whose loss is at most φ · P · T.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]
ABOVE_MW = 0.01
OFFER = (
    "curtailed_mwh", "curtailed_share", "hours", "events", "longest_event_h", "deepest_cut_mw"
)  # fmt: skip
ROUNDING = 1e-6  # share of the size: smaller cuts are float32 and solver noise, not curtailment


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


def ceiling_mw(hourly_mw: Array, flexibility: float | None) -> float:
    """Find how far the capacity of an hour matters to that of the year (MW).

    Parameters
    ----------
    hourly_mw : ndarray, shape (T,)
        Upper bounds of the capacity of every hour (MW).
    flexibility : float or None
        Largest curtailed share that is asked for; None where every hour is.

    Returns
    -------
    float
        Just above the capacity of the year, so that hours at the ceiling do not count as short.
    """
    if flexibility is None:
        return np.inf
    return flexible_capacity(hourly_mw, flexibility) + ABOVE_MW


def flexible_offer(hourly_mw: pd.Series, size_mw: Array) -> pd.DataFrame:
    """Describe what curtailment a connection of a given size would meet.

    Parameters
    ----------
    hourly_mw : pandas.Series
        Secure capacity of every hour (MW), indexed by time (start of the hour), in any order.
    size_mw : ndarray, shape (S,)
        Sizes of the connection (MW), above 0.

    Returns
    -------
    pandas.DataFrame
        Indexed by mw: curtailed_mwh, curtailed_share (of the energy of all hours given), hours,
        events (unbroken runs of curtailed hours; a gap between the time stamps ends one),
        longest_event_h, deepest_cut_mw.

    Examples
    --------
    >>> hours = pd.date_range("2030", periods=5, freq="h")
    >>> offer = flexible_offer(pd.Series([9.0, 5.0, 9.0, 6.0, 6.0], hours), np.array([7.0]))
    >>> offer.loc[7.0, ["curtailed_mwh", "hours", "events", "longest_event_h"]].tolist()
    [4.0, 3.0, 2.0, 2.0]
    """
    in_order = hourly_mw.sort_index()
    capacity = in_order.to_numpy(dtype=float)
    follows = np.append(False, np.diff(in_order.index) == pd.Timedelta(hours=1))
    rows = [_offer(capacity, follows, size) for size in size_mw]
    return pd.DataFrame(rows, index=pd.Index(size_mw, name="mw", dtype=float), columns=OFFER)


def _offer(capacity_mw: Array, follows: NDArray[np.bool_], size_mw: float) -> dict[str, float]:
    """Curtailment of one size; `follows` says whether an hour comes right after the one before."""
    cut = np.maximum(size_mw - capacity_mw, 0.0)
    cut[cut <= ROUNDING * size_mw] = 0.0
    curtailed = cut > 0
    begins = curtailed & ~(follows & np.append(False, curtailed[:-1]))
    lengths = np.bincount(np.cumsum(begins)[curtailed])[1:]
    return {
        "curtailed_mwh": float(cut.sum()),
        "curtailed_share": float(cut.sum() / (size_mw * len(cut))),
        "hours": int(curtailed.sum()),
        "events": len(lengths),
        "longest_event_h": int(lengths.max(initial=0)),
        "deepest_cut_mw": float(cut.max()),
    }
