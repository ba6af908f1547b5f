"""Classes and colours of the interactive map, with their limits in words."""

from __future__ import annotations

from math import isinf
from typing import Any

from gridplan.base.messages import Messages
from gridplan.report import style

# Upper limit (MW, exclusive) and colour of every class of capacity; the first is no capacity.
# Each is darker than the one before, so that a copy without colour still says the same.
NOTHING_MW = 1.0
CAPACITY = (
    (NOTHING_MW, "#ffffff"),
    (10.0, "#ffffcc"),
    (25.0, "#c7e9b4"),
    (50.0, "#7fcdbb"),
    (100.0, "#41b6c4"),
    (200.0, "#2c7fb8"),
    (None, "#253494"),
)
SHORT_MW = 0.05  # a smaller shortage is the rounding's
LIMIT = "#d5481b"  # the branch that limits a station
OUTAGE = "#1c2430"  # the outage at which it does


def classes(texts: Messages) -> dict[str, list[dict[str, Any]]]:
    """Classes by layer: below (exclusive upper limit, None for none), colour, text."""
    capacity = _capacity(texts)
    short = {"below": -SHORT_MW, "colour": "#e08214", "text": texts("page_class_short"),
             "cross": True}  # fmt: skip
    return {
        "capacity": capacity,
        "left": [short, {**capacity[0], "cross": False}, *capacity[1:]],
        "loading": _loading(texts),
    }


def _capacity(texts: Messages) -> list[dict[str, Any]]:
    told, low = [], 0.0
    for below, colour in CAPACITY:
        if below == NOTHING_MW:
            text = texts("page_class_none", limit=f"{below:g}")
        elif below is None:
            text = texts("page_class_above", low=f"{low:g}")
        else:
            text = texts("page_class_between", low=f"{low:g}", high=f"{below:g}")
        told.append({"below": below, "colour": colour, "text": text, "cross": below == NOTHING_MW})
        low = below
    return told


def _loading(texts: Messages) -> list[dict[str, Any]]:
    """Give the classes of the printed maps; a branch filled to its limit is not above it."""
    told, low = [], 0.0
    for limit, colour in style.LOADING:
        high, below = round(limit * 100) if not isinf(limit) else None, limit
        if high is None:
            text, below = texts("page_class_loading_above", low=f"{low:g}"), None
        elif low == 0:
            text = texts("page_class_loading_below", limit=high)
        else:
            text = texts("page_class_loading_between", low=f"{low:g}", high=high)
        if limit == style.LOADING[-2][0]:
            below = limit + style.ON_LIMIT
        told.append({"below": below, "colour": colour, "text": text})
        low = high or 0.0
    return told


def colours() -> dict[str, str]:
    """Colours that the page's own code needs."""
    return {"land": style.LAND, "ink": style.INK, "limit": LIMIT, "outage": OUTAGE}


def states() -> dict[str, dict[str, str]]:
    """Marker and colours of a project by what became of it; every state has a shape of its own."""
    return {
        "chosen": {"marker": "circle", "fill": style.CHOSEN, "line": "#ffffff"},
        "conditional": {"marker": "diamond", "fill": style.ADDED, "line": style.CHOSEN},
        "reserved_not_chosen": {"marker": "inverted_triangle", "fill": style.QUEUED,
                                "line": style.INK},
        "not_chosen": {"marker": "square", "fill": "#ffffff", "line": style.REJECTED},
        "barred": {"marker": "triangle", "fill": style.REJECTED, "line": style.INK},
    }  # fmt: skip


def widths() -> list[list[float]]:
    """Lower limit (kV) and line width (CSS pixels) of every voltage class."""
    return [[limit, round(width * 96 / 72, 2)] for limit, width in style.WIDTH]
