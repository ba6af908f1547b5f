"""Variants, exclusions, conditional connections and symbioses that contradict themselves."""

import pandas as pd
import pytest

import gridplan as gp
from gridplan.base.errors import StudyError
from tests.networks_by_hand import triangle

NAMES = ("Quay", "Small quay", "Mill", "Farm")


def problems_of(symbioses=None, **cells):
    """Problems of four projects; `cells` are column: {project: value}."""
    table = pd.DataFrame({"bus": "A", "mw": 20.0, "status": "candidate"}, index=list(NAMES))
    table["variant_of"] = pd.Series({"Small quay": "Quay"}).reindex(table.index, fill_value="")
    for column, said in cells.items():
        if column not in table:
            table[column] = None
        for name, value in said.items():
            table.loc[name, column] = value
    try:
        gp.Study(network=triangle(), projects=table, symbioses=symbioses)
    except StudyError as error:
        return [
            (p.row.removeprefix("project "), p.column, p.message, p.remedy) for p in error.problems
        ]
    return []


def test_good_choices():
    assert not problems_of(
        requires={"Mill": "Quay", "Quay": "Mill"},
        excludes={"Farm": "Small quay"},
        exclusive_group={"Quay": "shore", "Farm": "shore"},
        must_build={"Quay": True, "Farm": False},
        connection={"Small quay": "conditional"},
        curtailable_share={"Small quay": 0.05, "Mill": 0.0},
        curtailable_hours={"Small quay": 300},
        longest_curtailment_h={"Small quay": 8},
        curtailment_nok_per_mwh={"Small quay": 900},
        criteria_missing={"Farm": "site; funding"},
        status={"Small quay": "reserved"},
    )


FIRM = "a firm connection is never curtailed"
NEVER = "the project can never be chosen"
MUST = "the projects that must be built cannot all be"
ONE = {
    "unknown head": ({"variant_of": {"Farm": "Mil"}}, "Farm", "unknown project", "mean 'Mill'?"),
    "own head": ({"variant_of": {"Farm": "Farm"}}, "Farm", "variant of itself", "empty"),
    "variant of a variant": (
        {"variant_of": {"Farm": "Small quay"}},
        "Farm",
        "a variant of a variant",
        "Name 'Quay'",
    ),
    "unknown exclusion": ({"excludes": {"Farm": "Quai"}}, "Farm", "unknown", "mean 'Quay'?"),
    "excludes itself": ({"excludes": {"Farm": "Farm"}}, "Farm", "excludes itself", "another"),
    "excludes its family": (
        {"excludes": {"Small quay": "Quay"}},
        "Small quay",
        "excludes itself",
        "another project",
    ),
    "requires its family": (
        {"requires": {"Small quay": "Quay"}},
        "Small quay",
        "requires itself",
        "another project",
    ),
    "requires a sibling": (
        {"requires": {"Quay": "Small quay"}},
        "Quay",
        NEVER,
        "Quay and Small quay are variants of Quay",
    ),
    "requires what it excludes": (
        {"requires": {"Farm": "Quay"}, "excludes": {"Farm": "Quay"}},
        "Farm",
        NEVER,
        "Farm excludes Quay",
    ),
    "requires what excludes it, in steps": (
        {
            "requires": {"Farm": "Mill", "Mill": "Quay"},
            "excludes": {"Quay": "Farm", "Farm": "Small quay"},
        },
        "Farm",
        NEVER,
        "Mill requires Quay, but Quay excludes Farm",
    ),
    "requires one of its group": (
        {"requires": {"Farm": "Mill"}, "exclusive_group": {"Farm": "site", "Mill": "site"}},
        "Farm",
        NEVER,
        "the exclusive group 'site'",
    ),
    "what requires the impossible is not reported again": (
        {"requires": {"Farm": "Mill", "Mill": "Quay"}, "excludes": {"Mill": "Quay"}},
        "Mill",
        NEVER,
        "Mill excludes Quay",
    ),
    "two that must be built in one group": (
        {"must_build": {"Farm": True, "Mill": True}, "exclusive_group": {"Farm": "s", "Mill": "s"}},
        "Farm",
        MUST,
        "the exclusive group 's'",
    ),
    "two that must be built exclude each other": (
        {"must_build": {"Quay": True, "Mill": True}, "excludes": {"Mill": "Quay"}},
        "Mill",
        MUST,
        "Mill excludes Quay",
    ),
    "what must be built requires what it may not": (
        {
            "must_build": {"Quay": True, "Mill": True},
            "requires": {"Mill": "Farm"},
            "excludes": {"Farm": "Quay"},
        },
        "Mill",
        MUST,
        "Farm excludes Quay",
    ),
    "two variants hold a connection": (
        {"status": {"Quay": "reserved", "Small quay": "under construction"}},
        "Small quay",
        MUST,
        "variants of Quay",
    ),
    "a variant that must be built": (
        {"must_build": {"Small quay": True}},
        "Small quay",
        "single variant",
        "row of 'Quay'",
    ),
    "share of a firm row": ({"curtailable_share": {"Farm": 0.01}}, "Farm", FIRM, "conditional"),
    "hours of a firm row": ({"curtailable_hours": {"Farm": 0}}, "Farm", FIRM, "conditional"),
    "event of a firm row": ({"longest_curtailment_h": {"Farm": 4}}, "Farm", FIRM, "conditional"),
    "price of a firm row": ({"curtailment_nok_per_mwh": {"Farm": 9}}, "Farm", FIRM, "conditional"),
    "share in per cent": (
        {"curtailable_share": {"Farm": 5}, "connection": {"Farm": "conditional"}},
        "Farm",
        "above 1",
        "per cent?",
    ),
    "unknown connection": ({"connection": {"Farm": "flexible"}}, "Farm", "allowed words", "firm"),
}


@pytest.mark.parametrize("name", ONE)
def test_one_bad_choice(name):
    cells, row, message, remedy = ONE[name]
    (found,) = problems_of(**cells)
    assert found[0] == row
    assert message in found[2]
    assert remedy in found[3]


def test_all_at_once():
    found = problems_of(
        variant_of={"Farm": "Farm"},
        excludes={"Mill": "Quay; Kay"},
        requires={"Mill": "Small quay"},
        curtailable_share={"Quay": 0.1},
    )
    assert [(row, column) for row, column, _, _ in found] == [
        ("Farm", "variant_of"),
        ("Mill", "excludes"),
        ("Quay", "curtailable_share"),
        ("Mill", "requires"),
    ]


SYMBIOSIS = {
    "partners": "Mill; Farm",
    "carrier": "waste heat",
    "buses": "A: 0.5; B: 0.5",
    "mw": 2.0,
    "profile": "flat",
    "cost_mnok": 10.0,
}
SYMBIOSES = {
    "no partner": ({"partners": ""}, {}, "partners", "without partners"),
    "unknown partner": ({"partners": "Mil"}, {}, "partners", "unknown project"),
    "a project as plant": (
        {"existing_partners": "Quay"},
        {},
        "existing_partners",
        "a project of the study",
    ),
    "variants of one project": (
        {"partners": "Small quay; Farm"},
        {"variant_of": {"Farm": "Quay"}},
        "partners",
        "cannot all be chosen",
    ),
    "partners that exclude each other": (
        {},
        {"excludes": {"Mill": "Farm"}},
        "partners",
        "cannot all be chosen",
    ),
    "no buses": ({"buses": ""}, {}, "buses", "needs buses"),
    "unknown bus": ({"buses": "Z: 1"}, {}, "buses", "unknown bus"),
    "shares": ({"buses": "A: 0.5"}, {}, "buses", "sum to 0.5"),
    "no profile": ({"profile": ""}, {}, "profile", "needs a profile"),
    "unknown profile": ({"profile": "flt"}, {}, "profile", "unknown profile"),
    "no effect": ({"mw": 0.0, "buses": "", "profile": ""}, {}, "mw", "saves nothing"),
    "no carrier": ({"carrier": ""}, {}, "carrier", "empty"),
    "negative": ({"mw": -1.0}, {}, "mw", "below 0"),
}


@pytest.mark.parametrize("name", SYMBIOSES)
def test_one_bad_symbiosis(name):
    changes, cells, column, message = SYMBIOSES[name]
    table = pd.DataFrame(SYMBIOSIS | changes, index=["Heat"])
    (found,) = problems_of(symbioses=table, **cells)
    assert found[:2] == ("symbiosis Heat", column)
    assert message in found[2]


def test_a_symbiosis_may_only_cut_emissions():
    only = {"mw": 0.0, "buses": "", "profile": "", "co2_t_per_yr": 100.0}
    assert not problems_of(symbioses=pd.DataFrame(SYMBIOSIS | only, index=["Heat"]))


def test_a_head_and_a_project_beside_its_variant_may_be_partners():
    table = pd.DataFrame(SYMBIOSIS | {"partners": "Quay; Mill"}, index=["Heat"])
    assert not problems_of(symbioses=table, excludes={"Mill": "Small quay"})


def test_a_symbiosis_does_not_suffer_from_a_lost_name(folder):
    folder.replace("projects.csv", "Smelter,Upper", "Smeltr,Upper")
    folder.replace("projects.csv", "Quay,Lower,", "Smeltr,Lower,")
    assert [p.file for p in gp.check_study(folder.path)] == ["projects.csv"]
