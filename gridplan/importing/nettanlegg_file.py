"""NVE's data set "Nettanlegg": lines, cables and stations as it publishes them.

Read is what the map service Nettanlegg4 of NVE and its downloads (GeoPackage, GeoJSON, Shapefile,
file geodatabase) call `objektType`, `navn`, `eier`, `spenning_kV`, `nveNettnivaa`, `driftsattaar`,
`lokalID`, `nveNetbasID`, `objectid`, in any case and also cut to ten letters, as in a Shapefile;
and `spenning`, as the feature service of Geonorge has it. Masts are left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from gridplan.base.errors import Problem, StudyError

SUFFIXES = (".gpkg", ".geojson", ".json", ".shp", ".gdb")
FIELDS = {  # ours: theirs, the first that is there
    "kv": ("spenning_kv", "spenning", "spenningkv"),
    "name": ("navn",),
    "owner": ("eier",),
    "kind": ("objekttype",),
    "level": ("nvenettnivaa", "nettnivaa", "sosinettnivaa"),
    "id": ("lokalid", "nvenetbasid", "globalid", "objectid", "fid"),
}
CUT = 10  # letters of a field in a Shapefile
DEGREES = 4326
CABLE, MAST = re.compile("kabel", re.IGNORECASE), re.compile("mast|linjepunkt", re.IGNORECASE)
COLUMNS = ["id", "kv", "name", "owner", "kind", "level", "geometry"]


@dataclass(frozen=True)
class Nettanlegg:
    """Lines and stations.

    Parameters
    ----------
    lines : geopandas.GeoDataFrame
        One row a line: id, kv (NaN: not stated), name, owner, cable, geometry in metres.
    stations : geopandas.GeoDataFrame
        One row a station: id, kv, name, owner, geometry (points in metres).
    crs : Any
        Their projection, the UTM zone of the middle.
    """

    lines: gpd.GeoDataFrame
    stations: gpd.GeoDataFrame
    crs: Any

    def degrees(self, points: list[tuple[float, float]]) -> list[tuple[float, float]]:
        """Longitude and latitude of points in metres."""
        xy = np.array(points, dtype=float).reshape(-1, 2)
        turned = gpd.GeoSeries.from_xy(xy[:, 0], xy[:, 1], crs=self.crs).to_crs(DEGREES)
        return list(zip(turned.x.round(6), turned.y.round(6), strict=True))


def read_nettanlegg(path: Path) -> Nettanlegg:
    """Read all layers of a file, or of all files of a folder.

    Parameters
    ----------
    path : pathlib.Path
        GeoPackage, GeoJSON, Shapefile or file geodatabase, or a folder of such files.

    Returns
    -------
    Nettanlegg

    Raises
    ------
    StudyError
        When there are no lines or stations with the published fields.
    """
    files = _files(path)
    lines, stations, seen = [], [], []
    for file in files:
        for layer in _layers(file):
            table = _table(file, layer)
            seen.append(f"{file.name}:{layer} ({', '.join(map(str, table.columns[:12]))})")
            kinds = set(table.geom_type.dropna())
            if kinds & {"LineString", "MultiLineString"}:
                lines.append(_renamed(table, layer))
            elif kinds & {"Point", "MultiPoint", "Polygon", "MultiPolygon"}:
                stations.append(_renamed(table, layer))
    found = [_joined(parts) for parts in (lines, stations)]
    found[1] = found[1][~found[1]["kind"].str.contains(MAST, na=False)]
    _check(path, found, seen)
    crs = found[0].estimate_utm_crs()
    rows, points = (part.to_crs(crs) for part in found)
    rows["cable"] = rows["kind"].str.contains(CABLE, na=False)
    points = points.set_geometry(points.geometry.representative_point())
    return Nettanlegg(rows.reset_index(drop=True), points.reset_index(drop=True), crs)


def _problem(path: Path, message: str, remedy: str, found: str = "") -> StudyError:
    return StudyError([Problem(path.name, "", "", found[:300], message, remedy)])


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise _problem(path, "no such file", "Correct the path.")
    if path.is_file() or path.suffix.lower() == ".gdb":
        return [path]
    files = sorted(file for file in path.iterdir() if file.suffix.lower() in SUFFIXES)
    if not files:
        remedy = f"Give a folder with files of {', '.join(SUFFIXES)}."
        raise _problem(path, "no map files in the folder", remedy)
    return files


def _layers(file: Path) -> list[str]:
    try:
        return [str(name) for name, kind in pyogrio.list_layers(file) if kind is not None]
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        reason = " ".join(str(error).split())[:150]
        remedy = "Give a GeoPackage, GeoJSON or Shapefile as NVE publishes it."
        raise _problem(file, f"not readable as a map ({reason})", remedy) from None


def _table(file: Path, layer: str) -> gpd.GeoDataFrame:
    table = gpd.read_file(file, layer=layer, fid_as_index=True)
    if not isinstance(table, gpd.GeoDataFrame):
        return gpd.GeoDataFrame(table, geometry=[None] * len(table), crs=DEGREES)
    if table.crs is None:
        remedy = "Give the file with its .prj, or save it with the coordinate system."
        raise _problem(file, f"layer {layer} states no coordinate system", remedy)
    return table


def _renamed(table: gpd.GeoDataFrame, layer: str) -> gpd.GeoDataFrame:
    """Give the fields our names."""
    there = {str(name).lower(): name for name in table.columns}
    parts: dict[str, Any] = {}
    for ours, theirs in FIELDS.items():
        spelt = [name for name in (*theirs, *(field[:CUT] for field in theirs)) if name in there]
        parts[ours] = table[there[spelt[0]]] if spelt else None
    index = table.index
    frame = pd.DataFrame(parts, index=index)
    frame["kv"] = pd.to_numeric(frame["kv"], errors="coerce")
    fallback = pd.Series([f"{layer} {number}" for number in index], index=index)
    for name in ("id", "name", "owner", "kind", "level"):
        frame[name] = frame[name].astype(object).where(frame[name].notna(), None)
    frame["id"] = frame["id"].map(_text).where(frame["id"].notna(), fallback)
    frame["kind"] = frame["kind"].map(_text).fillna("") + f" {layer}"
    for name in ("name", "owner"):
        frame[name] = frame[name].map(_text).fillna("")
    return gpd.GeoDataFrame(frame, geometry=table.geometry.to_numpy(), crs=table.crs)


def _text(value: Any) -> Any:
    if value is None:
        return None
    whole = isinstance(value, float) and value.is_integer()
    return " ".join(str(int(value) if whole else value).split())


def _joined(parts: list[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    if not parts:
        empty = pd.DataFrame({name: pd.Series(dtype=object) for name in COLUMNS[:-1]})
        return gpd.GeoDataFrame(empty, geometry=[], crs=DEGREES)
    whole = pd.concat([part.to_crs(DEGREES) for part in parts], ignore_index=True)
    return whole[whole.geometry.notna() & ~whole.geometry.is_empty]


def _check(path: Path, found: list[gpd.GeoDataFrame], seen: list[str]) -> None:
    """Refuse a map without lines, voltages or stations."""
    lines, stations = found
    layers = "; ".join(seen)
    if lines.empty:
        remedy = "Give the layers of lines (luftledning, sjøkabel) of NVE's Nettanlegg."
        raise _problem(path, "no lines in the file", remedy, layers)
    if not lines["kv"].gt(0).any():
        remedy = "The published field is spenning_kV; do not leave it out of the export."
        raise _problem(path, "no line states its voltage", remedy, layers)
    if stations.empty:
        remedy = (
            "Give the layer of stations (transformatorstasjoner) too: in the same GeoPackage, or "
            "put both files into one folder and import the folder."
        )
        raise _problem(path, "no stations in the file", remedy, layers)
