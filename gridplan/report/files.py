"""The results of a study as files: netCDF for programs, CSV for people."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from gridplan.base.quiet import quiet_pypsa
from gridplan.check.certificate import Certificate
from gridplan.portfolio.plan import Plan


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """Give a temporary folder whose files move to `target` together, or not at all.

    Parameters
    ----------
    target : pathlib.Path
        Made when missing; files of the same names are replaced.

    Yields
    ------
    pathlib.Path
        Folder to write to; it vanishes when the block raises.
    """
    target.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=target))
    try:
        yield draft
        for path in sorted(draft.iterdir()):
            os.replace(path, target / path.name)  # noqa: PTH105 - replaces on Windows too
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def write_plan(plan: Plan, certificate: Certificate, folder: Path) -> None:
    """Write base case, plan and certificate.

    Parameters
    ----------
    plan : Plan
        The chosen portfolio.
    certificate : Certificate
        Its proof.
    folder : pathlib.Path
        An existing folder, best the one of `whole_folder`.
    """
    packed = {"zlib": True, "complevel": 4}
    base = plan.base.to_dataset()
    base.to_netcdf(folder / "base_case.nc", encoding=dict.fromkeys(base.data_vars, packed))
    certificate.to_dataset().to_netcdf(folder / "certificate.nc")
    with quiet_pypsa():
        plan.network.export_to_netcdf(folder / "plan_network.nc", float32=True, compression=packed)
    tables = {
        "projects": plan.projects,
        "measures": plan.measures,
        "existing_overloads": plan.base.existing_overloads,
        "binding": plan.binding,
        "worst_loading": certificate.worst,
        "without_n1": certificate.without_n1,
        "violations": certificate.violations,
    }
    for name, table in tables.items():
        write_table(table, folder / f"{name}.csv")


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table so that Excel opens it right: UTF-8 with mark, its index as first columns."""
    named = not isinstance(table.index, pd.RangeIndex)
    table.to_csv(path, index=named, encoding="utf-8-sig", float_format="%.6g", lineterminator="\n")
