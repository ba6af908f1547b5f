"""Is the dispatch possible at all: balance of every island, limits of every generator."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
import pypsa

from gridplan.check.evidence import Array, Evidence

BALANCE_MW = 1e-3
BALANCE_PU = 1e-6  # of the island's load
COLUMNS = ["kind", "name", "snapshot", "mw", "hours"]
Row = tuple[object, ...]  # values of COLUMNS


def breaches(
    network: pypsa.Network, evidence: Evidence, deviations: Iterable[Row] = ()
) -> pd.DataFrame:
    """List islands that do not balance, generators outside their limits, and further rows.

    Parameters
    ----------
    network : pypsa.Network
        Supplies the limits p_nom x p_min_pu and p_nom x p_max_pu; a generator with p_nom = 0 and
        no series of its own has stated no limits.
    evidence : Evidence
        Supplies generation and load.
    deviations : iterable of tuple
        Rows of `gridplan.check.claims.deviations`.

    Returns
    -------
    pandas.DataFrame
        kind ("balance", "dispatch" or that of a deviation), name, snapshot (worst hour), mw
        (generation less load there, or MW outside the limits: + above, − below), hours (with a
        breach). Empty where all is well. Tolerance: 1e-3 MW + 1e-6 of the island's load, or of the
        generator's limit.
    """
    rows = [*_unbalanced(evidence), *_outside_limits(network), *deviations]
    table = pd.DataFrame(rows, columns=COLUMNS)
    if table.empty:
        table["snapshot"] = pd.DatetimeIndex([])
    return table


def _unbalanced(evidence: Evidence) -> list[Row]:
    """List islands whose generation does not meet their load."""
    rows = []
    for number, reference in enumerate(evidence.reference):
        members = evidence.island == number
        load = evidence.load_mw[members].sum(axis=0)
        surplus = evidence.generation_mw[members].sum(axis=0) - load
        allowed = BALANCE_MW + BALANCE_PU * np.abs(load)
        name = f"island of {evidence.buses[reference]}"
        rows += breach("balance", name, evidence.snapshots, surplus, allowed)
    return rows


def _outside_limits(network: pypsa.Network) -> list[Row]:
    """List generators that leave their limits."""
    table = network.c.generators.static
    table = table[table["active"].astype(bool)]
    series = [network.c.generators.dynamic[name].columns for name in ("p_min_pu", "p_max_pu")]
    stated = (table["p_nom"] > 0) | table.index.isin(series[0].union(series[1]))
    names = table.index[stated]

    def dense(attribute: str) -> Array:
        return network.get_switchable_as_dense("Generator", attribute, inds=names).to_numpy(float)

    p_nom = table.loc[names, "p_nom"].to_numpy(dtype=float)
    power, lower, upper = dense("p_set"), dense("p_min_pu") * p_nom, dense("p_max_pu") * p_nom
    outside = np.maximum(power - upper, 0.0) - np.maximum(lower - power, 0.0)
    allowed = BALANCE_MW + BALANCE_PU * np.maximum(np.abs(lower), np.abs(upper))
    hours = pd.DatetimeIndex(network.snapshots)
    return [
        row
        for position, name in enumerate(names)
        for row in breach("dispatch", name, hours, outside[:, position], allowed[:, position])
    ]


def breach(
    kind: str, name: str, hours: pd.DatetimeIndex, value_mw: Array, allowed_mw: Array
) -> list[Row]:
    """One row with the worst hour, or none."""
    beyond = ~(np.abs(value_mw) <= allowed_mw)  # so that no number counts too
    if not beyond.any():
        return []
    worst = int(np.where(beyond, np.abs(value_mw), 0.0).argmax())
    return [(kind, name, hours[worst], float(value_mw[worst]), int(beyond.sum()))]
