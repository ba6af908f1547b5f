"""What the chapters of a report are written from, and how they write names and numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import xarray as xr

from gridplan.base.messages import Language, Messages
from gridplan.check.ac_check import AcCheck
from gridplan.check.certificate import Certificate
from gridplan.exports.about import About
from gridplan.grid.radial import possible_supply_mw, radial_buses
from gridplan.portfolio.compare import Comparison
from gridplan.portfolio.plan import Plan
from gridplan.reasons.explain import Explanation
from gridplan.reasons.freed import FreedCapacity
from gridplan.reasons.offers import Offers
from gridplan.reasons.wording import STATUSES as GRID_STATUSES

WITHOUT_N1 = "†"
BASES = ("osm", "register", "documented", "derived", "assumption", "synthetic", "")
BASIS_TEXTS = {
    "osm": "rep_basis_osm",
    "register": "rep_basis_register",
    "documented": "rep_basis_documented",
    "derived": "rep_basis_derived",
    "assumption": "rep_basis_assumption",
    "synthetic": "rep_basis_synthetic",
    "": "rep_basis_",
}
PROJECT_STATUSES = {
    "reserved": "rep_status_reserved",
    "queue": "rep_status_queue",
    "candidate": "rep_status_candidate",
    "under construction": "rep_status_under_construction",
}


@dataclass(frozen=True)
class Facts:
    """A plan and all that is known about it.

    Parameters
    ----------
    plan : Plan
        What the report is about.
    about : About
        Its provenance.
    texts : Messages
        The language.
    language : {"nb", "en"}
        The same.
    offers : Offers
        Conditions of its conditional connections.
    explanations : mapping of str to Explanation
        Why projects are not chosen, by name; those that are missing were not examined.
    certificate, capacity, freed, comparison, ac
        What else was given; None where not.
    """

    plan: Plan
    about: About
    texts: Messages
    language: Language
    offers: Offers
    explanations: Mapping[str, Explanation] = field(default_factory=dict)
    certificate: Certificate | None = None
    capacity: xr.Dataset | None = None
    freed: FreedCapacity | None = None
    comparison: Comparison | None = None
    ac: AcCheck | None = None

    @property
    def title(self) -> str:
        """Name of the study for people."""
        return self.about.title

    @property
    def chosen(self) -> pd.DataFrame:
        """Projects that fit, the largest first."""
        projects = self.plan.projects
        return _largest_first(projects[projects["chosen"]])

    @property
    def firm(self) -> pd.DataFrame:
        """Chosen projects without conditions."""
        chosen = self.chosen
        return chosen[chosen["connection"] == "firm"]

    @property
    def conditional(self) -> pd.DataFrame:
        """Chosen projects on conditions."""
        chosen = self.chosen
        return chosen[chosen["connection"] == "conditional"]

    @property
    def rejected(self) -> pd.DataFrame:
        """Projects of which no variant is chosen, the largest first."""
        return _largest_first(self.plan.left_out)

    @property
    def taken(self) -> pd.DataFrame:
        """Measures of the plan."""
        return self.plan.measures[self.plan.measures["units"] > 0]

    @property
    def together(self) -> pd.DataFrame:
        """Symbioses of the plan."""
        return self.plan.symbioses[self.plan.symbioses["chosen"]]

    @property
    def built(self) -> pd.DataFrame:
        """Reinforcements chosen by the plan beyond those of its stage when it began."""
        return self.plan.reinforcements[self.plan.reinforcements["chosen"]]

    def without_n1(self, projects: pd.DataFrame) -> pd.Series:
        """Tell which projects stand where a single branch leads."""
        topology = self.plan.base.case.grid.topology
        supply = possible_supply_mw(self.plan.study.network, topology.buses)
        return projects["bus"].isin(topology.buses[radial_buses(topology, supply)])

    def basis(self, name: object) -> str:
        """Say how a row is known; a word of the study's own stays as it is."""
        known = "" if pd.isna(name) else str(name)
        return self.texts(BASIS_TEXTS[known]) if known in BASIS_TEXTS else known

    def project_status(self, name: str) -> str:
        """Say how far a project is; a word of the study's own stays as it is."""
        return self.texts(PROJECT_STATUSES[name]) if name in PROJECT_STATUSES else name

    def grid_status(self, name: str) -> str:
        """Say how far a reinforcement is."""
        return self.texts(GRID_STATUSES[name])

    def number(self, value: float, decimals: int = 0) -> str:
        """Write a number, a dash where there is none."""
        return self.texts.number(value, decimals) if np.isfinite(value) else "–"

    def listed(self, names: Sequence[str], most: int = 8) -> str:
        """Write names in a row, at most so many."""
        shown = ", ".join(names[:most])
        if len(names) <= most:
            return shown
        return self.texts("rep_and_more", names=shown, count=len(names) - most)


def _largest_first(projects: pd.DataFrame) -> pd.DataFrame:
    return projects.sort_values("mw", ascending=False, kind="stable")
