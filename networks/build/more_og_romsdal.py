"""Build the study of Møre og Romsdal: `python networks/build/more_og_romsdal.py`.

It shows that nothing is tied to Trøndelag, as far as the sources of that study reach into the
neighbouring county: its 420 and 300 kV stations and lines (OpenStreetMap and documents, taken from
networks/trondelag), a published difference of consumption and production, and published plans. The
rest is assumption and says so in its row. Run twice it writes the same bytes.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pandas as pd
import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from gridplan.study.shapes import starting_shapes  # noqa: E402  (the repository first)
from networks.build.common import write_csv  # noqa: E402

TABLES = Path(__file__).parent / "more_og_romsdal"
FROM, TO = ROOT / "networks/trondelag", ROOT / "networks/more-og-romsdal"
LINES = (
    "Aura - Viklandet 420",
    "Klæbu - Surna 420",
    "Orkdal - Aura 300",
    "Snilldal - Surna 420",
    "Surna - Viklandet 420",
    "Viklandet - Fræna 420",
    "Viklandet - Ørskog 420",
    "Vågåmo - Aura 300",
)
TRANSFORMERS = ("Aura T1 420/300", "Surna T1 420/132")
REINFORCEMENTS = ("Surna transformer 420/132 kV",)
COUNTY = "Møre og Romsdal"
SHAPES = ["load", "flat", "electrolysis", "aquaculture", "process industry"]
NOT_HERE = ["Orkdal", "Klæbu", "Snilldal", "Vågåmo"]  # stations at the ends of the model


def main() -> None:
    """Write the study folder."""
    lines = _rows("grid/lines.csv").loc[list(LINES)]
    units = pd.concat(
        [_rows("grid/transformers.csv").loc[list(TRANSFORMERS)], _own("transformers")]
    )
    ends = pd.concat([table[end] for table in (lines, units) for end in ("bus0", "bus1")])
    buses = pd.concat([_rows("grid/buses.csv"), _own("buses")])
    buses = buses[buses.index.isin(ends)].sort_index()
    buses["in_county"] = ~buses["station"].isin(NOT_HERE)
    grid = TO / "grid"
    write_csv(buses, grid / "buses.csv")
    write_csv(lines, grid / "lines.csv")
    write_csv(units.sort_index(), grid / "transformers.csv")
    write_csv(_rows("grid/carriers.csv"), grid / "carriers.csv")
    for name in ("generators", "loads"):
        write_csv(_own(name), grid / f"{name}.csv")
    for name in ("projects", "measures"):
        write_csv(_own(name), TO / f"{name}.csv")
    changes = _rows("reinforcements.csv")
    taken = changes[changes.index.isin(REINFORCEMENTS)]
    write_csv(pd.concat([taken, _own("reinforcements")]), TO / "reinforcements.csv")
    _write_shapes(TO / "hourly" / "profile_pu.csv")
    _write_outline(TO / "geo")
    for name in ("study.yaml", "SOURCES.md"):
        text = (TABLES / name).read_text(encoding="utf-8")
        (TO / name).write_text(text, encoding="utf-8", newline="\n")
    yaml.safe_load((TO / "study.yaml").read_text(encoding="utf-8"))


def _rows(name: str) -> pd.DataFrame:
    """Table of the Trøndelag study, every cell as it stands there."""
    return pd.read_csv(FROM / name, dtype=str, keep_default_na=False, index_col="name")


def _own(name: str) -> pd.DataFrame:
    """Table of what only this study has."""
    return pd.read_csv(TABLES / f"{name}.csv", dtype=str, keep_default_na=False, index_col="name")


def _write_shapes(path: Path) -> None:
    """Write the hourly shapes that the study uses."""
    path.parent.mkdir(parents=True, exist_ok=True)
    starting_shapes()[SHAPES].to_csv(
        path, encoding="utf-8", lineterminator="\n", date_format="%Y-%m-%d %H:%M", float_format="%g"
    )


def _write_outline(folder: Path) -> None:
    """Write the county and its neighbours, from the outlines around Trøndelag."""
    folder.mkdir(parents=True, exist_ok=True)
    around = json.loads((FROM / "geo/neighbours.geojson").read_text(encoding="utf-8"))
    trondelag = json.loads((FROM / "geo/county.geojson").read_text(encoding="utf-8"))
    own = [each for each in around["features"] if each["properties"]["name"] == COUNTY]
    others = [each for each in around["features"] if each not in own] + trondelag["features"]
    for name, features in (("county", own), ("neighbours", others)):
        text = json.dumps(around | {"name": name, "features": features}, ensure_ascii=False)
        (folder / f"{name}.geojson").write_text(text + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
