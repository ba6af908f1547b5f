r"""CNEC rows: a branch watched under an outage, as one line of the hourly problem.

    sign · (f_l + LODF_lk f_k) ≤ limit_lk,     f = PTDF · injection + offset

so with h_r = sign · (PTDF_l + LODF_lk PTDF_k) a row reads h_r · injection ≤ limit_lk − offset_r.
For an outage of several branches LODF_lk f_k is the sum over them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gridplan.grid.sensitivities import Grid
from gridplan.operation.screen import Violations

Array = NDArray[np.float64]
RowKey = tuple[int, int, int]  # branch, outage (−1 for none), sign


@dataclass
class RowPool:
    """The rows found so far, in the order of discovery.

    Parameters
    ----------
    grid : Grid
        Whose branches (L) and outages (K) the rows name.
    """

    grid: Grid
    _keys: dict[RowKey, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._keys)

    def copy(self) -> RowPool:
        """Return a pool of its own with the same rows."""
        return RowPool(self.grid, dict(self._keys))

    @property
    def keys(self) -> list[RowKey]:
        """The rows as (branch, outage, sign)."""
        return list(self._keys)

    def take(self, keys: Iterable[RowKey]) -> None:
        """Add rows that another pool of the same grid has found."""
        for key in keys:
            self._keys.setdefault(key, len(self._keys))

    def add(self, found: Violations, per_hour: int) -> int:
        """Take the `per_hour` worst violations of each hour; return how many rows are new."""
        found, before = found.told_apart(), len(self)
        starts = np.flatnonzero(np.diff(found.hour, prepend=-1))
        rank = np.arange(len(found)) - np.repeat(starts, np.diff([*starts, len(found)]))
        keep = rank < per_hour
        keys = zip(
            found.branch[keep].tolist(),
            found.outage[keep].tolist(),
            found.sign[keep].astype(int).tolist(),
            strict=True,
        )
        self.take(keys)
        return len(self) - before

    @property
    def branch(self) -> NDArray[np.int64]:
        """Watched branch of each row, shape (R,)."""
        return np.array([key[0] for key in self._keys], dtype=np.int64)

    @property
    def outage(self) -> NDArray[np.int64]:
        """Outage of each row among the grid's outages, −1 for none, shape (R,)."""
        return np.array([key[1] for key in self._keys], dtype=np.int64)

    @property
    def sign(self) -> Array:
        """Direction in which each row limits the flow, shape (R,)."""
        return np.array([key[2] for key in self._keys], dtype=float)

    @property
    def limit(self) -> NDArray[np.int64]:
        """Limit of each row, a column of the case's `limit_mw`, shape (R,)."""
        return self.grid.limit(self.branch, self.outage)

    def flows_mw(self, flow_mw: Array, relief_mw: Array | None = None) -> Array:
        """Signed flow of each row, shape (T, R), from flows without outage of shape (T, L).

        `relief_mw`, of shape (T, L), is added to the flows in rows after an outage.
        """
        watched = self.grid.watched(self.branch, self.outage)
        flow = flow_mw @ watched.T
        if relief_mw is not None:
            flow += (self.outage >= 0) * (relief_mw @ watched.T)
        return self.sign * flow

    def sensitivity(self) -> Array:
        """MW on each row per MW injected at each bus, shape (R, N)."""
        watched = self.grid.watched(self.branch, self.outage)
        return self.sign[:, None] * self.grid.ptdf.rows(watched)

    def effect(self, on_branch: Array) -> Array:
        """MW on each row, shape (R, ·), of what has these MW on the branches, shape (L, ·)."""
        return self.sign[:, None] * (self.grid.watched(self.branch, self.outage) @ on_branch)
