"""Everything of the study that is not the grid, written to the folders given."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from networks.build import profiles
from networks.build.common import TABLES, own_table, write_csv
from networks.build.generation import generators
from networks.build.loads import loads
from networks.build.measures import measures
from networks.build.projects import projects


def write_hourly(sources: Path, buses: pd.DataFrame, study: Path, series: Path) -> None:
    """Write generators.csv, loads.csv and the two netCDF files.

    Parameters
    ----------
    sources : pathlib.Path
        Folder of the source data.
    buses : pandas.DataFrame
        buses.csv, indexed by name.
    study, series : pathlib.Path
        Study folder (with grid/) and folder of the profiles.
    """
    write_csv(generators(sources, buses), study / "grid/generators.csv")
    write_csv(loads(sources, buses), study / "grid/loads.csv")
    series.mkdir(parents=True, exist_ok=True)
    profiles.write(profiles.hourly(sources, buses), series / "trondelag_2019.nc")
    profiles.write(profiles.sectors(sources), series / "sectors.nc")


def write_projects(sources: Path, buses: pd.DataFrame, lines: pd.DataFrame, study: Path) -> None:
    """Write projects.csv, measures.csv, symbioses.csv and study.yaml into the study folder.

    Parameters
    ----------
    sources : pathlib.Path
    buses, lines : pandas.DataFrame
        buses.csv and lines.csv, indexed by name.
    study : pathlib.Path
        Study folder.
    """
    write_csv(projects(sources, buses), study / "projects.csv")
    write_csv(measures(sources, buses, lines), study / "measures.csv")
    write_csv(own_table("symbioses.csv").set_index("name"), study / "symbioses.csv")
    (study / "study.yaml").write_bytes((TABLES / "study.yaml").read_bytes())
