"""Points without N-1 and what would restore it, by hand and on the bundled study."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import gridplan as gp
from gridplan.base.errors import StudyError
from gridplan.base.quiet import quiet_pypsa
from gridplan.check.evidence import evidence_of
from gridplan.check.radial import without_n1 as witness
from gridplan.hosting.unsecured import COLUMNS
from gridplan.study.settings import Settings
from gridplan.study.study import Study
from tests.grid.test_stages import reinforcements
from tests.networks_by_hand import network, projects, triangle, two_triangles

pytestmark = pytest.mark.slow

WORK = {"year": 2028, "status": "licensed"}


def line(name: str, branch: str, s_nom: float = 100.0, **row) -> dict:
    """A reinforcement that adds a line between the two buses with which its name begins."""
    added = {"action": "add line", "bus0": branch[0], "bus1": branch[1], "r": 0.01, "x": 10.0}
    return WORK | added | {"name": name, "branch": branch, "s_nom": s_nom} | row


def study_of(n, *rows: dict, **parts) -> Study:
    return Study(network=n, reinforcements=reinforcements(*rows) if rows else None, **parts)


def listed(study: Study, **options) -> pd.DataFrame:
    return gp.without_n1(study, **options).set_index("branch")


def with_spur():
    """Two triangles joined by CD (two hours), and G at the end of FG with 5 and 10 MW."""
    n = two_triangles(hours=2)
    n.add("Bus", "G", v_nom=132.0, carrier="AC")
    n.add("Line", "FG", bus0="F", bus1="G", x=10.0, r=0.01, s_nom=50.0, carrier="AC")
    n.add("Load", "load G", bus="G", p_set=pd.Series([5.0, 10.0], n.snapshots))
    return n


def test_a_bridge_with_what_hangs_on_it():
    n = with_spur()
    n.c.buses.static["municipality"] = ["", "", "", "Ås", "Ås", "Bø", ""]
    table = listed(study_of(n))
    row = table.loc["CD"]
    assert list(table.index) == ["CD", "FG"]
    assert row[["kind", "outage", "buses", "within"]].tolist() == ["radial", "CD", "D; E; F; G", ""]
    assert row["municipality"] == "Bø; Ås"
    assert row[["bus_count", "hours"]].tolist() == [4, 2]
    assert row[["peak_mw", "mean_mw", "mwh_per_year"]].tolist() == [30.0, 27.5, 27.5 * 8760]
    assert row[["generation_mw", "border_mw"]].tolist() == [10.0, 0.0]
    assert row["worst_hour"] == n.snapshots[1]
    assert table.loc["FG", ["within", "peak_mw"]].tolist() == ["CD", 10.0]


def test_without_a_reinforcement_the_need_is_told_and_no_cost():
    row = listed(study_of(two_triangles())).loc["CD"]
    assert row["remedy"] == "no reinforcement in the table; needs a second branch between C and D"
    assert not row["remedy_in_table"]
    assert row[["remedy_cost_mnok", "remedy_year"]].isna().all()


def test_a_border_behind_the_bridge_is_told():
    n = two_triangles()
    n.add("Generator", "border D", bus="D", carrier="border", p_nom=40.0)
    row = listed(study_of(n)).loc["CD"]
    assert row[["generation_mw", "border_mw"]].tolist() == [50.0, 40.0]
    assert row["remedy"].endswith("or an agreement on supply over the border behind it")


def test_generation_alone_needs_no_n1():
    n = two_triangles()
    n.c.loads.dynamic.p_set["load E"] = 0.0
    row = listed(study_of(n)).loc["CD"]
    assert row[["hours", "remedy"]].tolist() == [0, "none needed: no load behind it"]
    assert pd.isna(row["worst_hour"])


def test_a_second_line_restores_all():
    row = listed(study_of(two_triangles(), line("Second", "CD 2"))).loc["CD"]
    assert row[["remedy", "restores", "restored_mw"]].tolist() == ["Second", "all", 20.0]
    assert row[["remedy_cost_mnok", "remedy_year", "remedy_status"]].tolist() == [
        10.0,
        2028,
        "licensed",
    ]
    assert row["remedy_in_table"]


def test_what_hangs_on_another_bridge_stays_without():
    table = listed(study_of(with_spur(), line("Second", "CD 2")))
    row = table.loc["CD"]
    assert row[["restores", "restored_mw", "still_without_n1"]].tolist() == ["this outage", 20, "G"]
    assert not table.loc["FG", "remedy_in_table"]
    spur = listed(study_of(with_spur(), line("Spur", "FG 2"))).loc["FG"]
    assert spur[["restores", "restored_mw", "still_without_n1"]].tolist() == ["this outage", 0, "G"]


def test_buses_that_move_to_another_line_are_a_part():
    """C-D-E in a row; E moves to two lines from A, and D stays behind CD."""
    lines = {b: (b[0], b[1], 10.0, 100.0) for b in ("AB", "BC", "CA", "CD", "DE")}
    n = network(lines, {"D": [7.0], "E": [5.0]})
    n.add("Generator", "g", bus="A", carrier="border", p_nom=50.0)
    move = WORK | {"name": "Move", "branch": "DE", "action": "remove"}
    table = listed(study_of(n, move, line("Move", "AE 1"), line("Move", "AE 2")))
    columns = ["restores", "restored_mw", "still_without_n1"]
    assert table.loc["CD", columns].tolist() == ["part", 5.0, "D"]
    assert table.loc["DE", columns].tolist() == ["all", 5.0, ""]


def test_a_second_line_that_is_too_weak_says_so():
    """Without CD, 20 MW at E less 10 MW of hydro at F are 10 MW on a line of 5 MW."""
    weak = line("Weak", "CD 2", 5.0, status="under construction")
    assert listed(study_of(two_triangles(), weak)).loc["CD", "restores"] == "not at full load"
    row = listed(study_of(two_triangles(), weak, line("Strong", "CD 3", status="idea"))).loc["CD"]
    assert row[["remedy", "restores", "other_remedies"]].tolist() == ["Strong", "all", "Weak"]


def test_the_surest_comes_first_then_the_earliest():
    rows = [
        line("Idea", "CD 2", status="idea", year=2026),
        line("Late", "CD 3", year=2035),
        line("Early", "CD 4", year=2029),
    ]
    row = listed(study_of(two_triangles(), *rows)).loc["CD"]
    assert row[["remedy", "other_remedies"]].tolist() == ["Early", "Late; Idea"]


def test_what_needs_another_is_no_remedy_alone():
    station = WORK | {"name": "Station", "action": "add bus", "bus0": "X", "v_nom": 132.0}
    rows = [station | {"lon": 10.0, "lat": 63.0}, line("Station", "AX"), line("Second", "CX")]
    rows.append(line("Second", "DX"))
    assert not listed(study_of(two_triangles(), *rows)).loc["CD", "remedy_in_table"]


def test_the_year_builds_what_is_in_service():
    study = study_of(two_triangles(), line("Second", "CD 2"))
    assert list(listed(study, year=2027).index) == ["CD"]
    assert listed(study, year=2028).empty


@pytest.mark.parametrize("year", [None, 2030])
def test_reserved_projects_are_load(year):
    offered = {"kept": {"bus": "E", "mw": 15.0, "status": "reserved"}}
    later = {"later": {"bus": "E", "mw": 9.0, "status": "reserved", "year": 2031}}
    queued = {"queued": {"bus": "E", "mw": 9.0, "status": "queue"}}
    study = study_of(two_triangles(), projects=projects(offered | later | queued))
    assert listed(study, year=year).loc["CD", "peak_mw"] == 35.0


def test_without_bridges_the_table_is_empty_and_complete():
    table = gp.without_n1(study_of(triangle(), line("Second", "AC 2")))
    assert table.empty
    assert {name: str(kind) for name, kind in table.dtypes.items()} == COLUMNS


def test_parallel_circuits_are_no_bridges():
    n = two_triangles()
    n.add("Line", "CD 2", bus0="C", bus1="D", x=10.0, r=0.01, s_nom=50.0, carrier="AC")
    assert gp.without_n1(study_of(n)).empty


def test_every_island_has_its_own():
    n = network({b: (b[0], b[1], 10.0, 50.0) for b in ("AB", "CD")}, {"B": [9.0], "D": [4.0]})
    n.add("Generator", ["g", "h"], bus=["A", "C"], carrier="border", p_nom=50.0)
    assert listed(study_of(n))["buses"].to_dict() == {"AB": "B", "CD": "D"}


class TestPartOfTheYear:
    def overloaded(self, *rows) -> pd.DataFrame:
        """80 MW at C, lines of 50 MW: AC carries 53.3 MW, after an outage 80 MW take one way."""
        return listed(study_of(triangle(load_mw=80.0, rating_mw=50.0), *rows))

    def test_overloads_with_and_without_outage_stand_apart(self):
        table = self.overloaded()
        assert (table["kind"] == "part of the year").all()
        alone = table[table["outage"] == ""]
        assert list(alone.index) == ["AC"]
        assert alone["over_mw"].tolist() == pytest.approx([10 / 3], abs=1e-3)
        after = table[table["outage"] != ""]
        assert sorted(after.index) == ["AB", "AC", "BC"]
        assert after["over_mw"].tolist() == pytest.approx([30.0] * 3, abs=1e-3)
        assert (after["hours"] == 1).all()

    def test_a_reinforcement_is_tried_on_each(self):
        """With AC 2 (100 MW): after its loss AC has 53.3 MW again, all else is within limits."""
        table = self.overloaded(line("Second", "AC 2")).reset_index()
        mended = table.set_index(["branch", table["outage"] == ""])["remedy_in_table"]
        assert mended.to_dict() == {
            ("AB", False): True,
            ("BC", False): True,
            ("AC", False): False,
            ("AC", True): True,
        }
        assert table["remedy"].str.startswith("no reinforcement").sum() == 1

    def test_what_helps_in_the_worst_hour_must_help_in_all(self):
        """AC 2 ends the worst overload of AB, by load at C, but not that by load at B."""
        n = triangle()
        n.set_snapshots(pd.date_range("2030-01-01", periods=2, freq="h"))
        n.add("Load", "load B", bus="B", p_set=pd.Series([0.0, 55.0], n.snapshots))
        n.c.loads.dynamic.p_set["load C"] = [60.0, 0.0]
        n.c.lines.static.loc["AB", "s_nom"] = 50.0
        row = listed(study_of(n, line("Second", "AC 2"))).loc["AB"]
        assert row["worst_hour"] == n.snapshots[0]
        assert row[["hours", "remedy_in_table"]].tolist() == [2, False]
        only = listed(study_of(n, line("Other", "AB 2"))).loc["AB"]
        assert only["remedy_in_table"]

    def test_a_bridge_instead_of_an_overload_is_no_remedy(self):
        """Without BC nothing can flow over AB to C, but then C hangs on AC alone."""
        n = triangle()
        n.c.lines.static.loc["AB", "s_nom"] = 50.0
        taken_down = WORK | {"name": "Demolition", "action": "remove", "branch": "BC"}
        row = listed(study_of(n, taken_down)).loc["AB"]
        assert row[["outage", "remedy_in_table"]].tolist() == ["AC", False]


class TestByChoice:
    def test_what_the_outage_would_overload(self):
        """45 MW at C: 30 MW go over AC; without it 45 MW take the other way of 40 MW."""
        study = study_of(triangle(45.0, 40.0), settings=Settings(unsecured=("AC", "AB", "BC")))
        table = listed(study)
        assert table["kind"].eq("not secured by choice").all()
        assert sorted(table.index) == ["AB", "AC", "BC"]
        assert table["over_mw"].tolist() == pytest.approx([5.0] * 3)
        row = table.loc["AC"]
        assert row[["outage", "hours"]].tolist() == ["AC", 1]
        assert row["remedy"].endswith("more capacity on what the outage of AC overloads")

    def test_a_reinforcement_that_makes_it_harmless(self):
        settings = Settings(unsecured=("AC",))
        table = listed(study_of(triangle(45.0, 40.0), line("Second", "AC 2"), settings=settings))
        row = table[table["kind"] == "not secured by choice"].loc["AC"]
        assert row[["remedy", "restores"]].tolist() == ["Second", "all"]

    def test_a_harmless_outage_can_be_secured(self):
        settings = Settings(unsecured=("AC",))
        study = study_of(triangle(), line("Second", "AC 2"), settings=settings)
        row = listed(study).loc["AC"]
        assert row[["hours", "over_mw"]].tolist() == [0, 0.0]
        assert row["remedy"].startswith("none needed")

    def test_a_bridge_is_listed_once(self):
        study = study_of(two_triangles(), settings=Settings(unsecured=("CD",)))
        assert listed(study)["kind"].to_dict() == {"CD": "radial"}


def test_progress_and_an_impossible_year():
    shares = []
    study = study_of(two_triangles(), line("One", "CD 2"), line("Two", "CD 3"))
    gp.without_n1(study, progress=shares.append)
    assert shares == [0.5, 1.0]
    with pytest.raises(StudyError, match="year"):
        gp.without_n1(study, 1200)


@pytest.fixture(scope="module")
def trondelag() -> Study:
    """Hours around the highest load of the year; what is built by 2030, and one idea."""
    study = gp.open_study("trondelag")
    peak = study.network.c.loads.dynamic.p_set.sum(axis=1).to_numpy().argmax()
    table = gp.stages(study)
    kept = [*table.index[table["in_service"]], "Second circuit Fillan-Frøya 66 kV"]
    few = replace(study, reinforcements=study.reinforcements.loc[kept])
    return few.at(study.network.snapshots[peak - 3 : peak + 3])


@pytest.fixture(scope="module")
def today(trondelag) -> pd.DataFrame:
    return listed(trondelag)


def test_the_witness_lists_the_same(trondelag, today):
    base = gp.base_case(trondelag, connected=trondelag.committed)
    with quiet_pypsa():
        n = trondelag.network.copy()
        for bus, load in zip(n.c.buses.static.index, base.case.load_mw.T, strict=True):
            n.add("Load", f"all at {bus}", bus=bus, p_set=pd.Series(load, n.snapshots))
        n.c.loads.static.loc[trondelag.network.c.loads.static.index, "active"] = False
        generators = n.c.generators.static.index
        dispatch = base.dispatch.dispatch_mw[:, : len(generators)]
        n.c.generators.dynamic.p_set = pd.DataFrame(dispatch, n.snapshots, generators)
    expected = witness(evidence_of(n))
    radial = today[today["kind"] == "radial"].loc[expected.index]
    assert len(expected) == (today["kind"] == "radial").sum() > 50
    same = ["buses", "bus_count", "hours"]
    assert (radial[same] == expected[same]).all(axis=None)
    np.testing.assert_allclose(radial["peak_mw"], expected["peak_mw"])
    np.testing.assert_allclose(radial["generation_mw"], expected["supply_mw"])


def test_trondelag_today(today):
    """Fosen, Hitra and Frøya, and Tydal hang on one branch each."""
    fosen, hitra, tydal = today.loc[
        ["Namsos Statnett - Hofstad 420", "Snilldal - Surna 420", "Nea - Klæbu 420"]
    ].itertuples()
    assert {"Indre Fosen", "Åfjord", "Ørland"} <= set(fosen.municipality.split("; "))
    assert {"Hitra", "Frøya"} <= set(hitra.municipality.split("; "))
    assert "Tydal" in tydal.municipality
    for row in (fosen, hitra):
        assert (row.remedy, row.restores) == ("Åfjord-Snilldal 420 kV", "this outage")
        assert (row.remedy_year, row.remedy_status) == (2028, "licensed")
    assert tydal.border_mw == 1000.0
    island = today.loc["Fillan - Vikstrøm 66"]
    assert island["within"] == "Snilldal - Surna 420"
    assert island["remedy"] == "Second circuit Fillan-Frøya 66 kV"


def test_trondelag_2030(trondelag, today):
    """Fosen, Hitra and Stjørdal gain N-1; Frøya needs only its second circuit any more."""
    table = listed(trondelag, year=2030)
    gained = set(today.index[today["kind"] == "radial"]) - set(table.index)
    assert gained == {
        "Namsos Statnett - Hofstad 420",
        "Hofstad - Åfjord 420",
        "Snilldal - Surna 420",
        "Eidum - Mælafoss 66",
    }
    assert table.loc["Fillan - Vikstrøm 66", ["within", "restores"]].tolist() == ["", "all"]
    outermost = [t.loc[t["within"] == "", "peak_mw"].sum() for t in (today, table)]
    assert outermost[1] < outermost[0] - 100
