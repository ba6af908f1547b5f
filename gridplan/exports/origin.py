"""Where a picture comes from, as texts: the stage of the grid, the input and the version."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from gridplan.base.messages import Messages
from gridplan.base.provenance import provenance
from gridplan.check.certificate import Certificate
from gridplan.study.study import Study


def told_below(lines: Iterable[str], study: Study, texts: Messages) -> str:
    """Text below a chart: what it shows, line by line, then from which input and version."""
    return "\n".join([*filter(None, lines), footer(provenance(study), texts)])


def footer(told: Mapping[str, str], texts: Messages, day: dt.date | None = None) -> str:
    """Say from which input and version something was made, and when.

    Parameters
    ----------
    told : mapping of str
        Of `gridplan.base.provenance.provenance`.
    texts : Messages
        The language.
    day : datetime.date, optional
        Instead of the day on which it was made.
    """
    return texts(
        "footer",
        version=told["gridplan_version"],
        date=texts.day(day or dt.date.fromisoformat(told["created"][:10])),
        study=told["study"],
        hash=told["study_sha256"][:12],
    )


def verdict(certificate: Certificate | None, texts: Messages) -> str:
    """Say in short what the certificate found, or that there is none."""
    if certificate is None:
        return texts("certificate_none")
    return texts(
        "certificate_secure" if certificate.secure else "certificate_insecure",
        count=texts.number(certificate.violation_count),
        breaches=len(certificate.breaches),
    )
