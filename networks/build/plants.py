"""The 117 power plants of the county: what the sources say, and what is corrected.

* Øvre Leirfoss and Nedre Leirfoss are the old units at the falls that Leirfossene (2008) uses: they
  stay in the table with their power, but with no energy, so that no water is counted twice.
* Three plants lack an annual figure: they get the median full-load hours of the hydro plants
  below 10 MW.
* A plant is *regulated* (its energy can be moved between seasons and hours) when its own
  reservoir holds at least six weeks of its production, or when it lies downstream of such a
  reservoir on the same river (`DOWNSTREAM`, river order from general knowledge). Regulated plants
  of 5 MW and more have `storage` = True: the program may redispatch them.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

OLD_UNITS = ("Øvre Leirfoss", "Nedre Leirfoss")
REGULATED_WEEKS = 6.0
SMALL_MW = 10.0
REDISPATCH_FROM_MW = 5.0
# plant -> the reservoir upstream that gives it regulated water
DOWNSTREAM = {
    "Nea": "Nesjøen (Vessingfoss)",
    "Gresslifoss": "Nesjøen (Vessingfoss)",
    "Nedre Nea": "Nesjøen (Vessingfoss)",
    "Hegsetfoss": "Nesjøen (Vessingfoss)",
    "Svean": "Selbusjøen (Bratsberg)",
    "Løkaunet": "Selbusjøen (Bratsberg)",
    "Fjæremsfoss": "Selbusjøen (Bratsberg)",
    "Leirfossene": "Selbusjøen (Bratsberg)",
    "Meråker": "Fjergen (Tevla)",
    "Tunnsjødal": "Tunnsjøen (Tunnsjøfoss)",
    "Tunnsjø": "Limingen (Røyrvikfoss)",
    "Brattset": "Orkla reservoirs (Innerdalsvatnet, outside the county's table)",
    "Svorkmo": "Granasjøen (Grana)",
}


def plants(sources: Path) -> pd.DataFrame:
    """Return the plants as the model uses them.

    Returns
    -------
    pandas.DataFrame
        Index plant name; columns lon, lat, p_nom (MW), annual_gwh, storage_gwh, weeks (of own
        production that the reservoir holds), regulated, storage, kind (hydro or wind),
        municipality, price_area, source, note.
    """
    table = pd.read_csv(sources / "plants/plants_trondelag.csv").set_index("name").sort_index()
    table = table.rename(columns={"mw": "p_nom"})
    table["kind"] = table["technology"].map(lambda name: "wind" if "wind" in name else "hydro")
    hydro = table["kind"] == "hydro"
    small = hydro & (table["p_nom"] < SMALL_MW)
    hours = (table["annual_gwh"] / table["p_nom"])[small].median()
    missing = table["annual_gwh"].isna()
    table["note"] = [_note(name, missing[name]) for name in table.index]
    table["annual_gwh"] = table["annual_gwh"].fillna((table["p_nom"] * hours).round(1))
    table.loc[list(OLD_UNITS), "annual_gwh"] = 0.0
    table["storage_gwh"] = table["storage_gwh"].fillna(0.0)
    table["weeks"] = (52 * table["storage_gwh"] / table["annual_gwh"]).where(
        table["annual_gwh"] > 0
    )
    own = hydro & (table["weeks"] >= REGULATED_WEEKS)
    table["regulated"] = own | table.index.isin(list(DOWNSTREAM))
    table["storage"] = table["regulated"] & (table["p_nom"] >= REDISPATCH_FROM_MW)
    return table


def _note(name: str, missing: bool) -> str:
    """Tell what was changed or assumed about a plant."""
    if name in OLD_UNITS:
        return "old unit at the falls of Leirfossene: no energy, so that none is counted twice"
    if missing:
        return "annual energy assumed: median full-load hours of hydro plants below 10 MW"
    if name in DOWNSTREAM:
        return f"regulated water from {DOWNSTREAM[name]}"
    return ""
