"""Curves of flexible connections, worked out on paper."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

import gridplan as gp
from gridplan.base.errors import StudyError
from gridplan.hosting.capacity import hosting_capacity
from gridplan.hosting.curve import flexibility_curve
from gridplan.hosting.flexible import flexible_capacity
from gridplan.study.study import Study
from tests.networks_by_hand import triangle

LEVELS = (0.0, 0.01, 0.05)
capacities = st.lists(st.floats(0, 500, width=32), min_size=1, max_size=60)


def capacity(hourly_mw, levels=LEVELS, hours=None, **attrs) -> xr.Dataset:
    """Build what hosting_capacity would give for one bus."""
    hourly = np.asarray(hourly_mw, dtype=float)
    hours = pd.date_range("2030", periods=len(hourly), freq="h") if hours is None else hours
    sizes = [max(flexible_capacity(hourly, share), 0.0) for share in levels]
    return xr.Dataset(
        {
            "hourly_mw": (("criterion", "bus", "snapshot"), hourly[None, None].astype("float32")),
            "capacity_mw": (("criterion", "bus", "flexibility"), [[sizes]]),
        },
        {"criterion": ["N-1"], "bus": ["Åfjord"], "flexibility": list(levels), "snapshot": hours},
        attrs,
    )


def test_values_by_hand():
    """At 10 MW the hours of 8, 8 and 5 MW lose 2, 2 and 5 MWh of 60."""
    curve = flexibility_curve(capacity([8, 8, 20, 5, 20, 20]), "Åfjord", sizes_mw=[10, 5.0])
    assert curve.index.tolist() == [10.0, 5.0]
    assert curve.loc[10.0].to_dict() == pytest.approx(
        {"curtailed_mwh": 9, "curtailed_share": 9 / 60, "hours": 3, "events": 2,
         "longest_event_h": 2, "deepest_cut_mw": 5}
    )  # fmt: skip
    assert curve.loc[5.0].eq(0).all()
    one, five = curve.attrs["marks"]
    assert one == pytest.approx({"share": 0.01, "mw": 5 / 0.94, "hours": 1})
    assert five == pytest.approx({"share": 0.05, "mw": 5 / 0.70, "hours": 1})
    assert {name: curve.attrs[name] for name in ("bus", "criterion", "direction")} == {
        "bus": "Åfjord", "criterion": "N-1", "direction": "load"
    }  # fmt: skip
    assert (curve.attrs["firm_mw"], curve.attrs["study_hours"]) == (5.0, 6)


def test_an_event_ends_where_the_time_stamps_have_a_gap():
    """23 h is no hour of the study, so 22 h stands alone and midnight begins another event."""
    hours = pd.DatetimeIndex(
        ["2030-01-01 22:00", "2030-01-02 00:00", "2030-01-02 01:00", "2030-01-02 02:00"]
    )
    curve = flexibility_curve(capacity([3, 3, 3, 3], hours=hours), "Åfjord", sizes_mw=[4])
    assert curve.loc[4.0, ["hours", "events", "longest_event_h"]].tolist() == [4, 2, 3]


def test_events_follow_time_not_the_order_of_the_table():
    hours = pd.date_range("2030", periods=4, freq="h")[[2, 0, 3, 1]]
    curve = flexibility_curve(capacity([3, 3, 9, 3], hours=hours), "Åfjord", sizes_mw=[4])
    assert curve.loc[4.0, ["events", "longest_event_h"]].tolist() == [1, 3]


@given(capacities, st.lists(st.sampled_from([0.01, 0.03, 0.05, 0.1, 0.3]), unique=True))
def test_at_the_capacity_of_a_flexibility_its_share_is_curtailed(hourly, levels):
    cap = capacity(hourly, (0.0, *sorted(levels)))
    curve = flexibility_curve(cap, "Åfjord")
    for share in cap.indexes["flexibility"]:
        size = cap["capacity_mw"].sel(flexibility=share).item()
        if size > 1e-3:
            assert curve.loc[size, "curtailed_share"] == pytest.approx(share, abs=3e-6)


@given(capacities)
def test_default_sizes_rise_and_no_more_is_curtailed_of_less(hourly):
    curve = flexibility_curve(capacity(hourly), "Åfjord")
    assert curve.index.is_monotonic_increasing
    assert curve.index.is_unique
    assert (curve.index > 0).all()
    assert len(curve) <= 40
    for name in ("curtailed_mwh", "hours", "deepest_cut_mw"):
        assert curve[name].is_monotonic_increasing
    firm = curve.attrs["firm_mw"]
    assert firm == min(hourly)
    if firm > 1e-3:
        assert firm in curve.index
        assert curve.loc[firm, ["curtailed_mwh", "hours", "deepest_cut_mw"]].eq(0).all()
        assert 0.2 <= curve["curtailed_share"].iloc[-1] < 0.3


def test_default_sizes_are_round_beside_the_exact_ones():
    """Firm 100, 5 % at 100 / 0.95; a fifth is lost at 125, so the steps are of 1 MW."""
    sizes = flexibility_curve(capacity([100.0] * 24, (0.05,)), "Åfjord").index
    assert sizes[0] == 100.0
    assert sizes[-1] == 125.0
    odd = [size for size in sizes if size != round(size)]
    assert odd == pytest.approx([100 / 0.95])
    assert len(sizes) == 27


def test_a_firm_capacity_of_zero_is_no_size():
    """One hour of ten has nothing: even 1 MW loses a tenth; a fifth is lost at 90 / 8 = 11.25."""
    curve = flexibility_curve(capacity([0.0] + [10.0] * 9), "Åfjord")
    assert curve.attrs["firm_mw"] == 0.0
    assert curve.index[0] == 0.5
    assert curve["curtailed_share"].iloc[0] == pytest.approx(0.1)
    assert curve.index[-1] == 11.5


def test_where_even_little_loses_more_the_best_hour_is_the_end():
    curve = flexibility_curve(capacity([0.0, 0.0, 30.0]), "Åfjord")
    assert curve.index[-1] == 30.0
    assert curve["curtailed_share"].to_numpy() == pytest.approx(2 / 3)


def test_without_any_capacity_the_table_is_empty():
    curve = flexibility_curve(capacity([0.0, 0.0]), "Åfjord")
    assert curve.empty
    assert "hours" in curve.columns


def test_every_wrong_argument_is_told_at_once():
    with pytest.raises(StudyError) as caught:
        flexibility_curve(capacity([1.0]), "Afjord", criterion="N-2", sizes_mw=[3, 0, np.nan, -1])
    problems = caught.value.problems
    assert [each.column for each in problems] == ["bus", "criterion", *["sizes_mw"] * 3]
    assert problems[0].remedy == "Did you mean 'Åfjord'?"
    assert "N-1" in problems[1].remedy
    assert [each.value for each in problems[2:]] == ["0", "nan", "-1"]
    with pytest.raises(StudyError, match="no sizes"):
        flexibility_curve(capacity([1.0]), "Åfjord", sizes_mw=[])


def test_without_hourly_capacities_the_way_out_is_told():
    with pytest.raises(ValueError, match="hourly=True"):
        flexibility_curve(hosting_capacity(Study(network=triangle())), "C")


def test_it_takes_what_hosting_capacity_gives(tmp_path):
    """40 MW fit at C: of 50 MW a fifth is curtailed. A saved file says the same."""
    study = Study(network=triangle())
    cap = hosting_capacity(study, criterion=["N-1", "N-0"], buses=["C"], hourly=True)
    firm = cap["capacity_mw"].sel(criterion="N-1", flexibility=0.0).item()
    curve = gp.flexibility_curve(cap, "C", sizes_mw=[firm, 50.0])
    assert curve["curtailed_share"].to_numpy() == pytest.approx([0.0, 0.2], abs=1e-6)
    assert curve["events"].tolist() == [0, 1]
    assert gp.flexibility_curve(cap, "C", criterion="N-0").attrs["firm_mw"] == pytest.approx(90)
    cap.to_netcdf(tmp_path / "cap.nc")
    with xr.open_dataset(tmp_path / "cap.nc") as again:
        pd.testing.assert_frame_equal(
            gp.flexibility_curve(again, "C"), gp.flexibility_curve(cap, "C")
        )


@pytest.fixture(scope="module")
def namsos() -> xr.Dataset:
    study = gp.open_study("trondelag")
    hours = study.network.snapshots
    return gp.hosting_capacity(study.at(hours[hours.day <= 2]), buses=["Namsos 66"], hourly=True)


def test_two_days_of_every_month_in_trondelag(namsos):
    curve = gp.flexibility_curve(namsos, "Namsos 66")
    assert curve.attrs["study_hours"] == 12 * 48
    assert curve["longest_event_h"].max() <= 48
    for share in (0.01, 0.05):
        size = namsos["capacity_mw"].sel(flexibility=share).item()
        assert curve.loc[size, "curtailed_share"] == pytest.approx(share, abs=1e-6)
