"""The map of marginal values: what one MW is worth at the stations and on the branches."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from gridplan.base.messages import Messages
from gridplan.exports import style
from gridplan.exports.badges import numbered
from gridplan.exports.classes import Classes, value_classes
from gridplan.exports.composition import Scene
from gridplan.exports.features import Features, branches_of, bus_marks, stations_of
from gridplan.exports.geography import Geography, geography_of
from gridplan.exports.key import badge_rows, basis_rows, bus_rows, class_rows, line_rows
from gridplan.exports.layout import Box
from gridplan.exports.panel_tables import Table, draw_tables
from gridplan.exports.scene_parts import MARKS, badge_symbol, class_table, mark_symbol
from gridplan.exports.sheet import Sheet
from gridplan.reasons.marginal import MarginalValues
from gridplan.study.stage import stage_texts

Values = Literal["divisible", "fixed"]
KINDS = ("divisible", "fixed")
NAMES = {"divisible": "value_divisible", "fixed": "value_fixed"}
NOTES = {"divisible": "value_note_divisible", "fixed": "value_note_fixed"}
UNIT = 1000.0  # NOK; figures are printed in thousands
LISTED = 9  # branches with a number
ROWS = 14


def marginal_scene(
    found: MarginalValues, texts: Messages, *, values: Values | None = None, kv: float | None = None
) -> Scene:
    """Gather what the map of marginal values shows.

    Parameters
    ----------
    found : MarginalValues
        Of `gridplan.marginal_values`.
    texts : Messages
        The language.
    values : {"divisible", "fixed"}, optional
        With options in parts (default), or with the plan as it is.
    kv : float, optional
        Show buses of this voltage only.

    Raises
    ------
    ValueError
        For other values.
    """
    values = "divisible" if values is None else values
    if values not in KINDS:
        msg = f"no values {values!r}; there are: {', '.join(KINDS)}"
        raise ValueError(msg)
    plan, classes = found.plan, value_classes(found.plan.study.settings)
    study = plan.study
    geography = geography_of(study, study.network)
    branches = found.branches[found.branches[values] > 0]
    branches = branches.assign(name=branches.index).sort_values(
        [values, "name"], ascending=[False, True]
    )
    features = _features(
        found, geography, classes, branches[values], values=values, kv=kv, texts=texts
    )
    inside = found.buses[geography.buses["inside"].reindex(found.buses.index)]
    figures = [
        (_thousands(inside[values].max(), texts), texts("value_figure_bus"), True),
        (texts.number((inside[values] > 0).sum()), texts("value_figure_buses"), False),
        (_thousands(found.branches[values].max(), texts), texts("value_figure_branch"), True),
        (texts.number(len(branches)), texts("value_figure_branches"), False),
    ]
    tables = [
        _buses(inside, values, classes, texts),
        _branches(branches, values, texts),
        _measures(found.measures, values, texts),
        class_table(
            texts("value_classes"),
            inside[values],
            classes,
            classes.texts(texts, UNIT),
            counted=lambda count: texts("capacity_buses", count=count),
        ),
    ]
    notes = [texts(NOTES[values]), texts("value_note")]

    def panel(sheet: Sheet, box: Box) -> None:
        draw_tables(sheet, box, figures, tables, notes=notes, messages=texts)

    return Scene(
        study=study,
        geography=geography,
        features=features,
        messages=texts,
        title=texts("marginal_title", study=study.title, year=plan.year),
        subtitle=_subtitle(found, values, texts),
        key=_key(features, classes, texts),
        panel=panel,
    )


def _features(
    found: MarginalValues, geography: Geography, classes: Classes, branches: pd.Series,
    *, values: Values, kv: float | None, texts: Messages,
) -> Features:  # fmt: skip
    """Put marks and figures where a MW is worth something, and colour the branches."""
    study = found.plan.study
    level = branches.map(classes.position).astype(int)
    look = pd.DataFrame(
        {
            "value": branches,
            "colour": level.map(dict(enumerate(classes.colours))),
            "level": level,
            "top": True,
        }
    )
    look["colour"] = look["colour"].where(level > 0, style.NEUTRAL)
    worth = found.buses[values].where(found.buses[values].map(classes.position) > 0)
    marks = bus_marks(geography, worth, classes, kv=kv)
    shown = marks.dropna(subset="value")
    labels = shown["value"].map(lambda nok: _thousands(nok, texts)).groupby(shown["station"])
    joined = labels.agg(_without_repeats)
    stations = stations_of(study, study.network, geography)
    stations["label"] = joined.reindex(stations.index).fillna("")
    return Features(
        branches=branches_of(study, study.network, geography, look),
        stations=stations,
        marks=marks,
        badges=numbered(list(branches.index[:LISTED]), study.network, geography, style.SAVING),
        mark_mm=MARKS,
    )


def _without_repeats(texts: pd.Series) -> str:
    """Join the figures of a station's voltages; equal ones once."""
    return str(texts.iloc[0]) if len(set(texts)) == 1 else " | ".join(texts)


def _key(features: Features, classes: Classes, texts: Messages) -> list:
    return [
        *class_rows(
            texts("legend_value"),
            texts("legend_value_unit"),
            classes,
            classes.ticks(texts, UNIT),
            texts("legend_value_lines"),
        ),
        *bus_rows(features, texts, texts("legend_no_value")),
        *line_rows(features, texts),
        *basis_rows(features, texts),
        *(badge_rows(texts("legend_valued"), style.SAVING) if len(features.badges) else []),
    ]


def _subtitle(found: MarginalValues, values: Values, texts: Messages) -> str:
    plan = found.plan
    basis = texts("subtitle_basis", hours=texts.number(len(plan.network.snapshots)))
    chosen = texts("value_of_plan", count=int(plan.projects["chosen"].sum()))
    return " · ".join([*stage_texts(plan.stage, texts), basis, chosen, texts(NAMES[values])])


def _thousands(nok: float, texts: Messages) -> str:
    """Write NOK in thousands."""
    return texts.number(nok / UNIT)


def _buses(buses: pd.DataFrame, values: Values, classes: Classes, texts: Messages) -> Table:
    """Buses at which a saved MW is worth most."""
    order = buses[buses[values] > 0].assign(name=lambda table: table.index)
    order = order.sort_values([values, "name"], ascending=[False, True]).head(ROWS)
    where = "municipality" if "municipality" in order else "name"
    return Table(
        texts("value_buses"),
        [texts("capacity_bus"), texts("value_municipality") if where != "name" else "",
         texts("value_firm"), texts("value_conditional")],
        [
            (str(bus), str(row[where]) if where != "name" else "", _thousands(row[values], texts),
             _thousands(row[f"{values}_conditional"], texts))
            for bus, row in order.iterrows()
        ],
        [False, False, True, True],
        symbols=[mark_symbol(row["v_nom"], classes.colour(row[values]))
                 for _, row in order.iterrows()],
        strong=2,
        dropped=int((buses[values] > 0).sum()) - len(order),
    )  # fmt: skip


def _branches(branches: pd.DataFrame, values: Values, texts: Messages) -> Table:
    """Branches on which a MW of rating is worth most."""
    rows = branches.head(LISTED)
    return Table(
        texts("value_branches"),
        [texts("loading_branch"), texts("value_rating"), texts("loading_without"),
         texts("loading_after")],
        [
            (str(branch), *(_thousands(row[column], texts) for column in (
                values, f"{values}_without_outage", f"{values}_after_outage")))
            for branch, row in rows.iterrows()
        ],
        [False, True, True, True],
        symbols=[badge_symbol(number, style.SAVING) for number in range(1, len(rows) + 1)],
        strong=1,
        dropped=len(branches) - len(rows),
    )  # fmt: skip


def _measures(measures: pd.DataFrame, values: Values, texts: Messages) -> Table:
    """Measures that are worth most per MW, beside what they cost."""
    order = measures[measures[values] > 0].assign(name=lambda table: table.index)
    order = order.sort_values([values, "name"], ascending=[False, True]).head(ROWS)
    return Table(
        texts("value_measures"),
        [texts("value_measure"), texts("value_worth"), texts("value_cost"), texts("value_taken")],
        [
            (str(row.name_), _thousands(row.worth, texts), _thousands(row.annual_cost, texts),
             texts.number(row.taken))
            for row in order.rename(columns={"name": "name_", values: "worth"}).itertuples()
        ],
        [False, True, True, True],
        strong=1,
        dropped=int((measures[values] > 0).sum()) - len(order),
    )  # fmt: skip
