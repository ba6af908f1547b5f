"""What a GWh of each kind of consumption looks like hour by hour, and each municipality's year.

A category with annual energy E (GWh), weekly shape w (mean 1) and heated share a has in hour t::

    P(t) = E / 8.76 * [(1 - a) * w(t) + a * h(t)],    h(t) = HDD15(t) * v(t) / mean(HDD15 * v)
    v(t) = 1 + DAMPING * (w(t) - 1)

(MW; both shapes have mean 1 over the year 2019, so E is kept). The heated shares are assumptions,
set so that the county's MW per degC agrees with the regression of the NO3 load (see calibration).
In the cold year HDD15(t) is larger; the mean stays that of 2019, so its heat comes on top of E.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from networks.build.climate import CENTRAL, heating_degrees_c, local_clock, snapshots

STATISTICS_YEAR = 2024
DAMPING = 0.3
# category of the statistics -> (weekly shape, heated share)
CATEGORIES = {
    "households": ("household", 0.55),
    "cabins": ("cabin", 0.55),
    "services": ("tertiary", 0.42),
    "construction": ("secondary", 0.20),
    "transport_storage": ("tertiary", 0.20),
    "agri_forest": ("primary", 0.20),
    "aquaculture": ("primary", 0.0),
    "industry_other": ("secondary", 0.10),
    "industry_power_intensive": ("flat", 0.0),
    "data_centres": ("flat", 0.0),
    "energy_water_supply": ("secondary", 0.25),
    "unclassified": ("tertiary", 0.42),
}
HEATED = ("households", "cabins", "services")


def municipal_energy_gwh(sources: Path) -> pd.DataFrame:
    """Return consumption of 2024 by municipality and category (GWh).

    Returns
    -------
    pandas.DataFrame
        Index municipality; columns the keys of `CATEGORIES`.
    """
    table = pd.read_csv(sources / "municipalities/municipal_stats.csv")
    table = table[table["year"] == STATISTICS_YEAR].set_index("name").sort_index()
    table.columns = table.columns.str.removeprefix("el_gwh_")
    return table[list(CATEGORIES)].astype(float)


def population(sources: Path) -> pd.Series:
    """Return inhabitants by municipality on 1 January 2024."""
    table = pd.read_csv(sources / "municipalities/municipal_stats.csv")
    table = table[table["year"] == STATISTICS_YEAR]
    return table.set_index("name")["population_jan1"].sort_index()


def weekly_shapes(sources: Path) -> pd.DataFrame:
    """Return the weekly shapes on the hours of the year, each with mean 1.

    Returns
    -------
    pandas.DataFrame
        Index snapshot; columns household, cabin, primary, secondary, tertiary, flat and the home
        chargers `ev_home_3_6kW`, `ev_home_7_2kW`.
    """
    table = pd.read_csv(sources / "hourly/profile_shapes_weekly.csv")
    table = table.set_index(["dow_mon0", "hour_local"])
    clock = local_clock(snapshots())
    shapes = table.loc[list(zip(clock["day"], clock["hour"], strict=True))]
    shapes = shapes.set_axis(snapshots())
    shapes["flat"] = 1.0
    return shapes / shapes.mean()


def category_shapes(sources: Path, load_year: str = CENTRAL) -> pd.DataFrame:
    """Return the hourly shape of every category (snapshot x category), mean 1 in 2019."""
    weekly = weekly_shapes(sources)
    central, degrees = heating_degrees_c(sources), heating_degrees_c(sources, load_year)
    shapes = {}
    for category, (weekly_name, heated) in CATEGORIES.items():
        week = weekly[weekly_name]
        swing = 1 + DAMPING * (week - 1)
        heat = degrees * swing / (central * swing).mean()
        shapes[category] = (1 - heated) * week + heated * heat
    return pd.DataFrame(shapes)


def sector_mw_per_gwh(sources: Path, load_year: str = CENTRAL) -> pd.DataFrame:
    """Return what a GWh a year of every category draws (snapshot x category, MW per GWh)."""
    return category_shapes(sources, load_year) / 8.76


def county_load_mw(sources: Path, load_year: str = CENTRAL) -> pd.Series:
    """Return the hourly load of the whole county (MW), before it is shared among stations."""
    energy = municipal_energy_gwh(sources).sum()
    return (category_shapes(sources, load_year) @ energy / 8.76).rename("load_mw")


def no3_regression_mw(sources: Path) -> pd.Series:
    """Return the load of price area NO3 by the regression of the source (MW)."""
    table = pd.read_csv(sources / "hourly/no3_load_model_2019.csv")
    base = table.set_index(["daytype", "hour_local"])["base_MW"]
    slope = float(table["MW_per_HDD15"].iloc[0])
    clock = local_clock(snapshots())
    kind = clock["day"].map({5: "saturday", 6: "sunday_holiday"}).fillna("weekday")
    values = base.loc[list(zip(kind, clock["hour"], strict=True))].to_numpy()
    return pd.Series(values, index=snapshots()) + slope * heating_degrees_c(sources)
