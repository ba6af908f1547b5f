"""How the layers of a result are coloured in QGIS: the classes and colours of the maps."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import inf, isinf
from typing import TYPE_CHECKING

from gridplan.base.messages import Messages
from gridplan.exports import style
from gridplan.exports.classes import Classes, capacity_classes, loading_classes, value_classes
from gridplan.exports.columns import headers
from gridplan.exports.qgis import WIDE, Class, Style, Symbol

if TYPE_CHECKING:
    import geopandas as gpd

    from gridplan.exports.layers import Layers

UNITS = {"MW": "unit_mw", "NOK/MW/yr": "unit_nok_per_mw"}
NOTHING = "#b8bcc2"  # the lowest class: too little to count
OUTCOMES = {  # colour and form of every outcome of a project
    "chosen": (style.CHOSEN, "circle"),
    "conditional": (style.ADDED, "diamond"),
    "reserved": (style.RESERVED, "square"),
    "not chosen": ("#ffffff", "circle"),
    "barred": ("#ffffff", "triangle"),
    "queue": (style.QUEUED, "circle"),
    "candidate": ("#ffffff", "diamond"),
}
NOT_MAPPED = "\"basis\" IN ('synthetic', 'assumption')"


def styles_of(
    layers: Layers, tables: dict[str, gpd.GeoDataFrame], texts: Messages
) -> dict[str, Style]:
    """Style every layer that is written.

    Parameters
    ----------
    layers : Layers
        The result.
    tables : dict of geopandas.GeoDataFrame
        By the name of the layer, as they are written.
    texts : Messages
        The language of legends and aliases.

    Returns
    -------
    dict of Style
        By the name of the layer.
    """
    of = {
        "stations": _stations,
        "branches": _branches,
        "transformers": _transformers,
        "projects": _projects,
        "municipalities": _municipalities,
    }
    found = {}
    for name, table in tables.items():
        aliases = headers((column for column in table if column != "geometry"), texts)
        found[name] = of[name](layers, aliases, texts)
    return found


def _classes(layers: Layers, unit: str) -> Classes:
    """Classes of the figures of a unit, as on the maps; the lowest is grey, to be seen on white."""
    settings = layers.study.settings
    if unit == "NOK/MW/yr":
        found = value_classes(settings)
    else:
        found = capacity_classes(settings, "gain" if layers.kind == "ranking" else "load")
    return replace(found, colours=(NOTHING, *found.colours[1:]))


def _words(classes: Classes, texts: Messages, unit: str) -> list[str]:
    """Classes in words, with the unit."""
    return [f"{text} {texts(UNITS[unit])}" for text in classes.texts(texts)]


def _graduated(layers: Layers, unit: str, texts: Messages) -> tuple[Class, ...]:
    """Classes of points; a marker grows from class to class."""
    classes = _classes(layers, unit)
    words = _words(classes, texts, unit)
    return tuple(
        Class(
            label=words[number],
            symbol=Symbol("marker", classes.colours[number], 2.0 + 0.3 * number),
            lower=low,
            upper=high,
        )
        for number, (low, high) in enumerate(pairwise([-WIDE, *classes.limits, WIDE]))
    )


def _stations(layers: Layers, aliases: dict[str, str], texts: Messages) -> Style:
    layer, column, unit = layers.main
    if layer == "stations":
        classes = _graduated(layers, unit, texts)
        return Style("graduatedSymbol", classes, column, "station", aliases)
    if "chosen_mw" in aliases:
        classes = _graduated(layers, "MW", texts)
        return Style("graduatedSymbol", classes, "chosen_mw", "station", aliases)
    plain = Class("", Symbol("marker", "#ffffff", 2.0))
    return Style("singleSymbol", (plain,), label="station", aliases=aliases)


def _coloured(layers: Layers, texts: Messages) -> list[tuple[str, str, str]]:
    """Classes of branches: label, filter and colour; by loading, gain or nothing at all."""
    _, column, unit = layers.main
    if "loading_pu" in layers.branches:
        loading = loading_classes(layers.study.settings)
        bounds = pairwise([-inf, *loading.limits, inf])
        return [
            (_percents(low, high, texts), _between("loading_pu", low, high), colour)
            for (low, high), colour in zip(bounds, loading.colours, strict=True)
        ]
    if unit in UNITS and column in layers.branches:
        classes = _classes(layers, unit)
        bounds = pairwise([-inf, *classes.limits, inf])
        words = _words(classes, texts, unit)
        rows = [
            (label, _between(column, low, high), colour)
            for label, (low, high), colour in zip(words, bounds, classes.colours, strict=True)
        ]
        return [(texts("no_figure"), f'"{column}" IS NULL', style.PALE), *rows]
    if layers.kind == "stages":
        named = "\"reinforcement\" <> ''"
        return [
            (texts("not_changed"), "\"reinforcement\" = ''", style.PALE),
            (texts("column_in_service"), f'{named} AND "in_service"', style.CHOSEN),
            (texts("not_in_service"), f'{named} AND NOT "in_service"', style.QUEUED),
        ]
    return [("", "TRUE", style.GREY)]


def _percents(low: float, high: float, texts: Messages) -> str:
    if isinf(low):
        return texts("percent_below", limit=f"{100 * high:.0f}")
    if isinf(high):
        return texts("percent_above", limit=f"{100 * low:.0f}")
    return texts("percent_between", low=f"{100 * low:.0f}", high=f"{100 * high:.0f}")


def _between(column: str, low: float, high: float) -> str:
    """Expression of a class; what is filled to its limit is not above it."""
    slack = style.ON_LIMIT if column == "loading_pu" else 0.0
    parts = []
    if not isinf(low):
        at = low + slack if low == 1.0 else low
        parts.append(f'"{column}" {">" if low == 1.0 and slack else ">="} {at:g}')
    if not isinf(high):
        at = high + slack if high == 1.0 else high
        parts.append(f'"{column}" {"<=" if high == 1.0 and slack else "<"} {at:g}')
    return " AND ".join(parts)


def _branches(layers: Layers, aliases: dict[str, str], texts: Messages) -> Style:
    """Lines: colour by class, width by voltage, dashed where they are not the real grid."""
    widths = " ".join(
        f'WHEN "kv" >= {kv:g} THEN {0.3528 * points:.2f}' for kv, points in style.WIDTH
    )
    width = f"CASE {widths} END"  # 0.3528 mm to a point
    rows = _coloured(layers, texts)
    groups = []
    for label, test, dashed in (
        ("legend_known", f"NOT ({NOT_MAPPED})", False),
        ("legend_synthetic", NOT_MAPPED, True),
    ):
        within = tuple(
            Class(text, Symbol("line", colour, 0.5, dashed=dashed, width=width), filter=rule)
            for text, rule, colour in rows
        )
        if len(rows) == 1:  # nothing to tell apart: no heading
            groups.append(replace(within[0], label=texts(label), filter=test))
        else:
            groups.append(Class(texts(label), filter=test, within=within))
    return Style("RuleRenderer", tuple(groups), aliases=aliases)


def _transformers(layers: Layers, aliases: dict[str, str], texts: Messages) -> Style:
    within = tuple(
        Class(text or texts("word_transformer"), Symbol("marker", colour, 2.4, form="square"),
              filter=rule)
        for text, rule, colour in _coloured(layers, texts)
    )  # fmt: skip
    return Style("RuleRenderer", within, aliases=aliases)


def _projects(layers: Layers, aliases: dict[str, str], texts: Messages) -> Style:
    known = layers.projects["outcome"].unique()
    classes = tuple(
        Class(texts(f"word_{outcome.replace(' ', '_')}"),
              Symbol("marker", colour, 3.0, form=form), value=outcome)
        for outcome, (colour, form) in OUTCOMES.items()
        if outcome in known
    )  # fmt: skip
    if not classes:
        classes = (Class("", Symbol("marker", style.CHOSEN, 3.0)),)
        return Style("singleSymbol", classes, label="project", aliases=aliases)
    return Style("categorizedSymbol", classes, "outcome", "project", aliases)


def _municipalities(layers: Layers, aliases: dict[str, str], texts: Messages) -> Style:
    """Pale, so that lines and stations are seen, whichever layer lies on top."""
    symbol = Symbol("fill", style.LAND, 0.2, edge=style.COUNTY_EDGE, alpha=0.5)
    one = Class(texts("municipalities"), symbol)
    return Style("singleSymbol", (one,), label="name", aliases=aliases)
