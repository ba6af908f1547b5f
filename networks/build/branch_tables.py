"""The two branch tables, one row per circuit or unit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from networks.build.branches import FORMER_DUPLEX
from networks.build.ladder import Size
from networks.build.sizing import Corridors

C_NF_KM = {420: 13.8, 300: 13.2, 132: 9.0, 66: 8.7}  # parameters_by_voltage.csv
OMEGA = 2 * np.pi * 50
TYPES = "parameters_by_voltage.csv (PyPSA standard types, MIT)"
RULE = "smallest standard size by the sizing rule (SOURCES.md)"

Row = dict[str, Any]


def line_table(corridors: Corridors, sizes: list[Size]) -> pd.DataFrame:
    """Return grid/lines.csv, one row per circuit."""
    return _rows("line", corridors, sizes, _line)


def transformer_table(corridors: Corridors, sizes: list[Size]) -> pd.DataFrame:
    """Return grid/transformers.csv, one row per unit."""
    return _rows("transformer", corridors, sizes, _unit)


def _rows(
    part: str,
    corridors: Corridors,
    sizes: list[Size],
    make: Callable[[Any, Size, int], Row],
) -> pd.DataFrame:
    """Make one row for every circuit of the corridors of one kind."""
    pairs = zip(corridors.table.itertuples(), sizes, strict=True)
    rows = [
        make(corridor, size, number)
        for corridor, size in pairs
        if corridor.part == part
        for number in range(1, size.circuits + 1)
    ]
    return pd.DataFrame(rows).set_index("name").sort_index()


def _line(corridor: Any, size: Size, number: int) -> Row:
    """Row of one circuit of a line; r and x in ohm, b in S, s_nom in MVA."""
    stations = [bus.rsplit(" ", 1)[0] for bus in (corridor.bus0, corridor.bus1)]
    name = f"{stations[0]} - {stations[1]} {corridor.kv}"
    charging = OMEGA * C_NF_KM[corridor.kv] * 1e-9 * corridor.length
    return {
        "name": name if number == 1 else f"{name} {number}",
        "bus0": corridor.bus0,
        "bus1": corridor.bus1,
        "length": corridor.length,
        "r": round(size.r * corridor.length, 5),
        "x": round(size.x * corridor.length, 5),
        "b": float(f"{charging:.4g}"),
        "s_nom": size.s_nom,
        "s_max_pu": 1.0,
        "carrier": "AC",
        "basis": corridor.basis,
        "source": corridor.source,
        "geometry": corridor.geometry,
        "rating_source": _rating_source(corridor, size),
    }


def _rating_source(corridor: Any, size: Size) -> str:
    """Tell where the rating of a line comes from."""
    if size.kind == FORMER_DUPLEX:
        return "Nordic 490 model, 1,500 MVA: cautious, upgraded from a 300 kV duplex line"
    if corridor.kv > 200:
        return f"{size.kind}; {TYPES}"
    return f"assumption: {size.kind}, {RULE}{_weak(corridor)}"


def _weak(corridor: Any) -> str:
    """Tell that a branch is kept weak."""
    return "; documented weak place, sized for 105 %" if corridor.weak else ""


def _unit(corridor: Any, size: Size, number: int) -> Row:
    """Row of one transformer; x and r per unit of s_nom (MVA)."""
    station = corridor.bus0.rsplit(" ", 1)[0]
    return {
        "name": f"{station} T{number} {corridor.kv}/{corridor.low:.0f}",
        "bus0": corridor.bus0,
        "bus1": corridor.bus1,
        "model": "t",
        "x": size.x,
        "r": size.r,
        "s_nom": size.s_nom,
        "basis": corridor.basis,
        "source": corridor.source,
        "rating_source": f"assumption: {RULE}, x = 12 %{_weak(corridor)}",
    }
