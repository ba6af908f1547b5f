"""The interactive map in a real browser, with the network off."""

import csv
import io
import time

import pytest

from gridplan.exports.page import write_page
from tests.exports.browser.conftest import FORMULA, HOSTILE, MARKUP, busy_study
from tests.exports.conftest import DAY

MODEL = """(type, name) => Bokeh.documents.flatMap((each) => [...each._all_models.values()])
    .find((model) => model.type === type && model.name === name)"""


def source(page, name):
    """Columns of a source of the map, as the browser draws them."""
    return page.evaluate(
        f"""(name) => {{
            const columns = Object.entries(({MODEL})("ColumnDataSource", name).data);
            return Object.fromEntries(columns.map(([key, values]) => [key, Array.from(values)]));
        }}""",
        name,
    )


def rows(page):
    """Cells of the table by name of the row."""
    texts = page.locator("#table tbody tr").evaluate_all(
        "rows => rows.map(row => [row.dataset.name, [...row.cells].map(cell => cell.innerText)])"
    )
    return dict(texts)


def layer(page, name):
    page.locator(f"input[name=layer][value={name}]").check(force=True)


def pixel(page, bus):
    """Where a bus is on the screen."""
    stations = source(page, "stations")
    at = stations["text"].index(bus)
    x0, x1, y0, y1, left, top, width, height = page.evaluate(
        f"""() => {{
            const map = ({MODEL})("Figure", "map");
            const box = document.getElementById("map").getBoundingClientRect();
            return [map.x_range.start, map.x_range.end, map.y_range.start, map.y_range.end,
                    box.left, box.top, box.width, box.height];
        }}"""
    )
    right = (stations["x"][at] - x0) / (x1 - x0) * width
    return left + right, top + (y1 - stations["y"][at]) / (y1 - y0) * height


def download(page):
    """Rows of the CSV, as Excel in Norwegian reads them, and its name."""
    with page.expect_download() as waiting:
        page.click("#download")
    raw = open(waiting.value.path(), "rb").read()  # noqa: PTH123, SIM115 - a path of Playwright
    assert raw.startswith(b"\xef\xbb\xbf")
    text = raw.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";")), waiting.value.suggested_filename


def test_opens_quickly_and_says_what_it_shows(opened, page_file):
    start = time.perf_counter()
    page = opened(page_file)
    assert time.perf_counter() - start < 10  # 0.6 s alone; the suite shares two cores
    assert page_file.stat().st_size < 5e6
    text = page.inner_text("body")
    for said in ("Åsene & øyene: plass til mer forbruk i nettet", "Nettet i 2030", "N-1", "fast",
                 "17. mai 2026", "© Kartverket (CC BY 4.0)", "kan ikke legges sammen",
                 "Stiplet = syntetisk eller antatt", "Fleksibel betyr", "Inndata"):  # fmt: skip
        assert said in text


def test_table_equals_the_data(page, capacities):
    shown = rows(page)
    firm = capacities[2030].capacity_mw.sel(criterion="N-1", flexibility=0.0)
    assert set(shown) == set(firm.indexes["bus"])
    for bus, cells in shown.items():
        assert float(cells[3].replace(" ", "").replace(" ", "").replace(",", ".")) == (
            pytest.approx(firm.sel(bus=bus).item(), abs=0.51)
        )


@pytest.mark.parametrize(
    ("switch", "value", "chosen"),
    [
        ("year", "2025", {"year": 2025}),
        ("criterion", "N-0", {"criterion": "N-0"}),
        ("flexibility", "2", {"flexibility": 0.05}),
    ],
)
def test_switch_changes_map_table_and_headline(page, capacities, switch, value, chosen):
    headline, before = page.inner_text("#headline"), source(page, "labels")
    page.select_option(f"#{switch}", value)
    assert page.inner_text("#headline") != headline
    wanted = {"year": 2030, "criterion": "N-1", "flexibility": 0.0} | chosen
    cap = capacities[wanted.pop("year")].capacity_mw.sel(wanted)
    found, _ = download(page)
    assert len(found) == cap.sizes["bus"]
    for row in found:
        mw = float(row["Kapasitet (MW)"].replace(",", "."))
        assert mw == pytest.approx(cap.sel(bus=row["Samleskinne"]).item(), abs=1e-3)
    page.wait_for_timeout(200)
    assert source(page, "labels")["text"] != before["text"]


def test_input_is_told_by_year(page, capacities):
    for year, cap in capacities.items():
        page.select_option("#year", str(year))
        assert f"inndata {cap.attrs['study_sha256'][:12]}" in page.inner_text("#made")


def test_voltage_and_lines_are_switched(page):
    assert len(source(page, "branches")["text"]) == 9
    page.select_option("#year", "2025")
    assert len(source(page, "branches")["text"]) == 8  # without the line of 2028
    page.uncheck("#lines")
    assert source(page, "branches")["text"] == []
    page.select_option("#kv", "66")
    assert source(page, "stations")["text"] == ["A 66"] == list(rows(page))


def test_every_layer_changes_the_map_and_the_table(page, planned):
    stations = source(page, "stations")
    tables = {"capacity": set(rows(page))}
    for name in ("left", "loading", "projects", "municipalities"):
        layer(page, name)
        tables[name] = set(rows(page))
        assert page.inner_text("#layer-title")
    assert tables["projects"] == set(planned.by_project.index)
    assert tables["municipalities"] == {"Vestås", "Østås"}
    assert "CD" in tables["loading"]
    layer(page, "projects")
    assert set(source(page, "projects")["text"]) == set(planned.by_project.index)
    assert source(page, "stations") != stations
    layer(page, "loading")
    assert len(set(source(page, "branches")["color"])) > 1
    drawn = source(page, "branches")
    dashed = {n for n, dash in zip(drawn["text"], drawn["dash"], strict=True) if dash == [5, 4]}
    assert dashed == {
        name
        for name, basis in planned.network.c.lines.static["basis"].items()
        if basis in ("synthetic", "assumption")
    }
    layer(page, "municipalities")
    assert set(source(page, "municipalities")["fill"]) != {"#faf7f0"}


def test_year_without_a_plan_has_no_loading(page):
    layer(page, "loading")
    page.select_option("#year", "2025")
    assert page.locator("input[value=loading]").is_disabled()
    assert page.locator("input[value=municipalities]").is_checked()


def test_hover_shows_the_figures(page, capacities):
    page.mouse.move(*pixel(page, "E"))
    page.wait_for_selector("#tip:not([hidden])")
    text = page.inner_text("#tip")
    one = capacities[2030].sel(bus="E", criterion="N-1")
    assert "E" in text.splitlines()[0]
    assert one.limiting_branch.sel(flexibility=0.0).item() in text
    for label in ("Kapasitet", "Begrenset av", "I bruk", "Reservert", "I kø", "Ledig", "MW", "kV"):
        assert label in text
    page.mouse.move(5, 5)
    page.wait_for_selector("#tip", state="hidden")


def test_click_fills_the_panel(page, capacities):
    page.mouse.click(*pixel(page, "E"))
    assert page.inner_text("#panel-name") == "E"
    one = capacities[2030].sel(bus="E", criterion="N-1")
    curve = source(page, "duration_curve")
    hourly = one.hourly_mw.to_numpy()
    assert len(curve["x"]) == 200
    assert curve["y"][0] == pytest.approx(hourly.max(), rel=1e-3)
    assert curve["y"][-1] == pytest.approx(hourly.min(), rel=1e-3)
    assert curve["x"][-1] == 300
    offer = source(page, "offer_dots")
    assert offer["x"] == pytest.approx(one.capacity_mw.to_numpy(), abs=2e-3)
    table = page.inner_text("#panel-limits")
    for share in ("fast", "1 % utkoblet", "5 % utkoblet"):
        assert share in table
    assert one.limiting_outage.sel(flexibility=0.0).item() in table
    marked = source(page, "limits")["text"]
    assert one.limiting_branch.sel(flexibility=0.0).item() in marked
    page.keyboard.press("Escape")
    assert source(page, "ring")["x"] == []


@pytest.mark.parametrize(
    ("text", "name"),
    [("ØSTÅS", "Østås"), ("ostas", "Østås"), ("smelteverk", "Smelteverk på Øya"), ("a 66", "A 66")],
)
def test_search_finds(page, text, name):
    page.fill("#search", text)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.inner_text("#panel-name") == name
    assert source(page, "ring")["marker"][0] == "circle"


def test_search_says_when_there_is_nothing(page):
    page.fill("#search", "finnes ikke")
    assert page.inner_text("#hits") == "Ingen treff"


def test_columns_sort(page):
    def figures():
        return [cells[3] for cells in rows(page).values()]

    first = figures()
    page.click("#table th:nth-child(4) button")
    assert figures() != first
    assert page.get_attribute("#table th:nth-child(4)", "aria-sort") == "ascending"
    assert page.evaluate("document.activeElement.textContent").startswith("Kapasitet")
    page.click("#table th:nth-child(1) button")
    assert list(rows(page)) == sorted(rows(page))


def test_download_of_projects_equals_the_plan(page, planned):
    layer(page, "projects")
    found, name = download(page)
    assert name == "asene_projects_2030.csv"
    told = {row["Prosjekt"].removeprefix("'"): row for row in found}
    assert set(told) == set(planned.by_project.index)
    for project, row in planned.by_project.iterrows():
        assert float(told[project]["Effekt (MW)"].replace(",", ".")) == pytest.approx(row["mw"])
        assert told[project]["Utfall i planen"].startswith("valgt") == row["chosen"]
    assert told[FORMULA]["Prosjekt"] == f"'{FORMULA}"  # no formula in Excel


def test_hostile_names_stay_text(page):
    layer(page, "projects")
    for name, text in ((MARKUP, "$$x"), (HOSTILE, "<script")):
        page.fill("#search", text)
        assert name in page.inner_text("#hits")
        page.keyboard.press("Enter")
        assert page.inner_text("#panel-name") == name
        page.wait_for_timeout(150)  # the map writes its labels a moment later
        assert any(label.startswith(name) for label in source(page, "labels")["text"])
    page.click("#tab-list")
    assert {HOSTILE, MARKUP, FORMULA} <= set(rows(page))
    assert HOSTILE in page.inner_text("#table")
    page.mouse.move(*pixel(page, "B"))
    page.wait_for_selector("#tip:not([hidden])")
    tip = page.inner_text("#tip")
    assert any(tip.startswith(name) for name in source(page, "projects")["text"])
    assert page.locator("img, main script").count() == 0
    assert page.locator("script").count() == 3


def test_works_with_the_keyboard_alone(page):
    focused = []
    for _ in range(24):
        page.keyboard.press("Tab")
        focused.append(page.evaluate("(({id, name}) => id || name)(document.activeElement)"))
    for wanted in ("layer", "year", "criterion", "flexibility", "kv", "search", "map", "lines",
                   "zoom-in", "tab-list", "download"):  # fmt: skip
        assert wanted in focused, wanted
    page.focus("#map")
    before = source(page, "labels"), page.evaluate("Bokeh.documents[0].roots()[0].x_range.start")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("Bokeh.documents[0].roots()[0].x_range.start") > before[1]
    page.keyboard.press("0")
    page.focus("input[name=layer]:checked")
    page.keyboard.press("ArrowRight")
    assert page.inner_text("#layer-title").startswith("Fast kapasitet minus")
    page.focus("#table tbody tr")
    page.keyboard.press("ArrowDown")
    name = page.evaluate("document.activeElement.dataset.name")
    page.keyboard.press("Enter")
    assert page.inner_text("#panel-name") == name
    page.focus("#tab-details")
    page.keyboard.press("ArrowLeft")
    assert page.is_visible("#list")


def test_works_by_touch_on_a_tablet(opened, page_file):
    page = opened(page_file, 768, 1024, has_touch=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 768
    page.touchscreen.tap(*pixel(page, "E"))
    page.wait_for_selector("#panel-name:has-text('E')")
    assert page.is_visible("#duration canvas, #duration .bk-Figure")


def test_pages_of_less(opened, capacities, planned, folder, tmp_path):
    """A plan alone; capacities without hours; English."""
    alone = opened(write_page(planned, tmp_path / "plan.html", date=DAY))
    assert alone.locator("input[name=layer]").evaluate_all("all => all.map(one => one.value)") == [
        "loading", "projects", "municipalities",
    ]  # fmt: skip
    assert alone.title() == "Åsene & øyene: projects and loading of the grid"
    bare = capacities[2025].drop_vars("hourly_mw").drop_dims("snapshot", errors="ignore")
    page = opened(write_page(bare, tmp_path / "cap.html", study=busy_study(folder), date=DAY))
    page.mouse.click(*pixel(page, "E"))
    assert "hourly=True" in page.inner_text("#details")
    assert not page.is_visible("#charts")
