"""A pandapower network file (JSON) as plain tables.

pandapower itself is not needed: what it writes with `pandapower.to_json` is a JSON object whose
tables are JSON texts of their own (columns, index, data).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gridplan.base.errors import Problem, StudyError

NEEDED = ("bus", "line", "load")


@dataclass(frozen=True)
class Tables:
    """Tables of a network, each indexed as in pandapower.

    Parameters
    ----------
    content : dict
        Tables and figures by name.
    file : str
        Name of the file, for messages.
    """

    content: Mapping[str, Any]
    file: str

    def __getitem__(self, name: str) -> pd.DataFrame:
        """Return a table; an empty one when the network has none of that name."""
        found = self.content.get(name)
        return found if isinstance(found, pd.DataFrame) else pd.DataFrame()

    def figure(self, name: str, otherwise: float) -> float:
        """Return a number of the network."""
        value = self.content.get(name, otherwise)
        return float(value) if isinstance(value, int | float) else otherwise

    def in_service(self, name: str) -> pd.DataFrame:
        """Return the rows of a table that are in service."""
        table = self[name]
        if "in_service" not in table:
            return table
        return table[table["in_service"].fillna(False).astype(bool)]


def read_tables(path: Path) -> Tables:
    """Read a file.

    Parameters
    ----------
    path : pathlib.Path
        As `pandapower.to_json` writes it.

    Returns
    -------
    Tables

    Raises
    ------
    StudyError
        When it is no such file.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise _refused(path.name, "the file is not UTF-8 text") from None
    except json.JSONDecodeError as error:
        raise _refused(path.name, f"not readable as JSON ({error})") from None
    if not isinstance(content, dict) or content.get("_class") != "pandapowerNet":
        raise _refused(path.name, "the file holds no pandapower network")
    inner = content["_object"]
    inner = json.loads(inner) if isinstance(inner, str) else inner
    try:
        tables = {name: _table(value) for name, value in inner.items()}
    except (KeyError, ValueError, TypeError) as error:
        raise _refused(path.name, f"a table is not readable ({error})") from None
    missing = [name for name in NEEDED if not isinstance(tables.get(name), pd.DataFrame)]
    if missing:
        raise _refused(path.name, f"no table {', '.join(missing)}")
    return Tables(tables, path.name)


def _refused(file: str, message: str) -> StudyError:
    remedy = "Give a file that pandapower.to_json has written, without encryption."
    return StudyError([Problem(file, "", "", "", message, remedy)])


def _table(value: Any) -> Any:
    """Read a table; anything else stays as it is."""
    if not isinstance(value, dict) or value.get("_class") != "DataFrame":
        return value
    inner = value["_object"]
    inner = json.loads(inner) if isinstance(inner, str) else inner
    return pd.DataFrame(inner["data"], index=inner["index"], columns=inner["columns"])


def number(row: Mapping[str, Any], name: str, otherwise: float = 0.0) -> float:
    """Return a cell as a number; `otherwise` where the column or its value is missing."""
    value = row.get(name)
    if value is None or isinstance(value, str) or not np.isfinite(value):
        return otherwise
    return float(value)
