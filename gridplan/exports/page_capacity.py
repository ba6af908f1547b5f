"""Hosting capacity for the interactive map: figures, duration curves and offers of every bus."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from gridplan.hosting.curve import flexibility_curve

MOST_POINTS = 200  # of a duration curve
MOST_NUMBERS = 300_000  # in the duration curves of a page, which keeps it below 5 MB
DECIMALS = 6  # of MW: what is shown is rounded once, from the figure itself
USE = ("used_mw", "reserved_mw", "queued_mw", "candidate_mw")


class Names:
    """Texts that occur often, each stored once."""

    def __init__(self) -> None:
        self.places: dict[str, int] = {}

    def __call__(self, text: object) -> int:
        """Return the position of a text, a new one if it is new."""
        return self.places.setdefault(str(text), len(self.places))

    def all(self) -> list[str]:
        """Texts by position."""
        return list(self.places)


def points_of(capacities: Mapping[int, xr.Dataset]) -> int:
    """How many hours of every duration curve are stored, so that the file stays small."""
    curves = sum(
        cap.sizes["bus"] * cap.sizes["criterion"]
        for cap in capacities.values()
        if "hourly_mw" in cap
    )
    return max(20, min(MOST_POINTS, MOST_NUMBERS // max(curves, 1)))


def capacity_of_year(cap: xr.Dataset, names: Names, points: int) -> dict[str, Any]:
    """Figures of one year's capacities.

    Parameters
    ----------
    cap : xarray.Dataset
        Of `gridplan.hosting_capacity`.
    names : Names
        Takes branches, outages, reasons and hours.
    points : int
        Of every duration curve.

    Returns
    -------
    dict
        bus (names), used_mw, reserved_mw, queued_mw, candidate_mw by bus, and criteria: by name of
        the criterion the figures by bus and flexibility, and where `cap` has hourly capacities the
        curves by bus; ranks are the hours of the duration curves, 1 being the best.
    """
    told: dict[str, Any] = {"bus": [str(bus) for bus in cap.indexes["bus"]]}
    told |= {name: _rounded(cap[name].to_numpy()) for name in USE}
    told["criteria"] = {
        str(criterion): _figures(cap.sel(criterion=criterion), names)
        for criterion in cap.indexes["criterion"]
    }
    if "hourly_mw" in cap:
        told["hours"] = cap.sizes["snapshot"]
        ranks = _ranks(cap.sizes["snapshot"], points)
        told["ranks"] = (ranks + 1).tolist()
        for criterion, part in told["criteria"].items():
            part["duration"] = _durations(cap["hourly_mw"].sel(criterion=criterion), ranks)
            part["offer"] = [_offer(cap, bus, criterion) for bus in told["bus"]]
    return told


def _figures(one: xr.Dataset, names: Names) -> dict[str, Any]:
    """Figures under one criterion by bus and flexibility; texts as positions in `names`."""
    one = one.transpose("bus", "flexibility", ...)
    hours = pd.DatetimeIndex(one["limiting_hour"].to_numpy().ravel()).strftime("%Y-%m-%dT%H:%M")
    figures = {
        "mw": _rounded(one["capacity_mw"].to_numpy()),
        "hours": one["limiting_hours"].to_numpy().astype(int).tolist(),
        "hour": _named(np.asarray(hours).reshape(one["limiting_hour"].shape), names),
        "free": _rounded(one["free_mw"].to_numpy()),
    }
    for short, name in (("by", "limited_by"), ("branch", "limiting_branch"),
                        ("outage", "limiting_outage")):  # fmt: skip
        figures[short] = _named(one[name].to_numpy(), names)
    return figures


def _named(texts: NDArray[Any], names: Names) -> list[list[int]]:
    return [[names(text) for text in row] for row in texts]


def _rounded(values: NDArray[np.float64]) -> list:
    return (np.asarray(values, dtype=float).round(DECIMALS) + 0.0).tolist()  # no −0


def _ranks(hours: int, points: int) -> NDArray[np.int64]:
    """Positions in a sorted year that a curve is drawn through, both ends included."""
    return np.unique(np.linspace(0, hours - 1, min(points, hours)).round().astype(int))


def _durations(hourly_mw: xr.DataArray, ranks: NDArray[np.int64]) -> list[list[float]]:
    """Capacity at the given ranks, best hour first, by bus (MW)."""
    values = hourly_mw.transpose("bus", "snapshot").to_numpy().astype(float)
    return [_figured(row) for row in -np.sort(-values, axis=1)[:, ranks]]


def _figured(values: NDArray[np.float64], figures: int = 4) -> list[float]:
    """Numbers with so many figures as a chart can show."""
    return [float(f"{value:.{figures}g}") + 0.0 for value in values]


def _offer(cap: xr.Dataset, bus: str, criterion: str) -> list[list[float]]:
    """Size (MW), curtailed share, hours, longest run (h) and deepest cut (MW) of connections."""
    curve = flexibility_curve(cap, bus, criterion=criterion).reset_index()
    columns = ["mw", "curtailed_share", "hours", "longest_event_h", "deepest_cut_mw"]
    return [_figured(curve[name].to_numpy(dtype=float), 6) for name in columns]
