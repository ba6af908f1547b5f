"""An explanation as files: hourly table, critical limits, remedies and text."""

from __future__ import annotations

from pathlib import Path

from gridplan.base.messages import LANGUAGES
from gridplan.exports.files import write_table
from gridplan.reasons.explain import Explanation


def write_explanation(why: Explanation, folder: Path) -> None:
    """Write why a project is in a plan or not.

    Parameters
    ----------
    why : Explanation
        The data.
    folder : pathlib.Path
        An existing folder, best the one of `gridplan.exports.files.whole_folder`.
    """
    tables = {
        "why_hourly": why.hourly.rename_axis("snapshot"),
        "why_critical": why.critical,
    }
    if why.remedies is not None:  # somebody looked for them
        tables["why_remedies"] = why.remedies
    for name, table in tables.items():
        write_table(table, folder / f"{name}.csv")
    for language in LANGUAGES:
        path = folder / f"why_{language}.txt"
        path.write_text(why.text(language) + "\n", encoding="utf-8", newline="\n")
