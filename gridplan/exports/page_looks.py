"""Classes and colours of the interactive map, with their limits in words."""

from __future__ import annotations

from typing import Any

from gridplan.base.messages import Messages
from gridplan.exports import style
from gridplan.exports.classes import Classes, capacity_classes, loading_classes
from gridplan.study.settings import Settings

SHORT_MW = 0.05  # a smaller shortage is the rounding's
OUTAGE = style.INK  # the outage at which a branch limits a station


def classes(settings: Settings, direction: str, texts: Messages) -> dict[str, list[dict[str, Any]]]:
    """Give the classes of the printed maps: below (exclusive limit, None for none), colour, text.

    Parameters
    ----------
    settings : Settings
        With the limits.
    direction : {"load", "generation"}
        What the capacities are for; chooses the palette.
    texts : Messages
        The language.

    Returns
    -------
    dict
        By layer: capacity, left (MW) and loading (per unit).
    """
    palette, loads = capacity_classes(settings, direction), loading_classes(settings)
    capacity = _told(palette, [texts("page_mw", mw=name) for name in palette.texts(texts)])
    names = [texts("percent", percent=name) for name in loads.texts(texts, 0.01)]
    # What the optimiser fills to its limit is not above it.
    names[-1] = texts("page_class_over", limit=loads.ticks(texts, 0.01)[-1])
    loading = _told(loads, names)
    loading[-2]["below"] += style.ON_LIMIT
    short = {"below": -SHORT_MW, "colour": style.QUEUED, "text": texts("page_class_short")}
    return {
        "capacity": [{**capacity[0], "cross": True}, *capacity[1:]],
        "left": [{**short, "cross": True}, *capacity],
        "loading": loading,
    }


def _told(found: Classes, names: list[str]) -> list[dict[str, Any]]:
    """Limits, colours and names of classes, the lowest first."""
    return [
        {"below": below, "colour": colour, "text": name}
        for below, colour, name in zip([*found.limits, None], found.colours, names, strict=True)
    ]


def colours() -> dict[str, str]:
    """Colours that the page's own code needs."""
    return {"land": style.LAND, "ink": style.INK, "limit": style.LIMITING, "outage": OUTAGE}


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
