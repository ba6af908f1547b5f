"""Lines and transformers far from the usual of their voltage."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gridplan.plausibility.doubt import (
    LINE_KA,
    LINE_OHM_PER_KM,
    PYPSA_TRANSFORMERS,
    PYPSA_TYPES,
    TRANSFORMER_MVA,
    TRANSFORMER_PU,
    Doubt,
    is_far,
    usual_range,
)
from gridplan.study.study import Study


def branch_doubts(study: Study) -> list[Doubt]:
    """Hold ratings and reactances against what is usual at their voltage.

    Parameters
    ----------
    study : Study
        The input.

    Returns
    -------
    list of Doubt
    """
    kv = study.network.c.buses.static["v_nom"]
    lines, transformers = (
        table[table["active"].astype(bool)]
        for table in (study.network.c.lines.static, study.network.c.transformers.static)
    )
    return [*_lines(lines, kv), *_transformers(transformers, kv)]


def _lines(lines: pd.DataFrame, kv: pd.Series) -> list[Doubt]:
    doubts = []
    for name, line in lines.iterrows():
        volts = kv[line["bus0"]]
        low, high = (np.sqrt(3) * volts * ka for ka in usual_range(LINE_KA, volts))
        if is_far(line["s_nom"], low, high):
            question = (
                "Are these several circuits? Then give each a row: the outage of one is N-1."
                if line["s_nom"] > high
                else "Is this a limit of something else, or kA?"
            )
            told = f"{line['s_nom']:,.4g} MVA", f"{low:,.0f} to {high:,.0f} MVA at {volts:g} kV"
            doubts.append(
                Doubt("rating", "lines", str(name), "s_nom", *told, question, PYPSA_TYPES)
            )
        if line["length"] > 0 and is_far(line["x"] / line["length"], *LINE_OHM_PER_KM):
            told = (
                f"{line['x'] / line['length']:.3g} ohm/km",
                f"{LINE_OHM_PER_KM[0]:g} to {LINE_OHM_PER_KM[1]:g} ohm/km",
            )
            question = "x is in ohm for the whole line, length in km; is either in another unit?"
            doubts.append(Doubt("reactance", "lines", str(name), "x", *told, question, PYPSA_TYPES))
    return doubts


def _transformers(transformers: pd.DataFrame, kv: pd.Series) -> list[Doubt]:
    doubts = []
    for name, unit in transformers.iterrows():
        volts = max(kv[unit["bus0"]], kv[unit["bus1"]])
        low, high = usual_range(TRANSFORMER_MVA, volts)
        if is_far(unit["s_nom"], low, high):
            told = f"{unit['s_nom']:,.4g} MVA", f"{low:,g} to {high:,g} MVA at {volts:g} kV"
            question = "Are these several units? Then give each a row: the outage of one is N-1."
            where = ("rating", "transformers", str(name), "s_nom")
            doubts.append(Doubt(*where, *told, question, PYPSA_TRANSFORMERS))
        if is_far(unit["x"], *TRANSFORMER_PU):
            told = f"{unit['x']:.3g} per unit", "{:g} to {:g} per unit".format(*TRANSFORMER_PU)
            question = "x is per unit of the transformer's own s_nom; is this ohm or per cent?"
            where = ("reactance", "transformers", str(name), "x")
            doubts.append(Doubt(*where, *told, question, PYPSA_TRANSFORMERS))
    return doubts
