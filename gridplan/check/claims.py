"""Does the network hold what its plan says: ratings, loads and generators, in every hour.

A network can be secure because something was left out of it. So what a plan claims is built anew
from its study: the study's network, ordinary growth, the chosen projects and the measures taken.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pypsa

from gridplan.base.messages import Language
from gridplan.check.certificate import no_last_resort
from gridplan.check.conditional import CONDITIONAL
from gridplan.check.dispatch import BALANCE_MW, BALANCE_PU, Row, breach
from gridplan.check.evidence import Array, Evidence, branches_of, ratings_mw
from gridplan.check.replica import at_buses
from gridplan.study.emergency import emergency_factors
from gridplan.study.tables import shares_of

LAST_RESORT = "last resort"  # carrier of load that the base case cannot serve, and of surplus
PROJECT = ["bus", "mw", "profile", "connection"]
SYMBIOSIS = ["partners", "buses", "mw", "profile"]
MEASURE = ["kind", "buses", "branch", "mw", "rating_pu", "profile"]
SAME_PU = 1e-9  # reactances and ratios are computed, not measured


def makes_claims(given: Any) -> bool:
    """Whether an object says what its network should hold."""
    wanted = ("study", "projects", "measures", "symbioses", "curtailed_mw")
    return not isinstance(given, pypsa.Network) and all(hasattr(given, name) for name in wanted)


def language_of(given: Any) -> Language:
    """Language in which the study of a plan is shown; English for a network alone."""
    return given.study.settings.language if makes_claims(given) else "en"


def deviations(plan: Any, evidence: Evidence) -> list[Row]:
    """List where a plan's network differs from what the plan says.

    Parameters
    ----------
    plan : object
        With study, network, projects (column `chosen`) and measures (column `units`).
    evidence : Evidence
        Of the plan's network.

    Returns
    -------
    list of tuple
        kind, name, snapshot (worst hour), mw (network less plan; NaN where it is no power), hours.
        Tolerance: 1e-3 MW + 1e-6 of the expected value.
    """
    study, hours = plan.study, evidence.snapshots
    rows = _tables(plan, hours)
    if not hours.equals(pd.DatetimeIndex(study.network.snapshots)):
        differ = len(hours.symmetric_difference(study.network.snapshots))
        return [*rows, ("hours differ from the plan", "snapshots", hours[0], np.nan, differ)]
    rows += _branches(plan, evidence) + _loads(plan, evidence) + _generators(plan, hours)
    return rows + _conditional_loads(plan, hours)


def last_resorts(plan: Any) -> pd.DataFrame:
    """List the loads of carrier "last resort", which no project or measure accounts for.

    Parameters
    ----------
    plan : object
        With network and study.

    Returns
    -------
    pandas.DataFrame
        Index load: bus, unserved_mwh, surplus_mwh, hours.
    """
    table, power = _last_resort_mw(plan)
    if table.empty:
        return no_last_resort()
    return pd.DataFrame(
        {
            "bus": table["bus"].astype("str"),
            "unserved_mwh": np.maximum(-power, 0.0).sum(axis=1),
            "surplus_mwh": np.maximum(power, 0.0).sum(axis=1),
            "hours": (np.abs(power) > BALANCE_MW).sum(axis=1),
        },
        index=pd.Index(table.index, name="load"),
    )


def _last_resort_mw(plan: Any) -> tuple[pd.DataFrame, Array]:
    """Last resorts that the plan added, and their load, shape (loads, T)."""
    table = _active(plan.network, "Load")
    own = table.index.isin(plan.study.network.c.loads.static.index)
    table = table[table["carrier"].eq(LAST_RESORT) & ~own]
    power = plan.network.get_switchable_as_dense("Load", "p_set", inds=table.index)
    sign = table["sign"].to_numpy(dtype=float)
    return table, -sign[:, None] * power.to_numpy(dtype=float).T


def _tables(plan: Any, hours: pd.DatetimeIndex) -> list[Row]:
    """Projects and measures that are not those of the study, or taken more than is offered."""
    study = plan.study
    chosen, taken = _chosen(plan), _taken(plan)
    offered = study.measures["units_max"].reindex(taken.index).to_numpy(dtype=float)
    units = taken["units"].to_numpy(dtype=float)
    found = [
        ("project differs from the study", _other(chosen, study.projects, PROJECT)),
        ("measure differs from the study", _other(taken, study.measures, MEASURE)),
        (
            "measure not offered so often",
            taken.index[(units < 0) | (units > offered) | (units % 1 != 0)],
        ),
        ("symbiosis differs from the study", _other(_together(plan), study.symbioses, SYMBIOSIS)),
        ("conditional project differs from the plan", _conditional_mismatch(plan)),
    ]
    return [(kind, name, hours[0], np.nan, len(hours)) for kind, names in found for name in names]


def _other(table: pd.DataFrame, study: pd.DataFrame, columns: list[str]) -> pd.Index:
    """Names of the rows that the study does not have like this."""
    theirs = study.reindex(table.index)[columns]
    same = table[columns].eq(theirs) | (table[columns].isna() & theirs.isna())
    return table.index[~(same.all(axis=1) & table.index.isin(study.index)).to_numpy()]


def _chosen(plan: Any) -> pd.DataFrame:
    """Projects that the plan connects."""
    return plan.projects[plan.projects["chosen"].astype(bool)]


def _together(plan: Any) -> pd.DataFrame:
    """Symbioses that the plan counts on."""
    return plan.symbioses[plan.symbioses["chosen"].astype(bool)]


def _conditional_mismatch(plan: Any) -> list[str]:
    """Projects that are disconnected after an outage, or not, against what they agreed to."""
    chosen = _chosen(plan)
    agreed = set("project " + chosen.index[chosen["connection"].eq("conditional")])
    loads = _active(plan.network, "Load")
    return sorted(agreed ^ set(loads.index[loads["carrier"].eq(CONDITIONAL)]))


def _taken(plan: Any) -> pd.DataFrame:
    """Measures that the plan takes."""
    return plan.measures[plan.measures["units"] != 0]


def _branches(plan: Any, evidence: Evidence) -> list[Row]:
    """Branches with other ends, impedance or rating than in the study with its measures."""
    ours, theirs = evidence.branches, branches_of(plan.study.network)
    hours = evidence.snapshots
    both = ours.index.intersection(theirs.index, sort=False)
    here, there = ours.index.get_indexer(both), theirs.index.get_indexer(both)
    ends, numbers = ["component", "bus0", "bus1"], ["x_pu", "r_pu", "phase_shift"]
    a, b = ours.iloc[here], theirs.iloc[there]
    other = (a[ends].to_numpy() != b[ends].to_numpy()).any(axis=1)
    close = np.isclose(a[numbers].to_numpy(), b[numbers].to_numpy(), rtol=SAME_PU, atol=0.0)
    changed = [*ours.index.symmetric_difference(theirs.index), *both[other | ~close.all(axis=1)]]
    rows: list[Row] = [
        ("branch differs from the plan", name, hours[0], np.nan, len(hours)) for name in changed
    ]
    expected = ratings_mw(plan.study.network)[there] * _raised(plan, both)[:, None]
    actual = evidence.rating_mw[here]
    kind = "rating differs from the plan"
    rows += _beyond(kind, both, hours, actual, expected)
    stated = emergency_factors(plan.study.network, plan.study.settings)[both].to_numpy()
    other = ~np.isclose(evidence.emergency_factor[here], stated, rtol=SAME_PU, atol=0.0)
    kind = "emergency factor differs from the plan"
    return rows + [(kind, name, hours[0], np.nan, len(hours)) for name in both[other]]


def _raised(plan: Any, branches: pd.Index) -> Array:
    """Factor on the rating of every branch: 1 + units x rating_pu of its measures."""
    factor = pd.Series(1.0, index=branches)
    for name, units in _taken(plan)["units"].items():
        if name in plan.study.measures.index:
            measure = plan.study.measures.loc[name]
            if measure["kind"] == "rating" and measure["branch"] in factor.index:
                factor[measure["branch"]] += units * measure["rating_pu"]
    return factor.to_numpy()


def _loads(plan: Any, evidence: Evidence) -> list[Row]:
    """Buses whose load is not that of the study with growth, projects and measures."""
    buses = evidence.buses.union(plan.study.network.c.buses.static.index, sort=False)
    actual = np.zeros((len(buses), len(evidence.snapshots)))
    actual[buses.get_indexer(evidence.buses)] = evidence.load_mw
    table, power = _last_resort_mw(plan)
    np.subtract.at(actual, buses.get_indexer(table["bus"]), power)
    expected = _claimed_load_mw(plan, buses)
    kind = "load differs from the plan"
    return _beyond(kind, buses, evidence.snapshots, actual, expected)


def _claimed_load_mw(plan: Any, buses: pd.Index) -> Array:
    """Load at the buses that follows from the study and the choice (MW), shape (N, T)."""
    study = plan.study
    load = -at_buses(study.network, "Load", buses)
    chosen = study.projects[study.projects.index.isin(_chosen(plan).index)]
    connected = pd.concat([study.ordinary_growth, chosen])
    shape = study.profiles[connected["profile"]].to_numpy(dtype=float)
    demand = shape * connected["mw"].to_numpy(dtype=float)
    unserved = plan.curtailed_mw.reindex(columns=connected.index, fill_value=0.0).to_numpy()
    np.add.at(load, buses.get_indexer(connected["bus"]), (demand - unserved).T)
    measures = study.measures[study.measures["kind"] == "load"]
    units = _taken(plan)["units"].reindex(measures.index, fill_value=0)
    together = study.symbioses.index.isin(_together(plan).index)
    saving = pd.concat(
        [measures.assign(units=units), study.symbioses.assign(units=together.astype(int))]
    )
    for _, saved in saving[saving["units"] > 0].iterrows():
        shape = study.profiles[saved["profile"]].to_numpy(dtype=float)
        for bus, share in shares_of(saved["buses"]).items():
            load[buses.get_loc(bus)] -= share * shape * saved["mw"] * saved["units"]
    return load


def _conditional_loads(plan: Any, hours: pd.DatetimeIndex) -> list[Row]:
    """List conditional projects whose own load is another; the sum at their bus does not tell.

    What is conditional is disconnected after an outage, what is firm at the same bus is not.
    """
    study, loads = plan.study, _active(plan.network, "Load")
    chosen = study.projects[study.projects.index.isin(_chosen(plan).index)]
    chosen = chosen[chosen["connection"].eq("conditional")]
    chosen = chosen[("project " + chosen.index).isin(loads.index)]
    shape = study.profiles[chosen["profile"]].to_numpy(dtype=float)
    demand = shape * chosen["mw"].to_numpy(dtype=float)
    unserved = plan.curtailed_mw.reindex(columns=chosen.index, fill_value=0.0).to_numpy()
    own = "project " + chosen.index
    power = plan.network.get_switchable_as_dense("Load", "p_set", inds=own)[own]
    moved = (loads.loc[own, "bus"].to_numpy() != chosen["bus"].to_numpy()) | (
        loads.loc[own, "sign"].to_numpy() != -1.0
    )
    kind = "conditional load differs from the plan"
    rows: list[Row] = [(kind, name, hours[0], np.nan, len(hours)) for name in own[moved]]
    return rows + _beyond(kind, own, hours, power.to_numpy(dtype=float).T, (demand - unserved).T)


def _generators(plan: Any, hours: pd.DatetimeIndex) -> list[Row]:
    """List generators with other places or bounds than in the study."""
    kind = "generator differs from the plan"
    ours, theirs = _active(plan.network, "Generator"), _active(plan.study.network, "Generator")
    both = ours.index.intersection(theirs.index, sort=False)
    fixed = ["bus", "sign", "p_nom"]
    other = (ours.loc[both, fixed].to_numpy() != theirs.loc[both, fixed].to_numpy()).any(axis=1)
    shares = [table.get("schedule_share", pd.Series(0.0, table.index)) for table in (ours, theirs)]
    here, there = (share[both].fillna(0.0).to_numpy(dtype=float) for share in shares)
    other |= here != there
    changed = [*ours.index.symmetric_difference(theirs.index), *both[other]]
    rows: list[Row] = [(kind, name, hours[0], np.nan, len(hours)) for name in changed]
    left = both[~other]
    p_nom = theirs.loc[left, "p_nom"].to_numpy(dtype=float)[:, None]
    for bound in ("p_min_pu", "p_max_pu"):
        actual, expected = (
            n.get_switchable_as_dense("Generator", bound, inds=left).to_numpy(dtype=float).T * p_nom
            for n in (plan.network, plan.study.network)
        )
        rows += _beyond(kind, left, hours, actual, expected)
    return rows


def _beyond(
    kind: str, names: pd.Index, hours: pd.DatetimeIndex, actual: Array, expected: Array
) -> list[Row]:
    """One row per name that differs in some hour; arrays of shape (names, T)."""
    with np.errstate(invalid="ignore"):  # infinite ratings
        difference = np.where(actual == expected, 0.0, actual - expected)
    allowed = BALANCE_MW + BALANCE_PU * np.where(np.isfinite(expected), np.abs(expected), 0.0)
    rows: list[Row] = []
    for position in np.flatnonzero(~(np.abs(difference) <= allowed).all(axis=1)):
        name = str(names[position])
        rows += breach(kind, name, hours, difference[position], allowed[position])
    return rows


def _active(network: pypsa.Network, component: str) -> pd.DataFrame:
    """Table of the active components of one kind."""
    table = network.c[component].static
    return table[table["active"].astype(bool)]
