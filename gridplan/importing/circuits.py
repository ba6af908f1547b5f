"""Formulas of branches: π circuits of transformers, and branches that are open at one end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np


def pi_of_t(
    z: complex, y: complex, share: complex = 0.5 + 0.5j
) -> tuple[complex, complex, complex]:
    """Turn a T circuit into a π circuit.

    Parameters
    ----------
    z : complex
        Series impedance of the whole.
    y : complex
        Admittance at its middle.
    share : complex
        Part of z before the middle: real of r, imaginary of x.

    Returns
    -------
    tuple of complex
        Series impedance, admittance at the first end and at the second end.

    Examples
    --------
    Without magnetising current nothing changes; a small one divides in halves:

    >>> pi_of_t(0.1j, 0)
    (0.1j, 0.0, 0.0)
    >>> z, first, second = pi_of_t(0.1j, -0.01j)
    >>> np.round([z.imag, first.imag, second.imag], 6).tolist()
    [0.100025, -0.004999, -0.004999]
    """
    if y == 0:
        return z, 0.0, 0.0
    before = complex(z.real * share.real, z.imag * share.imag)
    after, middle = z - before, 1 / y
    total = before * after + before * middle + after * middle
    return total / middle, after / total, before / total


def seen_when_open(branch: Mapping[str, Any], end: int) -> complex:
    """Admittance at one end of a branch whose other end is open.

    Parameters
    ----------
    branch : mapping
        r, x, g, b, tap and shift of `gridplan.importing.case`.
    end : {0, 1}
        The end that is connected.

    Returns
    -------
    complex
        Per unit.

    Examples
    --------
    A line that hardly has an impedance shows its whole charging:

    >>> line = {"r": 0, "x": 1e-6, "g": 0, "b": 0.04, "tap": 1.0, "shift": 0.0}
    >>> round(seen_when_open(line, 0).imag, 6)
    0.04
    """
    series = 1 / complex(branch["r"], branch["x"])
    shunt = complex(branch["g"], branch["b"])
    through = series + shunt / 2
    if through == 0:
        return 0j
    seen = through - series * series / through
    return seen / branch["tap"] ** 2 if end == 0 else seen


def tap_of(
    voltage: float, steps: float, percent: float, degree: float, *, ideal: bool, high: bool
) -> tuple[float, float]:
    """Voltage and phase shift that a tap changer makes, as pandapower defines them.

    Parameters
    ----------
    voltage : float
        Rated voltage of its side.
    steps : float
        Tap position less the neutral one.
    percent, degree : float
        Of one step; `degree` is the angle of the added voltage, or with `ideal` the shift itself.
    ideal : bool
        A pure phase shifter.
    high : bool
        Whether it is on the high-voltage side.

    Returns
    -------
    tuple of float
        Voltage (in the unit given) and shift (degrees).

    Examples
    --------
    >>> tap_of(110.0, 2, 1.5, 0.0, ideal=False, high=True)
    (113.3, 0.0)
    >>> tap_of(110.0, 3, 0.0, 2.0, ideal=True, high=False)
    (110.0, -6.0)
    """
    sign = 1.0 if high else -1.0
    if ideal:
        if degree:
            return voltage, sign * steps * degree
        return voltage, sign * 2 * float(np.degrees(np.arcsin(steps * percent / 200)))
    added = steps * percent / 100 * np.exp(1j * np.radians(degree))
    return voltage * float(abs(1 + added)), sign * float(np.degrees(np.angle(1 + added)))


def star_of(between: np.ndarray) -> np.ndarray:
    """Star of three impedances from those between its ends: 1 and 2, 2 and 3, 1 and 3.

    Examples
    --------
    >>> star_of(np.array([0.3, 0.5, 0.4])).round(3).tolist()
    [0.1, 0.2, 0.3]
    """
    first_second, second_third, first_third = between
    return 0.5 * np.array(
        [
            first_second + first_third - second_third,
            second_third + first_second - first_third,
            second_third + first_third - first_second,
        ]
    )
