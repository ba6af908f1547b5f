"""Great Britain's network, tight: what a day of it once could not do."""

import pytest

import gridplan as gp
from tests import growing_networks

pytestmark = pytest.mark.slow


def test_a_tight_day_of_great_britain(tmp_path, monkeypatch):
    """Branches are overloaded whatever the dispatch, and some programs stall the simplex."""
    monkeypatch.setattr(growing_networks, "WIDE", 1.6)
    study = growing_networks.gb(24, tmp_path)
    base = gp.base_case(study)
    assert base.existing_overloads.index.nunique() > 10
    assert (base.dispatch.dispatch_mw >= base.case.p_min_mw - 1e-9).all()
    plan = gp.plan(study, base=base)
    certificate = gp.certify(plan)
    assert certificate.secure
    assert certificate.sample["largest_difference_mw"].max() < 1e-5
