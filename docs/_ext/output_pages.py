"""Files that the commands write, with the columns of their tables, as Markdown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from _ext.markdown import code, table
from gridplan.base.messages import messages
from gridplan.study.tables import TABLES

SOURCE = Path(__file__).parents[1] / "reference" / "outputs.yaml"
SCHEMA = {one.name: one for one in TABLES}


def written() -> dict[str, Any]:
    """Read what the commands write, and the words for columns that nothing else explains."""
    return yaml.safe_load(SOURCE.read_text(encoding="utf-8"))


def outputs() -> str:
    """Describe every file of every command."""
    content = written()
    words = content.pop("words")
    return "\n\n".join(_command(one, words) for one in content.values())


def _command(one: dict[str, Any], words: dict[str, str]) -> str:
    parts = [f"## {one['about']}"] if one["files"] or one["others"] else [one["about"]]
    for name, file in one["files"].items():
        parts.append(f"### {name}\n\n{_sentence(file['about'])}")
        if "of" in file:
            place = f"[{file['of']}](tables.md#{file['of']})"
            parts.append(f"The columns of the study's table {place}, and:")
        rows = [(code(column), *explained(column, file, words)) for column in file["columns"]]
        if rows:
            parts.append(table(("column", "norsk", "meaning"), rows))
    if one["others"]:
        rows = [
            (", ".join(map(code, name.split(", "))), about) for name, about in one["others"].items()
        ]
        parts += ["### Other files" if one["files"] else "", table(("file", "what it is"), rows)]
    return "\n\n".join(filter(None, parts))


def _names(listed: str) -> str:
    return ", ".join(code(name) if "." in name else name for name in listed.split(", "))


def explained(column: str, file: dict[str, Any], words: dict[str, str]) -> tuple[str, str]:
    """Norwegian name of a column where the exports have one, and its meaning.

    Raises
    ------
    KeyError
        When nothing explains it.
    """
    own = file.get("words", {})
    if column in own or column in words:
        return "", own.get(column) or words[column]
    key = f"column_{column}"
    return messages("nb").texts[key], messages("en").texts[key]


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
