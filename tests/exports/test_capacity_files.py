"""Tables of hosting capacity: one row per question, in the order of the network."""

import numpy as np
import pandas as pd
import pytest

import gridplan as gp
from gridplan.exports.capacity_tables import capacity_table, use_table
from gridplan.study.study import Study
from tests.networks_by_hand import triangle


@pytest.fixture
def study():
    """No room at C after the outage of AC; 200 MW at A, which the lines do not limit."""
    network = triangle(load_mw=100.0, rating_mw=100.0)
    network.c.buses.static["municipality"] = ["Ås", None, "Ørland"]
    network.c.generators.static["p_nom"] = 300.0
    return Study(network=network)


def test_municipality_and_voltage_stand_beside_the_bus(study):
    cap = gp.hosting_capacity(study, criterion=["N-1", "N-0"], flexibility=[0.0, 0.1])
    table = capacity_table(cap, study)
    assert table.columns[:5].tolist() == ["bus", "municipality", "kv", "criterion", "flexibility"]
    assert len(table) == 3 * 2 * 2
    assert table["municipality"].unique().tolist() == ["Ås", "", "Ørland"]
    firm = table[table["flexibility"] == 0].set_index(["bus", "criterion"])["capacity_mw"]
    assert firm["A", "N-1"] == pytest.approx(200)
    assert firm["C", "N-1"] == 0
    assert firm["C", "N-0"] == pytest.approx(50)  # 2/3 goes over AC
    assert not np.signbit(firm).any()
    assert not np.signbit(cap["capacity_mw"]).any()


def test_only_free_capacity_depends_on_the_criterion(study):
    cap = gp.hosting_capacity(study, criterion=["N-1", "N-0"])
    use = use_table(cap, study).set_index(["bus", "criterion"]).loc["C"]
    assert use["used_mw"].tolist() == [100, 100]
    assert use["free_mw"].tolist() == pytest.approx([0, 50])


def test_a_network_without_municipalities_has_no_such_column(study):
    del study.network.c.buses.static["municipality"]
    table = use_table(gp.hosting_capacity(study), study)
    assert isinstance(table, pd.DataFrame)
    assert "municipality" not in table
