"""Unpacks the reference networks, and compares flows and voltages."""

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

DATA = Path(__file__).parent / "data"
collect_ignore = ["make_references.py"]  # needs pandapower, which refuses our pandas


@pytest.fixture
def unpacked(tmp_path):
    """Write a packed network to a folder and return its path."""

    def unpack(name):
        path = tmp_path / name
        path.write_bytes(gzip.decompress((DATA / f"{name}.gz").read_bytes()))
        return path

    return unpack


def reference(name, kind):
    """What the source tool computes: "dc" (MW by branch) or "ac" (per unit by bus)."""
    return pd.read_csv(DATA / f"{name}_{kind}.csv.gz", index_col=0)


def flows_of(network):
    """MW on every branch of the linear power flow, by the source's own numbers."""
    network.lpf()
    parts = []
    for component in (network.c.lines, network.c.transformers):
        flow = component.dynamic.p0.iloc[0].reindex(component.static.index)
        if len(flow):
            parts.append(flow.set_axis(component.static["source_id"]))
    return pd.concat(parts)


def voltages_of(network):
    """Per-unit voltage of every bus after the AC power flow, by the source's own numbers."""
    result = network.pf(x_tol=1e-8)
    assert result.converged.to_numpy().all()
    volts = network.c.buses.dynamic.v_mag_pu.iloc[0]
    return volts[network.c.buses.static.index].set_axis(network.c.buses.static["source_id"])


def agree(ours, theirs):
    """Largest difference, relative to what it is (MW and less count as one)."""
    assert not theirs.isna().any()
    both = ours[theirs.index]
    return float(((both - theirs).abs() / np.maximum(theirs.abs(), 1.0)).max())
