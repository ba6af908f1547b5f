"""Results for GIS: GeoPackage and GeoJSON that open coloured in QGIS.

A GeoPackage holds all layers in one file, in EPSG:25833 (UTM 33, as Norwegian map data), each with
its style in `layer_styles` and as a .qml beside it. GeoJSON is one file per layer: a collection
that mixes points, lines and areas would be split by QGIS into three layers that share the columns
of all, and could carry one style only. `capacity.geojson` holds the stations; the others stand
beside it as `capacity_branches.geojson` and so on, each with its .qml. It is in EPSG:4326, as
RFC 7946 has it.
"""

from __future__ import annotations

import errno
import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from gridplan.base.messages import Language, messages
from gridplan.exports.about import About, about
from gridplan.exports.files import whole_folder
from gridplan.exports.gis_styles import styles_of
from gridplan.exports.layers import Layers, layers_of
from gridplan.exports.qgis import Style
from gridplan.exports.saving import quiet

if TYPE_CHECKING:
    from gridplan.check.certificate import Certificate
    from gridplan.exports.belonging import Result
    from gridplan.study.study import Study

LAYERS = {  # geometry and text of every layer, in the order in which they lie on each other
    "municipalities": ("MultiPolygon", "layer_municipalities"),
    "branches": ("LineString", "layer_branches"),
    "transformers": ("Point", "layer_transformers"),
    "stations": ("Point", "layer_stations"),
    "projects": ("Point", "layer_projects"),
}
CRS = {".gpkg": 25833, ".geojson": 4326}  # what a file is written in unless it is asked otherwise
DEGREES, METRES = 6, 2  # decimals of a coordinate: 0.1 m and 1 cm
GPKG_VERSION = "1.2"  # what QGIS of 2022 and ArcGIS read without a warning
CHOICES = (4326, 25833)


def write_gis(
    result: Result,
    path: str | os.PathLike[str],
    *,
    study: Study | None = None,
    certificate: Certificate | None = None,
    language: Language = "en",
    crs: int | None = None,
    criterion: str | None = None,
    flexibility: float | None = None,
) -> Path:
    """Write a result for QGIS and other GIS.

    Parameters
    ----------
    result : see `gridplan.exports.belonging.kind_of`
        A plan, capacity, base case, certificate, marginal values, or table of reinforcements.
    path : path-like
        .gpkg (all layers in one file) or .geojson (the stations; the other layers beside it).
    study, certificate, criterion, flexibility
        As in `gridplan.exports.layers.layers_of`.
    language : {"en", "nb"}
        Of the names that QGIS shows for columns and classes.
    crs : {4326, 25833}, optional
        Coordinate system by its EPSG code. Default 25833 for .gpkg, 4326 for .geojson.

    Returns
    -------
    pathlib.Path
        The file. Its styles stand beside it as .qml, and in a GeoPackage also in it.

    Raises
    ------
    ValueError
        For another suffix or coordinate system.
    StudyError, TypeError
        As `gridplan.exports.layers.layers_of`.
    PermissionError
        When a file is open in another program or the folder takes none; all files are as they were.

    Notes
    -----
    Files are written whole or not at all. Equal results and dates (SOURCE_DATE_EPOCH) give equal
    bytes. All times are UTC.
    """
    target = Path(path)
    suffix = target.suffix.lower()
    if suffix not in CRS:
        msg = f"{target.name}: GIS files end in {' or '.join(CRS)}, not {suffix or 'nothing'!r}"
        raise ValueError(msg)
    code = CRS[suffix] if crs is None else crs
    if code not in CHOICES:
        msg = f"EPSG:{code} is not offered; choose from {', '.join(map(str, CHOICES))}"
        raise ValueError(msg)
    if not target.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "there is no such folder", str(target.parent))
    layers = layers_of(result, study, certificate, criterion=criterion, flexibility=flexibility)
    told = about(result, layers.study, certificate)
    write = write_geopackage if suffix == ".gpkg" else write_geojson
    write(layers, target, told, language=language, crs=code)
    return target


def write_geopackage(
    layers: Layers, target: Path, told: About, *, language: Language = "en", crs: int = 25833
) -> None:
    """Write all layers to one GeoPackage, with their styles and where they come from.

    Parameters
    ----------
    layers : Layers
        The result.
    target : pathlib.Path
        The .gpkg; the styles stand beside it as .qml too.
    told : About
        Its provenance, in the table `about`.
    language, crs
        As in `write_gis`.
    """
    texts = messages(language)
    tables = _tables(layers, crs)
    styles = styles_of(layers, tables, texts)
    with whole_folder(target.parent) as folder:
        draft = folder / target.name
        with _dated(told), quiet("pyogrio"):
            for name, table in tables.items():
                geometry, words = LAYERS[name]
                pyogrio.write_dataframe(
                    table, draft, layer=name, driver="GPKG", geometry_type=geometry,
                    append=draft.exists(), dataset_options={"VERSION": GPKG_VERSION},
                    layer_options={
                        "DESCRIPTION": texts(words), "DATETIME_PRECISION": "MILLISECOND"
                    },
                )  # fmt: skip
        _add_tables(draft, styles, told.facts(texts), _stamp(told))
        _write_styles(folder, target.stem, styles)


def write_geojson(
    layers: Layers, target: Path, told: About, *, language: Language = "en", crs: int = 4326
) -> None:
    """Write every layer to a GeoJSON of its own, with its style beside it.

    Parameters
    ----------
    layers : Layers
        The result.
    target : pathlib.Path
        The .geojson of the stations; the others are named after it.
    told : About
        Its provenance, as the member `about` of every file.
    language, crs
        As in `write_gis`. Another system than 4326 is named in the member `crs`, which RFC 7946 no
        longer knows but GIS programs read.
    """
    texts = messages(language)
    tables = _tables(layers, crs)
    styles = styles_of(layers, tables, texts)
    facts = dict(told.facts(texts))
    with whole_folder(target.parent) as folder:
        for name, table in tables.items():
            text = _collection(name, table, facts, crs)
            path = folder / f"{_stem(target.stem, name)}{target.suffix}"
            path.write_text(text, encoding="utf-8", newline="\n")
        _write_styles(folder, target.stem, styles)


def _write_styles(folder: Path, stem: str, styles: dict[str, Style]) -> None:
    """Write the styles as files, under the same names for both formats, which may share a folder.

    QGIS takes them by itself for a GeoJSON; for a GeoPackage those in it come first.
    """
    for name, style in styles.items():
        path = folder / f"{_stem(stem, name)}.qml"
        path.write_text(style.qml(), encoding="utf-8", newline="\n")


def _stem(stem: str, layer: str) -> str:
    return stem if layer == "stations" else f"{stem}_{layer}"


def _tables(layers: Layers, crs: int) -> dict[str, gpd.GeoDataFrame]:
    """Layers as they are written: lines and transformers apart, one kind of geometry in each."""
    is_line = layers.branches["type"].eq("line")
    parts = {
        "municipalities": layers.municipalities,
        "branches": layers.branches[is_line],
        "transformers": layers.branches[~is_line].drop(columns=["type", "length_km"]),
        "stations": layers.stations,
        "projects": layers.projects,
    }
    parts["branches"] = parts["branches"].drop(columns="type")
    return {name: _written(table.reset_index(), crs) for name, table in parts.items()}


def _written(table: gpd.GeoDataFrame, crs: int) -> gpd.GeoDataFrame:
    """Project, round coordinates, and make columns such as files can hold them."""
    table = table.to_crs(crs)
    decimals = DEGREES if crs == 4326 else METRES
    shapes = shapely.transform(table.geometry.to_numpy(), lambda xy: xy.round(decimals))
    areas = shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON
    shapes[areas] = [shapely.MultiPolygon([area]) for area in shapes[areas]]
    columns: dict[str, Any] = {}
    for name in table.columns.drop("geometry"):
        column = table[name]
        if column.dtype.kind == "M":
            columns[name] = column.dt.tz_localize("UTC").dt.as_unit("ms")
        elif name.endswith("_year") and column.dtype.kind == "f":
            columns[name] = column.astype("Int64")
        elif column.dtype.kind == "f":
            columns[name] = column.round(6) + 0.0
        elif column.dtype == object:
            columns[name] = column.astype("str")
        else:
            columns[name] = column
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=table.crs)


@contextmanager
def _dated(told: About) -> Iterator[None]:
    """Let GDAL write the date of the result instead of that of the minute."""
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _stamp(told)})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def _stamp(told: About) -> str:
    return f"{told.created:%Y-%m-%dT%H:%M:%S}.000Z"


def _add_tables(
    path: Path, styles: dict[str, Style], facts: list[tuple[str, str]], stamp: str
) -> None:
    """Add the styles, as QGIS stores them itself, and the table `about`."""
    with closing(sqlite3.connect(path)) as base, base:
        base.execute(
            "CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "
            "f_table_catalog TEXT, f_table_schema TEXT, f_table_name TEXT, "
            "f_geometry_column TEXT, styleName TEXT, styleQML TEXT, styleSLD TEXT, "
            "useAsDefault BOOLEAN, description TEXT, owner TEXT, ui TEXT, update_time DATETIME)"
        )
        base.executemany(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, "
            "f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, owner, "
            "ui, update_time) VALUES ('', '', ?, 'geom', 'gridplan', ?, '', 1, '', '', NULL, ?)",
            [(name, style.qml(), stamp) for name, style in styles.items()],
        )
        base.execute("CREATE TABLE about (id INTEGER PRIMARY KEY NOT NULL, item TEXT, text TEXT)")
        base.executemany("INSERT INTO about (item, text) VALUES (?, ?)", facts)
        base.executemany(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, "
            "last_change) VALUES (?, 'attributes', ?, '', ?)",
            [(name, name, stamp) for name in ("layer_styles", "about")],
        )


def _collection(name: str, table: gpd.GeoDataFrame, facts: dict[str, str], crs: int) -> str:
    """Write a layer as the text of a GeoJSON file, one feature a line."""
    head: dict[str, Any] = {"type": "FeatureCollection", "name": name, "about": facts}
    if crs != 4326:
        urn = {"name": f"urn:ogc:def:crs:EPSG::{crs}"}
        head["crs"] = {"type": "name", "properties": urn}
    rows = table.drop(columns="geometry").to_dict("records")
    features = [
        _compact({"type": "Feature", "properties": {key: _plain(value) for key, value in
                  row.items()}, "geometry": _geometry(shape)})
        for row, shape in zip(rows, table.geometry, strict=True)
    ]  # fmt: skip
    body = ",\n".join(features)
    return f'{_compact(head)[:-1]},"features":[\n{body}\n]}}\n'


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _geometry(shape: shapely.Geometry | None) -> dict[str, Any] | None:
    """Return the geometry as GeoJSON has it: outer rings anticlockwise (RFC 7946, 3.1.6)."""
    if shape is None:
        return None
    return shapely.geometry.mapping(shapely.orient_polygons(shape))


def _plain(value: object) -> object:
    """Return a value as JSON knows it: no number that is none, times as text (UTC)."""
    if value is None or pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    return value.item() if isinstance(value, np.generic) else value
