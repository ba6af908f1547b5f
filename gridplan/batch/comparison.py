"""What the scenarios of a batch have in common: no regret, never, and on what the others depend."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from gridplan.base.errors import Problem, StudyError
from gridplan.batch.depends import Dependence, dependence
from gridplan.batch.factors import factors
from gridplan.batch.records import Record, chosen_rows, read_table
from gridplan.batch.runs import Runs, open_runs
from gridplan.study.relations import families

ALWAYS, SOMETIMES, NEVER = "always", "sometimes", "never"


@dataclass(frozen=True, repr=False)
class Comparison:
    """Which projects do not depend on the scenario, and on what the others do.

    Parameters
    ----------
    runs : Runs
        What was compared.
    scenarios : int
        Scenarios with a plan; all shares are of these.
    projects : pandas.DataFrame
        Index project, the most often chosen first: kind ("always": no regret, "sometimes",
        "never"), chosen, offered (scenarios in which it is chosen, and may be), share (per unit of
        the scenarios with a plan; one that does not offer the project counts as not chosen),
        depends_on (changes, "" for none), explained (scenarios that these tell right), rule (the
        counts in words), least_mw and most_mw (MW of what is chosen, NaN where nothing is) and
        chosen_as (rows of the table of projects with the number of scenarios, where it is not
        always the project itself: a smaller variant, or one on conditions; "" else). The last
        three need the folder of the runs.
    decisions : pandas.DataFrame
        The decision table of the projects that are sometimes chosen, one row per value, or pair of
        values, of what they depend on: project, change, value, and_change, and_value ("" for a
        single change), chosen, of.
    left_out : pandas.DataFrame
        Scenarios without a plan, index scenario: outcome ("infeasible", "failed" or "waiting") and
        error. They are in no share.
    """

    runs: Runs
    scenarios: int
    projects: pd.DataFrame
    decisions: pd.DataFrame
    left_out: pd.DataFrame

    def __repr__(self) -> str:
        without = f", {len(self.left_out)} without a plan" if len(self.left_out) else ""
        return (
            f"<Comparison of {self.scenarios} scenarios{without}: {len(self.no_regret)} projects "
            f"always, {len(self.sometimes)} sometimes, {len(self.never)} never>"
        )

    @property
    def no_regret(self) -> list[str]:
        """Projects chosen in every scenario that has a plan, in some variant."""
        return self._of(ALWAYS)

    @property
    def sometimes(self) -> list[str]:
        """Projects whose choice depends on the scenario."""
        return self._of(SOMETIMES)

    @property
    def never(self) -> list[str]:
        """Projects that no plan holds."""
        return self._of(NEVER)

    def _of(self, kind: str) -> list[str]:
        return self.projects.index[self.projects["kind"] == kind].tolist()

    def _repr_html_(self) -> str:
        """Show the projects in a notebook."""
        return self.projects.to_html(float_format="{:.0%}".format)


def compare_runs(runs: Runs | str | os.PathLike[str]) -> Comparison:
    """Compare the scenarios of a batch.

    Parameters
    ----------
    runs : Runs or path
        Of `gridplan.run_batch` or `gridplan.open_runs`, or the folder of a batch. What has not run,
        failed or has no possible plan is told and not counted.

    Returns
    -------
    Comparison

    Raises
    ------
    StudyError
        When no batch has run there, or no scenario has a plan.

    Notes
    -----
    What a project depends on is found by counting (`gridplan.batch.depends`), and holds for the
    scenarios that were run. Where every value occurs in one scenario only the counts show it: they
    end in "of 1".

    Examples
    --------
    >>> import gridplan as gp
    >>> found = gp.compare_runs("runs/")  # doctest: +SKIP
    >>> found.no_regret, found.never  # doctest: +SKIP
    >>> found.projects.loc[found.sometimes, "rule"]  # doctest: +SKIP
    """
    if not isinstance(runs, Runs):
        runs = open_runs(runs)
    chosen = runs.projects
    if chosen.empty:
        message = "no scenario of this batch has a plan"
        remedy = "Run it (gridplan batch), or see the column error of runs.csv."
        raise StudyError([Problem(str(runs.folder or ""), "", "", "", message, remedy)])
    done = runs.done
    table = factors({record.scenario: record.changes for record in done})
    offered = pd.Series(
        {name: sum(name in record.chosen for record in done) for name in chosen}, dtype=int
    )
    count = chosen.sum()
    found = {
        name: dependence(chosen[name], table) for name in chosen if 0 < count[name] < len(chosen)
    }
    projects = _projects(count, offered, len(chosen), found).join(_as_chosen(runs, done))
    projects["chosen_as"] = projects["chosen_as"].fillna("")
    return Comparison(
        runs=runs,
        scenarios=len(chosen),
        projects=projects,
        decisions=_decisions({name: found[name] for name in projects.index if name in found}),
        left_out=_left_out(runs),
    )


def _projects(
    count: pd.Series, offered: pd.Series, scenarios: int, found: dict[str, Dependence]
) -> pd.DataFrame:
    """One row per project, the most often chosen first."""
    nothing = Dependence((), ())
    told = [found.get(name, nothing) for name in count.index]
    kind = [ALWAYS if chosen == scenarios else SOMETIMES if chosen else NEVER for chosen in count]
    table = pd.DataFrame(
        {
            "kind": pd.array(kind, dtype="str"),
            "chosen": count.to_numpy(int),
            "offered": offered.to_numpy(int),
            "share": count.to_numpy(int) / scenarios,
            "depends_on": pd.array([" and ".join(one.factors) for one in told], dtype="str"),
            "explained": [
                one.explained if one.factors else max(chosen, scenarios - chosen)
                for one, chosen in zip(told, count.to_numpy(int).tolist(), strict=True)
            ],
            "rule": pd.array([str(one) for one in told], dtype="str"),
        },
        index=pd.Index(count.index, name="project", dtype="str"),
    )
    return table.sort_values("chosen", ascending=False, kind="stable")


def _as_chosen(runs: Runs, done: Sequence[Record]) -> pd.DataFrame:
    """Tell in which rows projects are chosen, and how large: least_mw, most_mw, chosen_as."""
    parts = []
    for record in done if runs.folder is not None else ():
        path = Path(str(runs.folder)) / record.digest / "projects.csv"
        rows = chosen_rows(read_table(path))
        parts.append(pd.DataFrame({"project": families(rows), "row": rows.index, "mw": rows["mw"]}))
    if not parts:
        return pd.DataFrame({"least_mw": [], "most_mw": [], "chosen_as": pd.array([], dtype="str")})
    every = pd.concat(parts, ignore_index=True)
    sizes = every.groupby("project")["mw"].agg(least_mw="min", most_mw="max")
    told = {
        head: "; ".join(f"{name} {count}" for name, count in rows.value_counts(sort=False).items())
        for head, rows in every.groupby("project")["row"]
        if (rows != head).any()
    }
    return sizes.assign(chosen_as=pd.Series(told, dtype="str"))


def _decisions(found: dict[str, Dependence]) -> pd.DataFrame:
    """List the cells of every dependence."""
    rows = []
    for name, one in found.items():
        for cell in one.cells if one.factors else ():
            keys = [*one.factors, ""][:2]
            values = [*map(str, cell.values), ""][:2]
            rows.append((name, keys[0], values[0], keys[1], values[1], cell.chosen, cell.of))
    columns = ["project", "change", "value", "and_change", "and_value", "chosen", "of"]
    table = pd.DataFrame(rows, columns=columns)
    texts = columns[:5]
    return table.astype({**dict.fromkeys(texts, "str"), "chosen": int, "of": int})


def _left_out(runs: Runs) -> pd.DataFrame:
    """List the scenarios without a plan, by name."""
    rows = [(r.scenario, r.outcome, r.error) for r in runs.records if r.outcome != "done"]
    rows += [(name, "waiting", "") for name in runs.waiting]
    table = pd.DataFrame(sorted(rows), columns=["scenario", "outcome", "error"], dtype="str")
    return table.set_index("scenario")
