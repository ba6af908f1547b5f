"""`gridplan hosting`: what every bus can take, and its summary."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from gridplan.cli.terminal import GridYear, OutputLanguage, StudyName, on_its_grid, out, progress

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from gridplan.study.study import Study

CURVES_UP_TO = 12  # buses by name
SHOWN = 15
PROJECTS = {"reserved_mw": "reserved", "queued_mw": "queue", "candidate_mw": "planned"}
NOTHING_MW = 1e-3  # a smaller capacity is none
# About how long the steps take beside each other.
OPENING, CAPACITY, RANGE, WITHOUT_N1, FILES = 4.0, 20.0, 150.0, 3.0, 2.0


def hosting_command(
    study: StudyName,
    *,
    year: Annotated[
        int | None,
        typer.Option(help="growth and reserved projects up to this year are connected"),
    ] = None,
    grid_year: GridYear = None,
    results: Annotated[Path, typer.Option("--out", help="folder for the results")] = Path(
        "results"
    ),
    bus: Annotated[
        list[str] | None,
        typer.Option(
            help="only this bus (repeat for several); up to "
            f"{CURVES_UP_TO} also get curves of curtailment and of the hours"
        ),
    ] = None,
    direction: Annotated[
        Literal["load", "generation"], typer.Option(help="what is added")
    ] = "load",
    criterion: Annotated[
        Literal["N-1", "N-0", "both"],
        typer.Option(help="limits after every outage, or without outage only"),
    ] = "N-1",
    flexibility: Annotated[
        list[float] | None,
        typer.Option(
            help="share of the yearly energy that may be curtailed (repeat for several); "
            "firm, 0, is always told",
            show_default="0.01 0.05",
        ),
    ] = None,
    redispatch: Annotated[
        bool,
        typer.Option(
            "--redispatch/--no-redispatch",
            help="whether plants and borders may leave the base case to make room",
        ),
    ] = True,
    weather_range: Annotated[
        bool,
        typer.Option(
            "--range",
            help="also the lowest and highest capacity of the weather years: slow, "
            "one run per year (seven for Trøndelag)",
        ),
    ] = False,
    language: OutputLanguage = None,
) -> None:
    """Compute how much more load or generation every bus can take, one at a time.

    Example: gridplan hosting trondelag --year 2030 --out results/

    Two buses with their curves: gridplan hosting trondelag --bus "Orkdal 132" --bus "Eidum 132"
    """
    import gridplan as gp  # noqa: PLC0415 - heavy imports wait until they are needed
    from gridplan.exports.capacity_files import write_capacity  # noqa: PLC0415
    from gridplan.exports.files import whole_folder  # noqa: PLC0415

    asked = {
        "buses": bus or None,
        "direction": direction,
        "criterion": ["N-1", "N-0"] if criterion == "both" else criterion,
        "flexibility": sorted({0.0, *([0.01, 0.05] if flexibility is None else flexibility)}),
        "redispatch": redispatch,
    }
    hourly = bool(bus) and len(bus) <= CURVES_UP_TO
    steps = OPENING + CAPACITY + WITHOUT_N1 + FILES + (RANGE if weather_range else 0.0)
    with whole_folder(results) as draft, progress(steps) as step:
        step("opening the study", OPENING)
        opened = on_its_grid(study, year, grid_year)
        count = len(bus or opened.network.c.buses.static)
        share = step(f"capacity of {_counted(count)}", CAPACITY)
        cap = gp.hosting_capacity(opened, hourly=hourly, progress=share, **asked)
        spread = None
        if weather_range:
            share = step(f"capacity of {_counted(count)} in other weather", RANGE)
            spread = gp.capacity_range(opened, progress=share, **asked)
        radial = gp.without_n1(opened, progress=step("what stands without N-1", WITHOUT_N1))
        step("charts and tables", FILES)
        language = language or opened.settings.language
        write_capacity(cap, opened, radial, draft, spread=spread, language=language)
        if not bus:  # a map of a few buses says little, and they may lie outside the area
            gp.capacity_map(cap, draft / "capacity.png", study=opened, language=language)
    _show(cap, opened, radial)
    out.print(f"Results in {results}")


def _counted(buses: int) -> str:
    return "1 bus" if buses == 1 else f"{buses} buses"


def _show(cap: xr.Dataset, study: Study, radial: pd.DataFrame) -> None:
    """Print the summary: buses with projects first, then how many have room."""
    first = cap.isel(criterion=0)
    shown = _of_interest(first)
    out.print(_title(first, study, shown), style="bold", markup=False, soft_wrap=True)
    out.print(_table(first, shown))
    for criterion in cap.indexes["criterion"]:
        _show_totals(cap.sel(criterion=criterion, flexibility=0.0), criterion)
    apart = radial.loc[radial["within"] == "", "peak_mw"].sum()
    out.print(
        f"Whole grid: {len(radial)} points without N-1 all or part of the year, "
        f"{apart:,.0f} MW of peak load behind single branches (without_n1.csv).",
        soft_wrap=True,
    )


def _table(one: xr.Dataset, shown: pd.DataFrame) -> Table:
    """Table of the buses shown; in a narrow terminal only its last column gives way."""
    from gridplan.base.messages import messages  # noqa: PLC0415

    table = Table(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    table.add_column("bus", no_wrap=True)
    shares = (f"{100 * share:g}%" for share in one.indexes["flexibility"][1:])
    for name in (*(PROJECTS[column] for column in shown), "firm", *shares):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("limited by")
    mw = messages("en").mw
    for bus, projects in shown.iterrows():
        power = [*projects, *one["capacity_mw"].sel(bus=bus).to_numpy()]
        words = _limit(one.sel(bus=bus, flexibility=0.0))
        limit = Text(words, no_wrap=True, overflow="ellipsis")
        table.add_row(Text(str(bus)), *(mw(value) for value in power), limit)
    return table


def _title(one: xr.Dataset, study: Study, shown: pd.DataFrame) -> str:
    """Say what the table holds."""
    grid = f"{study.title} {study.settings.year}, {study.stage.name}"
    asked = f"MW of {one.attrs['direction']} that a bus can take, {one['criterion'].item()}"
    if len(shown) == one.sizes["bus"]:
        return f"{grid}: {asked}"
    chosen = "with most room" if shown.columns.empty else "with most projects"
    return f"{grid}: {asked}\nthe {len(shown)} of {one.sizes['bus']} buses {chosen}"


def _of_interest(one: xr.Dataset) -> pd.DataFrame:
    """Projects (MW) at the buses with most reserved and queued, then planned, then free MW."""
    table = one.drop_dims("flexibility")[[*PROJECTS, "free_mw"]].to_dataframe()
    table["asked_mw"] = table["reserved_mw"] + table["queued_mw"]
    order = ["asked_mw", "candidate_mw", "free_mw"]
    shown = table.sort_values(order, ascending=False, kind="stable")[:SHOWN]
    return shown[[name for name in PROJECTS if table[name].any()]]


def _limit(figures: xr.Dataset) -> str:
    """Say what limits a bus."""
    told = figures["limited_by"].item()
    branch, outage = figures["limiting_branch"].item(), figures["limiting_outage"].item()
    if not branch:
        return told
    after = f" after outage of {outage}" if outage else ""
    return f"{'overloaded: ' if told == 'existing overload' else ''}{branch}{after}"


def _show_totals(firm: xr.Dataset, criterion: str) -> None:
    """Print how many buses have no firm capacity, and what limits all of them."""
    none = int((firm["capacity_mw"] < NOTHING_MW).sum())
    have = "has" if none == 1 else "have"
    out.print(f"{criterion}: {none} of {_counted(firm.sizes['bus'])} {have} no firm capacity.")
    meanings = firm["limited_by"].attrs
    for told, count in firm["limited_by"].to_series().value_counts().items():
        out.print(f"  {count} limited by {told}: {meanings[told]}", soft_wrap=True)
