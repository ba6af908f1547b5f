"""The AC results held against PyPSA's `n.pf`, with the outage's branches really removed."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pypsa
from scipy.sparse.linalg import MatrixRankWarning

from gridplan.base.quiet import quiet_pypsa
from gridplan.check.ac_control import Case, State
from gridplan.check.ac_grid import AcGrid
from gridplan.check.replica import replica


def pf_network(network: pypsa.Network, grid: AcGrid) -> pypsa.Network:
    """Copy the grid, with one load and one generator at every bus.

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
        bare.add("Generator", evidence.buses, bus=evidence.buses)
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
        Its taps, losses, held voltages and the sources at their limits are given to PyPSA, which
        starts flat, and from the voltages found where it does not converge from there.

    Returns
    -------
    float
        Largest difference of any voltage (per unit, as phasors); infinite where `n.pf` fails.
    """
    evidence = grid.evidence
    injected = case.p_mw + case.share * state.losses_mw[evidence.island]
    held = case.source & (state.side == 0)
    given = np.where(held, 0.0, state.source_mvar)
    reactive = case.q_mvar + given + grid.fixed_mvar * np.abs(state.voltage) ** 2
    loads = bare.c.loads.static
    loads["p_set"], loads["q_set"] = -injected, -reactive
    control = np.where(held, "PV", "PQ").astype(object)
    control[case.reference] = "Slack"
    bare.c.generators.static["control"] = control
    bare.c.buses.static["v_mag_pu_set"] = np.abs(state.voltage)
    kinds = evidence.branches["component"]
    transformers = kinds.index[kinds == "Transformer"]
    ratios = grid.ratios(state.positions)[(kinds == "Transformer").to_numpy()]
    bare.c.transformers.static.loc[transformers, "tap_ratio"] = ratios
    out = kinds.iloc[case.out]
    for name, component in out.items():
        bare.c[component].static.loc[name, "active"] = False
    solved = _pf(bare) or _pf(bare, evidence.buses, state)
    for name, component in out.items():
        bare.c[component].static.loc[name, "active"] = True
    if not solved:
        return float("inf")
    size = bare.c.buses.dynamic["v_mag_pu"][evidence.buses].to_numpy(dtype=float)[0]
    angle = bare.c.buses.dynamic["v_ang"][evidence.buses].to_numpy(dtype=float)[0]
    return float(np.abs(size * np.exp(1j * angle) - state.voltage).max(initial=0.0))


def _pf(bare: pypsa.Network, buses: pd.Index | None = None, state: State | None = None) -> bool:
    """Run `n.pf`, from a flat start or from a state; whether it converged."""
    if buses is not None and state is not None:
        bare.c.buses.dynamic["v_mag_pu"].loc[:, buses] = np.abs(state.voltage)
        bare.c.buses.dynamic["v_ang"].loc[:, buses] = np.angle(state.voltage)
    with quiet_pypsa(), np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", MatrixRankWarning)  # it does not converge, and says so
        told = bare.pf(use_seed=state is not None)
    return bool(told["converged"].to_numpy(dtype=bool).all())
