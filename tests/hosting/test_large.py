"""Hosting capacity in a network of the size of SciGRID-DE, without tuning and proven bus by bus."""

import numpy as np
import pytest

import gridplan as gp
from tests.every_outage import Grids, least_relief
from tests.large_network import large_study

pytestmark = pytest.mark.slow

STEP_MW = 0.1  # above a capacity that no longer fits, below it that does
BUSES = [
    "380 kV 16", "380 kV 115", "380 kV 198", "220 kV 78", "220 kV 173", "220 kV 243",
    "220 kV 257", "220 kV 321", "end 3", "island 4",
]  # fmt: skip


@pytest.fixture(scope="module")
def large():
    """Base case, limits, the grids after every outage, rows met so far, and the capacities."""
    study = large_study()
    base = gp.base_case(study)
    found = gp.hosting_capacity(study, buses=BUSES).squeeze("criterion")
    return base, base.limits, Grids(base.case), [], found


def test_size_and_tightness(large):
    base, case, grids, _, _ = large
    assert (case.load_mw.shape, case.limit_mw.shape) == ((24, 600), (24, 1900))
    assert len(grids.removed) - 1 == len(case.grid.outages) > 900
    assert base.existing_overloads.empty
    assert len(base.dispatch.rows) > 40  # the schedule violates them, redispatch mends that
    assert (np.ptp(case.limit_mw, axis=0) > 0).sum() > 800  # ratings change with the hour


@pytest.mark.parametrize("bus", BUSES)
def test_firm_capacity_is_the_largest_secure_load_of_its_hour(large, bus):
    _, case, grids, known, found = large
    place = (case.grid.topology.buses == bus).astype(float)
    firm = found.sel(bus=bus, flexibility=0.0)
    hour = case.hours.get_indexer([firm.limiting_hour.values])
    mw = firm.capacity_mw.item()
    assert mw > 2 * STEP_MW
    above = least_relief(case.at(hour), grids, (mw + STEP_MW) * place, known)
    assert above.min() > 1e-5
    below = least_relief(case.at(hour), grids, (mw - STEP_MW) * place, known)
    assert below.max() < 1e-6


def test_firm_capacity_is_secure_all_day(large):
    _, case, grids, known, found = large
    hours = np.arange(0, 24, 3)
    place = (case.grid.topology.buses == BUSES[0]).astype(float)
    mw = found.capacity_mw.sel(bus=BUSES[0], flexibility=0.0).item()
    assert least_relief(case.at(hours), grids, (mw - STEP_MW) * place, known).max() < 1e-6
