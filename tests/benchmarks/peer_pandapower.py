"""pandapower's contingency analysis, in an environment of its own (see `peers`).

`run_contingency` with `rundcpp`, as it is: one DC power flow an outage. It keeps the highest and
lowest loading of every branch; the flows of the first hour are noted beside it. The rating that it
asks for scales the loadings and changes no flow. `run_contingency_ls2g`, made for speed, knows no
DC, and numba does not make `rundcpp` faster.
"""

import logging
import sys

import numpy as np
import pandapower as pp
from pandapower.contingency import run_contingency

from tests.benchmarks.peer import Given, measure


class Pandapower:
    """Case as pandapower's own JSON."""

    at_once = False

    def __init__(self, given):
        self.given, self.net = given, pp.from_json(str(given.folder / "case.json"))
        self.net.shunt["in_service"] = False
        for table in ("line", "trafo"):
            self.net[table]["max_loading_percent"] = 100.0
        lines = len(self.net.line)
        self.cases = {
            "line": {"index": given.outages[given.outages < lines]},
            "trafo": {"index": given.outages[given.outages >= lines] - lines},
        }
        branches = lines + len(self.net.trafo)
        self.noted = np.full((len(given.outages) + 1, branches), np.nan)  # in memory before the run

    def analyse(self, hours):
        """Contingency analysis of one hour."""
        for table in ("load", "gen", "sgen"):
            self.net[table]["scaling"] = self.given.factors[hours[0]]
        run_contingency(
            self.net,
            self.cases,
            contingency_evaluation_function=pp.rundcpp if hours[0] else self._noting(),
            raise_errors=True,
        )

    def _noting(self):
        """DC power flow that notes its flows."""
        rows = iter(self.noted)

        def flow(net, **options):
            pp.rundcpp(net, **options)
            next(rows)[:] = np.r_[net.res_line["p_from_mw"], net.res_trafo["p_hv_mw"]]

        return flow

    def after_mw(self, _):
        """Flows after the outages; the last ones are those without."""
        return self.noted[:-1].T


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    _, folder, hours, path = sys.argv
    measure(Pandapower(Given(folder)), int(hours), path)
