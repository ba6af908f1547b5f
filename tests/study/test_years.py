"""Other weather years of a study: chosen in study.yaml or from Python, and refused clearly."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import gridplan as gp
from gridplan.base.errors import StudyError
from gridplan.study.study import Study
from gridplan.study.years import WeatherYear, departures, with_hydro_flexibility
from tests.networks_by_hand import triangle
from tests.study.conftest import HOURS, hours


def several_years() -> xr.Dataset:
    """Wind of 2019, and of 2014 (calm); load of 2019, and cold (10 MW more in Town)."""
    data = hours()
    data["hydro_mw"].loc[{"inflow": "wet"}] = [10.0, 8.0]  # no more than Stream's p_nom
    cold = data["load_mw"].copy()
    cold.loc[{"load": "Town"}] += 10
    wind = xr.concat([data["wind_pu"], data["wind_pu"] * 0.0], "wind_year")
    load = xr.concat([data["load_mw"], cold], "load_year")
    return data.assign(
        wind_pu=wind.assign_coords(wind_year=[2019, 2014]).assign_attrs(units="1"),
        load_mw=load.assign_coords(load_year=["2019", "cold"]).assign_attrs(units="MW"),
    )


@pytest.fixture
def several(folder):
    folder.write(several_years(), "hours.nc")
    return folder


@pytest.fixture
def study(several):
    return gp.open_study(several.path)


def test_the_first_years_are_taken_without_being_named(study, folder):
    assert study.network.c.loads.dynamic.p_set.loc[HOURS[0], "Town"] == 40.0
    assert study.schedule_mw.loc[HOURS[12], "Ridge"] == 30.0


def test_years_of_the_settings(several):
    several.replace(
        "study.yaml", "inflow: median", "inflow: median\nwind_year: 2014\nload_year: cold"
    )
    study = gp.open_study(several.path)
    assert study.network.c.loads.dynamic.p_set.loc[HOURS[0], "Town"] == 50.0
    assert study.schedule_mw["Ridge"].eq(0.0).all()


def test_a_load_year_may_be_written_as_a_number(several):
    several.replace("study.yaml", "inflow: median", "inflow: median\nload_year: 2019")
    assert gp.open_study(several.path).settings.load_year == "2019"


def test_with_year_by_hand(study):
    other = gp.with_year(study, inflow="dry", wind_year=2014, load_year="cold")
    assert other.settings.inflow == "dry"
    # hour 12: 85 load - 7 hydro - 0 wind - 10 constant = 68: East 10 + 51, limit 30; West 17 + 31
    expected = {"Falls": 2.0, "Stream": 5.0, "Ridge": 0.0, "East": 30.0, "West": 48.0}
    found = other.schedule_mw.loc[HOURS[12]]
    assert found[list(expected)].tolist() == pytest.approx(list(expected.values()))
    highest = other.network.c.generators.dynamic.p_max_pu.loc[HOURS[12]]
    assert (highest["Ridge"], highest["Falls"]) == pytest.approx((0.0, 0.3))  # plan 0.1 + 0.2
    load = other.network.c.loads.dynamic.p_set
    assert np.allclose(other.schedule_mw.sum(axis=1), load.sum(axis=1))
    assert study.network.c.loads.dynamic.p_set.loc[HOURS[0], "Town"] == 40.0  # untouched


def test_with_year_equals_opening_with_that_year(several, study):
    other = gp.with_year(study, inflow="wet", wind_year=2014, load_year="cold")
    several.replace("study.yaml", "inflow: median", "inflow: wet\nwind_year: 2014\nload_year: cold")
    opened = gp.open_study(several.path)
    assert other.hash == opened.hash
    pd.testing.assert_frame_equal(other.schedule_mw, opened.schedule_mw, check_names=False)


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_other_flexibility_equals_opening_with_it(several, study, share):
    found = with_hydro_flexibility(study, share)
    several.replace("study.yaml", "hydro_flexibility_pu: 0.2", f"hydro_flexibility_pu: {share}")
    assert found.hash == gp.open_study(several.path).hash
    assert found.hash != study.hash


def test_flexibility_of_a_study_of_tables(tmp_path):
    study = gp.open_study(gp.new_study(tmp_path / "region"))
    plain = with_hydro_flexibility(study, 0.0)
    hydro = study.network.c.generators.static.query("carrier == 'hydro'").index
    limits = plain.network.c.generators.dynamic
    assert (limits.p_min_pu[hydro] == limits.p_max_pu[hydro]).all(axis=None)
    pd.testing.assert_frame_equal(plain.schedule_mw, study.schedule_mw)


def test_there_and_back_is_the_same_study(study):
    assert gp.with_year(study).hash == study.hash
    there = gp.with_year(study, wind_year=2014, load_year="cold")
    back = gp.with_year(there, wind_year=2019, load_year="2019")
    assert back.schedule_mw.equals(study.schedule_mw)


def test_with_year_keeps_what_was_changed_in_memory(study):
    changed = {"projects": study.projects.iloc[:1], "symbioses": None}
    part = replace(study.at(HOURS[10:14]), **changed)
    part.network.c.lines.static.loc["Upper-Lower 1", "s_nom"] = 77.0
    other = gp.with_year(part, load_year="cold")
    assert other.network.snapshots.equals(HOURS[10:14])
    assert other.projects.index.tolist() == ["Quay"]
    assert other.network.c.lines.static.loc["Upper-Lower 1", "s_nom"] == 77.0


def test_all_combinations_the_own_first(study):
    labels = [year.label for year in gp.weather_years(study)]
    assert len(labels) == len(set(labels)) == 3 * 2 * 2
    assert labels[0] == "median, wind 2019, load 2019"
    assert "dry, wind 2014, cold" in labels
    other = gp.with_year(study, inflow="wet", wind_year=2014)
    assert gp.weather_years(other)[0] == WeatherYear("wet", 2014, "2019")


def test_single_departures_and_the_hardest_together(study):
    assert [year.label for year in departures(study)] == [
        "median, wind 2019, load 2019",
        "dry, wind 2019, load 2019",
        "wet, wind 2019, load 2019",
        "median, wind 2014, load 2019",
        "median, wind 2019, cold",
        "dry, wind 2019, cold",
    ]


def test_a_file_with_one_year_only(folder):
    study = gp.open_study(folder.path)
    assert [year.label for year in gp.weather_years(study)] == ["median", "dry", "wet"]
    assert gp.with_year(study, inflow="dry").schedule_mw["Stream"].eq(5.0).all()
    with pytest.raises(StudyError, match="one wind_year only") as error:
        gp.with_year(study, wind_year=2014, load_year="cold")
    assert [p.column for p in error.value.problems] == ["load_mw", "wind_pu"]


YEARS = {
    "unknown wind": ("wind_year: 2015", "wind_pu", "2015", "no such wind_year", "2019, 2014"),
    "unknown load": ("load_year: warm", "load_mw", "warm", "no such load_year", "2019, cold"),
    "no number": ("wind_year: calm", "wind_year", "calm", "integer", "weather year of the wind"),
}


@pytest.mark.parametrize("name", YEARS)
def test_bad_years_in_the_settings(several, name):
    line, column, value, message, remedy = YEARS[name]
    several.replace("study.yaml", "inflow: median", f"inflow: median\n{line}")
    (problem,) = gp.check_study(several.path)
    assert (problem.column, problem.value) == (column, value)
    assert message in problem.message
    assert remedy in problem.remedy


@pytest.mark.parametrize(
    ("year", "message"),
    [
        ({"inflow": "average"}, "'dry', 'median' or 'wet'"),
        ({"wind_year": 1999}, "no such wind_year"),
        ({"load_year": "hot"}, "no such load_year"),
    ],
)
def test_bad_years_from_python(study, year, message):
    with pytest.raises(StudyError, match=message):
        gp.with_year(study, **year)


def test_a_study_without_a_folder_has_one_year():
    study = Study(network=triangle())
    for call in (gp.weather_years, gp.with_year):
        with pytest.raises(StudyError, match="not opened from a folder"):
            call(study)


def test_hours_that_the_file_lacks(study):
    part = study.at(HOURS[:3])
    part.network.snapshots = HOURS[:3] + pd.Timedelta("9D")
    with pytest.raises(StudyError, match="other hours"):
        gp.with_year(part)


def test_a_year_that_cannot_be_balanced(several):
    data = several_years()
    data["load_mw"].loc[{"load_year": "cold", "load": "Town"}] = 900.0
    several.write(data, "hours.nc")
    study = gp.open_study(several.path)
    with pytest.raises(StudyError, match="cannot cover the load"):
        gp.with_year(study, load_year="cold")
