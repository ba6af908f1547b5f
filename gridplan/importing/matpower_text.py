"""The text of a MATPOWER case: matrices of numbers, each row with its line.

Only what a saved case holds is read: assignments of literals to fields of `mpc`. Code that
computes values, as in some distribution cases, is refused, since a reader that skips it would give
another grid.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from gridplan.base.errors import Problem

BLOCK = re.compile(r"%\{.*?^\s*%\}\s*$", re.DOTALL | re.MULTILINE)
ASSIGNED = re.compile(r"mpc\.(?P<name>[A-Za-z_][\w.]*)\s*(?P<index>\([^=]*\))?\s*=(?!=)\s*")
CASE = re.compile(r"function\s+(?:mpc|\[[^\]]*\])\s*=\s*(?P<name>\w+)")
NEEDED = ("baseMVA", "bus", "gen", "branch")
RESAVE = "In MATPOWER: savecase('new.m', loadcase('this.m')), and import new.m."
ENOUGH = 20


@dataclass
class MatpowerText:
    """What the file says.

    Parameters
    ----------
    name : str
        Of the function.
    matrices : dict
        Rows of numbers by field.
    lines : dict
        Line of every row.
    texts : dict
        Texts in cell arrays (such as bus_name) by field.
    scalars : dict
        Numbers and texts by field.
    """

    name: str
    matrices: dict[str, list[list[float]]] = field(default_factory=dict)
    lines: dict[str, list[int]] = field(default_factory=dict)
    texts: dict[str, list[str]] = field(default_factory=dict)
    scalars: dict[str, float | str] = field(default_factory=dict)


def read_matpower(text: str, file: str) -> tuple[MatpowerText | None, list[Problem]]:
    r"""Read a case.

    Parameters
    ----------
    text : str
        Content of the file.
    file : str
        Its name for messages.

    Returns
    -------
    MatpowerText or None
        None when something is wrong.
    list of Problem
        With lines.

    Examples
    --------
    >>> case, _ = read_matpower(
    ...     "function mpc = tiny\nmpc.baseMVA = 100;\nmpc.bus = [1 3];\n"
    ...     "mpc.gen = [1 ...\n 5];\nmpc.branch = [];", "tiny.m")
    >>> case.name, case.matrices["gen"], case.lines["gen"]
    ('tiny', [[1.0, 5.0]], [4])
    """
    plain = _plain(text)
    named = CASE.search(plain)
    case = MatpowerText(named["name"] if named else "")
    problems: list[Problem] = []
    place = 0
    while (found := ASSIGNED.search(plain, place)) and len(problems) < ENOUGH:
        line = plain.count("\n", 0, found.start()) + 1
        if found["index"]:
            message = f"the file computes mpc.{found['name']}, which is not read"
            problems.append(Problem(file, f"line {line}", "", found[0].strip(), message, RESAVE))
            place = found.end()
            continue
        place, wrong = _value(case, plain, found, line, file)
        problems += wrong
    missing = [name for name in NEEDED if name not in case.matrices and name not in case.scalars]
    if not problems and missing:
        names = ", ".join(f"mpc.{name}" for name in missing)
        message = f"no {names}: not a MATPOWER case, or cut off"
        remedy = "Give a case of format 2 as MATPOWER's savecase writes it."
        problems = [Problem(file, "", "", "", message, remedy)]
    return (None if problems else case), problems


def _plain(text: str) -> str:
    """Blank out comments and join continued lines, with every line where it was."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = BLOCK.sub(lambda block: "\n" * block[0].count("\n"), text)
    lines = []
    for line in text.split("\n"):
        quoted = False
        for position, sign in enumerate(line):
            if sign == "'":
                quoted = not quoted
            if sign == "%" and not quoted:
                line = line[:position]  # noqa: PLW2901 - the rest is a comment
                break
        lines.append(line)
    return "\n".join(lines)


def _value(
    case: MatpowerText, plain: str, found: re.Match[str], line: int, file: str
) -> tuple[int, list[Problem]]:
    """Read what stands right of an assignment; return where it ends."""
    name, start = found["name"], found.end()
    opening = plain[start : start + 1]
    if opening in ("[", "{"):
        end = plain.find("]" if opening == "[" else "}", start)
        if end < 0 or "mpc." in plain[start:end]:
            message = f"mpc.{name} begins here and is never closed: the file is cut off"
            return len(plain), [Problem(file, f"line {line}", "", "", message, "Get it again.")]
        body = plain[start + 1 : end]
        if opening == "{":
            case.texts[name] = re.findall(r"'((?:[^']|'')*)'", body)
            return end, []
        return end, _matrix(case, body, name, line, file)
    end = min((at for at in (plain.find(";", start), plain.find("\n", start)) if at >= 0),
              default=len(plain))  # fmt: skip
    text = plain[start:end].strip()
    number = _number(text)
    if text.startswith("'"):
        case.scalars[name] = text.strip("'")
    elif number is not None:
        case.scalars[name] = number
    elif name in NEEDED:
        message = f"mpc.{name} is not written out"
        return end, [Problem(file, f"line {line}", "", text[:60], message, RESAVE)]
    return end, []


def _matrix(case: MatpowerText, body: str, name: str, line: int, file: str) -> list[Problem]:
    """Read rows that semicolons or line ends divide."""
    rows: list[list[float]] = []
    lines: list[int] = []
    problems = []
    waiting: list[str] = []
    begun = line
    for offset, text in enumerate(body.split("\n")):
        continued = text.rstrip().endswith("...")
        for position, part in enumerate(text.replace("...", " ").split(";")):
            if not waiting:
                begun = line + offset
            waiting += part.replace(",", " ").split()
            last = position == text.count(";")
            if waiting and not (last and continued):
                numbers = [_number(word) for word in waiting]
                bad = [word for word, value in zip(waiting, numbers, strict=True) if value is None]
                if bad:
                    message = f"mpc.{name} holds something that is no number"
                    problems.append(
                        Problem(file, f"line {begun}", "", bad[0][:60], message, RESAVE)
                    )
                rows.append([value for value in numbers if value is not None])
                lines.append(begun)
                waiting = []
    case.matrices[name], case.lines[name] = rows, lines
    return problems[:ENOUGH]


def _number(word: str) -> float | None:
    try:
        return float(word)
    except ValueError:
        return None
