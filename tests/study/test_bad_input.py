"""Every kind of bad input gets one clear problem: file, row, column, value, and a way out."""

import numpy as np
import pandas as pd
import pytest

import gridplan as gp
from gridplan.base.errors import StudyError
from gridplan.study.tables import TABLES
from tests.sampling import rest_slow
from tests.study.conftest import HOURS, hours, sectors

# file, old text, new text -> file, row, column, value, message, remedy (parts of each)
CELLS = {
    "text in a number column": (
        ("projects.csv", "12.5", "a lot"),
        ("projects.csv", "line 2 (Quay)", "mw", "a lot", "text in a number", "Give a number (MW)"),
    ),
    "decimal comma": (
        ("projects.csv", "12.5", '"12,5"'),
        ("projects.csv", "line 2 (Quay)", "mw", "12,5", "decimal comma", "Write 12.5."),
    ),
    "unquoted decimal comma": (
        ("projects.csv", "12.5", "12,5"),
        ("projects.csv", "line 2 (Quay)", "", "", "21 cells, the header 20", "decimals with a"),
    ),
    "thousands": (
        ("projects.csv", "20000", "20 000"),
        ("projects.csv", "line 3 (Smelter)", "co2_t_per_yr", "20 000", "blanks", "Write 20000."),
    ),
    "unit in a cell": (
        ("projects.csv", "12.5", "12.5 MW"),
        ("projects.csv", "line 2 (Quay)", "mw", "12.5 MW", "text after a number", "alone (MW)"),
    ),
    "NaN": (
        ("projects.csv", "12.5", "NaN"),
        ("projects.csv", "line 2 (Quay)", "mw", "NaN", "no number", "Give a number (MW)"),
    ),
    "infinite": (
        ("grid/lines.csv", "8.0,60", "8.0,1e999"),
        ("grid/lines.csv", "line 2", "s_nom", "1e999", "infinite", "finite number (MVA)"),
    ),
    "empty figure": (
        ("projects.csv", "1000,5,0", "1000,,0"),
        ("projects.csv", "line 2 (Quay)", "jobs", "", "empty", "Give the permanent jobs"),
    ),
    "negative MW": (
        ("projects.csv", "12.5", "-12.5"),
        ("projects.csv", "line 2 (Quay)", "mw", "-12.5", "not above 0", "above 0 (MW)"),
    ),
    "kW instead of MW": (
        ("projects.csv", "12.5", "12500"),
        ("projects.csv", "line 2 (Quay)", "mw", "12500", "above 10,000 (MW)", "kW?"),
    ),
    "V instead of kV": (
        ("grid/buses.csv", "Upper 132,132", "Upper 132,132000"),
        ("grid/buses.csv", "line 2 (Upper 132)", "v_nom", "132000", "above 1,500", "Is this V?"),
    ),
    "half a unit": (
        ("measures.csv", "day,3,15", "day,2.5,15"),
        ("measures.csv", "line 2 (Heat pumps)", "units_max", "2.5", "whole", "whole number"),
    ),
    "duplicate name": (
        ("projects.csv", "Smelter,Upper", "Quay,Upper"),
        ("projects.csv", "line 3 (Quay)", "name", "Quay", "used twice", "name of its own"),
    ),
    "empty name": (
        ("projects.csv", "Smelter,Upper", ",Upper"),
        ("projects.csv", "line 3", "name", "", "empty", "unique name"),
    ),
    "duplicate branch": (
        ("grid/lines.csv", "Upper-Lower 2", "Upper T1"),
        ("grid/transformers.csv", "line 2", "name", "Upper T1", "a line has this", "no line has"),
    ),
    "yes instead of True": (
        ("grid/buses.csv", "Upper,True", "Upper,yes"),
        ("grid/buses.csv", "line 2", "in_county", "yes", "neither True nor", "True or False"),
    ),
    "not a date": (
        ("projects.csv", "2024-05-01", "1.5.2024"),
        ("projects.csv", "line 2 (Quay)", "queue_date", "1.5.2024", "not a date", "2026-07-30"),
    ),
    "word that is not allowed": (
        ("projects.csv", "2027,queue", "2027,waiting"),
        (
            "projects.csv",
            "line 2",
            "status",
            "waiting",
            "allowed words",
            "reserved, under construction, queue, candidate",
        ),
    ),
    "unknown bus": (
        ("projects.csv", "Lower 66", "Lowr 66"),
        ("projects.csv", "line 2 (Quay)", "bus", "Lowr 66", "unknown bus", "mean 'Lower 66'?"),
    ),
    "unknown bus of a line": (
        ("grid/lines.csv", "Upper 66,Lower 66", "Uper 66,Lower 66"),
        ("grid/lines.csv", "line 2", "bus0", "Uper 66", "unknown bus", "mean 'Upper 66'?"),
    ),
    "unknown profile": (
        ("projects.csv", "40,day", "40,daily"),
        ("projects.csv", "line 3", "profile", "daily", "unknown profile", "mean 'day'?"),
    ),
    "unknown branch": (
        ("measures.csv", ",Upper-Lower 1", ",Upper-Lower 3"),
        ("measures.csv", "line 3", "branch", "Upper-Lower 3", "unknown branch", "Upper-Lower"),
    ),
    "shares": (
        ("measures.csv", "Lower 66: 0.4", "Lower 66: 0.5"),
        ("measures.csv", "line 2", "buses", "0.5", "shares sum to 1.1", "Correct the shares"),
    ),
    "unreadable shares": (
        ("measures.csv", "Lower 66: 0.4", "Lower 66"),
        ("measures.csv", "line 2", "buses", "Lower 66", "not 'bus: share'", "bus: share"),
    ),
    "unknown bus in shares": (
        ("measures.csv", "Lower 66: 0.4", "Lwer 66: 0.4"),
        ("measures.csv", "line 2", "buses", "Lwer 66", "unknown bus", "mean 'Lower 66'?"),
    ),
    "measure without effect": (
        ("measures.csv", ",0,0.25", ",0,0"),
        ("measures.csv", "line 3 (Warm line)", "rating_pu", "0", "raises nothing", "0.2"),
    ),
    "border shares": (
        ("grid/generators.csv", "0.75", "0.70"),
        ("grid/generators.csv", "line 5 (East)", "schedule_share", "0.7", "sum to 0.95", "West"),
    ),
    "import above p_nom": (
        ("grid/generators.csv", "10,30,100", "10,300,100"),
        ("grid/generators.csv", "line 5 (East)", "import_mw", "300", "above p_nom", "Set p_nom"),
    ),
    "two voltages": (
        ("grid/lines.csv", "Upper 66,Lower 66", "Upper 132,Lower 66"),
        (
            "grid/lines.csv",
            "line 2",
            "bus1",
            "132 kV to 66 kV",
            "joins two voltages",
            "transformer",
        ),
    ),
    "no reactance": (
        ("grid/lines.csv", "2.0,8.0", "2.0,0"),
        ("grid/lines.csv", "line 2", "x", "0", "not above 0", "above 0 (ohm)"),
    ),
    "both ends the same": (
        ("grid/lines.csv", "Upper 66,Lower 66", "Lower 66,Lower 66"),
        ("grid/lines.csv", "line 2", "bus1", "Lower 66", "both ends", "other end"),
    ),
    "misspelt column": (
        ("projects.csv", ",jobs,", ",job,"),
        ("projects.csv", "line 1", "job", "", "not known", "Did you mean 'jobs'?"),
    ),
    "unit in the header": (
        ("projects.csv", ",mw,", ",mw [kW],"),
        ("projects.csv", "line 1", "mw [kW]", "", "unit in the header", "fixed unit (MW)"),
    ),
    "wrong unit": (
        ("projects.csv", ",mw,", ",kw,"),
        ("projects.csv", "line 1", "kw", "", "wrong unit", "'mw' and divide by 1,000"),
    ),
    "column twice": (
        ("projects.csv", ",site,", ",municipality,"),
        ("projects.csv", "line 1", "municipality", "", "stands twice", "Keep one"),
    ),
    "misspelt key": (
        ("study.yaml", "inflow:", "inflwo:"),
        ("study.yaml", "line 6", "inflwo", "", "unknown key", "Did you mean 'inflow'?"),
    ),
    "misspelt inner key": (
        ("study.yaml", "jobs_mnok_per_job", "jobs_mnok"),
        ("study.yaml", "line 9", "weights.jobs_mnok", "", "unknown key", "jobs_mnok_per_job"),
    ),
    "wrong word in the settings": (
        ("study.yaml", "median", "average"),
        ("study.yaml", "line 6", "inflow", "average", "'dry', 'median' or 'wet'", "hydrological"),
    ),
    "decimal comma in the settings": (
        ("study.yaml", "0.2", "0,2"),
        ("study.yaml", "line 7", "hydro_flexibility_pu", "0,2", "number", "point: 0.2"),
    ),
    "key twice": (
        ("study.yaml", "title:", "name:"),
        ("study.yaml", "line 2", "name", "", "stands twice", "line 1"),
    ),
    "broken YAML": (
        ("study.yaml", "weights: {", "weights: {{"),
        ("study.yaml", "line 10", "", "", "not readable as YAML", "Indent"),
    ),
    "unknown unsecured branch": (
        ("study.yaml", "[Upper T1]", "[Uper T1]"),
        ("study.yaml", "", "unsecured", "Uper T1", "unknown branch", "mean 'Upper T1'?"),
    ),
    "missing profile file": (
        ("study.yaml", "hours.nc", "hour.nc"),
        ("hour.nc", "", "", "", "file is missing", "correct its path in study.yaml"),
    ),
    "load without series": (
        ("grid/loads.csv", "Village,Lower 66", "Vilage,Lower 66"),
        ("hours.nc", "", "load_mw", "Vilage", "no series for this load", "mean 'Village'?"),
    ),
}


@pytest.mark.parametrize("name", CELLS)
def test_one_bad_cell(folder, name):
    edit, expected = CELLS[name]
    folder.replace(*edit)
    problems = gp.check_study(folder.path)
    assert len(problems) == 1, "\n".join(map(str, problems))
    problem = problems[0]
    found = (
        problem.file,
        problem.row,
        problem.column,
        problem.value,
        problem.message,
        problem.remedy,
    )
    assert found[0] == expected[0]
    assert found[2] == expected[2]
    for part, text in zip(expected, found, strict=True):
        assert part in text
    with pytest.raises(StudyError) as error:
        gp.open_study(folder.path)
    assert str(problem) in str(error.value)


def test_all_problems_at_once(folder):
    for name in ("misspelt column", "unknown bus of a line", "misspelt key", "shares"):
        folder.replace(*CELLS[name][0])
    files = [problem.file for problem in gp.check_study(folder.path)]
    assert sorted(files) == ["grid/lines.csv", "measures.csv", "projects.csv", "study.yaml"]


@pytest.mark.parametrize("table", rest_slow(TABLES, quick=3), ids=lambda table: table.name)
def test_one_problem_for_each_lost_column(folder, table):
    """A lost column brings no other problem: nothing is compared with what is not there."""
    file = f"grid/{table.name}.csv" if table.folder else f"{table.name}.csv"
    rows = pd.read_csv(folder.path / file, dtype=str, keep_default_na=False)
    for column in table.columns:
        if column.name in rows and column.required:
            rows.drop(columns=column.name).to_csv(folder.path / file, index=False)
            found = [(p.file, p.column, p.message) for p in gp.check_study(folder.path)]
            assert found == [(file, column.name, "the column is missing")]


FILES = {
    "empty": (b"", "the file is empty"),
    "blank": (b"\n\n", "the file is empty"),
    "not UTF-8": ("name,bus\nTrøa,A\n".encode("latin-1"), "not UTF-8"),
    "tabs": (b"name\tbus\tmw\nA\tB\t1,5\n", "separated by tabs"),
    "open quote": (b'name,bus\nA,"B\n', "cannot be read"),
    "missing": (None, "the file is missing"),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("file", ["projects.csv", "grid/loads.csv"])
def test_unreadable_table(folder, file, name):
    content, message = FILES[name]
    if content is None:
        (folder.path / file).unlink()
    else:
        (folder.path / file).write_bytes(content)
    problems = gp.check_study(folder.path)
    assert [(problem.file, message in problem.message) for problem in problems] == [(file, True)]


def test_table_without_rows(folder):
    header = (folder.path / "grid/loads.csv").read_text(encoding="utf-8").splitlines()[0]
    (folder.path / "grid/loads.csv").write_text(header + "\n", encoding="utf-8")
    assert "no rows" in gp.check_study(folder.path)[0].message


def test_unknown_table(folder):
    (folder.path / "grid/links.csv").write_text("name\n", encoding="utf-8")
    (folder.path / "grid/loads-p_set.csv").write_text("name\n", encoding="utf-8")
    messages = [problem.message for problem in gp.check_study(folder.path)]
    assert messages == [
        "the model does not know this table",
        "the network folder holds no time series",
    ]


@pytest.mark.parametrize("content", [b"", b"- a\n- b\n", b"name: tr\xf8a\n"])
def test_settings_that_are_none(folder, content):
    (folder.path / "study.yaml").write_bytes(content)
    problems = gp.check_study(folder.path)
    assert [problem.file for problem in problems] == ["study.yaml"]


def test_island_without_supply(folder):
    folder.replace(
        "grid/buses.csv", "Lower 66,66", "Lonely 66,66,10,63,,False,synthetic,x\nLower 66,66"
    )
    folder.replace("grid/loads.csv", "Village,Lower 66", "Village,Lonely 66")
    problems = gp.check_study(folder.path)
    assert len(problems) == 1
    assert problems[0].row == "island of Lonely 66"
    assert problems[0].message == "island without supply"
    assert "15.0 MW" in problems[0].value


def test_load_above_all_supply(folder):
    data = hours()
    data["load_mw"].loc[{"snapshot": HOURS[3], "load": "Town"}] = 500.0
    folder.write(data, "hours.nc")
    (problem,) = gp.check_study(folder.path)
    assert "cannot cover the load" in problem.message
    assert "2019-01-01 03:00, 1 hours" in problem.value


def _nan(data):
    data["load_mw"][5, 0] = np.nan


def _negative(data):
    data["load_mw"][5, 0] = -1.0


def _percent(data):
    data["wind_pu"] = (data["wind_pu"] * 100).assign_attrs(units="1")


def _kilowatt(data):
    data["load_mw"].attrs["units"] = "kW"


def _no_units(data):
    del data["hydro_mw"].attrs["units"]


def _too_much_water(data):
    data["hydro_mw"][1, 0, 0] = 99.0


HOURLY = {
    "NaN": (_nan, "load_mw", "NaN"),
    "negative": (_negative, "load_mw", "negative"),
    "per cent": (_percent, "wind_pu", "above 1"),
    "kW": (_kilowatt, "load_mw", "wrong unit"),
    "no unit": (_no_units, "hydro_mw", "wrong unit"),
    "above p_nom": (_too_much_water, "hydro_mw", "above p_nom"),
}


@pytest.mark.parametrize("name", HOURLY)
def test_bad_series(folder, name):
    spoil, column, message = HOURLY[name]
    data = hours()
    spoil(data)
    folder.write(data, "hours.nc")
    (problem,) = gp.check_study(folder.path)
    assert (problem.file, problem.column) == ("hours.nc", column)
    assert message in problem.message


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (hours().drop_vars("load_mw"), "variable is missing"),
        (hours().sel(inflow=["dry", "wet"]), "no such inflow"),
        (hours().isel(snapshot=[0, 1, 3]), "not consecutive"),
        (hours().assign_coords(snapshot=HOURS + pd.Timedelta("30min")), "not consecutive"),
        (hours().assign_coords(snapshot=range(24)), "no time stamps"),
        (hours().rename(load="bus"), "other dimensions"),
        (hours().assign_coords(wind=["Rigde"]), "no series for this wind"),
    ],
)
def test_bad_file_of_series(folder, data, message):
    folder.write(data, "hours.nc")
    problems = gp.check_study(folder.path)
    assert message in problems[0].message
    assert {problem.file for problem in problems} <= {"hours.nc", "sectors.nc"}


def test_shapes_of_other_hours(folder):
    folder.write(sectors().assign_coords(snapshot=HOURS + pd.Timedelta("1D")), "sectors.nc")
    (problem,) = gp.check_study(folder.path)
    assert problem.file == "sectors.nc"
    assert "other hours" in problem.message


def test_not_a_netcdf_file(folder):
    (folder.path / "hours.nc").write_text("hello", encoding="utf-8")
    (problem,) = gp.check_study(folder.path)
    assert "cannot be read as netCDF" in problem.message


@pytest.mark.parametrize("name", ["trondelga", "nowhere/at/all"])
def test_unknown_study(name):
    (problem,) = gp.check_study(name)
    assert problem.message == "no such study or folder"
    assert "trondelag" in problem.remedy


def test_folder_without_settings(tmp_path):
    (problem,) = gp.check_study(tmp_path)
    assert problem.message == "the folder has no study.yaml"
