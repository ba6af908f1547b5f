"""A study folder of three buses and a scenario file beside it."""

import pytest

from tests.study.conftest import Folder


class Batch:
    """A study folder, a scenario file, and where the runs go."""

    def __init__(self, path):
        (path / "tiny").mkdir()
        self.folder = Folder(path / "tiny")
        self.file, self.out = path / "scenarios.yaml", path / "runs"

    def write(self, text):
        self.file.write_text(f"study: tiny\n{text}", encoding="utf-8")
        return self.file


@pytest.fixture
def batch(tmp_path):
    return Batch(tmp_path)
