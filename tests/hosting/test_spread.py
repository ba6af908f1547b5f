"""The range of hosting capacity over weather years, by hand and on the bundled study."""

import numpy as np
import pytest
import xarray as xr

import gridplan as gp
from gridplan.study.years import WeatherYear
from tests.study.conftest import Folder
from tests.study.test_years import several_years


@pytest.fixture
def study(tmp_path):
    """Village at the end of two lines of 60 MVA; its load is 15 MW, or 25 MW when it is cold."""
    folder = Folder(tmp_path)
    data = several_years()
    data["load_mw"].loc[{"load_year": "cold", "load": "Village"}] = 25.0
    folder.write(data, "hours.nc")
    folder.replace("grid/transformers.csv", ",100,", ",500,")
    folder.replace("grid/generators.csv", "East,Upper 132,border,100", "East,Upper 132,border,900")
    folder.replace("grid/generators.csv", "0.75,10,30,100", "0.75,10,900,100")
    folder.replace("study.yaml", "hydro_flexibility_pu: 0.2", "hydro_flexibility_pu: 0")
    return gp.open_study(folder.path)


def test_lowest_middle_and_highest_by_hand(study):
    """One line carries 60 MW after the other's outage; hydro of 7, 14 or 18 MW helps."""
    years = [
        WeatherYear("median", 2019, "2019"),
        WeatherYear("dry", 2019, "2019"),
        WeatherYear("wet", 2019, "2019"),
        WeatherYear("median", 2014, "2019"),
        WeatherYear("median", 2019, "cold"),
        WeatherYear("dry", 2019, "cold"),
    ]
    shares = []
    found = gp.capacity_range(
        study, buses=["Lower 66"], flexibility=[0.0], years=years, progress=shares.append
    ).squeeze(drop=True)
    hydro = {"dry": 7, "median": 14, "wet": 18}
    load = {"2019": 15, "cold": 25}
    expected = [60 + hydro[year.inflow] - load[year.load_year] for year in years]
    assert found.capacity_mw.to_numpy() == pytest.approx(expected)
    assert float(found.lowest_mw) == pytest.approx(60 + 7 - 25)
    assert float(found.highest_mw) == pytest.approx(60 + 18 - 15)
    assert float(found.middle_mw) == pytest.approx(np.median(expected))
    assert found.lowest_year.item() == "dry, wind 2019, cold"
    assert found.highest_year.item() == "wet, wind 2019, load 2019"
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_equal_years_are_told_by_the_first(study):
    years = [WeatherYear("median", 2019, "2019"), WeatherYear("median", 2014, "2019")]
    found = gp.capacity_range(study, buses=["Lower 66"], flexibility=[0.0], years=years)
    assert set(found.lowest_year.values.flat) == {years[0].label}
    assert set(found.highest_year.values.flat) == {years[0].label}


def test_the_default_years_units_and_file(study, tmp_path):
    found = gp.capacity_range(study, criterion=["N-1", "N-0"], flexibility=[0.0, 0.05])
    assert dict(found.sizes) == {
        "weather_year": 6, "criterion": 2, "bus": 3, "flexibility": 2
    }  # fmt: skip
    for name in ("lowest_mw", "middle_mw", "highest_mw", "capacity_mw"):
        assert found[name].attrs["units"] == "MW"
    assert (found.lowest_mw <= found.middle_mw).all()
    assert (found.middle_mw <= found.highest_mw).all()
    assert found.attrs["study_sha256"] == study.hash
    found.to_netcdf(tmp_path / "range.nc")
    with xr.open_dataset(tmp_path / "range.nc") as read:
        assert read.lowest_year.values.tolist() == found.lowest_year.values.tolist()


@pytest.mark.parametrize(
    "options", [{"hourly": True}, {"years": []}, {"years": [WeatherYear("dry")] * 2}]
)
def test_what_makes_no_range(study, options):
    with pytest.raises(ValueError, match=r"hourly|years must name"):
        gp.capacity_range(study, **options)


@pytest.mark.slow
def test_the_bundled_study_in_its_two_coldest_days():
    study = gp.open_study("trondelag")
    days = study.at(study.network.snapshots[27 * 24 : 29 * 24])
    found = gp.capacity_range(days, buses=["Huseby 66", "Namsos 66"], flexibility=[0.0])
    assert found.sizes["weather_year"] == 7
    lowest = found.lowest_year.squeeze(drop=True)
    assert lowest.sel(bus="Huseby 66").item() == "dry, wind 2019, cold"
    assert lowest.sel(bus="Namsos 66").item() == "median, wind 2021, load 2019"
    assert (found.lowest_mw < found.highest_mw).all()
