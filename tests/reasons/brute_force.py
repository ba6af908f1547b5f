"""What fits of a load in an hour, from one program with the rows of every outage."""

import numpy as np
from scipy.optimize import linprog

from gridplan.portfolio.curtailment import EXCESS_MW
from gridplan.portfolio.search import case_with
from tests.every_outage import Grids


class Reference:
    """A choice of a plan's search, each outage's branch really removed.

    `extra` is load beside it, shape (T, N), `released` what an outage injects again.
    """

    def __init__(self, search, choice):
        options = search.options
        self.case = case_with(search.limits, options, search.shape, choice)
        self.grids = Grids(self.case)
        self.relief = options.served_pu(choice) @ options.released_mw
        self._base = self._rows(np.vstack([-self.case.load_mw]), self.relief)
        zero = np.zeros((1, self.grids.buses))
        self._offset = self._rows(zero, zero)
        self._effect = self._rows(self.case.injection, 0 * self.case.injection) - self._offset

    def part(self, extra, released=None, slack_mw=1e-7):
        """Largest part of a load in every hour, at most 1; NaN where not even none is secure."""
        released = np.zeros_like(extra) if released is None else released
        use = self._rows(-extra, released) - self._offset
        return np.array([self._hour(hour, extra, use, slack_mw) for hour in range(len(extra))])

    def secure(self, extra, released=None, slack_mw=2 * EXCESS_MW):
        """Whether all of a load fits in every hour; what stands beside it may need the slack."""
        part = self.part(extra, released, slack_mw)
        return bool((part > 1 - 1e-5).all())

    def _rows(self, injection, relief):
        """Flows without outage, then after each one with what is released; (T, rows)."""
        flows = list(self.grids.flows(injection))[:1]
        return np.hstack(flows + list(self.grids.flows(injection + relief))[1:])

    def _hour(self, hour, extra, use, slack_mw):
        case, island = self.case, self.case.grid.topology.island
        after = [case.limit_mw[hour, case.grid.after]] * (len(self.grids.removed) - 1)
        limit = np.concatenate([case.limit_mw[hour, : len(case.grid.after)], *after])
        effect = np.vstack([self._effect, use[hour]]).T
        columns = np.vstack([case.injection, -extra[hour]])
        members = [island == number for number in range(island.max() + 1)]
        found = linprog(
            np.append(np.zeros(len(case.injection)), -1.0),
            A_ub=np.vstack([effect, -effect]),
            b_ub=np.concatenate([limit - self._base[hour], limit + self._base[hour]]) + slack_mw,
            A_eq=np.array([columns[:, inside].sum(axis=1) for inside in members]),
            b_eq=[case.load_mw[hour, inside].sum() for inside in members],
            bounds=[*zip(case.p_min_mw[hour], case.p_max_mw[hour], strict=True), (0, 1)],
        )
        assert found.status in (0, 2), found.message
        return -found.fun if found.status == 0 else np.nan
