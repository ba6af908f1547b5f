"""What a study holds, in figures for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd

from gridplan.base.messages import Messages, messages

if TYPE_CHECKING:
    from gridplan.study.study import Study

SYNTHETIC = "synthetic"  # basis of what is made up by rule


def contents(study: Study) -> Iterator[tuple[str, str]]:
    """Count what a study holds.

    Parameters
    ----------
    study : Study
        Its settings name the language.

    Yields
    ------
    tuple of str
        Name and value.
    """
    texts, network = messages(study.settings.language), study.network
    lines, transformers = network.c.lines.static, network.c.transformers.static
    load = network.get_switchable_as_dense("Load", "p_set").sum(axis=1)
    yield texts("has_buses"), texts.number(len(network.c.buses.static))
    yield texts("has_lines"), _of_which(texts, lines)
    yield texts("has_transformers"), texts.number(len(transformers))
    mean, peak = texts.mw(load.mean()), texts.mw(load.max())
    yield texts("has_load"), texts("has_load_mw", mean=mean, peak=peak)
    yield texts("has_hours"), texts.number(len(network.snapshots))
    projects = study.projects
    heads = projects[projects["variant_of"] == ""]
    yield (
        texts("has_projects"),
        texts("has_projects_mw", count=texts.number(len(heads)), mw=texts.mw(heads["mw"].sum())),
    )
    variants = len(projects) - len(heads)
    for key, count in (
        ("has_variants", variants),
        ("has_measures", len(study.measures)),
        ("has_symbioses", len(study.symbioses)),
        ("has_reinforcements", study.reinforcements.index.nunique()),
        ("has_notes", len(study.notes)),
    ):
        if count:
            yield texts(key), texts.number(count)


def _of_which(texts: Messages, lines: pd.DataFrame) -> str:
    """Count the lines, and those of them that are not the real grid."""
    total = texts.number(len(lines))
    made = int(lines["basis"].eq(SYNTHETIC).sum()) if "basis" in lines else 0
    return texts("has_synthetic", total=total, made=texts.number(made)) if made else total
