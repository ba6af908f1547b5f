"""The documentation, built once, and a browser to open it in."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.exports.browser.conftest import browser  # noqa: F401 - the fixture

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "docs"))  # what generates pages is no part of the package


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Path:
    """Folder of the built pages; any warning fails the build."""
    folder = tmp_path_factory.mktemp("site")
    made = subprocess.run(
        [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-n", "-q", "-d", folder / "trees",
         ROOT / "docs", folder / "html"],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert (made.returncode, made.stderr) == (0, "")
    return folder / "html"
