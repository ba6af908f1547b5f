"""`gridplan study`: a whole study from the input to the certificate, and its summary."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from gridplan.cli.report import AC, STEPS, gathered, refuse_open_files, write_handover
from gridplan.cli.terminal import (
    GridYear,
    OutputLanguage,
    StudyName,
    Year,
    on_its_grid,
    out,
    progress,
    writable,
)

if TYPE_CHECKING:
    from gridplan.check.certificate import Certificate
    from gridplan.portfolio.plan import Plan
    from gridplan.study.study import Study


def study_command(
    study: StudyName,
    *,
    year: Year = None,
    grid_year: GridYear = None,
    results: Annotated[Path, typer.Option("--out", help="folder for the results")] = Path(
        "results"
    ),
    budget_mnok: Annotated[
        float | None, typer.Option(help="limit on the investment in measures and symbioses (MNOK)")
    ] = None,
    language: OutputLanguage = None,
    report: Annotated[
        bool,
        typer.Option(
            "--report",
            help="also what is handed on: report (docx, pdf, html), Excel workbook, interactive "
            "map, QGIS files and capacity of every bus; takes some minutes more",
        ),
    ] = False,
    ac: Annotated[
        bool | None,
        typer.Option(
            "--ac/--no-ac",
            help="AC check: currents and voltages of the worst hours and outages; with --report "
            "unless told otherwise",
        ),
    ] = None,
    ac_margin: Annotated[
        bool,
        typer.Option(
            "--ac-margin", help="plan until currents and voltages hold in AC (several base cases)"
        ),
    ] = False,
) -> None:
    """Run a whole study: base case, plan, certificate, map and tables.

    Example: gridplan study trondelag --year 2030 --out results/

    Current and voltage in AC as well: gridplan study trondelag --ac

    With report, workbook, page and QGIS files: gridplan study trondelag --report

    The same projects on the grid as it stands: gridplan study trondelag --grid-year 2025
    """
    import gridplan as gp  # noqa: PLC0415 - heavy imports wait until they are needed
    from gridplan.exports.files import whole_folder, write_plan  # noqa: PLC0415

    results = writable(results)
    if report:
        refuse_open_files(results)
    checks_ac = report if ac is None else ac
    total = 6 + (STEPS if report else 0) + (AC if checks_ac else 0)
    with progress(total=total) as step:
        step("opening the study")
        opened = on_its_grid(study, year, grid_year)
        step("base case: every hour")
        language = language or opened.settings.language
        base = gp.base_case(opened)
        step("plan without measures")
        without = gp.plan(opened, measures=False, symbioses=False, base=base)
        step("plan with measures")
        margin = "auto" if ac_margin else None
        plan = gp.plan(opened, budget_mnok=budget_mnok, base=base, ac_margin=margin)
        step("certificate: every hour, every outage")
        certificate = gp.certify(plan)
        found = None
        if checks_ac:
            share = step("AC check: current and voltage", AC)
            found = gp.check_ac(plan, certificate=certificate, progress=share)
        handover = gathered(plan, certificate, found, language, step) if report else None
        with whole_folder(results) as draft:
            step("map and tables")
            gp.capacity_map(plan, draft / "plan.png", certificate=certificate, language=language)
            write_plan(plan, certificate, draft, ac=found)
            if handover is not None:
                write_handover(handover, draft, step)
    _show(opened, without, plan, certificate)
    if found is not None:
        out.print(str(found), markup=False)
    if plan.ac is not None:
        out.print("\n".join(plan.ac.reasons), markup=False)
    out.print(f"Results in {results}")
    if not certificate.secure:
        raise typer.Exit(3)


def _show(study: Study, without: Plan, plan: Plan, certificate: Certificate) -> None:
    """Print the summary of a study."""
    from gridplan.exports.radial import mw_without_n1  # noqa: PLC0415

    title = f"{study.title} {plan.year}, {plan.stage.name}"
    table = Table(title=title)
    table.add_column("")
    table.add_column("without measures", justify="right")
    table.add_column("with measures", justify="right")
    for label, key, form in (
        ("projects chosen", "projects", "{:,.0f}"),
        ("of candidates", "candidates", "{:,.0f}"),
        ("MW connected", "mw", "{:,.1f}"),
        ("t CO2e cut a year", "co2_t_per_yr", "{:,.0f}"),
        ("jobs", "jobs", "{:,.0f}"),
        ("export, MNOK a year", "export_mnok_per_yr", "{:,.0f}"),
        ("measures taken", "measures", "{:,.0f}"),
        ("cost of measures, MNOK a year", "measures_mnok_per_yr", "{:,.1f}"),
        ("symbioses", "symbioses", "{:,.0f}"),
        ("conditional connections", "conditional", "{:,.0f}"),
        ("curtailed, MWh a year", "curtailed_mwh_per_yr", "{:,.0f}"),
        ("objective, MNOK a year", "objective_mnok_per_yr", "{:,.1f}"),
    ):
        table.add_row(label, *(form.format(p.summary()[key]) for p in (without, plan)))
        if key == "mw":
            radial = (mw_without_n1(p.projects, certificate) for p in (without, plan))
            table.add_row("  of which where there is no N-1", *(f"{mw:,.1f}" for mw in radial))
    out.print(table)
    _show_lists(plan)
    _show_stage(plan)
    out.print(str(certificate), markup=False)


def _show_lists(plan: Plan) -> None:
    """Print what was chosen and what was not; variants of a chosen project are no loss."""
    from gridplan.study.relations import families  # noqa: PLC0415

    projects = plan.projects
    family = families(projects)
    served = family.isin(family[projects["chosen"]])
    conditional = projects["connection"].eq("conditional")
    for title, rows in (
        ("Chosen", projects[projects["chosen"] & ~conditional]),
        ("Chosen on conditions", projects[projects["chosen"] & conditional]),
        ("Not chosen", projects[~served & projects["variant_of"].eq("")]),
    ):
        names = ", ".join(f"{name} ({mw:g} MW)" for name, mw in rows["mw"].items())
        out.print(f"{title}: {names or 'none'}", markup=False, highlight=False)
    taken = plan.measures[plan.measures["units"] > 0]["units"]
    names = ", ".join(f"{name} ({units})" for name, units in taken.items())
    out.print(f"Measures: {names or 'none'}", markup=False, highlight=False)
    names = ", ".join(plan.symbioses.index[plan.symbioses["chosen"]])
    out.print(f"Symbioses: {names or 'none'}", markup=False, highlight=False)


def _show_stage(plan: Plan) -> None:
    """Print what the grid holds, with status and year."""
    from gridplan.grid.stages import stages  # noqa: PLC0415

    table = stages(plan.study)
    rows = table[table["in_service"]].itertuples()
    names = ", ".join(f"{row.Index} ({row.status}, {row.year})" for row in rows)
    name = plan.stage.name.capitalize()
    out.print(f"{name}: {names or 'no reinforcements'}", markup=False, highlight=False)
