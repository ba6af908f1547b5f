"""The plan against PyPSA's own security-constrained optimisation of the same problem."""

from dataclasses import replace

import numpy as np
import pytest

from gridplan.portfolio.plan import plan
from gridplan.portfolio.pypsa_model import fixed_cost, pypsa_conditions, secure_outages, to_pypsa
from tests.networks_by_hand import random_study


def pypsa_optimum(study, snapshots):
    """Objective (MNOK a year) and chosen MW of the extensive form, all N-1 rows written out."""
    n = to_pypsa(study, snapshots)
    n.consistency_check(strict=["all"])
    status = n.optimize.optimize_security_constrained(
        branch_outages=secure_outages(study),
        extra_functionality=pypsa_conditions(study),
        solver_name="highs",
        log_to_console=False,
        solver_options={"mip_rel_gap": 0.0},
    )
    assert status == ("ok", "optimal")
    chosen = n.c.generators.static["p_nom_opt"].filter(like="project ")
    return fixed_cost(n) - n.objective, chosen.rename(lambda name: name.removeprefix("project "))


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 4, 5])
def test_random_networks(seed):
    study = random_study(seed)
    result = plan(study)
    expected, chosen = pypsa_optimum(study, study.network.snapshots)
    assert result.objective_mnok == pytest.approx(expected, rel=1e-6)
    mine = result.projects["mw"].where(result.projects["chosen"], 0.0)
    np.testing.assert_allclose(chosen[mine.index], mine, atol=1e-4)


def test_a_bridge_is_left_out_of_the_outages():
    study = random_study(0)
    assert "L10" not in [name for _, name in secure_outages(study)]  # B10-B11, the radial end


def test_limits_learned_in_one_hour_save_the_others():
    study = random_study(7, hours=48)
    result = plan(study)
    assert result.limits < 48


def test_conditions_between_projects():
    study = random_study(0)
    best = plan(study).projects
    first, dear = best.index[best["chosen"]][0], best.index[~best["chosen"]][0]
    table = study.projects.copy()
    table.loc[first, "requires"] = dear
    study = replace(study, projects=table)
    expected, _ = pypsa_optimum(study, study.network.snapshots)
    assert plan(study).objective_mnok == pytest.approx(expected, rel=1e-6)
