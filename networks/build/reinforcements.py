"""reinforcements.csv: what is planned, licensed, on hold or only an idea, change by change.

tables/reinforcements.csv names the reinforcements with year and status, and
tables/reinforcement_changes.csv what they change in short: a bus, a line of so many km, a further
unit or circuit like the first, a rebuilt line, a line that is cut and led into a station. Here it
becomes rows that the model can build: names, ohms, MVA and cost. Costs that nobody has published
are assumptions from the unit costs below.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
from shapely import LineString, Point, wkt
from shapely.ops import substring

from gridplan.study.tables import REINFORCEMENTS
from networks.build.branch_tables import C_NF_KM, OMEGA
from networks.build.common import own_table
from networks.build.ladder import CONDUCTORS, TRANSFORMER_R, TRANSFORMER_X
from networks.build.reinforcement_costs import Cost, circuit_cost, line_cost, unit_cost

MAIN = "420"  # kind of a line like those of 420 kV in the study

Row = dict[str, Any]


def reinforcements(
    sources: Path, buses: pd.DataFrame, lines: pd.DataFrame, transformers: pd.DataFrame
) -> pd.DataFrame:
    """Return reinforcements.csv.

    Parameters
    ----------
    sources : pathlib.Path
        Folder of the source data.
    buses, lines, transformers : pandas.DataFrame
        Tables of the grid, indexed by name.

    Returns
    -------
    pandas.DataFrame
        Indexed by the name of the reinforcement, one row per change; columns of
        `gridplan.study.tables.REINFORCEMENTS`.
    """
    plans = own_table("reinforcements.csv").set_index("name")
    changes = own_table("reinforcement_changes.csv")
    known = pd.read_csv(sources / "domain/reinforcements.csv", index_col="id")
    made = Changes(buses, lines, transformers)
    rows: list[Row] = []
    for name, plan in plans.iterrows():
        own: list[Row] = []
        costs: list[Cost] = []
        for _, change in changes[changes["name"] == name].iterrows():
            new, cost = made.rows(change)
            own += [row | {"source": _source(change, plan, known)} for row in new]
            costs += cost
        total = _total(plan, costs)
        rows += [
            {"name": name, "year": plan["year"], "status": plan["status"]} | row | extra
            for row, extra in zip(own, [total] + [{}] * (len(own) - 1), strict=True)
        ]
    table = pd.DataFrame(rows, columns=REINFORCEMENTS.names).set_index("name")
    return table.astype({"year": int})


def _source(change: pd.Series, plan: pd.Series, known: pd.DataFrame) -> str:
    """Tell what a change is taken from, and why that year."""
    row = plan["row"]
    where = f"reinforcements.csv {row}, {known.loc[row, 'source_url']}; " if row else ""
    return f"{where}{change['source']}; year: {plan['reason']}"


def _total(plan: pd.Series, costs: list[Cost]) -> Row:
    """Cost of a reinforcement: as published, or the sum of its parts rounded to 5 MNOK."""
    if plan["cost_mnok"] != "":
        return {"cost_mnok": float(plan["cost_mnok"]), "cost_source": plan["cost_source"]}
    total = 5.0 * round(sum(cost.mnok for cost in costs) / 5)
    parts = " + ".join(cost.words for cost in costs)
    return {"cost_mnok": total, "cost_source": f"assumption from unit costs (SOURCES.md): {parts}"}


class Changes:
    """Turns changes in short into rows, with names that are free.

    Parameters
    ----------
    buses, lines, transformers : pandas.DataFrame
        Tables of the grid, indexed by name.
    """

    def __init__(
        self, buses: pd.DataFrame, lines: pd.DataFrame, transformers: pd.DataFrame
    ) -> None:
        self.lines, self.transformers = lines, transformers
        self.buses = buses[["x", "y", "v_nom", "station", "municipality"]].copy()
        self.taken = {*lines.index, *transformers.index}

    def rows(self, change: pd.Series) -> tuple[list[Row], list[Cost]]:
        """Return the rows of one change, and what they cost."""
        do: dict[str, Callable[[pd.Series], tuple[list[Row], list[Cost]]]] = {
            "add bus": self._bus,
            "line": self._line,
            "circuit": self._circuit,
            "unit": self._unit,
            "new unit": self._new_unit,
            "rebuild": self._rebuild,
            "rate": self._rate,
            "remove": lambda c: ([_row(c, "remove", branch=c["branch"])], []),
            "split": self._split,
        }
        rows, costs = do[change["action"]](change)
        for row in rows:
            if row["action"] in ("remove", "rate") and row["branch"] not in self.taken:
                msg = f"{change['name']!r} changes {row['branch']!r}, which no table has"
                raise KeyError(msg)
        if change["station_mnok"] != "":
            mnok, with_units = float(change["station_mnok"]), change["action"] == "new unit"
            words = f"new station {'with its transformers ' * with_units}{mnok:.0f}"
            costs = [Cost(mnok, words), *(() if with_units else costs)]
        return rows, costs

    def _bus(self, change: pd.Series) -> tuple[list[Row], list[Cost]]:
        name = change["bus0"]
        station, kv = name.rsplit(" ", 1)
        lon, lat = float(change["lon"]), float(change["lat"])
        away = (self.buses["x"] - lon) ** 2 + 4 * (self.buses["y"] - lat) ** 2
        town = self.buses.loc[away.idxmin(), "municipality"]  # that of the nearest station
        self.buses.loc[name] = [lon, lat, float(kv), station, town]
        place = {"v_nom": float(kv), "lon": lon, "lat": lat, "municipality": town}
        return [_row(change, "add bus", bus0=name, **place)], []

    def _line(self, change: pd.Series) -> tuple[list[Row], list[Cost]]:
        ends = {"bus0": change["bus0"], "bus1": change["bus1"]}
        kv, count = int(self.buses.loc[change["bus0"], "v_nom"]), int(change["units"])
        cable = _number(change["cable_km"])
        # of the 420 kV line `km` is the whole, cable included; else the overhead part
        whole = _number(change["km"]) + (0.0 if change["kind"] == MAIN else cable)
        electrical = self._electrical(change["kind"], kv, whole)
        rows = [
            _row(change, "add line", branch=self._line_name(**ends), **ends, **electrical)
            for _ in range(count)
        ]
        return rows, line_cost(kv, whole - cable, cable, count)

    def _electrical(self, kind: str, kv: int, km: float) -> Row:
        """Length (km), r and x (ohm), b (S) and rating (MVA) of a line."""
        if kind == MAIN:
            like = self.lines[self.lines["rating_source"].str.startswith("Al/St 240/40 4-bundle")]
            first = like.iloc[0]
            r, x, mva = first["r"] / first["length"], first["x"] / first["length"], first["s_nom"]
        else:
            mva, x, r = next(values for name, *values in CONDUCTORS[kv] if name == kind)
        charging = OMEGA * C_NF_KM[kv] * 1e-9 * km
        return {
            "length": round(km, 2),
            "r": round(r * km, 5),
            "x": round(x * km, 5),
            "b": float(f"{charging:.4g}"),
            "s_nom": mva,
        }

    def _circuit(self, change: pd.Series) -> tuple[list[Row], list[Cost]]:
        like = self.lines.loc[change["branch"]]
        values = like[["bus0", "bus1", "length", "r", "x", "b", "s_nom", "geometry"]].to_dict()
        name = self._line_name(like["bus0"], like["bus1"])
        cable = _number(change["cable_km"])
        cost = circuit_cost(float(like["length"]) - cable, cable)
        return [_row(change, "add line", branch=name, **values)], cost

    def _unit(self, change: pd.Series) -> tuple[list[Row], list[Cost]]:
        like = self.transformers.loc[change["branch"]]
        values = like[["bus0", "bus1", "r", "x", "s_nom"]].to_dict()
        values["s_nom"] = _number(change["mva"]) or values["s_nom"]
        name = self._unit_name(like["bus0"], like["bus1"])
        row = _row(change, "add transformer", branch=name, **values)
        return [row], [unit_cost(values["s_nom"], 1)]

    def _new_unit(self, change: pd.Series) -> tuple[list[Row], list[Cost]]:
        ends = {"bus0": change["bus0"], "bus1": change["bus1"]}
        mva, count = float(change["mva"]), int(change["units"])
        values = ends | {"r": TRANSFORMER_R, "x": TRANSFORMER_X, "s_nom": mva}
        rows = [
            _row(change, "add transformer", branch=self._unit_name(**ends), **values)
            for _ in range(count)
        ]
        return rows, [unit_cost(mva, count)]

    def _rebuild(self, change: pd.Series) -> tuple[list[Row], list[Cost]]:
        """Rate a line anew after it has got a heavier conductor, often one of 132 kV."""
        km = float(self.lines.loc[change["branch"], "length"])
        x, r = next(v[1:] for kv in CONDUCTORS.values() for k, *v in kv if k == change["kind"])
        values = {"s_nom": float(change["mva"]), "r": round(r * km, 5), "x": round(x * km, 5)}
        row = _row(change, "rate", branch=change["branch"], **values)
        return [row], line_cost(66, _number(change["km"]) or km, 0.0, 1)

    def _rate(self, change: pd.Series) -> tuple[list[Row], list[Cost]]:
        row = _row(change, "rate", branch=change["branch"], s_nom=float(change["mva"]))
        return [row], line_cost(66, _number(change["km"]), _number(change["cable_km"]), 1)

    def _split(self, change: pd.Series) -> tuple[list[Row], list[Cost]]:
        """Cut a line where it passes a station, its length in proportion, and lead it in."""
        line, middle = self.lines.loc[change["branch"]], change["bus0"]
        path = wkt.loads(line["geometry"])
        place = Point(self.buses.loc[middle, ["x", "y"]].astype(float))
        share = path.project(place, normalized=True)
        rows = [_row(change, "remove", branch=change["branch"])]
        for ends, low, high in (
            ((line["bus0"], middle), 0.0, share),
            ((middle, line["bus1"]), share, 1.0),
        ):
            points = list(substring(path, low, high, normalized=True).coords)
            points.insert(0 if low else len(points), place.coords[0])
            text = wkt.dumps(LineString(points), trim=True, rounding_precision=4)
            part = {key: round(line[key] * (high - low), 5) for key in ("r", "x")}
            part |= {"length": round(line["length"] * (high - low), 2), "s_nom": line["s_nom"]}
            part["b"] = float(f"{line['b'] * (high - low):.4g}")
            names = {"branch": self._line_name(*ends), "bus0": ends[0], "bus1": ends[1]}
            rows.append(_row(change, "add line", **names, **part, geometry=text))
        return rows, []

    def _line_name(self, bus0: str, bus1: str) -> str:
        one, two = (bus.rsplit(" ", 1)[0] for bus in (bus0, bus1))
        return self._free(lambda n: f"{one} - {two} {bus0.rsplit(' ', 1)[1]}" + f" {n}" * (n > 1))

    def _unit_name(self, bus0: str, bus1: str) -> str:
        (station, high), (_, low) = (bus.rsplit(" ", 1) for bus in (bus0, bus1))
        return self._free(lambda n: f"{station} T{n} {high}/{low}")

    def _free(self, name: Callable[[int], str]) -> str:
        """Return the first name that no branch has, and take it."""
        number = next(n for n in range(1, 100) if name(n) not in self.taken)
        self.taken.add(name(number))
        return name(number)


def _row(change: pd.Series, action: str, **values: Any) -> Row:
    return {"action": action, "basis": change["basis"]} | values


def _number(cell: Any) -> float:
    return 0.0 if cell == "" else float(cell)
