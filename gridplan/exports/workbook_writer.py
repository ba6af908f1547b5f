"""A workbook as Excel shows it: headers that stay, formats, filters, colours, links, print setup.

Text stays text: a cell that begins with = + - @ is never a formula, and editing it in Excel does
not make it one.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Sequence
from math import ceil
from pathlib import Path

import numpy as np
import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.formatting.rule import CellIsRule, ColorScaleRule, DataBarRule, FormulaRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from gridplan.base.messages import Messages
from gridplan.exports import style
from gridplan.exports.about import NOT_THE_GRID
from gridplan.exports.classes import loading_classes
from gridplan.exports.columns import LEVEL, header, word
from gridplan.exports.workbook_tables import LONG
from gridplan.study.settings import Settings

HEAD = PatternFill("solid", fgColor="1F5A8C")
RULE = Border(bottom=Side("hair", color=style.RULE.lstrip("#").upper()))
WIDEST, NARROWEST, TALE = 60, 10, 120  # width of columns in characters
LONGEST = 32_767  # characters that a cell of Excel holds
FORMULA = ("=", "+", "-", "@", "\t", "\r")
FORMATS = (  # by the end of a column's name; the first that fits counts
    (("_per_mnok",), "#,##0.00"),
    (("_mwh", "co2_t_per_yr", "_nok_per_mwh", "_nok_per_mw"), "#,##0"),
    (("_mw", "mw", "_mva"), "#,##0.0"),
    (("_mnok", "_mnok_per_yr"), "#,##0.0"),
    (("_pu", "flexibility"), "0.0%"),
    (("_percent",), "0.00"),
    (("_km",), "#,##0.0"),
    (("year",), "0"),
    (("'",), "#,##0.0"),  # of a name for people
)
WRAPPED = "explanation"  # the one column of several lines
MANY = 8  # columns from which on the long ones at the end are not printed
FACE = "Calibri"
LINE_PT = 15.0  # height of a line of text
PLAIN_BAR, SHORT = "93A7B8", "D5481B"
BARS = {  # colour of a bar
    "mw": PLAIN_BAR, "peak_mw": PLAIN_BAR, "reserved_mw": PLAIN_BAR, "candidate_mw": PLAIN_BAR,
    "queued_mw": "F0A81C", "missing_mw": SHORT, "over_mw": SHORT,
}  # fmt: skip
OUTCOMES = {"chosen": "CDE8E3", "conditional": "DDF0C8", "reserved": "D5DEE6", "barred": "F6D5CC"}
ASSUMED = "FCE4C4"
# Columns whose values are words of the study's tables, not names.
WORDS = ("status", "connection", "outcome", "kind", "basis", "sector", "carrier", "type", "table",
         "limited_by", "what", "quantity", "came_to")  # fmt: skip
DATED = "yyyy-mm-dd hh:mm"


def add_table(
    book: Workbook, name: str, table: pd.DataFrame, settings: Settings, texts: Messages
) -> Worksheet:
    """Add a table on a sheet of its own.

    Parameters
    ----------
    book : openpyxl.Workbook
        The workbook.
    name : str
        Of the sheet.
    table : pandas.DataFrame
        Columns as in the tables of results; the index is left out.
    settings : Settings
        Of the study, with the limits of the classes that are coloured.
    texts : Messages
        Language of headers and words.

    Returns
    -------
    openpyxl.worksheet.worksheet.Worksheet
        Headers stand in row 1, and stay when it is scrolled.
    """
    sheet, lines = book.create_sheet(name), 2
    for number, column in enumerate(table, 1):
        cell = write(sheet, 1, number, header(column, texts))
        cell.font, cell.fill = Font(FACE, 11, bold=True, color="FFFFFF"), HEAD
        cell.alignment = Alignment("left", "center", wrap_text=True)
        width = _fill_column(sheet, number, column, table[column], texts)
        lines = max(lines, lines_of(str(cell.value), width - 3))
    sheet.row_dimensions[1].height = LINE_PT * (lines + 0.5)
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(table.columns))}{len(table) + 1}"
    _colour(sheet, table, settings, texts)
    print_setup(sheet)
    sheet.print_title_rows, sheet.oddHeader.left.text = "1:1", name
    last = len(table.columns)
    while last > MANY and table.columns[last - 1] in LONG:
        last -= 1
    sheet.print_area = f"A1:{get_column_letter(last)}{len(table) + 1}"
    return sheet


def write(sheet: Worksheet, row: int, column: int, value: object) -> Cell:
    """Write a value as what it is: text never becomes a formula, what is missing stays empty."""
    cell = sheet.cell(row, column)
    if isinstance(value, str) and value:
        cell.value = ILLEGAL_CHARACTERS_RE.sub(" ", value)[:LONGEST]
        cell.data_type = "s"
        if value.startswith(FORMULA):
            cell.quotePrefix = True
    elif not isinstance(value, str) and value is not None and not pd.isna(value):
        plain = value.item() if isinstance(value, np.generic) else value
        cell.value = plain.to_pydatetime() if isinstance(plain, pd.Timestamp) else plain
    return cell


def save(book: Workbook, path: Path, created: dt.datetime) -> None:
    """Save a workbook with the date of its result: equal workbooks are equal bytes.

    Parameters
    ----------
    book : openpyxl.Workbook
        The workbook.
    path : pathlib.Path
        File to write.
    created : datetime.datetime
        UTC.
    """
    naive = created.astimezone(dt.UTC).replace(tzinfo=None)
    book.properties.created = naive
    packed = io.BytesIO()
    book.save(packed)
    moment = max(naive, dt.datetime(1980, 1, 1)).timetuple()[:6]  # zip knows none earlier
    stamp = f"{naive:%Y-%m-%dT%H:%M:%SZ}".encode()
    with zipfile.ZipFile(packed) as found, zipfile.ZipFile(path, "w") as target:
        for name in found.namelist():
            content = found.read(name)
            if name == "docProps/core.xml":  # openpyxl writes the time of saving there
                content = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamp, content)
            entry = zipfile.ZipInfo(name, moment)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, content)


def _fill_column(
    sheet: Worksheet, number: int, column: str, values: pd.Series, texts: Messages
) -> float:
    """Write a column, make it as wide as what stands in it, and return the width."""
    shown, wrapped = _format_of(column, values), column == WRAPPED
    widest = max(NARROWEST, max(map(len, header(column, texts).split())) + 3)
    for row, value in enumerate(_in_words(column, values, texts), 2):
        cell = write(sheet, row, number, value)
        cell.border, cell.font = RULE, Font(FACE, 11)
        cell.alignment = Alignment(vertical="top", wrap_text=wrapped)
        if isinstance(value, str):
            cell.alignment = Alignment("left", "top", wrap_text=wrapped, indent=1)
            widest = max(widest, max(map(len, value.split("\n"))) + 3)
            if wrapped and value:
                sheet.row_dimensions[row].height = LINE_PT * lines_of(value, TALE)
        elif shown:
            cell.number_format = shown
    if values.dtype.kind == "M":
        widest = 17
    width = min(widest, TALE if wrapped else WIDEST)
    sheet.column_dimensions[get_column_letter(number)].width = width
    return width


def lines_of(text: str, width: float) -> int:
    """Lines that a text fills in a column (characters); Excel sizes no rows of its own here."""
    return sum(max(1, ceil(len(line) / (0.9 * width))) for line in text.split("\n"))


def _in_words(column: str, values: pd.Series, texts: Messages) -> list[object]:
    """Values of a column with yes, no and other words in the reader's language."""
    if values.dtype == bool:
        return [texts("said_yes") if value else texts("said_no") for value in values]
    if column in WORDS:
        return [word(str(value), texts) for value in values]
    return list(values)


def _format_of(column: str, values: pd.Series) -> str:
    """Return the number format of a column; "" for texts."""
    if values.dtype.kind == "M":
        return DATED
    if LEVEL.fullmatch(column):
        return "#,##0.0"
    if values.dtype.kind in "fiu":
        for ends, shown in FORMATS:
            if column.endswith(ends):
                return shown
        return "#,##0" if values.dtype.kind in "iu" else "#,##0.###"
    return ""


def _colour(sheet: Worksheet, table: pd.DataFrame, settings: Settings, texts: Messages) -> None:
    """Add colours that follow the values, and those of what became of a project."""
    for number, column in enumerate(table, 1):
        letter = get_column_letter(number)
        area = f"{letter}2:{letter}{len(table) + 1}"
        rules = _rules(column, f"{letter}2", settings, texts)
        for rule in rules:
            sheet.conditional_formatting.add(area, rule)


def _rules(column: str, first: str, settings: Settings, texts: Messages) -> Sequence[object]:
    """Rules of a column; `first` is its first cell."""
    if column in BARS:
        return [DataBarRule("num", 0, "max", color=BARS[column])]
    if LEVEL.fullmatch(column):
        ends = {"start_type": "num", "start_value": 0, "start_color": "FFFFFF"}
        return [ColorScaleRule(**ends, end_type="percentile", end_value=90, end_color="7FCDBB")]
    of = {
        "loading_pu": lambda: _loading_rules(settings),
        "share_pu": lambda: [DataBarRule("num", 0, "num", 1, color="6FB3A8")],
        "units": lambda: [CellIsRule("greaterThan", ["0"], fill=_paint(OUTCOMES["chosen"]))],
        "outcome": lambda: [_equals(first, word(name, texts), OUTCOMES[name]) for name in OUTCOMES],
        "basis": lambda: [_equals(first, word(name, texts), ASSUMED) for name in NOT_THE_GRID],
        "chosen": lambda: [_equals(first, texts("said_yes"), OUTCOMES["chosen"])],
    }
    return of[column]() if column in of else []


def _loading_rules(settings: Settings) -> list[CellIsRule]:
    """Fill the upper classes of the loading with the colours of the maps, the highest first."""
    classes = loading_classes(settings)
    upper = list(zip(classes.limits, classes.colours[1:], strict=True))[1:]
    return [
        CellIsRule(
            "greaterThan" if low == 1.0 else "greaterThanOrEqual",
            [f"{low + style.ON_LIMIT if low == 1.0 else low:g}"],
            stopIfTrue=True,
            font=Font(color="FFFFFF" if number < 2 else "1C2430"),
            fill=_paint(colour.lstrip("#").upper()),
        )
        for number, (low, colour) in enumerate(reversed(upper))
    ]


def _equals(first: str, text: str, colour: str) -> FormulaRule:
    quoted = text.replace('"', '""')
    return FormulaRule([f'{first}="{quoted}"'], fill=_paint(colour))


def _paint(colour: str) -> PatternFill:
    return PatternFill("solid", bgColor=colour, fgColor=colour)


def print_setup(sheet: Worksheet) -> None:
    """Print on A4 across, as wide as the page."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.oddFooter.right.text = "&P / &N"
