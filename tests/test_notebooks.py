"""The notebooks run from top to bottom, say what is committed, and read well without running."""

import base64
import re
from functools import cache

import pytest

from tests.notebook_runs import REFRESH, code_cells, executed, notebooks, read, same, told

QUICK = ("07",)  # the others run with the slow tests
MACHINE = re.compile(r"(?<![\w.])/(?:tmp|home|root|work|Users|var|usr)/|[A-Z]:\\\\|\.venv")
HEADING = re.compile(r"^#{1,3} .+", re.MULTILINE)
MOST_BYTES = 600_000
PATHS = pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)


def marked(path):
    quick = path.name.startswith(QUICK)
    return pytest.param(path, id=path.stem, marks=() if quick else pytest.mark.slow)


@cache
def stored(path):
    return read(path)


def outputs(notebook):
    return [output for cell in code_cells(notebook) for output in cell.outputs]


def texts(notebook):
    """All that a reader sees but pictures: text, code and results."""
    for cell in notebook.cells:
        yield cell.source
        for output in cell.get("outputs", []):
            yield output.get("text", "")
            for kind, content in output.get("data", {}).items():
                if not kind.startswith("image/png"):
                    yield content


def pictures(notebook):
    return [o.data["image/png"] for o in outputs(notebook) if "image/png" in o.get("data", {})]


def test_there_are_seven():
    assert [path.name[:2] for path in notebooks()] == [f"{n:02}" for n in range(1, 8)]


@PATHS
def test_it_holds_the_outputs_of_one_run(path):
    cells = code_cells(stored(path))
    counts = [cell.execution_count for cell in cells]
    assert counts == list(range(1, len(cells) + 1)), f"run {REFRESH} {path.name[:2]}"
    kinds = {output.output_type for output in outputs(stored(path))}
    assert "error" not in kinds
    assert not [o for o in outputs(stored(path)) if o.get("name") == "stderr"]
    assert pictures(stored(path))
    assert all(base64.b64decode(one).startswith(b"\x89PNG") for one in pictures(stored(path)))
    assert path.stat().st_size < MOST_BYTES


@PATHS
def test_nothing_of_the_machine_shows(path):
    found = [text for text in texts(stored(path)) if MACHINE.search(text)]
    assert not found
    assert all(
        set(cell.metadata) <= {"tags"} for cell in stored(path).cells
    )  # no times of execution


@PATHS
def test_it_is_written_in_norwegian_and_english(path):
    prose = [cell.source for cell in stored(path).cells if cell.cell_type == "markdown"]
    headings = [line for text in prose for line in HEADING.findall(text)]
    assert len(headings) >= 4
    assert all(line.count(" · ") == 1 for line in headings)
    assert "**Spørsmål:**" in prose[0]
    assert "**Question:**" in prose[0]
    assert "For a report" in prose[0]
    assert any("Til rapporten" in line for line in headings)
    paragraphs = [text for text in prose if not text.startswith("|")]
    assert all(("\n> " in text) or not HEADING.sub("", text).strip() for text in paragraphs)


@pytest.mark.parametrize("path", [marked(path) for path in notebooks()])
def test_it_runs_and_says_what_is_committed(path, tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    fresh = executed(path, tmp_path)
    pairs = zip(code_cells(stored(path)), code_cells(fresh), strict=True)
    stale = [
        f"cell {cell.execution_count}\n--- committed\n{told(old)}\n--- now\n{told(cell)}"
        for old, cell in pairs
        if not same(told(old), told(cell))
    ]
    assert not stale, f"refresh with: {REFRESH} {path.name[:2]}\n" + "\n".join(stale)
    assert len(pictures(fresh)) == len(pictures(stored(path)))
    assert not [o for o in outputs(fresh) if o.get("name") == "stderr"]
    assert any(file.is_file() for file in (tmp_path / "results").rglob("*"))  # for a report
