"""The tools of `peers` that run in this environment: gridplan, pypowsybl and PyPSA."""

import logging
import sys

import numpy as np
import pandas as pd

from tests.benchmarks.peer import Given, measure


class Gridplan:
    """The optimiser's screen, from the network to the extremes of every branch."""

    at_once = True

    def __init__(self, given):
        import gridplan.grid.sensitivities
        import gridplan.operation.screen

        self.given, self.network = given, open_pypsa(given)
        self.grid_of = gridplan.grid.sensitivities.grid_of
        self.extremes_mw = gridplan.operation.screen.extremes_mw
        self.injection_mw = injection_mw(self.network)

    def analyse(self, hours):
        """Highest and lowest flow of every branch over all outages."""
        grid = self.grid_of(self.network)
        return self.extremes_mw(grid, grid.flows_mw(self.injection_mw[hours]))

    def after_mw(self, found):
        """Highest and lowest flow in the first hour, shape (L, 2)."""
        return np.column_stack([extreme[0, extreme.shape[1] // 2 :] for extreme in found])


class GridplanFlows(Gridplan):
    """The flows of all branches after all outages."""

    def analyse(self, hours):
        """Write all flows out, an hour at a time; the first hour's stay."""
        grid = self.grid_of(self.network)
        after = np.empty((grid.branches, len(grid.outages)))
        for flow in grid.flows_mw(self.injection_mw[hours])[::-1]:
            for branch, lodf in grid.blocks():
                np.multiply(lodf, flow[grid.outages], out=after[branch[0] : branch[-1] + 1])
            after += flow[:, None]
        return after

    def after_mw(self, found):
        """Flows, shape (L, K)."""
        return found


class Pypsa:
    """`lpf_contingency`, which takes one hour and works its BODF out in each.

    None of the given outages splits the grid: after such a one it would give NaN or rounding noise.
    """

    at_once = False

    def __init__(self, given):
        self.network = open_pypsa(given)
        parts = (self.network.c.lines, self.network.c.transformers)
        self.branches = [(part.name, name) for part in parts for name in part.static.index]
        self.outages = [self.branches[row] for row in given.outages]

    def analyse(self, hours):
        """Flows of all branches after all outages of one hour."""
        return self.network.lpf_contingency(hours[0], branch_outages=self.outages)

    def after_mw(self, found):
        """Flows, shape (L, K)."""
        return found.loc[self.branches, self.outages].to_numpy()


class Powsybl:
    """DC security analysis with every branch monitored, and its results as a table.

    One slack bus, the case's own, takes all imbalance, as in the other tools; by default generators
    share it. `dcFastMode` updates the solution for each outage (Woodbury) and leaves the matrix as
    it is: the faster of its two ways. Shunts need no setting, as its DC flows leave them out.
    """

    at_once = False

    def __init__(self, given):
        import pypowsybl

        self.given, self.network = given, pypowsybl.network.load(str(given.folder / "case.mat"))
        self.create = pypowsybl.security.create_analysis
        flow = pypowsybl.loadflow.Parameters(distributed_slack=False, read_slack_bus=True)
        self.parameters = pypowsybl.security.Parameters(
            load_flow_parameters=flow, provider_parameters={"dcFastMode": "true"}
        )
        self.load_mw = self.network.get_loads()["p0"]
        self.target_mw = self.network.get_generators()["target_p"]
        tables = (self.network.get_lines(), self.network.get_2_windings_transformers())
        self.branches = [name for table in tables for name in table.index]
        self.outages = [self.branches[row] for row in given.outages]

    def analyse(self, hours):
        """Flows of all branches after all outages of one hour."""
        return self.result(hours, {"branch_ids": self.branches}).branch_results

    def result(self, hours, monitored):
        """Security analysis of one hour."""
        factor = self.given.factors[hours[0]]
        self.network.update_loads(self.load_mw.mul(factor).to_frame())
        self.network.update_generators(self.target_mw.mul(factor).to_frame())
        analysis = self.create()
        analysis.add_single_element_contingencies(self.outages)
        analysis.add_monitored_elements(**monitored)
        return analysis.run_dc(self.network, self.parameters)

    def after_mw(self, found):
        """Flows, shape (L, K)."""
        return self.spread(found["p1"], "branch_id", np.nan)

    def spread(self, mw, level, missing):
        """Table of results as an array, shape (L, K); those without outage are left out."""
        row = pd.Index(self.branches).get_indexer(mw.index.get_level_values(level))
        lost = pd.Index(self.outages).get_indexer(mw.index.get_level_values("contingency_id"))
        after = np.full((len(self.branches), len(self.outages)), missing)
        after[row[lost >= 0], lost[lost >= 0]] = mw.to_numpy()[lost >= 0]
        return after


class PowsyblLimits(Powsybl):
    """The same without monitored branches: it tells the limits that are exceeded."""

    def __init__(self, given):
        super().__init__(given)
        limits = pd.DataFrame({"element_id": self.branches, "value": given.limits_mw})
        limits = limits.assign(side="ONE", name="permanent", type="ACTIVE_POWER",
                               acceptable_duration=-1, group_name="ours")  # fmt: skip
        self.network.create_loading_limits(limits.set_index("element_id"))
        for table, update in (
            (self.network.get_lines(), self.network.update_lines),
            (
                self.network.get_2_windings_transformers(),
                self.network.update_2_windings_transformers,
            ),
        ):
            update(table[[]].assign(selected_limits_group_1="ours"))

    def analyse(self, hours):
        """Violations of one hour."""
        return self.result(hours, {}).limit_violations

    def after_mw(self, found):
        """Flows above their limits, 0 for the others, shape (L, K)."""
        return self.spread(found["value"], "subject_id", 0.0)


def open_pypsa(given):
    """Network with loads and generation of every hour."""
    import pypsa

    return pypsa.Network(given.folder / "case.nc")


def injection_mw(network):
    """MW at every bus in every hour; the slack bus balances the one island."""
    from gridplan.grid.at_buses import load_at_buses_mw

    buses, generators = network.c.buses.static.index, network.c.generators
    injection = -load_at_buses_mw(network, buses)
    place = buses.get_indexer(generators.static["bus"])
    power = generators.dynamic.p_set[generators.static.index].to_numpy()
    np.add.at(injection.T, place, power.T)
    slack = place[generators.static["control"] == "Slack"][0]
    injection[:, slack] -= injection.sum(axis=1)
    return injection


TOOLS = {
    "gridplan, extremes": Gridplan,
    "gridplan, all flows": GridplanFlows,
    "PyPSA": Pypsa,
    "pypowsybl, limits": PowsyblLimits,
    "pypowsybl, all flows": Powsybl,
}

if __name__ == "__main__":
    logging.disable(logging.WARNING)
    _, name, folder, hours, path = sys.argv
    measure(TOOLS[name](Given(folder)), int(hours), path)
