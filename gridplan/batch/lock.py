"""One batch at a time in a folder."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from gridplan.base.errors import Problem, StudyError

FILE, OWNER = "batch.lock", "batch.owner"


@contextmanager
def locked(out: Path) -> Iterator[None]:
    """Keep other batches out of a folder.

    The operating system frees the lock when its process ends, however it ends, on Windows too;
    whether there is a lock file says nothing. On network folders the server keeps the lock (NFS 3
    and 4, SMB, Lustre with the mount option flock). One that knows no locks gets a file that says
    that there is one; a batch that is killed there leaves it behind, to be removed by hand.

    Raises
    ------
    StudyError
        When another batch holds it.
    OSError
        When the folder takes no files.
    """
    path, owner = out / FILE, out / OWNER
    try:
        lock = FileLock(path).acquire(timeout=0)
    except Timeout:
        remedy = "Wait for it, or choose another folder."
        message = "another batch is writing to this folder"
        raise StudyError([Problem(str(out), "", "", _told(owner), message, remedy)]) from None
    with lock:
        owner.write_text(f"process {os.getpid()} on {socket.gethostname()}", encoding="utf-8")
        try:
            yield
        finally:
            owner.unlink(missing_ok=True)


def _told(owner: Path) -> str:
    try:
        return owner.read_text(encoding="utf-8")
    except OSError:
        return ""  # it has just begun, or ended
