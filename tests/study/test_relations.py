"""Families, exclusions and requirements, against what trying every choice finds."""

from itertools import product

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from gridplan.study.relations import Relations, conflicts, families, members, wishes
from gridplan.study.tables import names_in


def rows(**cells):
    """Rows by name, each with what it says in some columns."""
    blank = {"variant_of": "", "requires": "", "excludes": "", "exclusive_group": ""}
    return pd.DataFrame({name: blank | said for name, said in cells.items()}).T


TABLE = rows(
    A={"excludes": "C"},
    A2={"variant_of": "A"},
    B={"requires": "A"},
    C={"exclusive_group": "site"},
    D={"exclusive_group": "site", "requires": "B"},
    E={"excludes": "A", "requires": "D"},
)


def test_a_head_means_its_family_and_a_variant_itself():
    assert families(TABLE).tolist() == ["A", "A", "B", "C", "D", "E"]
    assert members(TABLE, "A") == ["A", "A2"]
    assert members(TABLE, "A2") == ["A2"]
    assert members(TABLE, "B") == ["B"]


def test_a_name_of_which_no_row_is_left_means_none():
    assert members(TABLE.drop(index="A"), "A") == ["A2"]
    assert members(TABLE.drop(index=["A", "A2"]), "A") == []


def test_every_kind_of_conflict_has_its_reason():
    assert conflicts(TABLE) == {
        ("A", "A2"): "A and A2 are variants of A",
        ("C", "D"): "C and D are in the exclusive group 'site'",
        ("A", "C"): "A excludes C",
        ("A", "E"): "E excludes A",
        ("A2", "E"): "E excludes A2",
    }


def test_a_clash_is_found_over_several_requirements():
    relations = Relations.of(TABLE)
    chosen, clash = relations.settle(wishes(TABLE, ["E"]))
    assert chosen == ["E", "D", "B"]
    assert str(clash) == "B requires A, but E excludes A"


def test_a_variant_satisfies_what_requires_its_head():
    relations = Relations.of(TABLE)
    assert relations.settle(wishes(TABLE, ["C", "B"])) == (["C", "B", "A2"], None)
    assert relations.settle([("A", ("A",)), ("C", ("C",))])[1] is not None


def test_no_rows_have_no_relations():
    empty = TABLE.iloc[:0]
    assert conflicts(empty) == {}
    assert families(empty).empty
    assert Relations.of(empty).settle([]) == ([], None)


NAMES = ("A", "B", "C", "D", "E")
FEW = st.lists(st.sampled_from(NAMES), max_size=2, unique=True).map("; ".join)


@st.composite
def tables(draw):
    """Five rows: some variants of A or B, with any requirements, exclusions and groups."""
    return rows(
        **{
            name: {
                "variant_of": draw(st.sampled_from(["", "A", "B"])) if name in "CDE" else "",
                "requires": draw(FEW),
                "excludes": draw(FEW),
                "exclusive_group": draw(st.sampled_from(["", "", "g", "h"])),
            }
            for name in NAMES
        }
    )


def allowed(table, chosen):
    """The rules in the words of the table, one by one."""

    def meant(name):
        family = {row for row in table.index if table.loc[row, "variant_of"] == name}
        return family | {name}

    of_family = [table.loc[row, "variant_of"] or row for row in chosen]
    groups = [table.loc[row, "exclusive_group"] for row in chosen]
    groups = [group for group in groups if group]
    if len(set(of_family)) < len(chosen) or len(set(groups)) < len(groups):
        return False
    for row in chosen:
        rivals = {other for name in names_in(table.loc[row, "excludes"]) for other in meant(name)}
        if (rivals - {row}) & chosen:
            return False
        if not all(meant(name) & chosen for name in names_in(table.loc[row, "requires"])):
            return False
    return True


@settings(max_examples=150, deadline=None)
@given(tables(), st.sampled_from(NAMES))
def test_what_is_settled_holds_in_every_allowed_choice(table, wanted):
    choices = [
        {name for name, taken in zip(NAMES, takes, strict=True) if taken}
        for takes in product([False, True], repeat=len(NAMES))
    ]
    possible = [c for c in choices if wanted in c and allowed(table, c)]
    chosen, clash = Relations.of(table).settle([(wanted, (wanted,))])
    if clash:
        assert not possible
    assert all(set(chosen) <= choice for choice in possible)
    pairs = {
        frozenset(pair)
        for pair in product(NAMES, repeat=2)
        if pair[0] != pair[1] and not allowed(table.assign(requires=""), set(pair))
    }
    assert {frozenset(pair) for pair in conflicts(table)} == pairs
