"""A study folder whose network is one PyPSA file instead of tables.

    network: network.nc        # study.yaml

The file holds everything that `Study(network=...)` takes: buses, lines, transformers, loads and
generators of any carrier, their series, and the hours. Projects, measures and the other tables of
the study stand beside it as always.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pypsa

from gridplan.base.errors import Problem, StudyError
from gridplan.base.quiet import quiet_pypsa
from gridplan.study.completion import unsecured_problems, without_consequences
from gridplan.study.folder import OWN_TABLES, read_sheets
from gridplan.study.hourly import PER_UNIT, HourlyFile, Series, missing_hours
from gridplan.study.measure_checks import measure_problems, symbiosis_problems
from gridplan.study.network_checks import network_problems
from gridplan.study.outages import active_ends, outage_problems
from gridplan.study.project_checks import project_problems
from gridplan.study.reinforcements import reinforcement_problems
from gridplan.study.settings import Settings
from gridplan.study.settings_file import FILE
from gridplan.study.sheet import Sheet
from gridplan.study.siting import sited
from gridplan.study.sources import FolderSource
from gridplan.study.study import Study

BRANCHES = ("lines", "transformers")
IN_THE_FILE = ("load_mw", "hydro_mw", "wind_pu", "sector_mw_per_gwh")  # tables of other studies


def read_network_study(
    path: Path, settings: Settings, known: list[Problem]
) -> tuple[Study | None, list[Problem]]:
    """Read a study folder whose settings name a network file.

    Parameters
    ----------
    path : pathlib.Path
        The folder.
    settings : Settings
        Its study.yaml.
    known : list of Problem
        What is wrong with the settings.

    Returns
    -------
    Study or None
        None when something is wrong.
    list of Problem
        Everything that is wrong in any file.
    """
    network, problems = read_network(path / settings.network, settings.network)
    source = FolderSource(path, settings)
    sheets, found = read_sheets(source, OWN_TABLES)
    problems = known + problems + found
    if network is None:
        return None, problems
    profiles, found = _profiles(source, network.snapshots)
    problems += found
    shapes = pd.Index(["flat"]) if profiles is None else profiles.columns
    shapes = None if found else shapes  # not known, so no shape can be called unknown
    notes: list[str] = []
    if "projects" in sheets:
        placed = sited(sheets["projects"], network.c.buses.static, problems)
        sheets["projects"], notes = placed.projects, placed.notes
        problems += placed.problems
    references = _reference_problems(settings, network, sheets, shapes, problems)
    problems += without_consequences(problems, references)
    if problems:
        return None, problems
    tables = {name: sheet.frame() for name, sheet in sheets.items()}
    try:
        study = Study(
            network=network,
            profiles=profiles,
            settings=settings,
            folder=path,
            notes=(*_said_by(network), *notes),
            **tables,
        )
    except StudyError as error:
        return None, list(error.problems)
    return study, []


def read_network(path: Path, file: str) -> tuple[pypsa.Network | None, list[Problem]]:
    """Read and check a PyPSA netCDF file.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    file : str
        Its name for messages.

    Returns
    -------
    pypsa.Network or None
        None when something is wrong.
    list of Problem
    """
    if not path.is_file():
        remedy = "Add it, or correct `network` in study.yaml."
        return None, [Problem(file, "", "", "", "the file is missing", remedy)]
    try:
        with quiet_pypsa():
            network = pypsa.Network(path)
    except Exception as error:
        reason = " ".join(str(error).split())[:200]
        remedy = "Write it with n.export_to_netcdf, or `gridplan import`."
        message = f"not readable as a PyPSA network ({reason})"
        return None, [Problem(file, "", "", "", message, remedy)]
    problems = [replace(problem, file=file) for problem in network_problems(network)]
    return (None if problems else network), problems


def _said_by(network: pypsa.Network) -> tuple[str, ...]:
    """Return the notes left by whoever wrote the file, in `n.meta["notes"]`."""
    notes = network.meta.get("notes", [])
    return tuple(map(str, [notes] if isinstance(notes, str) else notes))


def _profiles(
    source: FolderSource, hours: pd.DatetimeIndex
) -> tuple[pd.DataFrame | None, list[Problem]]:
    """Shapes of projects and measures at the hours of the network; None without any."""
    settings = source.settings
    place = settings.sectors or settings.profiles
    if not place:
        return None, []
    if not (source.path / place).is_dir():
        return _of_netcdf(source.path / place, place, hours)
    problems = [
        Problem(
            f"{place}/{name}.csv", "", "", "", f"{settings.network} holds these hours already",
            "Remove the table, or change the series in the network file.",
        )
        for name in IN_THE_FILE
        if (source.path / place / f"{name}.csv").exists()
    ]  # fmt: skip
    table, found = source.series("profile_pu")
    problems += found
    if table is None and not problems:
        remedy = "Add it, or leave `profiles` in study.yaml out: then there is the shape `flat`."
        problems.append(Problem(place, "", "", "", "no table profile_pu", remedy))
    if table is None or problems:
        return None, problems
    problems = missing_hours(f"{place}/profile_pu.csv", table.index, hours)
    return (None if problems else table.loc[hours]), problems


def _of_netcdf(
    path: Path, file: str, hours: pd.DatetimeIndex
) -> tuple[pd.DataFrame | None, list[Problem]]:
    opened = HourlyFile(path, file)
    table = opened.table(Series("profile_pu", "profile", PER_UNIT))
    if opened.hours is not None:
        opened.problems += missing_hours(file, opened.hours, hours)
    if opened.problems or table is None:
        return None, opened.problems
    return table.loc[hours], []


def _reference_problems(
    settings: Settings,
    network: pypsa.Network,
    sheets: dict[str, Sheet],
    shapes: pd.Index | None,
    known: list[Problem],
) -> list[Problem]:
    """Hold the tables against the network and each other."""
    buses = network.c.buses.static.index
    static = {name: getattr(network.c, name).static for name in BRANCHES}
    branches = static["lines"].index.append(static["transformers"].index)
    of = {name: sheet.rows["profile"] for name, sheet in sheets.items() if "profile" in sheet.rows}
    if shapes is not None:
        of = dict.fromkeys(of, shapes)
    problems = unsecured_problems(FILE, settings, branches)
    if "projects" in sheets:
        problems += project_problems(sheets["projects"], buses, of["projects"])
    if "measures" in sheets:
        sound = sheets["measures"].without(known)
        problems += measure_problems(sound, buses, branches, of["measures"])
    if "symbioses" in sheets and "projects" in sheets:
        sound = sheets["symbioses"].without(known)
        problems += symbiosis_problems(sound, sheets["projects"], buses, of["symbioses"])
    if "reinforcements" in sheets:
        kv = network.c.buses.static["v_nom"]
        problems += reinforcement_problems(sheets["reinforcements"], known, kv, branches)
    if "outages" in sheets:
        sound = sheets["outages"].without(known)
        problems += outage_problems(sound, buses, active_ends(static))
    return problems
