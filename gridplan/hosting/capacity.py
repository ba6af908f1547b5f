"""Hosting capacity: how much more load or generation every bus can take, one at a time.

Reserved projects take their place first: with ordinary growth they are part of the load. What
several buses can take together is another question, answered by a plan.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from gridplan.base.errors import Problem, StudyError
from gridplan.base.provenance import provenance
from gridplan.grid.sensitivities import Grid
from gridplan.grid.stages import at_stage
from gridplan.hosting.fixed import Rooms, fixed_capacity, rooms_of
from gridplan.hosting.flexible import flexible_capacity
from gridplan.hosting.hourly import CEILING_MW, HourlyCapacity, at_least, hourly_capacity
from gridplan.operation.base_case import BaseCase, base_case
from gridplan.operation.case import Case
from gridplan.operation.rows import RowPool
from gridplan.study.settings_file import revised
from gridplan.study.sheet import suggestion
from gridplan.study.study import Study

Array = NDArray[np.float64]
Criterion = Literal["N-1", "N-0"]
START_QUANTILE = 0.2  # hours of the lower bound that the first ceiling covers
RISE = 1.5  # by which a ceiling rises that was too low


def hosting_capacity(
    study: Study,
    year: int | None = None,
    *,
    criterion: Criterion | Sequence[Criterion] = "N-1",
    flexibility: Sequence[float] = (0.0, 0.01, 0.05),
    buses: Sequence[str] | None = None,
    direction: Literal["load", "generation"] = "load",
    hourly: bool = False,
    progress: Callable[[float], None] | None = None,
) -> xr.Dataset:
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
    hourly : bool, default False
        Whether to return the capacity of every hour (float32).
    progress : callable, optional
        Called with the share of buses done.

    Returns
    -------
    xarray.Dataset
        By bus, criterion and flexibility: capacity_mw, limiting_branch, limiting_outage ("" for
        none; both "" where the exchange with the neighbours limits), limiting_hour,
        limiting_hours (hours in which less than capacity_mw fits). With `hourly` also hourly_mw
        by bus, criterion and snapshot.

    Raises
    ------
    StudyError
        When a bus is unknown or the year is impossible.

    Notes
    -----
    Definitions in `gridplan.hosting.hourly` (an hour) and `gridplan.hosting.flexible` (a year).

    Examples
    --------
    >>> import gridplan as gp
    >>> cap = gp.hosting_capacity(gp.open_study("trondelag"), year=2030)  # doctest: +SKIP
    >>> cap.capacity_mw.sel(bus="Orkdal 132", flexibility=0.0)  # doctest: +SKIP
    """
    if year is not None:
        study = at_stage(replace(study, settings=revised(study.settings, year=year)), year)
    base = base_case(study, connected=study.committed)
    wanted = _positions(base.case.grid.topology.buses, buses)
    criteria = [criterion] if isinstance(criterion, str) else list(criterion)
    parts = []
    for number, name in enumerate(criteria):
        case, rows = _under(base, name)
        rooms = rooms_of(case, base)
        sign = 1.0 if direction == "load" else -1.0
        most = None if hourly else max(flexibility)
        found = []
        for done, bus in enumerate(wanted, start=1):
            place = np.zeros(len(base.case.grid.topology.buses))
            place[bus] = sign
            found.append(_capacity(rooms, place, rows, most))
            if progress:
                progress((number + done / len(wanted)) / len(criteria))
        parts.append(_dataset(case, rows, wanted, found, list(flexibility), hourly=hourly))
    result = xr.concat(parts, pd.Index(criteria, name="criterion"))
    return result.assign_attrs(
        provenance(study),
        direction=direction,
        year=study.settings.year,
        reinforcements="; ".join(study.in_service) or "none",
    )


def _capacity(
    rooms: Rooms, place: Array, rows: RowPool, flexibility: float | None
) -> HourlyCapacity:
    """Capacity of a place, exact in all hours that matter up to a flexibility; all if None.

    What fits without redispatch is a lower bound. The ceiling rises until the flexible capacity
    lies below it, so that hours with ample room need no program.
    """
    start = at_least(fixed_capacity(rooms, place))
    if flexibility is None:
        return hourly_capacity(rooms.case, place, rows, settled=start)
    ceiling = max(float(np.quantile(start.mw, START_QUANTILE)), 1.0)
    found = start
    while True:
        found = hourly_capacity(
            rooms.case, place, rows, settled=_lifted(found, start), ceiling_mw=ceiling
        )
        if flexible_capacity(found.mw, flexibility) < ceiling or ceiling >= CEILING_MW:
            return found
        ceiling = min(RISE * ceiling, CEILING_MW)


def _lifted(found: HourlyCapacity, start: HourlyCapacity) -> HourlyCapacity:
    """Put the lower bounds back where a ceiling had cut them."""
    return replace(found, mw=np.where(found.exact, found.mw, np.maximum(found.mw, start.mw)))


def _positions(known: pd.Index, buses: Sequence[str] | None) -> NDArray[np.int64]:
    """Positions of the wanted buses; every unknown name is told at once."""
    if buses is None:
        return np.arange(len(known))
    problems = [
        Problem("", "", "buses", bus, "no such bus", suggestion(bus, known, "Use a bus name."))
        for bus in buses
        if bus not in known
    ]
    if problems:
        raise StudyError(problems)
    return known.get_indexer(list(buses))


def _under(base: BaseCase, criterion: Criterion) -> tuple[Case, RowPool]:
    """Return the limits of a criterion, with the rows known for it."""
    case = base.limits()
    if criterion == "N-1":
        return case, base.dispatch.rows
    if criterion != "N-0":
        msg = f"criterion must be 'N-1' or 'N-0', not {criterion!r}"
        raise ValueError(msg)
    grid = without_outages(case.grid)
    return replace(case, grid=grid), RowPool(grid)


def without_outages(grid: Grid) -> Grid:
    """Return the same grid with no contingency."""
    return replace(grid, outages=grid.outages[:0], lodf=grid.lodf[:, :0])


def _dataset(
    case: Case,
    rows: RowPool,
    buses: NDArray[np.int64],
    found: list[HourlyCapacity],
    flexibility: list[float],
    *,
    hourly: bool,
) -> xr.Dataset:
    """Collect the buses of one criterion."""
    tables = [_figures(case, rows, capacity, flexibility) for capacity in found]
    stacked = {name: np.array([table[name] for table in tables]) for name in tables[0]}
    data = {name: (("bus", "flexibility"), values) for name, values in stacked.items()}
    dataset = xr.Dataset(
        data,
        coords={
            "bus": list(case.grid.topology.buses[buses]),
            "flexibility": flexibility,
        },
    )
    dataset["capacity_mw"].attrs = {"units": "MW", "long_name": "hosting capacity"}
    dataset["limiting_hours"].attrs = {"units": "h"}
    if hourly:
        values = np.array([capacity.mw for capacity in found], dtype="float32")
        dataset["hourly_mw"] = (("bus", "snapshot"), values, {"units": "MW"})
        dataset = dataset.assign_coords(snapshot=case.hours)
    return dataset


def _figures(
    case: Case, rows: RowPool, capacity: HourlyCapacity, flexibility: list[float]
) -> dict[str, list]:
    """Figures of one bus for every flexibility."""
    names = case.grid.topology.branches.index
    outages = [*case.grid.outage_names(), ""]  # −1 picks the last: none
    figures: dict[str, list] = {
        name: []
        for name in (
            "capacity_mw", "limiting_branch", "limiting_outage", "limiting_hour", "limiting_hours"
        )
    }  # fmt: skip
    for share in flexibility:
        size = flexible_capacity(capacity.mw, share)
        short = np.flatnonzero(capacity.mw < size + 1e-6)
        row = _most_frequent(capacity.row[short])
        hour = short[capacity.mw[short].argmin()]
        branch = names[rows.branch[row]] if row >= 0 else ""
        outage = outages[rows.outage[row]] if row >= 0 else ""
        values = (max(size, 0.0), branch, outage, case.hours[hour].to_datetime64(), len(short))
        for name, value in zip(figures, values, strict=True):
            figures[name].append(value)
    return figures


def _most_frequent(values: NDArray[np.int64]) -> int:
    """Value that stands most often; the smallest of several."""
    found, counts = np.unique(values, return_counts=True)
    return int(found[counts.argmax()])
