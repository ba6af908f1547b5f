r"""Hourly series from yearly figures, for a planner who has no meter readings of every station.

A load with mean m (its `annual_gwh` over 8,760 h) and highest hour p (`peak_mw`) follows the shape
s, of mean s̄ and highest value ŝ:

    d_t = m + (p − m) (s_t − s̄) / (ŝ − s̄);   without a peak, d_t = m s_t / s̄

A plant of power P with mean m follows min(P, k s_t), k such that the mean is m. The shapes are the
columns `load`, `hydro` and `wind` of the table `profile_pu`. All of this is a rule, no measurement,
and the study says whom it concerns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from gridplan.base.errors import Problem
from gridplan.study.hourly import LISTED
from gridplan.study.series_text import SERIES
from gridplan.study.sheet import Sheet

Array = NDArray[np.float64]
YEAR_H = 8760
KINDS = {"load_mw": "load", "hydro_mw": "hydro", "wind_pu": "wind"}  # series: shape it may follow
UNITS = {
    "profile_pu": "1",
    "load_mw": "MW",
    "hydro_mw": "MW",
    "wind_pu": "1",
    "sector_mw_per_gwh": "MW/GWh",
}


class Unfit(ValueError):  # noqa: N818 - never leaves this module
    """Yearly figures that no hourly series can have."""


@dataclass
class Completion:
    """Series, completed; what is wrong, and whom the rule concerns.

    Parameters
    ----------
    tables : dict of pandas.DataFrame
        Snapshot x name, by series.
    problems : list of Problem
    followers : dict of list of str
        Names that follow a shape, by shape.
    """

    tables: dict[str, pd.DataFrame]
    problems: list[Problem] = field(default_factory=list)
    followers: dict[str, list[str]] = field(default_factory=dict)

    @property
    def notes(self) -> list[str]:
        """Tell which names follow a shape instead of a series of their own."""
        return [
            f"Without an hourly series of their own, these follow the shape {kind!r}, "
            f"scaled to their yearly figures: {_listed(names)}."
            for kind, names in self.followers.items()
        ]

    def dataset(self, inflow: str) -> xr.Dataset:
        """Return the series as a netCDF file would hold them; the hydro stands for any inflow."""
        arrays = {}
        for name, dimension in SERIES.items():
            if name not in self.tables:
                continue
            table = self.tables[name]
            coordinates = {"snapshot": table.index, dimension: list(table.columns)}
            array = xr.DataArray(table.to_numpy(), coordinates, ("snapshot", dimension))
            if name == "hydro_mw":
                array = array.expand_dims(inflow=[inflow])
            arrays[name] = array.assign_attrs(units=UNITS[name])
        return xr.Dataset(arrays)


def completed_series(
    tables: Mapping[str, pd.DataFrame],
    sheets: Mapping[str, Sheet],
    file: str,
    known: Sequence[Problem] = (),
) -> Completion:
    """Give every load and plant without a series of its own one that follows from the year.

    Parameters
    ----------
    tables : mapping of pandas.DataFrame
        Snapshot x name by series, of equal hours; `profile_pu` among them.
    sheets : mapping of Sheet
        Tables of the study; loads and generators are looked at, where they could be read.
    file : str
        Where the shapes stand, for messages.
    known : sequence of Problem
        Problems of the tables; what stands in such rows gets zeros, and no second problem.

    Returns
    -------
    Completion
    """
    done = Completion(dict(tables))
    for series, kind in KINDS.items():
        sheet = sheets.get("loads" if kind == "load" else "generators")
        if sheet is not None:
            sound = set(sheet.without(known).rows["name"])
            _complete(done, sheet, (series, kind), file, sound)
    return done


def _complete(
    done: Completion, sheet: Sheet, what: tuple[str, str], file: str, sound: set[str]
) -> None:
    series, kind = what
    rows = sheet.rows if kind == "load" else sheet.rows[sheet.rows["carrier"] == kind]
    shapes = done.tables["profile_pu"]
    given = done.tables.get(series, pd.DataFrame(index=shapes.index))
    lacking = rows[~rows["name"].isin(given.columns) & rows["name"].ne("")]
    lacking = lacking.drop_duplicates("name")
    if len(lacking) and kind not in shapes:
        message = f"no shape {kind!r} for those without an hourly series of their own"
        remedy = f"Add a column {kind!r} to profile_pu, or their series to {series}."
        done.problems.append(Problem(file, "", kind, _listed(lacking["name"]), message, remedy))
        return
    spoilt = [name for name in lacking["name"] if name not in sound]
    lacking = lacking[lacking["name"].isin(sound)]
    made: dict[str, Array] = {name: np.zeros(len(shapes)) for name in spoilt}
    for row, item in lacking.iterrows():
        try:
            follow = _load if kind == "load" else _plant
            made[item["name"]] = follow(shapes[kind].to_numpy(), item)
        except Unfit as error:
            column = "peak_mw" if kind == "load" and item["annual_gwh"] else "annual_gwh"
            remedy = f"Correct it, or give the hours in {series}."
            found = f"{item[column]:g}"
            done.problems.append(sheet.problem(row, column, found, str(error), remedy))
            made[item["name"]] = np.zeros(len(shapes))
    if len(lacking):
        done.followers[kind] = list(lacking["name"])
    if made or len(given.columns):
        new = pd.DataFrame(made, index=shapes.index)
        if kind == "wind":  # its series is per unit
            power = lacking.set_index("name")["p_nom"]
            new[list(power.index)] /= power.to_numpy()
        done.tables[series] = pd.concat([given, new], axis=1)


def _listed(names: pd.Series | list[str]) -> str:
    names = list(names)
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + more


def _load(shape: Array, load: pd.Series) -> Array:
    """Hours of a load (MW)."""
    mean, peak = 1000 * load["annual_gwh"] / YEAR_H, load["peak_mw"]
    average, highest = shape.mean(), shape.max()
    if not mean > 0:
        msg = "a load without hourly series needs the energy of a year"
        raise Unfit(msg)
    if not highest > 0 or not np.isfinite(shape).all():
        msg = "the shape 'load' is zero or has holes"
        raise Unfit(msg)
    if not peak > 0:
        return mean * shape / average
    if peak < mean * (1 - 1e-6):
        msg = f"the peak is below the mean of the year, {mean:.4g} MW"
        raise Unfit(msg)
    spread = highest - average
    if spread < 1e-9:
        if peak > mean * 1.001:
            msg = f"the shape 'load' is flat, so the peak is the mean, {mean:.4g} MW"
            raise Unfit(msg)
        return np.full(len(shape), mean)
    hours = mean + (peak - mean) * (shape - average) / spread
    if hours.min() < 0:
        most = mean + mean * spread / (average - shape.min())
        msg = f"with this energy the shape 'load' allows a peak of at most {most:.4g} MW"
        raise Unfit(msg)
    return hours


def _plant(shape: Array, plant: pd.Series) -> Array:
    """Hours of a plant (MW)."""
    mean, power = 1000 * plant["annual_gwh"] / YEAR_H, plant["p_nom"]
    if not mean > 0:
        msg = "a plant without hourly series needs the energy of a year"
        raise Unfit(msg)
    if not power > 0 or not shape.max() > 0 or not np.isfinite(shape).all():
        msg = "its power or its shape is zero, or has holes"
        raise Unfit(msg)
    limit = power * (shape > 0).mean()  # at full power whenever the shape is not zero
    if mean > limit * (1 - 1e-9):
        msg = f"more energy than the plant's power allows, {limit * YEAR_H / 1000:.4g} GWh"
        raise Unfit(msg)
    low, high = 0.0, power / shape[shape > 0].min()
    for _ in range(60):  # halving: the mean rises with the factor
        middle = (low + high) / 2
        if np.minimum(power, middle * shape).mean() < mean:
            low = middle
        else:
            high = middle
    return np.minimum(power, high * shape)
