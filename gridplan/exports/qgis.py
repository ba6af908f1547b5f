"""Layer styles of QGIS (QML): symbols, renderers, labels and field aliases as XML."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from matplotlib.colors import to_rgb

from gridplan.exports import style

Shape = Literal["marker", "line", "fill"]
VERSION = "3.28.0-Firenze"  # of the format; later versions read it
CLASSES = {"marker": "SimpleMarker", "line": "SimpleLine", "fill": "SimpleFill"}
PLAIN = {"symbollevels": "0", "forceraster": "0", "enableorderby": "0", "referencescale": "-1"}
WIDE = 1e9  # an open end of a range


@dataclass(frozen=True)
class Symbol:
    """How something is drawn.

    Parameters
    ----------
    shape : {"marker", "line", "fill"}
        Of points, lines, areas.
    colour : str
        Of the marker, line or area, as #rrggbb.
    size : float
        Of a marker, or width of a line or outline (mm).
    edge : str
        Colour of the outline of a marker or area.
    dashed : bool
        Whether a line is dashed.
    alpha : float
        Of an area, 0 to 1.
    form : str
        Name of the marker: circle, square, diamond, triangle, cross2.
    width : str
        Expression of QGIS for the width of a line (mm); "" for `size`.
    """

    shape: Shape
    colour: str
    size: float
    edge: str = style.INK
    dashed: bool = False
    alpha: float = 1.0
    form: str = "circle"
    width: str = ""


@dataclass(frozen=True)
class Class:
    """A class of a renderer: its label, its symbol, and what belongs to it.

    Parameters
    ----------
    label : str
        In the legend.
    symbol : Symbol or None
        None for a heading above other rules.
    lower, upper : float
        Limits of a graduated class.
    value : str
        Value of a category.
    filter : str
        Expression of a rule.
    within : tuple of Class
        Rules below a rule.
    """

    label: str
    symbol: Symbol | None = None
    lower: float = -WIDE
    upper: float = WIDE
    value: str = ""
    filter: str = ""
    within: tuple[Class, ...] = ()


@dataclass(frozen=True)
class Style:
    """Style of a layer.

    Parameters
    ----------
    kind : {"graduatedSymbol", "categorizedSymbol", "RuleRenderer", "singleSymbol"}
        Renderer, by its name in QGIS.
    classes : tuple of Class
        At least one.
    column : str
        What is graduated or categorised; "" for rules and a single symbol.
    label : str
        Column that names the features on the map; "" for none.
    aliases : dict of str
        Name for people by column.
    """

    kind: Literal["graduatedSymbol", "categorizedSymbol", "RuleRenderer", "singleSymbol"]
    classes: tuple[Class, ...]
    column: str = ""
    label: str = ""
    aliases: dict[str, str] = field(default_factory=dict)

    def qml(self) -> str:
        """Return the style as the text of a .qml file, or of a row of layer_styles."""
        root = ET.Element("qgis", version=VERSION, styleCategories="Symbology|Labeling|Fields",
                          labelsEnabled="1" if self.label else "0")  # fmt: skip
        renderer = ET.SubElement(root, "renderer-v2", PLAIN | {"type": self.kind})
        symbols: list[Symbol] = []
        if self.kind == "graduatedSymbol":
            renderer.attrib |= {"attr": self.column, "graduatedMethod": "GraduatedColor"}
            _add_ranges(ET.SubElement(renderer, "ranges"), self.classes, symbols)
        elif self.kind == "categorizedSymbol":
            renderer.set("attr", self.column)
            _add_categories(ET.SubElement(renderer, "categories"), self.classes, symbols)
        elif self.kind == "RuleRenderer":
            _add_rules(ET.SubElement(renderer, "rules", key=_key(0)), self.classes, symbols)
        else:
            symbols = [one.symbol for one in self.classes if one.symbol]
        drawn = ET.SubElement(renderer, "symbols")
        for number, symbol in enumerate(symbols):
            _add_symbol(drawn, str(number), symbol)
        _add_labels(root, self.label)
        names = ET.SubElement(root, "aliases")
        for index, (column, name) in enumerate(self.aliases.items()):
            ET.SubElement(names, "alias", index=str(index), field=column, name=name)
        ET.indent(root)
        kind = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
        return f"{kind}\n{ET.tostring(root, encoding='unicode')}\n"


def _add_ranges(parent: ET.Element, classes: Sequence[Class], symbols: list[Symbol]) -> None:
    for one in classes:
        ET.SubElement(parent, "range", lower=f"{one.lower:.10g}", upper=f"{one.upper:.10g}",
                      symbol=_kept(one, symbols), label=one.label, render="true")  # fmt: skip


def _add_categories(parent: ET.Element, classes: Sequence[Class], symbols: list[Symbol]) -> None:
    for one in classes:
        ET.SubElement(parent, "category", value=one.value, type="string",
                      symbol=_kept(one, symbols), label=one.label, render="true")  # fmt: skip


def _add_rules(parent: ET.Element, classes: Sequence[Class], symbols: list[Symbol]) -> None:
    """Add rules, and those within them; keys number them, so that equal styles are equal text."""
    for number, one in enumerate(classes, 1):
        rule = ET.SubElement(parent, "rule", label=one.label,
                             key=_key(number, parent.get("key", "")))  # fmt: skip
        if one.filter:
            rule.set("filter", one.filter)
        if one.symbol:
            rule.set("symbol", _kept(one, symbols))
        _add_rules(rule, one.within, symbols)


def _kept(one: Class, symbols: list[Symbol]) -> str:
    """Keep the symbol of a class, and return its name."""
    if one.symbol is None:
        msg = f"class {one.label!r} has no symbol"
        raise ValueError(msg)
    symbols.append(one.symbol)
    return str(len(symbols) - 1)


def _key(number: int, above: str = "") -> str:
    """Key of a rule: a UUID that only counts."""
    path = int(above.strip("{}").rsplit("-", 1)[1] or "0") if above else 0
    return f"{{00000000-0000-4000-8000-{100 * path + number:012d}}}"


def _add_symbol(parent: ET.Element, name: str, symbol: Symbol) -> None:
    """Add a symbol of one layer."""
    shell = ET.SubElement(parent, "symbol", name=name, type=symbol.shape, force_rhr="0",
                          alpha=f"{symbol.alpha:g}", clip_to_extent="1")  # fmt: skip
    layer = ET.SubElement(shell, "layer", {"class": CLASSES[symbol.shape]}, locked="0",
                          enabled="1", **{"pass": "0"})  # fmt: skip
    options = ET.SubElement(layer, "Option", type="Map")
    for key, value in _options(symbol).items():
        ET.SubElement(options, "Option", name=key, type="QString", value=value)
    if symbol.width:
        _add_property(layer, "outlineWidth", symbol.width)


def _options(symbol: Symbol) -> dict[str, str]:
    """Properties of a symbol layer, as QGIS names them."""
    fill, edge = _rgba(symbol.colour), _rgba(symbol.edge)
    if symbol.shape == "marker":
        return {
            "name": symbol.form, "color": fill, "outline_color": edge, "outline_width": "0.2",
            "outline_width_unit": "MM", "outline_style": "solid", "size": f"{symbol.size:g}",
            "size_unit": "MM", "scale_method": "diameter",
        }  # fmt: skip
    if symbol.shape == "line":
        return {
            "line_color": fill, "line_width": f"{symbol.size:g}", "line_width_unit": "MM",
            "line_style": "solid", "capstyle": "flat" if symbol.dashed else "round",
            "joinstyle": "round", "use_custom_dash": "1" if symbol.dashed else "0",
            "customdash": "2;1.2", "customdash_unit": "MM",
        }  # fmt: skip
    return {
        "color": fill, "style": "solid", "outline_color": edge, "outline_style": "solid",
        "outline_width": f"{symbol.size:g}", "outline_width_unit": "MM", "joinstyle": "round",
    }  # fmt: skip


def _add_property(layer: ET.Element, name: str, expression: str) -> None:
    """Let an expression decide a property of a symbol layer."""
    shell = ET.SubElement(layer, "data_defined_properties")
    top = ET.SubElement(shell, "Option", type="Map")
    ET.SubElement(top, "Option", name="name", type="QString", value="")
    own = ET.SubElement(ET.SubElement(top, "Option", name="properties", type="Map"), "Option",
                        name=name, type="Map")  # fmt: skip
    ET.SubElement(own, "Option", name="active", type="bool", value="true")
    ET.SubElement(own, "Option", name="expression", type="QString", value=expression)
    ET.SubElement(own, "Option", name="type", type="int", value="3")  # 3: an expression
    ET.SubElement(top, "Option", name="type", type="QString", value="collection")


def _add_labels(root: ET.Element, column: str) -> None:
    """Label the features by a column, with a pale halo, once the map is close enough."""
    if not column:
        return
    settings = ET.SubElement(
        ET.SubElement(root, "labeling", type="simple"), "settings", calloutType="simple"
    )
    style = ET.SubElement(settings, "text-style", fieldName=column, isExpression="0",
                          fontFamily="Open Sans", fontSize="8", fontSizeUnit="Point",
                          textColor="28,36,48,255", textOpacity="1")  # fmt: skip
    ET.SubElement(style, "text-buffer", bufferDraw="1", bufferSize="0.8", bufferSizeUnits="MM",
                  bufferColor="255,255,255,255", bufferOpacity="0.85")  # fmt: skip
    ET.SubElement(settings, "placement", placement="6", dist="0.6", distUnits="MM")
    ET.SubElement(settings, "rendering", scaleVisibility="1", scaleMin="1", scaleMax="1000000",
                  obstacle="1", drawLabels="1")  # fmt: skip


def _rgba(colour: str) -> str:
    return ",".join(f"{round(255 * part)}" for part in to_rgb(colour)) + ",255"
