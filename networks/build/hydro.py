"""When the hydro plants run in a dry, a median and a wet year.

1. **Years.** The weekly inflow of mid-Norway 1982-2016 is summed by year. Dry, median and wet are
   the years whose sum is nearest to the 10, 50 and 90 % quantile.
2. **Energy.** A year's county energy is 7.73 TWh (the plants' mean) times its inflow over the mean
   inflow, shared among plants by their mean energy, within what each plant can deliver.
3. **River plants** follow the inflow i(t) (weekly, made continuous by linear interpolation) up to
   their power: p(t) = min(k i(t), p_nom), with k so that the energy is right. What is above is
   spilled.
4. **Regulated plants** move a share s of their energy: p(t) = min(k [(1-s) i(t) + s d(t)], p_nom)
   where d(t) is the county's load to the power g, mean 1. s = min(0.8, S / R): the reservoir S is
   never asked to swing more than it holds, R being the swing of a plant that follows d entirely.
   Plants that live on a reservoir upstream get s = 0.6 (assumption).
   g = 1, 2, 3 or 4, the largest for which the peak stays within 1.3 p_nom before it is clipped:
   plants run at the hours that need them, full on the coldest days.

Pumping is left out: the plants with pumps only generate.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from networks.build.climate import snapshots
from networks.build.plants import DOWNSTREAM

MEAN_GWH = 7730.0
QUANTILES = {"dry": 0.1, "median": 0.5, "wet": 0.9}
MOVED_AT_MOST = 0.8
MOVED_DOWNSTREAM = 0.6
PEAK_PU = 1.3
EXPONENTS = (1, 2, 3, 4)
HOURS = 8760
AVAILABILITY = 0.97  # of the hours, at full power: more energy than this no plant delivers


def annual_inflow_gwh(sources: Path) -> pd.Series:
    """Return the inflow of mid-Norway by year (GWh), weeks 1-52 and one day of week 53."""
    table = pd.read_csv(sources / "hourly/no3_inflow_weekly.csv")
    weight = np.where(table["week"] == 53, 1 / 7, 1.0)
    return (table["inflow_gwh"] * weight).groupby(table["year"]).sum()


def inflow_years(sources: Path) -> dict[str, int]:
    """Return the years that stand for dry, median and wet."""
    sums = annual_inflow_gwh(sources)
    return {
        name: int((sums - sums.quantile(share)).abs().sort_values(kind="stable").index[0])
        for name, share in QUANTILES.items()
    }


def inflow_shape(sources: Path, year: int) -> np.ndarray:
    """Return the inflow of a year on the hours of the study, mean 1 (length 8,760)."""
    table = pd.read_csv(sources / "hourly/no3_inflow_weekly.csv")
    weeks = table[table["year"] == year].sort_values("week")["inflow_gwh"].to_numpy()[:52]
    middle = (np.arange(52) + 0.5) * 168
    # Days, not hours: a river does not know the time of day, and steps compress.
    days = (np.arange(HOURS) // 24) * 24 + 12
    shape = np.interp(days, middle, weeks, period=52 * 168)
    return shape / shape.mean()


def fill(shape_pu: np.ndarray, p_nom_mw: np.ndarray, energy_mwh: np.ndarray) -> np.ndarray:
    """Scale shapes so that, clipped at the plants' power, they give the energies wanted.

    Parameters
    ----------
    shape_pu : numpy.ndarray, shape (hours, plants)
        Not negative, mean 1.
    p_nom_mw, energy_mwh : numpy.ndarray, shape (plants,)
        Limits (MW) and energies (MWh); an energy is at most p_nom times 97 % of the hours.

    Returns
    -------
    numpy.ndarray, shape (hours, plants)
        MW, within [0, p_nom].
    """
    low = np.zeros_like(p_nom_mw)
    high = 1e3 * p_nom_mw / np.maximum(shape_pu.mean(axis=0), 1e-9)
    for _ in range(60):
        middle = (low + high) / 2
        short = np.minimum(middle * shape_pu, p_nom_mw).sum(axis=0) < energy_mwh
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    return np.where(energy_mwh > 0, np.minimum(high * shape_pu, p_nom_mw), 0.0)


def plant_energy_mwh(plants: pd.DataFrame, total_mwh: float) -> np.ndarray:
    """Share the county's energy among plants by their mean, none above what it can deliver."""
    mean = plants["annual_gwh"].to_numpy() * 1e3
    limit = AVAILABILITY * HOURS * plants["p_nom"].to_numpy()
    factor = total_mwh / mean.sum()
    for _ in range(20):  # the few plants at their limit pass their share on
        energy = np.minimum(factor * mean, limit)
        factor *= total_mwh / energy.sum()
    return energy


def demand_shapes(load_mw: pd.Series) -> np.ndarray:
    """Return the load to the powers of `EXPONENTS`, each with mean 1 (hours x exponents)."""
    powers = (load_mw / load_mw.mean()).to_numpy()[:, None] ** np.array(EXPONENTS)
    return powers / powers.mean(axis=0)


def exponents(plants: pd.DataFrame, energy_mwh: np.ndarray, demand: np.ndarray) -> np.ndarray:
    """Choose for each plant the exponent (its position) whose peak stays within 1.3 p_nom."""
    peak = demand.max(axis=0)[None, :] * energy_mwh[:, None] / HOURS
    fits = peak <= PEAK_PU * plants["p_nom"].to_numpy()[:, None]
    return np.maximum(fits.sum(axis=1) - 1, 0)


def moved_share(
    plants: pd.DataFrame, inflow: np.ndarray, wanted: np.ndarray, energy_mwh: np.ndarray
) -> np.ndarray:
    """Return the share of its energy that each plant moves away from the inflow (0..0.8).

    Parameters
    ----------
    inflow : numpy.ndarray, shape (hours,)
    wanted : numpy.ndarray, shape (hours, plants)
        Demand-following shapes, mean 1.
    energy_mwh : numpy.ndarray, shape (plants,)
    """
    content = np.cumsum(inflow[:, None] - wanted, axis=0) / HOURS
    swing_mwh = (content.max(axis=0) - content.min(axis=0)) * energy_mwh
    own = plants["storage_gwh"].to_numpy() * 1e3 / np.maximum(swing_mwh, 1e-9)
    downstream = plants.index.isin(list(DOWNSTREAM))
    share = np.where(downstream, np.maximum(own, MOVED_DOWNSTREAM), own)
    return np.where(plants["regulated"], np.minimum(share, MOVED_AT_MOST), 0.0)


def schedule_mw(sources: Path, plants: pd.DataFrame, load_mw: pd.Series) -> dict[str, pd.DataFrame]:
    """Return the schedule of every hydro plant in the three years.

    Parameters
    ----------
    plants : pandas.DataFrame
        Hydro rows of `networks.build.plants.plants`.
    load_mw : pandas.Series
        County load by hour.

    Returns
    -------
    dict
        "dry", "median", "wet" -> snapshot x plant (MW), rounded to 0.01 MW.
    """
    annual = annual_inflow_gwh(sources)
    demand = demand_shapes(load_mw)
    p_nom = plants["p_nom"].to_numpy()
    result = {}
    for name, year in inflow_years(sources).items():
        inflow = inflow_shape(sources, year)
        energy = plant_energy_mwh(plants, 1e3 * MEAN_GWH * annual[year] / annual.mean())
        wanted = demand[:, exponents(plants, energy, demand)]
        share = moved_share(plants, inflow, wanted, energy)
        shape = (1 - share) * inflow[:, None] + share * wanted
        power = fill(shape, p_nom, energy)
        result[name] = _rounded(power, p_nom, plants.index)
    return result


def _rounded(power: np.ndarray, p_nom: np.ndarray, names: pd.Index) -> pd.DataFrame:
    """Round to 0.1 MW from 20 MW up, else 0.01 MW, never above p_nom, not even in float32."""
    rounded = np.where(p_nom >= 20, np.round(power, 1), np.round(power, 2))
    stored = p_nom.astype("float32")
    limit = np.where(stored > p_nom, np.nextafter(stored, np.float32(0)), stored)
    return pd.DataFrame(np.minimum(rounded, limit), index=snapshots(), columns=names)
