"""The tiny study as a workbook that a test can spoil before it is saved."""

import csv
import datetime as dt
import io

from openpyxl import Workbook

from tests.study.conftest import FILES, HOURS, hours, sectors

SETTINGS = {"name": "tiny", "title": "Three buses", "unsecured": "Upper T1", "inflow": "median"}


def tiny_book() -> Workbook:
    """Sheets of the tables, typed as Excel would, and of the hourly series."""
    book = Workbook()
    sheet = book.active
    sheet.title = "settings"
    sheet.append(["key", "value"])
    for row in SETTINGS.items():
        sheet.append(row)
    for file, text in FILES.items():
        if file.endswith(".csv"):
            sheet = book.create_sheet(file.removesuffix(".csv").removeprefix("grid/"))
            for row in csv.reader(io.StringIO(text)):
                sheet.append([typed(cell) for cell in row])
    data = hours()
    series = {
        "profile_pu": sectors()["profile_pu"].to_pandas(),
        "load_mw": data["load_mw"].to_pandas(),
        "wind_pu": data["wind_pu"].to_pandas(),
        "hydro_mw": data["hydro_mw"].sel(inflow="median").to_pandas(),
    }
    for name, table in series.items():
        sheet = book.create_sheet(name)
        sheet.append(["snapshot", *table.columns])
        for hour, figures in zip(HOURS, table.to_numpy().tolist(), strict=True):
            sheet.append([hour.to_pydatetime(), *figures])
    return book


def typed(cell: str) -> object:
    """A cell as Excel holds it."""
    if cell in ("True", "False"):
        return cell == "True"
    for kind in (int, float, dt.date.fromisoformat):
        try:
            return kind(cell)
        except ValueError:
            continue
    return cell or None
