"""What is wrong with measures and symbioses: what they act on, and who takes part."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from gridplan.base.errors import Problem
from gridplan.study.references import SHARE_TOLERANCE, unknown_names
from gridplan.study.relations import Relations, table_of, wishes
from gridplan.study.sheet import Sheet, suggestion
from gridplan.study.tables import names_in, shares_of

UNKNOWN = "unknown project"


def measure_problems(
    measures: Sheet, buses: Iterable[str], branches: Iterable[str], profiles: Iterable[str]
) -> list[Problem]:
    """Report measures that do not say what they act on, or act on something unknown."""
    buses = list(buses)
    problems = [
        *unknown_names(measures, "branch", branches, "branch"),
        *unknown_names(measures, "profile", profiles, "profile"),
    ]
    for row, measure in measures.rows.iterrows():
        if measure["kind"] == "load":
            problems += _load_measure(measures, row, measure, buses)
        elif measure["kind"] == "rating":
            problems += _rating_measure(measures, row, measure)
    return problems


def _load_measure(sheet: Sheet, row: int, measure: pd.Series, buses: list[str]) -> list[Problem]:
    problems = []
    if measure["mw"] == 0:
        remedy = "Give the MW that one unit saves at peak."
        problems.append(sheet.problem(row, "mw", 0, "a load measure saves nothing", remedy))
    if measure["rating_pu"] > 0 or measure["branch"]:
        column = "branch" if measure["branch"] else "rating_pu"
        remedy = "Leave branch empty and rating_pu 0, or use kind rating."
        message = "a load measure raises no rating"
        problems.append(sheet.problem(row, column, measure[column], message, remedy))
    if not measure["profile"]:
        remedy = "Name a profile of the sectors file."
        problems.append(sheet.problem(row, "profile", "", "a load measure needs a profile", remedy))
    return problems + _shares_of_buses(sheet, row, measure["buses"], buses)


def _shares_of_buses(sheet: Sheet, row: int, text: str, buses: list[str]) -> list[Problem]:
    """Report what is wrong with "bus: share; bus: share"."""
    form = 'Write "bus: share; bus: share", with shares that sum to 1.'
    if not text:
        return [sheet.problem(row, "buses", "", "saved load needs buses", form)]
    try:
        shares = shares_of(text)
    except ValueError as error:
        return [sheet.problem(row, "buses", text, f"unreadable shares: {error}", form)]
    otherwise = "Name a bus of the study."
    problems = [
        sheet.problem(row, "buses", bus, "unknown bus", suggestion(bus, buses, otherwise))
        for bus in shares
        if bus not in buses
    ]
    if any(not 0 < share <= 1 for share in shares.values()):
        problems.append(sheet.problem(row, "buses", text, "a share is not between 0 and 1", form))
    elif abs(sum(shares.values()) - 1) > SHARE_TOLERANCE:
        message = f"the shares sum to {sum(shares.values()):g}, not to 1"
        problems.append(sheet.problem(row, "buses", text, message, "Correct the shares."))
    return problems


def _rating_measure(sheet: Sheet, row: int, measure: pd.Series) -> list[Problem]:
    problems = []
    if not measure["branch"]:
        remedy = "Name the line or transformer that may carry more."
        problems.append(sheet.problem(row, "branch", "", "a rating measure needs a branch", remedy))
    if measure["rating_pu"] == 0:
        remedy = "Give the rise per unit of the rating, such as 0.2."
        message = "a rating measure raises nothing"
        problems.append(sheet.problem(row, "rating_pu", 0, message, remedy))
    if measure["units_max"] != 1:
        remedy = "Use 1; give a larger rise as a measure of its own."
        message = "a rating is raised once"
        problems.append(sheet.problem(row, "units_max", measure["units_max"], message, remedy))
    if measure["mw"] > 0 or measure["buses"]:
        column = "buses" if measure["buses"] else "mw"
        remedy = "Leave buses empty and mw 0, or use kind load."
        message = "a rating measure saves no load"
        problems.append(sheet.problem(row, column, measure[column], message, remedy))
    return problems


def symbiosis_problems(
    symbioses: Sheet, projects: Sheet, buses: Iterable[str], profiles: Iterable[str]
) -> list[Problem]:
    """Report symbioses without effect, without partners, or whose partners exclude each other.

    Parameters
    ----------
    symbioses, projects : Sheet
        Tables of these names. Where a project lacks a name of its own, no partner is called
        unknown: that name may be the lost one.
    buses, profiles : iterable of str
        What the study has.

    Returns
    -------
    list of Problem
    """
    buses, partners = list(buses), table_of(projects)
    relations = Relations.of(partners)
    names_lost = len(partners) < len(projects.rows)
    problems = unknown_names(symbioses, "profile", profiles, "profile")
    for row, symbiosis in symbioses.rows.iterrows():
        found = _partner_problems(symbioses, row, symbiosis, partners, relations)
        problems += [p for p in found if not (names_lost and p.message == UNKNOWN)]
        if symbiosis["mw"] > 0 and not symbiosis["profile"]:
            remedy = "Name a profile of the sectors file."
            problems.append(
                symbioses.problem(row, "profile", "", "saved load needs a profile", remedy)
            )
        if symbiosis["mw"] > 0 or symbiosis["buses"]:
            problems += _shares_of_buses(symbioses, row, symbiosis["buses"], buses)
        elif symbiosis["co2_t_per_yr"] == 0:
            remedy = "Give the MW that it saves at peak, or the emissions that it cuts."
            problems.append(symbioses.problem(row, "mw", 0, "a symbiosis saves nothing", remedy))
    return problems


def _partner_problems(
    sheet: Sheet, row: int, symbiosis: pd.Series, projects: pd.DataFrame, relations: Relations
) -> list[Problem]:
    partners = names_in(symbiosis["partners"])
    existing = names_in(symbiosis["existing_partners"])
    if not partners and not existing:
        remedy = "Name projects, or plants in operation as existing_partners."
        return [sheet.problem(row, "partners", "", "a symbiosis without partners", remedy)]
    otherwise = "Name a project of the study, or a plant in operation as existing partner."
    problems = [
        sheet.problem(row, "partners", name, UNKNOWN, suggestion(name, projects.index, otherwise))
        for name in partners
        if name not in projects.index
    ]
    problems += [
        sheet.problem(row, "existing_partners", name, "a project of the study", "Name it partner.")
        for name in existing
        if name in projects.index
    ]
    _, clash = relations.settle(wishes(projects, partners))
    if clash:
        message, remedy = "the partners cannot all be chosen", f"Correct them: {clash}."
        problems.append(sheet.problem(row, "partners", symbiosis["partners"], message, remedy))
    return problems
