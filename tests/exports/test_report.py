"""A report says what the plan says, in three formats and two languages."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from io import BytesIO
from zipfile import ZipFile

import docx
import numpy as np
import pypdf
import pytest

import gridplan as gp
from gridplan.base.errors import StudyError
from gridplan.base.messages import LANGUAGES, messages
from gridplan.check.witness import certify
from gridplan.exports import report_text, saving
from gridplan.exports.about import about
from gridplan.exports.document import Figure, Heading, Table
from gridplan.exports.report_facts import Facts
from gridplan.exports.report_method import basis_counts
from gridplan.exports.report_text import document_of
from gridplan.study.settings import CountyGoal
from tests.networks_by_hand import projects, symbioses

FORMATS = ("html", "pdf", "docx")
SCRIPT = "<script>alert('Ås & Øy')</script>"
GOAL = CountyGoal(
    name="Utslipp", name_en="Emissions", quantity="co2_t_per_yr", baseline=20_000,
    change_pu=-0.5, baseline_year=2020, target_year=2030, source="tenkt & <i>antatt</i>",
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _the_same_day():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "1779019200")  # 17 May 2026, 12:00 UTC
        yield


@pytest.fixture(scope="module")
def plan(result):
    """The place of the maps with a goal, a conditional project and a name that is markup."""
    rows = {
        "Smelteverk på Øya": {"bus": "E", "mw": 25.0, "value_mnok_per_yr": 9.0, "jobs": 12.0},
        "Datasenter $x_1$ <b>": {"bus": "E", "mw": 150.0, "value_mnok_per_yr": 5.0},
        SCRIPT: {"bus": "F", "mw": 28.0, "value_mnok_per_yr": 9.0, "basis": "assumption"},
        "Ferge": {"bus": "B", "mw": 6.5, "value_mnok_per_yr": 1.0, "co2_t_per_yr": 4000.0},
        "Kjølelager": {"bus": "B", "mw": 12.0, "value_mnok_per_yr": 4.0,
                       "connection": "conditional", "curtailable_share": 0.05},
        "Brygge": {"bus": "B", "mw": 2.0, "value_mnok_per_yr": 1.0},
    }  # fmt: skip
    table = projects(rows).fillna(
        {"connection": "firm", "curtailable_share": 0.0, "basis": "register"}
    )
    heat = {"Spillvarme": {"partners": "Smelteverk på Øya", "buses": "E: 1", "mw": 2.0,
                           "cost_mnok": 0.1, "co2_t_per_yr": 100.0}}  # fmt: skip
    settings = result.study.settings.model_copy(update={"county_goals": (GOAL,)})
    study = replace(result.study, projects=table, symbioses=symbioses(heat), settings=settings)
    return gp.plan(study)


@pytest.fixture(scope="module")
def proof(plan):
    return certify(plan, samples=1)


@pytest.fixture(scope="module")
def files(plan, proof, tmp_path_factory):
    """All formats in both languages."""
    folder = tmp_path_factory.mktemp("reports")
    for language in LANGUAGES:
        for form in FORMATS:
            path = folder / f"{language}.{form}"
            assert gp.report(plan, path, certificate=proof, language=language) == path
    return folder


def facts_of(plan, language="nb", **more):
    explained = {
        name: gp.explain(plan, name, remedies=more.pop("remedies", False))
        for name in plan.by_project.index[~plan.by_project["chosen"]]
    }
    certificate = more.get("certificate")
    return Facts(plan=plan, about=about(plan, certificate=certificate),
                 texts=messages(language), language=language, offers=gp.offers(plan),
                 explanations=explained, **more)  # fmt: skip


def tables(document):
    return {block.caption: block for block in document.blocks if isinstance(block, Table)}


class Page(HTMLParser):
    """Texts, tags and references of a page."""

    def __init__(self, text):
        super().__init__()
        self.words, self.tags, self.links, self.rows, self.open = [], [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for key, value in attrs if key in ("src", "href", "action", "data")]
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        self.open.append(tag)

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        self.words.append(data)
        if self.open and self.open[-1] in ("td", "th"):
            self.rows[-1][-1] += data


def pdf_text(path):
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(path).pages)


def joined(text):
    return re.sub(r"\s+", " ", text)


def test_html_is_one_file_that_fetches_nothing(files):
    text = (files / "nb.html").read_text(encoding="utf-8")
    page = Page(text)
    assert all(link.startswith(("data:image/png;base64,", "#")) for link in page.links)
    assert not re.search(r"https?://|@import|url\(|<script|<link|<iframe", text)
    assert "default-src 'none'" in text
    assert '<html lang="nb-NO">' in text
    assert page.tags.count("h1") == 1
    targets = {link for link in page.links if link.startswith("#")}
    assert all(f'id="{target[1:]}"' in text for target in targets)
    assert len(re.findall(r"<img [^>]*alt=\"[^\"]+\"", text)) == page.tags.count("img") == 4


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_name_that_is_markup_stays_text(files, language):
    page = Page((files / f"{language}.html").read_text(encoding="utf-8"))
    assert "script" not in page.tags
    assert any(SCRIPT in words for words in page.words)
    flat = joined(pdf_text(files / f"{language}.pdf")).replace(" ", "")
    assert SCRIPT.replace(" ", "") in flat
    word = docx.Document(files / f"{language}.docx")
    cells = [cell.text for table in word.tables for row in table.rows for cell in row.cells]
    assert any(cell.startswith(SCRIPT) for cell in cells)
    assert "Datasenter $x_1$ <b>" in cells


@pytest.mark.parametrize("language", LANGUAGES)
def test_pdf_can_be_searched_and_has_numbered_pages(files, language):
    reader = pypdf.PdfReader(files / f"{language}.pdf")
    text = joined(pdf_text(files / f"{language}.pdf"))
    assert "Smelteverk på Øya" in text
    assert {"å", "ø", "Ø"} <= set(text)
    last = {"nb": "Side {0} av {0}", "en": "Page {0} of {0}"}[language].format(len(reader.pages))
    assert last in text
    assert reader.trailer["/Root"]["/Lang"] == {"nb": "nb-NO", "en": "en-GB"}[language]
    assert reader.metadata.creation_date.isoformat() == "2026-05-17T12:00:00+00:00"
    titles = [mark.title for mark in reader.outline if not isinstance(mark, list)]
    assert titles[0] == {"nb": "Kort fortalt", "en": "In short"}[language]
    fonts = {
        font.get_object()["/FontDescriptor"]["/FontFile2"] is not None
        for page in reader.pages
        for font in page["/Resources"]["/Font"].values()
        if "DejaVu" in font.get_object()["/BaseFont"]
    }
    assert fonts == {True}


def test_the_map_has_a_page_across_for_itself(files):
    sizes = [page.mediabox for page in pypdf.PdfReader(files / "nb.pdf").pages]
    across = [box.width > box.height for box in sizes]
    assert sum(across) == 1
    sections = docx.Document(files / "nb.docx").sections
    assert [part.page_width > part.page_height for part in sections] == [False, True, False]


@pytest.mark.parametrize("language", LANGUAGES)
def test_word_has_real_headings_captions_and_repeated_heads(files, plan, proof, language):
    word = docx.Document(files / f"{language}.docx")
    document = document_of(facts_of(plan, language, certificate=proof))
    for level in (1, 2):
        found = [p.text for p in word.paragraphs if p.style.name == f"Heading {level}"]
        assert found == [
            block.text
            for block in document.blocks
            if isinstance(block, Heading) and block.level == level
        ]
    own = [block for block in document.blocks if isinstance(block, Table)]
    assert len(word.tables) == len(own) + 1  # the large figures of the first page
    for grid, table in zip(word.tables[1:], own, strict=True):
        texts = [[cell.text for cell in row.cells] for row in grid.rows]
        assert texts == [list(row) for row in (table.header, *table.rows)]
        assert "w:tblHeader" in grid.rows[0]._tr.xml
    captions = [p for p in word.paragraphs if p.style.name == "Caption"]
    pictures = [block for block in document.blocks if isinstance(block, Figure)]
    assert len(captions) == len(own) + len(pictures)
    assert all("SEQ" in caption._p.xml for caption in captions)
    alts = re.findall(r'<wp:docPr [^>]*descr="([^"]+)"', word.element.xml)
    assert len(alts) == len(pictures)
    lang = {"nb": "nb-NO", "en": "en-GB"}[language]
    assert f'w:val="{lang}"' in word.styles.element.xml
    assert word.core_properties.language == lang


def test_tables_of_the_page_are_those_of_the_document(files, plan, proof):
    page = Page((files / "nb.html").read_text(encoding="utf-8"))
    own = tables(document_of(facts_of(plan, certificate=proof))).values()
    expected = [list(row) for table in own for row in (table.header, *table.rows)]
    assert page.rows == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_tables_hold_what_the_plan_holds(plan, proof, language):
    facts = facts_of(plan, language, certificate=proof)
    texts = facts.texts
    found = tables(document_of(facts))
    chosen = plan.projects[plan.projects["chosen"]]
    firm = found[texts("rep_firm_table")]
    listed = {row[0].removesuffix(" †"): row for row in firm.rows[:-1]}
    assert listed.keys() == set(chosen.index[chosen["connection"] == "firm"])
    assert [listed[name][3] for name in listed] == [texts.mw(chosen["mw"][n]) for n in listed]
    total = chosen.loc[chosen["connection"] == "firm", "mw"].sum()
    assert firm.rows[-1][3] == texts.number(total)
    rejected = found[texts("rep_rejected_table")]
    assert {row[0] for row in rejected.rows} == set(
        plan.by_project.index[~plan.by_project["chosen"]]
    )
    conditional = found[texts("rep_conditional_table")]
    assert [row[0].removesuffix(" †") for row in conditional.rows[:-1]] == ["Kjølelager"]
    taken = plan.measures[plan.measures["units"] > 0]
    measures = found[texts("rep_measures_table")]
    assert [row[:2] for row in measures.rows] == [
        (name, f"{units}") for name, units in taken["units"].items()
    ]
    certificate = dict(found[texts("rep_certificate_table")].rows)
    assert certificate[texts("rep_cert_checks")] == texts.number(proof.checks)
    assert certificate[texts("rep_cert_verdict")] == texts("rep_cert_secure")
    assert dict(found[texts("rep_about_table")].rows)[texts("about_input")] == plan.study.hash


def test_reasons_are_those_of_the_explanation(plan):
    facts = facts_of(plan)
    name = "Datasenter $x_1$ <b>"
    why = facts.explanations[name]
    said = {
        row[0]: row[3] for row in tables(document_of(facts))["Prosjekter som ikke er valgt"].rows
    }
    row = why.critical.iloc[0]
    assert row["branch"] in said[name]
    assert f"{facts.texts.mw(row['missing_mw'])} MW for lite" in said[name]
    unknown = tables(document_of(replace(facts, explanations={})))
    assert unknown["Prosjekter som ikke er valgt"].rows[0][3] == "Ikke undersøkt i denne rapporten."


def test_rows_by_basis_count_every_row(plan):
    counts = basis_counts(facts_of(plan))
    assert counts.loc["prosjekter og varianter", "assumption"] == 1
    assert counts.loc["ledninger"].to_dict() == {
        "osm": 3, "documented": 1, "derived": 1, "assumption": 1, "synthetic": 1, "": 0,
        "register": 0,
    }  # fmt: skip
    assert counts.to_numpy().sum() == sum(
        len(table)
        for table in (
            *(getattr(plan.study.network.c, name).static
              for name in ("buses", "lines", "transformers", "generators", "loads")),
            plan.study.projects, plan.study.measures, plan.study.symbioses,
            plan.study.reinforcements,
        )
    )  # fmt: skip


def test_the_first_page_says_what_the_plan_reaches(files, plan):
    first = joined(pypdf.PdfReader(files / "nb.pdf").pages[0].extract_text())
    figures, goal = plan.summary(), plan.goals().iloc[0]
    assert f"{figures['projects']:.0f} av {figures['candidates']:.0f} prosjekter får plass" in first
    assert f"Planen kutter {goal['plan']:,.0f} tonn".replace(",", " ") in first.replace("\xa0", " ")
    symbioses = plan.symbioses.loc[plan.symbioses["chosen"], "co2_t_per_yr"].sum()
    assert symbioses > 0
    assert figures["co2_t_per_yr"] == goal["plan"]  # the summary counts them as the goals do
    assert f"{100 * goal['share_pu']:.0f} % av kuttet som er målet fra 2020 til 2030" in first
    assert "1 kunde på 12 MW må godta tilknytning med vilkår" in first
    assert "En egen kontroll av de 2 timene som er undersøkt, bekrefter det" in first
    assert "tilknytningsplikt" in first


def test_a_plan_that_does_not_hold_warns(plan, proof):
    broken = replace(proof, secure=False, violation_count=7)
    document = document_of(facts_of(plan, certificate=broken))
    answer, fit = [block for block in document.blocks if getattr(block, "tone", "")]
    assert answer.tone == "warning"
    assert "7 grenser overskrides" in answer.text
    assert "ikke gjort noen AC-kontroll" in fit.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_else_that_can_be_given_is_told(plan, language, reinforced):
    cap = gp.hosting_capacity(plan.study, buses=["B", "E"], flexibility=(0, 0.05))
    both = gp.compare({"a": plan, "b": plan})
    facts = facts_of(plan, language, capacity=cap, freed=gp.freed_capacity(plan), comparison=both,
                     remedies=True)  # fmt: skip
    document = document_of(facts)
    captions = [block.caption for block in document.blocks if isinstance(block, Figure)]
    assert {facts.texts("rep_freed_chart"), facts.texts("rep_compare_chart")} <= set(captions)
    whole = [block for block in document.blocks if getattr(block, "whole_page", False)]
    assert len(whole) == 3  # the plan, the firm capacity, the flexible one
    room = tables(document)[f"{facts.texts('rep_capacity_table')}, N-1"]
    assert [row[0] for row in room.rows] == ["B", "E"]
    expected = cap["capacity_mw"].sel(criterion="N-1").transpose("bus", "flexibility").to_numpy()
    read = [[float(cell.replace(",", ".").replace("\xa0", "")) for cell in row[1:]]
            for row in room.rows]  # fmt: skip
    np.testing.assert_allclose(read, expected, atol=0.0501)
    headings = [block.text for block in document.blocks if isinstance(block, Heading)]
    assert facts.texts("rep_remedies") in headings
    built = tables(document_of(facts_of(reinforced, language)))[facts.texts("rep_built_table")]
    assert [row[0] for row in built.rows] == list(reinforced.stage.in_service)


def test_a_capacity_of_another_grid_is_refused(plan, reinforced, tmp_path):
    cap = gp.hosting_capacity(reinforced.study, buses=["B"], flexibility=(0,))
    with pytest.raises(StudyError):
        gp.report(plan, tmp_path / "a.html", capacity=cap, explanations=())
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_plan_gives_the_same_bytes(plan, tmp_path, form):
    for name in "ab":
        gp.report(plan, tmp_path / f"{name}.{form}", explanations=())
    assert (tmp_path / f"a.{form}").read_bytes() == (tmp_path / f"b.{form}").read_bytes()


def test_parts_of_a_word_file_are_dated_as_the_plan(files):
    with ZipFile(BytesIO((files / "nb.docx").read_bytes())) as packed:
        assert packed.testzip() is None
        assert {part.date_time for part in packed.infolist()} == {(2026, 5, 17, 12, 0, 0)}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_an_older_file_stays_when_writing_fails(plan, tmp_path, monkeypatch, form, failure):
    path = tmp_path / f"a.{form}"
    path.write_bytes(b"old")
    monkeypatch.setattr(report_text, "pictures", lambda facts: ())

    def fail(*args):
        raise failure

    monkeypatch.setattr(saving.os, "replace", fail)
    with pytest.raises(type(failure)):
        gp.report(plan, path, explanations=())
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_what_cannot_be_written_is_refused_at_once(plan, tmp_path):
    with pytest.raises(ValueError, match=r"a report cannot be written with suffix '.odt'"):
        gp.report(plan, tmp_path / "a.odt")
    with pytest.raises(ValueError, match="no texts in language 'sv'"):
        gp.report(plan, tmp_path / "a.pdf", language="sv")
    why = gp.explain(plan, "Ferge", remedies=False)
    with pytest.raises(ValueError, match="does not have: Ukjent"):
        gp.report(plan, tmp_path / "a.pdf", explanations=[replace(why, project="Ukjent")])
    assert not list(tmp_path.iterdir())
