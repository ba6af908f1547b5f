"""Time the plan in full; run on demand: `uv run python -m tests.benchmarks.step3`.

Prints the whole Trøndelag plan, 50 projects of three variants each in the same grid (wall time and
peak memory of a process of their own), and 30 projects in a network of SciGRID-DE's size against
PyPSA's own security-constrained optimisation of the same hours and outages.
"""

import logging

import numpy as np
import pandas as pd

import gridplan as gp
from gridplan.grid.sensitivities import grid_of
from gridplan.study.settings import Settings
from tests.benchmarks.timing import child, clock, python, report
from tests.large_network import large_study

HERE = "from tests.benchmarks import step3; "


def main():
    full = "import gridplan as gp; print(gp.plan(gp.open_study('trondelag'), 2030))"
    child("Trøndelag, import and opening included", python(full), wall=120, memory_gb=3)
    child("50 projects x 3 variants", python(f"{HERE}step3.many()"), wall=300, memory_gb=3)
    against_pypsa()


def many(projects=50, seed=0):
    """Plan 50 projects, each with a smaller and a conditional variant, in Trøndelag."""
    from dataclasses import replace

    study = gp.at_stage(gp.open_study("trondelag"))
    rng = np.random.default_rng(seed)
    network = study.network
    buses = network.c.buses.static
    inside = buses.index[buses["in_county"].astype(bool)]
    loaded = inside.intersection(network.c.loads.static["bus"].unique())
    heads = pd.DataFrame(
        {
            "bus": rng.choice(loaded, projects),
            "mw": rng.uniform(8, 80, projects).round(1),
            "profile": rng.choice(study.profiles.columns, projects),
            "value_mnok_per_yr": rng.uniform(5, 100, projects).round(2),
            "variant_of": "",
            "connection": "firm",
        },
        index=pd.Index([f"Project {number}" for number in range(projects)], name="name"),
    )
    smaller = heads.assign(mw=heads["mw"] * 0.6, value_mnok_per_yr=heads["value_mnok_per_yr"] * 0.6)
    flexible = heads.assign(connection="conditional", curtailable_share=0.03)
    variants = [
        table.assign(variant_of=heads.index).set_axis(heads.index + suffix)
        for table, suffix in ((smaller, " smaller"), (flexible, " conditional"))
    ]
    crowded = replace(study, projects=pd.concat([heads, *variants]), symbioses=None)
    print(gp.plan(crowded).summary())


def against_pypsa(hours=4, outages=40, projects=30):
    """Plan in a network of 600 buses here and in PyPSA, in the same run."""
    study = large_case(hours, outages, projects)
    with clock() as here:
        mine = gp.plan(study)
    network = gp.to_pypsa(study, study.network.snapshots)
    with clock() as there:
        status = network.optimize.optimize_security_constrained(
            branch_outages=gp.secure_outages(study), solver_name="highs", log_to_console=False,
            extra_functionality=gp.pypsa_conditions(study), solver_options={"mip_rel_gap": 0.0},
        )  # fmt: skip
    assert status == ("ok", "optimal"), status
    size = f"{hours} h x {outages} outages x {projects} projects, 600 buses"
    report(size, here.wall, here.cpu, f"{mine.objective_mnok:.6f} MNOK a year")
    theirs = gp.pypsa_objective(network)
    note = f"{theirs:.6f} MNOK a year, {there.wall / here.wall:.0f} times as long"
    report("the same in PyPSA", there.wall, there.cpu, note)


def large_case(hours, outages, projects, seed=0):
    """Large network with projects at random buses and few outages, the first of its branches."""
    bare = large_study(hours=hours)
    grid = grid_of(bare.network)
    names = grid.topology.branches.index
    rng = np.random.default_rng(seed)
    kept = rng.choice(grid.outages, outages, replace=False)
    unsecured = tuple(names[np.setdiff1d(grid.outages, kept)])
    buses = bare.network.c.loads.static["bus"].unique()
    table = pd.DataFrame(
        {
            "bus": rng.choice(buses, projects, replace=False),
            "mw": rng.uniform(100, 600, projects).round(1),  # two thirds fit
            "value_mnok_per_yr": rng.uniform(5, 100, projects).round(2),
        },
        index=pd.Index([f"Project {number}" for number in range(projects)], name="name"),
    )
    return gp.Study(
        network=bare.network,
        schedule_mw=bare.schedule_mw,
        projects=table,
        settings=Settings(name="large", unsecured=unsecured),
    )


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    main()
