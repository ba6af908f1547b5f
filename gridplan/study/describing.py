"""The schema in words: headings of templates, a README of all columns, a commented study.yaml."""

from __future__ import annotations

from typing import Any

import numpy as np
import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from gridplan.study.headers import norwegian
from gridplan.study.schema import MUST, Column, Table
from gridplan.study.settings import Settings
from gridplan.study.shapes import SOURCE
from gridplan.study.tables import TABLES

INTRODUCTION = """\
# A study for gridplan

Five buses, made up, so that you see how a study works. **Every row says "example: replace me".**

1. `gridplan check FOLDER` lists every problem with file, row, column, value and what to do; this
   example has none.
2. `gridplan study FOLDER --out results/` plans it; `gridplan hosting FOLDER` tells how much each
   bus can take.
3. Replace the example row by row with your own region and check again. Names tie the tables
   together: when you rename a bus, rename it wherever it is used.
"""
FILES = """
The tables are CSV files, UTF-8: columns separated by commas and decimals with a point, or
semicolons and decimal commas, as a Norwegian Excel saves them. In Excel: Data → From Text/CSV, and
save as "CSV UTF-8". A row that begins with `# ` is a note for people and is not read (PyPSA's own
reader does not know that; remove the notes from `grid/` for it). Settings are in `study.yaml`,
hourly series in `hourly/`. Headers may be Norwegian (listed below). If you would rather work in
Excel, `gridplan new FOLDER --excel` makes one workbook instead.
"""
WORKBOOK = """
Everything stands in `study.xlsx`: a sheet of settings, a sheet for each table, and hourly series.
The second row of a table, and every row that begins with `# `, is a note for people and is not
read; so is a sheet whose name begins with `#`. Headers may be Norwegian (listed below), and
decimals may have a comma. Keep the name `study.xlsx`. A formula counts with the value that Excel
has saved.
"""
SERIES = """
## Hourly series

`profile_pu` holds one row an hour (`snapshot`: start of the hour, UTC) and one column for every
shape, from 0 to 1. Projects and measures name their shape in the column `profile`. Loads, hydro and
wind plants without a series of their own follow the shapes `load`, `hydro` and `wind`, scaled to
`annual_gwh` and `peak_mw`; gridplan says whom that concerns. Where you have hourly values, add the
tables `load_mw` (MW), `hydro_mw` (MW) or `wind_pu` (per unit of p_nom), with the same hours and a
column for each name. """


def headings(table: Table) -> list[str]:
    """Say unit and meaning of every column, as a row of notes that begins with "# "."""
    cells = [_heading(column) for column in table.columns]
    return [f"# {cells[0]}", *cells[1:]]


def _heading(column: Column) -> str:
    unit = f"{column.unit}: " if column.unit else ""
    allowed = f" ({' | '.join(column.choices)})" if column.choices else ""
    return f"{unit}{column.description}{allowed}"


def readme(*, excel: bool) -> str:
    """Describe a new study folder and every column of its tables, in Markdown."""
    parts = [INTRODUCTION, WORKBOOK if excel else FILES, SERIES, SOURCE, "\n\n## Tables\n"]
    parts += [_table_text(table, excel) for table in TABLES]
    return "".join(parts)


def _table_text(table: Table, excel: bool) -> str:
    place = f"Sheet `{table.name}`" if excel else f"`{'/'.join(filter(None, _path(table)))}`"
    lines = [
        f"\n### {place}: one row per {table.item}\n",
        "| column | norsk | unit or kind | needed | meaning | allowed |",
        "|---|---|---|---|---|---|",
    ]
    family = () if table.family is None else (table.family,)
    for column in (*table.columns, *family):
        cells = (
            f"`{column.name}{'…' if column in family else ''}`",
            ", ".join(norwegian(table, column.name)),
            column.unit or column.kind,
            needed(column),
            column.description,
            allowed(column),
        )
        lines.append(f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |")
    return "\n".join(lines) + "\n"


def _path(table: Table) -> tuple[str, str]:
    return table.folder, f"{table.name}.csv"


def needed(column: Column) -> str:
    """Whether a file must have the column, and its cells a value."""
    if not column.fillable:
        return "yes"
    default = column.default
    empty = default is MUST or default == "" or (isinstance(default, float) and np.isnan(default))
    return "may be empty" if empty else f"empty: {default:g}" if _is_number(default) else (
        f"empty: {default}"
    )  # fmt: skip


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def allowed(column: Column) -> str:
    """Tell the closed list or the bounds of a column."""
    if column.choices:
        return ", ".join(column.choices)
    if column.kind == "boolean":
        return "True, False"
    if column.kind == "date":
        return "year-month-day"
    low = f"above {column.above:g}" if column.above is not None else ""
    low = low or (f"from {column.minimum:g}" if column.minimum is not None else "")
    high = f"up to {column.maximum:g}" if column.maximum is not None else ""
    return " ".join(part for part in (low, high) if part)


def settings_text(name: str, **given: Any) -> str:
    """Write study.yaml: every key with its default and a comment; the optional ones commented out.

    Parameters
    ----------
    name : str
        Name of the study.
    **given
        Values of other keys.

    Returns
    -------
    str
        YAML that `read_settings` accepts.
    """
    values = {"name": name, "title": name, **given}
    lines = [
        "# Settings of the study. A line that begins with # is not read; its value holds anyway."
    ]
    for key, field in Settings.model_fields.items():
        if key in ("sectors", "wind_year", "load_year"):
            continue  # of netCDF files only
        lines += _entry(key, field, values)
    return "\n".join(lines) + "\n"


def _entry(key: str, field: FieldInfo, values: dict[str, Any]) -> list[str]:
    default = field.get_default(call_default_factory=True)
    comment = f"  # {field.description}"
    if isinstance(default, BaseModel):
        inner = type(default).model_fields.items()
        return [f"# {key}:{comment}", *(f"#   {_line(k, f)}" for k, f in inner)]
    if key in values:
        return [f"{key}: {_yaml(values[key])}{comment}"]
    return [f"# {_line(key, field)}"]


def _line(key: str, field: FieldInfo) -> str:
    default = field.get_default(call_default_factory=True)
    text = "" if default is PydanticUndefined else _yaml(default)
    return f"{key}: {text}  # {field.description}"


def _yaml(value: Any) -> str:
    plain = list(value) if isinstance(value, tuple) else value
    text = yaml.safe_dump(plain, default_flow_style=True, allow_unicode=True, width=10_000)
    return text.removesuffix("\n").removesuffix("\n...")
