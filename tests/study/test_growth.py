"""Loads that grow by municipality and by sector, by hand; bad sectors are told at once."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pypsa
import pytest
import xarray as xr

import gridplan as gp
from gridplan.base.errors import StudyError
from gridplan.study.growth import with_growth
from gridplan.study.sector_load import SectorLoad
from tests.networks_by_hand import triangle
from tests.study.conftest import HOURS, hours, know_sectors, sector_shapes, sectors


@pytest.fixture
def study(folder):
    know_sectors(folder)
    return gp.open_study(folder.path)


def load_of(study) -> pd.DataFrame:
    return study.network.c.loads.dynamic.p_set


def test_each_sector_grows_in_its_own_hours(study):
    grown = with_growth(study, by_sector={"homes": 1.1, "industry": 2.0})
    town, village = (load_of(grown)[name] for name in ("Town", "Village"))
    assert town.iloc[[0, 7, 8]].tolist() == pytest.approx([43.0, 43.0, 66.0])
    assert village.iloc[[0, 8]].tolist() == pytest.approx([15 + 5 + 0.5, 15 + 5 + 1.0])
    assert load_of(study)["Town"].iloc[0] == 40.0  # untouched


def test_both_kinds_of_growth_multiply_and_the_borders_supply_it(study):
    grown = with_growth(study, {"all": 1.1, "Lower": 1.2}, by_sector={"homes": 1.5})
    assert load_of(grown).iloc[0].tolist() == pytest.approx([1.1 * 55, 1.2 * 17.5])
    grown = with_growth(study, {"Lower": 1.1}, by_sector={"industry": 1.2})
    more = (load_of(grown) - load_of(study)).sum(axis=1)
    assert more.to_numpy() == pytest.approx(1.1 * 16 - 15)
    moved = grown.schedule_mw - study.schedule_mw
    assert moved.sum(axis=1).to_numpy() == pytest.approx(more.to_numpy())
    assert (moved[["Falls", "Stream", "Ridge"]] == 0).all(axis=None)
    assert moved["East"].iloc[12] == pytest.approx(0.75 * 2.6)
    assert moved["West"].iloc[0] == pytest.approx(2.6)  # East is at its limit


def test_all_is_every_sector_that_is_not_named(study):
    one = with_growth(study, by_sector={"all": 1.2, "industry": 1.4})
    other = with_growth(study, by_sector={"homes": 1.2, "industry": 1.4})
    assert load_of(one).equals(load_of(other))


def test_what_belongs_to_no_sector_stays(study):
    grown = with_growth(study, by_sector={"all": 1.2})
    assert load_of(grown)["Town"].iloc[0] == pytest.approx(40 + 0.2 * 30)
    gone = with_growth(study, by_sector={"all": 0.01})
    assert load_of(gone)["Town"].iloc[[0, 8]].tolist() == pytest.approx([10.3, 0.6])


def test_growth_on_growth_multiplies(study):
    steps = with_growth(study, {"Lower": 1.2}, by_sector={"homes": 1.5})
    steps = with_growth(steps, {"Upper": 1.1}, by_sector={"homes": 2.0, "industry": 1.1})
    once = with_growth(
        study, {"Lower": 1.2, "Upper": 1.1}, by_sector={"homes": 3.0, "industry": 1.1}
    )
    assert np.allclose(load_of(steps), load_of(once))
    assert np.allclose(steps.sector_load.mw(), once.sector_load.mw())


def test_another_year_forgets_the_growth_of_loads_and_sectors_alike(study):
    other = gp.with_year(with_growth(study, {"all": 1.3}, by_sector={"homes": 1.5}))
    assert other.hash == study.hash


def test_hours_and_sectors_stay_together(study):
    part = with_growth(study.at(HOURS[[9, 3]]), by_sector={"homes": 1.5})
    assert load_of(part)["Town"].tolist() == [90.0, 55.0]


def test_rounding_never_turns_the_sign_of_a_load(folder):
    know_sectors(folder)
    data = hours()
    data["load_mw"].loc[{"load": "Village", "snapshot": HOURS[8]}] = 14.99  # sectors: 15
    folder.write(data, "hours.nc")
    gone = with_growth(gp.open_study(folder.path), by_sector={"all": 1e-4})
    assert load_of(gone)["Village"].iloc[8] == 0.0


def test_sectors_count_in_the_hash(study, folder):
    folder.replace("grid/loads.csv", "50,15,50,50,", "50,15,50,49,")
    assert gp.open_study(folder.path).hash != study.hash
    folder.replace("grid/loads.csv", "50,15,50,49,", "50,15,50,50,")
    assert gp.open_study(folder.path).hash == study.hash
    lower = (sector_shapes() * 0.9).assign_attrs(units="MW")
    folder.write(sectors().assign(sector_mw_per_gwh=lower), "sectors.nc")
    with pytest.raises(StudyError, match="wrong unit"):
        gp.open_study(folder.path)
    lower.attrs["units"] = "MW/GWh"
    folder.write(sectors().assign(sector_mw_per_gwh=lower), "sectors.nc")
    assert gp.open_study(folder.path).hash != study.hash


def test_shapes_of_the_load_year_are_taken(folder):
    cold = sector_shapes() * 0.8
    shapes = xr.concat([cold, sector_shapes()], "load_year")
    shapes = shapes.assign_coords(load_year=["cold", "2019"]).assign_attrs(units="MW/GWh")
    data = hours()
    load = xr.concat([data["load_mw"], data["load_mw"]], "load_year")
    load = load.assign_coords(load_year=["2019", "cold"]).assign_attrs(units="MW")
    folder.write(data.assign(load_mw=load), "hours.nc")
    know_sectors(folder, shapes)
    study = gp.open_study(folder.path)  # takes the first load year, which stands last here
    grown = [
        with_growth(one, by_sector={"homes": 2.0})
        for one in (study, gp.with_year(study, load_year="cold"))
    ]
    assert [load_of(one)["Town"].iloc[0] for one in grown] == [70.0, 64.0]


def test_shapes_without_energies_are_a_library_like_profiles(folder):
    folder.write(sectors().assign(sector_mw_per_gwh=sector_shapes()), "sectors.nc")
    study = gp.open_study(folder.path)
    assert study.sector_load is None
    with pytest.raises(StudyError, match="does not know what its loads consume") as raised:
        with_growth(study, {"Uper": 1.1}, by_sector={"homes": 1.1})
    assert [p.column for p in raised.value.problems] == ["growth", "growth_by_sector"]


def test_energies_without_shapes(folder):
    know_sectors(folder)
    folder.write(sectors(), "sectors.nc")
    (problem,) = gp.check_study(folder.path)
    assert (problem.file, problem.column) == ("sectors.nc", "sector_mw_per_gwh")
    assert problem.message == "the variable is missing"


def test_problems_of_sectors_are_told_at_once(folder):
    know_sectors(folder)
    folder.replace("grid/loads.csv", "annual_gwh_industry", "annual_gwh_industri")
    folder.replace("grid/loads.csv", "50,15,50,50,", "50,15,-50,fifty,")
    shapes = sector_shapes()
    shapes[3, 0] = np.nan
    folder.write(sectors().assign(sector_mw_per_gwh=shapes), "sectors.nc")
    found = {(p.file, p.row, p.column, p.value, p.message) for p in gp.check_study(folder.path)}
    loads, row, unknown = "grid/loads.csv", "line 3 (Village)", "no series for this sector"
    assert found == {
        (loads, row, "annual_gwh_homes", "-50", "below 0"),
        (loads, row, "annual_gwh_industri", "fifty", "text in a number column"),
        ("sectors.nc", "", "sector_mw_per_gwh", "industri", unknown),
    }
    folder.replace("grid/loads.csv", "annual_gwh_industri", "annual_gwh_industry")
    assert "NaN in the series" in {p.message for p in gp.check_study(folder.path)}


def test_a_sector_called_all(folder):
    know_sectors(folder)
    folder.replace("grid/loads.csv", "annual_gwh_industry", "annual_gwh_all")
    shapes = sector_shapes().assign_coords(sector=["homes", "all"])
    folder.write(sectors().assign(sector_mw_per_gwh=shapes), "sectors.nc")
    (problem,) = gp.check_study(folder.path)
    assert (problem.row, problem.column, problem.value) == ("line 1", "annual_gwh_all", "all")


def test_sectors_that_draw_more_than_the_load(folder):
    know_sectors(folder)
    folder.replace("grid/loads.csv", "50,15,50,50,", "50,15,50,51,")
    (problem,) = gp.check_study(folder.path)
    assert (problem.file, problem.row) == ("sectors.nc", "load Village")
    assert problem.value == "15.10 MW of 15.00 MW"
    assert "2019-01-01 08:00" in problem.message


def in_memory(energy: pd.DataFrame, shape: pd.DataFrame, network: pypsa.Network) -> gp.Study:
    return gp.Study(network=network, sector_load=SectorLoad(energy, shape))


def test_sectors_in_memory():
    n = triangle()
    load = n.get_switchable_as_dense("Load", "p_set").iloc[:, 0]
    shape = pd.DataFrame({"homes": load / 100.0})
    energy = pd.DataFrame({"homes": [50.0]}, index=[load.name])
    study = in_memory(energy, shape, n)
    assert with_growth(study, by_sector={"homes": 1.2}).network.get_switchable_as_dense(
        "Load", "p_set"
    )[load.name].to_numpy() == pytest.approx(1.1 * load.to_numpy())
    with pytest.raises(StudyError, match="draw more than the load"):
        in_memory(3 * energy, shape, n)
    with pytest.raises(StudyError) as raised:
        in_memory(energy.rename(index={load.name: "Nowhere"}), -shape.iloc[:0], n)
    assert {p.message for p in raised.value.problems} == {
        "other hours than the network",
        "unknown load",
    }
    with pytest.raises(StudyError) as raised:
        in_memory(energy.assign(all=1.0), -shape, n)
    assert {p.message for p in raised.value.problems} == {
        "the sector has no column here",
        "'all' stands for every sector that is not named",
        "NaN, infinite, text, or negative",
    }
    assert replace(study, sector_load=None).hash == gp.Study(network=n).hash
