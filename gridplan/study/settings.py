"""The settings of a study: study.yaml as documented, checked fields."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from gridplan.study.settings_ac import AcSettings

FIRST_YEAR, LAST_YEAR = 2000, 2100  # of projects and reinforcements


class Strict(BaseModel):
    """Settings that refuse unknown keys and never change once read."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Weights(Strict):
    """What the portfolio's goals are worth, in MNOK per year."""

    co2_mnok_per_kt: float = Field(2.0, ge=0, description="MNOK per 1,000 t CO2e cut a year")
    jobs_mnok_per_job: float = Field(0.5, ge=0, description="MNOK per job and year")
    export_mnok_per_mnok: float = Field(0.1, ge=0, description="MNOK per MNOK of export a year")
    mw_mnok_per_mw: float = Field(0.1, ge=0, description="MNOK per connected MW and year")


class Goals(Strict):
    """What a plan must reach at least, over the chosen projects and symbioses."""

    min_co2_t_per_yr: float | None = Field(None, ge=0, description="emissions cut, t CO2e a year")
    min_jobs: float | None = Field(None, ge=0, description="permanent jobs")
    min_export_mnok_per_yr: float | None = Field(None, ge=0, description="export, MNOK a year")
    min_mw: float | None = Field(None, ge=0, description="connected power, MW")


GOAL_COLUMNS = {  # column of projects that counts towards each minimum goal
    "min_co2_t_per_yr": "co2_t_per_yr",
    "min_jobs": "jobs",
    "min_export_mnok_per_yr": "export_mnok_per_yr",
    "min_mw": "mw",
}


class CountyGoal(Strict):
    """A goal that the county has set itself, against which a plan is held.

    Examples
    --------
    >>> goal = CountyGoal(
    ...     name="Klimagassutslipp", name_en="Greenhouse gas emissions", quantity="co2_t_per_yr",
    ...     baseline=4e6, baseline_year=2009, target_year=2030, change_pu=-0.55, source="made up",
    ... )
    >>> round(goal.aim), round(goal.distance)
    (1800000, 2200000)
    """

    name: str = Field(min_length=1, description="name for people, Norwegian")
    name_en: str = Field(min_length=1, description="name for people, English")
    quantity: Literal["co2_t_per_yr", "export_mnok_per_yr", "jobs"] = Field(
        description="what is counted, in its unit: t CO2e/yr emitted, MNOK/yr, jobs"
    )
    baseline: float = Field(ge=0, description="value of the baseline year")
    baseline_year: int = Field(ge=1900, le=LAST_YEAR, description="year of the baseline")
    target_year: int = Field(ge=1900, le=LAST_YEAR, description="year of the goal")
    change_pu: float | None = Field(
        None, ge=-1, description="change from the baseline, per unit, such as -0.55"
    )
    target: float | None = Field(None, ge=0, description="goal as a value of its own")
    source: str = Field(min_length=1, description="where goal and baseline come from")

    @model_validator(mode="after")
    def _one_goal(self) -> Self:
        if (self.change_pu is None) == (self.target is None):
            msg = "a county goal is either change_pu or target"
            raise ValueError(msg)
        if self.target_year <= self.baseline_year:
            msg = "the target year is not after the baseline year"
            raise ValueError(msg)
        if self.distance <= 0:
            way = "below" if self.quantity == "co2_t_per_yr" else "above"
            msg = f"the goal is not {way} the baseline"
            raise ValueError(msg)
        return self

    @property
    def aim(self) -> float:
        """Value of the target year, in the unit of the quantity."""
        if self.target is not None:
            return self.target
        return self.baseline * (1 + (self.change_pu or 0))

    @property
    def distance(self) -> float:
        """What must be cut (emissions) or added (export, jobs) from the baseline to the aim.

        Positive, like the columns of projects that contribute to it.
        """
        rise = self.aim - self.baseline
        return -rise if self.quantity == "co2_t_per_yr" else rise


class MapClasses(Strict):
    """Limits of the classes in which maps show figures; every legend states them.

    Examples
    --------
    >>> MapClasses(capacity_mw=(5, 20, 80)).capacity_mw
    (5.0, 20.0, 80.0)
    """

    capacity_mw: tuple[float, ...] = Field(
        (1.0, 10.0, 25.0, 50.0, 100.0, 200.0),
        min_length=1,
        max_length=8,
        description="hosting capacity and gains of it, MW",
    )
    value_nok_per_mw: tuple[float, ...] = Field(
        (1e3, 1e5, 1e6, 3e6, 1e7),
        min_length=1,
        max_length=8,
        description="marginal values, NOK per MW and year",
    )
    loading_pu: tuple[float, float, float] = Field(
        (0.6, 0.8, 0.95),
        description="three loadings below 1, per unit; 1 is always a limit",
    )

    @model_validator(mode="after")
    def _rising(self) -> Self:
        for name, limits in self:
            if list(limits) != sorted(set(limits)) or limits[0] <= 0:
                msg = f"{name}: class limits must be above 0, and each above the one before"
                raise ValueError(msg)
        if self.loading_pu[-1] >= 1:
            msg = "loading_pu: class limits must be below 1, which is always a limit"
            raise ValueError(msg)
        return self


class Settings(Strict):
    """study.yaml: where the data are and how the study is run."""

    name: str = Field("study", min_length=1, description="short name, used in file names")
    title: str = Field("", description="name for people, used on maps")
    language: Literal["en", "nb"] = Field(
        "en",
        description="of reports, maps and notebooks, unless another is asked for; no part of the "
        "hash",
    )
    network: str = Field(
        "grid", description="folder of the network's tables (CSV), or a PyPSA file (.nc)"
    )
    profiles: str = Field(
        "", description="netCDF with hourly loads, wind and hydro; or a folder of hourly tables"
    )
    sectors: str = Field(
        "", description="netCDF with hourly shapes of projects, measures and sectors of the loads"
    )
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
    budget_mnok: float | None = Field(
        None, ge=0, description="limit on investment in measures, symbioses and reinforcements"
    )
    reinforcement_lifetime_yr: int = Field(
        40,
        ge=1,
        le=100,
        description="years over which a chosen reinforcement is paid off; 40 is an assumption, the "
        "economic lifetime usual for lines and stations in Norwegian grid planning",
    )
    curtailment_nok_per_mwh: float = Field(
        500.0, ge=0, description="price of energy that a conditional connection is not served"
    )
    goals: Goals = Field(default_factory=Goals, description="what a plan must reach at least")
    county_goals: tuple[CountyGoal, ...] = Field(
        (), description="goals of the county, against which a plan is held"
    )
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
    not_offered: dict[str, str] = Field(
        {}, description="projects that are not to be chosen, each with the reason"
    )
    ac: AcSettings = Field(
        default_factory=AcSettings, description="assumptions of the AC check of a plan"
    )
    attribution: str = Field("", description="data licences, printed on every map")
    map_classes: MapClasses = Field(
        default_factory=MapClasses, description="limits of the classes on maps; no part of the hash"
    )

    @property
    def network_file(self) -> bool:
        """Whether the network is one PyPSA file rather than a folder of tables."""
        return self.network.lower().endswith(".nc")
