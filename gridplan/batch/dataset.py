"""The runs of a batch as an xarray Dataset, with the dimensions of the scenario matrix."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from gridplan.base.errors import GridplanError, Problem, StudyError
from gridplan.batch.factors import factors, levels
from gridplan.batch.records import Record, read_table

if TYPE_CHECKING:
    from gridplan.batch.runs import Runs

UNITS = {  # of the figures of a plan
    "mw": "MW",
    "co2_t_per_yr": "t CO2e/yr",
    "export_mnok_per_yr": "MNOK/yr",
    "measures_mnok_per_yr": "MNOK/yr",
    "curtailed_mwh_per_yr": "MWh/yr",
    "objective_mnok_per_yr": "MNOK/yr",
    "reinforcements_mnok_per_yr": "MNOK/yr",
    "investment_mnok": "MNOK",
}
COUNTED = "1"  # unit of what is counted, as in the CF conventions
TABLES = {  # with one row per name, and the dimension of their rows
    "projects": "project",
    "measures": "measure",
    "symbioses": "symbiosis",
    "reinforcements": "reinforcement",
}


def dataset_of(runs: Runs) -> xr.Dataset:
    """Put runs into a Dataset; see `Runs.dataset`."""
    grid = _grid(runs)
    outcomes = np.array([record.outcome for record in runs.records], dtype=object)
    found: dict[Hashable, Any] = {"outcome": (grid.dims, grid.shaped(outcomes).astype(str))}
    for name in dict.fromkeys(key for record in runs.records for key in record.figures):
        values = np.array([record.figures.get(name, np.nan) for record in runs.records])
        found[name] = (grid.dims, grid.shaped(values), {"units": UNITS.get(name, COUNTED)})
    names = list(dict.fromkeys(name for record in runs.records for name in record.chosen))
    for key, told in (
        ("chosen", "whether a project is chosen in any variant; false where there is no plan"),
        ("offered", "whether a project may be chosen; false where there is no plan"),
    ):
        rows = [[_says(record, name, key) for name in names] for record in runs.records]
        values = np.array(rows, dtype=bool).reshape(len(runs.records), len(names))
        about = {"long_name": told, "units": COUNTED}
        found[key] = ((*grid.dims, "project"), grid.shaped(values), about)
    coords = {**grid.coords, "project": np.array(names, dtype=str)}
    buses = list(dict.fromkeys(bus for record in runs.records for bus in record.capacity_mw))
    if buses:
        rows = [[r.capacity_mw.get(bus, np.nan) for bus in buses] for r in runs.records]
        about = {"long_name": "firm hosting capacity, before the plan", "units": "MW"}
        found["capacity_mw"] = ((*grid.dims, "bus"), grid.shaped(np.array(rows)), about)
        coords["bus"] = np.array(buses, dtype=str)
    return xr.Dataset(found, coords, _attributes(runs))


def table_of(runs: Runs, name: str) -> xr.Dataset:
    """Open one table of all runs lazily; see `Runs.open_table`."""
    if name not in TABLES:
        msg = f"no table {name!r} with one row per name; there are: {', '.join(TABLES)}"
        raise ValueError(msg)
    array, delayed = _dask()
    grid = _grid(runs)
    files = [_file(runs, record, name) for record in runs.records]
    heads = {path: _read(path) for path in dict.fromkeys(filter(None, files))}
    rows = pd.Index(dict.fromkeys(row for head in heads.values() for row in head.index))
    columns = list(dict.fromkeys(column for head in heads.values() for column in head))
    kinds = {column: _kind([head[column] for head in heads.values() if column in head])
             for column in columns}  # fmt: skip
    del heads  # one at a time is read again where it is used
    parts = [delayed(_read)(path, rows) for path in files]
    found: dict[Hashable, Any] = {}
    for column, kind in kinds.items():
        lazy = [
            array.from_delayed(delayed(_column)(part, column, kind), (len(rows),), kind)
            for part in parts
        ]
        stacked = array.stack([lazy[place] for place in grid.order])  # noqa: PD013 - not of pandas
        found[column] = ((*grid.dims, TABLES[name]), stacked.reshape((*grid.shape, len(rows))))
    coords = {**grid.coords, TABLES[name]: np.asarray(rows, dtype=str)}
    return xr.Dataset(found, coords, _attributes(runs))


class _Grid:
    """Dimensions of the scenarios, and the order in which they fill them.

    Parameters
    ----------
    names : sequence of str
        Of the scenarios.
    table : pandas.DataFrame
        What varies between them, as `factors` gives it.
    full : bool
        Whether each factor is a dimension; else the scenarios are the only one.
    taken : set of str
        Names that no dimension may have.
    """

    def __init__(
        self, names: Sequence[str], table: pd.DataFrame, *, full: bool, taken: set[str]
    ) -> None:
        table = table.rename(columns=lambda key: f"change_{key}" if key in taken else key)
        self.coords: dict[Hashable, Any] = {}
        if full:
            values = {key: levels(column) for key, column in table.items()}
            places = [table[key].map(known.index).to_numpy(int) for key, known in values.items()]
            self.shape = tuple(map(len, values.values()))
            self.dims = tuple(map(str, values))
            self.order = np.argsort(np.ravel_multi_index(places, self.shape))
            self.coords |= {key: _typed(known) for key, known in values.items()}
            self.coords["scenario"] = (self.dims, self.shaped(np.array(names, dtype=str)))
        else:
            self.shape, self.dims = (len(names),), ("scenario",)
            self.order = np.arange(len(names))
            self.coords["scenario"] = np.array(names, dtype=str)
            self.coords |= {key: ("scenario", _typed(list(table[key]))) for key in table}

    def shaped(self, values: np.ndarray) -> np.ndarray:
        """Put values by scenario, shape (S, …), into the dimensions."""
        return values[self.order].reshape(*self.shape, *values.shape[1:])


def _grid(runs: Runs) -> _Grid:
    table = factors({record.scenario: record.changes for record in runs.records})
    combinations = int(np.prod([table[key].nunique() for key in table], initial=1.0))
    distinct = len(table.drop_duplicates())
    full = bool(len(table.columns)) and combinations == len(table) == distinct
    taken = {"outcome", "chosen", "offered", "project", "scenario", "bus", "capacity_mw"}
    taken |= {*TABLES, *TABLES.values()}
    taken |= {key for record in runs.records for key in record.figures}
    names = [record.scenario for record in runs.records]
    return _Grid(names, table, full=full and not runs.waiting, taken=taken)


def _typed(values: list[Any]) -> np.ndarray:
    """Numbers as numbers, all else as text."""
    return np.array(values) if values else np.array(values, dtype=str)


def _says(record: Record, project: str, key: str) -> bool:
    return project in record.chosen if key == "offered" else record.chosen.get(project, False)


def _attributes(runs: Runs) -> dict[str, str]:
    """Say from which input and versions; several where the runs are of several."""
    told: dict[str, list[str]] = {"waiting": [str(len(runs.waiting))]}
    for record in runs.records:
        for key, value in {"study_sha256": record.study_sha256, **record.versions}.items():
            told.setdefault(key, []).append(value)
    return {key: "; ".join(dict.fromkeys(values)) for key, values in told.items()}


def _file(runs: Runs, record: Record, name: str) -> Path | None:
    """Where a table of a run stands; None where there is no plan."""
    if f"{name}.csv" not in record.tables:
        return None
    if runs.folder is None:
        message, remedy = "these runs do not say where they stand", "Use gridplan.open_runs."
        raise StudyError([Problem("", "", "folder", "", message, remedy)])
    return runs.folder / record.digest / f"{name}.csv"


def _read(path: Path | None, rows: pd.Index | None = None) -> pd.DataFrame:
    """Read a table by name; with `rows` it has just these, empty where it has none."""
    if path is None:
        return pd.DataFrame(index=rows)
    table = read_table(path)
    return table if rows is None else table.reindex(rows)


def _kind(columns: Sequence[pd.Series]) -> type:
    """Numbers where every run has numbers, or truth values, or nothing; else text."""
    whole = pd.concat([column.replace("", np.nan) for column in columns]).dropna()
    values = whole.map({True: 1.0, False: 0.0, "True": 1.0, "False": 0.0}).fillna(whole)
    return object if pd.to_numeric(values, errors="coerce").isna().any() else float


def _column(table: pd.DataFrame, column: str, kind: type) -> np.ndarray:
    values = table[column] if column in table else pd.Series(np.nan, table.index, dtype=object)
    if kind is object:
        return values.fillna("").astype(str).to_numpy(object)
    truth = values.map({True: 1.0, False: 0.0, "True": 1.0, "False": 0.0}).fillna(values)
    return pd.to_numeric(truth, errors="coerce").to_numpy(float)


def _dask() -> tuple[Any, Any]:
    """Import dask, which opens tables larger than memory.

    Raises
    ------
    GridplanError
        When it is not installed.
    """
    try:
        from dask import array, delayed  # noqa: PLC0415 - an extra
    except ImportError as error:
        msg = "tables of many runs are opened by dask: pip install 'trondelag-gridplan[cluster]'"
        raise GridplanError(msg) from error
    return array, delayed
