"""Time the interactive map: `uv run python -m tests.benchmarks.page_opening`.

Prints how long the file takes to write, how large it is, and how long headless chromium needs
until every switch answers.
"""

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

import gridplan as gp
from gridplan.exports.page import write_page
from tests.benchmarks.timing import clock, report

LIMIT_S, LIMIT_MB = 3.0, 5.0


def main():
    study = gp.open_study("trondelag")
    stages = {year: gp.at_stage(study, year) for year in (2025, 2030)}
    caps = {
        year: gp.hosting_capacity(stage, criterion=["N-1", "N-0"], hourly=True)
        for year, stage in stages.items()
    }
    plan = gp.plan(study, 2030)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "map.html"
        with clock() as taken:
            write_page(caps, path, plan=plan, study=study, certificate=gp.certify(plan))
        size = path.stat().st_size / 1e6
        note = f"{size:.2f} MB, {'under' if size < LIMIT_MB else 'OVER'} {LIMIT_MB:g} MB"
        report("writing, certificate included", taken.wall, taken.cpu, note)
        opening(path)


def opening(path, times=5):
    """Open a page several times, each in a fresh context."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for _ in range(times):
            page = browser.new_context(offline=True).new_page()
            with clock() as taken:
                page.goto(path.as_uri())
                page.wait_for_selector("#app[data-ready=true]")
            note = f"{'under' if taken.wall < LIMIT_S else 'OVER'} {LIMIT_S:g} s"
            report("opening", taken.wall, taken.cpu, note)
            for year in page.locator("#year option").all()[1:]:
                with clock() as taken:
                    page.select_option("#year", year.get_attribute("value"))
                report("switching the year", taken.wall, taken.cpu)
        browser.close()


if __name__ == "__main__":
    main()
