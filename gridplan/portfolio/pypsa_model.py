"""The same problem as plain PyPSA, for any size that PyPSA can still solve.

Every part is a standard component, so that `n.optimize.optimize_security_constrained` finds the
optimum that `plan` finds:

* a project is a generator of sign −1, built whole or not at all (`p_nom_mod` = `p_nom_max`),
  bound to its profile; its capital cost is minus its value; one that is barred has `p_nom_max` 0,
  one that is committed `p_nom_min` = `p_nom_max`
* a conditional project may be served less than its profile; what is served earns the price of the
  energy, which its capital cost takes back in full
* a measure that saves load, or a symbiosis, is a generator of sign +1; where it saves at several
  buses it feeds them through a link in fixed shares
* a measure that raises a rating is an extension of that branch in whole steps; the step must
  divide the rating, so rises are 1/n (0.2, 0.25, …)
* relations, budget, goals, conditions of connection and limits that hold after outages only are no
  components: pass `gridplan.pypsa_conditions` as `extra_functionality`
* an existing overload without outage raises `s_max_pu` of that branch in that hour to the base-case
  value; the limits of an overloaded branch after an outage are the series `s_max_pu_after`, which
  `gridplan.pypsa_conditions` reads. PyPSA alone gives every branch one limit, so without these
  conditions the network is the same problem only where the base case overloads nothing and no
  branch has an emergency factor
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pypsa

from gridplan.base.errors import Problem, StudyError
from gridplan.base.quiet import quiet_pypsa
from gridplan.grid.sensitivities import grid_of
from gridplan.grid.topology import Topology
from gridplan.operation.base_case import BaseCase, base_case
from gridplan.portfolio.conditions import energy_prices
from gridplan.portfolio.options import annual_costs, barred, project_values, symbiosis_values
from gridplan.portfolio.pypsa_limits import AFTER
from gridplan.study.emergency import state_factors
from gridplan.study.study import Study
from gridplan.study.tables import shares_of

ROOM_MW = 1e-6  # above existing overloads: they fit exactly, which rounding makes infeasible
REMEDY = "Leave the measure out of the study that is compared."


def to_pypsa(study: Study, snapshots: pd.DatetimeIndex) -> pypsa.Network:
    """Write the planning problem for some hours as standard PyPSA components.

    Parameters
    ----------
    study : Study
        The input, on its grid as it is: what a plan of 2030 finds is the optimum of
        `gridplan.at_stage(study, 2030)`.
    snapshots : pandas.DatetimeIndex
        Hours of the study, a few.

    Returns
    -------
    pypsa.Network
        Ready for `optimize_security_constrained` with `branch_outages=secure_outages(…)` and
        `extra_functionality=pypsa_conditions(…)`; read the optimum with `pypsa_objective`.

    Raises
    ------
    StudyError
        When a rating measure cannot be written: its rise is not 1/n, its branch is raised twice or
        has an existing overload.

    Examples
    --------
    >>> n = gp.to_pypsa(study, study.network.snapshots[:3])  # doctest: +SKIP
    >>> n.optimize.optimize_security_constrained(
    ...     branch_outages=gp.secure_outages(study),
    ...     extra_functionality=gp.pypsa_conditions(study),
    ... )  # doctest: +SKIP
    """
    part = study.at(snapshots)
    base = base_case(part)
    with quiet_pypsa():
        return _written(part, base)


def _written(part: Study, base: BaseCase) -> pypsa.Network:
    """Write the network of `to_pypsa`."""
    network = part.network.copy()
    _free_sources(network)
    network.add("Carrier", ["project", "measure", "symbiosis"])
    state_factors(network, part.settings)
    _state_limits_after_outages(network, base)
    _allow_existing_overloads(network, base)
    _add_growth(network, part)
    _add_projects(network, part, base.case.grid.topology)
    measures = part.measures[part.measures["kind"] == "load"]
    _add_savings(network, part, measures, annual_costs(measures, part.settings), "measure")
    costs = annual_costs(part.symbioses, part.settings)
    costs = costs - symbiosis_values(part.symbioses, part.settings)
    _add_savings(network, part, part.symbioses.assign(units_max=1), costs, "symbiosis")
    _add_rating_measures(network, part, base)
    return network


def _free_sources(network: pypsa.Network) -> None:
    """Let sources move within their bounds at no cost; PyPSA holds them at a stated p_set."""
    sources = network.c.generators
    sources.static["marginal_cost"] = 0.0
    sources.static["p_set"] = np.nan
    sources.dynamic["p_set"] = sources.dynamic["p_set"].iloc[:, :0]


def secure_outages(study: Study) -> pd.MultiIndex:
    """Contingencies of a study as PyPSA wants them: (component, name), bridges left out."""
    grid = grid_of(study.network, study.settings.unsecured)
    table = grid.topology.branches.iloc[grid.outages]
    return pd.MultiIndex.from_arrays([table["component"], table.index])


def _state_limits_after_outages(network: pypsa.Network, base: BaseCase) -> None:
    """Write the limits after an outage of branches that are overloaded, with or without one."""
    branches = base.case.grid.topology.branches.index.rename("name")
    _, limit = np.hsplit(base.limits.limit_mw + ROOM_MW, 2)
    after = pd.DataFrame(limit, network.snapshots, branches)[base.allowed_mw["branch"].unique()]
    for component in (network.c.lines, network.c.transformers):
        own = after.columns.intersection(component.static.index)
        if len(own):
            component.dynamic[AFTER] = after[own] / component.static.loc[own, "s_nom"]


def _allow_existing_overloads(network: pypsa.Network, base: BaseCase) -> None:
    """Raise s_max_pu where the base case exceeds it without outage."""
    allowed = base.allowed_mw[~base.allowed_mw["after_outage"]]
    for branch, rows in allowed.groupby("branch"):
        component = network.c.lines if branch in network.c.lines.static.index else None
        component = network.c.transformers if component is None else component
        dense = network.get_switchable_as_dense(component.name, "s_max_pu")[branch].copy()
        raised = (rows["limit_mw"].to_numpy() + ROOM_MW) / component.static.loc[branch, "s_nom"]
        dense.loc[rows["snapshot"]] = raised
        component.dynamic.s_max_pu[branch] = dense


def _add_growth(network: pypsa.Network, study: Study) -> None:
    """Ordinary growth is load like any other."""
    growth = study.ordinary_growth
    if growth.empty:
        return
    demand = study.profiles[growth["profile"]].to_numpy(dtype=float) * growth["mw"].to_numpy()
    names = "growth " + growth.index
    table = pd.DataFrame(demand, network.snapshots, names)
    network.add("Load", names, bus=growth["bus"].to_numpy(), carrier="project", p_set=table)


def _add_projects(network: pypsa.Network, study: Study, topology: Topology) -> None:
    """Projects, all or nothing; the barred ones not at all."""
    projects = study.candidates(study.settings.year)
    if projects.empty:
        return
    names = "project " + projects.index
    profile = study.profiles[projects["profile"]].set_axis(names, axis=1)
    mw = projects["mw"].to_numpy(dtype=float)
    conditional = projects["connection"].eq("conditional").to_numpy()
    price = energy_prices(projects, study.settings.curtailment_nok_per_mwh)
    price = np.where(conditional, price / 1e6, 0.0)  # MNOK per MWh
    network.add(
        "Generator",
        names,
        bus=projects["bus"].to_numpy(),
        carrier="project",
        sign=-1.0,
        p_nom_extendable=True,
        p_nom_mod=mw,
        p_nom_min=mw * projects.index.isin(study.committed.index),
        p_nom_max=mw * barred(study, projects, topology).eq("").to_numpy(),
        p_min_pu=profile * ~conditional,
        p_max_pu=profile,
        marginal_cost=-price,
        capital_cost=price * profile.to_numpy().sum(axis=0)
        - project_values(projects, study.settings).to_numpy() / mw,
    )


def _add_savings(
    network: pypsa.Network, study: Study, savings: pd.DataFrame, cost: pd.Series, kind: str
) -> None:
    """Measures and symbioses that save load, in whole units."""
    for name, measure in savings.iterrows():
        shares = shares_of(measure["buses"])
        bus = next(iter(shares))
        if len(shares) > 1:
            bus = f"{kind} {name}"
            _add_spread(network, bus, shares, measure["mw"] * measure["units_max"])
        size = measure["mw"] or 1.0  # a symbiosis may cut emissions without saving any load
        profile = study.profiles[measure["profile"]] * (measure["mw"] / size)
        network.add(
            "Generator",
            f"{kind} {name}",
            bus=bus,
            carrier=kind,
            p_nom_extendable=True,
            p_nom_mod=size,
            p_nom_max=size * measure["units_max"],
            p_min_pu=profile,
            p_max_pu=profile,
            capital_cost=cost[name] / size,
        )


def _add_spread(network: pypsa.Network, bus: str, shares: dict[str, float], mw: float) -> None:
    """Build a bus of its own whose infeed reaches the real buses in fixed shares."""
    network.add("Carrier", "DC", overwrite=False)
    network.add("Bus", bus, carrier="DC", v_nom=1.0)
    ends: dict[str, str | float] = {}
    for number, (end, share) in enumerate(shares.items(), start=1):
        suffix = "" if number == 1 else str(number)
        ends |= {f"bus{number}": end, f"efficiency{suffix}": share}
    network.add("Link", bus, bus0=bus, carrier="measure", p_nom=mw, **ends)


def _add_rating_measures(network: pypsa.Network, study: Study, base: BaseCase) -> None:
    """Measures that raise a rating, as one more step of the branch's capacity."""
    measures = study.measures[study.measures["kind"] == "rating"]
    cost = annual_costs(measures, study.settings)
    problems = _inexpressible(measures, base)
    if problems:
        raise StudyError(problems)
    for name, measure in measures.iterrows():
        branch = measure["branch"]
        in_lines = branch in network.c.lines.static.index
        table = (network.c.lines if in_lines else network.c.transformers).static
        s_nom = table.loc[branch, "s_nom"]
        values = {
            "s_nom_extendable": True,
            "s_nom_min": s_nom,
            "s_nom_max": s_nom * (1 + measure["rating_pu"]),
            "s_nom_mod": s_nom * measure["rating_pu"],
            "capital_cost": cost[name] / (s_nom * measure["rating_pu"]),
        }
        for column, value in values.items():
            table.loc[branch, column] = value


def _inexpressible(measures: pd.DataFrame, base: BaseCase) -> list[Problem]:
    """Rating measures that no standard component can carry."""
    steps = 1 / measures["rating_pu"]
    rules = {
        "PyPSA extends a branch in whole steps only; use a rise of 1/n (0.2, 0.25, 0.5)": (
            steps.sub(steps.round()).abs() > 1e-9
        ),
        "PyPSA extends a branch once, and another measure raises it too": (
            measures["branch"].duplicated(keep=False)
        ),
        "PyPSA would raise the existing overload of this branch as well": (
            measures["branch"].isin(base.allowed_mw["branch"])
        ),
    }
    return [
        Problem("measures.csv", name, "branch", measures.loc[name, "branch"], message, REMEDY)
        for message, wrong in rules.items()
        for name in measures.index[wrong]
    ]


def pypsa_objective(network: pypsa.Network) -> float:
    """Return the value of a solved network of `to_pypsa` (MNOK a year), as `plan` counts it.

    `n.objective` counts, or leaves out, the capacity that branches had before, depending on a
    setting of PyPSA; this adds up what was chosen.
    """
    chosen = network.c.generators.static
    chosen = chosen[chosen["p_nom_extendable"].astype(bool)]
    cost = float(np.dot(chosen["capital_cost"], chosen["p_nom_opt"]))
    served = network.c.generators.dynamic.p[chosen.index].sum()
    cost += float(np.dot(chosen["marginal_cost"], served))
    for list_name in ("lines", "transformers"):
        table = getattr(network.c, list_name).static
        raised = table[table["s_nom_extendable"].astype(bool)]
        cost += float(np.dot(raised["capital_cost"], raised["s_nom_opt"] - raised["s_nom"]))
    return -cost
