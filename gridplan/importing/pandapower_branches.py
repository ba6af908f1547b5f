"""Lines, transformers, impedances and switches of a pandapower network.

The formulas are those of pandapower's documentation ("Electric model" of each element) with its
default T model of transformers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from gridplan.importing.case import BRANCH, SHUNT, branch_names, rows_of, unique_names
from gridplan.importing.circuits import pi_of_t, seen_when_open, star_of, tap_of
from gridplan.importing.pandapower_json import Tables, number
from gridplan.importing.report import Report

SIDES = ("hv", "mv", "lv")
SWITCH_RX = 2.0  # r / x of a closed switch that states an impedance, as in pandapower


@dataclass
class Branches:
    """Collects branches, and what open ones look like at the end that is connected.

    Parameters
    ----------
    tables : Tables
        The network.
    names : dict
        Name of every bus in service by its index; star points are added.
    kv : dict
        Nominal voltage by name of the bus.
    report : Report
        Is told what was left out.
    """

    tables: Tables
    names: dict[int, str]
    kv: dict[str, float]
    report: Report
    rows: list[dict[str, Any]] = field(default_factory=list)
    shunts: list[dict[str, Any]] = field(default_factory=list)
    stars: list[tuple[str, float, str]] = field(default_factory=list)  # name, kV, neighbour

    @property
    def base_mva(self) -> float:
        """Base power."""
        return self.tables.figure("sn_mva", 1.0)

    def add(self, kind: str, number_: Any, name: Any, ends: tuple, values: dict[str, Any]) -> None:
        """Add a branch; at an open end (None) it becomes a shunt at the other one."""
        identity = f"{kind} {number_}"
        told = f"{identity} ({name})" if isinstance(name, str) and name else identity
        if ends[0] is None and ends[1] is None:
            self.report.add("dropped", [told], "open or without service at both ends")
            return
        whole = {"g": 0.0, "b": 0.0, "tap": 1.0, "shift": 0.0} | values
        if None in ends:
            end = 0 if ends[1] is None else 1
            seen = seen_when_open(whole, end)
            if seen.imag:  # what it takes as losses is next to nothing, and no part of a DC flow
                row = {"bus": ends[end], "g": 0.0, "b": seen.imag * self.base_mva}
                self.shunts.append(row | {"name": f"Open {identity}"})
            self.report.add("changed", [told], "open at one end: only its charging is kept")
            return
        whole |= {"bus0": ends[0], "bus1": ends[1], "source_id": identity, "name": name}
        self.rows.append(whole)

    def table(self) -> pd.DataFrame:
        """Return the branches, named after the source or their ends."""
        ends = branch_names([(row["bus0"], row["bus1"]) for row in self.rows])
        names = unique_names([row["name"] for row in self.rows], ends)
        return rows_of(BRANCH, self.rows, names)

    def shunt_table(self) -> pd.DataFrame:
        """Return what open branches and unequal halves of transformers add at buses."""
        names = [row["name"] for row in self.shunts]
        return rows_of(SHUNT, self.shunts, unique_names(names, names))


def branches_of(
    tables: Tables, names: dict[int, str], kv: dict[str, float], report: Report
) -> Branches:
    """Read all branches of a network.

    Parameters
    ----------
    tables : Tables
        The network.
    names : dict
        Name of every bus in service by its index.
    kv : dict
        Nominal voltage by name of the bus.
    report : Report
        Is told what was left out.

    Returns
    -------
    Branches
    """
    found = Branches(tables, names, kv, report)
    off = _open_ends(tables)
    for element in ("line", "trafo", "trafo3w", "impedance"):
        idle = tables[element].index.difference(tables.in_service(element).index)
        report.add("dropped", [f"{element} {number_}" for number_ in idle], "out of service")
    _add_lines(found, off["l"])
    _add_transformers(found, off["t"])
    _add_three_windings(found, off["t3"])
    _add_impedances(found)
    _add_switches(found)
    return found


def _open_ends(tables: Tables) -> dict[str, set[tuple[int, int]]]:
    """Element and bus of every open switch at a branch, by kind of branch."""
    found: dict[str, set[tuple[int, int]]] = {"l": set(), "t": set(), "t3": set()}
    for row in _rows(tables["switch"]):
        if not row["closed"] and row["et"] in found:
            found[row["et"]].add((int(row["element"]), int(row["bus"])))
    return found


def _rows(table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Go through a table; every row knows its index."""
    for index, row in zip(table.index, table.to_dict("records"), strict=True):
        yield {str(key): value for key, value in row.items()} | {"index": index}


def _ends(
    found: Branches, row: Mapping[str, Any], columns: tuple[str, ...], off: set[tuple[int, int]]
) -> tuple[str | None, ...]:
    """Buses at the ends; None where a switch is open or the bus out of service."""
    return tuple(
        None if (row["index"], int(row[name])) in off else found.names.get(int(row[name]))
        for name in columns
    )


def _kv(found: Branches, bus: Any) -> float:
    return float(found.tables["bus"].loc[int(bus), "vn_kv"])


def _rating(row: Mapping[str, Any], mva: float) -> float:
    part = number(row, "max_loading_percent", 100.0) / 100
    return mva * number(row, "parallel", 1.0) * number(row, "df", 1.0) * part


def _add_lines(found: Branches, off: set[tuple[int, int]]) -> None:
    hertz = found.tables.figure("f_hz", 50.0)
    for row in _rows(found.tables.in_service("line")):
        kv, km, parallel = _kv(found, row["from_bus"]), row["length_km"], number(row, "parallel", 1)
        ohm = kv**2 / found.base_mva
        rate = _rating(row, np.sqrt(3) * kv * number(row, "max_i_ka", np.nan))
        values = {
            "kind": "line",
            "r": row["r_ohm_per_km"] * km / parallel / ohm,
            "x": row["x_ohm_per_km"] * km / parallel / ohm,
            "b": 2 * np.pi * hertz * number(row, "c_nf_per_km") * 1e-9 * km * parallel * ohm,
            "g": number(row, "g_us_per_km") * 1e-6 * km * parallel * ohm,
            "rate_mva": rate,
            "length": km,
        }
        if kv != _kv(found, row["to_bus"]):
            values["kind"] = "transformer"  # a line between two voltages has their ratio
        ends = _ends(found, row, ("from_bus", "to_bus"), off)
        found.add("line", row["index"], row.get("name"), ends, values)


def _add_transformers(found: Branches, off: set[tuple[int, int]]) -> None:
    for row in _rows(found.tables.in_service("trafo")):
        ends = _ends(found, row, ("hv_bus", "lv_bus"), off)
        kv = _kv(found, row["hv_bus"]), _kv(found, row["lv_bus"])
        rate = _rating(row, number(row, "sn_mva", np.nan))
        values, apart = two_windings(row, kv, found.base_mva)
        found.add("trafo", row["index"], row.get("name"), ends, values | {"rate_mva": rate})
        if apart and None not in ends:
            shunt = {"bus": ends[1], "g": apart.real, "b": apart.imag}
            name = f"Magnetising trafo {row['index']}"
            found.shunts.append({k: v * found.base_mva if k != "bus" else v
                                 for k, v in shunt.items()} | {"name": name})  # fmt: skip


def two_windings(
    row: Mapping[str, Any], kv: tuple[float, float], base_mva: float
) -> tuple[dict[str, Any], complex]:
    """Circuit of a transformer.

    Parameters
    ----------
    row : mapping
        Of the table trafo.
    kv : tuple of float
        Nominal voltage of its buses.
    base_mva : float
        Base power.

    Returns
    -------
    dict
        kind, r, x, g, b, tap and shift.
    complex
        Admittance by which its second end has more than the first, per unit.
    """
    high, low = row["vn_hv_kv"], row["vn_lv_kv"]
    shift = number(row, "shift_degree")
    for changer in ("", "2"):
        side, ideal = _tap_changer(row, changer)
        if not side:
            continue
        steps = number(row, f"tap{changer}_pos") - number(row, f"tap{changer}_neutral")
        percent, degree = (
            number(row, f"tap{changer}_step_{unit}") for unit in ("percent", "degree")
        )
        voltage, turned = tap_of(
            high if side == "hv" else low, steps, percent, degree, ideal=ideal, high=side == "hv"
        )
        high, low = (voltage, low) if side == "hv" else (high, voltage)
        shift += turned
    parallel, rated = number(row, "parallel", 1.0), row["sn_mva"]
    scale = (low / kv[1]) ** 2 * base_mva / rated / 100
    z, r = row["vk_percent"] * scale, row["vkr_percent"] * scale
    series = complex(r, np.sign(z) * np.sqrt(max(z**2 - r**2, 0.0))) / parallel
    iron = number(row, "pfe_kw") / 1000
    whole = number(row, "i0_percent") / 100 * rated
    wound = complex(iron, -np.sqrt(max(whole**2 - iron**2, 0.0)))
    shunt = wound / base_mva * (kv[1] / low) ** 2 * parallel
    share = complex(*(number(row, f"leakage_{of}_ratio_hv", 0.5) for of in
                      ("resistance", "reactance")))  # fmt: skip
    series, first, second = pi_of_t(series, shunt, share)
    values = {
        "kind": "transformer",
        "r": series.real,
        "x": series.imag,
        "g": 2 * complex(first).real,
        "b": 2 * complex(first).imag,
        "tap": high / low / (kv[0] / kv[1]),
        "shift": shift,
    }
    return values, complex(second - first) if share != complex(0.5, 0.5) else 0j


def _tap_changer(row: Mapping[str, Any], changer: str) -> tuple[str, bool]:
    """Side of a tap changer ("" without one), and whether it is a pure phase shifter."""
    side = row.get(f"tap{changer}_side")
    position = row.get(f"tap{changer}_pos")
    if side not in ("hv", "lv") or position is None or not np.isfinite(position):
        return "", False
    if f"tap{changer}_changer_type" in row:
        kind = row[f"tap{changer}_changer_type"]
        return (side if kind in ("Ratio", "Symmetrical", "Ideal") else ""), kind == "Ideal"
    return side, bool(row.get(f"tap{changer}_phase_shifter"))  # before pandapower 3


def _add_three_windings(found: Branches, off: set[tuple[int, int]]) -> None:
    """Three transformers around a star point; the magnetising current on the high side."""
    for row in _rows(found.tables.in_service("trafo3w")):
        star = f"Star point trafo3w {row['index']}"
        ends = _ends(found, row, ("hv_bus", "mv_bus", "lv_bus"), off)
        kv = _kv(found, row["hv_bus"])
        neighbour = next((end for end in ends if end), "")
        if not neighbour:
            found.report.add("dropped", [f"trafo3w {row['index']}"], "open at all its ends")
            continue
        found.stars.append((star, kv, neighbour))
        for side, end in zip(SIDES, ends, strict=True):
            part = _of_side(row, side)
            high = side == "hv"
            volts = (kv, kv) if high else (kv, _kv(found, row[f"{side}_bus"]))
            values, _ = two_windings(part, volts, found.base_mva)
            values["rate_mva"] = _rating(row, number(row, f"sn_{side}_mva", np.nan))
            name = row.get("name")
            name = f"{name} {side}" if isinstance(name, str) and name else None
            pair = (end, star) if high else (star, end)
            found.add("trafo3w", f"{row['index']} {side}", name, pair, values)
        found.report.add("changed", [f"trafo3w {row['index']}"], "three transformers and a bus")


def _of_side(row: Mapping[str, Any], side: str) -> dict[str, Any]:
    """One of the three transformers that stand for a three-winding transformer."""
    rated = np.array([row[f"sn_{of}_mva"] for of in SIDES])
    pairs = rated[[0, 1, 0]], rated[[1, 2, 2]]
    to_first = rated[0] / np.minimum(*pairs)
    vk, vkr = (
        np.array([row[f"{kind}_{of}_percent"] for of in SIDES]) * to_first for kind in ("vk", "vkr")
    )
    r, x = (star_of(values) * rated / rated[0] for values in (vkr, np.sqrt(vk**2 - vkr**2)))
    at = SIDES.index(side)
    losses = (row.get("loss_side") or "hv") == side
    part = {
        "vn_hv_kv": row["vn_hv_kv"],
        "vn_lv_kv": row[f"vn_{side}_kv"],
        "sn_mva": rated[at],
        "vk_percent": np.sign(x[at]) * np.hypot(r[at], x[at]),
        "vkr_percent": r[at],
        "shift_degree": 0.0 if side == "hv" else number(row, f"shift_{side}_degree"),
        "pfe_kw": number(row, "pfe_kw") if losses else 0.0,
        "i0_percent": number(row, "i0_percent") if losses else 0.0,
    }
    return part | (_tap_of_side(row, side) if row.get("tap_side") == side else {})


def _tap_of_side(row: Mapping[str, Any], side: str) -> dict[str, Any]:
    taps = {key: row[key] for key in row if key.startswith("tap_")}
    terminal, other = ("hv", "lv") if side == "hv" else ("lv", "hv")
    if not row.get("tap_at_star_point"):
        return taps | {"tap_side": terminal}
    step = number(row, "tap_step_percent") * np.exp(1j * np.radians(number(row, "tap_step_degree")))
    steps = number(row, "tap_pos") - number(row, "tap_neutral")
    turned = 100 * step / (100 + step * steps)  # seen from the other side of the winding
    return taps | {
        "tap_side": other,
        "tap_step_percent": abs(turned),
        "tap_step_degree": float(np.degrees(np.angle(turned))) - 180.0,
    }


def _add_impedances(found: Branches) -> None:
    for row in _rows(found.tables.in_service("impedance")):
        ends = _ends(found, row, ("from_bus", "to_bus"), set())
        own = found.base_mva / row["sn_mva"]
        values = {
            "kind": "line" if _kv(found, row["from_bus"]) == _kv(found, row["to_bus"])
            else "transformer",
            "r": row["rft_pu"] * own,
            "x": row["xft_pu"] * own,
            "g": 2 * number(row, "gf_pu") / own,
            "b": 2 * number(row, "bf_pu") / own,
        }  # fmt: skip
        found.add("impedance", row["index"], row.get("name"), ends, values)


def _add_switches(found: Branches) -> None:
    """Add closed switches between buses: without impedance, or with the one that they state."""
    for row in _rows(found.tables["switch"]):
        if row["et"] != "b" or not row["closed"]:
            continue
        ends = found.names.get(int(row["bus"])), found.names.get(int(row["element"]))
        if None in ends:
            continue
        ohm = _kv(found, row["bus"]) ** 2 / found.base_mva
        z = number(row, "z_ohm") / ohm / np.hypot(1.0, SWITCH_RX)
        values = {"kind": "line", "r": z * SWITCH_RX, "x": z}
        found.add("switch", row["index"], row.get("name"), ends, values)
