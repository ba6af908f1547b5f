"""How maps and charts look: colours that colour-blind readers tell apart, widths, stated limits."""

from __future__ import annotations

from math import inf

WATER = "#dfe8ee"
LAND = "#faf7f0"
NEIGHBOUR = "#e9e8e5"
NEIGHBOUR_EDGE = "#d3d1cc"
MUNICIPALITY_EDGE = "#ddd6c6"
COUNTY_EDGE = "#8f8875"
INK = "#1c2430"
GREY = "#5f6670"
PALE = "#9a958a"
RULE = "#c9ccd0"
CHOSEN = "#00695c"
REJECTED = "#6b6f76"
SAVING = "#6a3d9a"

# Upper limit of each loading class (per unit of the rating) and its colour; the limits are what the
# settings hold when they say nothing. The classes differ in lightness too, so that they survive a
# black-and-white copy.
LOADING = (
    (0.60, "#93a7b8"),
    (0.80, "#2b7bba"),
    (0.95, "#f0a81c"),
    (1.00, "#d5481b"),
    (inf, "#4d0a3a"),
)
ALARM, BEYOND_LIMIT = LOADING[3][1], LOADING[4][1]
ON_LIMIT = 5e-4  # per unit; a branch that the optimiser filled to its limit is not above it

# Sequential colours (ColorBrewer, safe for colour-blind readers) by what is shown, light to dark;
# what lies between is mixed. The lowest class is white.
PALETTES = {
    "load": ("#ffffcc", "#c7e9b4", "#7fcdbb", "#41b6c4", "#2c7fb8", "#253494"),
    "generation": ("#ffffd4", "#fee391", "#fec44f", "#fe9929", "#d95f0e", "#993404"),
    "value": ("#feebe2", "#fcc5c0", "#fa9fb5", "#f768a1", "#c51b8a", "#7a0177"),
    "gain": ("#ffffcc", "#c7e9b4", "#7fcdbb", "#41b6c4", "#2c7fb8", "#253494"),
}
# Projects by the share of the scenarios in which they are chosen, from seldom to always; light to
# dark.
SHARES = ("#cfe9e4", "#83c9bc", "#2f9384", "#004c43")
NEUTRAL = "#7d8792"  # lines that carry no figure of their own
LIMITING = "#b8460c"  # a branch that limits others

# Lower limit (kV) and line width (pt) of each voltage class.
WIDTH = ((380.0, 2.7), (220.0, 2.0), (100.0, 1.25), (0.0, 0.75))

# Dash pattern (in line widths) by how a path is known.
DASHES = {"synthetic": (3.0, 1.5), "assumption": (3.0, 1.5), "derived": (5.0, 1.2, 1.0, 1.2)}

# Upper limit (MW) of each project size and the radius of its symbol (mm).
SIZES = ((20.0, 1.65), (50.0, 2.05), (100.0, 2.6), (inf, 3.3))

# Charts. Hues that colour-blind readers tell apart; each also has a lightness, dash or hatch of
# its own, so that a copy without colour still says the same.
SHARE = "#1f5a8c"
HOURS = "#b8560c"
LEVELS = ("#00695c", "#d5481b", "#6a3d9a", "#f0a81c")  # firm first
LEVEL_DASHES = ((), (6.0, 2.0), (2.0, 1.5), (6.0, 1.5, 1.5, 1.5))
GRID = "#e3e4e6"
USED = "#4a5a68"
RESERVED = "#93a7b8"
QUEUED = "#f0a81c"
BEYOND = "#b3261e"
ADDED = "#6fb3a8"

# Reports: edge and ground of a box that must be seen, by its tone, and the ground of table heads.
TONES = {
    "good": (CHOSEN, "#e8f3f1"),
    "warning": (BEYOND, "#fbeceb"),
    "note": (GREY, "#f1f2f4"),
}
HEAD = "#e9edf0"

# Everything that could come from a reader's own matplotlibrc is set here or reset to the default.
RC = {
    "font.family": "DejaVu Sans",
    "text.parse_math": False,  # a $ in a project's name is a dollar
    "text.hinting": "none",  # hinted letters are wider than measured, and lines overrun
    "svg.fonttype": "path",  # looks the same on a machine without the font
    "svg.hashsalt": "gridplan",
    "pdf.fonttype": 42,  # embedded TrueType: the text can be searched
    "path.simplify": False,
}


def width_pt(kv: float) -> float:
    """Line width of a voltage (kV)."""
    return next(width for limit, width in WIDTH if kv >= limit)


def radius_mm(mw: float) -> float:
    """Radius of a project's symbol.

    Examples
    --------
    >>> radius_mm(19.9) < radius_mm(20.0) < radius_mm(150.0)
    True
    """
    return next(radius for limit, radius in SIZES if mw < limit)
