"""The plan: which projects the grid can take together, and which measures make room."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
import pypsa

from gridplan.base.messages import Language
from gridplan.grid.stages import at_stage
from gridplan.operation.base_case import BaseCase
from gridplan.portfolio.choosing import choose, reinforcements_of
from gridplan.portfolio.goals import goals_html, goals_of
from gridplan.portfolio.network import Portfolio, plan_network
from gridplan.portfolio.offered import Offered, matching, offered_of, search_of, with_settings
from gridplan.portfolio.options import (
    Choice,
    annual_costs,
    barred,
    project_values,
    symbiosis_values,
)
from gridplan.portfolio.search import Found, Search
from gridplan.portfolio.summary import Summary
from gridplan.study.relations import families
from gridplan.study.settings import Goals, Weights
from gridplan.study.stage import Stage
from gridplan.study.study import Study

if TYPE_CHECKING:
    from gridplan.portfolio.ac_margin import AcOutcome

BINDING_MW = 1e-3  # a CNEC closer to its limit than this binds


def _no_margins() -> pd.Series:
    """Margins of a plan that has none."""
    return pd.Series(dtype=float, index=pd.Index([], dtype="str"))


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
    symbioses : pandas.DataFrame
        All symbioses: the study's columns, `chosen`, `annual_value_mnok`, `annual_cost_mnok`.
    reinforcements : pandas.DataFrame
        Those offered, by name: year, status, cost_mnok, `annual_cost_mnok`, `chosen`, `note` (why
        it could not be chosen alone; "" where it could). Empty where none were offered; what the
        stage builds anyway is in `stage`.
    curtailed_mw : pandas.DataFrame
        What the chosen conditional projects are not served, snapshot x project (MW).
    objective_mnok : float
        Value of the chosen projects and symbioses less the cost of measures, symbioses and chosen
        reinforcements and the price of the energy not served (MNOK a year).
    network : pypsa.Network
        The year with the portfolio in it and its dispatch in `generators_t.p_set`.
    binding : pandas.DataFrame
        CNECs at their limit: snapshot, branch, outage ("" for none), limit_mw.
    search : Search
        Where the plan was found; it answers further questions on the same base case.
    found : Found
        The result of the search, as arrays.
    margins_pu : pandas.Series
        By branch, what is left of the ratings that were tightened for AC; the network of `study`
        and `network` have the tightened ones.
    ac : AcOutcome, optional
        How the plan was brought to hold in AC, or why it does not; None where `ac_margin` was not
        asked for.
    """

    study: Study
    base: BaseCase
    year: int
    projects: pd.DataFrame
    measures: pd.DataFrame
    symbioses: pd.DataFrame
    reinforcements: pd.DataFrame
    curtailed_mw: pd.DataFrame
    objective_mnok: float
    network: pypsa.Network
    binding: pd.DataFrame
    search: Search
    found: Found
    margins_pu: pd.Series = field(default_factory=_no_margins, kw_only=True)
    ac: AcOutcome | None = field(default=None, kw_only=True)

    def __repr__(self) -> str:
        chosen = self.projects[self.projects["chosen"]]
        return (
            f"<Plan {self.study.name} {self.year}, {self.stage.name}: {len(chosen)} of "
            f"{len(self.by_project)} projects, {chosen['mw'].sum():,.0f} MW, "
            f"{self.objective_mnok:,.1f} MNOK a year>"
        )

    @property
    def stage(self) -> Stage:
        """Which grid was planned on: its year and the reinforcements in service."""
        return self.study.stage

    @property
    def rounds(self) -> int:
        """Choices that were tried."""
        return self.found.rounds

    @property
    def limits(self) -> int:
        """Grid limits that were learned."""
        return len(self.search.cuts)

    @property
    def programs(self) -> int:
        """Linear programs in the final dispatch."""
        return self.found.dispatch.programs

    @property
    def by_project(self) -> pd.DataFrame:
        """One row for every project: the variant that is chosen, or else its first row.

        `asked_mw` is the size of its first row (MW).
        """
        family = families(self.projects)
        asked = self.projects.groupby(family, sort=False)["mw"].transform("first")
        rows = self.projects.assign(asked_mw=asked)
        shown = rows.assign(family_=family).sort_values("chosen", ascending=False, kind="stable")
        return rows[rows.index.isin(shown.drop_duplicates("family_").index)]

    @property
    def left_out(self) -> pd.DataFrame:
        """Projects of which no variant is chosen, as in `by_project`."""
        rows = self.by_project
        return rows[~rows["chosen"]]

    @property
    def allowed_mw(self) -> pd.DataFrame:
        """Existing overloads that the plan may keep but not worsen, as in `BaseCase`."""
        return self.base.allowed_mw

    @property
    def investment_mnok(self) -> float:
        """What the measures, symbioses and reinforcements chosen cost: what the budget limits."""
        together = self.symbioses.loc[self.symbioses["chosen"], "cost_mnok"].sum()
        built = self.reinforcements.loc[self.reinforcements["chosen"], "cost_mnok"].sum()
        measures = (self.measures["units"] * self.measures["cost_mnok"]).sum()
        return float(measures + together + built)

    @property
    def annuity_mnok(self) -> float:
        """Cost of the chosen reinforcements (MNOK a year), which a search does not count."""
        chosen = self.reinforcements["chosen"]
        return float(self.reinforcements.loc[chosen, "annual_cost_mnok"].sum())

    def _repr_html_(self) -> str:
        """Show figures and goals in a notebook, in the language of the study."""
        language = self.study.settings.language
        return self.summary(language)._repr_html_() + goals_html(self.goals(), language)

    def summary(self, language: Language = "en") -> Summary:
        """Return the plan in figures: projects, MW, t CO2e, jobs, export, measures, grid.

        What symbioses cut counts among the emissions, as it does towards the goals.

        Parameters
        ----------
        language : {"en", "nb"}
            Of the table that a notebook shows; the figures keep their names.

        Returns
        -------
        Summary
            A pandas.Series.
        """
        chosen = self.projects[self.projects["chosen"]]
        built = self.reinforcements[self.reinforcements["chosen"]]
        together = self.symbioses[self.symbioses["chosen"]]
        units = self.measures["units"]
        figures = Summary(
            {
                "projects": len(chosen),
                "candidates": len(self.by_project),
                "mw": chosen["mw"].sum(),
                "co2_t_per_yr": chosen["co2_t_per_yr"].sum() + together["co2_t_per_yr"].sum(),
                "jobs": chosen["jobs"].sum(),
                "export_mnok_per_yr": chosen["export_mnok_per_yr"].sum(),
                "measures": int((units > 0).sum()),
                "measures_mnok_per_yr": float((units * self.measures["annual_cost_mnok"]).sum()),
                "symbioses": len(together),
                "conditional": len(self.curtailed_mw.columns),
                "curtailed_mwh_per_yr": float(self.curtailed_mw.to_numpy().sum()),
                "objective_mnok_per_yr": self.objective_mnok,
                "reinforcements": len(self.stage.in_service),
                "reinforcements_chosen": len(built),
                "reinforcements_mnok_per_yr": self.annuity_mnok,
                "investment_mnok": self.investment_mnok,
            },
            name=f"{self.year}, {self.stage.name}",
        )
        study = self.study.title
        return figures.shown(study, self.year, self.stage, language)

    def goals(self) -> pd.DataFrame:
        """Return how much of the way to each goal of the county the plan covers."""
        return goals_of(self)


def plan(
    study: Study,
    year: int | None = None,
    *,
    grid_year: int | None = None,
    weights: Weights | dict[str, float] | None = None,
    budget_mnok: float | None = None,
    goals: Goals | dict[str, float] | None = None,
    measures: bool | str | Sequence[str] = True,
    symbioses: bool | str | Sequence[str] = True,
    reinforcements: str | Sequence[str] = (),
    ac_margin: Literal["auto"] | None = None,
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
        Limit on the investment in measures, symbioses and the `reinforcements` chosen (MNOK);
        default from the settings. What the stage builds anyway does not count.
    goals : Goals or dict, optional
        Least that the portfolio must reach, e.g. ``{"min_co2_t_per_yr": 200_000}``; default from
        the settings.
    measures, symbioses : bool, str or sequence of str, default True
        Whether they may be chosen, or the names of those that may.
    reinforcements : str or sequence of str, optional
        Reinforcements to choose from beyond those of the stage, at most six, whatever their year
        and status. The plan is the best over all sets of them that the budget allows, each with a
        base case and a plan of its own; a chosen one costs its annuity over
        `reinforcement_lifetime_yr`.
    ac_margin : "auto", optional
        Check the plan by AC power flow (`gridplan.check_ac`), tighten ratings where currents exceed
        them, no longer offer projects whose voltage does not hold, and plan again until the check
        passes or nothing more helps; `plan.ac` tells. Each round makes a base case.
    base : BaseCase, optional
        Base case of the same study on the same grid, if it has been computed; of `reinforcements`
        it serves the plan with none.
    progress : callable, optional
        Called with a line of text in every round.

    Returns
    -------
    Plan

    Raises
    ------
    InfeasiblePlanError
        When no choice keeps all limits and demands; it names the smallest set that conflicts.
    StudyError
        When an argument is not a possible setting, a measure or symbiosis is unknown, the study's
        grid is that of a later year, or a reinforcement is unknown or in service already.
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
    settings = {"year": year, "budget_mnok": budget_mnok, "weights": weights, "goals": goals}
    study = with_settings(study, settings)
    stage = at_stage(study, grid_year)
    asked = reinforcements_of(stage, reinforcements)

    def offer(grid: Study) -> Offered:
        return offered_of(grid, stage, measures, symbioses)

    if not len(asked):
        offered = offer(stage)
        search = search_of(matching(base, stage), offered, stage)
        planned = plan_of(search, offered, search.best(progress=progress), stage)
    else:
        base = None if base is None else matching(base, stage)
        best = choose(study, grid_year, asked, offer, base=base, progress=progress)
        planned = plan_of(best.search, best.offered, best.found, best.study, best.reinforcements)
    if ac_margin is None:
        return planned
    from gridplan.portfolio.ac_margin import until_ac_holds  # noqa: PLC0415 - imports this module

    return until_ac_holds(planned, offer, progress)


def plan_of(
    search: Search,
    offered: Offered,
    found: Found,
    study: Study,
    reinforcements: pd.DataFrame | None = None,
) -> Plan:
    """Tell a result of a search as a plan; without `reinforcements` none were offered."""
    if reinforcements is None:
        reinforcements = reinforcements_of(study, ())
    settings, choice = study.settings, found.choice
    places = [len(offered.projects), len(offered.projects) + len(offered.measures)]
    chosen, units, together = np.split(choice.taken, places)
    projects = offered.projects.assign(
        chosen=chosen > 0.5,
        annual_value_mnok=project_values(offered.projects, settings),
        barred=barred(study, offered.projects, search.base.case.grid.topology),
    )
    measures = offered.measures.assign(
        units=units.astype(int), annual_cost_mnok=annual_costs(offered.measures, settings)
    )
    symbioses = offered.symbioses.assign(
        chosen=together > 0.5,
        annual_value_mnok=symbiosis_values(offered.symbioses, settings),
        annual_cost_mnok=annual_costs(offered.symbioses, settings),
    )
    curtailed = _curtailed_mw(search, projects, choice)
    network = plan_network(
        study, search.base, found, Portfolio(projects, measures, symbioses, curtailed)
    )
    annuity = reinforcements.loc[reinforcements["chosen"], "annual_cost_mnok"].sum()
    return Plan(
        study=study,
        base=search.base,
        year=settings.year,
        projects=projects,
        measures=measures,
        symbioses=symbioses,
        reinforcements=reinforcements,
        curtailed_mw=curtailed,
        objective_mnok=found.value_mnok - float(annuity),
        network=network,
        binding=_binding(found),
        search=search,
        found=found,
    )


def _curtailed_mw(search: Search, projects: pd.DataFrame, choice: Choice) -> pd.DataFrame:
    """Tabulate what chosen conditional projects are not served, snapshot x project (MW)."""
    option = search.options.conditions.option
    taken = choice.taken[option] > 0.5
    rows = projects.iloc[option[taken]]
    table = choice.curtailed_pu[:, taken] * rows["mw"].to_numpy(dtype=float)
    return pd.DataFrame(table, search.limits.hours, rows.index)


def _binding(found: Found) -> pd.DataFrame:
    """List the CNECs at their limit, by hour."""
    case, rows = found.case, found.dispatch.rows
    outages = np.array([*case.grid.outage_names(), ""], dtype=object)
    if not len(rows):
        return pd.DataFrame(columns=["snapshot", "branch", "outage", "limit_mw"])
    limit = case.limit_mw[:, rows.limit]
    flow = rows.flows_mw(found.dispatch.flow_mw, case.relief_mw)
    hour, row = np.nonzero(flow >= limit - BINDING_MW)
    return pd.DataFrame(
        {
            "snapshot": case.hours[hour],
            "branch": case.grid.topology.branches.index[rows.branch[row]],
            "outage": outages[rows.outage[row]],
            "limit_mw": limit[hour, row],
        }
    )
