"""Projects that are too large, too good, or counted twice."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gridplan.plausibility.doubt import ARITHMETIC, ASSUMPTION, Doubt
from gridplan.study.relations import families
from gridplan.study.study import Study

CO2_T_PER_MW = 50_000.0
CO2_SOURCE = "carbon capture and fossil-free silicon, the best known, reach 18,000 to 36,000"


def project_doubts(study: Study, stage: Study) -> list[Doubt]:
    """Hold projects against their stations, their benefit and each other.

    Parameters
    ----------
    study : Study
        The input.
    stage : Study
        The same with all reinforcements of its year.

    Returns
    -------
    list of Doubt
    """
    projects = study.projects
    return [*_too_large(projects, stage), *_too_good(projects), *_twice(projects)]


def leads_mva(study: Study) -> pd.Series:
    """Add up the ratings of all branches that end at every bus.

    Parameters
    ----------
    study : Study
        The input.

    Returns
    -------
    pandas.Series
        MVA by bus.
    """
    network = study.network
    total = pd.Series(0.0, index=network.c.buses.static.index)
    for branches in (network.c.lines.static, network.c.transformers.static):
        active = branches[branches["active"].astype(bool)]
        for end in ("bus0", "bus1"):
            total = total.add(active["s_nom"].groupby(active[end]).sum(), fill_value=0.0)
    return total


def _too_large(projects: pd.DataFrame, stage: Study) -> list[Doubt]:
    """Projects that all branches of their station together cannot feed."""
    feeds = leads_mva(stage).reindex(projects["bus"]).to_numpy()
    doubts = []
    for place in np.flatnonzero(projects["mw"].to_numpy() > feeds):
        project = projects.iloc[place]
        value = f"{project['mw']:g} MW at {project['bus']}"
        usual = f"less than the {feeds[place]:,.0f} MVA of all branches that lead there"
        question = "Is it kW, or another station? As it stands it can never be chosen in full."
        where = ("size", "projects", str(projects.index[place]), "mw")
        doubts.append(Doubt(*where, value, usual, question, ARITHMETIC))
    return doubts


def _too_good(projects: pd.DataFrame) -> list[Doubt]:
    """Projects that cut more CO2 for each MW than any known one."""
    per_mw = projects["co2_t_per_yr"] / projects["mw"]
    doubts = []
    for name in projects.index[per_mw > CO2_T_PER_MW]:
        value = f"{projects.loc[name, 'co2_t_per_yr']:,.0f} t a year, {per_mw[name]:,.0f} t per MW"
        usual = f"at most {CO2_T_PER_MW:,.0f} t per MW"
        question = "Is it kg?"
        where = ("benefit", "projects", str(name), "co2_t_per_yr")
        doubts.append(Doubt(*where, value, usual, question, CO2_SOURCE))
    return doubts


def _twice(projects: pd.DataFrame) -> list[Doubt]:
    """List different projects that agree in bus, size, year and shape, if both can be chosen."""
    alike = ["bus", "mw", "year", "profile"]
    family = families(projects)
    free = projects[(projects["exclusive_group"] == "") & (projects["excludes"] == "")]
    doubts = []
    for _, rows in free.groupby(alike, sort=False):
        own = rows[~family[rows.index].duplicated()]
        if len(own) > 1:
            first, *others = own.index
            value = f"same bus, MW, year and shape as {', '.join(map(str, others))}"
            question = "Is one project listed twice? Then remove a row or name it in variant_of."
            where = ("twice", "projects", str(first), "")
            doubts.append(Doubt(*where, value, "projects differ", question, ASSUMPTION))
    return doubts
