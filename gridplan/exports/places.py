"""Where a study's buses and branches are, in degrees (WGS84), as tables for maps and GIS."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from gridplan.exports.features import planned_in
from gridplan.exports.geography import Geography, buses_of

if TYPE_CHECKING:
    from gridplan.study.study import Study

WGS84 = pyproj.CRS.from_epsg(4326)
BRANCHES = ("bus0", "bus1", "type", "kv", "s_nom_mva", "length_km", "basis", "planned")
ADDS = {"add line": "line", "add transformer": "transformer"}


def stations_of(study: Study, further: Sequence[str] = ()) -> gpd.GeoDataFrame:
    """List the buses of a study as points.

    Parameters
    ----------
    study : Study
        On the grid that is shown.
    further : sequence of str
        Reinforcements not in service whose new buses are listed too.

    Returns
    -------
    geopandas.GeoDataFrame
        Index bus: station, municipality ("" outside those known), kv, in_county, basis, planned
        (whether a reinforcement adds it), geometry. A bus without coordinates, or at 0° N 0° E,
        where PyPSA puts it then, has no geometry.
    """
    static, known = study.network.c.buses.static, buses_of(study.network)
    table = pd.DataFrame(
        {
            "station": known["station"].astype(str),
            "municipality": _text(static, "municipality"),
            "kv": known["kv"],
            "in_county": known["inside"],
            "basis": _text(static, "basis"),
            "planned": static.index.isin(planned_in(study)),
        },
        index=static.index,
    )
    xy = static[["x", "y"]].to_numpy(dtype=float)
    xy = np.where((xy == 0).all(axis=1, keepdims=True), np.nan, xy)
    degrees = pyproj.Transformer.from_crs(study.network.crs, WGS84, always_xy=True)
    lon, lat = degrees.transform(xy[:, 0], xy[:, 1])
    new = _new_buses(study, further)
    points = _points(np.concatenate([lon, new["lon"]]), np.concatenate([lat, new["lat"]]))
    both = pd.concat([table, new[table.columns]]) if len(new) else table
    stations = gpd.GeoDataFrame(both.rename_axis("bus"), geometry=points, crs=WGS84)
    return stations.assign(municipality=_located(stations, outlines_of(study)))


def branches_of(
    study: Study, stations: gpd.GeoDataFrame, further: Sequence[str] = ()
) -> gpd.GeoDataFrame:
    """List the branches of a study: lines as paths, transformers as points.

    Parameters
    ----------
    study : Study
        On the grid that is shown.
    stations : geopandas.GeoDataFrame
        Of `stations_of` with the same reinforcements.
    further : sequence of str
        Reinforcements not in service whose new branches are listed too.

    Returns
    -------
    geopandas.GeoDataFrame
        Index branch: bus0, bus1, type (line or transformer), kv (the higher of both ends),
        s_nom_mva, length_km (0 for transformers), basis, planned, geometry: the path where the
        network has one, else straight; none where an end has no coordinates.
    """
    network, planned = study.network, planned_in(study)
    parts = [
        _columns(network.c.lines.static, "line"),
        _columns(network.c.transformers.static, "transformer"),
    ]
    for part in parts:
        part["planned"] = part.index.isin(planned)
    rows = study.reinforcements[study.reinforcements.index.isin(further)]
    for action, kind in ADDS.items():
        new = rows[rows["action"].eq(action)].set_index("branch")
        new = new[new["bus0"].isin(stations.index) & new["bus1"].isin(stations.index)]
        parts.append(_columns(new, kind).assign(planned=True))
    table = pd.concat([part for part in parts if len(part)] or parts[:1])
    table = table[~table.index.duplicated()]
    kv = stations["kv"]
    ends = [kv.reindex(table[end]).to_numpy(dtype=float) for end in ("bus0", "bus1")]
    table["kv"] = np.fmax(*ends)
    shapes = _paths(table, stations)
    found = table[[*BRANCHES]].rename_axis("branch")
    return gpd.GeoDataFrame(found, geometry=shapes, crs=WGS84)


def outlines_of(study: Study) -> gpd.GeoDataFrame:
    """Outlines of the municipalities, by name; empty where the study has none.

    Returns
    -------
    geopandas.GeoDataFrame
        Index name (in the order of the file): number (of the municipality, "" where the file has
        none), geometry.
    """
    path = (study.geo or {}).get("municipalities")
    if path is None:
        index = pd.Index([], name="name", dtype="str")
        number = pd.Series([], index=index, dtype="str")
        return gpd.GeoDataFrame({"number": number}, geometry=[], crs=WGS84)
    found = gpd.read_file(path).to_crs(WGS84)
    number = found.get("kommunenummer", pd.Series("", index=found.index))
    table = pd.DataFrame({"number": number.fillna("").astype(str).to_numpy()}, index=found["name"])
    return gpd.GeoDataFrame(table, geometry=found.geometry.to_numpy(), crs=WGS84)


def _text(table: pd.DataFrame, column: str) -> pd.Series:
    known = table.get(column, pd.Series("", index=table.index))
    return known.fillna("").astype(str)


def _points(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Points, None where a coordinate is missing."""
    points = np.full(len(lon), None, dtype=object)
    known = np.isfinite(lon) & np.isfinite(lat)
    points[known] = shapely.points(lon[known], lat[known])
    return points


def _new_buses(study: Study, names: Sequence[str]) -> pd.DataFrame:
    """Buses that reinforcements add and the network does not have yet."""
    rows = study.reinforcements[study.reinforcements.index.isin(names)]
    rows = rows[rows["action"].eq("add bus")].set_index("bus0")
    rows = rows[~rows.index.isin(study.network.c.buses.static.index) & ~rows.index.duplicated()]
    return pd.DataFrame(
        {
            "lon": rows["lon"].astype(float),
            "lat": rows["lat"].astype(float),
            "station": [str(name).rsplit(" ", 1)[0] for name in rows.index],
            "municipality": _text(rows, "municipality"),
            "kv": rows["v_nom"].astype(float),
            "in_county": _text(rows, "municipality").ne(""),
            "basis": _text(rows, "basis"),
            "planned": True,
        },
        index=rows.index,
    )


def _located(stations: gpd.GeoDataFrame, outlines: gpd.GeoDataFrame) -> pd.Series:
    """Municipality of every bus: as its row says, else the outline that holds it, else ""."""
    known = stations["municipality"].copy()
    open_ = stations[known.eq("") & stations.geometry.notna()]
    if outlines.empty or open_.empty:
        return known
    held = gpd.sjoin(open_[["geometry"]], outlines[["geometry"]], predicate="intersects")
    first = held[~held.index.duplicated()]
    known[first.index] = first["name"].to_numpy()
    return known


def _columns(static: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Columns of lines or transformers, of a network or a table of reinforcements."""
    length = static["length"] if kind == "line" else pd.Series(0.0, index=static.index)
    return pd.DataFrame(
        {
            "bus0": static["bus0"],
            "bus1": static["bus1"],
            "type": kind,
            "s_nom_mva": static["s_nom"].astype(float),
            "length_km": length.fillna(0.0).astype(float),
            "basis": _text(static, "basis"),
            "path": _text(static, "geometry"),
        },
        index=static.index,
    )


def _paths(table: pd.DataFrame, stations: gpd.GeoDataFrame) -> np.ndarray:
    """Shape of every branch: a path, a point, or None where its place is not known."""
    places = pd.DataFrame(
        {"x": stations.geometry.x, "y": stations.geometry.y}, index=stations.index
    )
    lines = table["type"].eq("line").to_numpy()
    shapes = np.full(len(table), None, dtype=object)
    bus0 = places.reindex(table.loc[~lines, "bus0"])
    shapes[~lines] = _points(bus0["x"].to_numpy(), bus0["y"].to_numpy())
    geography = Geography({}, places, WGS84)
    paths = geography.paths(table[lines].rename(columns={"path": "geometry"}))
    for position, path in zip(np.flatnonzero(lines), paths, strict=True):
        if np.isfinite(path).all():
            shapes[position] = shapely.LineString(path)
    return shapes
