"""One folder per scenario, written whole or not at all, with its outcome in a record."""

from __future__ import annotations

import errno
import hashlib
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

import pandas as pd
import xarray as xr
from pydantic import Field, ValidationError

from gridplan.batch.scenarios import digest_of
from gridplan.exports.files import write_table
from gridplan.portfolio.plan import Plan
from gridplan.study.relations import families
from gridplan.study.settings import Strict

CAPACITY = ("capacity_mw", "limited_by", "limiting_branch", "limiting_outage", "limiting_hour")
FILE, DRAFT = "record.json", ".draft-"
TRIES = 5
Outcome = Literal["done", "infeasible", "failed"]


class Record(Strict):
    """What became of one scenario.

    `figures` are those of `Plan.summary`; `chosen` says of every candidate whether it was chosen,
    in any variant; `capacity_mw` is the firm hosting capacity of the buses asked for; `tables`
    holds the SHA-256 of the files beside the record; `seconds` and `traceback` differ between equal
    runs, so that no table of all runs has them.
    """

    scenario: str
    digest: str
    changes: dict[str, Any]
    outcome: Outcome
    error: str = ""
    traceback: str = ""
    study_sha256: str
    versions: dict[str, str]
    seconds: float
    figures: dict[str, float] = Field(default_factory=dict)
    capacity_mw: dict[str, float] = Field(default_factory=dict)
    chosen: dict[str, bool] = Field(default_factory=dict)
    tables: dict[str, str] = Field(default_factory=dict)


def write_record(
    out: Path, record: Record, plan: Plan | None = None, capacity: xr.Dataset | None = None
) -> Record:
    """Write the folder of a scenario; one that stands there is replaced.

    Parameters
    ----------
    out : pathlib.Path
        Folder of the batch.
    record : Record
        Without what follows from the plan.
    plan : Plan, optional
        Where there is one.
    capacity : xarray.Dataset, optional
        Hosting capacity by bus and flexibility, where it was asked for.

    Returns
    -------
    Record
        As written.

    Raises
    ------
    OSError
        When it cannot be written; what stood there is as it was.
    """
    draft, target = out / f"{DRAFT}{record.digest}-{uuid4().hex}", out / record.digest
    draft.mkdir()
    try:
        if plan is not None:
            record = record.model_copy(update=_of_plan(plan, capacity, draft))
        text = record.model_dump_json(indent=1)
        (draft / FILE).write_text(text + "\n", encoding="utf-8", newline="\n")
        _put(draft, target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        shutil.rmtree(out / f"{draft.name}-old", ignore_errors=True)
    return record


def _put(draft: Path, target: Path) -> None:
    """Put a folder in the place of another.

    A cluster may still be at a task whose batch was killed while the same batch has begun again, so
    that the place may be taken between the two steps.
    """
    for _ in range(TRIES):
        with suppress(FileNotFoundError):
            target.rename(target.with_name(f"{draft.name}-old"))
        try:
            draft.rename(target)
        except OSError:
            if not target.exists():
                raise
            shutil.rmtree(target.with_name(f"{draft.name}-old"), ignore_errors=True)
        else:
            return
    msg = "another process writes the same scenario again and again"
    raise FileExistsError(errno.EEXIST, msg, str(target))


def read_record(out: Path, digest: str) -> Record | None:
    """Read the record of a scenario; None where it is missing, spoilt or not whole."""
    folder = out / digest
    try:
        record = Record.model_validate_json((folder / FILE).read_bytes())
        whole = all(_sha256(folder / name) == told for name, told in record.tables.items())
    except (OSError, ValidationError):
        return None
    right = digest_of(record.study_sha256, record.changes, record.versions) == digest
    return record if whole and right and record.digest == digest else None


def read_table(path: Path) -> pd.DataFrame:
    """Read a table of a scenario by its first column; empty cells stay empty texts."""
    return pd.read_csv(path, index_col=0, encoding="utf-8-sig", keep_default_na=False)


def chosen_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of a table that the plan has chosen; truth is a word where cells are empty."""
    return table[table["chosen"].astype(str) == "True"]


def sweep(out: Path) -> None:
    """Remove what a killed run has left; only under the lock of the folder."""
    for draft in out.glob(f"{DRAFT}*"):
        shutil.rmtree(draft, ignore_errors=True)


def _of_plan(plan: Plan, capacity: xr.Dataset | None, folder: Path) -> dict[str, Any]:
    """Write the tables of a plan, and return what its record says of it."""
    summary = plan.summary()
    tables: dict[str, pd.DataFrame] = {
        "projects": plan.projects,
        "measures": plan.measures,
        "symbioses": plan.symbioses,
        "reinforcements": plan.reinforcements,
        "binding": plan.binding,
        "existing_overloads": plan.base.existing_overloads,
        "summary": pd.DataFrame({"value": summary}).rename_axis("figure"),
    }
    firm = {}
    if capacity is not None:
        tables["capacity"] = capacity[list(CAPACITY)].to_dataframe()
        firm = capacity["capacity_mw"].sel(flexibility=0.0).to_series().round(6).to_dict()
    for name, table in tables.items():
        write_table(table, folder / f"{name}.csv")
    heads = plan.by_project
    return {
        "figures": {str(key): float(f"{value:.6g}") for key, value in summary.items()},
        "capacity_mw": firm,
        "chosen": dict(zip(families(heads), map(bool, heads["chosen"]), strict=True)),
        "tables": {f"{name}.csv": _sha256(folder / f"{name}.csv") for name in tables},
    }


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
