"""Processes of this computer that never outlive their batch."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from types import TracebackType


class Processes(ProcessPoolExecutor):
    """Spawned processes that end at once when their block is left by an error, Ctrl-C included.

    They end, too, when the process that has started them is killed: each waits for the end of a
    pipe whose other side only that process holds. Without it, workers of a killed pool stay for
    ever, and write on while the same batch starts again.

    Parameters
    ----------
    count : int
        Number of processes.
    """

    def __init__(self, count: int) -> None:
        context = get_context("spawn")
        self._theirs, self._ours = context.Pipe(duplex=False)
        super().__init__(count, context, initializer=_begin, initargs=(self._theirs,))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Wait for the processes to end, or make them."""
        if kind is not None:
            self._ours.close()
        self.shutdown(cancel_futures=True)
        self._ours.close()
        self._theirs.close()


@contextmanager
def deaf_to_interrupts() -> Iterator[None]:
    """Start processes that leave Ctrl-C, which reaches all of a terminal, to this one."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread hears it, and may say what becomes of it
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # inherited by those who start now
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _begin(theirs: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Windows hands down no ignored signals
    threading.Thread(target=_end_with, args=(theirs,), daemon=True).start()


def _end_with(theirs: Connection) -> None:
    """End this process when the other end of the pipe is closed."""
    with suppress(EOFError, OSError):
        theirs.recv()
    os._exit(1)
