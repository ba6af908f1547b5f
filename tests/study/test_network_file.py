"""A study folder whose network is one PyPSA file."""

import numpy as np
import pandas as pd
import pypsa
import pytest

import gridplan as gp
from gridplan.base.errors import StudyError
from gridplan.study.growth import with_growth

HOURS = pd.date_range("2030-01-01", periods=24, freq="h")
PROJECTS = """\
name,municipality,site,bus,mw,profile,year,status,queue_date,wanted_connection,sector,co2_t_per_yr,\
jobs,export_mnok_per_yr,lon,lat,basis,mw_basis,benefit_basis,source
Quay,,Quay 1,B,12.5,flat,2027,queue,2024-05-01,,harbour,1000,5,0,,,register,published,published,me
Mill,,Mill,,30,day,2028,candidate,,,wood,1000,5,0,10.1,63.3,register,published,published,me
"""
MEASURES = """\
name,kind,buses,branch,mw,rating_pu,profile,units_max,cost_mnok,lifetime_yr,description,basis,source
Heat pumps,load,A: 0.5; C: 0.5,,2.0,0,day,3,15,15,,assumption,made up
"""


def network():
    """Three buses at 132 kV; a nuclear plant, gas at a price, and a load that follows the day."""
    n = pypsa.Network(snapshots=HOURS, name="Three")
    n.add("Carrier", ["AC", "nuclear", "gas"])
    n.add("Bus", ["A", "B", "C"], v_nom=132.0, carrier="AC", x=[10, 10.4, 10.1], y=[63, 63.1, 63.3])
    n.add("Line", ["AB", "BC", "AC"], bus0=["A", "B", "A"], bus1=["B", "C", "C"], x=8.0, r=1.0,
          s_nom=100.0, carrier="AC")  # fmt: skip
    n.add("Generator", "Plant", bus="A", carrier="nuclear", p_nom=80, marginal_cost=5)
    n.add("Generator", "Turbine", bus="C", carrier="gas", p_nom=60, marginal_cost=50)
    n.add("Load", "Town", bus="B", p_set=60 + 20 * (np.arange(24) >= 8))
    n.add("ShuntImpedance", "Coil", bus="B", b=-1e-4)
    return n


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "three"
    (path / "hourly").mkdir(parents=True)
    network().export_to_netcdf(path / "network.nc")
    shapes = pd.DataFrame({"flat": 1.0, "day": np.where(np.arange(24) < 8, 0.5, 1)}, index=HOURS)
    shapes.rename_axis("snapshot").to_csv(path / "hourly" / "profile_pu.csv")
    (path / "projects.csv").write_text(PROJECTS, encoding="utf-8")
    (path / "measures.csv").write_text(MEASURES, encoding="utf-8")
    text = "name: three\nnetwork: network.nc\nprofiles: hourly\n"
    (path / "study.yaml").write_text(text, encoding="utf-8")
    return path


def problems(path):
    return "\n".join(map(str, gp.check_study(path)))


def test_it_opens_with_its_tables(folder):
    study = gp.open_study(folder)
    assert study.schedule_mw["Plant"].tolist() == [60.0] * 8 + [80.0] * 16  # merit order
    assert study.projects["bus"].tolist() == ["B", "C"]  # the second by its place
    assert any("Mill" in note for note in study.notes)
    assert study.profiles["day"].iloc[0] == 0.5
    assert list(study.network.c.shunt_impedances.static.index) == ["Coil"]


def test_it_plans_like_the_same_study_in_memory(folder):
    study = gp.open_study(folder)
    n = network()
    same = gp.Study(network=n, projects=study.projects, measures=study.measures,
                    profiles=study.profiles, settings=study.settings)  # fmt: skip
    ours, theirs = gp.plan(study), gp.plan(same)
    assert ours.objective_mnok == pytest.approx(theirs.objective_mnok)
    assert ours.projects["chosen"].tolist() == theirs.projects["chosen"].tolist()
    cap, other = (gp.hosting_capacity(one)["capacity_mw"] for one in (study, same))
    assert cap.to_numpy() == pytest.approx(other.to_numpy())


def test_the_schedule_counts_as_input(folder):
    before = gp.open_study(folder)
    n = network()
    n.c.generators.dynamic.p_set = pd.DataFrame({"Plant": 50.0, "Turbine": 10.0}, index=HOURS)
    n.export_to_netcdf(folder / "network.nc")
    after = gp.open_study(folder)
    assert after.hash != before.hash
    assert after.schedule_mw["Plant"].iloc[0] == 50.0
    assert with_growth(after, {"all": 1.1}).schedule_mw["Plant"].iloc[0] == 50.0


def test_profiles_are_not_needed(folder):
    text = "name: three\nnetwork: network.nc\n"
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    (folder / "projects.csv").write_text(PROJECTS.replace(",day,", ",flat,"), encoding="utf-8")
    (folder / "measures.csv").write_text(MEASURES.replace(",day,", ",flat,"), encoding="utf-8")
    assert gp.open_study(folder).profiles.columns.tolist() == ["flat"]


def test_what_is_wrong_says_where(folder):
    (folder / "projects.csv").write_text(
        PROJECTS.replace(",B,12.5,flat", ",X,12.5,night"), encoding="utf-8"
    )
    said = problems(folder)
    assert "projects.csv, line 2 (Quay), column bus: " in said
    assert "column profile" in said


def test_the_file_itself(folder):
    (folder / "network.nc").write_bytes(b"no netcdf at all")
    assert "network.nc: not readable as a PyPSA network" in problems(folder)
    (folder / "network.nc").unlink()
    assert "network.nc: the file is missing" in problems(folder)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda n: n.add("Link", "HVDC", bus0="A", bus1="B", p_nom=5), "links are not part"),
        (lambda n: n.c.lines.static.__setitem__("x", 0.0), "no reactance"),
        (lambda n: n.c.shunt_impedances.static.__setitem__("g", 1e-4), "shunt takes active power"),
        (lambda n: n.add("Generator", "Off", bus="A", p_nom=5, active=False), "switched off"),
    ],
)
def test_what_the_model_cannot_hold_names_the_file(folder, spoil, words):
    n = network()
    spoil(n)
    n.export_to_netcdf(folder / "network.nc")
    said = problems(folder)
    assert words in said
    assert "network.nc, " in said


def test_series_beside_the_file_are_refused(folder):
    (folder / "hourly" / "load_mw.csv").write_text("snapshot,Town\n", encoding="utf-8")
    assert "holds these hours already" in problems(folder)


def test_other_hours_of_the_shapes_are_refused(folder):
    path = folder / "hourly" / "profile_pu.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")
    assert "other hours than the loads" in problems(folder)


def test_it_has_one_year_of_weather(folder):
    with pytest.raises(StudyError, match="holds the hours of the study"):
        gp.weather_years(gp.open_study(folder))


REMOVAL = """\
name,year,status,cost_mnok,action,branch,bus0,bus1,length,r,x,b,s_nom,v_nom,lon,lat,basis,source,\
cost_source
Demolition,2027,licensed,1,remove,CD,,,,,,,,,,,assumption,me,me
Demolition,2027,licensed,,remove bus,,D,,,,,,,,,,assumption,me,
"""


def test_a_shunt_goes_with_its_bus(folder):
    n = network()
    n.add("Bus", "D", v_nom=132.0, carrier="AC", x=10.2, y=63.4)
    n.add("Line", "CD", bus0="C", bus1="D", x=8.0, r=1.0, s_nom=100.0, carrier="AC")
    n.add("ShuntImpedance", "Far coil", bus="D", b=-1e-4)
    n.export_to_netcdf(folder / "network.nc")
    (folder / "reinforcements.csv").write_text(REMOVAL, encoding="utf-8")
    later = gp.at_stage(gp.open_study(folder), 2030)
    assert later.in_service == ("Demolition",)
    assert list(later.network.c.shunt_impedances.static.index) == ["Coil"]
    assert "D" not in later.network.c.buses.static.index
