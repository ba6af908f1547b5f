"""Outlines for the maps: municipalities, county, neighbours, simplified."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import shapely

from networks.build.stations import PROJECTED

KARTVERKET = "Kartverket, administrative borders 2024 (CC BY 4.0), coast-clipped, simplified"
NEIGHBOURS = "Kartverket (CC BY 4.0) and Natural Earth (public domain), simplified"
TOLERANCE_M = {"municipalities": 400.0, "county": 700.0}  # Visvalingam: root of an area
SMALLEST_ISLAND_KM2 = 3.0
DECIMALS = 4
OWN_NAMES = {"Sweden": "Sverige"}  # places are called as they are there


def outlines(sources: Path) -> dict[str, str]:
    """Return the GeoJSON text of the three layers, by file name without suffix."""
    folder = sources / "municipalities"
    areas = gpd.read_file(folder / "municipalities_trondelag.geojson")
    county = gpd.read_file(folder / "county_trondelag.geojson").assign(kommunenummer="")
    around = gpd.read_file(folder / "neighbours.geojson").assign(kommunenummer="")
    around["name"] = around["name"].replace(OWN_NAMES)
    return {
        "municipalities": _text("municipalities", areas, KARTVERKET),
        "county": _text("county", county, KARTVERKET),
        "neighbours": _text("neighbours", around, NEIGHBOURS),
    }


def _text(layer: str, table: gpd.GeoDataFrame, source: str) -> str:
    """Simplify a layer (common borders stay common) and write it compactly."""
    degrees = table.geometry
    if layer in TOLERANCE_M:  # the neighbours are coarse as they come
        metres = table.to_crs(PROJECTED).geometry.map(_without_skerries)
        simple = shapely.coverage_simplify(metres.to_numpy(), TOLERANCE_M[layer])
        degrees = gpd.GeoSeries(simple, crs=PROJECTED).to_crs(4326)
    degrees = shapely.set_precision(degrees.to_numpy(), 10.0**-DECIMALS, mode="pointwise")
    features = [
        {
            "type": "Feature",
            "properties": {"name": name, "kommunenummer": number, "source": source},
            "geometry": json.loads(shapely.to_geojson(shape)),
        }
        for name, number, shape in zip(table["name"], table["kommunenummer"], degrees, strict=True)
    ]
    collection = {"type": "FeatureCollection", "name": layer, "features": features}
    return json.dumps(collection, ensure_ascii=False, separators=(",", ":")) + "\n"


def _without_skerries(shape: shapely.Geometry) -> shapely.Geometry:
    """Leave out islands too small for the map's scale, but never the largest part."""
    parts = sorted(shapely.get_parts(shape), key=lambda part: -part.area)
    kept = [part for part in parts if part.area >= SMALLEST_ISLAND_KM2 * 1e6] or parts[:1]
    return shapely.MultiPolygon(kept) if len(kept) > 1 else kept[0]
