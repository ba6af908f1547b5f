"""PyPSA without its notes: switches that gridplan relies on, and no messages of its log."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

LOGGERS = ("pypsa", "linopy")


@contextmanager
def quiet_pypsa() -> Iterator[None]:
    """Work on networks without PyPSA's log lines and future warnings.

    Everything is put back afterwards, so that a planner's own settings stay.
    """
    import pypsa  # noqa: PLC0415 - heavy

    before = [(logging.getLogger(name), logging.getLogger(name).level) for name in LOGGERS]
    for logger, _ in before:
        logger.setLevel(logging.CRITICAL)
    try:
        with pypsa.option_context(
            "api.legacy_string_dtype", False, "params.optimize.include_objective_constant", False
        ):
            yield
    finally:
        for logger, level in before:
            logger.setLevel(level)
