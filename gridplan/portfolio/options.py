"""What can be chosen: projects (load), measures (less load, or a higher rating) and symbioses.

Option j taken z_j times adds z_j · profile_j(t) · bus_mw_j to the load, raises limit l by
z_j · rating_pu_jl, brings value_j MNOK a year and needs investment_j MNOK. A conditional project
may be served less, by u_j(t) per unit of its size.

Every option has one effect on the grid, with a shape over the hours. A measure that raises a rating
has two: with an existing overload the limits without and after outages gain in different hours. The
I second effects, after outages, follow the J first ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridplan.grid.radial import possible_supply_mw, radial_buses
from gridplan.grid.sensitivities import Grid
from gridplan.grid.topology import Topology
from gridplan.operation.case import Case
from gridplan.portfolio.conditions import Conditions, conditions_of
from gridplan.study.relations import conflicts, members
from gridplan.study.settings import Settings
from gridplan.study.study import Study
from gridplan.study.tables import names_in, shares_of

Array = NDArray[np.float64]
NOT_OFFERED = "not offered"
BEHIND_A_BRIDGE = "behind a bridge, where there is no N-1 (radial: forbid)"


@dataclass(frozen=True)
class Choice:
    """How often each of J options is taken, and what Q conditional projects are not served.

    Parameters
    ----------
    taken : ndarray, shape (J,)
        Times.
    curtailed_pu : ndarray, shape (T, Q)
        Curtailment per unit of a conditional project's size.
    """

    taken: Array
    curtailed_pu: Array


@dataclass(frozen=True)
class Options:
    """J options in a study of T hours, N buses and 2L limits of branches.

    Parameters
    ----------
    names : pandas.Index
        Projects first, then measures, then symbioses.
    profile : ndarray, shape (T, J)
        Load per MW in every hour, per unit.
    bus_mw : ndarray, shape (J, N)
        MW of load added at each bus; negative for measures, 0 for what the base case holds.
    released_mw : ndarray, shape (J, N)
        MW injected again at each bus once a conditional project is disconnected; 0 for others.
    rating_pu : ndarray, shape (J + I, 2L)
        Rise of the limits, per unit of the limit; each effect raises one.
    second : ndarray of int, shape (I,)
        Options that have a second effect, those that raise a rating.
    value_mnok : ndarray, shape (J,)
        Value per year (MNOK), costs taken off.
    investment_mnok : ndarray, shape (J,)
        What counts against the budget (MNOK).
    least, most : ndarray of int, shape (J,)
        How often an option must and may be taken: 1 and 1 for a committed project, 0 and 0 for one
        that is barred.
    conditions : Conditions
        Of the Q conditional projects.
    barred : pandas.Series of str
        Why a project cannot be chosen whatever room there is; "" where it can.
    """

    names: pd.Index
    profile: Array
    bus_mw: Array
    released_mw: Array
    rating_pu: Array
    second: NDArray[np.int64]
    value_mnok: Array
    investment_mnok: Array
    least: NDArray[np.int64]
    most: NDArray[np.int64]
    conditions: Conditions
    barred: pd.Series

    def served_pu(self, choice: Choice) -> Array:
        """Load of every option per unit of its size, shape (T, J)."""
        served = self.profile * choice.taken
        served[:, self.conditions.option] -= choice.curtailed_pu
        return served

    def effects(self, taken: Array) -> Array:
        """How often every effect comes about, shape (J + I,), from options taken (J,)."""
        return np.append(taken, taken[self.second])

    def by_option(self, effects: Array) -> Array:
        """Add second effects to those of their options, shape (·, J + I) to (·, J)."""
        total = effects[..., : len(self.names)].copy()
        np.add.at(total.T, self.second, effects[..., len(self.names) :].T)
        return total

    def value_of(self, choice: Choice) -> float:
        """Value of a choice less the price of the energy not served (MNOK a year)."""
        unserved = choice.curtailed_pu.sum(axis=0) @ self.conditions.cost_mnok
        return float(self.value_mnok @ choice.taken - unserved)


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


def symbiosis_values(symbioses: pd.DataFrame, settings: Settings) -> pd.Series:
    """Value of the emissions that every symbiosis cuts, per year (MNOK)."""
    value = settings.weights.co2_mnok_per_kt * symbioses["co2_t_per_yr"] / 1000
    return value.rename("annual_value_mnok")


def annual_costs(invested: pd.DataFrame, settings: Settings) -> pd.Series:
    """Annuity of one unit of every measure or symbiosis (MNOK a year).

    Notes
    -----
    c · r / (1 − (1 + r)⁻ⁿ), with interest r and lifetime n in years; c / n where r is 0.
    """
    rate, years = settings.interest_rate, invested["lifetime_yr"].astype(float)
    factor = rate / (1 - (1 + rate) ** -years) if rate else 1 / years
    return (invested["cost_mnok"] * factor).rename("annual_cost_mnok")


def options_of(
    study: Study,
    projects: pd.DataFrame,
    measures: pd.DataFrame,
    symbioses: pd.DataFrame,
    case: Case,
) -> Options:
    """Arrays of the given projects, measures and symbioses.

    Parameters
    ----------
    study : Study
        Profiles and settings.
    projects, measures, symbioses : pandas.DataFrame
        Rows of the study's tables that may be chosen.
    case : Case
        Of the base case: order of the axes N and L, the bridges, the balancing sources.

    Returns
    -------
    Options
    """
    topology, settings = case.grid.topology, study.settings
    committed = projects.index.isin(study.committed.index)
    shape = [*projects["profile"], *measures["profile"], *symbioses["profile"]]
    profile = study.profiles.assign(**{"": 0.0})[shape].to_numpy(dtype=float)  # ratings have none
    loads = np.where(committed, 0.0, projects["mw"].astype(float))
    bus_mw = np.zeros((len(shape), len(topology.buses)))
    bus_mw[np.arange(len(projects)), topology.buses.get_indexer(projects["bus"])] = loads
    saved = pd.concat([measures[["buses", "mw"]], symbioses[["buses", "mw"]]])
    bus_mw[len(projects) :] = -_spread(saved, topology.buses)
    rating, second = _rating_pu(len(projects), measures, len(symbioses), case.grid)
    conditions = conditions_of(projects, profile, settings.curtailment_nok_per_mwh)
    why_not = barred(study, projects, topology)
    free = committed | why_not.eq("").to_numpy()
    values = (
        project_values(projects, settings),
        -annual_costs(measures, settings),
        symbiosis_values(symbioses, settings) - annual_costs(symbioses, settings),
    )
    others = np.zeros(len(measures) + len(symbioses))
    invested = [np.zeros(len(projects)), measures["cost_mnok"], symbioses["cost_mnok"]]
    most = [free, measures["units_max"], np.ones(len(symbioses))]
    return Options(
        names=projects.index.append([measures.index, symbioses.index]),
        profile=profile,
        bus_mw=bus_mw,
        released_mw=_released(bus_mw, conditions, case),
        rating_pu=rating,
        second=second,
        value_mnok=np.concatenate(values).astype(float),
        investment_mnok=np.concatenate(invested).astype(float),
        least=np.concatenate([committed, others]).astype(np.int64),
        most=np.concatenate(most).astype(np.int64),
        conditions=conditions,
        barred=why_not,
    )


def _spread(saved: pd.DataFrame, buses: pd.Index) -> Array:
    """MW saved at each bus, shape (rows, N)."""
    at_bus = np.zeros((len(saved), len(buses)))
    for row, (text, mw) in enumerate(saved.itertuples(index=False)):
        for bus, share in shares_of(text).items():
            at_bus[row, buses.get_loc(bus)] = share * mw
    return at_bus


def _released(bus_mw: Array, conditions: Conditions, case: Case) -> Array:
    """Change of the injections when each option is disconnected (MW), shape (J, N)."""
    released = np.zeros_like(bus_mw)
    released[conditions.option] = case.released_mw(bus_mw[conditions.option])
    return released


def _rating_pu(
    first: int, measures: pd.DataFrame, others: int, grid: Grid
) -> tuple[Array, NDArray[np.int64]]:
    """Rise of the limits by the measures, which start at row `first`, and second effects."""
    raising = measures[measures["kind"] == "rating"]
    second = first + measures.index.get_indexer(raising.index)
    branch = grid.topology.branches.index.get_indexer(raising["branch"])
    options = first + len(measures) + others
    rating = np.zeros((options + len(second), 2 * grid.branches))
    rating[second, branch] = raising["rating_pu"]
    rating[options + np.arange(len(second)), grid.after[branch]] = raising["rating_pu"]
    return rating, second


def barred(study: Study, projects: pd.DataFrame, topology: Topology) -> pd.Series:
    """Say why a project cannot be chosen whatever room there is; "" where it can.

    Parameters
    ----------
    study : Study
        Its settings `radial` and `not_offered` count.
    projects : pandas.DataFrame
        Candidates.
    topology : Topology
        Of the study's network.

    Returns
    -------
    pandas.Series of str
    """
    growth = study.ordinary_growth.index
    known = projects.index.union(growth)
    reasons = pd.Series("", projects.index, dtype="str", name="barred")
    for name, text in projects["requires"].items():
        missing = [
            needed
            for needed in names_in(text)
            if known.intersection(members(study.projects, needed)).empty
        ]
        if missing:
            reasons[name] = f"requires {', '.join(missing)}, which is no candidate"
    for pair, reason in conflicts(study.projects).items():
        if not growth.intersection(pair).empty:
            reasons[projects.index.intersection(pair)] = f"{reason}, and one is connected anyway"
    if study.settings.radial == "forbid":
        radial = radial_buses(topology, possible_supply_mw(study.network, topology.buses))
        reasons[projects["bus"].isin(topology.buses[radial])] = BEHIND_A_BRIDGE
    for name, reason in study.settings.not_offered.items():
        reasons[projects.index == name] = f"{NOT_OFFERED}: {reason}"
    reasons[projects.index.isin(study.committed.index)] = ""
    return reasons
