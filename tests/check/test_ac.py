"""The AC check against closed forms, plain `n.pf`, and grids beyond what they can carry."""

import numpy as np
import pandas as pd
import pypsa
import pytest

import gridplan as gp
from gridplan.base.errors import StudyError
from tests.networks_by_hand import network, random_study

PLAIN = gp.AcSettings(load_power_factor=1.0, project_power_factor=1.0)


def feeder(mw, *, r=3.0, x=20.0, circuits=2, rating_mw=200.0, v_nom=132.0, hours=1):
    """A stiff neighbour at A, a load at B, parallel lines between them."""
    lines = {f"AB{i}": ("A", "B", x, rating_mw) for i in range(circuits)}
    n = network(lines, {"B": [mw] * hours}, hours)
    n.c.lines.static["r"] = r
    n.c.buses.static["v_nom"] = v_nom
    n.add("Generator", "border A", bus="A", carrier="border", p_nom=1000.0, p_set=mw)
    return n


def voltage_at_b(v_a, r_pu, x_pu, p, q):
    """Two buses in closed form: |V_B|² = a + √(a² − |Z|²|S|²), a = V_A²/2 − (RP + XQ)."""
    a = v_a**2 / 2 - (r_pu * p + x_pu * q)
    return np.sqrt(a + np.sqrt(a**2 - (r_pu**2 + x_pu**2) * (p**2 + q**2)))


def case(check, outage):
    return check.cases.set_index("outage").loc[outage]


@pytest.mark.parametrize("power_factor", [1.0, 0.95, 0.8])
def test_two_buses_in_closed_form(power_factor):
    check = gp.check_ac(feeder(80.0), assumptions=gp.AcSettings(load_power_factor=power_factor))
    q = 80.0 * np.tan(np.arccos(power_factor))
    for outage, circuits in (("", 2), ("AB0", 1)):
        z = np.array([3.0, 20.0]) / 132.0**2 / circuits
        expected = voltage_at_b(1.02, *z, 80.0, q)
        row = case(check, outage)
        assert row["v_min_pu"] == pytest.approx(expected, abs=1e-7)
        current = np.hypot(80.0, q) / expected  # MVA at v_nom
        assert row["losses_mw"] == pytest.approx(z[0] * current**2, abs=1e-4)
        assert row["loading_pu"] == pytest.approx(current / circuits / 200.0, abs=1e-7)
    assert check.agrees
    assert check.cases["difference_pu"].notna().all()


def test_an_over_current_is_told_with_its_parts():
    check = gp.check_ac(
        feeder(95.0, rating_mw=100.0), assumptions=gp.AcSettings(load_power_factor=0.9)
    )
    assert gp.certify(feeder(95.0, rating_mw=100.0)).secure
    assert not check.passes
    row = check.new_overloads.iloc[0]
    assert row["linear_pu"] == pytest.approx(0.95)
    assert row["loading_pu"] > 1.001
    parts = row[["linear_pu", "losses_pu", "reactive_pu", "voltage_pu"]].sum()
    assert parts == pytest.approx(row["loading_pu"])
    assert row["reactive_pu"] > 0
    assert check.gaps.loc[row["branch"], "gap_pu"] == pytest.approx(
        row["loading_pu"] - row["linear_pu"]
    )


def test_the_reactive_power_that_is_missing_brings_the_voltage_back():
    check = gp.check_ac(feeder(80.0, x=60.0), assumptions=gp.AcSettings())
    low = check.new_voltages.set_index("outage").loc["AB0"]
    assert low["bus"] == "B"
    assert low["v_pu"] < low["limit_pu"] == 0.9
    need = check.needs[check.needs["outage"].eq("AB0")].iloc[0]
    # The same by the closed form: with that much at B, the voltage is the limit.
    z = np.array([3.0, 60.0]) / 132.0**2
    q = 80.0 * np.tan(np.arccos(0.98))
    assert voltage_at_b(1.02, *z, 80.0, q - need["mvar"]) == pytest.approx(0.9, abs=1e-6)


def test_beyond_the_nose_there_is_no_solution_and_that_is_told():
    n = feeder(250.0, x=60.0, rating_mw=1000.0)
    z = np.array([3.0, 60.0]) / 132.0**2
    with pytest.warns(RuntimeWarning, match="sqrt"):
        assert np.isnan(voltage_at_b(1.02, *z, 250.0, 0.0))  # one circuit cannot carry it
    assert voltage_at_b(1.02, *z / 2, 250.0, 0.0) > 0.5  # two can
    check = gp.check_ac(n, assumptions=PLAIN)
    assert not check.passes
    assert set(check.unsolved["outage"]) == {"AB0", "AB1"}
    assert case(check, "")["converged"]
    assert np.isnan(case(check, "AB0")["v_min_pu"])
    assert "does NOT pass" in repr(check)


def test_a_plant_at_its_reactive_limit_lets_the_voltage_go():
    def with_plant(p_nom):
        n = feeder(80.0, x=40.0)
        n.add("Generator", "plant B", bus="B", carrier="hydro", p_nom=p_nom, p_set=10.0)
        n.c.generators.static.loc["border A", "p_set"] = 70.0
        n.c.generators.static["schedule_share"] = [1.0, 0.0]  # losses at the border alone
        return gp.check_ac(n, assumptions=PLAIN)

    large, small = with_plant(300.0), with_plant(20.0)
    assert case(large, "AB0")["v_min_pu"] == pytest.approx(1.02)
    assert large.reactive.loc["B", "cases_at_limit"] == 0
    assert small.reactive.loc["B", "cases_at_limit"] == 3
    assert small.reactive.loc["B", "highest_mvar"] == pytest.approx(0.33 * 20.0)
    z = np.array([3.0, 40.0]) / 132.0**2
    expected = voltage_at_b(1.02, *z, 70.0, -0.33 * 20.0)
    assert case(small, "AB0")["v_min_pu"] == pytest.approx(expected, abs=1e-7)
    assert large.agrees
    assert small.agrees


def test_plants_that_are_small_or_at_rest_hold_no_voltage():
    n = feeder(80.0)
    n.add("Generator", ["small", "rest"], bus="B", carrier="hydro", p_nom=[9.0, 100.0],
          p_set=[5.0, 0.0])  # fmt: skip
    n.c.generators.static.loc["border A", "p_set"] = 75.0
    assert list(gp.check_ac(n, assumptions=PLAIN).reactive.index) == ["A"]


def stepped(mw, **assumptions):
    """A line of 132 kV, a transformer to 66 kV with the load."""
    n = feeder(mw, x=30.0, rating_mw=300.0)
    n.c.loads.static.loc["load B", "bus"] = "C"
    n.add("Bus", "C", v_nom=66.0, carrier="AC")
    n.add("Transformer", ["T1", "T2"], bus0="B", bus1="C", model="t", x=0.12, r=0.003, s_nom=100.0)
    return gp.check_ac(n, assumptions=gp.AcSettings(**assumptions))


def test_taps_hold_the_lower_side_within_a_step():
    without, held = stepped(80.0, tap_steps=0), stepped(80.0)
    assert without.cases["v_min_pu"].max() < 1.0
    assert held.cases["v_min_bus"].eq("B").all()  # the lower side is no longer the lowest
    assert held.cases["v_max_pu"].between(1.02 - 0.6 * 0.0125, 1.02 + 0.6 * 0.0125).all()
    assert held.agrees
    assert held.cases["settled"].all()


def test_taps_end_at_their_last_step():
    check = stepped(80.0, tap_steps=1)
    free, one = stepped(80.0, tap_steps=0), check
    rise = (one.cases["v_min_pu"] - free.cases["v_min_pu"]).dropna()
    assert (rise > 0).all()
    assert (one.cases["v_min_pu"] < 1.0).all()
    assert one.cases["settled"].all()


def test_levels_named_after_the_highest_voltage_have_their_own_reference():
    n = feeder(80.0, v_nom=420.0, x=10.0)
    check = gp.check_ac(n, assumptions=PLAIN)
    assert check.cases["v_max_pu"].to_numpy() == pytest.approx(1.02)  # 408 of 400 kV
    high = gp.check_ac(n, assumptions=gp.AcSettings(high_set_pu=1.06))
    assert high.new_voltages["v_kv"].max() == pytest.approx(424.0)
    assert high.new_voltages["limit_pu"].to_numpy() == pytest.approx(1.05)


def test_charging_is_taken_up_by_reactors():
    def highest(**assumptions):
        n = feeder(1.0, v_nom=420.0, x=30.0, rating_mw=2000.0)
        n.c.lines.static["b"] = 8e-4  # 141 MVAr each
        check = gp.check_ac(n, assumptions=gp.AcSettings(**assumptions))
        assert check.agrees
        return case(check, "AB0")["v_max_pu"]

    assert highest(charging_compensated_pu=0.0) > highest() >= 1.02 - 1e-6
    assert highest(charging_compensated_pu=0.0, shunts_mvar={"B": -100.0}) < highest(
        charging_compensated_pu=0.0
    )


def test_a_shunt_at_an_unknown_bus_is_refused():
    with pytest.raises(StudyError, match="nowhere"):
        gp.check_ac(feeder(1.0), assumptions=gp.AcSettings(shunts_mvar={"nowhere": 10.0}))


def test_stated_reactive_load_goes_before_the_power_factor():
    n = feeder(80.0)
    n.c.loads.static.loc["load B", "q_set"] = 30.0
    z = np.array([3.0, 20.0]) / 132.0**2 / 2
    expected = voltage_at_b(1.02, *z, 80.0, 30.0)
    assert case(gp.check_ac(n), "")["v_min_pu"] == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize("seed", range(3))
def test_random_networks_agree_with_pf(seed):
    """All of it in PyPSA's own hands: the outage removed, slack shared, no limits and no taps."""
    study = random_study(seed)
    n = gp.base_case(study)
    network = study.network.copy()
    generators = network.c.generators.static.index
    dispatch = n.dispatch.dispatch_mw[:, : len(generators)]
    network.c.generators.dynamic.p_set = pd.DataFrame(dispatch, network.snapshots, generators)
    network.c.lines.static["r"] = 0.3 * network.c.lines.static["x"]
    network.c.generators.static["carrier"] = "border"  # all hold their voltage
    check = gp.check_ac(network, worst=3, assumptions=gp.AcSettings(load_power_factor=0.97))
    assert check.agrees
    plain = network.copy()
    plain.c.generators.static["control"] = "PV"
    plain.c.generators.static.loc[generators[0], "control"] = "Slack"
    plain.c.buses.static["v_mag_pu_set"] = 1.02
    plain.c.loads.dynamic.q_set = plain.c.loads.dynamic.p_set * np.tan(np.arccos(0.97))
    weights = network.c.generators.static["schedule_share"]
    for _, row in check.cases.iterrows():
        out = plain.copy()
        if row["outage"]:
            out.c.lines.static.loc[row["outage"], "active"] = False
        told = out.pf([row["snapshot"]], distribute_slack=True,
                      slack_weights=weights.rename_axis("name"))  # fmt: skip
        assert told["converged"].to_numpy(dtype=bool).all()
        voltage = out.c.buses.dynamic["v_mag_pu"].loc[row["snapshot"]]
        assert row["v_min_pu"] == pytest.approx(voltage.min(), abs=1e-6)
        flows = out.c.lines.dynamic
        losses = (flows["p0"] + flows["p1"]).loc[row["snapshot"]]
        losses = losses.drop(row["outage"]) if row["outage"] else losses
        assert row["losses_mw"] == pytest.approx(losses.sum(), abs=1e-3)


def test_the_same_twice():
    n = feeder(95.0, rating_mw=100.0, x=40.0, hours=3)
    one, two = gp.check_ac(n), gp.check_ac(n)
    for name in ("cases", "overloads", "voltages", "gaps", "reactive", "needs"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(two, name))


def test_the_network_is_not_changed():
    n = feeder(95.0, rating_mw=100.0)
    before = n.copy()
    gp.check_ac(n)
    assert n.equals(before)


def test_hours_with_most_and_least_load_are_looked_at(tmp_path):
    n = feeder(80.0, hours=4)
    n.c.loads.dynamic.p_set["load B"] = [50.0, 60.0, 55.0, 10.0]
    n.c.generators.dynamic.p_set = pd.DataFrame(
        {"border A": [50.0, 60.0, 55.0, 10.0]}, index=n.snapshots
    )
    check = gp.check_ac(n, worst=1)
    assert set(check.cases["snapshot"]) == {n.snapshots[1], n.snapshots[3]}
    every = gp.check_ac(n, worst=1, every_outage=True)
    assert set(every.cases["outage"]) == {"", "AB0", "AB1"}
    assert len(every.cases) == 2 * 3
    path = tmp_path / "ac.nc"
    check.to_dataset().to_netcdf(path)
    assert path.stat().st_size > 0


def test_what_is_shown_speaks_of_current_and_voltage():
    check = gp.check_ac(
        feeder(95.0, rating_mw=100.0), assumptions=gp.AcSettings(load_power_factor=0.9)
    )
    assert "NOT passed" in check._repr_html_()
    table = check.summary()
    assert table.loc["currents above the limit", "value"] == len(check.new_overloads)
    assert "highest current" in str(check)


def test_branches_off_are_left_out():
    n = feeder(80.0, circuits=3)
    n.c.lines.static.loc["AB2", "active"] = False
    two = gp.check_ac(feeder(80.0), assumptions=PLAIN)
    off = gp.check_ac(n, assumptions=PLAIN)
    assert case(off, "")["v_min_pu"] == pytest.approx(case(two, "")["v_min_pu"])


def test_a_network_beside_a_plan_is_needed():
    with pytest.raises(StudyError, match=r"pypsa\.Network"):
        gp.check_ac(object())


def test_shares_of_losses_follow_the_balancing():
    """Two borders at the ends of one line: each takes up the losses in its share."""
    n = network({"AB0": ("A", "B", 20.0, 300.0), "AB1": ("A", "B", 20.0, 300.0)}, {"B": [100.0]})
    n.c.lines.static["r"] = 10.0
    n.add("Generator", ["border A", "border B"], bus=["A", "B"], carrier="border", p_nom=500.0,
          p_set=[100.0, 0.0], schedule_share=[0.0, 1.0])  # fmt: skip
    check = gp.check_ac(n, assumptions=PLAIN)
    # B makes up for the losses, so that what A sends stays 100 MW.
    assert isinstance(n, pypsa.Network)
    half = case(check, "")["losses_mw"] / 2
    assert check.gaps.loc["AB0", "gap_mw"] == pytest.approx(
        case(check, "AB1")["losses_mw"] / 2, abs=1e-3
    )
    assert half > 0
