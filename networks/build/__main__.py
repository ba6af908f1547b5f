"""Build the Trøndelag study from the source data: `python networks/build [SOURCES]`.

Writes networks/trondelag and profiles/. Everything goes to a temporary folder first and is moved
into place at the end; run twice it writes the same bytes. The default of SOURCES is
../shared/sources beside the repository.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from networks.build import (  # noqa: E402  (the repository must be on the path first)
    branch_tables,
    branches,
    geo,
    profiles,
    sizing,
    sources_grid,
    sources_hourly,
    stations,
    study_tables,
)
from networks.build.common import write_csv  # noqa: E402
from networks.build.generation import generators  # noqa: E402
from networks.build.ladder import Size  # noqa: E402
from networks.build.loads import loads  # noqa: E402
from networks.build.reinforcements import reinforcements  # noqa: E402
from networks.build.sizing import Corridors  # noqa: E402
from networks.build.sources_reinforcements import reinforcements_section  # noqa: E402

STUDY, SERIES = Path("networks/trondelag"), Path("profiles")
INFLOW = "median"  # with the first wind and load year, the base case that sizes the grid


def main(sources: Path) -> None:
    """Build everything and move it into place."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        _write(sources, out)
        for path in sorted(p for p in out.rglob("*") if p.is_file()):
            target = ROOT / path.relative_to(out)
            target.parent.mkdir(parents=True, exist_ok=True)
            fresh = target.with_name(f".{target.name}.new")
            shutil.copyfile(path, fresh)  # the temporary folder may be on another disk
            fresh.replace(target)


def _write(sources: Path, out: Path) -> None:
    """Write all files of the study into a folder."""
    study, grid = out / STUDY, out / STUDY / "grid"
    buses = stations.buses(sources)
    write_csv(buses, grid / "buses.csv")
    write_csv(_carriers(), grid / "carriers.csv")
    study_tables.write_hourly(sources, buses, study, out / SERIES)
    corridors, sizes, loading = _sized(sources, buses)
    lines = branch_tables.line_table(corridors, sizes)
    transformers = branch_tables.transformer_table(corridors, sizes)
    write_csv(lines, grid / "lines.csv")
    write_csv(transformers, grid / "transformers.csv")
    study_tables.write_projects(sources, buses, lines, study)
    changes = reinforcements(sources, buses, lines, transformers)
    write_csv(changes, study / "reinforcements.csv")
    for name, text in geo.outlines(sources).items():
        path = study / "geo" / f"{name}.geojson"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    text = sources_grid.document((buses, lines, transformers), corridors, sizes, loading)
    text += "\n" + sources_hourly.sources_section(sources, buses)
    text += "\n" + reinforcements_section(changes)
    (study / "SOURCES.md").write_text(text, encoding="utf-8", newline="\n")


def _sized(sources: Path, buses: pd.DataFrame) -> tuple[Corridors, list[Size], np.ndarray]:
    """Return the corridors, the size of each and its worst loading in the base case."""
    demand, supply = loads(sources, buses), generators(sources, buses)
    peak_mw = demand.groupby("bus")["peak_mw"].sum()
    corridors = branches.corridors(buses, peak_mw, sources)
    hourly = profiles.hourly(sources, buses).isel(wind_year=0, load_year=0)
    injection = branches.injections_mw(buses.index, supply, demand, hourly, INFLOW)
    sizes = sizing.grown(corridors, buses.index, injection, set(demand["bus"]))
    loading = sizing.loading_of(corridors, sizes, buses.index, injection)
    return corridors, sizes, loading


def _carriers() -> pd.DataFrame:
    """Return grid/carriers.csv."""
    rows = {
        "AC": ("alternating current", "#333333"),
        "border": ("exchange", "#8c6bb1"),
        "hydro": ("hydro power", "#2b8cbe"),
        "wind": ("wind power", "#7fbf7b"),
    }
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["nice_name", "color"])
    return table.rename_axis("name")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared" / "sources")
