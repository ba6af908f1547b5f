"""What no certificate can be made from: missing numbers and components it does not cover."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pypsa

from gridplan.base.errors import Problem, StudyError
from gridplan.study.emergency import factor_problems

BRANCHES = ("Line", "Transformer")
NOT_COVERED = ("Link", "Process", "StorageUnit", "Store", "ShuntImpedance")
# Attributes that enter the certificate: they must be numbers in every hour.
SERIES = {
    "Line": ("s_max_pu",),
    "Transformer": ("s_max_pu",),
    "Generator": ("p_set", "p_min_pu", "p_max_pu"),
    "Load": ("p_set",),
}
CONSTANTS = {
    "Line": ("s_nom",),
    "Transformer": ("s_nom", "phase_shift"),
    "Generator": ("p_nom", "sign"),
    "Load": ("sign",),
}
MAY_BE_INFINITE = ("s_nom", "s_max_pu")
ENDS = {"Line": ("bus0", "bus1"), "Transformer": ("bus0", "bus1")}
EXTENDABLE = {"Line": "s_nom", "Transformer": "s_nom", "Generator": "p_nom"}


def refuse(network: pypsa.Network) -> None:
    """Raise with every reason why this network cannot be certified.

    Parameters
    ----------
    network : pypsa.Network
        With its dispatch.

    Raises
    ------
    StudyError
        Lists all problems.
    """
    problems = _structure(network)
    if not problems:
        for component in SERIES:
            problems += _ends(network, component)
            problems += _extendable(network, component)
            problems += _constants(network, component)
            problems += _series(network, component)
        problems += [*_names(network), *factor_problems(network)]
    if problems:
        raise StudyError(problems)


def refuse_reactances(x_pu: pd.Series) -> None:
    """Raise where an effective reactance is zero or not a number.

    Parameters
    ----------
    x_pu : pandas.Series
        Index: branch; effective reactance per unit.

    Raises
    ------
    StudyError
        Lists all such branches.
    """
    bad = x_pu[~np.isfinite(x_pu) | (x_pu == 0.0)]
    if len(bad):
        message = "the effective reactance must be a finite number other than zero"
        remedy = "Correct x, s_nom and tap_ratio, or v_nom of the bus."
        raise StudyError(
            [Problem("", f"branch {name}", "x", str(x), message, remedy) for name, x in bad.items()]
        )


def _structure(network: pypsa.Network) -> list[Problem]:
    """Find kinds of networks and components that are not covered."""
    problems = []
    if network.has_scenarios or network.has_investment_periods:
        message = "a stochastic or multi-period network cannot be certified as a whole"
        problems.append(_problem("network", "", "", message, "Certify each scenario or period."))
    if not len(network.snapshots) or not isinstance(network.snapshots, pd.DatetimeIndex):
        message = "needs at least one hour, with time stamps"
        problems.append(_problem("snapshots", "", "", message, "Set the snapshots."))
    elif not network.snapshots.is_unique:
        twice = network.snapshots[network.snapshots.duplicated()][0]
        problems.append(_problem("snapshots", "", str(twice), "hour given twice", "Keep one."))
    for component in NOT_COVERED:
        table = network.c[component].static
        names = table.index[table["active"].astype(bool)]
        if component == "ShuntImpedance":  # a purely reactive one moves no active power
            names = names[table.loc[names, "g"].astype(float) != 0.0]
        if len(names):
            message = f"{len(names)} active {component}(s), which a certificate does not cover"
            remedy = "Replace them by generators or loads with p_set, or set active=False."
            problems.append(_problem(component, "", str(names[0]), message, remedy))
    direct = network.c.buses.static.query("carrier == 'DC'").index
    if len(direct):
        message = "buses of direct current are not covered"
        problems.append(_problem("Bus", "carrier", str(direct[0]), message, "Model AC only."))
    series = network.c.transformers.dynamic["phase_shift"]
    if series.shape[1]:
        message = "hourly phase shifts are not covered, nor used by n.lpf"
        remedy = "Set one phase_shift per transformer."
        problems.append(
            _problem("Transformer", "phase_shift", str(series.columns[0]), message, remedy)
        )
    return problems


def _names(network: pypsa.Network) -> list[Problem]:
    """Find names used twice: of branches over lines and transformers, of others in their table."""
    branches = [_active(network, component).index for component in BRANCHES]
    tables = {"branch": branches[0].append(branches[1])}
    tables |= {c: network.c[c].static.index for c in ("Bus", "Generator", "Load")}
    return [
        _problem(f"{kind} {name}", "name", str(name), "the name is used twice", "Rename one.")
        for kind, names in tables.items()
        for name in names[names.duplicated()].unique()
    ]


def _ends(network: pypsa.Network, component: str) -> list[Problem]:
    """Find components attached to a bus that does not exist."""
    table = _active(network, component)
    buses = network.c.buses.static.index
    return [
        _problem(f"{component} {name}", column, str(bus), "unknown bus", "Name an existing bus.")
        for column in ENDS.get(component, ("bus",))
        for name, bus in table.loc[~table[column].isin(buses), column].items()
    ]


def _extendable(network: pypsa.Network, component: str) -> list[Problem]:
    """Find extendable sizes, which are not sizes yet."""
    if component not in EXTENDABLE:
        return []
    attribute = EXTENDABLE[component]
    table = _active(network, component)
    names = table.index[table[f"{attribute}_extendable"].astype(bool)]
    remedy = f"Set {attribute} to the chosen size and {attribute}_extendable=False."
    column = f"{attribute}_extendable"
    return [
        _problem(f"{component} {name}", column, "True", "the size is not fixed", remedy)
        for name in names
    ]


def _constants(network: pypsa.Network, component: str) -> list[Problem]:
    """Find constants that are missing, or negative sizes."""
    table = _active(network, component)
    problems = []
    for column in CONSTANTS[component]:
        value = table[column].astype(float)
        bad = value.isna() if column in MAY_BE_INFINITE else ~np.isfinite(value)
        if column in ("s_nom", "p_nom"):
            bad |= value < 0
        problems += [
            _problem(f"{component} {name}", column, str(x), "not a usable number", "Correct it.")
            for name, x in value[bad].items()
        ]
    return problems


def _series(network: pypsa.Network, component: str) -> list[Problem]:
    """Find series that are missing in some hour."""
    names = _active(network, component).index
    problems = []
    for attribute in SERIES[component]:
        value = network.get_switchable_as_dense(component, attribute, inds=names)
        array = value.to_numpy(dtype=float)
        bad = np.isnan(array) if attribute in MAY_BE_INFINITE else ~np.isfinite(array)
        if attribute == "s_max_pu":
            bad |= array < 0
        remedy = "Correct it."
        if component == "Generator" and attribute == "p_set":
            remedy = "Put the dispatch in p_set; after an optimisation it stands in p."
        for position in np.flatnonzero(bad.any(axis=0)):
            hour = int(bad[:, position].argmax())
            message = (
                f"not a usable number in {int(bad[:, position].sum()):,} of {len(value):,} hours,"
                f" first at {value.index[hour]}"
            )
            row = f"{component} {value.columns[position]}"
            problems.append(_problem(row, attribute, str(array[hour, position]), message, remedy))
    return problems


def _active(network: pypsa.Network, component: str) -> pd.DataFrame:
    """Table of the active components of one kind."""
    table = network.c[component].static
    return table[table["active"].astype(bool)]


def _problem(row: str, column: str, value: str, message: str, remedy: str) -> Problem:
    """Problem of a network in memory."""
    return Problem("", row, column, value, message, remedy)
