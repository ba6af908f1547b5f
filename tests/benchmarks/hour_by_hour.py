"""The peer of hourly hosting capacity: one warm-started HiGHS program per hour.

It maximises the load at a place over the same sources and limits, with one model whose bounds move
from hour to hour and whose basis is kept. Rows come from the screen by LODF that gridplan uses;
`learn` brings them in, so that `solve` can be timed with every row that the year needs;
`take_all` puts the rows of all outages in, as a program does that knows no rows on demand.
"""

from itertools import product

import highspy
import numpy as np

from gridplan.hosting.survey import CEILING_MW
from gridplan.operation.rows import RowPool
from gridplan.operation.screen import violations

SECURE_MW = 1e-6  # excess over a limit that counts as none
ROWS_PER_HOUR = 3


class HourByHour:
    """Programs of one place in every hour of a survey."""

    def __init__(self, survey, place):
        self.survey, self.place = survey, place
        self.rows = RowPool(survey.case.grid)
        self.rows.take(survey.rows)
        self.moved = survey.case.grid.ptdf.matrix @ place  # MW taken from each branch per MW

    def learn(self):
        """Bring in rows until the screen of the whole year is clean; return the MW."""
        while True:
            mw, found = self.solve()
            if not self.rows.add(found, ROWS_PER_HOUR):
                return mw

    def take_all(self):
        """Put every branch under every outage in, both ways."""
        branches, outages = self.survey.case.grid.lodf.matrix.shape
        every = product(range(branches), range(-1, outages), (1, -1))
        self.rows.take(key for key in every if key[0] != self._lost(key[1]))

    def _lost(self, outage):
        return -1 if outage < 0 else self.survey.case.grid.outages[outage]

    def solve(self, hours=slice(None)):
        """Largest MW of some hours under the rows so far, and what the screen then finds."""
        survey, count = self.survey, len(self.survey.injection)
        flow_mw, limit_mw = survey.flow_mw[hours], survey.case.limit_mw[hours]
        solver, islands = self._solver()
        room = np.maximum(limit_mw[:, self.rows.limit] - self.rows.flows_mw(flow_mw), 0.0)
        even = np.zeros((len(room), islands))
        below = np.hstack([even, np.full_like(room, -np.inf)])
        above = np.hstack([even, room])
        lower = np.column_stack([-survey.down_mw[hours], np.zeros(len(room))])
        upper = np.column_stack([survey.up_mw[hours], np.full(len(room), CEILING_MW)])
        columns, rows = (np.arange(n, dtype=np.int32) for n in (count + 1, above.shape[1]))
        points = np.empty_like(lower)
        for hour in range(len(points)):
            solver.changeColsBounds(len(columns), columns, lower[hour], upper[hour])
            solver.changeRowsBounds(len(rows), rows, below[hour], above[hour])
            solver.run()
            assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal, hour
            points[hour] = solver.getSolution().col_value
        flow = flow_mw + points[:, :-1] @ survey.effect.T
        flow -= np.outer(points[:, -1], self.moved)
        found = violations(survey.case.grid, flow, limit_mw, SECURE_MW)
        return points[:, -1], found

    def _solver(self):
        """Set the model up: sources, then MW at the place; balances, then CNEC rows."""
        survey, topology = self.survey, self.survey.case.grid.topology
        solver = highspy.Highs()
        for option, value in (("output_flag", False), ("threads", 1), ("presolve", "off")):
            solver.setOptionValue(option, value)
        count = len(survey.injection)
        solver.addVars(count + 1, np.zeros(count + 1), np.zeros(count + 1))
        solver.changeColCost(count, -1.0)
        members = topology.island == np.arange(topology.islands)[:, None]
        balance = np.column_stack([members @ survey.injection.T, -(members @ self.place)])
        effect = self.rows.effect(survey.effect)
        moved = self.rows.effect(self.moved[:, None])
        for row in np.vstack([balance, np.column_stack([effect, -moved])]):
            used = np.flatnonzero(row).astype(np.int32)
            solver.addRow(-np.inf, np.inf, len(used), used, row[used])
        return solver, topology.islands
