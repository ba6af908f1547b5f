"""Open a study: a bundled one by its name, or any study folder."""

from __future__ import annotations

import os
from pathlib import Path

from gridplan.base.errors import Problem, StudyError
from gridplan.study.settings_file import FILE, read_settings
from gridplan.study.sheet import suggestion
from gridplan.study.study import Study

PACKAGE = Path(__file__).parents[1]
BOOK = "study.xlsx"  # a study in one file
BUNDLES = (PACKAGE / "bundled" / "networks", PACKAGE.parent / "networks")  # wheel, checkout


def open_study(name_or_path: str | os.PathLike[str]) -> Study:
    """Open a study and check everything in it.

    Parameters
    ----------
    name_or_path : str or path
        Name of a bundled study ("trondelag"), or the path of a study folder, its study.yaml, or its
        workbook study.xlsx.
        A folder in the working directory that is called like a bundled study needs "./" before
        its name.

    Returns
    -------
    Study
        With a network for every hour that passes `consistency_check(strict=["all"])`.

    Raises
    ------
    StudyError
        With every problem in any file.

    Examples
    --------
    >>> import gridplan as gp
    >>> gp.open_study("trondelag")  # doctest: +SKIP
    <Study trondelag: … buses, … branches, 8,760 hours, … projects, … measures>
    """
    study, problems = read_study(find_study(name_or_path))
    if study is None:
        raise StudyError(problems)
    return study


def find_study(name_or_path: str | os.PathLike[str]) -> Path:
    """Find the folder of a study.

    Parameters
    ----------
    name_or_path : str or path
        As in `open_study`.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    StudyError
        When there is no such folder, or neither study.yaml nor study.xlsx in it.
    """
    if isinstance(name_or_path, str) and name_or_path in bundled_studies():
        return bundled_studies()[name_or_path]
    path = Path(name_or_path).expanduser()
    folder = path.parent if path.name in (FILE, BOOK) else path
    if is_study(folder):
        return folder
    bundled = sorted(bundled_studies())
    if folder.is_dir():
        message = f"the folder has no {FILE}"
        remedy = f"Give the folder that holds it or a workbook {BOOK}, or make one: gridplan new."
    elif path.suffix.lower() in (".xlsx", ".xlsm", ".xls", ".ods") and path.is_file():
        message = "a workbook of another name"
        remedy = f"Save it as {BOOK}, in a folder of its own."
    else:
        message = "no such study or folder"
        remedy = suggestion(path.name, bundled, f"Bundled studies: {', '.join(bundled) or 'none'}.")
    raise StudyError([Problem(str(name_or_path), "", "", "", message, remedy)])


def is_study(folder: Path) -> bool:
    """Whether a folder holds a study: study.yaml, or a workbook study.xlsx."""
    return any((folder / name).is_file() for name in (FILE, BOOK))


def bundled_studies() -> dict[str, Path]:
    """Name and folder of the studies that come with gridplan."""
    found: dict[str, Path] = {}
    for bundle in BUNDLES:
        for settings in sorted(bundle.glob(f"*/{FILE}")):
            found.setdefault(settings.parent.name, settings.parent)
    return found


def read_study(path: Path) -> tuple[Study | None, list[Problem]]:
    """Read a study folder.

    Parameters
    ----------
    path : pathlib.Path
        The folder.

    Returns
    -------
    Study or None
        None when something is wrong.
    list of Problem
        Everything that is wrong.
    """
    # pandas, xarray and PyPSA load here, so that `import gridplan` stays light
    from gridplan.study.folder import read_folder  # noqa: PLC0415
    from gridplan.study.islands import by_island  # noqa: PLC0415
    from gridplan.study.network import build_network  # noqa: PLC0415
    from gridplan.study.network_checks import strict_problems  # noqa: PLC0415
    from gridplan.study.schedule import scheduled_mw  # noqa: PLC0415

    read = read_folder
    if (path / BOOK).is_file():
        from gridplan.study.workbook.source import read_workbook_folder  # noqa: PLC0415 - openpyxl

        read = read_workbook_folder
    else:
        from gridplan.study.network_file import read_network_study  # noqa: PLC0415

        settings, problems = read_settings(path / FILE)
        if settings is not None and settings.network_file:
            return read_network_study(path, settings, problems)
    folder, problems = read(path)
    if problems or folder is None:
        return None, problems
    hourly, sheets = folder.hourly, folder.sheets
    network = build_network(folder.settings.name, sheets, hourly.load_mw, folder.limits_pu)
    problems = strict_problems(network)
    if problems:
        return None, problems
    generators = sheets["generators"].frame()
    load = by_island(hourly.load_mw, sheets["loads"].frame()["bus"], folder.island)
    study = Study(
        network=network,
        schedule_mw=scheduled_mw(generators, hourly.hydro_mw, hourly.wind_pu, load, folder.island),
        projects=sheets["projects"].frame(),
        measures=sheets["measures"].frame(),
        symbioses=sheets["symbioses"].frame() if "symbioses" in sheets else None,
        reinforcements=sheets["reinforcements"].frame() if "reinforcements" in sheets else None,
        outages=sheets["outages"].frame() if "outages" in sheets else None,
        profiles=hourly.profiles,
        settings=folder.settings,
        folder=path,
        sector_load=hourly.sector_load,
        notes=folder.notes,
    )
    return study, []
