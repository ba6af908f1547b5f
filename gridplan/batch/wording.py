"""Changes, their values, and what a choice depends on, in the reader's language."""

from __future__ import annotations

import pandas as pd

from gridplan.base.messages import Messages
from gridplan.batch.changes import MERGED
from gridplan.batch.factors import UNCHANGED

CHANGES = {  # key of the text of each change
    "year": "change_of_year",
    "grid_year": "change_of_grid_year",
    "inflow": "change_of_inflow",
    "wind_year": "change_of_wind_year",
    "load_year": "change_of_load_year",
    "growth": "change_of_growth",
    "growth_by_sector": "change_of_growth_by_sector",
    "projects": "change_of_projects",
    "without_projects": "change_of_without_projects",
    "weights": "change_of_weights",
    "goals": "change_of_goals",
    "budget_mnok": "change_of_budget",
    "criterion": "change_of_criterion",
    "radial": "change_of_radial",
    "transformer_emergency_factor": "change_of_emergency",
    "curtailment_nok_per_mwh": "change_of_curtailment",
    "hydro_flexibility_pu": "change_of_hydro",
    "reinforcements": "change_of_reinforcements",
    "without_reinforcements": "change_of_without_reinforcements",
    "measures": "change_of_measures",
    "symbioses": "change_of_symbioses",
}
ENTRIES = {  # and of what weights and goals are of, by the beginning of their entries
    "co2": "entry_co2",
    "jobs": "entry_jobs",
    "export": "entry_export",
    "mw": "entry_mw",
}
VALUES = {  # key of the text of values that are words of the program, not names
    UNCHANGED: "value_of_unchanged",
    "none": "value_of_none",
    "dry": "value_of_dry",
    "median": "value_of_median",
    "wet": "value_of_wet",
    "true": "value_of_true",
    "false": "value_of_false",
    "allow": "value_of_allow",
    "forbid": "value_of_forbid",
}
WHY = {  # and of why a portfolio does not hold
    "not secure": "why_not_secure",
    "not offered": "why_not_offered",
    "not allowed": "why_not_allowed",
    "failed": "why_failed",
}


def change_words(factor: str, texts: Messages) -> str:
    """Name a change, or an entry of one, for people; one that has no text as it is.

    Examples
    --------
    >>> from gridplan.base.messages import messages
    >>> [change_words(name, messages("nb")) for name in ("inflow", "growth_all", "growth_Frosta")]
    ['tilsig', 'vekst', 'vekst Frosta']
    >>> change_words("weights_jobs_mnok_per_job", messages("nb"))
    'vekter: arbeidsplasser'
    >>> change_words("growth_by_sector_households", messages("nb"))
    'vekst per sektor households'
    """
    if factor in CHANGES:
        return texts(CHANGES[factor])
    change = max((name for name in MERGED if factor.startswith(f"{name}_")), key=len, default="")
    if change:
        entry = factor.removeprefix(f"{change}_")
        of = entry.removeprefix("min_").partition("_")[0]
        if not change.startswith("growth") and of in ENTRIES:
            return f"{texts(CHANGES[change])}: {texts(ENTRIES[of])}"
        return texts(CHANGES[change]) if entry == "all" else f"{texts(CHANGES[change])} {entry}"
    return factor


def value_words(value: str, texts: Messages) -> str:
    """Write the value of a change for people.

    Examples
    --------
    >>> from gridplan.base.messages import messages
    >>> value_words("dry", messages("nb")), value_words("2030", messages("nb"))
    ('tørt', '2030')
    """
    return texts(VALUES[value]) if value in VALUES else value


def depends_words(factors: str, texts: Messages) -> str:
    """Name what a choice depends on, as `Comparison.projects` has it."""
    names = [change_words(name, texts) for name in factors.split(" and ") if name]
    return texts("and_between", first=names[0], second=names[1]) if names[1:] else "".join(names)


def rule_words(cells: pd.DataFrame, texts: Messages) -> str:
    """Write the rows of a project in a decision table as one line.

    Parameters
    ----------
    cells : pandas.DataFrame
        Rows of `Comparison.decisions`.
    texts : Messages
        The language.
    """
    told = []
    for row in cells.itertuples():
        values = [row.value, row.and_value] if row.and_change else [row.value]
        count = texts("counted_of", chosen=row.chosen, of=row.of)
        told.append(f"{', '.join(value_words(value, texts) for value in values)}: {count}")
    return "; ".join(told)


def why_words(why: str, texts: Messages) -> str:
    """Say why a portfolio does not hold; names and demands stay as they are."""
    head, colon, rest = why.partition(":")
    return texts(WHY[head]) + colon + rest if head in WHY else why
