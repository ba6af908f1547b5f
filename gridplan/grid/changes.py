"""Changes to a network, made one after the other; each is refused when it cannot be made."""

from __future__ import annotations

import pandas as pd
import pypsa

from gridplan.base.errors import Problem
from gridplan.study.sheet import suggestion

LISTS = {"Line": "lines", "Transformer": "transformers"}
TEXTS = ("basis", "source", "geometry", "rating_source", "station", "municipality")


class Works:
    """A network on which reinforcements are built; what cannot be built is gathered.

    Parameters
    ----------
    network : pypsa.Network
        Changed in place.
    reinforcements : pandas.DataFrame
        Table `reinforcements`, indexed by the name of the reinforcement.
    """

    def __init__(self, network: pypsa.Network, reinforcements: pd.DataFrame) -> None:
        self.network = network
        self.table = reinforcements
        self.problems: list[Problem] = []
        self._added: dict[str, str] = {}  # branch or bus: reinforcement
        self._removed: dict[str, str] = {}
        self._name = self._last = ""  # at work; the last that took a branch out of service
        self._alone = self._without_branch()
        self._do = {
            "add bus": self._add_bus,
            "add line": self._add_line,
            "add transformer": self._add_transformer,
            "remove": self._remove,
            "remove bus": self._remove_bus,
            "rate": self._rate,
        }

    def build(self, name: str) -> None:
        """Make all changes of one reinforcement, in the order of its rows."""
        self._name = name
        for _, row in self.table.loc[[name]].iterrows():
            self._do[row["action"]](row)

    def finish(self) -> None:
        """Refuse buses that the changes leave without any branch."""
        for name in self._without_branch().difference(self._alone):
            self._name = self._added.get(name, self._last)
            remedy = "Add a branch to it, or a row 'remove bus'."
            self._refuse("bus0", name, "no branch is left at the bus", remedy)

    def _refuse(self, column: str, found: str, message: str, remedy: str) -> None:
        place = f"reinforcement {self._name}"
        self.problems.append(Problem("", place, column, found, message, remedy))

    def _component(self, branch: str) -> str:
        """Component that holds a branch, "" for none."""
        tables = {name: getattr(self.network.c, table).static for name, table in LISTS.items()}
        return next((name for name, table in tables.items() if branch in table.index), "")

    def _is_new(self, column: str, name: str, taken: bool) -> bool:
        if taken:
            other = self._added.get(name)
            message = f"{other!r} adds it too" if other else "the network has it already"
            remedy = self._either(other) if other else "Give it a name of its own."
            self._refuse(column, name, message, remedy)
        return not taken

    def _is_there(self, column: str, name: str, there: bool) -> bool:
        if there:
            return True
        adders = self.table[self.table["action"].str.startswith("add")]
        adders = adders[(adders["branch"] == name) | (adders["bus0"].eq(name) & _buses(adders))]
        if name in self._removed:
            other = self._removed[name]
            self._refuse(column, name, f"{other!r} takes it out of service", self._either(other))
        elif len(adders):
            other = str(adders.index[0])
            remedy = f"Include {other!r} (its year must not be later), or exclude {self._name!r}."
            self._refuse(column, name, f"only {other!r} adds it", remedy)
        else:
            known = [*self.network.c.buses.static.index, *self._branches()]
            self._refuse(column, name, "it is not there", suggestion(name, known, "Correct it."))
        return False

    def _either(self, other: str | None) -> str:
        if other == self._name:
            return "Correct the rows of the reinforcement."
        return f"Exclude {self._name!r} or {other!r}, or change their years."

    def _without_branch(self) -> pd.Index:
        network = self.network.c
        ends = [getattr(network, table).static[["bus0", "bus1"]] for table in LISTS.values()]
        return network.buses.static.index.difference(pd.concat(ends).to_numpy().ravel())

    def _branches(self) -> list[str]:
        static = [getattr(self.network.c, table).static for table in LISTS.values()]
        return [name for table in static for name in table.index]

    def _ends_are_there(self, row: pd.Series) -> bool:
        buses = self.network.c.buses.static.index
        first, second = (
            self._is_there(end, row[end], row[end] in buses) for end in ("bus0", "bus1")
        )
        return first and second  # both are looked at, so that both are reported

    def _add_bus(self, row: pd.Series) -> None:
        name = row["bus0"]
        if not self._is_new("bus0", name, name in self.network.c.buses.static.index):
            return
        place = {"station": name.rsplit(" ", 1)[0], "municipality": row["municipality"]}
        texts = self._texts("buses", row, place)
        if "in_county" in self.network.c.buses.static:
            texts["in_county"] = bool(row["municipality"])
        self._add("Bus", name, v_nom=row["v_nom"], x=row["lon"], y=row["lat"], **texts)

    def _add_line(self, row: pd.Series) -> None:
        if self._is_new("branch", row["branch"], bool(self._component(row["branch"]))):
            voltage = self.network.c.buses.static["v_nom"]
            if not self._ends_are_there(row):
                return
            values = {key: row[key] for key in ("length", "b") if row[key] > 0}
            texts = self._texts("lines", row, {"rating_source": row["source"]})
            if voltage[row["bus0"]] == voltage[row["bus1"]]:
                self._add("Line", row["branch"], **self._electrical(row), **values, **texts)
            else:
                found = f"{voltage[row['bus0']]:g} kV to {voltage[row['bus1']]:g} kV"
                remedy = "Use a transformer between them, or correct the bus."
                self._refuse("bus1", found, "a line joins two voltages", remedy)

    def _add_transformer(self, row: pd.Series) -> None:
        if self._is_new(
            "branch", row["branch"], bool(self._component(row["branch"]))
        ) and self._ends_are_there(row):
            texts = self._texts("transformers", row, {"rating_source": row["source"]})
            values = self._electrical(row)
            self._add("Transformer", row["branch"], model="t", **values, **texts)

    def _add(self, component: str, name: str, **values: object) -> None:
        if component != "Transformer":
            if "AC" not in self.network.c.carriers.static.index:
                self.network.add("Carrier", "AC")
            values["carrier"] = "AC"
        self.network.add(component, name, **values)
        self._added[name] = self._name
        self._removed.pop(name, None)

    def _electrical(self, row: pd.Series) -> dict[str, object]:
        return {key: row[key] for key in ("bus0", "bus1", "r", "x", "s_nom")}

    def _texts(self, table: str, row: pd.Series, own: dict[str, str]) -> dict[str, object]:
        """Texts of the row for those columns that the network's table has."""
        known = getattr(self.network.c, table).static.columns
        texts = {column: own.get(column, row.get(column, "")) for column in TEXTS}
        return {column: text for column, text in texts.items() if column in known}

    def _remove(self, row: pd.Series) -> None:
        name = row["branch"]
        component = self._component(name)
        if self._is_there("branch", name, bool(component)):
            self.network.remove(component, name)
            self._removed[name] = self._last = self._name

    def _remove_bus(self, row: pd.Series) -> None:
        name, network = row["bus0"], self.network.c
        if not self._is_there("bus0", name, name in network.buses.static.index):
            return
        tables = [getattr(network, table).static for table in LISTS.values()]
        hanging = [b for t in tables for b in t.index[t["bus0"].eq(name) | t["bus1"].eq(name)]]
        for table in (network.loads.static, network.generators.static):
            hanging += list(table.index[table["bus"] == name])
        if hanging:
            message = f"{', '.join(hanging[:3])} still hangs on it"
            remedy = "Remove its branches first; loads and generators need a bus."
            self._refuse("bus0", name, message, remedy)
            return
        shunts = network.shunt_impedances.static
        self.network.remove("ShuntImpedance", shunts.index[shunts["bus"] == name])  # goes with it
        self.network.remove("Bus", name)
        self._removed[name] = self._name

    def _rate(self, row: pd.Series) -> None:
        name = row["branch"]
        component = self._component(name)
        if self._is_there("branch", name, bool(component)):
            static = getattr(self.network.c, LISTS[component]).static
            for column in ("s_nom", "r", "x", "b"):
                if pd.notna(row[column]):
                    static.loc[name, column] = row[column]
            if "rating_source" in static:
                static.loc[name, "rating_source"] = row["source"]


def _buses(table: pd.DataFrame) -> pd.Series:
    return table["action"] == "add bus"
