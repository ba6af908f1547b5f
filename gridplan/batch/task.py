"""What a worker does: what a grid teaches; one base case, and the scenarios that stand on it."""

from __future__ import annotations

import time
import traceback
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from gridplan.base.errors import GridplanError, InfeasiblePlanError, Problem, StudyError
from gridplan.batch.applied import capacity_of, grid_of_scenario, lessons_of, plan_scenario
from gridplan.batch.records import Record, read_record, write_record
from gridplan.batch.scenarios import Scenario
from gridplan.operation.base_case import BaseCase, base_case
from gridplan.portfolio.search import Lessons
from gridplan.study.reading import bundled_studies, open_study
from gridplan.study.study import Study

BEGUN = ".begun-"  # a file of this name says that a scenario is being worked at


@dataclass(frozen=True)
class Task:
    """Scenarios that share a base case.

    Parameters
    ----------
    folder : str
        Of the study.
    study_sha256 : str
        Its hash when the scenarios were read.
    versions : dict
        Of gridplan and what it stands on.
    out : str
        Folder of the batch.
    grid : str
        Tasks with the same one share the lessons of their grid.
    scenarios : tuple of Scenario
        In the order in which they are planned.
    lessons : Lessons, optional
        Limits of the grid with which every plan begins.
    """

    folder: str
    study_sha256: str
    versions: dict[str, str]
    out: str
    grid: str
    scenarios: tuple[Scenario, ...]
    lessons: Lessons | None = None


def teach(task: Task) -> Lessons | None:
    """Learn what the grid of a task limits; nothing where its scenarios will fail and say why."""
    try:
        return lessons_of(opened(task.folder, task.study_sha256), task.scenarios[0].changes)
    except GridplanError:
        return None


def run_task(task: Task) -> list[Record]:
    """Plan the scenarios of a task and write their records.

    Raises
    ------
    OSError
        When a record cannot be written (a full disk, say): nothing is left half done.
    """
    out, base, capacity, records = Path(task.out), None, {}, []
    for scenario in task.scenarios:
        written = read_record(out, scenario.digest)
        if written is not None:  # by a worker that died before it had done all of the task
            records.append(written)
            continue
        begun = out / f"{BEGUN}{scenario.digest}"
        begun.touch()
        start, plan, hosted, told = time.perf_counter(), None, None, {"outcome": "done"}
        try:
            base = _base_case(task, scenario) if base is None else base
            plan = plan_scenario(base, scenario.changes, task.lessons)
            asked = tuple(scenario.changes.get("capacity", ()))
            if asked not in capacity:  # the same for every scenario on this base case
                capacity[asked] = capacity_of(base.study, scenario.changes)
            hosted = capacity[asked]
        except InfeasiblePlanError as error:
            told = {"outcome": "infeasible", "error": str(error)}
        except Exception as error:
            told = {"outcome": "failed", "error": f"{type(error).__name__}: {error}"}
            told["traceback"] = traceback.format_exc()
        seconds = round(time.perf_counter() - start, 3)
        records.append(write_record(out, record_of(task, scenario, told, seconds), plan, hosted))
        begun.unlink(missing_ok=True)
    return records


def record_of(task: Task, scenario: Scenario, told: dict[str, Any], seconds: float) -> Record:
    """Record of a scenario, without what follows from its plan."""
    return Record(
        scenario=scenario.name,
        digest=scenario.digest,
        changes=scenario.changes,
        study_sha256=task.study_sha256,
        versions=task.versions,
        seconds=seconds,
        **told,
    )


def _base_case(task: Task, scenario: Scenario) -> BaseCase:
    return base_case(grid_of_scenario(opened(task.folder, task.study_sha256), scenario.changes))


def place_of(study: Study) -> str:
    """Where a worker finds a study: the name of a bundled one, else its folder.

    On a cluster a bundled study stands where gridplan does, which need not be the same place.
    """
    folder = Path(str(study.folder)).resolve()
    bundled = {path.resolve(): name for name, path in bundled_studies().items()}
    return bundled.get(folder, str(folder))


@lru_cache(maxsize=1)
def opened(folder: str, sha256: str) -> Study:
    """Open the study once per worker, and see that it is the one whose scenarios were read."""
    study = open_study(folder)
    if study.hash != sha256:
        message, remedy = "the study has changed since its scenarios were read", "Start again."
        raise StudyError([Problem(folder, "", "", "", message, remedy)])
    return study
