"""Read a network of another tool: which reader a file needs, and what comes out."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from gridplan.base.errors import Problem, StudyError
from gridplan.importing.report import summary_of

if TYPE_CHECKING:
    import pandas as pd
    import pypsa

    from gridplan.importing.build import Ratings
    from gridplan.importing.hours import Shape
    from gridplan.study.study import Study

Format = Literal["pypsa", "pandapower", "matpower", "powsybl", "nettanlegg"]
SUFFIXES: dict[str, Format] = {
    ".nc": "pypsa",
    ".h5": "pypsa",
    ".json": "pandapower",
    ".m": "matpower",
    ".zip": "powsybl",  # CGMES
    ".xml": "powsybl",
    ".xiidm": "powsybl",
    ".iidm": "powsybl",
    ".jiidm": "powsybl",
    ".raw": "powsybl",
    ".rawx": "powsybl",
    ".uct": "powsybl",
    ".cdf": "powsybl",
    ".txt": "powsybl",
    ".mat": "powsybl",
    ".gpkg": "nettanlegg",
    ".geojson": "nettanlegg",
    ".shp": "nettanlegg",
    ".gdb": "nettanlegg",
}
NAMES = {
    "pypsa": "PyPSA",
    "pandapower": "pandapower JSON",
    "matpower": "MATPOWER",
    "powsybl": "pypowsybl",
    "nettanlegg": "NVE Nettanlegg",
}
SNIFFED = 4096  # bytes in which a GeoJSON says what it is
MOST_HOURS = 8760


@dataclass(frozen=True, repr=False)
class Imported:
    """A network of another tool.

    Parameters
    ----------
    network : pypsa.Network
        As the source has it: one snapshot for a power-flow case (`n.lpf()` and `n.pf()` give its
        flows), all of them for a PyPSA network.
    report : pandas.DataFrame
        What was dropped, merged, changed or assumed: columns element, what, why.
    source : str
        File and format.
    own_hours : bool
        Whether the hours are those of the source.
    """

    network: pypsa.Network
    report: pd.DataFrame
    source: str
    own_hours: bool = False

    def __repr__(self) -> str:
        counts = self.network.c
        branches = len(counts.lines.static) + len(counts.transformers.static)
        return (
            f"<Imported {self.source}: {len(counts.buses.static):,} buses, {branches:,} branches, "
            f"{len(counts.loads.static):,} loads, {len(counts.generators.static):,} generators>"
        )

    @property
    def notes(self) -> list[str]:
        """What people should know, and a line for every reason in the report."""
        return [*self.network.meta.get("notes", []), *summary_of(self.report)]

    def write(
        self, folder: str | os.PathLike[str], *, hours: int = 1, shape: Shape = "load"
    ) -> Path:
        """Write a study folder, which `gridplan.open_study` opens.

        Parameters
        ----------
        folder : str or path
            To be made; nothing is overwritten.
        hours : int
            1 to 8,760, made by a stated rule (`gridplan.importing.hours`); a network that has
            hours of its own keeps them.
        shape : {"load", "flat"}
            What loads and scheduled outputs follow.

        Returns
        -------
        pathlib.Path
            The folder.

        Raises
        ------
        StudyError
            When there is something already, or for other hours.
        """
        from gridplan.importing.study_folder import write_network_study  # noqa: PLC0415 - heavy

        _check_hours(hours)
        return write_network_study(
            Path(folder),
            self.network,
            origin=f"Imported from {self.source} by gridplan.",
            report=self.report,
            hours=0 if self.own_hours else hours,
            shape=shape,
        )

    def study(self, *, hours: int = 1, shape: Shape = "load") -> Study:
        """Make a study in memory; hours as in `write`."""
        from gridplan.importing.hours import shapes_of, with_hours  # noqa: PLC0415 - heavy
        from gridplan.importing.study_folder import for_study  # noqa: PLC0415
        from gridplan.study.settings import Settings  # noqa: PLC0415
        from gridplan.study.study import Study  # noqa: PLC0415

        _check_hours(hours)
        network, said = for_study(self.network), list(self.network.meta.get("notes", []))
        settings = Settings(name=network.name or "imported")
        if self.own_hours:
            return Study(network=network, settings=settings, notes=tuple(said))
        network, rule = with_hours(network, hours, shape)
        notes = (*said, *rule)
        return Study(network=network, settings=settings, notes=notes, profiles=shapes_of(hours))


def import_network(
    path: str | os.PathLike[str],
    out: str | os.PathLike[str] | None = None,
    *,
    format: Format | None = None,
    hours: int = 1,
    shape: Shape = "load",
    ratings: Ratings = "unlimited",
    progress: Callable[[float], None] | None = None,
) -> Imported:
    """Import a network from another tool.

    Parameters
    ----------
    path : str or path
        PyPSA (.nc, .h5 or a CSV folder), pandapower (.json), MATPOWER (.m); through pypowsybl
        (extra `import`) CGMES (.zip), PSS/E (.raw), UCTE (.uct), IEEE-CDF (.txt), XIIDM (.xiidm).
    out : str or path, optional
        Study folder to make.
    format : {"pypsa", "pandapower", "matpower", "powsybl"}, optional
        Instead of what the suffix says.
    hours : int
        Hours of the study folder; see `Imported.write`.
    shape : {"load", "flat"}
        What loads follow in them.
    ratings : {"unlimited", "standard"}
        What branches without a rating carry: any power, or what one circuit of their voltage
        usually does.
    progress : callable, optional
        Is called with the share that is done.

    Returns
    -------
    Imported
        With the network and a report of what did not fit.

    Raises
    ------
    StudyError
        When the file cannot be read, or holds what no study can.

    Examples
    --------
    >>> import gridplan as gp
    >>> gp.import_network("case118.m", "ieee118", hours=24)  # doctest: +SKIP
    <Imported case118.m (MATPOWER): 118 buses, 186 branches, 99 loads, 54 generators>
    >>> study = gp.open_study("ieee118")  # doctest: +SKIP
    """
    source = Path(path).expanduser()
    kind = format or format_of(source)
    _check_hours(hours)
    if kind == "nettanlegg":
        remedy = "Use gp.import_nettanlegg, or the command gridplan import."
        raise StudyError([Problem(source.name, "", "", "", "a map, not a network", remedy)])
    if out is not None:
        from gridplan.study.new import free_place  # noqa: PLC0415 - heavy

        free_place(out)  # before the long work
    told = progress or (lambda _share: None)
    told(0.0)
    found = _read(source, kind, ratings)
    told(0.7)
    if out is not None:
        found.write(out, hours=hours, shape=shape)
    told(1.0)
    return found


def format_of(path: Path) -> Format:
    """Tell the format of a file by its suffix, or of a folder by its tables.

    Raises
    ------
    StudyError
        When there is no such file, or no reader for it.
    """
    if path.is_dir() and (path / "buses.csv").is_file():
        return "pypsa"
    if not path.exists():
        raise StudyError([Problem(str(path), "", "", "", "no such file", "Correct the path.")])
    found = SUFFIXES.get(path.suffix.lower())
    if path.is_dir() and found is None:
        inner = {SUFFIXES.get(file.suffix.lower()) for file in path.iterdir()}
        if "nettanlegg" in inner:
            return "nettanlegg"
        remedy = "Give the folder of a PyPSA network, or a file."
        raise StudyError([Problem(str(path), "", "", "", "a folder without buses.csv", remedy)])
    if found == "pandapower" and _is_geojson(path):
        return "nettanlegg"
    if found is None:
        known = ", ".join(SUFFIXES)
        message, remedy = "no reader for this suffix", f"There are: {known}; or give --format."
        raise StudyError([Problem(path.name, "", "", path.suffix, message, remedy)])
    return found


def _is_geojson(path: Path) -> bool:
    with path.open("rb") as stream:
        return b"FeatureCollection" in stream.read(SNIFFED)


def _check_hours(hours: int) -> None:
    if not 1 <= hours <= MOST_HOURS:
        remedy = "Give 1, 24, 168 or 8760."
        message = f"not between 1 and {MOST_HOURS:,}"
        raise StudyError([Problem("", "", "hours", str(hours), message, remedy)])


def _read(path: Path, kind: Format, ratings: Ratings) -> Imported:
    """Read with the reader of a format."""
    from gridplan.importing.build import network_of  # noqa: PLC0415 - heavy
    from gridplan.importing.report import Report  # noqa: PLC0415

    if not path.exists():
        raise StudyError([Problem(str(path), "", "", "", "no such file", "Correct the path.")])
    report, source = Report(), f"{path.name} ({NAMES[kind]})"
    if kind == "pypsa":
        from gridplan.importing.pypsa_network import read_pypsa  # noqa: PLC0415

        network = read_pypsa(path, report)
        own = len(network.snapshots) > 1
        return _checked(Imported(network, report.table(), source, own_hours=own), path.name)
    if kind == "matpower":
        from gridplan.importing.matpower import read_matpower_case as read  # noqa: PLC0415
    elif kind == "pandapower":
        from gridplan.importing.pandapower_case import (  # noqa: PLC0415
            read_pandapower_case as read,
        )
    else:
        from gridplan.importing.powsybl import read_powsybl_case as read  # noqa: PLC0415
    network = network_of(read(path, report), report, ratings=ratings)
    return _checked(Imported(network, report.table(), source), path.name)


def _checked(found: Imported, file: str) -> Imported:
    """Refuse what a study could not hold, before anything is written."""
    from gridplan.importing.study_folder import for_study  # noqa: PLC0415 - heavy
    from gridplan.study.network_checks import network_problems  # noqa: PLC0415

    problems = network_problems(for_study(found.network))
    if problems:
        raise StudyError([replace(problem, file=file) for problem in problems])
    return found
