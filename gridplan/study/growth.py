"""The same study with more or less load, by municipality."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from gridplan.base.errors import Problem, StudyError
from gridplan.base.quiet import quiet_pypsa
from gridplan.study.islands import by_island
from gridplan.study.network_checks import network_islands
from gridplan.study.schedule import scheduled_mw
from gridplan.study.sheet import suggestion
from gridplan.study.study import Study

ALL = "all"  # every load whose municipality is not named


def municipalities(study: Study) -> list[str]:
    """Names of the municipalities that have load; empty where the network knows none."""
    loads = study.network.c.loads.static
    named = loads.get("municipality", [])
    return sorted({str(name) for name in named if name})


def with_growth(study: Study, factors: Mapping[str, float]) -> Study:
    """Return a study whose loads are multiplied in every hour.

    Parameters
    ----------
    study : Study
        The input.
    factors : mapping of float
        Factor by municipality (1.1 is a tenth more); "all" for every load whose municipality is
        not named.

    Returns
    -------
    Study
        With the schedule that follows: the borders supply the difference in their stated shares.

    Raises
    ------
    StudyError
        When a municipality has no load, or the load cannot be supplied.

    Examples
    --------
    >>> from gridplan.study.growth import with_growth
    >>> with_growth(study, {"all": 1.1, "Trondheim": 1.3})  # doctest: +SKIP
    """
    known = [ALL, *municipalities(study)]
    unknown = [name for name in factors if name not in known]
    if unknown:
        raise StudyError([unknown_municipality(name, known) for name in unknown])
    loads = study.network.c.loads.static
    place = loads["municipality"] if "municipality" in loads else loads["bus"].map(lambda _: "")
    factor = place.map(dict(factors)).astype(float).fillna(factors.get(ALL, 1.0))
    with quiet_pypsa():
        network = study.network.copy()
        grown = network.get_switchable_as_dense("Load", "p_set")[loads.index] * factor
        network.c.loads.dynamic.p_set = grown.rename_axis(index="snapshot", columns="name")
    schedule = study.schedule_mw
    if study.folder is not None:
        generators = network.c.generators.static
        hydro, wind = (generators.index[generators["carrier"] == k] for k in ("hydro", "wind"))
        island = network_islands(network)
        load = by_island(grown, loads["bus"], island)
        power = generators["p_nom"][wind].replace(0.0, np.nan)
        shape = (schedule[wind] / power).fillna(0.0)
        schedule = scheduled_mw(generators, schedule[hydro], shape, load, island)
    return replace(study, network=network, schedule_mw=schedule)


def unknown_municipality(name: str, known: list[str]) -> Problem:
    """Report a municipality that has no load."""
    remedy = suggestion(name, known, f"There are: {', '.join(known)}.")
    return Problem("", "", "growth", name, "no load of this municipality", remedy)
