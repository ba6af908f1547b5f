"""The model against published totals: one table that a planner can check."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from networks.build.borders import borders
from networks.build.climate import COLD, cold_shift_c, heating_degrees_c
from networks.build.demand import county_load_mw, municipal_energy_gwh, no3_regression_mw
from networks.build.hydro import inflow_years
from networks.build.loads import energy_by_load, hourly_load_mw
from networks.build.plants import plants
from networks.build.profiles import WIND_YEARS, hydro_mw, wind_pu

PUBLISHED_HYDRO = {
    "dry": "6.95 (2023)",
    "median": "7.73 (mean of the plants)",
    "wet": "9.4 (2022)",
}
# Trøndelag's share of the inhabitants of NO3, for the MW per degree (assumption, rounded).
SHARE_OF_NO3 = 0.60
LARGEST = ("Trondheim", "Levanger", "Heim", "Orkland", "Steinkjer")


def calibration_table(sources: Path, buses: pd.DataFrame) -> pd.DataFrame:
    """Return quantity, unit, model, published and comment (all as text)."""
    load = hourly_load_mw(sources, buses).sum(axis=1)
    hydro = {name: frame.sum(axis=1) for name, frame in hydro_mw(sources).items()}
    winds = {year: _wind_mw(sources, year) for year in WIND_YEARS}
    wind = winds[WIND_YEARS[0]]
    rows = [
        *_energy_rows(load, hydro, wind, inflow_years(sources)),
        *_shape_rows(sources, load),
        *_municipality_rows(sources, buses),
        _border_row(buses, load - hydro["median"] - wind),
        *_year_rows(sources, hourly_load_mw(sources, buses, COLD).sum(axis=1), load, winds, hydro),
    ]
    return pd.DataFrame(rows, columns=["quantity", "unit", "model", "published", "comment"])


def _wind_mw(sources: Path, year: int) -> pd.Series:
    """Return the available wind power of all farms (MW)."""
    power = plants(sources)["p_nom"]
    available = wind_pu(sources, year)
    return available @ power.reindex(available.columns.str.removesuffix(" wind")).to_numpy()


def _energy_rows(
    load: pd.Series, hydro: dict[str, pd.Series], wind: pd.Series, years: dict[str, int]
) -> list[tuple[str, ...]]:
    """Return the rows of yearly energy."""
    rows = [
        ("Consumption", "TWh", _twh(load), "11.23 (2024), 11.17 (2023)", "by municipality, Elhub")
    ]
    for name, power in hydro.items():
        comment = f"inflow of {years[name]}, scaled to the plants' mean"
        rows.append((f"Hydro, {name}", "TWh", _twh(power), PUBLISHED_HYDRO[name], comment))
    rows.append(
        ("Wind", "TWh", _twh(wind), "4.98 (normal year of the farms), 4.38 (2023)", "hours of 2019")
    )
    for name, power in hydro.items():
        balance = _twh(power + wind - load)
        rows.append(
            (
                f"Balance, {name}",
                "TWh",
                balance,
                "+0.3 (2023), +3.5 (2022)",
                "thermal 0.11 left out",
            )
        )
    return rows


def _shape_rows(sources: Path, load: pd.Series) -> list[tuple[str, ...]]:
    """Return the rows that hold the hourly shape against the regression of NO3."""
    area = no3_regression_mw(sources)
    scaled = area * load.sum() / area.sum()
    degrees = heating_degrees_c(sources)
    slope = np.polyfit(degrees, load, 1)[0]
    area_slope = np.polyfit(degrees, area, 1)[0]
    fit = 1 - ((load - scaled) ** 2).sum() / ((scaled - scaled.mean()) ** 2).sum()
    correlation = np.corrcoef(load, area)[0, 1] ** 2
    note = f"regression of NO3 scaled to the county's energy; hour of the peak {load.idxmax()} UTC"
    return [
        ("Peak hour", "MW", f"{load.max():.0f}", f"{scaled.max():.0f}", note),
        ("Lowest hour", "MW", f"{load.min():.0f}", f"{scaled.min():.0f}", "same"),
        (
            "Load per degree",
            "MW/degC",
            f"{slope:.1f}",
            f"{SHARE_OF_NO3 * area_slope:.1f}",
            f"{SHARE_OF_NO3:.0%} of NO3 (inhabitants); the heated shares are set to this",
        ),
        ("R2 against NO3, scaled", "1", f"{fit:.3f}", "1", "other mix of industry and homes"),
        ("Squared correlation", "1", f"{correlation:.3f}", "1", "same"),
        ("County load computed before sharing", "MW", f"{county_load_mw(sources).max():.0f}",
         "", "peak; equals the sum of the stations up to rounding"),
    ]  # fmt: skip


def _municipality_rows(sources: Path, buses: pd.DataFrame) -> list[tuple[str, ...]]:
    """Return the largest municipalities, as they come out of the sharing among stations."""
    shared = energy_by_load(sources, buses).sum(axis=1).groupby("municipality").sum()
    published = municipal_energy_gwh(sources).sum(axis=1)
    return [
        (f"Consumption of {name}", "GWh", f"{shared[name]:.0f}", f"{published[name]:.0f}", "2024")
        for name in LARGEST
    ]


def _border_row(buses: pd.DataFrame, lacking: pd.Series) -> tuple[str, ...]:
    """Return the net exchange that the schedule of the borders implies."""
    constant = borders(buses)["schedule_mw"].sum()
    return (
        "Net import, median year",
        "MW",
        f"{lacking.mean():.0f} ({lacking.min():.0f} to {lacking.max():.0f})",
        "",
        f"of this constant {constant:.0f} MW, which sums transit from NO4 to Møre og Romsdal",
    )


def _year_rows(
    sources: Path,
    cold: pd.Series,
    load: pd.Series,
    winds: dict[int, pd.Series],
    hydro: dict[str, pd.Series],
) -> list[tuple[str, ...]]:
    """Return the rows of the other weather years: wind, the cold year, and the hardest balance."""
    peak, shift = cold.max() / load.max() - 1, cold_shift_c(sources)
    worst = {year: cold - hydro["dry"] - wind for year, wind in winds.items()}
    record = "national record 25,230 MW (February 2021), 24,485 MW before (2016): +3 %"
    return [
        *(
            (f"Wind, weather of {year}", "TWh", _twh(wind), "4.98 (normal year of the farms)",
             f"{wind.sum() / winds[2019].sum() - 1:+.1%} against 2019")
            for year, wind in winds.items()
            if year != WIND_YEARS[0]
        ),
        ("Consumption, cold", "TWh", _twh(cold), "", f"{shift:+.1f} degC November to March"),
        ("Peak hour, cold", "MW", f"{cold.max():.0f}", record, f"{peak:+.1%} against 2019"),
        *(
            (f"Balance, dry and cold, wind {year}", "TWh", _twh(-lacking), "",
             f"net import at most {lacking.max():.0f} MW")
            for year, lacking in worst.items()
        ),
    ]  # fmt: skip


def _twh(power_mw: pd.Series) -> str:
    """Return the yearly energy with its sign where it may be negative."""
    return f"{power_mw.sum() / 1e6:.2f}"
