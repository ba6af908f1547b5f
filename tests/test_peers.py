"""The benchmark against other tools still runs: the same flows after all outages of IEEE 118."""

import numpy as np
import pytest

from tests.benchmarks import peers
from tests.benchmarks.peer_tools import TOOLS

pytest.importorskip("pypowsybl")


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    folder = tmp_path_factory.mktemp("peers")
    return peers.prepare("case118", folder)


def flows(tool, given):
    opened = TOOLS[tool](given)
    return opened.after_mw(opened.analyse(range(1)))


@pytest.mark.parametrize("tool", sorted(TOOLS))
def test_the_same_flows_after_all_outages(given, tool):
    ours = flows(peers.FLOWS, given)
    assert ours.shape == (186, 177)
    expected = peers.expected(tool, ours, given)
    assert np.count_nonzero(expected) >= 250
    assert peers.difference(flows(tool, given), expected, given.outages) < peers.TOLERANCE


def test_a_flow_that_is_missing_is_a_difference(given):
    ours = flows(peers.FLOWS, given)
    lost, other = ours.copy(), ours.copy()
    lost[given.outages[5], 5] = float("nan")
    other[given.outages[6], 5] = float("nan")
    assert peers.difference(lost, ours, given.outages) < peers.TOLERANCE
    assert not peers.difference(other, ours, given.outages) <= peers.TOLERANCE
