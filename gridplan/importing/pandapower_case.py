"""pandapower networks (JSON) as tables of a case."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gridplan.base.errors import Problem, StudyError
from gridplan.importing.case import BUS, GENERATOR, LOAD, SHUNT, Case, rows_of, unique_names
from gridplan.importing.pandapower_branches import Branches, branches_of
from gridplan.importing.pandapower_json import Tables, number, read_tables
from gridplan.importing.report import Report

REFUSED = {  # table: what it is
    "svc": "static var compensators",
    "ssc": "static synchronous compensators",
    "tcsc": "controlled series capacitors",
    "vsc": "converters",
    "vsc_stacked": "converters",
    "vsc_bipolar": "converters",
    "b2b_vsc": "converters",
    "line_dc": "direct-current grids",
    "source_dc": "direct-current grids",
    "load_dc": "direct-current grids",
}
FIXED = "limits not stated: its output is fixed"


def read_pandapower_case(path: Path, report: Report) -> Case:
    """Read a network.

    Parameters
    ----------
    path : pathlib.Path
        A file that `pandapower.to_json` has written.
    report : Report
        Is told what was left out, changed and assumed.

    Returns
    -------
    Case

    Raises
    ------
    StudyError
        When the file is none, or the network holds what no study can.
    """
    tables = read_tables(path)
    problems = _problems(tables)
    if problems:
        raise StudyError(problems)
    bus = tables.in_service("bus")
    idle = tables["bus"].index.difference(bus.index)
    report.add("dropped", [f"bus {number_}" for number_ in idle], "out of service")
    wanted = bus["name"] if "name" in bus else [None] * len(bus)
    labels = unique_names([_text(name) for name in wanted], [f"Bus {n}" for n in bus.index])
    names = dict(zip((int(n) for n in bus.index), labels, strict=True))
    kv = dict(zip(labels, bus["vn_kv"].astype(float), strict=True))
    branches = branches_of(tables, names, kv, report)
    injections = _Injections(tables, names, report)
    buses, generators = _with_inner_buses(_buses(tables, bus, labels), branches, injections)
    name = tables.content.get("name")
    case = Case(
        name=name if isinstance(name, str) and name else path.stem,
        base_mva=branches.base_mva,
        buses=buses,
        branches=branches.table(),
        loads=injections.loads(),
        generators=generators,
        shunts=pd.concat([injections.shunts(kv), branches.shunt_table()]),
    )
    if len(tables["controller"]):
        case.notes.append("Controllers of pandapower are not run: taps stand as they were stored.")
    return case


def _text(name: Any) -> Any:
    """Return the name of a bus; a bare number is preceded by the word."""
    text = f"{name:g}" if isinstance(name, float) and np.isfinite(name) else name
    return f"Bus {text}" if isinstance(text, int) or str(text).isdigit() else text


def _problems(tables: Tables) -> list[Problem]:
    """Report what no study can hold."""
    problems = []

    def refuse(table: str, message: str, remedy: str) -> None:
        found = f"{len(tables.in_service(table))} rows"
        problems.append(Problem(tables.file, f"table {table}", "", found, message, remedy))

    for table, words in REFUSED.items():
        if len(tables.in_service(table)):
            refuse(table, f"{words} are not modelled", "Replace them by generators or loads.")
    for table in ("trafo", "trafo3w"):
        rows = tables.in_service(table)
        if "tap_dependency_table" in rows and rows["tap_dependency_table"].eq(True).any():
            remedy = "Set tap_dependency_table to False and the figures of the present tap."
            refuse(table, "tables of tap positions are not read", remedy)
    rows = tables.in_service("impedance")
    if len(rows) and not (
        np.allclose(rows["rft_pu"], rows["rtf_pu"]) and np.allclose(rows["xft_pu"], rows["xtf_pu"])
    ):
        remedy = "Give both directions the same impedance."
        refuse("impedance", "impedances that differ by direction are not modelled", remedy)
    for table, columns in (("line", ("from_bus", "to_bus")), ("trafo", ("hv_bus", "lv_bus")),
                           ("load", ("bus",)), ("gen", ("bus",)), ("sgen", ("bus",)),
                           ("ext_grid", ("bus",))):  # fmt: skip
        for column in columns:
            rows = tables[table]
            unknown = rows.index[~rows[column].isin(tables["bus"].index)] if len(rows) else []
            problems += [
                Problem(tables.file, f"{table} {row}", column, str(rows.loc[row, column]),
                        "unknown bus", "Name a bus of the table bus.")
                for row in unknown
            ]  # fmt: skip
    return problems


def _buses(tables: Tables, bus: pd.DataFrame, labels: list[str]) -> pd.DataFrame:
    """Voltages, places, and what generators hold."""
    geodata = tables["bus_geodata"]
    rows = []
    for index, row in zip(bus.index, bus.to_dict("records"), strict=True):
        x, y = _place(row.get("geo"))
        if index in geodata.index:
            x, y = (number(geodata.loc[index].to_dict(), axis, np.nan) for axis in "xy")
        rows.append({"v_nom": row["vn_kv"], "x": x, "y": y, "source_id": f"bus {index}"})
    table = rows_of(BUS, rows, labels)
    of = dict(zip(bus.index, labels, strict=True))
    held = [(row["bus"], row.get("vm_pu")) for name in ("gen", "ext_grid")
            for row in tables.in_service(name).to_dict("records")]  # fmt: skip
    for row in tables.in_service("dcline").to_dict("records"):
        held += [(row["from_bus"], row["vm_from_pu"]), (row["to_bus"], row["vm_to_pu"])]
    for index, volts in held:
        if index in of and volts is not None:
            table.loc[of[index], "v_set"] = volts
    return table


def _place(geo: Any) -> tuple[float, float]:
    """Read a GeoJSON point."""
    if not isinstance(geo, str) or not geo:
        return np.nan, np.nan
    x, y = json.loads(geo)["coordinates"][:2]
    return float(x), float(y)


def _with_inner_buses(
    buses: pd.DataFrame, branches: Branches, injections: _Injections
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Add star points of transformers, and the sources behind extended wards."""
    generators = injections.generators()
    inner = [(name, kv, near, np.nan) for name, kv, near in branches.stars]
    rows, names = [], []
    for ward in injections.wards:
        name, ohm = f"Inner bus xward {ward['index']}", ward["kv"] ** 2 / branches.base_mva
        inner.append((name, ward["kv"], ward["at"], ward["vm_pu"]))
        values = {"kind": "line", "r": ward["r_ohm"] / ohm, "x": ward["x_ohm"] / ohm}
        branches.add("xward", ward["index"], None, (ward["at"], name), values)
        rows.append({"bus": name, "carrier": "xward", "control": "PV", "p": 0.0, "q": 0.0,
                     "p_min": 0.0, "p_max": 0.0, "cost": 0.0})  # fmt: skip
        names.append(f"Source xward {ward['index']}")
    added = [
        {"v_nom": kv, "x": buses.loc[near, "x"], "y": buses.loc[near, "y"], "v_set": volts,
         "source_id": name}
        for name, kv, near, volts in inner
    ]  # fmt: skip
    if added:
        buses = pd.concat([buses, rows_of(BUS, added, [name for name, *_ in inner])])
    if rows:
        generators = pd.concat([generators, rows_of(GENERATOR, rows, names)])
    return buses, generators


class _Injections:
    """What feeds in and takes out at the buses in service."""

    def __init__(self, tables: Tables, names: dict[int, str], report: Report) -> None:
        self.tables, self.names, self.report = tables, names, report
        self.wards = [
            row | {"at": names[int(row["bus"])], "kv": tables["bus"].loc[int(row["bus"]), "vn_kv"],
                   "index": index}
            for index, row in self._rows("xward")
        ]  # fmt: skip

    def _rows(self, table: str) -> list[tuple[Any, Mapping[str, Any]]]:
        """Rows in service at buses in service."""
        found = self.tables.in_service(table)
        idle = self.tables[table].index.difference(found.index)
        self.report.add("dropped", [f"{table} {n}" for n in idle], "out of service")
        rows = []
        for index, row in zip(found.index, found.to_dict("records"), strict=True):
            buses = [row[name] for name in ("bus", "from_bus", "to_bus") if name in row]
            if all(int(bus) in self.names for bus in buses):
                rows.append((index, row))
            else:
                self.report.add("dropped", [f"{table} {index}"], "at a bus out of service")
        return rows

    def loads(self) -> pd.DataFrame:
        """Constant power: loads, motors, storages, wards, asymmetric loads."""
        rows, wanted, spare = [], [], []

        def add(table: str, index: Any, row: Mapping[str, Any], p: float, q: float) -> None:
            bus = self.names[int(row["bus"])]
            rows.append({"bus": bus, "p": p, "q": q})
            wanted.append(row.get("name"))
            spare.append(f"{table.capitalize()} {index} {bus}")

        for table in ("load", "storage"):
            for index, row in self._rows(table):
                scale = number(row, "scaling", 1.0)
                add(table, index, row, number(row, "p_mw") * scale, number(row, "q_mvar") * scale)
                if any(number(row, key) for key in row if str(key).startswith("const_")):
                    self.report.add("changed", [f"{table} {index}"], "constant power throughout")
                if table == "storage":
                    self.report.add("changed", [f"{table} {index}"], "a load of its present power")
        for index, row in self._rows("motor"):
            mw = row["pn_mech_mw"] / row["efficiency_percent"] * row["loading_percent"]
            mw *= number(row, "scaling", 1.0)
            add("motor", index, row, mw, mw * np.tan(np.arccos(row["cos_phi"])))
        for index, row in self._rows("asymmetric_load"):
            p, q = (sum(number(row, f"{of}_{phase}_{unit}") for phase in "abc")
                    for of, unit in (("p", "mw"), ("q", "mvar")))  # fmt: skip
            scale = number(row, "scaling", 1.0)
            add("asymmetric_load", index, row, p * scale, q * scale)
        for table in ("ward", "xward"):
            for index, row in self._rows(table):
                add(table, index, row, row["ps_mw"], row["qs_mvar"])
        return rows_of(LOAD, rows, unique_names(wanted, spare))

    def shunts(self, kv: Mapping[str, float]) -> pd.DataFrame:
        """Shunts, and the constant impedances of wards."""
        rows, names = [], []
        for index, row in self._rows("shunt"):
            bus = self.names[int(row["bus"])]
            own = number(row, "step", 1.0) * (kv[bus] / number(row, "vn_kv", kv[bus])) ** 2
            rows.append({"bus": bus, "g": row["p_mw"] * own, "b": -row["q_mvar"] * own})
            names.append(f"Shunt {index} {bus}")
        for table in ("ward", "xward"):
            for index, row in self._rows(table):
                bus = self.names[int(row["bus"])]
                rows.append({"bus": bus, "g": row["pz_mw"], "b": -row["qz_mvar"]})
                names.append(f"{table.capitalize()} {index} {bus}")
        return rows_of(SHUNT, rows, names)

    def generators(self) -> pd.DataFrame:
        """List the sources: external grids, generators, static generators, direct-current lines."""
        rows, wanted, spare = [], [], []
        for index, row in self._rows("ext_grid"):
            solved = self.tables["res_ext_grid"]
            p = solved.loc[index, "p_mw"] if index in solved.index else np.nan
            cost = self._cost("ext_grid", index, p)
            rows.append(self._row(row, "grid", control="Slack", p=p, cost=cost))
            wanted.append(row.get("name"))
            spare.append(f"External grid {index}")
        for index, row in self._rows("gen"):
            p = number(row, "p_mw") * number(row, "scaling", 1.0)
            control = "Slack" if row.get("slack") else "PV"
            cost = self._cost("gen", index, p)
            rows.append(self._row(row, "generator", control=control, p=p, cost=cost))
            wanted.append(row.get("name"))
            spare.append(f"Generator {index} {self.names[int(row['bus'])]}")
        for index, row in self._rows("sgen"):
            scale = number(row, "scaling", 1.0)
            p, q = number(row, "p_mw") * scale, number(row, "q_mvar") * scale
            kind = row.get("type")
            kind = kind.lower() if isinstance(kind, str) and kind else "static generator"
            cost = self._cost("sgen", index, p)
            rows.append(self._row(row, kind, control="PQ", p=p, q=q, cost=cost))
            if np.isnan(rows[-1]["p_max"]):
                rows[-1] |= {"p_min": p, "p_max": p}
                self.report.add("assumed", [f"sgen {index}"], FIXED)
            wanted.append(row.get("name"))
            spare.append(f"Static generator {index} {self.names[int(row['bus'])]}")
        for index, row in self._rows("dcline"):
            sent = number(row, "p_mw")
            got = sent * (1 - number(row, "loss_percent") / 100) - number(row, "loss_mw")
            for end, p in (("from_bus", -sent), ("to_bus", got)):
                at = {"bus": row[end], "min_p_mw": p, "max_p_mw": p}
                rows.append(self._row(at, "direct current", control="PV", p=p))
                wanted.append(None)
                spare.append(f"DC line {index} {self.names[int(row[end])]}")
            why = "two sources of its scheduled power, fixed in every hour"
            self.report.add("changed", [f"dcline {index}"], why)
        return rows_of(GENERATOR, rows, unique_names(wanted, spare))

    def _row(self, row: Mapping[str, Any], carrier: str, **values: Any) -> dict[str, Any]:
        low, high = (number(row, f"{end}_p_mw", np.nan) for end in ("min", "max"))
        bus = self.names[int(row["bus"])]
        limits = {"bus": bus, "carrier": carrier, "p_min": low, "p_max": high}
        return {"q": np.nan, "cost": 0.0} | limits | values

    def _cost(self, table: str, index: Any, mw: float) -> float:
        """Cost of one more MWh at an output, 0 where none is stated."""
        mw = 0.0 if np.isnan(mw) else mw
        poly = self.tables["poly_cost"]
        if len(poly):
            own = poly[(poly["et"] == table) & (poly["element"] == index)]
            for row in own.to_dict("records"):
                return number(row, "cp1_eur_per_mw") + 2 * mw * number(row, "cp2_eur_per_mw2")
        pieces = self.tables["pwl_cost"]
        if len(pieces):
            own = pieces[(pieces["et"] == table) & (pieces["element"] == index)]
            for points in own["points"]:
                inside = [cost for low, high, cost in points if low <= mw <= high]
                return float(inside[0] if inside else points[-1][2])
        return 0.0
