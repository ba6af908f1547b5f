"""The map of hosting capacity: what every bus can take, alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from gridplan.base.messages import Messages
from gridplan.exports import style
from gridplan.exports.badges import numbered
from gridplan.exports.classes import Classes, capacity_classes
from gridplan.exports.composition import Scene
from gridplan.exports.features import DIAMOND_FROM, Features, branches_of, bus_marks, stations_of
from gridplan.exports.geography import Geography, geography_of
from gridplan.exports.key import badge_rows, basis_rows, bus_rows, class_rows, line_rows
from gridplan.exports.layout import Box
from gridplan.exports.panel_tables import Table, draw_tables
from gridplan.exports.scene_parts import (
    MARKS,
    badge_symbol,
    class_table,
    figure,
    mark_symbol,
    titled,
)
from gridplan.exports.sheet import Sheet
from gridplan.study.stage import stage_texts
from gridplan.study.study import Study

TITLES = {"load": "capacity_title_load", "generation": "capacity_title_generation"}
LEGENDS = {"load": "legend_capacity_load", "generation": "legend_capacity_generation"}
LIMITED = {
    "branch": "limited_branch",
    "existing overload": "limited_existing_overload",
    "sources": "limited_sources",
    "shortage": "limited_shortage",
    "no source": "limited_no_source",
    "radial": "limited_radial",
    "none": "limited_none",
}
LISTED = 9  # branches that limit most buses
ENDS = 14  # buses at each end of the list


@dataclass(frozen=True)
class Chosen:
    """One criterion and one flexibility of a Dataset, inside the studied area.

    Parameters
    ----------
    table : pandas.DataFrame
        Index bus: mw, limited_by, limiting_branch, limiting_outage, kv, station, inside, and `at`,
        the texts of the MW at every flexibility.
    criterion : str
        N-1 or N-0.
    flexibility : float
        Share of the yearly energy that may be curtailed.
    shares : list of float
        All flexibilities of the Dataset.
    direction : str
        load or generation.
    hours : int
        Hours studied.
    kv : float or None
        The only voltage asked for.
    """

    table: pd.DataFrame
    criterion: str
    flexibility: float
    shares: list[float]
    direction: str
    hours: int
    kv: float | None

    @property
    def inside(self) -> pd.DataFrame:
        """Buses of the studied area."""
        return self.table[self.table["inside"]]


def capacity_scene(
    cap: xr.Dataset, study: Study, texts: Messages, *, criterion: str | None = None,
    flexibility: float | None = None, kv: float | None = None,
) -> Scene:  # fmt: skip
    """Gather what the map of a hosting capacity shows.

    Parameters
    ----------
    cap : xarray.Dataset
        Of `gridplan.hosting_capacity`.
    study : Study
        On the grid that it stands on.
    texts : Messages
        The language.
    criterion : {"N-1", "N-0"}, optional
        Default the first of the Dataset.
    flexibility : float, optional
        Default the first of the Dataset, usually firm.
    kv : float, optional
        Show buses of this voltage only.

    Raises
    ------
    ValueError
        When the Dataset has no such criterion or flexibility, or no bus of the voltage.
    """
    geography = geography_of(study, study.network)
    chosen = _chosen(
        cap, study, geography, texts, criterion=criterion, flexibility=flexibility, kv=kv
    )
    classes = capacity_classes(study.settings, chosen.direction)
    limiting = _limiting(chosen)
    features = _features(chosen, study, geography, classes, limiting=limiting, texts=texts)

    def panel(sheet: Sheet, box: Box) -> None:
        tables = _tables(chosen, classes, limiting, texts)
        notes = [texts("capacity_note"), texts("capacity_words")]
        figures = _figures(chosen, texts)
        draw_tables(sheet, box, figures, tables, notes=notes, messages=texts)

    key = [
        *class_rows(
            texts(LEGENDS[chosen.direction]),
            texts("legend_capacity_unit"),
            classes,
            classes.ticks(texts),
        ),
        *bus_rows(features, texts, texts("legend_dot")),
        *line_rows(features, texts),
        *basis_rows(features, texts),
        *(badge_rows(texts("legend_limiting"), style.LIMITING) if limiting else []),
    ]
    return Scene(
        study=study,
        geography=geography,
        features=features,
        messages=texts,
        title=_title(chosen, study, texts),
        subtitle=_subtitle(chosen, study, texts),
        key=key,
        panel=panel,
    )


def _chosen(
    cap: xr.Dataset, study: Study, geography: Geography, texts: Messages,
    *, criterion: str | None, flexibility: float | None, kv: float | None,
) -> Chosen:  # fmt: skip
    """Pick a criterion and a flexibility; say what there is where there is none."""
    criteria = [str(name) for name in cap.indexes["criterion"]]
    shares = [float(share) for share in cap.indexes["flexibility"]]
    criterion = criteria[0] if criterion is None else criterion
    if criterion not in criteria:
        msg = f"no capacity under criterion {criterion!r}; there are: {', '.join(criteria)}"
        raise ValueError(msg)
    flexibility = shares[0] if flexibility is None else flexibility
    near = [share for share in shares if np.isclose(share, flexibility)]
    if not near:
        found = ", ".join(f"{share:g}" for share in shares)
        msg = f"no capacity at flexibility {flexibility:g}; there are: {found}"
        raise ValueError(msg)
    one = cap.isel(criterion=criteria.index(criterion))
    at = one["capacity_mw"].transpose("bus", "flexibility").to_pandas()
    at.columns = pd.Index(shares)
    own = one.isel(flexibility=shares.index(near[0]))
    names = ["limited_by", "limiting_branch", "limiting_outage"]
    table = pd.DataFrame({name: own[name].to_series().astype(str) for name in names})
    table.index = at.index = pd.Index([str(bus) for bus in cap.indexes["bus"]], name="bus")
    table = table.assign(mw=at[near[0]], at=_all_shares(at, texts))
    table[["kv", "station", "inside"]] = geography.buses[["kv", "station", "inside"]]
    if kv is not None:
        if not (table["kv"] == kv).any():
            found = ", ".join(f"{level:g}" for level in sorted(table["kv"].unique()))
            msg = f"no bus of {kv:g} kV; there are: {found}"
            raise ValueError(msg)
        table = table[table["kv"] == kv]
    hours = cap.sizes.get("snapshot", len(study.network.snapshots))
    return Chosen(table, criterion, near[0], shares, cap.attrs["direction"], hours, kv)


def _all_shares(at: pd.DataFrame, texts: Messages) -> list[tuple[str, ...]]:
    return [tuple(figure(mw, texts) for mw in row) for row in at.to_numpy(float)]


def _limiting(chosen: Chosen) -> dict[str, int]:
    """Branches that limit most buses of the studied area, and how many each."""
    names = chosen.inside["limiting_branch"]
    counts = names[names != ""].value_counts()
    order = counts.rename_axis("branch").reset_index(name="buses")
    order = order.sort_values(["buses", "branch"], ascending=[False, True]).head(LISTED)
    return dict(zip(order["branch"], order["buses"].astype(int), strict=True))


def _features(
    chosen: Chosen, study: Study, geography: Geography, classes: Classes,
    *, limiting: dict[str, int], texts: Messages,
) -> Features:  # fmt: skip
    """Put marks and figures at the stations, and numbers on the branches that limit most."""
    look = pd.DataFrame(
        {"value": 1.0, "colour": style.LIMITING, "level": 1, "top": True}, index=list(limiting)
    )
    branches = branches_of(study, study.network, geography, look)
    stations = stations_of(study, study.network, geography)
    ordered = chosen.table.sort_values(["station", "kv"], kind="stable")
    labels = ordered["mw"].map(lambda mw: figure(mw, texts)).groupby(ordered["station"])
    stations["label"] = labels.agg(" | ".join).reindex(stations.index).fillna("")
    return Features(
        branches=branches,
        stations=stations,
        marks=bus_marks(geography, chosen.table["mw"], classes),
        badges=numbered(list(limiting), study.network, geography, style.LIMITING),
        mark_mm=MARKS,
    )


def _title(chosen: Chosen, study: Study, texts: Messages) -> str:
    return texts(
        TITLES[chosen.direction],
        study=titled(study),
        terms=_terms(chosen.flexibility, texts),
    )


def _terms(flexibility: float, texts: Messages) -> str:
    """Firm, or with how much curtailment."""
    if flexibility == 0:
        return texts("capacity_firm")
    return texts("capacity_flexible", percent=texts.percent(flexibility))


def _subtitle(chosen: Chosen, study: Study, texts: Messages) -> str:
    basis = texts("capacity_basis", criterion=chosen.criterion, hours=texts.number(chosen.hours))
    voltage = [] if chosen.kv is None else [texts("capacity_kv", kv=f"{chosen.kv:g}")]
    alone = texts("capacity_alone")
    return " · ".join([*stage_texts(study.stage, texts), basis, *voltage, alone])


def _figures(chosen: Chosen, texts: Messages) -> list[tuple[str, str, bool]]:
    mw = chosen.inside["mw"]
    return [
        (texts.number(len(mw)), texts("capacity_figure_buses"), False),
        (figure(mw.median(), texts), texts("capacity_figure_median"), True),
        (texts.number((mw >= 50).sum()), texts("capacity_figure_much"), True),
        (texts.number((mw < 10).sum()), texts("capacity_figure_little"), False),
    ]


def _tables(
    chosen: Chosen, classes: Classes, limiting: dict[str, int], texts: Messages
) -> list[Table]:
    """Most and least room, how many buses in each class, and what limits."""
    order = chosen.inside.assign(name=chosen.inside.index)
    order = order.sort_values(["mw", "name"], ascending=[False, True])
    regional = order[order["kv"] < DIAMOND_FROM]
    mixed = 0 < len(regional) < len(order)
    highest = regional if mixed else order
    least = order[::-1].head(min(ENDS, len(order) // 2))
    most = highest.head(min(ENDS, len(order) - len(least)))
    heading = "capacity_most_below" if mixed else "capacity_most"
    return [
        _ends(texts(heading, kv=f"{DIAMOND_FROM:g}"), most, chosen, classes, texts),
        _ends(texts("capacity_least"), least, chosen, classes, texts),
        _limits(chosen, limiting, texts),
        class_table(
            texts("capacity_classes"),
            chosen.inside["mw"],
            classes,
            [f"{text} MW" for text in classes.texts(texts)],
            counted=lambda count: texts("capacity_buses", count=count),
        ),
    ]


def _ends(
    heading: str, rows: pd.DataFrame, chosen: Chosen, classes: Classes, texts: Messages
) -> Table:
    """One end of the list of buses."""
    shares = [
        texts("capacity_firm_short") if share == 0 else f"{texts.percent(share)} %"
        for share in chosen.shares
    ]
    cells = [
        (str(row.Index), *row.at, row.limiting_branch or _word(row.limited_by, texts),
         row.limiting_outage or ("–" if row.limiting_branch else ""))
        for row in rows.itertuples()
    ]  # fmt: skip
    return Table(
        heading,
        [texts("capacity_bus"), *shares, texts("capacity_limit"), texts("capacity_after")],
        cells,
        [False, *[True] * len(shares), False, False],
        symbols=[mark_symbol(row.kv, classes.colour(row.mw)) for row in rows.itertuples()],
        strong=1 + chosen.shares.index(chosen.flexibility),
        least=5,
        excerpt=True,
    )


def _word(limited_by: str, texts: Messages) -> str:
    """Name what limits; a bus that a branch limits names the branch instead."""
    return texts(LIMITED[limited_by])


def _limits(chosen: Chosen, limiting: dict[str, int], texts: Messages) -> Table:
    """Branches that limit most buses, by their numbers on the map."""
    reasons = chosen.inside["limited_by"].value_counts()
    told = ", ".join(
        f"{_word(str(name), texts)} {texts.number(count)}" for name, count in reasons.items()
    )
    return Table(
        texts("capacity_limits"),
        [told, ""],
        [(name, texts("capacity_buses", count=count)) for name, count in limiting.items()],
        [False, True],
        symbols=[badge_symbol(number, style.LIMITING) for number in range(1, len(limiting) + 1)],
        bars=list(limiting.values()),
        least=4,
        excerpt=True,
    )
