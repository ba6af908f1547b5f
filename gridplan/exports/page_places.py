"""Where things are, for the interactive map: buses, branches and outlines as plain lists in km."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import LineString, box
from shapely.geometry.base import BaseGeometry

from gridplan.exports.features import planned_in
from gridplan.exports.geography import Array, Geography, geography_of
from gridplan.exports.layout import Box, around, crowded_area
from gridplan.study.study import Study

OUTLINE_KM = 0.02  # by which a simplified outline may miss the real one
PATH_KM = 0.03


def places_of(studies: Mapping[int, Study], sites: pd.DataFrame) -> dict[str, Any]:
    """Collect what the map draws, over all grid years.

    Parameters
    ----------
    studies : mapping of int to Study
        By grid year; the outlines and the plane are those of the last.
    sites : pandas.DataFrame
        Index name: bus, lon, lat (degrees, NaN where unknown) of the projects.

    Returns
    -------
    dict
        buses, branches, outlines, extent and crowd (x, y of two corners, km; None where stations do
        not crowd), sites (x, y of every project, km) and schematic (whether the study has no
        coordinates).
    """
    last = studies[max(studies)]
    geography = geography_of(last, last.network)
    buses = _buses(studies, geography)
    xy = buses.loc[buses["inside"], ["x", "y"]].to_numpy(float)
    extent, crowd = around(np.vstack([xy, geography.corners]), 0.03), crowded_area(xy)
    return {
        "schematic": geography.plane is None,
        "buses": _records(buses),
        "branches": _branches(studies, geography, buses),
        "outlines": _outlines(geography, extent),
        "extent": _corners(extent),
        "crowd": None if crowd is None else _corners(crowd),
        "sites": _sites(sites, geography, buses),
    }


def _buses(studies: Mapping[int, Study], geography: Geography) -> pd.DataFrame:
    """One row per bus of any year: x, y (km), kv, station, inside, municipality, basis."""
    parts = []
    for year in sorted(studies, reverse=True):
        network = studies[year].network
        own = geography if year == max(studies) else geography_of(studies[year], network)
        static, table = network.c.buses.static, own.buses.copy()
        for name in ("municipality", "basis"):
            known = static[name] if name in static else pd.Series("", index=static.index)
            table[name] = known.fillna("").astype(str)
        if geography.plane is not None and own is not geography:
            table[["x", "y"]] = geography.points(*_degrees(own, table))
        parts.append(table)
    every = pd.concat(parts)
    return every[~every.index.duplicated()].sort_index()


def _degrees(own: Geography, table: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Longitude and latitude of positions on a plane."""
    points = gpd.GeoSeries.from_xy(table["x"], table["y"], crs=own.plane).to_crs(4326)
    return points.x, points.y


def _records(buses: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {
            "name": str(name),
            "station": str(row["station"]),
            "municipality": row["municipality"],
            "kv": float(row["kv"]),
            "basis": row["basis"],
            "inside": bool(row["inside"]),
            "x": round(float(row["x"]), 3),
            "y": round(float(row["y"]), 3),
        }
        for name, row in buses.iterrows()
    ]


def _branches(
    studies: Mapping[int, Study], geography: Geography, buses: pd.DataFrame
) -> list[dict[str, Any]]:
    """One row per branch of any year: what it is, its path, and its rating in every year (MVA)."""
    whole = Geography(geography.layers, buses, geography.plane)
    found: dict[str, dict[str, Any]] = {}
    for year, study in sorted(studies.items()):
        planned = planned_in(study)
        for kind, component in (("line", "lines"), ("transformer", "transformers")):
            static = study.network.components[component].static
            basis = static["basis"] if "basis" in static else pd.Series("", index=static.index)
            paths = whole.paths(static) if len(static) else []
            for (name, row), path in zip(static.iterrows(), paths, strict=True):
                branch = found.setdefault(
                    str(name), _branch(str(name), kind, row, _thinned(path), buses)
                )
                branch["basis"] = "" if pd.isna(basis[name]) else str(basis[name])
                branch["mva"][str(year)] = float(row["s_nom"])
                if name in planned:
                    branch["planned"].append(year)
    return list(found.values())


def _branch(
    name: str, kind: str, row: pd.Series, path: Array, buses: pd.DataFrame
) -> dict[str, Any]:
    ends = [str(row["bus0"]), str(row["bus1"])]
    return {
        "name": name,
        "kind": kind,
        "ends": ends,
        "kv": float(buses.loc[ends, "kv"].max()),
        "x": path[:, 0].round(2).tolist(),
        "y": path[:, 1].round(2).tolist(),
        "mva": {},
        "planned": [],
    }


def _thinned(path: Array) -> Array:
    if len(path) <= 2:
        return path
    return np.asarray(LineString(path).simplify(PATH_KM).coords)


def _outlines(geography: Geography, extent: Box) -> dict[str, Any]:
    """Names and rings of every layer of outlines, clipped around the area."""
    spare = 0.6 * max(extent.width, extent.height)
    wide = extent.grown(spare)
    window = box(wide.x, wide.y, wide.right, wide.top)
    layers = {}
    for name, table in geography.layers.items():
        shapes = table.geometry.simplify(OUTLINE_KM).buffer(0).intersection(window)
        labels = table["name"] if "name" in table else pd.Series("", index=table.index)
        points = shapes.representative_point()
        layers[name] = [
            {
                "name": str(label),
                "at": [round(point.x, 2), round(point.y, 2)],
                "x": [[ring[0] for ring in polygon] for polygon in rings],
                "y": [[ring[1] for ring in polygon] for polygon in rings],
            }
            for label, point, rings in zip(labels, points, map(_rings, shapes), strict=True)
            if rings
        ]
    return layers


def _rings(shape: BaseGeometry) -> list[list[tuple[list[float], list[float]]]]:
    """Rings of every polygon as (x, y), the outer one first."""
    polygons = [part for part in getattr(shape, "geoms", [shape]) if part.geom_type == "Polygon"]
    return [
        [_coordinates(ring.coords) for ring in (polygon.exterior, *polygon.interiors)]
        for polygon in polygons
        if not polygon.is_empty
    ]


def _coordinates(points: Iterable[tuple[float, ...]]) -> tuple[list[float], list[float]]:
    xy = np.asarray(points, dtype=float)[:, :2].round(2)
    return xy[:, 0].tolist(), xy[:, 1].tolist()


def _corners(area: Box) -> list[float]:
    return [round(float(value), 2) for value in (area.x, area.y, area.right, area.top)]


def _sites(sites: pd.DataFrame, geography: Geography, buses: pd.DataFrame) -> dict[str, Any]:
    """Place every project at its site, or else at its bus."""
    xy = buses.loc[sites["bus"], ["x", "y"]].to_numpy(float, copy=True)
    known = (sites["lon"].notna() & sites["lat"].notna()).to_numpy()
    if geography.plane is not None and known.any():
        xy[known] = geography.points(sites.loc[known, "lon"], sites.loc[known, "lat"])
    return {
        str(name): [round(float(x), 3), round(float(y), 3)]
        for name, (x, y) in zip(sites.index, xy, strict=True)
    }
