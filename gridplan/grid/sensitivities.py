r"""PTDF and LODF: how injections and outages move flows, in the linear (DC) approximation.

With K the branch-bus incidence matrix, b = 1/x the branch susceptances and B = Kᵀ diag(b) K,

* flow           f = PTDF · injection + offset,   PTDF = diag(b) K B⁺
* after outage k f_l + LODF_lk f_k,               LODF_lk = H_lk / (1 − H_kk),  H = PTDF Kᵀ
* of several, S  f_l + Σ_s LODF_ls f_s,           LODF_·S = H_·S (I − H_SS)⁻¹

B is inverted per island with its first bus as reference; injections that balance in every island
make the choice immaterial. Phase shifters are a constant offset of the flows. Whether PTDF and LODF
are kept whole or worked out by row (`gridplan.grid.factors`) is a matter of size alone.

References
----------
Wood, Wollenberg, Sheblé: Power Generation, Operation and Control, 3rd ed., appendix 7A.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
import pypsa
from numpy.typing import NDArray
from scipy import sparse

from gridplan.grid.factors import (
    ROWS,
    WHOLE_BYTES,
    Lodf,
    Ptdf,
    WholeLodf,
    incidence_of,
    lodf_of,
    ptdf_of,
)
from gridplan.grid.topology import Topology, topology_of

Array = NDArray[np.float64]
STRONG = 1e-3  # share of an outaged branch's flow


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
    ptdf : Ptdf
        MW on a branch per MW injected at a bus (withdrawn at the island's reference bus).
    offset_mw : ndarray, shape (L,)
        Flow without any injection, caused by phase shifters (MW).
    outages : ndarray of int, shape (K,)
        Positions of the branches whose outage is a contingency, ascending.
    lodf : Lodf
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
    ptdf: Ptdf
    offset_mw: Array
    outages: NDArray[np.int64]
    lodf: Lodf
    emergency_factor: Array
    listed: tuple[Listed, ...] = ()

    @property
    def branches(self) -> int:
        """Number of branches, L."""
        return len(self.offset_mw)

    @property
    def contingencies(self) -> int:
        """Number of outages, single and listed, K + M."""
        return len(self.outages) + len(self.listed)

    @property
    def after(self) -> NDArray[np.int64]:
        """Limit of every branch after an outage, shape (L,)."""
        return self.branches + np.arange(self.branches)

    def limit(
        self, branch: NDArray[np.int64] | int, outage: NDArray[np.int64] | int
    ) -> NDArray[np.int64]:
        """Limit that a branch has under an outage (−1 for none)."""
        return branch + self.branches * (np.asarray(outage) >= 0)

    def limits_mw(self, rating_mw: Array) -> Array:
        """Limits, shape (T, 2L), from ratings of shape (T, L)."""
        return np.hstack([rating_mw, rating_mw * self.emergency_factor])

    def flows_mw(self, injection_mw: Array) -> Array:
        """Flows without outage, shape (T, L), from injections of shape (T, N)."""
        return self.ptdf.flows(injection_mw) + self.offset_mw

    def outage_names(self) -> list[str]:
        """Names of the contingencies: the branches of `lodf`'s columns, then the listed ones."""
        single = self.topology.branches.index[self.outages].tolist()
        return [*single, *(outage.name for outage in self.listed)]

    def moved_mw(self, flow_mw: Array, branch: int) -> Array:
        """MW that appear on a branch after each contingency, (T, K + M), from flows (T, L)."""
        single = flow_mw[:, self.outages] * self.lodf.rows(np.array([branch]))
        several = [flow_mw[:, each.branches] @ each.lodf[branch] for each in self.listed]
        return np.column_stack([single, *several])

    def blocks(self) -> Iterator[tuple[NDArray[np.int64], Array]]:
        """Go through the branches some at a time: their positions (R,) and LODF (R, K)."""
        for start in range(0, self.branches, ROWS):
            branch = np.arange(start, min(start + ROWS, self.branches))
            yield branch, self.lodf.rows(branch)

    @cached_property
    def strong(self) -> sparse.csr_array:
        """LODF of at least `STRONG` either way, shape (L, K): few of all in a large grid."""
        parts = []
        for _, rows in self.blocks():
            row, outage = np.nonzero(np.abs(rows) >= STRONG)
            found = (rows[row, outage], (row, outage))
            parts.append(sparse.csr_array(found, shape=rows.shape))
        return sparse.vstack(parts, format="csr")

    def without_outages(self) -> Grid:
        """Return the same grid with no contingency."""
        none = WholeLodf(np.empty((self.branches, 0)))
        return replace(self, outages=self.outages[:0], lodf=none, listed=())

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
        parts.append((single, self.outages[lost], self.lodf.at(branch[single], lost)))
        for number, each in enumerate(self.listed, start=len(self.outages)):
            own, count = np.flatnonzero(outage == number), len(each.branches)
            share = each.lodf[branch[own]].ravel()
            parts.append((np.repeat(own, count), np.tile(each.branches, len(own)), share))
        row, column, share = (np.concatenate(part) for part in zip(*parts, strict=True))
        return sparse.csr_array((share, (row, column)), shape=(len(rows), self.branches))


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
    free = topology.bridge | topology.branches.index.isin(unsecured)
    outages = np.flatnonzero(~free)
    whole = 8 * len(free) * (len(topology.buses) + len(outages)) <= WHOLE_BYTES
    ptdf = ptdf_of(topology, whole)
    shift_mw = -topology.branches["shift_rad"].to_numpy() / topology.branches["x_pu"].to_numpy()
    shifted = (incidence_of(topology).T @ shift_mw)[None]
    factor = np.ones(len(free))
    if emergency_factors is not None:
        factor = emergency_factors[topology.branches.index].to_numpy(dtype=float)
    return Grid(
        topology=topology,
        ptdf=ptdf,
        offset_mw=shift_mw - ptdf.flows(shifted)[0],
        outages=outages,
        lodf=lodf_of(topology, ptdf, outages, whole),
        emergency_factor=factor,
        listed=tuple(_listed(topology, ptdf, *each) for each in (listed or {}).items()),
    )


def _listed(topology: Topology, ptdf: Ptdf, name: str, branches: Sequence[str]) -> Listed:
    """Work out what several branches that are lost together move to the others."""
    lost = topology.branches.index.get_indexer(list(branches))
    between = ptdf.flows(incidence_of(topology)[lost]).T
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
