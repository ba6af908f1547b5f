"""An independent reference for secure operation, hour by hour, without any LODF.

For every contingency the branch is really removed: the susceptance matrix is set up without it and
factorised anew. A contingency is any branch without which the grid stays in one piece (found by
connected components, not by a search for bridges) and that the study does not leave out.

Two programs share this: `largest_written_out` holds all rows of all outages; `Hours` brings rows in
on demand and stops when all flows after all outages are within their limits. Its optimum is that
of the full program, because a relaxed program's optimum that meets the missing rows is optimal.
"""

from dataclasses import replace

import highspy
import numpy as np
from scipy import sparse
from scipy.optimize import linprog
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu

EXCESS_MW = 1e-8  # by which a flow may exceed its limit
WORST = 3  # rows that an hour brings in a round
BATCH = 8  # hours that a factorisation solves at once; with more, BLAS threads wait for each other


class Grids:
    """The grid as it is and after every outage, each with a factorisation of its own.

    The outages are counted from 1; 0 is the grid as it is.
    """

    def __init__(self, case, *, outages=True, unsecured=(), listed=()):
        topology = case.grid.topology
        self.from_bus, self.to_bus = topology.from_bus, topology.to_bus
        self.susceptance = 1.0 / topology.branches["x_pu"].to_numpy()
        self.shift_mw = -topology.branches["shift_rad"].to_numpy() * self.susceptance
        self.buses = len(topology.buses)
        islands, label = self._pieces(None)
        self.others = np.setdiff1d(np.arange(self.buses), np.unique(label, return_index=True)[1])
        self.removed = [None]
        if outages:
            watched = np.flatnonzero(~topology.branches.index.isin(unsecured))
            self.removed += [b for b in watched if self._pieces(b)[0] == islands]
            self.removed += [topology.branches.index.get_indexer(list(names)) for names in listed]
        self.grids = [self._grid(branch) for branch in self.removed]

    def flows(self, injection_mw):
        """Yield the flows (T, L) of the grid as it is and after every outage."""
        for branch, (factor, shift_mw) in zip(self.removed, self.grids, strict=True):
            angle = np.zeros((self.buses, len(injection_mw)))
            wanted = injection_mw - shift_mw
            for start in range(0, len(injection_mw), BATCH):
                hours = slice(start, start + BATCH)
                angle[self.others, hours] = factor.solve(wanted[hours, self.others].T)
            flow = self.susceptance[:, None] * (angle[self.from_bus] - angle[self.to_bus])
            flow += self.shift_mw[:, None]
            if branch is not None:
                flow[branch] = 0.0
            yield flow.T

    def row(self, branch, outage):
        """MW on a branch after an outage: per MW at every bus, and without any injection."""
        factor, shift_mw = self.grids[outage]
        ends = np.zeros(self.buses)
        ends[self.from_bus[branch]], ends[self.to_bus[branch]] = 1.0, -1.0
        row = np.zeros(self.buses)
        row[self.others] = factor.solve(self.susceptance[branch] * ends[self.others])
        return row, self.shift_mw[branch] - row @ shift_mw

    def _incidence(self, without):
        """Incidence of branches and buses, those left out that are out."""
        kept = self._kept(without)
        ends = [self.from_bus[kept], self.to_bus[kept]]
        count = np.arange(len(ends[0]))
        shape = (len(count), self.buses)
        plus, minus = (sparse.csr_array((np.ones(len(count)), (count, e)), shape) for e in ends)
        return plus - minus

    def _kept(self, without):
        """Branches that are left when one, several or none are out."""
        out = [] if without is None else without
        return ~np.isin(np.arange(len(self.from_bus)), out)

    def _pieces(self, without):
        """Count the pieces of the grid and label the buses with theirs."""
        incidence = self._incidence(without)
        return connected_components(abs(incidence).T @ abs(incidence))

    def _grid(self, without):
        """Factorise the susceptance matrix; also what the phase shifters inject at the buses."""
        incidence, kept = self._incidence(without), self._kept(without)
        matrix = incidence.T @ sparse.diags_array(self.susceptance[kept]) @ incidence
        factor = splu(sparse.csc_matrix(matrix[:, self.others][self.others]))
        return factor, incidence.T @ self.shift_mw[kept]


def largest_written_out(case, grids, place, hour):
    """Largest MW at a place in one hour, from one program with the rows of every outage."""
    columns = np.vstack([case.injection, -place])
    injection = np.vstack([columns, -case.load_mw[[hour]], np.zeros((1, grids.buses))])
    flows = np.hstack(list(grids.flows(injection)))
    offset = flows[-1]
    effect, load = (flows[:-2] - offset).T, flows[-2]
    after = [case.limit_mw[hour, case.grid.after]] * (len(grids.removed) - 1)
    limit = np.concatenate([case.limit_mw[hour, : case.grid.branches], *after])
    island = case.grid.topology.island
    members = [island == number for number in range(island.max() + 1)]
    return -linprog(
        np.append(np.zeros(len(case.injection)), -1.0),
        A_ub=np.vstack([effect, -effect]),
        b_ub=np.concatenate([limit - load, limit + load]),
        A_eq=np.array([columns[:, inside].sum(axis=1) for inside in members]),
        b_eq=[case.load_mw[hour, inside].sum() for inside in members],
        bounds=[*zip(case.p_min_mw[hour], case.p_max_mw[hour], strict=True), (0, None)],
    ).fun


class Hours:
    """Programs of all hours of a case in one HiGHS model whose bounds move from hour to hour.

    Columns are the sources and one more, the only one with a cost. Its meaning is that of the
    caller: `injection` per MW at every bus, `relief` of every CNEC limit per MW. It starts with the
    rows `known` as (branch, outage, sign); which ones changes no optimum, only the rounds.
    """

    def __init__(self, case, grids, *, injection, relief, cost, known=()):
        self.case, self.grids, self.relief = case, grids, relief
        self.columns = np.vstack([case.injection, injection])
        island = case.grid.topology.island
        members = [island == number for number in range(island.max() + 1)]
        self.demand = np.stack([case.load_mw[:, inside].sum(axis=1) for inside in members], axis=1)
        self.keys, self.rows, self.offset = [], [], []  # (branch, outage, sign) and what they mean
        self.solver = _solver(len(self.columns))
        self.solver.changeColCost(len(case.injection), cost)
        for inside in members:
            self._add_row(self.columns[:, inside].sum(axis=1))
        for key in known:
            self._add_cnec(*key)

    def solve(self):
        """Value of the last column in every hour, all outages considered."""
        value = np.empty(len(self.case.hours))
        pending, fresh = np.arange(len(value)), True
        while len(pending):
            known = len(self.keys)
            room = self._room(pending)
            points = np.array([self._solve(*hour) for hour in zip(pending, room, strict=True)])
            value[pending] = points[:, -1]
            limit = self.case.limit_mw[pending] + self.relief * points[:, -1:]
            injection = points @ self.columns - self.case.load_mw[pending]
            pending = pending[self._bring_in(injection, limit)]
            if len(pending) and len(self.keys) == known:  # a row of the model is not kept
                assert fresh, f"HiGHS exceeds {EXCESS_MW} MW in hour {self.case.hours[pending[0]]}"
                self.solver.clearSolver()  # once more from scratch
            fresh = len(self.keys) > known
        return value

    def _room(self, hours):
        """What the load leaves of the limit of every row, shape (hours, rows)."""
        if not self.keys:
            return np.empty((len(hours), 0))
        branch, outage, sign = np.array(self.keys).T
        limit = self.case.grid.limit(branch, outage - 1)
        load = sign * (self.case.load_mw[hours] @ np.array(self.rows).T)
        return self.case.limit_mw[hours][:, limit] + load - sign * np.array(self.offset)

    def _solve(self, hour, room):
        """Optimal point of one hour under the rows that are in the model."""
        case, solver = self.case, self.solver
        lower, upper = np.append(case.p_min_mw[hour], 0.0), np.append(case.p_max_mw[hour], 1e5)
        solver.changeColsBounds(len(lower), np.arange(len(lower), dtype=np.int32), lower, upper)
        below = np.append(self.demand[hour], np.full(len(room), -np.inf))
        above = np.append(self.demand[hour], room)
        solver.changeRowsBounds(len(above), np.arange(len(above), dtype=np.int32), below, above)
        solver.run()
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            solver.clearSolver()  # once more from scratch
            solver.run()
        assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal, case.hours[hour]
        return np.array(solver.getSolution().col_value)

    def _bring_in(self, injection, limit):
        """Add the worst violated rows of every hour; return the hours that miss any."""
        without, after = np.hsplit(limit, 2)
        worst = np.full(without.shape, -np.inf)
        which = np.zeros(worst.shape, dtype=int)  # outage + 1, with the sign of the flow
        for outage, flow in enumerate(self.grids.flows(injection)):
            over = np.abs(flow) - (after if outage else without)
            higher = over > worst
            worst[higher] = over[higher]
            which[higher] = np.where(flow[higher] < 0, -1, 1) * (outage + 1)
        missing = np.flatnonzero((worst > EXCESS_MW).any(axis=1))
        for hour in missing:
            for branch in np.argsort(-worst[hour], kind="stable")[:WORST]:
                signed = int(which[hour, branch])
                key = (int(branch), abs(signed) - 1, signed // abs(signed))
                if worst[hour, branch] > EXCESS_MW and key not in self.keys:
                    self._add_cnec(*key)
        return missing

    def _add_cnec(self, branch, outage, sign):
        row, offset = self.grids.row(branch, outage)
        self.keys.append((branch, outage, sign))
        self.rows.append(row)
        self.offset.append(offset)
        effect = sign * (self.columns @ row)
        effect[-1] -= self.relief
        self._add_row(effect)

    def _add_row(self, effect):
        used = np.flatnonzero(effect).astype(np.int32)
        self.solver.addRow(-np.inf, np.inf, len(used), used, effect[used])


def largest(case, grids, place):
    """Largest MW at a place (N,) in every hour of a case."""
    return Hours(case, grids, injection=-place, relief=0.0, cost=-1.0).solve()


def least_relief(case, grids, place_mw, known=None):
    """Least MW to be taken off a load at a place (N,) and put on all limits, hour by hour.

    None where the place is secure: that is decided here, not how large it may be. Rows found are
    added to the list `known`, for other places to start with.
    """
    known = [] if known is None else known
    case = replace(case, load_mw=case.load_mw + place_mw)
    direction = place_mw / np.abs(place_mw).sum()
    hours = Hours(case, grids, injection=direction, relief=1.0, cost=1.0, known=known)
    relief = hours.solve()
    known += hours.keys[len(known) :]
    return relief


def _solver(columns):
    solver = highspy.Highs()
    for option, value in (
        ("output_flag", False),
        ("threads", 1),
        ("primal_feasibility_tolerance", 1e-9),
        ("dual_feasibility_tolerance", 1e-9),
        ("small_matrix_value", 1e-12),  # 1e-9, the default, moves 1000 MW by more than EXCESS_MW
    ):
        solver.setOptionValue(option, value)
    solver.addVars(columns, np.zeros(columns), np.zeros(columns))
    return solver
