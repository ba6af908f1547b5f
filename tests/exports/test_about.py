"""Provenance in words: which study and grid, which versions, how sure, what the terms mean."""

from dataclasses import replace

import pytest

from gridplan.base.messages import LANGUAGES, messages
from gridplan.base.provenance import provenance
from gridplan.exports.about import about
from gridplan.hosting.capacity import hosting_capacity
from gridplan.hosting.ranking import rank_reinforcements
from gridplan.study.stage import Stage


def told(of, language="en"):
    return dict(of.facts(messages(language)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fact_has_a_name_and_a_text(reinforced, certificate, language):
    facts = about(reinforced, certificate=certificate).facts(messages(language))
    assert all(name and text and "{" not in text for name, text in facts)
    assert len({name for name, _ in facts}) == len(facts)


def test_a_plan_says_where_it_comes_from(reinforced, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1778976000")
    facts = told(about(reinforced))
    origin = provenance(reinforced.study)
    assert facts["Study"] == "Åsene (asene)"
    assert facts["Grid"].endswith(": Tykkere linje; Fjordkryssing; Ny transformator")
    assert facts["Input (SHA-256)"] == origin["study_sha256"]
    assert f"pypsa {origin['pypsa_version']}" in facts["Versions"]
    assert facts["Made"] == "17 May 2026, 00:00 UTC"
    assert "gap of 1e-09" in facts["Solver"]
    assert facts["Certificate"] == "no certificate"
    assert facts["Sources and licences"] == "© Kartverket (CC BY 4.0)"
    assert facts["What is not the real grid"].startswith("3 of 10 branches")


def test_the_certificate_is_told_as_it_is(result, certificate):
    checked = f"{certificate.hours} hours × {certificate.outages} outages"
    assert told(about(result, certificate=certificate))["Certificate"].startswith(
        f"secure; {checked}"
    )
    failed = replace(certificate, secure=False, violation_count=3)
    assert told(about(failed, result.study))["Certificate"].startswith("NOT SECURE, 3 violations")


def test_a_capacity_defines_firm_and_flexible(result):
    found = hosting_capacity(result.study, flexibility=[0.0, 0.005, 0.05], buses=["B"])
    found.attrs["created"] = "2026-01-02T03:04:05+00:00"
    facts = told(about(found, result.study))
    assert "at most 0.5 %, 5 % of the yearly energy" in facts["Flexible means"]
    assert facts["Made"] == "2 January 2026, 03:04 UTC"
    assert "gap" not in facts["Solver"]
    firm = about(found.sel(flexibility=[0.0]), result.study)
    assert "Flexible means" not in told(firm)


def test_a_ranking_names_its_criterion(reinforced):
    ranked = rank_reinforcements(reinforced.study, names=["Idé"], buses=["E"], criterion="N-0")
    found = about(ranked, reinforced.study)
    assert told(found)["Criterion"].startswith("N-0")
    assert found.stage == reinforced.stage


def test_a_stage_is_read_as_it_was_written():
    for stage in (Stage(None, ()), Stage(None, ("A",)), Stage(2030, ()), Stage(2030, ("A", "B"))):
        assert Stage.read(str(stage)) == stage
    with pytest.raises(ValueError, match="no stage of a grid"):
        Stage.read("network of 2030")
