"""A comparison of scenarios as files: tables, an Excel workbook and maps."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path

import matplotlib.style
import pandas as pd

from gridplan.base.messages import Language, Messages, messages
from gridplan.base.provenance import provenance
from gridplan.batch.comparison import Comparison
from gridplan.batch.factors import factors
from gridplan.batch.regret import Regret
from gridplan.batch.runs import study_of_runs
from gridplan.batch.spread import capacity_spread
from gridplan.batch.wording import (
    change_words,
    depends_words,
    rule_words,
    value_words,
    why_words,
)
from gridplan.exports import style
from gridplan.exports.about import synthetic_of
from gridplan.exports.booklet import Booklet, write_booklet
from gridplan.exports.composition import composed
from gridplan.exports.files import whole_folder, write_table
from gridplan.exports.layout import page_of
from gridplan.exports.maps import A4
from gridplan.exports.saving import format_of, save_figure
from gridplan.exports.scene_share import share_scene
from gridplan.exports.workbook_tables import Page
from gridplan.study.study import Study

PICTURES = (".png", ".svg", ".pdf")
NAME = "comparison"
ENDS = {"scenarios": "of_scenarios", "lowest_mw": "lowest_scenario_mw",
        "middle_mw": "middle_scenario_mw", "highest_mw": "highest_scenario_mw"}  # fmt: skip
FIGURES = {"scenarios": "plan_in", "named": "named_projects", "measures": "named_measures",
           "symbioses": "named_symbioses", "reinforcements": "named_reinforcements"}  # fmt: skip


def share_map(
    comparison: Comparison,
    path: str | os.PathLike[str],
    *,
    study: Study | None = None,
    language: Language = "en",
    size: tuple[float, float] = A4,
    date: dt.date | None = None,
    dpi: float = 200.0,
) -> Path:
    """Draw the projects in the colour of the share of scenarios in which they are chosen.

    Parameters
    ----------
    comparison : Comparison
        Of `gridplan.compare_runs`.
    path : path-like
        .png, .svg or .pdf. An older file stays when writing fails.
    study : Study, optional
        That of the batch, where its folder does not know it.
    language : {"en", "nb"}
        English or Norwegian (bokmål).
    size : (width, height)
        Paper in inches.
    date : datetime.date, optional
        Printed at the bottom; default today (UTC), or SOURCE_DATE_EPOCH.
    dpi : float
        Dots per inch of a PNG.

    Returns
    -------
    pathlib.Path
        The file. The lines are those of the study as it is stored, before any reinforcement.

    Raises
    ------
    StudyError
        When the study is not found or has changed since.
    ValueError
        For an unknown suffix or language, or too small a size.

    Examples
    --------
    >>> import gridplan as gp
    >>> gp.share_map(gp.compare_runs("runs/"), "share.png", language="nb")  # doctest: +SKIP
    """
    target = Path(path)
    format_of(target)
    study = study_of_runs(comparison.runs, study)
    _draw(comparison, study, [target], messages(language), size=size, date=date, dpi=dpi)
    return target


def write_comparison(
    comparison: Comparison,
    folder: str | os.PathLike[str],
    *,
    regret: Regret | None = None,
    capacity_mw: pd.DataFrame | None = None,
    study: Study | None = None,
    language: Language = "en",
) -> Path:
    """Write a comparison: CSV tables, comparison.xlsx, and the map as PNG, SVG and PDF.

    Parameters
    ----------
    comparison : Comparison
        Of `gridplan.compare_runs`.
    folder : path-like
        Made when missing; files of the same names are replaced once all are written.
    regret : Regret, optional
        Of `gridplan.regret`, of the same batch.
    capacity_mw : pandas.DataFrame, optional
        Scenario x bus (MW), as `gridplan.capacity_spread` takes it; default `Runs.capacity`.
    study : Study, optional
        That of the batch, where its folder does not know it.
    language : {"en", "nb"}
        Of workbook and map; the CSV tables keep their names.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    StudyError
        When the study is not found or has changed since.
    """
    target, texts = Path(folder), messages(language)
    study = study_of_runs(comparison.runs, study)
    capacity_mw = comparison.runs.capacity if capacity_mw is None else capacity_mw
    tables = {
        "projects": _with_mw(comparison, study),
        "depends_on": comparison.decisions,
        "without_plan": comparison.left_out,
    }
    if regret is not None:
        tables |= {
            "portfolios": regret.portfolios,
            "regret_mnok_per_yr": regret.mnok_per_yr.T,
            "regret_why": regret.why.T,
        }
    if len(capacity_mw.columns):
        tables["capacity_spread"] = capacity_spread(capacity_mw)
    with whole_folder(target) as draft:
        for name, table in tables.items():
            write_table(table, draft / f"{name}.csv")
        booklet = _booklet(comparison, study, regret, tables.get("capacity_spread"), texts)
        write_booklet(booklet, draft / f"{NAME}.xlsx", study.settings, texts)
        paths = [draft / f"{NAME}{suffix}" for suffix in PICTURES]
        _draw(comparison, study, paths, texts, size=A4, date=None, dpi=200.0)
    return target


def _draw(
    comparison: Comparison, study: Study, paths: list[Path], texts: Messages,
    *, size: tuple[float, float], date: dt.date | None, dpi: float,
) -> None:  # fmt: skip
    """Draw the map into one file or several."""
    shares = comparison.projects[["chosen", "share", "chosen_as"]].assign(
        depends_on=[depends_words(one, texts) for one in comparison.projects["depends_on"]]
    )
    with matplotlib.style.context(["default", style.RC]):
        scene = share_scene(
            shares, study, texts, scenarios=comparison.scenarios,
            varied=[change_words(name, texts) for name in _varied(comparison)],
            left_out=len(comparison.left_out),
        )  # fmt: skip
        sheet = composed(scene, page_of(size), date)
        for path in paths:
            save_figure(sheet.figure, path, title=scene.title, dpi=dpi)


def _varied(comparison: Comparison) -> list[str]:
    """Names of what varies between the scenarios that have a plan."""
    done = comparison.runs.done
    return list(map(str, factors({record.scenario: record.changes for record in done})))


def _with_mw(comparison: Comparison, study: Study) -> pd.DataFrame:
    """Projects with what they asked for (MW)."""
    table = comparison.projects.copy()
    table.insert(0, "mw", study.projects["mw"].reindex(table.index))
    return table


def _booklet(
    comparison: Comparison, study: Study, regret: Regret | None, spread: pd.DataFrame | None,
    texts: Messages,
) -> Booklet:  # fmt: skip
    """Gather what the workbook holds."""
    count = comparison.scenarios
    figures: list[tuple[str, object]] = [
        (texts("compared_scenarios"), count),
        (texts("compared_without"), len(comparison.left_out)),
        (texts("compared_always"), len(comparison.no_regret)),
        (texts("compared_sometimes"), len(comparison.sometimes)),
        (texts("compared_never"), len(comparison.never)),
    ]
    if regret is not None:
        least = regret.least_worst or texts("compared_none_holds")
        figures += [
            (texts("compared_distinct"), regret.distinct),
            (texts("compared_held"), len(regret.portfolios)),
            (texts("compared_least_worst"), least),
        ]
    pages = [
        (Page(key, table), texts(f"{key}_about", **fill))
        for key, table, fill in _pages(comparison, study, regret, spread, texts)
        if len(table)
    ]
    created = dt.datetime.fromisoformat(provenance(study)["created"])
    title = texts("compared_title", study=study.title, count=texts.number(count))
    return Booklet(title, figures, _facts(comparison, study, created, texts), pages, created)


def _facts(
    comparison: Comparison, study: Study, created: dt.datetime, texts: Messages
) -> list[tuple[str, object]]:
    """Where the comparison comes from."""
    versions = {v for r in comparison.runs.records for v in r.versions.items()}
    told = ", ".join(f"{key.removesuffix('_version')} {value}" for key, value in sorted(versions))
    synthetic, branches = synthetic_of(study)
    return [
        (texts("about_study"), f"{study.title} ({study.name})"),
        (texts("about_input"), study.hash),
        (texts("about_versions"), told),
        (texts("about_created"), f"{texts.day(created.date())}, {created:%H:%M} UTC"),
        (
            texts("about_synthetic"),
            texts("synthetic_some", count=texts.number(synthetic), total=texts.number(branches))
            if synthetic
            else texts("synthetic_none"),
        ),
        (
            texts("about_attribution"),
            study.settings.attribution or texts("about_no_attribution"),
        ),
    ]


def _pages(
    comparison: Comparison, study: Study, regret: Regret | None, spread: pd.DataFrame | None,
    texts: Messages,
) -> Iterator[tuple[str, pd.DataFrame, dict[str, object]]]:  # fmt: skip
    """Yield sheets: key, table, and what to fill into the description."""
    yield "sheet_compared", _project_rows(comparison, study, texts), {}
    yield "sheet_decisions", _decision_rows(comparison, texts), {}
    yield "sheet_scenarios", _scenario_rows(comparison, texts), {}
    yield "sheet_without_plan", _in_a_line(comparison.left_out).reset_index(), {}
    if regret is not None:
        fill = {"shown": len(regret.portfolios), "distinct": regret.distinct}
        yield "sheet_portfolios", regret.portfolios.rename(columns=FIGURES).reset_index(), fill
        quoted = {name: f"'{name}'" for name in regret.mnok_per_yr.index}
        yield "sheet_regret", regret.mnok_per_yr.T.rename(columns=quoted).reset_index(), {}
        why = regret.why.T.map(lambda told: why_words(told, texts))
        yield "sheet_regret_why", why.rename(columns=quoted).reset_index(), {}
    if spread is not None:
        yield "sheet_spread", spread.rename(columns=ENDS).reset_index(), {}


def _project_rows(comparison: Comparison, study: Study, texts: Messages) -> pd.DataFrame:
    table, cells = _with_mw(comparison, study), comparison.decisions.groupby("project")
    return pd.DataFrame(
        {
            "project": table.index,
            "mw": table["mw"].to_numpy(),
            "came_to": table["kind"].to_numpy(),
            "chosen_in": table["chosen"].to_numpy(),
            "offered_in": table["offered"].to_numpy(),
            "chosen_pu": table["share"].to_numpy(),
            "least_mw": table["least_mw"].to_numpy(),
            "most_mw": table["most_mw"].to_numpy(),
            "chosen_as": table["chosen_as"].to_numpy(),
            "depends_on": [depends_words(one, texts) for one in table["depends_on"]],
            "explained_in": table["explained"].to_numpy(),
            "rule": [
                rule_words(cells.get_group(name), texts) if name in cells.groups else ""
                for name in table.index
            ],
        }
    )


def _decision_rows(comparison: Comparison, texts: Messages) -> pd.DataFrame:
    table = comparison.decisions
    words = {
        key: [change_words(one, texts) if one else "" for one in table[key]]
        for key in ("change", "and_change")
    }
    words |= {
        key: [value_words(one, texts) for one in table[key]] for key in ("value", "and_value")
    }
    return table.assign(**words).rename(columns={"chosen": "chosen_in", "of": "of_scenarios"})


def _scenario_rows(comparison: Comparison, texts: Messages) -> pd.DataFrame:
    """List the runs: what they change, what their plans come to, errors last."""
    table = comparison.runs.table
    changed = [name for name in table if str(name).startswith("change_")]
    for name in changed:
        table[name] = [value_words(value, texts) for value in table[name]]
    heads = {
        name: f"'{change_words(str(name).removeprefix('change_'), texts)}'" for name in changed
    }
    last = table.pop("error")
    return _in_a_line(table.assign(error=last)).rename(columns=heads).reset_index()


def _in_a_line(table: pd.DataFrame) -> pd.DataFrame:
    """Write errors without line breaks, and call the outcome of a scenario what it is."""
    errors = [" ".join(text.split()) for text in table["error"]]
    return table.assign(error=errors).rename(columns={"outcome": "came_to"})
