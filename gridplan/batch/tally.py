"""What is done of a batch while it runs: the log, and news for whoever watches."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from gridplan.batch.records import Record, read_record
from gridplan.batch.task import Task

LOG = "batch.log"
Progress = Callable[[Record, int, int], None]


@dataclass
class Tally:
    """Counts what is done, and writes a line of the log for each.

    Parameters
    ----------
    out : pathlib.Path
        Folder of the batch.
    total : int
        Scenarios to be run.
    progress : callable, optional
        Called with the record of a scenario, the number done and the total.
    """

    out: Path
    total: int
    progress: Progress | None
    seen: set[str] = field(default_factory=set)

    def add(self, records: Iterable[Record]) -> None:
        """Count records; those that are counted already change nothing."""
        for record in records:
            if record.digest in self.seen:
                continue
            self.seen.add(record.digest)
            now = datetime.now(UTC).isoformat(timespec="seconds")
            parts = [now, record.digest, record.outcome, f"{record.seconds:.1f} s", record.scenario]
            if record.error:
                parts.append(" ".join(record.error.split()))
            with (self.out / LOG).open("a", encoding="utf-8", newline="\n") as log:
                log.write("\t".join(parts) + "\n")
            if self.progress is not None:
                self.progress(record, len(self.seen), self.total)

    def look(self, tasks: Sequence[Task]) -> None:
        """Count what tasks have written so far; what they return comes only when they end."""
        there = {entry.name for entry in os.scandir(self.out)}
        for task in tasks:
            new = [one.digest for one in task.scenarios if one.digest not in self.seen]
            self._read(digest for digest in new if digest in there)

    def unfinished(self, task: Task) -> Task:
        """Leave out, and count, the scenarios of a broken task whose records are there."""
        self._read(one.digest for one in task.scenarios)
        left = tuple(one for one in task.scenarios if one.digest not in self.seen)
        return replace(task, scenarios=left)

    def _read(self, digests: Iterable[str]) -> None:
        found = [read_record(self.out, digest) for digest in digests]
        self.add(record for record in found if record is not None)
