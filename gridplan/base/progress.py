"""Progress of a part of the work as progress of the whole."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[float], None]


def part_of(progress: Progress | None, start: float, stop: float) -> Progress | None:
    """Give what a part of the work may call with its own share done.

    Parameters
    ----------
    progress : callable, optional
        Of the whole; None where nobody asks.
    start, stop : float
        Shares of the whole, between which the part lies.

    Returns
    -------
    callable or None

    Examples
    --------
    >>> part_of(print, 0.5, 1.0)(0.5)
    0.75
    """
    if progress is None:
        return None
    return lambda share: progress(start + share * (stop - start))
