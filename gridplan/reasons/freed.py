"""What measures, symbioses and conditional connections free, each alone and step by step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridplan.portfolio.options import Choice
from gridplan.portfolio.plan import Plan
from gridplan.portfolio.rules import Rule

Offer = NDArray[np.bool_]
Row = dict[str, object]
STEPS = ("firm", "efficiency", "rating", "symbiosis", "conditional")
IDLE_MW = 1e-7  # room that counts as none; far below what a limit may be exceeded by
ALONE = ["kind", "mw_freed", "unlocked", "displaced", "value_mnok", "units", "invested_mnok"]


@dataclass(frozen=True)
class FreedCapacity:
    """What makes room for projects.

    Parameters
    ----------
    plan : Plan
        The plan.
    measures : pandas.DataFrame
        By measure and symbiosis, most MW freed first: the plan that has it alone beside the plan
        that has none, both with conditional connections. `kind` (efficiency, rating, symbiosis);
        `mw_freed`, MW of projects more; `unlocked` and `displaced`, names of the projects that come
        in and go out; `value_mnok` gained a year, its cost taken off; `units` taken;
        `invested_mnok`; `mw_per_mnok`, MW freed per MNOK invested (NaN where nothing is taken).
        Missing where no plan keeps the rules.
    steps : pandas.DataFrame
        By step, each with what came before: `firm` (firm connections alone, no measures),
        `efficiency` (measures that save load), `rating`, `symbiosis`, `conditional` (the plan).
        `mw` and number of `projects` connected, `value_mnok` a year, and what the step adds to
        them: `mw_added`, `projects_added`, `value_added_mnok`; `unlocked` and `displaced`. A step's
        MW may fall where fewer MW are worth more.
    mw_without : float
        MW of projects connected without measures and symbioses, which `measures` compares with.

    Notes
    -----
    What measures free together is not the sum of what they free alone: two may be needed for one
    project, or compete for the same one.
    """

    plan: Plan
    measures: pd.DataFrame
    steps: pd.DataFrame
    mw_without: float

    def __repr__(self) -> str:
        steps = self.steps["mw"].map("{:,.0f}".format)
        return (
            f"<FreedCapacity {self.plan.study.name} {self.plan.year}: "
            f"{' -> '.join(f'{name} {mw}' for name, mw in steps.items())} MW>"
        )


def freed_capacity(plan: Plan, *, progress: Callable[[str], None] | None = None) -> FreedCapacity:
    """Tell what each measure and symbiosis frees alone, and all of them step by step.

    Parameters
    ----------
    plan : Plan
        Of `gridplan.plan`; what it was offered is what is compared.
    progress : callable, optional
        Called with a line of text for every plan.

    Returns
    -------
    FreedCapacity

    Notes
    -----
    All plans are those that `gridplan.plan` finds with ``measures=[…]`` and ``symbioses=[…]``, but
    the limits of the grid that one has learned serve all others.

    Examples
    --------
    >>> import gridplan as gp
    >>> freed = gp.freed_capacity(plan)  # doctest: +SKIP
    >>> freed.steps["mw_added"]  # doctest: +SKIP
    """
    plans = _Plans(plan, progress or (lambda _: None))
    measure = plans.kinds.isin(["efficiency", "rating", "symbiosis"]).to_numpy()
    without = plans.best(~measure, "no measures")
    rows = [
        plans.compared(plans.with_one(place, ~measure, without), without, place)
        for place in np.flatnonzero(measure)
    ]
    steps, offered = {}, ~measure & plans.kinds.ne("conditional").to_numpy()
    for step in STEPS:
        offered = offered | plans.kinds.eq(step).to_numpy()
        steps[step] = plans.best(offered, f"step {step}")
    return FreedCapacity(plan, _alone(rows), plans.told(steps), plans.mw(without))


class _Plans:
    """Best choices among part of the options of a plan.

    Parameters
    ----------
    plan : Plan
        Its search is forked; what is learned serves all choices.
    progress : callable
        Called with a line of text.

    Attributes
    ----------
    kinds : pandas.Series
        By option: firm, conditional, efficiency, rating, symbiosis.
    """

    def __init__(self, plan: Plan, progress: Callable[[str], None]) -> None:
        self._plan, self._progress = plan, progress
        self._search = plan.search.fork()
        self._secure = {_key(plan.found.choice)}
        measures = plan.measures["kind"].replace("load", "efficiency")
        symbioses = pd.Series("symbiosis", plan.symbioses.index)
        self.kinds = pd.concat([plan.projects["connection"], measures, symbioses]).astype(str)
        mw = plan.projects["mw"].to_numpy(dtype=float)
        self._mw = np.append(mw, np.zeros(len(self.kinds) - len(mw)))

    def best(self, offered: Offer, what: str) -> Choice | None:
        """Best secure choice among the options offered, shape (J,); None where there is none."""
        search = self._search
        if offered.all():
            return self._plan.found.choice
        rules = [*search.rules, Rule("not offered", (~offered).astype(float), 0.0)]
        while True:
            choice = search.selection.best(search.cuts, rules)
            if choice is None or _key(choice) in self._secure:
                break
            if search.tried(choice).secure:
                self._secure.add(_key(choice))
                break
        self._progress(f"{what}: {self.mw(choice):,.0f} MW")
        return choice

    def with_one(self, place: int, others: Offer, without: Choice | None) -> Choice | None:
        """Best secure choice with one more option than others, which have `without` for theirs."""
        if without is not None and self._is_idle(place):
            return without
        offered = others.copy()
        offered[place] = True
        return self.best(offered, str(self.kinds.index[place]))

    def _is_idle(self, place: int) -> bool:
        """Whether an option only costs: no known limit and no rule gets room by it.

        The best choice without it then stays the best: it is that under the known limits, and
        secure.
        """
        search, options = self._search, self._search.options
        effects = [place, *(len(options.names) + np.flatnonzero(options.second == place))]
        if options.value_mnok[place] > 0 or any(rule.row[place] < 0 for rule in search.rules):
            return False
        use, shape = search.cuts.use[:, effects], search.shape[:, effects]
        return bool((use @ shape.T * options.most[place]).min(initial=0.0) >= -IDLE_MW)

    def mw(self, choice: Choice | None) -> float:
        """MW of the projects that are connected."""
        return np.nan if choice is None else float(self._mw @ choice.taken)

    def value(self, choice: Choice | None) -> float:
        """MNOK a year."""
        return np.nan if choice is None else self._search.options.value_of(choice)

    def projects(self, choice: Choice | None) -> pd.Index:
        """Names of the projects that are connected."""
        count = len(self._plan.projects)
        taken = np.zeros(count) if choice is None else choice.taken[:count]
        return self._plan.projects.index[taken > 0.5]

    def changed(self, after: Choice | None, before: Choice | None) -> dict[str, str]:
        """Projects that come in and go out; "" where one of the two is no plan."""
        if after is None or before is None:
            return {"unlocked": "", "displaced": ""}
        new, old = self.projects(after), self.projects(before)
        return {
            "unlocked": "; ".join(new.difference(old, sort=False)),
            "displaced": "; ".join(old.difference(new, sort=False)),
        }

    def compared(
        self, alone: Choice | None, without: Choice | None, place: int
    ) -> dict[str, object]:
        """Tell what a measure or symbiosis alone changes."""
        units = np.nan if alone is None else alone.taken[place]
        return {
            "measure": self.kinds.index[place],
            "kind": self.kinds.iloc[place],
            "mw_freed": self.mw(alone) - self.mw(without),
            **self.changed(alone, without),
            "value_mnok": self.value(alone) - self.value(without),
            "units": units,
            "invested_mnok": units * self._search.options.investment_mnok[place],
        }

    def told(self, steps: dict[str, Choice | None]) -> pd.DataFrame:
        """Tabulate steps that follow on each other."""
        chosen = list(steps.values())
        count = [np.nan if each is None else len(self.projects(each)) for each in chosen]
        table = pd.DataFrame(
            {
                "mw": [self.mw(each) for each in chosen],
                "projects": count,
                "value_mnok": [self.value(each) for each in chosen],
            },
            index=pd.Index(steps, name="step"),
        )
        added = table.diff().rename(columns=lambda name: name.replace("_mnok", "") + "_added")
        added = added.rename(columns={"value_added": "value_added_mnok"})
        names = [
            self.changed(after, before)
            for after, before in zip(chosen, [None, *chosen[:-1]], strict=True)
        ]
        return table.join(added).join(pd.DataFrame(names, table.index))


def _key(choice: Choice) -> tuple[bytes, bytes]:
    """Tell equal choices."""
    return choice.taken.tobytes(), choice.curtailed_pu.tobytes()


def _alone(rows: list[Row]) -> pd.DataFrame:
    """Sort what each frees alone, most MW first, then by value."""
    table = pd.DataFrame(rows, columns=["measure", *ALONE]).set_index("measure")
    invested = table["invested_mnok"].astype(float)
    table["mw_per_mnok"] = table["mw_freed"].astype(float) / invested.where(invested > 0)
    return table.sort_values(["mw_freed", "value_mnok"], ascending=False, kind="stable")
