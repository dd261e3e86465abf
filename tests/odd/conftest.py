"""The odd files that POSECORE_DATA has in odd/; its README.md says what is odd about each and what must happen."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def odd() -> Path:
    path = Path(os.environ.get("POSECORE_DATA") or "missing").resolve() / "odd"
    if not path.is_dir():
        pytest.skip("the odd files are not in the repository: POSECORE_DATA must name a folder with them in odd/")
    return path
