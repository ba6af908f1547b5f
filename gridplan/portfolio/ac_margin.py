r"""Plans until currents and voltages hold in AC, not only in the linear model.

Round by round the plan is checked (`gridplan.check_ac`). Where the current of a branch exceeds its
limit, the rating that the linear plan may use is tightened to

    margin = least over the cases found of  (linear loading / AC loading),

so that the linear plan leaves room for losses, reactive power and voltage on that branch; the base
case is made anew, and what even it needs beyond the tightened rating stays as its existing
overload. Where a tighter rating no longer helps, where a voltage is too low (currents being
settled), or where the power flow has no solution, a project is no longer offered: the case is
solved without each of them, and of those that mend it alone the one is taken that mends most for
what it is worth, or else the one that brings it nearest to its limit. A margin only ever tightens,
so a plan with margins is secure in the linear model all the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import pandas as pd

from gridplan.base.errors import InfeasiblePlanError
from gridplan.base.messages import Messages, messages
from gridplan.base.quiet import quiet_pypsa
from gridplan.check.ac import check_ac
from gridplan.check.ac_check import AcCheck
from gridplan.check.ac_without import Without, without_each
from gridplan.check.certificate import Certificate
from gridplan.check.witness import certify
from gridplan.operation.base_case import base_case
from gridplan.portfolio.network import raise_rating
from gridplan.portfolio.offered import Offered, search_of
from gridplan.portfolio.plan import Plan, plan_of
from gridplan.study.settings_file import revised
from gridplan.study.study import Study

ROUNDS = 15
ROOM_PU = 0.005  # a margin leaves so much more, so that a round is not spent on rounding
LEAST_MNOK = 1e-3  # a year, that a project counts as worth
NOTHING_PU = 1e-4  # a difference that is none
LEAST_PU = 0.3  # margin below which a branch is not mended by a tighter rating
Kind = Literal["margin", "barred", "passes", "stops"]
Offer = Callable[[Study], Offered]


@dataclass(frozen=True)
class AcStep:
    """One thing that was done, or why nothing more is.

    Parameters
    ----------
    round : int
        From 1.
    kind : {"margin", "barred", "passes", "stops"}
        A rating tightened, a project no longer offered, and how it ended.
    name : str
        Branch or project; of "stops" the reason: "too far", "high voltage", "nobody",
        "disagrees", "infeasible", "rounds".
    value : float
        Margin (per unit), or MW of the project; NaN where there is none.
    place : str
        Bus or branch at which the finding was.
    """

    round: int
    kind: Kind
    name: str
    value: float = float("nan")
    place: str = ""

    def told(self, texts: Messages) -> str:
        """Tell the step in words."""
        if self.kind == "margin":
            percent = texts.number(100 * self.value, 1)
            return texts("ac_step_margin", round=self.round, branch=self.name, percent=percent)
        if self.kind == "barred":
            mw = texts.mw(self.value)
            return texts(
                "ac_step_barred", round=self.round, project=self.name, mw=mw, place=self.place
            )
        if self.kind == "passes":
            return texts("ac_step_passes", round=self.round)
        return texts(STOPS[self.name], round=self.round, place=self.place)


STOPS = {
    "too far": "ac_stops_too_far",
    "high voltage": "ac_stops_high",
    "nobody": "ac_stops_nobody",
    "disagrees": "ac_stops_disagrees",
    "infeasible": "ac_stops_infeasible",
    "rounds": "ac_stops_rounds",
}


@dataclass(frozen=True)
class AcOutcome:
    """How a plan was brought to hold in AC, or why it does not.

    Parameters
    ----------
    check : AcCheck
        Of the plan.
    certificate : Certificate
        Of the plan, on the tightened ratings.
    first : AcCheck
        Of the plan as the linear model alone would have it.
    without : pandas.Index
        Projects that this first plan had chosen.
    steps : tuple of AcStep
        What was done, in order; the last tells how it ended.
    """

    check: AcCheck
    certificate: Certificate
    first: AcCheck
    without: pd.Index
    steps: tuple[AcStep, ...] = field(default=())

    @property
    def reasons(self) -> tuple[str, ...]:
        """The steps in words (English)."""
        return tuple(step.told(messages("en")) for step in self.steps)

    def __repr__(self) -> str:
        return f"<AcOutcome: {self.check!r}, {len(self.steps)} steps>"


def until_ac_holds(plan: Plan, offer: Offer, progress: Callable[[str], None] | None = None) -> Plan:
    """Tighten and plan again until the AC check passes or nothing more helps.

    Parameters
    ----------
    plan : Plan
        The plan of the linear model.
    offer : callable
        Gives what may be chosen from on a study that is the plan's own but for ratings and projects
        not offered. Reinforcements that the plan has chosen stay chosen.
    progress : callable, optional
        Called with a line of text in every round.

    Returns
    -------
    Plan
        With `ac` and `margins_pu`.
    """
    steps: list[AcStep] = []
    study, margins = plan.study, plan.margins_pu
    first, chosen = None, plan.projects.index[plan.projects["chosen"]]
    for number in range(1, ROUNDS + 1):
        certificate = certify(plan, samples=1)
        check = check_ac(plan, certificate=certificate)
        first = check if first is None else first
        done = _steps(plan, check, number)
        steps += done
        if progress is not None:
            progress("; ".join(step.told(messages("en")) for step in done))
        if done[-1].kind in ("passes", "stops"):
            break
        if number == ROUNDS:
            steps.append(AcStep(number, "stops", "rounds"))
            break
        tighter, margins_now = _tightened(study, margins, done)
        try:
            planned = _again(plan, tighter, offer, progress)
        except InfeasiblePlanError:
            steps.append(AcStep(number, "stops", "infeasible"))
            break
        study, margins = tighter, margins_now
        plan = replace(planned, margins_pu=margins)
    assert first is not None
    return replace(plan, ac=AcOutcome(check, certificate, first, chosen, tuple(steps)))


def _again(plan: Plan, study: Study, offer: Offer, progress: Callable[[str], None] | None) -> Plan:
    """Plan on a study with other ratings and offers."""
    built = plan.reinforcements[plan.reinforcements["chosen"]]
    offered = offer(study)
    search = search_of(base_case(study), offered, study, float(built["cost_mnok"].sum()))
    found = search.best(progress=progress)
    return plan_of(search, offered, found, study, plan.reinforcements)


def _steps(plan: Plan, check: AcCheck, number: int) -> list[AcStep]:
    """Say what to do about the findings of a round; the last step may end it."""
    if check.passes:
        return [AcStep(number, "passes", "")]
    if not check.agrees:
        return [AcStep(number, "stops", "disagrees")]
    if len(check.new_overloads):
        return _margins(plan, check, number)
    low = check.new_voltages[check.new_voltages["v_pu"] < check.new_voltages["limit_pu"]]
    if low.empty and check.unsolved.empty:
        return [AcStep(number, "stops", "high voltage", place=check.new_voltages["bus"].iloc[0])]
    if low.empty:
        return [_for_solution(plan, check.unsolved.iloc[0], number)]
    return [_for_voltage(plan, low.iloc[0], number)]


def _margins(plan: Plan, check: AcCheck, number: int) -> list[AcStep]:
    """Find the ratings to tighten, by branch."""
    found = check.new_overloads
    wanted = (found["linear_pu"] / found["loading_pu"]).groupby(found["branch"]).min() - ROOM_PU
    now = plan.margins_pu.reindex(wanted.index).fillna(1.0)
    helps = wanted[wanted < now - 1e-9]
    possible = helps[helps >= LEAST_PU]
    if len(possible):
        return [AcStep(number, "margin", str(name), float(pu)) for name, pu in possible.items()]
    if len(helps):
        return [AcStep(number, "stops", "too far", place=str(found["branch"].iloc[0]))]
    return [_for_current(plan, found.iloc[0], number)]


def _may_be_left_out(plan: Plan) -> pd.DataFrame:
    """Give the chosen projects that nothing demands."""
    rows = plan.projects
    held = rows.index.isin(plan.study.committed.index) | rows["must_build"].astype(bool)
    return rows[rows["chosen"] & ~held]


def _left_out(
    plan: Plan,
    finding: pd.Series,
    place: str,
    number: int,
    *,
    now: float,
    judge: Callable[[Without], pd.Series],
) -> AcStep:
    """No longer offer a project, for a finding.

    `now` is how far beyond its limit it is, `judge` how far it is without each project.
    """
    offered = _may_be_left_out(plan)
    if offered.empty:
        return AcStep(number, "stops", "nobody", place=place)
    names = list(offered.index)
    beyond = judge(without_each(plan, names, finding["snapshot"], finding["outage"]))
    mends = beyond.index[beyond <= 0]
    if len(mends):
        worth = offered.loc[mends, "annual_value_mnok"].clip(lower=LEAST_MNOK)
        gain = now - beyond[mends]
        name = str((gain / worth).idxmax())
    elif not np.isfinite(beyond).any():
        name = str(offered["mw"].idxmax())
    elif beyond.max() - beyond.min() > NOTHING_PU:
        name = str(beyond.idxmin())
    else:
        return AcStep(number, "stops", "nobody", place=place)
    return AcStep(number, "barred", name, float(offered.loc[name, "mw"]), place)


def _for_current(plan: Plan, row: pd.Series, number: int) -> AcStep:
    """Leave out a project because of the current of a branch."""
    branch, limit = str(row["branch"]), max(1.0, float(np.nan_to_num(row["base_loading_pu"])))
    return _left_out(
        plan,
        row,
        branch,
        number,
        now=float(row["loading_pu"]) - limit,
        judge=lambda found: found.loading_pu[branch].fillna(np.inf) - limit,
    )


def _for_voltage(plan: Plan, row: pd.Series, number: int) -> AcStep:
    """Leave out a project because of a low voltage."""
    bus = str(row["bus"])
    limit = min(float(row["limit_pu"]), float(np.nan_to_num(row["base_v_pu"], nan=np.inf)))
    return _left_out(
        plan,
        row,
        bus,
        number,
        now=limit - float(row["v_pu"]),
        judge=lambda found: limit - found.voltage_pu[bus].fillna(-np.inf),
    )


def _for_solution(plan: Plan, row: pd.Series, number: int) -> AcStep:
    """Leave out a project because a case has no solution; the largest where none alone helps."""
    place = str(row["outage"]) or f"{row['snapshot']:%Y-%m-%d %H:%M}"
    return _left_out(
        plan,
        row,
        place,
        number,
        now=1.0,  # whatever mends it mends it all
        judge=lambda found: found.converged.map({True: 0.0, False: np.inf}),
    )


def _tightened(study: Study, margins: pd.Series, steps: list[AcStep]) -> tuple[Study, pd.Series]:
    """Study with the ratings and offers of a round, and all margins so far."""
    out = {step.name: f"AC: {step.place} does not hold" for step in steps if step.kind == "barred"}
    wanted = {step.name: step.value for step in steps if step.kind == "margin"}
    if out:
        settings = revised(study.settings, not_offered={**study.settings.not_offered, **out})
        study = replace(study, settings=settings)
    if wanted:
        with quiet_pypsa():
            network = study.network.copy()
        for branch, margin in wanted.items():
            raise_rating(network, branch, margin / margins.get(branch, 1.0))
        study = replace(study, network=network)
        margins = pd.Series({**margins.to_dict(), **wanted}, dtype=float).sort_index()
    return study, margins
