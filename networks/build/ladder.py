"""Standard sizes: what a corridor or a transformer station can be built with, smallest first."""

from __future__ import annotations

from dataclasses import dataclass

MOST_CIRCUITS = 8
MIXED = 2  # up to so many circuits the lighter kinds are considered


@dataclass(frozen=True)
class Size:
    """One standard size of a corridor.

    Parameters
    ----------
    circuits : int
        Parallel circuits or units.
    s_nom : float
        MVA of each.
    kind : str
        Conductor, or "transformer".
    x, r : float
        Line: ohm per km. Transformer: per unit of s_nom.
    """

    circuits: int
    s_nom: float
    kind: str
    x: float
    r: float


# kV -> (conductor, MVA, x ohm/km, r ohm/km), weakest first; parameters_by_voltage.csv, and for
# 132 kV the two heavier PyPSA types (594-AL59 was proposed for a line of 300 MW: such are in use)
CONDUCTORS = {
    66: (
        ("94-AL1/15-ST1A", 40.0, 0.44, 0.306),
        ("149-AL1/24-ST1A", 54.0, 0.41, 0.194),
        ("243-AL1/39-ST1A", 74.0, 0.39, 0.1188),
    ),
    132: (
        ("243-AL1/39-ST1A", 147.0, 0.39, 0.1188),
        ("490-AL1/64-ST1A", 219.0, 0.37, 0.059),
        ("679-AL1/86-ST1A", 263.0, 0.36, 0.042),
    ),
}
UNITS_MVA = (25.0, 40.0, 60.0, 80.0, 100.0, 160.0, 200.0, 300.0, 500.0, 750.0, 1000.0)
# (high, low) kV -> smallest and largest unit (MVA)
UNIT_RANGE = {
    (420, 300): (500.0, 1000.0),
    (420, 132): (160.0, 300.0),
    (300, 132): (100.0, 300.0),
    (420, 66): (80.0, 200.0),
    (300, 66): (80.0, 200.0),
    (132, 66): (25.0, 100.0),
}
TRANSFORMER_X, TRANSFORMER_R = 0.12, 0.003


def line_sizes(kv: int, least: int, most: int) -> list[Size]:
    """Return the sizes of a line corridor in ascending order of MVA.

    Parameters
    ----------
    kv : int
        66 or 132.
    least, most : int
        Circuits that the corridor must and may have. Three and more are of the heaviest conductor.
    """
    sizes = [
        Size(count, mva, kind, x, r)
        for count in range(least, most + 1)
        for kind, mva, x, r in CONDUCTORS[kv][-1 if count > MIXED else 0 :]
    ]
    return _ascending(sizes)


def transformer_sizes(high: int, low: int, least: int) -> list[Size]:
    """Return the sizes of a transformer station between two levels in ascending order of MVA.

    Three and more units are of the largest kind.
    """
    smallest, largest = UNIT_RANGE[high, low]
    units = [mva for mva in UNITS_MVA if smallest <= mva <= largest]
    sizes = [
        Size(count, mva, "transformer", TRANSFORMER_X, TRANSFORMER_R)
        for count in range(least, MOST_CIRCUITS + 1)
        for mva in units[-1 if count > MIXED else 0 :]
    ]
    return _ascending(sizes)


def _ascending(sizes: list[Size]) -> list[Size]:
    """Sort by what remains after the loss of a circuit; drop sizes that are weaker altogether."""
    kept: list[Size] = []
    for size in sorted(sizes, key=_rank):
        if not kept or (_total(size) >= _total(kept[-1]) and _rank(size) > _rank(kept[-1])):
            kept.append(size)
    return kept


def _total(size: Size) -> float:
    """MVA of all circuits."""
    return size.circuits * size.s_nom


def _remaining(size: Size) -> float:
    """MVA after the loss of one of several circuits; of a single circuit, its own."""
    return max(size.circuits - 1, 1) * size.s_nom


def _rank(size: Size) -> tuple[bool, float, float]:
    """Order of the sizes: several circuits after one, then by what remains, then in total."""
    return size.circuits > 1, _remaining(size), _total(size)
