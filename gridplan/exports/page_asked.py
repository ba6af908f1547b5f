"""What an interactive map is asked to show: results by grid year, and their studies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import xarray as xr

from gridplan.check.certificate import Certificate
from gridplan.exports.belonging import kind_of, study_of
from gridplan.hosting.survey import CEILING_MW
from gridplan.portfolio.plan import Plan
from gridplan.study.study import Study

LAYERS = ("capacity", "left", "loading", "projects", "municipalities")
ALIKE = ("criterion", "flexibility")  # what all capacities of a page must have in common


@dataclass(frozen=True)
class Asked:
    """Results for one page.

    Parameters
    ----------
    capacities : dict of int to xarray.Dataset
        Of `gridplan.hosting_capacity`, by grid year.
    plans : dict of int to Plan
        By grid year.
    certificates : dict of int to Certificate
        Of some or all of the plans.
    studies : dict of int to Study
        Of every year, on its grid.
    """

    capacities: dict[int, xr.Dataset]
    plans: dict[int, Plan]
    certificates: dict[int, Certificate]
    studies: dict[int, Study]

    @property
    def years(self) -> list[int]:
        """Grid years of all results."""
        return sorted(self.studies)

    @property
    def study(self) -> Study:
        """Study of the last year."""
        return self.studies[self.years[-1]]

    @property
    def capacity(self) -> xr.Dataset | None:
        """Capacities of the last year that has them; None without any."""
        return self.capacities[max(self.capacities)] if self.capacities else None

    @property
    def direction(self) -> str:
        """What the capacities are for: "load" or "generation"."""
        return "load" if self.capacity is None else self.capacity.attrs.get("direction", "load")

    @property
    def layers(self) -> list[str]:
        """What the map can colour."""
        there = {"municipalities"}
        there |= {"capacity"} if self.capacities else set()
        # The queue of projects asks for load.
        there |= {"left"} if self.capacities and self.direction == "load" else set()
        there |= {"loading", "projects"} if self.plans else set()
        return [name for name in LAYERS if name in there]

    @property
    def ceiling_mw(self) -> float:
        """Above this nothing was looked for (MW)."""
        return CEILING_MW


def asked_of(
    result: Any,
    *,
    capacity: Any = None,
    plan: Any = None,
    study: Study | None = None,
    certificate: Certificate | Mapping[int, Certificate] | None = None,
) -> Asked:
    """Sort the results of a page by kind and year.

    Parameters
    ----------
    result, capacity, plan, study, certificate
        As `gridplan.exports.page.write_page` takes them.

    Returns
    -------
    Asked

    Raises
    ------
    StudyError
        When a study is needed and not given, or is another one.
    TypeError
        When there is no page of such a result.
    ValueError
        When there are two of a kind and year, a certificate has no plan, or capacities differ in
        criteria, flexibilities or direction.
    """
    found: dict[str, dict[int, Any]] = {"capacity": {}, "plan": {}}
    studies: dict[int, Study] = {}
    every = [(kind_of(one), told, one) for given in (result, plan, capacity)
             for told, one in _by_year(given)]  # fmt: skip
    # Plans carry their study, which then need not be sought for the capacities.
    for kind, told, one in sorted(every, key=lambda each: each[0] != "plan"):
        if kind not in found:
            msg = f"no interactive map of a {kind.replace('_', ' ')}; give capacities or a plan"
            raise TypeError(msg)
        own = _study_of(one, study, studies)
        year = _year_of(own, told)
        if year in found[kind]:
            msg = f"two results of kind {kind} for the grid of {year}; give one a year"
            raise ValueError(msg)
        found[kind][year], studies[year] = one, studies.get(year, own)
        _check_same_grid(studies[year], own, year)
    _check_alike(found["capacity"])
    certificates = _certificates(certificate, found["plan"])
    return Asked(found["capacity"], found["plan"], certificates, dict(sorted(studies.items())))


def _study_of(one: xr.Dataset | Plan, study: Study | None, known: dict[int, Study]) -> Study:
    """Find the study of a result, first among those that are at hand already."""
    if isinstance(one, xr.Dataset):
        wanted = one.attrs.get("study_sha256")
        same = next((each for each in known.values() if each.hash == wanted), None)
        if same is not None:
            return same
    return study_of(one, study)


def _by_year(given: Any) -> list[tuple[int | None, Any]]:
    """Pairs of a year (None where nobody said it) and a result."""
    if given is None:
        return []
    # A data set is a mapping too, of its variables.
    if isinstance(given, Mapping) and not isinstance(given, xr.Dataset):
        return [(int(year), one) for year, ones in given.items() for _, one in _by_year(ones)]
    if isinstance(given, (list, tuple)):
        return [pair for one in given for pair in _by_year(one)]
    return [(None, given)]


def _year_of(study: Study, told: int | None) -> int:
    """Year of a result's grid; a grid stored as it is has the year of the settings."""
    year = study.grid_year if study.grid_year is not None else (told or study.settings.year)
    if told is not None and told != year:
        msg = f"the result given for {told} stands on the {study.stage.name}"
        raise ValueError(msg)
    return year


def _check_same_grid(first: Study, second: Study, year: int) -> None:
    if set(first.in_service) != set(second.in_service):
        msg = f"capacity and plan of {year} stand on different grids: {first.stage}; {second.stage}"
        raise ValueError(msg)


def _check_alike(capacities: dict[int, xr.Dataset]) -> None:
    """Refuse capacities that one set of switches cannot show."""
    if not capacities:
        return
    first_year, *others = sorted(capacities)
    first = capacities[first_year]
    for name in ALIKE:
        if name not in first.dims:
            msg = f"the capacities have no dimension {name}; give what hosting_capacity returned"
            raise ValueError(msg)
    for year in others:
        for name in ALIKE:
            if list(first.indexes[name]) != list(capacities[year].indexes[name]):
                msg = f"the capacities of {first_year} and {year} differ in {name}"
                raise ValueError(msg)
        if first.attrs.get("direction") != capacities[year].attrs.get("direction"):
            msg = f"the capacities of {first_year} and {year} differ in direction"
            raise ValueError(msg)


def _certificates(
    given: Certificate | Mapping[int, Certificate] | None, plans: dict[int, Plan]
) -> dict[int, Certificate]:
    if given is None:
        return {}
    if isinstance(given, Mapping):
        found = {int(year): one for year, one in given.items()}
    elif len(plans) == 1:
        found = {next(iter(plans)): given}
    else:
        msg = f"which plan is the certificate of? Give {{year: certificate}}; plans: {list(plans)}"
        raise ValueError(msg)
    strange = sorted(set(found) - set(plans))
    if strange:
        msg = f"certificates without a plan: {', '.join(map(str, strange))}"
        raise ValueError(msg)
    return found
