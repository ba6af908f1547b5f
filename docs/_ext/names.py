"""A page for every public name, and for every class of result that such a name returns."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import xarray as xr
from pydantic import BaseModel

import gridplan
from _ext.markdown import table
from gridplan import _PUBLIC

FOLDER = Path("reference", "names")
MEMBERS = "\n   :members:\n   :inherited-members: Series"
ORDER = (
    "study",
    "importing",
    "plausibility",
    "grid",
    "operation",
    "hosting",
    "portfolio",
    "reasons",
    "check",
    "batch",
    "exports",
    "base",
)


@cache
def results() -> dict[str, type]:
    """Classes of gridplan that public functions return, by full name."""
    found: dict[str, type] = {}
    for name in _PUBLIC:
        function = getattr(gridplan, name)
        told = getattr(function, "__annotations__", {}).get("return")
        kind = function.__globals__.get(told) if isinstance(told, str) else told
        if inspect.isclass(kind) and kind.__module__.startswith("gridplan."):
            found[f"{kind.__module__}.{kind.__name__}"] = kind
    return {name: kind for name, kind in found.items() if kind.__name__ not in _PUBLIC}


def pages() -> Iterator[tuple[Path, str]]:
    """Source of every page, in reStructuredText as the docstrings are."""
    for name in _PUBLIC:
        kind = "class" if inspect.isclass(getattr(gridplan, name)) else "function"
        yield FOLDER / f"{name}.rst", _page(f"gridplan.{name}", name, kind)
    for full, result in results().items():
        yield FOLDER / f"{page_of(full)}.rst", _page(full, result.__name__, "class")


def page_of(full: str) -> str:
    """Page of a class of results, beside those of functions whose names differ in capitals only.

    Examples
    --------
    >>> page_of("gridplan.portfolio.plan.Plan")
    'results/portfolio_Plan'
    """
    _, room, *_, name = full.split(".")
    return f"results/{room}_{name}"


def _page(full: str, title: str, kind: str) -> str:
    shown = MEMBERS if kind == "class" and not _documented_elsewhere(full) else ""
    return f"{title}\n{'=' * len(title)}\n\n.. auto{kind}:: {full}{shown}\n"


def _documented_elsewhere(full: str) -> bool:
    """Whether the members of a class are those of xarray or pydantic, which tell them better."""
    module, name = full.rsplit(".", 1)
    return issubclass(getattr(import_module(module), name), xr.Dataset | BaseModel)


def api() -> str:
    """List the public names by room, each with the first line of its docstring."""
    parts = []
    every = dict.fromkeys([*ORDER, *(module.split(".")[1] for module in _PUBLIC.values())])
    for room in every:
        names = [name for name, module in _PUBLIC.items() if module.split(".")[1] == room]
        about = (import_module(f"gridplan.{room}").__doc__ or "").splitlines()[0]
        rows = [(f"[`gp.{name}`](names/{name}.rst)", _first_line(name)) for name in names]
        parts.append(f"## {room}\n\n{about}\n")
        parts.append(table(("name", "what it does"), rows) + "\n")
        parts.append(_toctree([f"names/{name}" for name in names]))
    found = sorted(results().items(), key=lambda item: (item[1].__name__, item[0]))
    rows = [
        (f"[`{one.__name__}`](names/{page_of(full)}.rst)", full.split(".")[1], _summary(one))
        for full, one in found
    ]
    parts += ["## Results\n", table(("class", "room", "what it is"), rows) + "\n"]
    parts.append(_toctree([f"names/{page_of(full)}" for full, _ in found]))
    return "\n".join(parts)


def _toctree(entries: list[str]) -> str:
    return "```{toctree}\n:hidden:\n" + "\n".join(entries) + "\n```\n"


def _first_line(name: str) -> str:
    return _summary(getattr(gridplan, name))


def _summary(thing: object) -> str:
    return (inspect.getdoc(thing) or "").splitlines()[0].replace("`", "")
