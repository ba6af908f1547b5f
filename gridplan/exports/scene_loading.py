"""Maps of loadings: the base case with its existing overloads, and the certificate."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from gridplan.base.messages import Messages
from gridplan.check.certificate import Certificate
from gridplan.exports import style
from gridplan.exports.badges import numbered
from gridplan.exports.classes import Classes, loading_classes
from gridplan.exports.composition import Scene
from gridplan.exports.features import NEARLY_FULL, Features, loading_features
from gridplan.exports.geography import Geography, geography_of
from gridplan.exports.key import badge_rows, basis_rows, line_rows, loading_rows, mark_rows
from gridplan.exports.layout import Box
from gridplan.exports.loading import base_loading
from gridplan.exports.origin import verdict
from gridplan.exports.panel_tables import Symbol, Table, draw_tables
from gridplan.exports.scene_parts import badge_symbol, class_table, line_symbol, titled
from gridplan.exports.sheet import Sheet
from gridplan.operation.base_case import BaseCase
from gridplan.study.stage import stage_texts
from gridplan.study.study import Study

ROWS = 14
LEAST_MW = 0.1
NUMBERED = 12  # overloads with a number on the map


def base_scene(base: BaseCase, texts: Messages) -> Scene:
    """Gather what the map of a base case shows: loadings and existing overloads."""
    study, found = base.study, base_loading(base)
    classes = loading_classes(study.settings)
    over = base.existing_overloads
    numbers = list(dict.fromkeys(over.index))[:NUMBERED]
    geography, features = _grid(study, found["loading_pu"], numbers)
    hours = texts.number(len(base.case.hours))
    unserved = float(base.shortage_mw.sum())
    full = int((found["loading_pu"].map(classes.position) >= NEARLY_FULL).sum())
    figures = [
        (texts.number(over.index.nunique()), texts("base_figure_overloads"), True),
        (texts.number(full), _nearly_full(classes, texts), True),
        (texts.number(unserved), texts("base_figure_unserved"), False),
        (texts.number(len(found)), texts("loading_figure_branches"), False),
    ]
    overloads = Table(
        texts("base_overloads"),
        [texts("loading_branch"), texts("capacity_after"), texts("loading_over"),
         texts("loading_hours"), texts("loading_worst")],
        [
            (str(row.Index), row.outage or "–", _over(row.over_mw, texts), texts.number(row.hours),
             _hour(row.worst_hour))
            for row in over.itertuples()
        ],
        [False, False, True, True, True],
        symbols=[badge_symbol(numbers.index(row.Index) + 1, style.BEYOND_LIMIT)
                 if row.Index in numbers else line_symbol(style.BEYOND_LIMIT)
                 for row in over.itertuples()],
        strong=2,
    )  # fmt: skip
    high = found.assign(name=found.index).sort_values(
        ["loading_pu", "name"], ascending=[False, True]
    )
    most = Table(
        texts("loading_most"),
        [texts("loading_branch"), texts("loading_when"), "%", texts("loading_worst")],
        [
            (str(row.Index), texts("loading_after" if row.after_outage else "loading_without"),
             _percent(row.loading_pu, texts), _hour(row.snapshot))
            for row in high.head(ROWS).itertuples()
        ],
        [False, False, True, True],
        symbols=_lines(high["loading_pu"].head(ROWS), classes),
        strong=2,
        excerpt=True,
    )  # fmt: skip
    tables = [overloads, most, _by_class(found["loading_pu"], classes, texts)]
    subtitle = [*stage_texts(study.stage, texts), texts("subtitle_basis", hours=hours),
                texts("base_connected", count=len(base.connected),
                      mw=texts.mw(float(base.connected["mw"].sum())))]  # fmt: skip
    return _scene(
        study, geography, features, texts,
        title=texts("base_title", study=titled(study), count=over.index.nunique()),
        subtitle=" · ".join(subtitle),
        figures=figures, tables=tables, notes=[texts("base_note")],
        above=texts("legend_above_base"),
    )  # fmt: skip


def certificate_scene(certificate: Certificate, study: Study, texts: Messages) -> Scene:
    """Gather what the map of a certificate shows: the worst loading of every branch."""
    classes = loading_classes(study.settings)
    loading = certificate.worst["loading_pu"].astype(float)
    above = certificate.existing["loading_pu"].astype(float)
    shown = loading.combine(above.reindex(loading.index), np.fmax)
    broken = certificate.violations.drop_duplicates("branch")
    marked = [str(name) for name in broken["branch"]] or list(certificate.existing.index)
    numbers = marked[:NUMBERED]
    geography, features = _grid(study, shown, numbers)
    figures = [
        (texts.number(certificate.violation_count), texts("certificate_figure_violations"), True),
        (texts.number(certificate.outages), texts("certificate_figure_outages"), False),
        (_millions(certificate.checks, texts), texts("certificate_figure_checks"), False),
        (texts.number(len(certificate.without_n1)), texts("certificate_figure_bridges"), False),
    ]
    tables = [
        _violations(broken, numbers, texts),
        _existing(certificate.existing, [] if len(broken) else numbers, texts),
        _worst(certificate.worst, classes, texts),
        _bridges(certificate.without_n1, texts),
        _by_class(shown, classes, texts),
    ]
    secure, found = certificate.secure, verdict(certificate, texts)
    checked = texts(
        "subtitle_basis_outages",
        hours=texts.number(certificate.hours),
        outages=certificate.outages,
    )
    return _scene(
        study, geography, features, texts,
        title=texts("certificate_title" if secure else "certificate_title_insecure",
                    study=titled(study), count=texts.number(certificate.violation_count)),
        subtitle=" · ".join([*stage_texts(study.stage, texts), checked, found]),
        figures=figures, tables=tables, notes=[texts("certificate_note")], secure=secure,
        above=texts("legend_above" if secure else "legend_above_insecure"),
    )  # fmt: skip


def _grid(study: Study, loading: pd.Series, numbers: list[str]) -> tuple[Geography, Features]:
    """Lines and transformers by loading, with numbers on the branches that stand out."""
    geography = geography_of(study, study.network)
    grid = loading_features(study, study.network, geography, loading)
    badges = numbered(numbers, study.network, geography, style.BEYOND_LIMIT)
    return geography, Features(grid.branches, grid.stations, grid.marks, badges=badges)


def _scene(
    study: Study, geography: Geography, features: Features, texts: Messages, *, title: str,
    subtitle: str, figures: list[tuple[str, str, bool]], tables: list[Table], notes: list[str],
    above: str, secure: bool = True,
) -> Scene:  # fmt: skip
    def panel(sheet: Sheet, box: Box) -> None:
        draw_tables(sheet, box, figures, tables, notes=notes, messages=texts)

    key = [
        *loading_rows(texts, loading_classes(study.settings), above),
        *line_rows(features, texts),
        *basis_rows(features, texts),
        *mark_rows(features, texts),
        *(badge_rows(texts("legend_overload"), style.BEYOND_LIMIT) if len(features.badges) else []),
    ]
    return Scene(
        study=study, geography=geography, features=features, messages=texts, title=title,
        subtitle=subtitle, key=key, panel=panel, alarm=not secure,
    )  # fmt: skip


def _violations(broken: pd.DataFrame, numbers: list[str], texts: Messages) -> Table:
    """One row per branch that is overloaded, its largest violation."""
    rows = broken.head(ROWS)
    return Table(
        texts("certificate_table_violations"),
        [texts("loading_branch"), texts("capacity_after"), texts("loading_over"),
         texts("loading_worst")],
        [(str(row.branch), row.outage or "–", _over(row.over_mw, texts), _hour(row.snapshot))
         for row in rows.itertuples()],
        [False, False, True, True],
        symbols=_numbers([str(name) for name in rows["branch"]], numbers),
        strong=2,
        dropped=len(broken) - len(rows),
    )  # fmt: skip


def _existing(existing: pd.DataFrame, numbers: list[str], texts: Messages) -> Table:
    """Overloads that were there before, in the flows of the plan."""
    return Table(
        texts("certificate_kept"),
        [texts("loading_branch"), "%", texts("loading_over"), texts("loading_hours"),
         texts("loading_worst")],
        [
            (str(row.Index), _percent(row.loading_pu, texts), _over(row.over_mw, texts),
             texts.number(row.hours), _hour(row.snapshot))
            for row in existing.itertuples()
        ],
        [False, True, True, True, True],
        symbols=_numbers(list(existing.index), numbers),
        strong=2,
    )  # fmt: skip


def _worst(worst: pd.DataFrame, classes: Classes, texts: Messages) -> Table:
    """Most loaded branches."""
    high = worst.assign(name=worst.index)
    high = high.sort_values(["loading_pu", "name"], ascending=[False, True]).head(ROWS)
    return Table(
        texts("loading_most"),
        [texts("loading_branch"), texts("capacity_after"), "%", texts("loading_worst")],
        [(str(row.Index), row.outage or "–", _percent(row.loading_pu, texts), _hour(row.snapshot))
         for row in high.itertuples()],
        [False, False, True, True],
        symbols=_lines(high["loading_pu"], classes),
        strong=2,
        excerpt=True,
        least=5,
    )  # fmt: skip


def _bridges(bridges: pd.DataFrame, texts: Messages) -> Table:
    """Places that a single branch supplies."""
    return Table(
        texts("certificate_table_bridges"),
        [texts("loading_branch"), texts("certificate_behind"), texts("certificate_peak")],
        [(str(row.Index), row.buses, texts.mw(row.peak_mw))
         for row in bridges.head(ROWS).itertuples()],
        [False, False, True],
        symbols=[line_symbol(style.GREY)] * min(ROWS, len(bridges)),
        strong=2,
        dropped=max(len(bridges) - ROWS, 0),
    )  # fmt: skip


def _by_class(loading: pd.Series, classes: Classes, texts: Messages) -> Table:
    """Count the branches in each class of loading."""
    percent = [texts.number(100 * limit) for limit in classes.limits]
    names = [
        texts("size_below", limit=percent[0]),
        *(texts("size_between", low=low, high=high) for low, high in pairwise(percent)),
        f">{percent[-1]}",
    ]  # fmt: skip
    return class_table(
        texts("loading_classes"),
        loading,
        classes,
        [f"{name} %" for name in names],
        counted=lambda count: texts("loading_branches", count=count),
        symbol=line_symbol,
    )


def _nearly_full(classes: Classes, texts: Messages) -> str:
    return texts("base_figure_full", percent=texts.number(100 * classes.limits[NEARLY_FULL - 1]))


def _numbers(names: Sequence[str], numbers: list[str]) -> list[Symbol]:
    return [
        badge_symbol(numbers.index(name) + 1, style.BEYOND_LIMIT)
        if name in numbers
        else line_symbol(style.BEYOND_LIMIT)
        for name in names
    ]


def _lines(loading: pd.Series, classes: Classes) -> list[Symbol]:
    return [line_symbol(classes.colour(value)) for value in loading]


def _over(mw: float, texts: Messages) -> str:
    """Write MW over a limit; what would round to nothing is less than the least figure."""
    return texts.mw(mw) if mw >= LEAST_MW else texts("size_below", limit=texts.number(LEAST_MW, 1))


def _percent(loading_pu: float, texts: Messages) -> str:
    return texts.number(100 * loading_pu, 1)


def _hour(snapshot: object) -> str:
    """Write an hour as in a table: ISO date and hour, UTC."""
    return f"{pd.Timestamp(snapshot):%Y-%m-%d %H}"


def _millions(count: int, texts: Messages) -> str:
    """Write a large count in millions."""
    return (
        texts("millions", count=texts.number(count / 1e6)) if count >= 1e7 else texts.number(count)
    )
