"""The bus of a project that names only its place: coordinates, or its municipality.

The rule: among the buses of a voltage that fits the project's MW (`FITTING_KV`), the nearest to lon
and lat, at most `MOST_KM` away as the crow flies; without coordinates the only such station in the
municipality. Where a station has two fitting voltages the lower one counts. Nothing is guessed: two
stations equally near (`SAME_KM`), several in the municipality, or none that fits are refused. Every
bus found by the rule is told in the notes of the study and in the column `bus_basis`.

That Norway's regional grid has 33 to 132 kV and its transmission grid 132 to 420 kV is a fact; how
many MW fit which voltage and how far a project may lie are assumptions, about what a single circuit
carries (66 kV: 60 to 80 MVA, 132 kV: 150 to 250 MVA) and the length of a customer's own line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridplan.base.errors import Problem
from gridplan.study.sheet import Sheet, suggestion

FITTING_KV = (  # assumption: up to so many MW, the lowest and the highest fitting voltage (kV)
    (10.0, 11.0, 132.0),
    (75.0, 33.0, 132.0),
    (250.0, 110.0, 300.0),
    (np.inf, 220.0, 420.0),
)
MOST_KM = 30.0  # assumption
SAME_KM = 0.5  # assumption: stations whose distances differ by less are equally near
EARTH_KM = 6371.0088  # mean radius
LISTED = 5
STATED = "stated"


class Unsited(ValueError):  # noqa: N818 - never leaves this module
    """A place at which no bus can be found.

    Parameters
    ----------
    column, value, message, remedy : str
        As in `gridplan.base.errors.Problem`.
    """

    def __init__(self, column: str, value: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.told = (column, value, message, remedy)


@dataclass(frozen=True)
class Sited:
    """Projects with their buses.

    Parameters
    ----------
    projects : Sheet
        Those found by the rule have a bus now; with any, there is a column `bus_basis`.
    problems : list of Problem
        Projects for which no bus was found.
    notes : list of str
        Every bus found by the rule, for people.
    """

    projects: Sheet
    problems: list[Problem]
    notes: list[str]


def sited(projects: Sheet, buses: pd.DataFrame, known: Sequence[Problem] = ()) -> Sited:
    """Give every project without a bus the one that its place means.

    Parameters
    ----------
    projects : Sheet
        Table `projects`.
    buses : pandas.DataFrame
        Indexed by name: v_nom (kV), x and y (degrees), and where known station and municipality.
    known : sequence of Problem
        Problems of the table; their rows are not looked at.

    Returns
    -------
    Sited
    """
    bad = {problem.row for problem in known if problem.file == projects.file}
    lacking = projects.rows[projects.rows["bus"] == ""]
    if lacking.empty or buses.empty or projects.header in bad:
        return Sited(projects, [], [])
    rows = projects.rows.copy()
    rows["bus_basis"] = rows["bus"].map(lambda bus: STATED if bus else "")
    table = _with_places(buses)
    problems, notes = [], []
    for row, project in lacking.iterrows():
        if projects.places[row] in bad:
            continue
        try:
            bus, how = _bus_of(project, table)
        except Unsited as error:
            problems.append(projects.problem(row, *error.told))
            continue
        rows.loc[row, ["bus", "bus_basis"]] = [bus, how]
        notes.append(f"Project {project['name']} ({project['mw']:g} MW) is at {bus}: {how}.")
    return Sited(replace(projects, rows=rows), problems, notes)


def fitting_kv(mw: float) -> tuple[float, float]:
    """Lowest and highest voltage that fits a project, in kV.

    Examples
    --------
    >>> fitting_kv(12), fitting_kv(120)
    ((33.0, 132.0), (110.0, 300.0))
    """
    return next((low, high) for most, low, high in FITTING_KV if mw <= most)


def distance_km(lon: float, lat: float, x: NDArray, y: NDArray) -> NDArray[np.float64]:
    """Great-circle distance from a point to others (degrees), in km.

    Examples
    --------
    A degree of latitude:

    >>> distance_km(10.0, 63.0, np.array([10.0]), np.array([64.0])).round(1)
    array([111.2])
    """
    a, b, c, d = (np.radians(np.asarray(v, dtype=float)) for v in (lon, lat, x, y))
    half = np.sin((d - b) / 2) ** 2 + np.cos(b) * np.cos(d) * np.sin((c - a) / 2) ** 2
    return 2 * EARTH_KM * np.arcsin(np.sqrt(half))


def _with_places(buses: pd.DataFrame) -> pd.DataFrame:
    """Give buses a station and a municipality; a bus of no station is one by itself."""
    table = buses[["v_nom", "x", "y"]].astype(float)
    names = pd.Series(buses.index.astype(str), index=buses.index)
    station = buses["station"].astype(str) if "station" in buses else names
    table["station"] = station.where(station != "", names)
    table["municipality"] = buses["municipality"].astype(str) if "municipality" in buses else ""
    return table


def _bus_of(project: pd.Series, buses: pd.DataFrame) -> tuple[str, str]:
    """Bus of a project, and how it was found."""
    lon, lat, place = project["lon"], project["lat"], project["municipality"]
    low, high = fitting_kv(project["mw"])
    fit = buses[(buses["v_nom"] >= low) & (buses["v_nom"] <= high)]
    span = f"{low:g} to {high:g} kV"
    if np.isfinite(lon) != np.isfinite(lat):
        column = "lat" if np.isfinite(lon) else "lon"
        raise Unsited(column, "", "one coordinate without the other", "Give lon and lat, or a bus.")
    if np.isfinite(lon):
        return _nearest(lon, lat, buses, fit, span)
    if place:
        return _of_municipality(place, buses, fit, span)
    remedy = "Name the bus, or give lon and lat, or the municipality."
    told = ("bus", "", "no bus, and no place to find one", remedy)
    raise Unsited(*told)


def _nearest(
    lon: float, lat: float, buses: pd.DataFrame, fit: pd.DataFrame, span: str
) -> tuple[str, str]:
    at = f"{lon:g}, {lat:g}"
    away = pd.Series(distance_km(lon, lat, fit["x"], fit["y"]), index=fit.index).sort_values()
    if away.empty or away.iloc[0] > MOST_KM:
        told = ("bus", at, *_too_far(lon, lat, buses, span))
        raise Unsited(*told)
    near = fit.loc[away.index[away <= away.iloc[0] + SAME_KM]]
    bus = _lowest(near, at, "equally near")
    return bus, f"the nearest bus of {span}, {away[bus]:.1f} km from lon {lon:g}, lat {lat:g}"


def _too_far(lon: float, lat: float, buses: pd.DataFrame, span: str) -> tuple[str, str]:
    """Say that no fitting bus is near, and what there is instead."""
    message = f"no bus of {span} within {MOST_KM:g} km"
    away = pd.Series(distance_km(lon, lat, buses["x"], buses["y"]), index=buses.index)
    swapped = distance_km(lat, lon, buses["x"], buses["y"]).min() if abs(lon) <= 90 else np.inf
    if away.min() > MOST_KM >= swapped:
        return message, "Are lon and lat swapped?"
    closest = away.idxmin()
    told = f"{closest}, {buses.loc[closest, 'v_nom']:g} kV, {away.min():.0f} km away"
    return message, f"Name the bus itself, if one is right; the nearest of any voltage is {told}."


def _of_municipality(
    place: str, buses: pd.DataFrame, fit: pd.DataFrame, span: str
) -> tuple[str, str]:
    folded = place.casefold()
    there = fit[fit["municipality"].str.casefold() == folded]
    if len(there):
        bus = _lowest(there, place, f"in {place}")
        return bus, f"the station of {span} in {place}"
    others = buses.index[buses["municipality"].str.casefold() == folded]
    if len(others):
        remedy = f"Name the bus itself, or give lon and lat; there is {_names(others)}."
        told = ("municipality", place, f"no bus of {span} in the municipality", remedy)
        raise Unsited(*told)
    known = sorted(set(buses["municipality"]) - {""})
    remedy = suggestion(place, known, "Name the bus, or give lon and lat.")
    told = ("municipality", place, "no bus in this municipality", remedy)
    raise Unsited(*told)


def _lowest(buses: pd.DataFrame, value: str, where: str) -> str:
    """Bus of the lowest voltage, if all belong to one station and it has one of that voltage."""
    lowest = buses.index[buses["v_nom"] == buses["v_nom"].min()]
    if len(set(buses["station"])) == 1 and len(lowest) == 1:
        return str(lowest[0])
    message = f"{len(buses)} fitting buses {where}"
    told = ("bus", value, message, f"Name one of them: {_names(buses.index)}.")
    raise Unsited(*told)


def _names(names: pd.Index) -> str:
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(map(str, names[:LISTED])) + more
