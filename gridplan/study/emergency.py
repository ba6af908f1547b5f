"""The emergency rating: what a branch may carry after an outage, beyond its rating.

    limit = s_nom · s_max_pu · (1 without outage, `emergency_factor` after any outage)

A column `emergency_factor` of the lines and transformers says so, branch by branch. Where it says
nothing a line has 1, a transformer the setting `transformer_emergency_factor`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gridplan.base.errors import Problem

if TYPE_CHECKING:
    import pypsa

    from gridplan.study.settings import Settings

COLUMN = "emergency_factor"
LOWEST, HIGHEST = 1.0, 2.0
LISTS = ("lines", "transformers")


def emergency_factors(network: pypsa.Network, settings: Settings) -> pd.Series:
    """Work out the factor of every branch.

    Parameters
    ----------
    network : pypsa.Network
        May have the column `emergency_factor`, with gaps.
    settings : Settings
        What holds for transformers that state none.

    Returns
    -------
    pandas.Series
        Per unit of the rating, by name: lines, then transformers.
    """
    unstated = {"lines": 1.0, "transformers": settings.transformer_emergency_factor}
    parts = []
    for name in LISTS:
        static = getattr(network.c, name).static
        stated = static.get(COLUMN, pd.Series(np.nan, index=static.index))
        parts.append(pd.to_numeric(stated).astype(float).fillna(unstated[name]))
    return pd.concat(parts).rename(COLUMN)


def state_factors(network: pypsa.Network, settings: Settings) -> None:
    """Write the factor of every branch into its table, so that the network alone tells all.

    Parameters
    ----------
    network : pypsa.Network
        Changed in place.
    settings : Settings
        As in `emergency_factors`.
    """
    factors = emergency_factors(network, settings)
    for name in LISTS:
        static = getattr(network.c, name).static
        if len(static):
            static[COLUMN] = factors[static.index]


def factor_problems(network: pypsa.Network) -> list[Problem]:
    """Report factors of a network in memory that are no numbers from 1 to 2; gaps are none."""
    problems = []
    for name in LISTS:
        static = getattr(network.c, name).static
        stated = static[COLUMN].dropna() if COLUMN in static else pd.Series(dtype=float)
        number = pd.to_numeric(stated, errors="coerce")
        message = f"not a number from {LOWEST:g} to {HIGHEST:g}"
        remedy = "Give it per unit of the rating (1.2 for 120 %), or leave it out."
        problems += [
            Problem("", f"{name} {branch}", COLUMN, str(stated[branch]), message, remedy)
            for branch in stated.index[~number.between(LOWEST, HIGHEST)]
        ]
    return problems
