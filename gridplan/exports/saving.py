"""Files whole or not at all; figures with the same bytes for the same figure."""

from __future__ import annotations

import errno
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Formats by suffix, and the metadata without which two runs would differ.
METADATA: dict[str, dict[str, str | None]] = {
    ".png": {"Software": "gridplan"},
    ".svg": {"Creator": "gridplan", "Date": None},
    ".pdf": {"Creator": "gridplan", "Producer": "gridplan", "CreationDate": None},
}


def format_of(path: Path) -> str:
    """Return the suffix that chooses the format.

    Raises
    ------
    ValueError
        When there is no such format.
    """
    suffix = path.suffix.lower()
    if suffix not in METADATA:
        found = f"suffix {suffix!r}" if suffix else "no suffix"
        msg = f"{path.name}: a map cannot be written with {found}; use {', '.join(METADATA)}"
        raise ValueError(msg)
    return suffix


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """Give a name to write to; what stands there moves to `target` once the block has ended well.

    Parameters
    ----------
    target : pathlib.Path
        File to make or to replace. Its folder must be there.

    Yields
    ------
    pathlib.Path
        A file of the same name in a temporary folder beside `target`, not there yet. Whatever else
        the writer leaves in that folder (journals, say) vanishes with it.

    Raises
    ------
    FileNotFoundError
        When there is no such folder.
    PermissionError
        When the folder takes no files, or `target` is open in another program or read-only.

    Notes
    -----
    On any error, a full disk and a keyboard interrupt among them, `target` is as it was: the older
    file, or none.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with whole_file(Path(folder) / "plan.txt") as draft:
    ...         _ = draft.write_text("whole", encoding="utf-8")
    ...     [path.name for path in Path(folder).iterdir()]
    ['plan.txt']
    """
    try_to_replace(target)
    draft = draft_folder(target.parent)
    try:
        yield draft / target.name
        try_to_replace(target)
        os.replace(draft / target.name, target)  # noqa: PTH105 - replaces on Windows too
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def draft_folder(folder: Path) -> Path:
    """Make a folder on the disk of files that are to come, so that they can be moved at once.

    Raises
    ------
    FileNotFoundError
        When there is no such folder.
    PermissionError
        When it takes no new files.
    """
    if not folder.is_dir():
        raise FileNotFoundError(errno.ENOENT, "there is no such folder", str(folder))
    try:
        return Path(tempfile.mkdtemp(prefix=".draft-", dir=folder))
    except PermissionError as error:
        reason = "the folder takes no new files; choose another, or ask for the right to write"
        raise PermissionError(error.errno or errno.EACCES, reason, str(folder)) from error


def try_to_replace(path: Path) -> None:
    """Raise when a file cannot be replaced; change nothing.

    Windows locks twice: Excel keeps others from writing, most programs keep them from renaming.

    Parameters
    ----------
    path : pathlib.Path
        It need not be there.

    Raises
    ------
    IsADirectoryError
        When it is a folder.
    PermissionError
        When it is open in another program, or read-only; it names the file.
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "this is a folder, not a file", str(path))
    if not path.exists():
        return
    try:
        with path.open("ab"):
            pass
        os.replace(path, path)  # noqa: PTH105 - asks Windows for the right to rename
    except PermissionError as error:
        reason = "in use by another program, or read-only; close it and run again"
        raise PermissionError(error.errno or errno.EACCES, reason, str(path)) from error


def save_figure(figure: Figure, path: Path, *, title: str, dpi: float) -> None:
    """Write a figure: the whole file or nothing.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        What to write.
    path : pathlib.Path
        Its suffix chooses the format; an older file stays when writing fails.
    title : str
        For the file's metadata.
    dpi : float
        Dots per inch of a PNG.
    """
    suffix = format_of(path)
    metadata = {**METADATA[suffix], "Title": title}
    with whole_file(path) as draft, quiet("fontTools"):
        figure.savefig(draft, format=suffix[1:], dpi=dpi, metadata=metadata)


@contextmanager
def quiet(name: str) -> Iterator[None]:
    """Keep the small talk of a library out of the log of a program that shows INFO lines.

    Parameters
    ----------
    name : str
        Of the library's logger. Its warnings stay.
    """
    logger = logging.getLogger(name)
    before = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(before)
