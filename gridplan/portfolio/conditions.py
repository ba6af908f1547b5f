"""Conditional connection: what may be curtailed, and whether a year of curtailment keeps to it.

Tilknytning med vilkår: the project is served less in some hours, within its conditions, and is
disconnected after any outage. In the N-0 limits it thus counts with what is served, after an
outage not at all; the balancing sources then give way in fixed shares.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]
Positions = NDArray[np.int64]
CURTAILED_PU = 1e-6  # of a project's size; less curtailment is none


@dataclass(frozen=True)
class Conditions:
    """Conditions of Q projects in a study of T hours.

    Parameters
    ----------
    option : ndarray of int, shape (Q,)
        Position of the project among the options.
    most_pu_h : ndarray, shape (Q,)
        Most curtailed energy that share and hours allow, per unit of the project's MW times hours.
    most_hours : ndarray, shape (Q,)
        Most hours with curtailment; infinite where there is no limit.
    longest_h : ndarray, shape (Q,)
        Longest event in a row (h); infinite where there is no limit.
    cost_mnok : ndarray, shape (Q,)
        Cost of a full hour (MNOK): the price of the energy not served times the project's MW.
    """

    option: Positions
    most_pu_h: Array
    most_hours: Array
    longest_h: Array
    cost_mnok: Array

    def __len__(self) -> int:
        return len(self.option)


def conditions_of(projects: pd.DataFrame, profile: Array, price_nok_per_mwh: float) -> Conditions:
    """Read the conditions of the conditional projects.

    Parameters
    ----------
    projects : pandas.DataFrame
        Candidates, in the order of the options.
    profile : ndarray, shape (T, >= projects)
        Load per MW in every hour.
    price_nok_per_mwh : float
        Price of energy not served where a project states none.

    Returns
    -------
    Conditions
    """
    option = np.flatnonzero(projects["connection"].eq("conditional"))
    chosen = projects.iloc[option]
    shape = profile[:, option]
    by_share = chosen["curtailable_share"].to_numpy(dtype=float) * shape.sum(axis=0)
    hours = chosen["curtailable_hours"].fillna(np.inf).to_numpy(dtype=float)
    price = energy_prices(chosen, price_nok_per_mwh).to_numpy(dtype=float)
    return Conditions(
        option=option,
        most_pu_h=np.minimum(by_share, _largest_hours(shape, hours)),
        most_hours=hours,
        longest_h=chosen["longest_curtailment_h"].fillna(np.inf).to_numpy(dtype=float),
        cost_mnok=price * chosen["mw"].to_numpy(dtype=float) / 1e6,
    )


def energy_prices(projects: pd.DataFrame, price_nok_per_mwh: float) -> pd.Series:
    """Price of energy not served by project (NOK/MWh), the given one where none is stated."""
    return projects["curtailment_nok_per_mwh"].fillna(price_nok_per_mwh)


def _largest_hours(shape: Array, hours: Array) -> Array:
    """Load of the `hours` largest hours of every column, shape (Q,), per unit times hours."""
    total = np.zeros((len(shape) + 1, shape.shape[1]))
    total[1:] = np.cumsum(-np.sort(-shape, axis=0), axis=0)
    count = np.minimum(np.floor(hours), len(shape)).astype(np.int64)
    return total[count, np.arange(len(count))]


def events(curtailed: NDArray[np.bool_]) -> tuple[Positions, Positions]:
    """First hour and length of every run of curtailed hours.

    Examples
    --------
    >>> first, length = events(np.array([True, True, False, True]))
    >>> first.tolist(), length.tolist()
    ([0, 3], [2, 1])
    """
    edges = np.diff(np.concatenate([[0], curtailed.astype(np.int64), [0]]))
    first = np.flatnonzero(edges == 1)
    return first, np.flatnonzero(edges == -1) - first


def longest_run(curtailed: NDArray[np.bool_]) -> int:
    """Most curtailed hours in a row.

    Examples
    --------
    >>> longest_run(np.array([True, True, False, True])), longest_run(np.array([False]))
    (2, 0)
    """
    return int(events(curtailed)[1].max(initial=0))
