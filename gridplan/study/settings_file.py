"""study.yaml: read with the place of every key, so that a mistake can be pointed at."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from gridplan.base.errors import Problem, StudyError
from gridplan.study.settings import Settings
from gridplan.study.sheet import suggestion

FILE = "study.yaml"
EXAMPLE = "Start from the study.yaml of a bundled study."
MOST_BYTES, MOST_VALUES = 1_000_000, 100_000
Place = tuple[int | str, ...]


def read_settings(path: Path, file: str = FILE) -> tuple[Settings | None, list[Problem]]:
    """Read and check the settings of a study.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    file : str
        Its name for messages.

    Returns
    -------
    Settings or None
        None when something is wrong.
    list of Problem
        Every unknown key and every wrong value.
    """
    content, node, problems = parsed(path, file)
    if problems:
        return None, problems
    lines, problems = lines_of_keys(file, node)
    try:
        settings = Settings.model_validate(content)
    except ValidationError as errors:
        return None, problems + [problem_of(file, error, lines) for error in errors.errors()]
    return (None if problems else settings), problems


def revised(settings: Settings, **changes: Any) -> Settings:
    """Change some settings, checked like those of a file.

    Parameters
    ----------
    settings : Settings
        What is kept.
    **changes
        New values by key.

    Returns
    -------
    Settings

    Raises
    ------
    StudyError
        With every unknown key and every wrong value.
    """
    try:
        return Settings.model_validate(settings.model_dump() | changes)
    except ValidationError as errors:
        problems = [problem_of("", error, {}) for error in errors.errors()]
    raise StudyError(problems)


def parsed(
    path: Path, file: str, example: str = EXAMPLE
) -> tuple[dict[str, Any], Any, list[Problem]]:
    """Return content and nodes of the file; the nodes know their lines.

    `example` says where a file to start from is found.
    """
    content, node, problem = {}, None, None
    try:
        if path.stat().st_size > MOST_BYTES:
            message = f"the file is larger than {MOST_BYTES // 1_000_000} MB, so it is none of ours"
            return {}, None, [_of_file(file, message, example)]
        text = path.read_text(encoding="utf-8-sig")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if _written_out(node, {}) > MOST_VALUES:  # a few lines of references could mean billions
            message = f"more than {MOST_VALUES:,} values, with every reference (*name) written out"
            return {}, None, [_of_file(file, message, "Use fewer references.")]
        content = yaml.safe_load(text)
    except FileNotFoundError:
        problem = _of_file(file, "the file is missing", example)
    except RecursionError:
        problem = _of_file(file, "the brackets are nested too deeply", "Leave most of them out.")
    except UnicodeDecodeError:
        problem = _of_file(file, "the file is not UTF-8", "Save it as UTF-8.")
    except yaml.YAMLError as error:
        problem = _syntax_problem(file, error)
    except ValueError as error:  # dates and numbers that cannot be, such as 2024-02-30
        problem = _of_file(file, f"not readable as YAML ({error})", "Correct it, or quote it.")
    if problem is None and not isinstance(content, dict):
        message = "the file is empty" if content is None else "the file holds no settings"
        problem = _of_file(file, message, example)
    return content, node, [problem] if problem else []


def _written_out(node: Any, known: dict[int, float]) -> float:
    """Count the values of a node, those behind references every time; infinite for a circle."""
    if id(node) not in known:
        known[id(node)] = float("inf")  # while it is being counted
        inner = node.value if isinstance(node, yaml.CollectionNode) else []
        parts = [part for one in inner for part in (one if isinstance(one, tuple) else (one,))]
        known[id(node)] = 1 + sum(_written_out(part, known) for part in parts)
    return known[id(node)]


def _of_file(file: str, message: str, remedy: str) -> Problem:
    return Problem(file, "", "", "", message, remedy)


def _syntax_problem(file: str, error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    row = f"line {mark.line + 1}" if mark else ""
    reason = getattr(error, "problem", None) or str(error).splitlines()[0]
    remedy = "Indent with blanks, and quote text that contains a colon."
    return Problem(file, row, "", "", f"not readable as YAML ({reason})", remedy)


def lines_of_keys(file: str, node: Any) -> tuple[dict[Place, int], list[Problem]]:
    """Line of every key, and the keys that stand twice (YAML would silently keep the last)."""
    lines: dict[Place, int] = {}
    problems = []
    pending: list[tuple[Place, Any]] = [((), node)]
    while pending:
        place, current = pending.pop()
        if isinstance(current, yaml.SequenceNode):
            pending += [((*place, number), item) for number, item in enumerate(current.value)]
        if not isinstance(current, yaml.MappingNode):
            continue
        for key, value in current.value:
            inner = (*place, key.value)
            line = key.start_mark.line + 1
            if inner in lines:
                name = dotted(inner)
                message, remedy = "the key stands twice", f"Keep it or that of line {lines[inner]}."
                problems.append(Problem(file, f"line {line}", name, "", message, remedy))
            lines[inner] = line
            pending.append((inner, value))
    return lines, problems


def dotted(place: Place) -> str:
    """Key as people write it; the items of a list count from 1."""
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in place)


def problem_of(
    file: str,
    error: Any,
    lines: dict[Place, int],
    model: type[BaseModel] = Settings,
    where: Place = (),
    *,
    word: str = "line",
) -> Problem:
    """Tell an error of pydantic as a problem.

    Parameters
    ----------
    file : str
        Its name for messages.
    error : mapping
        One of `ValidationError.errors()`.
    lines : dict of int
        Line of every key of the file.
    model : type
        What was validated.
    where : tuple
        Keys under which the validated part stands in the file.
    word : str
        What a line is called: "row" in a workbook.
    """
    inner: Place = tuple(error["loc"])
    place = (*where, *inner)
    line = next((lines[place[:n]] for n in range(len(place), 0, -1) if place[:n] in lines), None)
    row = f"{word} {line}" if line else ""
    key = dotted(place)
    if error["type"] == "extra_forbidden":
        remedy = suggestion(str(inner[-1]), _known_keys(model, inner[:-1]), "Remove the key.")
        return Problem(file, row, key, "", "unknown key", remedy)
    field = field_of(model, inner)
    meaning = f" ({field.description})" if field is not None and field.description else ""
    said = error["msg"].removeprefix("Value error, ")
    message = said[:1].lower() + said[1:]
    found = error["input"]
    remedy = f"Correct the value{meaning}."
    if isinstance(found, str) and "," in found and error["type"].startswith(("float", "int")):
        remedy = f"Write decimals with a point: {found.replace(',', '.')}."
    return Problem(file, row, key, "" if isinstance(found, dict) else str(found), message, remedy)


def _model(outer: type[BaseModel], place: Place) -> type[BaseModel] | None:
    """Model of what stands under a key of another model."""
    model: type[BaseModel] | None = outer
    for key in place:
        if isinstance(key, int):
            continue  # the model of a list is that of its items
        field = model.model_fields.get(key) if model else None
        kinds = [] if field is None else [field.annotation, *get_args(field.annotation)]
        model = next((k for k in kinds if isinstance(k, type) and issubclass(k, BaseModel)), None)
    return model


def _known_keys(outer: type[BaseModel], place: Place) -> list[str]:
    model = _model(outer, place)
    return list(model.model_fields) if model else []


def field_of(outer: type[BaseModel], place: Place) -> Any:
    """Field of a key, None for an unknown one."""
    model = _model(outer, place[:-1])
    return model.model_fields.get(str(place[-1])) if model and place else None
