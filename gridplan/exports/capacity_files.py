"""Hosting capacity as files: tables, netCDF and charts."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import xarray as xr
from matplotlib.axes import Axes

from gridplan.base.messages import Language, Messages, messages
from gridplan.exports.capacity_tables import capacity_table, range_table, use_table
from gridplan.exports.chart_axes import chart_style, foot
from gridplan.exports.charts import capacity_duration_plot, flexibility_plot
from gridplan.exports.files import write_table
from gridplan.exports.origin import footer
from gridplan.exports.saving import save_figure
from gridplan.exports.use_chart import capacity_use_plot
from gridplan.hosting.curve import flexibility_curve
from gridplan.study.stage import stage_texts
from gridplan.study.study import Study

DPI = 200
FORBIDDEN = re.compile(r'[\\/:*?"<>|\s\x00-\x1f]+')  # in file names, on one system or another


def write_capacity(
    cap: xr.Dataset,
    study: Study,
    without_n1: pd.DataFrame,
    folder: Path,
    *,
    spread: xr.Dataset | None = None,
    language: Language = "en",
) -> None:
    """Write capacities as tables, netCDF and charts.

    Parameters
    ----------
    cap : xarray.Dataset
        Of `gridplan.hosting_capacity`. With hourly capacities every bus also gets its curve of
        curtailment as table and chart, and its chart of the hours.
    study : Study
        On the grid that `cap` stands on.
    without_n1 : pandas.DataFrame
        Of `gridplan.without_n1`.
    folder : pathlib.Path
        An existing folder, best the one of `whole_folder`.
    spread : xarray.Dataset, optional
        Of `gridplan.capacity_range`.
    language : {"en", "nb"}
        Of the charts.
    """
    packed = {name: {"zlib": True, "complevel": 4} for name in cap if cap[name].dtype.kind == "f"}
    cap.to_netcdf(folder / "capacity.nc", encoding=packed)
    write_table(capacity_table(cap, study), folder / "capacity.csv")
    write_table(use_table(cap, study), folder / "capacity_use.csv")
    write_table(without_n1, folder / "without_n1.csv")
    if spread is not None:
        write_table(range_table(spread, study), folder / "capacity_range.csv")
    first = cap.isel(criterion=0)
    use = first.drop_dims("flexibility")[["used_mw", "reserved_mw", "queued_mw", "free_mw"]]
    axes = capacity_use_plot(use.to_dataframe().drop(columns="criterion"), language=language)
    _save(axes, folder / "capacity_use.png", _origin(first, study, messages(language)))
    if "hourly_mw" in cap:
        _write_curves(cap, study, folder, language)


def _write_curves(cap: xr.Dataset, study: Study, folder: Path, language: Language) -> None:
    """Write curve and charts of every bus under every criterion."""
    names = file_names(cap.indexes["bus"])
    for criterion in cap.indexes["criterion"]:
        origin = _origin(cap.sel(criterion=criterion), study, messages(language))
        for bus, name in names.items():
            ending = name if cap.sizes["criterion"] == 1 else f"{name}_{criterion}"
            curve = flexibility_curve(cap, bus, criterion=criterion)
            write_table(curve, folder / f"curve_{ending}.csv")
            axes = flexibility_plot(curve, language=language)
            _save(axes, folder / f"curve_{ending}.png", origin)
            axes = capacity_duration_plot(cap, bus, criterion=criterion, language=language)
            _save(axes, folder / f"duration_{ending}.png", origin)


def file_names(buses: pd.Index) -> dict[str, str]:
    """Give every bus a name that all file systems take, and no two the same.

    Examples
    --------
    >>> file_names(pd.Index(["Åfjord 66", "A/B", "A B"]))
    {'Åfjord 66': 'Åfjord_66', 'A/B': 'A_B', 'A B': 'A_B_2'}
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    for bus in buses:
        plain = FORBIDDEN.sub("_", str(bus)).strip("._") or "bus"
        name, number = plain, 2
        while name.casefold() in taken:
            name, number = f"{plain}_{number}", number + 1
        taken.add(name.casefold())
        names[bus] = name
    return names


def _origin(one: xr.Dataset, study: Study, texts: Messages) -> str:
    """Say in two lines under a chart what it shows, on which grid, from which input and version."""
    told = one.attrs
    basis = "chart_basis_load" if told["direction"] == "load" else "chart_basis_generation"
    parts = [texts(basis, criterion=one["criterion"].item()), *stage_texts(study.stage, texts)]
    return f"{' · '.join(parts)}\n{footer(told, texts)}"


def _save(axes: Axes, path: Path, origin: str) -> None:
    """Write a chart with its origin below."""
    with chart_style():
        foot(axes, origin)
        save_figure(axes.figure, path, title=axes.get_title(loc="left"), dpi=DPI)
