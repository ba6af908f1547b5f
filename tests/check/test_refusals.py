"""What no certificate is made from, each with a message that names it."""

import numpy as np
import pypsa
import pytest

from gridplan.base.errors import StudyError
from gridplan.check.witness import certify


def put(table, column, value, row=0):
    """Set one value of a table."""
    table.iloc[row, table.columns.get_loc(column)] = value


def hourly_nan(n, component, name, attribute):
    """Set a series with NaN in its second hour."""
    n.c[component].dynamic[attribute][name] = [1.0, np.nan]


def add(n, component, **columns):
    """Add one component."""
    with pypsa.option_context("api.legacy_string_dtype", False):
        n.add(component, "X", **columns)


BAD = {
    "load": (lambda n: put(n.c.loads.dynamic.p_set, "Load C", np.nan, 1), "Load Load C.*p_set"),
    "dispatch": (
        lambda n: put(n.c.generators.dynamic.p_set, "Generator A", np.nan),
        "Generator A.*p_set.*1 of 2 hours.*after an optimisation it stands in p",
    ),
    "no dispatch": (
        lambda n: n.c.generators.dynamic.p_set.drop(columns="Generator A", inplace=True),
        "Generator A.*2 of 2 hours",
    ),
    "p_max_pu": (lambda n: hourly_nan(n, "Generator", "Generator A", "p_max_pu"), "p_max_pu"),
    "p_min_pu": (lambda n: hourly_nan(n, "Generator", "Generator A", "p_min_pu"), "p_min_pu"),
    "s_max_pu": (lambda n: hourly_nan(n, "Line", "AB", "s_max_pu"), "Line AB.*s_max_pu.*2030"),
    "s_nom": (lambda n: put(n.c.lines.static, "s_nom", np.nan), "Line AB, column s_nom"),
    "negative s_nom": (lambda n: put(n.c.lines.static, "s_nom", -1.0), "Line AB, column s_nom"),
    "p_nom": (lambda n: put(n.c.generators.static, "p_nom", np.nan), "Generator A.*p_nom"),
    "x zero": (lambda n: put(n.c.lines.static, "x", 0.0), "branch AB, column x.*other than zero"),
    "x nan": (lambda n: put(n.c.lines.static, "x", np.nan), "branch AB, column x"),
    "bus": (lambda n: put(n.c.lines.static, "bus1", "Z"), "Line AB, column bus1: unknown bus"),
    "load bus": (lambda n: put(n.c.loads.static, "bus", "Z"), "Load Load C, column bus"),
    "hour twice": (lambda n: setattr(n, "snapshots", n.snapshots[[0, 0]]), "hour given twice"),
    "link": (lambda n: add(n, "Link", bus0="A", bus1="B"), "1 active Link"),
    "storage": (lambda n: add(n, "StorageUnit", bus="A"), "1 active StorageUnit"),
    "extendable": (lambda n: put(n.c.lines.static, "s_nom_extendable", True), "s_nom_extendable"),
    "direct current": (lambda n: put(n.c.buses.static, "carrier", "DC"), "direct current"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused_and_named(triangle, case):
    spoil, message = BAD[case]
    spoil(triangle)
    with pytest.raises(StudyError, match=message):
        certify(triangle)


def test_every_problem_is_told_at_once(triangle):
    triangle.c.lines.static["s_nom"] = np.nan
    put(triangle.c.loads.dynamic.p_set, "Load C", np.nan)
    with pytest.raises(StudyError) as caught:
        certify(triangle)
    assert len(caught.value.problems) == 4


def test_branch_names_are_unique_over_lines_and_transformers(triangle):
    with pypsa.option_context("api.legacy_string_dtype", False):
        triangle.add("Transformer", "AB", bus0="A", bus1="B", x=0.1, s_nom=100.0)
    with pytest.raises(StudyError, match=r"branch AB.*used twice"):
        certify(triangle)


def test_unknown_unsecured_branch_is_refused(triangle):
    with pytest.raises(StudyError, match=r"unsecured.*found 'XX'"):
        certify(triangle, unsecured=["XX"])


def test_something_without_a_network_is_refused():
    with pytest.raises(StudyError, match="found 'dict'"):
        certify({})


def test_reactances_that_cancel_are_refused_by_name(make):
    lines = {"AB": ("A", "B"), "AB 2": ("A", "B"), "AB 3": ("A", "B")}
    n = make(lines, {"B": 1.0}, {"A": 1.0})
    n.c.lines.static["x"] = [10.0, 10.0, -10.0]
    with pytest.raises(StudyError, match=r"branch AB.*no flow solution"):
        certify(n)
