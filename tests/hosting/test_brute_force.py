"""Hosting capacity against programs that know no LODF: every outage removes its branch."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gridplan as gp
from gridplan.study.tables import names_in
from tests.every_outage import Grids, largest, largest_written_out, least_relief
from tests.networks_by_hand import (
    random_study,
    with_emergency_factors,
    with_hourly_ratings,
    with_listed_outages,
)

pytestmark = pytest.mark.slow

SIGN = {"load": 1.0, "generation": -1.0}
STEP_MW = 0.1  # above a firm capacity that no longer fits, below it that does
BUSES = [
    "Klæbu 420",
    "Orkdal 132",  # meshed; redispatch doubles what fits
    "Follafoss 66",  # hydro nearby makes room
    "Ålmo 66",  # behind an existing overload: in many hours nothing fits
]


def random_network(seed, hours=5):
    """Meshed, with ratings by hour, a tapped and a shifting transformer, and a radial end."""
    study = with_hourly_ratings(random_study(seed, hours=hours), seed)
    rng = np.random.default_rng(seed)
    study.network.add(
        "Transformer", ["T0", "T1"], bus0=["B1", "B2"], bus1=["B6", "B8"], x=0.1, r=0.01,
        s_nom=rng.uniform(40, 150, 2), tap_ratio=[1.05, 1.0], phase_shift=[0.0, rng.uniform(-3, 3)],
        model="t",
    )  # fmt: skip
    return study


def limits_of(study):
    """Limits that a place must keep: ratings, and base-case flows where those are higher."""
    return gp.base_case(study).limits


def hours_of_year(case, count, seed):
    """Positions of random hours, in order, so that one program's basis helps the next."""
    return np.sort(np.random.default_rng(seed).choice(len(case.hours), count, replace=False))


@given(
    st.integers(0, 100_000),
    st.sampled_from(["load", "generation"]),
    st.booleans(),
    st.sampled_from([0, 4]),
)
@settings(max_examples=8, deadline=None)
def test_equal_to_all_rows_written_out(seed, direction, emergency, several):
    study = with_listed_outages(random_network(seed), seed, several)
    if emergency:
        study = with_emergency_factors(study, seed)
    listed = [names_in(text) for text in study.outages["branches"]]
    case, buses = limits_of(study), ["B2", "B7", "B11"]
    found = gp.hosting_capacity(
        study, criterion=["N-1", "N-0"], buses=buses, direction=direction, hourly=True
    )
    for criterion in ("N-1", "N-0"):
        grids = Grids(case, outages=criterion == "N-1", listed=listed)
        for bus in buses:
            place = SIGN[direction] * (case.grid.topology.buses == bus)
            here = found.sel(criterion=criterion, bus=bus)
            hours = range(len(case.hours))
            expected = np.array([largest_written_out(case, grids, place, hour) for hour in hours])
            np.testing.assert_allclose(here.hourly_mw, expected, rtol=1e-6, atol=1e-5)
            np.testing.assert_allclose(largest(case, grids, place), expected, rtol=1e-7, atol=1e-6)
            firm = here.capacity_mw.sel(flexibility=0.0).item()
            assert firm == pytest.approx(expected.min(), rel=1e-6, abs=1e-5)
            assert least_relief(case, grids, (firm + STEP_MW) * place).max() > 1e-5
            if firm > STEP_MW:
                assert least_relief(case, grids, (firm - STEP_MW) * place).max() < 1e-6


@pytest.fixture(scope="module")
def trondelag():
    """The bundled study: limits, grids after every outage, hourly capacity of some buses."""
    study = gp.open_study("trondelag")
    case = limits_of(study)
    grids = Grids(case, unsecured=study.settings.unsecured)
    return case, grids, gp.hosting_capacity(study, buses=BUSES, hourly=True).squeeze("criterion")


@pytest.mark.slow
@pytest.mark.parametrize("bus", BUSES)
def test_trondelag_in_two_hundred_hours(trondelag, bus):
    case, grids, found = trondelag
    place = (case.grid.topology.buses == bus).astype(float)
    hours = hours_of_year(case, 200, seed=BUSES.index(bus))
    mw = found.hourly_mw.sel(bus=bus).values[hours]
    np.testing.assert_allclose(mw, largest(case.at(hours), grids, place), rtol=1e-6, atol=1e-5)


@pytest.mark.parametrize("bus", BUSES[:3])
def test_trondelag_just_below_and_above_the_firm_capacity(trondelag, bus):
    """Below, in the tightest hours and in hours from all over the year; above, in one."""
    case, grids, found = trondelag
    place = (case.grid.topology.buses == bus).astype(float)
    firm = found.capacity_mw.sel(bus=bus, flexibility=0.0).item()
    hourly = found.hourly_mw.sel(bus=bus).values
    assert firm == pytest.approx(hourly.min(), rel=1e-6)
    worst = case.hours.get_indexer([found.limiting_hour.sel(bus=bus, flexibility=0.0).values])
    assert least_relief(case.at(worst), grids, (firm + STEP_MW) * place).min() > 1e-4
    hours = np.union1d(np.argsort(hourly)[:200], hours_of_year(case, 200, seed=9))
    assert least_relief(case.at(hours), grids, (firm - STEP_MW) * place).max() < 1e-6
