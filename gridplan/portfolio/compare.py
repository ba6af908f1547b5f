"""Plans side by side: what each reaches, and which projects it treats otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from gridplan.grid.radial import possible_supply_mw, radial_buses
from gridplan.portfolio.goals import goals_of
from gridplan.portfolio.plan import Plan
from gridplan.study.relations import families

GROWTH, NOT_OFFERED, NO = "ordinary growth", "not offered", "no"


@dataclass(frozen=True, repr=False)
class Comparison:
    """Several plans in tables, one column per plan.

    Parameters
    ----------
    plans : dict of str to Plan
        By name.
    summary : pandas.DataFrame
        Figures with their units, as in `Plan.summary`, and mw_without_n1 (of the chosen projects,
        those behind a bridge).
    projects : pandas.DataFrame
        Index project (by its head): mw, and in every plan "firm", "conditional", "no",
        "ordinary growth" (connected in any case) or "not offered" (no candidate).
    rows : pandas.DataFrame
        The same index: the row of the table that is connected, the project or a variant of it, ""
        for none.
    goals : pandas.DataFrame
        Goals of the county: aim, distance, and the share of the distance that every plan covers
        (per unit).
    """

    plans: dict[str, Plan]
    summary: pd.DataFrame
    projects: pd.DataFrame
    rows: pd.DataFrame
    goals: pd.DataFrame

    def __repr__(self) -> str:
        return f"<Comparison of {', '.join(self.plans)}: {len(self.differing)} projects differ>"

    def _repr_html_(self) -> str:
        """Show the figures and what differs in a notebook."""
        figures = self.summary.to_html(float_format="{:,.1f}".format)
        return figures + self.differing.to_html()

    @property
    def differing(self) -> pd.DataFrame:
        """Projects that the plans do not treat alike: outcome, or the variant in its place."""
        names = list(self.plans)
        outcomes, rows = self.projects[names], self.rows[names]
        differ = outcomes.nunique(axis=1).gt(1) | rows.nunique(axis=1).gt(1)
        variant = rows.ne("") & rows.ne(rows.index.to_series(), axis=0)
        return outcomes.mask(variant, outcomes + ": " + rows)[differ]


def compare(
    plans: Mapping[str, Plan] | Sequence[Plan], names: Sequence[str] | None = None
) -> Comparison:
    """Put plans side by side.

    Parameters
    ----------
    plans : mapping of str to Plan, or sequence of Plan
        Plans and queues; of one study or of several with the same projects.
    names : sequence of str, optional
        Of a sequence of plans; default what each is and its number, as "queue 2".

    Returns
    -------
    Comparison

    Raises
    ------
    ValueError
        When there is nothing to compare, or the names do not fit.

    Examples
    --------
    >>> import gridplan as gp
    >>> both = gp.compare({"queue": gp.queue(study), "plan": gp.plan(study)})  # doctest: +SKIP
    >>> both.summary, both.differing  # doctest: +SKIP
    """
    named = _named(plans, names)
    summaries = {name: _summary(plan) for name, plan in named.items()}
    outcomes = {name: _outcomes(plan) for name, plan in named.items()}
    mw = pd.concat([_heads_mw(plan) for plan in named.values()])
    mw = mw[~mw.index.duplicated()]
    told = {name: table.reindex(mw.index) for name, table in outcomes.items()}
    became = {name: table["outcome"].fillna(NOT_OFFERED) for name, table in told.items()}
    return Comparison(
        plans=named,
        summary=pd.DataFrame(summaries),
        projects=pd.DataFrame({"mw": mw, **became}),
        rows=pd.DataFrame({name: table["row"].fillna("") for name, table in told.items()}),
        goals=_goals(named),
    )


def _named(
    plans: Mapping[str, Plan] | Sequence[Plan], names: Sequence[str] | None
) -> dict[str, Plan]:
    """Plans by name."""
    if isinstance(plans, Mapping):
        if names is not None:
            msg = "the plans have names already; give a list of plans or leave `names` out"
            raise ValueError(msg)
        named = dict(plans)
    else:
        numbered = [f"{type(plan).__name__.lower()} {n}" for n, plan in enumerate(plans, start=1)]
        names = numbered if names is None else [str(name) for name in names]
        if len(names) != len(plans) or len(set(names)) != len(names):
            msg = f"{len(plans)} plans need as many different names; found {', '.join(names)}"
            raise ValueError(msg)
        named = dict(zip(names, plans, strict=True))
    if not named:
        msg = "no plans to compare"
        raise ValueError(msg)
    return named


def _summary(plan: Plan) -> pd.Series:
    """Figures of a plan."""
    topology = plan.search.base.case.grid.topology
    radial = radial_buses(topology, possible_supply_mw(plan.study.network, topology.buses))
    chosen = plan.projects[plan.projects["chosen"]]
    exposed = chosen["bus"].isin(topology.buses[radial])
    figures = plan.summary()
    figures["mw_without_n1"] = chosen.loc[exposed, "mw"].sum()
    return figures


def _heads_mw(plan: Plan) -> pd.Series:
    """MW of every project as it applied."""
    table = plan.study.projects
    heads = pd.Index(families(table).unique(), name="project", dtype="str")
    return table["mw"].reindex(heads)


def _outcomes(plan: Plan) -> pd.DataFrame:
    """Tell what becomes of every project: outcome, and the row connected, by head."""
    family = families(plan.study.projects)
    heads = pd.Index(family.unique(), name="project", dtype="str")
    table = pd.DataFrame({"outcome": NOT_OFFERED, "row": ""}, heads, dtype="str")
    table.loc[family[plan.projects.index].unique(), "outcome"] = NO
    growth = plan.study.ordinary_growth.index
    table.loc[growth, "outcome"], table.loc[growth, "row"] = GROWTH, growth
    chosen = plan.projects[plan.projects["chosen"]]
    own = family[chosen.index].to_numpy()
    table.loc[own, "outcome"] = chosen["connection"].to_numpy()
    table.loc[own, "row"] = chosen.index.to_numpy()
    return table


def _goals(plans: dict[str, Plan]) -> pd.DataFrame:
    """Shares of the way to the goals; of all goals that some plan's study has."""
    tables = {name: goals_of(plan) for name, plan in plans.items()}
    joined = pd.concat(list(tables.values()))
    fixed = joined[~joined.index.duplicated()][["quantity", "target_year", "aim", "distance"]]
    return fixed.assign(
        **{name: table["share_pu"].reindex(fixed.index) for name, table in tables.items()}
    )
