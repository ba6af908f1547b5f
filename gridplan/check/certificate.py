"""The certificate: what was checked, what was found, and what stands outside N-1."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import xarray as xr

from gridplan.base.html import figures_html
from gridplan.base.messages import Language, Messages, messages

RESIDUAL_TOLERANCE_MW = 1e-3

# Unit and meaning of every column that `to_dataset` writes.
MEANING = {
    "loading_pu": ("1", "flow per unit of the limit"),
    "outage": ("", "branch taken out, or name of an outage of several; empty for none"),
    "snapshot": ("", "hour, start, UTC"),
    "flow_mw": ("MW", "flow from bus0 to bus1"),
    "limit_mw": (
        "MW",
        "s_nom x s_max_pu, after an outage x emergency_factor, or the existing overload that stays",
    ),
    "branch": ("", "line or transformer"),
    "over_mw": ("MW", "flow above the limit"),
    "largest_difference_mw": ("MW", "largest difference of any branch between screen and n.lpf"),
    "buses": ("", "buses behind the bridge, separated by semicolons"),
    "bus_count": ("1", "buses behind the bridge"),
    "peak_mw": ("MW", "highest load behind the bridge"),
    "hours": ("h", "hours concerned"),
    "generation_mw": ("MW", "highest dispatch behind the bridge"),
    "supply_mw": ("MW", "largest possible generation behind the bridge"),
    "kind": ("", "balance of an island, dispatch outside limits, or what differs from the plan"),
    "name": ("", "island, generator, branch, bus, project or measure"),
    "mw": ("MW", "generation less load, MW outside the limits, or network less plan"),
    "bus": ("", "bus at which it stands"),
    "unserved_mwh": ("MWh", "load that is not served"),
    "surplus_mwh": ("MWh", "generation that is not used"),
}
# Tables of the certificate and the dimension each has in the dataset.
TABLES = {
    "worst": "branch",
    "violations": "violation",
    "existing": "overloaded",
    "breaches": "breach",
    "sample": "sampled",
    "without_n1": "bridge",
    "last_resort": "last_resort",
}
NAMED = ("branch", "overloaded", "bridge", "last_resort")  # dimensions with names


def in_lines(heading: str, summary: pd.DataFrame, form: str) -> str:
    """Write a summary (index item; columns value, unit, where) as lines of text.

    Parameters
    ----------
    heading : str
        First line.
    summary : pandas.DataFrame
        As `Certificate.summary` gives it.
    form : str
        Format of the values.
    """
    lines = (
        f"{item:<34} {value:{form}} {unit:<4} {where}".rstrip()
        for item, value, unit, where in summary.itertuples(name=None)
    )
    return "\n".join([heading, *lines])


def no_last_resort() -> pd.DataFrame:
    """Last resorts of a network that has none."""
    columns = {"bus": "str", "unserved_mwh": float, "surplus_mwh": float, "hours": int}
    table = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})
    return table.set_axis(pd.Index([], name="load", dtype="str"))


@dataclass(frozen=True, repr=False, eq=False)
class Certificate:
    """Result of `gridplan.check.witness.certify`.

    Parameters
    ----------
    secure : bool
        True only if there are no violations and no breaches, the sample agrees with `n.lpf` and
        every node balance was solved.
    worst : pandas.DataFrame
        Index branch: loading_pu (of the limit), outage ("" for none), snapshot, flow_mw (from bus0
        to bus1), limit_mw (that without outage or that after one, whichever applied).
    violations : pandas.DataFrame
        branch, outage, snapshot, flow_mw, limit_mw, over_mw; largest first, at most 100,000 rows.
    violation_count : int
        All violations.
    existing : pandas.DataFrame
        Index branch: above its rating, but within `allowed_mw`: hours, over_mw (largest, above the
        rating that applied), loading_pu (highest, of that rating), snapshot.
    breaches : pandas.DataFrame
        Islands that do not balance, generators outside their limits, and where the network differs
        from its plan: kind, name, snapshot (worst hour), mw, hours.
    sample : pandas.DataFrame
        outage, snapshot, largest_difference_mw, loading_pu.
    without_n1 : pandas.DataFrame
        Index bridge branch: buses, bus_count, peak_mw, hours, generation_mw, supply_mw.
    hours, outages, checks : int
        Hours and outages screened; flows compared with a limit, N-0 included.
    contingencies, unsecured : tuple of str
        Branches taken out, then outages of several branches by name, and branches left in by
        request. Bridges are in neither.
    residual_mw : float
        Largest error of the node balance before or after any outage (MW).
    last_resort : pandas.DataFrame
        Index load: bus, unserved_mwh, surplus_mwh, hours: load that the base case already cannot
        serve, or generation that it cannot use, which the plan states as loads of their own.
    compared : bool
        Whether the network was compared with a plan; a network alone claims nothing.
    listed : int
        How many of the outages took out several branches.
    language : {"en", "nb"}
        Of the table that a notebook shows.
    """

    secure: bool
    worst: pd.DataFrame
    violations: pd.DataFrame
    violation_count: int
    existing: pd.DataFrame
    breaches: pd.DataFrame
    sample: pd.DataFrame
    without_n1: pd.DataFrame
    hours: int
    outages: int
    checks: int
    contingencies: tuple[str, ...]
    unsecured: tuple[str, ...]
    residual_mw: float
    last_resort: pd.DataFrame = field(default_factory=no_last_resort)
    compared: bool = False
    listed: int = 0
    language: Language = "en"

    def __repr__(self) -> str:
        verdict = "secure" if self.secure else "NOT secure"
        return (
            f"Certificate({verdict}: {self.hours:,} hours x {self.outages:,} outages, "
            f"{self.violation_count:,} violations, {len(self.breaches)} breaches, "
            f"{len(self.without_n1)} bridges)"
        )

    def __str__(self) -> str:
        return in_lines(repr(self), self.summary(), ">16,.10g")

    def summary(self) -> pd.DataFrame:
        """Short table for people.

        Returns
        -------
        pandas.DataFrame
            Index: item; columns value, unit and where (the place of the largest).
        """
        rows = [
            ("hours", self.hours, "h", ""),
            ("outages", self.outages, "", ""),
            *([("of several branches at once", self.listed, "", "")] if self.listed else []),
            ("flows compared with a limit", self.checks, "", ""),
            ("violations", self.violation_count, "", self._where_violated()),
            ("highest loading", *self._highest()),
            ("existing overloads kept", len(self.existing), "", ", ".join(self.existing.index[:3])),
            (self._breaches_of(), len(self.breaches), "", self._where_broken()),
            ("load not served (last resort)", *self._last("unserved_mwh")),
            ("generation not used (last resort)", *self._last("surplus_mwh")),
            ("bridges (without N-1)", len(self.without_n1), "", ""),
            ("highest load behind a bridge", *self._behind()),
            ("outages really removed", self._removed(), "", ""),
            ("largest difference to n.lpf", self._difference(), "MW", ""),
            ("largest error of a node balance", self.residual_mw, "MW", ""),
        ]
        columns = ["item", "value", "unit", "where"]
        return pd.DataFrame(rows, columns=columns).astype({"value": float}).set_index("item")

    def figures(self, texts: Messages) -> list[tuple[str, float]]:
        """Name what was checked and found, in words.

        Parameters
        ----------
        texts : Messages
            The language.

        Returns
        -------
        list of (str, float)
            Name and value.
        """
        rows = (
            ("certificate_hours", self.hours),
            ("certificate_outages", self.outages),
            ("certificate_checks", self.checks),
            ("certified_violations", self.violation_count),
            ("certificate_breaches", len(self.breaches)),
            ("certificate_existing", len(self.existing)),
            ("certified_bridges", len(self.without_n1)),
            ("certificate_removed", self._removed()),
            ("certificate_difference", self._difference()),
            ("certificate_residual", float(self.residual_mw)),
        )
        return [(texts(key), value) for key, value in rows]

    def _repr_html_(self) -> str:
        """Show what was checked in a notebook."""
        texts = messages(self.language)
        secure = "cert_heading_secure" if self.secure else "cert_heading_insecure"
        rows = (
            (name, texts.number(value) if isinstance(value, int) else f"{value:.1e}")
            for name, value in self.figures(texts)
        )
        return figures_html(texts(secure), rows)

    def to_dataset(self) -> xr.Dataset:
        """Everything as one dataset, ready for netCDF.

        Returns
        -------
        xarray.Dataset
            One variable per column, named table_column, with units and description.
        """
        variables: dict[str, xr.Variable] = {}
        coordinates: dict[str, xr.Variable] = {}
        for table_name, dimension in TABLES.items():
            table = getattr(self, table_name)
            if dimension in NAMED:
                names = table.index.to_numpy(dtype=object)
                coordinates[dimension] = xr.Variable(dimension, plain(names))
            for column in table.columns:
                values = plain(table[column].to_numpy())
                variables[f"{table_name}_{column}"] = xr.Variable(
                    dimension, values, _attributes(column)
                )
        attrs = {
            "title": "gridplan certificate",
            "secure": int(self.secure),
            "compared_with_plan": int(self.compared),
            "hours": self.hours,
            "outages": self.outages,
            "listed_outages": self.listed,
            "checks": self.checks,
            "violation_count": self.violation_count,
            "residual_mw": self.residual_mw,
            "unsecured": "; ".join(self.unsecured),
            "method": "DC flows; each outage from the node balance of the network that is left",
        }
        return xr.Dataset(variables, coordinates, attrs)

    def _highest(self) -> tuple[float, str, str]:
        """Highest loading in per cent, and where it is."""
        if self.worst.empty:
            return 0.0, "%", ""
        branch = self.worst["loading_pu"].idxmax()
        row = self.worst.loc[branch]
        after = f" after outage of {row['outage']}" if row["outage"] else " without outage"
        return 100.0 * row["loading_pu"], "%", f"{branch}{after}, {row['snapshot']:%Y-%m-%d %H:%M}"

    def _where_violated(self) -> str:
        """Branch with the largest violation."""
        if self.violations.empty:
            return ""
        row = self.violations.iloc[0]
        return f"{row['branch']}, {row['over_mw']:.1f} MW over"

    def _where_broken(self) -> str:
        """First breach."""
        if self.breaches.empty:
            return ""
        row = self.breaches.iloc[0]
        size = "" if np.isnan(row["mw"]) else f" {row['mw']:.3f} MW,"
        return f"{row['kind']}: {row['name']},{size} {row['snapshot']:%Y-%m-%d %H:%M}"

    def _breaches_of(self) -> str:
        """Say what the breaches cover."""
        return f"breaches of balance, limits{', plan' if self.compared else ''}"

    def _last(self, column: str) -> tuple[float, str, str]:
        """Energy of the last resorts, and where most of it is."""
        energy = self.last_resort[column]
        total = float(energy.sum())
        return total, "MWh", str(self.last_resort["bus"].loc[energy.idxmax()]) if total else ""

    def _behind(self) -> tuple[float, str, str]:
        """Highest load behind a bridge, and the bridge."""
        if self.without_n1.empty:
            return 0.0, "MW", ""
        return float(self.without_n1["peak_mw"].iloc[0]), "MW", str(self.without_n1.index[0])

    def _removed(self) -> int:
        """Count the outages that were really removed."""
        return int(self.sample.loc[self.sample["outage"].ne(""), "outage"].nunique())

    def _difference(self) -> float:
        """Largest difference between screen and `n.lpf` (MW)."""
        return float(self.sample["largest_difference_mw"].max())


def plain(values: object) -> np.ndarray:
    """Give numbers and times as they are, text as fixed-width strings for netCDF."""
    array = np.asarray(values)
    if array.dtype.kind == "O":
        return array.astype(str) if array.size else array.astype("U1")
    return array


def _attributes(column: str) -> dict[str, str]:
    """Units and description of a column."""
    units, meaning = MEANING[column]
    attributes = {"long_name": meaning}
    return attributes | {"units": units} if units else attributes
