"""How far hosting capacity depends on the weather: the same capacity under several years.

One year says what one year allows. Under `gridplan.study.years.departures` every bus gets a lowest,
a middle (median) and a highest capacity, and the name of the year that set the two ends.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import xarray as xr

from gridplan.base.provenance import provenance
from gridplan.hosting.capacity import hosting_capacity
from gridplan.study.study import Study
from gridplan.study.years import WeatherYear, departures, with_year

SAME_MW = 1e-3  # closer capacities are the same


def capacity_range(
    study: Study,
    year: int | None = None,
    *,
    years: Sequence[WeatherYear] | None = None,
    progress: Callable[[float], None] | None = None,
    **options: Any,
) -> xr.Dataset:
    """Compute what every bus can take in several weather years.

    Parameters
    ----------
    study : Study
        Opened from a folder whose series hold several years.
    year : int, optional
        As in `gridplan.hosting_capacity`.
    years : sequence of WeatherYear, optional
        Default: the study's own year, every single departure from it (such as dry, wet, wind of
        another year, cold), and dry together with cold.
    progress : callable, optional
        Called with the share of the work done.
    **options
        criterion, flexibility, buses and direction of `gridplan.hosting_capacity`.

    Returns
    -------
    xarray.Dataset
        By criterion, bus and flexibility: lowest_mw, middle_mw (median of the years), highest_mw,
        lowest_year and highest_year (labels; the first of the years where several are equal).
        By weather_year also what `gridplan.hosting_capacity` says of that year.

    Raises
    ------
    StudyError
        When the study has no folder, or its file no such year.
    ValueError
        Without years, with the same year twice, or with `hourly`.

    Examples
    --------
    >>> import gridplan as gp
    >>> cap = gp.capacity_range(study, buses=["Orkdal 132"])  # doctest: +SKIP
    >>> cap.lowest_year.sel(flexibility=0.0).item()  # doctest: +SKIP
    'dry, wind 2019, cold'
    """
    if options.get("hourly"):
        msg = "a range holds no hourly capacity; use hosting_capacity(with_year(…), hourly=True)"
        raise ValueError(msg)
    wanted = list(departures(study) if years is None else years)
    labels = [one.label for one in wanted]
    if not labels or len(set(labels)) < len(labels):
        msg = f"years must name at least one weather year, and each once, not {labels}"
        raise ValueError(msg)
    found = []
    for number, one in enumerate(wanted):
        own = _part_of(progress, number, len(wanted))
        found.append(
            hosting_capacity(with_year(study, **asdict(one)), year, progress=own, **options)
        )
    names = xr.DataArray(np.array(labels), dims="weather_year", name="weather_year")
    by_year = xr.concat(found, names, combine_attrs="drop_conflicts")
    attributes = {**by_year.attrs, **provenance(study)}
    return by_year.assign(_ends(by_year["capacity_mw"])).assign_attrs(attributes)


def _part_of(
    progress: Callable[[float], None] | None, number: int, count: int
) -> Callable[[float], None] | None:
    """Progress of one year as a part of all."""
    if progress is None:
        return None
    return lambda share: progress((number + share) / count)


def _ends(capacity_mw: xr.DataArray) -> dict[str, xr.DataArray]:
    """Lowest, middle and highest over the years, and who set the ends."""
    kept = [dimension for dimension in capacity_mw.dims if dimension != "weather_year"]
    ordered = capacity_mw.transpose("weather_year", *kept)
    coords = {name: ordered[name] for name in kept}
    values, labels = ordered.to_numpy(), ordered["weather_year"].to_numpy()
    low, middle, high = values.min(axis=0), np.median(values, axis=0), values.max(axis=0)
    power = {
        name: xr.DataArray(end, coords, kept, attrs={"units": "MW", "long_name": words})
        for name, end, words in (
            ("lowest_mw", low, "lowest hosting capacity of the weather years"),
            ("middle_mw", middle, "median hosting capacity of the weather years"),
            ("highest_mw", high, "highest hosting capacity of the weather years"),
        )
    }
    setting = {
        name: xr.DataArray(labels[is_end.argmax(axis=0)], coords, kept, attrs={"long_name": words})
        for name, is_end, words in (
            ("lowest_year", values <= low + SAME_MW, "weather year of the lowest capacity"),
            ("highest_year", values >= high - SAME_MW, "weather year of the highest capacity"),
        )
    }
    return power | setting
