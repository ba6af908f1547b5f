"""The tutorial, walked as it stands: its commands, its rows, and what it says comes out."""

import re
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from gridplan.cli.app import app
from gridplan.study.tables import TABLES
from tests.docs.conftest import ROOT
from tests.docs.test_examples import BLOCK

pytestmark = pytest.mark.slow  # about two minutes
SCENARIOS = "study: my-region\nmatrix: {grid_year: [2025, 2032], budget_mnok: [0, 100]}\n"
SCHEMA = {table.name: table.names for table in TABLES}


def run(*words) -> str:
    """Run a command and return what it prints, on one line."""
    done = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return " ".join(done.output.split())


@pytest.fixture(scope="module")
def walked(tmp_path_factory):
    """Folder in which the tutorial has been followed to its end."""
    import shlex

    folder = tmp_path_factory.mktemp("walk")
    text = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    said = ""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for kind, block in BLOCK.findall(text):
            if kind == "shell":
                for line in block.splitlines():
                    said = run(*shlex.split(line.removeprefix("uv run gridplan ")))
            elif kind == "none":
                with Path("my-region/projects.csv").open("a", encoding="utf-8") as table:
                    table.write(block)
            elif kind == "text":
                for line in block.splitlines():
                    assert " ".join(line.split()) in said
        yield folder


def test_it_leaves_what_it_promises(walked):
    text = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    promised = re.findall(r"`((?:report|plan|capacity|offers)[\w.]*\.\w+)`", text)
    assert {"report.docx", "offers_nb.txt", "plan.xlsx", "plan.gpkg"} <= set(promised)
    for name in promised:
        assert (walked / "results" / name).stat().st_size > 0


@pytest.fixture(scope="module")
def everything(walked):
    """The same folder after all other commands."""
    (walked / "sc.yaml").write_text(SCENARIOS, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(walked)
        run("hosting", "my-region", "--bus", "Centre 66", "--out", "hosting")
        run("explain", "my-region", "Fish farm", "--out", "explain")
        run("queue", "my-region", "--out", "queue")
        run("batch", "sc.yaml", "--out", "batch", "--jobs", "1")
        run("compare", "batch", "--regret", "--jobs", "1", "--out", "compare")
        (walked / "results").rename("study")
    return walked


NUMBERED = {"curve_BUS.csv": "curve_Centre_66.csv"}
FREE = {  # tables with a column for each project or portfolio, and how many are not free
    "curtailed_mw.csv": 1,
    "curtailment_duration_mw.csv": 0,
    "chosen.csv": 1,
    "regret_mnok_per_yr.csv": 1,
    "regret_why.csv": 1,
}


def test_files_have_the_columns_that_the_reference_tells(everything):
    from _ext.output_pages import written

    content = written()
    del content["words"]
    for command, told in content.items():
        for name, file in told["files"].items():
            path = everything / command / NUMBERED.get(name, name)
            found = pd.read_csv(path, nrows=0, encoding="utf-8-sig").columns.to_list()
            found = ["" if column.startswith("Unnamed") else column for column in found]
            if name in FREE:
                found = found[: FREE[name]]
            changed = [column for column in found if column.startswith("change_")]
            if changed:
                at = found.index(changed[0])
                found[at : at + len(changed)] = ["change_…"]
            known = set(SCHEMA.get(file.get("of", ""), ()))
            assert [column for column in found if column not in known or column in
                    file["columns"]] == file["columns"], path  # fmt: skip


def test_no_file_is_left_untold(everything):
    from _ext.output_pages import written

    content = written()
    for command, folders in {"study": ("study", "report"), "hosting": ("hosting",),
                             "explain": ("explain",), "queue": ("queue",),
                             "compare": ("compare",)}.items():  # fmt: skip
        told = {name for folder in folders for name in content[folder]["files"]}
        told |= {
            name
            for folder in folders
            for names in content[folder]["others"]
            for name in names.split(", ")
        }
        told = {name.replace("BUS", "Centre_66") for name in told}
        found = {path.name for path in (everything / command).iterdir() if path.suffix != ".qml"}
        assert found <= told, command
        assert told - found <= {"why_remedies.csv"}, command
