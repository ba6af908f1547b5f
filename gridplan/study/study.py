"""A study in memory: one network, one year of hours, projects and measures."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from gridplan.base.errors import StudyError
from gridplan.base.html import figures_html
from gridplan.base.messages import messages
from gridplan.base.provenance import digest
from gridplan.base.quiet import quiet_pypsa
from gridplan.study.contents import contents
from gridplan.study.relations import COMMITTED, families
from gridplan.study.settings import Settings
from gridplan.study.stage import Stage, stage_texts

if TYPE_CHECKING:
    import pypsa

    from gridplan.study.sector_load import SectorLoad


@dataclass(frozen=True, repr=False)
class Study:
    """What a planner studies; every number in it has been checked.

    Only the network is needed. The rest is completed: a schedule from `generators_t.p_set`, from
    an earlier solve, or by merit order of `marginal_cost`; a flat profile; missing columns of
    projects and measures.

    Parameters
    ----------
    network : pypsa.Network
        Buses, branches, loads and generators for every hour. `p_min_pu` and `p_max_pu` of the
        generators are the limits of redispatch. Lines and transformers may have a column
        `emergency_factor` (`gridplan.study.emergency`).
    schedule_mw : pandas.DataFrame
        Planned dispatch, snapshot x generator (MW).
    projects, measures : pandas.DataFrame
        Indexed by name; columns as in `gridplan.study.tables`. A project needs at least name,
        mw and a bus or its place (`gridplan.study.siting`), a measure name, kind and cost_mnok.
    symbioses : pandas.DataFrame
        Exchanges between projects, and between projects and plants in operation, indexed by name;
        columns as in `gridplan.study.tables`.
    reinforcements : pandas.DataFrame
        One row per change, indexed by the name of the reinforcement (so names repeat). The network
        holds those `in_service` only; `gridplan.at_stage` builds the others.
    outages : pandas.DataFrame
        Several branches that one fault takes out together, indexed by name, with a column
        `branches` ("A; B"); they are contingencies beside the single branches.
    profiles : pandas.DataFrame
        Hourly shapes of projects and measures, snapshot x profile, per unit of connected power.
    settings : Settings
        What study.yaml says.
    folder : pathlib.Path, optional
        Where the study was read from.
    in_service : tuple of str
        Reinforcements that the network already holds, in the order in which they were built.
    grid_year : int, optional
        Year of the grid, set by `gridplan.at_stage`; None for the grid as it is stored.
    sector_load : SectorLoad, optional
        What part of the loads belongs to which sector (`gridplan.study.sector_load`).
    notes : tuple of str
        What was read by a rule rather than stated, for people: series that follow a shape, the
        buses of projects that only name a place.

    Raises
    ------
    StudyError
        With every problem in the network and the tables.

    Examples
    --------
    >>> import gridplan as gp
    >>> projects = pd.DataFrame({"bus": ["A"], "mw": [20.0]}, index=["Quay"])
    >>> study = gp.Study(network=n, projects=projects)  # doctest: +SKIP
    """

    network: pypsa.Network
    schedule_mw: pd.DataFrame = None  # type: ignore[assignment]  # completed after construction
    projects: pd.DataFrame = None  # type: ignore[assignment]
    measures: pd.DataFrame = None  # type: ignore[assignment]
    profiles: pd.DataFrame = None  # type: ignore[assignment]
    settings: Settings = field(default_factory=Settings)
    folder: Path | None = None
    reinforcements: pd.DataFrame = None  # type: ignore[assignment]
    in_service: tuple[str, ...] = ()
    grid_year: int | None = None
    symbioses: pd.DataFrame = None  # type: ignore[assignment]
    outages: pd.DataFrame = None  # type: ignore[assignment]
    sector_load: SectorLoad | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        from gridplan.study.completion import completed  # noqa: PLC0415 - heavy

        values, problems = completed(self)
        if problems:
            raise StudyError(problems)
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        network = self.network.c
        branches = len(network.lines.static) + len(network.transformers.static)
        symbioses = f", {len(self.symbioses):,} symbioses" if len(self.symbioses) else ""
        return (
            f"<Study {self.name}, {self.stage.name}: "
            f"{len(network.buses.static):,} buses, {branches:,} branches, "
            f"{len(self.network.snapshots):,} hours, {len(self.projects):,} projects, "
            f"{len(self.measures):,} measures{symbioses}>"
        )

    def _repr_html_(self) -> str:
        """Show what it holds in a notebook, in its language."""
        texts = messages(self.settings.language)
        grid = stage_texts(self.stage, texts) or [texts("grid_stored")]
        return figures_html(f"{self.title} · {grid[0]}", contents(self))

    @property
    def name(self) -> str:
        """Short name, used in file names."""
        return self.settings.name

    @property
    def title(self) -> str:
        """Name for people."""
        return self.settings.title or self.settings.name

    @property
    def stage(self) -> Stage:
        """Which grid the network is: its year and the reinforcements in service."""
        return Stage(self.grid_year, self.in_service)

    @property
    def schedule_is_input(self) -> bool:
        """Whether the schedule was stated, rather than worked out from tables of plants."""
        return self.folder is None or self.settings.network_file

    @property
    def hash(self) -> str:
        """SHA-256 of the input: network, series, settings, and the tables of the study.

        The schedule counts where it is an input; that of a folder of tables follows from the rest.
        """
        network, sectors = self.network, self.sector_load
        tables = ("buses", "lines", "transformers", "generators", "loads")
        switchable = network.get_switchable_as_dense
        return digest(
            self.settings.model_dump_json(exclude={"map_classes", "language"}),  # looks: no input
            *(_inputs(getattr(network.c, name)) for name in tables),
            switchable("Load", "p_set"),
            switchable("Generator", "p_min_pu"),
            switchable("Generator", "p_max_pu"),
            self.profiles,
            self.projects,
            self.measures,
            self.symbioses,
            self.reinforcements,
            self.outages,
            *([self.schedule_mw] if self.schedule_is_input else []),
            *([] if sectors is None else [sectors.annual_gwh, sectors.mw_per_gwh]),
        )

    @property
    def geo(self) -> dict[str, Path] | None:
        """Outlines for maps: name of the layer and its GeoJSON file, None if there are none."""
        files = [] if self.folder is None else sorted((self.folder / "geo").glob("*.geojson"))
        return {path.stem: path for path in files} or None

    @property
    def ordinary_growth(self) -> pd.DataFrame:
        """Projects too small to be queued one by one; they are part of the base-case load.

        The size of the head decides for the family: of a project that is ordinary growth no
        variant counts, and a small variant of a larger project is a choice like the others.
        """
        return self.projects[self._is_ordinary & (self.projects["year"] <= self.settings.year)]

    @property
    def committed(self) -> pd.DataFrame:
        """Ordinary growth, and firm projects that hold a reservation or are being built.

        Those with a conditional connection are not part of it: they may be curtailed.
        """
        in_time = self.projects["year"] <= self.settings.year
        return self.projects[(self._is_ordinary | self._is_held) & in_time]

    def candidates(self, year: int) -> pd.DataFrame:
        """Projects to choose from: large enough to be queued, in service by `year`.

        Committed ones are among them; their other variants are not.
        """
        in_time = self.projects["year"] <= year
        family = families(self.projects)
        small = family.isin(self.projects.index[self._is_ordinary])
        settled = family.isin(family[self._is_held & in_time]) & ~self._is_held
        return self.projects[~small & ~settled & in_time]

    @property
    def _is_ordinary(self) -> pd.Series:
        """Heads that are too small to be queued, by project."""
        small = self.projects["mw"] < self.settings.ordinary_growth_below_mw
        firm = self.projects["connection"] == "firm"
        return small & firm & (self.projects["variant_of"] == "")

    @property
    def _is_held(self) -> pd.Series:
        """Rows that hold a firm connection, by project."""
        held = self.projects["status"].isin(COMMITTED)
        return held & (self.projects["connection"] == "firm")

    def at(self, snapshots: pd.DatetimeIndex) -> Study:
        """Return the same study with only the given hours."""
        with quiet_pypsa():
            network = self.network.copy()  # copy(snapshots=…) leaves a table that PyPSA fails on
            network.set_snapshots(snapshots)
        return replace(
            self,
            network=network,
            schedule_mw=self.schedule_mw.loc[snapshots],
            profiles=self.profiles.loc[snapshots],
            sector_load=None if self.sector_load is None else self.sector_load.at(snapshots),
        )


def _inputs(component: pypsa.Components) -> pd.DataFrame:
    """Return the static columns that are inputs; PyPSA adds derived ones on its own."""
    derived = component.defaults.index[component.defaults["status"] == "Output"]
    return component.static.drop(columns=derived, errors="ignore")
