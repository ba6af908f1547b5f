"""What an AC check would find in one case if a project were not connected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from gridplan.check.ac import assumptions_of, margins_of, outages_of
from gridplan.check.ac_cases import solve_cases
from gridplan.check.ac_grid import ac_grid
from gridplan.check.ac_operation import operation_of, reactive_mvar
from gridplan.check.conditional import CONDITIONAL
from gridplan.check.contingencies import listed_by
from gridplan.check.evidence import evidence_of
from gridplan.check.witness import network_of


@dataclass(frozen=True)
class Without:
    """One case without each of some projects.

    Parameters
    ----------
    voltage_pu : pandas.DataFrame
        Project x bus, per unit of the reference voltage; no numbers where there is no solution.
    loading_pu : pandas.DataFrame
        Project x branch, current per unit of the limit.
    converged : pandas.Series of bool
        Whether the case has a solution, by project.
    """

    voltage_pu: pd.DataFrame
    loading_pu: pd.DataFrame
    converged: pd.Series


def without_each(
    plan: Any, projects: Sequence[str], snapshot: pd.Timestamp, outage: str = ""
) -> Without:
    """Solve an hour and outage of a plan once for every project, with that one disconnected.

    Parameters
    ----------
    plan : object
        As for `check_ac`.
    projects : sequence of str
        Chosen projects. A conditional one makes no difference after an outage, which disconnects
        it anyway.
    snapshot : pandas.Timestamp
        The hour.
    outage : str
        Name of the outage, "" for none.

    Returns
    -------
    Without
    """
    network = network_of(plan)
    evidence = evidence_of(network)
    grid = ac_grid(network, evidence, assumptions_of(plan))
    hour = evidence.snapshots.get_indexer([snapshot])
    rating = evidence.rating_mw[:, hour].T / margins_of(plan, evidence)
    whole = operation_of(network, grid, hour, rating)
    outages = outages_of(evidence, listed_by(plan))
    names = ["", outage] if outage else [""]
    pairs = pd.DataFrame({"hour": int(hour[0]), "outage": names})
    loads = network.c.loads.static.loc["project " + pd.Index(projects)]
    power = network.get_switchable_as_dense("Load", "p_set", [snapshot], loads.index)
    mw = power.to_numpy(dtype=float)
    mvar = reactive_mvar(network, grid.settings, loads, mw, hour)
    voltage, loading, converged = [], [], []
    for number, (bus, carrier) in enumerate(zip(loads["bus"], loads["carrier"], strict=True)):
        at_bus = (evidence.buses == bus).astype(float)
        p, q = mw[0, number] * at_bus, mvar[0, number] * at_bus
        less = replace(whole, load_mw=whole.load_mw - p, load_mvar=whole.load_mvar - q)
        if carrier == CONDITIONAL:  # then nothing is left of it to be released
            released = whole.released_mw - p, whole.released_mvar - q
            less = replace(less, released_mw=released[0], released_mvar=released[1])
        found = solve_cases(grid, less, pairs, outages)
        voltage.append(found.voltage_pu[-1])
        loading.append(found.loading_pu[-1])
        converged.append(bool(found.converged[-1]))
    index = pd.Index(projects)
    return Without(
        pd.DataFrame(np.array(voltage), index, evidence.buses),
        pd.DataFrame(np.array(loading), index, evidence.branches.index),
        pd.Series(converged, index, dtype=bool),
    )
