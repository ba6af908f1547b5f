import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridplan.hosting.flexible import flexible_capacity, flexible_offer

hours_of = st.lists(st.floats(0, 500), min_size=1, max_size=40).map(np.array)


@given(hours_of, st.floats(0.001, 0.9))
def test_the_allowance_is_used_up_and_not_exceeded(hourly, flexibility):
    size = flexible_capacity(hourly, flexibility)
    allowance = flexibility * size * len(hourly)
    assert np.maximum(size - hourly, 0).sum() == pytest.approx(allowance, rel=1e-6, abs=1e-6)
    more = size * 1.01 + 0.01
    assert np.maximum(more - hourly, 0).sum() > flexibility * more * len(hourly)


@given(hours_of)
def test_firm_is_the_worst_hour_and_flexibility_never_takes_away(hourly):
    sizes = [flexible_capacity(hourly, share) for share in (0.0, 0.01, 0.05, 0.2)]
    assert sizes[0] == hourly.min()
    assert sizes == sorted(sizes)


def test_offer_counts_events():
    capacity = pd.Series([5.0, 5, 9, 9, 4, 9], pd.date_range("2030", periods=6, freq="h"))
    offer = flexible_offer(capacity, np.array([4.0, 6.0]))
    assert offer.loc[4.0].eq(0).all()
    assert offer.loc[6.0].to_dict() == pytest.approx(
        {"curtailed_mwh": 4.0, "curtailed_share": 4 / 36, "hours": 3, "events": 2,
         "longest_event_h": 2, "deepest_cut_mw": 2.0}
    )  # fmt: skip
