"""The part of SOURCES.md on generation, load, exchange, projects and measures."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from networks.build.calibration import calibration_table
from networks.build.common import TABLES
from networks.build.demand import CATEGORIES


def sources_section(sources: Path, buses: pd.DataFrame) -> str:
    """Return the section as markdown: sources, rules, assumptions, calibration.

    Parameters
    ----------
    sources : pathlib.Path
        Folder of the source data.
    buses : pandas.DataFrame
        buses.csv, indexed by name.
    """
    text = (TABLES / "sources_hourly.md").read_text("utf-8")
    rows = [f"| {name} | {week} | {heat:.0%} |" for name, (week, heat) in CATEGORIES.items()]
    text = text.replace("{SECTORS}", "\n".join(rows))
    table = calibration_table(sources, buses)
    lines = ["| " + " | ".join(table.columns) + " |", "|" + "---|" * len(table.columns)]
    lines += ["| " + " | ".join(row) + " |" for row in table.itertuples(index=False)]
    return text + "\n".join(lines) + "\n"
