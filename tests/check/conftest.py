"""Networks whose answer is on paper."""

import numpy as np
import pandas as pd
import pypsa
import pytest


def network(lines, load_mw, dispatch_mw, *, s_nom=100.0, hours=2):
    """Buses as named by the lines; all reactances 10 ohm at 132 kV; one value for every hour."""
    with pypsa.option_context("api.legacy_string_dtype", False):
        n = pypsa.Network(snapshots=pd.date_range("2030-01-01", periods=hours, freq="h"))
        table = pd.DataFrame(lines, index=["bus0", "bus1"]).T
        n.add("Carrier", ["AC", "hydro"])
        n.add("Bus", sorted(set(table.to_numpy().ravel())), v_nom=132.0, carrier="AC")
        n.add("Line", table.index, **table, x=10.0, r=0.1, s_nom=s_nom, carrier="AC")
        for component, power in (("Load", load_mw), ("Generator", dispatch_mw)):
            names = [f"{component} {bus}" for bus in power]
            values = np.tile(list(power.values()), (hours, 1))
            series = pd.DataFrame(values, n.snapshots, names)
            limits = {"p_nom": 500.0, "carrier": "hydro"} if component == "Generator" else {}
            n.add(component, names, bus=list(power), p_set=series, **limits)
    return n


@pytest.fixture(scope="session")
def make():
    """Builder of small networks."""
    return network


@pytest.fixture
def triangle():
    """90 MW from A to C: 60 directly, 30 by way of B; 90 on what is left after any outage."""
    lines = {"AB": ("A", "B"), "BC": ("B", "C"), "AC": ("A", "C")}
    return network(lines, {"C": 90.0}, {"A": 90.0})


@pytest.fixture
def two_triangles():
    """Two triangles joined by the bridge CD; the supply is in the first, some also at E."""
    names = ("AB", "BC", "AC", "DE", "EF", "DF", "CD")
    lines = {name: tuple(name) for name in names}
    n = network(lines, {"E": 20.0, "F": 10.0, "B": 5.0}, {"A": 31.0, "E": 4.0})
    n.c.generators.static.loc["Generator E", "p_nom"] = 8.0
    return n
