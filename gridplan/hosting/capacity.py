"""Hosting capacity: how much more load or generation every bus can take, one at a time.

Reserved projects take their place first: with ordinary growth they are part of the load. What
several buses can take together is another question (`gridplan.hosting.joint`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from gridplan.base.provenance import provenance
from gridplan.hosting.asked import (
    Direction,
    checked_criteria,
    checked_shares,
    positions,
    sign_of,
    staged,
)
from gridplan.hosting.figures import Reasons, figures, reasons_of
from gridplan.hosting.fixed import FixedBalancing
from gridplan.hosting.hourly import hourly_capacity
from gridplan.hosting.ledger import ledger
from gridplan.hosting.shared import SharedLimits
from gridplan.hosting.shown import Capacity
from gridplan.hosting.survey import Criterion, HourlyCapacity, Survey, survey_of
from gridplan.operation.base_case import base_case
from gridplan.study.study import Study

Array = NDArray[np.float64]


def hosting_capacity(
    study: Study,
    year: int | None = None,
    *,
    criterion: Criterion | Sequence[Criterion] = "N-1",
    flexibility: Sequence[float] = (0.0, 0.01, 0.05),
    buses: Sequence[str] | None = None,
    direction: Direction = "load",
    redispatch: bool = True,
    hourly: bool = False,
    progress: Callable[[float], None] | None = None,
) -> Capacity:
    """Compute what every bus can take, alone, in all hours and after every outage.

    Parameters
    ----------
    study : Study
        The input.
    year : int, optional
        Reinforcements in service by this year are built, ordinary growth and reserved projects up
        to it are connected. Default: the grid as it stands in the study, with the growth and
        reservations up to the year of the settings.
    criterion : {"N-1", "N-0"} or sequence of them
        Whether limits hold after every outage or without outage only.
    flexibility : sequence of float
        Largest shares of the yearly energy that may be curtailed; 0 is firm.
    buses : sequence of str, optional
        Default all.
    direction : {"load", "generation"}
        What is added.
    redispatch : bool, default True
        Whether sources may leave the base case, within the study's limits, to make room. False:
        the balancing sources (`schedule_share`) take up in fixed shares what is added.
    hourly : bool, default False
        Whether to return the capacity of every hour (float32).
    progress : callable, optional
        Called with the share of buses done.

    Returns
    -------
    Capacity
        An xarray.Dataset. By bus, criterion and flexibility: capacity_mw; limited_by (its attrs
        explain the words); limiting_branch and limiting_outage, the pair that limits most of the
        hours short of it
        ("" for no outage; both "" where no branch limits); limiting_hour, that with the least
        room; limiting_hours, how many hours have no more room than capacity_mw. By bus
        used_mw, reserved_mw, queued_mw, candidate_mw (`gridplan.hosting.ledger`), and by bus and
        criterion free_mw, the firm capacity. With `hourly` also hourly_mw by bus, criterion and
        snapshot. The attrs name the study, the stage of the grid, and the versions.

    Raises
    ------
    StudyError
        When a bus is unknown, a flexibility impossible or the year is; all are told.
    ValueError
        For another criterion or direction.
    SolverError
        When an hour does not settle, which only bad numbers in a network can cause.

    Notes
    -----
    Definitions in `gridplan.hosting.hourly` (an hour), `gridplan.hosting.fixed` (an hour without
    redispatch) and `gridplan.hosting.flexible` (a year).

    Examples
    --------
    >>> import gridplan as gp
    >>> cap = gp.hosting_capacity(gp.open_study("trondelag"), year=2030)  # doctest: +SKIP
    >>> cap.capacity_mw.sel(bus="Orkdal 132", flexibility=0.0)  # doctest: +SKIP
    """
    names = checked_criteria(criterion)
    sign, shares = sign_of(direction), checked_shares(flexibility)
    study = staged(study, year)
    wanted = positions(study, buses)
    base = base_case(study)
    most, parts = None if hourly else max(shares), []
    for number, name in enumerate(names):
        survey = survey_of(base, name)
        found = []
        for capacity in _capacities(survey, wanted, sign, most, redispatch=redispatch):
            found.append(capacity)
            if progress:
                progress((number + len(found) / len(wanted)) / len(names))
        part = _by_bus(reasons_of(base, survey, name), wanted, found, shares)
        parts.append(part.merge(_hourly(survey, part, found)) if hourly else part)
    result = xr.concat(parts, pd.Index(names, name="criterion"), combine_attrs="drop_conflicts")
    result = result.merge(ledger(base, direction).isel(bus=wanted))
    result = result.assign_attrs(
        provenance(study),
        direction=direction,
        redispatch="within the study's limits" if redispatch else "none: fixed balancing shares",
        year=study.settings.year,
        reinforcements="; ".join(study.in_service) or "none",
        language=study.settings.language,
    )
    return Capacity(result.data_vars, result.coords, result.attrs)


def _capacities(
    survey: Survey, buses: NDArray[np.int64], sign: int, flexibility: float | None, *,
    redispatch: bool,
) -> Iterator[HourlyCapacity]:  # fmt: skip
    """Capacity of one bus after the other; what one has met helps the next."""
    if not redispatch:
        balancing = FixedBalancing(survey)
        for bus in buses:
            yield balancing.capacity(int(bus), sign, flexibility)
        return
    limits = SharedLimits(survey.case)
    for bus in buses:
        place = np.zeros(survey.case.load_mw.shape[1])
        place[bus] = sign
        yield hourly_capacity(survey, limits, place, flexibility)


def _by_bus(
    reasons: Reasons, buses: NDArray[np.int64], found: list[HourlyCapacity], shares: list[float]
) -> xr.Dataset:
    """Figures of the buses under one criterion, and what of them is firm."""
    places = [[bus] for bus in buses]
    names = list(reasons.survey.case.grid.topology.buses[buses])
    part = figures(reasons, places, found, shares)
    firm = figures(reasons, places, found, [0.0])["capacity_mw"].squeeze("flexibility", drop=True)
    return part.assign(free_mw=firm).rename(place="bus").assign_coords(bus=names)


def _hourly(survey: Survey, part: xr.Dataset, found: list[HourlyCapacity]) -> xr.Dataset:
    """Capacities of every hour."""
    values = np.array([capacity.mw for capacity in found], dtype="float32")
    attrs = {"units": "MW", "long_name": "hosting capacity of the hour"}
    return xr.Dataset(
        {"hourly_mw": (("bus", "snapshot"), values, attrs)},
        coords={"bus": part["bus"], "snapshot": survey.case.hours},
    )
