"""What a scenario may change of its study, as documented, checked fields."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool

from gridplan.study.settings import FIRST_YEAR, LAST_YEAR, Goals, Settings, Strict, Weights

# a later block replaces single entries of these
MERGED = ("growth", "growth_by_sector", "weights", "goals")
SETTINGS = (  # changes that are settings of the study
    "year",
    "budget_mnok",
    "curtailment_nok_per_mwh",
    "hydro_flexibility_pu",
    "radial",
    "transformer_emergency_factor",
)
OF_THE_GRID = ("without_reinforcements", "criterion")  # and its year
WEATHER = ("inflow", "wind_year", "load_year")
# Changes that a plan takes on a base case that is there already; all others ask for one of their
# own. `projects` and `without_projects` are looked at by themselves: what holds a reservation is
# part of the base case.
OF_THE_PLAN = (
    "budget_mnok",
    "curtailment_nok_per_mwh",
    "radial",
    "weights",
    "goals",
    "measures",
    "symbioses",
    "reinforcements",
    "projects",
    "without_projects",
    "capacity",
)
ASKED = ("capacity",)  # no change, but what is to be told besides the plan
ALL = "all"  # every bus
Factor = Annotated[float, Field(gt=0, le=10)]
Names = tuple[str, ...]


def _of_settings(key: str, kind: Any) -> Any:
    """Field with the limits and the description of a setting, empty unless stated."""
    setting = Settings.model_fields[key]
    limits = Annotated[kind, *setting.metadata] if setting.metadata else kind
    return Annotated[limits | None, Field(description=setting.description)]


class Changes(Strict):
    """What differs from the study; what is not stated stays as it is there."""

    year: _of_settings("year", int) = None
    grid_year: int | None = Field(
        None, ge=FIRST_YEAR, le=LAST_YEAR, description="year of the grid; the scenario's year else"
    )
    inflow: _of_settings("inflow", Literal["dry", "median", "wet"]) = None
    wind_year: int | None = Field(None, description="weather year of the wind")
    load_year: str | None = Field(
        None, coerce_numbers_to_str=True, description="weather year of the loads"
    )
    growth: dict[str, Factor] | None = Field(
        None, description="factor of the loads by municipality; all: every other load"
    )
    growth_by_sector: dict[str, Factor] | None = Field(
        None,
        description="factor of the energy of a sector in every load, besides that of growth; "
        "all: every other sector",
    )
    projects: Names | None = Field(
        None, description="projects to keep; a head stands for its variants too"
    )
    without_projects: Names | None = Field(
        None, description="projects to leave out; a head stands for its variants too"
    )
    weights: Weights | None = Field(None, description="what the goals are worth")
    goals: Goals | None = Field(None, description="what a plan must reach at least")
    budget_mnok: _of_settings("budget_mnok", float) = None
    criterion: Literal["N-1", "N-0"] | None = Field(
        None, description="whether outages are secured against, or none"
    )
    radial: _of_settings("radial", Literal["allow", "forbid"]) = None
    transformer_emergency_factor: _of_settings("transformer_emergency_factor", float) = None
    curtailment_nok_per_mwh: _of_settings("curtailment_nok_per_mwh", float) = None
    hydro_flexibility_pu: _of_settings("hydro_flexibility_pu", float) = None
    reinforcements: Names | None = Field(
        None, description="reinforcements that the plan may choose beyond those of the stage"
    )
    without_reinforcements: Names | None = Field(
        None, description="reinforcements that the stage does not build"
    )
    capacity: Names | None = Field(
        None, description="buses whose hosting capacity is told besides; all: every bus"
    )
    measures: StrictBool | None = Field(None, description="whether measures may be chosen")
    symbioses: StrictBool | None = Field(None, description="whether symbioses may be chosen")

    def stated(self) -> dict[str, Any]:
        """Return what is changed, in the order of the fields, as JSON knows it.

        An empty budget says that there is none; every other empty value says nothing.
        """
        found = self.model_dump(mode="json", exclude_unset=True)
        keys = [key for key in type(self).model_fields if key in found]
        return {k: found[k] for k in keys if found[k] is not None or k == "budget_mnok"}


def merged(*blocks: dict[str, Any]) -> dict[str, Any]:
    """Put changes together; later blocks win.

    Examples
    --------
    >>> merged({"year": 2030, "growth": {"all": 1.1}}, {"growth": {"Frosta": 1.5}, "year": 2035})
    {'year': 2035, 'growth': {'all': 1.1, 'Frosta': 1.5}}
    """
    total: dict[str, Any] = {}
    for block in blocks:
        for key, value in block.items():
            together = key in MERGED and key in total
            total[key] = {**total[key], **value} if together else value
    return {key: total[key] for key in Changes.model_fields if key in total}


def in_words(value: Any) -> str:
    """Write the value of a change for names and tables.

    Examples
    --------
    >>> in_words({"all": 1.1, "Frosta": 1.5}), in_words(["Quay", "Mill"]), in_words(None)
    ('all 1.1; Frosta 1.5', 'Quay; Mill', 'none')
    >>> in_words(True), in_words(2030), in_words([])
    ('true', '2030', 'none')
    """
    if isinstance(value, dict):
        return "; ".join(f"{key} {in_words(inner)}" for key, inner in value.items()) or "none"
    if isinstance(value, list | tuple):
        return "; ".join(map(str, value)) or "none"
    if isinstance(value, bool):
        return str(value).lower()
    return "none" if value is None else f"{value}"
