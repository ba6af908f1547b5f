"""Generators, batteries, compensators and converters of a pypowsybl network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gridplan.importing.case import GENERATOR, rows_of, unique_names
from gridplan.importing.report import Report

if TYPE_CHECKING:
    from pypowsybl.network import Network

UNSAID_MW = 4999.0  # limits from here on mean that none is known
Held = dict[str, float]


def _limit(value: float) -> float:
    return value if abs(value) < UNSAID_MW else np.nan


def connected_rows(
    table: pd.DataFrame, kind: str, names: dict[str, str], report: Report
) -> list[tuple[str, dict[str, Any]]]:
    """Return the ids and rows that are connected to a bus; tell the others."""
    if table.empty:
        return []
    there = table["connected"].astype(bool) & table["bus_id"].isin(names)
    report.add("dropped", [f"{kind} {name}" for name in table.index[~there]], "not connected")
    table = table[there]
    return list(zip(map(str, table.index), table.to_dict("records"), strict=True))


def generators_of(
    network: Network, names: dict[str, str], kv: pd.Series, report: Report
) -> tuple[pd.DataFrame, Held]:
    """Read generators, batteries and static var compensators.

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

    Returns
    -------
    pandas.DataFrame
        As in `gridplan.importing.case`.
    dict
        Voltage that they hold (per unit) by bus.
    """
    rows: list[dict[str, Any]] = []
    wanted: list[str] = []
    held: Held = {}
    for identity, row in connected_rows(
        network.get_generators(all_attributes=True), "generator", names, report
    ):
        bus = names[row["bus_id"]]
        holds = bool(row["voltage_regulator_on"])
        rows.append({"bus": bus, "carrier": str(row["energy_source"]).lower(),
                     "control": "PV" if holds else "PQ", "p": row["target_p"],
                     "q": row["target_q"], "p_min": _limit(row["min_p"]),
                     "p_max": _limit(row["max_p"]), "cost": 0.0})  # fmt: skip
        wanted.append(row["name"] or identity)
        if holds:
            volts = kv[bus]
            if row["regulated_bus_id"] in names and names[row["regulated_bus_id"]] != bus:
                volts = kv[names[row["regulated_bus_id"]]]
                why = "holds the voltage of its own bus, not of a distant one"
                report.add("changed", [f"generator {identity}"], why)
            held[bus] = row["target_v"] / volts
    for identity, row in connected_rows(
        network.get_batteries(all_attributes=True), "battery", names, report
    ):
        p = row["target_p"]
        rows.append({"bus": names[row["bus_id"]], "carrier": "battery", "control": "PQ", "p": p,
                     "q": row["target_q"], "p_min": p, "p_max": p, "cost": 0.0})  # fmt: skip
        wanted.append(row["name"] or identity)
        report.add("changed", [f"battery {identity}"], "a source of its present power, fixed")
    for identity, row in connected_rows(
        network.get_static_var_compensators(all_attributes=True), "compensator", names, report
    ):
        bus = names[row["bus_id"]]
        holds = row["regulation_mode"] == "VOLTAGE" and bool(row["regulating"])
        rows.append(_without_power(bus, "PV" if holds else "PQ", -float(row["target_q"])))
        wanted.append(row["name"] or identity)
        if holds:
            held.setdefault(bus, row["target_v"] / kv[bus])
    return rows_of(GENERATOR, rows, unique_names(wanted, wanted)), held


def _without_power(bus: str, control: str, q: float) -> dict[str, Any]:
    q = 0.0 if np.isnan(q) else q
    return {"bus": bus, "carrier": "compensator", "control": control, "p": 0.0, "q": q,
            "p_min": 0.0, "p_max": 0.0, "cost": 0.0}  # fmt: skip


def converters(
    network: Network, names: dict[str, str], kv: pd.Series, report: Report
) -> tuple[pd.DataFrame, Held]:
    """Read HVDC lines as two sources of fixed power each.

    The rectifier takes the set power P; the inverter delivers what both converters and the
    resistance R leave:

        P_2 = (P (1 − l_1) − R (P (1 − l_1) / U)²) (1 − l_2)

    Parameters
    ----------
    network, names, kv, report
        As in `generators_of`.

    Returns
    -------
    pandas.DataFrame
    dict
    """
    rows: list[dict[str, Any]] = []
    wanted: list[str] = []
    held: Held = {}
    stations = {
        kind: table for kind, table in (
            ("vsc", network.get_vsc_converter_stations(all_attributes=True)),
            ("lcc", network.get_lcc_converter_stations(all_attributes=True)),
        ) if len(table)
    }  # fmt: skip
    lines = network.get_hvdc_lines(all_attributes=True)
    for identity, line in zip(map(str, lines.index), lines.to_dict("records"), strict=True):
        ends = [_station(stations, line[f"converter_station{side}_id"]) for side in "12"]
        if not (line["connected1"] and line["connected2"]) or not all(
            row["bus_id"] in names for _, row in ends
        ):
            report.add("dropped", [f"HVDC line {identity}"], "not connected at both ends")
            continue
        if line["converters_mode"] == "SIDE_1_INVERTER_SIDE_2_RECTIFIER":
            ends.reverse()
        loss = [row["loss_factor"] / 100 for _, row in ends]
        sent = line["target_p"] * (1 - loss[0])
        got = (sent - line["r"] * (sent / line["nominal_v"]) ** 2) * (1 - loss[1])
        for (kind, row), p in zip(ends, (-line["target_p"], got), strict=True):
            bus = names[row["bus_id"]]
            holds = kind == "vsc" and bool(row["voltage_regulator_on"])
            if kind == "vsc":
                q = float(row["target_q"])
            else:  # a line-commutated converter always takes reactive power
                q = -abs(p * np.tan(np.arccos(row["power_factor"])))
            rows.append({"bus": bus, "carrier": "direct current",
                         "control": "PV" if holds else "PQ", "p": p, "q": q, "p_min": p,
                         "p_max": p, "cost": 0.0})  # fmt: skip
            wanted.append(f"HVDC {line['name'] or identity} at {bus}")
            if holds:
                held[bus] = row["target_v"] / kv[bus]
        why = "two sources of its set power, fixed in every hour"
        report.add("changed", [f"HVDC line {identity}"], why)
    return rows_of(GENERATOR, rows, unique_names(wanted, wanted)), held


def _station(stations: dict[str, pd.DataFrame], identity: str) -> tuple[str, dict[str, Any]]:
    """Kind and row of a converter station."""
    kind = next(kind for kind, table in stations.items() if identity in table.index)
    return kind, stations[kind].loc[identity].to_dict()
