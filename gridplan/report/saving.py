"""Figures to files: whole or not at all, the same bytes for the same figure."""

from __future__ import annotations

import logging
import os
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


def save_figure(figure: Figure, path: Path, *, title: str, dpi: float) -> None:
    """Write a figure under a temporary name beside its place, then put it in place.

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
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=suffix, dir=path.parent)
    os.close(handle)
    draft = Path(name)
    try:
        metadata = {**METADATA[suffix], "Title": title}
        with _quiet_fonts():
            figure.savefig(draft, format=suffix[1:], dpi=dpi, metadata=metadata)
        draft.chmod(0o666 & ~_umask())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def _quiet_fonts() -> Iterator[None]:
    """Keep a PDF's embedded fonts from filling the log of a program that shows INFO lines."""
    logger = logging.getLogger("fontTools")
    before = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(before)


def _umask() -> int:
    """Return the mask of new files; a temporary file is private, the result should not be."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
