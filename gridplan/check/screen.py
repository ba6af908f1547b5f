"""The complete screen: every hour, every outage, every branch, in blocks of hours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridplan.check.evidence import Array, Evidence, Limits, Positions, ratings_of
from gridplan.check.outages import Flows

BLOCK = 128  # hours; the state of one block after one outage then stays in the cache
RELATIVE_TOLERANCE = 1e-6  # of the limit
TOLERANCE_MW = 1e-4
MOST_ROWS = 100_000  # rows of the table of violations; their number is always complete
CHUNK = 4_096


@dataclass(frozen=True)
class Screened:
    """What the screen found.

    Parameters
    ----------
    worst, violations, existing : pandas.DataFrame
        As in `gridplan.check.certificate.Certificate`.
    violation_count : int
        Violations found; the table holds the largest of them.
    outage_loading_pu : ndarray, shape (K + M,)
        Highest loading of any branch in any hour after each outage (per unit of its limit).
    """

    worst: pd.DataFrame
    violations: pd.DataFrame
    existing: pd.DataFrame
    violation_count: int
    outage_loading_pu: Array


@dataclass
class Notes:
    """What is written down while the screen runs; positions, MW and per unit."""

    loading_pu: Array
    hour: Positions
    outage_loading_pu: Array
    existing_hours: Positions
    existing_over_mw: Array
    existing_hour: Positions
    existing_loading_pu: Array
    count: int = 0
    rows: list[Array] = field(default_factory=list)


def screen(
    evidence: Evidence,
    flows: Flows,
    limits: Limits,
    progress: Callable[[float], None] | None = None,
) -> Screened:
    """Compare every flow after every outage in every hour with its limit.

    Parameters
    ----------
    evidence : Evidence
        Names and ratings.
    flows : Flows
        Flows before and after outages.
    limits : Limits
        What each branch may carry, existing overloads included.
    progress : callable, optional
        Called with the share done, 0 to 1.

    Returns
    -------
    Screened

    Notes
    -----
    Work is L x K x T, memory L x T: 0.7 s for 230 branches, 180 outages and 8,760 hours.
    """
    branches, hours = flows.before_mw.shape
    notes = Notes(
        loading_pu=np.full(branches, -1.0),
        hour=np.zeros(branches, dtype=np.int64),
        outage_loading_pu=np.zeros(flows.count),
        existing_hours=np.zeros(branches, dtype=np.int64),
        existing_over_mw=np.zeros(branches),
        existing_hour=np.zeros(branches, dtype=np.int64),
        existing_loading_pu=np.zeros(branches),
    )
    ratings = ratings_of(evidence)
    for start in range(0, hours, BLOCK):
        block = slice(start, min(start + BLOCK, hours))
        _screen_block(flows, limits, ratings, block, notes)
        if progress is not None:
            progress(block.stop / hours)
    return Screened(
        worst=_worst_table(evidence, flows, limits, notes),
        violations=_violation_table(evidence, flows, limits, notes),
        existing=_existing_table(evidence, notes),
        violation_count=notes.count,
        outage_loading_pu=notes.outage_loading_pu,
    )


def bound_mw(limit_mw: Array) -> Array:
    """Flow above which a limit counts as violated (MW)."""
    return limit_mw * (1.0 + RELATIVE_TOLERANCE) + TOLERANCE_MW


def per_mw(limit_mw: Array) -> Array:
    """Return the loading per MW; a limit of 0 must not divide: any flow is far above it."""
    return 1.0 / np.maximum(limit_mw, TOLERANCE_MW)


def _screen_block(
    flows: Flows, limits: Limits, ratings: Limits, block: slice, notes: Notes
) -> None:
    """Screen some hours and write down what was found."""
    before = np.ascontiguousarray(flows.before_mw[:, block])
    left = np.ascontiguousarray(flows.left_mw[:, block])
    size, highest = np.abs(before), np.zeros_like(before)
    scale = per_mw(limits.after_mw[:, block])
    after, loading = np.empty_like(before), np.empty_like(before)
    for column, branch in enumerate(flows.outages):
        np.multiply(flows.moved[:, column, None], left[branch], out=after)
        np.add(after, left, out=after)
        np.abs(after, out=after)
        np.maximum(highest, after, out=highest)
        np.multiply(after, scale, out=loading)
        peak = float(loading.max(initial=0.0))
        notes.outage_loading_pu[column] = max(notes.outage_loading_pu[column], peak)
    for column, each in enumerate(flows.listed, start=len(flows.outages)):
        several = np.abs(left + each.moved @ left[each.branches])
        np.maximum(highest, several, out=highest)
        peak = float((several * scale).max(initial=0.0))
        notes.outage_loading_pu[column] = max(notes.outage_loading_pu[column], peak)
    without = size * per_mw(limits.before_mw[:, block])
    _note_worst(notes, np.maximum(without, highest * scale), block.start)
    over = size > bound_mw(limits.before_mw[:, block])
    over |= highest > bound_mw(limits.after_mw[:, block])
    _note_violations(flows, limits, notes, over, block.start)
    _note_existing(notes, ratings, (size, highest), over, block)


def _note_worst(notes: Notes, loading_pu: Array, start: int) -> None:
    """Keep the hour of the highest loading of every branch."""
    hour = loading_pu.argmax(axis=1)
    peak = loading_pu.max(axis=1)
    higher = peak > notes.loading_pu
    notes.loading_pu[higher] = peak[higher]
    notes.hour[higher] = hour[higher] + start


def _note_existing(
    notes: Notes, ratings: Limits, flow: tuple[Array, Array], over: NDArray[np.bool_], block: slice
) -> None:
    """Count the hours in which an existing overload is kept, and keep the largest.

    `flow` are the largest flows without and after outages.
    """
    over_mw, loading = np.zeros_like(flow[0]), np.zeros_like(flow[0])
    for size, whole in zip(flow, (ratings.before_mw, ratings.after_mw), strict=True):
        rating = whole[:, block]
        kept = (size > bound_mw(rating)) & ~over
        np.maximum(over_mw, size - rating, out=over_mw, where=kept)
        np.maximum(loading, size * per_mw(rating), out=loading, where=kept)
    notes.existing_hours += (over_mw > 0).sum(axis=1)
    hour = over_mw.argmax(axis=1)
    largest = over_mw.max(axis=1)
    higher = largest > notes.existing_over_mw
    notes.existing_over_mw[higher] = largest[higher]
    notes.existing_hour[higher] = hour[higher] + block.start
    np.maximum(notes.existing_loading_pu, loading.max(axis=1), out=notes.existing_loading_pu)


def _note_violations(
    flows: Flows, limits: Limits, notes: Notes, over: NDArray[np.bool_], start: int
) -> None:
    """List every outage that violates the limit of a branch in an hour."""
    branches, hours = np.nonzero(over)
    for first in range(0, len(branches), CHUNK):
        branch, hour = branches[first : first + CHUNK], hours[first : first + CHUNK] + start
        flow = after_each_outage_mw(flows, branch, hour)
        limit = limits.at(branch, hour, flows.count)
        excess = np.abs(flow) - limit
        row, column = np.nonzero(np.abs(flow) > bound_mw(limit))
        notes.count += len(row)
        found = (branch[row], column, hour[row], flow[row, column], excess[row, column])
        notes.rows.append(np.stack([np.asarray(part, dtype=float) for part in found], axis=1))
    if sum(map(len, notes.rows)) > 2 * MOST_ROWS:
        notes.rows = [_largest(notes.rows)]


def after_each_outage_mw(flows: Flows, branch: Positions, hour: Positions) -> Array:
    """Flow of single branches in single hours, without outage and after each (MW).

    Parameters
    ----------
    flows : Flows
        Flows before and after outages.
    branch, hour : ndarray of int, shape (V,)
        Positions.

    Returns
    -------
    ndarray, shape (V, 1 + K + M)
        Column 0 is without outage, the last M after the listed outages.
    """
    left = flows.left_mw[branch, hour]
    lost = flows.left_mw[flows.outages][:, hour].T
    after = left[:, None] + flows.moved[branch] * lost
    several = [
        left + np.einsum("vs,sv->v", each.moved[branch], flows.left_mw[each.branches][:, hour])
        for each in flows.listed
    ]
    return np.column_stack([flows.before_mw[branch, hour], after, *several])


def _largest(rows: list[Array]) -> Array:
    """Rows with the largest excess, largest first; ties by hour, branch and outage."""
    table = np.concatenate(rows) if rows else np.zeros((0, 5))
    order = np.lexsort((table[:, 1], table[:, 0], table[:, 2], -table[:, 4]))
    return table[order[:MOST_ROWS]]


def _outage_names(evidence: Evidence, flows: Flows, column: Positions) -> NDArray[np.object_]:
    """Names of outages; column 0 is none."""
    names = np.array(["", *flows.names(evidence)], dtype=object)
    return names[column]


def _worst_table(evidence: Evidence, flows: Flows, limits: Limits, notes: Notes) -> pd.DataFrame:
    """Highest loading of every branch with its outage and hour."""
    branch = np.arange(len(notes.hour))
    after = after_each_outage_mw(flows, branch, notes.hour)
    limit = limits.at(branch, notes.hour, flows.count)
    size = np.abs(after)
    size = np.where(np.isfinite(limit), size * per_mw(limit), size)
    # Outages that are as bad but for rounding: the first of them, none before any.
    column = (size >= size.max(axis=1, keepdims=True) * (1.0 - 1e-9)).argmax(axis=1)
    return pd.DataFrame(
        {
            "loading_pu": notes.loading_pu,
            "outage": pd.array(_outage_names(evidence, flows, column), dtype="str"),
            "snapshot": evidence.snapshots[notes.hour],
            "flow_mw": after[branch, column],
            "limit_mw": limit[branch, column],
        },
        index=evidence.branches.index,
    )


def _violation_table(
    evidence: Evidence, flows: Flows, limits: Limits, notes: Notes
) -> pd.DataFrame:
    """Violations, largest first."""
    table = _largest(notes.rows)
    branch, column, hour = table[:, :3].astype(np.int64).T
    limit = np.where(column == 0, limits.before_mw[branch, hour], limits.after_mw[branch, hour])
    return pd.DataFrame(
        {
            "branch": evidence.branches.index[branch],
            "outage": pd.array(_outage_names(evidence, flows, column), dtype="str"),
            "snapshot": evidence.snapshots[hour],
            "flow_mw": table[:, 3],
            "limit_mw": limit,
            "over_mw": table[:, 4],
        }
    )


def _existing_table(evidence: Evidence, notes: Notes) -> pd.DataFrame:
    """Branches above their rating, but within what is allowed; largest excess first."""
    branch = np.flatnonzero(notes.existing_hours)
    branch = branch[np.argsort(-notes.existing_over_mw[branch], kind="stable")]
    return pd.DataFrame(
        {
            "hours": notes.existing_hours[branch],
            "over_mw": notes.existing_over_mw[branch],
            "loading_pu": notes.existing_loading_pu[branch],
            "snapshot": evidence.snapshots[notes.existing_hour[branch]],
        },
        index=evidence.branches.index[branch],
    )
