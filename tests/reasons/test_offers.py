"""Conditions of connection: sums, events, and the outages after which the project has to go."""

import numpy as np
import pytest

import gridplan as gp
from gridplan.base.errors import StudyError
from gridplan.base.messages import messages
from tests.networks_by_hand import plain_study, random_study, two_triangles, with_conditions
from tests.reasons.places import firm, flexible, narrow

LOADS = [60, 95, 100, 40, 90, 80]
TOLERANCE_MW = 1e-3
SHARES = {"west": 0.6, "east": 0.4}


def offered(loads=LOADS, **cells):
    row = flexible(210.0, 5.0, **{"share": 0.5, "price": 2e4} | cells)
    return gp.offers(gp.plan(plain_study(narrow(loads), {"Mill": row, "Quay": firm(8.0, -1.0)})))


def test_figures_by_hand():
    """210 MW beside 95 and 100 MW: 5 and 10 MW above 300 in a row, the others fit."""
    found = offered(curtailable_hours=3)
    assert found.table.index.tolist() == ["Mill"]
    row = found.table.loc["Mill"]
    assert (row["agreed_percent"], row["agreed_hours"]) == (50, 3)
    assert np.isnan(row["agreed_longest_h"])
    figures = row[["curtailed_mwh", "hours", "longest_h", "largest_mw", "cost_mnok"]]
    assert figures.astype(float).to_numpy() == pytest.approx([15, 2, 2, 10, 0.3], abs=1e-4)
    assert row["curtailed_percent"] == pytest.approx(100 * 15 / (6 * 210), abs=1e-5)
    assert row["months"] == "1"
    assert found.curtailed_mw["Mill"].to_numpy() == pytest.approx([0, 5, 10, 0, 0, 0], abs=1e-4)
    assert found.duration_mw["Mill"].to_numpy() == pytest.approx([10, 5, 0, 0, 0, 0], abs=1e-4)
    assert found.duration_mw.index.tolist() == [1, 2, 3, 4, 5, 6]


def test_trips_by_hand():
    """With 45 MW it never draws more than 100 with 55: after AC out, 100 MW at AB is just right."""
    row = flexible(45.0)
    found = gp.offers(gp.plan(plain_study(narrow([55, 56, 60]), {"Mill": row}))).table.loc["Mill"]
    assert (found["trip_outages"], found["trip_hours"]) == ("AC", 2)
    found = gp.offers(gp.plan(plain_study(narrow([50, 55]), {"Mill": row}))).table.loc["Mill"]
    assert (found["trip_outages"], found["trip_hours"]) == ("", 0)


def test_trips_are_the_outages_that_overload_the_network_with_the_project_in_it():
    plan = gp.plan(with_conditions(random_study(1, hours=2, tightness=1.3), 1))
    found = gp.offers(plan).table
    assert len(found) > 1  # the others do let go
    for project, row in found[:1].iterrows():
        over = _overloads(plan, project)
        named = row["trip_outages"].split("; ") if row["trip_outages"] else []
        assert set(named) == {outage for outage, hours in over.items() if hours.any()}
        assert row["trip_hours"] == np.any(list(over.values()), axis=0).sum()
        counts = [over[outage].sum() for outage in named]
        assert counts == sorted(counts, reverse=True)


def _overloads(plan, project):
    """By outage, the hours in which some branch is overloaded: PyPSA flows, branch removed."""
    n = plan.network.copy()
    served = n.c.loads.dynamic.p_set[f"project {project}"]
    for other in plan.curtailed_mw.columns.drop(project):
        gone = n.c.loads.dynamic.p_set[f"project {other}"].copy()
        n.c.loads.dynamic.p_set[f"project {other}"] = 0.0
        for name, share in SHARES.items():
            n.c.generators.dynamic.p_set[name] -= share * gone
    assert served.max() > 0
    limits = plan.search.limits
    _, after = np.hsplit(plan.found.case.limit_mw, 2)
    allowed = dict(zip(limits.grid.topology.branches.index, after.T, strict=True))
    over = {}
    for outage in limits.grid.outage_names():
        without = n.copy()
        without.remove("Line", outage)
        without.lpf()
        flows = without.c.lines.dynamic.p0
        excess = [flows[name].abs() - allowed[name] for name in flows]
        over[outage] = np.max(excess, axis=0) > TOLERANCE_MW
    return over


def test_sums_and_order():
    plan = gp.plan(with_conditions(random_study(3, hours=12, tightness=1.3), 3, share=0.6))
    found = gp.offers(plan)
    np.testing.assert_allclose(found.duration_mw.sum(), found.curtailed_mw.sum(), atol=1e-9)
    np.testing.assert_allclose(found.table["curtailed_mwh"], found.curtailed_mw.sum())
    assert (found.duration_mw.diff().dropna() <= 0).all(axis=None)
    assert (found.table["curtailed_percent"] <= found.table["agreed_percent"] + 1e-6).all()


def test_words_in_norwegian():
    found = offered(curtailable_hours=3, longest_curtailment_h=2)
    text = found.text("Mill").replace(messages("nb").texts["thousands"], " ")
    assert text == "\n".join(
        [
            "Tilknytning med vilkår: Mill, 210 MW ved C.",
            "- Kunden kobles ut ved feil i nettet. I planåret ville nettet ellers blitt "
            "overbelastet i 6 timer, ved utfall av: AB; AC; BC.",
            "- Uten feil i nettet kan uttaket begrenses med inntil 50 % av årsenergien.",
            "- Begrensningen gjelder høyst 3 timer i året.",
            "- Den varer høyst 2 timer på rad.",
            "- Planen regner med 15 MWh (1,19 %) i 2 timer, lengst 2 timer på rad og størst 10 MW, "
            "i januar.",
            "- Energi som ikke leveres, er priset til 20 000 kr/MWh, i planen 0,30 mill. kr i "
            "året.",
        ]
    )


def test_words_in_english():
    """Nothing is curtailed, and with 8 MW at E no outage overloads anything."""
    row = flexible(8.0, bus="E", share=0.125, price=1e5)
    found = gp.offers(gp.plan(plain_study(two_triangles(), {"Mill": row})))
    assert found.text("Mill", "en") == "\n".join(
        [
            "Conditional connection: Mill, 8 MW at E.",
            "- The customer is disconnected after an outage. In the year of the plan no outage "
            "leads to an overload if it stays connected.",
            "- Without any outage the load may be curtailed by at most 12.5 % of the yearly "
            "energy.",
            "- The plan counts on no curtailment without an outage.",
            "- Energy that is not served is priced at 100,000 NOK/MWh, in the plan 0.00 MNOK a "
            "year.",
        ]
    )


def test_none_and_unknown_ones():
    found = gp.offers(gp.plan(plain_study(narrow([60]), {"Mill": firm(8.0)})))
    assert found.table.empty
    with pytest.raises(StudyError, match="Conditional connections of the plan: none"):
        found.text("Mill")
