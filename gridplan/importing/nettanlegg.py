"""A study folder from NVE's "Nettanlegg": where lines and stations are, and rules for the rest.

The data set says where lines, cables and stations lie, at which voltage and whose they are. It says
nothing of impedances, ratings, transformers, loads and plants. These follow stated rules
(`gridplan.importing.standards` and below), every row made by one says so in `basis` and `source`,
and the tables are there to be corrected.

* Line: figures per km of the usual conductor of its voltage, times its drawn length.
* Transformers join the voltages of a station, from one level to the next: two units where both
  levels have more than one line, else one (`UNIT_MVA`).
* Load: a stated number of MW over all stations of 22 to 150 kV in equal shares, at the lowest
  voltage of each.
* Borders: where lines of the highest voltages leave the map; without any, at the stations of the
  highest voltage. They balance the grid in equal shares.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
from shapely import LineString

from gridplan.base.errors import Problem, StudyError
from gridplan.importing.case import branch_names, unique_names
from gridplan.importing.joining import Joined, Left, Node, Piece, join, without_open_ends
from gridplan.importing.nettanlegg_file import DEGREES, Nettanlegg, read_nettanlegg
from gridplan.importing.nettanlegg_tables import Grid, tables_of
from gridplan.importing.report import summary_of

LEAST_KV = 30.0  # below is local distribution
TRANSMISSION_KV = 220.0  # open ends from here on are where the map is cut
ONE_LEVEL = 0.06  # voltages that differ by less are one level, such as 400 and 420 kV
SOURCE = "NVE Nettanlegg"


@dataclass(frozen=True)
class Rules:
    """What the data set leaves open.

    Parameters
    ----------
    joint_m : float
        How far apart ends of lines that meet may lie.
    station_m : float
        How far from a station a line that ends there may end.
    least_kv : float
        Lines below are left out.
    load_mw : float, optional
        Load of all stations together in the highest hour; None: 10 MW a station.
    """

    joint_m: float = 50.0
    station_m: float = 250.0
    least_kv: float = LEAST_KV
    load_mw: float | None = None


@dataclass(frozen=True, repr=False)
class ImportedMap:
    """What was made of a map of the grid.

    Parameters
    ----------
    tables : dict
        Rows of buses, lines, transformers, generators, loads and carriers.
    report : pandas.DataFrame
        element, what, why, lon, lat (degrees, NaN without a place).
    source : str
        File and format.
    notes : list of str
        For people.
    """

    tables: dict[str, list[dict[str, Any]]]
    report: pd.DataFrame
    source: str
    notes: list[str]

    def __repr__(self) -> str:
        count = {name: len(rows) for name, rows in self.tables.items()}
        return (
            f"<Imported {self.source}: {count['buses']:,} buses, {count['lines']:,} lines, "
            f"{count['transformers']:,} transformers, {count['loads']:,} loads, "
            f"{count['generators']:,} borders>"
        )

    def write(self, folder: str | os.PathLike[str]) -> Path:
        """Write a study folder of CSV tables; nothing is overwritten."""
        from gridplan.importing.nettanlegg_tables import write_tables  # noqa: PLC0415 - heavy

        return write_tables(Path(folder), self.tables, self.report, self.source, self.notes)


def import_nettanlegg(
    path: str | os.PathLike[str],
    out: str | os.PathLike[str] | None = None,
    *,
    joint_m: float = 50.0,
    station_m: float = 250.0,
    least_kv: float = LEAST_KV,
    load_mw: float | None = None,
    progress: Callable[[float], None] | None = None,
) -> ImportedMap:
    """Make a study from NVE's lines, cables and stations.

    Parameters
    ----------
    path : str or path
        GeoPackage, GeoJSON or Shapefile with the published fields, or a folder of such files.
    out : str or path, optional
        Study folder to make, with CSV tables.
    joint_m, station_m, least_kv, load_mw : float
        See `Rules`.
    progress : callable, optional
        Is called with the share that is done.

    Returns
    -------
    ImportedMap

    Raises
    ------
    StudyError
        When the file cannot be read, or no grid comes of it.

    Examples
    --------
    >>> import gridplan as gp
    >>> gp.import_nettanlegg("nettanlegg.gpkg", "my-region", load_mw=800)  # doctest: +SKIP
    <Imported nettanlegg.gpkg (NVE Nettanlegg): 96 buses, 121 lines, …>
    """
    from gridplan.study.new import free_place  # noqa: PLC0415 - heavy

    rules = Rules(joint_m, station_m, least_kv, load_mw)
    _check(rules)
    if out is not None:
        free_place(out)
    told = progress or (lambda _share: None)
    source = Path(path).expanduser()
    drawn = read_nettanlegg(source)
    told(0.5)
    report = _Report(drawn)
    pieces = _pieces(drawn, rules, report)
    places = np.column_stack([drawn.stations.geometry.x, drawn.stations.geometry.y])
    found = join(pieces, places, joint_m=rules.joint_m, station_m=rules.station_m)
    told(0.8)
    grid = _grid(source, drawn, found, rules, report)
    tables, notes = tables_of(grid, rules.load_mw)
    imported = ImportedMap(tables, report.table(), f"{source.name} ({SOURCE})", notes)
    if out is not None:
        imported.write(out)
    told(1.0)
    return imported


def _check(rules: Rules) -> None:
    problems = [
        Problem("", "", name, str(value), "not above 0", "Give metres, kV or MW above 0.")
        for name, value in vars(rules).items()
        if value is not None and not value > 0
    ]
    if problems:
        raise StudyError(problems)


class _Report:
    """The report, with places."""

    def __init__(self, drawn: Nettanlegg) -> None:
        self.drawn = drawn
        self.rows: list[tuple[str, str, str]] = []
        self.points: list[tuple[float, float]] = []

    def add(self, what: str, element: str, why: str, at: tuple[float, float] | None = None) -> None:
        """Note an element; `at` in metres."""
        self.rows.append((element, what, why))
        self.points.append(at or (np.nan, np.nan))

    def table(self) -> pd.DataFrame:
        """Return the report, its places in degrees."""
        table = pd.DataFrame(self.rows, columns=["element", "what", "why"])
        xy = np.array(self.points, dtype=float).reshape(-1, 2)
        known = np.isfinite(xy[:, 0])
        table["lon"], table["lat"] = np.nan, np.nan
        if known.any():
            degrees = self.drawn.degrees([tuple(point) for point in xy[known]])
            table.loc[known, ["lon", "lat"]] = degrees
        return table


def _called(ids: tuple[str, ...]) -> str:
    more = f" and {len(ids) - 3} more" if len(ids) > 3 else ""
    return f"line {', '.join(ids[:3])}{more}"


def _pieces(drawn: Nettanlegg, rules: Rules, report: _Report) -> list[Piece]:
    """Take the lines that state a voltage, part by part."""
    levels = _levels(drawn.lines["kv"], report)
    level = drawn.lines["kv"].map(levels)
    low = level < rules.least_kv
    for kv, count in level[low].value_counts().items():  # one row for all: there are thousands
        report.add("dropped", f"{count:,} lines of {kv:g} kV", f"below {rules.least_kv:g} kV")
    pieces = []
    for row in drawn.lines[~low].itertuples():
        at = row.geometry.representative_point().coords[0]
        if not row.kv > 0:
            report.add("dropped", _called((row.id,)), "no voltage stated", at)
            continue
        kv = levels[row.kv]
        for part in getattr(row.geometry, "geoms", [row.geometry]):
            path = LineString(np.asarray(part.coords)[:, :2])
            length = path.length
            cable, overhead = (length, 0.0) if row.cable else (0.0, length)
            pieces.append(Piece(kv, path, (row.id,), (row.name,) if row.name else (), overhead,
                                cable))  # fmt: skip
    return pieces


def _levels(kv: pd.Series, report: _Report) -> dict[float, float]:
    """Voltage level of every stated voltage: the most common one within a few per cent."""
    counts = kv[kv > 0].value_counts()
    levels: dict[float, float] = {}
    for value in counts.index:
        like = [level for level in set(levels.values()) if abs(value / level - 1) <= ONE_LEVEL]
        levels[value] = min(like, key=lambda level: abs(level - value)) if like else value
        if levels[value] != value:
            why = f"{counts[value]} lines of {value:g} kV count as {levels[value]:g} kV"
            report.add("changed", f"{value:g} kV", why)
    return levels


def _grid(source: Path, drawn: Nettanlegg, found: Joined, rules: Rules, report: _Report) -> Grid:
    """Name the points, drop what hangs on nothing, and gather the rows' content."""
    highest = max((node[2] for node in found.graph), default=0.0)
    open_ends = without_open_ends(found, min(TRANSMISSION_KV, highest))
    _drop_apart(found)
    for left in found.left:
        report.add("dropped", _called(left.ids), left.why, left.at)
    open_ends = [node for node in open_ends if node in found.graph]
    used = {node[1] for node in found.graph if node[0] == "station"}
    _tell_idle_stations(drawn, used, rules, report)
    if len(found.graph) < 2:
        message = "no two points of the grid are joined by a line"
        remedy = "Look at what was left out, and at the distances --joint-m and --station-m."
        lines = "; ".join(summary_of(report.table())[:5])
        raise StudyError([Problem(source.name, "", "", lines[:300], message, remedy)])
    names, places = _names(drawn, found)
    edges = list(found.graph.edges(data=True))
    called = branch_names([(names[a], names[b]) for a, b, _ in edges])
    lines = [(name, a, b, edge["piece"]) for name, (a, b, edge) in zip(called, edges, strict=True)]
    paths = gpd.GeoSeries([piece.path.simplify(20) for *_, piece in lines], crs=drawn.crs)
    wkt = paths.to_crs(DEGREES).to_wkt(rounding_precision=5, trim=True).tolist()
    stations = {number: str(drawn.stations.loc[number, "id"]) for number in used}
    for node in open_ends:
        report.add("assumed", names[node], "a line leaves the map: a border", found.places[node])
    return Grid(names, places, lines, wkt, open_ends, stations)


def _drop_apart(found: Joined) -> None:
    """Keep the largest connected part, in which voltages of a station are one."""
    whole = nx.Graph(found.graph)
    for number in {node[1] for node in whole if node[0] == "station"}:
        own = [node for node in whole if node[0] == "station" and node[1] == number]
        nx.add_path(whole, own)
    parts = sorted(nx.connected_components(whole), key=len, reverse=True)
    for part in parts[1:]:
        for _, _, edge in found.graph.edges(part, data=True):
            piece = edge["piece"]
            at = piece.path.coords[0][:2]
            found.left.append(Left(piece.ids, "not joined to the main grid", at))
        found.graph.remove_nodes_from(part)


def _tell_idle_stations(drawn: Nettanlegg, used: set[int], rules: Rules, report: _Report) -> None:
    why = f"no line of the grid ends within {rules.station_m:g} m"
    for row in drawn.stations.itertuples():
        if row.Index not in used:
            called = f"station {row.name or row.id}"
            report.add("dropped", called, why, (row.geometry.x, row.geometry.y))


def _names(
    drawn: Nettanlegg, found: Joined
) -> tuple[dict[Node, str], dict[Node, tuple[float, float]]]:
    """Name and place (degrees) of every bus."""
    nodes = sorted(found.graph, key=lambda node: (node[0] != "station", node[1], -node[2]))
    stations = sorted({node[1] for node in nodes if node[0] == "station"})
    wanted = [drawn.stations.loc[number, "name"] or None for number in stations]
    spare = [f"Station {drawn.stations.loc[number, 'id']}" for number in stations]
    called = dict(zip(stations, unique_names(wanted, spare), strict=True))
    joints = [node for node in nodes if node[0] == "joint"]
    numbers = {node: number for number, node in enumerate(joints, start=1)}
    names = {
        node: f"{called[node[1]]} {node[2]:g}"
        if node[0] == "station"
        else f"Junction {numbers[node]} {node[2]:g}"
        for node in nodes
    }
    points = drawn.stations.geometry
    metres = [
        (points.loc[node[1]].x, points.loc[node[1]].y)
        if node[0] == "station"
        else found.places[node]
        for node in nodes
    ]
    return names, dict(zip(nodes, drawn.degrees(metres), strict=True))
