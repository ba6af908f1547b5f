"""The runs of a batch: what each came to, and which projects do not depend on the scenario."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import xarray as xr

from gridplan.base.errors import Problem, StudyError
from gridplan.batch.changes import ASKED, Changes, in_words
from gridplan.batch.dataset import dataset_of, table_of
from gridplan.batch.records import Record, read_record
from gridplan.exports.files import write_table
from gridplan.exports.saving import whole_file
from gridplan.study.reading import bundled_studies, open_study
from gridplan.study.study import Study

LISTING, ORIGIN, TABLE = "scenarios.json", "study.json", "runs"


@dataclass(frozen=True, repr=False)
class Runs:
    """Records of a batch.

    Parameters
    ----------
    records : tuple of Record
        Of the scenarios that have run, by name.
    waiting : tuple of str
        Names of the scenarios without a record.
    folder : pathlib.Path, optional
        Where they stand.
    """

    records: tuple[Record, ...]
    waiting: tuple[str, ...]
    folder: Path | None = None

    def __repr__(self) -> str:
        count = self.table["outcome"].value_counts()
        told = ", ".join(f"{count.get(o, 0)} {o}" for o in ("done", "infeasible", "failed"))
        return f"<Runs: {told}, {len(self.waiting)} waiting>"

    @property
    def table(self) -> pd.DataFrame:
        """One row per scenario, by name.

        Columns outcome (done, infeasible, failed), error, `change_…` (a change in words, "" where
        there is none), and the figures of the plan as in `Plan.summary` (NaN where there is none).
        """
        changes = [
            key
            for key in Changes.model_fields
            if key not in ASKED and any(key in r.changes for r in self.records)
        ]
        figures = list(dict.fromkeys(key for r in self.records for key in r.figures))
        rows = [
            [r.outcome, r.error]
            + [in_words(r.changes[key]) if key in r.changes else "" for key in changes]
            + [r.figures.get(key, float("nan")) for key in figures]
            for r in self.records
        ]
        index = pd.Index([r.scenario for r in self.records], name="scenario", dtype="str")
        changed = [f"change_{key}" for key in changes]  # some figures have the names of changes
        columns = ["outcome", "error", *changed, *figures]
        table = pd.DataFrame(rows, index=index, columns=columns)
        return table.astype({**dict.fromkeys(["outcome", "error", *changed], "str")})

    @property
    def done(self) -> tuple[Record, ...]:
        """Records of the scenarios that have a plan."""
        return tuple(record for record in self.records if record.outcome == "done")

    @property
    def projects(self) -> pd.DataFrame:
        """Whether a project is chosen in any variant, scenario x project, of those done.

        A project that a scenario does not offer is not chosen there.
        """
        names = list(dict.fromkeys(name for r in self.done for name in r.chosen))
        rows = [[r.chosen.get(name, False) for name in names] for r in self.done]
        index = pd.Index([r.scenario for r in self.done], name="scenario", dtype="str")
        columns = pd.Index(names, name="project", dtype="str")
        return pd.DataFrame(rows, index=index, columns=columns, dtype=bool)

    @property
    def dataset(self) -> xr.Dataset:
        """The runs with the dimensions of the scenario matrix.

        Each change that varies is a dimension, with its values as coordinates, where every
        combination has run once; else (a list, a list beside a matrix, runs that wait) the only
        dimension is `scenario`, with the changes as its coordinates. A change with the name of a
        figure is called `change_…`, as in `table`. Variables: outcome, the figures of
        `Plan.summary` with their units (NaN where there is no plan), and chosen and offered by
        project. Equal runs give equal datasets.

        Examples
        --------
        >>> import gridplan as gp
        >>> found = gp.open_runs("runs/").dataset  # doctest: +SKIP
        >>> found["mw"].sel(grid_year=2030).mean("inflow")  # doctest: +SKIP
        """
        return dataset_of(self)

    def open_table(self, name: str) -> xr.Dataset:
        """Open a table of all runs, read from the disk only where it is used.

        Parameters
        ----------
        name : {"projects", "measures", "symbioses", "reinforcements"}
            Which one, as in `Plan`.

        Returns
        -------
        xarray.Dataset
            Columns as dask arrays with one chunk per scenario, by the dimensions of `dataset` and
            by row. Truth is 1 and 0; what a run does not have is NaN, or "" among texts.

        Raises
        ------
        ValueError
            For another name.
        GridplanError
            When dask is not installed.
        """
        return table_of(self, name)

    @property
    def capacity(self) -> pd.DataFrame:
        """Firm hosting capacity (MW), scenario x bus, of those done; empty where none was asked.

        NaN where a scenario did not ask for a bus, or its grid does not have it.
        """
        index = pd.Index([r.scenario for r in self.done], name="scenario", dtype="str")
        names = list(dict.fromkeys(name for r in self.done for name in r.capacity_mw))
        columns = pd.Index(names, name="bus", dtype="str")
        rows = [[r.capacity_mw.get(name, float("nan")) for name in names] for r in self.done]
        return pd.DataFrame(rows, index=index, columns=columns, dtype=float)

    @property
    def always(self) -> list[str]:
        """Projects chosen in every scenario that is done: no regret."""
        return self._chosen_in(lambda share: share == 1)

    @property
    def never(self) -> list[str]:
        """Projects chosen in none of them."""
        return self._chosen_in(lambda share: share == 0)

    @property
    def sometimes(self) -> list[str]:
        """Projects whose choice depends on the scenario."""
        return self._chosen_in(lambda share: (share > 0) & (share < 1))

    @property
    def seconds_each(self) -> float | None:
        """Mean time of a scenario so far (s); None before the first."""
        times = [r.seconds for r in self.records]
        return sum(times) / len(times) if times else None

    def _chosen_in(self, asked) -> list[str]:  # noqa: ANN001 - a comparison of a series
        share = self.projects.mean()
        return share.index[asked(share)].tolist() if len(self.projects) else []


def open_runs(out: str | os.PathLike[str]) -> Runs:
    """Open the results of a batch, finished or not.

    Parameters
    ----------
    out : str or path
        Folder that `gridplan.run_batch` has written to.

    Returns
    -------
    Runs

    Raises
    ------
    StudyError
        When it is no such folder.

    Examples
    --------
    >>> import gridplan as gp
    >>> runs = gp.open_runs("runs/")  # doctest: +SKIP
    >>> runs.always, runs.never  # doctest: +SKIP
    """
    path = Path(out) / LISTING
    try:
        listed = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        message, remedy = f"no batch has run here ({LISTING} is missing)", "Name another folder."
        raise StudyError([Problem(str(out), "", "", "", message, remedy)]) from None
    return runs_of(Path(out), listed.items())


def runs_of(out: Path, listed: Iterable[tuple[str, str]]) -> Runs:
    """Gather the records of scenarios, given as name and digest."""
    records, waiting = [], []
    for name, digest in sorted(listed):
        record = read_record(out, digest)
        if record is None:
            waiting.append(name)
        else:  # the same changes may have run under another name before
            records.append(record.model_copy(update={"scenario": name}))
    return Runs(tuple(records), tuple(waiting), out)


def write_listing(out: Path, listed: Iterable[tuple[str, str]]) -> None:
    """Write which scenarios belong to the batch."""
    with whole_file(out / LISTING) as draft:
        text = json.dumps(dict(listed), indent=1, ensure_ascii=False) + "\n"
        draft.write_text(text, encoding="utf-8", newline="\n")


def write_origin(out: Path, study: Study) -> None:
    """Write which study the batch is of: the name of a bundled one, or its folder."""
    folder = Path(str(study.folder)).resolve()
    bundled = {path.resolve(): name for name, path in bundled_studies().items()}
    told = {"study": bundled.get(folder, str(folder)), "study_sha256": study.hash}
    with whole_file(out / ORIGIN) as draft:
        text = json.dumps(told, indent=1, ensure_ascii=False) + "\n"
        draft.write_text(text, encoding="utf-8", newline="\n")


def study_of_runs(runs: Runs, study: Study | None = None) -> Study:
    """Open the study that a batch is of, as it was when the batch ran.

    Parameters
    ----------
    runs : Runs
        With a folder.
    study : Study, optional
        Where the folder of the batch does not know it, or the study has moved.

    Raises
    ------
    StudyError
        When it is not found, or has changed since.
    """
    if study is None:
        path = Path(str(runs.folder)) / ORIGIN
        try:
            named = json.loads(path.read_text(encoding="utf-8"))["study"]
        except (OSError, ValueError, KeyError, TypeError):
            message, remedy = f"{ORIGIN} does not name the study", "Give it: study=…, --study."
            raise StudyError([Problem(str(runs.folder), "", "", "", message, remedy)]) from None
        study = open_study(named)
    told = {record.study_sha256 for record in runs.records}
    if told - {study.hash}:
        message = "these runs are of another study, or it has changed since"
        remedy = "Give the study with which they ran, or run the batch again."
        raise StudyError([Problem(str(study.folder or ""), "", "", study.name, message, remedy)])
    return study


def write_runs(out: Path, runs: Runs) -> None:
    """Write the table of all runs as CSV and Parquet; equal records make equal bytes."""
    with whole_file(out / f"{TABLE}.csv") as draft:
        write_table(runs.table, draft)
    with whole_file(out / f"{TABLE}.parquet") as draft:
        runs.table.to_parquet(draft)
    with whole_file(out / "chosen.csv") as draft:
        write_table(runs.projects, draft)
