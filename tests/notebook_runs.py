"""Run the notebooks, and write their outputs back: python -m tests.notebook_runs [01 07 ...].

Each runs in a folder of its own that is removed afterwards, so nothing is left in the repository.
"""

from __future__ import annotations

import base64
import io
import re
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode
from PIL import Image

FOLDER = Path(__file__).parents[1] / "notebooks"
REFRESH = "uv run python -m tests.notebook_runs"
COLOURS = 256
SECONDS = 600  # most that a cell may take
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)*(?:e[-+]?\d+)?")
CLOSE_PU, CLOSE = 2e-3, 0.11  # figures that differ by less are the same: solvers round


def notebooks() -> list[Path]:
    """Paths of all notebooks, in their order."""
    return sorted(FOLDER.glob("*.ipynb"))


def read(path: Path) -> NotebookNode:
    """Read a notebook as it is stored."""
    return nbformat.read(path, as_version=4)


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Cells that run."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def executed(path: Path, folder: Path) -> NotebookNode:
    """Run a notebook from top to bottom, with `folder` as its working directory."""
    notebook = read(path)
    for cell in code_cells(notebook):
        cell.outputs, cell.execution_count = [], None
    client = NotebookClient(
        notebook,
        timeout=SECONDS,
        kernel_name=KERNEL["name"],
        record_timing=False,
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute()
    notebook.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    return notebook


def told(cell: NotebookNode) -> str:
    """Text that a cell shows: what it prints, and its results as plain text."""
    shown = ((one.get("text", ""), one.get("data", {})) for one in cell.outputs)
    return "\n".join(text or data.get("text/plain", "") for text, data in shown)


def same(one: str, other: str) -> bool:
    """Whether two texts say the same: equal words, and figures that differ by rounding only.

    Examples
    --------
    >>> same("Orkdal  384.2 MW", "Orkdal 384.3 MW"), same("Orkdal 384 MW", "Orkdal 374 MW")
    (True, False)
    >>> same("39 of 44", "38 of 44"), same("Orkdal 132", "Eidum 132")
    (False, False)
    """
    if NUMBER.sub("#", one).split() != NUMBER.sub("#", other).split():
        return False
    pairs = zip(NUMBER.findall(one), NUMBER.findall(other), strict=True)
    return all(a == b or _close(a, b) for a, b in pairs)


def _close(one: str, other: str) -> bool:
    """Whether two figures differ by rounding; whole numbers below 1,000 are counts."""
    try:
        a, b = (float(text.replace(",", "")) for text in (one, other))
    except ValueError:  # a date, or a version
        return False
    counts = a == int(a) and b == int(b) and "." not in one + other and max(a, b) < 1000
    return not counts and abs(a - b) <= max(CLOSE, CLOSE_PU * abs(a))


def smaller(picture: str) -> str:
    """Store a PNG (base64) with 256 colours: a map takes a third of the room."""
    target = io.BytesIO()
    with Image.open(io.BytesIO(base64.b64decode(picture))) as image:
        image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(
            target, "PNG", optimize=True
        )
    return base64.b64encode(target.getvalue()).decode("ascii")


def refresh(path: Path) -> float:
    """Run a notebook and store its outputs; return the seconds it took."""
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        notebook = executed(path, Path(folder))
    for output in (output for cell in code_cells(notebook) for output in cell.outputs):
        if "image/png" in output.get("data", {}):
            output.data["image/png"] = smaller(output.data["image/png"])
    path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8", newline="\n")
    return time.perf_counter() - begun


def main(wanted: list[str]) -> None:
    """Refresh the notebooks whose names begin so, or all."""
    for path in notebooks():
        if not wanted or path.name.startswith(tuple(wanted)):
            seconds = refresh(path)
            print(f"{path.name}: {seconds:.0f} s, {path.stat().st_size / 1000:.0f} kB")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
