"""Current and voltage in the report and the workbook."""

import html
import re

import openpyxl
import pytest

import gridplan as gp
from gridplan.base.messages import messages
from tests.portfolio.test_ac_margin import QUAY, strong


@pytest.fixture(scope="module")
def caught():
    """A plan that the linear model accepts and AC rejects, with both checks."""
    plan = gp.plan(strong(QUAY))
    certificate = gp.certify(plan, samples=1)
    return plan, certificate, gp.check_ac(plan, certificate=certificate)


def text_of(path):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", path.read_text("utf-8"))).split())


@pytest.mark.parametrize("language", ["nb", "en"])
def test_the_report_shows_current_and_voltage(caught, tmp_path, language):
    plan, certificate, found = caught
    path = gp.report(plan, tmp_path / "r.html", certificate=certificate, ac=found,
                     explanations=(), language=language)  # fmt: skip
    shown, texts = text_of(path), messages(language)
    for key in ("ac_chapter", "ac_table_current", "ac_table_found", "ac_table_overloads",
                "ac_table_gaps", "ac_table_assumed", "ac_lowest_voltage"):  # fmt: skip
        assert texts(key) in shown, key
    assert "AB0" in shown
    counts = {"overloads": len(found.new_overloads), "voltages": 0, "unsolved": 0}
    assert texts("ac_verdict_current", cases=len(found.cases), **counts) in shown
    assert texts.number(100 * found.new_overloads["loading_pu"].iloc[0], 1) in shown


def test_without_an_ac_check_the_report_says_so(caught, tmp_path):
    plan, certificate, _ = caught
    path = gp.report(plan, tmp_path / "r.html", certificate=certificate, explanations=())
    assert messages("nb")("ac_verdict_none") in text_of(path)


def test_a_repaired_plan_tells_what_was_done(tmp_path):
    plan = gp.plan(strong(QUAY), ac_margin="auto")
    path = gp.report(plan, tmp_path / "r.html", certificate=plan.ac.certificate, explanations=())
    shown, texts = text_of(path), messages("nb")
    assert plan.ac.steps[0].told(texts) in shown
    assert texts("ac_verdict_both", cases=len(plan.ac.check.cases)) in shown
    assert texts("ac_table_overloads") not in shown


@pytest.mark.parametrize("suffix", [".pdf", ".docx"])
def test_other_forms_are_written_too(caught, tmp_path, suffix):
    plan, certificate, found = caught
    path = gp.report(plan, tmp_path / f"r{suffix}", certificate=certificate, ac=found,
                     explanations=())  # fmt: skip
    assert path.stat().st_size > 10_000


def test_the_workbook_has_the_cases_and_findings(caught, tmp_path):
    plan, certificate, found = caught
    path = gp.workbook(plan, tmp_path / "p.xlsx", certificate=certificate, ac=found, language="nb")
    book = openpyxl.load_workbook(path)
    assert {"AC-tilfeller", "AC-strømmer"} <= set(book.sheetnames)
    assert "AC-spenninger" not in book.sheetnames  # none outside
    rows = list(book["AC-strømmer"].iter_rows(values_only=True))
    assert len(rows) == 1 + len(found.overloads)
    assert rows[0][0] == "Forbindelse"
    assert rows[1][3] == pytest.approx(found.overloads["loading_pu"].iloc[0])
