"""A small place with a map of its own: an island study with outlines, projects and measures."""

import datetime as dt
import json
from dataclasses import replace

import pandas as pd
import pytest

from gridplan.check.certificate import Certificate
from gridplan.check.witness import certify
from gridplan.portfolio.plan import Plan, plan
from gridplan.study.settings import Settings
from gridplan.study.study import Study
from tests.networks_by_hand import measures, projects, reinforcements, two_triangles

DAY = dt.date(2026, 5, 17)
PLACES = {"A": (10.0, 63.0), "B": (10.4, 63.2), "C": (10.5, 62.9), "D": (11.0, 63.0),
          "E": (11.3, 63.2), "F": (11.4, 62.9)}  # fmt: skip


def placed_network(hours: int = 2):
    network = two_triangles(hours)
    buses = network.c.buses.static
    buses[["x", "y"]] = [PLACES[bus] for bus in buses.index]
    buses["station"] = [f"Ås {bus}" for bus in buses.index]
    lines = network.c.lines.static
    lines["basis"] = ["osm", "derived", "synthetic", "assumption", "osm", "documented", "osm"]
    lines["geometry"] = ""
    lines.loc["CD", "geometry"] = "LINESTRING (10.5 62.9, 10.7 63.1, 11.0 63.0)"
    network.add("Bus", "A 66", v_nom=66.0, carrier="AC", x=10.0, y=63.0, station="Ås A")
    network.add("Transformer", "A T1", bus0="A", bus1="A 66", x=0.1, r=0.01, s_nom=50.0, model="t")
    return network


def offered() -> pd.DataFrame:
    rows = {
        "Smelteverk på Øya": {"bus": "E", "mw": 25.0, "value_mnok_per_yr": 9.0, "jobs": 12.0},
        "Datasenter $x_1$ <b>": {"bus": "E", "mw": 150.0, "value_mnok_per_yr": 5.0},
        "Fiskemottak": {"bus": "F", "mw": 28.0, "value_mnok_per_yr": 9.0},
        "Ferge": {"bus": "B", "mw": 6.5, "value_mnok_per_yr": 1.0, "co2_t_per_yr": 4000.0},
        "Brygge": {"bus": "B", "mw": 2.0, "value_mnok_per_yr": 1.0},
    }
    table = projects(rows)
    table["lon"] = [11.32, 11.32, None, None, None]
    table["lat"] = [63.25, 63.25, None, None, None]
    return table


def saving() -> pd.DataFrame:
    rows = {
        "Fjernvarme": {"buses": "D: 0.5; E: 0.5", "mw": 4.0, "units_max": 2, "cost_mnok": 1.0},
        "Bedre ledning": {"kind": "rating", "branch": "CD", "rating_pu": 0.2, "profile": ""},
    }
    return measures(rows)


def outline(west: float, south: float, east: float, north: float, **properties):
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """Study folder with nothing but outlines."""
    root = tmp_path_factory.mktemp("study")
    (root / "geo").mkdir()
    layers = {
        "municipalities": [
            outline(9.7, 62.6, 10.8, 63.4, name="Vestås"),
            outline(10.8, 62.6, 11.7, 63.4, name="Østås"),
        ],
        "county": [outline(9.7, 62.6, 11.7, 63.4, name="Åsene")],
        "neighbours": [outline(11.7, 61.0, 14.0, 65.0, name="Nabo")],
    }
    for name, features in layers.items():
        text = json.dumps({"type": "FeatureCollection", "features": features})
        (root / "geo" / f"{name}.geojson").write_text(text, encoding="utf-8")
    return root


@pytest.fixture(scope="session")
def result(folder) -> Plan:
    settings = Settings(name="asene", title="Åsene", attribution="© Kartverket (CC BY 4.0)")
    study = Study(
        network=placed_network(),
        projects=offered(),
        measures=saving(),
        settings=settings,
        folder=folder,
    )
    return plan(study)


@pytest.fixture(scope="session")
def reinforced(result) -> Plan:
    """The same place on the grid of 2030, with a new line, a heavier one and a new transformer."""
    planned = {"name": "Fjordkryssing", "year": 2028, "status": "licensed"}
    line = planned | {"action": "add line", "branch": "BD", "bus0": "B", "bus1": "D", "r": 0.01}
    rated = {"name": "Tykkere linje", "year": 2027, "status": "planned", "action": "rate"}
    unit = {"name": "Ny transformator", "year": 2029, "status": "planned"}
    unit |= {"action": "add transformer", "branch": "A T2", "bus0": "A", "bus1": "A 66", "r": 0.01}
    changes = reinforcements(
        line | {"x": 10.0, "s_nom": 80.0},
        rated | {"branch": "EF", "s_nom": 120.0},
        unit | {"x": 0.1, "s_nom": 50.0},
        rated | {"name": "Idé", "status": "idea", "branch": "DE", "s_nom": 200.0},
    )
    return plan(replace(result.study, reinforcements=changes))


@pytest.fixture(scope="session")
def certificate(result) -> Certificate:
    return certify(result, samples=1)
