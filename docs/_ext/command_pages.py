"""Commands as Markdown, from the same definitions that `--help` prints."""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Callable
from pathlib import Path
from typing import Literal, Union, get_args, get_origin

from typer.models import ArgumentInfo, OptionInfo

from _ext.markdown import code, table
from gridplan.cli.app import app

KINDS = {int: "INTEGER", float: "NUMBER", str: "TEXT", Path: "PATH"}


def commands() -> str:
    """Describe every command with its arguments and options."""
    return "\n\n".join(_command(one.name, one.callback) for one in app.registered_commands)


def options() -> dict[str, set[str]]:
    """Names of the options by command."""
    found = {}
    for one in app.registered_commands:
        given = inspect.signature(one.callback, eval_str=True).parameters.values()
        parts = [(each.name, get_args(each.annotation)[1]) for each in given]
        named = [_names(*part) for part in parts if isinstance(part[1], OptionInfo)]
        found[one.name] = {name for names in named for name in names}
    return found


def _command(name: str, function: Callable[..., None]) -> str:
    given = inspect.signature(function, eval_str=True).parameters.values()
    rows = [_row(parameter) for parameter in given]
    arguments = [meaning for meaning, *_ in rows if not meaning.startswith("`-")]
    usage = " ".join(["gridplan", name, *(each.strip("`") for each in arguments)])
    options = " [OPTIONS]" if len(arguments) < len(rows) else ""
    header = ("argument or option", "default", "meaning")
    told = _examples_as_code(inspect.getdoc(function) or "")
    usage = f"```text\n{usage}{options}\n```"
    return f"## gridplan {name}\n\n{usage}\n\n{told}\n\n{table(header, rows)}"


def _row(parameter: inspect.Parameter) -> tuple[str, str, str]:
    """Name, default and meaning of an argument or option."""
    kind, info = get_args(parameter.annotation)
    if isinstance(info, ArgumentInfo):
        return code(info.metavar or parameter.name.upper()), "", info.help or ""
    told = ", ".join(map(code, _names(parameter.name, info)))
    value = _value(kind)
    default = info.show_default if isinstance(info.show_default, str) else _default(parameter)
    return f"{told} {value}".strip(), default, info.help or ""


def _names(name: str, info: OptionInfo) -> list[str]:
    """Names of an option; in Annotated, typer keeps the first one as its default."""
    stated = [one for one in (info.default, *(info.param_decls or ())) if isinstance(one, str)]
    return "/".join(stated or [f"--{name.replace('_', '-')}"]).split("/")


def _value(kind: object) -> str:
    """Say what an option takes; nothing for one that is a switch."""
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Literal:
        return " / ".join(map(str, parts))
    if origin in (Union, types.UnionType, list):
        return _value(next(part for part in parts if part is not type(None)))
    return "" if kind is bool else KINDS[kind]


def _default(parameter: inspect.Parameter) -> str:
    default = parameter.default
    if isinstance(default, bool):
        return "yes" if default else ""
    return "" if default is None else code(str(default))


def _examples_as_code(text: str) -> str:
    """Set the command lines of a help text as code."""
    return re.sub(r"(gridplan [a-z]+ .*)$", r"`\1`", text, flags=re.MULTILINE)
