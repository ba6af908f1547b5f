"""The picture of an import: the network as it was read, and what did not fit."""

from __future__ import annotations

import os
from pathlib import Path

import matplotlib.style
import numpy as np
import pandas as pd
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from gridplan.base.messages import Language, Messages, messages
from gridplan.exports import style
from gridplan.exports.composition import Scene, composed
from gridplan.exports.features import Features, branches_of, stations_of
from gridplan.exports.geography import Geography, geography_of
from gridplan.exports.key import basis_rows, line_rows
from gridplan.exports.layout import Box, page_of
from gridplan.exports.panel_tables import Table, draw_tables
from gridplan.exports.saving import save_figure
from gridplan.exports.scene_parts import badge_symbol, titled
from gridplan.exports.sheet import Sheet
from gridplan.study.study import Study

A4 = (11.69, 8.27)
NUMBERED = 12  # places of the report with a number on the map
ROWS = 16
WHAT = {
    "dropped": "imported_dropped",
    "merged": "imported_merged",
    "changed": "imported_changed",
    "assumed": "imported_assumed",
}
NAMED_UP_TO = 600  # buses; more are drawn without names, marks and report


def imported_map(
    study: Study,
    report: pd.DataFrame,
    path: str | os.PathLike[str],
    *,
    language: Language = "en",
    dpi: float = 150.0,
) -> Path:
    """Draw an imported network beside its report.

    Parameters
    ----------
    study : Study
        The network.
    report : pandas.DataFrame
        Columns element, what, why; with lon and lat (degrees, may be NaN) the first of what was
        dropped is numbered on the map.
    path : path-like
        .png, .svg or .pdf.
    language : {"en", "nb"}
        Of headings; the report itself is English.
    dpi : float
        Dots per inch of a PNG.

    Returns
    -------
    pathlib.Path
        The file.
    """
    target, texts = Path(path), messages(language)
    if len(study.network.c.buses.static) > NAMED_UP_TO:
        return _plain(study, target, texts, dpi)
    with matplotlib.style.context(["default", style.RC]):
        scene = imported_scene(study, report, texts)
        sheet = composed(scene, page_of(A4), None)
        save_figure(sheet.figure, target, title=scene.title, dpi=dpi)
    return target


def _plain(study: Study, target: Path, texts: Messages, dpi: float) -> Path:
    """Draw lines and buses only: names and marks of so many would cover each other."""
    geography = geography_of(study, study.network)
    lines = study.network.c.lines.static
    kv = geography.buses["kv"]
    with matplotlib.style.context(["default", style.RC]):
        figure = Figure(figsize=A4, layout="constrained")
        axes = figure.subplots()
        for level in sorted(kv.unique()):
            own = lines[lines["bus0"].map(kv) == level]
            paths = geography.paths(own)
            widths = style.width_pt(level) / 2
            axes.add_collection(LineCollection(paths, colors=style.GREY, linewidths=widths))
        axes.plot(geography.buses["x"], geography.buses["y"], ".", color=style.INK, markersize=2)
        axes.set_aspect("equal")
        axes.set_axis_off()
        title = texts("imported_title", study=titled(study))
        axes.set_title(title, loc="left", fontsize=16, fontweight="bold")
        count = texts.number(len(kv))
        foot = " · ".join([f"{count} {texts('imported_figure_buses')}", *study.notes])
        figure.supxlabel(foot, fontsize=6, x=0.01, ha="left", wrap=True)
        save_figure(figure, target, title=title, dpi=dpi)
    return target


def imported_scene(study: Study, report: pd.DataFrame, texts: Messages) -> Scene:
    """Gather what the picture shows."""
    network, geography = study.network, geography_of(study, study.network)
    look = pd.DataFrame({"value": [], "colour": [], "level": [], "top": []})
    stations = stations_of(study, network, geography)
    marks = stations[["x", "y", "planned"]].assign(
        station=stations.index, shift=0.0, value=0.0, shape="dot", colour="white"
    )
    placed = _placed(report)
    features = Features(
        branches_of(study, network, geography, look, style.GREY),
        stations,
        marks.reset_index(drop=True),
        badges=_badges(placed, geography),
    )
    counts = network.c
    branches = len(counts.lines.static) + len(counts.transformers.static)
    load = network.get_switchable_as_dense("Load", "p_set").sum(axis=1).max()
    figures = [
        (texts.number(len(counts.buses.static)), texts("imported_figure_buses"), True),
        (texts.number(branches), texts("imported_figure_branches"), True),
        (texts.mw(float(load)), texts("imported_figure_load"), False),
        (texts.mw(float(counts.generators.static["p_nom"].sum())),
         texts("imported_figure_sources"), False),
    ]  # fmt: skip
    tables = [_places(placed, texts), _reasons(report, texts)]

    def panel(sheet: Sheet, box: Box) -> None:
        draw_tables(sheet, box, figures, tables, notes=list(study.notes), messages=texts)

    return Scene(
        study=study,
        geography=geography,
        features=features,
        messages=texts,
        title=texts("imported_title", study=titled(study)),
        subtitle=texts("imported_subtitle", count=texts.number(len(report))),
        key=[*line_rows(features, texts), *basis_rows(features, texts)],
        panel=panel,
    )


def _placed(report: pd.DataFrame) -> pd.DataFrame:
    """Rows that were dropped at a known place, the first of them numbered."""
    if "lon" not in report or "lat" not in report:
        return report.iloc[:0].assign(number=pd.Series(dtype=int))
    known = report[(report["what"] == "dropped") & np.isfinite(report["lon"].astype(float))]
    known = known.head(NUMBERED)
    return known.assign(number=range(1, len(known) + 1))


def _badges(placed: pd.DataFrame, geography: Geography) -> pd.DataFrame:
    if placed.empty or geography.plane is None:
        columns = {"number": "int64", "x": float, "y": float, "colour": "str"}
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})
    xy = geography.points(placed["lon"], placed["lat"])
    numbers = placed["number"].to_numpy()
    return pd.DataFrame(
        {"number": numbers, "x": xy[:, 0], "y": xy[:, 1], "colour": style.BEYOND_LIMIT}
    )


def _places(placed: pd.DataFrame, texts: Messages) -> Table:
    return Table(
        texts("imported_places"),
        ["", ""],
        [(str(row.element), str(row.why)) for row in placed.itertuples()],
        [False, False],
        symbols=[badge_symbol(number, style.BEYOND_LIMIT) for number in placed["number"]],
        excerpt=True,
    )


def _reasons(report: pd.DataFrame, texts: Messages) -> Table:
    """Count the elements by what was done with them, and why."""
    counts = report.groupby(["what", "why"], sort=False).size().sort_values(ascending=False)
    rows = [
        (texts(WHAT[str(what)]), str(why), texts.number(count))
        for (what, why), count in counts.items()
    ]
    return Table(
        texts("imported_reasons"),
        [texts("imported_what"), texts("imported_why"), texts("imported_count")],
        rows[:ROWS],
        [True, False, True],
        dropped=max(len(rows) - ROWS, 0),
    )
