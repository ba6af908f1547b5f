"""What varies between the scenarios of a batch: one factor per change, one value per scenario."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from gridplan.batch.changes import ASKED, MERGED, Changes, in_words
from gridplan.study.growth import ALL

UNCHANGED = "as in the study"


def factors(changes: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Tabulate what varies, scenario x factor.

    Parameters
    ----------
    changes : mapping
        Changes of every scenario by its name, as in `Changes.stated`.

    Returns
    -------
    pandas.DataFrame of object
        One column per change that is not the same everywhere, in the order of `Changes`. Of growth,
        weights and goals the single entry where only one varies, as ``growth_all``. Values are
        numbers where all of a column are, else words; where a scenario says nothing `UNCHANGED`, or
        1 for the growth of all loads.

    Examples
    --------
    >>> table = factors({"a": {"growth": {"all": 1.1}, "year": 2030}, "b": {}})
    >>> table.to_dict("list")
    {'year': ['2030', 'as in the study'], 'growth_all': [1.1, 1.0]}
    """
    rows = list(changes.values())
    columns: dict[str, list[Any]] = {}
    for key in Changes.model_fields:
        if key not in ASKED and any(key in row for row in rows):
            columns |= _varying(key, [row.get(key, _Nothing) for row in rows])
    table = pd.DataFrame(columns, index=pd.Index(list(changes), dtype="str"), dtype=object)
    return table.rename_axis("scenario")


def levels(values: Iterable[Any]) -> list[Any]:
    """Distinct values of a factor: numbers by size, words by the alphabet, `UNCHANGED` first.

    Examples
    --------
    >>> levels([2030, 2025, 2030]), levels(["wet", UNCHANGED, "dry"])
    ([2025, 2030], ['as in the study', 'dry', 'wet'])
    """
    return sorted(set(values), key=lambda value: (value != UNCHANGED, *_order(value)))


class _Nothing:
    """Stands where a scenario says nothing of a change; None is a value (no budget)."""


def _varying(key: str, values: Sequence[Any]) -> dict[str, list[Any]]:
    """Column of a change, if it varies."""
    if key in MERGED:
        told = [value if isinstance(value, dict) else {} for value in values]
        entries = dict.fromkeys(entry for value in told for entry in value)
        columns = {entry: [value.get(entry, _Nothing) for value in told] for entry in entries}
        varying = [entry for entry, column in columns.items() if len(set(column)) > 1]
        if len(varying) == 1:
            entry = varying[0]
            nothing = 1.0 if (key, entry) == ("growth", ALL) else _Nothing
            column = [nothing if value is _Nothing else value for value in columns[entry]]
            return {f"{key}_{entry}": _alike(column)}
    told = _alike(values)
    return {key: told} if len(set(told)) > 1 else {}


def _alike(values: Sequence[Any]) -> list[Any]:
    """Numbers as they are where all are numbers, else everything in words."""
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return list(values)
    return [UNCHANGED if value is _Nothing else in_words(value) for value in values]


def _order(value: Any) -> tuple[float, str]:
    """Sort words that are numbers by their size, before all others."""
    try:
        return float(value), ""
    except ValueError:
        return float("inf"), str(value)
