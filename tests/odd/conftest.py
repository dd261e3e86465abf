"""Odd files: those that POSECORE_DATA has in odd/, or made ones; its README.md says what must happen to each."""

import os
from pathlib import Path

import pytest
from odd_made import MadeOdd


@pytest.fixture(scope="session")
def odd(made, tmp_path_factory) -> Path | MadeOdd:
    path = Path(os.environ.get("POSECORE_DATA") or "missing").resolve() / "odd"
    return path if path.is_dir() else MadeOdd(tmp_path_factory.mktemp("odd"), made)
