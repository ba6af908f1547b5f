"""Hosting capacities as a notebook shows them: the roomiest and the fullest buses first."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr

from gridplan.base.html import table_html
from gridplan.base.messages import Messages, messages
from gridplan.study.stage import Stage, stage_texts

ENDS = 8  # buses shown at either end
NEEDED = {"capacity_mw", "limiting_branch", "limiting_outage"}
DIMENSIONS = {"bus", "criterion", "flexibility"}
TOLD = {"study", "stage"}


class Capacity(xr.Dataset):
    """Capacities by bus, criterion and flexibility, as `gridplan.hosting_capacity` gives them.

    It is an xarray.Dataset in all respects; only what a notebook shows of it differs.

    Examples
    --------
    >>> Capacity({"free_mw": ("bus", [1.0])}).free_mw.item()
    1.0
    """

    __slots__ = ()

    def _repr_html_(self) -> str:
        """Show the largest and smallest capacities; all of it, where it is only a part."""
        whole = set(self.data_vars) >= NEEDED and set(self["capacity_mw"].dims) >= DIMENSIONS
        told = set(self.attrs) >= TOLD
        return _shown(self) if whole and told else super()._repr_html_()


def _shown(capacity: xr.Dataset) -> str:
    """Table of the first criterion."""
    attrs = capacity.attrs
    texts = messages(attrs.get("language", "en"))
    first = capacity.isel(criterion=0)
    grid = stage_texts(Stage.read(attrs["stage"]), texts) or [texts("grid_stored")]
    criterion = str(first["criterion"].item())
    heading = texts("cap_heading", study=attrs["study"], grid=grid[0], criterion=criterion)
    shares = [_share(float(share), texts) for share in first["flexibility"].to_numpy()]
    header = [texts("cap_bus"), *shares, texts("cap_branch"), texts("cap_outage")]
    return table_html(heading, header, _rows(first, texts))


def _share(share: float, texts: Messages) -> str:
    """Name of the column of a flexibility."""
    if share == 0:
        return texts("cap_firm")
    return texts("cap_share", percent=texts.percent(share))


def _rows(first: xr.Dataset, texts: Messages) -> Iterator[list[str]]:
    """Buses from the largest firm capacity down; those in the middle are only counted."""
    order = np.argsort(-first["capacity_mw"].isel(flexibility=0).to_numpy(), kind="stable")
    hidden = len(order) - 2 * ENDS
    shown = order if hidden <= 0 else np.concatenate([order[:ENDS], order[-ENDS:]])
    for place, bus in enumerate(shown):
        if hidden > 0 and place == ENDS:
            blank = [""] * (first.sizes["flexibility"] + 2)
            yield [texts("cap_more", count=texts.number(hidden)), *blank]
        row = first.isel(bus=int(bus))
        tightest = row.isel(flexibility=0)
        yield [
            str(row["bus"].item()),
            *(texts.mw(float(mw)) for mw in row["capacity_mw"].to_numpy()),
            str(tightest["limiting_branch"].item()),
            str(tightest["limiting_outage"].item()),
        ]
