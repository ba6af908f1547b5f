"""Where things are: everything the map shows as kilometres on a plane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pyproj
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pypsa

    from gridplan.study.study import Study

Array = NDArray[np.float64]
LAYERS = ("neighbours", "municipalities", "county")


@dataclass(frozen=True)
class Geography:
    """A study on a plane, in km, north up in the middle.

    Parameters
    ----------
    layers : dict of geopandas.GeoDataFrame
        Outlines by name, those of `LAYERS` that the study has.
    buses : pandas.DataFrame
        Index bus: x, y (km), kv, station, inside (whether it belongs to the studied area).
    plane : pyproj.CRS or None
        The projection; None where the buses have no coordinates and the map is a schematic.
    """

    layers: dict[str, gpd.GeoDataFrame]
    buses: pd.DataFrame
    plane: pyproj.CRS | None

    @property
    def corners(self) -> Array:
        """Corners around the county (km), shape (2, 2); (0, 2) where no outline tells them."""
        for name in ("county", "municipalities"):
            if name in self.layers:
                return self.layers[name].total_bounds.reshape(2, 2)
        return np.empty((0, 2))

    def points(self, lon: pd.Series, lat: pd.Series) -> Array:
        """Project longitudes and latitudes (degrees), shape (n, 2) in km."""
        transform = pyproj.Transformer.from_crs(4326, self.plane, always_xy=True).transform
        return np.column_stack(transform(lon.to_numpy(float), lat.to_numpy(float)))

    def paths(self, lines: pd.DataFrame) -> list[Array]:
        """Path of every line: its WKT geometry, or straight from bus to bus; (n, 2) in km."""
        ends = [self.buses.loc[lines[end], ["x", "y"]].to_numpy(float) for end in ("bus0", "bus1")]
        straight = [np.vstack(pair) for pair in zip(*ends, strict=True)]
        text = lines.get("geometry", pd.Series("", index=lines.index)).fillna("").astype(str)
        known = np.flatnonzero(text.str.startswith("LINESTRING"))
        if self.plane is None or not len(known):
            return straight
        shapes = gpd.GeoSeries.from_wkt(text.iloc[known].to_numpy(), crs=4326).to_crs(self.plane)
        for position, shape in zip(known, shapes, strict=True):
            straight[position] = np.asarray(shape.coords)[:, :2]
        return straight


def geography_of(study: Study, network: pypsa.Network) -> Geography:
    """Put a study's buses and outlines on a plane around its middle.

    Parameters
    ----------
    study : Study
        Its `geo` folder may hold neighbours, municipalities and county.
    network : pypsa.Network
        Buses with x and y in the network's coordinate system (WGS84 unless it says otherwise).

    Returns
    -------
    Geography
    """
    table = buses_of(network)
    xy = network.c.buses.static[["x", "y"]].to_numpy(float)
    if len(np.unique(xy, axis=0)) < 2:
        return Geography({}, table.assign(**_schematic(network)), None)
    degrees = pyproj.Transformer.from_crs(network.crs, 4326, always_xy=True)
    lon, lat = degrees.transform(xy[:, 0], xy[:, 1])
    plane = _plane(lon[table["inside"]], lat[table["inside"]])
    x, y = pyproj.Transformer.from_crs(4326, plane, always_xy=True).transform(lon, lat)
    layers = {
        name: gpd.read_file((study.geo or {})[name]).to_crs(plane)
        for name in LAYERS
        if name in (study.geo or {})
    }
    return Geography(layers, table.assign(x=x, y=y), plane)


def buses_of(network: pypsa.Network) -> pd.DataFrame:
    """List the buses with what maps say of them.

    Parameters
    ----------
    network : pypsa.Network
        Its buses may have the columns station and in_county.

    Returns
    -------
    pandas.DataFrame
        Index bus: kv, station (without one its own name), inside (whether it belongs to the
        studied area; all do where none is said to).
    """
    static = network.c.buses.static
    own = pd.Series(static.index, index=static.index)
    station = static.get("station", own).fillna("")
    table = pd.DataFrame(
        {
            "kv": static["v_nom"].astype(float),
            "station": station.where(station.ne(""), own),
            "inside": static.get("in_county", pd.Series(True, index=static.index)).astype(bool),
        }
    )
    return table if table["inside"].any() else table.assign(inside=True)


def _plane(lon: Array, lat: Array) -> pyproj.CRS:
    """Transverse Mercator through the middle: a map's scale then holds to a few parts in 1,000."""
    middle = [round((values.min() + values.max()) / 2, 1) for values in (lon, lat)]
    text = f"+proj=tmerc +lon_0={middle[0]} +lat_0={middle[1]} +datum=WGS84 +units=km"
    return pyproj.CRS.from_proj4(text)


def _schematic(network: pypsa.Network) -> dict[str, Array]:
    """Positions from the graph alone, for a network without coordinates."""
    graph = nx.Graph()
    graph.add_nodes_from(network.c.buses.static.index)
    for branches in (network.c.lines.static, network.c.transformers.static):
        graph.add_edges_from(zip(branches["bus0"], branches["bus1"], strict=True))
    places = nx.kamada_kawai_layout(graph, scale=100.0)
    xy = np.array([places[bus] for bus in network.c.buses.static.index])
    return {"x": xy[:, 0], "y": xy[:, 1]}
