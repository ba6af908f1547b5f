"""A PyPSA network of one situation from the tables of a case."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
import pandas as pd
import pypsa

from gridplan.base.quiet import quiet_pypsa
from gridplan.importing.case import Case
from gridplan.importing.layout import DRAWING, NOTE, drawn, is_drawing
from gridplan.importing.report import Report
from gridplan.importing.standards import overhead
from gridplan.importing.tidy import connected_parts, tidied

Ratings = Literal["unlimited", "standard"]
BEYOND_MVA = 9000.0  # no circuit carries so much: sources write 9,900 or 99,999 for "not stated"
START = pd.Timestamp("2030-01-01")  # of the one hour that a case is


def network_of(case: Case, report: Report, *, ratings: Ratings = "unlimited") -> pypsa.Network:
    """Build the network.

    Parameters
    ----------
    case : Case
        As it was read.
    report : Report
        Is told what was dropped, changed and assumed.
    ratings : {"unlimited", "standard"}
        What a branch without a rating carries: any power, or what one circuit of its voltage
        usually does (`gridplan.importing.standards`).

    Returns
    -------
    pypsa.Network
        With one snapshot. `n.lpf()` and `n.pf()` give the flows of the case; `n.meta["notes"]`
        says what people should know.
    """
    case = _placed(_rated(tidied(case, report), report, ratings), report)
    with quiet_pypsa():
        network = pypsa.Network(name=case.name, snapshots=pd.DatetimeIndex([START]))
        network.snapshot_weightings = network.snapshot_weightings.astype(float)
        _add(
            network, "Carrier", pd.DataFrame(index=["AC", *sorted(set(case.generators["carrier"]))])
        )
        buses = case.buses.rename(columns={"v_set": "v_mag_pu_set"})
        buses = buses.fillna({"v_mag_pu_set": 1.0, "source_id": ""})
        _add(network, "Bus", buses.assign(carrier="AC"))
        is_line = case.branches["kind"] == "line"
        _add(network, "Line", _lines(case, case.branches[is_line]))
        _add(network, "Transformer", _transformers(case, case.branches[~is_line]))
        loads = case.loads.rename(columns={"p": "p_set", "q": "q_set"})
        _add(network, "Load", loads.fillna({"q_set": 0.0}))
        _add(network, "Generator", _generators(case))
        kv = case.shunts["bus"].map(case.buses["v_nom"])
        shunts = case.shunts.assign(g=case.shunts["g"] / kv**2, b=case.shunts["b"] / kv**2)
        _add(network, "ShuntImpedance", shunts[(shunts["g"] != 0) | (shunts["b"] != 0)])
    network.meta = {"notes": case.notes}
    return network


def _add(network: pypsa.Network, component: str, table: pd.DataFrame) -> None:
    if len(table.index):
        network.add(component, table.index, **{str(name): table[name] for name in table})


def _rated(case: Case, report: Report, ratings: Ratings) -> Case:
    """Give branches without a rating one by the rule; inf is no limit."""
    branches = case.branches.copy()
    lacking = branches["rate_mva"].isna() | ~np.isfinite(branches["rate_mva"])
    lacking |= (branches["rate_mva"] <= 0) | (branches["rate_mva"] >= BEYOND_MVA)
    if ratings == "unlimited":
        branches.loc[lacking, "rate_mva"] = np.inf
        report.add("assumed", branches.index[lacking], "no rating stated: unlimited")
    else:
        ends = [branches[end].map(case.buses["v_nom"]) for end in ("bus0", "bus1")]
        kv = pd.concat(ends, axis=1).max(axis=1)
        for name in branches.index[lacking]:
            circuit = overhead(kv[name])
            branches.loc[name, "rate_mva"] = round(circuit.rating_mva(kv[name]), 1)
            why = f"no rating stated: that of one circuit of {kv[name]:g} kV ({circuit.kind})"
            report.add("assumed", [name], why)
    if lacking.any():
        how = "carry any power" if ratings == "unlimited" else "got the usual one of their voltage"
        case.notes.append(
            f"{lacking.sum():,} of {len(branches):,} branches state no rating: {how}."
        )
    return replace(case, branches=branches)


def _placed(case: Case, report: Report) -> Case:
    """Draw buses that have no place; a few without one take that of a neighbour."""
    buses = case.buses.copy()
    known = np.isfinite(buses["x"]) & np.isfinite(buses["y"])
    inside = buses["x"].abs().le(180) & buses["y"].abs().le(90)
    spread = buses.loc[known, ["x", "y"]].drop_duplicates()
    if known.mean() < 0.5 or not inside[known].all() or len(spread) < 2:
        buses["station"] = _stations(case)
        ends = {end: case.branches[end].map(buses["station"]) for end in ("bus0", "bus1")}
        places = drawn(pd.Index(buses["station"].unique()), pd.DataFrame(ends))
        buses[["x", "y"]] = places.loc[buses["station"]].to_numpy()
        case.notes.append(NOTE)
        report.add("assumed", ["all buses"], "no positions in degrees: drawn, no real places")
        return replace(case, buses=buses)
    if not known.all():
        _fill_from_neighbours(buses, case.branches, known)
        report.add("assumed", buses.index[~known], "no position: that of the nearest neighbour")
    if is_drawing(buses, case.branches[case.branches["kind"] == "line"]):
        case.notes.append(DRAWING)
    return replace(case, buses=buses)


def _stations(case: Case) -> pd.Series:
    """Station of every bus: buses that transformers join are drawn as one."""
    joined = case.branches[case.branches["kind"] == "transformer"]
    part = connected_parts(case.buses.index, joined)
    return pd.Series(case.buses.index, index=case.buses.index).groupby(part).transform("first")


def _fill_from_neighbours(buses: pd.DataFrame, branches: pd.DataFrame, known: pd.Series) -> None:
    ends = branches[["bus0", "bus1"]]
    both = pd.concat([ends, ends.rename(columns={"bus0": "bus1", "bus1": "bus0"})])
    while not buses["x"].notna().all():
        near = both.assign(x=both["bus1"].map(buses["x"]), y=both["bus1"].map(buses["y"])).dropna()
        first = near.groupby("bus0")[["x", "y"]].first()
        before = buses["x"].isna().sum()
        buses[["x", "y"]] = buses[["x", "y"]].fillna(first)
        if buses["x"].isna().sum() == before:  # a part of the grid of which nothing is known
            buses[["x", "y"]] = buses[["x", "y"]].fillna(buses.loc[known, ["x", "y"]].mean())


def _lines(case: Case, branches: pd.DataFrame) -> pd.DataFrame:
    ohm = branches["bus0"].map(case.buses["v_nom"]) ** 2 / case.base_mva
    return pd.DataFrame(
        {
            "bus0": branches["bus0"],
            "bus1": branches["bus1"],
            "r": branches["r"] * ohm,
            "x": branches["x"] * ohm,
            "g": branches["g"] / ohm,
            "b": branches["b"] / ohm,
            "length": branches["length"].fillna(0.0),
            "s_nom": branches["rate_mva"],
            "carrier": "AC",
            "source_id": branches["source_id"].fillna(""),
        }
    )


def _transformers(case: Case, branches: pd.DataFrame) -> pd.DataFrame:
    """Per unit of their own rating; an unlimited one has the base power and no limit of it."""
    limited = np.isfinite(branches["rate_mva"])
    s_nom = branches["rate_mva"].where(limited, case.base_mva)
    own = s_nom / case.base_mva
    return pd.DataFrame(
        {
            "bus0": branches["bus0"],
            "bus1": branches["bus1"],
            "model": "pi",
            "r": branches["r"] * own,
            "x": branches["x"] * own,
            "g": branches["g"] / own,
            "b": branches["b"] / own,
            "tap_ratio": branches["tap"],
            "tap_side": 0,
            "phase_shift": branches["shift"],
            "s_nom": s_nom,
            "s_max_pu": np.where(limited, 1.0, np.inf),
            "source_id": branches["source_id"].fillna(""),
        }
    )


def _generators(case: Case) -> pd.DataFrame:
    table = case.generators
    p_nom = table[["p_min", "p_max", "p"]].abs().max(axis=1)
    share = p_nom.replace(0.0, np.nan)
    return pd.DataFrame(
        {
            "bus": table["bus"],
            "carrier": table["carrier"],
            "control": table["control"],
            "p_nom": p_nom,
            "p_min_pu": (table["p_min"] / share).fillna(0.0),
            "p_max_pu": (table["p_max"] / share).fillna(0.0),
            "p_set": table["p"],
            "q_set": table["q"].fillna(0.0),
            "marginal_cost": table["cost"].fillna(0.0),
        }
    )
