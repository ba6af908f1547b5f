"""Explanations in words: golden texts of hand-made cases, and every text filled in."""

from dataclasses import replace

import pandas as pd
import pytest

import gridplan as gp
from gridplan.base.messages import LANGUAGES, messages
from gridplan.reasons.wording import OUTCOMES, REMEDIES, STATUSES
from tests.networks_by_hand import SECOND_LINE, plain_study, reinforcements
from tests.reasons.places import firm, flexible, narrow

NORWEGIAN = """\
Smelteverk på Øya (30 MW, C): ikke valgt.
Nettet har ikke plass i 3 av 4 timer:
- AB, når AC faller ut: 3 timer, inntil 25 MW for lite, verst 1. januar 2030 02:00 UTC
Det får ikke plass uansett hvilke andre prosjekter og tiltak som velges.
Hvert av dette ville alene sluppet det inn:
- mindre prosjekt: 5 MW får plass i alle timer
- 25 MW spart i alle timer ved C
- tilknytning med vilkår: utkobling ved feil i nettet er nok
- annet tilknytningspunkt: A, 22,2 km unna i luftlinje
- forsterkning: Second line (2028, idé, 10 mill. kr)
Ved C er det etter planen plass til 5 MW til i alle timer.
Det som begrenser, er AB når AC faller ut."""

ENGLISH = """\
Smelteverk på Øya (30 MW, C): not chosen.
The grid has no room in 3 of 4 hours:
- AB after outage of AC: 3 hours, up to 25 MW short, worst 1 January 2030 02:00 UTC
It does not fit whatever other projects and measures are chosen.
Each of these alone would let it in:
- a smaller project: 5 MW fit in every hour
- 25 MW saved in every hour at C
- a conditional connection: disconnection after an outage is enough
- another bus: A, 22.2 km away as the crow flies
- a reinforcement: Second line (2028, idea, 10 MNOK)
At C the plan leaves room for 5 MW more in every hour.
What limits it is AB after outage of AC."""


@pytest.fixture(scope="module")
def impossible():
    idea = reinforcements(SECOND_LINE | {"status": "idea"})
    study = plain_study(narrow([60, 80, 95, 90], placed=True), {"Smelteverk på Øya": firm(30.0)})
    return gp.explain(gp.plan(replace(study, reinforcements=idea)), "Smelteverk på Øya")


def test_norwegian_word_for_word(impossible):
    assert impossible.text("nb") == NORWEGIAN


def test_english_word_for_word(impossible):
    assert impossible.text("en") == repr(impossible) == ENGLISH


def test_what_leaves_and_comes_in_words():
    offered = {"Mølle": firm(1230.5, 5.25), "Kai": firm(1200.0, 1234.5), "Ås": firm(30.0, 0.25)}
    n = narrow([60], placed=True)
    n.c.lines.static["s_nom"] *= 13
    n.c.generators.static["p_nom"] = 5000.0
    found = gp.explain(gp.plan(plain_study(n, offered)), "Mølle", remedies=False)
    lines = found.text("nb").replace(messages("nb").texts["thousands"], " ").split("\n")
    assert lines[0].startswith("Mølle (1 23")
    assert "Tas det inn likevel, taper porteføljen 1 229,5 mill. kr i året." in lines
    assert "Ut går: Kai, Ås." in lines
    assert not any("enkelt endring" in line for line in lines)  # nobody looked


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_outcome_and_remedy_has_its_text(impossible, language):
    rows = []
    for kind in REMEDIES:
        for status, amount in zip(STATUSES, [1.0, float("nan"), 0.05, 2.0, 3.0], strict=True):
            known = {"hours": 5.0, "longest_h": 2.0, "largest_mw": 3.0, "year": 2031.0}
            rows.append({"kind": kind, "what": "Ås", "amount": amount, "status": status} | known)
    table = pd.DataFrame(rows)
    table = table[table["amount"].notna() | table["kind"].isin(["bus", "reinforcement"])]
    for outcome in OUTCOMES:
        why = replace(impossible, outcome=outcome, remedies=table)
        text = why.text(language)
        assert "nan" not in text
        assert "{" not in text
    text = replace(impossible, remedies=table).text(language)
    assert text.count("\n- ") == 1 + len(table) - 1  # one limit; a project of 0.05 MW is not told


def test_words_where_the_grid_does_not_keep_it_out():
    offered = {"Mill": firm(8.0, 5.0, excludes="Quay"), "Quay": firm(7.0, 4.0),
               "Loss": firm(9.0, -1.0), "Dear": flexible(250.0, 1.0, price=1e6)}  # fmt: skip
    plan = gp.plan(plain_study(narrow([60, 55]), offered))
    quay, loss, dear = (gp.explain(plan, name).text("nb") for name in ("Quay", "Loss", "Dear"))
    room, value = "Nettet har plass i alle timer.", "Det er verdien som holder prosjektet ute."
    assert "Sammen med resten av planen brytes: Mill excludes Quay.\n" + room in quay
    assert value not in quay
    assert f"{room}\n{value}" in loss
    assert "vilkår: 6,20 % av energien koblet ut, i 2 timer.\n" + value in dear
    for text in (quay, loss, dear):
        assert "endring" not in text
        assert "alene" not in text


def test_a_conflict_names_the_other_demands():
    saving = {"Save": {"buses": "C: 1", "mw": 5.0, "cost_mnok": 10.0}}
    study = plain_study(narrow([60]), {"Mill": firm(45.0)}, saving, budget_mnok=9.0)
    text = gp.explain(gp.plan(study), "Mill").text("nb")
    assert "Det kan ikke forenes med: budget of 9 MNOK." in text
