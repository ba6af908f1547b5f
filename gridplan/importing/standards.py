"""What a circuit of a voltage usually is: stated rules for figures that a source leaves out.

Figures per km are those of PyPSA's standard line types, which the bundled study of Trøndelag uses
for the same voltages; 66 kV and 20 to 30 kV take the middle one of three sizes. A cable above
180 kV takes the impedance of the heaviest 110 kV type and the current of the overhead line that it
continues. All are assumptions about the usual case, and every row made from them says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, sqrt

HERTZ = 50.0
TRANSFORMER_X, TRANSFORMER_R = 0.12, 0.003  # per unit of the rating, as in the study of Trøndelag


@dataclass(frozen=True)
class Circuit:
    """One circuit per km.

    Parameters
    ----------
    kind : str
        PyPSA standard type.
    r, x : float
        ohm per km.
    c : float
        nF per km.
    i_nom : float
        kA.
    """

    kind: str
    r: float
    x: float
    c: float
    i_nom: float

    @property
    def b(self) -> float:
        """Susceptance, S per km."""
        return 2 * pi * HERTZ * self.c * 1e-9

    def rating_mva(self, kv: float) -> float:
        """Power that the current means at a voltage, MVA.

        Examples
        --------
        >>> round(overhead(132).rating_mva(132)), round(overhead(420).rating_mva(420))
        (147, 1877)
        """
        return sqrt(3) * kv * self.i_nom


# from so many kV: the type of an overhead line, and of a cable
OVERHEAD = (
    (350.0, Circuit("Al/St 240/40 4-bundle 380.0", 0.03, 0.246, 13.8, 2.58)),
    (250.0, Circuit("Al/St 240/40 3-bundle 300.0", 0.04, 0.265, 13.2, 1.935)),
    (180.0, Circuit("Al/St 240/40 2-bundle 220.0", 0.06, 0.301, 12.5, 1.29)),
    (100.0, Circuit("243-AL1/39-ST1A 110.0", 0.1188, 0.39, 9.0, 0.645)),
    (45.0, Circuit("149-AL1/24-ST1A 110.0", 0.194, 0.41, 8.75, 0.47)),
    (0.0, Circuit("149-AL1/24-ST1A 20.0", 0.194, 0.337, 10.5, 0.47)),
)
CABLES = (
    (45.0, Circuit("N2XS(FL)2Y 1x300 RM/35 64/110 kV", 0.06, 0.144, 144.0, 0.588)),
    (0.0, Circuit("NA2XS2Y 1x240 RM/25 12/20 kV", 0.122, 0.112, 304.0, 0.421)),
)


def overhead(kv: float) -> Circuit:
    """Return the usual overhead line of a voltage."""
    return next(circuit for least, circuit in OVERHEAD if kv >= least)


def cable(kv: float) -> Circuit:
    """Return the usual cable of a voltage; it carries what the overhead line does, at least."""
    found = next(circuit for least, circuit in CABLES if kv >= least)
    current = max(found.i_nom, overhead(kv).i_nom)
    return Circuit(found.kind, found.r, found.x, found.c, current)
