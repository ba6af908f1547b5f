"""What no standard component of PyPSA expresses, added to the model before it is solved.

Relations between options, budget and goals; conditions of connection; outages of several branches
and limits after outages; and that conditional load is disconnected after every outage, so that rows
after an outage see it at the balancing sources.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import linopy
import numpy as np
import pandas as pd
import pypsa
import xarray as xr

from gridplan.grid.sensitivities import Grid
from gridplan.operation.case import case_of
from gridplan.portfolio.pypsa_limits import LISTED, add_listed_outages, after_outage_limits
from gridplan.portfolio.rules import rules_of
from gridplan.study.outages import listed_outages
from gridplan.study.study import Study

SECURITY = re.compile(r"(\w+)-(?:fix|ext)-s-(?:lower|upper)-security-for-(\w+)-outage.*")
Condition = Callable[[pypsa.Network, pd.Index], None]


def pypsa_conditions(study: Study) -> Condition:
    """Conditions of a study for which PyPSA has no standard component.

    Parameters
    ----------
    study : Study
        As given to `gridplan.to_pypsa`.

    Returns
    -------
    callable
        To pass as `extra_functionality` when a network of `to_pypsa` is optimised.

    Examples
    --------
    >>> n.optimize.optimize_security_constrained(
    ...     branch_outages=gp.secure_outages(study),
    ...     extra_functionality=gp.pypsa_conditions(study),
    ... )  # doctest: +SKIP
    """

    def add_conditions(network: pypsa.Network, snapshots: pd.Index) -> None:
        add_listed_outages(network, listed_outages(study.outages))
        after_outage_limits(network, snapshots)
        _add_rules(study, network)
        part = study.at(pd.DatetimeIndex(snapshots))
        projects = part.candidates(part.settings.year)
        conditional = projects[projects["connection"].eq("conditional")]
        if len(conditional):
            _disconnect(part, network, conditional)
            for name, project in conditional.iterrows():
                _keep_conditions(part, network, f"project {name}", project)

    return add_conditions


def _add_rules(study: Study, network: pypsa.Network) -> None:
    """Relations, budget and goals over the units taken."""
    projects = study.candidates(study.settings.year)
    taken = [
        *(_units_of(network, f"project {name}") for name in projects.index),
        *(_taken(network, name, row) for name, row in study.measures.iterrows()),
        *(_units_of(network, f"symbiosis {name}") for name in study.symbioses.index),
    ]
    rules = rules_of(study, projects, study.measures, study.symbioses)
    for number, rule in enumerate(rules):
        terms = [(weight, *taken[place]) for place, weight in enumerate(rule.row) if weight]
        if terms:
            before = sum(weight * units for weight, _, units in terms)
            total = sum(weight * variable for weight, variable, _ in terms)
            network.model.add_constraints(total <= rule.upper + before, name=f"rule {number}")


def _units_of(network: pypsa.Network, name: str) -> tuple[linopy.Variable, float]:
    """Units of a generator: variable, and units that stand already."""
    return network.model.variables["Generator-n_mod"].sel(name=name, drop=True), 0.0


def _taken(network: pypsa.Network, name: str, measure: pd.Series) -> tuple[linopy.Variable, float]:
    """Units of a measure: variable, and steps that the branch has already."""
    if measure["kind"] == "load":
        return _units_of(network, f"measure {name}")
    branch = measure["branch"]
    component = "Line" if branch in network.c.lines.static.index else "Transformer"
    row = network.c[component].static.loc[branch]
    variable = network.model.variables[f"{component}-n_mod"].sel(name=branch, drop=True)
    return variable, row["s_nom_min"] / row["s_nom_mod"]


def _disconnect(study: Study, network: pypsa.Network, projects: pd.DataFrame) -> None:
    """Take conditional load out of the rows after an outage; the balancing sources give way."""
    case = case_of(study)
    grid = case.grid
    place = grid.topology.buses.get_indexer(projects["bus"])
    at_bus = np.zeros((len(projects), len(grid.topology.buses)))
    at_bus[np.arange(len(projects)), place] = 1.0
    relief = pd.DataFrame(
        grid.ptdf.flows(case.released_mw(at_bus)), projects.index, grid.topology.branches.index
    )
    single = grid.topology.branches.index[grid.outages]
    every = grid.lodf.rows(np.arange(grid.branches))
    lodf = pd.DataFrame(every, grid.topology.branches.index, single)
    _disconnect_in_listed(network, grid, relief)
    served = network.model.variables["Generator-p"]
    for row_name in list(network.model.constraints):
        row = SECURITY.fullmatch(row_name)
        if row is None:
            continue
        rows, lost = network.model.constraints[row_name], f"{row[2]}-outage"
        watched, out = rows.rhs.indexes["name"], rows.lhs.indexes[lost]
        change = sum(
            xr.DataArray(
                relief.loc[name, watched].to_numpy()[:, None]
                + lodf.loc[watched, out].to_numpy() * relief.loc[name, out].to_numpy(),
                {"name": watched, lost: out},
                ["name", lost],
            )
            * served.sel(name=f"project {name}", drop=True)
            for name in projects.index
        )
        rows.update(lhs=rows.lhs + change)


def _disconnect_in_listed(network: pypsa.Network, grid: Grid, relief: pd.DataFrame) -> None:
    """Do the same in the rows after outages of several branches."""
    served = network.model.variables["Generator-p"]
    flow = relief.to_numpy()
    for outage in grid.listed:
        after = pd.DataFrame(flow + outage.moved_mw(flow), relief.index, relief.columns)
        for row_name in list(network.model.constraints):
            if row_name.endswith(f"-security-for-{LISTED}{outage.name}"):
                rows = network.model.constraints[row_name]
                watched = rows.rhs.indexes["name"]
                change = sum(
                    xr.DataArray(after.loc[name, watched].rename_axis("name"))
                    * served.sel(name=f"project {name}", drop=True)
                    for name in relief.index
                )
                rows.update(lhs=rows.lhs + change)


def _keep_conditions(
    study: Study, network: pypsa.Network, generator: str, project: pd.Series
) -> None:
    """Share of the energy, hours and longest run that may be curtailed."""
    model = network.model
    served = model.variables["Generator-p"].sel(name=generator, drop=True)
    size = model.variables["Generator-p_nom"].sel(name=generator, drop=True)
    profile = study.profiles[project["profile"]].rename_axis("snapshot")
    energy = float(profile.sum())
    least = (1.0 - project["curtailable_share"]) * energy
    model.add_constraints(served.sum("snapshot") - least * size >= 0, name=f"energy {generator}")
    most, longest = project["curtailable_hours"], project["longest_curtailment_h"]
    if np.isnan(most) and np.isnan(longest):
        return
    curtailed = model.add_variables(
        coords=[profile.index], name=f"curtailed {generator}", binary=True
    )
    shape = xr.DataArray(profile)
    missing = shape * size - served - project["mw"] * shape * curtailed
    model.add_constraints(missing <= 0, name=f"hours {generator}")
    if not np.isnan(most):
        model.add_constraints(curtailed.sum("snapshot") <= most, name=f"most {generator}")
    if not np.isnan(longest):
        for start in range(len(profile) - int(longest)):
            window = curtailed.isel(snapshot=slice(start, start + int(longest) + 1))
            model.add_constraints(
                window.sum("snapshot") <= int(longest), name=f"run {start} {generator}"
            )
