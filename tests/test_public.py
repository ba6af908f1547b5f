"""The public names, for people and for editors."""

import ast
import importlib
from pathlib import Path

import pytest

import gridplan as gp


def test_every_public_name_can_be_loaded_and_is_completed():
    assert set(dir(gp)) == set(gp.__all__)
    for name in gp.__all__:
        assert callable(getattr(gp, name)), name


def test_editors_know_the_same_names_from_the_same_places():
    stub = Path(gp.__file__).with_suffix(".pyi").read_text(encoding="utf-8")
    imports = [node for node in ast.parse(stub).body if isinstance(node, ast.ImportFrom)]
    known = {alias.asname: node.module for node in imports for alias in node.names}
    assert set(known) == set(gp.__all__)
    for name, module in known.items():
        assert getattr(importlib.import_module(module), name) is getattr(gp, name)


def test_an_unknown_name_is_refused():
    with pytest.raises(AttributeError, match="no attribute 'host_capacity'"):
        gp.host_capacity()


def test_versions_name_what_a_result_depends_on(capsys):
    gp.show_versions()
    shown = capsys.readouterr().out
    for name in ("gridplan", "Python", "system", "pypsa", "highspy", "pandas", "dask"):
        assert any(line.split()[0] == name for line in shown.splitlines()), name
    assert "/" not in shown.replace(shown.splitlines()[2], "")  # no paths
