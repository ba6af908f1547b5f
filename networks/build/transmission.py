"""Lines of 420 and 300 kV: the OSM extract, the supplement's links in service, real paths.

* Lines whose 420 kV is an upgrade of a 300 kV duplex line (`UPGRADED`; reinforcements.csv R01, R02)
  get the cautious rating of the Nordic 490 model (1,500 MVA) instead of that of a four-bundle.
* Marka-(Trofors)-Namsskogan is split at Trofors, which stands there as a tap.
* From the supplement: Surna-Viklandet, Nea-Järpströmmen, Orkdal-Aura. Left out: what is planned,
  and what only leads further away from the county.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
from shapely import LineString, Point, get_coordinates, set_precision, wkt
from shapely.ops import substring

from networks.build.stations import MERGED, OSM, PROJECTED, TRANSMISSION

UPGRADED = {
    "Nedre Røssåga - Tunnsjødal",
    "Namsos - Tunnsjødal",
    "Namsos - Ogndal",
    "Ogndal - Verdal",
    "Verdal - Klæbu",
}
TAPPED = "Marka - (Trofors) - Namsskogan"
SUPPLEMENT = {"Surna - Viklandet", "Orkdal - Aura", "Nea - Järpströmmen"}
ABROAD = {"way/200772307": "Järpströmmen"}
SIMPLIFY_M = 200.0
DECIMALS = 1e-4  # degrees; about 10 m


def lines(buses: pd.DataFrame, sources: Path) -> pd.DataFrame:
    """Return the lines of 420 and 300 kV, one circuit each.

    Returns
    -------
    pandas.DataFrame
        Columns bus0, bus1, kv, length (km), upgraded, basis, source, geometry (WKT or "").
    """
    mapped = pd.read_csv(sources / "grid/lines.csv")
    rows = []
    for row in mapped.itertuples():
        path = _simple(row.wkt)
        start, end = _station(row.from_osm), _station(row.to_osm)
        source = f"{OSM}, line {row.name}"
        if row.name == TAPPED:
            rows += _split(buses, row, path, source)
            continue
        upgraded = row.name in UPGRADED
        rows.append((start, end, row.kv, row.length_km, upgraded, "osm", source, path))
    extra = pd.read_csv(sources / "grid/supplement.csv")
    for row in extra[extra["name"].isin(SUPPLEMENT)].itertuples():
        source = f"supplement.csv: {row.status}; {row.evidence}"
        ends = _station(row.from_osm), _station(row.to_osm)
        rows.append((*ends, row.kv, row.length_km, False, "documented", source, ""))
    columns = ["s0", "s1", "kv", "length", "upgraded", "basis", "source", "geometry"]
    table = pd.DataFrame(rows, columns=columns)
    for end in ("0", "1"):
        table[f"bus{end}"] = table.pop(f"s{end}") + " " + table["kv"].astype(str)
    return table


def _station(osm_id: str) -> str:
    """Short name of the station with an OSM id."""
    osm_id = MERGED.get(osm_id, osm_id)
    return ABROAD[osm_id] if osm_id in ABROAD else TRANSMISSION[osm_id][0]


def _simple(path: str) -> str:
    """Simplify a path to 200 m and about 10 m of precision."""
    line = gpd.GeoSeries([wkt.loads(path)], crs=4326).to_crs(PROJECTED).simplify(SIMPLIFY_M)
    line = set_precision(line.to_crs(4326).iloc[0], DECIMALS)
    return (
        "" if len(get_coordinates(line)) < 3 else wkt.dumps(line, trim=True, rounding_precision=5)
    )


def _split(buses: pd.DataFrame, row: object, path: str, source: str) -> list[tuple]:
    """Cut the line Marka-Namsskogan where Trofors lies, its length in proportion."""
    line = wkt.loads(path)
    tap = buses.loc["Trofors 300"]
    share = line.project(Point(tap["x"], tap["y"]), normalized=True)
    rows = []
    for start, end, low, high in (
        ("Marka", "Trofors", 0.0, share),
        ("Trofors", "Namsskogan", share, 1.0),
    ):
        piece = substring(line, low, high, normalized=True)
        text = wkt.dumps(LineString(piece), trim=True, rounding_precision=4)
        km = round(row.length_km * (high - low), 2)
        rows.append((start, end, row.kv, km, False, "osm", source + ", split at the tap", text))
    return rows
