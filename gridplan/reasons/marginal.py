"""What one MW is worth: at a bus, on a branch, of a measure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridplan.portfolio.plan import Plan
from gridplan.reasons.prices import Prices, prices

Array = NDArray[np.float64]
BUS_COLUMNS = ["station", "municipality", "v_nom"]
BRANCH_COLUMNS = ["bus0", "bus1", "s_nom"]


@dataclass(frozen=True)
class MarginalValues:
    """What one MW is worth to a plan, in NOK per MW and year.

    Every value is given twice, for the next MW, up or down, as far as it stays on the same piece
    of a piecewise linear function:

    * ``fixed``: the plan stays as it is, and only the curtailment of its conditional projects
      responds. It is the price of the energy that a MW saved lets them have. Where nothing is
      curtailed a saved MW is worth 0, while a MW more may break the plan at once: it has a cost
      only where curtailment can make way.
    * ``divisible``: options may be taken in part, and the whole choice responds. It smooths over
      what a plan of whole projects does in jumps: it tells where room is short and how much it is
      worth on average, not what the next MW alone lets in. Limits on the hours and runs of
      curtailment are left out; its energy counts.

    Limits that an existing overload has replaced stay as they are in the base case, whatever is
    saved. A little more rating changes nothing there: it has to rise past the overload first.

    Parameters
    ----------
    plan : Plan
        The plan.
    buses : pandas.DataFrame
        By bus: `fixed`, `divisible` of 1 MW less firm load in all hours, which is also the cost of
        1 MW more; `fixed_conditional`, `divisible_conditional` of load that is disconnected
        after an outage. Negative where load relieves the grid. Station, municipality and voltage
        where the network has them.
    branches : pandas.DataFrame
        By branch: `fixed`, `divisible` of 1 MW more rating in all hours (after an outage the
        emergency factor times as much), and the parts of it by the limits without and after an
        outage: `fixed_without_outage`, `fixed_after_outage`, and so on. Not in them, as a MW alone
        does not get there: `fixed_past_overload`, `divisible_past_overload`, the value of a MW
        beyond the existing overloads of the branch, of which `overload_mw` is the largest.
    measures : pandas.DataFrame
        By measure and symbiosis: `kind` (load, rating, symbiosis), `mw` saved or added to the
        rating by one unit, `fixed`, `divisible` and `annual_cost` per MW, all NOK per MW and year;
        `taken` in the plan and `taken_divisible`. The emissions that a symbiosis cuts are taken
        off its cost. NaN where there are no MW.
    divisible_mnok : float
        Value of the choice in parts (MNOK a year): no plan can be worth more.
    """

    plan: Plan
    buses: pd.DataFrame
    branches: pd.DataFrame
    measures: pd.DataFrame
    divisible_mnok: float

    def __repr__(self) -> str:
        best = self.buses["divisible"]
        where = f"most at {best.idxmax()} ({best.max():,.0f})" if len(best) else "no bus"
        return f"<MarginalValues {self.plan.study.name} {self.plan.year}: NOK/MW/yr, {where}>"


def marginal_values(plan: Plan, *, progress: Callable[[str], None] | None = None) -> MarginalValues:
    """Tell what one MW less load, or more rating, is worth to a plan.

    Parameters
    ----------
    plan : Plan
        Of `gridplan.plan`.
    progress : callable, optional
        Called with a line of text in every round.

    Returns
    -------
    MarginalValues

    Examples
    --------
    >>> import gridplan as gp
    >>> values = gp.marginal_values(plan)  # doctest: +SKIP
    >>> values.buses["divisible"].nlargest(5)  # doctest: +SKIP
    """
    fixed = prices(plan.search, plan.found.choice, _named("the plan as it is", progress))
    parts = prices(plan.search, None, _named("options in parts", progress))
    both = {"fixed": fixed, "divisible": parts}
    divisible = parts.value_mnok - plan.annuity_mnok
    return MarginalValues(
        plan, _buses(plan, both), _branches(plan, both), _measures(plan, both), divisible
    )


def _named(what: str, progress: Callable[[str], None] | None) -> Callable[[str], None] | None:
    """Put a name before every line of progress."""
    return None if progress is None else lambda text: progress(f"{what}, {text}")


def _buses(plan: Plan, both: dict[str, Prices]) -> pd.DataFrame:
    """Values by bus."""
    buses = plan.base.case.grid.topology.buses
    static = plan.study.network.c.buses.static.reindex(buses)
    told = [name for name in BUS_COLUMNS if name in static]
    values = {name: _nok(each.bus) for name, each in both.items()}
    values |= {f"{name}_conditional": _nok(each.conditional_bus) for name, each in both.items()}
    return _with_unit(static[told].assign(**values).rename_axis("bus"))


def _branches(plan: Plan, both: dict[str, Prices]) -> pd.DataFrame:
    """Values by branch."""
    branches = plan.base.case.grid.topology.branches
    told = [name for name in BRANCH_COLUMNS if name in branches]
    values = {name: _nok(each.without_outage + each.after_outage) for name, each in both.items()}
    for name, each in both.items():
        for part in ("without_outage", "after_outage", "past_overload"):
            values[f"{name}_{part}"] = _nok(getattr(each, part))
    over = plan.base.existing_overloads["over_mw"].groupby(level=0).max()
    values["overload_mw"] = over.reindex(branches.index, fill_value=0.0).to_numpy()
    return _with_unit(branches[told].assign(**values).rename_axis("branch"))


def _measures(plan: Plan, both: dict[str, Prices]) -> pd.DataFrame:
    """Values by measure and symbiosis, per MW."""
    measures, symbioses = plan.measures, plan.symbioses
    first = len(plan.projects)
    ratings = plan.base.case.grid.topology.branches["s_nom"]
    raised = measures["rating_pu"] * ratings.reindex(measures["branch"]).to_numpy()
    power = measures["mw"].where(measures["kind"].ne("rating"), raised).astype(float)
    net = symbioses["annual_cost_mnok"] - symbioses["annual_value_mnok"]
    mw = pd.concat([power, symbioses["mw"].astype(float)])
    some = mw.where(mw > 0)
    cost = pd.concat([measures["annual_cost_mnok"], net]).astype(float)
    table = pd.DataFrame(
        {
            "kind": [*measures["kind"], *["symbiosis"] * len(symbioses)],
            "mw": mw,
            **{name: _nok(each.option[first:] / some) for name, each in both.items()},
            "annual_cost": _nok(cost / some),
            "taken": pd.concat([measures["units"], symbioses["chosen"].astype(int)]),
            "taken_divisible": both["divisible"].taken[first:].round(6),
        },
        index=mw.index.rename("measure"),
    )
    return _with_unit(table)


def _nok(mnok: Array | pd.Series) -> Array | pd.Series:
    """MNOK as NOK without rounding errors: whole øre, and no −0."""
    return (1e6 * mnok).round(2) + 0.0


def _with_unit(table: pd.DataFrame) -> pd.DataFrame:
    """Say the unit of the values."""
    table.attrs["units"] = "NOK per MW and year"
    return table
