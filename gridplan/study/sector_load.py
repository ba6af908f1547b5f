"""Consumption by sector: how much of each load it is, and what it draws hour by hour.

Load l draws for sector s in hour t::

    P_lst = E_ls * u_st

E is the energy of a year (GWh; columns `annual_gwh_<sector>` of loads.csv), u what a GWh of the
sector draws (MW per GWh; variable `sector_mw_per_gwh` of the sectors file), so every sector keeps
its own hourly shape. With u of mean 1000 / 8760 over a year, E is what the sector consumes in it.

The sectors of a load need not make up all of it. What belongs to none (a site that nobody has
classified, the rounding of the load) stays as it is when a sector grows; a load smaller than its
sectors is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gridplan.base.errors import Problem
from gridplan.study.sheet import suggestion
from gridplan.study.tables import SECTOR_ENERGY

VARIABLE = "sector_mw_per_gwh"
ALL = "all"  # in factors of growth: whatever is not named
TOLERANCE_MW, TOLERANCE_PU = 0.01, 1e-3  # by which rounding may let the sectors exceed a load


@dataclass(frozen=True)
class SectorLoad:
    """What part of the loads belongs to which sector.

    Parameters
    ----------
    annual_gwh : pandas.DataFrame
        Energy of a year, load x sector (GWh). Loads without a row belong to no sector.
    mw_per_gwh : pandas.DataFrame
        What a GWh a year draws, snapshot x sector (MW per GWh).

    Examples
    --------
    A flat industry and homes that draw in the second hour only:

    >>> hours = pd.date_range("2030-01-01", periods=2, freq="h")
    >>> shape = pd.DataFrame({"industry": [0.1, 0.1], "homes": [0.0, 0.2]}, index=hours)
    >>> energy = pd.DataFrame({"industry": [100.0], "homes": [50.0]}, index=["Town"])
    >>> part = SectorLoad(energy, shape)
    >>> part.sectors
    ['industry', 'homes']
    >>> part.mw({"homes": 2.0})["Town"].tolist()
    [0.0, 20.0]
    """

    annual_gwh: pd.DataFrame
    mw_per_gwh: pd.DataFrame

    @property
    def sectors(self) -> list[str]:
        """Names of the sectors."""
        return [str(name) for name in self.annual_gwh.columns]

    def mw(self, weights: Mapping[str, float] | None = None) -> pd.DataFrame:
        """Power of the sectors together, snapshot x load (MW).

        Parameters
        ----------
        weights : mapping of float, optional
            By sector, 0 for those that are not named; None counts every sector once.
        """
        weights = dict.fromkeys(self.sectors, 1.0) if weights is None else weights
        weight = np.array([weights.get(name, 0.0) for name in self.sectors])
        power = self.mw_per_gwh.to_numpy() * weight @ self.annual_gwh.to_numpy().T
        return pd.DataFrame(power, index=self.mw_per_gwh.index, columns=self.annual_gwh.index)

    def grown(self, by_sector: Mapping[str, float], by_load: pd.Series) -> SectorLoad:
        """Return it with the energies multiplied: by sector, and by load."""
        factor = [by_sector.get(name, 1.0) for name in self.sectors]
        energy = (self.annual_gwh * factor).mul(by_load[self.annual_gwh.index], axis=0)
        return SectorLoad(energy, self.mw_per_gwh)

    def at(self, snapshots: pd.DatetimeIndex) -> SectorLoad:
        """Return it with only the given hours."""
        return SectorLoad(self.annual_gwh, self.mw_per_gwh.loc[snapshots])


def stated_gwh(loads: pd.DataFrame) -> pd.DataFrame:
    """Energies by sector that a table of loads states, load x sector (GWh).

    Examples
    --------
    >>> rows = pd.DataFrame({"bus": ["A"], "annual_gwh_homes": [50.0]}, index=["Town"])
    >>> stated_gwh(rows)
          homes
    Town   50.0
    """
    columns = [name for name in loads if str(name).startswith(SECTOR_ENERGY)]
    stated = loads[columns].astype(float).fillna(0.0)
    return stated.set_axis([name.removeprefix(SECTOR_ENERGY) for name in columns], axis=1)


def completed_sectors(
    sector_load: SectorLoad | None, load_mw: pd.DataFrame
) -> tuple[SectorLoad | None, list[Problem]]:
    """Check the sectors of a study in memory, and put their loads in the order of the network.

    Parameters
    ----------
    sector_load : SectorLoad or None
        As it was passed; None means that nothing is known of sectors.
    load_mw : pandas.DataFrame
        Snapshot x load (MW).

    Returns
    -------
    SectorLoad or None
        With a row for every load.
    list of Problem
        Everything that is wrong.
    """
    if sector_load is None:
        return None, []
    energy, shape = sector_load.annual_gwh, sector_load.mw_per_gwh
    problems = [*_name_problems(energy, shape, load_mw), *_value_problems(energy, shape)]
    if problems:
        return None, problems
    rows = energy.reindex(load_mw.columns).fillna(0.0).astype(float)
    whole = SectorLoad(rows, shape[energy.columns].astype(float))
    return whole, excess_problems("", whole, load_mw)


def _name_problems(
    energy: pd.DataFrame, shape: pd.DataFrame, load_mw: pd.DataFrame
) -> list[Problem]:
    problems = []
    if not shape.index.equals(load_mw.index):
        found, remedy = f"{len(shape)} rows", "Give mw_per_gwh the network's snapshots as index."
        problems.append(_problem("mw_per_gwh", "", found, "other hours than the network", remedy))
    for part, labels in (
        ("annual_gwh", energy.columns),
        ("annual_gwh", energy.index),
        ("mw_per_gwh", shape.columns),
    ):
        twice = labels[labels.duplicated()].unique()
        problems += [_problem(part, n, n, "stands twice", "Keep one of them.") for n in twice]
    for name in energy.columns.symmetric_difference(shape.columns):
        lacking = "mw_per_gwh" if name in energy else "annual_gwh"
        remedy = f"Add its column to {lacking}."
        problems.append(_problem(lacking, name, name, "the sector has no column here", remedy))
    for name in energy.index.difference(load_mw.columns):
        remedy = suggestion(str(name), load_mw.columns, "Name a load of the network.")
        problems.append(_problem("annual_gwh", name, name, "unknown load", remedy))
    return problems + reserved_problems("", "annual_gwh", "", list(energy))


def _value_problems(energy: pd.DataFrame, shape: pd.DataFrame) -> list[Problem]:
    message, remedy = "NaN, infinite, text, or negative", "Give every number, 0 or more."
    problems = []
    for part, table in (("annual_gwh", energy), ("mw_per_gwh", shape)):
        numbers = table.apply(pd.to_numeric, errors="coerce").astype(float)
        wrong = table.columns[~((numbers >= 0) & np.isfinite(numbers)).all()]
        problems += [_problem(part, name, "", message, remedy) for name in wrong]
    return problems


def _problem(part: str, column: object, value: object, message: str, remedy: str) -> Problem:
    return Problem("", f"sector_load.{part}", str(column), str(value), message, remedy)


def reserved_problems(file: str, row: str, prefix: str, sectors: list[str]) -> list[Problem]:
    """Report a sector whose name already means something in factors of growth."""
    message = f"{ALL!r} stands for every sector that is not named"
    remedy = "Give the sector another name."
    return [Problem(file, row, f"{prefix}{ALL}", ALL, message, remedy)] if ALL in sectors else []


def excess_problems(file: str, sector_load: SectorLoad, load_mw: pd.DataFrame) -> list[Problem]:
    """Report loads of which the sectors claim more than there is, each with its worst hour.

    Parameters
    ----------
    file : str
        Where the shapes stand, "" in memory.
    sector_load : SectorLoad
        With a row for every load.
    load_mw : pandas.DataFrame
        Snapshot x load (MW).
    """
    load = load_mw.to_numpy(dtype=float)
    claimed = sector_load.mw()[load_mw.columns].to_numpy()
    over = claimed - load - TOLERANCE_MW - TOLERANCE_PU * np.abs(load)
    problems = []
    for column in np.flatnonzero((over > 0).any(axis=0)):
        hour = int(over[:, column].argmax())
        found = f"{claimed[hour, column]:,.2f} MW of {load[hour, column]:,.2f} MW"
        message = f"the sectors draw more than the load, most at {load_mw.index[hour]} UTC"
        remedy = f"Correct {SECTOR_ENERGY}<sector> of the load, or {VARIABLE}."
        row = f"load {load_mw.columns[column]}"
        problems.append(Problem(file, row, VARIABLE, found, message, remedy))
    return problems
