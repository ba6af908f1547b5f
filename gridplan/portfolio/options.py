"""What can be chosen: projects (load) and measures (less load, or a higher rating), as arrays.

Option j taken z_j times adds z_j · profile_j(t) · bus_mw_j to the load, raises limit l by
z_j · rating_pu_jl, brings value_j MNOK a year and needs investment_j MNOK. A measure that raises a
branch with an emergency factor raises two limits, each by its own MW in an hour with an existing
overload: it has a second option for the limit after outages, free, and bound to the first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridplan.grid.radial import possible_supply_mw, radial_buses
from gridplan.grid.sensitivities import Grid
from gridplan.grid.topology import Topology
from gridplan.study.settings import Settings
from gridplan.study.study import Study
from gridplan.study.tables import names_in, shares_of

Array = NDArray[np.float64]
BEHIND_A_BRIDGE = "behind a bridge, where there is no N-1 (radial: forbid)"


@dataclass(frozen=True)
class Options:
    """J options in a study of T hours, N buses and L + E limits of branches.

    Parameters
    ----------
    names : pandas.Index
        Projects first, then measures, then second options of measures.
    profile : ndarray, shape (T, J)
        Load per MW in every hour, per unit.
    bus_mw : ndarray, shape (J, N)
        MW of load added at each bus; negative for measures.
    rating_pu : ndarray, shape (J, L + E)
        Rise of the limits, per unit of the rating; each option raises one.
    value_mnok : ndarray, shape (J,)
        Value per year (MNOK); negative for measures.
    investment_mnok : ndarray, shape (J,)
        What counts against the budget (MNOK).
    units : ndarray of int, shape (J,)
        How often an option may be taken; 0 where a project is barred.
    requires : list of (int, int)
        The first option may be taken only with the second.
    """

    names: pd.Index
    profile: Array
    bus_mw: Array
    rating_pu: Array
    value_mnok: Array
    investment_mnok: Array
    units: NDArray[np.int64]
    requires: list[tuple[int, int]]

    def load_mw(self, taken: Array) -> Array:
        """Load added at the buses, shape (T, N), when option j is taken `taken[j]` times."""
        return (self.profile * taken) @ self.bus_mw


def project_values(projects: pd.DataFrame, settings: Settings) -> pd.Series:
    """Value of every project per year (MNOK): weights · (CO2, jobs, export, MW) + own value."""
    weights = settings.weights
    return (
        weights.co2_mnok_per_kt * projects["co2_t_per_yr"] / 1000
        + weights.jobs_mnok_per_job * projects["jobs"]
        + weights.export_mnok_per_mnok * projects["export_mnok_per_yr"]
        + weights.mw_mnok_per_mw * projects["mw"]
        + projects["value_mnok_per_yr"]
    ).rename("annual_value_mnok")


def annual_costs(measures: pd.DataFrame, settings: Settings) -> pd.Series:
    """Annuity of one unit of every measure (MNOK a year).

    Notes
    -----
    c · r / (1 − (1 + r)⁻ⁿ), with interest r and lifetime n in years; c / n where r is 0.
    """
    rate, years = settings.interest_rate, measures["lifetime_yr"].astype(float)
    factor = rate / (1 - (1 + rate) ** -years) if rate else 1 / years
    return (measures["cost_mnok"] * factor).rename("annual_cost_mnok")


def options_of(study: Study, projects: pd.DataFrame, measures: pd.DataFrame, grid: Grid) -> Options:
    """Arrays of the given projects and measures.

    Parameters
    ----------
    study : Study
        Profiles and settings.
    projects, measures : pandas.DataFrame
        Rows of the study's tables that may be chosen.
    grid : Grid
        Order of the axes N and L + E, and the bridges.

    Returns
    -------
    Options
    """
    buses, branches = grid.topology.buses, grid.topology.branches.index
    count = len(projects) + len(measures)
    bus_mw, rating = np.zeros((count, len(buses))), np.zeros((count, len(grid.limited)))
    bus_mw[np.arange(len(projects)), buses.get_indexer(projects["bus"])] = projects["mw"]
    for row, measure in enumerate(measures.itertuples(), start=len(projects)):
        if measure.kind == "rating":
            rating[row, branches.get_loc(measure.branch)] = measure.rating_pu
        else:
            for bus, share in shares_of(measure.buses).items():
                bus_mw[row, buses.get_loc(bus)] -= share * measure.mw
    shape = [*projects["profile"], *measures["profile"]]
    flat = study.profiles.assign(**{"": 0.0})  # rating measures have no profile
    free = barred(study, projects, grid.topology).eq("")
    units = np.concatenate([free, measures["units_max"]]).astype(np.int64)
    value = np.concatenate(
        [project_values(projects, study.settings), -annual_costs(measures, study.settings)]
    )
    options = Options(
        names=projects.index.append(measures.index),
        profile=flat[shape].to_numpy(dtype=float),
        bus_mw=bus_mw,
        rating_pu=rating,
        value_mnok=value.astype(float),
        investment_mnok=np.concatenate([np.zeros(len(projects)), measures["cost_mnok"]]),
        units=units,
        requires=_requirements(projects),
    )
    return _with_second_options(options, grid)


def _with_second_options(options: Options, grid: Grid) -> Options:
    """Add an option per measure that raises a branch with two limits."""
    first, limit = np.nonzero(options.rating_pu[:, : len(grid.after)] > 0)
    two = grid.after[limit] != limit
    first, limit = first[two], limit[two]
    count = len(options.names)
    second = count + np.arange(len(first))
    rating = np.zeros((len(first), len(grid.limited)))
    rating[np.arange(len(first)), grid.after[limit]] = options.rating_pu[first, limit]
    none = np.zeros(len(first))
    pairs = list(zip(first.tolist(), second.tolist(), strict=True))
    return replace(
        options,
        names=options.names.append(options.names[first] + " (after outages)"),
        profile=np.hstack([options.profile, options.profile[:, first]]),
        bus_mw=np.vstack([options.bus_mw, options.bus_mw[first]]),
        rating_pu=np.vstack([options.rating_pu, rating]),
        value_mnok=np.concatenate([options.value_mnok, none]),
        investment_mnok=np.concatenate([options.investment_mnok, none]),
        units=np.concatenate([options.units, options.units[first]]),
        requires=[*options.requires, *pairs, *(pair[::-1] for pair in pairs)],
    )


def barred(study: Study, projects: pd.DataFrame, topology: Topology) -> pd.Series:
    """Say why a project cannot be chosen whatever room there is; "" where it can.

    Parameters
    ----------
    study : Study
        Its setting `radial` counts.
    projects : pandas.DataFrame
        Candidates.
    topology : Topology
        Of the study's network.

    Returns
    -------
    pandas.Series of str
    """
    known = projects.index.union(study.ordinary_growth.index)
    reasons = pd.Series("", projects.index, dtype="str", name="barred")
    for name, text in projects["requires"].items():
        missing = [needed for needed in names_in(text) if needed not in known]
        if missing:
            reasons[name] = f"requires {', '.join(missing)}, which is no candidate"
    if study.settings.radial == "forbid":
        radial = radial_buses(topology, possible_supply_mw(study.network, topology.buses))
        reasons[projects["bus"].isin(topology.buses[radial])] = BEHIND_A_BRIDGE
    return reasons


def _requirements(projects: pd.DataFrame) -> list[tuple[int, int]]:
    """Pairs of candidates of which the first requires the second.

    What is connected anyway (ordinary growth) is no condition.
    """
    return [
        (position, projects.index.get_loc(needed))
        for position, text in enumerate(projects["requires"])
        for needed in names_in(text)
        if needed in projects.index
    ]
