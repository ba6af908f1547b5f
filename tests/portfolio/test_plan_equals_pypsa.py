"""The plan against PyPSA's own security-constrained optimisation of the same problem."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from gridplan.check.witness import certify
from gridplan.grid.stages import at_stage
from gridplan.operation.base_case import base_case
from gridplan.portfolio.plan import plan
from gridplan.portfolio.pypsa_conditions import pypsa_conditions
from gridplan.portfolio.pypsa_model import pypsa_objective, secure_outages, to_pypsa
from gridplan.study.reading import open_study
from tests.networks_by_hand import (
    plain_study,
    random_study,
    triangle,
    with_conditions,
    with_emergency_factors,
    with_listed_outages,
)
from tests.sampling import rest_slow


def pypsa_optimum(study, snapshots):
    """Objective (MNOK a year) and chosen MW of the extensive form, all N-1 rows written out."""
    n = pypsa_solved(study, snapshots)
    chosen = n.c.generators.static["p_nom_opt"].filter(like="project ")
    return pypsa_objective(n), chosen.rename(lambda name: name.removeprefix("project "))


def pypsa_solved(study, snapshots):
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
    return n


@pytest.mark.parametrize("seed", rest_slow(range(6), quick=2))
def test_random_networks(seed):
    study = random_study(seed)
    result = plan(study)
    expected, chosen = pypsa_optimum(study, study.network.snapshots)
    assert result.objective_mnok == pytest.approx(expected, rel=1e-6)
    mine = result.projects["mw"].where(result.projects["chosen"], 0.0)
    np.testing.assert_allclose(chosen[mine.index], mine, atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("seed", rest_slow([0, 1, 2, 3]))
def test_outages_of_several_branches(seed):
    study = random_study(seed, tightness=2.0)
    without = plan(study).objective_mnok
    study = with_listed_outages(study, seed)
    result = plan(study)
    assert result.objective_mnok < without - 1e-3  # they do limit
    assert set(result.binding["outage"]) & set(study.outages.index)
    expected, chosen = pypsa_optimum(study, study.network.snapshots)
    assert result.objective_mnok == pytest.approx(expected, rel=1e-6)
    mine = result.projects["mw"].where(result.projects["chosen"], 0.0)
    np.testing.assert_allclose(chosen[mine.index], mine, atol=1e-4)
    certificate = certify(result, samples=2)
    assert certificate.secure
    assert certificate.contingencies[-4:] == tuple(study.outages.index)
    assert len({*certificate.sample["outage"]} & {*study.outages.index}) == 2  # as many as samples


@pytest.mark.parametrize("seed", rest_slow([0, 1, 2, 3]))
def test_all_at_once(seed):
    """Listed outages, emergency factors, conditional projects and symbioses."""
    study = with_conditions(random_study(seed, hours=8, tightness=1.5), seed)
    study = with_listed_outages(with_emergency_factors(study, seed), seed)
    result = plan(study)
    expected, _ = pypsa_optimum(study, study.network.snapshots)
    assert result.objective_mnok == pytest.approx(expected, rel=1e-6)
    assert certify(result, samples=2).secure


@pytest.mark.slow
@pytest.mark.parametrize("factors", [False, True])
@pytest.mark.parametrize("seed", rest_slow([0, 1, 2]))
def test_overloads_without_and_after_outages_are_kept_apart(seed, factors):
    """Ratings so low that the base case breaks limits of both kinds.

    Existing overloads fill many limits at once, and the plan may exceed each by 2e-5 MW. With seed
    1 that is worth 0.3 MW of curtailment in one hour, so values are compared within 1e-4.
    """
    study = with_conditions(random_study(seed), seed)
    study = with_emergency_factors(study, seed) if factors else study
    lines = study.network.c.lines.static
    low = lines.index != "L1"  # which a measure raises
    lines.loc[low, "s_nom"] *= 0.6
    allowed = base_case(study).allowed_mw
    assert set(allowed["after_outage"]) == {True, False}
    assert "L1" not in set(allowed["branch"])
    result = plan(study)
    expected, chosen = pypsa_optimum(study, study.network.snapshots)
    assert result.objective_mnok == pytest.approx(expected, rel=1e-4)
    mine = result.projects["mw"].where(result.projects["chosen"], 0.0)
    np.testing.assert_allclose(chosen[mine.index], mine, atol=1e-4)
    assert mine.any()
    assert certify(result, samples=2).secure


def test_an_overload_after_outages_raises_no_limit_without_in_pypsa():
    """150 MW fill AC without outage: of 20 MW more that outages disconnect, none is served."""
    terms = {"connection": "conditional", "curtailable_share": 1.0, "curtailment_nok_per_mwh": 1e5}
    offered = {"Q": {"bus": "C", "mw": 20.0, "value_mnok_per_yr": 5.0} | terms}
    study = plain_study(triangle(150.0), offered)
    n = pypsa_solved(study, study.network.snapshots)
    assert pypsa_objective(n) == pytest.approx(5.0 - 20 * 0.1)
    assert n.c.generators.dynamic.p["project Q"].tolist() == pytest.approx([0.0], abs=1e-4)
    assert plan(study).objective_mnok == pytest.approx(3.0)


@pytest.mark.parametrize("seed", rest_slow(range(6), quick=2))
def test_some_branches_may_carry_more_after_an_outage(seed):
    study = with_emergency_factors(random_study(seed), seed)
    result = plan(study)
    expected, chosen = pypsa_optimum(study, study.network.snapshots)
    assert result.objective_mnok == pytest.approx(expected, rel=1e-6)
    mine = result.projects["mw"].where(result.projects["chosen"], 0.0)
    np.testing.assert_allclose(chosen[mine.index], mine, atol=1e-4)
    network = result.network.c.lines.static
    assert network["emergency_factor"].equals(study.network.c.lines.static["emergency_factor"])


@pytest.mark.slow
@pytest.mark.parametrize("seed", rest_slow([0, 1, 3]))
def test_one_factor_for_all_branches_is_a_higher_rating(seed):
    """Where no branch is full without outage, PyPSA as it is says the same with s_max_pu x 1.2."""
    study = random_study(seed, tightness=1.6)
    lines = study.network.c.lines.static
    lines["s_nom"] *= 1.1
    lines.loc["L10", "s_nom"] = 1e3  # the bridge has its limit without outage only
    higher = study.network.copy()
    higher.c.lines.static["s_max_pu"] *= 1.2
    lines["emergency_factor"] = 1.2
    n = pypsa_solved(replace(study, network=higher), study.network.snapshots)
    full = n.c.lines.dynamic.p0.abs().max() > n.c.lines.static["s_nom_opt"]
    assert not full.any()
    assert plan(study).objective_mnok == pytest.approx(pypsa_objective(n), rel=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("hourly", [False, True])
@pytest.mark.parametrize("seed", rest_slow([0, 2]))
def test_a_stated_p_set_does_not_hold_the_sources(seed, hourly):
    """PyPSA fixes generators at p_set; to gridplan it is a schedule that may be left."""
    study = random_study(seed)
    table = study.schedule_mw.copy()
    sources = study.network.c.generators
    if hourly:
        table *= np.linspace(0.9, 1.1, len(table))[:, None]
        sources.dynamic["p_set"] = table
    else:
        sources.static["p_set"] = table.iloc[0]
    study = replace(study, schedule_mw=table)
    written = to_pypsa(study, study.network.snapshots).c.generators
    assert written.static["p_set"].isna().all()
    assert written.dynamic["p_set"].empty
    n = pypsa_solved(study, study.network.snapshots)
    assert plan(study).objective_mnok == pytest.approx(pypsa_objective(n), rel=1e-6)
    moved = n.c.generators.dynamic.p[table.columns] - table
    assert moved.abs().max().max() > 1.0
    assert (sources.dynamic["p_set"].empty) != hourly  # the study's own network stays as it is


def test_a_bridge_is_left_out_of_the_outages():
    study = random_study(0)
    assert "L10" not in [name for _, name in secure_outages(study)]  # B10-B11, the radial end


@pytest.mark.slow
@pytest.mark.parametrize("seed", rest_slow([0, 1]))
def test_places_without_n1_may_be_forbidden(seed):
    """The two projects worth most stand at B11, the radial end; measures there stay possible."""
    study = random_study(seed, tightness=3.0)
    table = study.projects.copy()
    best = table["value_mnok_per_yr"].nlargest(2).index
    table.loc[best, "bus"] = "B11"
    table.loc[best, "mw"] = 5.0
    forbidding = study.settings.model_copy(update={"radial": "forbid"})
    study = replace(study, projects=table, settings=forbidding)
    result = plan(study)
    expected, chosen = pypsa_optimum(study, study.network.snapshots)
    assert result.objective_mnok == pytest.approx(expected, rel=1e-6)
    assert chosen[best].tolist() == [0.0, 0.0]
    allowed = plan(replace(study, settings=study.settings.model_copy(update={"radial": "allow"})))
    assert allowed.projects.loc[best, "chosen"].any()


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


@pytest.mark.parametrize("seed", rest_slow(range(8)))
def test_conditional_projects_and_symbioses(seed):
    study = with_conditions(random_study(seed, hours=10, tightness=1.3), seed)
    result = plan(study)
    expected, chosen = pypsa_optimum(study, study.network.snapshots)
    assert result.objective_mnok == pytest.approx(expected, rel=1e-6)
    mine = result.projects["mw"].where(result.projects["chosen"], 0.0)
    np.testing.assert_allclose(chosen[mine.index], mine, atol=1e-4)
    assert certify(result).secure


@pytest.mark.slow
@pytest.mark.parametrize("seed", rest_slow(range(4)))
@pytest.mark.parametrize("limits", [{"curtailable_hours": 3.0}, {"longest_curtailment_h": 2.0}])
def test_hours_of_curtailment(seed, limits):
    study = with_conditions(random_study(seed, hours=10, tightness=1.3), seed, 0.4, **limits)
    result = plan(study)
    expected, _ = pypsa_optimum(study, study.network.snapshots)
    assert result.objective_mnok == pytest.approx(expected, rel=1e-6)
    assert certify(result).secure


@pytest.mark.slow
def test_trondelag_in_its_heaviest_hours():
    """The bundled study, two hours, all 54 projects and 64 measures, every N-1 row in PyPSA.

    A variant on conditions that is never curtailed is worth as much as the firm one, so that either
    may be chosen: what is compared is the projects, whatever their variant, and their MW.
    """
    study = at_stage(open_study("trondelag"), 2030)
    load = study.network.c.loads.dynamic.p_set.sum(axis=1)
    hours = pd.DatetimeIndex([load.idxmax(), load.idxmin()]).sort_values()
    expected, chosen = pypsa_optimum(study, hours)
    result = plan(study.at(hours), year=2030)
    assert result.study.in_service == study.in_service != ()
    assert result.objective_mnok == pytest.approx(expected, rel=1e-6)
    mine = result.projects["mw"].where(result.projects["chosen"], 0.0)
    variant_of = study.projects.loc[mine.index, "variant_of"]
    family = variant_of.where(variant_of.ne(""), mine.index)
    theirs = chosen[mine.index].groupby(family).sum()
    np.testing.assert_allclose(theirs, mine.groupby(family).sum(), atol=1e-4)
    assert mine.gt(0).sum() > 20


@pytest.mark.parametrize("series", [False, True])
def test_a_schedule_in_p_set_does_not_hold_the_sources(series):
    """PyPSA fixes a generator at its p_set; here that is the schedule, which redispatch leaves."""
    study = random_study(2)
    network = study.network.copy()
    sources = network.c.generators
    if series:
        sources.dynamic["p_set"] = study.schedule_mw.reindex(columns=sources.static.index)
    else:
        sources.static["p_set"] = study.schedule_mw.iloc[0]
    stated = replace(study, network=network)
    n = to_pypsa(stated, network.snapshots)
    assert n.c.generators.static["p_set"].isna().all()
    assert n.c.generators.dynamic["p_set"].empty
    value, _ = pypsa_optimum(stated, network.snapshots)
    assert plan(stated).objective_mnok == pytest.approx(value, rel=1e-6)
