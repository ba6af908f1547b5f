"""Hourly series from netCDF: loads, wind, hydro, and the shapes of projects and measures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from gridplan.base.errors import Problem
from gridplan.study.sheet import nearest, suggestion

PER_UNIT = ("1", "per unit", "pu", "p.u.")
MEGAWATT = ("MW",)
MEGAWATT_PER_GWH = ("MW/GWh",)
MOST_BYTES = 1_500_000_000
TOLERANCE = 1e-6  # rounding of float32 shapes
LISTED = 5  # names that a message lists


@dataclass(frozen=True)
class Series:
    """One variable of a file: where it comes from and what it must hold.

    Parameters
    ----------
    variable, names : str
        Variable, and its dimension besides snapshot.
    units : tuple of str
        Accepted spellings of its unit.
    wanted : pandas.Series or None
        Names that must be there, with the upper limit of each (inf for none). None: any names,
        at most 1.
    optional : str
        A further dimension that the variable need not have: a file may hold one year only.
    others : bool
        Whether the file may hold more names than are wanted.
    """

    variable: str
    names: str
    units: tuple[str, ...]
    wanted: pd.Series | None = None
    optional: str = ""
    others: bool = False


class HourlyFile:
    """A netCDF file of hourly series that gathers what is wrong with it.

    Parameters
    ----------
    path : pathlib.Path or xarray.Dataset
        Where it lies, or what such a file would hold.
    file : str
        Its name for messages.
    """

    def __init__(self, path: Path | xr.Dataset, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.data = path if isinstance(path, xr.Dataset) else None
        self.hours: pd.DatetimeIndex | None = None
        if isinstance(path, Path):
            self._open(path)
        if self.data is not None:
            self.hours = self._hours()

    def _report(self, column: str, value: str, message: str, remedy: str) -> None:
        self.problems.append(Problem(self.file, "", column, value, message, remedy))

    def _open(self, path: Path) -> None:
        if not path.is_file():
            remedy = "Add it, or correct its path in study.yaml."
            self._report("", "", "the file is missing", remedy)
            return
        try:
            with xr.open_dataset(path, engine="netcdf4") as data:
                if data.nbytes > MOST_BYTES:  # what it declares; nothing is unpacked yet
                    message = f"the file unpacks to more than {MOST_BYTES // 1_000_000:,} MB"
                    remedy = "Keep fewer years, or the names of this network only."
                    self._report("", f"{data.nbytes:,} bytes", message, remedy)
                    return
                self.data = data.load()
        except Exception as error:  # xarray and netCDF4 raise almost anything on broken files
            text = f"{type(error).__name__}: {error}".splitlines()[0][:200]
            remedy = "Write it with xarray.Dataset.to_netcdf."
            self._report("", text, "the file cannot be read as netCDF", remedy)

    def _hours(self) -> pd.DatetimeIndex | None:
        if self.data is None or "snapshot" not in self.data.indexes:
            self._report("snapshot", "", "the hours are missing", "Add the dimension snapshot.")
            return None
        hours = self.data.indexes["snapshot"]
        if not isinstance(hours, pd.DatetimeIndex):
            remedy = "Write time stamps (datetime64) without time zone, UTC."
            self._report("snapshot", str(hours.dtype), "the hours are no time stamps", remedy)
            return None
        steps = np.diff(hours.to_numpy())
        wrong = np.flatnonzero(steps != np.timedelta64(1, "h"))
        if len(wrong) or (hours != hours.floor("h")).any():
            first = hours[wrong[0]] if len(wrong) else hours[0]
            remedy = "Give every hour once, in order, at the start of the hour in UTC."
            self._report("snapshot", f"after {first}", "the hours are not consecutive", remedy)
            return None
        return pd.DatetimeIndex(hours.to_numpy(), name="snapshot")

    def labels(self, variable: str, dimension: str) -> list[str]:
        """Labels of a dimension of a variable; none when either is missing."""
        array = None if self.data is None else self.data.get(variable)
        if array is None or dimension not in array.indexes:
            return []
        return [str(label) for label in array.indexes[dimension]]

    def table(self, series: Series, **at: str | int | None) -> pd.DataFrame | None:
        """Read one variable as float64, snapshot x name.

        Parameters
        ----------
        series : Series
            What is expected.
        **at
            Labels of further dimensions, such as inflow="median"; None is the first.

        Returns
        -------
        pandas.DataFrame or None
            None when something is wrong; `problems` then says what.
        """
        if self.data is None or self.hours is None:
            return None
        before = len(self.problems)
        array = self._array(series, at)
        if array is None:
            return None
        names = pd.Index(array[series.names].to_numpy().astype(str))
        self._check_names(series, names)
        if len(self.problems) > before:
            return None
        values = array.transpose("snapshot", series.names).to_numpy().astype(float)
        table = pd.DataFrame(values, index=self.hours, columns=names)
        if series.wanted is not None:
            table = table[list(series.wanted.index)]
        self._check_values(series, table)
        return table if len(self.problems) == before else None

    def _array(self, series: Series, at: dict[str, str | int | None]) -> xr.DataArray | None:
        variable = series.variable
        if self.data is None or variable not in self.data:
            known = [] if self.data is None else [str(name) for name in self.data.data_vars]
            remedy = suggestion(variable, known, "Add the variable.")
            self._report(variable, "", "the variable is missing", remedy)
            return None
        array = self.data[variable]
        if series.optional and series.optional not in array.dims:
            at = self._without(series, at)
        wanted = {"snapshot", series.names, *at}
        if set(array.dims) != wanted or not wanted <= set(array.coords):
            found = ", ".join(map(str, array.dims))
            remedy = f"Give it the dimensions {', '.join(sorted(wanted))}, each with labels."
            self._report(variable, found, "other dimensions than expected", remedy)
            return None
        units = str(array.attrs.get("units", ""))
        if units not in series.units:
            ours = series.units[0]
            remedy = f"Convert to {ours} and set the attribute units to {ours!r}."
            self._report(variable, units or "no attribute units", "wrong unit", remedy)
        for dimension, label in at.items():
            labels = self.labels(variable, dimension)
            if label is not None and str(label) not in labels:
                remedy = f"Use one of: {', '.join(labels)}."
                self._report(variable, str(label), f"no such {dimension}", remedy)
                return None
            array = array.isel({dimension: 0 if label is None else labels.index(str(label))})
        return array

    def _without(
        self, series: Series, at: dict[str, str | int | None]
    ) -> dict[str, str | int | None]:
        """Leave out the optional dimension; a file without it has no year to choose."""
        label = at[series.optional]
        if label is not None:
            message = f"the file has one {series.optional} only"
            remedy = f"Leave {series.optional} out, or give the variable this dimension."
            self._report(series.variable, str(label), message, remedy)
        return {dimension: one for dimension, one in at.items() if dimension != series.optional}

    def _check_names(self, series: Series, names: pd.Index) -> None:
        if not names.is_unique:
            twice = _listed(names[names.duplicated()].unique())
            message = f"a {series.names} stands twice"
            self._report(series.variable, twice, message, "Keep one of them.")
        if series.wanted is None:
            return
        extra = names.difference(series.wanted.index)
        for name in series.wanted.index.difference(names):
            remedy = suggestion(name, extra, "Add its series.")
            self._report(series.variable, name, f"no series for this {series.names}", remedy)
            extra = extra.drop(nearest(name, extra), errors="ignore")
        if len(extra) and not series.others:
            remedy = "Add them to the table of the network, or remove their series."
            message = f"series of {len(extra)} unknown names"
            self._report(series.variable, _listed(extra), message, remedy)

    def _check_values(self, series: Series, table: pd.DataFrame) -> None:
        values = table.to_numpy()
        holes = table.columns[~np.isfinite(values).all(axis=0)]
        if len(holes):
            self._report(series.variable, _listed(holes), "NaN in the series", "Fill every hour.")
        negative = table.columns[np.nanmin(values, axis=0, initial=0.0) < -TOLERANCE]
        if len(negative):
            self._report(series.variable, _listed(negative), "negative values", "Correct them.")
        limit = 1.0 if series.wanted is None else series.wanted.to_numpy(dtype=float)
        over = np.nanmax(values, axis=0, initial=0.0) > limit * (1 + TOLERANCE) + TOLERANCE
        if over.any():
            highest = f"{_listed(table.columns[over])}: up to {np.nanmax(values[:, over]):,.2f}"
            unit = "per unit of the connected power" if series.units is PER_UNIT else "in MW"
            message = "values above 1" if series.units is PER_UNIT else "values above p_nom"
            self._report(series.variable, highest, message, f"Give the series {unit}.")


def _listed(names: pd.Index) -> str:
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(map(str, names[:LISTED])) + more


def missing_hours(file: str, hours: pd.DatetimeIndex, wanted: pd.DatetimeIndex) -> list[Problem]:
    """Report a file whose hours are not those of the study's loads."""
    if hours.equals(wanted):
        return []
    found = f"{len(hours)} hours from {hours[0]}" if len(hours) else "no hours"
    expected = f"{len(wanted)} hours from {wanted[0]}" if len(wanted) else "no hours"
    message = "other hours than the loads"
    return [Problem(file, "", "snapshot", found, message, f"Give the same {expected}.")]
