"""The queue: what is connected if the first mature project in line is served first.

So capacity is given away today. A project is offered a firm connection if the grid can carry it in
every hour and after every outage, beside all that was offered before; else, where it agrees, one
on conditions. Nobody weighs what a project is good for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import pandas as pd

from gridplan.base.errors import InfeasiblePlanError, Problem, StudyError
from gridplan.grid.stages import at_stage
from gridplan.operation.base_case import BaseCase
from gridplan.portfolio.line import RULES, criteria_missing, line_of, rows_in_order
from gridplan.portfolio.offered import Offered, matching, with_settings
from gridplan.portfolio.options import options_of
from gridplan.portfolio.plan import Plan, plan_of
from gridplan.portfolio.rules import Rule, rules_of
from gridplan.portfolio.search import Search
from gridplan.study.relations import conflicts, members
from gridplan.study.settings import Goals
from gridplan.study.sheet import suggestion
from gridplan.study.study import Study
from gridplan.study.tables import names_in

Progress = Callable[[str], None]
FIRM, CONDITIONAL, PASSED_OVER = "firm", "conditional", "passed over"
NO_ROOM, REQUIRES = "no room", "requires"


@dataclass(frozen=True, repr=False)
class Queue(Plan):
    """What the queue connects, as a plan, and how it came to that.

    Parameters
    ----------
    log : pandas.DataFrame
        Index project (by its head), in the order of the turns: turn (from 1), standing
        ("committed", "reserved" or "in line"), queue_date, wanted_connection, mw (asked for),
        outcome ("firm", "conditional" or "passed over"), offered (the row of the table that was
        offered, "" for none), offered_mw, reason (why it was passed over, "" where it was not).
    """

    log: pd.DataFrame

    def __repr__(self) -> str:
        outcomes = self.log["outcome"].value_counts()
        counts = [
            f"{outcomes.get(outcome, 0)} {outcome}" for outcome in (FIRM, CONDITIONAL, PASSED_OVER)
        ]
        return (
            f"<Queue {self.study.name} {self.year}, {self.stage.name}: {', '.join(counts)}, "
            f"{self.objective_mnok:,.1f} MNOK a year>"
        )


def queue(
    study: Study,
    rule: str = "first-come",
    *,
    year: int | None = None,
    grid_year: int | None = None,
    conditional: bool = True,
    mature_only: bool = True,
    measures: str | Sequence[str] | Mapping[str, int] = (),
    base: BaseCase | None = None,
    progress: Progress | None = None,
) -> Queue:
    """Replay the queue: serve the projects one by one, each as well as what is left allows.

    Parameters
    ----------
    study : Study
        The input. Its goals, its budget and `must_build` are demands on a plan; the queue knows
        none of them, and the study of the result is without them.
    rule : {"first-come", "wanted", "size"}
        By `queue_date`, by `wanted_connection`, or the largest first.
    year, grid_year : int, optional
        As in `gridplan.plan`.
    conditional : bool, default True
        Whether a conditional connection is offered where no firm one fits.
    mature_only : bool, default True
        Whether projects with `criteria_missing` are passed over.
    measures : str, sequence of str or mapping of str to int, optional
        Measures that are taken as given, with all their units or with so many. Default none: a
        grid company chooses no measures.
    base : BaseCase, optional
        Base case of the same study on the same grid, if it has been computed.
    progress : callable, optional
        Called with a line of text for every project.

    Returns
    -------
    Queue

    Raises
    ------
    StudyError
        When the rule or a measure is unknown, a measure is not offered so often, or the study's
        grid is that of a later year.
    InfeasiblePlanError
        When the given measures cannot be secured.
    ValueError
        When `base` is that of another network, grid or load.

    Notes
    -----
    Ordinary growth and committed projects are connected beforehand. Next come those that hold a
    reservation on conditions, then the others; what has no date stands behind all that have one,
    in the order of the table.

    The variants of a project are one applicant, with the date of the head: its firm rows are tried
    in the order of the table, then its conditional ones. What a head has not met of the criteria
    of maturity its variants have not met either. A conditional connection is offered with the
    cheapest curtailment that secures the grid; earlier conditional ones may be curtailed more for
    later projects, within their conditions.

    A project waits for what it `requires`, and has its turn as soon as that is connected. No
    symbiosis is counted on.

    Examples
    --------
    >>> import gridplan as gp
    >>> queue = gp.queue(gp.open_study("trondelag"), year=2030)  # doctest: +SKIP
    >>> queue.log.loc[queue.log["outcome"] == "passed over", "reason"]  # doctest: +SKIP
    """
    _check_rule(rule)
    study = at_stage(_without_demands(with_settings(study, {"year": year})), grid_year)
    units = _given(study, measures)
    base = matching(base, study)
    offered = Offered(
        study.candidates(study.settings.year),
        study.measures.loc[units.index],
        study.symbioses.iloc[:0],
    )
    line = line_of(study, offered.projects, rule)
    turns = _Turns(study, _search(study, offered, units, base), offered.projects)
    turns.begin(
        line.index[line["standing"] == "committed"],
        _refused(study, offered.projects, conditional=conditional, mature_only=mature_only),
    )
    for place, head in enumerate(line.index[line["standing"] != "committed"], start=1):
        turns.serve(head)
        if progress:
            row, reason = turns.turn(head)
            progress(f"{place}. {head}: {f'offered {row}' if row else reason}")
    served = plan_of(turns.search, offered, turns.search.best([turns.exactly()]), study)
    values = {field.name: getattr(served, field.name) for field in fields(Plan)}
    return Queue(**values, log=turns.log(line))


class _Turns:
    """Serves one applicant after the other; remembers what has been offered."""

    def __init__(self, study: Study, search: Search, projects: pd.DataFrame) -> None:
        self._study, self.search, self._projects = study, search, projects
        self._rows = rows_in_order(projects)
        self._refused = search.options.barred
        self._conflicts = conflicts(study.projects)
        self._turns: dict[str, tuple[str, str]] = {}  # row offered and reason, by head
        self._waiting: list[str] = []
        self._connected: list[str] = []

    def begin(self, committed: Sequence[str], refused: pd.Series) -> None:
        """Connect what is committed.

        Parameters
        ----------
        committed : sequence of str
            Heads.
        refused : pandas.Series of str
            Why a row is not to be offered whatever room there is, "" where it is.

        Raises
        ------
        InfeasiblePlanError
            When what is given cannot be secured to begin with.
        """
        self._refused = self._refused.where(self._refused != "", refused)
        for head in committed:
            self._connect(head, self._rows[head][0])
        if not self.search.holds([self.exactly()]):
            msg = "the given measures cannot be secured beside what is committed; give fewer"
            raise InfeasiblePlanError(msg)

    def serve(self, head: str) -> None:
        """Offer an applicant the first of its rows that can be connected."""
        reasons: dict[str, str] = {}
        for row in self._rows[head]:
            reasons[row] = self._refusal(row)
            if not reasons[row]:
                self._connect(head, row)
                return
        self._turns[head] = ("", _joined(reasons))
        if any(reason.startswith(REQUIRES) for reason in reasons.values()):
            self._waiting.append(head)

    def exactly(self, *more: str) -> Rule:
        """Demand that what is connected is chosen, with these and no others."""
        names = [*self._connected, *more]
        row = np.zeros(len(self.search.options.names))
        row[: len(self._projects)] = np.where(self._projects.index.isin(names), -1.0, 1.0)
        return Rule("what the queue has connected", row, -float(len(names)))

    def turn(self, head: str) -> tuple[str, str]:
        """Row that was offered and why none was; "" for none."""
        return self._turns[head]

    def log(self, line: pd.DataFrame) -> pd.DataFrame:
        """Tell who was offered what, in the order of the turns."""
        log = line.loc[list(self._turns)]
        offered = pd.Series({head: row for head, (row, _) in self._turns.items()}, dtype="str")
        served = self._projects.reindex(offered.to_numpy())
        outcome = served["connection"].fillna(PASSED_OVER).to_numpy(dtype=str)
        log.insert(0, "turn", np.arange(1, len(log) + 1))
        return log.assign(
            outcome=outcome,
            offered=offered.to_numpy(),
            offered_mw=served["mw"].fillna(0.0).to_numpy(),
            reason=[reason for _, reason in self._turns.values()],
        )

    def _connect(self, head: str, row: str) -> None:
        """Connect a row; those that waited for it have their turn."""
        self._connected.append(row)
        self._turns.pop(head, None)
        self._turns[head] = (row, "")
        waiting, self._waiting = [other for other in self._waiting if other != head], []
        for other in waiting:
            self.serve(other)

    def _refusal(self, row: str) -> str:
        """Say why a row cannot be connected beside what is; "" where it can."""
        if self._refused[row]:
            return self._refused[row]
        connected = {*self._connected, *self._study.ordinary_growth.index}
        for needed in names_in(self._projects.loc[row, "requires"]):
            if connected.isdisjoint(members(self._study.projects, needed)):
                return f"{REQUIRES} {needed}"
        for other in self._connected:
            reason = self._conflicts.get((row, other)) or self._conflicts.get((other, row))
            if reason:
                return reason
        return "" if self.search.holds([self.exactly(row)]) else NO_ROOM


def _joined(reasons: dict[str, str]) -> str:
    """One text of the reasons of an applicant's rows."""
    if len(set(reasons.values())) == 1:
        return next(iter(reasons.values()))
    return "; ".join(f"{row}: {reason}" for row, reason in reasons.items())


def _refused(
    study: Study, projects: pd.DataFrame, *, conditional: bool, mature_only: bool
) -> pd.Series:
    """Say why a row is not to be offered, "" where it is."""
    reasons = pd.Series("", projects.index, dtype="str")
    if not conditional:
        reasons[projects["connection"].eq("conditional")] = "no conditional connections"
    if mature_only:
        missing = criteria_missing(study, projects)
        reasons = reasons.where(missing == "", "not mature: " + missing)
    return reasons


def _search(study: Study, offered: Offered, units: pd.Series, base: BaseCase) -> Search:
    """Search among the projects, with the given measures taken."""
    tables = (offered.projects, offered.measures, offered.symbioses)
    options = options_of(study, *tables, base.case)
    given = slice(len(offered.projects), None)
    least, most = options.least.copy(), options.most.copy()
    least[given] = most[given] = units
    return Search(base, replace(options, least=least, most=most), rules_of(study, *tables))


def _without_demands(study: Study) -> Study:
    """Return the study without what it demands of a plan."""
    demanded = study.projects["must_build"] & ~study.projects.index.isin(study.committed.index)
    settings = study.settings.model_copy(update={"goals": Goals(), "budget_mnok": None})
    projects = study.projects.assign(must_build=study.projects["must_build"] & ~demanded)
    return replace(study, settings=settings, projects=projects)


def _given(study: Study, measures: str | Sequence[str] | Mapping[str, int]) -> pd.Series:
    """Units of the given measures, in the order of the table.

    Raises
    ------
    StudyError
        When a measure is unknown or is not offered so often.
    """
    most = study.measures["units_max"]
    if isinstance(measures, str):
        measures = [measures]
    units = dict(measures) if isinstance(measures, Mapping | pd.Series) else dict.fromkeys(measures)
    problems = []
    for name, count in units.items():
        if name not in most.index:
            remedy = suggestion(name, most.index, "The study has none of this name.")
            problems.append(Problem("", "queue", "measures", str(name), "unknown name", remedy))
        elif count is not None and not 0 <= count <= most[name]:
            message, remedy = f"units of {name} that are not offered", f"Give 0 to {most[name]}."
            problems.append(Problem("", "queue", "measures", str(count), message, remedy))
    if problems:
        raise StudyError(problems)
    kept = most[most.index.isin(list(units))]
    wanted = [most[name] if units[name] is None else units[name] for name in kept.index]
    return pd.Series(wanted, kept.index, dtype=np.int64)


def _check_rule(rule: str) -> None:
    """Raise StudyError when a queue cannot go by this."""
    if rule not in RULES:
        remedy = f"Give {', '.join(RULES)}."
        raise StudyError([Problem("", "queue", "rule", str(rule), "unknown rule", remedy)])
