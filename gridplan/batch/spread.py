"""How far the capacity of a station depends on the scenario."""

from __future__ import annotations

import numpy as np
import pandas as pd

SAME_MW = 1e-3  # closer capacities are the same


def capacity_spread(capacity_mw: pd.DataFrame) -> pd.DataFrame:
    """Give the capacity of every bus as a range over scenarios.

    Parameters
    ----------
    capacity_mw : pandas.DataFrame
        Scenario x bus (MW); NaN where a scenario says nothing of a bus.

    Returns
    -------
    pandas.DataFrame
        Index bus: scenarios (that say something), lowest_mw, middle_mw (median), highest_mw,
        lowest_in and highest_in (the scenario, the first of several within 0.001 MW; "" where none
        says anything, and both ends are NaN then).

    Raises
    ------
    ValueError
        When a scenario or a bus stands there twice.

    Examples
    --------
    >>> rows = {"dry": [4.0, 9.0], "wet": [6.0, 9.0]}
    >>> table = pd.DataFrame.from_dict(rows, orient="index", columns=["Orkdal 132", "Frosta 66"])
    >>> capacity_spread(table)[["lowest_mw", "middle_mw", "highest_mw", "highest_in"]].values
    array([[4.0, 5.0, 6.0, 'wet'],
           [9.0, 9.0, 9.0, 'dry']], dtype=object)
    """
    for axis, what in ((capacity_mw.index, "scenario"), (capacity_mw.columns, "bus")):
        if axis.has_duplicates:
            msg = f"{what} '{axis[axis.duplicated()][0]}' stands there twice"
            raise ValueError(msg)
    lowest, highest = capacity_mw.min(), capacity_mw.max()
    return pd.DataFrame(
        {
            "scenarios": capacity_mw.notna().sum(),
            "lowest_mw": lowest,
            "middle_mw": capacity_mw.median(),
            "highest_mw": highest,
            "lowest_in": _first(capacity_mw.le(lowest + SAME_MW)),
            "highest_in": _first(capacity_mw.ge(highest - SAME_MW)),
        }
    ).rename_axis("bus")


def _first(there: pd.DataFrame) -> pd.Series:
    """Name of the first scenario in which something is so, by bus; "" for none."""
    names = there.index.astype("str").to_numpy(object)
    found = there.to_numpy(bool)
    if not len(names):
        return pd.Series("", index=there.columns, dtype="str")
    first = np.where(found.any(axis=0), names[found.argmax(axis=0)], "")
    return pd.Series(first, index=there.columns, dtype="str")
