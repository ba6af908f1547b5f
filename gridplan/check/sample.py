"""The sample: outages really removed from a copy of the network and solved by `n.lpf`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pypsa

from gridplan.base.quiet import quiet_pypsa
from gridplan.check.evidence import Array, Evidence, Limits, Positions
from gridplan.check.outages import Flows
from gridplan.check.replica import replica

HOURS_EACH = 3
SAMPLE_TOLERANCE_MW = 1e-3


def sample(
    network: pypsa.Network,
    evidence: Evidence,
    flows: Flows,
    limits: Limits,
    chosen: Positions,
    *,
    progress: Callable[[float], None] | None = None,
) -> pd.DataFrame:
    """Hold the screen's flows against PyPSA's on the worst hours of the chosen outages.

    Parameters
    ----------
    network : pypsa.Network
        The original; it is not changed.
    evidence, flows
        What the screen used.
    limits : Limits
        Decides which hours are the worst.
    chosen : ndarray of int
        Numbers of outages of `flows`; the intact network is always compared as well.
    progress : callable, optional
        Called with the share done, 0 to 1.

    Returns
    -------
    pandas.DataFrame
        outage ("" for none), snapshot, largest_difference_mw over all branches, loading_pu by the
        screen.
    """
    cases = [(-1, flows.before_mw)] + [(int(k), flows.after_mw(int(k))) for k in chosen]
    limit = {outage: limits.before_mw if outage < 0 else limits.after_mw for outage, _ in cases}
    worst = {outage: _worst_hours(after, limit[outage]) for outage, after in cases}
    hours = np.unique(np.concatenate(list(worst.values())))
    bare = replica(network, hours)
    disconnected = _disconnected(bare, evidence, hours)
    rows: list[tuple[object, ...]] = []
    names = flows.names(evidence)
    for number, (outage, after) in enumerate(cases):
        removed = flows.removed(outage) if outage >= 0 else np.empty(0, dtype=np.int64)
        mine = after[:, worst[outage]]
        solved = bare if outage < 0 else disconnected
        theirs = _removed_and_solved(solved, evidence, removed, evidence.snapshots[worst[outage]])
        difference = np.abs(mine - theirs).max(axis=0, initial=0.0)
        loading = _loading_pu(mine, limit[outage][:, worst[outage]]).max(axis=0, initial=0.0)
        name = "" if outage < 0 else names[outage]
        rows += [
            (name, *row)
            for row in zip(evidence.snapshots[worst[outage]], difference, loading, strict=True)
        ]
        if progress is not None:
            progress((number + 1) / len(cases))
    columns = ["outage", "snapshot", "largest_difference_mw", "loading_pu"]
    return pd.DataFrame(rows, columns=columns)


def choose(outage_loading_pu: Array, samples: int, seed: int, listed: int = 0) -> Positions:
    """Pick outages for the sample: half of them the worst, the rest at random.

    Parameters
    ----------
    outage_loading_pu : ndarray, shape (K,)
        Highest loading after each outage (per unit).
    samples : int
        Number of outages, at most K are picked.
    seed : int
        Of the random part.
    listed : int, default 0
        How many of the outages, the last ones, take out several branches. The worst of them, as
        many as `samples`, are picked besides the others.

    Returns
    -------
    ndarray of int
        Positions, worst first, none twice.
    """
    single = len(outage_loading_pu) - listed
    several = single + np.argsort(-outage_loading_pu[single:], kind="stable")[:samples]
    samples = min(samples, single)
    order = np.argsort(-outage_loading_pu[:single], kind="stable")
    worst, others = order[: (samples + 1) // 2], order[(samples + 1) // 2 :]
    random = np.random.default_rng(seed).choice(others, samples - len(worst), replace=False)
    return np.concatenate([worst, random, several]).astype(np.int64)


def _disconnected(bare: pypsa.Network, evidence: Evidence, hours: Positions) -> pypsa.Network:
    """Return the network that is left once conditional load is disconnected."""
    if evidence.released_mw is None:
        return bare
    left = bare.copy()
    released = evidence.released_mw[:, hours]
    places = np.flatnonzero(np.abs(released).max(axis=1) > 0)
    names = "disconnected at " + evidence.buses[places]
    given_back = pd.DataFrame(-released[places].T, bare.snapshots, names)
    with quiet_pypsa():
        left.add("Load", names, bus=evidence.buses[places], p_set=given_back)
    return left


def _worst_hours(flow_mw: Array, limit_mw: Array) -> Positions:
    """Hours with the highest loading of any branch, in time order."""
    peak = _loading_pu(flow_mw, limit_mw).max(axis=0, initial=0.0)
    return np.sort(np.argsort(-peak, kind="stable")[:HOURS_EACH])


def _loading_pu(flow_mw: Array, limit_mw: Array) -> Array:
    """Flow per unit of the limit."""
    return np.abs(flow_mw) / np.maximum(limit_mw, 1e-4)


def _removed_and_solved(
    bare: pypsa.Network, evidence: Evidence, removed: Positions, snapshots: pd.DatetimeIndex
) -> Array:
    """Flows by `n.lpf` with branches out (MW), shape (L, hours); the copy is restored."""
    out = evidence.branches["component"].iloc[removed]
    for name, component in out.items():
        bare.c[component].static.loc[name, "active"] = False
    with quiet_pypsa():
        bare.lpf(snapshots)  # finds the new topology, slack and susceptances first
    flow = np.zeros((len(evidence.branches), len(snapshots)))
    for kind in evidence.branches["component"].unique():
        rows = np.flatnonzero((evidence.branches["component"] == kind).to_numpy())
        names = evidence.branches.index[rows]
        solved = bare.c[kind].dynamic["p0"].loc[snapshots].reindex(columns=names)
        flow[rows] = solved.to_numpy(dtype=float).T
    flow[removed] = 0.0
    for name, component in out.items():
        bare.c[component].static.loc[name, "active"] = True
    return flow
