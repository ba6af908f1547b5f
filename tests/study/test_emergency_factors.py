"""Emergency factors of a study folder: blank cells, the setting, bad values, stages."""

import pytest

import gridplan as gp
from gridplan.base.errors import StudyError
from gridplan.operation.case import case_of
from gridplan.study.emergency import emergency_factors


def with_factor(folder, first, second):
    """Write the column for both lines."""
    folder.replace("grid/lines.csv", "s_nom,basis", "s_nom,emergency_factor,basis")
    folder.replace("grid/lines.csv", "8.0,60,synthetic", f"8.0,60,{first},synthetic")
    folder.replace("grid/lines.csv", "8.0,60,synthetic", f"8.0,60,{second},synthetic")
    return folder


def test_without_column_or_setting_there_is_none(folder):
    study = gp.open_study(folder.path)
    assert emergency_factors(study.network, study.settings).tolist() == [1.0, 1.0, 1.0]


def test_column_setting_and_stages(folder):
    with_factor(folder, "1.25", "")
    folder.replace("study.yaml", "inflow:", "transformer_emergency_factor: 1.2\ninflow:")
    study = gp.open_study(folder.path)
    expected = {"Upper-Lower 1": 1.25, "Upper-Lower 2": 1.0, "Upper T1": 1.2}
    assert emergency_factors(study.network, study.settings).to_dict() == expected
    stage = gp.at_stage(study, 2028)
    assert emergency_factors(stage.network, stage.settings).to_dict() == {
        **expected,
        "Upper-Lower 3": 1.0,
    }
    case = case_of(stage)
    limits = dict(zip(case.grid.topology.branches.index, case.grid.after, strict=True))
    assert case.limit_mw[0, limits["Upper-Lower 1"]] == pytest.approx(75 * 1.25)  # rated anew
    few = study.at(study.network.snapshots[:2])
    assert emergency_factors(few.network, few.settings).to_dict() == expected


def test_bad_cells_and_settings_are_told_together(folder):
    with_factor(folder, "0.9", "120")
    folder.replace("study.yaml", "inflow:", "transformer_emergency_factor: 3\ninflow:")
    with pytest.raises(StudyError) as raised:
        gp.open_study(folder.path)
    found = {
        (p.file, p.row, p.column): (p.value, p.message, p.remedy) for p in raised.value.problems
    }
    low = found["grid/lines.csv", "line 2 (Upper-Lower 1)", "emergency_factor"]
    high = found["grid/lines.csv", "line 3 (Upper-Lower 2)", "emergency_factor"]
    assert low[:2] == ("0.9", "below 1")
    assert high[2] == "Is this per cent? Then divide by 100."
    assert found["study.yaml", "line 6", "transformer_emergency_factor"][0] == "3"
