"""Limits that some place has met, as upper bounds for every other place and hour."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gridplan.hosting.survey import CEILING_MW
from gridplan.operation.case import Case
from gridplan.operation.limits import limits_of
from gridplan.operation.rows import RowKey, RowPool

Array = NDArray[np.float64]
SAME = 6  # decimals up to which two limits are the same
LEAST_USE = 1e-4  # share of a limit's largest use below which it says nothing reliable of a place


class SharedLimits:
    """The limits of one case, in the order in which they were met.

    Parameters
    ----------
    case : Case
        The year with its limits.
    """

    def __init__(self, case: Case) -> None:
        self._case = case
        hours, buses = case.load_mw.shape
        self._use = np.empty((0, buses))
        self._room_mw = np.empty((0, hours))
        self._rows: list[list[RowKey]] = []
        self._known: set[bytes] = set()

    def __len__(self) -> int:
        return len(self._use)

    @property
    def use(self) -> Array:
        """MW of each limit used per MW at a bus, shape (C, N); the largest use is 1."""
        return self._use

    @property
    def room_mw(self) -> Array:
        """MW that each limit leaves in every hour, shape (C, T)."""
        return self._room_mw

    def rows(self, limit: int) -> list[RowKey]:
        """CNEC rows of a limit, the heaviest first; none where only the sources limit."""
        return self._rows[limit]

    def learn(self, row_dual: Array, rows: RowPool) -> None:
        """Take in the duals of programs that ask for as much load as possible.

        Parameters
        ----------
        row_dual : ndarray, shape (C, islands + R)
            Duals of the balances, then of the CNEC rows.
        rows : RowPool
            The R rows.
        """
        islands = self._case.grid.topology.islands
        new = limits_of(-row_dual[:, islands:], row_dual[:, :islands], rows, self._case)
        keys = rows.keys
        scale = np.abs(new.use).max(axis=1, initial=0.0)
        kept = []
        for number in np.flatnonzero(scale > 0):
            weight = np.maximum(-row_dual[number, islands:], 0.0) / scale[number]
            told = np.concatenate([new.use[number], new.on_limit[number]]) / scale[number]
            mark = (np.round(told, SAME) + 0.0).tobytes()  # + 0.0: no minus zero
            if mark not in self._known:
                self._known.add(mark)
                kept.append(number)
                heavy = np.argsort(-weight, kind="stable")[: int((weight > 1e-7).sum())]
                self._rows.append([keys[row] for row in heavy])
        factor = 1.0 / scale[kept, None]
        self._use = np.vstack([self._use, new.use[kept] * factor])
        self._room_mw = np.vstack([self._room_mw, new.room_mw[kept] * factor])

    def bound(self, place: Array, first: int = 0) -> tuple[Array, NDArray[np.int64]]:
        """Find what the limits from number `first` on leave to a place.

        Parameters
        ----------
        place : ndarray, shape (N,)
            MW of load at each bus per MW of the place; negative for generation.
        first : int, default 0
            Limits before this one are left out.

        Returns
        -------
        mw : ndarray, shape (T,)
            No more than this fits; at least 0, at most `CEILING_MW`.
        limit : ndarray of int, shape (T,)
            The limit that says so, −1 where none does.
        """
        best = np.full(self._room_mw.shape[1], CEILING_MW)
        limit = np.full(len(best), -1, dtype=np.int64)
        use = self._use @ place
        for number in np.flatnonzero(use > LEAST_USE * np.abs(place).max()):
            if number >= first:
                room = self._room_mw[number] / use[number]
                tighter = room < best
                np.copyto(best, room, where=tighter)
                limit[tighter] = number
        return np.maximum(best, 0.0), limit
