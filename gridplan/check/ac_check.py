"""The AC check: currents and voltages of the worst hours and outages, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from gridplan.base.html import figures_html
from gridplan.base.messages import Language, Messages, messages
from gridplan.check.certificate import in_lines, plain
from gridplan.study.settings_ac import AcSettings

AGREES_PU = 1e-4  # largest difference of a voltage to `n.pf`

# Unit and meaning of every column that `to_dataset` writes.
MEANING = {
    "snapshot": ("", "hour, start, UTC"),
    "outage": ("", "branch taken out, or name of an outage of several; empty for none"),
    "converged": ("", "whether the power flow has a solution"),
    "settled": ("", "whether reactive limits and taps came to rest"),
    "existing": ("", "whether the base case has the same, as large, in the same hour and outage"),
    "iterations": ("1", "Newton steps"),
    "losses_mw": ("MW", "losses of all branches"),
    "v_min_pu": ("1", "lowest voltage, per unit of the reference voltage"),
    "v_min_bus": ("", "where"),
    "v_max_pu": ("1", "highest voltage, per unit of the reference voltage"),
    "v_max_bus": ("", "where"),
    "loading_pu": ("1", "current at the end that carries more, per unit of the limit"),
    "branch": ("", "line or transformer"),
    "difference_pu": ("1", "largest difference of a voltage to n.pf; no number: not compared"),
    "linear_pu": ("1", "loading by the linear (DC) flow"),
    "losses_pu": ("1", "part of the loading: active power beyond the linear flow"),
    "reactive_pu": ("1", "part of the loading: apparent beyond active power"),
    "voltage_pu": ("1", "part of the loading: a voltage other than v_nom"),
    "base_loading_pu": ("1", "loading in the base case"),
    "bus": ("", "bus"),
    "v_nom_kv": ("kV", "nominal voltage"),
    "v_kv": ("kV", "voltage"),
    "v_pu": ("1", "voltage, per unit of the reference voltage"),
    "limit_pu": ("1", "limit that is passed, per unit of the reference voltage"),
    "beyond_pu": ("1", "how far the voltage is outside"),
    "base_v_pu": ("1", "voltage in the base case"),
    "gap_mw": ("MW", "largest difference of active power between AC and DC"),
    "gap_pu": ("1", "largest difference of the loading between AC and DC"),
    "least_mvar": ("MVAr", "reactive power that can be taken up"),
    "most_mvar": ("MVAr", "reactive power that can be given"),
    "lowest_mvar": ("MVAr", "lowest reactive power given"),
    "highest_mvar": ("MVAr", "highest reactive power given"),
    "cases_at_limit": ("1", "cases in which the range was used up"),
    "mvar": ("MVAr", "reactive power missing at the limit, capacitive positive"),
}
# Tables of the check and the dimension each has in the dataset.
TABLES = {
    "cases": "case",
    "overloads": "overload",
    "voltages": "voltage",
    "gaps": "branch",
    "reactive": "bus",
    "needs": "need",
}
NAMED = ("branch", "bus")  # dimensions with names


@dataclass(frozen=True, repr=False, eq=False)
class AcCheck:
    """Result of `gridplan.check.ac.check_ac`.

    Parameters
    ----------
    cases : pandas.DataFrame
        One row per hour and outage: snapshot, outage ("" for none), converged, settled (whether
        limits and taps came to rest), existing (the base case does not converge either),
        iterations, losses_mw, v_min_pu, v_min_bus, v_max_pu, v_max_bus, loading_pu (highest),
        branch (of it), difference_pu (to `n.pf`; NaN where it was not compared).
    overloads : pandas.DataFrame
        branch, snapshot, outage, loading_pu (current per unit of the limit), which is the sum of
        linear_pu (DC flow), losses_pu, reactive_pu and voltage_pu; base_loading_pu; existing.
    voltages : pandas.DataFrame
        bus, snapshot, outage, v_nom_kv, v_kv, v_pu, limit_pu, beyond_pu, base_v_pu, existing.
    gaps : pandas.DataFrame
        Index branch: gap_mw (largest AC less DC of active power, sign aside), gap_pu (largest AC
        less DC loading), and of the latter loading_pu, linear_pu, snapshot, outage.
    reactive : pandas.DataFrame
        Index bus with a reactive source: least_mvar, most_mvar (range), lowest_mvar, highest_mvar
        (given), cases_at_limit.
    needs : pandas.DataFrame
        bus, snapshot, outage, mvar: what would bring voltages outside back to their limits,
        capacitors positive; the worst bus of a case first, then what is still outside.
    compared : bool
        Whether the base case was solved as well; a network alone has none.
    assumptions : AcSettings
        Power factors, voltages, reactive ranges, taps, reactors.
    language : {"en", "nb"}
        Of the table that a notebook shows.
    """

    cases: pd.DataFrame
    overloads: pd.DataFrame
    voltages: pd.DataFrame
    gaps: pd.DataFrame
    reactive: pd.DataFrame
    needs: pd.DataFrame
    compared: bool
    assumptions: AcSettings
    language: Language = "en"

    @property
    def passes(self) -> bool:
        """Whether nothing was found that the base case does not have, and `n.pf` agrees."""
        return not (len(self.new_overloads) or len(self.new_voltages) or len(self.unsolved)) and (
            self.agrees
        )

    @property
    def agrees(self) -> bool:
        """Whether `n.pf` gives the same voltages wherever it was asked."""
        difference = self.cases["difference_pu"].dropna()
        return bool((difference <= AGREES_PU).all())

    @property
    def new_overloads(self) -> pd.DataFrame:
        """Currents above their limit that the base case does not have."""
        return self.overloads[~self.overloads["existing"]]

    @property
    def new_voltages(self) -> pd.DataFrame:
        """Voltages outside their limits that the base case does not have."""
        return self.voltages[~self.voltages["existing"]]

    @property
    def unsolved(self) -> pd.DataFrame:
        """Cases without a solution, or not at rest, whose base case has one."""
        cases = self.cases
        return cases[~(cases["converged"] & cases["settled"]) & ~cases["existing"]]

    def __repr__(self) -> str:
        verdict = "passes" if self.passes else "does NOT pass"
        return (
            f"AcCheck({verdict}: {len(self.cases)} cases, {len(self.new_overloads)} over-currents, "
            f"{len(self.new_voltages)} voltages outside, {len(self.unsolved)} unsolved)"
        )

    def __str__(self) -> str:
        return in_lines(repr(self), self.summary(), ">12,.6g")

    def summary(self) -> pd.DataFrame:
        """Short table for people.

        Returns
        -------
        pandas.DataFrame
            Index: item; columns value, unit and where (the place of the largest).
        """
        cases = self.cases
        rows = [
            ("hours and outages", len(cases), "", ""),
            ("without a solution", len(self.unsolved), "", _place(self.unsolved)),
            ("currents above the limit", len(self.new_overloads), "", _who(self.new_overloads)),
            ("voltages outside the limits", len(self.new_voltages), "", _who(self.new_voltages)),
            ("the same in the base case", self.existing_count, "", ""),
            ("highest current", *self._extreme("loading_pu", "branch", "max", 100.0), ),
            ("lowest voltage", *self._extreme("v_min_pu", "v_min_bus", "min")),
            ("highest voltage", *self._extreme("v_max_pu", "v_max_bus", "max")),
            ("highest losses", float(cases["losses_mw"].max()), "MW", ""),
            ("largest gap to DC, power", *self._gap("gap_mw")),
            ("largest gap to DC, loading", *self._gap("gap_pu")),
            ("most reactive power missing", *self._need()),
            ("compared with n.pf", int(cases["difference_pu"].notna().sum()), "", ""),
            ("largest difference to n.pf", float(cases["difference_pu"].max()), "pu", ""),
        ]  # fmt: skip
        table = pd.DataFrame(rows, columns=["item", "value", "unit", "where"])
        return table.astype({"value": float}).set_index("item")

    @property
    def existing_count(self) -> int:
        """Findings that the base case has as well."""
        return int(
            self.overloads["existing"].sum()
            + self.voltages["existing"].sum()
            + self.cases["existing"].sum()
        )

    def figures(self, texts: Messages) -> list[tuple[str, str]]:
        """Name what was checked and found, in words.

        Parameters
        ----------
        texts : Messages
            The language.

        Returns
        -------
        list of (str, str)
            Name and value.
        """
        cases = self.cases
        number = texts.number
        return [
            (texts("ac_cases"), number(len(cases))),
            (texts("ac_unsolved"), number(len(self.unsolved))),
            (texts("ac_overloads"), number(len(self.new_overloads))),
            (texts("ac_voltages"), number(len(self.new_voltages))),
            (texts("ac_existing"), number(self.existing_count)),
            (texts("ac_highest_current"), _percent(texts, cases["loading_pu"].max())),
            (texts("ac_lowest_voltage"), _number(texts, cases["v_min_pu"].min(), 3)),
            (texts("ac_highest_voltage"), _number(texts, cases["v_max_pu"].max(), 3)),
            (texts("ac_losses"), _number(texts, cases["losses_mw"].max(), 0)),
            (texts("ac_gap"), _number(texts, self.gaps["gap_mw"].max(), 1)),
            (texts("ac_need"), _number(texts, self._need()[0], 1)),
            (texts("ac_difference"), f"{cases['difference_pu'].max():.1e}"),
        ]

    def _repr_html_(self) -> str:
        """Show what was checked in a notebook."""
        texts = messages(self.language)
        heading = "ac_heading_passes" if self.passes else "ac_heading_fails"
        return figures_html(texts(heading), self.figures(texts))

    def to_dataset(self) -> xr.Dataset:
        """Everything as one dataset, ready for netCDF.

        Returns
        -------
        xarray.Dataset
            One variable per column, named table_column, with units and description; the
            assumptions are attributes.
        """
        variables: dict[str, xr.Variable] = {}
        coordinates: dict[str, xr.Variable] = {}
        for table_name, dimension in TABLES.items():
            table = getattr(self, table_name)
            if dimension in NAMED:
                coordinates[dimension] = xr.Variable(
                    dimension, plain(table.index.to_numpy(dtype=object))
                )
            for column in table.columns:
                units, meaning = MEANING[column]
                attributes = {"long_name": meaning} | ({"units": units} if units else {})
                values = plain(table[column].to_numpy())
                if values.dtype.kind == "b":
                    values = values.astype(np.int8)
                variables[f"{table_name}_{column}"] = xr.Variable(dimension, values, attributes)
        attrs = {
            "title": "gridplan AC check",
            "passes": int(self.passes),
            "compared_with_base_case": int(self.compared),
            "assumptions": self.assumptions.model_dump_json(),
            "method": "AC power flow (Newton) with reactive limits and taps, held against n.pf",
        }
        return xr.Dataset(variables, coordinates, attrs)

    def _extreme(
        self, column: str, place: str, which: str, times: float = 1.0
    ) -> tuple[float, str, str]:
        """Highest or lowest value of the cases, and where it is."""
        values = self.cases[column].dropna()
        unit = "%" if times == 100.0 else "pu"
        if values.empty:
            return np.nan, unit, ""
        row = self.cases.loc[values.idxmax() if which == "max" else values.idxmin()]
        return times * row[column], unit, f"{row[place]}, {_case(row)}"

    def _gap(self, column: str) -> tuple[float, str, str]:
        """Largest gap and its branch."""
        values = self.gaps[column].dropna()
        unit = "MW" if column == "gap_mw" else "pu"
        return (float(values.max()), unit, str(values.idxmax())) if len(values) else (0.0, unit, "")

    def _need(self) -> tuple[float, str, str]:
        """Most reactive power that is missing in one case, over its buses."""
        if self.needs.empty:
            return 0.0, "MVAr", ""
        size = self.needs.assign(size=self.needs["mvar"].abs())
        total = size.groupby(["snapshot", "outage"])["size"].sum()
        return float(total.max()), "MVAr", str(self.needs["bus"].iloc[0])


def _case(row: pd.Series) -> str:
    """Hour and outage in words."""
    after = f"after outage of {row['outage']}" if row["outage"] else "without outage"
    return f"{after}, {row['snapshot']:%Y-%m-%d %H:%M}"


def _place(table: pd.DataFrame) -> str:
    """First case of a table."""
    return "" if table.empty else _case(table.iloc[0])


def _who(table: pd.DataFrame) -> str:
    """First row of a table of findings."""
    if table.empty:
        return ""
    row = table.iloc[0]
    return f"{row.iloc[0]}, {_case(row)}"


def _number(texts: Messages, value: float, decimals: int) -> str:
    return texts.number(value, decimals) if np.isfinite(value) else "–"


def _percent(texts: Messages, value: float) -> str:
    return f"{_number(texts, 100 * value, 1)} %"
