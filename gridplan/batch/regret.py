r"""What each portfolio costs where the scenario turns out to be another one.

    regret_ps = max_q objective_qs − objective_ps

for portfolio p under scenario s (MNOK a year), with the best one of the scenario its own plan. A
portfolio that the grid of a scenario cannot carry, or that breaks a demand made there, has no
regret: the matrix says why instead. A portfolio is what a plan decides: projects, measures,
symbioses and reinforcements. Curtailment of its conditional projects is operation, and chosen anew
in every scenario.

References
----------
Savage (1951): The theory of statistical decision. JASA 46, 55-67.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from gridplan.base.errors import GridplanError, Problem, StudyError
from gridplan.base.provenance import versions
from gridplan.batch.applied import by_base
from gridplan.batch.held import FAILED, FOLDER, NOT_SECURE, Asked, Held, HeldTask, hold, read_column
from gridplan.batch.lock import locked
from gridplan.batch.portfolios import Chosen, portfolios_of
from gridplan.batch.records import Record
from gridplan.batch.runner import CHUNK, cores
from gridplan.batch.runs import Runs, open_runs, study_of_runs
from gridplan.batch.task import place_of
from gridplan.batch.workers import each, workers_of
from gridplan.study.study import Study

MOST = 10  # portfolios unless asked otherwise
TOLERANCE_MNOK = 1e-3  # a year; closer objectives are the same
PER_UNIT = 1e-5  # and this share of the objective: records hold six digits of it
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, repr=False)
class Regret:
    """Portfolios under scenarios.

    Parameters
    ----------
    portfolios : pandas.DataFrame
        Index portfolio (P1 the plan of most scenarios): scenarios (whose plan it is), projects,
        mw, holds_in (scenarios in which it is secure and allowed), worst_mnok_per_yr and
        mean_mnok_per_yr (regret over these), named (projects), measures, symbioses,
        reinforcements.
    mnok_per_yr : pandas.DataFrame
        Regret, portfolio x scenario (MNOK a year); 0 where it is the best, NaN where it has none.
    why : pandas.DataFrame
        The same axes: why there is no regret ("not secure", "not offered: …", "not allowed: …",
        "failed: …"), "" where there is one.
    distinct : int
        Portfolios that the plans of the batch hold; those beyond the most frequent are left out.
    left_out : tuple of str
        Scenarios without a plan; there is no best one to be compared with.
    """

    portfolios: pd.DataFrame
    mnok_per_yr: pd.DataFrame
    why: pd.DataFrame
    distinct: int
    left_out: tuple[str, ...]

    def __repr__(self) -> str:
        shown, scenarios = self.mnok_per_yr.shape
        least = self.least_worst
        told = "none holds in all" if least is None else f"{least} regrets least"
        return (
            f"<Regret of {shown} of {self.distinct} portfolios under {scenarios} scenarios: {told}>"
        )

    @property
    def least_worst(self) -> str | None:
        """Portfolio that holds in every scenario with the smallest largest regret, if there is one.

        The first of several.
        """
        table = self.portfolios
        everywhere = table[table["holds_in"] == len(self.mnok_per_yr.columns)]
        return None if everywhere.empty else str(everywhere["worst_mnok_per_yr"].idxmin())


def regret(
    runs: Runs | str | os.PathLike[str],
    *,
    study: Study | None = None,
    portfolios: int = MOST,
    executor: Executor | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Regret:
    """Hold the portfolios of a batch against all its scenarios.

    Parameters
    ----------
    runs : Runs or path
        Of `gridplan.run_batch` or `gridplan.open_runs`, or the folder of a batch.
    study : Study, optional
        That of the batch, where its folder does not know it.
    portfolios : int
        The most frequent distinct portfolios that are looked at.
    executor : concurrent.futures.Executor, optional
        As in `gridplan.run_batch`. Default: processes of this computer.
    jobs : int, optional
        Number of those processes; default one per core.
    progress : callable, optional
        Called with the name of a scenario, the number done now and the number to be done.

    Returns
    -------
    Regret

    Raises
    ------
    StudyError
        When no batch has run there, no scenario has a plan, the study has changed since, or another
        batch writes to the folder.
    GridplanError
        When the executor broke; what was finished is kept.
    ValueError
        When no portfolio is asked for.

    Notes
    -----
    What is found stays in the folder of the batch (``regret/``, a file per scenario, written whole
    or not at all) and is not computed again. Of a portfolio, what is committed in a scenario is
    connected there in any case. A scenario's own plan is computed again, as the best one; where
    another portfolio is worth more, beyond rounding, or the plan is worth something else than its
    record says, the scenario counts as failed and is told.

    Examples
    --------
    >>> import gridplan as gp
    >>> found = gp.regret("runs/", portfolios=5)  # doctest: +SKIP
    >>> found.mnok_per_yr, found.least_worst  # doctest: +SKIP
    """
    if portfolios < 1:
        msg = f"portfolios={portfolios}: at least 1 is needed"
        raise ValueError(msg)
    if not isinstance(runs, Runs):
        runs = open_runs(runs)
    done = runs.done
    if not done or runs.folder is None:
        message = "no scenario of this batch has a plan" if runs.folder else "runs without a folder"
        remedy = "Run it (gridplan batch), or give its folder."
        raise StudyError([Problem(str(runs.folder or ""), "", "", "", message, remedy)])
    study = study_of_runs(runs, study)
    out = runs.folder.resolve()
    every = portfolios_of(out, done)
    shown = every[:portfolios]
    own = {name: one for one in every for name in one.scenarios}
    failed: dict[str, str] = {}
    tasks = _tasks(study, out, done, shown, own)
    if tasks:
        with locked(out):
            (out / FOLDER).mkdir(exist_ok=True)
            failed = _run(tasks, executor, jobs, progress)
    columns = {
        record.scenario: _column(record, read_column(out, record.digest), shown, own, failed)
        for record in done
    }
    without = [record.scenario for record in runs.records if record.outcome != "done"]
    return _told(shown, columns, len(every), tuple(sorted([*without, *runs.waiting])))


def _tasks(
    study: Study,
    out: Path,
    done: Sequence[Record],
    shown: Sequence[Chosen],
    own: dict[str, Chosen],
) -> list[HeldTask]:
    """Gather what is not known yet, scenarios of one base case together, in chunks."""
    wanted = []
    for record in done:
        known = read_column(out, record.digest)
        asked = [one.portfolio for one in (own[record.scenario], *shown)]
        new = {one.digest: one for one in asked if one.digest not in known}
        if new:
            wanted.append(
                Asked(record.scenario, record.digest, record.changes, tuple(new.values()))
            )
    where, sha256, origin = place_of(study), study.hash, versions()
    return [
        HeldTask(where, sha256, origin, str(out), group) for group in by_base(study, wanted, CHUNK)
    ]


def _run(
    tasks: Sequence[HeldTask],
    executor: Executor | None,
    jobs: int | None,
    progress: Progress | None,
) -> dict[str, str]:
    """Run tasks; return the scenarios that failed, and why."""
    total, told = sum(len(task.scenarios) for task in tasks), dict[str, str]()

    def tell(future: Future[dict[str, str]], _: HeldTask) -> None:
        for name, why in future.result().items():
            told[name] = why
            if progress is not None:
                progress(name, len(told), total)

    with workers_of(executor, min(jobs or cores(), len(tasks))) as workers:
        died = each(workers, hold, tasks, tell)
    if died:
        msg = "a worker was killed; what is finished is kept, start again for the rest"
        raise GridplanError(msg)
    return {name: why for name, why in told.items() if why}


def _column(
    record: Record,
    held: dict[str, Held],
    shown: Sequence[Chosen],
    own: dict[str, Chosen],
    failed: dict[str, str],
) -> list[tuple[float, str]]:
    """Regret of every portfolio under a scenario, and why it has none."""
    best = held.get(own[record.scenario].portfolio.digest)
    problem = failed.get(record.scenario, "")
    if not problem:
        problem = _unlike(record, best)
    cells = []
    for one in shown:
        found = held.get(one.portfolio.digest)
        if problem or found is None or best is None or best.objective_mnok is None:
            cells.append((np.nan, f"{FAILED}: {problem or 'not computed'}"))
        elif found.objective_mnok is None:
            cells.append((np.nan, found.why))
        else:
            cells.append(_cell(best.objective_mnok, found.objective_mnok))
    return cells


def _cell(best_mnok: float, own_mnok: float) -> tuple[float, str]:
    regret_mnok = best_mnok - own_mnok
    if regret_mnok < -_tolerance(best_mnok):
        return np.nan, f"{FAILED}: worth {-regret_mnok:g} MNOK a year more than the plan"
    return (regret_mnok if regret_mnok > TOLERANCE_MNOK else 0.0), ""


def _unlike(record: Record, best: Held | None) -> str:
    """Say where a scenario's own plan is not what its record says."""
    if best is None:
        return "not computed"
    if best.objective_mnok is None:
        return f"its own plan does not hold again ({best.why})"
    told = record.figures["objective_mnok_per_yr"]
    if abs(best.objective_mnok - told) > _tolerance(told):
        return f"its own plan is worth {best.objective_mnok:g} MNOK a year, not {told:g}"
    return ""


def _tolerance(objective_mnok: float) -> float:
    return TOLERANCE_MNOK + PER_UNIT * abs(objective_mnok)


def _told(
    shown: Sequence[Chosen],
    columns: dict[str, list[tuple[float, str]]],
    distinct: int,
    left_out: tuple[str, ...],
) -> Regret:
    """Put the matrix and what it says of every portfolio into tables."""
    names = pd.Index([f"P{number}" for number in range(1, len(shown) + 1)], name="portfolio")
    scenarios = pd.Index(list(columns), name="scenario", dtype="str")
    values = np.array([[value for value, _ in cells] for cells in columns.values()]).T
    reasons = np.array([[why for _, why in cells] for cells in columns.values()], dtype=object).T
    matrix = pd.DataFrame(values, names, scenarios)
    table = pd.DataFrame(
        {
            "scenarios": [len(one.scenarios) for one in shown],
            "projects": [len(one.portfolio.projects) for one in shown],
            "mw": [one.mw for one in shown],
            "holds_in": matrix.notna().sum(axis=1).to_numpy(int),
            "not_secure_in": (reasons == NOT_SECURE).sum(axis=1).astype(int),
            "worst_mnok_per_yr": matrix.max(axis=1).to_numpy(),
            "mean_mnok_per_yr": matrix.mean(axis=1).to_numpy(),
            "named": ["; ".join(one.portfolio.projects) for one in shown],
            "measures": ["; ".join(map(_units, one.portfolio.measures)) for one in shown],
            "symbioses": ["; ".join(one.portfolio.symbioses) for one in shown],
            "reinforcements": ["; ".join(one.portfolio.reinforcements) for one in shown],
        },
        names,
    )
    texts = ["named", "measures", "symbioses", "reinforcements"]
    return Regret(
        portfolios=table.astype(dict.fromkeys(texts, "str")),
        mnok_per_yr=matrix,
        why=pd.DataFrame(reasons, names, scenarios, dtype="str"),
        distinct=distinct,
        left_out=left_out,
    )


def _units(measure: tuple[str, int]) -> str:
    name, units = measure
    return name if units == 1 else f"{name} × {units}"
