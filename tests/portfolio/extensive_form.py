"""The planning problem written out in one program, straight from the tables of a study.

Nothing of gridplan.grid or gridplan.portfolio is used. For every outage the branch is really
removed and the susceptance matrix inverted anew; all hours x outages x branches are rows. What
existing overloads allow is taken over from the base case, as an input.

    max  Σ_j value_j z_j − Σ_q price_q mw_q Σ_t (profile_qt z_q − s_qt)
    s.t. Σ_g g_gt = load_t                                              (balance, with s served)
         |H_kl · (g − load)| ≤ limit_lt + Σ_j rise_jlt z_j              (branch l, outage k, hour t)

After an outage the injections are those without conditional load s, and the sources give way in
their shares.
"""

from dataclasses import dataclass

import linopy
import networkx as nx
import numpy as np
import pandas as pd
import xarray as xr

from gridplan.operation.base_case import base_case
from gridplan.study.tables import names_in, shares_of

NONE = "none"
NEGLIGIBLE_MW = 1e-5  # excess of a limit that the base case counts as none
GOALS = {
    "min_co2_t_per_yr": "co2_t_per_yr",
    "min_jobs": "jobs",
    "min_export_mnok_per_yr": "export_mnok_per_yr",
    "min_mw": "mw",
}


@dataclass(frozen=True)
class Optimum:
    """Value (MNOK a year), units of every option, and MW that conditional projects are served."""

    value_mnok: float
    taken: pd.Series
    served_mw: pd.DataFrame


def optimum(study):
    """Solve the whole program."""
    program = _Program(study)
    model = program.model
    status = model.solve("highs", mip_rel_gap=0.0, output_flag=False, threads=1)
    assert status == ("ok", "optimal"), status
    taken = model.variables["taken"].solution.to_series().round()
    served = program.served.solution.to_pandas() if program.flexible else pd.DataFrame()
    return Optimum(program.value(taken, served), taken, served)


def transfer_factors(network):
    """MW on every branch per MW at every bus, without outage and after each (K, L, N).

    The network is in one piece and without transformers.
    """
    lines = network.c.lines.static
    assert network.c.transformers.static.empty
    buses = network.c.buses.static.index
    v_nom = network.c.buses.static["v_nom"]
    susceptance = (v_nom.loc[lines["bus0"]].to_numpy() ** 2) / lines["x"].to_numpy()
    ends = np.zeros((len(lines), len(buses)))
    ends[np.arange(len(lines)), buses.get_indexer(lines["bus0"])] = 1.0
    ends[np.arange(len(lines)), buses.get_indexer(lines["bus1"])] = -1.0
    graph = nx.MultiGraph()
    graph.add_nodes_from(buses)
    graph.add_edges_from(zip(lines["bus0"], lines["bus1"], lines.index, strict=True))
    factors = {}
    for outage in (NONE, *lines.index):
        left = (lines.index != outage).astype(float)
        if outage != NONE:
            remaining = graph.copy()
            remaining.remove_edge(*lines.loc[outage, ["bus0", "bus1"]], key=outage)
            if not nx.is_connected(remaining):
                continue  # a bridge is no contingency
        flow = (left * susceptance)[:, None] * ends
        angle = np.zeros((len(buses), len(buses)))
        angle[1:, 1:] = np.linalg.inv((ends.T @ flow)[1:, 1:])
        factors[outage] = flow @ angle
    return xr.DataArray(
        np.stack(list(factors.values())),
        {"outage": list(factors), "branch": list(lines.index), "bus": list(buses)},
        ["outage", "branch", "bus"],
    )


class _Program:
    """Variables and rows of one study."""

    def __init__(self, study):
        self.study, self.model = study, linopy.Model()
        self.network = study.network
        self.hours = pd.RangeIndex(len(study.network.snapshots), name="hour")
        self.projects = study.candidates(study.settings.year)
        self.base = base_case(study)
        assert self.base.shortage_mw.max() <= NEGLIGIBLE_MW
        assert self.base.surplus_mw.max() <= NEGLIGIBLE_MW
        kind = self.projects["connection"]
        self.flexible = self.projects.index[kind.eq("conditional")].tolist()
        self.taken = self._options()
        self.dispatch = self._generation()
        self.served = self._service()
        self._balance()
        self._branches()
        self._relations()
        self._demands()
        self._objective()

    def series(self, values, name):
        """Hourly values of a named axis as an array."""
        return xr.DataArray(
            np.asarray(values, dtype=float), {"hour": self.hours, name: values.columns.tolist()}
        )

    def profile(self, name):
        """Hourly shape of one profile."""
        return xr.DataArray(self.study.profiles[name].to_numpy(dtype=float), {"hour": self.hours})

    def _options(self):
        """Integers: projects, measures, symbioses."""
        study = self.study
        most = pd.concat(
            [
                pd.Series(1.0, self.projects.index),
                study.measures["units_max"].astype(float),
                pd.Series(1.0, study.symbioses.index),
            ]
        ).rename_axis("option")
        assert most.index.is_unique
        least = pd.Series(most.index.isin(study.committed.index), most.index, dtype=float)
        upper = xr.DataArray(most)
        return self.model.add_variables(xr.DataArray(least), upper, name="taken", integer=True)

    def one(self, name):
        return self.taken.sel(option=name, drop=True)

    def _generation(self):
        """Output of every generator (MW)."""
        dense = self.network.get_switchable_as_dense
        p_nom = self.network.c.generators.static["p_nom"]
        low, high = (
            self.series(dense("Generator", bound)[p_nom.index] * p_nom, "source")
            for bound in ("p_min_pu", "p_max_pu")
        )
        return self.model.add_variables(low, high, name="dispatch")

    def _service(self):
        """MW that conditional projects are served, and their conditions."""
        if not self.flexible:
            return None
        coords = [self.hours, pd.Index(self.flexible, name="project")]
        served = self.model.add_variables(lower=0.0, coords=coords, name="served")
        for name in self.flexible:
            row = self.projects.loc[name]
            demand = self.profile(row["profile"]) * float(row["mw"])
            own, chosen = served.sel(project=name, drop=True), self.one(name)
            missing = demand * chosen - own
            self.model.add_constraints(missing >= 0, name=f"at most its load, {name}")
            most = float(row["curtailable_share"]) * float(demand.sum())
            self.model.add_constraints(
                missing.sum("hour") - most * chosen <= 0, name=f"energy, {name}"
            )
            self._hours(name, row, demand, missing)
        return served

    def _hours(self, name, row, demand, missing):
        """Curtailed hours and the longest run."""
        most, longest = row["curtailable_hours"], row["longest_curtailment_h"]
        if np.isnan(most) and np.isnan(longest):
            return
        on = self.model.add_variables(coords=[self.hours], binary=True, name=f"curtailed {name}")
        self.model.add_constraints(missing - demand * on <= 0, name=f"only then, {name}")
        if not np.isnan(most):
            self.model.add_constraints(on.sum("hour") <= float(most), name=f"hours, {name}")
        if not np.isnan(longest):
            width = int(longest) + 1
            for first in range(len(self.hours) - width + 1):
                run = on.isel(hour=slice(first, first + width)).sum("hour")
                self.model.add_constraints(run <= width - 1, name=f"run, {name}, {first}")

    def _loads(self):
        """Load at the buses without the choice (N, T), and per unit of every option."""
        buses, static = self.network.c.buses.static.index, self.network.c.loads.static
        fixed = pd.DataFrame(0.0, self.hours, buses.rename("bus"))
        power = self.network.get_switchable_as_dense("Load", "p_set")
        for name, bus in static["bus"].items():
            fixed[bus] += power[name].to_numpy()
        study, settings = self.study, self.study.settings
        growth = study.projects[
            (study.projects["mw"] < settings.ordinary_growth_below_mw)
            & study.projects["connection"].eq("firm")
            & study.projects["variant_of"].eq("")
            & (study.projects["year"] <= settings.year)
        ]
        for _, row in growth.iterrows():
            fixed[row["bus"]] += study.profiles[row["profile"]].to_numpy() * row["mw"]
        firm = self.projects.drop(index=self.flexible)
        parts = [(name, {row["bus"]: 1.0}, row, 1.0) for name, row in firm.iterrows()]
        saving = pd.concat([study.measures.query("kind == 'load'"), study.symbioses])
        parts += [(name, shares_of(row["buses"]), row, -1.0) for name, row in saving.iterrows()]
        return fixed, parts

    def _balance(self):
        fixed, parts = self._loads()
        total = self.dispatch.sum("source")
        for name, _, row, sign in parts:
            total = total - self.profile(row["profile"]) * sign * float(row["mw"]) * self.one(name)
        if self.flexible:
            total = total - self.served.sum("project")
        wanted = xr.DataArray(fixed.sum(axis=1).to_numpy(), {"hour": self.hours})
        self.model.add_constraints(total == wanted, name="balance")

    def _branches(self):
        """Rows of every branch in every hour, without outage and after each."""
        factors = transfer_factors(self.network)
        fixed, parts = self._loads()
        at = self.network.c.generators.static["bus"]
        per_source = factors.sel(bus=at.to_numpy()).rename(bus="source")
        per_source = per_source.assign_coords(source=at.index.tolist())
        flow = (per_source * self.dispatch).sum("source")
        for name, shares, row, sign in parts:
            there = sum(share * factors.sel(bus=bus, drop=True) for bus, share in shares.items())
            shape = self.profile(row["profile"]) * sign * float(row["mw"])
            flow = flow - there * shape * self.one(name)
        if self.flexible:
            flow = flow - (self._of_service(factors) * self.served).sum("project")
        without = (factors * self.series(fixed, "bus")).sum("bus")
        above, below = flow - self._raised(), flow + self._raised()
        limit = self._limits(factors["outage"])
        self.model.add_constraints(above <= limit + without, name="upwards")
        self.model.add_constraints(below >= without - limit, name="downwards")

    def _of_service(self, factors):
        """MW on a branch per MW served: as it stands, or as the sources give way for it."""
        bus = self.projects.loc[self.flexible, "bus"].to_numpy()
        own = factors.sel(bus=bus).rename(bus="project").assign_coords(project=self.flexible)
        generators = self.network.c.generators.static
        share = generators["schedule_share"] / generators["schedule_share"].sum()
        gives = xr.DataArray(share.to_numpy(), {"bus": generators["bus"].to_numpy()})
        given = (factors.sel(bus=gives["bus"].to_numpy()) * gives.to_numpy()).sum("bus")
        disconnected = xr.DataArray(
            (factors["outage"] != NONE).to_numpy(), {"outage": factors["outage"].to_numpy()}
        )
        return xr.where(disconnected, given, own).transpose("outage", "branch", "project")

    def _rating(self):
        lines = self.network.c.lines.static
        per_unit = self.network.get_switchable_as_dense("Line", "s_max_pu")[lines.index]
        return per_unit * lines["s_nom"]

    def _limits(self, outage):
        """Rating, or where it is larger the existing overload, without outage or after any (MW)."""
        limits = {False: self._rating(), True: self._rating()}
        for _, row in self.base.allowed_mw.iterrows():
            limits[row["after_outage"]].loc[row["snapshot"], row["branch"]] = row["limit_mw"]
        without, after = (self.series(limits[side], "branch") for side in (False, True))
        return xr.where(outage == NONE, without, after)

    def _raised(self):
        """What measures add to the limits: a rise counts from the rating (MW)."""
        measures = self.study.measures.query("kind == 'rating'")
        rating = self.series(self._rating(), "branch")
        names = rating["branch"].to_numpy()
        total = 0.0 * self.dispatch.isel(source=0, drop=True)
        for name, row in measures.iterrows():
            assert row["units_max"] == 1
            assert row["branch"] not in set(self.base.allowed_mw["branch"])
            own = xr.DataArray((names == row["branch"]).astype(float), {"branch": names})
            total = total + own * rating * float(row["rating_pu"]) * self.one(name)
        return total

    def _rows_of(self, name):
        """Candidates that a name means, and whether something it means is connected anyway."""
        table = self.study.projects
        meant = table.index[(table.index == name) | (table["variant_of"] == name)]
        return meant.intersection(self.projects.index), not meant.isin(self.projects.index).all()

    def _relations(self):
        table = self.projects
        for (one, a), (other, b) in (
            (x, y) for x in table.iterrows() for y in table.iterrows() if x[0] != y[0]
        ):
            same_family = (a["variant_of"] or one) == (b["variant_of"] or other)
            group = a["exclusive_group"] != "" and a["exclusive_group"] == b["exclusive_group"]
            named = names_in(a["excludes"])
            if same_family or group or other in named or b["variant_of"] in named:
                pair = self.one(one) + self.one(other)
                self.model.add_constraints(pair <= 1, name=f"not both, {one}, {other}")
        for name, row in table.iterrows():
            self._need(name, names_in(row["requires"]))
            if row["must_build"]:
                family, _ = self._rows_of(name)
                chosen = self.taken.sel(option=family).sum()
                self.model.add_constraints(chosen >= 1, name=f"must build, {name}")
        for name, row in self.study.symbioses.iterrows():
            self._need(name, names_in(row["partners"]))

    def _need(self, name, needed):
        for other in needed:
            rows, missing = self._rows_of(other)
            assert not missing  # no candidate at all is not part of these studies
            spare = self.taken.sel(option=rows).sum() - self.one(name)
            self.model.add_constraints(spare >= 0, name=f"{name} needs {other}")

    def _demands(self):
        settings, measures, symbioses = (
            self.study.settings,
            self.study.measures,
            self.study.symbioses,
        )
        if settings.budget_mnok is not None:
            cost = pd.concat([measures["cost_mnok"], symbioses["cost_mnok"]])
            spent = sum(float(cost[name]) * self.one(name) for name in cost.index)
            self.model.add_constraints(spent <= settings.budget_mnok, name="budget")
        for goal, column in GOALS.items():
            least = getattr(settings.goals, goal)
            if least is not None:
                reached = sum(
                    float(value) * self.one(name) for name, value in self.projects[column].items()
                )
                if column == "co2_t_per_yr":
                    for name, value in symbioses[column].items():
                        reached = reached + float(value) * self.one(name)
                self.model.add_constraints(reached >= least, name=goal)

    def worth(self):
        """Value of one unit of every option (MNOK a year)."""
        settings, table = self.study.settings, self.projects
        weights = settings.weights
        of_projects = (
            table["value_mnok_per_yr"]
            + table["co2_t_per_yr"] / 1000 * weights.co2_mnok_per_kt
            + table["jobs"] * weights.jobs_mnok_per_job
            + table["export_mnok_per_yr"] * weights.export_mnok_per_mnok
            + table["mw"] * weights.mw_mnok_per_mw
        )
        saving = self.study.symbioses["co2_t_per_yr"] / 1000 * weights.co2_mnok_per_kt
        return pd.concat(
            [
                of_projects,
                -self._annual(self.study.measures),
                saving - self._annual(self.study.symbioses),
            ]
        ).astype(float)

    def _annual(self, table):
        """Equal yearly payments whose present value is the investment."""
        rate = self.study.settings.interest_rate
        present = table["lifetime_yr"].map(
            lambda years: sum((1 + rate) ** -year for year in range(1, int(years) + 1))
        )
        return table["cost_mnok"] / present

    def price(self, name):
        """NOK per MWh that a project is not served."""
        own = self.projects.loc[name, "curtailment_nok_per_mwh"]
        return self.study.settings.curtailment_nok_per_mwh if np.isnan(own) else float(own)

    def _objective(self):
        value = sum(float(worth) * self.one(name) for name, worth in self.worth().items())
        for name in self.flexible:
            row = self.projects.loc[name]
            demand = self.profile(row["profile"]).sum() * float(row["mw"])
            unserved = float(demand) * self.one(name)
            unserved = unserved - self.served.sel(project=name, drop=True).sum("hour")
            value = value - self.price(name) / 1e6 * unserved
        self.model.add_objective(value, sense="max")

    def value(self, taken, served):
        """Value of a solution, from its parts."""
        value = float((self.worth() * taken).sum())
        for name in self.flexible:
            row = self.projects.loc[name]
            demand = self.study.profiles[row["profile"]].sum() * row["mw"] * taken[name]
            value -= self.price(name) / 1e6 * float(demand - served[name].sum())
        return value
