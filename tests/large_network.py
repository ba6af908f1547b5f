"""A network of the size of SciGRID-DE, made up: 600 buses, 950 branches, N-1 as tight as it gets.

Places are drawn on a map and joined by the shortest lines (a spanning tree, then the shortest
edges of a Delaunay triangulation). Two voltage levels meet in transformers, some places hang on a
single line, and a small second island lies off the coast. Equal seeds give equal networks.
"""

import numpy as np
import pandas as pd
import pypsa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial import Delaunay

import gridplan as gp
from gridplan.operation.case import case_of
from gridplan.study.study import Study
from tests.networks_by_hand import worst_flow_mw

SIZE_KM = (640.0, 850.0)
LEVELS = {380.0: (200, 352, 0.25), 220.0: (378, 476, 0.30)}  # kV: buses, lines, ohm per km
TRANSFORMERS = 97  # at the places that both levels share
RADIAL, OFFSHORE = 12, 10  # buses on a single line; buses of the second island
LOADED = 480  # buses with load
TIGHT, WIDE = 0.97, 1.6  # ratings, per unit of the worst flow that the schedule causes
SPARE = 1.03  # where redispatch cannot mend that: rating per unit of what it leaves


def large_study(seed: int = 2030, hours: int = 24) -> Study:
    """600 buses, 950 branches, 46 sources that can move, ratings that change with the hour."""
    rng = np.random.default_rng(seed)
    n = pypsa.Network(snapshots=pd.date_range("2030-01-15", periods=hours, freq="h"))
    n.add("Carrier", ["AC", "border", "hydro", "wind"])
    places = _add_mainland(n, rng)
    _add_radial_ends(n, rng, places)
    _add_second_island(n, rng)
    _add_loads(n, rng)
    _add_sources(n, rng)
    return _rated(Study(network=n), rng)


def _add_mainland(n, rng):
    """Both voltage levels and the transformers between them; return the places of the buses."""
    places, below = {}, None
    for v_nom, (buses, lines, ohm_per_km) in LEVELS.items():
        at = rng.uniform((0, 0), SIZE_KM, (buses, 2))
        if below is not None:
            at[:TRANSFORMERS] = below[:TRANSFORMERS]
        names = [f"{v_nom:.0f} kV {number}" for number in range(buses)]
        n.add("Bus", names, v_nom=v_nom, carrier="AC", x=at[:, 0], y=at[:, 1])
        _add_lines(n, names, at, _mesh(at, lines), ohm_per_km)
        places |= dict(zip(names, at, strict=True))
        below = at
    numbers = range(TRANSFORMERS)
    n.add(
        "Transformer", [f"transformer {number}" for number in numbers], model="t",
        bus0=[f"380 kV {number}" for number in numbers],
        bus1=[f"220 kV {number}" for number in numbers],
        x=rng.uniform(0.10, 0.14, TRANSFORMERS), r=0.003, s_nom=600.0,
        tap_ratio=rng.choice([1.0, 1.025, 0.975], TRANSFORMERS),
    )  # fmt: skip
    return places


def _mesh(at, count):
    """Ends of the shortest lines that join all places and form meshes, shape (count, 2)."""
    corners = Delaunay(at).simplices
    edges = np.unique(np.sort(corners[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2)), axis=0)
    length = np.linalg.norm(at[edges[:, 0]] - at[edges[:, 1]], axis=1)
    graph = coo_array((length, (edges[:, 0], edges[:, 1])), shape=(len(at), len(at)))
    tree = np.sort(np.column_stack(minimum_spanning_tree(graph.tocsr()).nonzero()))
    needed = (edges[:, None] == tree).all(axis=2).any(axis=1)
    for place in np.flatnonzero(np.bincount(tree.ravel()) == 1):  # a second way to most places
        others = np.flatnonzero((edges == place).any(axis=1) & ~needed)
        needed[others[length[others].argmin()]] = True
    order = np.lexsort((length, ~needed))
    return edges[order[:count]]


def _add_lines(n, names, at, ends, ohm_per_km):
    km = np.maximum(np.linalg.norm(at[ends[:, 0]] - at[ends[:, 1]], axis=1), 1.0) * 1.2
    first = [names[end] for end in ends[:, 0]]
    second = [names[end] for end in ends[:, 1]]
    n.add(
        "Line", [f"{one} - {other}" for one, other in zip(first, second, strict=True)],
        bus0=first, bus1=second, length=km, x=ohm_per_km * km, r=0.1 * ohm_per_km * km,
        s_nom=1000.0, carrier="AC",
    )  # fmt: skip


def _add_radial_ends(n, rng, places):
    """Hang buses on a single line each."""
    roots = rng.choice([name for name in places if name.startswith("220")], RADIAL, replace=False)
    for number, root in enumerate(roots):
        at = np.array([places[root], places[root] + rng.uniform(5, 30, 2)])
        name = f"end {number}"
        n.add("Bus", name, v_nom=220.0, carrier="AC", x=at[1, 0], y=at[1, 1])
        _add_lines(n, [root, name], at, np.array([[0, 1]]), LEVELS[220.0][2])


def _add_second_island(n, rng):
    """Ring of buses with chords, not connected to the mainland."""
    angle = 2 * np.pi * np.arange(OFFSHORE) / OFFSHORE
    at = np.column_stack([np.cos(angle), np.sin(angle)]) * rng.uniform(20, 40, (OFFSHORE, 1))
    at -= 100
    names = [f"island {number}" for number in range(OFFSHORE)]
    n.add("Bus", names, v_nom=220.0, carrier="AC", x=at[:, 0], y=at[:, 1])
    ring = [(number, (number + 1) % OFFSHORE) for number in range(OFFSHORE)]
    chords = [(number, number + OFFSHORE // 2) for number in range(0, OFFSHORE // 2, 2)]
    _add_lines(n, names, at, np.array(ring + chords), LEVELS[220.0][2])


def _add_loads(n, rng):
    """Give most buses a load with a daily swing of its own."""
    offshore = [name for name in n.c.buses.static.index if name.startswith("island")]
    onshore = n.c.buses.static.index.difference(offshore, sort=False)
    buses = [*rng.choice(onshore, LOADED - OFFSHORE, replace=False), *offshore]
    hour = np.arange(len(n.snapshots))[:, None]
    peak = rng.lognormal(4.3, 0.6, len(buses))
    swing = 0.8 + 0.2 * np.sin((hour - rng.uniform(8, 14, len(buses))) * 2 * np.pi / 24)
    names = [f"load {bus}" for bus in buses]
    table = pd.DataFrame(peak * swing, index=n.snapshots, columns=names)
    n.add("Load", names, bus=buses, p_set=table)


def _add_sources(n, rng):
    """Wind that blows as it does, hydro with room, and borders that balance the rest."""
    load = n.c.loads.dynamic.p_set
    onshore = [name for name in n.c.buses.static.index if not name.startswith("island")]
    total = load.loc[:, ~load.columns.str.startswith("load island")].sum(axis=1).to_numpy()
    _add_wind(n, rng, rng.choice(onshore, 90, replace=False), 0.35 * total.mean() / 90)
    _add_hydro(n, rng, "hydro", rng.choice(onshore, 28, replace=False), 0.5 * total.mean() / 28)
    _add_borders(n, rng, "border", rng.choice(onshore, 14, replace=False), 0.3 * total.mean() / 14)
    alone = load.loc[:, load.columns.str.startswith("load island")].sum(axis=1).mean()
    _add_hydro(n, rng, "island hydro", ["island 1", "island 4", "island 8"], 0.25 * alone)
    _add_borders(n, rng, "island border", ["island 6"], alone)


def _add_wind(n, rng, buses, mw):
    names = [f"wind {bus}" for bus in buses]
    hour = np.arange(len(n.snapshots))[:, None]
    blow = 0.35 + 0.3 * np.sin((hour - rng.uniform(0, 24, len(buses))) * 2 * np.pi / 24)
    blow = pd.DataFrame(blow, index=n.snapshots, columns=names)
    p_nom = rng.uniform(0.5, 1.5, len(buses)) * mw / 0.35
    n.add(
        "Generator", names, bus=buses, carrier="wind", p_nom=p_nom, p_min_pu=blow, p_max_pu=blow,
        p_set=blow * p_nom,
    )  # fmt: skip


def _add_hydro(n, rng, kind, buses, mw):
    names = [f"{kind} {bus}" for bus in buses]
    p_nom = rng.uniform(0.5, 1.5, len(buses)) * mw / 0.6
    n.add(
        "Generator", names, bus=buses, carrier="hydro", p_nom=p_nom, p_min_pu=0.4, p_max_pu=0.8,
        p_set=0.6 * p_nom,
    )  # fmt: skip


def _add_borders(n, rng, kind, buses, mw):
    names = [f"{kind} {bus}" for bus in buses]
    n.add(
        "Generator", names, bus=buses, carrier="border", p_min_pu=-1.0, p_set=0.0,
        p_nom=4 * mw * rng.uniform(1, 2, len(buses)),
        schedule_share=rng.uniform(0.5, 1.5, len(buses)),
    )  # fmt: skip


def _rated(study, rng):
    """Set ratings around the worst flow after any outage, warmer hours lower than colder ones."""
    network, snapshots = study.network, study.network.snapshots
    lines, transformers = network.c.lines, network.c.transformers
    peak = rng.uniform(2, 5, len(lines.static))
    hour = np.arange(len(snapshots))[:, None]
    cooling = 1.0 + 0.08 * np.cos((hour - peak) * 2 * np.pi / 24)
    lines.dynamic.s_max_pu = pd.DataFrame(cooling, index=snapshots, columns=lines.static.index)
    case = case_of(study)
    worst = worst_flow_mw(case)
    rating = np.maximum(worst * rng.uniform(TIGHT, WIDE, len(worst)), 50.0)
    rating = pd.Series(rating, index=case.grid.topology.branches.index)
    lines.static["s_nom"] = rating[lines.static.index]
    own = transformers.static  # their reactance goes by s_nom, which must therefore stay
    own["s_max_pu"] = rating[own.index] / own["s_nom"]
    found = gp.base_case(study).existing_overloads
    for branch, over_pu in (found["over_mw"] / found["limit_mw"]).groupby(level=0).max().items():
        table, column = (own, "s_max_pu") if branch in own.index else (lines.static, "s_nom")
        table.loc[branch, column] *= SPARE * (1 + over_pu)
    return study
