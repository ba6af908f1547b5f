"""Versions of all that a result depends on, for reports of faults."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, requires

from gridplan.base.provenance import version_of

DISTRIBUTION = "trondelag-gridplan"


def show_versions() -> None:
    """Print the versions of gridplan, Python, the system and every library it uses.

    Copy what it prints into the report of a fault.

    Examples
    --------
    >>> import gridplan as gp
    >>> gp.show_versions()  # doctest: +SKIP
    gridplan     0.1.0
    Python       3.11.7
    …
    """
    versions = library_versions()
    width = max(map(len, versions))
    lines = (f"{name:<{width}}  {found}" for name, found in versions.items())
    sys.stdout.write("\n".join(lines) + "\n")


def library_versions() -> dict[str, str]:
    """Versions by name; "not installed" for extras that are not there.

    Returns
    -------
    dict of str

    Examples
    --------
    >>> list(library_versions())[:3]
    ['gridplan', 'Python', 'system']
    """
    found = {
        "gridplan": version_of(DISTRIBUTION),
        "Python": platform.python_version(),
        "system": f"{platform.platform()}, {os.cpu_count()} cores",
    }
    return found | {name: version_of(name) for name in _libraries()}


def _libraries() -> list[str]:
    """Names of the libraries that gridplan asks for, extras included, as its metadata say."""
    try:
        asked = requires(DISTRIBUTION) or []
    except PackageNotFoundError:
        return []
    names = []
    for line in asked:
        name = line
        for sign in "[<>=!~;( ":
            name = name.partition(sign)[0]
        names.append(name.strip())
    return list(dict.fromkeys(name for name in names if name and name != DISTRIBUTION))
