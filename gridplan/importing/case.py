"""A power-flow case in one form, whatever tool it comes from.

Every branch is a π circuit behind an ideal transformer at its first bus, per unit of the case's
base power and of the nominal voltages at its two ends (as in MATPOWER's manual, section 3.2):

    Y_ff = (y_s + y/2) / a²,   Y_ft = −y_s / a*,   Y_tf = −y_s / a,   Y_tt = y_s + y/2

with y_s = 1 / (r + jx), y = g + jb and a = tap · exp(j shift).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

BUS = {"v_nom": float, "x": float, "y": float, "v_set": float, "source_id": str}  # kV, degrees, pu
BRANCH = {
    "bus0": str,
    "bus1": str,
    "kind": str,  # line or transformer
    "r": float,  # per unit, as x, g and b
    "x": float,
    "g": float,
    "b": float,
    "tap": float,
    "shift": float,  # degrees
    "rate_mva": float,  # NaN: not stated
    "length": float,  # km
    "source_id": str,  # as the source numbers it
}
LOAD = {"bus": str, "p": float, "q": float}  # MW, Mvar
GENERATOR = {
    "bus": str,
    "carrier": str,
    "control": str,  # Slack, PV or PQ
    "p": float,  # MW, NaN: what balances the island
    "q": float,  # Mvar
    "p_min": float,  # MW, NaN: not stated
    "p_max": float,
    "cost": float,  # per MWh
}
SHUNT = {"bus": str, "g": float, "b": float}  # MW and Mvar fed in at 1 per unit; g is taken out


@dataclass
class Case:
    """Tables of a power-flow case, each indexed by unique names.

    Parameters
    ----------
    name : str
        Of the case.
    base_mva : float
        Base power of the per-unit values.
    buses, branches, loads, generators, shunts : pandas.DataFrame
        With the columns listed above.
    notes : list of str
        What a reader of the study should know.
    """

    name: str
    base_mva: float
    buses: pd.DataFrame
    branches: pd.DataFrame
    loads: pd.DataFrame
    generators: pd.DataFrame
    shunts: pd.DataFrame
    notes: list[str] = field(default_factory=list)


def rows_of(columns: dict[str, type], rows: Sequence[dict], names: Sequence[str]) -> pd.DataFrame:
    """Make a table of a case; columns that no row gives are empty.

    Parameters
    ----------
    columns : dict
        BUS, BRANCH, LOAD, GENERATOR or SHUNT.
    rows : sequence of dict
        Values by column.
    names : sequence of str
        Unique names.
    """
    table = pd.DataFrame(list(rows), index=pd.Index(names, name="name", dtype=object))
    table = table.reindex(columns=list(columns))
    return table.astype({name: kind for name, kind in columns.items() if kind is float})


def unique_names(wanted: Sequence[object], otherwise: Sequence[str]) -> list[str]:
    """Give everything a name of its own, as near to the wanted one as can be.

    Parameters
    ----------
    wanted : sequence
        Names of the source; None, NaN and blanks are none.
    otherwise : sequence of str
        What it is called without a name.

    Returns
    -------
    list of str

    Examples
    --------
    >>> unique_names(["North", None, "North", " "], ["Bus 1", "Bus 2", "Bus 3", "Bus 4"])
    ['North', 'Bus 2', 'North (2)', 'Bus 4']
    """
    taken: set[str] = set()
    names = []
    for name, spare in zip(wanted, otherwise, strict=True):
        text = "" if name is None or name != name else " ".join(str(name).split())  # noqa: PLR0124
        text = text if text and text not in ("nan", "None") else spare
        unique, count = text, 1
        while unique in taken:
            count += 1
            unique = f"{text} ({count})"
        taken.add(unique)
        names.append(unique)
    return names


def branch_names(branches: Sequence[tuple[str, str]]) -> list[str]:
    """Name branches after their ends; parallel ones are numbered.

    Examples
    --------
    >>> branch_names([("A", "B"), ("B", "A"), ("A", "C")])
    ['A - B', 'A - B (2)', 'A - C']
    """
    first: dict[frozenset[str], str] = {}
    wanted = [first.setdefault(frozenset(ends), " - ".join(ends)) for ends in branches]
    return unique_names(wanted, wanted)
