"""loads.csv and the hourly load of every station.

1. Each municipality's consumption by category comes from the statistics of 2024.
2. Large consumers stand at a station of their own (table industry.csv).
3. The rest is shared among the municipality's stations by the weights of station_weights.csv
   (town 2-3, village or suburb 1, rural 0.2-0.5: assumptions).
4. A municipality without a station goes to the regional station nearest to its label point.
5. A load of 0.1 GWh or less at a station is left to the others by giving no row.

A load is named "Load <bus>"; a bus that serves two municipalities has one row, named under the
one with more energy.
"""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from networks.build.climate import CENTRAL
from networks.build.common import own_table
from networks.build.demand import category_shapes, municipal_energy_gwh
from networks.build.places import bus_of_station, distance_km, regional


def label_points(sources: Path) -> pd.DataFrame:
    """Return the label point of each municipality (columns lon, lat)."""
    text = (sources / "municipalities/municipalities_trondelag.geojson").read_text("utf-8")
    rows = {}
    for feature in json.loads(text)["features"]:
        found = feature["properties"]
        rows[found["name"]] = {"lon": float(found["label_lon"]), "lat": float(found["label_lat"])}
    return pd.DataFrame(rows).T


def station_shares(sources: Path, buses: pd.DataFrame) -> pd.DataFrame:
    """Return the share of each municipality's ordinary load at each bus.

    Returns
    -------
    pandas.DataFrame
        Columns municipality, bus, share (sums to 1 by municipality), reason.
    """
    weights = own_table("station_weights.csv")
    weights["bus"] = [bus_of_station(buses, name) for name in weights["station"]]
    weights["share"] = weights["weight"] / weights.groupby("municipality")["weight"].transform(
        "sum"
    )
    missing = sorted(set(municipal_energy_gwh(sources).index) - set(weights["municipality"]))
    served = regional(buses)
    served = served[served.index.isin(weights["bus"])]
    points = label_points(sources)
    rows = [_nearest(name, points.loc[name], served) for name in missing]
    columns = ["municipality", "bus", "share", "reason"]
    return pd.concat([weights[columns], pd.DataFrame(rows, columns=columns)], ignore_index=True)


def _nearest(name: str, point: pd.Series, served: pd.DataFrame) -> tuple[str, str, float, str]:
    """Give a municipality without a station to the nearest one that serves a neighbour."""
    bus = distance_km(point["lon"], point["lat"], served).sort_values(kind="stable").index[0]
    return name, str(bus), 1.0, f"{name} has no station of its own"


def energy_by_load(sources: Path, buses: pd.DataFrame) -> pd.DataFrame:
    """Share the municipal energy among buses.

    Returns
    -------
    pandas.DataFrame
        Index (municipality, bus); columns the categories (GWh).
    """
    energy = municipal_energy_gwh(sources)
    industry = own_table("industry.csv")
    parts = []
    for row in industry.itertuples():
        moved = energy.loc[row.municipality, row.category]
        energy.loc[row.municipality, row.category] = 0.0
        bus = bus_of_station(buses, row.station, row.kv)
        parts.append({"municipality": row.municipality, "bus": bus, row.category: moved})
    shares = station_shares(sources, buses)
    ordinary = energy.loc[shares["municipality"]].mul(shares["share"].to_numpy(), axis=0)
    ordinary = ordinary.reset_index(names="municipality").assign(bus=shares["bus"].to_numpy())
    whole = pd.concat([ordinary, pd.DataFrame(parts)]).fillna(0.0)
    return whole.groupby(["municipality", "bus"])[list(energy.columns)].sum()


def hourly_load_mw(sources: Path, buses: pd.DataFrame, load_year: str = CENTRAL) -> pd.DataFrame:
    """Return the load of every row of loads.csv (snapshot x load, MW, rounded to 0.01)."""
    energy = energy_by_load(sources, buses).groupby("bus").sum()
    power = category_shapes(sources, load_year) @ energy.T / 8.76
    power.columns = "Load " + power.columns
    return power.sort_index(axis=1).round(2)


def loads(sources: Path, buses: pd.DataFrame) -> pd.DataFrame:
    """Return loads.csv.

    Returns
    -------
    pandas.DataFrame
        Index name; bus, municipality, annual_gwh, peak_mw, basis, source, and `annual_gwh_` with
        the name of every category: its energy, rounded so that the power is right to 0.001 MW.
    """
    by_place = energy_by_load(sources, buses)
    total = by_place.sum(axis=1).reset_index(name="gwh")
    largest = total.sort_values("gwh", kind="stable").drop_duplicates("bus", keep="last")
    municipality = largest.set_index("bus")["municipality"]
    power = hourly_load_mw(sources, buses)
    rows = pd.DataFrame(index=power.columns)
    rows["bus"] = rows.index.str.removeprefix("Load ")
    rows["municipality"] = rows["bus"].map(municipality)
    rows["annual_gwh"] = (power.sum() / 1e3).round(2)
    rows["peak_mw"] = power.max().round(2)
    rows["basis"] = "derived"
    rows["source"] = [_source(bus, by_place) for bus in rows["bus"]]
    by_bus = by_place.groupby("bus").sum().round(4)
    rows[[f"annual_gwh_{category}" for category in by_bus]] = by_bus.loc[rows["bus"]].to_numpy()
    rows.index.name = "name"
    return rows


def _source(bus: str, by_place: pd.DataFrame) -> str:
    """Tell which municipalities a load comes from and how it was shared."""
    places = by_place.xs(bus, level="bus").index
    text = (
        f"consumption 2024 of {', '.join(places)} by category (Elhub via NVE), shared by the "
        "assumed weights of station_weights.csv, shaped by the weather of 2019"
    )
    industry = own_table("industry.csv")
    own = [r.reason for r in industry.itertuples() if bus.rsplit(" ", 1)[0] == r.station]
    return "; ".join([text, *own])
