"""Hours for a case of one situation, by a stated rule.

A power-flow case is one moment. A study of N hours takes the N hours around the highest load of the
bundled load shape (`gridplan.study.shapes`), its highest hour being the case: every load, and the
scheduled output of every generator with it, is the case's times the shape of the hour. N = 8,760 is
the whole year; with the shape `flat` every hour is the case.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
import pypsa

from gridplan.base.quiet import quiet_pypsa
from gridplan.study.shapes import starting_shapes

Shape = Literal["load", "flat"]


def shapes_of(hours: int) -> pd.DataFrame:
    """Shapes of so many hours around the highest load, scaled so that this one is 1.

    Parameters
    ----------
    hours : int
        1 to 8,760.

    Returns
    -------
    pandas.DataFrame
        Snapshot x name, per unit.
    """
    shapes = starting_shapes()
    if hours >= len(shapes):
        return shapes
    peak = int(np.argmax(shapes["load"].to_numpy()))
    if hours >= 24:  # whole days, the one with the highest load among them
        peak -= peak % 24
    start = int(np.clip(peak - (hours - 24 if hours > 24 else 0) // 2 // 24 * 24, 0, len(shapes)))
    start = min(start, len(shapes) - hours)
    return shapes.iloc[start : start + hours]


def with_hours(network: pypsa.Network, hours: int, shape: Shape) -> tuple[pypsa.Network, list[str]]:
    """Give a network of one snapshot more hours.

    Parameters
    ----------
    network : pypsa.Network
        One snapshot, all figures static.
    hours : int
        1 to 8,760.
    shape : {"load", "flat"}
        What loads and scheduled outputs follow.

    Returns
    -------
    pypsa.Network
        A copy.
    list of str
        The rule, for people.
    """
    stamps = shapes_of(hours).index
    factor = pd.Series(1.0, index=stamps)
    if shape == "load" and hours > 1:
        load = shapes_of(hours)["load"]
        factor = load / load.max()
    with quiet_pypsa():
        copy = network.copy()
        copy.set_snapshots(stamps)
        copy.snapshot_weightings = copy.snapshot_weightings.astype(float)
        if hours > 1:
            _follow(copy, factor)
    return copy, _said(hours, shape, stamps)


def _follow(network: pypsa.Network, factor: pd.Series) -> None:
    loads, generators = network.c.loads.static, network.c.generators.static
    for quantity in ("p_set", "q_set"):
        network.c.loads.dynamic[quantity] = _times(factor, loads[quantity])
    p_nom = generators["p_nom"]
    low, high = generators["p_min_pu"] * p_nom, generators["p_max_pu"] * p_nom
    output = _times(factor, generators["p_set"]).clip(low, high, axis=1)
    network.c.generators.dynamic.p_set = output


def _times(factor: pd.Series, value: pd.Series) -> pd.DataFrame:
    table = np.outer(factor.to_numpy(), value.to_numpy(dtype=float))
    index = pd.DatetimeIndex(factor.index, name="snapshot")
    return pd.DataFrame(table, index=index, columns=pd.Index(value.index, name="name"))


def _said(hours: int, shape: Shape, stamps: pd.DatetimeIndex) -> list[str]:
    if hours == 1:
        return ["One hour: the situation of the source, on a made-up date."]
    first = f"{hours:,} hours made by a rule from one situation: "
    if shape == "flat":
        return [first + "every hour is that situation."]
    return [
        first + "loads and scheduled outputs times the load shape of Trøndelag 2019 "
        f"(from {stamps[0]:%d %b}), the highest hour being the situation of the source; "
        "limits are the same in every hour."
    ]
