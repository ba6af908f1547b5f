"""What completes a study that is made of a PyPSA network and tables in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pypsa

from gridplan.base.errors import Problem
from gridplan.base.quiet import quiet_pypsa
from gridplan.study.measure_checks import measure_problems, symbiosis_problems
from gridplan.study.network_checks import network_islands, network_problems
from gridplan.study.outages import active_ends, outage_problems
from gridplan.study.project_checks import project_problems
from gridplan.study.reinforcements import reinforcement_problems
from gridplan.study.schedule import merit_order_mw
from gridplan.study.sector_load import completed_sectors
from gridplan.study.settings import Settings
from gridplan.study.sheet import suggestion
from gridplan.study.siting import sited
from gridplan.study.tables import MEASURES, OUTAGES, PROJECTS, REINFORCEMENTS, SYMBIOSES
from gridplan.study.validation import sheet_in_memory

LIMIT_TOLERANCE_MW = 1e-3  # what a solver's tolerance may add to a planned dispatch


if TYPE_CHECKING:
    from gridplan.study.study import Study


def completed(study: Study) -> tuple[dict[str, Any], list[Problem]]:
    """Check the parts of a study and give it those it lacks.

    Parameters
    ----------
    study : Study
        As it was constructed; parts may be None.

    Returns
    -------
    dict
        profiles, projects, measures, symbioses, reinforcements, outages, schedule_mw, sector_load
        and notes, complete.
    list of Problem
        Everything that is wrong.
    """
    network = study.network
    problems = network_problems(network)
    if problems:
        return {}, problems
    profiles, problems = completed_profiles(study.profiles, network.snapshots)
    tables: dict[str, pd.DataFrame] = {}
    notes: list[str] = []
    if not problems:
        tables, problems, notes = completed_tables(study, profiles)
    reinforcements, found = completed_reinforcements(
        network, study.reinforcements, study.in_service
    )
    problems += found
    outages, found = completed_outages(network, study.outages)
    problems += found
    schedule, found = completed_schedule(network, study.schedule_mw)
    problems += found
    load = network.get_switchable_as_dense("Load", "p_set")[network.c.loads.static.index]
    sector_load, found = completed_sectors(study.sector_load, load)
    problems += found
    if problems:
        return {}, problems
    parts = {
        "profiles": profiles,
        **tables,
        "reinforcements": reinforcements,
        "outages": outages,
        "schedule_mw": schedule,
        "sector_load": sector_load,
        "notes": (*study.notes, *notes),
    }
    return parts, []


def completed_tables(
    study: Study, profiles: pd.DataFrame
) -> tuple[dict[str, pd.DataFrame], list[Problem], list[str]]:
    """Check projects, measures and symbioses and give them every column.

    Parameters
    ----------
    study : Study
        With its tables as they were passed, each indexed by name or with a column `name`; None
        means none. The `unsecured` branches of its settings are checked too.
    profiles : pandas.DataFrame
        Where the profiles of the tables are.

    Returns
    -------
    dict
        projects, measures and symbioses, indexed by name, with all columns of
        `gridplan.study.tables`.
    list of Problem
    list of str
        Buses that were found by a rule.
    """
    network = study.network
    buses, shapes = network.c.buses.static.index, profiles.columns
    branches = network.c.lines.static.index.append(network.c.transformers.static.index)
    projects, problems = sheet_in_memory(PROJECTS, study.projects)
    placed = sited(projects, network.c.buses.static, problems)
    projects, problems = placed.projects, problems + placed.problems
    measures, found = sheet_in_memory(MEASURES, study.measures)
    problems += found
    symbioses, found = sheet_in_memory(SYMBIOSES, study.symbioses)
    problems += found
    sound = symbioses.without(problems)
    references = [
        *project_problems(projects, buses, shapes),
        *measure_problems(measures.without(problems), buses, branches, shapes),
        *symbiosis_problems(sound, projects, buses, shapes),
    ]
    problems += without_consequences(problems, references)
    problems += unsecured_problems("", study.settings, branches)
    problems += not_offered_problems("", study.settings, projects.frame().index)
    sheets = {"projects": projects, "measures": measures, "symbioses": symbioses}
    return {name: sheet.frame() for name, sheet in sheets.items()}, problems, placed.notes


def completed_reinforcements(
    network: pypsa.Network, reinforcements: pd.DataFrame | None, in_service: tuple[str, ...]
) -> tuple[pd.DataFrame, list[Problem]]:
    """Check the reinforcements of a network and give them every column.

    Parameters
    ----------
    network : pypsa.Network
        What they change.
    reinforcements : pandas.DataFrame or None
        One row per change, indexed by the name of the reinforcement; None means none.
    in_service : tuple of str
        Those that the network already holds.

    Returns
    -------
    pandas.DataFrame
        With all columns of `gridplan.study.tables`.
    list of Problem
    """
    sheet, problems = sheet_in_memory(REINFORCEMENTS, reinforcements)
    voltage = network.c.buses.static["v_nom"]
    branches = network.c.lines.static.index.append(network.c.transformers.static.index)
    if not problems:
        problems = reinforcement_problems(sheet, [], voltage, branches, in_service)
    return sheet.frame(), problems


def completed_outages(
    network: pypsa.Network, outages: pd.DataFrame | None
) -> tuple[pd.DataFrame, list[Problem]]:
    """Check the listed outages of a network and give them every column.

    Parameters
    ----------
    network : pypsa.Network
        Whose branches they take out.
    outages : pandas.DataFrame or None
        Indexed by name, with a column `branches`; None means none.

    Returns
    -------
    pandas.DataFrame
        With all columns of `gridplan.study.tables`.
    list of Problem
    """
    sheet, problems = sheet_in_memory(OUTAGES, outages)
    tables = {name: getattr(network.c, name).static for name in ("lines", "transformers")}
    sound = sheet.without(problems)
    found = outage_problems(sound, network.c.buses.static.index, active_ends(tables))
    return sheet.frame(), problems + found


def without_consequences(known: list[Problem], found: list[Problem]) -> list[Problem]:
    """Leave out problems of cells that have been reported already."""
    cells = {(problem.file, problem.row, problem.column) for problem in known}
    return [p for p in found if (p.file, p.row, p.column) not in cells]


def unsecured_problems(file: str, settings: Settings, branches: pd.Index) -> list[Problem]:
    """Report names in `unsecured` that are no branches."""
    return [
        Problem(
            file,
            "",
            "unsecured",
            name,
            "unknown branch",
            suggestion(name, branches, "Name a line or transformer of the network."),
        )
        for name in settings.unsecured
        if name not in branches
    ]


def not_offered_problems(file: str, settings: Settings, projects: pd.Index) -> list[Problem]:
    """Report names in `not_offered` that are no projects."""
    remedy = "Name a project of the table."
    return [
        Problem(
            file, "", "not_offered", name, "unknown project", suggestion(name, projects, remedy)
        )
        for name in settings.not_offered
        if name not in projects
    ]


def completed_profiles(
    profiles: pd.DataFrame | None, snapshots: pd.Index
) -> tuple[pd.DataFrame, list[Problem]]:
    """Check the hourly shapes; without any there is the flat one."""
    flat = pd.DataFrame({"flat": 1.0}, index=snapshots)
    if profiles is None:
        return flat, []
    problems = []
    if not profiles.index.equals(snapshots):
        remedy = "Give profiles the network's snapshots as index."
        found = f"{len(profiles)} rows"
        problems.append(Problem("", "profiles", "", found, "other hours than the network", remedy))
    problems += [
        Problem("", "profiles", str(name), "", "stands twice", "Keep one of them.")
        for name in profiles.columns[profiles.columns.duplicated()].unique()
    ]
    numeric = profiles.apply(pd.to_numeric, errors="coerce").astype(float)
    wrong = profiles.columns[~((numeric >= 0) & (numeric <= 1 + 1e-6)).all()]
    remedy = "Give every hour per unit of the connected power, from 0 to 1."
    problems += [
        Problem("", "profiles", str(name), "", "NaN, text, or not between 0 and 1", remedy)
        for name in wrong
    ]
    return (flat if problems else numeric), problems


def completed_schedule(
    network: pypsa.Network, schedule_mw: pd.DataFrame | None
) -> tuple[pd.DataFrame, list[Problem]]:
    """Check the planned dispatch, or derive it.

    Without a plan it is what the network says (`p_set`, else the dispatch of an earlier solve, as
    far as the limits allow), and for generators of which it says nothing the merit order by
    `marginal_cost`, island by island and without grid.

    Parameters
    ----------
    network : pypsa.Network
        Checked.
    schedule_mw : pandas.DataFrame or None
        Snapshot x generator (MW).

    Returns
    -------
    pandas.DataFrame
        Within the limits of every generator (MW).
    list of Problem
    """
    lowest, highest = limits_mw(network)
    if schedule_mw is None:
        return _derived_schedule(network, lowest, highest), []
    problems = _schedule_problems(schedule_mw, lowest, highest)
    if problems:
        return lowest, problems
    planned = schedule_mw[lowest.columns].astype(float)
    return planned.clip(lowest, highest), []


def limits_mw(network: pypsa.Network) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Lowest and highest output of every generator, snapshot x generator (MW)."""
    p_nom = network.c.generators.static["p_nom"].astype(float)
    dense = network.get_switchable_as_dense
    lowest, highest = (
        dense("Generator", name)[p_nom.index] * p_nom for name in ("p_min_pu", "p_max_pu")
    )
    return lowest, highest


def _schedule_problems(
    schedule_mw: pd.DataFrame, lowest: pd.DataFrame, highest: pd.DataFrame
) -> list[Problem]:
    def problem(column: str, message: str, remedy: str) -> Problem:
        return Problem("", "schedule_mw", column, "", message, remedy)

    missing = lowest.columns.difference(schedule_mw.columns)
    problems = [
        problem(str(name), "no plan for this generator", "Add its column (MW).") for name in missing
    ]
    unknown = schedule_mw.columns.difference(lowest.columns)
    problems += [
        problem(
            str(name),
            "unknown generator",
            suggestion(str(name), lowest.columns, "Remove the column."),
        )
        for name in unknown
    ]
    if not schedule_mw.index.equals(lowest.index):
        remedy = "Give it the network's snapshots as index."
        problems.append(problem("", "other hours than the network", remedy))
    if problems:
        return problems
    planned = schedule_mw[lowest.columns].apply(pd.to_numeric, errors="coerce")
    room = LIMIT_TOLERANCE_MW
    within = (planned >= lowest - room) & (planned <= highest + room)
    return [
        problem(
            str(name),
            "NaN, text, or outside the limits of the generator",
            "Keep it within p_min_pu and p_max_pu times p_nom.",
        )
        for name in within.columns[~within.all()]
    ]


def _derived_schedule(
    network: pypsa.Network, lowest: pd.DataFrame, highest: pd.DataFrame
) -> pd.DataFrame:
    """Take what the network says, then the merit order."""
    said = _said_dispatch(network)
    fixed = said.clip(lowest, highest)
    low, high = fixed.fillna(lowest).to_numpy(), fixed.fillna(highest).to_numpy()
    generators, loads = network.c.generators.static, network.c.loads.static
    cost = network.get_switchable_as_dense("Generator", "marginal_cost")[generators.index]
    load = network.get_switchable_as_dense("Load", "p_set")[loads.index]
    island = network_islands(network)
    of_generator = generators["bus"].map(island).to_numpy()
    of_load = loads["bus"].map(island).to_numpy()
    schedule = low.copy()
    for number in np.unique(of_generator):
        own = of_generator == number
        demand = load.to_numpy()[:, of_load == number].sum(axis=1)
        dear = cost.to_numpy()[:, own]
        schedule[:, own] = merit_order_mw(low[:, own], high[:, own], dear, demand)
    return pd.DataFrame(schedule, index=lowest.index, columns=lowest.columns)


def _said_dispatch(network: pypsa.Network) -> pd.DataFrame:
    """Dispatch that the network states, NaN where it states none, snapshot x generator (MW)."""
    names = network.c.generators.static.index
    with quiet_pypsa():
        said = network.get_switchable_as_dense("Generator", "p_set")[names].astype(float)
    solved = network.c.generators.dynamic.p
    if said.isna().all(axis=None) and solved.to_numpy().any() and set(solved) == set(names):
        return solved[names].astype(float)
    return said
