"""`gridplan import`: a network of another tool, or NVE's map of the grid, as a study folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from gridplan.cli.terminal import err, progress, say

SHOWN = 14  # lines of the report
READING, PICTURE = 10.0, 4.0  # about how long they take beside each other


def import_command(
    file: Annotated[
        Path,
        typer.Argument(
            help="PyPSA (.nc, .h5, folder), pandapower (.json), MATPOWER (.m), CGMES (.zip), "
            "PSS/E (.raw), UCTE (.uct), NVE Nettanlegg (.gpkg, .geojson, .shp, folder)"
        ),
    ],
    *,
    folder: Annotated[Path, typer.Option("--out", help="study folder to make")],
    form: Annotated[
        Literal["pypsa", "pandapower", "matpower", "powsybl", "nettanlegg"] | None,
        typer.Option("--format", help="instead of what the suffix says"),
    ] = None,
    hours: Annotated[
        int,
        typer.Option(help="hours of the study, made by a rule from the one situation of the file"),
    ] = 1,
    shape: Annotated[
        Literal["load", "flat"], typer.Option(help="what loads and outputs follow in these hours")
    ] = "load",
    ratings: Annotated[
        Literal["unlimited", "standard"],
        typer.Option(help="branches without a rating: no limit, or the usual one of their voltage"),
    ] = "unlimited",
    load_mw: Annotated[
        float | None,
        typer.Option(
            help="Nettanlegg: load of all stations in the highest hour", show_default="10 a station"
        ),
    ] = None,
    joint_m: Annotated[
        float, typer.Option(help="Nettanlegg: ends of lines that meet lie within so many metres")
    ] = 50.0,
    station_m: Annotated[
        float, typer.Option(help="Nettanlegg: lines end within so many metres of their station")
    ] = 250.0,
    least_kv: Annotated[
        float, typer.Option(help="Nettanlegg: lines of lower voltages are left out")
    ] = 30.0,
    language: Annotated[
        Literal["en", "nb"], typer.Option(help="language of the picture: en or nb")
    ] = "en",
) -> None:
    """Make a study folder from a network file of another tool, or from NVE's map of the grid.

    Example: gridplan import case118.m --out ieee118 --hours 24 --ratings standard

    From NVE's Nettanlegg: gridplan import nettanlegg.gpkg --out my-region --load-mw 800
    """
    import gridplan as gp  # noqa: PLC0415 - heavy imports wait until they are needed
    from gridplan.importing.reading import format_of  # noqa: PLC0415
    from gridplan.importing.report import summary_of  # noqa: PLC0415

    kind = form or format_of(file)
    with progress(READING + PICTURE) as step:
        share = step(f"reading {file.name}", READING)
        if kind == "nettanlegg":
            found = gp.import_nettanlegg(
                file, folder, joint_m=joint_m, station_m=station_m, least_kv=least_kv,
                load_mw=load_mw, progress=share,
            )  # fmt: skip
            notes = [*found.notes, *summary_of(found.report)]
        else:
            found = gp.import_network(
                file, folder, format=kind, hours=hours, shape=shape, ratings=ratings,
                progress=share,
            )  # fmt: skip
            notes = found.notes
        step("drawing the network", PICTURE)
        _draw(folder, language)
    say(f"{found!r}".strip("<>"))
    _show(notes, folder)


def _draw(folder: Path, language: Literal["en", "nb"]) -> None:
    """Draw the network into the study folder."""
    import pandas as pd  # noqa: PLC0415

    import gridplan as gp  # noqa: PLC0415
    from gridplan.exports.scene_imported import imported_map  # noqa: PLC0415

    study = gp.open_study(folder)
    report = pd.read_csv(folder / "import.csv", encoding="utf-8-sig", keep_default_na=False)
    for axis in {"lon", "lat"} & set(report):
        report[axis] = pd.to_numeric(report[axis], errors="coerce")
    imported_map(study, report, folder / "import.png", language=language)


def _show(notes: list[str], folder: Path) -> None:
    """Print what was done, and how to go on."""
    for note in notes[:SHOWN]:
        say(f"- {note}")
    if len(notes) > SHOWN:
        err.print(f"- and {len(notes) - SHOWN} reasons more, all in import.csv", highlight=False)
    say(f"Made {folder}: import.csv lists every element, import.png shows the network.")
    say(f"gridplan check {folder}")
    say(f"gridplan hosting {folder} --out results/")
