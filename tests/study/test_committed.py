"""Which projects are growth, committed or a choice, with variants and conditional connections."""

import pandas as pd

import gridplan as gp
from gridplan.study.settings import Settings
from tests.networks_by_hand import triangle

ROWS = {  # name: mw, variant_of, status, connection, year
    "Kiosk": (1.0, "", "queue", "firm", 2026),
    "Large kiosk": (20.0, "Kiosk", "candidate", "firm", 2026),
    "Stall": (1.0, "", "queue", "conditional", 2026),
    "Quay": (20.0, "", "reserved", "firm", 2026),
    "Small quay": (10.0, "Quay", "candidate", "firm", 2026),
    "Late quay": (20.0, "", "reserved", "firm", 2032),
    "Early quay": (4.0, "Late quay", "candidate", "firm", 2028),
    "Mill": (30.0, "", "candidate", "firm", 2026),
    "Tiny mill": (2.0, "Mill", "candidate", "firm", 2026),
    "Boiler": (30.0, "", "under construction", "conditional", 2026),
    "Firm boiler": (15.0, "Boiler", "candidate", "firm", 2026),
    "Farm": (30.0, "", "candidate", "firm", 2026),
    "Reserved farm": (12.0, "Farm", "reserved", "firm", 2026),
}


def study():
    columns = ["mw", "variant_of", "status", "connection", "year"]
    table = pd.DataFrame.from_dict(ROWS, orient="index", columns=columns).assign(bus="A")
    return gp.Study(network=triangle(), projects=table, settings=Settings(year=2030))


def test_only_small_firm_heads_are_ordinary_growth():
    assert study().ordinary_growth.index.tolist() == ["Kiosk"]


def test_a_conditional_reservation_is_no_part_of_the_base_load():
    assert study().committed.index.tolist() == ["Kiosk", "Quay", "Reserved farm"]


def test_a_committed_project_has_no_other_variants_to_choose_from():
    assert study().candidates(2030).index.tolist() == [
        "Stall",
        "Quay",
        "Early quay",
        "Mill",
        "Tiny mill",
        "Boiler",
        "Firm boiler",
        "Reserved farm",
    ]
    assert study().candidates(2032).index.tolist()[2] == "Late quay"


def test_symbioses_count_in_the_hash_and_stay_with_some_hours():
    heat = pd.DataFrame(
        {"partners": "Mill", "carrier": "heat", "cost_mnok": 1.0, "co2_t_per_yr": 9.0},
        index=["Heat"],
    )
    parts = {"network": triangle(), "projects": study().projects, "symbioses": heat}
    first = gp.Study(**parts)
    assert first.symbioses["existing_partners"].tolist() == [""]
    assert "1 symbioses" in repr(first)
    assert first.at(first.network.snapshots[:1]).symbioses.equals(first.symbioses)
    other = gp.Study(**parts | {"symbioses": heat.assign(cost_mnok=2.0)})
    assert first.hash != other.hash
