"""The bundled generation, load and profiles: totals, limits, shares, and the same bytes twice."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from networks.build import profiles, study_tables
from networks.build.hydro import fill

ROOT = Path(__file__).parents[2]
STUDY = ROOT / "networks/trondelag"
SERIES = ROOT / "profiles"
SOURCES = ROOT.parent / "shared/sources"
BASES = {"osm", "register", "documented", "derived", "assumption", "synthetic"}
needs_sources = pytest.mark.skipif(
    not SOURCES.exists(),
    reason="the source data are not part of a clone; only the build needs them",
)


def read(name: str) -> pd.DataFrame:
    return pd.read_csv(STUDY / name, keep_default_na=False, index_col="name")


@pytest.fixture(scope="module")
def buses() -> pd.DataFrame:
    return read("grid/buses.csv")


@pytest.fixture(scope="module")
def generators() -> pd.DataFrame:
    return read("grid/generators.csv")


@pytest.fixture(scope="module")
def loads() -> pd.DataFrame:
    return read("grid/loads.csv")


@pytest.fixture(scope="module")
def all_years() -> xr.Dataset:
    with xr.open_dataset(SERIES / "trondelag_2019.nc") as data:
        return data.load()


@pytest.fixture(scope="module")
def hourly(all_years) -> xr.Dataset:
    """Wind and load of the central year, which stands first."""
    return all_years.isel(wind_year=0, load_year=0)


@pytest.fixture(scope="module")
def sectors() -> xr.Dataset:
    with xr.open_dataset(SERIES / "sectors.nc") as data:
        return data.load()


@pytest.mark.parametrize("table", ["grid/generators.csv", "grid/loads.csv"])
def test_tables_name_real_buses_and_their_source(table, buses):
    rows = read(table)
    assert rows.index.is_unique
    assert set(rows["bus"]) <= set(buses.index)
    assert set(rows["basis"]) <= BASES
    assert (rows["source"].str.len() > 10).all()
    assert not rows.isna().any().any()


def test_all_plants_of_the_county_are_there(generators):
    count = generators["carrier"].value_counts()
    assert count["hydro"] == 102
    assert count["wind"] == 15
    power = generators.groupby("carrier")["p_nom"].sum()
    assert power["hydro"] == pytest.approx(1913, rel=0.001)
    assert power["wind"] == pytest.approx(1566, rel=0.001)


def test_known_plants_stand_where_they_are_known_to_stand(generators):
    bus = generators["bus"]
    for farm in ("Storheia", "Kvenndalsfjellet", "Harbaksfjellet"):
        assert bus[f"{farm} wind"] == "Åfjord 132"
    assert bus["Geitfjellet wind"] == "Snilldal 132"
    assert bus["Grana hydro"] == "Grana 132"
    assert bus["Nea hydro"] == "Nea 132"


def test_water_of_leirfossene_is_counted_once(generators, hourly):
    old = ["Øvre Leirfoss hydro", "Nedre Leirfoss hydro"]
    assert (generators.loc[old, "annual_gwh"] == 0).all()
    assert float(hourly["hydro_mw"].sel(hydro=old).max()) == 0
    assert generators.loc["Leirfossene hydro", "annual_gwh"] > 0


def test_hours_are_the_8760_of_2019(hourly, sectors):
    expected = pd.date_range("2019-01-01", periods=8760, freq="h")
    for data in (hourly, sectors):
        assert (data.indexes["snapshot"] == expected).all()
    assert list(hourly["inflow"].values) == ["dry", "median", "wet"]


def test_series_belong_to_the_tables(hourly, generators, loads):
    assert set(hourly["load"].values) == set(loads.index)
    for carrier in ("hydro", "wind"):
        names = generators.index[generators["carrier"] == carrier]
        assert set(hourly[carrier].values) == set(names)


def test_the_central_years_stand_first(all_years):
    assert all_years["wind_year"].to_numpy().tolist() == [2019, 2014, 2021]
    assert all_years["load_year"].to_numpy().tolist() == ["2019", "cold"]


def test_series_say_unit_source_and_basis(all_years, sectors):
    for data in (all_years, sectors):
        for name in data.data_vars:
            assert data[name].dtype == np.float32
            assert {"units", "source", "basis"} <= set(data[name].attrs)
            assert not np.isnan(data[name].to_numpy()).any()
    assert all(sectors["source"].values)
    assert set(sectors["basis"].values) <= BASES


def test_consumption_is_the_published_one(hourly, loads):
    load = hourly["load_mw"]
    assert float(load.min()) >= 0
    assert float(load.sum()) / 1e6 == pytest.approx(11.2, rel=0.01)
    by_load = load.sum("snapshot").to_series().reindex(loads.index) / 1e3
    assert np.allclose(by_load, loads["annual_gwh"], rtol=1e-3, atol=0.02)
    assert np.allclose(load.max("snapshot").to_series()[loads.index], loads["peak_mw"], atol=0.02)


@pytest.mark.parametrize("year", ["2019", "cold"])
def test_the_sectors_are_the_whole_load_in_every_hour(all_years, sectors, loads, year):
    energy = loads.filter(like="annual_gwh_").rename(columns=lambda c: c.split("_", 2)[2])
    assert len(energy.columns) == 12
    # annual_gwh is the sum of hours that are rounded to 0.01 MW
    assert np.allclose(energy.sum(axis=1), loads["annual_gwh"], rtol=0, atol=0.005 * 8.76 + 0.005)
    shape = sectors["sector_mw_per_gwh"].sel(load_year=year).to_pandas()
    power = shape[energy.columns].to_numpy(dtype=float) @ energy.T.to_numpy()
    load = all_years["load_mw"].sel(load_year=year, load=loads.index).to_numpy()
    assert np.abs(power - load).max() < 0.0051  # the load is rounded to 0.01 MW


def test_a_gwh_is_a_gwh_in_the_central_year_alone(sectors):
    energy = sectors["sector_mw_per_gwh"].astype(float).sum("snapshot") / 1e3
    central, cold = (energy.sel(load_year=name).to_series() for name in ("2019", "cold"))
    assert np.allclose(central, 1, rtol=0, atol=1e-5)
    assert cold["industry_power_intensive"] == pytest.approx(1, abs=1e-5)
    assert 1.05 < cold["households"] < 1.15


def test_peak_is_a_cold_working_day(hourly):
    load = hourly["load_mw"].sum("load").to_series()
    assert 1700 < load.max() < 2100
    assert load.idxmax().month in {1, 2}
    assert load.idxmax().weekday() < 5
    assert load.idxmin().month in {6, 7, 8}


def test_wind_is_a_share_and_near_the_normal_year(hourly, generators):
    wind = hourly["wind_pu"]
    assert float(wind.min()) >= 0
    assert float(wind.max()) <= 1
    power = generators.loc[wind["wind"].to_numpy(), ["p_nom", "annual_gwh"]]
    energy = wind.to_pandas().sum() * power["p_nom"] / 1e3
    assert energy.sum() == pytest.approx(power["annual_gwh"].sum(), rel=0.03)


@pytest.mark.parametrize(("inflow", "twh"), [("dry", 6.718), ("median", 7.528), ("wet", 9.214)])
def test_hydro_keeps_to_plant_limits_and_the_year(hourly, generators, inflow, twh):
    power = hourly["hydro_mw"].sel(inflow=inflow).to_pandas()
    limit = generators.loc[power.columns, "p_nom"]
    assert (power >= 0).all().all()
    assert (power <= limit).all().all()
    assert power.to_numpy().sum() / 1e6 == pytest.approx(twh, rel=0.01)


def test_reservoirs_run_in_winter_and_rivers_in_spring(hourly, generators):
    power = hourly["hydro_mw"].sel(inflow="median").to_pandas()
    stored = generators.loc[power.columns, "storage"].astype(bool)
    winter = power.index.month.isin([12, 1, 2])
    share = power[winter].sum() / power.sum().where(power.sum() > 0)
    assert share[stored].mean() > 0.22
    assert share[~stored].mean() < 0.20


def test_borders_share_the_balance(generators):
    borders = generators[generators["carrier"] == "border"]
    others = generators[generators["carrier"] != "border"]
    assert borders["schedule_share"].sum() == pytest.approx(1, abs=1e-9)
    assert (others[["schedule_share", "schedule_mw", "import_mw", "export_mw"]] == 0).all().all()
    assert (borders[["import_mw", "export_mw"]] >= 0).all().all()
    assert (borders["schedule_mw"] <= borders["import_mw"]).all()
    assert (borders["schedule_mw"] >= -borders["export_mw"]).all()
    assert np.allclose(borders["p_nom"], borders[["import_mw", "export_mw"]].max(axis=1))


@pytest.mark.parametrize(("year", "gwh"), [(2014, 5338), (2019, 4876), (2021, 4728)])
def test_wind_of_three_years(all_years, generators, year, gwh):
    wind = all_years["wind_pu"].sel(wind_year=year)
    assert 0 <= float(wind.min()) <= float(wind.max()) <= 1
    energy = wind.sum("snapshot") * generators.loc[wind["wind"].to_numpy(), "p_nom"].to_numpy()
    assert float(energy.sum()) / 1e3 == pytest.approx(gwh, abs=1)


def test_the_cold_year_has_a_higher_peak_and_the_same_summer(all_years):
    load = all_years["load_mw"].sum("load")
    central, cold = (load.sel(load_year=name).to_series() for name in ("2019", "cold"))
    assert cold.max() == pytest.approx(2013, abs=1)
    assert 1.05 < cold.max() / central.max() < 1.10
    assert cold.sum() / 1e6 == pytest.approx(11.70, abs=0.01)
    assert (cold >= central - 1e-3).all()
    summer = central.index.month.isin(range(5, 11))
    assert np.allclose(cold[summer], central[summer])


def test_borders_can_balance_every_hour_of_every_year(all_years, generators):
    borders = generators[generators["carrier"] == "border"]
    power = xr.DataArray(generators["p_nom"].rename_axis("wind"))
    lacking = (
        all_years["load_mw"].sum("load")
        - (all_years["wind_pu"] * power).sum("wind")
        - all_years["hydro_mw"].sum("hydro")
    )
    assert lacking.sizes == {"load_year": 2, "snapshot": 8760, "wind_year": 3, "inflow": 3}
    assert float(lacking.max()) < borders["import_mw"].sum()
    assert float(lacking.min()) > -borders["export_mw"].sum()


def test_every_sector_profile_peaks_at_one(sectors):
    shapes = sectors["profile_pu"].to_pandas()
    expected = {
        *("flat", "data centre", "electrolysis", "process industry", "aquaculture"),
        *("shore power", "ferry charging", "district heat", "EV charging", "building heat"),
    }
    assert set(shapes.columns) == expected
    assert (shapes.max() == 1).all()
    assert (shapes >= 0).all().all()


def test_profiles_are_small():
    size = sum(path.stat().st_size for path in SERIES.glob("*.nc"))
    assert size < 9e6


@pytest.mark.parametrize("name", ["all_years", "sectors"])
def test_writing_twice_gives_the_same_bytes(name, request, tmp_path):
    data = request.getfixturevalue(name)
    for file in ("a.nc", "b.nc"):
        fresh = data.copy(deep=True)
        for variable in fresh.variables.values():
            variable.encoding.clear()  # what reading has left there is no part of the build
        profiles.write(fresh, tmp_path / file)
    assert (tmp_path / "a.nc").read_bytes() == (tmp_path / "b.nc").read_bytes()


def test_fill_gives_the_energy_within_the_power():
    shape = np.array([[0.5, 2.0], [1.5, 0.0]])
    power = fill(shape, np.array([10.0, 3.0]), np.array([12.0, 3.0]))
    # first plant: k (0.5 + 1.5) = 12, so 3 and 9; second: clipped at 3 in its only hour
    assert power == pytest.approx(np.array([[3.0, 3.0], [9.0, 0.0]]), abs=1e-6)


@needs_sources
def test_the_build_gives_the_committed_files(buses, tmp_path):
    study_tables.write_hourly(SOURCES, buses, tmp_path / "study", tmp_path / "series")
    for table in ("grid/generators.csv", "grid/loads.csv"):
        assert (tmp_path / "study" / table).read_bytes() == (STUDY / table).read_bytes()
    for name in ("trondelag_2019.nc", "sectors.nc"):
        with (
            xr.open_dataset(tmp_path / "series" / name) as new,
            xr.open_dataset(SERIES / name) as old,
        ):
            xr.testing.assert_identical(new, old)
