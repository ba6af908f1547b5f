"""A file is written whole or not at all, and an error names what stands in the way."""

import os
from pathlib import Path

import pytest

from gridplan.exports import saving
from gridplan.exports.saving import whole_file


def write(path, text, failure=None):
    with whole_file(path) as draft:
        draft.write_text(text, encoding="utf-8")
        draft.with_suffix(".journal").write_text("left over", encoding="utf-8")
        if failure:
            raise failure


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_put_in_place_and_nothing_else_is_left(tmp_path):
    for text in ("old", "new"):
        write(tmp_path / "a.gpkg", text)
        assert (tmp_path / "a.gpkg").read_text(encoding="utf-8") == text
        assert names(tmp_path) == ["a.gpkg"]


@pytest.mark.parametrize(
    "failure", [KeyboardInterrupt, OSError(28, "No space left on device"), ValueError("odd")]
)
@pytest.mark.parametrize("older", [True, False])
def test_a_failure_leaves_the_older_file_or_none(tmp_path, failure, older):
    path = tmp_path / "a.xlsx"
    if older:
        write(path, "old")
    with pytest.raises((KeyboardInterrupt, OSError, ValueError)):
        write(path, "half", failure)
    assert names(tmp_path) == (["a.xlsx"] if older else [])
    assert not older or path.read_text(encoding="utf-8") == "old"


def test_a_file_open_elsewhere_is_named_before_anything_is_written(tmp_path, monkeypatch):
    path = tmp_path / "a.xlsx"
    write(path, "old")
    opened = Path.open

    def locked(self, mode="r", *args, **kwargs):
        if self == path and "r" not in mode:
            raise PermissionError(13, "Permission denied", str(self))
        return opened(self, mode, *args, **kwargs)

    monkeypatch.setattr(Path, "open", locked)
    with pytest.raises(PermissionError, match="in use by another program") as caught:
        write(path, "new")
    assert caught.value.filename == str(path)
    assert names(tmp_path) == ["a.xlsx"]


def test_a_folder_that_takes_no_files_is_named(tmp_path, monkeypatch):
    def refused(*_args, **_kwargs):
        raise PermissionError(13, "Permission denied", str(tmp_path / ".draft-x"))

    monkeypatch.setattr(saving.tempfile, "mkdtemp", refused)
    with pytest.raises(PermissionError, match="takes no new files") as caught:
        write(tmp_path / "a.png", "new")
    assert caught.value.filename == str(tmp_path)


def test_a_missing_folder_and_a_folder_in_the_place_of_the_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="no such folder"):
        write(tmp_path / "missing" / "a.png", "new")
    with pytest.raises(IsADirectoryError, match="a folder, not a file"):
        write(tmp_path, "new")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no mode of that kind")
def test_the_file_can_be_read_by_those_who_may_read_new_files(tmp_path):
    write(tmp_path / "a.png", "new")
    (tmp_path / "b.png").write_text("as usual", encoding="utf-8")
    assert (tmp_path / "a.png").stat().st_mode == (tmp_path / "b.png").stat().st_mode
