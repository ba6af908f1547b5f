"""Settings, tables and changes of scenarios as Markdown, from the schema that checks them."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from _ext.markdown import code, table
from gridplan.base.messages import messages
from gridplan.batch.changes import Changes
from gridplan.study.describing import allowed, needed
from gridplan.study.headers import norwegian
from gridplan.study.settings import Settings
from gridplan.study.tables import TABLES

UNITS = {  # ending of a key: its unit; the first that fits counts
    "_mnok_per_kt": "MNOK per 1,000 t CO2e",
    "_mnok_per_job": "MNOK per job",
    "_mnok_per_mnok": "MNOK per MNOK",
    "_mnok_per_mw": "MNOK per MW",
    "_nok_per_mwh": "NOK/MWh",
    "_nok_per_mw": "NOK per MW and year",
    "_mnok_per_yr": "MNOK/yr",
    "_t_per_yr": "t CO2e/yr",
    "_mnok": "MNOK",
    "_mw": "MW",
    "_pu": "per unit",
    "_factor": "per unit",
    "_rate": "per unit",
    "_yr": "years",
    "_jobs": "jobs",
}
BOUNDS = {Ge: ("from", "ge"), Gt: ("above", "gt"), Le: ("up to", "le"), Lt: ("below", "lt")}
SETTINGS_HEADER = ("key", "norsk", "type", "default", "meaning")


def settings() -> str:
    """Describe every key of study.yaml; groups of keys have a table of their own."""
    parts = [table(SETTINGS_HEADER, _rows(Settings))]
    for key, model in _groups(Settings):
        title = f"## Keys of `{key}`"
        parts.append(f"{title}\n\n{table(SETTINGS_HEADER, _rows(model))}")
    return "\n\n".join(parts)


def changes() -> str:
    """Describe what a scenario may change."""
    rows = [
        (code(key), _with_unit(key, field), field.description or "")
        for key, field in Changes.model_fields.items()
    ]
    return table(("change", "type", "meaning"), rows)


def tables() -> str:
    """Describe every column of every table of a study."""
    return "\n\n".join(_table(one) for one in TABLES)


def _table(one: Any) -> str:
    family = () if one.family is None else (one.family,)
    rows = [
        (
            code(f"{column.name}{'…' if column in family else ''}"),
            ", ".join(norwegian(one, column.name)),
            f"{column.kind} ({column.unit})" if column.unit else column.kind,
            needed(column),
            allowed(column),
            column.description,
        )
        for column in (*one.columns, *family)
    ]
    path = "/".join(filter(None, (one.folder, f"{one.name}.csv")))
    sheet = f"in a workbook the sheet `{one.name}`"
    header = ("column", "norsk", "type", "needed", "allowed", "meaning")
    return f"## {one.name}\n\n`{path}`, {sheet}: one row per {one.item}.\n\n{table(header, rows)}"


def _rows(model: type[BaseModel]) -> Iterator[tuple[str, ...]]:
    names = messages("nb").texts
    for key, field in model.model_fields.items():
        yield (
            code(key),
            names.get(f"setting_{key}", ""),
            _with_unit(key, field),
            default_of(field),
            field.description or "",
        )


def _groups(model: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel]]]:
    """Keys that hold keys of their own, or a list of such."""
    for key, field in model.model_fields.items():
        for part in (field.annotation, *get_args(field.annotation)):
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield key, part


def _with_unit(key: str, field: FieldInfo) -> str:
    kind, unit = kind_of(field.annotation, field.metadata), unit_of(key)
    return f"{kind} ({unit})" if unit else kind


def unit_of(key: str) -> str:
    """Tell the unit that the name of a key ends in.

    Examples
    --------
    >>> unit_of("curtailment_nok_per_mwh"), unit_of("title")
    ('NOK/MWh', '')
    """
    return next((unit for ending, unit in UNITS.items() if key.endswith(ending)), "")


def default_of(field: FieldInfo) -> str:
    """Write the default of a key as YAML has it."""
    default = field.get_default(call_default_factory=True)
    if default is PydanticUndefined:
        return "must be given"
    if isinstance(default, BaseModel):
        return "see below"
    if default is None or default in ("", (), {}):
        return "none"
    if isinstance(default, dict):
        return code("{" + ", ".join(f"{key}: {value:g}" for key, value in default.items()) + "}")
    if isinstance(default, tuple):
        return code("[" + ", ".join(f"{value:.12g}" for value in default) + "]")
    return code(f"{default:g}" if isinstance(default, float) else str(default))


def kind_of(annotation: Any, metadata: list[Any] | tuple[Any, ...] = ()) -> str:
    """Tell a type and its bounds in words.

    Examples
    --------
    >>> from pydantic import Field
    >>> kind_of(Literal["dry", "wet"]), kind_of(float | None, [Ge(0)])
    ('dry, wet', 'number, from 0')
    >>> kind_of(tuple[str, ...]), kind_of(dict[str, Annotated[float, Field(gt=0)]])
    ('list of text', 'text: number, above 0')
    """
    said = [(BOUNDS[type(one)], one) for one in metadata if type(one) in BOUNDS]
    limits = [f"{word} {getattr(one, name):g}" for (word, name), one in said]
    return ", ".join([_plain(annotation), *limits])


def _plain(annotation: Any) -> str:
    """Tell a type without bounds of its own."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin in COMPOSED:
        return COMPOSED[origin](parts)
    return KINDS.get(annotation, "keys")


def _bounded(parts: tuple[Any, ...]) -> str:
    bounds = [each for one in parts[1:] for each in getattr(one, "metadata", [one])]
    return kind_of(parts[0], bounds)


def _any_of(parts: tuple[Any, ...]) -> str:
    return " or ".join(_plain(part) for part in parts if part is not type(None))


def _several(parts: tuple[Any, ...]) -> str:
    if parts[-1] is Ellipsis:
        return f"list of {_plain(parts[0])}"
    return f"{len(parts)} {_plain(parts[0])}s"


KINDS = {str: "text", int: "whole number", float: "number", bool: "true, false"}
COMPOSED: dict[Any, Callable[[tuple[Any, ...]], str]] = {
    Annotated: _bounded,
    Literal: lambda parts: ", ".join(map(str, parts)),
    Union: _any_of,
    types.UnionType: _any_of,
    tuple: _several,
    dict: lambda parts: f"{_plain(parts[0])}: {_plain(parts[1])}",
}
