"""A study folder as checked parts: settings, tables, hourly series."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from gridplan.base.errors import Problem
from gridplan.study.completion import unsecured_problems, without_consequences
from gridplan.study.hourly import PER_UNIT, HourlyFile, Series, missing_hours
from gridplan.study.hourly_source import hourly_files
from gridplan.study.islands import Supply, by_island, islands_of, supply_problems
from gridplan.study.measure_checks import measure_problems, symbiosis_problems
from gridplan.study.outages import active_ends, outage_problems
from gridplan.study.project_checks import project_problems
from gridplan.study.references import (
    border_problems,
    branch_problems,
    share_problems,
    unknown_names,
)
from gridplan.study.reinforcements import reinforcement_problems
from gridplan.study.schedule import redispatch_limits
from gridplan.study.schema import Table
from gridplan.study.sector_load import (
    SectorLoad,
    excess_problems,
    reserved_problems,
    stated_gwh,
)
from gridplan.study.settings import Settings
from gridplan.study.settings_file import FILE, read_settings
from gridplan.study.sheet import Sheet
from gridplan.study.siting import sited
from gridplan.study.sources import FolderSource, Source
from gridplan.study.tables import (
    GENERATORS,
    GRID_TABLES,
    MEASURES,
    OUTAGES,
    PROJECTS,
    REINFORCEMENTS,
    SECTOR_ENERGY,
    SYMBIOSES,
)
from gridplan.study.validation import sheet_of_file
from gridplan.study.weather import load_year_of, read_load, read_plants, read_sector_load

OWN_TABLES = (PROJECTS, MEASURES, SYMBIOSES, REINFORCEMENTS, OUTAGES)  # in the study folder itself
OPTIONAL = ("carriers", "symbioses", "reinforcements", "outages")


@dataclass(frozen=True)
class Hourly:
    """Hourly series of a study.

    Parameters
    ----------
    load_mw, hydro_mw, wind_pu, profiles : pandas.DataFrame
        Snapshot x load, hydro generator, wind generator, profile.
    sector_load : SectorLoad, optional
        What belongs to which sector, where the loads know sectors.
    """

    load_mw: pd.DataFrame
    hydro_mw: pd.DataFrame
    wind_pu: pd.DataFrame
    profiles: pd.DataFrame
    sector_load: SectorLoad | None = None


@dataclass(frozen=True)
class Folder:
    """Everything that a study folder says, checked.

    Parameters
    ----------
    settings : Settings
        study.yaml.
    sheets : dict of Sheet
        Tables by name.
    hourly : Hourly
        Series.
    island : pandas.Series
        Island of every bus.
    limits_pu : tuple of pandas.DataFrame
        Lowest and highest output, snapshot x generator.
    notes : tuple of str
        What was read by a rule, for people.
    """

    settings: Settings
    sheets: dict[str, Sheet]
    hourly: Hourly
    island: pd.Series
    limits_pu: tuple[pd.DataFrame, pd.DataFrame]
    notes: tuple[str, ...] = ()


def read_folder(path: Path) -> tuple[Folder | None, list[Problem]]:
    """Read and check all files of a study folder.

    Parameters
    ----------
    path : pathlib.Path
        Folder with study.yaml.

    Returns
    -------
    Folder or None
        None when something is wrong.
    list of Problem
        Everything that is wrong in any file. What only follows from another problem is left out.
    """
    settings, problems = read_settings(path / FILE)
    # without settings the tables can still be checked, from their usual place
    source = FolderSource(path, settings or Settings())
    return read_parts(path, settings, source, problems)


def read_parts(
    path: Path, settings: Settings | None, source: Source, problems: list[Problem]
) -> tuple[Folder | None, list[Problem]]:
    """Read and check tables and hourly series.

    Parameters
    ----------
    path : pathlib.Path
        Folder from which the settings name files.
    settings : Settings or None
        None when they could not be read.
    source : Source
        Where the tables stand.
    problems : list of Problem
        What is wrong already.

    Returns
    -------
    Folder or None
    list of Problem
        As in `read_folder`.
    """
    at = settings or Settings()
    there, found = source.stray()
    problems = problems + found
    sheets, found = read_sheets(source, (*GRID_TABLES, *OWN_TABLES) if there else OWN_TABLES)
    problems = problems + found
    found, sites = _site(sheets, problems)
    problems += found
    hourly, found = None, []
    notes: list[str] = []
    if settings is not None:
        hourly, found, notes = _read_hourly(path, settings, source, sheets, problems)
    problems += found
    shapes = None if hourly is None or hourly.profiles.empty else hourly.profiles.columns
    island = _islands(sheets)
    grid = {source.grid, *(source.file(table) for table in GRID_TABLES)}
    references = _reference_problems(at, sheets, shapes, island, known=problems, grid=grid)
    problems += without_consequences(problems, references)
    if problems or settings is None or hourly is None or island is None:
        return None, problems
    generators = sheets["generators"].frame()
    limits = redispatch_limits(
        generators, hourly.hydro_mw, hourly.wind_pu, settings.hydro_flexibility_pu
    )
    folder = Folder(settings, sheets, hourly, island, limits, (*notes, *sites))
    problems = _balance_problems(folder, source.grid)
    return folder, problems + _sector_problems(folder, source.hours)


def read_sheets(source: Source, tables: Iterable[Table]) -> tuple[dict[str, Sheet], list[Problem]]:
    """Read those of some tables that can be read; what is optional may be missing."""
    sheets: dict[str, Sheet] = {}
    problems: list[Problem] = []
    for table in tables:
        if table.name in OPTIONAL and not source.has(table):
            continue
        sheet, found = _read_sheet(source, table)
        problems += found
        if sheet is not None:
            sheets[table.name] = sheet
    return sheets, problems


def _read_sheet(source: Source, table: Table) -> tuple[Sheet | None, list[Problem]]:
    """Read a table; None when rows or their names are lost, and other tables would miss them."""
    text, problems = source.read(table)
    if text is None:
        return None, problems
    sheet, found = sheet_of_file(table, text)
    lost = bool(problems) or "name" not in text.header or (table.filled and not text.rows)
    return (None if lost else sheet), problems + found


def _site(sheets: dict[str, Sheet], known: list[Problem]) -> tuple[list[Problem], list[str]]:
    """Give projects that name only a place their bus, where both tables could be read."""
    if not {"buses", "projects"} <= set(sheets):
        return [], []
    buses = sheets["buses"].without(known).rows.drop_duplicates("name").set_index("name")
    found = sited(sheets["projects"], buses, known)
    sheets["projects"] = found.projects
    return found.problems, found.notes


def _read_hourly(
    path: Path,
    settings: Settings,
    source: Source,
    sheets: dict[str, Sheet],
    known: list[Problem],
) -> tuple[Hourly | None, list[Problem], list[str]]:
    """Read the hourly series; names are held against the tables that could be read."""
    files, problems, notes = hourly_files(path, settings, source, sheets, known)
    if files is None:
        return None, problems, notes
    year, sectors = files
    profiles = sectors.table(Series("profile_pu", "profile", PER_UNIT))
    if sectors is not year and sectors.hours is not None and year.hours is not None:
        sectors.problems += missing_hours(sectors.file, sectors.hours, year.hours)
    load, hydro, wind = _read_year(year, settings, sheets)
    sector_load = _read_sectors(sectors, load_year_of(year, settings), sheets)
    problems += year.problems + (sectors.problems if sectors is not year else [])
    if load is None or hydro is None or wind is None or profiles is None:
        nothing = pd.DataFrame()
        profiles = nothing if profiles is None else profiles
        return Hourly(nothing, nothing, nothing, profiles), problems, notes
    return Hourly(load, hydro, wind, profiles, sector_load), problems, notes


def _read_year(
    year: HourlyFile, settings: Settings, sheets: dict[str, Sheet]
) -> tuple[pd.DataFrame | None, pd.DataFrame | None, pd.DataFrame | None]:
    """Read loads, hydro and wind, if their tables could be read."""
    load = hydro = wind = None
    if "loads" in sheets:
        names = pd.Index(sheets["loads"].rows["name"]).unique()
        load = read_load(year, names, settings)
    if "generators" in sheets:
        rows = sheets["generators"].rows.drop_duplicates("name").set_index("name")
        if not rows["carrier"].isin(GENERATORS.column("carrier").choices).all():
            return load, None, None  # reported; whose series are missing cannot be said
        hydro, wind = read_plants(year, rows, settings)
    return load, hydro, wind


def _read_sectors(
    sectors: HourlyFile, load_year: str | None, sheets: dict[str, Sheet]
) -> SectorLoad | None:
    """Read the consumption by sector, if the table of the loads could be read and has any."""
    if "loads" not in sheets:
        return None
    loads = sheets["loads"]
    stated = stated_gwh(loads.frame())
    sectors.problems += reserved_problems(loads.file, loads.header, SECTOR_ENERGY, list(stated))
    return read_sector_load(sectors, stated, load_year)


def _islands(sheets: dict[str, Sheet]) -> pd.Series | None:
    """Island of every bus, None where a table of the grid is missing."""
    if not {"buses", "lines", "transformers"} <= set(sheets):
        return None
    ends = pd.concat([sheets[name].rows[["bus0", "bus1"]] for name in ("lines", "transformers")])
    buses = pd.Index(sheets["buses"].rows["name"]).unique()
    return islands_of(buses, ends["bus0"], ends["bus1"])


def _reference_problems(
    settings: Settings,
    sheets: dict[str, Sheet],
    profiles: pd.Index | None,
    island: pd.Series | None,
    *,
    known: list[Problem],
    grid: set[str],
) -> list[Problem]:
    """Hold the tables against each other, as far as they could be read.

    `known` problems are those of single cells; `grid` names what holds the network.
    """
    if "buses" not in sheets:
        return []
    voltage = sheets["buses"].rows.drop_duplicates("name").set_index("name")["v_nom"]
    buses, problems = voltage.index, []
    for name, column in (
        ("lines", "bus0"),
        ("lines", "bus1"),
        ("transformers", "bus0"),
        ("transformers", "bus1"),
        ("generators", "bus"),
        ("loads", "bus"),
    ):
        if name in sheets:
            problems += unknown_names(sheets[name], column, buses, "bus")
    if "projects" in sheets:
        shapes = sheets["projects"].rows["profile"] if profiles is None else profiles
        problems += project_problems(sheets["projects"], buses, shapes)
    if "symbioses" in sheets and "projects" in sheets:
        shapes = sheets["symbioses"].rows["profile"] if profiles is None else profiles
        sound = sheets["symbioses"].without(known)
        problems += symbiosis_problems(sound, sheets["projects"], buses, shapes)
    if island is None:
        return problems
    problems += branch_problems(sheets["lines"], sheets["transformers"], voltage)
    branches = pd.Index([*sheets["lines"].rows["name"], *sheets["transformers"].rows["name"]])
    problems += unsecured_problems(FILE, settings, branches)
    if "measures" in sheets:
        shapes = sheets["measures"].rows["profile"] if profiles is None else profiles
        sound = sheets["measures"].without(known)
        problems += measure_problems(sound, buses, branches, shapes)
    if "reinforcements" in sheets:
        doubtful = ~voltage.index.isin(sheets["buses"].without(known).rows["name"])
        kv = voltage.mask(doubtful)  # compared with nothing
        problems += reinforcement_problems(sheets["reinforcements"], known, kv, branches)
    if "outages" in sheets:
        rows = {name: sheets[name].rows for name in ("lines", "transformers")}
        named = {name: table.set_index("name") for name, table in rows.items()}
        sound = sheets["outages"].without(known)
        problems += outage_problems(sound, buses, active_ends(named))
    if "generators" in sheets:
        problems += border_problems(sheets["generators"].without(known))
        if not any(problem.file in grid for problem in known + problems):
            # shares add up over the borders of an island, so all of them and the grid must be known
            problems += share_problems(sheets["generators"], island)
    return problems


def _balance_problems(folder: Folder, grid: str) -> list[Problem]:
    """Report islands without supply, in the words of the folder."""
    generators, loads = folder.sheets["generators"].frame(), folder.sheets["loads"].frame()
    lowest, highest = (limit * generators["p_nom"] for limit in folder.limits_pu)
    supply = Supply(
        load_mw=by_island(folder.hourly.load_mw, loads["bus"], folder.island),
        lowest_mw=by_island(lowest, generators["bus"], folder.island),
        highest_mw=by_island(highest, generators["bus"], folder.island),
    )
    hours = pd.DatetimeIndex(folder.hourly.load_mw.index)
    problems = supply_problems(folder.island, hours, supply)
    return [replace(problem, file=grid) for problem in problems]


def _sector_problems(folder: Folder, hours: str) -> list[Problem]:
    """Report loads of which the sectors claim more than there is."""
    part = folder.hourly.sector_load
    if part is None:
        return []
    return excess_problems(folder.settings.sectors or hours, part, folder.hourly.load_mw)
