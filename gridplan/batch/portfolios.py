"""The portfolios that the plans of a batch have chosen, each told once."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from gridplan.base.provenance import digest
from gridplan.batch.records import Record, chosen_rows, read_table


@dataclass(frozen=True)
class Portfolio:
    """What a plan decides; curtailment is operation, and no part of it.

    Parameters
    ----------
    projects : tuple of str
        Rows chosen, in the order of the table; a variant counts as itself.
    measures : tuple of (str, int)
        Names and units.
    symbioses, reinforcements : tuple of str
        Chosen ones; what the stage of a scenario builds anyway is not among them.
    """

    projects: tuple[str, ...]
    measures: tuple[tuple[str, int], ...]
    symbioses: tuple[str, ...]
    reinforcements: tuple[str, ...]

    @property
    def digest(self) -> str:
        """16 hexadecimal digits of its hash; the order in the tables does not count."""
        told = {key: sorted(value) for key, value in asdict(self).items()}
        return digest(json.dumps(told, sort_keys=True, ensure_ascii=False))[:16]


@dataclass(frozen=True)
class Chosen:
    """A portfolio, and the scenarios whose plan it is.

    Parameters
    ----------
    portfolio : Portfolio
        What is decided.
    mw : float
        Of its projects (MW).
    scenarios : tuple of str
        Names.
    """

    portfolio: Portfolio
    mw: float
    scenarios: tuple[str, ...]


def portfolios_of(folder: Path, records: Iterable[Record]) -> list[Chosen]:
    """Distinct portfolios of the runs that have a plan, the most frequent first.

    Parameters
    ----------
    folder : pathlib.Path
        Of the batch.
    records : iterable of Record
        Of the runs; of equally frequent portfolios the one that is met first comes first.
    """
    found: dict[str, tuple[Portfolio, float, list[str]]] = {}
    for record in records:
        if record.outcome == "done":
            portfolio, mw = _read(folder / record.digest)
            found.setdefault(portfolio.digest, (portfolio, mw, []))[2].append(record.scenario)
    order = sorted(found.values(), key=lambda one: -len(one[2]))
    return [Chosen(portfolio, mw, tuple(names)) for portfolio, mw, names in order]


def _read(folder: Path) -> tuple[Portfolio, float]:
    """Read what a plan has chosen from its tables, and its MW."""
    tables = {
        name: read_table(folder / f"{name}.csv")
        for name in ("projects", "measures", "symbioses", "reinforcements")
    }
    chosen = {name: chosen_rows(table) for name, table in tables.items() if name != "measures"}
    measures = tables["measures"]
    taken = measures[measures["units"].astype(int) > 0]
    named = {name: tuple(map(str, table.index)) for name, table in chosen.items()}
    units = zip(map(str, taken.index), map(int, taken["units"]), strict=True)
    return Portfolio(measures=tuple(units), **named), float(chosen["projects"]["mw"].sum())
