"""PyPSA networks (netCDF, HDF5, CSV folder) as networks that a study can hold.

A study knows buses, lines, transformers, loads, generators and reactive shunts of one grid of
alternating current. The rules for the rest, each told in the report:

* Buses of other carriers (direct current, heat, hydrogen, …) are dropped with what hangs on them.
* Links, storage units and stores at a bus that stays become a generator of fixed output where the
  file holds a solved dispatch, as they are beyond the choice of a study; without one they are
  dropped.
* Capacity that was to be chosen is what the file's solution chose, else what is installed.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyproj
import pypsa

from gridplan.base.errors import Problem, StudyError
from gridplan.base.quiet import quiet_pypsa
from gridplan.importing.layout import NOTE, drawn
from gridplan.importing.report import Report

ELECTRIC = ("AC", "", "electricity")
ONE_PORT = {"storage_units": "StorageUnit", "stores": "Store"}
ATTACHED = {
    "Generator": "generators", "Load": "loads", "StorageUnit": "storage_units", "Store": "stores",
    "ShuntImpedance": "shunt_impedances",
}  # fmt: skip
LEAST_OHM = 1e-3
NOTHING_MW = 1e-6


def read_pypsa(path: Path, report: Report) -> pypsa.Network:
    """Read a network and fit it to a study.

    Parameters
    ----------
    path : pathlib.Path
        .nc, .h5, or a folder of CSV files.
    report : Report
        Is told what was dropped and changed.

    Returns
    -------
    pypsa.Network

    Raises
    ------
    StudyError
        When it cannot be read, or is stochastic or of several investment periods.
    """
    network = _opened(path)
    for found, message, remedy in (
        (network.has_scenarios, "a stochastic network", "Save one scenario: n.get_scenario(name)."),
        (network.has_periods, "several investment periods", "Save one: n.get_network(period)."),
    ):
        if found:
            raise StudyError([Problem(path.name, "", "", "", message, remedy)])
    if network.meta.get("notes") is None:
        network.meta = {**network.meta, "notes": []}
    with quiet_pypsa():
        _hours(network, report)
        _drop_inactive(network, report)
        _drop_other_carriers(network, report)
        _settle_sizes(network, report)
        _schedule(network)
        for list_name, component in ONE_PORT.items():
            _fix_one_port(network, list_name, component, report)
        _fix_links(network, report)
        _drop_unknown(network, report)
        _settle_branches(network, report)
        _place(network, report)
    if len(network.snapshots) == 1:
        _make_static(network)
    return network


def _opened(path: Path) -> pypsa.Network:
    try:
        with quiet_pypsa():
            return pypsa.Network(path)
    except ImportError as error:
        remedy = "Install it: pip install 'trondelag-gridplan[import]'."
        message = f"a package for this format is missing ({error.name or 'tables'})"
        raise StudyError([Problem(path.name, "", "", "", message, remedy)]) from None
    except Exception as error:
        reason = " ".join(str(error).split())[:200]
        message = f"not readable as a PyPSA network ({reason})"
        remedy = "Write it with n.export_to_netcdf, or export_to_csv_folder."
        raise StudyError([Problem(path.name, "", "", "", message, remedy)]) from None


def _hours(network: pypsa.Network, report: Report) -> None:
    """Give the snapshots time stamps, and every one the weight of an hour."""
    weights = network.snapshot_weightings
    if len(weights) and not np.allclose(weights.to_numpy(float), 1.0):
        report.add("changed", ["snapshots"], "weights are not used: every snapshot is one hour")
    stamps = network.snapshots
    if not isinstance(stamps, pd.DatetimeIndex):
        stamps = pd.date_range("2030-01-01", periods=len(stamps), freq="h", name="snapshot")
        report.add("assumed", ["snapshots"], "no time stamps: hours from 2030-01-01")
        for component in network.components:
            for name, table in component.dynamic.items():
                if len(table):
                    component.dynamic[name] = table.set_axis(stamps, axis=0)
        network._snapshots_data = network._snapshots_data.set_axis(stamps, axis=0)
    network.snapshot_weightings = network.snapshot_weightings.astype(float)
    network.snapshot_weightings.loc[:] = 1.0


def _names(network: pypsa.Network, list_name: str) -> pd.DataFrame:
    return getattr(network.c, list_name).static


def _drop(
    network: pypsa.Network, component: str, names: pd.Index, report: Report, why: str
) -> None:
    if len(names):
        network.remove(component, names)
        report.add("dropped", [f"{component} {name}" for name in names], why)


def _drop_inactive(network: pypsa.Network, report: Report) -> None:
    for component in network.components:
        static = component.static
        if "active" in static and len(static):
            idle = static.index[~static["active"].astype(bool)]
            _drop(network, component.name, idle, report, "not active")


def _drop_other_carriers(network: pypsa.Network, report: Report) -> None:
    buses = _names(network, "buses")
    other = buses.index[~buses["carrier"].isin(ELECTRIC)]
    if not len(other):
        return
    for carrier, rows in buses.loc[other].groupby("carrier"):
        report.add("dropped", [f"Bus {name}" for name in rows.index], f"carrier {carrier}")
    for component, list_name in ATTACHED.items():
        static = _names(network, list_name)
        _drop(network, component, static.index[static["bus"].isin(other)], report,
              "at a bus of another carrier")  # fmt: skip
    for component, list_name in (("Line", "lines"), ("Transformer", "transformers")):
        static = _names(network, list_name)
        gone = static["bus0"].isin(other) | static["bus1"].isin(other)
        _drop(network, component, static.index[gone], report, "at a bus of another carrier")
    network.remove("Bus", other)


def _settle_sizes(network: pypsa.Network, report: Report) -> None:
    """Take capacities as chosen; no commitment, no sign of its own."""
    for list_name, size in (("generators", "p_nom"), ("lines", "s_nom"), ("transformers", "s_nom"),
                            ("storage_units", "p_nom"), ("links", "p_nom")):  # fmt: skip
        static = _names(network, list_name)
        free = static.index[static[f"{size}_extendable"].astype(bool)]
        chosen = static.loc[free, f"{size}_opt"].astype(float)
        static.loc[free, size] = chosen.where(chosen > 0, static.loc[free, size])
        static.loc[free, f"{size}_extendable"] = False
        report.add("changed", free, "capacity was to be chosen: fixed as the file has it")
    generators, loads = _names(network, "generators"), _names(network, "loads")
    committed = generators.index[generators["committable"].astype(bool)]
    generators.loc[committed, "committable"] = False
    report.add("changed", committed, "unit commitment is not modelled")
    turned = loads.index[loads["sign"] == 1.0]
    dense = network.get_switchable_as_dense("Load", "p_set")
    for name in turned:
        network.c.loads.dynamic.p_set[name] = -dense[name]
    loads.loc[turned, "sign"] = -1.0
    report.add("changed", turned, "a load of sign 1 became one of negative power")
    unlimited = generators.index[~np.isfinite(generators["p_nom"].astype(float))]
    most = float(np.nan_to_num(dense.to_numpy(float)).clip(0).sum(axis=1).max(initial=1.0))
    generators.loc[unlimited, "p_nom"] = most
    report.add("assumed", unlimited, f"no limit stated: {most:g} MW, all load")
    _within_one(network, report)


def _within_one(network: pypsa.Network, report: Report) -> None:
    """Raise p_nom where limits go beyond it."""
    static = _names(network, "generators")
    low, high = (network.get_switchable_as_dense("Generator", f"p_{end}_pu")[static.index]
                 for end in ("min", "max"))  # fmt: skip
    most = np.maximum(low.abs().max(), high.abs().max())
    beyond = most.index[most > 1 + 1e-9]
    for name in beyond:
        for end, table in (("min", low), ("max", high)):
            network.c.generators.dynamic[f"p_{end}_pu"][name] = table[name] / most[name]
    static.loc[beyond, "p_nom"] *= most[beyond]
    report.add("changed", beyond, "limits beyond p_nom: p_nom raised")


def _schedule(network: pypsa.Network) -> None:
    """State the solved dispatch as schedule, as the generators added below have no solution."""
    solved, names = network.c.generators.dynamic.p, _names(network, "generators").index
    said = network.get_switchable_as_dense("Generator", "p_set")[names]
    if said.isna().all(axis=None) and len(solved) and solved.to_numpy().any():
        network.c.generators.dynamic.p_set = solved.reindex(columns=names, fill_value=0.0).copy()


def _fix_one_port(network: pypsa.Network, list_name: str, component: str, report: Report) -> None:
    static = _names(network, list_name)
    solved = getattr(network.c, list_name).dynamic.p
    names = static.index
    for name in names:
        power = solved[name] if name in solved else pd.Series(0.0, network.snapshots)
        at = {"bus": static.loc[name, "bus"], "carrier": static.loc[name, "carrier"]}
        _fixed(network, f"{component} {name}", at, power, report)
    if len(names):
        network.remove(component, names)


def _fix_links(network: pypsa.Network, report: Report) -> None:
    static = _names(network, "links")
    buses = _names(network, "buses").index
    dynamic = network.c.links.dynamic
    ports = [name.removeprefix("bus") for name in static if name.startswith("bus")]
    for name in static.index:
        for port in ports:
            bus = static.loc[name, f"bus{port}"]
            solved = dynamic.get(f"p{port}", pd.DataFrame())
            if bus in buses:
                power = -solved[name] if name in solved else pd.Series(0.0, network.snapshots)
                at = {"bus": bus, "carrier": static.loc[name, "carrier"]}
                _fixed(network, f"Link {name} at {bus}", at, power, report)
    if len(static.index):
        network.remove("Link", static.index)


def _fixed(
    network: pypsa.Network, name: str, at: dict[str, str], power: pd.Series, report: Report
) -> None:
    """Add a generator of fixed output, or note that nothing is known of it."""
    most = float(power.abs().max())
    if not most > NOTHING_MW:
        report.add("dropped", [name], "not part of a study, and no solved power in the file")
        return
    share = power / most
    carrier = at["carrier"] or "other"
    if carrier not in network.c.carriers.static.index:
        network.add("Carrier", carrier)
    network.add(
        "Generator", name, bus=at["bus"], carrier=carrier, p_nom=most, p_set=power,
        p_min_pu=share, p_max_pu=share,
    )  # fmt: skip
    report.add("changed", [name], "a generator of fixed output, as solved in the file")


def _drop_unknown(network: pypsa.Network, report: Report) -> None:
    from gridplan.study.network_checks import KNOWN  # noqa: PLC0415

    for component in network.components:
        if component.list_name not in KNOWN and len(component.static):
            _drop(network, component.name, component.static.index, report, "not part of a study")


def _settle_branches(network: pypsa.Network, report: Report) -> None:
    """Resolve types, and give every branch a reactance."""
    network.calculate_dependent_values()
    for list_name in ("lines", "transformers"):
        static = _names(network, list_name)
        static["type"] = ""
        zero = static.index[static["x"].astype(float) == 0]
        static.loc[zero, "x"] = LEAST_OHM
        report.add("assumed", zero, f"no reactance: {LEAST_OHM:g}")
    unnamed = _names(network, "buses")
    unnamed["carrier"] = "AC"
    _names(network, "lines")["carrier"] = "AC"
    if "AC" not in network.c.carriers.static.index:
        network.add("Carrier", "AC")
    used = set(_names(network, "generators")["carrier"]) | {"AC"}
    spare = network.c.carriers.static.index.difference(list(used))
    if len(spare):
        network.remove("Carrier", spare)
    missing = sorted(used - set(network.c.carriers.static.index) - {""})
    if missing:
        network.add("Carrier", missing)


def _place(network: pypsa.Network, report: Report) -> None:
    """Coordinates in degrees, or a drawing."""
    buses = _names(network, "buses")
    xy = buses[["x", "y"]].to_numpy(float)
    if network.crs is not None and pyproj.CRS(network.crs).to_epsg() != 4326:
        turned = pyproj.Transformer.from_crs(network.crs, 4326, always_xy=True)
        buses["x"], buses["y"] = turned.transform(xy[:, 0], xy[:, 1])
        network.crs = 4326
    inside = buses["x"].abs().le(180) & buses["y"].abs().le(90)
    if not inside.all() or len(buses[["x", "y"]].drop_duplicates()) < 2 <= len(buses):
        ends = pd.concat([_names(network, name)[["bus0", "bus1"]]
                          for name in ("lines", "transformers")])  # fmt: skip
        buses[["x", "y"]] = drawn(buses.index, ends)
        network.meta = {**network.meta, "notes": [*network.meta.get("notes", []), NOTE]}
        report.add("assumed", ["all buses"], "no positions in degrees: drawn, no real places")


def _make_static(network: pypsa.Network) -> None:
    """Put the series of a single snapshot into the tables, so that hours can be made of it."""
    for list_name in ("loads", "generators", "lines", "transformers"):
        component = getattr(network.c, list_name)
        for name, table in component.dynamic.items():
            if len(table.columns) and name in component.static and len(table):
                component.static.loc[table.columns, name] = table.iloc[0].astype(float)
                component.dynamic[name] = table.iloc[:, :0]
