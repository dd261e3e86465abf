"""Waiting for what must happen, however busy the machine is."""

import time
from collections.abc import Callable

HANGS = 600  # seconds: only what hangs takes as long


def wait_until(condition: Callable[[], object], what: str, step: float = 0.01) -> None:
    """Until the condition holds; `what` must happen."""
    end = time.monotonic() + HANGS
    while not condition():
        assert time.monotonic() < end, f"{what}: not within {HANGS} s"
        time.sleep(step)
