"""The same study with more or less load, by municipality and by sector.

With the factors m of its municipality and f of its sectors, for which it draws P, load l becomes::

    m_l * (load_lt + sum_s (f_s - 1) * P_lst)

so a sector grows in its own hours (`gridplan.study.sector_load`), and what belongs to no sector
follows the municipality alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from gridplan.base.errors import Problem, StudyError
from gridplan.base.quiet import quiet_pypsa
from gridplan.study.islands import by_island
from gridplan.study.network_checks import network_islands
from gridplan.study.schedule import scheduled_mw
from gridplan.study.sector_load import ALL, VARIABLE
from gridplan.study.sheet import suggestion
from gridplan.study.study import Study
from gridplan.study.tables import SECTOR_ENERGY


def municipalities(study: Study) -> list[str]:
    """Names of the municipalities that have load; empty where the network knows none."""
    loads = study.network.c.loads.static
    named = loads.get("municipality", [])
    return sorted({str(name) for name in named if name})


def sectors(study: Study) -> list[str]:
    """Names of the sectors of the loads; empty where the study knows none."""
    return [] if study.sector_load is None else study.sector_load.sectors


def with_growth(
    study: Study,
    factors: Mapping[str, float] | None = None,
    *,
    by_sector: Mapping[str, float] | None = None,
) -> Study:
    """Return a study with more or less load.

    Parameters
    ----------
    study : Study
        The input.
    factors : mapping of float, optional
        Factor by municipality (1.1 is a tenth more), on every load there in every hour; "all" for
        every load whose municipality is not named.
    by_sector : mapping of float, optional
        Factor by sector, on its energy in every load and in its own hours; "all" for every sector
        that is not named. Both kinds of factor multiply each other.

    Returns
    -------
    Study
        With the schedule that follows: the borders supply the difference in their stated shares.
        Growth on growth multiplies.

    Raises
    ------
    StudyError
        With every municipality that has no load and every unknown sector, when the study knows no
        sectors, or when the load cannot be supplied.

    Examples
    --------
    A town of 30 MW: 10 MW of industry, which is flat, and homes that draw 20 MW in the evening.

    >>> import pypsa
    >>> from gridplan.study.sector_load import SectorLoad
    >>> hours = pd.date_range("2030-01-01 12:00", periods=2, freq="6h")
    >>> n = pypsa.Network(snapshots=hours)
    >>> _ = n.add("Bus", "A", v_nom=132.0)
    >>> _ = n.add("Generator", "East", bus="A", p_nom=100.0)
    >>> _ = n.add("Load", "Town", bus="A", p_set=[10.0, 30.0], municipality="Frosta")
    >>> energy = pd.DataFrame({"industry": [100.0], "homes": [50.0]}, index=["Town"])
    >>> shape = pd.DataFrame({"industry": [0.1, 0.1], "homes": [0.0, 0.4]}, index=hours)
    >>> study = Study(network=n, sector_load=SectorLoad(energy, shape))
    >>> grown = with_growth(study, {"Frosta": 1.1}, by_sector={"industry": 1.5, "homes": 1.2})
    >>> grown.network.c.loads.dynamic.p_set["Town"].round(6).tolist()  # 1.1 (15 + 0), (15 + 24)
    [16.5, 42.9]
    """
    factors, by_sector = dict(factors or {}), dict(by_sector or {})
    problems = growth_problems(study, factors, by_sector)
    if problems:
        raise StudyError(problems)
    loads = study.network.c.loads.static
    place = loads["municipality"] if "municipality" in loads else loads["bus"].map(lambda _: "")
    factor = place.map(factors).astype(float).fillna(factors.get(ALL, 1.0))
    of_sector = {name: by_sector.get(name, by_sector.get(ALL, 1.0)) for name in sectors(study)}
    with quiet_pypsa():
        network = study.network.copy()
        load = network.get_switchable_as_dense("Load", "p_set")[loads.index]
        grown = _with_sectors(study, load, of_sector) * factor
        network.c.loads.dynamic.p_set = grown.rename_axis(index="snapshot", columns="name")
    part = study.sector_load
    return replace(
        study,
        network=network,
        schedule_mw=_schedule_of(study, grown),
        sector_load=None if part is None else part.grown(of_sector, factor),
    )


def growth_problems(
    study: Study, factors: Mapping[str, float], by_sector: Mapping[str, float]
) -> list[Problem]:
    """Report municipalities that have no load, and sectors that the study does not know.

    Parameters
    ----------
    study : Study
        The input.
    factors, by_sector : mapping of float
        As in `with_growth`.
    """
    places, known = [ALL, *municipalities(study)], [ALL, *sectors(study)]
    problems = [
        _unknown("growth", name, places, "no load of this municipality")
        for name in factors
        if name not in places
    ]
    if by_sector and study.sector_load is None:
        message = "the study does not know what its loads consume by sector"
        remedy = (
            f"Add columns {SECTOR_ENERGY}<sector> (GWh) to loads.csv and {VARIABLE} to the sectors "
            "file, as networks/trondelag has them, or let the load grow by municipality (growth)."
        )
        named = ", ".join(by_sector)
        return [*problems, Problem("", "", "growth_by_sector", named, message, remedy)]
    return problems + [
        _unknown("growth_by_sector", name, known, "unknown sector")
        for name in by_sector
        if name not in known
    ]


def _unknown(key: str, name: str, known: list[str], message: str) -> Problem:
    remedy = suggestion(name, known, f"There are: {', '.join(known)}.")
    return Problem("", "", key, name, message, remedy)


def _with_sectors(study: Study, load_mw: pd.DataFrame, factor: Mapping[str, float]) -> pd.DataFrame:
    """Let sectors grow within the loads, snapshot x load (MW)."""
    if study.sector_load is None:
        return load_mw
    added = study.sector_load.mw({name: value - 1.0 for name, value in factor.items()})
    # rounding may leave a load smaller than its sectors; shrinking them does not turn its sign
    return (load_mw + added[load_mw.columns]).clip(lower=load_mw.clip(upper=0.0))


def _schedule_of(study: Study, load_mw: pd.DataFrame) -> pd.DataFrame:
    """Schedule that follows from other loads; one that was stated is an input and stays."""
    schedule, network = study.schedule_mw, study.network
    if study.schedule_is_input:
        return schedule
    generators = network.c.generators.static
    hydro, wind = (generators.index[generators["carrier"] == k] for k in ("hydro", "wind"))
    island = network_islands(network)
    load = by_island(load_mw, network.c.loads.static["bus"], island)
    power = generators["p_nom"][wind].replace(0.0, np.nan)
    shape = (schedule[wind] / power).fillna(0.0)
    return scheduled_mw(generators, schedule[hydro], shape, load, island)
