"""measures.csv: what lowers the peak of a station or raises the rating of a line.

Load measures by municipality group (tables/measure_kinds.csv): the MW of one unit is the group's
peak of the category (hour by hour model of `demand`) x share of the buildings per unit x peak
cut, and a unit is spread over the group's buses by their energy of that category. Load measures
at named places stand in tables/measures_sites.csv. Rating measures (tables/measures_lines.csv)
name one line each, and no line twice: the gains of uprating and dynamic rating on one conductor
do not add up, but a plan would add them. Cost = fixed + NOK per km x length of lines.csv.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from networks.build.common import own_table
from networks.build.demand import category_shapes
from networks.build.loads import energy_by_load

COLUMNS = [
    "kind",
    "buses",
    "branch",
    "mw",
    "rating_pu",
    "profile",
    "units_max",
    "cost_mnok",
    "lifetime_yr",
    "description",
    "basis",
    "source",
]
SMALLEST_SHARE = 0.03
# kind of rating measure -> (rise per unit, MNOK fixed, MNOK per km, years, words, source)
RATINGS = {
    "dynamic": (
        0.20,
        1.5,
        0.05,
        15,
        "dynamic line rating",
        "+10-30 %, up to +20 % in Statnett use (M08); 1.5 MNOK + 0.05 MNOK/km assumed (sensors and "
        "operation); the gain is taken as constant over the hours",
    ),
    "uprating": (
        0.25,
        2.0,
        0.6,
        30,
        "temperature uprating",
        "up to +40 % on some lines (M09), 25 % taken; 2 MNOK + 0.6 MNOK/km assumed (higher poles, "
        "joints; about a tenth of a new regional line)",
    ),
}


def measures(sources: Path, buses: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Return measures.csv: index name, columns `COLUMNS`.

    Parameters
    ----------
    sources : pathlib.Path
    buses, lines : pandas.DataFrame
        buses.csv and lines.csv, indexed by name.
    """
    rows = pd.concat([_by_group(sources, buses), _by_site(), _ratings(lines)])
    return rows.set_index("name")[COLUMNS]


def _by_group(sources: Path, buses: pd.DataFrame) -> pd.DataFrame:
    """Return the load measures of municipality groups."""
    energy = energy_by_load(sources, buses)
    shapes = category_shapes(sources)
    groups = own_table("measure_groups.csv").set_index("group")["municipalities"]
    rows = []
    for kind in own_table("measure_kinds.csv").itertuples():
        for group in _parts(kind.groups):
            places = _parts(groups[group])
            at = energy[energy.index.isin(places, level="municipality")].groupby("bus").sum()
            peak = float((shapes[kind.category] * at[kind.category].sum() / 8.76).max())
            mw = round(peak * kind.share_per_unit * kind.peak_cut_pu, 2)
            rows.append(
                {
                    "name": f"{kind.name} {group}",
                    "kind": "load",
                    "buses": shares_text(at[kind.category]),
                    "branch": "",
                    "mw": mw,
                    "rating_pu": 0.0,
                    "profile": kind.profile,
                    "units_max": kind.units_max,
                    "cost_mnok": round(mw * kind.mnok_per_mw, 1),
                    "lifetime_yr": kind.lifetime_yr,
                    "description": kind.description,
                    "basis": kind.basis,
                    "source": f"{kind.source}; MW from the peak of {kind.category} ({peak:.0f} MW)",
                }
            )
    return pd.DataFrame(rows)


def _by_site() -> pd.DataFrame:
    """Return the load measures at named places."""
    rows = own_table("measures_sites.csv")
    rows["buses"] = [
        "; ".join(f"{bus}: {share}" for bus, share in (part.split(":") for part in _parts(text)))
        for text in rows["buses"]
    ]
    return rows.assign(kind="load", branch="", rating_pu=0.0)


def _ratings(lines: pd.DataFrame) -> pd.DataFrame:
    """Return the rating measures of the lines named in tables/measures_lines.csv.

    Raises
    ------
    KeyError
        If a line is not in lines.csv.
    ValueError
        If a line is named twice.
    """
    table = own_table("measures_lines.csv")
    if table["branch"].duplicated().any():
        twice = ", ".join(table.loc[table["branch"].duplicated(), "branch"])
        msg = f"measures_lines.csv names twice: {twice}; the gains do not add up"
        raise ValueError(msg)
    rows = []
    for row in table.itertuples():
        rise, fixed, per_km, years, words, source = RATINGS[row.kind]
        if row.branch not in lines.index:
            msg = f"measures_lines.csv names {row.branch!r}, which is not in lines.csv"
            raise KeyError(msg)
        km = float(lines.loc[row.branch, "length"])
        rows.append(
            {
                "name": f"{words.capitalize()} {row.branch}",
                "kind": "rating",
                "buses": "",
                "branch": row.branch,
                "mw": 0.0,
                "rating_pu": rise,
                "profile": "",
                "units_max": 1,
                "cost_mnok": round(fixed + per_km * km, 1),
                "lifetime_yr": years,
                "description": f"{words} of {row.branch} ({km:.0f} km): {row.reason}",
                "basis": "assumption",
                "source": source,
            }
        )
    return pd.DataFrame(rows)


def shares_text(energy: pd.Series) -> str:
    """Return "bus: share; ..." with shares that sum to 1, buses below 3 % left out.

    >>> shares_text(pd.Series({"A 66": 70.0, "B 66": 29.5, "C 66": 0.5}))
    'A 66: 0.704; B 66: 0.296'
    """
    share = energy / energy.sum()
    share = share[share >= SMALLEST_SHARE]
    share = (share / share.sum()).round(3).sort_values(ascending=False, kind="stable")
    share.iloc[0] = round(1 - share.iloc[1:].sum(), 3)
    return "; ".join(f"{bus}: {value:g}" for bus, value in share.items())


def _parts(text: str) -> list[str]:
    """Split "a; b" into its parts."""
    return [part.strip() for part in text.split(";")]
