"""The scenario file: a study, and what is to be changed in it.

An example::

    study: trondelag            # a bundled study, or a folder seen from this file
    base: {year: 2030}          # changes for all scenarios
    matrix:                     # every combination of these values is a scenario
      inflow: [dry, median]
      grid_year: [2025, 2030]
    scenarios:                  # and these besides
      - name: No data centres
        without_projects: [Namsskogan data centre 1]
      - name: More homes
        growth: {Trondheim: 1.1}                            # load by municipality
        growth_by_sector: {households: 1.1, all: 1.02}      # and by sector; both multiply
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import Field, ValidationError

from gridplan.base.errors import Problem, StudyError
from gridplan.base.provenance import digest, provenance
from gridplan.batch.applied import lacking
from gridplan.batch.changes import Changes, in_words, merged
from gridplan.batch.known import block_problems, stage_problems
from gridplan.study.reading import bundled_studies, open_study
from gridplan.study.settings import Strict
from gridplan.study.settings_file import lines_of_keys, parsed, problem_of
from gridplan.study.study import Study

EXAMPLE = "Start from the example in gridplan/batch/scenarios.py."
Block = tuple[str, dict[str, Any]]  # where it stands, and its changes


class Listed(Changes):
    """One scenario of the list."""

    name: str = Field(min_length=1, description="name of the scenario")


class ScenarioFile(Strict):
    """What a scenario file holds; the values of `matrix` are those of `Changes`, in lists."""

    study: str = Field(min_length=1, description="a bundled study, or the path of a study folder")
    base: Changes = Field(default_factory=Changes, description="changes for all scenarios")
    matrix: dict[str, list[Any]] = Field(
        default_factory=dict, description="values per change; every combination is a scenario"
    )
    scenarios: tuple[Listed, ...] = Field((), description="scenarios by name")


@dataclass(frozen=True)
class Scenario:
    """One set of changes.

    Parameters
    ----------
    name : str
        Unique in its file.
    changes : dict
        As in `Changes.stated`, those for all scenarios included.
    digest : str
        16 hexadecimal digits of the hash of study, changes and version.
    """

    name: str
    changes: dict[str, Any]
    digest: str


@dataclass(frozen=True, repr=False)
class Scenarios:
    """Checked scenarios of one study.

    Parameters
    ----------
    file : str
        Scenario file, as it was named.
    study : Study
        As it was opened.
    listed : tuple of Scenario
        The combinations of the matrix in its order, then the list.
    """

    file: str
    study: Study
    listed: tuple[Scenario, ...]

    def __len__(self) -> int:
        return len(self.listed)

    def __iter__(self) -> Iterator[Scenario]:
        return iter(self.listed)

    def __repr__(self) -> str:
        return f"<Scenarios {self.study.name}: {len(self)} scenarios>"

    @property
    def table(self) -> pd.DataFrame:
        """What each scenario changes, scenario x change, in words; "" where it changes nothing."""
        rows = {one.name: {k: in_words(v) for k, v in one.changes.items()} for one in self.listed}
        table = pd.DataFrame.from_dict(rows, orient="index")
        table = table.reindex(columns=[key for key in Changes.model_fields if key in table])
        return table.fillna("").rename_axis("scenario")


def read_scenarios(path: str | os.PathLike[str]) -> Scenarios:
    """Read a scenario file and check everything in it against its study.

    Parameters
    ----------
    path : str or path
        A YAML file: `study`, and `base`, `matrix`, `scenarios` (`gridplan.batch.scenarios`).

    Returns
    -------
    Scenarios

    Raises
    ------
    StudyError
        With every problem in the file and, where it cannot be opened, in the study.

    Examples
    --------
    >>> import gridplan as gp
    >>> gp.read_scenarios("scenarios.yaml").table  # doctest: +SKIP
    """
    path = Path(path)
    content, node, problems = parsed(path, path.name, EXAMPLE)
    if problems:
        raise StudyError(problems)
    lines, problems = lines_of_keys(path.name, node)
    file, found = _validated(content, path.name, lines)
    problems += found
    study, found = _opened(content.get("study"), path)
    problems += found
    if file is None:
        raise StudyError(problems)
    base = file.base.stated()
    matrix, found = _matrix(file.matrix, path.name, lines)
    problems += found
    listed = [
        (_row(lines, ("scenarios", i)), one.name, Changes.stated(one))
        for i, one in enumerate(file.scenarios)
    ]
    if not matrix and not listed and not found:
        remedy = "List scenarios, or give lists of values under matrix."
        problems.append(Problem(path.name, "", "", "", "the file has no scenario", remedy))
    if study is None:
        raise StudyError(problems)
    blocks: list[Block] = [(_row(lines, ("base",)), base)]
    blocks += [(_row(lines, ("matrix", k)), {k: v}) for k, v in _values(matrix)]
    blocks += [(row, changes) for row, _, changes in listed]
    known = {
        replace(p, file=path.name, row=row): None
        for row, changes in blocks
        for p in block_problems(study, changes)
    }
    problems += known
    every = [(_matrix_name(one), merged(base, _said(one))) for one in _combinations(matrix)]
    every += [(name, merged(base, changes)) for _, name, changes in listed]
    problems += _of_scenarios(study, path.name, every, checked=not problems)
    if problems:
        raise StudyError(problems)
    origin = provenance(study)
    return Scenarios(
        str(path),
        study,
        tuple(
            Scenario(name, changes, digest_of(origin["study_sha256"], changes, origin))
            for name, changes in every
        ),
    )


def digest_of(study_sha256: str, changes: dict[str, Any], versions: dict[str, Any]) -> str:
    """Hash of what a scenario's results follow from: input, changes, version; 16 digits."""
    text = json.dumps(changes, sort_keys=True, ensure_ascii=False)
    return digest(study_sha256, text, versions["gridplan_version"])[:16]


def _validated(
    content: dict[str, Any], name: str, lines: dict[Any, int]
) -> tuple[ScenarioFile | None, list[Problem]]:
    try:
        return ScenarioFile.model_validate(content), []
    except ValidationError as errors:
        return None, [problem_of(name, error, lines, ScenarioFile) for error in errors.errors()]


def _opened(named: Any, path: Path) -> tuple[Study | None, list[Problem]]:
    """Open the study; a folder is seen from the scenario file."""
    if not isinstance(named, str) or not named:
        return None, []  # reported as a missing or wrong value
    folder = named if named in bundled_studies() else path.parent / Path(named).expanduser()
    try:
        return open_study(folder), []
    except StudyError as error:
        return None, list(error.problems)


def _matrix(
    matrix: dict[str, list[Any]], name: str, lines: dict[Any, int]
) -> tuple[dict[str, list[dict[str, Any]]], list[Problem]]:
    """Check every value of the matrix; each becomes a set of changes."""
    checked: dict[str, list[dict[str, Any]]] = {}
    problems = []
    for key, values in matrix.items():
        checked[key] = []
        if not values:
            row, remedy = _row(lines, ("matrix", key)), "Give at least one value, or leave it out."
            problems.append(Problem(name, row, f"matrix.{key}", "", "no value", remedy))
        for value in values:
            try:
                checked[key].append(Changes.model_validate({key: value}).stated())
            except ValidationError as errors:
                problems += [
                    problem_of(name, error, lines, Changes, ("matrix",))
                    for error in errors.errors()
                ]
    return checked, list(dict.fromkeys(problems))


def _values(matrix: dict[str, list[dict[str, Any]]]) -> Iterator[tuple[str, Any]]:
    for key, values in matrix.items():
        yield from ((key, one[key]) for one in values if key in one)


def _combinations(matrix: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Combine the values; the last change of the file varies fastest."""
    if not matrix:
        return []
    return [
        {key: one.get(key) for key, one in zip(matrix, chosen, strict=True)}
        for chosen in product(*matrix.values())
    ]


def _said(values: dict[str, Any]) -> dict[str, Any]:
    """Leave out what stays as in the study; an empty budget says that there is none."""
    return {k: v for k, v in values.items() if v is not None or k == "budget_mnok"}


def _matrix_name(values: dict[str, Any]) -> str:
    return ", ".join(
        f"{key}={'as in the study' if value is None and key != 'budget_mnok' else in_words(value)}"
        for key, value in values.items()
    )


def _of_scenarios(
    study: Study, file: str, every: list[tuple[str, dict[str, Any]]], *, checked: bool
) -> list[Problem]:
    """Report names and changes that stand twice, and changes that contradict each other."""
    problems = []
    for name, count in Counter(name for name, _ in every).items():
        if count > 1:
            message, remedy = f"{count} scenarios have this name", "Give each a name of its own."
            problems.append(Problem(file, "", "name", name, message, remedy))
    first: dict[str, str] = {}
    for name, changes in every:
        row, said = f"scenario {name}", repr(sorted(changes.items()))
        other = first.setdefault(said, name)
        if other != name:
            message = f"the same changes as scenario {other!r}"
            problems.append(Problem(file, row, "", "", message, "Leave one of them out."))
        if checked:
            found = [*lacking(study, changes), *stage_problems(study, changes)]
            problems += [replace(problem, file=file, row=row) for problem in found]
    return problems


def _row(lines: dict[Any, int], place: tuple[int | str, ...]) -> str:
    """Line of a key; an item of a list stands where its first key does."""
    if place in lines:
        return f"line {lines[place]}"
    inside = [line for key, line in lines.items() if key[: len(place)] == place]
    return f"line {min(inside)}" if inside else ""
