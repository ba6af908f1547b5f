"""What a plan chooses from, with which settings and on which base case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from gridplan.base.errors import Problem, StudyError
from gridplan.operation.base_case import BaseCase, base_case
from gridplan.portfolio.options import options_of
from gridplan.portfolio.rules import rules_of
from gridplan.portfolio.search import Search
from gridplan.study.settings import Strict
from gridplan.study.settings_file import revised
from gridplan.study.study import Study


@dataclass(frozen=True)
class Offered:
    """Rows of the study's tables that may be chosen.

    Parameters
    ----------
    projects, measures, symbioses : pandas.DataFrame
        In the order of the options.
    """

    projects: pd.DataFrame
    measures: pd.DataFrame
    symbioses: pd.DataFrame

    @property
    def tables(self) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
        """Projects, measures and symbioses."""
        return self.projects, self.measures, self.symbioses


def offered_of(
    study: Study,
    named_in: Study,
    measures: bool | str | Sequence[str] = True,
    symbioses: bool | str | Sequence[str] = True,
) -> Offered:
    """Rows of a study from which a plan may choose.

    Parameters
    ----------
    study : Study
        The grid that is planned on.
    named_in : Study
        The study, or another stage of it, whose names the caller gives.
    measures, symbioses : bool, str or sequence of str
        Whether they may be chosen, or the names of those that may. A measure that the grid of
        `study` has no branch for any more is left out.

    Raises
    ------
    StudyError
        When a name is unknown.
    """
    wanted = _offered(named_in.measures, "measures", measures).index
    kept = study.measures.index.isin(wanted) | (measures is True)
    return Offered(
        study.candidates(study.settings.year),
        study.measures[kept],
        _offered(study.symbioses, "symbioses", symbioses),
    )


def search_of(base: BaseCase, offered: Offered, study: Study, invested_mnok: float = 0.0) -> Search:
    """Search among what is offered, on a base case; the budget is less what is invested already."""
    options = options_of(study, *offered.tables, base.case)
    return Search(base, options, rules_of(study, *offered.tables, invested_mnok=invested_mnok))


def _offered(table: pd.DataFrame, file: str, wanted: bool | str | Sequence[str]) -> pd.DataFrame:
    """Rows of a table that may be chosen.

    Raises
    ------
    StudyError
        When a name is unknown.
    """
    if isinstance(wanted, bool):
        return table if wanted else table.iloc[:0]
    wanted = [wanted] if isinstance(wanted, str) else list(wanted)
    unknown = [name for name in wanted if name not in table.index]
    if unknown:
        remedy = f"The study has {', '.join(table.index) or 'none'}."
        raise StudyError(
            [Problem("", "plan", file, name, "unknown name", remedy) for name in unknown]
        )
    return table[table.index.isin(wanted)]


def with_settings(study: Study, named: dict[str, Any]) -> Study:
    """Return the study with the settings that the caller named."""
    changes = {
        key: value.model_dump() if isinstance(value, Strict) else value
        for key, value in named.items()
        if value is not None
    }
    return replace(study, settings=revised(study.settings, **changes)) if changes else study


def matching(base: BaseCase | None, study: Study) -> BaseCase:
    """Return the given base case if it holds the same grid and load, or compute one.

    Raises
    ------
    ValueError
        When it is that of another network, stage, year or security rule.
    """
    if base is None:
        return base_case(study)
    other = base.study
    keys = ("unsecured", "redispatch_weights", "transformer_emergency_factor")
    remedy = "leave `base` out or compute it anew"
    if other.in_service != study.in_service:
        reason = f"the base case is that of the {other.stage}; the plan is on the {study.stage}"
        remedy = _same_stage(study)
    elif other.network is not study.network:
        reason = "the base case is that of another network"
        remedy = _same_stage(study) if study.in_service else remedy
    elif not base.connected.equals(study.committed):
        reason = (
            f"the base case holds other projects than the ordinary growth and the committed "
            f"projects of {study.settings.year}"
        )
    elif not other.outages.equals(study.outages):
        reason = "the base case is secure under other outages of several branches"
    elif any(getattr(other.settings, key) != getattr(study.settings, key) for key in keys):
        reason = f"the base case has other settings ({', '.join(keys)})"
    else:
        return base
    msg = f"{reason}; {remedy}"
    raise ValueError(msg)


def _same_stage(study: Study) -> str:
    """Say how a base case and a plan come to stand on one grid."""
    return (
        f"leave `base` out, or build the grid once for both: "
        f"staged = gp.at_stage(study, {study.grid_year}), then "
        f"gp.plan(staged, …, base=gp.base_case(staged))"
    )
