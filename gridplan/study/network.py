"""The PyPSA network of a study folder, built from checked tables and hourly series."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import pypsa

from gridplan.base.quiet import quiet_pypsa
from gridplan.study.sheet import Sheet

COMPONENTS = {
    "buses": "Bus",
    "lines": "Line",
    "transformers": "Transformer",
    "generators": "Generator",
    "loads": "Load",
}


def build_network(
    name: str,
    sheets: Mapping[str, Sheet],
    load_mw: pd.DataFrame,
    limits_pu: tuple[pd.DataFrame, pd.DataFrame],
) -> pypsa.Network:
    """Put tables and series together; nothing goes through PyPSA's CSV reader, which guesses types.

    Parameters
    ----------
    name : str
        Name of the network.
    sheets : mapping of Sheet
        Checked tables of the grid folder.
    load_mw : pandas.DataFrame
        Snapshot x load (MW).
    limits_pu : tuple of pandas.DataFrame
        Lowest and highest output, snapshot x generator.

    Returns
    -------
    pypsa.Network
        With every column of the tables; loads in `loads_t.p_set`, limits of redispatch in
        `generators_t.p_min_pu` and `p_max_pu`.
    """
    with quiet_pypsa():
        network = pypsa.Network(name=name, snapshots=load_mw.index)
        network.snapshot_weightings = network.snapshot_weightings.astype(float)
        carriers = _carriers(sheets)
        network.add("Carrier", carriers.index, **_columns(carriers))
        for table, component in COMPONENTS.items():
            rows = sheets[table].frame()
            if len(rows):
                network.add(component, rows.index, **_columns(rows))
        network.c.loads.dynamic.p_set = _labelled(load_mw, "name")
        lowest, highest = limits_pu
        network.c.generators.dynamic.p_min_pu = _labelled(lowest, "name")
        network.c.generators.dynamic.p_max_pu = _labelled(highest, "name")
    return network


def _columns(rows: pd.DataFrame) -> dict[str, pd.Series]:
    return {str(column): rows[column] for column in rows}


def _labelled(table: pd.DataFrame, axis: str) -> pd.DataFrame:
    return table.rename_axis(index="snapshot", columns=axis)


def _carriers(sheets: Mapping[str, Sheet]) -> pd.DataFrame:
    """Return the table of carriers with a row for every carrier that some table uses."""
    stated = sheets["carriers"].frame() if "carriers" in sheets else pd.DataFrame()
    used = pd.concat([sheets[table].rows["carrier"] for table in ("buses", "lines", "generators")])
    names = pd.Index(stated.index.tolist() + used.tolist(), name="name").unique()
    carriers = stated.reindex(names)
    texts = carriers.columns.intersection(["nice_name", "color"])
    carriers[texts] = carriers[texts].fillna("")
    return carriers.fillna({"co2_emissions": 0.0})
