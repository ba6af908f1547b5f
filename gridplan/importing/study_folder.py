"""A study folder around an imported network."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pypsa

from gridplan.base.quiet import quiet_pypsa
from gridplan.importing.hours import Shape, shapes_of, with_hours
from gridplan.importing.layout import DRAWING, NOTE
from gridplan.study.describing import settings_text
from gridplan.study.new import HOURS, drafted, free_place, write_series, write_table
from gridplan.study.settings_file import FILE
from gridplan.study.tables import MEASURES, OUTAGES, PROJECTS, REINFORCEMENTS, SYMBIOSES

NETWORK = "network.nc"
OWN = (PROJECTS, MEASURES, SYMBIOSES, REINFORCEMENTS, OUTAGES)
README = """\
# {title}

{origin}

`{network}` is the network (PyPSA netCDF: `pypsa.Network("{network}")`), `import.csv` lists what was
changed, dropped or assumed. Add rows to `projects.csv`, `measures.csv` and the other tables (each
begins with a note of its columns), and choose shapes from `hourly/profile_pu.csv`.

1. `gridplan check FOLDER` lists every problem.
2. `gridplan hosting FOLDER` tells how much each bus can take, and draws the capacity map.
3. `gridplan study FOLDER --out results/` plans the projects.

{notes}
"""


def for_study(network: pypsa.Network) -> pypsa.Network:
    """Return a copy in which loads stand for conductances of shunts, as the linear model needs."""
    with quiet_pypsa():
        copy = network.copy()
        shunts = copy.c.shunt_impedances.static
        taking = shunts[shunts["g"] != 0]
        if len(taking):
            kv = taking["bus"].map(copy.c.buses.static["v_nom"])
            names = [f"{name} (conductance)" for name in taking.index]
            loads = {"bus": taking["bus"].to_numpy(), "p_set": (taking["g"] * kv**2).to_numpy()}
            copy.add("Load", names, **loads)
            copy.c.shunt_impedances.static["g"] = 0.0
    return copy


def write_network_study(
    folder: Path,
    network: pypsa.Network,
    *,
    origin: str,
    report: pd.DataFrame,
    hours: int,
    shape: Shape,
) -> Path:
    """Write a folder that `gridplan.open_study` opens.

    Parameters
    ----------
    folder : pathlib.Path
        To be made; it must not be there yet, or be empty.
    network : pypsa.Network
        As the importers make it; `n.meta["notes"]` says what people should know.
    origin : str
        Where it comes from, one sentence.
    report : pandas.DataFrame
        What was changed, dropped or assumed.
    hours : int
        Hours of the study; 0 keeps those of the network.
    shape : {"load", "flat"}
        What loads follow in them.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    StudyError
        When there is something already, or no such place; nothing is then written.
    """
    target = free_place(folder)
    with drafted(target) as draft:
        _write(draft, network, origin=origin, report=report, hours=hours, shape=shape)
    return target


def _write(
    draft: Path,
    network: pypsa.Network,
    *,
    origin: str,
    report: pd.DataFrame,
    hours: int,
    shape: Shape,
) -> None:
    (draft / HOURS).mkdir(parents=True)
    whole = for_study(network)
    said = list(network.meta.get("notes", []))
    if hours:
        whole, rule = with_hours(whole, hours, shape)
        said += rule
        shapes = shapes_of(hours)
    else:
        shapes = pd.DataFrame({"flat": 1.0}, index=network.snapshots)
    whole.meta = {**network.meta, "notes": said, "origin": origin}
    with quiet_pypsa():
        whole.export_to_netcdf(draft / NETWORK)
    write_series(draft / HOURS / "profile_pu.csv", shapes)
    for table in OWN:
        write_table(draft / f"{table.name}.csv", table, [])
    report.to_csv(draft / "import.csv", index=False, encoding="utf-8-sig", lineterminator="\n")
    attribution = next((note for note in said if note in (NOTE, DRAWING)), "")
    text = settings_text(
        draft.name, network=NETWORK, profiles=HOURS, title=network.name or draft.name,
        **({"attribution": attribution} if attribution else {}),
    )  # fmt: skip
    (draft / FILE).write_text(text, encoding="utf-8", newline="\n")
    notes = "\n".join(f"* {note}" for note in said)
    words = README.format(
        title=network.name or draft.name, origin=origin, network=NETWORK, notes=notes
    )
    (draft / "README.md").write_text(words, encoding="utf-8", newline="\n")
