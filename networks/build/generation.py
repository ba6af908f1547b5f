"""generators.csv: 117 plants and the borders, each at its bus.

A plant stands at the bus of the table plant_buses.csv (known stations, with the reason), else at
the nearest regional bus that fits its power (`places.nearest_bus`), basis "derived".
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from networks.build.borders import borders
from networks.build.common import own_table
from networks.build.places import bus_of_station, nearest_bus
from networks.build.plants import plants

COLUMNS = [
    "bus",
    "carrier",
    "p_nom",
    "storage",
    "schedule_share",
    "schedule_mw",
    "import_mw",
    "export_mw",
    "annual_gwh",
    "municipality",
    "basis",
    "source",
]


def generators(sources: Path, buses: pd.DataFrame) -> pd.DataFrame:
    """Return generators.csv: index name, columns `COLUMNS`.

    Parameters
    ----------
    sources : pathlib.Path
        Folder of the source data.
    buses : pandas.DataFrame
        buses.csv, indexed by name.
    """
    own = plants(sources)
    placed = pd.DataFrame([_place(name, row, buses) for name, row in own.iterrows()], own.index)
    own = own.assign(
        bus=placed["bus"],
        carrier=own["kind"],
        schedule_share=0.0,
        schedule_mw=0.0,
        import_mw=0.0,
        export_mw=0.0,
        basis="register",
        source=own["source"]
        + placed["reason"]
        + own["note"].map(lambda note: note and f"; {note}"),
    )
    own.index = _generator_names(own)
    table = pd.concat([own[COLUMNS], borders(buses)[COLUMNS]])
    table.index.name = "name"
    return table.sort_values(["carrier", "name"], kind="stable")


def _generator_names(own: pd.DataFrame) -> pd.Index:
    """Name generators after plant and kind: wind farms share names with stations and islands."""
    return own.index + " " + own["kind"]


def _place(name: str, row: pd.Series, buses: pd.DataFrame) -> dict[str, str]:
    """Choose the bus of one plant and tell why."""
    known = own_table("plant_buses.csv").set_index("plant")
    if name in known.index:
        choice = known.loc[name]
        bus = bus_of_station(buses, choice["station"], choice["kv"])
        return {"bus": bus, "reason": f"; bus ({choice['basis']}): {choice['reason']}"}
    bus = nearest_bus(buses, row["lon"], row["lat"], row["p_nom"])
    return {"bus": bus, "reason": "; bus (derived): nearest of a fitting voltage"}
