"""What all parts of the build share: its own tables, and writing a table the same every time."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

TABLES = Path(__file__).parent / "tables"


def own_table(name: str) -> pd.DataFrame:
    """Read one of the build's own tables (choices and assumptions, each with its source)."""
    return pd.read_csv(TABLES / name, keep_default_na=False)


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table with its index, in UTF-8 with Unix line ends, whatever the machine."""
    path.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(path, lineterminator="\n", encoding="utf-8")
