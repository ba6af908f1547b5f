"""What the model demands of a PyPSA network, including what PyPSA lets pass in silence."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pypsa

from gridplan.base.errors import Problem
from gridplan.base.quiet import quiet_pypsa
from gridplan.study.emergency import factor_problems
from gridplan.study.islands import Supply, by_island, islands_of, supply_problems
from gridplan.study.sheet import suggestion

KNOWN = {
    "buses",
    "carriers",
    "generators",
    "line_types",
    "lines",
    "loads",
    "shapes",
    "shunt_impedances",
    "sub_networks",
    "transformer_types",
    "transformers",
}
REMEDIES = {
    "links": "Replace each link by a generator or load at its ends, or remove it.",
    "processes": "Replace each process by a load, or remove it.",
    "stores": "Replace stores by generators with p_min_pu and p_max_pu, or remove them.",
    "storage_units": "Replace them by generators with p_min_pu and p_max_pu, or remove them.",
    "global_constraints": "Remove them: a plan would not keep them.",
}
# Checks of PyPSA that concern the model; r = 0, a carrier without row or a bus without branch are
# harmless in the linear model, so networks in memory may have them.
CONSISTENCY = (
    "unknown_buses",
    "time_series",
    "time_series_power_attrs",
    "nans_for_component_default_attrs",
    "zero_s_nom",
    "phase_shift_bounds",
    "line_types",
    "transformer_types",
)
NUMBERS = {  # column: whether zero is allowed
    "buses": {"v_nom": False},
    "lines": {"s_nom": True},
    "transformers": {"s_nom": False},
    "generators": {"p_nom": True},
}


def network_problems(network: pypsa.Network) -> list[Problem]:
    """Report everything in a network that the model cannot work with.

    Parameters
    ----------
    network : pypsa.Network
        Any network; it is not changed, apart from the values that PyPSA derives itself.

    Returns
    -------
    list of Problem
        Kinds of network and components first; when there are such problems the numbers are not
        looked at.
    """
    problems = _kind_problems(network)
    if problems:
        return problems
    with quiet_pypsa():
        problems = [
            *_static_problems(network),
            *factor_problems(network),
            *_reference_problems(network),
        ]
        # each step needs what the steps before have made sure of
        for check in (_hourly_problems, _inconsistencies, _branch_problems, _supply_problems):
            problems = problems or check(network)
    return problems


def strict_problems(network: pypsa.Network) -> list[Problem]:
    """Report what PyPSA's own check finds with every test strict."""
    with quiet_pypsa():
        return _consistency_problems(network, ("all",))


def _problem(row: str, column: str, value: object, message: str, remedy: str) -> Problem:
    return Problem("", row, column, str(value), message, remedy)


def _few(names: pd.Index) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(map(str, names[:3])) + more


def _kind_problems(network: pypsa.Network) -> list[Problem]:
    problems = []
    if network.has_scenarios:
        remedy = "Make a study of one scenario: n.get_scenario(name)."
        problems.append(_problem("network", "", "", "stochastic networks are not modelled", remedy))
    if network.has_periods:
        remedy = "Make a study of one period: n.get_network(period)."
        problems.append(_problem("network", "", "", "several investment periods", remedy))
    if problems:
        return problems
    for component in network.components:
        names = component.static.index
        if component.list_name not in KNOWN and len(names):
            message = f"{component.list_name} are not part of the model"
            remedy = REMEDIES.get(component.list_name, "Remove them.")
            problems.append(_problem("network", component.list_name, _few(names), message, remedy))
    return problems + _shunt_problems(network) + _snapshot_problems(network.snapshots)


def _shunt_problems(network: pypsa.Network) -> list[Problem]:
    """Report shunts that take active power; a purely reactive one has no part in a linear model."""
    static = network.c.shunt_impedances.static
    names = static.index[static["active"].astype(bool) & (static["g"].astype(float) != 0)]
    if not len(names):
        return []
    remedy = "Replace the conductance by a load of g times v_nom squared, and set g to 0."
    place, found = f"shunt_impedances {_few(names)}", static["g"].loc[names].iloc[0]
    return [_problem(place, "g", found, "a shunt takes active power", remedy)]


def _snapshot_problems(snapshots: pd.Index) -> list[Problem]:
    hours = 'pd.date_range("2030", periods=8760, freq="h")'
    remedy = f"Set hours without time zone (UTC): n.set_snapshots({hours})."
    if not isinstance(snapshots, pd.DatetimeIndex) or not len(snapshots):
        found = snapshots[0] if len(snapshots) else "none"
        return [_problem("network", "snapshots", found, "the snapshots are no time stamps", remedy)]
    full = snapshots.floor("h") == snapshots if snapshots.tz is None else np.array(False)
    if not (full.all() and snapshots.is_unique):
        message = "the snapshots are not different full hours"
        return [_problem("network", "snapshots", snapshots[0], message, remedy)]
    return []


def _static_problems(network: pypsa.Network) -> list[Problem]:
    """Names, switches and numbers of the tables."""
    problems = []
    for list_name in ("buses", "lines", "transformers", "generators", "loads"):
        table = getattr(network.c, list_name).static
        for name in table.index[table.index.duplicated()].unique():
            remedy = "Give each a name of its own."
            problems.append(_problem(f"{list_name} {name}", "name", name, "duplicate name", remedy))
        problems += _switch_problems(list_name, table)
        for column, zero in NUMBERS.get(list_name, {}).items():
            values = table[column]
            unlimited = np.isinf(values) & (column != "s_nom")  # a branch may have no limit
            wrong = values.isna() | unlimited | (values < 0 if zero else values <= 0)
            message = "not a finite number of at least 0" if zero else "not a finite number above 0"
            problems += [
                _problem(f"{list_name} {name}", column, value, message, "Correct it.")
                for name, value in values[wrong].items()
            ]
    if not len(network.c.buses.static):
        problems.append(_problem("network", "buses", "", "the network has no buses", "Add buses."))
    lines, transformers = network.c.lines.static.index, network.c.transformers.static.index
    problems += [
        _problem(f"transformers {name}", "name", name, "a line has this name", "Rename one.")
        for name in transformers.intersection(lines)
    ]
    return problems


def _switch_problems(list_name: str, table: pd.DataFrame) -> list[Problem]:
    """Report settings of components that the model would have to ignore."""
    unwanted = {  # column: value that the model assumes, message, remedy
        "p_nom_extendable": (False, "capacity to be chosen", "Set p_nom and False."),
        "s_nom_extendable": (False, "capacity to be chosen", "Set s_nom and False."),
        "committable": (False, "unit commitment is not modelled", "Set it to False."),
        "sign": (-1.0 if list_name == "loads" else 1.0, "unusual sign", "Change the MW instead."),
    }
    if list_name in ("generators", "loads"):
        unwanted["active"] = (True, "switched off", "Remove it from the network.")
    problems = []
    for column, (expected, message, remedy) in unwanted.items():
        names = table.index[table[column] != expected] if column in table else table.index[:0]
        if len(names):
            found = table[column].loc[names].iloc[0]
            place = f"{list_name} {_few(names)}"
            problems.append(_problem(place, column, found, message, remedy))
    if list_name == "buses":
        names = table.index[table["carrier"].eq("DC")]
        if len(names):
            remedy = "Replace direct current by generators or loads at its ends."
            message = "direct-current buses are not modelled"
            problems.append(_problem(f"buses {_few(names)}", "carrier", "DC", message, remedy))
    return problems


def _reference_problems(network: pypsa.Network) -> list[Problem]:
    buses = network.c.buses.static
    problems = []
    for list_name, columns in (
        ("lines", ["bus0", "bus1"]),
        ("transformers", ["bus0", "bus1"]),
        ("generators", ["bus"]),
        ("loads", ["bus"]),
    ):
        table = getattr(network.c, list_name).static
        for column in columns:
            unknown = table.index[~table[column].isin(buses.index)]
            remedy = "Name a bus of the network."
            problems += [
                _problem(f"{list_name} {name}", column, table[column][name], "unknown bus", remedy)
                for name in unknown.unique()
            ]
    for list_name, types in (("lines", "line_types"), ("transformers", "transformer_types")):
        table = getattr(network.c, list_name).static
        known = getattr(network.c, types).static.index
        for name, kind in table["type"][table["type"].ne("")].items():
            if kind not in known:
                remedy = suggestion(kind, known, "Leave it empty and give x.")
                problems.append(
                    _problem(f"{list_name} {name}", "type", kind, "unknown type", remedy)
                )
    return problems


def _branch_problems(network: pypsa.Network) -> list[Problem]:
    """Voltages and reactances, after PyPSA has derived them from the types."""
    buses, lines = network.c.buses.static, network.c.lines.static
    first, second = lines["bus0"].map(buses["v_nom"]), lines["bus1"].map(buses["v_nom"])
    problems = [
        _problem(
            f"lines {name}",
            "bus1",
            f"{first[name]:g} kV to {second[name]:g} kV",
            "a line joins two voltages",
            "Use a transformer between them.",
        )
        for name in lines.index[first != second]
    ]
    network.calculate_dependent_values()
    for list_name in ("lines", "transformers"):
        table = getattr(network.c, list_name).static
        reactance = table["x_pu_eff"].astype(float)
        wrong = table.index[~np.isfinite(reactance) | (reactance == 0)]
        problems += [
            _problem(f"{list_name} {name}", "x", table.loc[name, "x"], "no reactance", "Give x.")
            for name in wrong
        ]
        dense = network.get_switchable_as_dense(getattr(network.c, list_name).name, "s_max_pu")
        wrong = dense.columns[~(dense >= 0).all()]
        problems += [
            _problem(f"{list_name} {name}", "s_max_pu", "", "negative or NaN", "Correct it.")
            for name in wrong
        ]
    return problems


def _inconsistencies(network: pypsa.Network) -> list[Problem]:
    return _consistency_problems(network, CONSISTENCY)


def _consistency_problems(network: pypsa.Network, strict: tuple[str, ...]) -> list[Problem]:
    try:
        network.consistency_check(strict=list(strict))
    except pypsa.consistency.ConsistencyError as error:
        message = " ".join(str(error).split())
        remedy = "Correct the network; n.consistency_check() tells more."
        return [_problem("network", "", "", f"PyPSA finds it inconsistent: {message}", remedy)]
    return []


def _hourly_problems(network: pypsa.Network) -> list[Problem]:
    """Look at loads and limits of the generators, hour by hour."""
    dense = network.get_switchable_as_dense
    load = dense("Load", "p_set")
    problems = _limit_problems(dense("Generator", "p_min_pu"), dense("Generator", "p_max_pu"))
    holes = load.columns[load.isna().any()]
    problems += [
        _problem(f"loads {name}", "p_set", "nan", "NaN in the load", "Fill every hour.")
        for name in holes
    ]
    if len(load.columns) and not load.to_numpy().any():
        message = "every load is 0 in every hour"
        remedy = "Set p_set again; n.set_snapshots drops the series of other hours."
        problems.append(_problem("network", "p_set", 0, message, remedy))
    return problems


def _limit_problems(lowest: pd.DataFrame, highest: pd.DataFrame) -> list[Problem]:
    checks = (
        (lowest.isna() | highest.isna(), "NaN in p_min_pu or p_max_pu", "Fill every hour."),
        (
            (lowest < -1 - 1e-6) | (highest > 1 + 1e-6),
            "limits beyond p_nom",
            "Keep p_min_pu and p_max_pu within -1 and 1, or raise p_nom.",
        ),
        (lowest > highest + 1e-6, "p_min_pu above p_max_pu", "Correct the limits."),
    )
    return [
        _problem(f"generators {name}", "p_max_pu", "", message, remedy)
        for wrong, message, remedy in checks
        for name in wrong.columns[wrong.any()]
    ]


def _supply_problems(network: pypsa.Network) -> list[Problem]:
    """Look at the balance of every island."""
    dense = network.get_switchable_as_dense
    island = network_islands(network)
    generators = network.c.generators.static
    lowest, highest = (
        dense("Generator", limit) * generators["p_nom"] for limit in ("p_min_pu", "p_max_pu")
    )
    supply = Supply(
        load_mw=by_island(dense("Load", "p_set"), network.c.loads.static["bus"], island),
        lowest_mw=by_island(lowest, generators["bus"], island),
        highest_mw=by_island(highest, generators["bus"], island),
    )
    return supply_problems(island, pd.DatetimeIndex(network.snapshots), supply)


def network_islands(network: pypsa.Network) -> pd.Series:
    """Island of every bus, over the active lines and transformers."""
    tables = [network.c.lines.static, network.c.transformers.static]
    active = [table.loc[table["active"].astype(bool), ["bus0", "bus1"]] for table in tables]
    branches = pd.concat(active)
    return islands_of(network.c.buses.static.index, branches["bus0"], branches["bus1"])
