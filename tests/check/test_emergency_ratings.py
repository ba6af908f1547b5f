"""The certificate of a network whose branches may carry more after an outage."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from gridplan.base.errors import StudyError
from gridplan.check.witness import certify
from gridplan.portfolio.plan import plan
from tests.check.test_brute_force import flows_by_removal, random_network
from tests.networks_by_hand import random_study, with_emergency_factors

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def planned():
    study = with_emergency_factors(random_study(1), 1)
    return plan(study)


def factors(network, **factor):
    network.c.lines.static["emergency_factor"] = pd.Series(factor)
    return network


def test_a_factor_counts_after_outages_only(triangle):
    """90 MW after any outage, 60 on AC without: 70 MW are enough with a factor of 1.3."""
    triangle.c.lines.static["s_nom"] = 70.0
    assert certify(triangle).violation_count == 8
    certificate = certify(factors(triangle, AB=1.3, BC=1.3, AC=1.3))
    assert certificate.secure
    assert certificate.worst["limit_mw"].tolist() == [91.0] * 3
    assert certificate.worst["outage"].ne("").all()
    triangle.c.lines.static["s_nom"] = 59.0
    found = certify(factors(triangle, AB=1.6, BC=1.6, AC=1.6))
    assert found.violations[["branch", "outage"]].drop_duplicates().to_numpy().tolist() == [
        ["AC", ""]
    ]
    assert found.violations["limit_mw"].eq(59.0).all()


def test_the_limit_that_applied_is_shown(triangle):
    """Without outage AC carries 60 of 61 MW, after one 90 of 122: the first is the worst."""
    triangle.c.lines.static["s_nom"] = 61.0
    worst = certify(factors(triangle, AB=2.0, BC=2.0, AC=2.0)).worst
    assert worst.loc["AC", ["outage", "limit_mw"]].tolist() == ["", 61.0]
    assert worst.loc["AB", ["outage", "limit_mw"]].tolist() == ["AC", 122.0]


def test_overloads_that_may_stay_name_their_limit(triangle):
    triangle.c.lines.static["s_nom"] = 50.0
    n = factors(triangle, AB=2.0, BC=2.0, AC=1.5)
    rows = [("AC", hour, 60.0, False) for hour in n.snapshots]
    after = [("AC", hour, 90.0, True) for hour in n.snapshots]
    columns = ["branch", "snapshot", "limit_mw", "after_outage"]
    both = certify(n, allowed_mw=pd.DataFrame(rows + after, columns=columns))
    assert both.secure
    assert both.existing.loc["AC", "over_mw"] == pytest.approx(15.0)
    assert both.existing.loc["AC", "loading_pu"] == pytest.approx(1.2)
    only = certify(n, allowed_mw=pd.DataFrame(rows, columns=columns))
    assert set(only.violations["outage"]) == {"AB", "BC"}


def test_the_plan_holds_its_factors(planned):
    assert certify(planned, samples=4).secure


@pytest.mark.parametrize("scale", [0.9, 1.1])
def test_a_changed_factor_is_found(planned, scale):
    network = planned.network.copy()
    lines = network.c.lines.static
    branch = lines["emergency_factor"].idxmax()
    lines.loc[branch, "emergency_factor"] *= scale
    certificate = certify(replace(planned, network=network), samples=2)
    assert not certificate.secure
    kind = "emergency factor differs from the plan"
    assert certificate.breaches.set_index("kind").loc[kind, "name"] == branch


def test_lowered_factors_are_violations(planned):
    """The plan uses what its branches may carry after outages."""
    network = planned.network.copy()
    network.c.lines.static["emergency_factor"] = 1.0
    assert certify(network, allowed_mw=planned.allowed_mw, samples=2).violation_count > 0


def test_a_factor_below_one_is_refused(triangle):
    with pytest.raises(StudyError, match="emergency_factor"):
        certify(factors(triangle, AB=0.5))


@pytest.mark.parametrize("seed", [3, 26, 159])
def test_violations_equal_brute_force(seed):
    n = random_network(seed)
    rng = np.random.default_rng(seed)
    for component in ("Line", "Transformer"):
        table = n.c[component].static
        table["emergency_factor"] = rng.uniform(1.0, 1.6, len(table))
    tables = [n.c[component].static for component in ("Line", "Transformer")]
    rating, factor = (
        pd.concat([table[column] for table in tables]) for column in ("s_nom", "emergency_factor")
    )
    expected = {
        (branch, outage, hour)
        for outage, flow in flows_by_removal(n).items()
        for branch in flow
        for hour in flow.index
        if abs(flow.loc[hour, branch]) > rating[branch] * (factor[branch] if outage else 1) + 1e-3
    }
    found = certify(n, samples=1).violations
    columns = ["branch", "outage", "snapshot"]
    assert set(found[columns].itertuples(index=False, name=None)) == expected
    assert expected
