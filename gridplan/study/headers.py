"""Headers as planners write them: Norwegian names of columns, from one catalogue."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

import yaml

from gridplan.study.schema import Table

UNIT = re.compile(r"(?P<name>.+?)\s*[\[(](?P<unit>[^\])]+)[\])]")


@cache
def _catalogue() -> dict[str, dict]:
    source = files("gridplan.study") / "headers_nb.yaml"
    return yaml.safe_load(source.read_text(encoding="utf-8"))


def norwegian(table: Table, column: str) -> tuple[str, ...]:
    """Norwegian names of a column; the first is the usual one.

    Examples
    --------
    >>> from gridplan.study.tables import BUSES, LINES
    >>> norwegian(BUSES, "x"), norwegian(LINES, "x")
    (('lengdegrad', 'øst'), ('reaktans',))
    """
    own = _catalogue()["tables"].get(table.name, {})
    return tuple(own.get(column, _catalogue()["columns"].get(column, ())))


def sheet_name(written: str) -> str:
    """Table that a sheet means, or the name as it was written.

    Examples
    --------
    >>> sheet_name("Prosjekter"), sheet_name("Notes")
    ('projects', 'Notes')
    """
    plain = _plain(written)
    for table, names in _catalogue()["sheets"].items():
        if plain in (_plain(table), *names):
            return table
    return written


def column_name(table: Table, written: str, *, loose: bool = False) -> str:
    """Column that a header means, or the header as it was written.

    Parameters
    ----------
    table : Table
        Where it stands.
    written : str
        The header.
    loose : bool
        Whether capitals and the column's own unit in brackets do not matter for English names
        either, as in a workbook.

    Examples
    --------
    >>> from gridplan.study.tables import PROJECTS
    >>> [column_name(PROJECTS, text) for text in ("Effekt (MW)", "Effekt (kW)", "mw")]
    ['mw', 'Effekt (kW)', 'mw']
    """
    if written in table.names:
        return written
    names = _names_of(table)
    if loose:
        names = {_plain(name): name for name in table.names} | names
    plain = _plain(written)
    if plain in names:
        return names[plain]
    match = UNIT.fullmatch(plain)
    column = names.get(match["name"], "") if match else ""
    if match and column:
        unit = table.column(column).unit.casefold()
        if match["unit"] in (unit, *unit.split("; ")):
            return column
    return written


@cache
def _names_of(table: Table) -> dict[str, str]:
    """Column by its Norwegian names."""
    return {other: name for name in table.names for other in norwegian(table, name)}


def _plain(written: str) -> str:
    return " ".join(written.replace("_", " ").casefold().split())
