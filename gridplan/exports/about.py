"""Where a result comes from, as facts that every export carries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import xarray as xr

from gridplan.base.messages import Messages
from gridplan.base.provenance import provenance
from gridplan.check.certificate import Certificate
from gridplan.exports.belonging import Kind, Result, kind_of, study_of
from gridplan.portfolio.milp import GAP
from gridplan.portfolio.plan import Plan
from gridplan.reasons.marginal import MarginalValues
from gridplan.study.stage import Stage, stage_texts

if TYPE_CHECKING:
    from gridplan.study.study import Study

NOT_THE_GRID = ("synthetic", "assumption")  # bases of rows that are not the real grid

KINDS: dict[Kind, str] = {  # key of each kind's text
    "plan": "kind_plan",
    "base_case": "kind_base_case",
    "certificate": "kind_certificate",
    "values": "kind_values",
    "capacity": "kind_capacity",
    "range": "kind_range",
    "ranking": "kind_ranking",
    "stages": "kind_stages",
}
CRITERIA = {"N-1": "criterion_n1", "N-0": "criterion_n0"}
FIRM = {"load": "firm_load", "generation": "firm_generation"}


@dataclass(frozen=True)
class About:
    """Provenance of a result.

    Parameters
    ----------
    kind : str
        What the result is, as in `gridplan.exports.belonging.kind_of`.
    study, title : str
        Short name of the study, and its name for people.
    stage : Stage
        Which grid the result stands on.
    year : int
        Of the growth and reservations that it counts; of a plan, of its projects.
    told : mapping of str
        study_sha256, created (ISO 8601, UTC) and the versions of gridplan, pypsa and highspy.
    hours : int
        Hours studied.
    criteria : tuple of str
        "N-1", "N-0".
    flexibility : tuple of float
        Of a capacity: shares of the energy that may be curtailed; else empty.
    direction : str
        Of a capacity: "load" or "generation".
    chooses : bool
        Whether a mixed-integer program chose something, so that there is a gap to tell.
    certificate : Certificate or None
        Its proof.
    synthetic, branches : int
        Branches that are synthetic or assumed, of how many.
    attribution : str
        Data licences.
    """

    kind: Kind
    study: str
    title: str
    stage: Stage
    year: int
    told: Mapping[str, str]
    hours: int
    criteria: tuple[str, ...]
    flexibility: tuple[float, ...]
    direction: str
    chooses: bool
    certificate: Certificate | None
    synthetic: int
    branches: int
    attribution: str

    @property
    def created(self) -> dt.datetime:
        """When the result was made (UTC), or what SOURCE_DATE_EPOCH says."""
        return dt.datetime.fromisoformat(self.told["created"])

    def facts(self, texts: Messages) -> list[tuple[str, str]]:
        """Name and text of every fact, in the language of `texts`, in the order to be read."""
        pairs = [
            ("about_result", texts(KINDS[self.kind])),
            ("about_study", f"{self.title} ({self.study})"),
            ("about_stage", self._stage(texts)),
            ("about_year", str(self.year)),
            ("about_hours", texts.number(self.hours)),
            ("about_criterion", "; ".join(texts(CRITERIA[name]) for name in self.criteria)),
            *self._definitions(texts),
            ("about_certificate", self._verdict(texts)),
            ("about_solver", self._solver(texts)),
            ("about_input", self.told["study_sha256"]),
            ("about_versions", self._versions()),
            ("about_created", f"{texts.day(self.created.date())}, {self.created:%H:%M} UTC"),
            ("about_synthetic", self._synthetic(texts)),
            ("about_attribution", self.attribution or texts("about_no_attribution")),
        ]
        return [(texts(key), text) for key, text in pairs]

    def _stage(self, texts: Messages) -> str:
        """Name the grid and what it holds."""
        head = stage_texts(self.stage, texts) or [texts("grid_stored")]
        names = "; ".join(self.stage.in_service)
        return f"{head[0]}: {names}" if names else head[0]

    def _definitions(self, texts: Messages) -> list[tuple[str, str]]:
        """Say what firm and flexible mean in this result."""
        if self.kind in ("base_case", "certificate", "stages"):
            return []
        if self.kind in ("plan", "values"):
            return [("about_firm", texts("firm_plan")), ("about_flexible", texts("flexible_plan"))]
        pairs = [("about_firm", texts(FIRM[self.direction]))]
        shares = [share for share in self.flexibility if share > 0]
        if shares:
            percents = ", ".join(texts("percent", percent=_percent(share, texts))
                                 for share in shares)  # fmt: skip
            pairs.append(("about_flexible", texts("flexible_capacity", shares=percents)))
        return pairs

    def _verdict(self, texts: Messages) -> str:
        """Say what the certificate found."""
        found = self.certificate
        if found is None:
            return texts("certificate_none")
        verdict = texts(
            "verdict_secure" if found.secure else "verdict_insecure",
            count=texts.number(found.violation_count),
            breaches=len(found.breaches),
        )
        checked = texts(
            "certificate_checked",
            hours=texts.number(found.hours),
            outages=texts.number(found.outages),
            checks=texts.number(found.checks),
        )
        return f"{verdict}; {checked}"

    def _solver(self, texts: Messages) -> str:
        key = "solver_gap" if self.chooses else "solver_exact"
        return texts(key, version=self.told["highspy_version"], gap=f"{GAP:g}")

    def _versions(self) -> str:
        names = ("gridplan", "pypsa", "highspy")
        return ", ".join(f"{name} {self.told[f'{name}_version']}" for name in names)

    def _synthetic(self, texts: Messages) -> str:
        if not self.synthetic:
            return texts("synthetic_none")
        count, total = texts.number(self.synthetic), texts.number(self.branches)
        return texts("synthetic_some", count=count, total=total)


def about(
    result: Result, study: Study | None = None, certificate: Certificate | None = None
) -> About:
    """Tell where a result comes from.

    Parameters
    ----------
    result : see `gridplan.exports.belonging.kind_of`
        A result.
    study : Study, optional
        For results that carry none (`gridplan.exports.belonging.study_of`).
    certificate : Certificate, optional
        Of the result; a certificate speaks for itself.

    Returns
    -------
    About

    Raises
    ------
    StudyError
        When the study is needed and not given, or is another one.
    TypeError
        For what is no result.
    """
    kind, study = kind_of(result), study_of(result, study)
    attrs = result.attrs if isinstance(result, xr.Dataset) else {}
    own = provenance(study)
    told = {name: str(attrs.get(name, text)) for name, text in own.items()}
    criteria, shares = _asked(kind, result)
    plan = result.plan if isinstance(result, MarginalValues) else result
    synthetic, branches = synthetic_of(study)
    return About(
        kind=kind,
        study=study.name,
        title=study.title,
        stage=study.stage,
        year=plan.year if isinstance(plan, Plan) else study.settings.year,
        told=told,
        hours=len(study.network.snapshots),
        criteria=criteria,
        flexibility=shares,
        direction=_direction(result),
        chooses=isinstance(plan, Plan),
        certificate=result if isinstance(result, Certificate) else certificate,
        synthetic=synthetic,
        branches=branches,
        attribution=study.settings.attribution,
    )


def synthetic_of(study: Study) -> tuple[int, int]:
    """Count the branches that are synthetic or assumed, and all."""
    network = study.network.c
    basis = [
        name
        for table in (network.lines.static, network.transformers.static)
        for name in table.get("basis", [""] * len(table))
    ]
    return sum(name in NOT_THE_GRID for name in basis), len(basis)


def _asked(kind: Kind, result: Result) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Criteria and flexibilities of a result."""
    if isinstance(result, xr.Dataset):
        names = [str(name) for name in result["criterion"].to_numpy().ravel()]
        return tuple(names), tuple(float(x) for x in result["flexibility"].to_numpy().ravel())
    if kind == "ranking":
        return (result.attrs.get("criterion", "N-1"),), ()
    return ("N-1",), ()


def _direction(result: Result) -> str:
    return result.attrs.get("direction", "load") if hasattr(result, "attrs") else "load"


def _percent(share: float, texts: Messages) -> str:
    """Write a share in per cent with as many decimals as it has, at most two."""
    percent = round(100 * share, 2)
    decimals = next(count for count in (0, 1, 2) if round(percent, count) == percent)
    return texts.number(percent, decimals)
