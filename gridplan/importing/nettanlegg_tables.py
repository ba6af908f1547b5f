"""Tables of a study from a graph of lines and stations, by the rules of `nettanlegg`."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gridplan.importing.joining import Node, Piece
from gridplan.importing.standards import (
    TRANSFORMER_R,
    TRANSFORMER_X,
    cable,
    overhead,
)
from gridplan.study.describing import readme, settings_text
from gridplan.study.new import HOURS, drafted, free_place, write_series, write_table
from gridplan.study.settings_file import FILE
from gridplan.study.shapes import SOURCE as SHAPES
from gridplan.study.shapes import starting_shapes
from gridplan.study.tables import TABLES

ORIGIN = "NVE Nettanlegg (NLOD)"
STATION_MW = 10.0  # assumption: load of a station in the highest hour
LOADED_KV = (22.0, 150.0)  # stations of these voltages feed a local grid
# assumption: MVA of one transformer, from so many kV of its lower side
UNIT_MVA = ((250.0, 1000.0), (180.0, 500.0), (100.0, 200.0), (45.0, 60.0), (0.0, 25.0))
LEAST_KM = 0.05
INTRODUCTION = """\
# {name}

Made by `gridplan import` from {source}. Places, lengths and voltages are NVE's; **impedances,
ratings, transformers, loads and borders are assumptions by rule**: the columns `basis` and `source`
of every row say which. `import.csv` lists what did not fit, `import.png` shows the grid.

{notes}

Correct the tables row by row, and begin with what you know: ratings (`grid/lines.csv`,
`grid/transformers.csv`), loads (`grid/loads.csv`), borders and plants (`grid/generators.csv`).

"""


@dataclass(frozen=True)
class Grid:
    """A named graph.

    Parameters
    ----------
    names : dict
        Name of the bus by node.
    places : dict
        Longitude and latitude by node.
    lines : list of tuple
        Name, both nodes and the piece of every line.
    paths : list of str
        WKT (degrees) of every line.
    open_ends : list
        Nodes at which the grid goes on beyond the map.
    stations : dict
        NVE's id by number of the station.
    """

    names: dict[Node, str]
    places: dict[Node, tuple[float, float]]
    lines: list[tuple[str, Node, Node, Piece]]
    paths: list[str]
    open_ends: list[Node]
    stations: dict[int, str]


def tables_of(
    grid: Grid, load_mw: float | None
) -> tuple[dict[str, list[dict[str, Any]]], list[str]]:
    """Make the rows of all tables of the grid.

    Parameters
    ----------
    grid : Grid
        The graph.
    load_mw : float, optional
        Load of all stations together in the highest hour.

    Returns
    -------
    dict
        Rows by table.
    list of str
        The rules that were used, for people.
    """
    lines = [_line(grid, row, path) for row, path in zip(grid.lines, grid.paths, strict=True)]
    transformers = _transformers(grid)
    loads, said = _loads(grid, load_mw)
    borders, told = _borders(grid, lines, transformers, sum(row["peak_mw"] for row in loads))
    tables = {
        "buses": [_bus(grid, node) for node in grid.names],
        "lines": lines,
        "transformers": transformers,
        "loads": loads,
        "generators": borders,
        "carriers": [{"name": "AC"}, {"name": "border", "nice_name": "border"}],
    }
    notes = [
        "Lines: figures per km of PyPSA's standard types, one circuit for every drawn line.",
        f"Transformers: {len(transformers)} by rule, as NVE publishes none.",
        said,
        told,
    ]
    return tables, notes


def _bus(grid: Grid, node: Node) -> dict[str, Any]:
    kind, number, kv = node
    x, y = grid.places[node]
    name = grid.names[node]
    row = {"name": name, "v_nom": kv, "x": x, "y": y, "in_county": True}
    if kind == "station":
        return row | {
            "station": name.rpartition(" ")[0],
            "basis": "register",
            "source": f"{ORIGIN}: station {grid.stations[number]}; voltage from its lines",
        }
    return row | {"basis": "derived", "source": f"{ORIGIN}: lines meet or end here"}


def _line(grid: Grid, row: tuple[str, Node, Node, Piece], path: str) -> dict[str, Any]:
    """Figures of a line, part overhead and part cable."""
    name, first, second, piece = row
    kinds = [(overhead(piece.kv), piece.overhead_m / 1000), (cable(piece.kv), piece.cable_m / 1000)]
    kinds = [(circuit, km) for circuit, km in kinds if km > 0]
    spare = max(LEAST_KM - sum(km for _, km in kinds), 0.0)  # none is shorter than that
    kinds[0] = kinds[0][0], kinds[0][1] + spare
    total = {of: sum(getattr(circuit, of) * km for circuit, km in kinds) for of in ("r", "x", "b")}
    types = " and ".join(f"{km:.3g} km {circuit.kind}" for circuit, km in kinds)
    ids = ", ".join(piece.ids[:4]) + (
        f" and {len(piece.ids) - 4} more" if len(piece.ids) > 4 else ""
    )
    return {
        "name": name,
        "bus0": grid.names[first],
        "bus1": grid.names[second],
        "length": round(sum(km for _, km in kinds), 3),
        "r": round(total["r"], 6),
        "x": round(total["x"], 6),
        "b": float(f"{total['b']:.6g}"),
        "s_nom": round(min(circuit.rating_mva(piece.kv) for circuit, _ in kinds), 1),
        "geometry": path,
        "rating_source": f"assumption: usual circuit of {piece.kv:g} kV",
        "basis": "derived",
        "source": f"{ORIGIN}: route of {ids}; figures by rule: {types}",
    }


def _transformers(grid: Grid) -> list[dict[str, Any]]:
    """Join the voltages of every station, from one level to the next."""
    count = Counter(node for _, first, second, _ in grid.lines for node in (first, second))
    levels: dict[int, list[Node]] = {}
    for node in grid.names:
        if node[0] == "station":
            levels.setdefault(node[1], []).append(node)
    rows = []
    for nodes in levels.values():
        ordered = sorted(nodes, key=lambda node: -node[2])
        for high, low in pairwise(ordered):
            mva = next(mva for least, mva in UNIT_MVA if low[2] >= least)
            units = 2 if min(count[high], count[low]) > 1 else 1
            for unit in range(1, units + 1):
                station = grid.names[high].rpartition(" ")[0]
                rows.append({
                    "name": f"{station} {high[2]:g}/{low[2]:g} T{unit}",
                    "bus0": grid.names[high], "bus1": grid.names[low],
                    "r": TRANSFORMER_R, "x": TRANSFORMER_X, "s_nom": mva,
                    "rating_source": f"assumption: usual unit above {low[2]:g} kV",
                    "basis": "assumption",
                    "source": "rule: voltages of a station are joined; two units where both have "
                    "more than one line",
                })  # fmt: skip
    return rows


def _loads(grid: Grid, load_mw: float | None) -> tuple[list[dict[str, Any]], str]:
    """Spread the load over the stations, at the lowest voltage of each."""
    lowest: dict[int, Node] = {}
    for node in grid.names:
        if node[0] == "station" and (node[1] not in lowest or node[2] < lowest[node[1]][2]):
            lowest[node[1]] = node
    fed = [node for node in lowest.values() if LOADED_KV[0] <= node[2] <= LOADED_KV[1]]
    fed = fed or list(lowest.values()) or list(grid.names)
    total = STATION_MW * len(fed) if load_mw is None else load_mw
    each = total / len(fed)
    shape = starting_shapes()["load"]
    energy = round(each * float(shape.mean() / shape.max()) * len(shape) / 1000, 4)
    why = f"rule: {total:g} MW over {len(fed)} stations in equal shares; no figure of NVE"
    rows = [
        {"name": f"Load {grid.names[node]}", "bus": grid.names[node], "annual_gwh": energy,
         "peak_mw": round(each, 4), "basis": "assumption", "source": why}
        for node in fed
    ]  # fmt: skip
    given = "stated in the command" if load_mw is not None else f"{STATION_MW:g} MW a station"
    return rows, f"Load: {total:g} MW in the highest hour ({given}), in equal shares by rule."


def _borders(
    grid: Grid, lines: list[dict[str, Any]], transformers: list[dict[str, Any]], load_mw: float
) -> tuple[list[dict[str, Any]], str]:
    """Let the grid beyond supply this one, as far as lines and transformers there carry it."""
    nodes, told = grid.open_ends, "where lines leave the map"
    if not nodes:
        stations = [node for node in grid.names if node[0] == "station"] or list(grid.names)
        highest = max(node[2] for node in stations)
        nodes = [node for node in stations if node[2] == highest]
        told = f"at the stations of the highest voltage, {highest:g} kV"
    carried: Counter[str] = Counter()
    for row in (*lines, *transformers):
        for end in ("bus0", "bus1"):
            carried[row[end]] += row["s_nom"]
    limit = {node: max(carried[grid.names[node]], 1.0) for node in nodes}
    short = load_mw * 1.1 / sum(limit.values())
    limit = {node: round(min(mw * max(short, 1.0), 9_999.0), 1) for node, mw in limit.items()}
    shares = _shares(len(nodes))
    rows = [
        {"name": f"Border {grid.names[node]}", "bus": grid.names[node], "carrier": "border",
         "p_nom": limit[node], "import_mw": limit[node], "export_mw": limit[node],
         "schedule_share": share, "basis": "assumption",
         "source": f"rule: borders {told}, up to the rating of what ends there, in equal shares"}
        for node, share in zip(nodes, shares, strict=True)
    ]  # fmt: skip
    return rows, f"Borders: {len(rows)} {told}; they balance the grid in equal shares by rule."


def _shares(count: int) -> list[float]:
    """Equal shares of six decimals that sum to one."""
    shares = np.full(count, round(1 / count, 6))
    shares[-1] = round(1 - shares[:-1].sum(), 6)
    return shares.tolist()


def write_tables(
    folder: Path,
    tables: dict[str, list[dict[str, Any]]],
    report: pd.DataFrame,
    source: str,
    notes: list[str],
) -> Path:
    """Write a study folder of CSV tables.

    Parameters
    ----------
    folder : pathlib.Path
        To be made; it must not be there yet, or be empty.
    tables : dict
        Rows by table; the others are empty.
    report : pandas.DataFrame
        Becomes import.csv.
    source : str
        File and format.
    notes : list of str
        For the README.

    Returns
    -------
    pathlib.Path
        The folder.
    """
    target = free_place(folder)
    with drafted(target) as draft:
        (draft / "grid").mkdir(parents=True)
        (draft / HOURS).mkdir()
        for table in TABLES:
            path = draft / table.folder / f"{table.name}.csv"
            write_table(path, table, tables.get(table.name, []))
        write_series(draft / HOURS / "profile_pu.csv", starting_shapes())
        report.to_csv(draft / "import.csv", index=False, encoding="utf-8-sig",
                      lineterminator="\n")  # fmt: skip
        attribution = f"Grid: {ORIGIN}; figures, loads and borders: assumptions by rule"
        text = settings_text(target.name, profiles=HOURS, attribution=attribution)
        (draft / FILE).write_text(text, encoding="utf-8", newline="\n")
        said = "\n".join(f"* {note}" for note in (*notes, SHAPES))
        words = INTRODUCTION.format(name=target.name, source=source, notes=said)
        columns = readme(excel=False)
        columns = columns[columns.index("\nThe tables are CSV files") :]
        (draft / "README.md").write_text(words + columns, encoding="utf-8", newline="\n")
    return target
