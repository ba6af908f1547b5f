"""What a worker does for the regret matrix: hold portfolios against scenarios of one base case.

A portfolio is held against a scenario by fixing it: z_j ≤ p_j for every option j, Σ z_j ≥ Σ p_j,
beside the rules and the grid of the scenario. Only the curtailment of its conditional projects is
chosen anew there: that is operation, not a decision. What is committed in the scenario is
connected in any case, and joins the portfolio.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import ValidationError

from gridplan.base.errors import SolverError
from gridplan.batch.applied import grid_of_scenario, study_of_scenario
from gridplan.batch.portfolios import Portfolio
from gridplan.batch.task import opened
from gridplan.exports.saving import whole_file
from gridplan.grid.stages import at_stage
from gridplan.operation.base_case import BaseCase, base_case
from gridplan.portfolio.choosing import reinforcements_of
from gridplan.portfolio.offered import Offered, offered_of, search_of
from gridplan.portfolio.rules import Rule
from gridplan.portfolio.search import Lessons, Search
from gridplan.study.settings import Strict
from gridplan.study.study import Study

FOLDER = "regret"
NOT_SECURE, NOT_OFFERED, NOT_ALLOWED, FAILED = "not secure", "not offered", "not allowed", "failed"


class Held(Strict):
    """A portfolio under a scenario: its objective (MNOK a year), or why it has none there."""

    objective_mnok: float | None = None
    why: str = ""


class Column(Strict):
    """What is known of one scenario, by the hash of each portfolio."""

    scenario_digest: str
    held: dict[str, Held]


@dataclass(frozen=True)
class Asked:
    """A scenario, and the portfolios that are still to be held against it.

    Parameters
    ----------
    name, digest : str
        Of the scenario.
    changes : dict
        As in `Changes.stated`.
    portfolios : tuple of Portfolio
        Those asked for.
    """

    name: str
    digest: str
    changes: dict[str, Any]
    portfolios: tuple[Portfolio, ...]


@dataclass(frozen=True)
class HeldTask:
    """Scenarios that share a base case.

    Parameters
    ----------
    folder : str
        Of the study.
    study_sha256 : str
        Its hash when the scenarios ran.
    versions : dict
        Of gridplan and what it stands on.
    out : str
        Folder of the batch.
    scenarios : tuple of Asked
        In the order in which they are looked at.
    """

    folder: str
    study_sha256: str
    versions: dict[str, str]
    out: str
    scenarios: tuple[Asked, ...]


def hold(task: HeldTask) -> dict[str, str]:
    """Hold portfolios against the scenarios of a task, and write what was found.

    Returns
    -------
    dict of str
        Name of every scenario; why nothing was written of it, "" where all went well.

    Raises
    ------
    OSError
        When a file cannot be written; what stood there is as it was.
    """
    grids, told = _Grids(task), {}
    for asked in task.scenarios:
        out = Path(task.out)
        try:
            found = _held(grids, asked)
        except Exception as error:
            told[asked.name] = f"{type(error).__name__}: {error}"
            continue
        before = read_column(out, asked.digest)
        column = Column(scenario_digest=asked.digest, held=before | found)
        with whole_file(out / FOLDER / f"{asked.digest}.json") as draft:
            text = column.model_dump_json(indent=1) + "\n"
            draft.write_text(text, encoding="utf-8", newline="\n")
        told[asked.name] = ""
    return told


def read_column(out: Path, digest: str) -> dict[str, Held]:
    """Read what is known of a scenario, by portfolio; nothing where the file is spoilt."""
    try:
        content = (out / FOLDER / f"{digest}.json").read_bytes()
        column = Column.model_validate_json(content)
    except (OSError, ValidationError):
        return {}
    return column.held if column.scenario_digest == digest else {}


@dataclass
class _Grids:
    """Grids of a task: one for every set of reinforcements beyond the stage.

    Each has one base case, and what one scenario learns about the grid serves the next.
    """

    task: HeldTask
    known: dict[tuple[str, ...], BaseCase] = field(default_factory=dict)
    lessons: dict[tuple[str, ...], Lessons] = field(default_factory=dict)

    def base(self, changes: Mapping[str, Any], extra: tuple[str, ...]) -> BaseCase:
        """Return the base case of the scenarios, with some reinforcements more."""
        if extra not in self.known:
            if extra:
                stage = at_stage(self.base(changes, ()).study, include=extra)
            else:
                stage = grid_of_scenario(opened(self.task.folder, self.task.study_sha256), changes)
            self.known[extra] = base_case(stage)
        return self.known[extra]


@dataclass(frozen=True)
class _Site:
    """A scenario on its grid, where portfolios are held against it.

    Parameters
    ----------
    study : Study
        With the settings of the scenario.
    offered : Offered
        What may be chosen.
    search : Search
        On its base case; the limits that it learns serve all portfolios.
    extra : tuple of str
        Reinforcements beyond the stage.
    extra_mnok, annuity_mnok : float
        What they cost, and a year.
    """

    study: Study
    offered: Offered
    search: Search
    extra: tuple[str, ...]
    extra_mnok: float
    annuity_mnok: float


def _held(grids: _Grids, asked: Asked) -> dict[str, Held]:
    """Hold every portfolio against a scenario, those on the same grid with one search."""
    plain = grids.base(asked.changes, ()).study
    sites: dict[tuple[str, ...], _Site] = {}
    found = {}
    for portfolio in asked.portfolios:
        extra = tuple(n for n in portfolio.reinforcements if n not in plain.in_service)
        unknown = [name for name in extra if name not in asked.changes.get("reinforcements", ())]
        if unknown:
            found[portfolio.digest] = _refused(NOT_OFFERED, unknown)
            continue
        if extra not in sites:
            sites[extra] = _site(grids, asked.changes, extra, plain)
        found[portfolio.digest] = _held_at(sites[extra], portfolio)
    grids.lessons |= {extra: site.search.lessons() for extra, site in sites.items()}
    return found


def _site(grids: _Grids, changes: Mapping[str, Any], extra: tuple[str, ...], plain: Study) -> _Site:
    base = grids.base(changes, extra)
    study = study_of_scenario(base.study, changes)
    terms = changes.get("measures", True), changes.get("symbioses", True)
    offered = offered_of(study, study, *terms)
    costs = reinforcements_of(plain, extra)
    invested = float(costs["cost_mnok"].sum())
    search = search_of(base, offered, study, invested)
    if extra in grids.lessons:
        search.learn(grids.lessons[extra])
    return _Site(study, offered, search, extra, invested, float(costs["annual_cost_mnok"].sum()))


def _held_at(site: _Site, portfolio: Portfolio) -> Held:
    """Hold a portfolio against a scenario on a grid."""
    taken, missing = _taken(site, portfolio)
    if missing:
        return _refused(NOT_OFFERED, missing)
    broken = _broken(site, taken)
    if broken:
        return _refused(NOT_ALLOWED, broken)
    found = site.search.found([*site.search.rules, *_fixed(taken)])
    if found is None:
        return Held(why=NOT_SECURE)
    if not np.array_equal(np.round(found.choice.taken), taken):
        msg = "a fixed portfolio came back as another one"
        raise SolverError(msg)
    return Held(objective_mnok=found.value_mnok - site.annuity_mnok)


def _taken(site: _Site, portfolio: Portfolio) -> tuple[NDArray[np.float64], list[str]]:
    """How often every option is taken, shape (J,), and the names that are no options here."""
    offered, study = site.offered, site.study
    anyway = study.committed.index  # connected in any case, whether it is an option or not
    parts = [
        (offered.projects, dict.fromkeys(portfolio.projects, 1)),
        (offered.measures, dict(portfolio.measures)),
        (offered.symbioses, dict.fromkeys(portfolio.symbioses, 1)),
    ]
    missing = [
        name
        for table, wanted in parts
        for name in wanted
        if name not in table.index and not (table is offered.projects and name in anyway)
    ]
    units = [pd.Series(wanted, dtype=float).reindex(table.index) for table, wanted in parts]
    taken = pd.concat(units).fillna(0.0).to_numpy()
    return np.maximum(taken, site.search.options.least), missing


def _broken(site: _Site, taken: NDArray[np.float64]) -> list[str]:
    """Say what a portfolio breaks before the grid is asked."""
    options, budget = site.search.options, site.study.settings.budget_mnok
    told = [
        f"{name} ({options.barred.get(name) or f'at most {most}'})"
        for name, most, own in zip(options.names, options.most, taken, strict=True)
        if own > most
    ]
    rules = [rule.text for rule in site.search.rules if not _keeps(rule, taken)]
    if budget is not None and site.extra_mnok > budget * (1 + 1e-12):
        rules.append(f"budget of {budget:,g} MNOK")
    return list(dict.fromkeys([*told, *rules]))


def _keeps(rule: Rule, taken: NDArray[np.float64]) -> bool:
    """Whether a rule holds, rounding apart."""
    scale = float(np.abs(rule.row) @ taken) + abs(rule.upper)
    return float(rule.row @ taken) <= rule.upper + 1e-9 * scale


def _fixed(taken: NDArray[np.float64]) -> list[Rule]:
    """Demand just these options: z_j ≤ p_j, and as many of them in all."""
    ones = np.eye(len(taken))
    most = [Rule("the portfolio", row, own) for row, own in zip(ones, taken, strict=True)]
    return [*most, Rule("the portfolio", -np.ones(len(taken)), -float(taken.sum()))]


def _refused(why: str, names: Iterable[str]) -> Held:
    return Held(why=f"{why}: {'; '.join(names)}")
