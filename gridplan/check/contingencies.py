"""What is taken out: every branch that is no bridge, and several branches where outages say so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd

from gridplan.base.errors import Problem, StudyError
from gridplan.check.evidence import Evidence, Positions, graph_of
from gridplan.study.tables import names_in

REMEDY = "Name active lines or transformers."


def single_outages(evidence: Evidence, unsecured: Sequence[str]) -> Positions:
    """Positions of the branches to take out: all but bridges and those that are left unsecured.

    Parameters
    ----------
    evidence : Evidence
        The network.
    unsecured : sequence of str
        Branches that are left in by request.

    Returns
    -------
    ndarray of int, shape (K,)

    Raises
    ------
    StudyError
        When a name is unknown.
    """
    names = evidence.branches.index
    unknown = [name for name in unsecured if name not in names]
    if unknown:
        message = "unknown or inactive branch"
        raise StudyError(
            [Problem("", "certify", "unsecured", name, message, REMEDY) for name in unknown]
        )
    return np.flatnonzero(~evidence.bridge & ~names.isin(list(unsecured)))


def listed_outages(evidence: Evidence, outages: pd.DataFrame | None) -> dict[str, Positions]:
    """Positions of the branches that are lost together.

    Parameters
    ----------
    evidence : Evidence
        The network.
    outages : pandas.DataFrame or None
        Indexed by name, with a column `branches` ("A; B").

    Returns
    -------
    dict
        By name of the outage.

    Raises
    ------
    StudyError
        When a branch is unknown, fewer than two are named, or an outage splits the grid.
    """
    found, problems = {}, []
    for name, text in () if outages is None else outages["branches"].items():
        branches = evidence.branches.index.get_indexer(list(dict.fromkeys(names_in(text))))
        if (branches < 0).any() or len(branches) < 2:
            message, remedy = "an outage needs two known, active branches", REMEDY
            problems.append(Problem("", f"outage {name}", "branches", text, message, remedy))
        elif _splits(evidence, branches):
            message, remedy = "the outage splits the grid", "N-1 cannot hold there; leave it out."
            problems.append(Problem("", f"outage {name}", "branches", text, message, remedy))
        found[str(name)] = branches
    if problems:
        raise StudyError(problems)
    return found


def listed_by(given: Any) -> pd.DataFrame | None:
    """Outages that a plan's study lists; None where there is no study."""
    return getattr(getattr(given, "study", None), "outages", None)


def _splits(evidence: Evidence, branches: Positions) -> bool:
    """Whether an island falls apart without the branches."""
    graph = graph_of(len(evidence.buses), evidence.from_bus, evidence.to_bus)
    for branch in branches.tolist():
        ends = int(evidence.from_bus[branch]), int(evidence.to_bus[branch])
        graph.remove_edge(*ends, key=branch)
    return nx.number_connected_components(graph) > evidence.island.max() + 1
