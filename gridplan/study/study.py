"""A study in memory: one network, one year of hours, projects and measures."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from gridplan.study.settings import Settings

if TYPE_CHECKING:
    import pypsa


@dataclass(frozen=True)
class Study:
    """What a planner studies; every number in it has been checked.

    Parameters
    ----------
    network : pypsa.Network
        Buses, branches, loads and generators for every hour. `p_min_pu` and `p_max_pu` of the
        generators are the limits of redispatch.
    schedule_mw : pandas.DataFrame
        Planned dispatch, snapshot x generator (MW).
    projects, measures : pandas.DataFrame
        Indexed by name; columns as in `gridplan.study.tables`.
    profiles : pandas.DataFrame
        Hourly shapes of projects and measures, snapshot x profile, per unit of connected power.
    settings : Settings
        What study.yaml says.
    folder : pathlib.Path, optional
        Where the study was read from.
    """

    network: pypsa.Network
    schedule_mw: pd.DataFrame
    projects: pd.DataFrame
    measures: pd.DataFrame
    profiles: pd.DataFrame
    settings: Settings = field(default_factory=Settings)
    folder: Path | None = None

    @property
    def ordinary_growth(self) -> pd.DataFrame:
        """Projects too small to be queued one by one; they are part of the base-case load."""
        small = self.projects["mw"] < self.settings.ordinary_growth_below_mw
        return self.projects[small & (self.projects["year"] <= self.settings.year)]

    def candidates(self, year: int) -> pd.DataFrame:
        """Projects to choose from: large enough to be queued, in service by `year`."""
        large = self.projects["mw"] >= self.settings.ordinary_growth_below_mw
        return self.projects[large & (self.projects["year"] <= year)]

    def at(self, snapshots: pd.DatetimeIndex) -> Study:
        """Return the same study with only the given hours."""
        network = self.network.copy()  # copy(snapshots=…) leaves an empty table PyPSA fails on
        network.set_snapshots(snapshots)
        return replace(
            self,
            network=network,
            schedule_mw=self.schedule_mw.loc[snapshots],
            profiles=self.profiles.loc[snapshots],
        )
