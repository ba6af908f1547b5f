"""Bad rows of reinforcements.csv: each gets one clear problem with a way out."""

import pytest

import gridplan as gp
from gridplan.base.errors import StudyError

FILE = "reinforcements.csv"
# old text, new text -> row, column, value, message, remedy (parts of each)
CELLS = {
    "unknown status": (
        ("2027,licensed", "2027,agreed"),
        (
            "line 5 (Heavier line)",
            "status",
            "agreed",
            "allowed words",
            "under construction, licensed",
        ),
    ),
    "unknown change": (
        ("30,rate", "30,raise"),
        ("line 5 (Heavier line)", "action", "raise", "allowed words", "add line"),
    ),
    "change of an unknown branch": (
        ("rate,Upper-Lower 1", "rate,Upper-Lower 9"),
        ("line 5", "branch", "Upper-Lower 9", "unknown branch", "mean 'Upper-Lower"),
    ),
    "line to an unknown bus": (
        ("Upper 66,Lower 66", "Upper 66,Lowr 66"),
        ("line 2 (Third circuit)", "bus1", "Lowr 66", "unknown bus", "mean 'Lower 66'?"),
    ),
    "line between two voltages": (
        ("Upper 66,Lower 66", "Upper 132,Lower 66"),
        ("line 2", "bus1", "132 kV to 66 kV", "joins two voltages", "transformer"),
    ),
    "name that the network has": (
        ("add line,Upper-Lower 3", "add line,Upper-Lower 2"),
        ("line 2", "branch", "Upper-Lower 2", "has a branch of this name", "name of its own"),
    ),
    "line without reactance": (
        ("20,2,8,", "20,2,,"),
        ("line 2 (Third circuit)", "x", "", "'add line' needs it", "Give the reactance"),
    ),
    "removal with a rating": (
        ("remove,Upper-Lower 1,,,,,,,", "remove,Upper-Lower 1,,,,,,,60"),
        ("line 6 (Demolition)", "s_nom", "60", "has no use for it", "Leave the cell empty"),
    ),
    "two years in one reinforcement": (
        ("2031,on hold,,add", "2032,on hold,,add"),
        ("line 4 (New station)", "year", "2032", "than on the first row", "Write 2031"),
    ),
    "reinforcement without cost": (
        ("licensed,30,", "licensed,,"),
        ("line 5 (Heavier line)", "cost_mnok", "", "cost is missing", "(MNOK)"),
    ),
    "reinforcement with two costs": (
        ("2031,on hold,,add", "2031,on hold,90,add"),
        ("line 4 (New station)", "cost_mnok", "90", "second cost", "first row"),
    ),
    "cost without a source": (
        ("75,,,,assumption,made up,made up", "75,,,,assumption,made up,"),
        ("line 5 (Heavier line)", "cost_source", "", "empty", "where the cost comes from"),
    ),
    "NOK instead of MNOK": (
        ("2028,planned,60,", "2028,planned,60000000,"),
        ("line 2", "cost_mnok", "60000000", "above 1,000,000 (MNOK)", "NOK?"),
    ),
}


@pytest.mark.parametrize("name", CELLS)
def test_one_bad_cell(folder, name):
    edit, expected = CELLS[name]
    folder.replace(FILE, *edit)
    problems = gp.check_study(folder.path)
    assert len(problems) == 1, "\n".join(map(str, problems))
    problem = problems[0]
    assert (problem.file, problem.column) == (FILE, expected[1])
    found = (problem.row, problem.column, problem.value, problem.message, problem.remedy)
    for part, text in zip(expected, found, strict=True):
        assert part in text


def test_the_same_in_memory_names_the_change(folder):
    study = gp.open_study(folder.path)
    rows = study.reinforcements.copy()
    rows.iloc[2, rows.columns.get_loc("bus1")] = "Shor 132"
    with pytest.raises(StudyError) as error:
        gp.Study(network=study.network, reinforcements=rows)
    assert [problem.row for problem in error.value.problems] == ["change 2 of New station"]
