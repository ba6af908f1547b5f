"""What stands at every bus already: used, reserved, and asked for."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from gridplan.grid.radial import possible_supply_mw
from gridplan.hosting.asked import Direction
from gridplan.operation.base_case import BaseCase
from gridplan.study.relations import COMMITTED


def ledger(base: BaseCase, direction: Direction) -> xr.Dataset:
    """List what the buses hold before anything is added.

    Parameters
    ----------
    base : BaseCase
        Ordinary growth and reserved projects are part of its load.
    direction : {"load", "generation"}
        Of what is added.

    Returns
    -------
    xarray.Dataset
        By bus, MW: used_mw (highest load of the year with ordinary growth, without reserved
        projects; for generation what the plants can give at most, without exchange over the
        border), and of the projects up to the year of the settings reserved_mw (reserved or under
        construction), queued_mw (status queue) and candidate_mw (not in the queue yet). A project
        counts once, whatever variants it has. Projects are load: for generation these three are 0.
    """
    study, buses = base.study, base.case.grid.topology.buses
    projects = study.candidates(study.settings.year)
    held = projects["status"].isin(COMMITTED)
    reserved, waiting = projects[held], projects[~held & projects["variant_of"].eq("")]
    if direction == "generation":
        network = study.network
        border = possible_supply_mw(network, buses, "border")
        used = possible_supply_mw(network, buses) - border
        reserved = waiting = projects.iloc[:0]
    else:
        used = _highest_load_mw(base, reserved[reserved["connection"].eq("firm")])
    columns = {
        "used_mw": (used, "highest load" if direction == "load" else "largest generation"),
        "reserved_mw": (_mw_at(buses, reserved), "reserved or under construction"),
        "queued_mw": (_mw_at(buses, waiting[waiting["status"] == "queue"]), "in the queue"),
        "candidate_mw": (
            _mw_at(buses, waiting[waiting["status"] != "queue"]),
            "planned, not in the queue",
        ),
    }
    return xr.Dataset(
        {
            name: ("bus", values, {"units": "MW", "long_name": words})
            for name, (values, words) in columns.items()
        },
        coords={"bus": list(buses)},
    )


def _highest_load_mw(base: BaseCase, reserved: pd.DataFrame) -> np.ndarray:
    """Highest load of the year at every bus without the reserved projects, shape (N,)."""
    buses = base.case.grid.topology.buses
    load = base.case.load_mw.copy()
    shape = base.study.profiles[reserved["profile"]].to_numpy(dtype=float)
    np.subtract.at(
        load.T, buses.get_indexer(reserved["bus"]), (shape * reserved["mw"].to_numpy()).T
    )
    return np.maximum(load.max(axis=0), 0.0)


def _mw_at(buses: pd.Index, projects: pd.DataFrame) -> np.ndarray:
    """MW of projects at every bus, shape (N,)."""
    return projects.groupby("bus")["mw"].sum().reindex(buses, fill_value=0.0).to_numpy(dtype=float)
