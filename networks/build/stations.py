"""Buses: one per station and voltage level.

The rule:

* every station of 420/300 kV of the OSM extract keeps the levels of `TRANSMISSION` (220, 132 and
  22 kV of stations outside the county are left out: they carry the exchange only);
* every station of NVE's list in the county keeps its one voltage; rows that name a station of the
  OSM extract or another row (Åfjord, Eidum, Nea, Tunnsjødal, Sagberget: all within 0.3 km) are the
  same site; stations below 60 kV are left out;
* names: Statnett's stations that share a name with another station are called "<name> Statnett";
  rows without a name are named after what stands at their position (`UNNAMED`);
* further levels and stations that lines, plants or load need: tables/added_buses.csv.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd

from networks.build.common import own_table

# OSM id -> (short name, levels kept in the model, kV)
TRANSMISSION = {
    "way/287685850": ("Klæbu", (420, 300, 66)),
    "relation/8520950": ("Strinda", (300, 132, 66)),
    "relation/19581816": ("Eidum", (300, 132, 66)),
    "way/229806970": ("Verdal Statnett", (420, 300, 66)),
    "way/229806969": ("Ogndal", (420, 66)),
    "way/254428135": ("Namsos Statnett", (420, 66)),
    "relation/8488332": ("Tunnsjødal", (420, 300, 132, 66)),
    "way/400655824": ("Namsskogan", (300,)),
    "relation/8482013": ("Kolsvik", (300, 132)),
    "relation/8481866": ("Trofors", (300,)),
    "relation/8476872": ("Marka", (300,)),
    "relation/8473044": ("Nedre Røssåga", (420, 300)),
    "way/613587460": ("Hofstad", (420, 132)),
    "way/615122824": ("Åfjord", (420, 132, 66)),
    "way/633840104": ("Snilldal", (420, 132)),
    "relation/8536441": ("Orkdal", (300, 132, 66)),
    "way/633896066": ("Surna", (420,)),
    "way/202200066": ("Viklandet", (420,)),
    "relation/7839720": ("Aura", (420, 300)),
    "relation/8527323": ("Nea", (420, 132)),
    "relation/7839089": ("Fræna", (420,)),
    "way/548709529": ("Ørskog", (420,)),
    "way/290360704": ("Vågåmo", (300,)),
}
# OSM id that is a part of another station -> that station's id
MERGED = {"way/222759850": "relation/8520950"}
# (lon, lat) of NVE rows without a name -> (name, why)
UNNAMED = {
    (10.316459, 63.148602): ("Sokna", "0.2 km from the Sokna power plant"),
    (8.808364, 63.702586): ("Frøya", "1.1 km from the station of that name in the WattApp list"),
    (12.578168, 64.609457): ("Aunfoss", "at the Aunfoss power plant (plants_trondelag.csv)"),
    (10.888372, 63.477394): ("Sutterø", "inference of REGIONAL.md"),
}
RENAMED = {
    "Mælafoss/Sutterø": "Mælafoss",
    "Einarsdalen (Roan)": "Einarsdalen",
    "Haraheia (Roan)": "Haraheia",
    "Savalen (outside)": "Savalen",
    "Tynset (outside)": "Tynset",
    "Tolga (outside)": "Tolga",
    "Hell omformer": "Eidum",  # converter beside Eidum, same 132 kV busbar in the model
}
LEFT_OUT = ("Os (outside)", "Trollheim (outside)")  # on the way to Røros; in added_buses.csv
OSM = "OpenStreetMap (ODbL), extract May 2026"
LOWEST_KV = 60.0
PROJECTED = 25833  # ETRS89 / UTM 33N, metres


def buses(sources: Path) -> pd.DataFrame:
    """Return grid/buses.csv.

    Returns
    -------
    pandas.DataFrame
        Index name ("<station> <kV>"); columns v_nom (kV), x (lon), y (lat), carrier, station,
        municipality, in_county, basis, source.
    """
    parts = [_transmission(sources), _regional(sources), _added()]
    table = pd.concat(parts, ignore_index=True)
    table = table.drop_duplicates(["station", "v_nom"])  # first wins: OSM, then NVE
    table["name"] = [
        f"{s} {kv:.0f}" for s, kv in zip(table["station"], table["v_nom"], strict=True)
    ]
    table = table.sort_values(["station", "v_nom"], ascending=[True, False]).set_index("name")
    table["municipality"] = _municipality(table, sources)
    table["in_county"] = table["municipality"] != ""
    table["carrier"] = "AC"
    columns = ["v_nom", "x", "y", "carrier", "station", "municipality", "in_county"]
    return table[[*columns, "basis", "source"]]


def _transmission(sources: Path) -> pd.DataFrame:
    """One row per station and level of 420/300 kV stations."""
    osm = pd.read_csv(sources / "grid/substations.csv").set_index("osm_id")
    rows = []
    for osm_id, (station, levels) in TRANSMISSION.items():
        row = osm.loc[osm_id]
        source = f"{OSM}, {osm_id}"
        rows += [(station, kv, row["lon"], row["lat"], "osm", source) for kv in levels]
    return pd.DataFrame(rows, columns=["station", "v_nom", "x", "y", "basis", "source"])


def _regional(sources: Path) -> pd.DataFrame:
    """NVE's stations of 66 and 132 kV, under the model's names."""
    nve = pd.read_csv(sources / "grid/regional_stations.csv")
    nve = nve[(nve["voltage_kv"] >= LOWEST_KV) & ~nve["name"].isin(LEFT_OUT)]
    rows = []
    for row in nve.itertuples():
        station, why = row.name, row.name_basis
        if not isinstance(station, str):
            station, why = UNNAMED[(row.lon, row.lat)]
        station = RENAMED.get(station, station)
        source = f"{row.source}; name: {why}"
        basis = "derived" if (row.lon, row.lat) in UNNAMED else "register"
        rows.append((station, row.voltage_kv, row.lon, row.lat, basis, source))
    return pd.DataFrame(rows, columns=["station", "v_nom", "x", "y", "basis", "source"])


def _added() -> pd.DataFrame:
    """Levels and stations that only documents, plants or the model's rule call for."""
    table = own_table("added_buses.csv").rename(columns={"kv": "v_nom", "lon": "x", "lat": "y"})
    return table.astype({"v_nom": float})


def _municipality(table: pd.DataFrame, sources: Path) -> list[str]:
    """Name of the municipality that holds each bus, empty outside the county.

    The polygons are clipped at the coast, so a point up to 1 km outside counts as inside.
    """
    areas = gpd.read_file(sources / "municipalities/municipalities_trondelag.geojson")
    points = gpd.GeoSeries.from_xy(table["x"], table["y"], crs=4326).to_crs(PROJECTED)
    areas = areas.to_crs(PROJECTED)
    names = []
    for point in points:
        distance = areas.distance(point)
        names.append(str(areas["name"][distance.idxmin()]) if distance.min() < 1000 else "")
    return names
