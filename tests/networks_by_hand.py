"""Tiny networks whose answers can be worked out on paper, and random ones for comparisons."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pypsa

from gridplan.operation.case import case_of
from gridplan.operation.screen import largest_mw
from gridplan.study.outages import buses_cut_off
from gridplan.study.settings import Settings, Weights
from gridplan.study.study import Study

NO_WEIGHTS = Weights(
    co2_mnok_per_kt=0, jobs_mnok_per_job=0, export_mnok_per_mnok=0, mw_mnok_per_mw=0
)

PROJECT = {
    "bus": "",
    "mw": 0.0,
    "profile": "flat",
    "year": 2030,
    "co2_t_per_yr": 0.0,
    "jobs": 0.0,
    "export_mnok_per_yr": 0.0,
    "value_mnok_per_yr": 0.0,
    "requires": "",
}
MEASURE = {
    "kind": "load",
    "buses": "",
    "branch": "",
    "mw": 0.0,
    "rating_pu": 0.0,
    "profile": "flat",
    "units_max": 1,
    "cost_mnok": 1.0,
    "lifetime_yr": 20,
}
SYMBIOSIS = {
    "partners": "",
    "existing_partners": "",
    "carrier": "waste heat",
    "buses": "",
    "mw": 0.0,
    "profile": "flat",
    "cost_mnok": 1.0,
    "lifetime_yr": 20,
    "co2_t_per_yr": 0.0,
}
SECOND_LINE = {
    "name": "Second line",
    "year": 2028,
    "status": "planned",
    "action": "add line",
    "branch": "AC 2",
    "bus0": "A",
    "bus1": "C",
    "r": 0.01,
    "x": 10.0,
    "s_nom": 100.0,
}


def projects(rows: dict[str, dict]) -> pd.DataFrame:
    return _table(rows, PROJECT)


def measures(rows: dict[str, dict]) -> pd.DataFrame:
    return _table(rows, MEASURE)


def plain_study(network, offered, saving=None, heat=None, **settings) -> Study:
    """Study without interest or weights: a project is worth its value_mnok_per_yr alone."""
    return Study(
        network=network,
        projects=projects(offered),
        measures=measures(saving or {}),
        symbioses=symbioses(heat or {}),
        settings=Settings(**{"weights": NO_WEIGHTS, "interest_rate": 0.0} | settings),
    )


def chosen_in(plan) -> list[str]:
    """Names of what a plan connects or takes."""
    taken = [plan.projects["chosen"], plan.measures["units"] > 0, plan.symbioses["chosen"]]
    return [name for series in taken for name in series.index[series.astype(bool)]]


def reinforcements(*rows: dict) -> pd.DataFrame:
    """Table with a cost on the first row of every reinforcement."""
    names = [row["name"] for row in rows]
    cost = [10.0 if name not in names[:i] else float("nan") for i, name in enumerate(names)]
    source = ["made up" if cost_ > 0 else "" for cost_ in cost]
    return pd.DataFrame(rows).assign(cost_mnok=cost, cost_source=source).set_index("name")


def _table(rows, defaults):
    table = pd.DataFrame(
        [defaults | row for row in rows.values()], columns=[*_keys(rows, defaults)]
    )
    return table.set_axis(pd.Index(rows, name="name", dtype=str))


def _keys(rows, defaults):
    return dict.fromkeys([*defaults, *(key for row in rows.values() for key in row)])


def network(lines: dict[str, tuple], loads: dict[str, list], hours: int = 1) -> pypsa.Network:
    """Buses A, B, C, … at 132 kV; lines name: (from, to, x, s_nom); loads bus: MW by hour."""
    n = pypsa.Network(snapshots=pd.date_range("2030-01-01", periods=hours, freq="h"))
    n.add("Carrier", ["AC", "border", "hydro", "wind"])
    buses = sorted({end for line in lines.values() for end in line[:2]})
    n.add("Bus", buses, v_nom=132.0, carrier="AC")
    n.add(
        "Line",
        list(lines),
        bus0=[line[0] for line in lines.values()],
        bus1=[line[1] for line in lines.values()],
        x=[line[2] for line in lines.values()],
        r=0.01,
        s_nom=[line[3] for line in lines.values()],
        carrier="AC",
    )
    names = [f"load {bus}" for bus in loads]
    table = pd.DataFrame(
        {f"load {bus}": values for bus, values in loads.items()}, index=n.snapshots
    )
    n.add("Load", names, bus=list(loads), p_set=table.astype(float))
    return n


def triangle(load_mw: float = 60.0, rating_mw: float = 100.0) -> pypsa.Network:
    """Supply at A, load at C, three equal lines: 2/3 goes directly, 1/3 over B.

    After the outage of AC everything goes over B, so the firm limit at C is one rating.
    """
    n = network(
        {
            "AB": ("A", "B", 10.0, rating_mw),
            "BC": ("B", "C", 10.0, rating_mw),
            "AC": ("A", "C", 10.0, rating_mw),
        },
        {"C": [load_mw]},
    )
    n.add("Generator", "border A", bus="A", carrier="border", p_nom=1000.0)
    return n


def two_triangles(hours: int = 1) -> pypsa.Network:
    """Triangles A-B-C and D-E-F joined by the bridge CD; supply at A and a small plant at F."""
    lines = {name: (name[0], name[1], 10.0, 100.0) for name in ("AB", "BC", "AC", "DE", "EF", "DF")}
    n = network(
        lines | {"CD": ("C", "D", 10.0, 50.0)}, {"B": [30.0] * hours, "E": [20.0] * hours}, hours
    )
    n.add("Generator", "border A", bus="A", carrier="border", p_nom=500.0)
    n.add("Generator", "hydro F", bus="F", carrier="hydro", p_nom=10.0, p_min_pu=0.5)
    return n


def random_study(seed: int, buses: int = 12, hours: int = 4, tightness: float = 1.6) -> Study:
    """Meshed network with a radial end, hourly loads, four sources, projects and measures.

    Ratings are drawn around the base case's worst flow, from 0.9 (an existing overload that
    redispatch may or may not mend) to `tightness` times it.
    """
    rng = np.random.default_rng(seed)
    names = [f"B{i}" for i in range(buses)]
    ends = [(i, i + 1) for i in range(buses - 1)] + [(0, buses - 2)]
    ends += [tuple(rng.choice(buses - 1, 2, replace=False)) for _ in range(buses)]
    n = network(
        {
            f"L{i}": (names[a], names[b], rng.uniform(5, 20), 1000.0)
            for i, (a, b) in enumerate(ends)
        },
        {name: rng.uniform(10, 40, hours) for name in names},
        hours,
    )
    n.add(
        "Generator",
        ["west", "east", "upper", "lower"],
        bus=["B0", "B3", "B5", "B7"],
        carrier=["border", "border", "hydro", "hydro"],
        p_nom=[600.0, 600.0, 100.0, 80.0],
        p_min_pu=[-1.0, -1.0, 0.3, 0.2],
        p_max_pu=[1.0, 1.0, 0.7, 0.8],
        schedule_share=[0.6, 0.4, 0.0, 0.0],
    )
    schedule = pd.DataFrame(
        {"west": 0.0, "east": 0.0, "upper": 50.0, "lower": 40.0}, index=n.snapshots
    )
    profiles = pd.DataFrame({"flat": 1.0, "wavy": np.linspace(0.5, 1.0, hours)}, index=n.snapshots)
    study = Study(
        network=n,
        schedule_mw=schedule,
        projects=_random_projects(rng, names),
        measures=measures(
            {
                "M0": {"buses": "B2: 0.5; B4: 0.5", "mw": 8.0, "units_max": 3, "cost_mnok": 30.0},
                "M1": {"buses": "B6: 1", "mw": 5.0, "profile": "wavy", "units_max": 2},
                "M2": {"kind": "rating", "branch": "L1", "rating_pu": 0.25, "profile": ""},
            }
        ),
        profiles=profiles,
    )
    return _tightened(study, rng, tightness)


def _random_projects(rng, names):
    return projects(
        {
            f"P{i}": {
                "bus": rng.choice(names),
                "mw": round(rng.uniform(6, 60), 1),
                "profile": rng.choice(["flat", "wavy"]),
                "jobs": float(rng.integers(1, 100)),
                "value_mnok_per_yr": rng.uniform(1, 50),
            }
            for i in range(8)
        }
    )


def worst_flow_mw(case):
    """Largest flow of every branch in any hour, without and after any outage, shape (L,)."""
    flow = case.grid.flows_mw(case.injections_mw(case.schedule_mw))
    return largest_mw(case.grid, flow).max(axis=0).reshape(2, -1).max(axis=0)


def _tightened(study, rng, tightness):
    worst = worst_flow_mw(case_of(study))
    ratings = np.maximum(worst * rng.uniform(0.9, tightness, len(worst)), 5.0)
    study.network.c.lines.static["s_nom"] = ratings
    return study


def with_listed_outages(study: Study, seed: int, count: int = 4) -> Study:
    """Let some faults take out two or three lines at once, none of which splits the grid."""
    rng = np.random.default_rng(seed)
    lines = study.network.c.lines.static
    buses = study.network.c.buses.static.index
    rows = {}
    while len(rows) < count:
        lost = rng.choice(lines.index, rng.integers(2, 4), replace=False)
        if not buses_cut_off(buses, lines[["bus0", "bus1"]], lost):
            rows[f"fault {len(rows) + 1}"] = "; ".join(lost)
    return replace(study, outages=pd.DataFrame({"branches": rows}))


def double_circuit(load_mw: float = 60.0) -> pypsa.Network:
    """Two circuits A-B beside the way A-C-B; supply at A, load at B.

    Without outage a circuit carries 2/5 of the load, after the loss of the other 2/3; after the
    loss of both everything goes over C.
    """
    lines = {"AB 1": "AB", "AB 2": "AB", "AC": "AC", "CB": "CB"}
    n = network({name: (*ends, 10.0, 100.0) for name, ends in lines.items()}, {"B": [load_mw]})
    n.add("Generator", "border A", bus="A", carrier="border", p_nom=1000.0)
    return n


def with_emergency_factors(study: Study, seed: int, share: float = 0.6) -> Study:
    """Let some lines carry more after an outage than without: 1.05 to 1.5 of their rating."""
    lines = study.network.c.lines.static
    rng = np.random.default_rng(seed)
    some = rng.random(len(lines)) < share
    lines["emergency_factor"] = np.where(some, rng.uniform(1.05, 1.5, len(lines)), 1.0)
    return study


def with_hourly_ratings(study: Study, seed: int) -> Study:
    """Let the rating of every line vary from 0.8 to 1.2 of s_nom, hour by hour."""
    lines = study.network.c.lines
    shape = (len(study.network.snapshots), len(lines.static))
    draw = np.random.default_rng(seed).uniform(0.8, 1.2, shape)
    for column, name in enumerate(lines.static.index):
        lines.dynamic.s_max_pu[name] = draw[:, column]
    return study


def with_conditions(study: Study, seed: int, share: float = 0.2, **limits: float) -> Study:
    """Give half of the projects a conditional variant, and two of them a symbiosis."""
    rng = np.random.default_rng(seed)
    table = study.projects.copy()
    chosen = rng.choice(len(table), len(table) // 2, replace=False)
    variants = table.iloc[chosen].copy()
    variants["variant_of"] = variants.index
    variants = variants.set_axis("flexible " + variants.index).assign(
        connection="conditional",
        curtailable_share=share,
        curtailment_nok_per_mwh=2e4,
        mw=variants["mw"].to_numpy() * 1.3,
        value_mnok_per_yr=variants["value_mnok_per_yr"].to_numpy() * 0.95,
        **limits,
    )
    heat = symbioses({"Heat": {"partners": "P0; P1", "buses": "B6: 1", "mw": 6.0}})
    return replace(study, projects=pd.concat([table, variants]), symbioses=heat)


def symbioses(rows: dict[str, dict]) -> pd.DataFrame:
    return _table(rows, SYMBIOSIS)


def with_relations(study: Study, seed: int) -> Study:
    """Let projects require, exclude and compete with each other; one must be built."""
    rng = np.random.default_rng(seed)
    table = study.projects.copy()
    heads = list(rng.permutation(table.index[table["variant_of"] == ""]))
    table.loc[heads[0], "requires"] = heads[1]
    table.loc[heads[2], "excludes"] = f"{heads[3]}; {heads[4]}"
    table.loc[[heads[1], heads[5]], "exclusive_group"] = "site"
    must = table.loc[heads, "mw"].idxmin()
    table.loc[must, "must_build"] = True
    return replace(study, projects=table)
