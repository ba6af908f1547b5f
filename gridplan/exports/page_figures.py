"""The Bokeh figures of the interactive map: empty, to be filled by the page from its own data.

No name from a study stands in them, so that nothing in them needs escaping.
"""

from __future__ import annotations

import json
import re
from typing import Any

from bokeh.core.properties import value
from bokeh.embed import json_item
from bokeh.models import (
    ColumnDataSource,
    FixedTicker,
    GlyphRenderer,
    HoverTool,
    Line,
    MultiLine,
    MultiPolygons,
    Range1d,
    ScaleBar,
    Scatter,
    Text,
    WheelZoomTool,
)
from bokeh.models.glyph import Glyph
from bokeh.plotting import figure

from gridplan.exports import style

# Columns that glyphs may read; other texts of a glyph are values.
COLUMNS = frozenset(
    {"x", "y", "xs", "ys", "text", "fill", "line", "color", "alpha", "width", "weight", "edge"}
    | {"gap", "dash", "size", "marker"}
)
FONT = "system-ui, 'Segoe UI', 'Liberation Sans', 'DejaVu Sans', sans-serif"


def figures_json(*, scale: bool) -> dict[str, str]:
    """Return the figures as BokehJS reads them.

    Parameters
    ----------
    scale : bool
        Whether the map is in km; a schematic has no scale bar.

    Returns
    -------
    dict of str
        JSON of map, duration and offer, the same in every run.
    """
    figures = {"map": _map(scale=scale), "duration": _chart("duration"), "offer": _chart("offer")}
    return {name: _stable(json.dumps(json_item(each)), name) for name, each in figures.items()}


def _stable(text: str, name: str) -> str:
    """Name the models by their place in the text; Bokeh counts them through a whole process."""
    ids: dict[str, str] = {}

    def renamed(found: re.Match[str]) -> str:
        return f'"{ids.setdefault(found[1], f"{name}-{len(ids)}")}"'

    return re.sub(r'"(p\d{4,})"', renamed, text)


def _map(*, scale: bool) -> figure:
    """Map with one source per layer, from the water up."""
    plot = figure(
        name="map", x_range=Range1d(0, 1), y_range=Range1d(0, 1), toolbar_location=None,
        tools="pan,wheel_zoom", active_scroll="wheel_zoom", sizing_mode="stretch_both",
        background_fill_color=style.WATER, border_fill_color=None, outline_line_color=None,
        min_border=0,
    )  # fmt: skip
    plot.axis.visible = False
    plot.grid.visible = False
    plot.select_one(WheelZoomTool).zoom_on_axis = False
    sources: dict[str, ColumnDataSource] = {}
    for name, glyph in _layers():
        sources[name] = _add(plot, name, glyph, sources.get(name))
    if scale:
        plot.add_layout(
            ScaleBar(
                range=plot.x_range, unit="km", location="bottom_right", bar_length=0.16,
                bar_length_units="screen", background_fill_color="white",
                background_fill_alpha=0.85, border_line_color=None, label_text_font=FONT,
                label_text_font_size="11px", label_text_font_style="normal",
                label_text_color=style.INK, bar_line_color=style.INK, padding=6, margin=8,
            )
        )  # fmt: skip
    return plot


def _layers() -> list[tuple[str, Glyph]]:
    outline = {"xs": "xs", "ys": "ys"}
    line = {"line_cap": "round", "line_join": "round", **outline}
    return [
        ("neighbours", MultiPolygons(fill_color=style.NEIGHBOUR, line_color=style.NEIGHBOUR_EDGE,
                                     **outline)),
        ("municipalities", MultiPolygons(fill_color="fill", line_color=style.MUNICIPALITY_EDGE,
                                         **outline)),
        ("county", MultiPolygons(fill_color="fill", line_color=style.COUNTY_EDGE, line_width=1.4,
                                 **outline)),
        ("planned", MultiLine(line_color=style.INK, line_width="edge", line_alpha="alpha", **line)),
        ("gaps", MultiLine(line_color="white", line_width="gap", line_alpha="alpha", **line)),
        ("branches", MultiLine(line_color="color", line_width="width", line_alpha="alpha",
                               line_dash="dash", **(line | {"line_cap": "butt"}))),
        ("limits", MultiLine(line_color="color", line_width=6.5, line_alpha=0.85, line_dash="dash",
                             **(line | {"line_cap": "butt"}))),
        ("ring", Scatter(x="x", y="y", size="size", marker="marker", fill_color=None,
                         line_color="line", line_width=3)),
        ("stations", Scatter(x="x", y="y", size="size", marker="marker", fill_color="fill",
                             line_color="line", line_width="weight", fill_alpha="alpha",
                             line_alpha="alpha")),
        ("projects", Scatter(x="x", y="y", size="size", marker="marker", fill_color="fill",
                             line_color="line", line_width=1.4, fill_alpha=0.9)),
        *_haloed("places", text_font_style="italic", text_baseline="middle", text_color="#5b5748"),
        *_haloed("labels", text_baseline="top", y_offset=7, text_color=style.INK),
    ]  # fmt: skip


def _chart(name: str) -> figure:
    """Chart with a curve, those of other years behind it, and marks; the page sets the axes."""
    plot = figure(
        name=name, x_range=Range1d(0, 1), y_range=Range1d(0, 1), toolbar_location=None, tools="",
        sizing_mode="stretch_width", height=190, background_fill_color="white",
        border_fill_color=None, outline_line_color=None, min_border_right=12,
    )  # fmt: skip
    for axis in plot.axis:
        axis.ticker = FixedTicker()
        axis.axis_line_color = axis.major_tick_line_color = style.PALE
        axis.major_label_text_color = axis.axis_label_text_color = style.INK
        axis.major_label_text_font = axis.axis_label_text_font = FONT
        axis.major_label_text_font_size = axis.axis_label_text_font_size = "11px"
        axis.axis_label_text_font_style = "normal"
        axis.axis_label_standoff = 4
    plot.grid.grid_line_color = style.GRID
    dash = {"line_dash": "dashed"}
    _add(plot, f"{name}_others", MultiLine(xs="xs", ys="ys", line_color=style.PALE, line_width=1.5))
    _add(plot, f"{name}_marks", MultiLine(xs="xs", ys="ys", line_color=style.HOURS, **dash))
    _add(plot, f"{name}_curve", Line(x="x", y="y", line_color=style.SHARE, line_width=2.4))
    dots = Scatter(x="x", y="y", size=7, marker="circle", fill_color="white", line_width=2,
                   line_color=style.HOURS)  # fmt: skip
    _add(plot, f"{name}_dots", dots)
    shown = plot.select_one({"name": f"{name}_curve", "type": GlyphRenderer})
    plot.add_tools(HoverTool(renderers=[shown], mode="vline", tooltips="<div>@text</div>"))
    return plot


def _haloed(name: str, **look: Any) -> list[tuple[str, Text]]:
    """Texts over their own white outline, which Bokeh would draw over the letters."""
    common = {"x": "x", "y": "y", "text": "text", "text_align": "center", "text_font": value(FONT),
              "text_font_size": "11px", **look}  # fmt: skip
    halo = common | {"text_color": "white", "text_outline_color": "white"}
    return [(name, Text(**halo, text_outline_width=3)), (name, Text(**common))]


def _add(
    plot: figure, name: str, glyph: Glyph, source: ColumnDataSource | None = None
) -> ColumnDataSource:
    """Add a layer, with an empty source of its own unless it shares one."""
    if source is None:
        values = [getattr(glyph, spec) for spec in glyph.dataspecs()]
        read = {value for value in values if isinstance(value, str)} & COLUMNS
        source = ColumnDataSource({column: [] for column in sorted(read | {"text"})}, name=name)
    # A click is answered by the page; Bokeh must not fade what it does not hit.
    plot.add_glyph(source, glyph, name=name, nonselection_glyph=None, selection_glyph=None)
    return source
