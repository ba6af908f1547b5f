"""A new study folder: a worked example of five buses, whose rows are to be replaced."""

from __future__ import annotations

import csv
import datetime as dt
import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from gridplan.base.errors import Problem, StudyError
from gridplan.study.describing import headings, readme, settings_text
from gridplan.study.schema import Table
from gridplan.study.settings_file import FILE
from gridplan.study.shapes import starting_shapes
from gridplan.study.tables import TABLES

HOURS = "hourly"  # folder of the hourly series


def new_study(path: str | os.PathLike[str], *, excel: bool = False) -> Path:
    """Make a study folder to begin with: a made-up region of five buses that runs at once.

    Parameters
    ----------
    path : str or path
        Folder to make; its last part becomes the name of the study. It must not be there yet, or
        be empty.
    excel : bool
        One workbook `study.xlsx` with a sheet for every table, drop-downs and units, instead of
        study.yaml and CSV files.

    Returns
    -------
    pathlib.Path
        The folder, with a README.md that describes every column.

    Raises
    ------
    StudyError
        When there is something already, or no such place; nothing is then written.

    Examples
    --------
    >>> import gridplan as gp
    >>> gp.new_study("my-region")  # doctest: +SKIP
    >>> gp.open_study("my-region")  # doctest: +SKIP
    <Study my-region, grid as stored: 5 buses, 7 branches, 8,760 hours, …>
    """
    target = free_place(path)
    with drafted(target) as draft:
        write = _write_workbook if excel else _write_files
        write(draft, target.name)
    return target


def free_place(path: str | os.PathLike[str]) -> Path:
    """Return the whole path of a folder that can be made.

    Raises
    ------
    StudyError
        When there is something already, or no such place.
    """
    target = Path(path).expanduser()
    target = target.parent.resolve() / target.name if target.name else target.resolve()
    problem = _refusal(target)
    if problem:
        raise StudyError([problem])
    return target


@contextmanager
def drafted(target: Path) -> Iterator[Path]:
    """Give the path of a folder to make, which becomes `target` once all of it is written.

    Parameters
    ----------
    target : pathlib.Path
        From `free_place`.

    Yields
    ------
    pathlib.Path
        It has the name of the target; when the block raises nothing is left.
    """
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=target.parent))
    try:
        yield draft / target.name
        if target.is_dir():
            target.rmdir()  # empty, as was seen before; else this raises and nothing is lost
        os.replace(draft / target.name, target)  # noqa: PTH105 - as elsewhere
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _refusal(target: Path) -> Problem | None:
    """Say why nothing can be made there."""
    if target.is_dir() and not any(target.iterdir()):
        return None
    message, remedy = "", ""
    if target.exists() or target.is_symlink():
        message = "there is something already; nothing is overwritten"
        remedy = "Choose another name, or move it away first."
    elif not target.parent.is_dir():
        message, remedy = "there is no such folder to make it in", f"Make {target.parent} first."
    elif not os.access(target.parent, os.W_OK):
        message, remedy = os.strerror(errno.EACCES), "Choose a folder that you may write to."
    return Problem(str(target), "", "", "", message, remedy) if message else None


def example_rows() -> dict[str, list[dict[str, Any]]]:
    """Rows of the worked example by table; empty cells are left out."""
    source = files("gridplan.study") / "example" / "region.yaml"
    content = yaml.safe_load(source.read_text(encoding="utf-8"))
    every = content.pop("every")
    rows = {}
    for table in TABLES:
        shared = {key: value for key, value in every.items() if key in table.names}
        rows[table.name] = [shared | row for row in content[table.name]]
    return rows


def _write_files(folder: Path, name: str) -> None:
    """Write the study as study.yaml and CSV files."""
    (folder / "grid").mkdir(parents=True)
    (folder / HOURS).mkdir()
    example = example_rows()
    for table in TABLES:
        write_table(folder / table.folder / f"{table.name}.csv", table, example[table.name])
    write_series(folder / HOURS / "profile_pu.csv", starting_shapes())
    text = settings_text(name, profiles=HOURS)
    (folder / FILE).write_text(text, encoding="utf-8", newline="\n")
    (folder / "README.md").write_text(readme(excel=False), encoding="utf-8", newline="\n")


def _write_workbook(folder: Path, name: str) -> None:
    """Write the study as one workbook."""
    from gridplan.study.workbook.template import write_template  # noqa: PLC0415 - openpyxl

    folder.mkdir()
    write_template(folder / "study.xlsx", name, example_rows(), starting_shapes())
    (folder / "README.md").write_text(readme(excel=True), encoding="utf-8", newline="\n")


def write_table(path: Path, table: Table, rows: list[dict[str, Any]]) -> None:
    """Write a table with its columns, a note of their units and meanings, and rows."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        out = csv.writer(stream, lineterminator="\n")
        out.writerow(table.names)
        out.writerow(headings(table))
        for row in rows:
            out.writerow([_cell(row.get(name)) for name in table.names])


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def write_series(path: Path, table: pd.DataFrame) -> None:
    """Write hourly series, one row an hour."""
    table.to_csv(
        path, encoding="utf-8", lineterminator="\n", date_format="%Y-%m-%d %H:%M", float_format="%g"
    )
