"""A project that names only its place gets the bus that the rule means, or a clear refusal."""

import numpy as np
import pandas as pd
import pytest

import gridplan as gp
from gridplan.base.errors import StudyError
from gridplan.study.siting import FITTING_KV, MOST_KM, distance_km, sited
from gridplan.study.tables import PROJECTS
from gridplan.study.validation import sheet_in_memory

BUSES = pd.DataFrame(
    {
        "v_nom": [132.0, 66.0, 66.0, 420.0, 132.0],
        "x": [10.0, 10.0, 10.5, 10.2, 10.5],
        "y": [63.0, 63.0, 63.0, 63.0, 63.003],
        "station": ["Upper", "Upper", "Lower", "Main", ""],
        "municipality": ["Upper", "Upper", "Lower", "Lower", "Shore"],
    },
    index=["Upper 132", "Upper 66", "Lower 66", "Main 420", "Quay 132"],
)


def site(**project):
    row = {"name": ["Mill"], "mw": [20.0], **{key: [value] for key, value in project.items()}}
    sheet, problems = sheet_in_memory(PROJECTS, pd.DataFrame(row))
    assert problems == []
    return sited(sheet, BUSES)


@pytest.mark.parametrize(
    ("project", "bus"),
    [
        ({"lon": 10.02, "lat": 63.0}, "Upper 66"),  # both voltages of one station: the lower
        ({"lon": 10.02, "lat": 63.0, "mw": 120.0}, "Upper 132"),  # 66 kV does not fit
        ({"lon": 10.45, "lat": 63.0, "mw": 400.0}, "Main 420"),  # nearer ones do not fit
        ({"municipality": "upper"}, "Upper 66"),
        ({"municipality": "Lower"}, "Lower 66"),  # 420 kV does not fit
        ({"municipality": "Lower", "lon": 10.0, "lat": 63.0}, "Upper 66"),  # coordinates first
        ({"bus": "Main 420", "lon": 10.0, "lat": 63.0}, "Main 420"),  # stated stays
    ],
)
def test_the_bus_of_a_place(project, bus):
    found = site(**project)
    assert found.problems == []
    assert found.projects.rows["bus"].tolist() == [bus]
    assert len(found.notes) == (0 if "bus" in project else 1)
    if found.notes:
        assert bus in found.notes[0]
        assert found.projects.rows.loc[0, "bus_basis"] in found.notes[0]


@pytest.mark.parametrize(
    ("project", "column", "message", "remedy"),
    [
        ({}, "bus", "no bus, and no place", "municipality"),
        ({"lon": 10.0}, "lat", "one coordinate", "lon and lat"),
        ({"lon": 12.0, "lat": 63.0}, "bus", "within 30 km", "Quay 132, 132 kV, 76 km away"),
        ({"lon": 63.0, "lat": 10.0}, "bus", "within 30 km", "swapped?"),
        ({"lon": 10.5, "lat": 63.0}, "bus", "2 fitting buses equally near", "Lower 66, Quay 132"),
        ({"municipality": "Shore", "mw": 400.0}, "municipality", "no bus of 220", "Quay 132"),
        ({"municipality": "Shor"}, "municipality", "no bus in this", "'Shore'"),
    ],
)
def test_places_that_are_refused(project, column, message, remedy):
    found = site(**project)
    (problem,) = found.problems
    assert problem.column == column
    assert message in problem.message
    assert remedy in problem.remedy
    assert found.notes == []


def test_distances_against_the_ellipsoid():
    """Within half a per cent of the WGS84 ellipsoid, which pyproj knows."""
    from pyproj import Geod

    rng = np.random.default_rng(7)
    lon, lat = rng.uniform(4, 31, 50), rng.uniform(57, 71, 50)
    _, _, metres = Geod(ellps="WGS84").inv(np.full(50, 10.4), np.full(50, 63.4), lon, lat)
    assert distance_km(10.4, 63.4, lon, lat) == pytest.approx(metres / 1000, rel=5e-3)


def test_the_rule_covers_every_size():
    limits = [most for most, _, _ in FITTING_KV]
    assert limits == sorted(limits)
    assert limits[-1] == np.inf
    assert MOST_KM > 0


def test_in_a_study_folder(folder):
    folder.replace("projects.csv", "Lower 66,12.5", ",12.5")
    study = gp.open_study(folder.path)
    assert study.projects.loc["Quay", "bus"] == "Lower 66"
    assert study.projects.loc["Smelter", "bus_basis"] == "stated"
    (note,) = study.notes
    assert "Quay (12.5 MW) is at Lower 66: the nearest bus of 33 to 132 kV, 0.0 km" in note


def test_in_memory(folder):
    network = gp.open_study(folder.path).network
    projects = pd.DataFrame({"mw": [20.0], "municipality": ["Lower"]}, index=["Mill"])
    network.c.buses.static["municipality"] = ["Upper", "Upper", "Lower"]
    study = gp.Study(network=network, projects=projects)
    assert study.projects.loc["Mill", "bus"] == "Lower 66"
    assert "the station of 33 to 132 kV in Lower" in study.notes[0]
    with pytest.raises(StudyError, match="project Mill, column bus: no bus, and no place"):
        gp.Study(network=network, projects=projects[["mw"]])
