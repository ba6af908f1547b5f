"""The side panel: the plan in figures, and the lists that the numbers on the map refer to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from gridplan.base.messages import Messages
from gridplan.exports import style
from gridplan.exports.drawing import draw_branch, draw_measure, draw_project
from gridplan.exports.features import Features
from gridplan.exports.layout import Box
from gridplan.exports.placing import MM_PER_PT, shortened, text_extent
from gridplan.exports.radial import stands_without_n1
from gridplan.exports.sheet import Sheet
from gridplan.grid.stages import stages

if TYPE_CHECKING:
    from gridplan.check.certificate import Certificate
    from gridplan.portfolio.plan import Plan

FIGURES = 13.5  # height of the figures (mm)
NOTE_PT = 5.4
NOTE_LINE = 2.6
GUTTER = 5.0
TWO_COLUMNS = 150.0  # mm; a wider panel has more columns
WITHOUT_N1, CONDITIONAL, RESERVED = "†", "‡", "R"  # marks behind a name
HEADING = 1.75  # height of a heading in rows
MARK = 0.85  # size of a mark beside its name
SQUEEZE = 0.86  # a long name may be this much smaller before it is cut
WHOLE_ABOVE = 3.45  # mm per row; a list is split over two columns rather than set tighter
PITCHES = tuple(4.3 - 0.1 * step for step in range(17))  # mm per row, the most airy first


@dataclass(frozen=True)
class Entry:
    """One row of a list.

    Parameters
    ----------
    kind : {"chosen", "rejected", "saving", "rating", "reinforcement", "more"}
        Chooses the symbol.
    text, value : str
        Left and right.
    number : int, optional
        As on the map.
    mw : float
        Summed up when the row falls away for lack of room.
    mark : str
        Behind the text, explained in a note.
    """

    kind: Literal["chosen", "rejected", "saving", "rating", "reinforcement", "more"]
    text: str
    value: str
    number: int | None = None
    mw: float = 0.0
    mark: str = ""


@dataclass(frozen=True)
class Section:
    """A list under a heading; `dropped` entries did not fit."""

    heading: str
    entries: list[Entry]
    dropped: tuple[Entry, ...] = ()


Placed = tuple[int, float, str | Entry]  # column, rows from the top, heading or entry


def draw_panel(
    sheet: Sheet,
    box: Box,
    plan: Plan,
    features: Features,
    messages: Messages,
    *,
    certificate: Certificate | None,
) -> None:
    """Draw the figures, the lists and the notes; a certificate tells what stands without N-1."""
    _draw_figures(sheet, box, plan, messages)
    marks = _marks(plan.by_project, certificate)
    notes = _notes(plan, marks, messages)
    lines = [line for note in notes for line in wrapped(note, NOTE_PT, box.width)]
    bottom = box.y + (NOTE_LINE * len(lines) + 0.8 if lines else 0.0)
    lists = Box(box.x, bottom, box.width, box.top - FIGURES - bottom)
    _draw_lists(sheet, lists, _sections(plan, features, marks, messages), messages)
    for line, text in enumerate(reversed(lines)):
        y = box.y + 1.0 + NOTE_LINE * line
        sheet.text(box.x, y, text, size=NOTE_PT, colour=style.GREY)


def _marks(projects: pd.DataFrame, certificate: Certificate | None) -> pd.Series:
    """Mark chosen projects without N-1 or on conditions, and reserved ones not chosen."""
    marks = pd.Series("", index=projects.index, dtype=object)
    chosen = projects["chosen"].astype(bool)
    if certificate is not None:
        marks[chosen & stands_without_n1(projects, certificate)] = WITHOUT_N1
    marks[chosen & projects["connection"].eq("conditional")] += CONDITIONAL
    marks[~chosen & projects["status"].eq("reserved")] = RESERVED
    return marks


def _notes(plan: Plan, marks: pd.Series, messages: Messages) -> list[str]:
    """Explain the marks and what is connected without being chosen."""
    found = set("".join(marks))
    explained = [messages("note_without_n1")] if WITHOUT_N1 in found else []
    explained += [messages("note_conditional")] if CONDITIONAL in found else []
    explained += [messages("note_reserved")] if RESERVED in found else []
    explained += [messages("note_co2")] if plan.summary()["co2_t_per_yr"] > 0 else []
    return [note for note in (" · ".join(explained), _growth_note(plan, messages)) if note]


def _draw_figures(sheet: Sheet, box: Box, plan: Plan, messages: Messages) -> None:
    """Draw the plan's result in large figures."""
    summary, offered = plan.summary(), plan.by_project
    star = "*" if summary["co2_t_per_yr"] > 0 else ""
    figures = [
        (messages.number(summary["projects"]), messages("figure_projects", total=len(offered))),
        (
            messages.number(summary["mw"]),
            messages("figure_mw", total=messages.number(offered["asked_mw"].sum())),
        ),
        (messages.number(summary["co2_t_per_yr"] / 1000), messages("figure_co2") + star),
        (messages.number(summary["jobs"]), messages("figure_jobs")),
    ]
    step = box.width / len(figures)
    for position, (value, caption) in enumerate(figures):
        x = box.x + position * step
        colour = style.CHOSEN if position < 2 else style.INK
        sheet.text(x, box.top - 3.4, value, size=17, weight="bold", colour=colour)
        sheet.text(
            x, box.top - 8.8, shortened(caption, 5.6, step - 1.5), size=5.6, colour=style.GREY
        )
    rule = Box(box.x, box.top - 12.0, box.width, 0.0)
    sheet.box(rule, fill="none", edge=style.RULE, width=0.6, z=5)


def _sections(
    plan: Plan, features: Features, marks: pd.Series, messages: Messages
) -> list[Section]:
    """Chosen and other projects by number, the measures taken, the reinforcements in service."""
    sections = []
    for chosen, key, kind in ((True, "chosen", "chosen"), (False, "not_chosen", "rejected")):
        rows = features.projects[features.projects["chosen"] == chosen]
        entries = [
            Entry(
                kind, str(row.Index), messages.mw(row.mw), int(row.number), row.mw, marks[row.Index]
            )
            for row in rows.itertuples()
        ]
        total = messages("count_mw", count=len(rows), mw=messages.mw(rows["mw"].sum()))
        sections.append(Section(f"{messages(key)}: {total}", entries))
    taken = plan.measures[plan.measures["units"] > 0]
    entries = [_measure_entry(row, messages) for row in taken.itertuples()]
    sections.append(Section(f"{messages('measures')}: {len(entries)}", entries))
    together = plan.symbioses[plan.symbioses["chosen"]]
    entries = [_symbiosis_entry(row, messages) for row in together.itertuples()]
    sections.append(Section(f"{messages('symbioses')}: {len(entries)}", entries))
    sections.append(_reinforcements(plan, messages))
    return [section for section in sections if section.entries]


def _reinforcements(plan: Plan, messages: Messages) -> Section:
    """List what the grid holds that does not stand there today, with its year."""
    table = stages(plan.study)
    built = table[table["in_service"]]
    entries = [Entry("reinforcement", str(row.Index), str(row.year)) for row in built.itertuples()]
    heading = messages("reinforcements", year=plan.stage.year)
    return Section(f"{heading}: {len(entries)}", entries)


def _measure_entry(row: pd.Series, messages: Messages) -> Entry:
    name = str(row.Index)
    if row.units > 1:
        name = messages("measure_units", name=name, units=row.units)
    if row.kind == "rating":
        percent = messages.number(100 * row.units * row.rating_pu)
        return Entry("rating", name, messages("measure_rating", percent=percent))
    saved = row.units * row.mw
    return Entry("saving", name, messages("measure_mw", mw=messages.mw(saved)), mw=saved)


def _symbiosis_entry(row: pd.Series, messages: Messages) -> Entry:
    """Name of a symbiosis and the MW that it saves, if any."""
    amount = messages("measure_mw", mw=messages.mw(row.mw)) if row.mw else ""
    return Entry("saving", str(row.Index), amount, mw=row.mw)


def _draw_lists(sheet: Sheet, box: Box, sections: list[Section], messages: Messages) -> None:
    """Flow the lists through columns, as airy as the room allows."""
    columns = 3 if box.width > TWO_COLUMNS else 2
    pitch, placed = _fitted(sections, box.height, messages, columns)
    width = (box.width - GUTTER * (columns - 1)) / columns
    for column, row, item in placed:
        x, y = box.x + column * (width + GUTTER), box.top - row * pitch
        if isinstance(item, str):
            _draw_heading(sheet, x, y - (HEADING - 0.6) * pitch, item, width=width, pitch=pitch)
        else:
            _draw_entry(sheet, x, y - 0.5 * pitch, item, width=width, pitch=pitch)


def _fitted(
    sections: list[Section], height: float, messages: Messages, columns: int = 2
) -> tuple[float, list[Placed]]:
    """Choose the row height; where even the smallest is too much, shorten the longest list."""
    for whole in (True, False):
        for pitch in PITCHES:
            placed = _flow(sections, height / pitch, messages, columns)
            if placed is None or (whole and (pitch < WHOLE_ABOVE or _split(placed, messages))):
                continue
            return pitch, placed
    while True:
        longest = max(range(len(sections)), key=lambda i: len(sections[i].entries))
        section = sections[longest]
        kept, last = section.entries[:-1], section.entries[-1]
        shorter = Section(section.heading, kept, (last, *section.dropped))
        sections = [*sections[:longest], shorter, *sections[longest + 1 :]]
        placed = _flow(sections, height / PITCHES[-1], messages, columns)
        if placed is not None or not kept:
            return PITCHES[-1], placed or []


def _flow(
    sections: list[Section], rows: float, messages: Messages, columns: int = 2
) -> list[Placed] | None:
    """Place headings and entries in columns of `rows` rows; None if they do not fit."""
    placed: list[Placed] = []
    column, at = 0, 0.0
    for section in sections:
        entries = [*section.entries, *_more(section, messages)]
        if at + HEADING + min(2, len(entries)) > rows:
            column, at = column + 1, 0.0
        placed.append((column, at, section.heading))
        at += HEADING
        for entry in entries:
            if at + 1 > rows:
                column, at = column + 1, HEADING
                name = section.heading.split(":")[0]
                placed.append((column, 0.0, messages("continued", heading=name)))
            placed.append((column, at, entry))
            at += 1
        at += 0.4
    return placed if column < columns else None


def _split(placed: list[Placed], messages: Messages) -> bool:
    """Tell whether a list runs over two columns."""
    suffix = messages("continued", heading="").strip()
    return any(isinstance(item, str) and item.endswith(suffix) for _, _, item in placed)


def _more(section: Section, messages: Messages) -> list[Entry]:
    """Say what fell away."""
    if not section.dropped:
        return []
    count, mw = len(section.dropped), sum(entry.mw for entry in section.dropped)
    if section.dropped[0].number is None:
        return [Entry("more", messages("measure_more", count=count), "")]
    return [Entry("more", messages("and_more", count=count, mw=messages.mw(mw)), "")]


def _draw_heading(
    sheet: Sheet, x: float, y: float, text: str, *, width: float, pitch: float
) -> None:
    sheet.text(x, y, shortened(text, 7.6, width, "bold"), size=7.6, weight="bold")
    rule = Box(x, y - min(2.0, 0.66 * pitch), width, 0.0)
    sheet.box(rule, fill="none", edge=style.RULE, width=0.5, z=5)


def _draw_entry(
    sheet: Sheet, x: float, y: float, entry: Entry, *, width: float, pitch: float
) -> None:
    """Draw symbol, name and value."""
    size = min(6.8, 2.02 * pitch)
    radius = min(1.6, 0.47 * pitch)
    grey = entry.kind in {"rejected", "more"}
    if entry.kind in {"chosen", "rejected"}:
        draw_project(sheet, x + 1.8, y, radius, entry.number, chosen=entry.kind == "chosen", z=60)
    elif entry.kind in {"saving", "rating"}:
        draw_measure(sheet, x + 1.8, y, entry.kind, z=60, size=0.3 * pitch)
    elif entry.kind == "reinforcement":
        ends = np.array([[x + 0.4, y], [x + 3.2, y]])
        draw_branch(sheet, ends, colour=style.GREY, width=1.0, planned=True, z=60)
    value_width = text_extent(entry.value, size)[0] if entry.value else 0.0
    colour = style.GREY if grey else style.INK
    mark_width = text_extent(entry.mark, MARK * size)[0] + 0.8 if entry.mark else 0.0
    room = width - 4.6 - value_width - mark_width - 1.5
    fitting = size * min(1.0, max(SQUEEZE, room / text_extent(entry.text, size)[0]))
    text = shortened(entry.text, fitting, room)
    sheet.text(x + 4.6, y, text, size=fitting, colour=colour)
    if entry.mark:
        behind = x + 4.6 + text_extent(text, fitting)[0] + 0.8
        sheet.text(behind, y + 0.1 * size * MM_PER_PT, entry.mark, size=MARK * size, colour=colour)
    sheet.text(x + width, y, entry.value, size=size, colour=colour, align="right")


def _growth_note(plan: Plan, messages: Messages) -> str:
    """Say what is connected without being chosen."""
    growth = plan.study.ordinary_growth
    if growth.empty:
        return ""
    limit = messages.mw(plan.study.settings.ordinary_growth_below_mw)
    key = "growth_note_one" if len(growth) == 1 else "growth_note"
    return messages(key, count=len(growth), limit=limit, mw=messages.mw(growth["mw"].sum()))


def wrapped(text: str, size: float, width: float) -> list[str]:
    """Break a text into lines of at most `width` mm.

    Examples
    --------
    >>> wrapped("one two three", 6.0, 10.0)
    ['one two', 'three']
    """
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_extent(longer, size)[0] <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
