"""The results of a study as files: netCDF for programs, CSV for people."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pandas as pd
import pypsa

from gridplan.base.messages import LANGUAGES
from gridplan.base.provenance import provenance
from gridplan.base.quiet import quiet_pypsa
from gridplan.check.ac_check import AcCheck
from gridplan.check.certificate import Certificate
from gridplan.exports.saving import draft_folder, try_to_replace
from gridplan.grid.stages import stages
from gridplan.portfolio.plan import Plan
from gridplan.reasons.offers import offers


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """Give a temporary folder whose files move to `target` once all of them are written.

    Parameters
    ----------
    target : pathlib.Path
        Made when missing, and then removed again when the block raises. Files of the same names
        are replaced.

    Yields
    ------
    pathlib.Path
        Folder to write to; it vanishes in any case.

    Raises
    ------
    PermissionError
        When a file in `target` is open in another program or read-only. It names the file, and
        `target` is as it was.

    Notes
    -----
    Every file is tried before the first one moves. They then move one by one, so only a program
    that opens one within that moment, or a power cut, can leave files of two runs.
    """
    made = [folder for folder in (target, *target.parents) if not folder.exists()]
    target.mkdir(parents=True, exist_ok=True)
    draft = draft_folder(target)
    moved = False
    try:
        yield draft
        files = sorted(draft.iterdir())
        for path in files:
            try_to_replace(target / path.name)
        for path in files:
            os.replace(path, target / path.name)  # noqa: PTH105 - replaces on Windows too
        moved = True
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        if not moved:
            for folder in made:
                with suppress(OSError):  # not empty: somebody else wrote there
                    folder.rmdir()


def write_plan(
    plan: Plan, certificate: Certificate, folder: Path, *, ac: AcCheck | None = None
) -> None:
    """Write base case, plan with its conditional offers, certificate, and what the grid holds.

    Parameters
    ----------
    plan : Plan
        The chosen portfolio.
    certificate : Certificate
        Its proof.
    folder : pathlib.Path
        An existing folder, best the one of `whole_folder`.
    ac : AcCheck, optional
        Currents and voltages in AC.
    """
    packed = {"zlib": True, "complevel": 4}
    found = offers(plan)
    base = plan.base.to_dataset()
    base.to_netcdf(folder / "base_case.nc", encoding=dict.fromkeys(base.data_vars, packed))
    origin = provenance(plan.study)
    certificate.to_dataset().assign_attrs(origin).to_netcdf(folder / "certificate.nc")
    if ac is not None:
        ac.to_dataset().assign_attrs(origin).to_netcdf(folder / "ac_check.nc")
    with quiet_pypsa(), _described(plan.network, origin):
        plan.network.export_to_netcdf(folder / "plan_network.nc", float32=True, compression=packed)
    tables = {
        "projects": plan.projects,
        "measures": plan.measures,
        "symbioses": plan.symbioses,
        "offers": found.table,
        "curtailed_mw": found.curtailed_mw,
        "curtailment_duration_mw": found.duration_mw,
        "reinforcements": stages(plan.study),
        "existing_overloads": plan.base.existing_overloads,
        "binding": plan.binding,
        "worst_loading": certificate.worst,
        "without_n1": certificate.without_n1,
        "violations": certificate.violations,
        "breaches": certificate.breaches,
        "last_resort": certificate.last_resort,
    }
    for name, table in tables.items():
        write_table(table, folder / f"{name}.csv")
    for language in LANGUAGES:
        texts = [found.text(project, language) for project in found.table.index]
        path = folder / f"offers_{language}.txt"
        path.write_text("\n\n".join(texts) + "\n", encoding="utf-8", newline="\n")


@contextmanager
def _described(network: pypsa.Network, origin: dict[str, str]) -> Iterator[None]:
    """Let a network say where it comes from while it is exported; a copy would cost a year of RAM.

    It stands in `network.meta` of the file.
    """
    before = network.meta
    network.meta = {**before, **origin}
    try:
        yield
    finally:
        network.meta = before


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV: UTF-8 with mark, comma separated, decimal point.

    Parameters
    ----------
    table : pandas.DataFrame
        Its index becomes the first columns, unless it only counts.
    path : pathlib.Path
        File to write.

    Notes
    -----
    Excel opens it right in every language with Data → From Text/CSV (delimiter comma, file origin
    UTF-8). A double click works only where Windows separates lists by commas; elsewhere, as with
    Norwegian settings, all columns land in one.
    """
    named = not isinstance(table.index, pd.RangeIndex)
    table.to_csv(path, index=named, encoding="utf-8-sig", float_format="%.6g", lineterminator="\n")
