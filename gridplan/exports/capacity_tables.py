"""Hosting capacity as tables for people: one row per bus, and per what was asked of it."""

from __future__ import annotations

import pandas as pd
import xarray as xr

from gridplan.study.study import Study

FIGURES = [
    "capacity_mw", "limited_by", "limiting_branch", "limiting_outage", "limiting_hour",
    "limiting_hours",
]  # fmt: skip
USE = ["used_mw", "reserved_mw", "queued_mw", "candidate_mw", "free_mw"]
RANGE = ["lowest_mw", "middle_mw", "highest_mw", "lowest_year", "highest_year"]
DECIMALS = 6  # of MW: what lies beyond is the solver's noise


def capacity_table(cap: xr.Dataset, study: Study) -> pd.DataFrame:
    """List what every bus can take, under every criterion and at every flexibility.

    Parameters
    ----------
    cap : xarray.Dataset
        Of `gridplan.hosting_capacity`.
    study : Study
        With the buses of `cap`; says their voltage and, where it knows, their municipality.

    Returns
    -------
    pandas.DataFrame
        bus, municipality, kv, criterion, flexibility, and the figures of `cap`.
    """
    return _table(cap[FIGURES], study, ["bus", "criterion", "flexibility"])


def use_table(cap: xr.Dataset, study: Study) -> pd.DataFrame:
    """List what of every bus is used, reserved, in the queue, planned and free.

    Parameters
    ----------
    cap : xarray.Dataset
        Of `gridplan.hosting_capacity`.
    study : Study
        With the buses of `cap`.

    Returns
    -------
    pandas.DataFrame
        bus, municipality, kv, criterion, used_mw, reserved_mw, queued_mw, candidate_mw, and
        free_mw, which alone depends on the criterion.
    """
    return _table(cap[USE], study, ["bus", "criterion"])


def range_table(spread: xr.Dataset, study: Study) -> pd.DataFrame:
    """List the lowest, middle and highest capacity of the weather years.

    Parameters
    ----------
    spread : xarray.Dataset
        Of `gridplan.capacity_range`.
    study : Study
        With the buses of `spread`.

    Returns
    -------
    pandas.DataFrame
        bus, municipality, kv, criterion, flexibility, lowest_mw, middle_mw, highest_mw,
        lowest_year and highest_year.
    """
    return _table(spread[RANGE], study, ["bus", "criterion", "flexibility"])


def _table(data: xr.Dataset, study: Study, keys: list[str]) -> pd.DataFrame:
    """Rows by the keys, in the order of the data; where the bus is goes behind its name."""
    table = data.to_dataframe(dim_order=keys)[list(data.data_vars)].reset_index()
    power = [name for name in table if name.endswith("_mw")]
    table[power] = table[power].round(DECIMALS) + 0.0  # no −0
    static = study.network.c.buses.static.reindex(table["bus"])
    table.insert(1, "kv", static["v_nom"].to_numpy())
    if "municipality" in static:
        table.insert(1, "municipality", static["municipality"].fillna("").to_numpy())
    return table
