"""The bundled projects and measures: complete, unique, at real buses, nothing counted twice."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
import yaml

from gridplan.study.settings import Settings
from networks.build import measures as build_measures
from networks.build import study_tables
from networks.build.measures import shares_text

ROOT = Path(__file__).parents[2]
STUDY = ROOT / "networks/trondelag"
SOURCES = ROOT.parent / "shared/sources"
BASES = {"osm", "register", "documented", "derived", "assumption", "synthetic"}
# transmission station of the list -> municipalities it feeds in the model
FED_BY = {
    "Hofstad": {"Åfjord", "Osen", "Flatanger"},
    "Tunnsjødal": {"Namsskogan", "Røyrvik", "Lierne", "Grong"},
    "Åfjord": {"Åfjord", "Ørland", "Indre Fosen"},
    "Trollheim": {"Heim", "Rindal"},
    "Eidum": {"Stjørdal", "Meråker", "Frosta"},
    "Ogndal": {"Steinkjer", "Inderøy"},
    "Strinda": {"Trondheim", "Malvik"},
    "Kolsvik": {"Nærøysund", "Leka"},
    "Namsos": {"Namsos", "Nærøysund", "Overhalla"},
    "Orkdal": {"Orkland", "Skaun"},
    "Klæbu": {"Trondheim", "Melhus"},
    "Snilldal": {"Hitra", "Frøya", "Orkland"},
}


def read(name: str) -> pd.DataFrame:
    return pd.read_csv(STUDY / name, keep_default_na=False, index_col="name")


@pytest.fixture(scope="module")
def projects() -> pd.DataFrame:
    return read("projects.csv")


@pytest.fixture(scope="module")
def measures() -> pd.DataFrame:
    return read("measures.csv")


@pytest.fixture(scope="module")
def profiles() -> set[str]:
    with xr.open_dataset(ROOT / "profiles/sectors.nc") as data:
        return set(data["profile"].values)


def test_the_queue_is_complete(projects):
    status = projects["status"].value_counts()
    assert status["reserved"] == 12
    assert status["queue"] == 16
    power = projects.groupby("status")["mw"].sum()
    assert power["reserved"] == pytest.approx(221.8)
    assert power["queue"] == pytest.approx(564.1)


def test_queued_projects_stand_under_their_transmission_station(projects):
    queued = projects[projects["status"] != "candidate"]
    station = queued["source"].str.extract(r" at (\w+), case ")[0]
    wrong = [
        name
        for name, municipality in queued["municipality"].items()
        if municipality not in FED_BY[station[name]]
    ]
    assert wrong == []


def test_projects_are_complete(projects, profiles):
    buses = read("grid/buses.csv")
    assert len(projects) >= 40
    assert projects.index.is_unique
    assert set(projects["bus"]) <= set(buses.index)
    assert set(projects["profile"]) <= profiles
    assert set(projects["status"]) == {"reserved", "queue", "candidate"}
    assert set(projects["basis"]) <= BASES
    assert (projects["mw"] > 0).all()
    for column in ("co2_t_per_yr", "jobs", "export_mnok_per_yr", "value_mnok_per_yr"):
        assert np.isfinite(projects[column].astype(float)).all()
        assert (projects[column].astype(float) >= 0).all()
    for column in ("municipality", "site", "sector", "mw_basis", "benefit_basis", "source"):
        assert (projects[column].str.strip() != "").all(), column
    assert projects["lon"].between(8, 15).all()
    assert projects["lat"].between(62, 66).all()


def test_dates_are_dates(projects):
    for column in ("queue_date", "wanted_connection"):
        for text in projects[column]:
            assert not text or date.fromisoformat(text)
    queued = projects["status"] != "candidate"
    assert (projects.loc[queued, "queue_date"] != "").all()
    assert projects["year"].between(2026, 2035).all()


@pytest.mark.parametrize(
    "word",
    [
        *("Malm Industripark", "Thams", "Holla", "Skogn", "Verdal", "Hitra", "Rørvik"),
        *("Tydal", "Heimdal", "Draugen-Njord", "Stjørdal"),
    ],
)
def test_the_places_of_the_county_are_there(projects, word):
    assert projects.index.str.contains(word).any()


def test_nothing_stands_in_queue_and_candidates(projects):
    for word in ("Draugen", "battery factory step 1", "Heimdal carbon"):
        assert projects.index.str.contains(word).sum() == 1


def test_large_projects_are_at_132_kv_where_the_station_has_it(projects):
    buses = read("grid/buses.csv")
    regional = buses[buses["v_nom"].between(60, 140)]
    highest = regional.groupby("station")["v_nom"].max()
    large = projects[projects["mw"] >= 50]
    for name, bus in large["bus"].items():
        assert buses.loc[bus, "v_nom"] == highest[buses.loc[bus, "station"]], name


def test_what_is_assumed_says_so(projects):
    guessed = projects["basis"] == "assumption"
    assert projects.loc[guessed, "mw_basis"].str.contains("assumption").all()
    told = projects["benefit_basis"].str.contains("assum|published|derived|given", regex=True)
    assert told.all()


def test_variants_are_told_from_what_is_real(projects):
    variants = projects[projects["variant_of"] != ""]
    heads = projects.loc[variants["variant_of"]]
    assert 8 <= heads.index.nunique() <= 12
    assert set(heads["status"]) <= {"queue", "candidate"}  # a reserved one has no other choice
    assert (variants["basis"] == "assumption").all()
    assert variants["source"].str.contains("nobody has applied").all()
    assert (variants[["queue_date", "wanted_connection"]] == "").all(axis=None)
    columns = ["mw", "year", "bus", "connection"]
    same = variants[columns].to_numpy() == heads[columns].to_numpy()
    assert not same.all(axis=1).any()  # each differs from its head in one of them
    scale = variants["mw"].to_numpy() / heads["mw"].to_numpy()
    for column in ("co2_t_per_yr", "jobs", "export_mnok_per_yr"):
        expected = heads[column].to_numpy() * scale
        assert variants[column].to_numpy() == pytest.approx(expected, abs=0.6), column
    kept = ["profile", "sector", "municipality", "requires"]
    assert (variants[kept].to_numpy() == heads[kept].to_numpy()).all()


def test_conditional_offers_fit_their_process(projects):
    conditional = projects[projects["connection"] == "conditional"]
    limits = ["curtailable_hours", "longest_curtailment_h", "curtailment_nok_per_mwh"]
    assert len(conditional) >= 6
    assert (conditional["variant_of"] != "").all()
    assert conditional["curtailable_share"].between(0.01, 0.05).all()
    assert (conditional[limits] != "").all(axis=None)
    hours, event = (conditional[name].astype(float) for name in limits[:2])
    backed = conditional["profile"].isin(["electrolysis", "district heat"])
    assert hours[backed].min() > hours[~backed].max()
    assert event[backed].min() > event[~backed].max()
    # at full power the hours hold the share, which could never be used up otherwise
    assert (hours >= conditional["curtailable_share"] * 8760).all()
    firm = projects[projects["connection"] == "firm"]
    assert (firm["curtailable_share"] == 0).all()
    assert (firm[limits] == "").all(axis=None)


def test_missing_criteria_have_a_source(projects):
    missing = projects[projects["criteria_missing"] != ""]
    assert missing.index.tolist() == ["Orkland battery factory step 1"]
    assert missing["source"].str.contains("criteria missing: ").all()


def test_symbioses_say_what_is_real(projects, profiles):
    symbioses = read("symbioses.csv")
    buses = read("grid/buses.csv")
    assert 4 <= len(symbioses) <= 10
    for place in ("Malm", "Tham", "Skogn"):
        assert symbioses.index.str.contains(place).any()
    assert symbioses["source"].str.contains("real: ").all()
    assert symbioses["source"].str.contains("Assumed: ").all()
    assert (symbioses["basis"] == "assumption").all()
    assert set(symbioses["profile"]) <= profiles
    for name, row in symbioses.iterrows():
        partners = [partner for partner in row["partners"].split("; ") if partner]
        assert set(partners) <= set(projects.index)
        assert partners or row["existing_partners"], name
        assert {part.split(": ")[0] for part in row["buses"].split("; ")} <= set(buses.index)
        # what is saved is less than what the partners draw
        assert row["mw"] < projects.loc[partners, "mw"].sum() if partners else row["mw"] == 0, name


def test_measures_are_complete(measures, profiles):
    buses = read("grid/buses.csv")
    branches = set(read("grid/lines.csv").index) | set(read("grid/transformers.csv").index)
    assert len(measures) >= 12
    assert measures.index.is_unique
    load, rating = measures[measures["kind"] == "load"], measures[measures["kind"] == "rating"]
    assert len(load) + len(rating) == len(measures)
    assert len(rating) >= 6
    assert set(rating["branch"]) <= branches
    assert set(rating["rating_pu"].astype(float)) == {0.20, 0.25}
    assert (rating["mw"].astype(float) == 0).all()
    assert (load["mw"].astype(float) > 0).all()
    assert set(load["profile"]) <= profiles
    assert (measures["units_max"].astype(int) >= 1).all()
    assert (measures["cost_mnok"].astype(float) > 0).all()
    assert (measures["lifetime_yr"].astype(float) >= 5).all()
    assert (measures[["description", "source"]] != "").all().all()
    for text in load["buses"]:
        parts = dict(part.split(": ") for part in text.split("; "))
        assert set(parts) <= set(buses.index)
        assert sum(map(float, parts.values())) == pytest.approx(1, abs=1e-9)


def test_no_line_has_two_rating_measures(measures):
    branches = measures.loc[measures["kind"] == "rating", "branch"]
    assert branches.is_unique  # uprating and dynamic rating of one conductor do not add up


def test_a_line_named_twice_is_refused(monkeypatch):
    twice = pd.DataFrame({"branch": ["A - B 66"] * 2, "kind": ["dynamic", "uprating"]})
    monkeypatch.setattr(build_measures, "own_table", lambda _: twice.assign(reason="weak"))
    with pytest.raises(ValueError, match="names twice: A - B 66"):
        build_measures._ratings(pd.DataFrame())


def test_transport_cuts_are_those_of_energy_that_buses_use(projects):
    buses = projects.loc["Trondheim bus charging"]
    hours = 8760 * 0.2
    assert float(buses["co2_t_per_yr"]) == pytest.approx(buses["mw"] * hours * 0.8, rel=0.01)


def test_captured_biogenic_carbon_is_told(projects):
    captured = projects.loc["Heimdal carbon capture"]
    assert float(captured["co2_t_per_yr"]) == 216_000
    assert "removal of biogenic CO2" in captured["benefit_basis"]


def test_shares_leave_out_small_buses_and_sum_to_one():
    text = shares_text(pd.Series({"A 66": 70.0, "B 66": 29.5, "C 66": 0.5}))
    assert text == "A 66: 0.704; B 66: 0.296"


def test_the_goals_of_the_county_have_sources():
    settings = Settings.model_validate(yaml.safe_load((STUDY / "study.yaml").read_text("utf-8")))
    goals = {goal.quantity: goal for goal in settings.county_goals}
    assert set(goals) == {"co2_t_per_yr", "export_mnok_per_yr", "jobs"}
    assert goals["jobs"].aim == 300_000
    assert all(goal.target_year == 2030 for goal in goals.values())
    # emissions of 2009: 3.1 Mt in 2023 after a fall of 6.4 %, 10.5 % above 2009 before it
    expected = (210_900 / 0.064) / 1.105
    assert goals["co2_t_per_yr"].baseline == pytest.approx(expected, rel=0.01)
    assert goals["export_mnok_per_yr"].baseline == pytest.approx(25_900 / 0.6, rel=0.01)


def test_settings_are_the_programs():
    settings = Settings.model_validate(yaml.safe_load((STUDY / "study.yaml").read_text("utf-8")))
    assert settings.name == "trondelag"
    assert settings.year == 2030
    assert (STUDY / settings.profiles).resolve() == (ROOT / "profiles/trondelag_2019.nc").resolve()


@pytest.mark.skipif(
    not SOURCES.exists(),
    reason="the source data are not part of a clone; only the build needs them",
)
def test_the_build_gives_the_committed_files(tmp_path):
    buses, lines = read("grid/buses.csv"), read("grid/lines.csv")
    study_tables.write_projects(SOURCES, buses, lines, tmp_path)
    for name in ("projects.csv", "measures.csv", "symbioses.csv", "study.yaml"):
        assert (tmp_path / name).read_bytes() == (STUDY / name).read_bytes()
