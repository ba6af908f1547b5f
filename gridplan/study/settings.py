"""The settings of a study: study.yaml as documented, checked fields."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

FIRST_YEAR, LAST_YEAR = 2000, 2100  # of projects and reinforcements


class Strict(BaseModel):
    """Settings that refuse unknown keys and never change once read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Weights(Strict):
    """What the portfolio's goals are worth, in MNOK per year."""

    co2_mnok_per_kt: float = Field(2.0, ge=0, description="MNOK per 1,000 t CO2e cut a year")
    jobs_mnok_per_job: float = Field(0.5, ge=0, description="MNOK per job and year")
    export_mnok_per_mnok: float = Field(0.1, ge=0, description="MNOK per MNOK of export a year")
    mw_mnok_per_mw: float = Field(0.1, ge=0, description="MNOK per connected MW and year")


class Settings(Strict):
    """study.yaml: where the data are and how the study is run."""

    name: str = Field("study", min_length=1, description="short name, used in file names")
    title: str = Field("", description="name for people, used on maps")
    network: str = Field("grid", description="folder of the PyPSA network (CSV)")
    profiles: str = Field("", description="netCDF with hourly loads, wind and hydro")
    sectors: str = Field("", description="netCDF with hourly shapes of projects and measures")
    inflow: Literal["dry", "median", "wet"] = Field("median", description="hydrological year")
    wind_year: int | None = Field(
        None, description="weather year of the wind; without it the first in the file"
    )
    load_year: str | None = Field(
        None,
        coerce_numbers_to_str=True,
        description="weather year of the loads; without it the first in the file",
    )
    hydro_flexibility_pu: float = Field(
        0.2, ge=0, le=1, description="share of p_nom by which storage hydro may leave its schedule"
    )
    ordinary_growth_below_mw: float = Field(
        5.0, ge=0, description="smaller projects count as ordinary growth, always connected (MW)"
    )
    year: int = Field(
        2030,
        ge=FIRST_YEAR,
        le=LAST_YEAR,
        description="of the grid; later projects do not count",
    )
    interest_rate: float = Field(0.04, ge=0, lt=1, description="annualises investments, per unit")
    budget_mnok: float | None = Field(None, ge=0, description="limit on investment in measures")
    weights: Weights = Field(default_factory=Weights, description="what the goals are worth")
    redispatch_weights: dict[str, Annotated[float, Field(gt=0, le=1000)]] = Field(
        {"border": 1.0, "hydro": 2.0, "wind": 5.0, "other": 2.0},
        description="relative cost of leaving the schedule, by carrier (per MW)",
    )
    unsecured: tuple[str, ...] = Field(
        (), description="branches whose outage is no contingency, besides bridges"
    )
    transformer_emergency_factor: float = Field(
        1.0,
        ge=1,
        le=2,
        description="what a transformer that states no emergency_factor may carry after an outage, "
        "per unit of its rating",
    )
    radial: Literal["allow", "forbid"] = Field(
        "allow",
        description="projects behind a bridge, where there is no N-1: within N-0, or none at all",
    )
    attribution: str = Field("", description="data licences, printed on every map")
