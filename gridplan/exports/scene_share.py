"""The map of a batch: projects coloured by the share of the scenarios in which they are chosen."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from gridplan.base.messages import Messages
from gridplan.exports import style
from gridplan.exports.composition import Scene
from gridplan.exports.drawing import draw_project
from gridplan.exports.features import LOOK, Features, branches_of, placed, stations_of
from gridplan.exports.geography import Geography, geography_of
from gridplan.exports.key import basis_rows, line_rows, size_rows
from gridplan.exports.layout import Box
from gridplan.exports.legend import HEADING, ROW, SAMPLE, Drawer, Row
from gridplan.exports.panel import FIGURES, GUTTER, TWO_COLUMNS
from gridplan.exports.panel_blocks import draw_blocks, pitch_of
from gridplan.exports.panel_tables import Symbol, Table, draw_figures, draw_notes
from gridplan.exports.sheet import Sheet
from gridplan.study.study import Study

LIMITS = (1 / 3, 2 / 3, 1.0)  # shares from which the next class begins; the last is every scenario
CLASSES = ("share_seldom", "share_half", "share_often", "share_always")  # keys of their names
LISTS = {
    "always": "share_list_always",
    "sometimes": "share_list_sometimes",
    "never": "share_list_never",
}
WIDTHS = {"always": 1.0, "sometimes": 1.75, "never": 0.95}  # of the lists side by side
VARIES = "*"  # behind a project that is not always chosen as it applied
ROWS = 60  # of a list; what has no room is counted


def share_class(share: float) -> int:
    """Which class a share belongs to: -1 for never, 3 for every scenario.

    Examples
    --------
    >>> [share_class(count / 6) for count in range(7)]
    [-1, 0, 1, 1, 2, 2, 3]
    """
    return -1 if share <= 0 else sum(share >= limit - 1e-9 for limit in LIMITS)


def share_scene(
    shares: pd.DataFrame,
    study: Study,
    texts: Messages,
    *,
    scenarios: int,
    varied: Sequence[str],
    left_out: int,
) -> Scene:
    """Gather what the map of a batch shows.

    Parameters
    ----------
    shares : pandas.DataFrame
        Index project, by its head: chosen (scenarios), share (per unit), depends_on (in words),
        chosen_as (which variants, "" for always the project itself).
    study : Study
        Of the batch, on the grid that is drawn.
    texts : Messages
        The language.
    scenarios : int
        With a plan; the shares are of these.
    varied : sequence of str
        What varies between them, in words.
    left_out : int
        Scenarios without a plan.
    """
    geography = geography_of(study, study.network)
    listed = _listed(shares, study)
    features = _features(listed, study, geography)
    count = {key: int(found.sum()) for key, found in _kinds(listed).items()}
    figures = [
        (texts.number(count["always"]), texts("share_figure_always"), True),
        (texts.number(count["sometimes"]), texts("share_figure_sometimes"), False),
        (texts.number(count["never"]), texts("share_figure_never"), False),
        (texts.number(scenarios), texts("share_figure_scenarios"), False),
    ]
    tables = _tables(listed, features, texts)

    def panel(sheet: Sheet, box: Box) -> None:
        draw_figures(sheet, box, figures)
        marked = [texts("share_variants", mark=VARIES)] if listed["varies"].any() else []
        bottom = draw_notes(sheet, box, [*marked, texts("share_note")])
        _draw_lists(sheet, Box(box.x, bottom, box.width, box.top - FIGURES - bottom), tables, texts)

    parts = [texts("share_subtitle", count=texts.number(scenarios))]
    parts += [texts("share_varied", names=", ".join(varied))] if varied else []
    parts += [texts("share_left_out", count=left_out)] if left_out else []
    return Scene(
        study=study,
        geography=geography,
        features=features,
        messages=texts,
        title=texts("share_title", study=study.title, count=count["always"], total=len(listed)),
        subtitle=" · ".join(parts),
        key=[
            *_share_rows(listed, scenarios, texts),
            *size_rows(texts),
            *line_rows(features, texts),
            *basis_rows(features, texts),
        ],
        panel=panel,
    )


def _listed(shares: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Projects with what the study says of them, the most often chosen and the largest first."""
    known = study.projects.reindex(shares.index)
    table = known.assign(
        times=shares["chosen"],
        share=shares["share"],
        depends_on=shares["depends_on"],
        varies=shares["chosen_as"].ne(""),
        level=shares["share"].map(share_class),
        name_=shares.index,
    )
    return table.sort_values(["share", "mw", "name_"], ascending=[False, False, True])


def _kinds(listed: pd.DataFrame) -> dict[str, pd.Series]:
    always, never = listed["level"] == len(LIMITS), listed["level"] < 0
    return {"always": always, "sometimes": ~always & ~never, "never": never}


def _features(listed: pd.DataFrame, study: Study, geography: Geography) -> Features:
    """Lines in one colour, stations as dots, projects in the colour of their share."""
    projects = listed[["mw"]].assign(
        chosen=listed["level"] >= 0,
        number=range(1, len(listed) + 1),
        colour=listed["level"].map(_colour),
    )
    stations = stations_of(study, study.network, geography)
    marks = stations[["x", "y", "planned"]].assign(
        station=stations.index, shift=0.0, shape="dot", colour="white", value=0.0
    )
    plain = pd.DataFrame(columns=LOOK)
    return Features(
        branches=branches_of(study, study.network, geography, plain),
        stations=stations,
        marks=marks.reset_index(drop=True),
        projects=placed(projects, listed, geography),
    )


def _colour(level: int) -> str:
    return style.SHARES[level] if level >= 0 else style.REJECTED


def _share_rows(listed: pd.DataFrame, scenarios: int, texts: Messages) -> list[Row]:
    """Explain the colours, with the number of projects in each class."""

    def sample(level: int) -> Drawer:
        def draw(sheet: Sheet, x: float, y: float) -> None:
            at, colour = x + SAMPLE / 2, _colour(level)
            draw_project(sheet, at, y, 1.45, None, chosen=level >= 0, colour=colour, z=60)

        return draw

    found = listed["level"].value_counts()
    levels = [(key, level) for level, key in reversed(list(enumerate(CLASSES)))]
    return [
        Row(texts("share_legend"), height=HEADING),
        Row(texts("share_legend_unit", count=texts.number(scenarios)), note=True, height=ROW - 0.5),
        *(
            Row(texts(key, count=int(found.get(level, 0))), sample(level), height=ROW + 0.5)
            for key, level in [*levels, ("share_never", -1)]
        ),
    ]


def _tables(listed: pd.DataFrame, features: Features, texts: Messages) -> dict[str, Table]:
    """List what is chosen always, sometimes and never, with the numbers on the map."""
    made: dict[str, Table] = {}
    for key, rows in _kinds(listed).items():
        part = listed[rows]
        some = key == "sometimes"
        captions = [texts("share_project"), texts("share_mw")]
        captions += [texts("share_times"), texts("share_depends")] if some else []
        cells = [
            (f"{row.Index} {VARIES}" if row.varies else str(row.Index), texts.mw(row.mw))
            + ((texts.number(row.times), row.depends_on or "–") if some else ())
            for row in part.head(ROWS).itertuples()
        ]
        numbers = features.projects.loc[part.index[:ROWS], "number"]
        mw = texts.mw(part["mw"].sum())
        heading = texts(LISTS[key], count=len(part), mw=mw)
        symbols = [
            _symbol(int(number), int(level))
            for number, level in zip(numbers, part["level"], strict=False)
        ]
        right = [False, True, True, False] if some else [False, True]
        made[key] = Table(heading, captions, cells, right, symbols=symbols,
                          dropped=max(len(part) - ROWS, 0))  # fmt: skip
    return made


def _draw_lists(sheet: Sheet, box: Box, tables: dict[str, Table], texts: Messages) -> None:
    """Draw the lists one below the other, or side by side where the panel is wide."""
    if box.width <= TWO_COLUMNS:
        columns = {"always": 2, "sometimes": 1, "never": 2}
        draw_blocks(sheet, box, [(table, columns[key]) for key, table in tables.items()], texts)
        return
    shown = {key: table for key, table in tables.items() if table.rows}
    room, x = box.width - GUTTER * (len(shown) - 1), box.x
    pitch = min(pitch_of([(table, 1)], box.height) for table in shown.values())
    for key, table in shown.items():
        width = room * WIDTHS[key] / sum(WIDTHS[other] for other in shown)
        draw_blocks(sheet, Box(x, box.y, width, box.height), [(table, 1)], texts, pitch)
        x += width + GUTTER


def _symbol(number: int, level: int) -> Symbol:
    def draw(sheet: Sheet, x: float, y: float) -> None:
        colour = _colour(level)
        draw_project(sheet, x, y, 1.4, number, chosen=level >= 0, colour=colour, z=60)

    return draw
