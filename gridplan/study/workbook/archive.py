"""A workbook as a file: refused before it is unpacked when it is none, or would not fit in memory.

An .xlsx file is a zip archive of XML. The declared sizes are checked first; Python never unpacks
more of a part than it declares, so a bomb that lies about its size ends in an error, not in memory.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

from gridplan.base.errors import Problem

MOST_BYTES = 100_000_000  # of the file
MOST_UNPACKED = 300_000_000  # of all parts, and so of their XML in memory at most a few times that
MOST_PARTS = 5_000
OLD_OR_LOCKED = bytes.fromhex("d0cf11e0a1b11ae1")  # .xls, or .xlsx behind a password
SAVE_ANEW = "Save it anew in Excel as .xlsx (File → Save As)."


def archive_problems(path: Path, file: str) -> list[Problem]:
    """Report a file that is no workbook, or none that can be opened safely.

    Parameters
    ----------
    path : pathlib.Path
        The file; it must be there.
    file : str
        Its name for messages.

    Returns
    -------
    list of Problem
        At most one.
    """
    message, value, remedy = _fault(path)
    return [Problem(file, "", "", value, message, remedy)] if message else []


def _fault(path: Path) -> tuple[str, str, str]:
    size = path.stat().st_size
    if size == 0:
        return "the file is empty", "", SAVE_ANEW
    if size > MOST_BYTES:
        message = f"the file is larger than {MOST_BYTES // 1_000_000} MB"
        return message, f"{size:,} bytes", "Leave out what is no study: pictures, other sheets."
    with path.open("rb") as stream:
        start = stream.read(8)
    if start == OLD_OR_LOCKED:
        message = "an old Excel file (.xls), or one with a password"
        return message, "", "Take the password away and save it as .xlsx."
    try:
        with zipfile.ZipFile(path) as archive:
            return _fault_of_parts(archive)
    except Exception as error:  # zipfile and what it unpacks with raise almost anything
        return "the file is no Excel workbook, or a part of one", str(error)[:200], SAVE_ANEW


def _fault_of_parts(archive: zipfile.ZipFile) -> tuple[str, str, str]:
    parts = archive.infolist()
    if len(parts) > MOST_PARTS:
        return "the workbook has too many parts", f"{len(parts):,}", SAVE_ANEW
    unpacked = sum(part.file_size for part in parts)
    if unpacked > MOST_UNPACKED:
        message = f"the workbook unpacks to more than {MOST_UNPACKED // 1_000_000} MB"
        return message, f"{unpacked:,} bytes", "Leave out rows and sheets that are no study."
    if "xl/workbook.xml" not in archive.namelist():
        return "the file is no Excel workbook (.xlsx)", "", SAVE_ANEW
    for part in parts:
        if part.flag_bits & 1:
            return "the workbook has a password", "", "Take the password away and save it."
        if part.filename.endswith((".xml", ".rels")) and _declares_entities(archive, part):
            # entities can blow a small file up; Excel never writes any
            return "the workbook declares XML entities", part.filename, SAVE_ANEW
    return "", "", ""


def _declares_entities(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    with archive.open(part) as stream:
        start = stream.read(2048).replace(b"\0", b"")  # UTF-16 as well
    return b"<!DOCTYPE" in start or b"<!ENTITY" in start
