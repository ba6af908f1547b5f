r"""PTDF and LODF: how injections and outages move flows, in the linear (DC) approximation.

With K the branch-bus incidence matrix, b = 1/x the branch susceptances and B = Kᵀ diag(b) K,

* flow           f = PTDF · injection + offset,   PTDF = diag(b) K B⁺
* after outage k f_l + LODF_lk f_k,               LODF_lk = H_lk / (1 − H_kk),  H = PTDF Kᵀ
* of several, S  f_l + Σ_s LODF_ls f_s,           LODF_·S = H_·S (I − H_SS)⁻¹

B is inverted per island with its first bus as reference; injections that balance in every island
make the choice immaterial. Phase shifters are a constant offset of the flows.

References
----------
Wood, Wollenberg, Sheblé: Power Generation, Operation and Control, 3rd ed., appendix 7A.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pypsa
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import splu

from gridplan.grid.topology import Topology, topology_of

Array = NDArray[np.float64]
TOGETHER = 8  # columns that a factorisation solves at once; far faster than all of them


@dataclass(frozen=True)
class Listed:
    """An outage of several branches at once.

    Parameters
    ----------
    name : str
        As in the study.
    branches : ndarray of int, shape (S,)
        Positions of the branches that are lost together.
    lodf : ndarray, shape (L, S)
        Share of each lost branch's flow that moves to every branch.
    """

    name: str
    branches: NDArray[np.int64]
    lodf: Array

    def moved_mw(self, flow_mw: Array) -> Array:
        """MW that appear on every branch, shape (T, L), from flows without outage (T, L)."""
        return flow_mw[:, self.branches] @ self.lodf.T


@dataclass(frozen=True)
class Grid:
    """Topology and sensitivities of one network.

    Parameters
    ----------
    topology : Topology
        Buses (N), branches (L), islands and bridges.
    ptdf : ndarray, shape (L, N)
        MW on a branch per MW injected at a bus (withdrawn at the island's reference bus).
    offset_mw : ndarray, shape (L,)
        Flow without any injection, caused by phase shifters (MW).
    outages : ndarray of int, shape (K,)
        Positions of the branches whose outage is a contingency, ascending.
    lodf : ndarray, shape (L, K)
        Share of the outaged branch's flow that moves to each branch; −1 on the branch itself.
    emergency_factor : ndarray, shape (L,)
        What a branch may carry after an outage, per unit of its rating; at least 1.
    listed : tuple of Listed
        The M outages of several branches. As contingencies they are numbered K, K + 1, ….

    Notes
    -----
    Every branch has two limits: l without outage, L + l after any. All tables of limits have these
    2L columns.
    """

    topology: Topology
    ptdf: Array
    offset_mw: Array
    outages: NDArray[np.int64]
    lodf: Array
    emergency_factor: Array
    listed: tuple[Listed, ...] = ()

    @property
    def contingencies(self) -> int:
        """Number of outages, single and listed, K + M."""
        return len(self.outages) + len(self.listed)

    @property
    def after(self) -> NDArray[np.int64]:
        """Limit of every branch after an outage, shape (L,)."""
        return len(self.ptdf) + np.arange(len(self.ptdf))

    def limit(
        self, branch: NDArray[np.int64] | int, outage: NDArray[np.int64] | int
    ) -> NDArray[np.int64]:
        """Limit that a branch has under an outage (−1 for none)."""
        return branch + len(self.ptdf) * (np.asarray(outage) >= 0)

    def limits_mw(self, rating_mw: Array) -> Array:
        """Limits, shape (T, 2L), from ratings of shape (T, L)."""
        return np.hstack([rating_mw, rating_mw * self.emergency_factor])

    def flows_mw(self, injection_mw: Array) -> Array:
        """Flows without outage, shape (T, L), from injections of shape (T, N)."""
        return injection_mw @ self.ptdf.T + self.offset_mw

    def outage_names(self) -> list[str]:
        """Names of the contingencies: the branches of `lodf`'s columns, then the listed ones."""
        single = self.topology.branches.index[self.outages].tolist()
        return [*single, *(outage.name for outage in self.listed)]

    def moved_mw(self, flow_mw: Array, branch: int) -> Array:
        """MW that appear on a branch after each contingency, (T, K + M), from flows (T, L)."""
        single = flow_mw[:, self.outages] * self.lodf[branch]
        several = [flow_mw[:, each.branches] @ each.lodf[branch] for each in self.listed]
        return np.column_stack([single, *several])

    def watched(self, branch: NDArray[np.int64], outage: NDArray[np.int64]) -> sparse.csr_array:
        """Write the flows of branches under outages in terms of the flows without.

        Parameters
        ----------
        branch, outage : ndarray of int, shape (R,)
            Pairs; outage −1 is none.

        Returns
        -------
        sparse array, shape (R, L)
        """
        rows = np.arange(len(branch))
        parts = [(rows, branch, np.ones(len(rows)))]
        single = np.flatnonzero((outage >= 0) & (outage < len(self.outages)))
        lost = outage[single]
        parts.append((single, self.outages[lost], self.lodf[branch[single], lost]))
        for number, each in enumerate(self.listed, start=len(self.outages)):
            own, count = np.flatnonzero(outage == number), len(each.branches)
            share = each.lodf[branch[own]].ravel()
            parts.append((np.repeat(own, count), np.tile(each.branches, len(own)), share))
        row, column, share = (np.concatenate(part) for part in zip(*parts, strict=True))
        return sparse.csr_array((share, (row, column)), shape=(len(rows), len(self.ptdf)))


def grid_of(
    network: pypsa.Network,
    unsecured: tuple[str, ...] = (),
    emergency_factors: pd.Series | None = None,
    listed: Mapping[str, Sequence[str]] | None = None,
) -> Grid:
    """Compute the sensitivities of a network.

    Parameters
    ----------
    network : pypsa.Network
        Lines and transformers; x must not be zero.
    unsecured : tuple of str
        Branches whose outage is no contingency, besides the bridges.
    emergency_factors : pandas.Series, optional
        By name of the branch (`gridplan.study.emergency`); default 1.
    listed : mapping, optional
        Branches of outages of several branches, by name of the outage; none may split the grid.

    Returns
    -------
    Grid
    """
    topology = topology_of(network)
    ptdf = _ptdf(topology)
    shift_mw = -topology.branches["shift_rad"].to_numpy() / topology.branches["x_pu"].to_numpy()
    offset = shift_mw - ptdf @ (_incidence(topology).T @ shift_mw)
    free = topology.bridge | topology.branches.index.isin(unsecured)
    outages = np.flatnonzero(~free)
    lodf = _lodf(topology, ptdf, outages)
    factor = np.ones(len(ptdf))
    if emergency_factors is not None:
        factor = emergency_factors[topology.branches.index].to_numpy(dtype=float)
    several = tuple(
        _listed(topology, ptdf, name, branches) for name, branches in (listed or {}).items()
    )
    return Grid(topology, ptdf, offset, outages, lodf, factor, several)


def _incidence(topology: Topology) -> sparse.csr_array:
    """Branch-bus incidence K, +1 at bus0 and −1 at bus1, shape (L, N)."""
    count = len(topology.from_bus)
    rows = np.tile(np.arange(count), 2)
    columns = np.concatenate([topology.from_bus, topology.to_bus])
    signs = np.repeat([1.0, -1.0], count)
    return sparse.csr_array((signs, (rows, columns)), shape=(count, len(topology.buses)))


def _ptdf(topology: Topology) -> Array:
    """PTDF with the first bus of every island as reference, shape (L, N)."""
    incidence = _incidence(topology)
    flow_of_angle = sparse.diags_array(1.0 / topology.branches["x_pu"].to_numpy()) @ incidence
    _, reference = np.unique(topology.island, return_index=True)
    others = np.setdiff1d(np.arange(len(topology.buses)), reference)
    ptdf = np.zeros(incidence.shape)
    if len(others):
        susceptance = (incidence.T @ flow_of_angle).tocsc()[:, others][others, :]
        factor, one = splu(susceptance.tocsc()), np.eye(len(others))
        for start in range(0, len(others), TOGETHER):
            part = slice(start, start + TOGETHER)
            ptdf[:, others[part]] = flow_of_angle[:, others] @ factor.solve(one[:, part])
    return ptdf


def _lodf(topology: Topology, ptdf: Array, outages: NDArray[np.int64]) -> Array:
    """LODF of the contingency branches, shape (L, K)."""
    between = ptdf[:, topology.from_bus[outages]] - ptdf[:, topology.to_bus[outages]]
    own = between[outages, np.arange(len(outages))]
    lodf = between / (1.0 - own)
    lodf[outages, np.arange(len(outages))] = -1.0
    return lodf


def _listed(topology: Topology, ptdf: Array, name: str, branches: Sequence[str]) -> Listed:
    """Work out what several branches that are lost together move to the others."""
    lost = topology.branches.index.get_indexer(list(branches))
    between = ptdf[:, topology.from_bus[lost]] - ptdf[:, topology.to_bus[lost]]
    lodf = np.linalg.solve((np.eye(len(lost)) - between[lost]).T, between.T).T
    lodf[lost] = -np.eye(len(lost))
    return Listed(name, lost, lodf)


def ratings_mw(network: pypsa.Network, topology: Topology) -> Array:
    """Rating of every branch in every hour, s_nom x s_max_pu (MW), shape (T, L)."""
    parts = []
    for list_name in ("lines", "transformers"):
        component = getattr(network.c, list_name)
        names = component.static.index[component.static["active"].astype(bool)]
        pu = network.get_switchable_as_dense(component.name, "s_max_pu")[names]
        parts.append(pu.to_numpy(dtype=float) * component.static.loc[names, "s_nom"].to_numpy())
    return np.hstack(parts)
