"""Examples in the README and the documentation say what the code understands."""

import ast
import inspect
import re
import shlex
import tomllib

import pytest
import yaml

import gridplan
from gridplan.batch.scenarios import ScenarioFile
from gridplan.study.settings import Settings
from tests.docs.conftest import ROOT

FILES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted(
        path
        for path in (ROOT / "docs").rglob("*.md")
        if not {"_build", "notebooks"} & set(path.relative_to(ROOT).parts)
    ),
]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`(?:uv run )?(gridplan [^`]+)`")
EACH = pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))


def blocks(path, *languages):
    found = BLOCK.findall(path.read_text(encoding="utf-8"))
    return [text for language, text in found if language in languages]


@EACH
def test_python(path):
    for text in blocks(path, "python"):
        for node in ast.walk(ast.parse(text)):
            name = node.func if isinstance(node, ast.Call) else node
            if not (
                isinstance(name, ast.Attribute)
                and isinstance(name.value, ast.Name)
                and name.value.id == "gp"
            ):
                continue
            assert name.attr in gridplan.__all__, text
            if isinstance(node, ast.Call):
                given = [None] * len(node.args)
                named = {keyword.arg: None for keyword in node.keywords if keyword.arg}
                inspect.signature(getattr(gridplan, name.attr)).bind(*given, **named)


def literals(path):
    """Texts in the Python examples, and in the quotes of the commands."""
    for text in blocks(path, "python"):
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
    for text in blocks(path, "", "shell"):
        yield from re.findall(r'"([^"]+)"', text)


@pytest.fixture(scope="module")
def grid():
    return gridplan.at_stage(gridplan.open_study("trondelag"), 2030)


@EACH
def test_buses_branches_and_projects_are_in_the_grid_of_2030(path, grid):
    network = grid.network.c
    tables = (network.buses, network.lines, network.transformers)
    known = {name for table in tables for name in table.static.index}
    named = [text for text in literals(path) if re.search(r" (66|132|300|420)$", text)]
    assert set(named) <= known
    projects = [text for text in literals(path) if re.search(r"air base|conditional$", text)]
    assert set(projects) <= set(grid.projects.index)


@EACH
def test_commands(path):
    from _ext.command_pages import options

    known = options()
    lines = [
        line.removeprefix("uv run ").split(" #")[0]
        for text in blocks(path, "", "shell", "text")
        for line in text.splitlines()
    ]
    lines += INLINE.findall(path.read_text(encoding="utf-8"))
    for line in lines:
        words = shlex.split(line) if line.startswith("gridplan ") else []
        if len(words) < 2 or words[1].startswith("-") or words[1] in ("…", "COMMAND"):
            continue
        assert words[1] in known, line
        given = {word for word in words[2:] if word.startswith("--")}
        assert given - {"--help", "--debug"} <= known[words[1]], line


@EACH
def test_yaml(path):
    for text in blocks(path, "yaml"):
        content = yaml.safe_load(text)
        model = ScenarioFile if "study" in content else Settings
        model.model_validate(content)


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "docs/index.md"])
def test_links_to_files(name):
    path = ROOT / name
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    assert links
    assert not [link for link in links if not (path.parent / link).exists()]


def test_there_are_examples_of_all_kinds():
    for languages in (("python",), ("", "shell"), ("yaml",)):
        assert sum(len(blocks(path, *languages)) for path in FILES) >= 4


def test_the_house_is_that_of_the_linter():
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = config["tool"]["importlinter"]["contracts"][0]["layers"]
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| (`[^|]+) \|", text, flags=re.MULTILINE)
    rooms = [{f"gridplan.{name}" for name in re.findall(r"`(\w+)`", row)} for row in told]
    assert rooms == [set(layer.split(" | ")) for layer in layers]


def test_the_glossary_is_sorted_in_norwegian():
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    terms = [row[0] for row in rows[1:]]
    letters = "abcdefghijklmnopqrstuvwxyzæøå"
    order = [[letters.find(letter) for letter in term.lower()] for term in terms]
    assert len(terms) >= 60
    assert len(set(terms)) == len(terms)
    assert order == sorted(order)


def test_every_output_column_is_explained():
    from _ext.output_pages import explained, written

    content = written()
    words = content.pop("words")
    for command in content.values():
        for file in command["files"].values():
            for column in file["columns"]:
                norwegian, english = explained(column, file, words)
                assert english
                assert isinstance(norwegian, str)
