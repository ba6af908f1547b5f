"""Names of columns for people, with units, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterable

from gridplan.base.messages import Messages

SAID = re.compile(r"'(?P<text>.*)'")
LEVEL = re.compile(r"capacity_n(?P<lost>[01])_(?P<percent>[0-9p]+)_mw")


def header(column: str, texts: Messages) -> str:
    """Name a column for people, with its unit.

    Parameters
    ----------
    column : str
        As in `gridplan.exports.layers` and in the tables of results; one in single quotes is for
        people already, such as the name of a scenario.
    texts : Messages
        The language.

    Examples
    --------
    >>> from gridplan.base.messages import messages
    >>> header("capacity_mw", messages("nb")), header("capacity_n1_0p5_mw", messages("en"))
    ('Kapasitet (MW)', 'Capacity N-1, 0.5 % flexible (MW)')
    >>> header("'Dry year'", messages("nb"))
    'Dry year'
    """
    said, level = SAID.fullmatch(column), LEVEL.fullmatch(column)
    if said is not None:
        return said["text"]
    if level is None:
        return texts(f"column_{column}")
    percent = float(level["percent"].replace("p", "."))
    decimals = next(count for count in range(7) if round(percent, count) == percent)
    return texts(
        "column_level", criterion=f"N-{level['lost']}", percent=texts.number(percent, decimals)
    )


def headers(columns: Iterable[str], texts: Messages) -> dict[str, str]:
    """Name columns for people."""
    return {column: header(column, texts) for column in columns}


def word(value: str, texts: Messages) -> str:
    """Say a word of a table ("reserved", "load", …) in the reader's language.

    Words that stand in no catalogue, such as names, are returned as they are.

    Examples
    --------
    >>> from gridplan.base.messages import messages
    >>> word("reserved", messages("nb")), word("Orkdal", messages("nb"))
    ('reservert', 'Orkdal')
    """
    key = value.replace(" ", "_").replace("-", "")
    known = (texts.texts.get(f"{kind}_{key}") for kind in ("word", "status", "column"))
    return next((text for text in known if text), value)
