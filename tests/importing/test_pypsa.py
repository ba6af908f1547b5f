"""PyPSA networks: what a study knows is kept, the rest follows stated rules or is refused."""

import numpy as np
import pandas as pd
import pypsa
import pytest

import gridplan as gp
from gridplan.base.errors import StudyError

HOURS = pd.date_range("2030-01-01", periods=4, freq="h")


def network():
    """Two areas and a heat bus, with everything that a study does not know."""
    n = pypsa.Network(snapshots=HOURS, name="mixed")
    n.add("Carrier", ["AC", "heat", "gas", "wind", "battery", "hydrogen", "DC"])
    n.add("Bus", ["A", "B", "C"], v_nom=220.0, carrier="AC", x=[5, 6, 7], y=[60, 61, 60])
    n.add("Bus", "warm", carrier="heat")
    n.add("Line", ["AB", "BC"], bus0=["A", "B"], bus1=["B", "C"], x=20.0, r=2.0, s_nom=[150, 200.0],
          s_nom_extendable=[False, True], carrier="AC")  # fmt: skip
    n.add("Line", "by type", bus0="A", bus1="C", length=50.0, s_nom=400.0, carrier="AC",
          type="Al/St 240/40 2-bundle 220.0", num_parallel=2)  # fmt: skip
    n.add("Line", "idle", bus0="A", bus1="B", x=20.0, s_nom=10.0, active=False, carrier="AC")
    n.add("Generator", "turbine", bus="A", carrier="gas", p_nom=300, marginal_cost=60,
          committable=True)  # fmt: skip
    n.add("Generator", "farm", bus="C", carrier="wind", p_nom=80, p_max_pu=[0.5, 0.9, 0.2, 0.4])
    n.add("Generator", "boiler", bus="warm", carrier="gas", p_nom=50)
    n.add("Load", "town", bus="B", p_set=[100, 120, 90, 110.0])
    n.add("Load", "homes", bus="warm", p_set=20.0)
    n.add("StorageUnit", "battery", bus="B", carrier="battery", p_nom=20, max_hours=2)
    n.add("Store", "tank", bus="warm", e_nom=100, carrier="heat")
    n.add("Link", "heat pump", bus0="B", bus1="warm", p_nom=30, efficiency=3, carrier="heat")
    n.add("GlobalConstraint", "co2", sense="<=", constant=1e6)
    return n


def solved():
    n = network()
    n.c.generators.dynamic.p = pd.DataFrame(
        {"turbine": [77.0, 63, 84, 90], "farm": [40.0, 72, 16, 32], "boiler": 0.0}, index=HOURS
    )
    n.c.storage_units.dynamic.p = pd.DataFrame({"battery": [-10.0, -8, 0, 0]}, index=HOURS)
    n.c.links.dynamic.p0 = pd.DataFrame({"heat pump": [7.0, 7, 10, 12]}, index=HOURS)
    n.c.links.dynamic.p1 = -3 * n.c.links.dynamic.p0
    n.c.lines.static.loc["BC", "s_nom_opt"] = 260.0
    return n


def written(n, tmp_path, kind):
    if kind == "csv":
        n.export_to_csv_folder(tmp_path / "net")
        return tmp_path / "net"
    path = tmp_path / f"net.{kind}"
    (n.export_to_netcdf if kind == "nc" else n.export_to_hdf5)(path)
    return path


@pytest.mark.filterwarnings("ignore::tables.NaturalNameWarning")
@pytest.mark.filterwarnings("ignore::pandas.errors.PerformanceWarning")
@pytest.mark.parametrize("kind", ["nc", "csv", "h5"])
def test_every_format_gives_the_same_study(tmp_path, kind):
    found = gp.import_network(written(solved(), tmp_path, kind), tmp_path / "study")
    study = gp.open_study(tmp_path / "study")
    assert study.hash == gp.open_study(tmp_path / "study").hash
    n = study.network.c
    assert set(n.buses.static.index) == {"A", "B", "C"}
    assert set(n.lines.static.index) == {"AB", "BC", "by type"}
    assert n.lines.static.loc["BC", "s_nom"] == 260.0  # as the solution chose
    assert n.lines.static.loc["by type", "x"] == pytest.approx(0.301 * 50 / 2)
    assert set(n.generators.static.index) == {"turbine", "farm", "StorageUnit battery",
                                              "Link heat pump at B"}  # fmt: skip
    plan = study.schedule_mw
    assert plan["turbine"].tolist() == [77, 63, 84, 90]
    assert plan["StorageUnit battery"].tolist() == [-10, -8, 0, 0]
    assert plan["Link heat pump at B"].tolist() == [-7, -7, -10, -12]
    assert plan.sum(axis=1).tolist() == pytest.approx([100, 120, 90, 110])
    assert found.own_hours
    said = "\n".join(found.notes)
    for words in ("carrier heat", "not active", "unit commitment", "capacity was to be chosen",
                  "fixed output", "GlobalConstraint co2"):  # fmt: skip
        assert words in said
    cap = gp.hosting_capacity(study)
    assert np.isfinite(cap["capacity_mw"]).all()


def test_the_flows_are_those_of_pypsa(tmp_path):
    n = solved()
    flows = gp.import_network(written(n, tmp_path, "nc")).network
    flows.lpf()
    n.remove("Line", "idle")
    n.remove("Link", "heat pump")
    n.add("Load", "heat pump", bus="B", p_set=[7.0, 7, 10, 12])
    n.c.generators.dynamic.p_set = n.c.generators.dynamic.p[["turbine", "farm"]]
    n.c.storage_units.dynamic.p_set = n.c.storage_units.dynamic.p
    n.lpf()
    ours, theirs = (one.c.lines.dynamic.p0[["AB", "BC", "by type"]] for one in (flows, n))
    assert ours.to_numpy() == pytest.approx(theirs.to_numpy(), rel=1e-6)


def test_without_a_solution_what_is_not_known_is_dropped(tmp_path):
    found = gp.import_network(written(network(), tmp_path, "nc"))
    assert set(found.network.c.generators.static.index) == {"turbine", "farm"}
    assert found.study().schedule_mw["farm"].tolist() == [40, 72, 16, 32]  # merit order


def test_one_snapshot_gets_hours(tmp_path):
    n = network()
    n.set_snapshots(pd.Index(["now"]))
    n.c.loads.static["p_set"] = [100.0, 20.0]
    n.c.generators.static.loc["farm", "p_max_pu"] = 0.5
    gp.import_network(written(n, tmp_path, "nc"), tmp_path / "day", hours=24)
    study = gp.open_study(tmp_path / "day")
    load = study.network.get_switchable_as_dense("Load", "p_set")["town"]
    assert len(load) == 24
    assert load.max() == pytest.approx(100.0)
    assert load.min() < 95
    assert "hours made by a rule" in " ".join(study.notes)


def test_stochastic_and_multi_period_are_refused(tmp_path):
    n = network()
    n.set_investment_periods([2030, 2040])
    with pytest.raises(StudyError, match="several investment periods"):
        gp.import_network(written(n, tmp_path, "nc"))
    n = network()
    n.set_scenarios({"low": 0.5, "high": 0.5})
    with pytest.raises(StudyError, match="stochastic"):
        gp.import_network(written(n, tmp_path, "nc"))


def test_no_network_at_all(tmp_path):
    (tmp_path / "x.nc").write_bytes(b"CDF\x01 and nothing more")
    with pytest.raises(StudyError, match="not readable as a PyPSA network"):
        gp.import_network(tmp_path / "x.nc")
    with pytest.raises(StudyError, match="no such file"):
        gp.import_network(tmp_path / "y.nc")
    (tmp_path / "z.docx").write_bytes(b"")
    with pytest.raises(StudyError, match="no reader for this suffix"):
        gp.import_network(tmp_path / "z.docx")
