"""Exchange with the neighbours, as generators at the ends of the model.

Transfer capacities from / into NO3 (MW; FACTS.md): SE2 600/1000, NO4 400/1200, NO5 800/500, NO1
500/500. They are shared among the ends of the model that lead there (tables/borders.csv). Møre og
Romsdal lies in NO3 too and is not modelled: its stations take a constant net import. The region
with Møre og Romsdal has 3,500 MW of consumption and 2,800 MW of production (FACTS.md), Trøndelag
is about balanced, so Møre og Romsdal lacks up to 700 MW; half of it (350 MW net, Trollheim's 60 MW
counted) is taken as the yearly mean that comes through Trøndelag (assumption).

The schedule of a border is `schedule_mw` (constant, + into the model) + `schedule_share` of what
the hour lacks after all schedules. NO4 has a surplus: 350 MW of its export is constant.
"""

from __future__ import annotations

import pandas as pd

from networks.build.common import own_table


def borders(buses: pd.DataFrame) -> pd.DataFrame:
    """Return the border rows of generators.csv for the ends that the model has.

    Shares of missing ends go to the others in proportion, so that they sum to 1.
    """
    table = own_table("borders.csv").set_index("name")
    table = table[table["bus"].isin(buses.index)]
    shares = (table["schedule_share"] / table["schedule_share"].sum()).round(6)
    shares.iloc[0] = round(1 - shares.iloc[1:].sum(), 6)
    numbers = ["import_mw", "export_mw", "schedule_mw"]
    return table.astype(dict.fromkeys(numbers, float)).assign(
        schedule_share=shares,
        carrier="border",
        p_nom=table[["import_mw", "export_mw"]].max(axis=1).astype(float),
        storage=False,
        annual_gwh=0.0,
        municipality="",
        basis="assumption",
    )
