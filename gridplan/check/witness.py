"""`certify` a network with its dispatch: every hour, every outage, every branch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import pypsa

from gridplan.base.errors import Problem, StudyError
from gridplan.base.progress import part_of
from gridplan.check import claims
from gridplan.check.agreement import broken_agreements
from gridplan.check.certificate import RESIDUAL_TOLERANCE_MW, Certificate, no_last_resort
from gridplan.check.contingencies import listed_by, listed_outages, single_outages
from gridplan.check.dispatch import breaches
from gridplan.check.evidence import evidence_of, limits_of
from gridplan.check.outages import flows_of
from gridplan.check.radial import without_n1
from gridplan.check.sample import SAMPLE_TOLERANCE_MW, choose, sample
from gridplan.check.screen import screen

SCREEN_SHARE = 0.5  # of the time, for the progress


def certify(
    plan_or_network: Any,
    *,
    allowed_mw: pd.DataFrame | None = None,
    unsecured: Sequence[str] | None = None,
    outages: pd.DataFrame | None = None,
    samples: int = 24,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
) -> Certificate:
    """Check every hour, every outage and every branch, independently of the optimiser.

    Parameters
    ----------
    plan_or_network : pypsa.Network, or an object with `network`
        Dispatch in `generators_t.p_set`, load in `loads_t.p_set`. A plan also brings `allowed_mw`,
        `study.settings.unsecured` and `study.outages`, which the arguments below replace, and is
        held to its word: ratings, loads and generators must be those of its `study` with the
        `projects` and `symbioses` that are `chosen`, the `units` of its `measures` and its
        `curtailed_mw`; it must keep the conditions of connection, the relations, the budget and the
        goals. Nothing is changed.
    allowed_mw : pandas.DataFrame, optional
        Columns branch, snapshot, limit_mw (MW), after_outage: existing overloads that may stay,
        after outages (True) or without one (False).
    unsecured : sequence of str, optional
        Branches whose outage is no contingency, besides the bridges.
    outages : pandas.DataFrame, optional
        Several branches that are lost together, by name, in a column `branches` ("A; B").
    samples : int
        Outages to remove in a copy and solve with `n.lpf`, each in its three worst hours; besides
        them as many of the listed outages.
    seed : int
        Of the random half of the sample.
    progress : callable, optional
        Called with the share done, 0 to 1.

    Returns
    -------
    Certificate
        `secure` is True only if nothing at all was found.

    Raises
    ------
    StudyError
        Where the network cannot be certified: a missing number, a component not covered.

    Notes
    -----
    Flow limits are s_nom x s_max_pu, after an outage times the branch's `emergency_factor` where
    the network has such a column, or `allowed_mw` where larger, with a tolerance of 1e-6 of the
    limit + 1e-4 MW; islands balance within 1e-3 MW + 1e-6 of their load; the sample agrees with
    `n.lpf` within 1e-3 MW. Load of carrier "conditional" is disconnected after every outage.
    """
    network, allowed_mw, unsecured = _unpack(plan_or_network, allowed_mw, unsecured)
    evidence = evidence_of(network)
    limits = limits_of(evidence, allowed_mw)
    compared = claims.makes_claims(plan_or_network)
    differs = claims.deviations(plan_or_network, evidence) if compared else []
    differs += broken_agreements(plan_or_network) if compared else []
    broken = breaches(network, evidence, differs)
    outages = listed_by(plan_or_network) if outages is None else outages
    listed = listed_outages(evidence, outages)
    flows = flows_of(evidence, single_outages(evidence, unsecured), listed)
    found = screen(evidence, flows, limits, part_of(progress, 0.0, SCREEN_SHARE))
    chosen = choose(found.outage_loading_pu, samples, seed, len(listed))
    part = part_of(progress, SCREEN_SHARE, 1.0)
    drawn = sample(network, evidence, flows, limits, chosen, progress=part)
    agrees = bool((drawn["largest_difference_mw"] <= SAMPLE_TOLERANCE_MW).all())
    solved = flows.residual_mw <= RESIDUAL_TOLERANCE_MW
    branches, hours = limits.before_mw.shape
    return Certificate(
        secure=found.violation_count == 0 and broken.empty and agrees and solved,
        worst=found.worst,
        violations=found.violations,
        violation_count=found.violation_count,
        existing=found.existing,
        breaches=broken,
        sample=drawn,
        without_n1=without_n1(evidence),
        hours=hours,
        outages=flows.count,
        checks=hours * branches * (1 + flows.count),
        contingencies=tuple(flows.names(evidence)),
        unsecured=tuple(unsecured),
        residual_mw=flows.residual_mw,
        last_resort=claims.last_resorts(plan_or_network) if compared else no_last_resort(),
        compared=compared,
        listed=len(flows.listed),
        language=claims.language_of(plan_or_network),
    )


def _unpack(
    given: Any, allowed_mw: pd.DataFrame | None, unsecured: Sequence[str] | None
) -> tuple[pypsa.Network, pd.DataFrame | None, Sequence[str]]:
    """Network, existing overloads and unsecured branches of whatever was handed in."""
    network = network_of(given)
    if network is given:
        return network, allowed_mw, () if unsecured is None else unsecured
    if allowed_mw is None:
        allowed_mw = getattr(given, "allowed_mw", None)
    if unsecured is None:
        settings = getattr(getattr(given, "study", given), "settings", None)
        unsecured = getattr(settings, "unsecured", ())
    return network, allowed_mw, unsecured


def network_of(given: Any) -> pypsa.Network:
    """Network of a plan, or the network itself.

    Raises
    ------
    StudyError
        When it is neither.
    """
    network = given if isinstance(given, pypsa.Network) else getattr(given, "network", None)
    if not isinstance(network, pypsa.Network):
        message = "a certificate needs a pypsa.Network, or an object with one as `network`"
        remedy = "Hand in a plan or a network."
        raise StudyError([Problem("", "certify", "", type(given).__name__, message, remedy)])
    return network
