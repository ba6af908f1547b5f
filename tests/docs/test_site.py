"""The documentation builds without a warning, is complete, and needs no network."""

import re
from urllib.parse import unquote, urlsplit

import pytest

import gridplan
from gridplan.batch.changes import Changes
from gridplan.study.settings import CountyGoal, Goals, MapClasses, Settings, Weights
from gridplan.study.tables import TABLES
from tests.docs.conftest import ROOT
from tests.docs.pages import read

pytestmark = pytest.mark.slow  # the build takes about 20 s

ELSEWHERE = re.compile(r"(?:https?:)?//")
IN_STYLES = re.compile(r"@import\s+['\"]?(?:url)?|url\(\s*['\"]?((?:https?:)?//[^)]*)")


@pytest.fixture(scope="module")
def pages(site):
    return {path: read(path) for path in sorted(site.rglob("*.html"))}


def test_every_public_name_has_a_page(pages, site):
    for name in gridplan.__all__:
        page = pages[site / "reference" / "names" / f"{name}.html"]
        assert f"gridplan.{name}" in page.anchors
        assert f"names/{name}.html" in pages[site / "reference" / "api.html"].links


def test_every_setting_is_in_the_reference(pages, site):
    told = pages[site / "reference" / "settings.html"].codes
    for model in (Settings, Weights, Goals, CountyGoal, MapClasses):
        assert set(model.model_fields) <= told
    assert set(Changes.model_fields) <= pages[site / "reference" / "scenarios.html"].codes


def test_every_table_and_column_is_in_the_reference(pages, site):
    page = pages[site / "reference" / "tables.html"]
    assert {table.name for table in TABLES} <= page.anchors
    for table in TABLES:
        assert set(table.names) <= page.codes
    assert "annual_gwh_…" in page.codes


def test_notebooks_are_shown(pages, site):
    names = [path.stem for path in (ROOT / "notebooks").glob("*.ipynb")]
    assert names
    for name in names:
        assert site / "notebooks" / f"{name}.html" in pages


def test_no_page_fetches_anything_from_elsewhere(pages, site):
    for path, page in pages.items():
        assert not [url for url in page.fetched if ELSEWHERE.match(url)], path
        assert not [text for text in page.styles if IN_STYLES.search(text)], path
    styles = list(site.rglob("*.css"))
    assert styles
    for path in styles:
        assert not IN_STYLES.search(path.read_text(encoding="utf-8")), path
    assert not any("mathjax" in path.name.lower() for path in site.rglob("*"))


def test_internal_links_lead_somewhere(pages):
    checked = 0
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                assert parts.scheme in ("http", "https", "mailto"), (path, link)
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            assert target.exists(), (path, link)
            if parts.fragment and target in pages:
                assert unquote(parts.fragment) in pages[target].anchors, (path, link)
            checked += 1
    assert checked > 1000


@pytest.fixture
def opened(browser, site):
    """Function that opens a page of the site without network; complaints fail the test."""
    contexts, troubles = [], []

    def open_page(name, width=1280):
        context = browser.new_context(viewport={"width": width, "height": 900}, offline=True)
        contexts.append(context)
        page = context.new_page()
        page.on(
            "request",
            lambda asked: asked.url.startswith("file:") or troubles.append(asked.url),
        )
        page.on("pageerror", lambda error: troubles.append(f"error: {error}"))
        page.on("requestfailed", lambda asked: troubles.append(f"failed: {asked.url}"))
        page.goto(f"{(site / name).as_uri()}")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not troubles


NAMES = [
    "index.html",
    "tutorial.html",
    "model.html",
    "glossary.html",
    "reference/tables.html",
    "reference/names/plan.html",
    *(f"notebooks/{path.stem}.html" for path in sorted((ROOT / "notebooks").glob("*.ipynb"))),
]


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("name", NAMES)
def test_pages_fit_the_window(opened, name, width):
    page = opened(name, width)
    assert page.locator("h1").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_formulas_are_drawn(opened):
    page = opened("model.html")
    formulas = page.locator("math[display=block]")
    assert formulas.count() >= 8
    for formula in formulas.all():
        box = formula.bounding_box()
        assert box["width"] > 50
        assert box["height"] > 15
    assert "\\sum" not in page.locator("article").inner_text()


def test_search_works_from_the_disk(opened):
    page = opened("search.html")
    page.goto(page.url + "?q=curtailment")
    page.wait_for_selector("#search-results li a", timeout=20_000)
    assert page.locator("#search-results li").count() > 5
