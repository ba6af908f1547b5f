"""One batch at a time in a folder."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gridplan.base.errors import Problem, StudyError

FILE = "batch.lock"
UNSAID_S = 60.0  # a lock that does not say whose it is counts as left behind after so long


@contextmanager
def locked(out: Path) -> Iterator[None]:
    """Keep other batches out of a folder.

    A lock whose process has ended on this computer is taken over.

    Raises
    ------
    StudyError
        When another batch holds it.
    """
    path = out / FILE
    if path.exists() and _is_left_behind(path):
        path.unlink(missing_ok=True)
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
    except FileExistsError:
        remedy = f"Wait for it, or choose another folder. If no batch runs, remove {path}."
        message = "another batch is writing to this folder"
        raise StudyError([Problem(str(out), "", "", _owner(path), message, remedy)]) from None
    try:
        os.write(handle, f"{os.getpid()} {socket.gethostname()}".encode())
        os.close(handle)
        yield
    finally:
        path.unlink(missing_ok=True)


def _owner(path: Path) -> str:
    try:
        return f"process {path.read_text(encoding='utf-8')}".strip()
    except OSError:
        return ""


def _is_left_behind(path: Path) -> bool:
    try:
        pid, _, host = path.read_text(encoding="utf-8").partition(" ")
        age = time.time() - path.stat().st_mtime
    except OSError:
        return False
    if not pid.isdigit():
        return age > UNSAID_S
    return host == socket.gethostname() and not _is_alive(int(pid))


def _is_alive(pid: int) -> bool:
    if sys.platform == "win32":
        return True  # signal 0 would end it there, so the lock must be removed by hand
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
