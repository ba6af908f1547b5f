"""Which bus something belongs to: by station name, or the nearest of a fitting voltage."""

from __future__ import annotations

import numpy as np
import pandas as pd

REGIONAL_KV = (60.0, 140.0)
EARTH_KM = 6371.0


def distance_km(lon: float, lat: float, buses: pd.DataFrame) -> pd.Series:
    """Return the distance from a point to every bus along the great circle (km).

    Parameters
    ----------
    lon, lat : float
        WGS84, degrees.
    buses : pandas.DataFrame
        Columns x (lon) and y (lat).
    """
    x, y = np.radians(buses["x"]), np.radians(buses["y"])
    lon, lat = np.radians(lon), np.radians(lat)
    half = np.sin((y - lat) / 2) ** 2 + np.cos(y) * np.cos(lat) * np.sin((x - lon) / 2) ** 2
    return 2 * EARTH_KM * np.arcsin(np.sqrt(half))


def regional(buses: pd.DataFrame) -> pd.DataFrame:
    """Return the county's buses of 66 and 132 kV."""
    return buses[buses["in_county"].astype(bool) & buses["v_nom"].between(*REGIONAL_KV)]


def bus_of_station(buses: pd.DataFrame, station: str, kv: float = 0) -> str:
    """Return the bus of a station at a voltage, else at its lowest regional voltage.

    Raises
    ------
    KeyError
        If the station has no bus of 66 or 132 kV.
    """
    at = buses[(buses["station"] == station) & buses["v_nom"].between(*REGIONAL_KV)]
    if at.empty:
        msg = f"station {station!r} has no bus of 66 or 132 kV in buses.csv"
        raise KeyError(msg)
    exact = at[at["v_nom"] == float(kv)]
    return str((at if exact.empty else exact).sort_values("v_nom").index[0])


def nearest_bus(buses: pd.DataFrame, lon: float, lat: float, p_mw: float = 0.0) -> str:
    """Return the nearest regional bus that fits a power.

    Up to 15 MW at 66 kV, where 132 kV counts as twice as far; above 15 MW the other way round.
    """
    candidates = regional(buses)
    far = candidates["v_nom"] > 100 if p_mw <= 15 else candidates["v_nom"] < 100
    score = distance_km(lon, lat, candidates) * np.where(far, 2.0, 1.0)
    return str(score.sort_values(kind="stable").index[0])
