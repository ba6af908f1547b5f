"""Pages of a small place, opened in the system's chromium without any network."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gridplan.check.witness import certify
from gridplan.exports.page import write_page
from gridplan.grid.stages import at_stage
from gridplan.hosting.capacity import hosting_capacity
from gridplan.portfolio.plan import plan
from gridplan.study.settings import Settings
from gridplan.study.study import Study
from tests.exports.conftest import DAY, offered, placed_network, saving
from tests.networks_by_hand import projects, reinforcements

HOURS = 300
HOSTILE = "<script>alert(1)</script>"
MARKUP = "$$x^2$$ </script><img src=x onerror=alert(2)>"
FORMULA = '=1+1; "æøå"'


def busy_study(folder) -> Study:
    """The island study with a load that changes, hostile names and a line to come in 2028."""
    network = placed_network(HOURS)
    shape = 1 + 0.4 * np.sin(np.arange(HOURS) / 24 * 2 * np.pi) + 0.2 * np.arange(HOURS) / HOURS
    loads = network.c.loads.dynamic["p_set"]
    network.c.loads.dynamic["p_set"] = loads.mul(shape, axis=0)
    rows = offered()
    extra = projects(
        {
            HOSTILE: {"bus": "B", "mw": 8.0, "value_mnok_per_yr": 3.0},
            FORMULA: {"bus": "B", "mw": 5.0, "value_mnok_per_yr": 3.0},
            MARKUP: {"bus": "D", "mw": 7.0},
        }
    )
    line = {"name": "Fjordkryssing", "year": 2028, "status": "licensed", "action": "add line"}
    line |= {"branch": "AC 2", "bus0": "A", "bus1": "C", "r": 0.01, "x": 10.0, "s_nom": 100.0}
    return Study(
        network=network,
        projects=pd.concat([rows, extra]),
        measures=saving(),
        reinforcements=reinforcements(line),
        settings=Settings(
            name="asene", title="Åsene & øyene", attribution="© Kartverket (CC BY 4.0)"
        ),
        folder=folder,
    )


@pytest.fixture(scope="session")
def capacities(folder):
    study = busy_study(folder)
    return {
        year: hosting_capacity(at_stage(study, year), criterion=["N-1", "N-0"], hourly=True)
        for year in (2025, 2030)
    }


@pytest.fixture(scope="session")
def planned(folder):
    return plan(busy_study(folder), 2030)


@pytest.fixture(scope="session")
def page_file(capacities, planned, folder, tmp_path_factory) -> Path:
    """Page with everything: two grid years, two criteria, a plan and its certificate."""
    path = tmp_path_factory.mktemp("page") / "map.html"
    return write_page(
        capacities,
        path,
        plan=planned,
        study=busy_study(folder),
        certificate=certify(planned, samples=1),
        language="nb",
        date=DAY,
    )


@pytest.fixture(scope="session")
def browser():
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no chromium on this machine: apt-get install chromium")
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def opened(browser):
    """Function that opens a file; every request but the file and every complaint is recorded."""
    contexts, troubles = [], []

    def open_page(path, width=1280, height=800, **options):
        context = browser.new_context(
            viewport={"width": width, "height": height}, offline=True, **options
        )
        contexts.append(context)
        page = context.new_page()

        def route(route):
            if route.request.url.split("#")[0] == path.as_uri():
                route.continue_()
            else:
                troubles.append(f"request: {route.request.url}")
                route.abort()

        page.route("**/*", route)
        page.on("pageerror", lambda error: troubles.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (troubles.append("dialog"), dialog.dismiss()))
        page.on(
            "console",
            lambda said: said.type in ("error", "warning") and troubles.append(said.text),
        )
        page.goto(path.as_uri())
        page.wait_for_selector("#app[data-ready=true]", timeout=20_000)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not troubles


@pytest.fixture
def page(opened, page_file):
    return opened(page_file)
