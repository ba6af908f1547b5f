"""The AC results held against PyPSA's `n.pf`, with the outage's branches really removed."""

from __future__ import annotations

import numpy as np
import pypsa

from gridplan.base.quiet import quiet_pypsa
from gridplan.check.ac_control import Case, State
from gridplan.check.ac_grid import AcGrid
from gridplan.check.replica import replica

SLACK = "slack "  # of an island, by its number


def pf_network(network: pypsa.Network, grid: AcGrid) -> pypsa.Network:
    """Copy the grid, with one load at every bus and one generator in every island.

    Parameters
    ----------
    network : pypsa.Network
        The original; it is not changed.
    grid : AcGrid
        Of the same network.
    """
    evidence = grid.evidence
    with quiet_pypsa():
        bare = replica(network, np.array([0]))
        for component in ("Generator", "Load"):
            bare.remove(component, bare.c[component].static.index)
        bare.add("Load", evidence.buses, bus=evidence.buses)
        names = [f"{SLACK}{k}" for k in range(int(evidence.island.max()) + 1)]
        bare.add("Generator", names, bus=evidence.buses[0], control="Slack")
    return bare


def difference_pu(bare: pypsa.Network, grid: AcGrid, case: Case, state: State) -> float:
    """Solve a settled case with `n.pf` and compare the voltages.

    Parameters
    ----------
    bare : pypsa.Network
        Of `pf_network`; it is left as it was but for the values of the case.
    grid : AcGrid
        The grid.
    case : Case
        The case.
    state : State
        Its taps, reactive sources and losses are given to PyPSA; the voltages are not, but for one
        bus of every island.

    Returns
    -------
    float
        Largest difference of any voltage (per unit, as phasors); infinite where `n.pf` fails.
    """
    evidence = grid.evidence
    injected = case.p_mw + case.share * state.losses_mw[evidence.island]
    reactive = case.q_mvar + state.source_mvar + grid.fixed_mvar * np.abs(state.voltage) ** 2
    loads = bare.c.loads.static
    loads["p_set"], loads["q_set"] = -injected, -reactive
    generators = bare.c.generators.static
    generators["bus"] = evidence.buses[case.reference].to_numpy()
    buses = bare.c.buses.static
    buses.loc[evidence.buses[case.reference], "v_mag_pu_set"] = np.abs(
        state.voltage[case.reference]
    )
    kinds = evidence.branches["component"]
    transformers = kinds.index[kinds == "Transformer"]
    ratios = grid.ratios(state.positions)[(kinds == "Transformer").to_numpy()]
    bare.c.transformers.static.loc[transformers, "tap_ratio"] = ratios
    out = kinds.iloc[case.out]
    for name, component in out.items():
        bare.c[component].static.loc[name, "active"] = False
    with quiet_pypsa(), np.errstate(all="ignore"):
        told = bare.pf()
    for name, component in out.items():
        bare.c[component].static.loc[name, "active"] = True
    if not bool(told["converged"].to_numpy(dtype=bool).all()):
        return float("inf")
    size = bare.c.buses.dynamic["v_mag_pu"][evidence.buses].to_numpy(dtype=float)[0]
    angle = bare.c.buses.dynamic["v_ang"][evidence.buses].to_numpy(dtype=float)[0]
    return float(np.abs(size * np.exp(1j * angle) - state.voltage).max(initial=0.0))
