r"""Plans until currents and voltages hold in AC, not only in the linear model.

Round by round the plan is checked (`gridplan.check_ac`). Where the current of a branch exceeds its
limit, the rating that the linear plan may use is tightened to

    margin = least over the cases found of  (linear loading / AC loading),

so that the linear plan leaves room for losses, reactive power and voltage on that branch; the base
case is made anew, and what even it needs beyond the tightened rating stays as its existing
overload. Where a tighter rating no longer helps, the project that puts most on the branch is no
longer offered. Where a voltage is too low, or the power flow has no solution, currents being
settled, it is the project with the largest influence on that bus:

    influence of project j on bus i = X_ij · MW_j,

with X the inverse of the susceptance matrix without the buses that hold their voltage. A margin
only ever tightens, so a plan with margins is secure in the linear model all the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.linalg import spsolve

from gridplan.base.errors import InfeasiblePlanError
from gridplan.base.messages import Messages, messages
from gridplan.base.quiet import quiet_pypsa
from gridplan.check.ac import check_ac
from gridplan.check.ac_check import AcCheck
from gridplan.check.certificate import Certificate
from gridplan.check.witness import certify
from gridplan.portfolio.network import raise_rating
from gridplan.study.settings_file import revised
from gridplan.study.study import Study

if TYPE_CHECKING:
    from gridplan.portfolio.plan import Plan

ROUNDS = 15
ROOM_PU = 0.005  # a margin leaves so much more, so that a round is not spent on rounding
LEAST_PU = 0.3  # margin below which a branch is not mended by a tighter rating
Kind = Literal["margin", "barred", "passes", "stops"]
Again = Callable[[Study], "Plan"]


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
        Branch or project; of "stops" the reason: "existing", "too far", "high voltage", "nobody",
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
    "existing": "ac_stops_existing",
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


def until_ac_holds(plan: Plan, again: Again, progress: Callable[[str], None] | None = None) -> Plan:
    """Tighten and plan again until the AC check passes or nothing more helps.

    Parameters
    ----------
    plan : Plan
        The plan of the linear model.
    again : callable
        Plans on a study that is the plan's own but for ratings and projects not offered.
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
            planned = again(tighter)
        except InfeasiblePlanError:
            steps.append(AcStep(number, "stops", "infeasible"))
            break
        study, margins = tighter, margins_now
        plan = replace(planned, margins_pu=margins)
    assert first is not None
    return replace(plan, ac=AcOutcome(check, certificate, first, chosen, tuple(steps)))


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
    return [_barred(plan, check, "" if low.empty else str(low["bus"].iloc[0]), number)]


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
    row = found.iloc[0]
    offered = _may_be_left_out(plan)
    if offered.empty:
        return [AcStep(number, "stops", "existing", place=str(row["branch"]))]
    return [_left_out(offered, _weight(plan, offered, row), str(row["branch"]), number)]


def _may_be_left_out(plan: Plan) -> pd.DataFrame:
    """Give the chosen projects that nothing demands."""
    rows = plan.projects
    held = rows.index.isin(plan.study.committed.index) | rows["must_build"].astype(bool)
    return rows[rows["chosen"] & ~held]


def _left_out(offered: pd.DataFrame, influence: pd.Series, place: str, number: int) -> AcStep:
    """No longer offer the project with the largest influence on a place."""
    name = str(influence.idxmax())
    return AcStep(number, "barred", name, float(offered.loc[name, "mw"]), place)


def _weight(plan: Plan, offered: pd.DataFrame, row: pd.Series) -> pd.Series:
    """MW that projects put on a branch in a case of the check, either way."""
    case, grid = plan.base.case, plan.base.case.grid
    names = grid.topology.branches.index
    branch = names.get_loc(row["branch"])
    factor = grid.ptdf[branch]
    lost = np.flatnonzero(names[grid.outages] == row["outage"])
    if len(lost):
        factor = factor + grid.lodf[branch, lost[0]] * grid.ptdf[grid.outages[lost[0]]]
    factor = factor - (case.balancing @ factor)[grid.topology.island]
    place = grid.topology.buses.get_indexer(offered["bus"])
    return np.abs(factor[place]) * offered["mw"].astype(float)


def _barred(plan: Plan, check: AcCheck, bus: str, number: int) -> AcStep:
    """Tell which project is no longer offered: that with the largest influence on a bus."""
    offered = _may_be_left_out(plan)
    if offered.empty:
        return AcStep(number, "stops", "nobody", place=bus)
    return _left_out(offered, _influence(plan, check, offered, bus), bus, number)


def _influence(plan: Plan, check: AcCheck, offered: pd.DataFrame, bus: str) -> pd.Series:
    """X_ij · MW_j of projects on a bus, or X_jj · MW_j where no bus is named."""
    topology = plan.base.case.grid.topology
    weight = 1.0 / topology.branches["x_pu"].abs().to_numpy(dtype=float)
    ends = topology.from_bus, topology.to_bus
    size = len(topology.buses)
    across = sparse.coo_array((weight, ends), shape=(size, size)).tocsr()
    across = across + across.T
    matrix = (sparse.diags_array(across.sum(axis=1)) - across).tocsc()
    firm = check.reactive.index[check.reactive["cases_at_limit"] == 0]
    ground = np.union1d(
        topology.buses.get_indexer(firm), np.unique(topology.island, return_index=True)[1]
    )
    free = np.setdiff1d(np.arange(size), ground)
    place = topology.buses.get_indexer(offered["bus"])
    at = place if not bus else np.full(len(place), topology.buses.get_loc(bus))
    found = np.zeros(len(offered))
    for row, (project, finding) in enumerate(zip(place, at, strict=True)):
        unit = np.zeros(size)
        unit[project] = 1.0
        answer = np.zeros(size)
        if len(free):
            answer[free] = spsolve(matrix[free][:, free], unit[free])
        found[row] = answer[finding] * offered["mw"].iloc[row]
    return pd.Series(found, offered.index)


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
