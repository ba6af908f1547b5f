"""Which reinforcement frees most: MW of firm capacity gained, for each and for pairs, per MNOK.

Each reinforcement that is not in service is built alone, and pairs together; the firm capacity of
every bus is computed anew in all hours and after all outages. Most pairs gain no more than their
parts. They are told from the few hours that limit any bus with any one of the reinforcements: what
fits in those hours is an upper bound of what fits in the year, so only pairs that promise more
there are computed in full.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from gridplan.base.errors import Problem, StudyError
from gridplan.grid.stages import stages
from gridplan.hosting.asked import (
    Direction,
    checked_criteria,
    positions,
    staged,
    with_reinforcements,
)
from gridplan.hosting.capacity import hosting_capacity
from gridplan.hosting.survey import Criterion
from gridplan.study.sheet import suggestion
from gridplan.study.study import Study
from gridplan.study.tables import STATUSES

logger = logging.getLogger(__name__)

GAIN_MW = 1.0  # a smaller gain counts as none
DECIMALS = 6  # of the figures; what lies below is rounding of the solver
COLUMNS = {
    "count": "int64",
    "year": "int64",
    "status": "str",
    "cost_mnok": "float64",
    "gain_mw": "float64",
    "best_bus": "str",
    "mean_gain_mw": "float64",
    "buses_gaining": "int64",
    "loss_mw": "float64",
    "synergy_mw": "float64",
    "gain_mw_per_mnok": "float64",
    "mean_gain_mw_per_mnok": "float64",
    "note": "str",
}


@dataclass(frozen=True)
class _Yard:
    """Firm capacity of the same buses on grids with one reinforcement more or two.

    Parameters
    ----------
    study : Study
        The grid without them.
    buses : list of str
        Which.
    criterion, direction
        As in `gridplan.hosting_capacity`.
    """

    study: Study
    buses: list[str]
    criterion: Criterion
    direction: Direction

    def firm(self, names: tuple[str, ...]) -> pd.DataFrame:
        """Firm capacity with some reinforcements by bus: mw, hour; none of a bus taken away."""
        stage = with_reinforcements(self.study, names)
        found = hosting_capacity(
            stage,
            criterion=self.criterion,
            flexibility=[0.0],
            buses=[bus for bus in self.buses if bus in stage.network.c.buses.static.index],
            direction=self.direction,
        ).squeeze(["criterion", "flexibility"])
        table = {"mw": found["capacity_mw"], "hour": found["limiting_hour"]}
        return pd.DataFrame({name: column.to_series() for name, column in table.items()})

    def at(self, hours: pd.DatetimeIndex) -> _Yard:
        """Keep some hours only; what fits is then an upper bound."""
        return _Yard(self.study.at(hours), self.buses, self.criterion, self.direction)


def rank_reinforcements(
    study: Study,
    year: int | None = None,
    *,
    names: Sequence[str] | None = None,
    buses: Sequence[str] | None = None,
    pairs: bool = True,
    criterion: Criterion = "N-1",
    direction: Direction = "load",
    progress: Callable[[float], None] | None = None,
) -> pd.DataFrame:
    """Rank the reinforcements that are not in service by the firm capacity that they free.

    Parameters
    ----------
    study : Study
        With its table of reinforcements.
    year : int, optional
        The grid on which they come, as in `gridplan.hosting_capacity`.
    names : sequence of str, optional
        Reinforcements to try. Default: all of the table that this grid does not hold.
    buses : sequence of str, optional
        Buses whose capacity counts. Default: those with projects that wait (not reserved, not
        ordinary growth); all where none waits.
    pairs : bool, default True
        Whether to look for pairs that gain more together than the sum of both.
    criterion : {"N-1", "N-0"}
        Whether limits hold after every outage or without outage only.
    direction : {"load", "generation"}
        What is added.
    progress : callable, optional
        Called with the share of the work done.

    Returns
    -------
    pandas.DataFrame
        Indexed by reinforcement ("A", or "A + B" for a pair), the largest gain first: count (1 or
        2), year (of the last), status (the least sure), cost_mnok; gain_mw (largest gain of firm
        capacity at one bus) at best_bus; mean_gain_mw over the buses; buses_gaining (1 MW or more);
        loss_mw (the worst change at a bus, 0 or negative: power may shift onto a weak branch);
        synergy_mw (of a pair: by how much it exceeds the gains of both at the bus where it does so
        most); gain_mw_per_mnok and mean_gain_mw_per_mnok; note (why one cannot be built alone; its
        figures are then empty). Pairs are listed where synergy_mw is at least 1. In the attrs:
        stage, criterion, direction, buses.

    Raises
    ------
    StudyError
        When a name or bus is unknown, a reinforcement is in service, or the year is impossible.
    ValueError
        For another criterion or direction.

    Notes
    -----
    Gains are those of one bus at a time and do not add up over buses (`gridplan.joint_capacity`).

    Examples
    --------
    >>> import gridplan as gp
    >>> study = gp.open_study("trondelag")  # doctest: +SKIP
    >>> gp.rank_reinforcements(study, year=2030)["gain_mw_per_mnok"]  # doctest: +SKIP
    """
    [criterion] = checked_criteria(criterion)
    study = staged(study, year)
    tried = _checked_names(study, names)
    asked = _waiting(study) if buses is None else buses
    counted = list(study.network.c.buses.static.index[positions(study, asked)])
    yard = _Yard(study, counted, criterion, direction)
    both = list(combinations(tried, 2)) if pairs else []
    step = _steps(progress, 1 + len(tried) + len(both))
    start = yard.firm(())
    step()
    singles, failed = {}, {}
    for name in tried:
        try:
            singles[name] = yard.firm((name,))
        except StudyError as error:
            failed[name] = str(error)
        step()
    gains = {(name,): found["mw"] - start["mw"] for name, found in singles.items()}
    hours = pd.DatetimeIndex(pd.concat([start, *singles.values()])["hour"].unique())
    few = yard.at(hours.sort_values()) if both else yard
    for pair in both:
        gain = _pair_gain(yard, few, pair, start, gains)
        if gain is not None:
            gains[pair] = gain
        step()
    table = _table(stages(study), gains, failed)
    table.attrs = {
        "stage": str(study.stage),
        "criterion": criterion,
        "direction": direction,
        "buses": counted,
    }
    return table


def _checked_names(study: Study, names: Sequence[str] | None) -> list[str]:
    """Return the reinforcements to try, in the order of the table."""
    known = stages(study).index
    if names is None:
        return [name for name in known if name not in study.in_service]
    wanted = [names] if isinstance(names, str) else list(names)
    problems = [
        Problem(
            "", "", "name", name, "unknown reinforcement", suggestion(name, known, "See gp.stages.")
        )
        for name in wanted
        if name not in known
    ]
    problems += [
        Problem("", "", "name", name, "the grid holds it already", "Start from an earlier stage.")
        for name in wanted
        if name in study.in_service
    ]
    if problems:
        raise StudyError(problems)
    return [name for name in known if name in wanted]


def _waiting(study: Study) -> list[str] | None:
    """Buses with projects that wait for room; None where none does."""
    waiting = study.projects.drop(study.committed.index)
    waiting = waiting[waiting["mw"] >= study.settings.ordinary_growth_below_mw]
    waiting = waiting[waiting["variant_of"].eq("")]
    return list(waiting["bus"].unique()) or None


def _steps(progress: Callable[[float], None] | None, total: int) -> Callable[[], None]:
    """Count the work done."""
    done = iter(range(1, total + 1))

    def step() -> None:
        if progress:
            progress(next(done) / total)

    return step


def _pair_gain(
    yard: _Yard,
    few: _Yard,
    pair: tuple[str, str],
    start: pd.DataFrame,
    gains: dict[tuple[str, ...], pd.Series],
) -> pd.Series | None:
    """Gain of a pair where it exceeds that of its parts, None where it does not."""
    parts = _parts(pair, gains, start.index)
    for hours in (few, yard):
        try:
            gain = hours.firm(pair)["mw"] - start["mw"]
        except StudyError as error:
            logger.info("%s cannot be built together: %s", " + ".join(pair), error)
            return None
        if (gain - parts).max() < GAIN_MW:
            return None
    return gain


def _parts(
    pair: tuple[str, ...], gains: dict[tuple[str, ...], pd.Series], buses: pd.Index
) -> pd.Series:
    """Sum of what each of a pair gains alone; a loss counts as none."""
    alone = [gains[name,].clip(lower=0.0) for name in pair if (name,) in gains]
    return sum(alone, pd.Series(0.0, buses))


def _table(
    known: pd.DataFrame, gains: dict[tuple[str, ...], pd.Series], failed: dict[str, str]
) -> pd.DataFrame:
    """Put the gains in words and figures, the largest first."""
    rows = {" + ".join(names): _row(known, names, gains) for names in gains}
    for name, reason in failed.items():
        own = known.loc[name]
        rows[name] = {"count": 1, **own[["year", "status", "cost_mnok"]], "note": reason}
    table = pd.DataFrame.from_dict(rows, orient="index", columns=list(COLUMNS))
    table = (
        table.fillna({"best_bus": "", "buses_gaining": 0, "note": ""})
        .astype(COLUMNS)
        .round(DECIMALS)
    )
    table.index = table.index.astype("str").rename("reinforcement")
    order = ["gain_mw", "mean_gain_mw", "cost_mnok"]
    return table.sort_values(order, ascending=[False, False, True], kind="stable")


def _row(
    known: pd.DataFrame, names: tuple[str, ...], gains: dict[tuple[str, ...], pd.Series]
) -> dict[str, object]:
    """Figures of one reinforcement or of a pair."""
    own, gain = known.loc[list(names)], gains[names]
    cost = own["cost_mnok"].sum(skipna=False)
    more = gain - _parts(names, gains, gain.index)
    per_mnok = 1 / cost if cost > 0 else np.nan
    return {
        "count": len(names),
        "year": own["year"].max(),
        "status": max(own["status"], key=STATUSES.index),
        "cost_mnok": cost,
        "gain_mw": gain.max(),
        "best_bus": gain.idxmax() if gain.max() >= GAIN_MW else "",
        "mean_gain_mw": gain.mean(),
        "buses_gaining": int((gain >= GAIN_MW).sum()),
        "loss_mw": min(gain.min(), 0.0),
        "synergy_mw": more.max() if len(names) > 1 else np.nan,
        "gain_mw_per_mnok": gain.max() * per_mnok,
        "mean_gain_mw_per_mnok": gain.mean() * per_mnok,
        "note": "",
    }
