"""The certificate against answers on paper."""

import ast
import dataclasses
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pypsa
import pytest
import xarray as xr

import gridplan.check
from gridplan.base.errors import StudyError
from gridplan.check import screen, witness

certify = partial(witness.certify, samples=1)  # removing branches takes most of the time
HOUR = pd.Timestamp("2030-01-01 00:00")


def add_mw(n, mw):
    """Let the load at C and the dispatch at A grow together."""
    n.c.loads.dynamic.p_set["Load C"] += mw
    n.c.generators.dynamic.p_set["Generator A"] += mw


def allowed(*rows, sides=(False, True)):
    """Flows that may stay, by branch and hour: without outage and after one, or one of the two."""
    rows = [(*row, after_outage) for row in rows for after_outage in sides]
    return pd.DataFrame(rows, columns=["branch", "snapshot", "limit_mw", "after_outage"])


def test_triangle_by_hand(triangle):
    certificate = certify(triangle)
    assert certificate.secure
    assert certificate.worst["flow_mw"].abs().to_dict() == pytest.approx(
        {"AB": 90.0, "BC": 90.0, "AC": 90.0}
    )
    assert certificate.worst["loading_pu"].to_numpy() == pytest.approx(0.9)
    assert certificate.worst["outage"].to_dict() == {"AB": "AC", "BC": "AC", "AC": "AB"}
    assert certificate.contingencies == ("AB", "BC", "AC")
    assert (certificate.hours, certificate.outages, certificate.checks) == (2, 3, 2 * 3 * 4)
    assert certificate.violations.empty
    assert certificate.existing.empty
    assert certificate.without_n1.empty


def test_without_contingencies_the_intact_flows_are_the_worst(triangle):
    certificate = certify(triangle, unsecured=["AB", "BC", "AC"])
    assert certificate.worst["flow_mw"].to_dict() == pytest.approx({"AB": 30, "BC": 30, "AC": 60})
    assert set(certificate.worst["outage"]) == {""}
    assert certificate.unsecured == ("AB", "BC", "AC")


def test_exactly_at_the_limit_is_secure_and_one_mw_more_is_not(triangle):
    triangle.c.lines.static["s_nom"] = 90.0
    assert certify(triangle).secure
    add_mw(triangle, 1.0)
    certificate = certify(triangle)
    assert not certificate.secure
    found = certificate.violations
    assert len(found) == certificate.violation_count == 2 * 4
    pairs = {("AB", "AC"), ("BC", "AC"), ("AC", "AB"), ("AC", "BC")}
    assert set(zip(found["branch"], found["outage"], strict=True)) == pairs
    assert found["over_mw"].to_numpy() == pytest.approx(1.0)
    assert found["limit_mw"].to_numpy() == pytest.approx(90.0)
    assert certificate.existing.empty  # a violation is not an existing overload


def test_one_mw_too_much_in_one_hour_is_found_in_that_hour(triangle):
    triangle.c.lines.static["s_nom"] = 90.0
    triangle.c.loads.dynamic.p_set.loc[HOUR, "Load C"] = 91.0
    triangle.c.generators.dynamic.p_set.loc[HOUR, "Generator A"] = 91.0
    certificate = certify(triangle)
    assert certificate.violation_count == 4
    assert set(certificate.violations["snapshot"]) == {HOUR}
    assert set(certificate.worst["snapshot"]) == {HOUR}


def test_hourly_ratings_count(triangle):
    rating = pd.DataFrame({"AC": [1.0, 0.5]}, index=triangle.snapshots)
    triangle.c.lines.dynamic.s_max_pu = rating
    certificate = certify(triangle)
    found = certificate.violations
    assert set(found["branch"]) == {"AC"}
    assert set(found["snapshot"]) == {triangle.snapshots[1]}
    assert found["outage"].tolist() == ["AB", "BC", ""]
    assert found["over_mw"].to_numpy() == pytest.approx([40.0, 40.0, 10.0])


def test_hours_of_all_blocks_are_screened(make):
    hours = 2 * screen.BLOCK + 10
    n = make({"AB 1": ("A", "B"), "AB 2": ("A", "B")}, {"B": 90.0}, {"A": 90.0}, hours=hours)
    late = n.snapshots[[screen.BLOCK + 7, -1]]
    n.c.loads.dynamic.p_set.loc[late, "Load B"] = [101.0, 103.0]
    n.c.generators.dynamic.p_set.loc[late, "Generator A"] = [101.0, 103.0]
    certificate = certify(n)
    assert certificate.violations["over_mw"].to_numpy() == pytest.approx([3.0, 3.0, 1.0, 1.0])
    assert certificate.violations["snapshot"].tolist() == [late[1]] * 2 + [late[0]] * 2
    assert set(certificate.worst["snapshot"]) == {late[1]}
    over = allowed(*[(branch, hour, 110.0) for branch in ("AB 1", "AB 2") for hour in late])
    existing = certify(n, allowed_mw=over).existing
    assert existing["hours"].tolist() == [2, 2]
    assert existing["snapshot"].tolist() == [late[1]] * 2


def test_a_long_table_keeps_the_largest_and_counts_all(triangle, monkeypatch):
    monkeypatch.setattr(screen, "MOST_ROWS", 2)
    monkeypatch.setattr(screen, "CHUNK", 1)
    triangle.c.lines.static["s_nom"] = [60.0, 70.0, 80.0]
    certificate = certify(triangle)
    assert certificate.violation_count == 8
    assert certificate.violations["over_mw"].to_numpy() == pytest.approx([30.0, 30.0])
    assert set(certificate.violations["branch"]) == {"AB"}


def test_a_certificate_that_its_own_proofs_contradict_is_not_secure(triangle, monkeypatch):
    for name in ("SAMPLE_TOLERANCE_MW", "RESIDUAL_TOLERANCE_MW"):
        with monkeypatch.context() as patch:
            patch.setattr(witness, name, -1.0)
            certificate = certify(triangle)
            assert not certificate.secure
            assert certificate.violation_count == 0


def test_bridge_is_never_an_outage_and_is_reported(two_triangles):
    certificate = certify(two_triangles, samples=24)
    assert certificate.secure
    assert "CD" not in certificate.contingencies
    assert certificate.outages == 6
    assert set(certificate.sample["outage"]) == {"", *certificate.contingencies}
    row = certificate.without_n1.loc["CD"]
    assert len(certificate.without_n1) == 1
    assert row["buses"] == "D; E; F"
    assert (row["bus_count"], row["hours"]) == (3, 2)
    assert row["peak_mw"] == pytest.approx(30.0)
    assert row["generation_mw"] == pytest.approx(4.0)
    assert row["supply_mw"] == pytest.approx(8.0)
    assert certificate.worst.loc["CD", "outage"] == ""
    assert certificate.worst.loc["CD", "flow_mw"] == pytest.approx(26.0)


def test_behind_a_bridge_is_the_side_that_supplies_less(make):
    n = make({"AB": ("A", "B"), "BC": ("B", "C")}, {"B": 10.0, "C": 5.0}, {"A": 15.0})
    table = certify(n).without_n1
    assert table["buses"].to_dict() == {"AB": "B; C", "BC": "C"}
    assert table["peak_mw"].to_dict() == pytest.approx({"AB": 15.0, "BC": 5.0})


def test_parallel_circuits_are_no_bridges(make):
    n = make({"AB 1": ("A", "B"), "AB 2": ("B", "A")}, {"B": 100.0}, {"A": 100.0})
    certificate = certify(n)
    assert certificate.secure
    assert certificate.without_n1.empty
    assert certificate.worst["flow_mw"].to_dict() == pytest.approx({"AB 1": 100, "AB 2": -100})
    assert certificate.worst["outage"].to_dict() == {"AB 1": "AB 2", "AB 2": "AB 1"}
    n.c.loads.dynamic.p_set += 1.0
    n.c.generators.dynamic.p_set += 1.0
    assert certify(n).violation_count == 2 * 2


def test_tap_ratio_and_phase_shift_by_hand(make):
    n = make({"AB": ("A", "B")}, {"D": 100.0}, {"A": 100.0}, s_nom=np.inf)
    with pypsa.option_context("api.legacy_string_dtype", False):
        n.add("Bus", "D", v_nom=66.0, carrier="AC")
        table = pd.DataFrame({"tap_ratio": [1.0, 1.1], "phase_shift": [0.0, 1.0]}, ["T1", "T2"])
        n.add("Transformer", table.index, **table, bus0="B", bus1="D", x=0.1, r=0.01, s_nom=100.0)
    x1, x2, shift = 0.1 / 100, 0.1 / 100 * 1.1, np.deg2rad(1.0)
    angle = (100.0 + shift / x2) / (1 / x1 + 1 / x2)  # f1 + f2 = 100
    intact = certify(n, unsecured=["T1", "T2"]).worst["flow_mw"]
    assert intact["T1"] == pytest.approx(angle / x1)
    assert intact["T2"] == pytest.approx((angle - shift) / x2)
    certificate = certify(n, samples=2)
    assert certificate.worst.loc[["T1", "T2"], "flow_mw"].to_numpy() == pytest.approx(100.0)
    assert certificate.sample["largest_difference_mw"].max() < 1e-9
    assert certificate.secure


def test_existing_overloads_may_stay_but_not_grow(triangle):
    triangle.c.lines.static["s_nom"] = 80.0
    assert not certify(triangle).secure
    rows = [(branch, hour, 90.0) for branch in ("AB", "BC", "AC") for hour in triangle.snapshots]
    certificate = certify(triangle, allowed_mw=allowed(*rows))
    assert certificate.secure
    assert set(certificate.existing.index) == {"AB", "BC", "AC"}
    assert certificate.existing["over_mw"].to_numpy() == pytest.approx(10.0)
    assert certificate.existing["hours"].tolist() == [2, 2, 2]
    assert certificate.worst["limit_mw"].to_numpy() == pytest.approx(90.0)
    add_mw(triangle, 1.0)
    assert certify(triangle, allowed_mw=allowed(*rows)).violation_count == 8


def test_an_allowance_holds_for_its_branch_and_hour_only(triangle):
    triangle.c.lines.static["s_nom"] = 80.0
    found = certify(triangle, allowed_mw=allowed(("AC", HOUR, 95.0), ("AB", HOUR, 20.0))).violations
    left = set(zip(found["branch"], found["snapshot"], strict=True))
    later = triangle.snapshots[1]
    assert left == {("AB", HOUR), ("BC", HOUR), ("AB", later), ("BC", later), ("AC", later)}
    assert set(found["limit_mw"]) == {80.0}


def test_an_allowance_after_outages_raises_no_limit_without(triangle):
    """AC carries 60 MW without outage and 90 after one."""
    triangle.c.lines.static["s_nom"] = 50.0
    rows = [(branch, hour, 90.0) for branch in ("AB", "BC", "AC") for hour in triangle.snapshots]
    found = certify(triangle, allowed_mw=allowed(*rows, sides=[True])).violations
    assert set(zip(found["branch"], found["outage"], strict=True)) == {("AC", "")}
    found = certify(triangle, allowed_mw=allowed(*rows, sides=[False])).violations
    assert found["outage"].ne("").all()
    assert len(found) == 8


def test_an_allowance_must_say_which_limit_it_is(triangle):
    with pytest.raises(StudyError, match="after_outage"):
        certify(triangle, allowed_mw=allowed(("AC", HOUR, 90.0)).drop(columns="after_outage"))


@pytest.mark.parametrize(
    "row", [("XX", HOUR, 90.0), ("AC", pd.Timestamp("2031"), 90.0), ("AC", HOUR, np.nan)]
)
def test_unusable_allowances_are_refused(triangle, row):
    with pytest.raises(StudyError, match="allowed_mw of"):
        certify(triangle, allowed_mw=allowed(row))


def test_a_plan_brings_its_allowances_and_unsecured_branches(triangle):
    triangle.c.lines.static["s_nom"] = 80.0
    rows = [("AC", hour, 90.0) for hour in triangle.snapshots]
    settings = SimpleNamespace(unsecured=("AC",))
    plan = SimpleNamespace(
        network=triangle, allowed_mw=allowed(*rows), study=SimpleNamespace(settings=settings)
    )
    certificate = certify(plan)
    assert certificate.secure
    assert certificate.contingencies == ("AB", "BC")
    assert not certify(plan, unsecured=()).secure


def test_imbalance_is_a_breach_even_when_the_total_fits(make):
    n = make({"AB": ("A", "B"), "CD": ("C", "D")}, {"B": 10.0, "D": 10.0}, {"A": 11.0, "C": 9.0})
    certificate = certify(n)
    assert not certificate.secure
    assert certificate.violation_count == 0
    found = certificate.breaches.set_index("name")
    assert found["mw"].to_dict() == pytest.approx({"island of A": 1.0, "island of C": -1.0})
    assert found["hours"].tolist() == [2, 2]
    assert "breaches" in str(certificate)


def test_an_imbalance_lands_where_the_linear_power_flow_has_it(make):
    lines = {"AB": ("A", "B"), "BC": ("B", "C"), "AC": ("A", "C")}
    certificate = certify(make(lines, {"A": 10.0}, {"C": 8.0, "B": 5.0}), samples=3)
    assert certificate.breaches["mw"].tolist() == pytest.approx([3.0])
    assert certificate.sample["largest_difference_mw"].max() < 1e-9


def test_dispatch_outside_its_limits_is_a_breach(triangle):
    upper = pd.DataFrame({"Generator A": [0.18, 0.17]}, index=triangle.snapshots)
    triangle.c.generators.dynamic.p_max_pu = upper
    row = certify(triangle).breaches.iloc[0]
    assert (row["kind"], row["name"], row["hours"]) == ("dispatch", "Generator A", 1)
    assert (row["mw"], row["snapshot"]) == (pytest.approx(5.0), triangle.snapshots[1])


def test_nothing_is_changed(two_triangles):
    names = ("buses", "lines", "transformers", "generators", "loads", "sub_networks")
    before = {name: two_triangles.c[name].static.copy() for name in names}
    certify(two_triangles)
    for name, table in before.items():
        pd.testing.assert_frame_equal(table, two_triangles.c[name].static)
    assert two_triangles.c.lines.dynamic.p0.empty


def test_inactive_branches_do_not_count(triangle):
    triangle.c.lines.static.loc["AB", "active"] = False
    certificate = certify(triangle)
    assert certificate.outages == 0
    assert set(certificate.without_n1.index) == {"BC", "AC"}
    assert certificate.worst["flow_mw"].to_dict() == pytest.approx({"BC": 0, "AC": 90})


def test_inactive_generators_and_loads_do_not_count(triangle):
    with pypsa.option_context("api.legacy_string_dtype", False):
        triangle.add("Generator", "old", bus="B", p_set=50.0, active=False)
        triangle.add("Generator", "unknown", bus="B", active=False)
        triangle.add("Load", "closed", bus="B", p_set=70.0, active=False)
    certificate = certify(triangle, samples=3)
    assert certificate.secure
    assert certificate.worst["loading_pu"].to_numpy() == pytest.approx(0.9)


def test_dataset_survives_netcdf(two_triangles, tmp_path):
    two_triangles.c.lines.static["s_nom"] = 20.0
    for number, certificate in enumerate((certify(two_triangles), certify(two_triangles, seed=1))):
        path = tmp_path / f"{number}.nc"
        certificate.to_dataset().to_netcdf(path)
        with xr.open_dataset(path) as back:
            assert back.attrs["secure"] == 0
            assert back["worst_flow_mw"].attrs["units"] == "MW"
            assert back["without_n1_buses"].sel(bridge="CD").item() == "D; E; F"
            assert len(back["violations_over_mw"]) == certificate.violation_count
            times = pd.DatetimeIndex(back["worst_snapshot"].to_numpy())
            assert set(times) <= set(two_triangles.snapshots)


def test_empty_tables_survive_netcdf(triangle, tmp_path):
    certify(triangle).to_dataset().to_netcdf(tmp_path / "secure.nc")
    with xr.open_dataset(tmp_path / "secure.nc") as back:
        assert back.attrs["secure"] == 1
        assert back.sizes["violation"] == 0


def test_certificate_reads_well_and_is_frozen(two_triangles):
    certificate = certify(two_triangles)
    assert repr(certificate).startswith("Certificate(secure: 2 hours x 6 outages")
    summary = certificate.summary()
    assert summary.loc["flows compared with a limit", "value"] == 2 * 7 * 7
    assert summary.loc["highest load behind a bridge", "where"] == "CD"
    assert str(certificate).count("\n") == len(summary)
    with pytest.raises(dataclasses.FrozenInstanceError):
        certificate.secure = False


def test_same_seed_same_certificate_and_progress_ends_at_one(two_triangles):
    shares = []
    first = certify(two_triangles, samples=3, seed=7, progress=shares.append)
    second = certify(two_triangles, samples=3, seed=7)
    pd.testing.assert_frame_equal(first.sample, second.sample)
    assert first.sample["outage"].nunique() == 1 + 3
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert set(certify(two_triangles, samples=0).sample["outage"]) == {""}


def test_the_witness_does_not_know_the_optimiser():
    strangers = {"grid", "operation", "portfolio", "hosting"}
    for path in Path(gridplan.check.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            rooms = {name.split(".")[1] for name in names if name.startswith("gridplan.")}
            assert not rooms & strangers, path.name
