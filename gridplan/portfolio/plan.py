"""The plan: which projects the grid can take together, and which measures make room."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pypsa

from gridplan.grid.stages import at_stage
from gridplan.operation.base_case import BaseCase, base_case
from gridplan.portfolio.network import plan_network
from gridplan.portfolio.options import annual_costs, barred, options_of, project_values
from gridplan.portfolio.search import Found, search
from gridplan.study.settings import Weights
from gridplan.study.settings_file import revised
from gridplan.study.stage import Stage
from gridplan.study.study import Study

BINDING_MW = 1e-3  # a CNEC closer to its limit than this binds


@dataclass(frozen=True)
class Plan:
    """A chosen portfolio, secure in every hour and after every outage.

    Parameters
    ----------
    study : Study
        The input, with the settings that were used, on the grid that was planned on.
    base : BaseCase
        The year without the portfolio.
    year : int
        Projects of later years were no candidates.
    projects : pandas.DataFrame
        All candidates: the study's columns, `chosen`, `annual_value_mnok`, `barred` (why it could
        not be chosen whatever room there is; "" where it could).
    measures : pandas.DataFrame
        All measures: the study's columns, `units` taken, `annual_cost_mnok` of one unit.
    objective_mnok : float
        Value of the chosen projects less cost of the measures (MNOK a year).
    network : pypsa.Network
        The year with the portfolio in it and its dispatch in `generators_t.p_set`.
    binding : pandas.DataFrame
        CNECs at their limit: snapshot, branch, outage ("" for none), limit_mw.
    rounds, limits, programs : int
        Choices tried, grid limits learned, linear programs in the final dispatch.
    """

    study: Study
    base: BaseCase
    year: int
    projects: pd.DataFrame
    measures: pd.DataFrame
    objective_mnok: float
    network: pypsa.Network
    binding: pd.DataFrame
    rounds: int
    limits: int
    programs: int

    def __repr__(self) -> str:
        chosen = self.projects[self.projects["chosen"]]
        return (
            f"<Plan {self.study.name} {self.year}, {self.stage.name}: {len(chosen)} of "
            f"{len(self.projects)} projects, {chosen['mw'].sum():,.0f} MW, "
            f"{self.objective_mnok:,.1f} MNOK a year>"
        )

    @property
    def stage(self) -> Stage:
        """Which grid was planned on: its year and the reinforcements in service."""
        return self.study.stage

    @property
    def allowed_mw(self) -> pd.DataFrame:
        """Existing overloads that the plan may keep but not worsen, as in `BaseCase`."""
        return self.base.allowed_mw

    def summary(self) -> pd.Series:
        """Return the plan in figures: projects, MW, t CO2e, jobs, export, measures, grid."""
        chosen = self.projects[self.projects["chosen"]]
        units = self.measures["units"]
        return pd.Series(
            {
                "projects": len(chosen),
                "candidates": len(self.projects),
                "mw": chosen["mw"].sum(),
                "co2_t_per_yr": chosen["co2_t_per_yr"].sum(),
                "jobs": chosen["jobs"].sum(),
                "export_mnok_per_yr": chosen["export_mnok_per_yr"].sum(),
                "measures": int((units > 0).sum()),
                "measures_mnok_per_yr": float((units * self.measures["annual_cost_mnok"]).sum()),
                "objective_mnok_per_yr": self.objective_mnok,
                "reinforcements": len(self.stage.in_service),
            },
            name=f"{self.year}, {self.stage.name}",
        )


def plan(
    study: Study,
    year: int | None = None,
    *,
    grid_year: int | None = None,
    weights: Weights | dict[str, float] | None = None,
    budget_mnok: float | None = None,
    measures: bool = True,
    base: BaseCase | None = None,
    progress: Callable[[str], None] | None = None,
) -> Plan:
    """Choose the projects and measures worth most that the grid can carry in every hour.

    Parameters
    ----------
    study : Study
        The input.
    year : int, optional
        Projects of later years are left out; default from the settings.
    grid_year : int, optional
        The grid is that of this year, with the reinforcements planned or licensed to be in service
        by then (`gridplan.at_stage`). Default: `year`; a study that is a stage already keeps its
        grid.
    weights : Weights or dict, optional
        What the goals are worth; default from the settings.
    budget_mnok : float, optional
        Limit on the investment in measures (MNOK); default from the settings.
    measures : bool, default True
        Whether measures may be chosen.
    base : BaseCase, optional
        Base case of the same study on the same grid, if it has been computed.
    progress : callable, optional
        Called with a line of text in every round.

    Returns
    -------
    Plan

    Raises
    ------
    InfeasiblePlanError
        When no choice keeps all limits.
    StudyError
        When an argument is not a possible setting, or the study's grid is that of a later year.
    ValueError
        When `base` is that of another network, grid or load.

    Examples
    --------
    >>> import gridplan as gp
    >>> plan = gp.plan(gp.open_study("trondelag"), year=2030)  # doctest: +SKIP
    >>> plan.projects[plan.projects["chosen"]]["mw"].sum()  # doctest: +SKIP

    On the grid as it stands today, with a base case that serves several plans:

    >>> today = gp.at_stage(gp.open_study("trondelag"), 2025)  # doctest: +SKIP
    >>> plan = gp.plan(today, year=2030, base=gp.base_case(today))  # doctest: +SKIP
    """
    study = at_stage(_with_settings(study, year, weights, budget_mnok), grid_year)
    base = _matching(base, study)
    settings = study.settings
    candidates = study.candidates(settings.year)
    offered = study.measures if measures else study.measures.iloc[:0]
    topology = base.case.grid.topology
    options = options_of(study, candidates, offered, base.case.grid)
    found = search(base, options, settings.budget_mnok, progress)
    chosen, units = np.split(found.taken[: len(candidates) + len(offered)], [len(candidates)])
    projects = candidates.assign(
        chosen=chosen > 0.5,
        annual_value_mnok=project_values(candidates, settings),
        barred=barred(study, candidates, topology),
    )
    taken = offered.assign(
        units=units.astype(int), annual_cost_mnok=annual_costs(offered, settings)
    )
    return Plan(
        study=study,
        base=base,
        year=settings.year,
        projects=projects,
        measures=taken,
        objective_mnok=float(options.value_mnok @ found.taken),
        network=plan_network(study, base, found, projects, taken),
        binding=_binding(found),
        rounds=found.rounds,
        limits=len(found.cuts),
        programs=found.dispatch.programs,
    )


def _with_settings(
    study: Study,
    year: int | None,
    weights: Weights | dict[str, float] | None,
    budget_mnok: float | None,
) -> Study:
    """Return the study with the settings that the caller named."""
    named = {"year": year, "budget_mnok": budget_mnok}
    changes = {key: value for key, value in named.items() if value is not None}
    if weights is not None:
        changes["weights"] = weights.model_dump() if isinstance(weights, Weights) else weights
    return replace(study, settings=revised(study.settings, **changes)) if changes else study


def _matching(base: BaseCase | None, study: Study) -> BaseCase:
    """Return the given base case if it holds the same grid and load, or compute one.

    Raises
    ------
    ValueError
        When it is that of another network, stage, year or security rule.
    """
    if base is None:
        return base_case(study)
    other = base.study
    keys = ("unsecured", "redispatch_weights", "transformer_emergency_factor")
    remedy = "leave `base` out or compute it anew"
    if other.in_service != study.in_service:
        reason = f"the base case is that of the {other.stage}; the plan is on the {study.stage}"
        remedy = _same_stage(study)
    elif other.network is not study.network:
        reason = "the base case is that of another network"
        remedy = _same_stage(study) if study.in_service else remedy
    elif not other.ordinary_growth.equals(study.ordinary_growth):
        reason = (
            f"the base case holds the ordinary growth of {other.settings.year}, "
            f"the plan that of {study.settings.year}"
        )
    elif any(getattr(other.settings, key) != getattr(study.settings, key) for key in keys):
        reason = f"the base case has other settings ({', '.join(keys)})"
    else:
        return base
    msg = f"{reason}; {remedy}"
    raise ValueError(msg)


def _same_stage(study: Study) -> str:
    """Say how a base case and a plan come to stand on one grid."""
    return (
        f"leave `base` out, or build the grid once for both: "
        f"staged = gp.at_stage(study, {study.grid_year}), then "
        f"gp.plan(staged, …, base=gp.base_case(staged))"
    )


def _binding(found: Found) -> pd.DataFrame:
    """List the CNECs at their limit, by hour."""
    case, rows = found.case, found.dispatch.rows
    outages = np.array([*case.grid.outage_names(), ""], dtype=object)
    if not len(rows):
        return pd.DataFrame(columns=["snapshot", "branch", "outage", "limit_mw"])
    limit = case.limit_mw[:, rows.limit]
    hour, row = np.nonzero(rows.flows_mw(found.dispatch.flow_mw) >= limit - BINDING_MW)
    return pd.DataFrame(
        {
            "snapshot": case.hours[hour],
            "branch": case.grid.topology.branches.index[rows.branch[row]],
            "outage": outages[rows.outage[row]],
            "limit_mw": limit[hour, row],
        }
    )
