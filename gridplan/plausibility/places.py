"""Coordinates that cannot be right: swapped, far from all others, or against the lengths."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridplan.plausibility.doubt import ARITHMETIC, ASSUMPTION, Doubt
from gridplan.study.siting import MOST_KM, distance_km
from gridplan.study.study import Study

LONE_KM = 300.0  # assumption: so far from the middle a bus needs a look,
LONE_TIMES = 5.0  # if it is so many times farther than half of all buses
ROUNDING = 0.95, 1.0  # a line may seem this much shorter than its way by rounding: share, km
DETOUR = 3.0, 10.0  # a line so much longer than its way needs a look: times, km
SWAPPED = "Are lon (x) and lat (y) swapped?"
Kilometres = NDArray[np.float64]


def place_doubts(study: Study) -> list[Doubt]:
    """Hold coordinates against each other and against the lengths of lines.

    Parameters
    ----------
    study : Study
        The input. Networks without coordinates raise no doubts.

    Returns
    -------
    list of Doubt
    """
    buses = study.network.c.buses.static[["x", "y"]].astype(float)
    if len(buses.drop_duplicates()) < 3 or (buses["y"].abs() > 90).any():
        return []  # no coordinates, or not in degrees
    lines = study.network.c.lines.static
    all_swapped = _all_swapped(buses, lines)
    if all_swapped:
        return all_swapped
    return [*_lone(buses), *_lengths(buses, lines), *_projects(study.projects, buses)]


def _all_swapped(buses: pd.DataFrame, lines: pd.DataFrame) -> list[Doubt]:
    """Whether most lines are shorter than their way, and none would be with swapped coordinates."""
    lines = lines[lines["length"] > 0]
    if lines.empty or (buses["x"].abs() > 90).any():
        return []
    short, other = (
        (_too_short(lines["length"], _ways(lines, at))).mean()
        for at in (buses, buses.set_axis(["y", "x"], axis=1))
    )
    if short < 0.3 or other > short / 3:
        return []
    value = f"{short:.0%} of the lines are shorter than the way between their ends"
    usual = f"none; {other:.0%} with x and y swapped"
    return [Doubt("place", "buses", "", "x, y", value, usual, SWAPPED, ARITHMETIC)]


def _ways(lines: pd.DataFrame, buses: pd.DataFrame) -> Kilometres:
    ends = buses.reindex(lines["bus0"]), buses.reindex(lines["bus1"])
    (x0, y0), (x1, y1) = ((end["x"].to_numpy(), end["y"].to_numpy()) for end in ends)
    return distance_km(x0, y0, x1, y1)


def _too_short(length: pd.Series, way: Kilometres) -> Kilometres:
    share, km = ROUNDING
    return length.to_numpy(dtype=float) < share * way - km


def _lone(buses: pd.DataFrame) -> list[Doubt]:
    """Buses far from all others."""
    middle = buses.median()
    away = distance_km(middle["x"], middle["y"], buses["x"], buses["y"])
    swapped = distance_km(middle["x"], middle["y"], buses["y"], buses["x"])
    usual_km = float(np.median(away))
    doubts = []
    for bus in np.flatnonzero(away > max(LONE_KM, LONE_TIMES * usual_km)):
        question = "Is this another unit, or another place?"
        if swapped[bus] < away[bus] / 3:
            question = SWAPPED
        x, y = buses.iloc[bus]
        value = f"x {x:g}, y {y:g}, {away[bus]:,.0f} km from the middle of the buses"
        usual = f"half of them are within {usual_km:,.0f} km"
        where = ("place", "buses", str(buses.index[bus]), "x, y")
        doubts.append(Doubt(*where, value, usual, question, ARITHMETIC))
    return doubts


def _lengths(buses: pd.DataFrame, lines: pd.DataFrame) -> list[Doubt]:
    """Lines that are shorter than the way between their ends, or very much longer."""
    lines = lines[lines["length"] > 0]
    way = _ways(lines, buses)
    times, km = DETOUR
    long = lines["length"].to_numpy(dtype=float) > times * way + km
    doubts = []
    for place in np.flatnonzero(_too_short(lines["length"], way) | long):
        source = ASSUMPTION if long[place] else ARITHMETIC
        usual = f"{way[place]:.1f} km as the crow flies"
        usual += f", up to {times:g} times" if long[place] else " at least"
        value = f"{lines['length'].iloc[place]:g} km"
        question = "Is the length in another unit, or does the line end elsewhere?"
        where = ("place", "lines", str(lines.index[place]), "length")
        doubts.append(Doubt(*where, value, usual, question, source))
    return doubts


def _projects(projects: pd.DataFrame, buses: pd.DataFrame) -> list[Doubt]:
    """Projects far from the bus that they name."""
    if not {"lon", "lat"} <= set(projects):
        return []
    placed = projects[projects["lon"].notna() & projects["lat"].notna()]
    placed = placed[placed["bus"].isin(buses.index)]
    ends = buses.loc[placed["bus"]]
    lon, lat, x, y = (
        series.to_numpy(dtype=float)
        for series in (placed["lon"], placed["lat"], ends["x"], ends["y"])
    )
    away, swapped = distance_km(lon, lat, x, y), distance_km(lat, lon, x, y)
    doubts = []
    for place in np.flatnonzero(away > MOST_KM):
        question = "Is the bus the right one?"
        if swapped[place] < away[place] / 3:
            question = "Are lon and lat swapped?"
        value = f"{away[place]:,.0f} km from its bus {placed['bus'].iloc[place]}"
        where = ("place", "projects", str(placed.index[place]), "lon, lat")
        doubts.append(Doubt(*where, value, f"at most {MOST_KM:g} km", question, ASSUMPTION))
    return doubts
