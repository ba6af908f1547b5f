"""Maps of reinforcements: what each one gains, or which the grid of a year holds."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gridplan.base.messages import Messages
from gridplan.exports import style
from gridplan.exports.badges import middle_of_branch, numbered_at
from gridplan.exports.classes import Classes, capacity_classes
from gridplan.exports.composition import Scene
from gridplan.exports.features import LOOK, Features, branches_of, bus_marks, middle_of, stations_of
from gridplan.exports.geography import Array, Geography, geography_of
from gridplan.exports.key import basis_rows, class_rows, line_rows, reinforcement_rows
from gridplan.exports.layout import Box
from gridplan.exports.panel_tables import Table, draw_tables
from gridplan.exports.scene_parts import MARKS, badge_symbol, figure, titled
from gridplan.exports.sheet import Sheet
from gridplan.reasons.wording import STATUSES
from gridplan.study.stage import Stage, stage_texts
from gridplan.study.study import Study

BASIS = {"load": "ranking_basis_load", "generation": "ranking_basis_generation"}
LEAST_RATE = 0.005  # MW per MNOK
NO_GAIN = "#9aa0a6"  # a reinforcement that frees nothing


def ranking_scene(ranking: pd.DataFrame, study: Study, texts: Messages) -> Scene:
    """Gather what the map of a ranking shows: where each reinforcement is and what it gains.

    Parameters
    ----------
    ranking : pandas.DataFrame
        Of `gridplan.rank_reinforcements`.
    study : Study
        On the grid on which they were ranked.
    texts : Messages
        The language.
    """
    classes = capacity_classes(study.settings, "gain")
    single = ranking[ranking["count"] == 1]
    colours = {
        str(name): NO_GAIN if not gain >= classes.limits[0] else classes.colour(gain)
        for name, gain in single["gain_mw"].items()
    }
    gains = single[single["best_bus"] != ""].groupby("best_bus")["gain_mw"].max()
    geography, features = _features(study, colours, gains, classes, texts)
    pairs = ranking[ranking["count"] > 1]
    best = single["gain_mw"].max()
    figures = [
        (texts.number(len(single)), texts("ranking_figure_tried"), False),
        (texts.mw(best) if best >= 0 else "–", texts("ranking_figure_best"), True),
        (texts.number((single["gain_mw"] >= 1).sum()), texts("ranking_figure_gaining"), True),
    ]
    if len(pairs):
        figures.append((texts.number(len(pairs)), texts("ranking_figure_pairs"), False))
    tables = [_singles(single, colours, texts), _pairs(pairs, texts)]
    told = ranking.attrs
    basis = texts(
        BASIS[told.get("direction", "load")],
        criterion=told.get("criterion", "N-1"),
        buses=len(told.get("buses", gains)),
    )
    key = [
        *class_rows(texts("legend_gain"), texts("legend_gain_unit"), classes, classes.ticks(texts)),
        *reinforcement_rows(texts, gain=True),
    ]
    return _scene(
        study, geography, features, texts, key,
        title=texts("ranking_title", study=titled(study)),
        subtitle=" · ".join([*stage_texts(study.stage, texts), basis]),
        figures=figures, tables=tables, notes=[texts("ranking_note")],
    )  # fmt: skip


def stages_scene(table: pd.DataFrame, study: Study, texts: Messages) -> Scene:
    """Gather what the map of `gridplan.stages` shows: what is in service and what is not."""
    built = table["in_service"].astype(bool)
    # The table may be that of another year than the grid of the study.
    year = table.attrs.get("grid_year", study.stage.year)
    stage = Stage(year, tuple(map(str, table.index[built])))
    colours = {
        str(name): style.CHOSEN if there else style.LIMITING for name, there in built.items()
    }
    nothing = pd.Series(dtype=float)
    classes = capacity_classes(study.settings, "gain")
    geography, features = _features(study, colours, nothing, classes, texts)
    cost = table["cost_mnok"]
    figures = [
        (texts.number(built.sum()), texts("stages_figure_built"), True),
        (texts.number((~built).sum()), texts("stages_figure_left"), False),
        (texts.number(cost[built].sum()), texts("stages_figure_cost"), True),
        (texts.number(cost[~built].sum()), texts("stages_figure_cost_left"), False),
    ]
    numbers = {name: number for number, name in enumerate(table.index, start=1)}
    tables = [
        Table(
            texts(heading),
            [texts("ranking_reinforcement"), texts("ranking_year"), texts("ranking_status"),
             texts("ranking_cost")],
            [
                (str(row.Index), str(row.year), _status(row.status, texts),
                 _cost(row.cost_mnok, texts))
                for row in table[rows].itertuples()
            ],
            [False, True, False, True],
            symbols=[badge_symbol(numbers[name], colours[name]) for name in table.index[rows]],
        )
        for heading, rows in (("stages_built", built), ("stages_left", ~built))
    ]  # fmt: skip
    key = reinforcement_rows(texts, gain=False)
    return _scene(
        study, geography, features, texts, key,
        title=texts("stages_title", study=titled(study, stage), count=int(built.sum()),
                    total=len(table)),
        subtitle=" · ".join([*stage_texts(stage, texts), texts("stages_basis")]),
        figures=figures, tables=tables, notes=[texts("stages_note")],
        planned=False,
    )  # fmt: skip


def _scene(
    study: Study, geography: Geography, features: Features, texts: Messages, key: list, *,
    title: str, subtitle: str, figures: list[tuple[str, str, bool]], tables: list[Table],
    notes: list[str], planned: bool = True,
) -> Scene:  # fmt: skip
    def panel(sheet: Sheet, box: Box) -> None:
        draw_tables(sheet, box, figures, tables, notes=notes, messages=texts)

    rows = [*key, *line_rows(features, texts, planned=planned), *basis_rows(features, texts)]
    return Scene(
        study=study, geography=geography, features=features, messages=texts, title=title,
        subtitle=subtitle, key=rows, panel=panel,
    )  # fmt: skip


def _features(
    study: Study, colours: dict[str, str], gains: pd.Series, classes: Classes, texts: Messages
) -> tuple[Geography, Features]:
    """Draw the grid in grey, and in colour the reinforcements, numbered in the order given."""
    geography = _with_new_buses(geography_of(study, study.network), study)
    branches = branches_of(study, study.network, geography, pd.DataFrame(columns=LOOK))
    paths, points = [], []
    for name, colour in colours.items():
        lines, others = _parts(name, study, geography)
        paths += [line | {"colour": colour, "name": name} for line in lines]
        courses = [line["path"] for line in lines]
        points.append(_anchor(courses, others))
    if paths:
        drawn = pd.DataFrame(paths).assign(planned=True, value=1.0, level=1, top=True)
        drawn = drawn.drop_duplicates(["name", "course"])
        branches = pd.concat([branches, drawn[branches.columns]])
    stations = stations_of(study, study.network, geography)
    marks = bus_marks(geography, gains.reindex(geography.buses.index), classes)
    at = geography.buses["station"].reindex(gains.index)
    labels = gains.groupby(at.to_numpy()).max()
    stations["label"] = labels.map(
        lambda mw: texts("ranking_gain", mw=figure(mw, texts))
    ).reindex(stations.index).fillna("")  # fmt: skip
    badges = numbered_at(points, list(colours), list(colours.values()))
    return geography, Features(branches, stations, marks, badges=badges, mark_mm=MARKS)


def _with_new_buses(geography: Geography, study: Study) -> Geography:
    """Add the buses that reinforcements would build, where they would stand."""
    rows = study.reinforcements
    rows = rows[rows["action"].eq("add bus") & ~rows["bus0"].isin(geography.buses.index)]
    rows = rows.dropna(subset=["lon", "lat"]).drop_duplicates("bus0")
    if geography.plane is None or rows.empty:
        return geography
    xy = geography.points(rows["lon"], rows["lat"])
    new = pd.DataFrame(
        {
            "kv": rows["v_nom"].astype(float).to_numpy(),
            "station": [name.rsplit(" ", 1)[0] for name in rows["bus0"]],
            "inside": False,
            "x": xy[:, 0],
            "y": xy[:, 1],
        },
        index=pd.Index(rows["bus0"]),
    )
    return Geography(geography.layers, pd.concat([geography.buses, new]), geography.plane)


def _parts(
    name: str, study: Study, geography: Geography
) -> tuple[list[dict[str, object]], list[Array]]:
    """Lines of a reinforcement (path, kv, basis), and points of its transformers and buses (km)."""
    lines, points = [], []
    static, known = study.network.c.lines.static, geography.buses.index
    for row in study.reinforcements.loc[[name]].itertuples():
        if row.action in {"add line", "rate"} and row.branch in static.index:
            line = static.loc[[row.branch]]
        elif row.action == "add line" and {row.bus0, row.bus1} <= set(known):
            line = pd.DataFrame([row._asdict()])
        else:
            ends = [end for end in (row.bus0, row.bus1) if end in known]
            if row.action == "rate":
                points.append(middle_of_branch(row.branch, study.network, geography))
            elif row.action.startswith("add") and ends:
                points.append(geography.buses.loc[ends[0], ["x", "y"]].to_numpy(float))
            continue
        path = geography.paths(line)[0]
        lines.append(
            {
                "path": path,
                "course": tuple(np.sort(path.round(1).ravel())),
                "kv": geography.buses.loc[line["bus0"].iloc[0], "kv"],
                "basis": str(line["basis"].iloc[0]) if "basis" in line else "",
            }
        )
    return lines, points


def _anchor(courses: list[Array], points: list[Array]) -> Array:
    """Where the number stands: half-way along the longest line, or at the first point."""
    if courses:
        lengths = [np.hypot(*np.diff(path, axis=0).T).sum() for path in courses]
        path = courses[int(np.argmax(lengths))]
        return middle_of(path)
    return points[0] if points else np.full(2, np.nan)


def _singles(single: pd.DataFrame, colours: dict[str, str], texts: Messages) -> Table:
    """Every reinforcement alone, the largest gain first."""
    rows = [
        (str(row.Index), str(row.year), _status(row.status, texts), _gain(row.gain_mw, texts),
         row.best_bus or "–", _rate(row.gain_mw_per_mnok, texts), _cost(row.cost_mnok, texts))
        for row in single.itertuples()
    ]  # fmt: skip
    return Table(
        texts("ranking_single"),
        [texts("ranking_reinforcement"), texts("ranking_year"), texts("ranking_status"), "MW",
         texts("ranking_at"), texts("ranking_rate"), texts("ranking_cost")],
        rows,
        [False, True, False, True, False, True, True],
        symbols=[badge_symbol(number, colour) for number, colour in
                 enumerate(colours.values(), start=1)],
        strong=3,
        least=10,
    )  # fmt: skip


def _pairs(pairs: pd.DataFrame, texts: Messages) -> Table:
    """Pairs that gain more together than the sum of both."""
    rows = [
        (str(row.Index), _gain(row.gain_mw, texts), row.best_bus or "–",
         _gain(row.synergy_mw, texts), _cost(row.cost_mnok, texts))
        for row in pairs.itertuples()
    ]  # fmt: skip
    return Table(
        texts("ranking_pairs"),
        [texts("ranking_reinforcement"), "MW", texts("ranking_at"), texts("ranking_synergy"),
         texts("ranking_cost")],
        rows,
        [False, True, False, True, True],
        strong=1,
    )  # fmt: skip


def _gain(mw: float, texts: Messages) -> str:
    return "–" if np.isnan(mw) else figure(mw, texts)


def _rate(rate: float, texts: Messages) -> str:
    return texts.number(rate, 2) if rate >= LEAST_RATE else "–"


def _cost(mnok: float, texts: Messages) -> str:
    return "–" if np.isnan(mnok) else texts.number(mnok)


def _status(status: str, texts: Messages) -> str:
    return texts(STATUSES[status])
