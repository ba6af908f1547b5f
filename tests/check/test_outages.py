"""Outages by conjugate gradients, and by a factorisation of their own where those do not settle."""

import numpy as np
import pandas as pd
import pypsa
import pytest

from gridplan.base.errors import StudyError
from gridplan.check import outages
from gridplan.check.evidence import evidence_of
from gridplan.check.outages import flows_of
from tests.check.test_brute_force import random_network


def flows(n):
    evidence = evidence_of(n)
    return flows_of(evidence, np.flatnonzero(~evidence.bridge))


@pytest.mark.parametrize("seed", range(12))
def test_both_ways_agree(seed, monkeypatch):
    n = random_network(seed)
    found = flows(n)
    monkeypatch.setattr(outages, "NEAR", -1.0)
    own = flows(n)
    np.testing.assert_allclose(found.moved, own.moved, atol=1e-9)
    assert found.residual_mw < 1e-9


def ring(x_ohm):
    n = pypsa.Network(snapshots=pd.date_range("2030", periods=1, freq="h"))
    buses = [f"B{number}" for number in range(len(x_ohm))]
    n.add("Carrier", "AC")
    n.add("Bus", buses, v_nom=132.0, carrier="AC")
    for number, x in enumerate(x_ohm):
        other = buses[(number + 1) % len(buses)]
        n.add("Line", f"L{number}", bus0=buses[number], bus1=other, x=x, s_nom=100.0, carrier="AC")
    n.add("Line", "chord", bus0="B0", bus1="B2", x=9.0, s_nom=100.0, carrier="AC")
    n.add("Load", "load", bus="B2", p_set=[50.0])
    n.add("Generator", "border", bus="B0", p_nom=100.0, p_set=[50.0])
    return n


@pytest.mark.parametrize("near", [outages.NEAR, -1.0])
def test_a_series_capacitor(near, monkeypatch):
    """Negative reactances leave a balance that is not definite."""
    n = ring([5.0, -3.0, 4.0, 8.0])
    monkeypatch.setattr(outages, "NEAR", near)
    found = flows(n)
    for column, lost in enumerate(found.outages):
        n.c.lines.static.loc[n.c.lines.static.index[lost], "active"] = False
        n.lpf()
        n.c.lines.static["active"] = True
        left = np.delete(np.arange(5), lost)
        expected = n.c.lines.dynamic.p0.iloc[0, left].to_numpy()
        np.testing.assert_allclose(found.after_mw(column)[left, 0], expected, atol=1e-8)


def test_reactances_that_cancel_after_an_outage():
    with pytest.raises(StudyError, match="no flow solution after the outage"):
        flows(ring([5.0, 4.0, 3.0, -12.0]))
