"""The map of a plan: chosen and other projects, measures, and the loading of every branch."""

from __future__ import annotations

from gridplan.base.messages import Messages
from gridplan.check.certificate import Certificate
from gridplan.exports.classes import loading_classes
from gridplan.exports.composition import Scene
from gridplan.exports.features import Features, features_of
from gridplan.exports.geography import geography_of
from gridplan.exports.key import basis_rows, line_rows, loading_rows, mark_rows, project_rows
from gridplan.exports.layout import Box
from gridplan.exports.legend import Row
from gridplan.exports.loading import highest_loading
from gridplan.exports.origin import verdict
from gridplan.exports.panel import draw_panel
from gridplan.exports.radial import mw_without_n1
from gridplan.exports.sheet import Sheet
from gridplan.portfolio.plan import Plan
from gridplan.study.stage import stage_texts


def plan_scene(plan: Plan, certificate: Certificate | None, texts: Messages) -> Scene:
    """Gather what the map of a plan shows; without a certificate its own flows are screened."""
    geography = geography_of(plan.study, plan.network)
    features = features_of(plan, geography, highest_loading(plan, certificate))
    secure = certificate is None or certificate.secure

    def panel(sheet: Sheet, box: Box) -> None:
        draw_panel(sheet, box, plan, features, texts, certificate=certificate)

    return Scene(
        study=plan.study,
        geography=geography,
        features=features,
        messages=texts,
        title=_title(plan, certificate, texts),
        subtitle=_subtitle(plan, certificate, texts),
        key=plan_key(plan, features, texts, secure=secure),
        panel=panel,
        alarm=not secure,
    )


def plan_key(plan: Plan, features: Features, messages: Messages, *, secure: bool) -> list[Row]:
    """List what the map needs explained.

    Parameters
    ----------
    plan : Plan
        Whose settings hold the class limits.
    features : Features
        Only voltages, dashes and symbols that occur are explained.
    messages : Messages
        Texts.
    secure : bool
        False where the certificate failed: loadings above the rating are then violations.
    """
    above = messages("legend_above" if secure else "legend_above_insecure")
    return [
        *loading_rows(messages, loading_classes(plan.study.settings), above),
        *line_rows(features, messages),
        *basis_rows(features, messages),
        *project_rows(messages),
        *mark_rows(features, messages),
    ]


def _title(plan: Plan, certificate: Certificate | None, texts: Messages) -> str:
    """Say how many projects fit, or that the plan is not secure."""
    return texts(
        "title" if certificate is None or certificate.secure else "title_insecure",
        study=plan.study.title,
        year=plan.year,
        chosen=int(plan.projects["chosen"].sum()),
        candidates=len(plan.by_project),
    )


def _subtitle(plan: Plan, certificate: Certificate | None, texts: Messages) -> str:
    """Say on which grid and under which criterion it was decided, and whether it was certified."""
    hours = texts.number(len(plan.network.snapshots))
    taken = int((plan.measures["units"] > 0).sum())
    key = "subtitle_measure" if taken == 1 else "subtitle_measures"
    measures = texts(key, count=taken) if taken else texts("no_measures")
    found = verdict(certificate, texts)
    if certificate is None:
        basis = texts("subtitle_basis", hours=hours)
        return " · ".join([*stage_texts(plan.stage, texts), basis, measures, found])
    checked = texts("subtitle_basis_outages", hours=hours, outages=certificate.outages)
    exposed = _exposed(plan, certificate, texts)
    return " · ".join([*stage_texts(plan.stage, texts), checked, *exposed, measures, found])


def _exposed(plan: Plan, certificate: Certificate, texts: Messages) -> list[str]:
    """Say how much of what was chosen stands where N-1 cannot hold."""
    mw = mw_without_n1(plan.projects, certificate)
    if mw == 0:
        return []
    total = texts.number(plan.summary()["mw"])
    return [texts("subtitle_without_n1", mw=texts.number(mw), total=total)]
