"""Unit costs of reinforcements that nobody has published a cost of (assumptions, in MNOK).

* 420 kV overhead line: 20 per km = 14.4 (G05, middle, nominal 2016-19, stations included) x 1.4.
* 132 and 66 kV overhead line: 5.5 per km = 35 / 9 km (Geitfjellet-Snilldal, 2018) x 1.4; the second
  circuit of a double line half of it.
* Cable: 9 times (420 kV) and 3 times (below) an overhead line (G06).
* Transformer with its bays: by MVA, steps of the ladder G02-G04 (`UNITS`).
* New station of 132 kV: 200, as Vestbyen (stations_documented.csv); of 420 kV: twice that.

1.4 is the rise of prices from 2016-19 to 2026 (assumption).
"""

from __future__ import annotations

from dataclasses import dataclass

OVERHEAD = {420: 20.0, 132: 5.5, 66: 5.5}  # MNOK per km
CABLE = {420: 9.0, 132: 3.0, 66: 3.0}  # times overhead
SECOND = 0.5  # second circuit of a double line
# up to MVA: MNOK per unit, and the step of the ladder it is taken from
UNITS = (
    (40.0, 35.0, "G02, middle"),
    (60.0, 50.0, "G02, upper end"),
    (100.0, 70.0, "G03, lower end"),
    (200.0, 110.0, "G03, middle"),
    (300.0, 150.0, "G03, upper end"),
    (1000.0, 250.0, "above G04's 150"),
)


@dataclass(frozen=True)
class Cost:
    """Part of a cost: MNOK, and how it comes about."""

    mnok: float
    words: str


def line_cost(kv: int, overhead_km: float, cable_km: float, circuits: int) -> list[Cost]:
    """Cost of a line with an overhead and a cable part.

    Parameters
    ----------
    kv : int
        420, 132 or 66.
    overhead_km, cable_km : float
        Lengths (km).
    circuits : int
        1, or 2 on the same towers or in the same trench.
    """
    factor, per_km = 1.0 + SECOND * (circuits - 1), OVERHEAD[kv]
    times = f" x {factor:g} (double)" if circuits > 1 else ""
    parts = []
    if overhead_km > 0:
        words = f"{overhead_km:.4g} km x {per_km:g}{times}"
        parts.append(Cost(overhead_km * per_km * factor, words))
    if cable_km > 0:
        dear = per_km * CABLE[kv]
        words = f"{cable_km:.4g} km cable x {dear:g}{times}"
        parts.append(Cost(cable_km * dear * factor, words))
    return parts


def circuit_cost(overhead_km: float, cable_km: float) -> list[Cost]:
    """Cost of a second circuit in a line of its own (66 kV)."""
    return line_cost(66, overhead_km, cable_km, 1)


def unit_cost(mva: float, count: int) -> Cost:
    """Cost of transformers with their bays."""
    mnok, step = next((cost, step) for limit, cost, step in UNITS if mva <= limit)
    return Cost(mnok * count, f"{count} x {mva:.0f} MVA at {mnok:.0f} ({step})")
