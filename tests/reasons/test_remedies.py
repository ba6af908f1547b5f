"""Every remedy lets the project in, and a little less of it would not."""

from dataclasses import replace

import numpy as np
import pytest

import gridplan as gp
from gridplan.portfolio.conditions import events
from gridplan.portfolio.curtailment import EXCESS_MW
from gridplan.reasons.asked import asked_of
from tests.networks_by_hand import (
    SECOND_LINE,
    chosen_in,
    plain_study,
    random_study,
    reinforcements,
    with_conditions,
)
from tests.reasons.brute_force import Reference
from tests.reasons.places import firm, flexible, narrow

LOADS = [60, 80, 95, 90]  # room at C: 40, 20, 5, 10 MW
SLACK_MW = {True: 2 * EXCESS_MW, False: 1e-7}  # what stands beside a project may need the former
IDEA = SECOND_LINE | {"status": "idea"}
USELESS = IDEA | {"name": "Useless line", "branch": "BC 2", "bus0": "B", "bus1": "C"}


def remedies(study, project="Mill"):
    return gp.explain(gp.plan(study), project).remedies.set_index("kind")


def test_by_hand():
    """30 MW at C: 5 MW fit, 25 MW must go in all hours, disconnection after an outage is enough.

    A has the supply; B hangs on AB as C does. A second line AC lets one of the two fail.
    """
    study = plain_study(narrow(LOADS, placed=True), {"Mill": firm(30.0)})
    found = remedies(replace(study, reinforcements=reinforcements(IDEA, USELESS)))
    assert found.index.tolist() == ["size", "measure", "curtailment", "bus", "reinforcement"]
    assert found["amount"].to_numpy() == pytest.approx([5, 25, 0, 22.24, 10], abs=2e-3)
    assert found.loc["measure", "what"] == "C"
    assert found.loc["curtailment", ["hours", "longest_h", "largest_mw"]].tolist() == [0, 0, 0]
    assert found.loc["bus", "what"] == "A"
    line = found.loc["reinforcement"]
    assert line[["what", "year", "status", "cost_mnok"]].tolist() == [
        "Second line", 2028, "idea", 10.0
    ]  # fmt: skip


def test_a_measure_may_save_no_more_than_stands_there():
    """60 MW too many; in the weakest hour only 59 stand at C."""
    study = plain_study(narrow([59, 90]), {"Mill": firm(71.0)})
    assert "measure" not in remedies(study).index


def test_curtailment_by_hand():
    """Two thirds of 300 MW fill AC: 250 MW lose 15 and 10 MW of 1000 MWh."""
    found = remedies(plain_study(narrow([60, 65, 40, 60]), {"Mill": firm(250.0)}))
    row = found.loc["curtailment"]
    assert row["amount"] == pytest.approx(100 * 35 / 1000, abs=1e-4)
    assert row[["hours", "longest_h"]].tolist() == [3, 2]
    assert row["largest_mw"] == pytest.approx(15, abs=1e-4)


def test_the_conditions_found_are_enough_for_a_plan():
    """3.5 % in three hours, two of them in a row."""
    for share, fits in ((0.03501, True), (0.03499, False)):
        row = flexible(250.0, share=share, curtailable_hours=3, longest_curtailment_h=2)
        plan = gp.plan(plain_study(narrow([60, 65, 40, 60]), {"Mill": row}))
        assert chosen_in(plan) == (["Mill"] if fits else [])


def test_none_where_the_grid_does_not_keep_it_out():
    offered = {"Mill": firm(8.0, 5.0, excludes="Quay"), "Quay": firm(7.0, 4.0),
               "Loss": firm(9.0, -1.0), "Dear": flexible(250.0, 1.0, price=1e6)}  # fmt: skip
    plan = gp.plan(plain_study(narrow([60, 55]), offered))
    for project in ("Quay", "Loss", "Dear"):
        found = gp.explain(plan, project)
        assert (found.outcome, found.fits) == ("rejected", True)
        assert found.remedies.empty
    assert gp.explain(plan, "Mill").remedies is None


def test_buses_without_coordinates_have_no_distance():
    why = gp.explain(gp.plan(plain_study(narrow(LOADS), {"Mill": firm(30.0)})), "Mill")
    assert np.isnan(why.remedies.set_index("kind").loc["bus", "amount"])
    assert "- another bus: A\n" in why.text("en")


@pytest.mark.parametrize("seed", [0, 3, 6])
def test_random_networks_against_every_outage_written_out(seed):
    study = random_study(seed, tightness=1.3)
    plan = gp.plan(with_conditions(study, seed) if seed % 2 else study)
    kinds = set()
    for project in plan.projects.index[~plan.projects["chosen"]][:5]:
        asked, why = asked_of(plan, project), gp.explain(plan, project)
        reference = Reference(asked.search, asked.rest)
        for row in why.remedies.itertuples():
            CHECKS[row.kind](asked, reference, row)
            kinds.add(row.kind)
    assert "curtailment" in kinds
    assert seed or kinds == set(CHECKS)


def size_holds(asked, reference, row):
    full = asked.row["mw"]
    for mw, fits in ((row.amount - 1e-3, True), (row.amount + 0.01, False)):
        extra = asked.extra.times(np.full(len(asked.demand_mw), max(mw, 0.0) / full))
        assert reference.secure(extra.load_mw, extra.released_mw, SLACK_MW[fits]) is fits


def measure_holds(asked, reference, row):
    place = reference.case.grid.topology.buses.get_loc(row.what)
    for part, fits in ((1.0, True), (0.99, False)):
        load = asked.extra.load_mw.copy()
        load[:, place] -= part * row.amount
        assert reference.secure(load, asked.extra.released_mw, SLACK_MW[fits]) is fits
    assert row.amount <= reference.case.load_mw[:, place].min()


def curtailment_holds(asked, reference, row):
    load = asked.extra.load_mw
    released = _released(asked, load)
    missing = asked.demand_mw * (1 - reference.part(load, released))
    curtailed = missing > 1e-4
    assert row.amount == pytest.approx(100 * missing.sum() / asked.demand_mw.sum(), abs=1e-3)
    assert row.hours == curtailed.sum()
    assert row.longest_h == events(curtailed)[1].max(initial=0)
    assert row.largest_mw == pytest.approx(missing.max(), abs=1e-3)


def bus_holds(asked, reference, row):
    load = np.zeros_like(asked.extra.load_mw)
    load[:, reference.case.grid.topology.buses.get_loc(row.what)] = asked.demand_mw
    conditional = asked.extra.released_mw is not None
    assert reference.secure(load, _released(asked, load) if conditional else None)


def _released(asked, load):
    """West and east give way for 60 and 40 % of what is disconnected."""
    released = load.copy()
    buses = asked.search.limits.grid.topology.buses
    for bus, share in (("B0", 0.6), ("B3", 0.4)):
        released[:, buses.get_loc(bus)] -= share * load.sum(axis=1)
    return released


CHECKS = {
    "size": size_holds,
    "measure": measure_holds,
    "curtailment": curtailment_holds,
    "bus": bus_holds,
}
