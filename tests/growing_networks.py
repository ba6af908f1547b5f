"""The same question on networks of growing size, for benchmarks and slow tests.

`trondelag` is the study itself; `made` is the network of `tests.large_network`; `gb` (2,224 buses)
and `pegase` (9,241) are cases of pandapower, imported, with what such cases lack made by a rule:
every load swings over the day in a phase of its own, ratings are drawn around the worst flow that
any outage causes on that day, 0.97 to 2.5 times it, so that redispatch has work to do. Longer
studies repeat the day with a season, a week and a drift of every load. Thirty projects stand at
random loads.
"""

import gzip
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

import gridplan as gp
from gridplan.operation.case import case_of
from gridplan.study.study import Study
from tests.large_network import large_study
from tests.networks_by_hand import worst_flow_mw

GB = Path(__file__).parent / "importing" / "data" / "GBnetwork.json.gz"
DAY, WEEK, YEAR = 24, 168, 8760
TIGHT, WIDE, LEAST_MW = 0.97, 2.5, 50.0
PROJECTS = 30


def trondelag(hours: int) -> Study:
    """The bundled study in 2030, its first hours, with as many projects as the others."""
    study = gp.at_stage(gp.open_study("trondelag"))
    return study.at(study.network.snapshots[:hours])


def made(hours: int) -> Study:
    """600 buses, 950 branches."""
    return offered(longer(large_study(), hours), mw=(20, 300))


def gb(hours: int, folder: Path) -> Study:
    """2,224 buses, 3,207 branches."""
    path = folder / "gb.json"
    path.write_bytes(gzip.decompress(GB.read_bytes()))
    return imported(path, hours, mw=(20, 200))


def imported(path: Path, hours: int, mw: tuple[float, float]) -> Study:
    """A case of one situation, made into a study of many hours."""
    study = gp.import_network(path).study()
    n, rng = study.network.copy(), np.random.default_rng(2030)
    n.set_snapshots(pd.date_range("2030-01-14", periods=DAY, freq="h"))
    n.snapshot_weightings = n.snapshot_weightings.astype(float)
    loads, hour = n.c.loads.static, np.arange(DAY)[:, None]
    swing = 0.8 + 0.2 * np.sin((hour - rng.uniform(8, 14, len(loads))) * 2 * np.pi / DAY)
    n.c.loads.dynamic.p_set = table(loads["p_set"].to_numpy() * swing, n.snapshots, loads.index)
    return offered(longer(rated(Study(network=n), rng), hours), mw)


def rated(study: Study, rng: np.random.Generator) -> Study:
    """Draw ratings around the worst flow after any outage."""
    case = case_of(study)
    worst = worst_flow_mw(case)
    rating = np.maximum(worst * rng.uniform(TIGHT, WIDE, len(worst)), LEAST_MW)
    rating = pd.Series(rating, index=case.grid.topology.branches.index)
    lines = study.network.c.lines.static
    lines["s_nom"], lines["s_max_pu"] = rating[lines.index], 1.0
    own = study.network.c.transformers.static  # their reactance goes by s_nom, which stays
    own["s_max_pu"] = rating[own.index] / own["s_nom"]
    return study


def longer(study: Study, hours: int) -> Study:
    """Repeat the day of a study, its loads by season, by week and with a drift of their own."""
    day, rng = study.network, np.random.default_rng(8760)
    n = day.copy(snapshots=[])
    n.set_snapshots(pd.date_range(day.snapshots[0], periods=hours, freq="h"))
    n.snapshot_weightings = n.snapshot_weightings.astype(float)
    hour = np.arange(hours)[:, None]
    for component in day.components:
        for name, values in component.dynamic.items():
            if len(values.columns):
                repeated = values.to_numpy()[hour[:, 0] % DAY]
                component_of = getattr(n.c, component.list_name)
                component_of.dynamic[name] = table(repeated, n.snapshots, values.columns)
    loads = n.c.loads.dynamic.p_set
    season = 0.8 + 0.2 * np.cos(2 * np.pi * hour / YEAR)
    drift = 1 - 0.03 * (1 + np.sin(hour * 2 * np.pi / WEEK + rng.uniform(0, 6, loads.shape[1])))
    n.c.loads.dynamic.p_set = loads * season * drift
    return Study(network=n)


def offered(study: Study, mw: tuple[float, float]) -> Study:
    """Add thirty projects at random loads."""
    rng = np.random.default_rng(30)
    buses = study.network.c.loads.static["bus"].unique()
    projects = pd.DataFrame(
        {
            "bus": rng.choice(buses, PROJECTS, replace=False),
            "mw": rng.uniform(*mw, PROJECTS).round(1),
            "value_mnok_per_yr": rng.uniform(5, 100, PROJECTS).round(2),
        },
        index=pd.Index([f"Project {number}" for number in range(PROJECTS)], name="name"),
    )
    return replace(study, projects=projects)


def table(values, index, columns):
    """Values by snapshot and name, as PyPSA keeps them."""
    return pd.DataFrame(values, pd.DatetimeIndex(index, name="snapshot"), columns)
