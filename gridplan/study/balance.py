"""Who takes up an imbalance: the balancing generators in fixed shares, within their limits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def share_out(
    imbalance_mw: Array, start_mw: Array, lower_mw: Array, upper_mw: Array, share: Array
) -> Array:
    """Move the balancing generators from `start_mw` until the imbalance is covered.

    Every generator takes its share; what one cannot take because it has reached a limit is
    shared among the others in proportion. What none can take stays uncovered.

    Parameters
    ----------
    imbalance_mw : ndarray, shape (T,)
        Generation missing (+) or in excess (−) in every hour (MW).
    start_mw, lower_mw, upper_mw : ndarray, shape (T, G)
        Dispatch to start from and its limits (MW).
    share : ndarray, shape (G,)
        Relative shares, at least 0; generators with share 0 do not move.

    Returns
    -------
    ndarray, shape (T, G)
        Dispatch of the same generators (MW).

    Examples
    --------
    A hundred MW shared 3:1, where the first generator has room for 60 MW only:

    >>> one = np.array([[0.0, 0.0]])
    >>> share_out(np.array([100.0]), one, one - 500, np.array([[60.0, 500.0]]), np.array([3.0, 1]))
    array([[60., 40.]])
    """
    dispatch = np.clip(start_mw, lower_mw, upper_mw)
    rest = imbalance_mw - (dispatch - start_mw).sum(axis=1)
    for _ in range(len(share)):
        up = (rest > 0)[:, None]
        room = np.where(up, upper_mw - dispatch, dispatch - lower_mw)
        weight = np.where(room > 1e-9, share, 0.0)
        total = weight.sum(axis=1, keepdims=True)
        part = np.divide(weight, total, out=np.zeros_like(weight), where=total > 0)
        step = np.minimum(part * np.abs(rest)[:, None], room)
        step = np.where(up, step, -step)
        dispatch = dispatch + step
        rest = rest - step.sum(axis=1)
        if not (np.abs(rest) > 1e-9).any():
            break
    return dispatch
