"""`check_ac`: AC power flow of the worst hours and outages of a plan or a network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pypsa

from gridplan.base.progress import part_of
from gridplan.check import claims
from gridplan.check.ac_cases import Results, pairs_of, solve_cases
from gridplan.check.ac_check import AcCheck
from gridplan.check.ac_confirm import difference_pu, pf_network
from gridplan.check.ac_findings import (
    case_table,
    gap_table,
    need_table,
    overload_table,
    source_table,
    voltage_table,
)
from gridplan.check.ac_grid import AcGrid, Array, Positions, ac_grid
from gridplan.check.ac_operation import base_operation, operation_of
from gridplan.check.certificate import Certificate
from gridplan.check.contingencies import listed_by, listed_outages
from gridplan.check.evidence import Evidence, evidence_of, ratings_mw
from gridplan.check.witness import certify, network_of
from gridplan.study.settings_ac import AcSettings


def check_ac(
    plan_or_network: Any,
    *,
    worst: int = 50,
    every_outage: bool = False,
    certificate: Certificate | None = None,
    assumptions: AcSettings | None = None,
    samples: int = 12,
    progress: Callable[[float], None] | None = None,
) -> AcCheck:
    """Check currents and voltages of the worst hours and outages by AC power flow.

    Parameters
    ----------
    plan_or_network : pypsa.Network, or an object with `network`
        As for `certify`. Of a plan the base case is solved in the same hours and outages, so that
        only what the plan adds or makes worse counts against it.
    worst : int
        Pairs of hour and outage to take from the certificate, those with the highest loading first.
        Besides them: the same hours without outage, and the hours with most and least load with
        three of the outages.
    every_outage : bool, default False
        Look at every outage in the hours with most and least load, not at three: voltages may be
        worst after others than currents. Some times slower on a large grid.
    certificate : Certificate, optional
        Of the same plan or network; default: it is made.
    assumptions : AcSettings, optional
        Default: the block `ac` of the plan's settings.
    samples : int
        Cases that are solved by `n.pf` as well, those with the highest current and the lowest
        voltage; the voltages must agree within 1e-4 per unit.
    progress : callable, optional
        Called with the share done, 0 to 1.

    Returns
    -------
    AcCheck
        `passes` is True only if no current and no voltage is outside its limits beyond what the
        base case has, and every case has a solution.

    Raises
    ------
    StudyError
        Where the network cannot be certified, or a fixed shunt names an unknown bus.

    Notes
    -----
    Loads without `q_set` have the power factors of the assumptions. Generators of carrier "border"
    and the larger running plants hold the voltage of their bus within their reactive range, and so
    do reactors; tap changers hold the lower side of transformers. Losses are taken up in the
    shares in which the generators balance an island (`schedule_share`, or p_nom); each island's
    largest border, or else its largest generator, is always held.

    The current of a branch is that of the end that carries more, and its limit s_nom x s_max_pu
    (after an outage times `emergency_factor`) at v_nom. Where `plan.margins_pu` has tightened a
    rating, the limit is the rating as it was.

    Examples
    --------
    >>> import gridplan as gp
    >>> plan = gp.plan(gp.open_study("trondelag"), 2030)  # doctest: +SKIP
    >>> gp.check_ac(plan, worst=50).passes  # doctest: +SKIP
    """
    network = network_of(plan_or_network)
    evidence = evidence_of(network)
    if certificate is None:
        certificate = certify(plan_or_network, samples=1)
    grid = ac_grid(network, evidence, assumptions or assumptions_of(plan_or_network))
    pairs = pairs_of(certificate, evidence, worst, every_outage=every_outage)
    outages = outages_of(evidence, listed_by(plan_or_network))
    hours = np.sort(pairs["hour"].unique())
    margin = margins_of(plan_or_network, evidence)
    rating = evidence.rating_mw[:, hours].T / margin
    operation = operation_of(network, grid, hours, rating)
    compared = hasattr(plan_or_network, "base")
    share = 0.5 if compared else 1.0
    found = solve_cases(grid, operation, pairs, outages, part_of(progress, 0.0, 0.8 * share))
    base = None
    if compared:
        before = ratings_mw(plan_or_network.base.study.network)[:, hours].T / margin
        without = base_operation(plan_or_network, grid, hours, before)
        base = solve_cases(grid, without, pairs, outages, part_of(progress, 0.4, 0.8))
    cases = case_table(grid, pairs, found, base)
    part = part_of(progress, 0.8, 1.0)
    difference = _differences(network, grid, cases, found, samples=samples, progress=part)
    return AcCheck(
        cases=cases.assign(difference_pu=difference),
        overloads=overload_table(grid, pairs, found, base),
        voltages=voltage_table(grid, pairs, found, base),
        gaps=gap_table(grid, pairs, found),
        reactive=source_table(grid, found),
        needs=need_table(grid, pairs, found),
        compared=compared,
        assumptions=grid.settings,
        language=claims.language_of(plan_or_network),
    )


def assumptions_of(given: Any) -> AcSettings:
    """Assumptions of a plan's study; the defaults for a network alone."""
    settings = getattr(getattr(given, "study", None), "settings", None)
    return getattr(settings, "ac", AcSettings())


def margins_of(given: Any, evidence: Evidence) -> Array:
    """Read what is left of each rating in the plan, per unit, shape (L,)."""
    margins = getattr(given, "margins_pu", None)
    if margins is None:
        return np.ones(len(evidence.branches))
    return margins.reindex(evidence.branches.index).fillna(1.0).to_numpy(dtype=float)


def outages_of(evidence: Evidence, listed: pd.DataFrame | None) -> dict[str, Positions]:
    """Branches of every outage, by name."""
    single = {name: np.array([row]) for row, name in enumerate(evidence.branches.index)}
    return single | listed_outages(evidence, listed)


def _differences(
    network: pypsa.Network,
    grid: AcGrid,
    cases: pd.DataFrame,
    found: Results,
    *,
    samples: int,
    progress: Callable[[float], None] | None,
) -> Array:
    """Compare with `n.pf` the cases with the highest current and the lowest voltage."""
    solved = cases[cases["converged"]]
    current = solved["loading_pu"].sort_values(ascending=False, kind="stable").index
    voltage = solved["v_min_pu"].sort_values(kind="stable").index
    mixed = [number for pair in zip(current, voltage, strict=True) for number in pair]
    difference = np.full(len(cases), np.nan)
    chosen = list(dict.fromkeys(mixed))[:samples]
    bare = pf_network(network, grid) if chosen else network
    for done, number in enumerate(chosen, 1):
        difference[number] = difference_pu(bare, grid, found.cases[number], found.states[number])
        if progress is not None:
            progress(done / len(chosen))
    return difference
