"""Put the grid together: corridors of all levels, and what the base case injects at each bus."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from gridplan.study.balance import share_out
from networks.build import regional, transmission
from networks.build.common import own_table
from networks.build.ladder import Size, line_sizes, transformer_sizes
from networks.build.sizing import Corridors

UPGRADED_MVA = 1500.0
FORMER_DUPLEX = "former 300 kV duplex"


def corridors(buses: pd.DataFrame, peak_mw: pd.Series, sources: Path) -> Corridors:
    """Return all corridors with the sizes that each may have.

    Parameters
    ----------
    buses : pandas.DataFrame
        buses.csv, indexed by name.
    peak_mw : pandas.Series
        Peak load by bus (MW).
    sources : pathlib.Path
        Folder of the source data.
    """
    main = transmission.lines(buses, sources)
    main = main.assign(circuits=1, most=1, weak=False, part="line")
    region = regional.links(buses, peak_mw, sources).assign(part="line", geometry="")
    steps = _transformer_stations()
    table = pd.concat([main, region, steps], ignore_index=True)
    fixed = _parameters(sources)
    sizes = []
    for row in table.itertuples():
        if row.part == "transformer":
            sizes.append(transformer_sizes(int(row.kv), int(row.low), int(row.circuits)))
        elif row.kv > 200:
            kind, mva, x, r = fixed[row.kv]
            if row.upgraded is True:
                kind, mva = FORMER_DUPLEX, UPGRADED_MVA
            sizes.append([Size(1, mva, kind, x, r)])
        else:
            sizes.append(line_sizes(int(row.kv), int(row.circuits), int(row.most)))
    return Corridors(table, sizes)


def _transformer_stations() -> pd.DataFrame:
    """Return the transformer stations of tables/transformers.csv as corridors."""
    table = own_table("transformers.csv").rename(columns={"units": "circuits"})
    table["bus0"] = table["station"] + " " + table["high_kv"].astype(str)
    table["bus1"] = table["station"] + " " + table["low_kv"].astype(str)
    pairs = zip(table["bus0"], table["bus1"], strict=True)
    table["weak"] = [regional.weak_link(*pair) for pair in pairs]
    table = table.rename(columns={"high_kv": "kv", "low_kv": "low"})
    return table.assign(part="transformer", length=np.nan, geometry="").drop(columns="station")


def _parameters(sources: Path) -> dict[int, tuple[str, float, float, float]]:
    """Return type, rating (MVA), x and r (ohm/km) of the 420 and 300 kV lines, by kV."""
    table = pd.read_csv(sources / "grid/parameters_by_voltage.csv").drop_duplicates("kv")
    return {
        row.kv: (row.pypsa_line_type, float(row.s_nom_mva_per_circuit), row.x_ohm_km, row.r_ohm_km)
        for row in table.itertuples()
    }


def injections_mw(
    buses: pd.Index, generators: pd.DataFrame, loads: pd.DataFrame, hourly: xr.Dataset, inflow: str
) -> np.ndarray:
    """Return generation less load of every hour and bus, schedules as they stand (MW, (T, N)).

    The borders take their constant part and, in fixed shares, what the hour lacks (limits kept).
    """
    result = np.zeros((hourly.sizes["snapshot"], len(buses)))
    wind = generators.loc[hourly["wind"].to_index()]
    water = generators.loc[hourly["hydro"].to_index()]
    demand = loads.loc[hourly["load"].to_index()]
    wind_mw = hourly["wind_pu"].to_numpy() * wind["p_nom"].to_numpy()
    hydro = hourly["hydro_mw"].sel(inflow=inflow).to_numpy()
    for table, values, sign in (
        (wind, wind_mw, 1.0),
        (water, hydro, 1.0),
        (demand, hourly["load_mw"].to_numpy(), -1.0),
    ):
        np.add.at(result.T, buses.get_indexer(table["bus"]), sign * values.T)
    border = generators[generators["carrier"] == "border"]
    constant = np.tile(border["schedule_mw"].to_numpy(dtype=float), (len(result), 1))
    missing = -(result.sum(axis=1) + constant.sum(axis=1))
    exchange = share_out(
        missing,
        constant,
        np.broadcast_to(-border["export_mw"].to_numpy(dtype=float), constant.shape),
        np.broadcast_to(border["import_mw"].to_numpy(dtype=float), constant.shape),
        border["schedule_share"].to_numpy(dtype=float),
    )
    np.add.at(result.T, buses.get_indexer(border["bus"]), exchange.T)
    return result
