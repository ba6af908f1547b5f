"""Capacity of a station over scenarios."""

import numpy as np
import pandas as pd
import pytest

import gridplan as gp


def test_ends_middle_and_who_sets_them():
    capacity = pd.DataFrame(
        {
            "Upper": [12.0, 8.0, 30.0, 11.0],
            "Lower": [5.0, 5.0 + 5e-4, 5.0, 5.0],
            "New": [np.nan, 7.0, 9.0, np.nan],
            "Gone": [np.nan] * 4,
        },
        index=["base", "dry", "wet", "cold"],
    )
    found = gp.capacity_spread(capacity)
    upper = found.loc["Upper"]
    assert upper.tolist() == [4, 8.0, 11.5, 30.0, "dry", "wet"]
    assert found.loc["Lower", ["lowest_in", "highest_in"]].tolist() == ["base", "base"]
    assert found.loc["New"].tolist() == [2, 7.0, 8.0, 9.0, "dry", "wet"]
    gone = found.loc["Gone"]
    assert gone["scenarios"] == 0
    assert np.isnan(gone[["lowest_mw", "middle_mw", "highest_mw"]].astype(float)).all()
    assert gone[["lowest_in", "highest_in"]].tolist() == ["", ""]
    values = capacity.to_numpy()
    assert (found["lowest_mw"].to_numpy()[:3] == np.nanmin(values[:, :3], axis=0)).all()


def test_no_scenarios_and_names_that_stand_twice():
    assert (
        gp.capacity_spread(pd.DataFrame(columns=["Upper"], dtype=float)).loc["Upper", "scenarios"]
        == 0
    )
    twice = pd.DataFrame([[1.0, 2.0]], index=["base"], columns=["Upper", "Upper"])
    with pytest.raises(ValueError, match="bus 'Upper' stands there twice"):
        gp.capacity_spread(twice)
    with pytest.raises(ValueError, match="scenario '0' stands there twice"):
        gp.capacity_spread(pd.DataFrame({"Upper": [1.0, 2.0]}, index=[0, 0]))
