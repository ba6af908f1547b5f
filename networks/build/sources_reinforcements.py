"""The part of SOURCES.md on the reinforcements."""

from __future__ import annotations

import pandas as pd

from networks.build.common import TABLES


def reinforcements_section(table: pd.DataFrame) -> str:
    """Return the section as markdown: rules, unit costs, what is left out, and the list.

    Parameters
    ----------
    table : pandas.DataFrame
        reinforcements.csv, indexed by the name of the reinforcement.
    """
    text = (TABLES / "sources_reinforcements.md").read_text("utf-8").rstrip()
    head = ["reinforcement", "year", "status", "MNOK", "changes", "cost"]
    rows = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for name, own in table.groupby(level=0, sort=False):
        first = own.iloc[0]
        kind = "assumption" if first["cost_source"].startswith("assumption") else "published, risen"
        cells = [name, first["year"], first["status"], f"{first['cost_mnok']:.0f}", len(own), kind]
        rows.append("| " + " | ".join(map(str, cells)) + " |")
    return text + "\n\n" + "\n".join(rows) + "\n"
