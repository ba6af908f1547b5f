"""What a flexible connection gives up at a bus, size by size.

The hourly capacities of `gridplan.hosting.capacity` say it all; here they become a table.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from gridplan.base.errors import Problem, StudyError
from gridplan.hosting.flexible import flexible_capacity, flexible_offer
from gridplan.study.sheet import suggestion

Array = NDArray[np.float64]
LAST_SHARE = 0.2  # of the energy: a connection that loses more is of no use
MARKED = (0.01, 0.05)  # shares of the energy that readers ask for
MOST_STEPS = 30  # between the firm capacity and the last size
NOTHING_MW = 1e-3  # a smaller capacity is none


def flexibility_curve(
    cap: xr.Dataset,
    bus: str,
    *,
    criterion: str = "N-1",
    sizes_mw: Sequence[float] | None = None,
) -> pd.DataFrame:
    """Tell what curtailment connections of rising size would meet at a bus.

    Parameters
    ----------
    cap : xarray.Dataset
        Of `gridplan.hosting_capacity` with `hourly=True`.
    bus : str
        One of its buses.
    criterion : str, default "N-1"
        One of its criteria.
    sizes_mw : sequence of float, optional
        Sizes of the connection (MW), above 0. Default: the firm capacity and the capacities at
        the flexibilities of `cap`, exactly, and round steps up to where a fifth of the energy
        would be curtailed. Where even the smallest connection loses more, up to the capacity of
        the best hour.

    Returns
    -------
    pandas.DataFrame
        Indexed by mw: curtailed_mwh, curtailed_share (0 to 1), hours, events (unbroken runs of
        curtailed hours; a gap between the time stamps ends one), longest_event_h and
        deepest_cut_mw. In its attrs: bus, criterion, direction, firm_mw, study_hours, and marks:
        share, mw and hours where 1 % and 5 % of the energy are curtailed, whatever the sizes.

    Raises
    ------
    StudyError
        When the bus or the criterion is not in `cap` or a size is not positive; all are told.
    ValueError
        When `cap` has no hourly capacities.

    Notes
    -----
    Energy and hours are those of the hours studied: a year when these are 8,760, otherwise not.
    A firm capacity of 0 is no size, and not in the table.

    Examples
    --------
    >>> import gridplan as gp
    >>> study = gp.open_study("trondelag")  # doctest: +SKIP
    >>> cap = gp.hosting_capacity(study, buses=["Orkdal 132"], hourly=True)  # doctest: +SKIP
    >>> gp.flexibility_curve(cap, "Orkdal 132", sizes_mw=[300])["hours"]  # doctest: +SKIP
    """
    given = [] if sizes_mw is None else list(sizes_mw)
    one = capacity_of(cap, bus, criterion, _size_problems(given, chosen=sizes_mw is not None))
    hourly = one["hourly_mw"].to_series()
    sizes = np.array(given, dtype=float) if given else default_sizes(one)
    curve = flexible_offer(hourly, sizes)
    curve.attrs = {
        "bus": str(bus),
        "criterion": str(criterion),
        "direction": cap.attrs.get("direction", "load"),
        "firm_mw": firm_mw(one),
        "study_hours": len(hourly),
        "marks": _marks(hourly),
    }
    return curve


def capacity_of(
    cap: xr.Dataset, bus: str, criterion: str, problems: Iterable[Problem] = ()
) -> xr.Dataset:
    """Return the hourly and yearly capacities of one bus under one criterion.

    Parameters
    ----------
    cap : xarray.Dataset
        Of `gridplan.hosting_capacity` with `hourly=True`.
    bus, criterion : str
        Which.
    problems : iterable of Problem
        Found elsewhere, to be told together.

    Returns
    -------
    xarray.Dataset
        hourly_mw by snapshot, capacity_mw by flexibility.

    Raises
    ------
    StudyError
        When the bus or the criterion is unknown, or problems were given.
    ValueError
        Without hourly capacities.
    """
    if "hourly_mw" not in cap or not {"bus", "criterion"} <= set(cap["hourly_mw"].dims):
        msg = (
            "cap has no hourly_mw by criterion, bus and snapshot; "
            "compute with gridplan.hosting_capacity(…, hourly=True)"
        )
        raise ValueError(msg)
    told = [
        *_unknown("bus", bus, cap.indexes["bus"], "no such bus in the capacities"),
        *_unknown("criterion", criterion, cap.indexes["criterion"], "no such criterion in them"),
        *problems,
    ]
    if told:
        raise StudyError(told)
    return cap[["hourly_mw", "capacity_mw"]].sel(bus=bus, criterion=criterion)


def firm_mw(one: xr.Dataset) -> float:
    """Firm capacity of one bus: as the data set gives it, else that of its worst hour (MW)."""
    if 0.0 in one.indexes["flexibility"]:
        return one["capacity_mw"].sel(flexibility=0.0).item()
    return max(one["hourly_mw"].min().item(), 0.0)


def default_sizes(one: xr.Dataset) -> Array:
    """Sizes to tell of: the data set's own capacities, and round steps between and beyond (MW).

    Parameters
    ----------
    one : xarray.Dataset
        As `capacity_of` gives it.

    Returns
    -------
    ndarray, shape (S,)
        Ascending; empty where no hour has any capacity.
    """
    hourly, firm = one["hourly_mw"].to_numpy().astype(float), firm_mw(one)
    exact = np.unique([firm, *one["capacity_mw"].to_numpy()])
    exact = exact[exact > NOTHING_MW]
    last = max(flexible_capacity(hourly, LAST_SHARE), *exact[-1:], 0.0)
    last = last if last > NOTHING_MW else float(hourly.max())
    if last <= NOTHING_MW:
        return np.empty(0)
    step, decimals = _round_step((last - firm) / MOST_STEPS)
    steps = np.arange(np.floor(firm / step) + 1, np.ceil(last / step) + 1) * step
    apart = np.abs(steps[:, None] - exact).min(axis=1, initial=np.inf) > step / 10
    return np.sort(np.concatenate([exact, steps[apart].round(decimals)]))


def _marks(hourly_mw: pd.Series) -> list[dict[str, float]]:
    """Size and hours at the shares that charts mark."""
    sizes = [flexible_capacity(hourly_mw.to_numpy(dtype=float), share) for share in MARKED]
    marks = [each for each in zip(MARKED, sizes, strict=True) if each[1] > NOTHING_MW]
    hours = flexible_offer(hourly_mw, np.array([mw for _, mw in marks]))["hours"]
    return [
        {"share": share, "mw": mw, "hours": int(count)}
        for (share, mw), count in zip(marks, hours, strict=True)
    ]


def _round_step(least: float) -> tuple[float, int]:
    """Smallest of 1, 2 or 5 times a power of ten that is not below `least`, and its decimals."""
    power = int(np.floor(np.log10(least)))
    candidates = [(1, power), (2, power), (5, power), (1, power + 1)]
    digit, power = next(each for each in candidates if each[0] * 10.0 ** each[1] >= least)
    return digit * 10.0**power, max(-power, 0)


def _unknown(what: str, name: str, known: pd.Index, message: str) -> list[Problem]:
    """Tell of a name that the data set lacks."""
    if name in known:
        return []
    there = [str(each) for each in known]
    remedy = suggestion(str(name), there, f"There are: {', '.join(there[:8])}"
                        f"{', …' if len(there) > 8 else ''}.")  # fmt: skip
    return [Problem("", "", what, str(name), message, remedy)]


def _size_problems(sizes_mw: Sequence[float], *, chosen: bool) -> list[Problem]:
    """Tell of every size that is none."""
    if chosen and not sizes_mw:
        remedy = "Give at least one, or leave it out."
        return [Problem("", "", "sizes_mw", "", "no sizes", remedy)]
    return [
        Problem("", "", "sizes_mw", str(size), "not a size", "Give MW above 0.")
        for size in sizes_mw
        if not 0 < size < np.inf
    ]
