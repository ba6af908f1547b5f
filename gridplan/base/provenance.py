"""Where a result comes from: hash of the input, versions, date."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

PACKAGES = {"gridplan": "trondelag-gridplan", "pypsa": "pypsa", "highspy": "highspy"}


class Named(Protocol):
    """What `provenance` needs to know of a study."""

    @property
    def hash(self) -> str:
        """SHA-256 of the input."""

    @property
    def name(self) -> str:
        """Short name."""

    @property
    def stage(self) -> object:
        """Which grid it is, with `str` in words."""


def digest(*parts: str | pd.DataFrame) -> str:
    """SHA-256 of texts and tables: labels, order and exact values count.

    Parameters
    ----------
    *parts : str or pandas.DataFrame
        What to hash.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    total = hashlib.sha256()
    for part in parts:
        if isinstance(part, str):
            total.update(part.encode())
        else:
            _add_table(total, part)
        total.update(b"\0")
    return total.hexdigest()


def _add_table(total: hashlib._Hash, table: pd.DataFrame) -> None:
    total.update("\n".join(map(str, (*table.index, *table.columns))).encode())
    for name in table.columns:
        column = table[name]
        if column.dtype.kind in "fiub":
            total.update(np.ascontiguousarray(column, dtype="float64").tobytes())
        else:
            total.update("\n".join(map(str, column)).encode())


def provenance(study: Named) -> dict[str, str]:
    """Say which input, grid and versions a result comes from; attributes of a netCDF file.

    Parameters
    ----------
    study : Study
        The input.

    Returns
    -------
    dict of str
        study, stage (year of the grid and what is in service), study_sha256, created (UTC), and the
        versions of gridplan, pypsa and highspy.
    """
    return {
        "study": study.name,
        "stage": str(study.stage),
        "study_sha256": study.hash,
        "created": _now().isoformat(timespec="seconds"),
        **versions(),
    }


def versions() -> dict[str, str]:
    """Versions of gridplan, pypsa and highspy, as in `provenance`."""
    return {f"{name}_version": version_of(package) for name, package in PACKAGES.items()}


def _now() -> datetime:
    """Return the time, or the one that reproducible builds prescribe."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH")
    return datetime.fromtimestamp(int(fixed), UTC) if fixed else datetime.now(UTC)


def version_of(package: str) -> str:
    """Version of an installed distribution, or "not installed"."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
