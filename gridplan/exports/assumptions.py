"""What a study assumes: rows that are not the real grid, assumed figures, settings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd

from gridplan.base.messages import Messages
from gridplan.exports.about import NOT_THE_GRID
from gridplan.study.schema import BASIS

if TYPE_CHECKING:
    from gridplan.study.settings import Settings
    from gridplan.study.study import Study

GRID = ("buses", "lines", "transformers", "generators", "loads")
CHOICES = ("projects", "measures", "symbioses", "reinforcements")
# Columns that say where one figure of a row comes from, and what the figure is.
FIGURES = {
    "rating_source": "rating",
    "mw_basis": "power",
    "benefit_basis": "benefit",
    "cost_source": "cost",
}
SETTINGS = {  # key in the catalogue by the name in study.yaml
    "year": "setting_year",
    "inflow": "setting_inflow",
    "wind_year": "setting_wind_year",
    "load_year": "setting_load_year",
    "hydro_flexibility_pu": "setting_hydro_flexibility_pu",
    "ordinary_growth_below_mw": "setting_ordinary_growth_below_mw",
    "interest_rate": "setting_interest_rate",
    "budget_mnok": "setting_budget_mnok",
    "reinforcement_lifetime_yr": "setting_reinforcement_lifetime_yr",
    "curtailment_nok_per_mwh": "setting_curtailment_nok_per_mwh",
    "transformer_emergency_factor": "setting_transformer_emergency_factor",
    "radial": "setting_radial",
}
WEIGHTS = {
    "co2_mnok_per_kt": "setting_co2_mnok_per_kt",
    "jobs_mnok_per_job": "setting_jobs_mnok_per_job",
    "export_mnok_per_mnok": "setting_export_mnok_per_mnok",
    "mw_mnok_per_mw": "setting_mw_mnok_per_mw",
}
GOALS = {
    "min_co2_t_per_yr": "setting_min_co2_t_per_yr",
    "min_jobs": "setting_min_jobs",
    "min_export_mnok_per_yr": "setting_min_export_mnok_per_yr",
    "min_mw": "setting_min_mw",
}


def basis_counts(study: Study) -> pd.DataFrame:
    """Count the rows of every table by how they are known.

    Parameters
    ----------
    study : Study
        On the grid of the result.

    Returns
    -------
    pandas.DataFrame
        table, one column for every basis that occurs, rows. A row that says nothing of itself
        counts in `rows` only.
    """
    counts = {
        name: table["basis"].value_counts() if "basis" in table else pd.Series(dtype=int)
        for name, table in _tables(study)
    }
    frame = pd.DataFrame(counts).T.reindex(columns=[*BASIS]).fillna(0).astype("int64")
    frame = frame.loc[:, frame.sum() > 0]
    rows = pd.Series({name: len(table) for name, table in _tables(study)})
    return frame.assign(rows=rows).rename_axis("table").reset_index()


def assumptions(study: Study) -> pd.DataFrame:
    """List every row that is assumed or synthetic, and every figure that is assumed.

    Parameters
    ----------
    study : Study
        On the grid of the result.

    Returns
    -------
    pandas.DataFrame
        table, name, what ("row", "rating", "power", "benefit" or "cost"), basis, source.
    """
    parts = []
    for name, table in _tables(study):
        if "basis" in table:
            rows = table[table["basis"].isin(NOT_THE_GRID)]
            parts.append(_part(name, rows, "row", rows["basis"], rows.get("source")))
        for column, what in FIGURES.items():
            if column in table:
                text = table[column].fillna("").astype(str)
                rows = table[text.str.contains("assum", case=False)]
                parts.append(_part(name, rows, what, "assumption", rows[column]))
    return pd.concat(parts, ignore_index=True)


def _part(
    table: str, rows: pd.DataFrame, what: str, basis: object, source: pd.Series | None
) -> pd.DataFrame:
    columns = {"table": table, "name": rows.index, "what": what, "basis": basis, "source": source}
    return pd.DataFrame(columns, index=rows.index).reset_index(drop=True)


def _tables(study: Study) -> Iterator[tuple[str, pd.DataFrame]]:
    """Tables of a study by name; of the reinforcements one row each, the first."""
    for name in GRID:
        yield name, study.network.c[name].static
    for name in CHOICES:
        table = getattr(study, name)
        yield name, table[~table.index.duplicated()]


def settings_table(settings: Settings, texts: Messages) -> pd.DataFrame:
    """List the settings that a plan rests on, in words; what is not set is left out.

    Returns
    -------
    pandas.DataFrame
        setting, value (number or text).
    """
    parts = ((settings, SETTINGS), (settings.weights, WEIGHTS), (settings.goals, GOALS))
    rows = [
        (texts(key), getattr(part, name))
        for part, keys in parts
        for name, key in keys.items()
        if getattr(part, name) is not None
    ]
    return pd.DataFrame(rows, columns=["setting", "value"])
