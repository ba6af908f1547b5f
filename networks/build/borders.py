"""Exchange with the neighbours, as generators at the ends of the model.

Transfer capacities (from / into NO3, MW; FACTS.md): SE2 600/1000, NO4 400/1200, NO5 800/500, NO1 500/500.
They are shared among the ends of the model that lead there (table `SHARES` below). Møre og
Romsdal lies in NO3 too and is not modelled: its stations take a constant net import. The region
with Møre og Romsdal has 3,500 MW of consumption and 2,800 MW of production (FACTS.md), Trøndelag
is about balanced, so Møre og Romsdal lacks up to 700 MW; half of it (350 MW net, Trollheim's 60 MW
counted) is taken as the yearly mean that comes through Trøndelag (assumption).

The schedule of a border is `schedule_mw` (constant, + into the model) + `schedule_share` of what the
hour lacks after all schedules. NO4 has a surplus: 350 MW of its export is constant.
"""

from __future__ import annotations

import pandas as pd

FACTS = "domain/FACTS.md, NTC of NO3 (electricitymaps-contrib)"
COLUMNS = ("name", "bus", "import_mw", "export_mw", "schedule_mw", "schedule_share", "why")
BORDERS = (
    ("Border SE2 Järpströmmen", "Järpströmmen 420", 1000, 600, 0, 0.45,
     f"SE2: all of its capacity; largest share of the balance (assumption: the deepest market). {FACTS}"),
    ("Border NO4 Nedre Røssåga", "Nedre Røssåga 420", 1100, 370, 310, 0.25,
     f"NO4 less the Kolsvik part; constant import because NO4 has a surplus (assumption). {FACTS}"),
    ("Border NO4 Kolsvik", "Kolsvik 132", 100, 30, 40, 0.0,
     f"hydro power of Bindal at Kolsvik, part of NO4's capacity (assumption). {FACTS}"),
    ("Border NO1 Vågåmo", "Vågåmo 300", 440, 440, 0, 0.14,
     f"NO1 less the Savalen part. {FACTS}"),
    ("Border NO1 Savalen", "Savalen 132", 60, 60, 10, 0.01,
     "132 kV from the south: 55 MW towards Røros (lines_documented.csv Tolga-Røros), rounded"),
    ("Border NO5 Ørskog", "Ørskog 420", 500, 800, -40, 0.10,
     f"NO5 and Sunnmøre; small constant export to Sunnmøre (assumption). {FACTS}"),
    ("Border Romsdal Fræna", "Fræna 420", 0, 400, -130, 0.0,
     "Romsdal and its gas plant: constant net export (assumption, part of 350 MW)"),
    ("Border Nordmøre Viklandet", "Viklandet 420", 300, 600, -240, 0.05,
     "Nordmøre and its smelter: constant net export (assumption, part of 350 MW)"),
    ("Border Nordmøre Trollheim", "Trollheim 132", 130, 60, 60, 0.0,
     "Trollheim hydro power (130 MW) less the load around it (assumption)"),
)  # fmt: skip


def borders(buses: pd.DataFrame) -> pd.DataFrame:
    """Return the border rows of generators.csv for the ends that the model has.

    Shares of missing ends go to the others in proportion, so that they sum to 1.
    """
    table = pd.DataFrame(list(BORDERS), columns=list(COLUMNS)).set_index("name")
    table = table[table["bus"].isin(buses.index)]
    shares = (table["schedule_share"] / table["schedule_share"].sum()).round(6)
    shares.iloc[0] = round(1 - shares.iloc[1:].sum(), 6)
    table["schedule_share"] = shares
    return table.assign(
        carrier="border",
        p_nom=table[["import_mw", "export_mw"]].max(axis=1).astype(float),
        storage=False,
        annual_gwh=0.0,
        municipality="",
        basis="assumption",
        source=table["why"],
    ).drop(columns="why")
