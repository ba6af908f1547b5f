"""The scenario file: what it expands to, and every mistake at once."""

import pytest

import gridplan as gp
from gridplan.base.errors import StudyError
from gridplan.batch.applied import base_key, grid_of_scenario
from tests.study.conftest import know_sectors


def test_a_matrix_is_every_combination_and_the_list_comes_besides(batch):
    batch.write("""\
base: {growth: {all: 1.1}, budget_mnok: 50}
matrix:
  inflow: [dry, median]
  grid_year: [2025, null]
scenarios:
  - name: More in Lower
    growth: {Lower: 1.5}
    budget_mnok: null
""")
    scenarios = gp.read_scenarios(batch.file)
    assert [one.name for one in scenarios] == [
        "inflow=dry, grid_year=2025",
        "inflow=dry, grid_year=as in the study",
        "inflow=median, grid_year=2025",
        "inflow=median, grid_year=as in the study",
        "More in Lower",
    ]
    *_, as_is, listed = scenarios
    assert as_is.changes == {"inflow": "median", "growth": {"all": 1.1}, "budget_mnok": 50.0}
    assert listed.changes == {"growth": {"all": 1.1, "Lower": 1.5}, "budget_mnok": None}
    assert len({one.digest for one in scenarios}) == 5
    assert scenarios.table.loc["More in Lower", "growth"] == "all 1.1; Lower 1.5"


def test_the_digest_follows_the_study(batch):
    batch.write("scenarios: [{name: One, year: 2030}]\n")
    before = gp.read_scenarios(batch.file).listed[0].digest
    assert gp.read_scenarios(batch.file).listed[0].digest == before
    batch.folder.replace("projects.csv", "Lower 66,12.5", "Lower 66,12.6")
    assert gp.read_scenarios(batch.file).listed[0].digest != before


def test_all_names_and_years_that_are_unknown_are_told_at_once(batch):
    batch.write("""\
base: {without_projects: [Quayy]}
matrix:
  inflow: [dry, median]
  wind_year: [2014]
scenarios:
  - name: One
    growth: {Uper: 1.2}
  - name: One
    without_reinforcements: [Third circus]
""")
    with pytest.raises(StudyError) as raised:
        gp.read_scenarios(batch.file)
    found = {(p.row, p.column, p.value, p.remedy) for p in raised.value.problems}
    assert ("line 2", "without_projects", "Quayy", "Did you mean 'Quay'?") in found
    assert (
        "line 5",
        "wind_year",
        "2014",
        "Leave it out; the profiles have one wind_year only.",
    ) in found
    assert ("line 7", "growth", "Uper", "Did you mean 'Upper'?") in found
    remedy = "Did you mean 'Third circuit'?"
    assert ("line 9", "without_reinforcements", "Third circus", remedy) in found
    assert any(p.column == "name" and p.value == "One" for p in raised.value.problems)
    assert all(p.file == "scenarios.yaml" for p in raised.value.problems)
    assert len(raised.value.problems) == 5


def test_growth_by_sector_is_merged_and_stands_in_the_table(batch):
    know_sectors(batch.folder)
    batch.write("""\
base: {growth_by_sector: {all: 1.05, homes: 1.1}}
scenarios:
  - {name: Mill, growth_by_sector: {industry: 1.3}, growth: {Lower: 1.2}}
""")
    (mill,) = gp.read_scenarios(batch.file)
    assert mill.changes["growth_by_sector"] == {"all": 1.05, "homes": 1.1, "industry": 1.3}
    table = gp.read_scenarios(batch.file).table
    assert table.loc["Mill", "growth_by_sector"] == "all 1.05; homes 1.1; industry 1.3"
    study = gp.open_study(batch.folder.path)
    before, after = (
        one.network.c.loads.dynamic.p_set.iloc[0]
        for one in (study, grid_of_scenario(study, mill.changes))
    )
    # Town 40 = 30 homes + 10 of no sector; Village 15 = 5 industry + 5 homes + 5 of no sector
    assert before.tolist() == [40.0, 15.0]
    assert after.tolist() == pytest.approx([30 * 1.1 + 10, 1.2 * (5 * 1.3 + 5 * 1.1 + 5)])
    assert base_key(study, mill.changes) != base_key(study, {"growth": {"Lower": 1.2}})


def test_unknown_sectors_and_a_study_that_knows_none(batch):
    text = "base: {growth_by_sector: {industri: 1.1, home: 1.2}}\nscenarios: [{name: One}]\n"
    batch.write(text)
    with pytest.raises(StudyError) as raised:
        gp.read_scenarios(batch.file)
    (problem,) = raised.value.problems
    assert (problem.row, problem.column) == ("line 2", "growth_by_sector")
    assert problem.value == "industri, home"
    assert "annual_gwh_<sector>" in problem.remedy
    know_sectors(batch.folder)
    with pytest.raises(StudyError) as raised:
        gp.read_scenarios(batch.file)
    found = {(p.row, p.column, p.value, p.remedy) for p in raised.value.problems}
    assert found == {
        ("line 2", "growth_by_sector", "industri", "Did you mean 'industry'?"),
        ("line 2", "growth_by_sector", "home", "Did you mean 'homes'?"),
    }


def test_keys_and_values_that_are_wrong(batch):
    batch.write("""\
base: {grow: {all: 1.1}}
matrix:
  year: [2030, 1200]
scenarios:
  - name: A
    growth: {all: -1}
    growth_by_sector: {homes: 11}
    weights: {co2: 3}
""")
    with pytest.raises(StudyError) as raised:
        gp.read_scenarios(batch.file)
    found = {(p.row, p.column) for p in raised.value.problems}
    assert {("line 2", "base.grow"), ("line 6", "scenarios.1.name")} & found
    assert any("Did you mean 'growth'?" in p.remedy for p in raised.value.problems)
    assert any(p.column.startswith("scenarios.1.weights") for p in raised.value.problems)
    assert any(p.column == "scenarios.1.growth_by_sector.homes" for p in raised.value.problems)


def test_contradictions_name_the_scenario(batch):
    batch.write("""\
scenarios:
  - {name: A, reinforcements: [Third circuit]}
  - {name: B, inflow: dry}
  - {name: C, inflow: dry}
""")
    with pytest.raises(StudyError) as raised:
        gp.read_scenarios(batch.file)
    assert [(p.row, p.value) for p in raised.value.problems] == [
        ("scenario A", "Third circuit"),
        ("scenario C", ""),
    ]


def test_growth_moves_the_load_and_the_schedule_of_the_borders(batch):
    from gridplan.study.growth import with_growth

    study = gp.open_study(batch.folder.path)
    grown = with_growth(study, {"all": 1.1, "Upper": 1.2})
    before = study.network.c.loads.dynamic.p_set
    after = grown.network.c.loads.dynamic.p_set
    assert after["Town"].to_numpy() == pytest.approx(1.2 * before["Town"].to_numpy())
    more = (after - before).sum(axis=1).to_numpy()
    moved = (grown.schedule_mw - study.schedule_mw).sum(axis=1).to_numpy()
    assert moved == pytest.approx(more)
    assert (grown.schedule_mw["Falls"] == study.schedule_mw["Falls"]).all()
