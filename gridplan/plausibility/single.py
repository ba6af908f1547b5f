"""Loads that a single branch supplies: in no hour of the year do they have N-1."""

from __future__ import annotations

from gridplan.grid.at_buses import load_at_buses_mw
from gridplan.grid.radial import behind_bridges, possible_supply_mw
from gridplan.grid.topology import topology_of
from gridplan.plausibility.doubt import Doubt
from gridplan.study.study import Study

SOME_MW = 1.0
NVE_RULE = "NVE: a power system study lists every point without N-1"


def single_doubts(study: Study) -> list[Doubt]:
    """List the branches that are the only way to a load, the outermost of each row of them.

    Parameters
    ----------
    study : Study
        The input.

    Returns
    -------
    list of Doubt
        Those with the highest load first.
    """
    network = study.network
    topology = topology_of(network)
    behind = behind_bridges(topology, possible_supply_mw(network, topology.buses))
    sets = {bridge: frozenset(buses.tolist()) for bridge, buses in behind.items()}
    at_bus = load_at_buses_mw(network, topology.buses)
    found = []
    for bridge, buses in sets.items():
        peak = at_bus[:, sorted(buses)].sum(axis=1).max()
        if peak >= SOME_MW and not any(buses < other for other in sets.values()):
            found.append((peak, bridge, buses))
    return [
        _told(
            topology.branches.index[bridge],
            topology.branches["component"].iloc[bridge],
            peak,
            [str(topology.buses[bus]) for bus in sorted(buses)],
        )
        for peak, bridge, buses in sorted(found, key=lambda row: -row[0])
    ]


def _told(branch: str, component: str, peak: float, buses: list[str]) -> Doubt:
    some = ", ".join(buses[:3]) + (f" and {len(buses) - 3} more" if len(buses) > 3 else "")
    value = f"the only way to {peak:,.4g} MW of load at {some}"
    question = "Is a second line missing? If not, this load has no N-1, and N-0 limits hold there."
    table = "lines" if component == "Line" else "transformers"
    return Doubt("no N-1", table, branch, "", value, "two ways", question, NVE_RULE)
