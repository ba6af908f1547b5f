"""CGMES, PSS/E, UCTE, IEEE-CDF and XIIDM through pypowsybl, as tables of a case.

pypowsybl reads the file and works out which nodes its closed switches make one bus ("bus view").
Figures are taken in ohm and siemens; the models of branches are those of the IIDM grid model
(https://powsybl.readthedocs.io, "Network modeling").
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gridplan.base.errors import Problem, StudyError
from gridplan.importing.case import BUS, GENERATOR, LOAD, Case, rows_of, unique_names
from gridplan.importing.powsybl_branches import Branches, branches_of
from gridplan.importing.powsybl_sources import connected_rows, converters, generators_of
from gridplan.importing.report import Report

if TYPE_CHECKING:
    from pypowsybl.network import Network

BASE_MVA = 100.0
INSTALL = "Install it: pip install 'trondelag-gridplan[import]'."


def read_powsybl_case(path: Path, report: Report) -> Case:
    """Read a network.

    Parameters
    ----------
    path : pathlib.Path
        CGMES (.zip), PSS/E (.raw), UCTE (.uct), IEEE-CDF (.txt), MATPOWER (.mat), XIIDM.
    report : Report
        Is told what was left out, changed and assumed.

    Returns
    -------
    Case

    Raises
    ------
    StudyError
        When pypowsybl is missing, cannot read the file, or the network has a detailed
        direct-current grid.
    """
    return case_of(_loaded(path), path.stem, report)


def _loaded(path: Path) -> Network:
    try:
        log = logging.getLogger("powsybl")
        level = log.level
        log.setLevel(logging.ERROR)  # it warns of extras that are not needed
        import pypowsybl  # noqa: PLC0415 - heavy, and an extra
    except ImportError:
        message = "pypowsybl is not installed, which reads this format"
        raise StudyError([Problem(path.name, "", "", "", message, INSTALL)]) from None
    finally:
        log.setLevel(level)
    try:
        return pypowsybl.network.load(str(path))
    except pypowsybl.PyPowsyblError as error:
        reason = " ".join(str(error).split())[:200]
        known = ", ".join(pypowsybl.network.get_import_formats())
        message = f"pypowsybl cannot read it ({reason})"
        raise StudyError([Problem(path.name, "", "", "", message, f"It reads: {known}.")]) from None


def case_of(network: Network, name: str, report: Report) -> Case:
    """Make a case of a pypowsybl network.

    Parameters
    ----------
    network : pypowsybl.network.Network
        In the variant that is to be read.
    name : str
        Of the case.
    report : Report
        Is told what was left out, changed and assumed.

    Returns
    -------
    Case
    """
    _refuse(network, name)
    buses, names = _buses(network)
    branches = branches_of(network, names, buses["v_nom"], report, BASE_MVA)
    loads = _loads(network, names, report)
    generators, held = generators_of(network, names, buses["v_nom"], report)
    direct, also_held = converters(network, names, buses["v_nom"], report)
    for bus, volts in {**also_held, **held}.items():
        buses.loc[bus, "v_set"] = volts
    added = branches.added_buses(buses)
    boundary = rows_of(GENERATOR, branches.sources, [row["name"] for row in branches.sources])
    case = Case(
        name=name,
        base_mva=BASE_MVA,
        buses=pd.concat([buses, added]) if len(added) else buses,
        branches=branches.table(),
        loads=_with_boundaries(loads, branches),
        generators=_with_slack(pd.concat([generators, direct, boundary]), network, names),
        shunts=branches.shunt_table(_shunts(network, names)),
    )
    if network.get_shunt_compensators()["voltage_regulation_on"].any():
        case.notes.append("Shunts that regulate voltage stand in their present position.")
    return case


def _refuse(network: Network, name: str) -> None:
    lines = network.get_dc_lines()
    if len(lines):
        message, remedy = "a detailed direct-current grid", "Replace it by HVDC lines or loads."
        raise StudyError([Problem(name, "", "", f"{len(lines)} DC lines", message, remedy)])


def _buses(network: Network) -> tuple[pd.DataFrame, dict[str, str]]:
    """Read buses with names for people, and their names by id."""
    table = network.get_buses(all_attributes=True)
    levels = network.get_voltage_levels(all_attributes=True)
    stations = network.get_substations(all_attributes=True)
    level = levels.loc[table["voltage_level_id"]]
    wanted = [
        own or called or identity
        for own, called, identity in zip(table["name"], level["name"], level.index, strict=True)
    ]
    names = unique_names(wanted, list(table.index))
    places = network.get_extensions("substationPosition")
    x, y = (
        level["substation_id"].map(places[axis] if axis in places else pd.Series(dtype=float))
        for axis in ("longitude", "latitude")
    )
    frame = rows_of(
        BUS,
        [
            {"v_nom": kv, "x": lon, "y": lat, "source_id": identity}
            for kv, lon, lat, identity in zip(level["nominal_v"], x, y, table.index, strict=True)
        ],
        names,
    )
    called = level["substation_id"].map(stations["name"]).fillna("").to_numpy()
    frame["station"] = np.where(called != "", called, level["substation_id"].to_numpy())
    return frame, dict(zip(table.index, names, strict=True))


def _loads(network: Network, names: dict[str, str], report: Report) -> pd.DataFrame:
    found = connected_rows(network.get_loads(all_attributes=True), "load", names, report)
    rows = [{"bus": names[row["bus_id"]], "p": row["p0"], "q": row["q0"]} for _, row in found]
    wanted = [row["name"] or identity for identity, row in found]
    return rows_of(LOAD, rows, unique_names(wanted, wanted))


def _shunts(network: Network, names: dict[str, str]) -> list[dict[str, Any]]:
    table = network.get_shunt_compensators(all_attributes=True)
    if table.empty:
        return []
    table = table[table["connected"].astype(bool) & table["bus_id"].isin(names)]
    kv = network.get_voltage_levels()["nominal_v"]
    return [
        {"name": name, "bus": names[row["bus_id"]],
         "g": row["g"] * kv[row["voltage_level_id"]] ** 2,
         "b": row["b"] * kv[row["voltage_level_id"]] ** 2}
        for name, row in zip(table.index, table.to_dict("records"), strict=True)
    ]  # fmt: skip


def _with_boundaries(loads: pd.DataFrame, branches: Branches) -> pd.DataFrame:
    """Add what flows over the open ends of lines to the neighbours."""
    names = [row["name"] for row in branches.boundaries]
    return pd.concat([loads, rows_of(LOAD, branches.boundaries, names)])


def _with_slack(generators: pd.DataFrame, network: Network, names: dict[str, str]) -> pd.DataFrame:
    """Choose the slack: at the bus that the file names, else the largest that holds a voltage."""
    said = network.get_extensions("slackTerminal")
    buses = {names[bus] for bus in said.get("bus_id", []) if bus in names}
    holding = generators[generators["control"] == "PV"]
    at_slack = holding[holding["bus"].isin(buses)]
    candidates = at_slack if len(at_slack) else holding
    if len(candidates):
        size = candidates[["p_max", "p"]].max(axis=1)
        generators.loc[size.idxmax(), "control"] = "Slack"
    return generators
