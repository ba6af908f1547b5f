"""Every notebook runs from top to bottom, here on the first week of the year."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
FIRST_WEEK = "study = study.at(study.network.snapshots[:168])"


def read(path):
    return nbformat.read(path, as_version=4)


def of_kind(notebook, kind):
    return [
        output
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == kind
    ]


def test_there_are_notebooks():
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_kept_without_results(path):
    cells = [cell for cell in read(path).cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in cells)


def test_hosting_capacity_runs_and_shows_its_charts():
    notebook = read(NOTEBOOKS[0])
    opening = next(n for n, cell in enumerate(notebook.cells) if "open_study" in cell.source)
    notebook.cells.insert(opening + 1, nbformat.v4.new_code_cell(FIRST_WEEK))
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    shown = of_kind(notebook, "execute_result") + of_kind(notebook, "display_data")
    assert sum("image/png" in output.data for output in shown) == 3
    assert not of_kind(notebook, "stream")  # no warning, nothing printed
    tables = [output.data["text/html"] for output in shown if "text/html" in output.data]
    assert any("Orkdal 132" in table and "uten vilkår" in table for table in tables)
    assert any("Second circuit Fillan-Frøya 66 kV" in table for table in tables)
