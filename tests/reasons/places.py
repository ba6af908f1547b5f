"""A triangle in which one line alone limits, and rows of projects at C."""

from tests.networks_by_hand import network

PLACES = {"A": (10.0, 63.0), "B": (10.0, 63.1), "C": (10.0, 63.2)}


def narrow(load_mw, placed=False):
    """Supply at A, hourly load at C; AB carries 100 MW, AC and BC 200.

    After the outage of AC everything goes over AB: C may draw 100 MW. Without outage a third of
    it does, and two thirds take AC: 300 MW.
    """
    lines = {"AB": 100.0, "BC": 200.0, "AC": 200.0}
    n = network(
        {name: (*name, 10.0, rating) for name, rating in lines.items()},
        {"C": list(load_mw)},
        len(load_mw),
    )
    n.add("Generator", "border A", bus="A", carrier="border", p_nom=1000.0)
    if placed:
        n.c.buses.static[["x", "y"]] = [PLACES[bus] for bus in n.c.buses.static.index]
    return n


def firm(mw, value=5.0, bus="C", **cells):
    return {"bus": bus, "mw": mw, "value_mnok_per_yr": value} | cells


def flexible(mw, value=5.0, bus="C", share=0.5, price=0.0, **cells):
    """Row of a conditional project; price in NOK per MWh."""
    conditions = {"connection": "conditional", "curtailable_share": share}
    return firm(mw, value, bus) | conditions | {"curtailment_nok_per_mwh": price} | cells
