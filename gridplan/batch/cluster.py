"""A Dask cluster as the place where scenarios run."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass

from gridplan.base.errors import GridplanError

ANSWER_S = 10.0  # time that a scheduler has to answer


@dataclass(frozen=True)
class Cluster:
    """A cluster that is connected.

    Parameters
    ----------
    executor : concurrent.futures.Executor
        For `gridplan.run_batch`.
    workers : int
        Number of workers that have joined so far; others may come.
    """

    executor: Executor
    workers: int


@contextmanager
def connected(scheduler: str, *, answer_s: float = ANSWER_S) -> Iterator[Cluster]:
    """Connect to the scheduler of a Dask cluster, which goes on afterwards.

    Parameters
    ----------
    scheduler : str
        Its address, as ``tcp://host:8786``.
    answer_s : float
        Time that it has to answer (s).

    Raises
    ------
    GridplanError
        When Dask is not installed, or no scheduler answers.
    """
    try:
        from distributed import Client  # noqa: PLC0415 - an extra
    except ImportError as error:
        msg = "a Dask cluster needs the extra cluster: pip install 'trondelag-gridplan[cluster]'"
        raise GridplanError(msg) from error
    with _silent("distributed"):  # its tracebacks; what happened is told by errors here
        try:
            client = Client(scheduler, timeout=answer_s, set_as_default=False)
        except (OSError, ValueError) as error:
            msg = (
                f"no Dask scheduler answers at {scheduler} within {answer_s:g} s "
                f"({type(error).__name__}). Is `dask scheduler` running there, and the port open?"
            )
            raise GridplanError(msg) from error
        with client:
            yield Cluster(client.get_executor(), len(client.nthreads()))


@contextmanager
def _silent(name: str) -> Iterator[None]:
    """Silence a library; its loggers have levels of their own."""
    known = logging.root.manager.loggerDict.items()
    loggers = [
        one
        for key, one in known
        if isinstance(one, logging.Logger) and (key == name or key.startswith(f"{name}."))
    ]
    before = [one.level for one in loggers]
    for one in loggers:
        one.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for one, level in zip(loggers, before, strict=True):
            one.setLevel(level)
