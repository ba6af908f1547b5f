"""One doubt, and the figures that are usual."""

from __future__ import annotations

from dataclasses import dataclass

FAR = 2.0  # assumption: beyond half and twice the usual range a figure is doubtful
PYPSA_TYPES = "standard line types of PyPSA and pandapower"
PYPSA_TRANSFORMERS = "IEC 60076-5, least impedances; transformers of standard size on the market"
ASSUMPTION = "assumption of gridplan"
ARITHMETIC = "arithmetic"

LINE_KA = (  # up to so many kV: usual thermal current of a circuit, kA
    (30.0, 0.17, 0.54),
    (150.0, 0.21, 1.15),
    (260.0, 0.96, 1.29),
    (float("inf"), 0.96, 4.16),
)
LINE_OHM_PER_KM = (0.10, 0.46)  # reactance of cables and overhead lines, all voltages
TRANSFORMER_MVA = (  # up to so many kV on the high side: usual size of a unit
    (40.0, 0.25, 40.0),
    (80.0, 5.0, 100.0),
    (150.0, 10.0, 350.0),
    (320.0, 50.0, 1000.0),
    (float("inf"), 100.0, 1500.0),
)
TRANSFORMER_PU = (0.04, 0.25)  # reactance, per unit of its own rating


@dataclass(frozen=True)
class Doubt:
    """One figure that can be, but should be looked at.

    Parameters
    ----------
    kind : str
        Which check raised it, in a few words.
    table, row, column : str
        Where it stands; `row` is a name, "" for a whole table.
    value : str
        What was found, with its unit.
    usual : str
        What is usual.
    question : str
        What may be wrong, or what follows if it is right.
    source : str
        Where the usual value comes from.
    """

    kind: str
    table: str
    row: str
    column: str
    value: str
    usual: str
    question: str
    source: str

    def __str__(self) -> str:
        place = ", ".join(part for part in (self.table, self.row, self.column) if part)
        return f"{place}: {self.value}; usual: {self.usual} ({self.source}). {self.question}"


def usual_range(table: tuple[tuple[float, float, float], ...], kv: float) -> tuple[float, float]:
    """Lowest and highest usual value at a voltage.

    Examples
    --------
    >>> usual_range(LINE_KA, 132.0)
    (0.21, 1.15)
    """
    return next((low, high) for most, low, high in table if kv <= most)


def is_far(value: float, low: float, high: float) -> bool:
    """Whether a value is far from a usual range.

    Examples
    --------
    >>> is_far(1.2, 0.21, 1.15), is_far(12, 0.21, 1.15)
    (False, True)
    """
    return not low / FAR <= value <= high * FAR
