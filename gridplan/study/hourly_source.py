"""Where the hourly series of a study come from: netCDF files, or tables beside the others."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from gridplan.base.errors import Problem
from gridplan.study.hourly import HourlyFile, missing_hours
from gridplan.study.series_text import SERIES
from gridplan.study.settings import Settings
from gridplan.study.settings_file import FILE
from gridplan.study.sheet import Sheet
from gridplan.study.sources import Source
from gridplan.study.yearly import completed_series

Files = tuple[HourlyFile, HourlyFile]  # of the year, and of the shapes; they may be one


def hourly_files(
    path: Path,
    settings: Settings,
    source: Source,
    sheets: dict[str, Sheet],
    known: list[Problem],
) -> tuple[Files | None, list[Problem], list[str]]:
    """Open the hourly series.

    Parameters
    ----------
    path : pathlib.Path
        Folder from which the settings name files.
    settings : Settings
        Their `profiles` and `sectors` are netCDF files; or `profiles` is a folder of tables, or
        empty for the sheets of a workbook.
    source : Source
        Where such tables stand.
    sheets : dict of Sheet
        Tables of the study; with tables of series, their yearly figures stand in for missing ones.
    known : list of Problem
        What is wrong with them.

    Returns
    -------
    tuple of HourlyFile or None
        The year and the shapes; None when there is nothing to read.
    list of Problem
    list of str
        What was completed by a rule.
    """
    tabled = source.hours == settings.profiles and (path / settings.profiles).is_dir()
    if settings.profiles and not tabled:
        if not settings.sectors:
            return None, [_unnamed("sectors")], []
        return _netcdf(path, settings), [], []
    if not source.hours:
        lacking = [key for key in ("profiles", "sectors") if not getattr(settings, key)]
        return None, [_unnamed(key) for key in lacking], []
    return _of_tables(settings, source, sheets, known)


def _netcdf(path: Path, settings: Settings) -> Files:
    year = HourlyFile(path / settings.profiles, settings.profiles)
    return year, HourlyFile(path / settings.sectors, settings.sectors)


def _unnamed(key: str) -> Problem:
    remedy = "Give the netCDF file, from this folder."
    return Problem(FILE, "", key, "", "the path is missing", remedy)


def _of_tables(
    settings: Settings, source: Source, sheets: dict[str, Sheet], known: list[Problem]
) -> tuple[Files | None, list[Problem], list[str]]:
    """Read the tables of series and complete them."""
    tables: dict[str, pd.DataFrame] = {}
    problems: list[Problem] = []
    for name in SERIES:
        table, found = source.series(name)
        problems += found
        if table is not None:
            tables[name] = table
    if not problems and "profile_pu" not in tables:
        remedy = "Add it: hour by hour the shapes of loads, plants, projects and measures."
        problems.append(Problem(source.hours, "", "", "", "no table profile_pu", remedy))
    if problems:
        return None, problems, []
    hours = tables["profile_pu"].index
    for name, table in tables.items():
        problems += missing_hours(f"{source.hours}, {name}", table.index, hours)
    if problems:
        return None, problems, []
    done = completed_series(tables, sheets, source.hours, known)
    file = HourlyFile(done.dataset(settings.inflow), source.hours)
    return (file, file), done.problems, done.notes
