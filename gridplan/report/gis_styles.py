"""How the layers of a result are coloured in QGIS: the classes and colours of the maps."""

from __future__ import annotations

from itertools import pairwise
from math import inf, isinf
from typing import TYPE_CHECKING

from gridplan.base.messages import Messages
from gridplan.report import style
from gridplan.report.columns import headers
from gridplan.report.qgis import WIDE, Class, Style, Symbol

if TYPE_CHECKING:
    import geopandas as gpd

    from gridplan.report.layers import Layers

# Lower limits of the classes by unit, and their colours: the lightness alone tells them apart.
LIMITS = {
    "MW": (-inf, 1.0, 10.0, 25.0, 50.0, 100.0, 200.0),
    "NOK/MW/yr": (-inf, 0.0, 1.0, 50_000.0, 200_000.0, 500_000.0, 1_000_000.0),
}
COLOURS = ("#b8bcc2", "#ffffcc", "#c7e9b4", "#7fcdbb", "#41b6c4", "#2c7fb8", "#253494")
OUTCOMES = {  # colour and form of every outcome of a project
    "chosen": (style.CHOSEN, "circle"),
    "conditional": ("#6fb3a8", "diamond"),
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


def _classes(
    limits: tuple[float, ...], shape: str, colours: tuple[str, ...], texts: Messages, unit: str
) -> tuple[Class, ...]:
    """Graduated classes; a marker grows from class to class."""
    words = _words(limits, texts, unit)
    bounds = [*limits, inf]
    return tuple(
        Class(
            label=words[number],
            symbol=Symbol(shape, colours[number], 2.0 + 0.3 * number),
            lower=-WIDE if isinf(low) else low,
            upper=WIDE if isinf(high) else high,
        )
        for number, (low, high) in enumerate(pairwise(bounds))
    )


def _words(limits: tuple[float, ...], texts: Messages, unit: str) -> list[str]:
    """Limits of the classes in words, with the unit."""
    shown = texts(UNITS[unit])
    told = []
    for low, high in pairwise([*limits, inf]):
        if isinf(low):
            text = texts("size_below", limit=texts.number(high))
        elif isinf(high):
            text = texts("size_above", limit=texts.number(low))
        else:
            text = texts("size_between", low=texts.number(low), high=texts.number(high))
        told.append(f"{text} {shown}")
    return told


UNITS = {"MW": "unit_mw", "NOK/MW/yr": "unit_nok_per_mw"}


def _stations(layers: Layers, aliases: dict[str, str], texts: Messages) -> Style:
    layer, column, unit = layers.main
    if layer == "stations":
        classes = _classes(LIMITS[unit], "marker", COLOURS, texts, unit)
        return Style("graduatedSymbol", classes, column, "station", aliases)
    if "chosen_mw" in aliases:
        classes = _classes(LIMITS["MW"], "marker", COLOURS, texts, "MW")
        return Style("graduatedSymbol", classes, "chosen_mw", "station", aliases)
    plain = Class("", Symbol("marker", "#ffffff", 2.0))
    return Style("singleSymbol", (plain,), label="station", aliases=aliases)


def _coloured(layers: Layers, texts: Messages) -> list[tuple[str, str, str]]:
    """Classes of branches: label, filter and colour; by loading, gain or nothing at all."""
    _, column, unit = layers.main
    if "loading_pu" in layers.branches:
        rows, low = [], -inf
        for high, colour in style.LOADING:
            rows.append((_percents(low, high, texts), _between("loading_pu", low, high), colour))
            low = high
        return rows
    if unit in LIMITS and column in layers.branches:
        bounds = [*LIMITS[unit], inf]
        words = _words(LIMITS[unit], texts, unit)
        rows = [
            (label, _between(column, low, high), colour)
            for label, (low, high), colour in zip(words, pairwise(bounds), COLOURS, strict=True)
        ]
        return [("", f'"{column}" IS NULL', style.PALE), *rows]
    if layers.kind == "stages":
        named = "\"reinforcement\" <> ''"
        return [
            ("", "\"reinforcement\" = ''", style.PALE),
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
            Class(text or texts(label), Symbol("line", colour, 0.5, dashed=dashed, width=width),
                  filter=rule)
            for text, rule, colour in rows
        )  # fmt: skip
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
