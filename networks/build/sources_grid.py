"""The part of SOURCES.md on the grid: the rules in words, and what came of them in numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from networks.build.common import TABLES
from networks.build.ladder import Size
from networks.build.sizing import Corridors

ORDER = ["osm", "register", "documented", "derived", "assumption", "synthetic"]


def document(
    tables: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame],
    corridors: Corridors,
    sizes: list[Size],
    loading: np.ndarray,
) -> str:
    """Return the grid's part of SOURCES.md.

    Parameters
    ----------
    tables : tuple of pandas.DataFrame
        Buses, lines and transformers as written.
    corridors : Corridors
        Lines and transformer stations.
    sizes : list of Size
        Chosen size of each corridor.
    loading : ndarray
        Worst loading of each corridor in the base case as scheduled (share of the rating).
    """
    parts = [
        (TABLES / "sources_grid.md").read_text("utf-8").rstrip(),
        "### What came of it\n\n" + _counts(*tables),
        _weak(corridors, sizes, loading),
        _over(corridors, loading),
    ]
    return "\n\n".join(parts) + "\n"


def _counts(buses: pd.DataFrame, lines: pd.DataFrame, transformers: pd.DataFrame) -> str:
    """Count buses, circuits, kilometres and units by voltage and basis."""
    rows = []
    kv = lines["bus0"].map(buses["v_nom"])
    for level in sorted(buses["v_nom"].unique(), reverse=True):
        for basis in ORDER:
            places = int(((buses["v_nom"] == level) & (buses["basis"] == basis)).sum())
            here = lines[(kv == level) & (lines["basis"] == basis)]
            if places or len(here):
                corridor = here[~here.duplicated(["bus0", "bus1"])]
                km, all_km = corridor["length"].sum(), here["length"].sum()
                rows.append(
                    (
                        f"{level:.0f}",
                        basis,
                        places,
                        len(corridor),
                        f"{km:.0f}",
                        len(here),
                        f"{all_km:.0f}",
                    )
                )
    head = ["kV", "basis", "buses", "corridors", "km", "circuits", "circuit km"]
    share = lines.loc[lines["basis"] == "synthetic", "length"].sum() / lines["length"].sum()
    below = kv < 200
    part = (below & (lines["basis"] == "synthetic")) @ lines["length"] / (below @ lines["length"])
    note = (
        f"\n\nSynthetic: {share:.0%} of all circuit kilometres, "
        f"{part:.0%} of those at 132 and 66 kV. Transformers: {len(transformers)} units, "
        f"{transformers['s_nom'].sum():,.0f} MVA; all ratings are assumptions."
    )
    return _table(head, rows) + note


def _weak(corridors: Corridors, sizes: list[Size], loading: np.ndarray) -> str:
    """List the branches of the weak places with their worst loading."""
    rows = [
        (_name(row), f"{size.circuits} x {size.s_nom:.0f}", f"{100 * share:.0f} %")
        for row, size, share in zip(corridors.table.itertuples(), sizes, loading, strict=True)
        if row.weak and share > 0.8
    ]
    head = ["weak place: branch", "MVA", "worst loading, base case as scheduled, N-1"]
    return "Branches of the documented weak places above 80 %:\n\n" + _table(head, rows)


def _over(corridors: Corridors, loading: np.ndarray) -> str:
    """List the branches above 100 %."""
    rows = [
        (_name(row), row.basis, f"{100 * share:.0f} %")
        for row, share in zip(corridors.table.itertuples(), loading, strict=True)
        if share > 1.0
    ]
    head = ["branch", "basis", "worst loading"]
    return "Above 100 % as scheduled, before redispatch:\n\n" + _table(head, rows)


def _name(row: object) -> str:
    """Return the name of a corridor as in the branch tables."""
    one, two = (bus.rsplit(" ", 1)[0] for bus in (row.bus0, row.bus1))
    return (
        f"{one} {row.kv}/{row.low:.0f}" if row.part == "transformer" else f"{one} - {two} {row.kv}"
    )


def _table(head: list[str], rows: list[tuple]) -> str:
    """Format a markdown table."""
    text = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    text += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(text)
