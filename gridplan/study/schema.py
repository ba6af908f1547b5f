"""How a table is described: columns with type, unit, bounds and meaning, as data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

Kind = Literal["text", "number", "integer", "boolean", "date"]

MUST = object()  # default of a column that even a table in memory must have


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    name : str
        As in the header of the file.
    kind : {"text", "number", "integer", "boolean", "date"}
        Type of its cells.
    description : str
        Meaning, for people.
    unit : str
        Unit of numbers; cells never carry one.
    default : object
        Value where an optional column, or a column of a table in memory, is missing.
    required : bool
        Whether a file must have the column.
    blank : bool
        Whether cells may be empty although the column is required.
    above, minimum, maximum : float, optional
        Bounds; `above` is exclusive.
    hint : str
        What a number beyond `maximum` probably is.
    choices : tuple of str
        Allowed texts; empty for any.
    """

    name: str
    kind: Kind
    description: str
    unit: str = ""
    default: Any = MUST
    required: bool = True
    blank: bool = False
    above: float | None = None
    minimum: float | None = None
    maximum: float | None = None
    hint: str = ""
    choices: tuple[str, ...] = ()

    @property
    def fillable(self) -> bool:
        """Whether an empty cell is allowed."""
        return self.blank or not self.required


@dataclass(frozen=True)
class Table:
    """One table of a study.

    Parameters
    ----------
    name : str
        Name of the file without ".csv".
    item : str
        What one row is, for messages.
    columns : tuple of Column
        The first is the name.
    folder : {"", "grid"}
        Where the file lies: in the study folder or in the folder of the network.
    filled : bool
        Whether the table must have rows.
    unique : bool
        Whether every row has a name of its own; else rows of one name belong together.
    family : Column, optional
        What any number of further columns hold whose names are its name and a word of the study's.
    """

    name: str
    item: str
    columns: tuple[Column, ...]
    folder: Literal["", "grid"] = ""
    filled: bool = False
    unique: bool = True
    family: Column | None = None

    def of(self, header: Iterable[str]) -> Table:
        """Return the table with the columns of its family that a header names.

        Examples
        --------
        >>> loads = Table("loads", "load", (text("name", "name"),), family=energy("gwh_", "energy"))
        >>> loads.of(["name", "gwh_homes", "gwh", "gwh_"]).names
        ['name', 'gwh_homes']
        """
        if self.family is None:
            return self
        stem = self.family.name
        named = [name for name in header if name.startswith(stem) and name != stem]
        members = tuple(replace(self.family, name=name) for name in named)
        return replace(self, columns=(*self.columns, *members))

    def column(self, name: str) -> Column:
        """Return the column of that name."""
        return next(column for column in self.columns if column.name == name)

    @property
    def names(self) -> list[str]:
        """Names of the columns."""
        return [column.name for column in self.columns]


def text(name: str, description: str, **other: Any) -> Column:
    """Column of texts."""
    return Column(name, "text", description, **other)


def optional_text(name: str, description: str) -> Column:
    """Column of texts that a file need not have."""
    return text(name, description, default="", required=False)


def number(name: str, unit: str, description: str, **other: Any) -> Column:
    """Column of numbers."""
    return Column(name, "number", description, unit, **other)


def power(name: str, unit: str, description: str, **other: Any) -> Column:
    """Column of MW or MVA; more than 10,000 of them at one place are kilowatts."""
    thousand = "kVA" if unit == "MVA" else "kW"
    hint = f"Is this {thousand}? Then divide by 1,000."
    return number(name, unit, description, maximum=10_000, hint=hint, **other)


def energy(name: str, description: str) -> Column:
    """Column of yearly energy in GWh; more than 50,000 of them at one place are MWh."""
    hint = "Is this MWh? Then divide by 1,000."
    return number(
        name, "GWh", description, default=0.0, required=False, minimum=0, maximum=50_000, hint=hint
    )


def money(name: str, unit: str, description: str, **other: Any) -> Column:
    """Column of MNOK; more than a million of them are NOK."""
    hint = "Is this NOK? Then divide by 1,000,000."
    return number(name, unit, description, **{"maximum": 1e6, "hint": hint} | other)


# columns that several tables share
BASIS = ("osm", "register", "documented", "derived", "assumption", "synthetic")
PROVENANCE = (
    text("basis", "kind of knowledge behind the row", default="assumption", choices=BASIS),
    text("source", "where the row comes from", default="in memory"),
)
_DEGREES = "Use decimal degrees (WGS84), not metres of a map projection."
LONGITUDE = {"minimum": -180, "maximum": 180, "hint": _DEGREES}
LATITUDE = {"minimum": -90, "maximum": 90, "hint": _DEGREES}
