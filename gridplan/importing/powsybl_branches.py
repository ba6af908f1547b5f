"""Lines, transformers and boundary lines of a pypowsybl network.

A transformer of the IIDM model has its ratio and its whole magnetising admittance on side 1:

    U1 — ρ e^{jα} — (g + jb) — (r + jx) — U2,   r and x in ohm on side 2

so that, per unit, tap = V2 / (V1 ρ), shift = −α, and the susceptance is a shunt at side 1. Its
conductance, which no DC flow knows, is divided over both sides.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gridplan.importing.case import BRANCH, BUS, SHUNT, branch_names, rows_of, unique_names
from gridplan.importing.circuits import seen_when_open
from gridplan.importing.report import Report

if TYPE_CHECKING:
    from pypowsybl.network import Network

EVEN_PU = 1e-9  # susceptances of two ends that differ by less are equal
SIDES = {"ONE": "1", "TWO": "2", "THREE": "3"}


@dataclass
class Branches:
    """Collects branches, and what they add: buses, shunts, and power at boundaries.

    Parameters
    ----------
    names : dict
        Name of every bus by its id.
    kv : pandas.Series
        Nominal voltage by name of the bus.
    report : Report
        Is told what was left out.
    base_mva : float
        Base power.
    limits : dict
        Current limits (kA) and powers (MVA) by element and side.
    """

    names: dict[str, str]
    kv: pd.Series
    report: Report
    base_mva: float
    limits: dict[tuple[str, str], dict[str, float]]
    rows: list[dict[str, Any]] = field(default_factory=list)
    shunts: list[dict[str, Any]] = field(default_factory=list)
    buses: list[dict[str, Any]] = field(default_factory=list)
    boundaries: list[dict[str, Any]] = field(default_factory=list)
    sources: list[dict[str, Any]] = field(default_factory=list)

    def end(self, row: dict[str, Any], side: str) -> str | None:
        """Bus at one side of an element, None where it is open."""
        if not row[f"connected{side}"]:
            return None
        return self.names.get(row[f"bus{side}_id"])

    def rate(self, identity: str, kv: dict[str, float]) -> float:
        """Lowest permanent limit over the sides of an element, as MVA; NaN where none is stated."""
        found = []
        for side, volts in kv.items():
            for kind, value in self.limits.get((identity, side), {}).items():
                found.append(np.sqrt(3) * volts * value / 1000 if kind == "CURRENT" else value)
        return min(found, default=np.nan)

    def add(self, identity: str, name: str, ends: tuple, values: dict[str, Any]) -> None:
        """Add a branch; at an open end (None) it becomes a shunt at the other one."""
        if ends[0] is None and ends[1] is None:
            self.report.add("dropped", [identity], "not connected at either end")
            return
        if None in ends:
            end = 0 if ends[1] is None else 1
            seen = seen_when_open(values, end)
            self.shunt(f"Open {identity}", ends[end], seen.imag)
            why = "connected at one end: only its charging is kept"
            self.report.add("changed", [identity], why)
            return
        self.rows.append(
            values | {"bus0": ends[0], "bus1": ends[1], "source_id": identity, "name": name}
        )

    def shunt(self, name: str, bus: str, b: float) -> None:
        """Add a susceptance, per unit."""
        if b:
            self.shunts.append({"name": name, "bus": bus, "g": 0.0, "b": b * self.base_mva})

    def table(self) -> pd.DataFrame:
        """Return the branches; ids are their names where they have none."""
        ends = branch_names([(row["bus0"], row["bus1"]) for row in self.rows])
        return rows_of(BRANCH, self.rows, unique_names([row["name"] for row in self.rows], ends))

    def added_buses(self, buses: pd.DataFrame) -> pd.DataFrame:
        """Return star points and boundaries, at the place of a neighbour."""
        for row in self.buses:
            near = row.pop("near")
            row |= {"x": buses.loc[near, "x"], "y": buses.loc[near, "y"]}
        table = rows_of(BUS, self.buses, [row["source_id"] for row in self.buses])
        table["station"] = ""
        return table

    def shunt_table(self, more: list[dict[str, Any]]) -> pd.DataFrame:
        """Return all shunts."""
        rows = [*more, *self.shunts]
        names = [row["name"] for row in rows]
        return rows_of(SHUNT, rows, unique_names(names, names))


def branches_of(
    network: Network, names: dict[str, str], kv: pd.Series, report: Report, base_mva: float
) -> Branches:
    """Read all branches of a network.

    Parameters
    ----------
    network : pypowsybl.network.Network
        In the variant that is to be read.
    names : dict
        Name of every bus by its id.
    kv : pandas.Series
        Nominal voltage by name of the bus.
    report : Report
        Is told what was left out.
    base_mva : float
        Base power.

    Returns
    -------
    Branches
    """
    found = Branches(names, kv, report, base_mva, _limits(network))
    level = network.get_voltage_levels()["nominal_v"]
    for identity, row in _rows(network.get_lines(all_attributes=True)):
        _add_line(found, identity, row, level)
    for identity, row in _rows(network.get_2_windings_transformers(all_attributes=True)):
        _add_transformer(found, identity, row, level)
    for identity, row in _rows(network.get_3_windings_transformers(all_attributes=True)):
        _add_three_windings(found, identity, row, level)
    _add_boundary_lines(found, network, level)
    return found


def _rows(table: pd.DataFrame) -> Iterator[tuple[str, dict[str, Any]]]:
    if len(table):
        yield from zip(map(str, table.index), table.to_dict("records"), strict=True)


def _limits(network: Network) -> dict[tuple[str, str], dict[str, float]]:
    """Permanent limits of the groups in use."""
    table = network.get_loading_limits(all_attributes=True).reset_index()
    if table.empty:
        return {}
    if "selected" in table:
        table = table[table["selected"].astype(bool)]
    table = table[(table["acceptable_duration"] == -1) & (table["value"] < 1e6)]
    found: dict[tuple[str, str], dict[str, float]] = {}
    for row in table.itertuples():
        side = SIDES.get(row.side, "")
        found.setdefault((row.element_id, side), {})[row.type] = row.value
    return found


def _add_line(found: Branches, identity: str, row: dict[str, Any], level: pd.Series) -> None:
    """Add a line; between two nominal voltages its admittances are taken per unit of both."""
    kv = level[row["voltage_level1_id"]], level[row["voltage_level2_id"]]
    ohm = kv[0] * kv[1] / found.base_mva
    z = complex(row["r"], row["x"]) / ohm
    apart = [complex(row[f"g{side}"], row[f"b{side}"]) * kv[at] ** 2 / found.base_mva
             for at, side in enumerate("12")]  # fmt: skip
    if kv[0] != kv[1] and z:
        apart = [y + (kv[at] / kv[1 - at] - 1) / z for at, y in enumerate(apart)]
    values = {
        "kind": "line" if kv[0] == kv[1] else "transformer",
        "r": z.real,
        "x": z.imag,
        "g": sum(apart).real,
        "b": sum(apart).imag,
        "tap": 1.0,
        "shift": 0.0,
        "rate_mva": found.rate(identity, {"1": kv[0], "2": kv[1]}),
    }
    ends = found.end(row, "1"), found.end(row, "2")
    uneven = (apart[0] - apart[1]).imag / 2
    if None not in ends and abs(uneven) > EVEN_PU:
        found.shunt(f"Uneven {identity} 1", ends[0], uneven)
        found.shunt(f"Uneven {identity} 2", ends[1], -uneven)
    found.add(identity, row["name"] or identity, ends, values)


def _leg(row: dict[str, Any], side: str, kv: tuple[float, float], base_mva: float) -> dict:
    """Circuit of a winding, as in the head of this module."""
    ohm = kv[1] ** 2 / base_mva
    r, x, g, b = (float(row[f"{of}{side}_at_current_tap"]) for of in "rxgb")
    return {
        "kind": "transformer",
        "r": r / ohm,
        "x": x / ohm,
        "g": g * ohm,
        "b": 0.0,
        "apart": b * ohm,
        "tap": kv[1] / (kv[0] * float(row[f"rho{side}"])),
        "shift": -float(row[f"alpha{side}"]),
    }


def _add_winding(
    found: Branches, identity: str, name: str, ends: tuple, values: dict[str, Any]
) -> None:
    apart = values.pop("apart")
    if ends[0] is not None:
        found.shunt(f"Magnetising {identity}", ends[0], apart / values["tap"] ** 2)
    found.add(identity, name, ends, values)


def _add_transformer(found: Branches, identity: str, row: dict[str, Any], level: pd.Series) -> None:
    kv = level[row["voltage_level1_id"]], level[row["voltage_level2_id"]]
    rate = found.rate(identity, {"1": kv[0], "2": kv[1]})
    rate = row["rated_s"] if np.isnan(rate) else rate
    values = _leg(row, "", kv, found.base_mva) | {"rate_mva": rate}
    ends = found.end(row, "1"), found.end(row, "2")
    _add_winding(found, identity, row["name"] or identity, ends, values)


def _add_three_windings(
    found: Branches, identity: str, row: dict[str, Any], level: pd.Series
) -> None:
    """Three transformers around a star point at the rated voltage of the star."""
    star, kv0 = f"Star point {row['name'] or identity}", float(row["rated_u0"])
    ends = [found.end(row, side) for side in "123"]
    near = next((end for end in ends if end is not None), None)
    if near is None:
        found.report.add("dropped", [identity], "not connected at any end")
        return
    found.buses.append({"v_nom": kv0, "source_id": star, "near": near})
    for side, end in zip("123", ends, strict=True):
        kv = level[row[f"voltage_level{side}_id"]]
        rate = found.rate(identity, {side: kv})
        rate = row[f"rated_s{side}"] if np.isnan(rate) else rate
        values = _leg(row, side, (kv, kv0), found.base_mva) | {"rate_mva": rate}
        name = f"{row['name'] or identity} {side}"
        _add_winding(found, f"{identity} {side}", name, (end, star), values)
    found.report.add("changed", [identity], "three transformers and a bus")


def _add_boundary_lines(found: Branches, network: Network, level: pd.Series) -> None:
    """Lines to the neighbours: alone with a load at their end, in pairs joined at the boundary."""
    generation = network.get_boundary_lines_generation()
    for identity, row in _rows(network.get_boundary_lines(all_attributes=True)):
        kv = level[row["voltage_level_id"]]
        near = found.names.get(row["bus_id"]) if row["connected"] else None
        if near is None:
            found.report.add("dropped", [identity], "not connected")
            continue
        name = row["name"] or identity
        pair = row["tie_line_id"]
        boundary = f"Boundary {pair or name}"
        known = [bus["source_id"] for bus in found.buses]
        if boundary not in known:
            found.buses.append({"v_nom": kv, "source_id": boundary, "near": near})
        ohm = kv**2 / found.base_mva
        values = {"kind": "line", "r": row["r"] / ohm, "x": row["x"] / ohm, "g": row["g"] * ohm,
                  "b": row["b"] * ohm, "tap": 1.0, "shift": 0.0,
                  "rate_mva": found.rate(identity, {"": kv, "1": kv, "2": kv})}  # fmt: skip
        found.add(identity, name, (near, boundary), values)
        if pair:
            continue
        found.boundaries.append(
            {"name": f"Exchange {name}", "bus": boundary, "p": row["p0"], "q": row["q0"]}
        )
        found.report.add("changed", [identity], "a line to a neighbour: its exchange is a load")
        if identity in generation.index:
            source = generation.loc[identity]
            found.sources.append(
                {"name": f"Infeed {name}", "bus": boundary, "carrier": "neighbour",
                 "control": "PQ", "p": source["target_p"], "q": source["target_q"],
                 "p_min": source["target_p"], "p_max": source["target_p"], "cost": 0.0}
            )  # fmt: skip
